"""tempeisite `POST /api/ai/ocr/idcard` (document of 2023-09-09): Reading -> dict.

The service hands on what its upstream, iFlytek's `POST /v1/service/v1/ocr/idcard` ("intsig"), answers;
`upstream_answer` is that route's. What the document leaves open or contradicts:

- `code` is an int in the table and a text in the samples: a text. `message` of the table is `desc` in the
  samples: this route sends both, the upstream route only `desc`. `sid` is in the samples alone.
- `error_msg` is "ok", as the document has it (the live service says "OK"). An engine error has the outer
  code "0", as the upstream's clients expect; errors of the request have their code outside and `data` "".
- The images are listed without a switch and stand in no sample: they are sent when asked for, by the
  switches of the upstream route.
- The portrait side carries `issue_authority` and `validity` as "" (so the live service does); those of a
  temporary card are filled in. `type` has four values in live data; idocr reads one card a picture and
  gives three.
- `complete` is reserved: always true. `border_covered`: `completeness` is not 0. `gray_image`: too little
  colour for an original. `head_covered`: no face could be made out on a portrait side. `head_blurred`: the
  print of a portrait side is blurred; the face itself is not measured.
- `time_cost`: decoding and locating are `preprocess`, everything after is `recognize`, in ms.
- 长期 is written as on the card: 2014.02.19-长期 (no sample has one).
"""

from __future__ import annotations

import secrets
from typing import Any, Literal, TypedDict, Unpack, cast

from ..errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ..image import FORMATS, Limits
from ..reading import Reading, Side
from . import findings
from .refusals import Refusal, choose

# 4M of base64. The document advises 700 to 4000 px; only the upper bound is taken for a limit.
LIMITS = Limits(15, 4000, 4 * 1024 * 1024 * 3 // 4, FORMATS - {"tiff"})
CardType = Literal["第二代身份证", "第二代身份证背面", "临时身份证"]
_PREPROCESS = ("decode", "locate")


class Switches(TypedDict, total=False):
    """Which images to send; all off by default."""

    head_portrait: bool
    crop_image: bool
    id_number_image: bool


# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {
    "head_portrait": "portrait_jpeg",
    "crop_image": "card_jpeg",
    "id_number_image": "number_jpeg",
}


class TimeCost(TypedDict):
    preprocess: int
    recognize: int


class HeadPortrait(TypedDict):
    image: str


class EngineError(TypedDict):
    error_code: int
    error_msg: str
    time_cost: TimeCost


class _Card(TypedDict):
    border_covered: bool
    complete: bool
    error_code: int
    error_msg: str
    gray_image: bool
    head_blurred: bool
    head_covered: bool
    issue_authority: str
    validity: str
    time_cost: TimeCost
    type: CardType


class BackData(_Card, total=False):
    cropped_image: str


class _FrontFields(TypedDict):
    address: str
    birthday: str
    id_number: str
    name: str
    people: str
    sex: str


class FrontData(_Card, _FrontFields, total=False):
    cropped_image: str
    head_portrait: HeadPortrait
    id_number_image: str


Data = FrontData | BackData | EngineError


class UpstreamAnswer(TypedDict):
    code: str
    data: Data | Literal[""]
    desc: str
    sid: str


class Answer(UpstreamAnswer):
    message: str


# ---- errors of the engine: in `data`, with the outer code "0" and HTTP 200 -------------------------

OK = Refusal(0, "ok", 200)
INVALID_PARAMETER = Refusal(40001, "invalid parameter", 200)
MISSING_PARAMETER = Refusal(40002, "missing parameter", 200)
WRONG_PASSWORD = Refusal(40003, "invalid user or password", 200)
NO_BODY = Refusal(40004, "missing request body", 200)
IMAGE_FORMAT = Refusal(40005, "invalid image format", 200)
IMAGE_SIZE = Refusal(40006, "invalid image size", 200)
NOT_RECOGNIZED = Refusal(40007, "fail to recognize", 200)
CONTENT_TYPE = Refusal(40008, "invalid content type", 200)
CORRUPTED_BODY = Refusal(40009, "corrupted request body", 200)
NO_IMAGE = Refusal(40010, "fail to extract image", 200)
BACKEND_DOWN = Refusal(50001, "backend down", 200)
TIMEOUT = Refusal(50004, "timeout", 200)
UNKNOWN = Refusal(90099, "unknown", 200)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, IMAGE_FORMAT),
    (ImageSizeError, IMAGE_SIZE),
    (FileTooLargeError, IMAGE_SIZE),
    (ArgumentError, INVALID_PARAMETER),
    (TimeoutError, TIMEOUT),
    (Exception, UNKNOWN),
)

# ---- errors of the request: the upstream's envelope, with `data` "" --------------------------------

ILLEGAL_ACCESS = Refusal("10105", "illegal access|illegal client_ip", 200)
INVALID_APPID = Refusal("10106", "invalid parameter|invalid X-Appid", 200)
ILLEGAL_PARAMETER = Refusal("10107", "illegal parameter", 200)
NO_LICENSE = Refusal("10110", "no license", 200)


def refusal_for(error: Exception) -> Refusal:
    """Which row of the table an exception is."""
    return choose(error, _BY_EXCEPTION)


def refuse(refusal: Refusal) -> Answer:
    """An engine's error in `data`; a request's error (its code is a text) in the envelope."""
    return _with_message(upstream_refuse(refusal))


def upstream_refuse(refusal: Refusal) -> UpstreamAnswer:
    if isinstance(refusal.code, str):
        return {"code": refusal.code, "desc": refusal.message, "data": "", "sid": _new_sid()}
    return _success(
        {
            "error_code": refusal.code,
            "error_msg": refusal.message,
            "time_cost": {"preprocess": 0, "recognize": 0},
        }
    )


# ---- answers ----------------------------------------------------------------------------------------


def answer(reading: Reading, **switches: Unpack[Switches]) -> Answer:
    """What `/api/ai/ocr/idcard` returns; without a card `data.error_code` is 40007."""
    return _with_message(upstream_answer(reading, **switches))


def upstream_answer(reading: Reading, **switches: Unpack[Switches]) -> UpstreamAnswer:
    """What the upstream's `/v1/service/v1/ocr/idcard` returns."""
    time_cost = _time_cost(reading)
    if reading.side is None:
        code, message, _ = NOT_RECOGNIZED
        return _success({"error_code": int(code), "error_msg": message, "time_cost": time_cost})
    body = _texts(reading) | _judgements(reading) | _images(reading, switches)
    body |= {"complete": True, "error_code": OK.code, "error_msg": OK.message}
    body["time_cost"] = time_cost
    # The samples' keys are in the order of the alphabet.
    return _success(cast("FrontData | BackData", dict(sorted(body.items()))))


def _success(data: Data) -> UpstreamAnswer:
    return {"code": "0", "data": data, "desc": "success", "sid": _new_sid()}


def _with_message(body: UpstreamAnswer) -> Answer:
    return {**body, "message": body["desc"]}


def _new_sid() -> str:
    """As in the samples: wcr and 22 more characters."""
    return "wcr" + secrets.token_hex(11)


def _time_cost(reading: Reading) -> TimeCost:
    before = sum(ms for name, ms in reading.stage_ms.items() if name in _PREPROCESS)
    after = sum(ms for name, ms in reading.stage_ms.items() if name not in _PREPROCESS)
    return {"preprocess": round(before), "recognize": round(after)}


def _texts(reading: Reading) -> dict[str, Any]:
    body = {
        "issue_authority": reading.text("issued_by"),
        "validity": findings.validity(reading),
    }
    if reading.side is Side.PORTRAIT:
        parts = findings.birth_parts(reading)
        body |= {
            "address": reading.text("address"),
            "birthday": "{}年{}月{}日".format(*parts) if parts else "",
            "id_number": reading.text("id_number"),
            "name": reading.text("name"),
            "people": reading.text("ethnicity"),
            "sex": reading.text("gender"),
        }
    return body


def _judgements(reading: Reading) -> dict[str, Any]:
    front = reading.side is Side.PORTRAIT
    if findings.is_temporary(reading):
        card_type: CardType = "临时身份证"
    else:
        card_type = "第二代身份证" if front else "第二代身份证背面"
    return {
        "border_covered": findings.warns(findings.border_missing(reading)),
        "gray_image": findings.is_gray(reading),
        "head_blurred": front and findings.warns(findings.blur(reading)),
        "head_covered": front and reading.portrait is None,
        "type": card_type,
    }


def _images(reading: Reading, switches: Switches) -> dict[str, Any]:
    """The images that were asked for and are there."""
    body: dict[str, Any] = {}
    if switches.get("crop_image") and reading.card_jpeg:
        body["cropped_image"] = findings.base64_of(reading.card_jpeg)
    if switches.get("head_portrait") and reading.portrait:
        body["head_portrait"] = {"image": findings.base64_of(reading.portrait.jpeg)}
    if switches.get("id_number_image") and reading.number_jpeg:
        body["id_number_image"] = findings.base64_of(reading.number_jpeg)
    return body
