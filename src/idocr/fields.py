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
from .layout import (
    EMBLEM_LABEL_END_MM,
    LABEL_END_MM,
    PORTRAIT_EDGE_MM,
    TEMPORARY_LABEL_END_MM,
)
from .lines import Line, LineChar, Match, is_han
from .median import median
from .reading import NumberRepair, Side

# A line is taken for the gender, birth or validity row if its grammar costs less than this against
# the free reading, by character: a real row costs under 1, any other text 5 and more.
MOST_COST_PER_CHAR = 2.5
# Lines whose characters are less probable than this on average are no Han print: another script, a
# pattern, a shadow.
LEAST_CONFIDENCE = 0.35
# Under a grammar: of 178 rows of 120 hard pictures two lie below, one of them misread; the one row of 60
# pictures without a card that fitted any had 0.21.
LEAST_MATCH_CONFIDENCE = 0.45
LEAST_BY_PORTRAIT = 0.6  # confidence of a character where the portrait's outline may be
LONG_NAME_END_MM = 38.0  # a name that reaches here may go on in a second line
VALUE_STEP = 1.2  # of the distance of a label's characters: what is nearer and doubtful is no value
LEAST_VALUE = 0.6  # confidence of what is not
LABEL_STEP = 1.35  # of the distance of a label's characters: what is farther is no part of it
SURE_SIGN = (
    0.9  # confidence of a digit or letter where a name stands: it may be part of a character
)
_NAME_DOTS = "·•・."
LEAST_DOTTED = 4  # Han characters of a name with a ·
LEAST_DOT = 0.05  # probability of a · where there is room for one
DOT_STEP = 1.08  # of the usual distance of Han characters: what leaves room for a ·
LEAST_DIGIT_PAIRS = 3  # of a line whose digits tell how far digits stand apart
DASH_STEP = 1.35  # of that distance: what leaves room for a -
DIGIT_EM = 0.55  # of that distance from a digit's middle begins the paper beside it
LEAST_ALONE = 0.8  # confidence of a digit that is a line of its own: specks are as narrow
SPECK_STEP = 1.12  # the same, where the reader saw none: dots leave 1.14 to 1.25, no dot to 1.1
SPECK_EM = 0.47  # of that distance from a character's middle begins the paper beside it
AUTHORITY_ENDS = ("公安局", "分局", "公安厅", "派出所", "管理局", "公安处")
# Who issues cards: a public security organ of any level or trade (森林公安局, 兵团 ... 公安局), a
# district's office of one (公安局海淀分局, 公安分局), and for foreigners the migration administration.
AUTHORITY = re.compile(
    r".{2,}公安(局|分局|厅|处|部|局.{1,9}(分局|派出所|管理局|公安处|公安局))|.{2,}(移民|出入境)管理局"
)
YEARS_VALID = (5, 10, 20)
EMBLEM_LABELS = "签发机关有效期限"
LEAST_TEMPORARY = (
    0.35  # share of these labels on the portrait side that speaks for a temporary card
)
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
    pieces: tuple[tuple[Line, tuple[LineChar, ...]], ...] = ()
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

    @property
    def evidence(self) -> int:
        """How many parts of the side's print were read: 0 is no such side, 2 and more is proof."""
        if self.side is Side.PORTRAIT:
            number = self.drafts["id_number"].text
            right = len(number) == 18 and _core.id_number_check(number) == 0
            # Tickets and passports have long numbers too: one that is not right must hold a year.
            dated = any(number[at : at + 2] in ("19", "20") for at in (5, 6, 7))
            seen = right + (len(number) >= 15 and (right or dated))
            return seen + ("gender" in self.drafts) + ("birth_year" in self.drafts)
        authority = self.drafts["issued_by"].text
        police = "公安" in authority and authority.endswith("局")
        other = authority.endswith(AUTHORITY_ENDS) and not police
        dates = 2 if self._has_term else int("valid_from" in self.drafts)
        return dates + 2 * police + other

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


def _best_match(lines: Sequence[Line], grammar: BoundGrammar) -> tuple[int, Match] | None:
    """The line that costs the grammar least, if it is that kind of line at all."""
    best: tuple[int, Match] | None = None
    for index, line in enumerate(lines):
        most_chars = len(line.steps.probs)  # no more than steps
        match = line.match(grammar, MOST_COST_PER_CHAR * most_chars)
        if match is None or match.cost > MOST_COST_PER_CHAR * len(match.chars):
            continue
        if _mean_confidence(match.chars) < LEAST_MATCH_CONFIDENCE:
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


def _without_label(
    chars: tuple[LineChar, ...], label: str, label_end_mm: float
) -> tuple[LineChar, ...]:
    """Drop a printed label from the start: by its text, else by its place.

    By its text also a little beyond its place: no name, address or authority begins like its label,
    and the corners may be a few mm off.
    """
    seen = 0
    for count, char in enumerate(chars[: len(label) + 1], start=1):
        if char.text in label and char.middle_mm < label_end_mm + 4.0:
            seen = count
            if count > 1 and char.text == label[-1]:  # a step farther the value begins
                begin_mm = char.middle_mm + VALUE_STEP * (
                    char.middle_mm - chars[count - 2].middle_mm
                )
                value = chars[count:]
                if value and value[0].middle_mm < begin_mm and value[0].confidence < LEAST_VALUE:
                    value = value[1:]
                return _without_rest(value, label)
    if not seen:
        return _without_rest((c for c in chars if c.middle_mm >= label_end_mm), label)
    if seen == 1 and len(label) == 2 and len(chars) > 2:
        first, second, third = chars[:3]
        is_second = third.middle_mm - second.middle_mm > LABEL_STEP * (
            second.middle_mm - first.middle_mm
        )
        if is_second and second.middle_mm < label_end_mm + 1.0:  # misread, and the value farther on
            seen = 2
    elif 1 < seen < len(label):  # its other characters follow at the same distance, misread
        step = (chars[seen - 1].middle_mm - chars[0].middle_mm) / (seen - 1)
        while seen < min(len(label), len(chars)):
            if chars[seen].middle_mm - chars[seen - 1].middle_mm > LABEL_STEP * step:
                break
            seen += 1
    # What is left of a label's last character stands well before any value.
    return _without_rest((c for c in chars[seen:] if c.middle_mm >= label_end_mm - 1.5), label)


def _without_rest(chars: Iterable[LineChar], label: str) -> tuple[LineChar, ...]:
    """Without a label's last character, where corners are off and it stands among the values.

    No name begins with 名 and no address with 址; authorities do with 关.
    """
    value = tuple(chars)
    is_rest = label in ("姓名", "住址") and bool(value) and value[0].text == label[-1]
    return value[1:] if is_rest else value


def _is_portrait_edge(char: LineChar) -> bool:
    """A doubtful character where the portrait's outline may be."""
    return char.middle_mm > PORTRAIT_EDGE_MM and char.confidence < LEAST_BY_PORTRAIT


def _mean_confidence(chars: Sequence[LineChar]) -> float:
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
    if len(raw) == 18 and _core.id_number_check(raw) == 0:
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
    pieces: list[tuple[Line, tuple[LineChar, ...]]] = []
    signs: dict[int, float] = {}
    for line in lines:
        value = _without_label(line.chars, "姓名", LABEL_END_MM)
        chars = tuple(c for c in value if is_han(c.text) or c.text in _NAME_DOTS)
        signs[id(line)] = max((c.confidence for c in value if c not in chars), default=0.0)
        chars = _with_faint_dots(line, chars)
        if any(is_han(c.text) for c in chars) and _mean_confidence(chars) > LEAST_CONFIDENCE:
            pieces.append((line, chars))
    if len(pieces) > 1 and not _is_long_name(pieces[0][1], [line for line, _ in pieces]):
        # Two lines that are not one long name: what stands beside the label, else the surer one.
        surest = max(
            pieces, key=lambda p: _mean_confidence(p[1]) + any(c in "姓名" for c in p[0].text)
        )
        pieces = [surest]
    text = "".join(
        "·" if c.text in _NAME_DOTS else c.text for _, chars in pieces for c in chars
    ).strip("·")
    has_signs = any(signs[id(line)] > SURE_SIGN for line, _ in pieces)
    problems = ("stands among signs that no name has",) if has_signs else ()
    return Draft(text, text, None, tuple(pieces), problems) if text else Draft()


def _with_faint_dots(line: Line, chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """A name's · is a few px: where its neighbours stand apart for it, a trace of it is enough."""
    han = [c for c in chars if is_han(c.text)]
    if len(han) < LEAST_DOTTED or len(han) < len(chars):
        return chars
    step = median(after.middle_mm - before.middle_mm for before, after in pairwise(han))
    traces = line.marks("·", LEAST_DOT)
    widest = max(range(1, len(han)), key=lambda i: han[i].middle_mm - han[i - 1].middle_mm)
    before, after = han[widest - 1], han[widest]
    apart = (after.middle_mm - before.middle_mm) / step
    left_mm, right_mm = before.middle_mm + step / 3, after.middle_mm - step / 3
    dots = [dot for dot in traces if left_mm < dot.middle_mm < right_mm and apart > DOT_STEP]
    if not dots and apart > SPECK_STEP and len(han) > LEAST_DOTTED:
        edge_mm = SPECK_EM * step
        dots = list(line.speck("·", before.middle_mm + edge_mm, after.middle_mm - edge_mm))
    return (*han[:widest], *dots[:1], *han[widest:])


def _with_faint_dashes(line: Line, chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """A house's 184-25: where two digits stand apart and something dark is between them."""
    digits = [(a, b) for a, b in pairwise(chars) if a.text in DIGITS and b.text in DIGITS]
    if len(digits) < LEAST_DIGIT_PAIRS:
        return chars
    step = median(b.middle_mm - a.middle_mm for a, b in digits)
    found = list(chars)
    for before, after in digits:
        if after.middle_mm - before.middle_mm > DASH_STEP * step:
            edge_mm = DIGIT_EM * step
            dash = line.speck("-", before.middle_mm + edge_mm, after.middle_mm - edge_mm)
            found[found.index(after) : found.index(after)] = dash
    return tuple(found)


def _is_long_name(first: Sequence[LineChar], lines: Sequence[Line]) -> bool:
    """Whether a name may go on in a second line: the first is full, and the second as high."""
    as_high = lines[1].row.height > 0.7 * lines[0].row.height
    return as_high and first[-1].right_mm > LONG_NAME_END_MM


def _has_gap(chars: Sequence[LineChar]) -> bool:
    """True where two neighbouring Han characters stand as far apart as if one were missing."""
    steps = [
        after.middle_mm - before.middle_mm
        for before, after in pairwise(chars)
        if is_han(before.text) and is_han(after.text)
    ]
    return len(steps) > 2 and max(steps) > 1.65 * median(steps)


def is_printed(char: str) -> bool:
    """Addresses and authorities are Han, digits, letters and a few signs."""
    return is_han(char) or char.isalnum() or char in "-—·#()（）、"


def _is_mostly_han(chars: Sequence[LineChar]) -> bool:
    return 2 * sum(is_han(c.text) for c in chars) > len(chars)


def _has_label(line: Line, label: str, label_end_mm: float) -> bool:
    return any(c.text in label and c.middle_mm < label_end_mm for c in line.chars[:2])


def _draft_joined(lines: Sequence[Line], label: str, label_end_mm: float) -> Draft:
    """Text that runs over several lines: address, issuing authority."""
    pieces: list[tuple[Line, tuple[LineChar, ...]]] = []
    labelled = [_has_label(line, label, label_end_mm) for line in lines]
    first = labelled.index(True) if any(labelled) else 0
    begin_mm = label_end_mm - 1.0
    for index, (line, has_label) in enumerate(zip(lines, labelled, strict=True)):
        chars = line.chars
        if index < first and not _is_mostly_han(chars):
            continue  # a label in a second script stands above
        if not pieces or has_label:
            chars = _without_label(chars, label, label_end_mm)
            if (
                has_label and chars
            ):  # the corners may be off: the lines below begin where this one does
                begin_mm = min(begin_mm, chars[0].middle_mm - 1.0)
        chars = tuple(c for c in chars if c.middle_mm > begin_mm and is_printed(c.text))
        if label == "住址" and len(chars) == 1 and chars[0].middle_mm > PORTRAIT_EDGE_MM:
            continue  # a corner of the portrait
        chars = _with_faint_dashes(line, chars)
        says_something = any(is_han(c.text) or c.text in DIGITS for c in chars)
        least = LEAST_ALONE if len(chars) == 1 and chars[0].text in DIGITS else LEAST_CONFIDENCE
        if says_something and _mean_confidence(chars) > least:
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
    gender = _best_match(rows, grammars.gender_row)
    birth = _best_match(rows, grammars.birth_row)
    if gender:
        drafts |= draft_gender_row(rows[gender[0]], gender[1])
    if birth:
        drafts |= draft_birth_row(rows[birth[0]], birth[1])
    above = gender[0] if gender else birth[0] if birth else 1
    below = birth[0] + 1 if birth else gender[0] + 2 if gender else 3
    end = next((i for i in range(below, len(rows)) if _begins_emblem_row(rows[i])), len(rows))
    drafts["name"] = _draft_name(rows[:above])
    drafts["address"] = _without_portrait(_draft_joined(rows[below:end], "住址", LABEL_END_MM))
    return SideText(Side.PORTRAIT, drafts, _emblem_label_share(rows))


def _begins_emblem_row(line: Line) -> bool:
    return sum(c in line.text[:5] for c in EMBLEM_LABELS) >= 2


def _emblem_label_share(rows: Sequence[Line]) -> float:
    seen = "".join(row.text[:4] for row in rows)
    return sum(c in seen for c in EMBLEM_LABELS) / len(EMBLEM_LABELS)


def with_temporary_rows(text: SideText, rows: Sequence[Line], grammars: Grammars) -> SideText:
    """A temporary card bears authority and validity beneath the address; rows: the card's lower half.

    The text as it was when the rows hold neither.
    """
    first = next((i for i, row in enumerate(rows) if _begins_emblem_row(row)), None)
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
    issued_by = _draft_joined(authority, "签发机关", TEMPORARY_LABEL_END_MM)
    if first and not is_authority(issued_by.text):  # its label may stand beside its second line
        longer = _draft_joined([rows[first - 1], *authority], "签发机关", TEMPORARY_LABEL_END_MM)
        if is_authority(longer.text):
            issued_by = longer
            drafts["address"] = _without_row(drafts["address"], rows[first - 1])
    drafts["issued_by"] = issued_by
    return SideText(Side.PORTRAIT, drafts, _emblem_label_share(rows))


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
    above = len(rows)
    if validity:
        above, match = validity
        drafts |= _validity_drafts(rows[above], match)
    drafts["issued_by"] = _draft_joined(rows[:above], "签发机关", EMBLEM_LABEL_END_MM)
    return SideText(Side.EMBLEM, drafts)


def _as_date(line: Line, chars: Sequence[LineChar]) -> Draft:
    """YYYY.MM.DD -> YYYYMMDD; 长期 stays."""
    draft = _draft_part(line, chars)
    return replace(
        draft,
        text=draft.text.replace(".", ""),
        raw=draft.raw.replace(".", ""),
        valid=None if draft.valid is None else draft.valid.replace(".", ""),
    )
