"""What is printed in a picture and what an engine says is there: the two things that scores compare.

Both are kept as JSON lines in the report's work folder, so both convert to and from plain dicts.
Quads are ((x, y), ...) in px of the picture, from the centre of its left top pixel, in the order
left top, right top, right bottom, left bottom of the upright print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from card_text import best_pass
from rapidocr_card import Box

Quad = tuple[tuple[float, float], ...]

TIERS = ("clean", "ordinary", "hard")
OTHER_SETS = ("bilingual", "rare_names", "permits", "temporary", "attacks", "not_cards")
SETS = TIERS + OTHER_SETS
ENGINES = ("idocr", "rapidocr")
# The fields of an answer. A card may print others (a permit's number): no engine here answers them.
FIELDS = (
    "name",
    "gender",
    "ethnicity",
    "birth_year",
    "birth_month",
    "birth_day",
    "address",
    "id_number",
    "issued_by",
    "valid_from",
    "valid_to",
)
SEEN = 0.9  # a field of which less is visible cannot be asked for


@dataclass(frozen=True)
class PrintedField:
    text: str
    quad: Quad
    visibility: float = 1.0  # 1 all of it to be seen .. 0 covered or outside the picture

    @property
    def seen(self) -> bool:
        return self.visibility >= SEEN


@dataclass(frozen=True)
class Truth:
    """What a drawn picture shows. side is None where there is no card."""

    set_name: str
    index: int
    kind: str
    side: str | None
    turn_degrees: float
    size_px: tuple[int, int]
    corners: Quad | None
    fields: Mapping[str, PrintedField]
    legality: str | None = None  # Megvii's name of the class
    number_is_right: bool = True
    strengths: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_card(self) -> bool:
        return self.side is not None or bool(self.fields)

    @property
    def asked(self) -> dict[str, PrintedField]:
        """The fields that an answer has a place for and that are there to be seen."""
        return {n: f for n, f in self.fields.items() if n in FIELDS and f.seen}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(line: Mapping[str, Any]) -> Truth:
        fields = {
            name: PrintedField(f["text"], _quad(f["quad"]) or (), f["visibility"])
            for name, f in line["fields"].items()
        }
        width, height = line["size_px"]
        changed = {"fields": fields, "corners": _quad(line["corners"]), "size_px": (width, height)}
        return Truth(**{**line, **changed})


def truth_of(picture: Any) -> Truth:
    """From the generator's Picture."""
    return Truth(
        set_name=picture.set_name,
        index=picture.index,
        kind=picture.kind,
        side=picture.side,
        turn_degrees=float(picture.turn_degrees),
        size_px=(int(picture.width_px), int(picture.height_px)),
        corners=_quad(picture.corners),
        fields={
            name: PrintedField(f.text, _quad(f.quad) or (), float(f.visibility))
            for name, f in picture.fields.items()
        },
        legality=picture.legality,
        number_is_right=bool(picture.number_is_right),
        strengths={name: float(value) for name, value in picture.strengths.items()},
    )


@dataclass(frozen=True)
class AnsweredField:
    text: str
    confidence: float
    logic: int | None = None  # None: the engine has no such notion
    quad: Quad | None = None
    raw: str = ""


@dataclass(frozen=True)
class Answer:
    """What an engine says. side is None where it finds no card."""

    side: str | None
    turn_degrees: float | None
    fields: Mapping[str, AnsweredField]
    words: str  # all text that it read, for the lenient column
    card_quad: Quad | None = None
    result: int | None = None  # Megvii's 1001 and 1002
    legality: Mapping[str, float] = field(default_factory=dict)
    cpu_ms: float = 0.0
    first_cpu_ms: float | None = None  # of the rival's first pass alone
    wall_ms: float = 0.0
    peak_mb: float = 0.0

    def text(self, name: str) -> str:
        found = self.fields.get(name)
        return found.text if found else ""


@dataclass(frozen=True)
class Case:
    truth: Truth
    answer: Answer


def answer_of(engine: str, line: Mapping[str, Any]) -> Answer:
    """From what the engine's process wrote (`idocr_card.py`, `rapidocr_card.py`)."""
    return _idocr_answer(line) if engine == "idocr" else _rapidocr_answer(line)


def _quad(points: Any) -> Quad | None:
    if points is None or len(points) == 0:
        return None
    return tuple((float(x), float(y)) for x, y in points)


def _idocr_answer(line: Mapping[str, Any]) -> Answer:
    fields = {
        name: AnsweredField(f["text"], f["confidence"], f["logic"], _quad(f["quad"]), f["raw"])
        for name, f in line["fields"].items()
    }
    texts = {name: found.text for name, found in fields.items()}
    units = {"birth_year": "年", "birth_month": "月", "birth_day": "日"}
    return Answer(
        side=line["side"],
        turn_degrees=line["turn_degrees"],
        fields=fields,
        words="".join(text + units.get(name, "") for name, text in texts.items()),
        card_quad=_quad(line["card_quad"]),
        result=line["result"],
        legality=line["legality"],
        cpu_ms=line["cpu_ms"],
        wall_ms=line["wall_ms"],
        peak_mb=line["peak_mb"],
    )


def _rapidocr_answer(line: Mapping[str, Any]) -> Answer:
    passes = [
        [Box(text, score, _quad(quad) or ()) for text, score, quad in boxes]
        for boxes in line["passes"]
    ]
    found = best_pass(passes)
    fields = {
        name: AnsweredField(f.text, f.confidence, None, f.quad, f.text)
        for name, f in found.fields.items()
    }
    return Answer(
        side=found.side,
        turn_degrees=found.turn_degrees if found.side else None,
        fields=fields,
        words=found.words,
        cpu_ms=line["cpu_ms"],
        first_cpu_ms=line["first_cpu_ms"],
        wall_ms=line["wall_ms"],
        peak_mb=line["peak_mb"],
    )
