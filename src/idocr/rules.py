"""Cross-checks: what `logic` stands on (GB 11643, GB/T 3304, the identity card law, shapes of text).

Rules add words to a field's `problems`, or to its `notes` where the evidence is weak, and never
change what was read. No rule asks for today's date: the same picture gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from .ethnic_groups import ETHNIC_GROUPS
from .fields import Draft, SideText, is_authority, is_printed
from .id_number import InvalidFormat, problems, reasons, region_of
from .lines import is_han
from .reading import FIELD_NAMES, Side

_DIVISIONS = "省市区县州盟旗乡镇村街路道组号"
FIRST_YEAR, LAST_YEAR = 1880, 2099  # of birth, as in csrc/id_number.h
FOR_GOOD = "长期"


# ---- rules of one field: each takes a text that is not empty, gives words for what is wrong --------


DOTTED_GROUPS = frozenset(("维吾尔", "哈萨克", "柯尔克孜", "乌孜别克", "塔吉克", "塔塔尔"))
LEAST_DOTTED = 5  # characters
SURE_ALONE = (
    0.9  # confidence of each character of a number beside which neither gender nor birth was read
)


def _name(text: str) -> Iterator[str]:
    if not (2 <= len(text) <= 15 and all(is_han(c) or c == "·" for c in text)):
        yield "is not 2 to 15 Han characters or ·"
    if "" in text.split("·"):
        yield "has a · that joins nothing"


def _gender(text: str) -> Iterator[str]:
    if text not in ("男", "女"):
        yield "is neither 男 nor 女"


def _ethnicity(text: str) -> Iterator[str]:
    if text not in ETHNIC_GROUPS:
        yield "is no ethnic group of the list"


def _address(text: str) -> Iterator[str]:
    """GA/T 490 has room for 35 characters; the shortest address is a village of a county."""
    if not any(c in _DIVISIONS for c in text):
        yield "names no division, street or village"
    if not 6 <= len(text) <= 35:
        yield "is not 6 to 35 characters long"
    if not is_han(text[0]):
        yield "begins with no Han character"
    if not all(is_printed(c) for c in text):
        yield "has a character that no address has"


def _issued_by(text: str) -> Iterator[str]:
    if not is_authority(text):
        yield "is no public security organ"
    elif not (5 <= len(text) <= 15 and all(is_han(c) for c in text)):
        yield "is not 5 to 15 Han characters"


def _number_in(first: int, last: int, words: str) -> Callable[[str], Iterator[str]]:
    def rule(text: str) -> Iterator[str]:
        if not (text.isascii() and text.isdigit() and first <= int(text) <= last):
            yield words

    return rule


def _id_number(text: str) -> Iterator[str]:
    yield from reasons(problems(text, as_of=date.max, known_region=True))


RULES: dict[str, Callable[[str], Iterator[str]]] = {
    "name": _name,
    "gender": _gender,
    "ethnicity": _ethnicity,
    "birth_year": _number_in(FIRST_YEAR, LAST_YEAR, "is no year of birth"),
    "birth_month": _number_in(1, 12, "is no month"),
    "birth_day": _number_in(1, 31, "is no day"),
    "address": _address,
    "id_number": _id_number,
    "issued_by": _issued_by,
}


# ---- rules between fields ---------------------------------------------------------------------------


def _check_number_against_print(drafts: dict[str, Draft]) -> None:
    """Gender against digit 17, each birth part on its own against digits 7 to 14 (Megvii's `logic`)."""
    number = drafts["id_number"].text
    if len(number) != 18 or not (number.isascii() and number[:17].isdigit()):
        return
    number_problems: set[str] = set()
    printed = drafts["gender"].text
    if printed and printed != ("男" if int(number[16]) % 2 else "女"):
        drafts["gender"] = drafts["gender"].with_problem("disagrees with the number")
        number_problems.add("disagrees with the gender")
    for name, part in (
        ("birth_year", number[6:10]),
        ("birth_month", number[10:12]),
        ("birth_day", number[12:14]),
    ):
        draft = drafts[name]
        if draft.text and draft.text.zfill(len(part)) != part:
            drafts[name] = draft.with_problem("disagrees with the number")
            number_problems.add("disagrees with the birth date")
    drafts["id_number"] = drafts["id_number"].with_problem(*sorted(number_problems))


def _doubt_number_alone(drafts: dict[str, Draft]) -> None:
    """Two digits misread keep the check digit once in eleven times: without gender and birth, which would
    tell, each has to be sure."""
    number = drafts["id_number"]
    told = any(drafts[name].text for name in ("gender", "birth_year", "birth_month", "birth_day"))
    if not told and number.chars and min(c.confidence for c in number.chars) < SURE_ALONE:
        drafts["id_number"] = number.with_problem("is doubtful, and no other print confirms it")


def _check_birth_date(drafts: dict[str, Draft]) -> None:
    """30 February: each part can be, the day cannot."""
    parts = [drafts[f"birth_{part}"] for part in ("year", "month", "day")]
    if all(draft.text and not draft.problems for draft in parts):
        try:
            date(*(int(draft.text) for draft in parts))
        except ValueError:
            drafts["birth_day"] = drafts["birth_day"].with_problem("is no day of this month")


def _check_dot(drafts: dict[str, Draft]) -> None:
    """A dot of a few px is easily missed; these peoples' names have one between two parts."""
    name = drafts["name"]
    is_long = len(name.text) >= LEAST_DOTTED and "·" not in name.text
    if is_long and drafts["ethnicity"].text in DOTTED_GROUPS:
        drafts["name"] = name.with_problem("is as long as a name with a · and has none")


def _note_region(drafts: dict[str, Draft]) -> None:
    """A code known only in other years: weak, for lists differ and children are registered late."""
    number = drafts["id_number"]
    try:
        region = region_of(number.text)
    except InvalidFormat:
        return
    if region and not region.in_force:
        note = "has a region code of other years than the birth's"
        drafts["id_number"] = replace(number, notes=(*number.notes, note))


# ---- validity ---------------------------------------------------------------------------------------


def parse_date(text: str) -> date | None:
    """YYYYMMDD as a date, None for 长期 and for what is no day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Terms:
    """How long a card may be valid."""

    months: tuple[int, ...]
    words: str  # what is wrong otherwise

    def term(self, start: date, end: date) -> int | None:
        """The term in months that two dates are apart, None where no term is.

        To the same day; the day before and 1 March after 29 February pass too.
        """
        for term in self.months:
            months = (end.year - start.year) * 12 + end.month - start.month - term
            if abs(months * 31 + end.day - start.day) <= 3:
                return term
        return None

    def allow(self, start: date, end: date) -> bool:
        """Whether two dates are one of the terms apart."""
        return self.term(start, end) is not None


TERMS = Terms((60, 120, 240), "are not 5, 10 or 20 years apart")
TEMPORARY_TERM = Terms((3,), "are not 3 months apart")
BOTH_DATES = ("valid_from", "valid_to")


def _check_validity(drafts: dict[str, Draft], terms: Terms) -> None:
    """Real dates, in order, 5, 10 or 20 years apart or 长期; a temporary card's 3 months apart."""
    is_temporary = terms is TEMPORARY_TERM
    for name in BOTH_DATES:
        draft = drafts[name]
        for_good = draft.text == FOR_GOOD and name == "valid_to"
        if draft.text and not for_good and not parse_date(draft.text):
            drafts[name] = draft.with_problem("is no real date")
        if for_good and is_temporary:
            drafts[name] = draft.with_problem("is not for a temporary card")
    start, end = (parse_date(drafts[name].text) for name in BOTH_DATES)
    if start and end and not terms.term(start, end):
        words = terms.words if start < end else "are in the wrong order"
        for name in BOTH_DATES:
            drafts[name] = drafts[name].with_problem(words)


# ---- all of them ------------------------------------------------------------------------------------


def cross_check(text: SideText) -> dict[str, Draft]:
    """Every field of the side, with each rule that it breaks in its `problems`; texts stay as read.

    A temporary card has the fields of both sides on one.
    """
    is_temporary = text.side is Side.PORTRAIT and "issued_by" in text.drafts
    names = FIELD_NAMES[text.side] + (FIELD_NAMES[Side.EMBLEM] if is_temporary else ())
    checked = {name: text.drafts.get(name, Draft()) for name in names}
    for name, draft in checked.items():
        if draft.text and name in RULES:
            checked[name] = draft.with_problem(*RULES[name](draft.text))
    if text.side is Side.PORTRAIT:
        _check_birth_date(checked)
        _check_number_against_print(checked)
        _doubt_number_alone(checked)
        _note_region(checked)
        _check_dot(checked)
    if "issued_by" in checked:
        _check_validity(checked, TEMPORARY_TERM if is_temporary else TERMS)
    for name, draft in checked.items():
        if draft.text and draft.text == draft.valid != draft.raw:
            checked[name] = _tell_mended(draft)
    return checked


def _tell_mended(draft: Draft) -> Draft:
    """A text that was not read freely: only a repair that leaves no other number is no problem."""
    if draft.repair is None:
        return draft.with_problem("was read under its rule, not freely")
    if not draft.repair.unique:
        return draft.with_problem("was repaired, and another number is not ruled out")
    return replace(draft, notes=(*draft.notes, "was repaired: no other number can be"))
