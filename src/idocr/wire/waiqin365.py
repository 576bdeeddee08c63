"""waiqin365 `POST /api/ocr/v1/idcard/...` (the platform's document of the interface): Reading -> dict.

The answer is Baidu's under other names, in an envelope: `baidu.core` makes it, and `baidu` says how each
value comes about. What this document adds or contradicts:

- `response_data` is a JSON text, not an object: so the sample's quotes and all known clients have it.
- `card_quality` is "a string" in the table, in fact the object of Baidu.
- `card_cropping` of the table is `card` and `card_location` in the sample; here too.
- `recognition_id` is a number in one sample and a text in the other; here a number below 2**53.
  `transfer_id` comes back in the type in which it came.
- The sample's number fails its check digit though it is given: the table ("not returned") holds, and
  its ID_number_type would be 0.
- `direction` is missing in the sample of the emblem side; here both sides have it.
- No list of `return_code` is published: "0" and "1", the reason in Chinese. A picture without a card is an
  answer: `photo_status` is no_IDcard.
"""

from __future__ import annotations

import json
from typing import Any, Literal, TypedDict, Unpack, cast

from ..errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ..reading import Reading
from . import baidu
from .baidu import CardQuality, Location, RiskType, SideHint, Words
from .refusals import Refusal, choose

LIMITS = baidu.LIMITS
PhotoStatus = Literal[
    "normal",
    "reversed_side",
    "no_IDcard",
    "blurred",
    "other_type_card",
    "over_exposure",
    "over_dark",
    "unknown",
]


class Switches(TypedDict, total=False):
    """transfer_id and msg_id come back as they are; the four detections are off by default."""

    transfer_id: str | int
    msg_id: str
    ID_card_side: SideHint
    quality_detection: bool
    risk_detection: bool
    card_cropping: bool
    photo_detection: bool


# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {"photo_detection": "portrait_jpeg", "card_cropping": "card_jpeg"}


class _Always(TypedDict):
    transfer_id: str | int
    recognition_id: int
    direction: Literal[-1, 0, 1, 2, 3]
    photo_status: PhotoStatus
    recognition_results: dict[str, Words]
    result_num: int


class Data(_Always, total=False):
    """What `response_data` holds."""

    ID_photo: str
    ID_number_type: Literal[-1, 0, 1, 2, 3, 4]
    photo_location: Location
    card: str
    card_location: Location
    risk_type: RiskType
    edit_tool: str
    card_quality: CardQuality


class Answer(TypedDict):
    return_code: str
    return_msg: str
    msg_id: str
    response_data: str


# Baidu's names -> waiqin365's; what is not here has the same name.
RENAMED = {
    "log_id": "recognition_id",
    "image_status": "photo_status",
    "photo": "ID_photo",
    "card_image": "card",
    "idcard_number_type": "ID_number_type",
    "words_result": "recognition_results",
    "words_result_num": "result_num",
}

# ---- errors: all with HTTP 200; the codes are "1", the words are idocr's ---------------------------

WRONG_DIGEST = Refusal("1", "摘要校验失败", 200)
NOT_JSON = Refusal("1", "请求体不是有效的JSON", 200)
MISSING_PARAMETER = Refusal("1", "缺少必填参数", 200)
INVALID_PARAMETER = Refusal("1", "参数错误", 200)
USED_TRANSFER_ID = Refusal("1", "transfer_id重复", 200)
URL_REFUSED = Refusal("1", "不支持图片url", 200)
URL_FAILED = Refusal("1", "图片url下载失败", 200)
IMAGE_FORMAT = Refusal("1", "图片格式不支持或图片已损坏", 200)
IMAGE_SIZE = Refusal("1", "图片边长不符合要求", 200)
IMAGE_TOO_LARGE = Refusal("1", "图片大小超过限制", 200)
TOO_MANY_REQUESTS = Refusal("1", "请求过于频繁", 200)
INTERNAL = Refusal("1", "内部错误", 200)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, IMAGE_FORMAT),
    (ImageSizeError, IMAGE_SIZE),
    (FileTooLargeError, IMAGE_TOO_LARGE),
    (ArgumentError, INVALID_PARAMETER),
    (Exception, INTERNAL),
)


def refusal_for(error: Exception) -> Refusal:
    """Which row of the table an exception is."""
    return choose(error, _BY_EXCEPTION)


def refuse(refusal: Refusal, msg_id: str = "") -> Answer:
    """The envelope of an error; `response_data` is an empty object."""
    return {
        "return_code": str(refusal.code),
        "return_msg": refusal.message,
        "msg_id": msg_id,
        "response_data": "{}",
    }


# ---- answers ----------------------------------------------------------------------------------------


def answer(reading: Reading, **switches: Unpack[Switches]) -> Answer:
    """The envelope with `data` as JSON text in `response_data`."""
    return {
        "return_code": "0",
        "return_msg": "成功",
        "msg_id": switches.get("msg_id", ""),
        "response_data": json.dumps(data(reading, **switches), ensure_ascii=False),
    }


def data(reading: Reading, **switches: Unpack[Switches]) -> Data:
    """What `response_data` holds for this reading, in the order of keys of the sample."""
    asked: baidu.Switches = {
        "detect_direction": True,
        "detect_quality": switches.get("quality_detection", False),
        "detect_risk": switches.get("risk_detection", False),
        "detect_card": switches.get("card_cropping", False),
        "detect_photo": switches.get("photo_detection", False),
    }
    if side := switches.get("ID_card_side"):
        asked["id_card_side"] = side
    body: dict[str, Any] = {"transfer_id": switches.get("transfer_id", "")}
    body |= {RENAMED.get(key, key): value for key, value in baidu.core(reading, asked).items()}
    if body["photo_status"] == "non_idcard":
        body["photo_status"] = "no_IDcard"
    return cast("Data", body)
