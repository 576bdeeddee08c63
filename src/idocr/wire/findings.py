"""What several formats ask of a Reading: dates in their ways of writing, boxes, base64, warnings.

Every number here is one that idocr measured. Warnings are shares of 0..1 (1 = surely something wrong)
and turn at 0.5, except where `legality` decides: there the threshold is that of Megvii's document.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from .. import id_number, rules, visibility
from ..reading import FIELD_NAMES, Field, Quad, Reading, Side

GOOD_FOR_EVER: Final = "长期"
GENUINE_THRESHOLD = 0.8  # Megvii's ID_Photo_Threshold
WARNING_THRESHOLD = 0.5
# Paper at less than this share of full scale: specimens at their darkest readable have 0.49.
DARK_PAPER = 0.3
# How much of the border is missing, of completeness 0, 1 and 2; a picture measure would be finer.
BORDER_MISSING = {0: 0.0, 1: 0.75, 2: 1.0}
_BIRTH = ("birth_year", "birth_month", "birth_day")
# The rules of a number itself; a region that idocr does not know makes no number illegal.
_NUMBER_RULES = (
    id_number.IdNumberProblem.LENGTH
    | id_number.IdNumberProblem.ALPHABET
    | id_number.IdNumberProblem.BIRTH_DATE
    | id_number.IdNumberProblem.CHECK_DIGIT
)

# ---- text -------------------------------------------------------------------------------------------


def birth_parts(reading: Reading) -> tuple[str, str, str] | None:
    """Year, month and day as printed, without leading zeros; None unless all three were read."""
    year, month, day = (reading.text(name) for name in _BIRTH)
    return (year, month, day) if year and month and day else None


def compact_birth(reading: Reading) -> str:
    """YYYYMMDD, or "" when a part was not read."""
    parts = birth_parts(reading)
    return f"{parts[0]}{parts[1]:0>2}{parts[2]:0>2}" if parts else ""


def divided(text: str, mark: str) -> str:
    """YYYYMMDD with a mark between its parts; anything else (长期, "") as it is."""
    return f"{text[:4]}{mark}{text[4:6]}{mark}{text[6:]}" if len(text) == 8 else text


def validity(reading: Reading) -> str:
    """YYYY.MM.DD-YYYY.MM.DD or YYYY.MM.DD-长期; a half that was not read is empty, "" for neither."""
    start, end = (divided(reading.text(name), ".") for name in ("valid_from", "valid_to"))
    return f"{start}-{end}" if start or end else ""


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# ---- places -----------------------------------------------------------------------------------------


def place(reading: Reading, names: Sequence[str]) -> Quad | None:
    """The quad around fields that stand in one row, first to last; None where none was read."""
    quads = [f.quad for name in names if (f := reading.fields.get(name)) and f.quad]
    if not quads:
        return None
    first, last = quads[0], quads[-1]
    return first[0], last[1], last[2], first[3]


def birth_place(reading: Reading) -> Quad | None:
    return place(reading, _BIRTH)


def corners(quad: Quad) -> list[list[int]]:
    """[[x, y], ...] in whole px: left top, right top, right bottom, left bottom."""
    return [[round(x), round(y)] for x, y in quad]


@dataclass(frozen=True, slots=True)
class Box:
    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0


def upright_box(quad: Quad | None, size_px: tuple[int, int]) -> Box:
    """The upright box around a quad, as far as the picture reaches; all zero for None."""
    if quad is None:
        return Box()
    xs, ys = zip(*quad, strict=True)
    left, right = (min(max(0, round(x)), size_px[0]) for x in (min(xs), max(xs)))
    top, bottom = (min(max(0, round(y)), size_px[1]) for y in (min(ys), max(ys)))
    return Box(left, top, right - left, bottom - top)


# ---- logic ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """Whether the number is one, and whether birth and gender were read and are those it says."""

    legal: bool
    birth_agrees: bool
    gender_agrees: bool


def check_number(reading: Reading) -> NumberCheck:
    number = reading.text("id_number")
    if not number or id_number.problems(number) & _NUMBER_RULES:
        return NumberCheck(legal=False, birth_agrees=False, gender_agrees=False)
    gender = "男" if int(number[16]) % 2 else "女"
    return NumberCheck(
        legal=True,
        birth_agrees=compact_birth(reading) == number[6:14],
        gender_agrees=reading.text("gender") == gender,
    )


def in_force(reading: Reading, today: date) -> bool:
    """Whether today lies in the validity, first and last day included; False if a date is missing."""
    start, end = (rules.parse_date(reading.text(name)) for name in ("valid_from", "valid_to"))
    if reading.text("valid_to") == GOOD_FOR_EVER:
        end = date.max
    return start is not None and end is not None and start <= today <= end


def has_legal_term(reading: Reading) -> bool:
    """Whether the validity is one of 5, 10 or 20 years or for good; 3 months on a temporary card."""
    start, end = (rules.parse_date(reading.text(name)) for name in ("valid_from", "valid_to"))
    if start and reading.text("valid_to") == GOOD_FOR_EVER:
        return True
    terms = rules.TEMPORARY_TERM if reading.side is Side.PORTRAIT else rules.TERMS
    return start is not None and end is not None and terms.allow(start, end)


# ---- warnings ---------------------------------------------------------------------------------------


def risk(reading: Reading) -> str | None:
    """Megvii's key of what the card seems to be in place of a genuine photograph, None if nothing.

    The largest of the other four probabilities once ID_Photo falls below Megvii's threshold. A card
    on whose portrait side the emblem side's fields were read is a temporary one in any case.
    """
    if reading.legality.get("ID_Photo", 1.0) >= GENUINE_THRESHOLD:
        return "Temporary_ID_Photo" if _bears_both_sides(reading) else None
    others = {name: p for name, p in reading.legality.items() if name != "ID_Photo"}
    return max(others, key=lambda name: others[name]) if others else None


def _bears_both_sides(reading: Reading) -> bool:
    return reading.side is Side.PORTRAIT and "issued_by" in reading.fields


def is_temporary(reading: Reading) -> bool:
    """A temporary card, whatever else it may seem: a copy of one is one."""
    return _bears_both_sides(reading) or risk(reading) == "Temporary_ID_Photo"


def is_gray(reading: Reading) -> bool:
    """More likely a copy or a print than an original."""
    return reading.legality.get("Photocopy", 0.0) > reading.legality.get("ID_Photo", 1.0)


def _measured(reading: Reading) -> list[Field]:
    return [f for f in reading.fields.values() if f.measures]


def blur(reading: Reading) -> float:
    """0 sharp, 1 blurred: the middle one of the fields, each by its worst window.

    1 where nothing on the card could be read.
    """
    fields = _measured(reading)
    if not fields:
        return 1.0
    return 1 - median(min(visibility.clearness(m) for m in f.measures) for f in fields)


def glare(reading: Reading) -> float:
    """0 none, 1 no character left whole, in the worst window of any field."""
    return max((visibility.glare(m) for f in _measured(reading) for m in f.measures), default=0.0)


def is_dark(reading: Reading) -> bool:
    """The paper around the middle one of the fields is dark."""
    fields = _measured(reading)
    paper = [median(m.brightness for m in f.measures) for f in fields]
    return bool(paper) and median(paper) < DARK_PAPER


def border_missing(reading: Reading) -> float:
    return BORDER_MISSING[reading.completeness]


def expected_fields(reading: Reading) -> tuple[str, ...]:
    """The fields that a card of this kind bears: residence permits (8...) name no ethnic group."""
    names = FIELD_NAMES[reading.side] if reading.side is not None else ()
    permit = reading.text("id_number").startswith("8")
    return tuple(name for name in names if not (permit and name == "ethnicity"))


def covered(reading: Reading) -> float:
    """0 nothing seems covered, 1 a field or the face could not be made out.

    idocr does not look for fingers or other things on the card: only what they hide tells. On the
    portrait side that everything was read from, what speaks against a face.
    """
    if not all(reading.text(name) for name in expected_fields(reading)):
        return 1.0
    return 1 - face(reading) if reading.side is Side.PORTRAIT else 0.0


def face(reading: Reading) -> float:
    """Evidence of a face in the portrait, 0 where none was found."""
    return reading.portrait.face_evidence if reading.portrait else 0.0


def warns(share: float) -> bool:
    return share >= WARNING_THRESHOLD


def percent(share: float) -> int:
    """0..100, rounded down, so that it is 50 and more exactly where `warns` says so."""
    return math.floor(100 * share + 1e-9)
