"""From lines to fields: which line is which, text under closed lists and grammars, cross-checks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import ClassVar

from . import _core
from .ethnic_groups import ETHNIC_GROUPS
from .grammar import BoundGrammar, Grammar
from .labels import (
    ADDRESS_LABEL,
    AUTHORITY_LABEL,
    NAME_LABEL,
    begins_emblem_row,
    begins_term_row,
    emblem_label_share,
    has_label,
    without_label,
)
from .layout import (
    EMBLEM_LABEL_END_MM,
    LABEL_END_MM,
    PORTRAIT_EDGE_MM,
    TEMPORARY_LABEL_END_MM,
)
from .lines import Line, LineChar, Match, is_han
from .marks import with_faint_dashes, with_faint_dots
from .median import median
from .reading import FIELD_NAMES, NumberRepair, Side
from .strays import Piece, is_astray, without_margin, without_strays

# A line is taken for the gender, birth or validity row if its grammar costs less than this against
# the free reading, by character: a real row costs under 1, any other text 5 and more.
MOST_COST_PER_CHAR = 2.5
# Lines whose characters are less probable than this on average are no Han print: another script, a
# pattern, a shadow.
LEAST_CONFIDENCE = 0.35
# Under a grammar: of 178 rows of 120 hard pictures two lie below, one of them misread; the one row of 60
# pictures without a card that fitted any had 0.21.
LEAST_MATCH_CONFIDENCE = 0.45
LEAST_BESIDE_OTHERS = 0.3  # the same on a card whose number is right, or that has the other row
LEAST_BY_PORTRAIT = 0.6  # confidence of a character where the portrait's outline may be
LONG_NAME_END_MM = 38.0  # a name that reaches here may go on in a second line
LONG_NAME_INDENT_MM = 2.0  # of that line against the first, at most
SURE_SECOND_LINE = 0.8  # confidence of its characters where the line is lower than the first
SURE_SIGN = (
    0.9  # confidence of a digit or letter where a name stands: it may be part of a character
)
ROW_LABELS = ("性别", "民族", "出生")  # in no name
_NAME_DOTS = "·•・."
LEAST_ALONE = 0.8  # confidence of a digit that is a line of its own: specks are as narrow
AUTHORITY_ENDS = ("公安局", "分局", "公安厅", "派出所", "管理局", "公安处")
# Who issues cards: a public security organ of any level or trade (森林公安局, 兵团 ... 公安局), a
# district's office of one (公安局海淀分局, 公安分局), and for foreigners the migration administration.
AUTHORITY = re.compile(
    r".{2,}公安(局|分局|厅|处|部|局.{1,9}(分局|派出所|管理局|公安处|公安局))|.{2,}(移民|出入境)管理局"
)
YEARS_VALID = (5, 10, 20)
LEAST_TEMPORARY = (
    0.35  # share of these labels on the portrait side that speaks for a temporary card
)
MOST_LABELS = 0.7  # share of them that is a sign of the emblem side
SURE_TERM = 0.7  # confidence of the dates' characters, to prove a side
SURE_FILLED = 0.6  # confidence of a field's characters that only a second look at the rows found
DIGITS = "0123456789"
NUMBER_ALPHABET = DIGITS + "X"
NUMBER_LENGTH = 18


@dataclass(frozen=True)
class Draft:
    """A field's text and where it stands; judged later. `pieces`: characters, line by line.

    `problems` are rules broken, which `logic` stands on; `notes` are weak evidence, which it does not.
    """

    text: str = ""
    raw: str = ""
    valid: str | None = None
    pieces: tuple[Piece, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repair: NumberRepair | None = None  # of the number, by repair.py

    @cached_property
    def chars(self) -> tuple[LineChar, ...]:
        return tuple(c for _, chars in self.pieces for c in chars)

    def with_problem(self, *problems: str) -> Draft:
        return replace(self, problems=(*self.problems, *problems))


@dataclass(frozen=True)
class SideText:
    """What was read on a card that was taken for one of the two sides."""

    side: Side
    drafts: Mapping[str, Draft]
    # Share of the emblem side's label characters that begin rows of the portrait side: a temporary
    # card has both.
    temporary: float = 0.0
    labels: float = 0.0  # on the emblem side, the same share

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields of this side, but for the number, that were not read."""
        others = (name for name in FIELD_NAMES[self.side] if name != "id_number")
        return tuple(name for name in others if not self.drafts.get(name, Draft()).text)

    def filled_from(self, other: SideText) -> SideText:
        """With the fields that were missing as another reading of the same side has them, if it is sure.

        Rows tell which they are by the gender's and the birth's: without either only the number counts.
        """
        rows = {"gender", "birth_year"}
        if rows <= set(self.missing) and not rows <= set(other.missing):
            return replace(other, drafts={**other.drafts, "id_number": self.drafts["id_number"]})
        found = {name: other.drafts.get(name, Draft()) for name in self.missing}
        sure = {n: d for n, d in found.items() if mean_confidence(d.chars) > SURE_FILLED}
        return replace(self, drafts={**self.drafts, **sure})

    @property
    def evidence(self) -> int:
        """How many parts of the side's print were read: 0 is no such side, 2 and more is proof."""
        if self.side is Side.PORTRAIT:
            number = self.drafts["id_number"].text
            right = _is_right(number)
            # Tickets and passports have long numbers too: one that is not right must hold a year.
            dated = any(number[at : at + 2] in ("19", "20") for at in (5, 6, 7))
            seen = right + (len(number) >= 15 and (right or dated))
            return seen + ("gender" in self.drafts) + ("birth_year" in self.drafts)
        authority = self.drafts["issued_by"].text
        police = "公安" in authority and authority.endswith("局")
        other = authority.endswith(AUTHORITY_ENDS) and not police
        dates = 2 if self._has_term and self._is_term_sure else int("valid_from" in self.drafts)
        return dates + 2 * police + other + (self.labels > MOST_LABELS)

    @property
    def _is_term_sure(self) -> bool:
        """Whether its digits were read as such: textures can be read as dates, but hardly."""
        chars = [c for n in ("valid_from", "valid_to") for c in self.drafts.get(n, Draft()).chars]
        return not chars or mean_confidence(chars) > SURE_TERM

    @property
    def _has_term(self) -> bool:
        """Whether the two dates are as many years apart as a card's: other papers have dates too."""
        start, end = (self.drafts.get(name, Draft()).text for name in ("valid_from", "valid_to"))
        if not (start[:4].isdigit() and end):
            return False
        return end == "长期" or int(end[:4]) - int(start[:4]) in YEARS_VALID


class Grammars:
    """The card's grammars, bound to one recogniser's common classes."""

    UNBOUND: ClassVar[dict[str, Callable[[], Grammar]]] = {
        "id_number": Grammar.id_number,
        "gender_row": cache(lambda: Grammar.gender_row(ETHNIC_GROUPS)),
        "birth_row": Grammar.birth_row,
        "validity_row": Grammar.validity_row,
    }

    def __init__(self, class_of: Mapping[str, int]) -> None:
        bound = {name: make().bind(class_of) for name, make in self.UNBOUND.items()}
        self.id_number = bound["id_number"]
        self.gender_row = bound["gender_row"]
        self.birth_row = bound["birth_row"]
        self.validity_row = bound["validity_row"]

    @classmethod
    def characters(cls) -> frozenset[str]:
        """All that the grammars may say: the recogniser's common characters."""
        codes = {code for make in cls.UNBOUND.values() for code in make().edges[:, 2].tolist()}
        return frozenset(map(chr, codes)) | frozenset(NUMBER_ALPHABET + "·")


# ---- lines -> drafts ------------------------------------------------------------------------------


def _text(chars: Iterable[LineChar]) -> str:
    return "".join(c.text for c in chars)


def _best_match(
    lines: Sequence[Line], grammar: BoundGrammar, least: float = LEAST_MATCH_CONFIDENCE
) -> tuple[int, Match] | None:
    """The line that costs the grammar least, if it is that kind of line at all."""
    best: tuple[int, Match] | None = None
    for index, line in enumerate(lines):
        most_chars = len(line.steps.probs)  # no more than steps
        match = line.match(grammar, MOST_COST_PER_CHAR * most_chars)
        if match is None or match.cost > MOST_COST_PER_CHAR * len(match.chars):
            continue
        if mean_confidence(match.chars) < least:
            continue
        if best is None or match.cost < best[1].cost:
            best = (index, match)
    return best


def _draft_part(line: Line, chars: Sequence[LineChar]) -> Draft:
    """A part of a line that was read under a grammar, beside the free reading of the same place."""
    if not chars:
        return Draft()
    left, right = chars[0].left_mm, chars[-1].right_mm
    free = tuple(c for c in line.chars if left < c.middle_mm < right)
    # The free reading carries the alternatives; its characters serve where both agree.
    kept = free if _text(free) == _text(chars) else tuple(chars)
    return Draft(_text(chars), _text(free), _text(chars), ((line, kept),))


def _is_portrait_edge(char: LineChar) -> bool:
    """A doubtful character where the portrait's outline may be."""
    return char.middle_mm > PORTRAIT_EDGE_MM and char.confidence < LEAST_BY_PORTRAIT


def mean_confidence(chars: Sequence[LineChar]) -> float:
    return sum(c.confidence for c in chars) / len(chars) if chars else 0.0


def draft_gender_row(line: Line, match: Match) -> dict[str, Draft]:
    at = next(i for i, c in enumerate(match.chars) if c.text in "男女")
    rest = match.chars[at + 1 :]
    while rest and rest[0].text in "民族" and len(rest) > 1:
        rest = rest[1:]
    return {
        "gender": _draft_part(line, match.chars[at : at + 1]),
        "ethnicity": _draft_part(line, rest),
    }


def draft_birth_row(line: Line, match: Match) -> dict[str, Draft]:
    drafts = {}
    digits: list[LineChar] = []
    marks = {"年": "birth_year", "月": "birth_month", "日": "birth_day"}
    for char in match.chars:
        if char.text in DIGITS:
            digits.append(char)
        elif char.text in marks:
            drafts[marks[char.text]] = _draft_part(line, digits)
            digits = []
    if digits:  # 日 was cut off
        drafts["birth_day"] = _draft_part(line, digits)
    return drafts


def _is_right(number: str) -> bool:
    return len(number) == NUMBER_LENGTH and _core.id_number_check(number) == 0


def draft_number(lines: Sequence[Line], grammars: Grammars) -> Draft:
    """The number as read; beside it, when it cannot be right, the best number that can be."""
    best: tuple[int, Line, tuple[LineChar, ...]] | None = None
    for line in lines:
        chars = line.chars_in(NUMBER_ALPHABET)
        likeness = -abs(len(chars) - 18)
        if len(chars) >= 6 and (best is None or likeness > best[0]):
            best = (likeness, line, chars)
    if best is None:
        return Draft()
    _, line, chars = best
    chars = _most_even(chars)
    raw = _text(chars)
    if _is_right(raw):
        return Draft(raw, raw, raw, ((line, chars),))
    match = line.match(grammars.id_number)
    if match is None:
        return Draft(raw, raw, None, ((line, chars),))
    at = raw.find(match.text)
    if at >= 0:  # only a stroke of the label or a fold beside the number was too much
        return Draft(match.text, match.text, match.text, ((line, chars[at : at + 18]),))
    return Draft(raw, raw, match.text, ((line, chars),))


def _most_even(chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """Of more than 18 characters in a row the 18 that stand most evenly: the rest is of a label."""
    if len(chars) <= NUMBER_LENGTH:
        return chars

    def evenness(begin: int) -> float:
        window = chars[begin : begin + NUMBER_LENGTH]
        steps = [b.middle_mm - a.middle_mm for a, b in pairwise(window)]
        usual = max(median(steps), 1e-6)
        doubt = sum(1 - c.confidence for c in window)
        return -doubt - sum(abs(step / usual - 1) for step in steps)

    begin = max(range(len(chars) - NUMBER_LENGTH + 1), key=evenness)
    return chars[begin : begin + NUMBER_LENGTH]


def _draft_name(lines: Sequence[Line]) -> Draft:
    """The Han lines above the gender row: one, or two for a long name; a second script is left out."""
    pieces: list[Piece] = []
    signs: dict[int, float] = {}
    for line in lines:
        if any(label in line.text for label in ROW_LABELS):
            continue  # of a row that glare or a finger hides in part
        value = without_label(line.chars, NAME_LABEL, LABEL_END_MM)
        chars = tuple(c for c in value if is_han(c.text) or c.text in _NAME_DOTS)
        signs[id(line)] = max((c.confidence for c in value if c not in chars), default=0.0)
        chars = without_strays(with_faint_dots(line, chars))
        if any(is_han(c.text) for c in chars) and mean_confidence(chars) > LEAST_CONFIDENCE:
            pieces.append((line, chars))
    if len(pieces) > 1 and not _is_long_name(pieces[0][1], [line for line, _ in pieces]):
        # Two lines that are not one long name: what stands beside the label, else the surer one.
        surest = max(
            pieces, key=lambda p: mean_confidence(p[1]) + any(c in "姓名" for c in p[0].text)
        )
        pieces = [surest]
    text = "".join(
        "·" if c.text in _NAME_DOTS else c.text for _, chars in pieces for c in chars
    ).strip("·")
    has_signs = any(signs[id(line)] > SURE_SIGN for line, _ in pieces)
    problems = ("stands among signs that no name has",) if has_signs else ()
    return Draft(text, text, None, tuple(pieces), problems) if text else Draft()


def _is_long_name(first: Sequence[LineChar], lines: Sequence[Line]) -> bool:
    """Whether a name may go on in a second line: the first is full, and both are as high.

    A line of one or two low characters is less high, but begins where the first does.
    """
    low, high = sorted(line.row.height for line in lines[:2])
    second = [c for c in lines[1].chars if is_han(c.text)]
    is_below = bool(second) and abs(second[0].left_mm - first[0].left_mm) < LONG_NAME_INDENT_MM
    is_sure = is_below and min(c.confidence for c in second) > SURE_SECOND_LINE
    return (low > 0.7 * high or is_sure) and first[-1].right_mm > LONG_NAME_END_MM


def _has_gap(chars: Sequence[LineChar]) -> bool:
    """True where two neighbouring Han characters stand as far apart as if one were missing."""
    steps = [
        after.middle_mm - before.middle_mm
        for before, after in pairwise(chars)
        if is_han(before.text) and is_han(after.text)
    ]
    return len(steps) > 2 and max(steps) > 1.65 * median(steps)


def is_printed(char: str) -> bool:
    """Addresses are Han, digits, letters and a few signs."""
    return is_han(char) or char.isalnum() or char in "-—#()（）、"


def _is_of_authority(char: str) -> bool:
    return is_han(char) or char in "()（）"


def _is_mostly_han(chars: Sequence[LineChar]) -> bool:
    return 2 * sum(is_han(c.text) for c in chars) > len(chars)


def _draft_joined(lines: Sequence[Line], label: str, label_end_mm: float) -> Draft:
    """Text that runs over several lines: address, issuing authority."""
    pieces: list[Piece] = []
    labelled = [has_label(line, label, label_end_mm) for line in lines]
    first = labelled.index(True) if any(labelled) else 0
    begin_mm = label_end_mm - 1.0
    is_value = _is_of_authority if label == AUTHORITY_LABEL else is_printed
    for index, (line, is_labelled) in enumerate(zip(lines, labelled, strict=True)):
        chars = line.chars
        if index < first and not _is_mostly_han(chars):
            continue  # a label in a second script stands above
        if not pieces or is_labelled:
            chars = without_label(chars, label, label_end_mm)
            if (
                is_labelled and chars
            ):  # the corners may be off: the lines below begin where this one does
                begin_mm = min(begin_mm, chars[0].middle_mm - 1.0)
        chars = tuple(c for c in chars if c.middle_mm > begin_mm and is_value(c.text))
        if label == ADDRESS_LABEL and len(chars) == 1 and chars[0].middle_mm > PORTRAIT_EDGE_MM:
            continue  # a corner of the portrait
        chars = without_strays(with_faint_dashes(line, chars))
        if pieces:
            chars = without_margin(chars, pieces[0][1])
        says_something = any(is_han(c.text) or c.text in DIGITS for c in chars)
        least = LEAST_ALONE if len(chars) == 1 and chars[0].text in DIGITS else LEAST_CONFIDENCE
        if not says_something or (pieces and is_astray((line, chars), pieces)):
            continue
        if mean_confidence(chars) > least:
            pieces.append((line, chars))
    text = "".join(_text(chars) for _, chars in pieces)
    gap = ("has a gap as wide as a character",) if any(_has_gap(c) for _, c in pieces) else ()
    return Draft(text, text, None, tuple(pieces), gap)


def _without_portrait(draft: Draft) -> Draft:
    """Drop what the portrait's outline left at the ends of lines."""
    kept = tuple(
        (line, tuple(c for c in chars if not (c is chars[-1] and _is_portrait_edge(c))))
        for line, chars in draft.pieces
    )
    text = "".join(_text(chars) for _, chars in kept)
    return replace(draft, text=text, raw=text, pieces=tuple(p for p in kept if p[1]))


def draft_portrait_side(
    rows: Sequence[Line], number_rows: Sequence[Line], grammars: Grammars
) -> SideText:
    """rows: name to address, top to bottom; number_rows: candidates for the number."""
    # Corners that are off by some mm leave the number above its place, as if it were of the address.
    number_like = [row for row in rows if sum(c in NUMBER_ALPHABET for c in row.text) >= 15]
    drafts = {"id_number": draft_number([*number_rows, *number_like], grammars)}
    number_top = (
        drafts["id_number"].pieces[0][0].row.top if drafts["id_number"].pieces else math.inf
    )
    rows = [row for row in rows if row.row.bottom < number_top + 1.0]
    is_card = _is_right(drafts["id_number"].text)
    least = LEAST_BESIDE_OTHERS if is_card else LEAST_MATCH_CONFIDENCE
    birth = _best_match(rows, grammars.birth_row, least)
    least = LEAST_BESIDE_OTHERS if birth else least
    gender = _best_match(rows[: birth[0]] if birth else rows, grammars.gender_row, least)
    if gender:
        drafts |= draft_gender_row(rows[gender[0]], gender[1])
    if birth:
        drafts |= draft_birth_row(rows[birth[0]], birth[1])
    above = gender[0] if gender else birth[0] if birth else 1
    below = birth[0] + 1 if birth else gender[0] + 2 if gender else 3
    end = next((i for i in range(below, len(rows)) if begins_emblem_row(rows[i])), len(rows))
    drafts["name"] = _draft_name(rows[:above])
    drafts["address"] = _without_portrait(
        _draft_joined(rows[below:end], ADDRESS_LABEL, LABEL_END_MM)
    )
    return SideText(Side.PORTRAIT, drafts, emblem_label_share(rows))


def with_temporary_rows(text: SideText, rows: Sequence[Line], grammars: Grammars) -> SideText:
    """A temporary card bears authority and validity beneath the address; rows: the card's lower half.

    The text as it was when the rows hold neither.
    """
    first = next((i for i, row in enumerate(rows) if begins_emblem_row(row)), None)
    if first is None:
        return text
    number = text.drafts["id_number"]
    number_top = number.pieces[0][0].row.top if number.pieces else math.inf
    validity = _best_match(rows[first:], grammars.validity_row)
    drafts = dict(text.drafts)
    authority = rows[first:]
    if validity:
        drafts |= _validity_drafts(rows[first + validity[0]], validity[1])
        authority = rows[first : first + validity[0]]
    authority = [row for row in authority if row.row.bottom < number_top + 1.0]
    issued_by = _draft_joined(authority, AUTHORITY_LABEL, TEMPORARY_LABEL_END_MM)
    if first and not is_authority(issued_by.text):  # its label may stand beside its second line
        longer = _draft_joined(
            [rows[first - 1], *authority], AUTHORITY_LABEL, TEMPORARY_LABEL_END_MM
        )
        if is_authority(longer.text):
            issued_by = longer
            drafts["address"] = _without_row(drafts["address"], rows[first - 1])
    drafts["issued_by"] = issued_by
    return SideText(Side.PORTRAIT, drafts, emblem_label_share(rows))


def is_authority(text: str) -> bool:
    """Whether a text is a whole authority's name: a place, and what organ of it."""
    return bool(AUTHORITY.fullmatch(text))


def _without_row(draft: Draft, row: Line) -> Draft:
    """The draft without the lines that stand where a row does."""
    middle = (row.row.top + row.row.bottom) / 2
    kept = tuple(
        (line, chars) for line, chars in draft.pieces if not line.row.top < middle < line.row.bottom
    )
    text = "".join(_text(chars) for _, chars in kept)
    return replace(draft, text=text, raw=text, pieces=kept)


def _bears_number(rows: Sequence[Line]) -> bool:
    """Whether an ID number stands among the rows: then this is no emblem side."""
    return any(sum(c.isdigit() for c in row.text) >= 15 and "." not in row.text for row in rows)


def _validity_drafts(line: Line, match: Match) -> dict[str, Draft]:
    digits = [i for i, c in enumerate(match.chars) if c.text in DIGITS]
    begin, end = match.chars[digits[0] : digits[7] + 1], match.chars[digits[7] + 1 :]
    end = end[1:] if end[0].text == "-" else end
    return {"valid_from": _as_date(line, begin), "valid_to": _as_date(line, end)}


def draft_emblem_side(rows: Sequence[Line], grammars: Grammars) -> SideText:
    drafts: dict[str, Draft] = {}
    if _bears_number(rows):
        return SideText(Side.EMBLEM, {"issued_by": Draft()})
    validity = _best_match(rows, grammars.validity_row)
    above = next((i for i, row in enumerate(rows) if begins_term_row(row)), len(rows))
    if validity:
        above, match = validity
        drafts |= _validity_drafts(rows[above], match)
    drafts["issued_by"] = _draft_joined(rows[:above], AUTHORITY_LABEL, EMBLEM_LABEL_END_MM)
    return SideText(Side.EMBLEM, drafts, labels=emblem_label_share(rows))


def _as_date(line: Line, chars: Sequence[LineChar]) -> Draft:
    """YYYY.MM.DD -> YYYYMMDD; 长期 stays."""
    draft = _draft_part(line, chars)
    return replace(
        draft,
        text=draft.text.replace(".", ""),
        raw=draft.raw.replace(".", ""),
        valid=None if draft.valid is None else draft.valid.replace(".", ""),
    )
