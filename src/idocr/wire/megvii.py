"""Megvii FaceID v3 `ocridcard` (document of 2018-04-27, V2.0.0): Reading -> dict.

Keys, nesting and types are those of the document's samples. One deviation, because the document
contradicts itself: `portrait` appears only when it was asked for and a face is there. `exception_range`
is of later documents: it says what counts against 1001.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, Literal, TypedDict, cast

from ..errors import ArgumentError, IdocrError
from ..image import Limits
from ..reading import FIELD_NAMES, Field, Quad, Reading, Side

ID_PHOTO_THRESHOLD = 0.8
QUALITY_THRESHOLD = 0.15
# Chosen on 1,500 drawn cards of the split test (seed 1): 0.8 leaves 3 answers of 1001 with a wrong field
# where 0.7 leaves 5, and 7 of 1,102 right ones become 1002; of 100 rare names 4 are silently wrong, not 5.
CONFIDENCE_THRESHOLD = 0.8
GENUINE, DOUBTFUL = 1001, 1002
LIMITS = Limits()
LIMITS_CURRENT = Limits(200, 8000, 10 * 1024 * 1024)  # of the document of the same URL today


class Switches(TypedDict, total=False):
    """Off by default."""

    return_portrait: bool


# Switch -> the picture it asks of `Recognizer.read`.
CROPS = {"return_portrait": "portrait_jpeg"}


class ExceptionRange(TypedDict, total=False):
    """What makes `result` 1002 besides a field that was not read and a card that is no original."""

    text_quality: bool
    logic: bool
    completeness: bool
    face_detect: bool


EXCEPTION_RANGE: ExceptionRange = {
    "text_quality": True,
    "logic": True,
    "completeness": False,
    "face_detect": False,
}


class Point(TypedDict):
    x: int
    y: int


class Rect(TypedDict):
    lt: Point
    rt: Point
    rb: Point
    lb: Point


class FieldAnswer(TypedDict):
    result: str
    quality: float
    rect: Rect
    logic: Literal[0, 1]


class Legality(TypedDict):
    ID_Photo: float
    Temporary_ID_Photo: float
    Photocopy: float
    Screen: float
    Edited: float
    ID_Photo_Threshold: float


class _Common(TypedDict):
    request_id: str
    time_used: int
    result: Literal[1001, 1002]
    legality: Legality
    completeness: int
    card_rect: Rect


class _PortraitOnRequest(_Common, total=False):
    portrait: FieldAnswer


class PortraitSideAnswer(_PortraitOnRequest):
    side: Literal[0]
    name: FieldAnswer
    gender: FieldAnswer
    nationality: FieldAnswer
    birth_year: FieldAnswer
    birth_month: FieldAnswer
    birth_day: FieldAnswer
    idcard_number: FieldAnswer
    address: FieldAnswer


class EmblemSideAnswer(_Common):
    side: Literal[1]
    issued_by: FieldAnswer
    valid_date_start: FieldAnswer
    valid_date_end: FieldAnswer


class NotFoundAnswer(TypedDict):
    request_id: str
    time_used: int
    error: Literal["ID_CARD_NOT_FOUND"]
    error_message: str


Answer = PortraitSideAnswer | EmblemSideAnswer | NotFoundAnswer

# The engine's name of a field -> Megvii's.
KEYS = {
    "name": "name",
    "gender": "gender",
    "ethnicity": "nationality",
    "birth_year": "birth_year",
    "birth_month": "birth_month",
    "birth_day": "birth_day",
    "id_number": "idcard_number",
    "address": "address",
    "issued_by": "issued_by",
    "valid_from": "valid_date_start",
    "valid_to": "valid_date_end",
}


def _rect(quad: Quad | None) -> Rect:
    corners = quad or ((0.0, 0.0),) * 4
    lt, rt, rb, lb = (Point(x=round(x), y=round(y)) for x, y in corners)
    return {"lt": lt, "rt": rt, "rb": rb, "lb": lb}


def _field(field: Field) -> FieldAnswer:
    return {
        "result": field.text,
        "quality": round(field.quality, 3),
        "rect": _rect(field.quad if field.text else None),
        "logic": 1 if field.logic else 0,
    }


def parse_exception_range(text: str) -> ExceptionRange:
    """The JSON object of a request; what the documents do not name is passed over.

    Raises ArgumentError where it is no JSON object of booleans.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise ArgumentError("exception_range", "must be a JSON object")
    known = {name: value for name, value in given.items() if name in EXCEPTION_RANGE}
    if not all(isinstance(value, bool) for value in known.values()):
        raise ArgumentError("exception_range", "must hold booleans")
    return cast("ExceptionRange", known)


def _is_genuine(reading: Reading, legality: Mapping[str, float], counted: ExceptionRange) -> bool:
    """1001 stands for: every field read, a genuine card, and nothing wrong of what is counted."""
    fields = [reading.fields[name] for name in FIELD_NAMES[reading.side]]  # type: ignore[index]
    wrong = {
        "text_quality": any(
            f.quality < QUALITY_THRESHOLD or f.confidence < CONFIDENCE_THRESHOLD for f in fields
        ),
        "logic": any(f.logic for f in fields),
        "completeness": reading.completeness > 0,
        "face_detect": reading.side is Side.PORTRAIT and reading.portrait is None,
    }
    return (
        legality["ID_Photo"] >= ID_PHOTO_THRESHOLD
        and all(f.text for f in fields)
        and not any(wrong[name] for name, counts in counted.items() if counts)
    )


def refuse(error_name: str) -> dict[str, str]:
    """What tells an error; the server adds `request_id` and `time_used`."""
    return {"error": error_name}


def refusal_for(error: Exception) -> str:
    """The name of the error in Megvii's tables."""
    return error.error_name if isinstance(error, IdocrError) else IdocrError.error_name


def answer(
    reading: Reading,
    *,
    return_portrait: bool = False,
    exception_range: ExceptionRange | None = None,
    time_used_ms: int = 0,
) -> Answer:
    """The dict that `ocridcard` returns for this reading; `error` or `side` tells which of the three.

    request_id is "seconds,uuid4"; rects are whole px of the picture as given; qualities and
    probabilities have three decimals.
    """
    head: dict[str, Any] = {
        "request_id": f"{int(time.time())},{uuid.uuid4()}",
        "time_used": time_used_ms,
    }
    if reading.side is None:
        head |= {
            "error": "ID_CARD_NOT_FOUND",
            "error_message": "there is no resident ID card in the picture, or none that can be made out",
        }
        return cast("NotFoundAnswer", head)
    counted: ExceptionRange = {**EXCEPTION_RANGE, **(exception_range or {})}
    body = head | {
        "result": GENUINE if _is_genuine(reading, reading.legality, counted) else DOUBTFUL,
        "side": int(reading.side),
        "legality": {**reading.legality, "ID_Photo_Threshold": ID_PHOTO_THRESHOLD},
        "completeness": reading.completeness,
        "card_rect": _rect(reading.card_quad),
    }
    for name in FIELD_NAMES[reading.side]:
        body[KEYS[name]] = _field(reading.fields[name])
    if return_portrait and reading.side is Side.PORTRAIT and reading.portrait is not None:
        body["portrait"] = {
            "result": base64.b64encode(reading.portrait.jpeg).decode("ascii"),
            "quality": 0.0,
            "rect": _rect(reading.portrait.quad),
            "logic": 0,
        }
    return cast("PortraitSideAnswer | EmblemSideAnswer", body)
