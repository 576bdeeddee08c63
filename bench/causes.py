"""Why a field is wrong, as far as truth and answer tell: each wrong field gets one cause, the first that
holds of a fixed list. What the picture did to a misread character is judged by rank: the strength
that is rarest among all pictures of the run, if it is among the strongest sixth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from answers import Case
from scores import align, misread_fields, side_is_right, width_px, worst_corner_px, wrong_fields

CORNERS_OFF = 0.01  # of the card's width: half a line of text at the far end
STRONG = 5 / 6  # quantile above which a strength is called the likely reason
# What makes print hard to read, by the generator's names; of the second kind less is worse.
MORE_IS_WORSE = (
    "shadow",
    "glare",
    "sleeve",
    "defocus_px",
    "motion_px",
    "noise",
    "wear",
    "bend",
    "finger_mm",
)
LESS_IS_WORSE = ("jpeg_quality", "exposure", "px_per_mm")


@dataclass(frozen=True)
class Failure:
    """One wrong field of one picture."""

    case: Case
    field: str
    cause: str


@dataclass
class Causes:
    """Wrong fields by cause, the most frequent first, in each set; and the pictures they are in."""

    fields: dict[str, dict[str, int]]
    pictures: dict[str, int]


class Sorter:
    """Sorts failures; knows how strong every strength is over all pictures."""

    def __init__(self, cases: Sequence[Case], alphabet: frozenset[str]) -> None:
        """alphabet: the recogniser's characters; empty: unknown, so never a cause."""
        self._alphabet = alphabet
        strengths = [_strengths(c) for c in cases if c.truth.is_card]
        names = sorted({name for s in strengths for name in s})
        self._ranked = {n: np.sort([s.get(n, _none(n)) for s in strengths]) for n in names}

    def failures(self, cases: Sequence[Case]) -> list[Failure]:
        """Every wrong or invented field, and one entry `(card)` where something was found in no card."""
        found = []
        for case in cases:
            if not case.truth.is_card:
                if case.answer.side is not None:
                    found.append(Failure(case, "(card)", "no card there, but one answered"))
                continue
            names = dict.fromkeys([*wrong_fields(case), *misread_fields(case)])
            found += [Failure(case, name, self.cause(case, name)) for name in names]
        return found

    def cause(self, case: Case, name: str) -> str:
        """Of a field that is wrong."""
        truth, answer = case.truth, case.answer
        if answer.side is None:
            return f"card not found{self._because(case)}"
        printed = truth.fields.get(name)
        geometry = (
            (not side_is_right(case), "wrong side"),
            (_turn_is_off(case), "wrong turn"),
            (printed is None, "answered, but not on the card"),
            (printed and not printed.seen, "covered or outside the picture, but answered"),
            (_corners_are_off(case), "corners off by more than 1 % of the width"),
        )
        cause = next((cause for holds, cause in geometry if holds), None)
        return cause or self._text_cause(case, truth.fields[name].text, answer.text(name))

    def _text_cause(self, case: Case, printed: str, read: str) -> str:
        missed = [a for a, b in align(printed, read) if a and a != b]
        cut = printed.startswith(read) or printed.endswith(read)
        long = read.startswith(printed) or read.endswith(printed)
        strange = bool(self._alphabet) and any(c not in self._alphabet for c in missed)
        torn = abs(len(read) - len(printed)) > max(2, len(printed) // 4)
        causes = (
            (not read, f"field not read{self._because(case)}"),
            (cut, "cut short: its beginning or end is missing"),
            (long, "too long: a row or pattern is taken for more of it"),
            (strange, "character outside the recogniser's alphabet"),
            (torn, "rows or characters lost or put in between"),
        )
        cause = next((cause for holds, cause in causes if holds), None)
        return cause or f"misread character{self._because(case)}"

    def _because(self, case: Case) -> str:
        """ ", with much X", or ", nothing stands out"."""
        ranks = {}
        for name, value in _strengths(case).items():
            values = self._ranked[name]
            rank = float(np.searchsorted(values, value, "left")) / len(values)
            ranks[name] = rank
        name = max(ranks, key=lambda n: ranks[n], default="")
        if not name or ranks[name] < STRONG:
            return ", nothing stands out"
        return f", with {'little' if name in LESS_IS_WORSE else 'much'} {name}"


def _none(name: str) -> float:
    """The value of a strength that a picture does not mention: none of it."""
    return -np.inf if name in LESS_IS_WORSE else 0.0


def _strengths(case: Case) -> dict[str, float]:
    """Those that matter, the greater the worse."""
    given = case.truth.strengths
    found = {name: given[name] for name in MORE_IS_WORSE if name in given}
    return found | {name: -given[name] for name in LESS_IS_WORSE if name in given}


def _turn_is_off(case: Case) -> bool:
    turn = case.answer.turn_degrees
    return turn is not None and abs((turn - case.truth.turn_degrees + 180) % 360 - 180) > 50


def _corners_are_off(case: Case) -> bool:
    truth, found = case.truth.corners, case.answer.card_quad
    if truth is None or found is None:
        return False
    return worst_corner_px(truth, found) > CORNERS_OFF * width_px(truth)


def count(failures: Sequence[Failure]) -> Causes:
    ordered = [cause for cause, _ in Counter(f.cause for f in failures).most_common()]
    sets = {cause: Counter[str]() for cause in ordered}
    pictures: dict[str, set[int]] = {cause: set() for cause in ordered}
    for failure in failures:
        sets[failure.cause][failure.case.truth.set_name] += 1
        pictures[failure.cause].add(id(failure.case))
    return Causes(
        {cause: dict(found) for cause, found in sets.items()},
        {cause: len(found) for cause, found in pictures.items()},
    )


def recognizer_alphabet() -> frozenset[str]:
    """The characters that idocr's recogniser can answer at all."""
    from idocr.models import RecognizerModel, shipped_folder

    return frozenset(RecognizerModel(shipped_folder(), 1, ()).characters)


def confusions(failures: Sequence[Failure], most: int = 20) -> list[tuple[str, str, int]]:
    """(printed, read, times) of single characters in misread fields, the most frequent first."""
    found: Counter[tuple[str, str]] = Counter()
    for failure in failures:
        if not failure.cause.startswith("misread character"):
            continue
        printed = failure.case.truth.fields[failure.field].text
        pairs = align(printed, failure.case.answer.text(failure.field))
        found.update((a, b) for a, b in pairs if a != b)
    return [(a, b, times) for (a, b), times in found.most_common(most)]
