"""The engine's own answer: every wire format maps from it.

All quadrilaterals are ((x, y), ...) in px of the picture as given (EXIF turn applied), in the order
left top, right top, right bottom, left bottom of the upright card. What a person's card says is
left out of every repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]


class Side(IntEnum):
    """Which side of the card; the numbers are Megvii's."""

    PORTRAIT = 0  # 人像面
    EMBLEM = 1  # 国徽面


FIELD_NAMES: dict[Side, tuple[str, ...]] = {
    Side.PORTRAIT: (
        "name",
        "gender",
        "ethnicity",
        "birth_year",
        "birth_month",
        "birth_day",
        "address",
        "id_number",
    ),
    Side.EMBLEM: ("issued_by", "valid_from", "valid_to"),
}
# What redaction can leave on a picture.
KEEPABLE = (*FIELD_NAMES[Side.PORTRAIT], *FIELD_NAMES[Side.EMBLEM], "portrait")


@dataclass(frozen=True, slots=True)
class Char:
    """One character as read."""

    text: str = field(repr=False)
    confidence: float  # probability that it is right, calibrated
    quad: Quad
    alternatives: tuple[tuple[str, float], ...] = field(
        repr=False, default=()
    )  # best first, itself included


@dataclass(frozen=True, slots=True)
class Measures:
    """Plain properties of a window of a field, each of full scale; `csrc/quality.h` defines them."""

    contrast: float
    sharpness: float
    glare: float
    brightness: float
    noise: float
    grain: float = 0.0
    paper_blue: float = 0.0  # tints are -1..1: blue and red less green
    paper_red: float = 0.0
    ink_blue: float = 0.0
    ink_red: float = 0.0


@dataclass(frozen=True, slots=True)
class Spoils:
    """What makes a field's print hard to see, each from 0 (nothing) to 1 (nothing left to read)."""

    glare: float = 0.0
    shadow: float = 0.0
    occlusion: float = 0.0
    stain: float = 0.0
    blur: float = 0.0
    low_resolution: float = 0.0


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the card.

    `text` is the answer, "" when nothing was read. `raw` is the best reading without any rule.
    `valid` is the best reading that keeps the field's rule (check digit and calendar, a date's
    grammar, a closed list), None when no such reading was looked for or found. Where `text` is not
    what was read freely, `logic` is 1, or `notes` say why no other text can be: a repaired character
    is never passed off as read.
    """

    name: str
    text: str = field(repr=False, default="")
    raw: str = field(repr=False, default="")
    valid: str | None = field(repr=False, default=None)
    confidence: float = 0.0  # probability that the text is right to the letter, calibrated
    quality: float = 0.0  # picture measure, 0..1
    logic: int = 0  # 1: the reading contradicts a rule or another field
    problems: tuple[str, ...] = ()  # which rules, in words, without the text
    notes: tuple[str, ...] = ()  # weak evidence against it, in words: no rule, and logic stays 0
    quad: Quad | None = None
    chars: tuple[Char, ...] = field(repr=False, default=())
    measures: tuple[Measures, ...] = ()  # windows of about one and a half characters, in order
    spoils: Spoils = Spoils()  # what stands behind a low quality
    features: tuple[float, ...] = ()  # what `confidence` was made of: confidence.FEATURES
    # The reading where `text` is "" because it is less sure than `max_error` asks for; `problems` says so.
    withheld: str = field(repr=False, default="")

    @property
    def repaired(self) -> bool:
        """True where the rule's reading differs from the free one."""
        return self.valid is not None and self.valid != self.raw

    @property
    def changed(self) -> tuple[int, ...]:
        """Positions at which `valid` differs from `raw`; empty when their lengths differ."""
        if self.valid is None or len(self.valid) != len(self.raw):
            return ()
        return tuple(i for i, (a, b) in enumerate(zip(self.raw, self.valid, strict=True)) if a != b)


@dataclass(frozen=True, slots=True)
class RepairEvidence:
    """One rule that a repaired number was held against."""

    rule: str
    agrees: bool  # the repaired number keeps it
    left: int  # numbers with other values at the repaired places that keep it and the rules before


@dataclass(frozen=True, slots=True)
class NumberRepair:
    """How a number that could not be right was mended, or why it was not.

    positions: places of `repaired` (0 to 17) whose character was not read there; erased: those of them
    where nothing legible stands. probability: of `repaired` against all else, also against a number
    that is printed wrong; second: the runner-up. unique: no other number that can exist has more than
    one chance in 10,000. applied: the field's text is `repaired`; else it stays as read.
    """

    raw: str = field(repr=False)
    repaired: str = field(repr=False)
    positions: tuple[int, ...]
    erased: tuple[int, ...]
    probability: float
    second: str = field(repr=False)
    second_probability: float
    unique: bool
    applied: bool
    evidence: tuple[RepairEvidence, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """The portrait, when a face is really there."""

    quad: Quad
    face_evidence: float  # 0..1, see judge.find_face
    jpeg: bytes = field(repr=False, default=b"")  # upright, on request only


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was found in one picture. `side` is None when there is no card in it."""

    side: Side | None
    size_px: tuple[int, int]  # width, height of the picture as given
    # The locator's view of the whole picture, probabilities: portrait, emblem, bilingual_portrait,
    # bilingual_emblem, temporary, permit_portrait, permit_emblem, permanent_residence, other_card, none.
    kinds: Mapping[str, float] = field(default_factory=dict)
    card_quad: Quad | None = None
    card_support: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # sides with a real edge
    turn_degrees: int = 0  # clockwise turn of the card in the picture, to the nearest quarter
    fields: Mapping[str, Field] = field(default_factory=dict)
    number_repair: NumberRepair | None = None  # where the number broke its rules as read
    portrait: Portrait | None = None
    legality: Mapping[str, float] = field(default_factory=dict)  # five probabilities, sum 1
    completeness: int = 0  # 0 whole; 1 cut, all text inside; 2 cut, text missing
    editor: str = field(repr=False, default="")  # as a picture editor signed the file's metadata
    card_jpeg: bytes = field(repr=False, default=b"")  # the upright card, on request only
    number_jpeg: bytes = field(repr=False, default=b"")  # the ID number's row, on request only
    stage_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        return self.side is not None

    @property
    def kind(self) -> str:
        """The likeliest of `kinds`: plain, bilingual or temporary card, permit, another card or none."""
        return max(self.kinds, key=lambda name: self.kinds[name], default="none")

    def text(self, name: str) -> str:
        """The text of a field, "" when this side has no such field or it was not read."""
        found = self.fields.get(name)
        return found.text if found else ""

    @property
    def birth_date(self) -> date | None:
        """The printed birth date, None when a part is missing or the day does not exist."""
        try:
            return date(*(int(self.text(f"birth_{part}")) for part in ("year", "month", "day")))
        except ValueError:
            return None
