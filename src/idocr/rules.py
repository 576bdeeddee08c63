"""Cross-checks: what `logic` stands on (GB 11643, the identity card law, the shapes of names).

Rules add words to a field's `problems` and never change what was read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from . import _core
from .fields import AUTHORITY_ENDS, Draft, SideText
from .lines import is_han
from .reading import FIELD_NAMES, Side

_DIVISIONS = "省市区县州盟旗乡镇村街路道组号"
_PROBLEM_WORDS = (
    (1, "is not 18 characters long"),
    (2, "has a character other than a digit or a last X"),
    (4, "has no known region"),
    (8, "has no real birth date"),
    (16, "fails its check digit"),
)


def _number_problems(number: str) -> tuple[str, ...]:
    if not number:
        return ()
    flags = _core.id_number_check(number)
    return tuple(words for flag, words in _PROBLEM_WORDS if flags & flag)


def _check_portrait_side(drafts: dict[str, Draft]) -> None:
    number = drafts["id_number"]
    problems = _number_problems(number.text)
    drafts["id_number"] = number = replace(number, problems=(*number.problems, *problems))
    text = number.text
    if len(text) == 18 and text[:17].isdigit():
        printed = drafts["gender"].text
        if printed and printed != ("男" if int(text[16]) % 2 else "女"):
            drafts["gender"] = drafts["gender"].with_problem("disagrees with the number")
            drafts["id_number"] = drafts["id_number"].with_problem("disagrees with the gender")
        for name, part in (
            ("birth_year", text[6:10]),
            ("birth_month", text[10:12]),
            ("birth_day", text[12:14]),
        ):
            draft = drafts[name]
            if draft.text and int(draft.text) != int(part):
                drafts[name] = draft.with_problem("disagrees with the number")
    name = drafts["name"].text
    if name and not (2 <= len(name) <= 15 and all(is_han(c) or c == "·" for c in name)):
        drafts["name"] = drafts["name"].with_problem("is not 2 to 15 Han characters or ·")
    address = drafts["address"].text
    if address and not any(c in _DIVISIONS for c in address):
        drafts["address"] = drafts["address"].with_problem("names no division, street or village")


def parse_date(text: str) -> date | None:
    """A date written YYYYMMDD, None for anything else."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Terms:
    """How long a card may be valid."""

    months: tuple[int, ...]
    words: str  # what is wrong otherwise

    def allow(self, start: date, end: date) -> bool:
        """To the same day; the day before and 1 March after 29 February pass too."""
        for term in self.months:
            months = (end.year - start.year) * 12 + end.month - start.month - term
            if abs(months * 31 + end.day - start.day) <= 3:
                return True
        return False


TERMS = Terms((60, 120, 240), "are not 5, 10 or 20 years apart")
TEMPORARY_TERM = Terms((3,), "are not 3 months apart")


def _check_emblem_side(drafts: dict[str, Draft], terms: Terms) -> None:
    authority = drafts["issued_by"]
    if authority.text and not authority.text.endswith(AUTHORITY_ENDS):
        drafts["issued_by"] = authority.with_problem("is no public security organ")
    start = parse_date(drafts["valid_from"].text)
    end = parse_date(drafts["valid_to"].text)
    if start and end and not terms.allow(start, end):
        for name in ("valid_from", "valid_to"):
            drafts[name] = drafts[name].with_problem(terms.words)


def cross_check(text: SideText) -> dict[str, Draft]:
    """Every field of the side, with each rule that it breaks in its `problems`; texts stay as read.

    A temporary card has the fields of both sides on one.
    """
    is_temporary = text.side is Side.PORTRAIT and "issued_by" in text.drafts
    names = FIELD_NAMES[text.side] + (FIELD_NAMES[Side.EMBLEM] if is_temporary else ())
    checked = {name: text.drafts.get(name, Draft()) for name in names}
    if text.side is Side.PORTRAIT:
        _check_portrait_side(checked)
    if "issued_by" in checked:
        _check_emblem_side(checked, TEMPORARY_TERM if is_temporary else TERMS)
    for name, draft in checked.items():
        if draft.text and draft.text == draft.valid != draft.raw:
            checked[name] = draft.with_problem("was read under its rule, not freely")
    return checked
