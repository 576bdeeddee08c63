"""The measures of the accuracy report: from cases (truth and answer) to figures. Pure functions.

Strict: a field is right when its text is exactly the printed one; whole card right: every field asked
for is. A field that is covered or outside the picture is not asked for, but a wrong text given for it
still counts as a misreading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from answers import FIELDS, AnsweredField, Case, PrintedField, Quad
from curves import roc

from idocr.confidence import calibration_error

GENUINE = 1001  # Megvii's result for a card without any doubt
CLASS_THRESHOLD = 0.8  # Megvii's ID_Photo_Threshold
RISKS = (1e-3, 1e-2)


# ---- shares ---------------------------------------------------------------------------------------


@dataclass
class Share:
    """`right` of `total`, with its Wilson interval."""

    right: int = 0
    total: int = 0

    def count(self, right: bool) -> None:
        self.right += right
        self.total += 1

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.right, self.total) if self.total else None


def wilson(right: int, total: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927); z of the two-sided 95 % unless told."""
    if not 0 <= right <= total or total == 0:
        raise ValueError(f"{right} of {total} is no share")
    share, spread = right / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    # At the ends the formula is exact but its rounding is not.
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == total else min(1.0, middle + half)
    return low, high


def share_of(outcomes: Iterable[bool]) -> Share:
    found = Share()
    for right in outcomes:
        found.count(right)
    return found


# ---- texts ----------------------------------------------------------------------------------------


def _edit_table(truth: str, text: str) -> list[list[int]]:
    """table[i][j]: edits between the first i characters of truth and the first j of text."""
    table = [list(range(len(text) + 1))]
    for i, a in enumerate(truth, 1):
        row = [i]
        for j, b in enumerate(text, 1):
            row.append(min(table[-1][j - 1] + (a != b), table[-1][j] + 1, row[-1] + 1))
        table.append(row)
    return table


def edit_distance(truth: str, text: str) -> int:
    """Levenshtein: the least number of characters put in, left out or changed."""
    return _edit_table(truth, text)[-1][-1]


def align(truth: str, text: str) -> list[tuple[str, str]]:
    """Pairs (printed, read) of a cheapest alignment; "" where one side has nothing."""
    table = _edit_table(truth, text)
    i, j = len(truth), len(text)
    pairs: list[tuple[str, str]] = []
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (truth[i - 1] != text[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], text[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", text[j]))
    return pairs[::-1]


@dataclass
class CharacterErrors:
    edits: int = 0
    characters: int = 0

    def count(self, truth: str, text: str) -> None:
        self.edits += edit_distance(truth, text)
        self.characters += len(truth)

    @property
    def rate(self) -> float | None:
        return self.edits / self.characters if self.characters else None


_UNITS = {"birth_year": "年", "birth_month": "月", "birth_day": "日"}
_LOOSE = str.maketrans("", "", " .-·•・:：，,—–－")


def appears(name: str, truth: str, words: str) -> bool:
    """Lenient: the field's text stands anywhere in all that was read, punctuation aside.

    The parts of the birth date are asked for with their 年, 月, 日: a bare "8" stands everywhere.
    """
    return (truth + _UNITS.get(name, "")).translate(_LOOSE) in words.translate(_LOOSE)


# ---- geometry -------------------------------------------------------------------------------------


def overlap(a: Quad, b: Quad) -> float:
    """Intersection over union of two convex quads of either turning sense, 0..1."""
    first, second = (np.asarray(quad, np.float32) for quad in (a, b))
    areas = cv2.contourArea(first) + cv2.contourArea(second)
    if areas <= 0:
        return 0.0
    both = max(0.0, float(cv2.intersectConvexConvex(first, second)[0]))
    return min(1.0, both / max(areas - both, 1e-9))


def worst_corner_px(truth: Quad, found: Quad) -> float:
    """The longest way from a printed corner to the answered one, px."""
    return max(math.dist(a, b) for a, b in zip(truth, found, strict=True))


def width_px(corners: Quad) -> float:
    """Mean length of the upper and lower edges."""
    return (math.dist(corners[0], corners[1]) + math.dist(corners[3], corners[2])) / 2


def quarter(degrees: float) -> int:
    """The nearest of 0, 90, 180, 270."""
    return round(degrees / 90) % 4 * 90


@dataclass
class Geometry:
    """Of the cards that were found, by the answer's card_quad."""

    cards: int
    corner_px_median: float
    corner_px_95: float
    corner_share_median: float  # of the card's width
    corner_share_95: float
    overlap_mean: float
    overlap_worst_1: float  # the 1 % quantile
    field_overlap_median: float | None  # of right fields' quads with the print
    field_overlap_5: float | None


def _geometry(cases: Sequence[Case]) -> Geometry | None:
    found = [
        (c.truth.corners, c.answer.card_quad)
        for c in cases
        if c.truth.corners is not None and c.answer.card_quad is not None and c.answer.side
    ]
    if not found:
        return None
    px = np.array([worst_corner_px(*pair) for pair in found])
    share = px / [width_px(truth) for truth, _ in found]
    overlaps = [overlap(*pair) for pair in found]
    fields = [
        overlap(printed.quad, answered.quad)
        for c in cases
        for printed, answered in _pairs(c)
        if answered and answered.quad and printed.quad and answered.text == printed.text
    ]
    return Geometry(
        cards=len(found),
        corner_px_median=float(np.median(px)),
        corner_px_95=float(np.quantile(px, 0.95)),
        corner_share_median=float(np.median(share)),
        corner_share_95=float(np.quantile(share, 0.95)),
        overlap_mean=float(np.mean(overlaps)),
        overlap_worst_1=float(np.quantile(overlaps, 0.01)),
        field_overlap_median=float(np.median(fields)) if fields else None,
        field_overlap_5=float(np.quantile(fields, 0.05)) if fields else None,
    )


def _pairs(case: Case) -> list[tuple[PrintedField, AnsweredField | None]]:
    return [(f, case.answer.fields.get(name)) for name, f in case.truth.asked.items()]


# ---- one card -------------------------------------------------------------------------------------


def side_is_right(case: Case) -> bool:
    return case.answer.side is not None and case.truth.side in (None, case.answer.side)


def wrong_fields(case: Case) -> list[str]:
    """Names of the fields asked for whose text is not exactly the printed one."""
    return [n for n, f in case.truth.asked.items() if case.answer.text(n) != f.text]


def misread_fields(case: Case) -> list[str]:
    """Answered, but not what is printed: covered fields and fields the card has not are included."""
    printed = {name: f.text for name, f in case.truth.fields.items()}
    return [n for n in FIELDS if case.answer.text(n) not in ("", printed.get(n, ""))]


def whole_is_right(case: Case) -> bool:
    return side_is_right(case) and not wrong_fields(case)


def is_silent(case: Case) -> bool:
    """1001, and something in it is not true though its `logic` is 0."""
    logic = {name: found.logic for name, found in case.answer.fields.items()}
    wrong = any(logic[name] == 0 for name in misread_fields(case))
    return case.answer.result == GENUINE and (wrong or not side_is_right(case))


def least_confidence(case: Case) -> float:
    """Of the fields that the answered side must have; 0 when one is missing or no card was found."""
    if case.answer.side is None:
        return 0.0
    wanted = FIELDS[:8] if case.answer.side == "portrait" else FIELDS[8:]
    found = [case.answer.fields[name] for name in wanted if case.answer.text(name)]
    return min(f.confidence for f in found) if len(found) == len(wanted) else 0.0


# ---- confidence and classes -------------------------------------------------------------------------


@dataclass
class RiskCoverage:
    """Cards taken in the order of falling confidence: how many, and how many of them wrong."""

    coverage: list[float]  # share of all cards taken
    risk: list[float]  # share of the taken that is wrong
    at_risk: dict[str, float]  # greatest coverage whose risk is at most the key
    area: float  # mean risk over all coverages, AURC


def risk_coverage(confidence: Sequence[float], wrong: Sequence[bool]) -> RiskCoverage:
    """Cards of one confidence are taken together: no threshold can tell them apart."""
    order = np.argsort(-np.asarray(confidence, float), kind="stable")
    values = np.asarray(confidence, float)[order]
    errors = np.cumsum(np.asarray(wrong, bool)[order])
    last = np.flatnonzero(np.append(values[1:] != values[:-1], True)) if len(values) else order
    taken = last + 1
    coverage = taken / max(len(values), 1)
    risk = errors[last] / taken if len(values) else np.zeros(0)
    at_risk = {
        f"{limit:g}": float(
            max((c for c, r in zip(coverage, risk, strict=True) if r <= limit), default=0)
        )
        for limit in RISKS
    }
    steps = np.diff(coverage, prepend=0.0)
    area = float((steps * risk).sum())
    return RiskCoverage(coverage.tolist(), risk.tolist(), at_risk, area)


@dataclass
class StatedField:
    """What answers say of their own fields, against the truth; fields asked for and answered."""

    right: Share
    stated: float  # mean confidence
    error: float  # expected calibration error
    points: list[tuple[float, float]]  # mean confidence and share right of parts of equal count
    answered: dict[str, Share]  # at a bound on the chance of error (RISKS): answered, of all
    wrong: dict[str, Share]  # and wrong, of the answered


def stated_fields(cases: Sequence[Case]) -> dict[str, StatedField]:
    """By field, and all of them together."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for case in cases:
        for name, printed in case.truth.asked.items():
            answered = case.answer.fields.get(name)
            if case.truth.is_card and answered and answered.text:
                pair = (answered.confidence, answered.text == printed.text)
                found.setdefault(name, []).append(pair)
    pooled = [pair for pairs in found.values() for pair in pairs]
    named = {name: found[name] for name in FIELDS if name in found} | {"all fields": pooled}
    return {name: _stated(pairs) for name, pairs in named.items() if pairs}


def _stated(pairs: Sequence[tuple[float, bool]]) -> StatedField:
    stated, right = zip(*pairs, strict=True)
    parts = np.array_split(np.array(sorted(pairs), float), min(10, len(pairs)))
    kept = {f"{risk:g}": [r for s, r in pairs if 1 - s <= risk] for risk in RISKS}
    return StatedField(
        right=share_of(right),
        stated=float(np.mean(stated)),
        error=calibration_error(stated, right),
        points=[(float(p[:, 0].mean()), float(p[:, 1].mean())) for p in parts],
        answered={risk: Share(len(rights), len(pairs)) for risk, rights in kept.items()},
        wrong={risk: share_of(not r for r in rights) for risk, rights in kept.items()},
    )


def roc_area(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Probability that a positive scores above a negative, ties by half; None when one is empty."""
    if not positive or not negative:
        return None
    above = np.subtract.outer(np.asarray(positive, float), np.asarray(negative, float))
    return float((above > 0).mean() + (above == 0).mean() / 2)


@dataclass
class ClassScore:
    """One class against all others, over the cards that were found."""

    positives: int
    negatives: int
    area: float | None
    precision: Share  # of those at or above CLASS_THRESHOLD
    recall: Share
    curve: list[tuple[float, float]]  # of false and of true positives, for the plot


def class_scores(cases: Sequence[Case]) -> dict[str, ClassScore]:
    judged = [c for c in cases if c.truth.legality and c.answer.side and c.answer.legality]
    names = sorted({name for c in judged for name in c.answer.legality})
    scores = {}
    for name in names:
        value = [(c.truth.legality == name, c.answer.legality[name]) for c in judged]
        positive = [p for is_it, p in value if is_it]
        negative = [p for is_it, p in value if not is_it]
        scores[name] = ClassScore(
            len(positive),
            len(negative),
            roc_area(positive, negative),
            share_of(is_it for is_it, p in value if p >= CLASS_THRESHOLD),
            share_of(p >= CLASS_THRESHOLD for p in positive),
            roc(positive, negative) if positive and negative else [],
        )
    return scores


@dataclass
class ShotScore:
    """Cards before a camera, copies, screens: how they are judged."""

    found: Share = field(default_factory=Share)
    accepted: Share = field(default_factory=Share)  # answered 1001, of all
    named: Share = field(
        default_factory=Share
    )  # the likeliest class is the right one, of the found
    refused: Share = field(default_factory=Share)  # another class at CLASS_THRESHOLD, of the found


def shot_scores(cases: Sequence[Case]) -> dict[str, ShotScore]:
    """By class and, where there is one, the way the attack was made."""
    scores: dict[str, ShotScore] = {}
    for case in cases:
        truth, answer = case.truth, case.answer
        if not truth.legality:
            continue
        name = f"{truth.legality}, {truth.attack}" if truth.attack else truth.legality
        one = scores.setdefault(name, ShotScore())
        one.found.count(answer.side is not None)
        one.accepted.count(answer.result == GENUINE)
        if answer.side is not None and answer.legality:
            likeliest = max(answer.legality, key=lambda n: answer.legality[n])
            one.named.count(likeliest == truth.legality)
            others = [p for n, p in answer.legality.items() if n != truth.legality]
            one.refused.count(max(others, default=0.0) >= CLASS_THRESHOLD)
    return scores


# ---- a set ------------------------------------------------------------------------------------------


@dataclass
class FieldScore:
    exact: Share = field(default_factory=Share)
    lenient: Share = field(default_factory=Share)
    misread: Share = field(default_factory=Share)  # answered, but wrong
    unflagged: Share = field(default_factory=Share)  # of all: misread with logic 0
    characters: CharacterErrors = field(default_factory=CharacterErrors)


@dataclass
class SetScore:
    """Everything that the report says of one set (or of several together)."""

    pictures: int
    cards_found: Share
    others_refused: Share  # pictures without a card
    side: Share
    turn: Share
    whole: Share
    whole_lenient: Share
    misread_cards: Share  # some answered field is wrong
    silent_cards: Share | None  # None: the engine shows no doubt, so the question is not asked
    accepted: Share | None  # answered 1001, of all cards found
    wrong_numbers_passed: Share | None  # number printed wrong, and logic 0
    fields: dict[str, FieldScore]
    all_fields: FieldScore
    unknown_fields: dict[str, Share]  # printed, but no engine's answer has them: lenient only
    geometry: Geometry | None
    risk: RiskCoverage | None
    classes: dict[str, ClassScore]
    shots: dict[str, ShotScore]  # by what the picture is


def _field_scores(cases: Sequence[Case]) -> tuple[dict[str, FieldScore], FieldScore]:
    fields: dict[str, FieldScore] = {}
    everything = FieldScore()
    for case in cases:
        for name, printed in case.truth.asked.items():
            answered = case.answer.fields.get(name)
            text = answered.text if answered else ""
            wrong = text not in ("", printed.text)
            for score in (fields.setdefault(name, FieldScore()), everything):
                score.exact.count(text == printed.text)
                score.lenient.count(_lenient(case, name))
                score.misread.count(wrong)
                score.unflagged.count(wrong and answered is not None and answered.logic == 0)
                score.characters.count(printed.text, text)
    return {name: fields[name] for name in FIELDS if name in fields}, everything


def _lenient(case: Case, name: str) -> bool:
    printed = case.truth.fields[name].text
    return case.answer.text(name) == printed or appears(name, printed, case.answer.words)


def _unknown_fields(cases: Sequence[Case]) -> dict[str, Share]:
    found: dict[str, Share] = {}
    for case in cases:
        for name, printed in case.truth.fields.items():
            if name not in FIELDS and printed.seen:
                found.setdefault(name, Share()).count(
                    appears(name, printed.text, case.answer.words)
                )
    return found


def score(cases: Sequence[Case]) -> SetScore:
    cards = [c for c in cases if c.truth.is_card]
    found = [c for c in cards if c.answer.side is not None]
    asked = [c for c in cards if c.truth.asked]
    knows_doubt = any(c.answer.result is not None for c in cases)
    fields, everything = _field_scores(cards)
    wrong_numbers = [c for c in asked if not c.truth.number_is_right and c.answer.text("id_number")]

    def with_doubt(outcomes: Callable[[], Share]) -> Share | None:
        return outcomes() if knows_doubt else None

    return SetScore(
        pictures=len(cases),
        cards_found=share_of(c.answer.side is not None for c in cards),
        others_refused=share_of(c.answer.side is None for c in cases if not c.truth.is_card),
        side=share_of(side_is_right(c) for c in cards if c.truth.side),
        turn=share_of(_turn_is_right(c) for c in cards),
        whole=share_of(whole_is_right(c) for c in asked),
        whole_lenient=share_of(all(_lenient(c, n) for n in c.truth.asked) for c in asked),
        misread_cards=share_of(bool(misread_fields(c)) for c in cards),
        silent_cards=with_doubt(lambda: share_of(is_silent(c) for c in cards)),
        accepted=with_doubt(lambda: share_of(c.answer.result == GENUINE for c in found)),
        wrong_numbers_passed=with_doubt(
            lambda: share_of(c.answer.fields["id_number"].logic == 0 for c in wrong_numbers)
        ),
        fields=fields,
        all_fields=everything,
        unknown_fields=_unknown_fields(cards),
        geometry=_geometry(cards),
        risk=_risk(cards),
        classes=class_scores(cards),
        shots=shot_scores(cards) if knows_doubt else {},
    )


def _turn_is_right(case: Case) -> bool:
    turn = case.answer.turn_degrees
    if case.answer.side is None or turn is None:
        return False
    # Near 45 degrees either quarter will do: whole degrees are compared where the answer has them.
    apart = abs((turn - case.truth.turn_degrees + 180) % 360 - 180)
    return quarter(turn) == quarter(case.truth.turn_degrees) or apart <= 50


def _risk(cards: Sequence[Case]) -> RiskCoverage | None:
    if not cards:
        return None
    wrong = [
        not side_is_right(c) or bool(misread_fields(c)) or bool(wrong_fields(c)) for c in cards
    ]
    return risk_coverage([least_confidence(c) for c in cards], wrong)


# ---- characters ---------------------------------------------------------------------------------------

LEVELS = ("1", "2", "3", "beyond")


def name_characters(cases: Iterable[Case], level_of: Mapping[str, int]) -> dict[str, Share]:
    """Characters of names read right, by level of the 通用规范汉字表; `level_of` knows levels 1 to 3."""
    found = {level: Share() for level in LEVELS}
    for case in cases:
        printed = case.truth.asked.get("name")
        if printed is None or not case.truth.is_card:
            continue
        for character, read in align(printed.text, case.answer.text("name")):
            if character and character not in "·.":
                level = str(level_of.get(character, "beyond"))
                if level in found and not character.isascii():
                    found[level].count(character == read)
    return found
