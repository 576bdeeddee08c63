"""Huawei Cloud OCR `id-card`: Reading -> dict, for `POST /v1.0/ocr/id-card` and `/v2/{project_id}/...`.

v1.0 is the document of the public repository huaweicloudDocs/ocr; v2 the document of 2025-12-03 and the
models of the official SDK 3.1.219. Without switches v2 answers exactly as v1.0 does. What the documents
leave open or contradict:

- The side that was asked for is a hint: the answer is of the side that is on the picture, and the other
  side's keys are left out, as in the samples. A temporary card bears both sides' fields.
- A validity for good is written 长期 (no sample has one). Where a part of the birth date was not read,
  `birth` is "".
- `text_location` is "an object" of four points; here it maps each key to [[x, y] x 4] in the order of the
  document, as `portrait_location` has it. Fields that were not read have no entry.
- A score is 0..100, higher is worse; a flag is true from 50 on. Where each comes from:
  reproduce, copy, tampering, interim: Screen, Photocopy, Edited and Temporary_ID_Photo of `legality`; the
  flag is true for the largest of them once ID_Photo is below 0.8. border_integrity: `completeness`,
  scores 0, 75 and 100. blur and glare: the print's sharpness and share of burnt-out pixels.
  blocking_within_border: idocr looks for nothing that lies on the card; 100 when a field or the face could
  not be made out, else what speaks against the face.
- `valid_number` is the number's length, digits, date and check digit; a region that idocr does not know
  makes it no less valid. `valid_validity_period` is 5, 10 or 20 years or 长期 (3 months on a temporary card).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack, cast

from ..errors import (
    ArgumentError,
    FileTooLargeError,
    ImageSizeError,
    UnsupportedFormatError,
)
from ..image import Limits
from ..reading import Quad, Reading, Side
from . import findings
from .refusals import Refusal, choose

_MOST_BYTES = 10 * 1024 * 1024 * 3 // 4  # 10 MB of base64
LIMITS_V1 = Limits(15, 8000, _MOST_BYTES)
LIMITS = Limits(15, 8192, _MOST_BYTES)


class Switches(TypedDict, total=False):
    """The thirteen switches of v2, all off by default."""

    return_verification: bool
    return_text_location: bool
    return_portrait_location: bool
    return_portrait_image: bool
    return_adjusted_image: bool
    detect_reproduce: bool
    detect_copy: bool
    detect_tampering: bool
    detect_border_integrity: bool
    detect_blocking_within_border: bool
    detect_blur: bool
    detect_interim: bool
    detect_glare: bool


# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {"return_portrait_image": "portrait_jpeg", "return_adjusted_image": "card_jpeg"}


class FrontVerification(TypedDict):
    valid_number: bool
    valid_birth: bool
    valid_sex: bool


class BackVerification(TypedDict):
    valid_date: bool
    valid_validity_period: bool


class Verification(FrontVerification, BackVerification):
    """Of one side: what the other side would tell is false."""


class ScoreInfo(TypedDict, total=False):
    tampering_score: int
    interim_score: int
    reproduce_score: int
    copy_score: int
    border_integrity_score: int
    blur_score: int
    glare_score: int
    blocking_within_border_score: int


class _OnRequest(TypedDict, total=False):
    text_location: dict[str, list[list[int]]]
    adjusted_image: str
    detect_reproduce_result: bool
    detect_copy_result: bool
    detect_tampering_result: bool
    detect_border_integrity_result: bool
    detect_blocking_within_border_result: bool
    detect_blur_result: bool
    detect_interim_result: bool
    detect_glare_result: bool
    score_info: ScoreInfo


class _PortraitOnRequest(_OnRequest, total=False):
    portrait_image: str
    portrait_location: list[list[int]]


class _FrontFields(TypedDict):
    name: str
    sex: str
    ethnicity: str
    birth: str
    address: str
    number: str


class _BackFields(TypedDict):
    issue: str
    valid_from: str
    valid_to: str


class _TemporaryCard(TypedDict, total=False):
    """What the front of a temporary card bears besides."""

    issue: str
    valid_from: str
    valid_to: str


class Front(_FrontFields, _TemporaryCard, _PortraitOnRequest, total=False):
    """The front of `double_side`."""

    verification_result: FrontVerification


class Back(_BackFields, _OnRequest, total=False):
    """The back of `double_side`."""

    verification_result: BackVerification


class FrontResult(_FrontFields, _TemporaryCard, _PortraitOnRequest, total=False):
    """The portrait side alone."""

    verification_result: Verification


class BackResult(_BackFields, _PortraitOnRequest, total=False):
    """The emblem side alone: `portrait_image` is "" and `portrait_location` []."""

    verification_result: Verification


class DoubleSideResult(TypedDict, total=False):
    front: Front
    back: Back


class ResultAnswer(TypedDict):
    result: FrontResult | BackResult


class DoubleSideAnswer(TypedDict):
    result: DoubleSideResult


class ErrorAnswer(TypedDict):
    error_code: str
    error_msg: str


Answer = ResultAnswer | ErrorAnswer

# Huawei's key of a field -> the engine's, in the order of the samples.
FRONT_KEYS = {
    "name": "name",
    "sex": "gender",
    "ethnicity": "ethnicity",
    "birth": "birth",
    "address": "address",
    "number": "id_number",
}
BACK_KEYS = {"issue": "issued_by", "valid_from": "valid_from", "valid_to": "valid_to"}

# Detector -> its share of 0..1; those that `legality` decides have a flag of their own.
_LEGALITY_KEYS = {
    "tampering": "Edited",
    "interim": "Temporary_ID_Photo",
    "reproduce": "Screen",
    "copy": "Photocopy",
}
_SHARES: dict[str, Callable[[Reading], float]] = {
    "border_integrity": findings.border_missing,
    "blur": findings.blur,
    "glare": findings.glare,
    "blocking_within_border": findings.covered,
}

# ---- errors -----------------------------------------------------------------------------------------

INVALID_PARAMETER = Refusal("AIS.0101", "The input parameter is invalid.", 400)
UNSUPPORTED_FORMAT = Refusal("AIS.0102", "The image format is not supported.", 400)
WRONG_SIZE = Refusal("AIS.0103", "The image size does not meet the requirements.", 400)
NO_CARD = Refusal("AIS.0104", "The image is not supported or the image quality is poor.", 400)
FAILED = Refusal("AIS.0105", "Recognition failed.", 500)
SAME_SIDES = Refusal("AIS.0122", "The image contains two or more ID cards with the same side.", 400)
NO_TOKEN = Refusal("ModelArts.4101", "Token header cannot be empty.", 401)
UNREADABLE_TOKEN = Refusal("ModelArts.4102", "Parse Token error.", 401)
INVALID_TOKEN_HEADER = Refusal("ModelArts.4103", "Invalid Token header.", 401)
INVALID_TOKEN = Refusal("ModelArts.0203", "Invalid token.", 401)
WRONG_LENGTH = Refusal("ModelArts.4104", "Invalid Request Content Length.", 400)
NOT_JSON = Refusal("ModelArts.4105", "The JSON format of the input data is incorrect.", 400)
URL_REFUSED = Refusal("ModelArts.4601", "The URL is not allowed.", 400)
URL_FAILED = Refusal("ModelArts.4603", "Obtaining the file from the URL failed.", 400)
UNKNOWN_PATH = Refusal(
    "APIG.0101", "The API does not exist or has not been published in the environment.", 404
)
WRONG_SIGNATURE = Refusal(
    "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail", 401
)
UNDECRYPTED_TOKEN = Refusal(
    "APIG.0301", "Incorrect IAM authentication information: decrypt token fail", 401
)
EXPIRED_TOKEN = Refusal("APIG.0301", "Incorrect IAM authentication information: token expires", 401)
# `{limit}` is for the server to fill in.
TOO_MANY_REQUESTS = Refusal(
    "APIG.0308",
    "The throttling threshold has been reached: "
    "policy user over ratelimit,limit:{limit},time:1 minute.",
    429,
)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, UNSUPPORTED_FORMAT),
    (ImageSizeError, WRONG_SIZE),
    (FileTooLargeError, WRONG_SIZE),
    (ArgumentError, INVALID_PARAMETER),
    (Exception, FAILED),
)


def refusal_for(error: Exception) -> Refusal:
    """Which row of the table an exception is."""
    return choose(error, _BY_EXCEPTION)


def refuse(refusal: Refusal) -> ErrorAnswer:
    return {"error_code": str(refusal.code), "error_msg": refusal.message}


# ---- answers ----------------------------------------------------------------------------------------


def answer(reading: Reading, *, today: date | None = None, **switches: Unpack[Switches]) -> Answer:
    """What `id-card` returns for this reading; `error_code` or `result` tells which.

    today: for `valid_date`; the date of this machine by default.
    """
    if reading.side is None:
        return refuse(NO_CARD)
    body: dict[str, Any] = _texts(reading)
    if switches.get("return_verification"):
        body["verification_result"] = _verification(reading, today or date.today())
    body |= _places_and_pictures(reading, switches) | _detections(reading, switches)
    return {"result": cast("FrontResult | BackResult", body)}


def double_side_answer(
    readings: Iterable[Reading], *, today: date | None = None, **switches: Unpack[Switches]
) -> DoubleSideAnswer | ErrorAnswer:
    """The answer to `side: double_side`, from one reading a card in the picture."""
    found = [reading for reading in readings if reading.side is not None]
    if not found:
        return refuse(NO_CARD)
    if len({reading.side for reading in found}) < len(found):
        return refuse(SAME_SIDES)
    sides: dict[str, Any] = {}
    for reading in sorted(found, key=lambda reading: int(reading.side or 0)):
        body: Any = answer(reading, today=today, **switches)
        is_front = reading.side is Side.PORTRAIT
        sides["front" if is_front else "back"] = _as_half(body["result"], is_front)
    return {"result": cast("DoubleSideResult", sides)}


def _as_half(result: dict[str, Any], is_front: bool) -> dict[str, Any]:
    """One side's result as a half of `double_side`: without what only the other half can tell."""
    other = (BackVerification if is_front else FrontVerification).__annotations__
    if not is_front:
        result = {k: v for k, v in result.items() if not k.startswith("portrait_")}
    if checks := result.get("verification_result"):
        checks = {k: v for k, v in checks.items() if k not in other}
        return result | {"verification_result": checks}
    return result


def _keys(reading: Reading) -> dict[str, str]:
    """The keys of the side; of both for a temporary card, whose front bears everything."""
    if reading.side is Side.EMBLEM:
        return BACK_KEYS
    return FRONT_KEYS | BACK_KEYS if "issued_by" in reading.fields else FRONT_KEYS


def _texts(reading: Reading) -> dict[str, str]:
    texts = {key: reading.text(name) for key, name in _keys(reading).items()}
    for key in ("valid_from", "valid_to"):
        if key in texts:
            texts[key] = findings.divided(texts[key], "-")
    if "birth" in texts:
        texts["birth"] = findings.divided(findings.compact_birth(reading), "-")
    return texts


def _verification(reading: Reading, today: date) -> Verification:
    number = findings.check_number(reading)
    return {
        "valid_number": number.legal,
        "valid_birth": number.birth_agrees,
        "valid_sex": number.gender_agrees,
        "valid_date": findings.in_force(reading, today),
        "valid_validity_period": findings.has_legal_term(reading),
    }


def _place(reading: Reading, name: str) -> Quad | None:
    return findings.birth_place(reading) if name == "birth" else findings.place(reading, (name,))


def _places_and_pictures(reading: Reading, switches: Switches) -> dict[str, Any]:
    body: dict[str, Any] = {}
    portrait = reading.portrait
    if switches.get("return_text_location"):
        places = {key: _place(reading, name) for key, name in _keys(reading).items()}
        body["text_location"] = {key: findings.corners(q) for key, q in places.items() if q}
    if switches.get("return_portrait_image"):
        body["portrait_image"] = findings.base64_of(portrait.jpeg) if portrait else ""
    if switches.get("return_portrait_location"):
        body["portrait_location"] = findings.corners(portrait.quad) if portrait else []
    if switches.get("return_adjusted_image"):
        body["adjusted_image"] = findings.base64_of(reading.card_jpeg)
    return body


def _detections(reading: Reading, switches: Switches) -> dict[str, Any]:
    """Flags and scores of the detectors that were asked for."""
    flags: dict[str, bool] = {}
    scores: dict[str, int] = {}
    risk = findings.risk(reading)
    asked: Mapping[str, object] = switches
    for name in (*_LEGALITY_KEYS, *_SHARES):
        if not asked.get(f"detect_{name}"):
            continue
        if key := _LEGALITY_KEYS.get(name):
            share, flag = reading.legality.get(key, 0.0), risk == key
            if name == "interim":
                flag = findings.is_temporary(reading)
        else:
            share = _SHARES[name](reading)
            flag = findings.warns(share)
        flags[f"detect_{name}_result"] = flag
        scores[f"{name}_score"] = findings.percent(share)
    return {**flags, "score_info": scores} if scores else {}
