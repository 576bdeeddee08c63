"""Baidu `rest/2.0/ocr/v1/idcard` (document rk3h7xzck): Reading -> dict.

waiqin365's `idcard` is this format under other names: `core` here serves both. What the document leaves
open or contradicts:

- Boxes are upright ones in px of the picture as given, origin left top, also for a turned card: so are
  those of real answers (direction 3 with text that runs down).
- `direction` says how far the upright picture was turned counter-clockwise to give this one, in quarters;
  on both sides, though a sample of an emblem side lacks it. Here only with `detect_direction`.
- `image_status` is one value; where several are true, the first of non_idcard, other_type_card, blurred,
  over_exposure, over_dark, reversed_side. `unknown` is a card on which nothing could be read.
- `idcard_number_type` belongs to the portrait side. 0 (illegal number, which is then left out) is for
  length, digits, date and check digit. A birth date or gender that was not read agrees with nothing.
- `risk_type` is the largest of the other probabilities of `legality` once ID_Photo is below 0.8; an edited
  card is `unknown`, with `edit_tool` where the metadata name an editor. `scan` and `screenshot` are never
  told apart from copy and screen.
- `card_quality`: IsClear from the print's sharpness, IsComplete from `completeness` (1, 0.25, 0), IsNoCover
  from what could be made out: 0 when a field or the face is missing, else the evidence of the face. All
  thresholds are 0.5 (a later text has 0.3 for IsNoCover; idocr gives nothing between 0 and 0.5 there).
  The misspelt `propobility` is the document's.
- `card_ps` (`detect_ps`) is not sent: no document at hand tells its values.
- `log_id` stays below 2**53, which any JSON reader can hold.
"""

from __future__ import annotations

import secrets
from typing import Any, Literal, TypedDict, Unpack, cast

from ..errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ..image import FORMATS, Limits
from ..reading import Quad, Reading, Side
from . import findings
from .refusals import Refusal, choose

# 8M of base64, urlencoded: at least a third more than the file. WebP, which no document lists, does no harm.
LIMITS = Limits(15, 8192, 8 * 1024 * 1024 * 3 // 4, FORMATS - {"tiff"})
SideHint = Literal["front", "back"]
Status = Literal[
    "normal",
    "reversed_side",
    "non_idcard",
    "blurred",
    "other_type_card",
    "over_exposure",
    "over_dark",
    "unknown",
]
RiskType = Literal["normal", "copy", "temporary", "screen", "unknown"]


class Switches(TypedDict, total=False):
    """id_card_side: what was announced (not announced by default); the others are off by default."""

    id_card_side: SideHint
    detect_direction: bool
    detect_risk: bool
    detect_quality: bool
    detect_photo: bool
    detect_card: bool


OTHER_CARDS = ("other_card", "permanent_residence")  # of the locator's kinds
# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {"detect_photo": "portrait_jpeg", "detect_card": "card_jpeg"}


class Location(TypedDict):
    left: int
    top: int
    width: int
    height: int


class Words(TypedDict):
    location: Location
    words: str


class CardQuality(TypedDict):
    IsClear: Literal[0, 1]
    IsClear_propobility: float
    IsComplete: Literal[0, 1]
    IsComplete_propobility: float
    IsNoCover: Literal[0, 1]
    IsNoCover_propobility: float


class _Always(TypedDict):
    log_id: int
    image_status: Status
    words_result: dict[str, Words]
    words_result_num: int


class Answer(_Always, total=False):
    direction: Literal[-1, 0, 1, 2, 3]
    photo: str
    photo_location: Location
    idcard_number_type: Literal[-1, 0, 1, 2, 3, 4]
    card_image: str
    card_location: Location
    risk_type: RiskType
    edit_tool: str
    card_quality: CardQuality


class ErrorAnswer(TypedDict):
    error_code: int
    error_msg: str
    log_id: int


# The document's key of a field -> the engine's, in the order of the samples.
FRONT_KEYS = {
    "住址": "address",
    "公民身份号码": "id_number",
    "出生": "birth",
    "姓名": "name",
    "性别": "gender",
    "民族": "ethnicity",
}
BACK_KEYS = {"失效日期": "valid_to", "签发机关": "issued_by", "签发日期": "valid_from"}
_RISK_TYPES: dict[str | None, RiskType] = {
    None: "normal",
    "Photocopy": "copy",
    "Temporary_ID_Photo": "temporary",
    "Screen": "screen",
    "Edited": "unknown",
}

# ---- errors: all with HTTP 200 ----------------------------------------------------------------------

INVALID_PARAMETER = Refusal(216100, "invalid param", 200)
MISSING_PARAMETER = Refusal(216101, "not enough param", 200)
EMPTY_IMAGE = Refusal(216200, "empty image", 200)
IMAGE_FORMAT = Refusal(216201, "image format error", 200)
IMAGE_SIZE = Refusal(216202, "image size error", 200)
NOT_RECOGNIZED = Refusal(216630, "recognize error", 200)
CARD_NOT_RECOGNIZED = Refusal(216633, "recognize idcard error", 200)
INVALID_TOKEN = Refusal(110, "Access token invalid or no longer valid", 200)
EXPIRED_TOKEN = Refusal(111, "Access token expired", 200)
TOO_MANY_REQUESTS = Refusal(18, "Open api qps request limit reached", 200)
INTERNAL = Refusal(282000, "internal error", 200)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, IMAGE_FORMAT),
    (ImageSizeError, IMAGE_SIZE),
    (FileTooLargeError, IMAGE_SIZE),
    (ArgumentError, INVALID_PARAMETER),
    (Exception, INTERNAL),
)


def refusal_for(error: Exception) -> Refusal:
    """Which row of the table an exception is."""
    return choose(error, _BY_EXCEPTION)


def refuse(refusal: Refusal) -> ErrorAnswer:
    return {
        "error_code": int(refusal.code),
        "error_msg": refusal.message,
        "log_id": new_log_id(),
    }


# ---- answers ----------------------------------------------------------------------------------------


def answer(reading: Reading, **switches: Unpack[Switches]) -> Answer:
    """What `idcard` returns for this reading; a picture without a card is `non_idcard`."""
    return core(reading, switches)


def core(reading: Reading, switches: Switches) -> Answer:
    """The answer under Baidu's names, in the order of keys of waiqin365's sample."""
    body: dict[str, Any] = {"log_id": new_log_id()}
    if switches.get("detect_direction"):
        body["direction"] = direction(reading)
    body["image_status"] = status(reading, switches.get("id_card_side"))
    if switches.get("detect_photo") and reading.portrait:
        body["photo"] = findings.base64_of(reading.portrait.jpeg)
    # A picture that holds no card has no field of the front that was announced: type -1.
    if reading.side is Side.PORTRAIT or (
        reading.side is None and switches.get("id_card_side") == "front"
    ):
        body["idcard_number_type"] = number_type(reading)
    if switches.get("detect_photo") and reading.portrait:
        body["photo_location"] = _location(reading.portrait.quad, reading)
    if switches.get("detect_card") and reading.card_jpeg:
        body["card_image"] = findings.base64_of(reading.card_jpeg)
        body["card_location"] = _location(reading.card_quad, reading)
    if reading.side is not None:
        body |= _judgements(reading, switches)
    body["words_result"] = words = _words(reading)
    body["words_result_num"] = len(words)
    return cast("Answer", body)


def new_log_id() -> int:
    return secrets.randbits(53)


def direction(reading: Reading) -> int:
    """Quarters counter-clockwise from upright; -1 without a card."""
    return -1 if reading.side is None else (360 - reading.turn_degrees) // 90 % 4


def status(reading: Reading, announced: SideHint | None) -> Status:
    """The first that is true; see the module's account."""
    if reading.side is None:
        return "other_type_card" if reading.kind in OTHER_CARDS else "non_idcard"
    if not any(f.text for f in reading.fields.values()):
        return "unknown"
    front = reading.side is Side.PORTRAIT
    first_true: dict[Status, bool] = {
        "blurred": findings.warns(findings.blur(reading)),
        "over_exposure": findings.warns(findings.glare(reading)),
        "over_dark": findings.is_dark(reading),
        "reversed_side": announced == ("back" if front else "front"),
        "normal": True,
    }
    return next(name for name, holds in first_true.items() if holds)


def number_type(reading: Reading) -> int:
    """-1 nothing read; 0 illegal; 1 agrees with birth and gender; 2 with neither; 3 not with the
    birth; 4 not with the gender."""
    if not any(f.text for f in reading.fields.values()):
        return -1
    number = findings.check_number(reading)
    if not number.legal:
        return 0
    return {(True, True): 1, (False, False): 2, (False, True): 3, (True, False): 4}[
        number.birth_agrees, number.gender_agrees
    ]


def _judgements(reading: Reading, switches: Switches) -> dict[str, Any]:
    """Risk and quality, as far as they were asked for."""
    body: dict[str, Any] = {}
    if switches.get("detect_risk"):
        body["risk_type"] = _RISK_TYPES[findings.risk(reading)]
        if reading.editor:
            body["edit_tool"] = reading.editor
    if switches.get("detect_quality"):
        body["card_quality"] = _card_quality(reading)
    return body


def _card_quality(reading: Reading) -> CardQuality:
    shares = {
        "IsClear": 1 - findings.blur(reading),
        "IsComplete": 1 - findings.border_missing(reading),
        "IsNoCover": 1 - findings.covered(reading),
    }
    body: dict[str, Any] = {}
    for key, share in shares.items():
        body[f"{key}_propobility"] = rounded = round(share, 6)
        body[key] = int(rounded > findings.WARNING_THRESHOLD)
    return cast("CardQuality", {key: body[key] for key in CardQuality.__annotations__})


def _location(quad: Quad | None, reading: Reading) -> Location:
    box = findings.upright_box(quad, reading.size_px)
    return {"left": box.left, "top": box.top, "width": box.width, "height": box.height}


def _words(reading: Reading) -> dict[str, Words]:
    """Each field of the side with its box; a temporary card's front has those of both."""
    if reading.side is None:
        return {}
    keys = FRONT_KEYS if reading.side is Side.PORTRAIT else BACK_KEYS
    if reading.side is Side.PORTRAIT and "issued_by" in reading.fields:
        keys = FRONT_KEYS | BACK_KEYS
    words: dict[str, Words] = {}
    for key, name in keys.items():
        if name == "birth":
            text, quad = findings.compact_birth(reading), findings.birth_place(reading)
        else:
            text, quad = reading.text(name), findings.place(reading, (name,))
        if name == "id_number" and not findings.check_number(reading).legal:
            text = ""  # "an illegal number is not returned"; where it stands is
        words[key] = {"location": _location(quad, reading), "words": text}
    return words
