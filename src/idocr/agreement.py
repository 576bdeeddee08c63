"""What a card says twice must agree: birth date and gender with the number, the two dates with a term.

Where they do not, and the reader saw a trace of the character that would make them agree, that is what
is printed: cards that contradict themselves are far rarer than doubtful digits. A trace is asked for
each character, so that a clear print that disagrees stays as it is, and its `logic` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from . import _core
from .fields import DIGITS, Draft, SideText
from .lines import Line, LineChar
from .rules import TERMS, parse_date

# Share of cards that contradict themselves, on purpose or by a slip: guessed, and on the safe side.
CONTRADICTING = 0.003
LEAST_TRACE = 0.004  # probability, against what was read, of each character that would agree
CLEAR = 5.0  # times likelier than any other dates that agree
LIKELY_DIGITS = 3  # of each place of a date
NOTE = "was doubtful, and told by what the card says elsewhere"


def _odds(piece: tuple[Line, LineChar], char: str) -> float:
    """Probability of a character against the one that was read."""
    line, read = piece
    return line.prob_at(read, char) / max(line.prob_at(read, read.text), 1e-9)


def _places(draft: Draft) -> list[tuple[Line, LineChar]]:
    """The draft's characters with their lines, a date's dots left out."""
    return [(line, c) for line, chars in draft.pieces for c in chars if c.text != "."]


def told(draft: Draft, text: str) -> Draft | None:
    """The draft with another text of its length; None where the reader saw no trace of it."""
    places = _places(draft)
    if not len(places) == len(text) == len(draft.text):
        return None
    odds = [
        _odds(place, char)
        for place, char in zip(places, text, strict=True)
        if char != place[1].text
    ]
    if not odds or min(odds) < LEAST_TRACE:
        return None
    against = math.prod(odds) / CONTRADICTING
    return _with(draft, text, against / (1 + against))


def _with(draft: Draft, text: str, confidence: float) -> Draft:
    """Characters that change are as sure as that the card agrees with itself."""
    wanted = iter(text)

    def changed(chars: Sequence[LineChar]) -> Iterator[LineChar]:
        for char in chars:
            new = char.text if char.text == "." else next(wanted)
            yield char if new == char.text else char._replace(text=new, confidence=confidence)

    pieces = tuple((line, tuple(changed(chars))) for line, chars in draft.pieces)
    return replace(draft, text=text, valid=None, pieces=pieces, notes=(*draft.notes, NOTE))


def _with_number(drafts: dict[str, Draft]) -> None:
    """Birth date and gender as the number has them, where it is whole and was not repaired by them."""
    number = drafts["id_number"]
    if number.repair or len(number.text) != 18 or _core.id_number_check(number.text) != 0:
        return
    year, month, day = number.text[6:10], number.text[10:12], number.text[12:14]
    expected = {
        "gender": "男" if int(number.text[16]) % 2 else "女",
        "birth_year": year,
        "birth_month": month,
        "birth_day": day,
    }
    for name, text in expected.items():
        draft = drafts.get(name)
        if draft is None or not draft.text or draft.text.zfill(len(text)) == text:
            continue
        plain = text.lstrip("0") if len(draft.text) < len(text) else text
        drafts[name] = told(draft, plain) or draft


def _with_term(drafts: dict[str, Draft]) -> None:
    """The two dates that are a term apart, where one pair is clearly likelier than all others."""
    both = [drafts[name] for name in ("valid_from", "valid_to")]
    start, end = (parse_date(draft.text) for draft in both)
    if any(len(d.text) != 8 or len(_places(d)) != 8 for d in both):
        return
    if start and end and TERMS.allow(start, end):
        return
    ranked = sorted(_pairs(both[0], both[1]), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] < CLEAR * ranked[1][0]):
        return
    _, *texts = ranked[0]
    mended = [
        draft if draft.text == text else told(draft, text)
        for draft, text in zip(both, texts, strict=True)
    ]
    if mended[0] and mended[1]:
        drafts["valid_from"], drafts["valid_to"] = mended[0], mended[1]


def _pairs(start: Draft, end: Draft) -> Iterator[tuple[float, str, str]]:
    """Pairs of dates of the same month and day a term apart, with their probability against what was read."""
    odds = [[{d: _odds(p, d) for d in DIGITS} for p in _places(draft)] for draft in (start, end)]
    years: dict[tuple[str, str], float] = {}
    for first in product(*(_likeliest(place) for place in odds[0][:4])):
        for term in TERMS.months:
            pair = "".join(first), f"{int(''.join(first)) + term // 12:04d}"
            years[pair] = math.prod(
                o[c] for o, c in zip(odds[0], pair[0], strict=False)
            ) * math.prod(o[c] for o, c in zip(odds[1], pair[1], strict=False))
    shared = [
        {d: a[d] * b[d] for d in DIGITS} for a, b in zip(odds[0][4:], odds[1][4:], strict=True)
    ]
    best_years = sorted(years.items(), key=lambda item: -item[1])[:LIKELY_DIGITS]
    for day in product(*(_likeliest(place) for place in shared)):
        probability = math.prod(place[d] for place, d in zip(shared, day, strict=True))
        for (first_year, last_year), own in best_years:
            texts = first_year + "".join(day), last_year + "".join(day)
            if all(parse_date(text) for text in texts):
                yield probability * own, *texts


def _likeliest(place: dict[str, float]) -> list[str]:
    return sorted(place, key=lambda digit: -place[digit])[:LIKELY_DIGITS]


def with_agreement(text: SideText) -> SideText:
    """The side's text with what is printed twice told by both places."""
    drafts = dict(text.drafts)
    if "id_number" in drafts:
        _with_number(drafts)
    elif {"valid_from", "valid_to"} <= drafts.keys():  # a temporary card's term is another
        _with_term(drafts)
    return replace(text, drafts=drafts)
