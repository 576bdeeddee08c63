"""Tencent Cloud OCR `IDCardOCR` (version 2018-11-19, document 866/33524 and SDK 3.1.193): Reading -> dict.

What the document leaves open or contradicts:

- All eight fields are always there, "" where the other side bears them or nothing was read.
- `AdvancedInfo` is a JSON text. It is "not returned unless asked for", yet the samples have it always, with
  an empty WarnInfos where nothing was asked for and without WarnInfos where only crops were: so here.
- The warning of an illegal validity is -9109; older texts have -9100. `-9108` (black and white copies
  only) is never given: CopyWarn answers -9102, which covers it.
- A warning says what it does in `findings`: -9102, -9103, -9104, -9106 are the largest of the other
  probabilities of `legality` once ID_Photo is below 0.8; -9101 `completeness` is not 0; -9105 a field or
  the face could not be made out; -9107 burnt-out print; -9109 a validity that was read and is not one of 5,
  10 or 20 years or 长期 (3 months on a temporary card). -9110 and -9111 (electronic card, watermark) are not
  measured and never given.
- `Quality` is the print's sharpness, 0..100. `BorderCodeValue` is 0, 75 or 100 for `completeness` 0, 1, 2.
  `IsValueValid`: every field was read, none lies outside, no glare. `IsKeyValid` is not measured: left out.
- `ReflectDetailInfos` is always empty: idocr does not say where glare lies.
- EnableRecognitionRectify has no part here: idocr never passes off a repaired character as read.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Literal, TypedDict, Unpack, cast

from ..errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ..image import FORMATS, Limits
from ..reading import Reading, Side
from . import findings
from .refusals import Refusal, choose

# 10M of base64; the document bounds no side, so these are Baidu's and Huawei's.
LIMITS = Limits(15, 8192, 10 * 1024 * 1024 * 3 // 4, FORMATS - {"tiff"})


class Config(TypedDict, total=False):
    """The request's `Config`, all off by default."""

    CropIdCard: bool
    CropPortrait: bool
    CopyWarn: bool
    BorderCheckWarn: bool
    ReshootWarn: bool
    DetectPsWarn: bool
    TempIdWarn: bool
    InvalidDateWarn: bool
    Quality: bool
    ReflectWarn: bool
    ValueCheck: bool


class Switches(Config, total=False):
    """CardSide: what was announced; another side is then an error."""

    CardSide: Literal["FRONT", "BACK"]


# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {"CropPortrait": "portrait_jpeg", "CropIdCard": "card_jpeg"}


class AdvancedInfo(TypedDict, total=False):
    """What the JSON text `AdvancedInfo` holds."""

    IdCard: str
    Portrait: str
    Quality: int
    WarnInfos: list[int]
    BorderCodeValue: int
    IsValueValid: bool


class Result(TypedDict):
    Name: str
    Sex: str
    Nation: str
    Birth: str
    Address: str
    IdNum: str
    Authority: str
    ValidDate: str
    AdvancedInfo: str
    ReflectDetailInfos: list[Any]
    RequestId: str


class ErrorInfo(TypedDict):
    Code: str
    Message: str


class ErrorResult(TypedDict):
    Error: ErrorInfo
    RequestId: str


class Answer(TypedDict):
    Response: Result


class ErrorAnswer(TypedDict):
    Response: ErrorResult


# ---- errors: all with HTTP 200 ----------------------------------------------------------------------

WRONG_SIDE = Refusal("FailedOperation.CardSideError", "身份证CardSide类型错误", 200)
URL_FAILED = Refusal("FailedOperation.DownLoadError", "文件下载失败。", 200)
EMPTY_IMAGE = Refusal("FailedOperation.EmptyImageError", "图片内容为空。", 200)
TOO_SMALL = Refusal(
    "FailedOperation.IdCardTooSmall", "图片分辨率过小或身份证在原图中的占比过小", 200
)
UNDECODABLE = Refusal("FailedOperation.ImageDecodeFailed", "图片解码失败。", 200)
NO_CARD = Refusal("FailedOperation.ImageNoIdCard", "图片中未检测到第二代身份证或临时身份证。", 200)
TOO_LARGE = Refusal(
    "FailedOperation.ImageSizeTooLarge",
    "图片尺寸过大，请参考输入参数中关于图片大小限制的说明。",
    200,
)
SAME_SIDES = Refusal(
    "FailedOperation.MultiCardError",
    "图片中存在两张及以上同面卡证，请上传卡证单面图片或一正一反双面图片。",
    200,
)
FAILED = Refusal("FailedOperation.OcrFailed", "OCR识别失败。", 200)
UNKNOWN = Refusal("FailedOperation.UnKnowError", "未知错误。", 200)
WRONG_CONFIG = Refusal("InvalidParameter.ConfigFormatError", "Config不是有效的JSON格式。", 200)
INVALID_PARAMETER = Refusal("InvalidParameterValue.InvalidParameterValueLimit", "参数值错误。", 200)
FILE_TOO_LARGE = Refusal("LimitExceeded.TooLargeFileError", "文件内容太大。", 200)
WRONG_SIGNATURE = Refusal("AuthFailure.SignatureFailure", "签名错误。", 200)
TOO_MANY_REQUESTS = Refusal("RequestLimitExceeded", "请求的次数超过了频率限制。", 200)
INTERNAL = Refusal("InternalError", "内部错误。", 200)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, UNDECODABLE),
    (ImageSizeError, TOO_LARGE),
    (FileTooLargeError, FILE_TOO_LARGE),
    (ArgumentError, INVALID_PARAMETER),
    (Exception, FAILED),
)


def refusal_for(error: Exception) -> Refusal:
    """Which row of the table an exception is."""
    if isinstance(error, ImageSizeError) and error.too_small:
        return TOO_SMALL
    return choose(error, _BY_EXCEPTION)


def refuse(refusal: Refusal) -> ErrorAnswer:
    error: ErrorInfo = {"Code": str(refusal.code), "Message": refusal.message}
    return {"Response": {"Error": error, "RequestId": str(uuid.uuid4())}}


def parse_config(text: str) -> Config:
    """The switches in a request's `Config`, a JSON text; what idocr does not know is passed over.

    Raises ArgumentError where it is no JSON object: `WRONG_CONFIG`.
    """
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise ArgumentError("Config", "must be a JSON object")
    return cast("Config", {k: v for k, v in given.items() if k in Config.__annotations__})


# ---- answers ----------------------------------------------------------------------------------------


def answer(reading: Reading, **switches: Unpack[Switches]) -> Answer | ErrorAnswer:
    """What `IDCardOCR` returns for this reading; `Response.Error` tells an error."""
    if reading.side is None:
        return refuse(NO_CARD)
    found = "FRONT" if reading.side is Side.PORTRAIT else "BACK"
    if switches.get("CardSide", found) != found:
        return refuse(WRONG_SIDE)
    parts = findings.birth_parts(reading)
    advanced = _crops(reading, switches) | _advanced(reading, switches)
    result: Result = {
        "Name": reading.text("name"),
        "Sex": reading.text("gender"),
        "Nation": reading.text("ethnicity"),
        "Birth": "/".join(parts) if parts else "",
        "Address": reading.text("address"),
        "IdNum": reading.text("id_number"),
        "Authority": reading.text("issued_by"),
        "ValidDate": findings.validity(reading),
        "AdvancedInfo": json.dumps(advanced, ensure_ascii=False, separators=(",", ":")),
        "ReflectDetailInfos": [],
        "RequestId": str(uuid.uuid4()),
    }
    return {"Response": result}


def _crops(reading: Reading, switches: Switches) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if switches.get("CropIdCard") and reading.card_jpeg:
        body["IdCard"] = findings.base64_of(reading.card_jpeg)
    if switches.get("CropPortrait") and reading.portrait:
        body["Portrait"] = findings.base64_of(reading.portrait.jpeg)
    return body


def _advanced(reading: Reading, switches: Switches) -> dict[str, Any]:
    body: dict[str, Any] = {}
    asked: Mapping[str, object] = {k: v for k, v in switches.items() if v and k != "CardSide"}
    if switches.get("Quality"):
        body["Quality"] = findings.percent(1 - findings.blur(reading))
    if not asked or asked.keys() - CROPS.keys():
        body["WarnInfos"] = [
            code
            for code, (switch, holds) in _warnings(reading).items()
            if asked.get(switch) and holds
        ]
    if switches.get("BorderCheckWarn"):
        body["BorderCodeValue"] = findings.percent(findings.border_missing(reading))
    if switches.get("ValueCheck"):
        read = all(reading.text(name) for name in findings.expected_fields(reading))
        inside = reading.completeness < 2
        body["IsValueValid"] = read and inside and not findings.warns(findings.glare(reading))
    return body


def _warnings(reading: Reading) -> dict[int, tuple[str, bool]]:
    """Code -> the switch that asks for it, and whether it holds."""
    risk = findings.risk(reading)
    dated = reading.text("valid_from") and reading.text("valid_to")
    return {
        -9101: ("BorderCheckWarn", findings.warns(findings.border_missing(reading))),
        -9102: ("CopyWarn", risk == "Photocopy"),
        -9103: ("ReshootWarn", risk == "Screen"),
        -9104: ("TempIdWarn", findings.is_temporary(reading)),
        -9105: ("BorderCheckWarn", findings.warns(findings.covered(reading))),
        -9106: ("DetectPsWarn", risk == "Edited"),
        -9107: ("ReflectWarn", findings.warns(findings.glare(reading))),
        -9109: ("InvalidDateWarn", bool(dated) and not findings.has_legal_term(reading)),
    }
