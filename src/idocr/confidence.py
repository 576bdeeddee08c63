"""From what a network says of its characters to the probability that a field is right.

Networks are surer, or less sure, than they are right, each field in its own way. A logistic regression
a group of fields, fitted on drawn specimens (models/training/confidence.py), makes a probability of the
reader's own account, the gap to its second choice, what the rules say and how well the print shows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import ModelError
from .fields import Draft
from .lines import LineChar, is_han
from .models import read_confidence_json
from .reading import Measures

F64 = NDArray[np.float64]

FEATURES = (
    "own",  # log odds of the product of the characters' probabilities
    "least",  # log odds of the least of them
    "gap",  # least log ratio of a character to its runner-up
    "doubtful",  # characters with a probability under 0.9
    "problems",  # 1 where a rule is broken
    "notes",  # weak evidence against it
    "size",  # log of px per mm, 0 at 10
    "contrast",
    "sharpness",
    "glare",
    "card",  # mean log odds of the Han characters of this side: how well its face is known
)
GROUPS = {
    "name": "name",
    "gender": "gender",
    "ethnicity": "ethnicity",
    "birth_year": "birth",
    "birth_month": "birth",
    "birth_day": "birth",
    "address": "address",
    "id_number": "number",
    "issued_by": "authority",
    "valid_from": "validity",
    "valid_to": "validity",
}
CHAR_FEATURES = ("own", "gap")
SUREST = 1e-5  # doubt below which nothing was ever measured
MOST_GAP = 12.0
# Of what is wrong, so much at least is taken to be wrong without any doubt: few specimens show none.
SURE_SHARE_OF_WRONG = 0.02
LAPSES = (1e-4, 3e-4, 1e-3, 2e-3, 4e-3, 7e-3, 0.01, 0.014, 0.02, 0.03, 0.04, 0.06)
EM_ROUNDS, NEWTON_STEPS = 6, 50


def log_odds(probability: float) -> float:
    clipped = min(max(probability, SUREST), 1 - SUREST)
    return math.log(clipped / (1 - clipped))


def gap(char: LineChar) -> float:
    """Log ratio of a character to the likeliest other one, up to MOST_GAP."""
    own = char.text
    second = max([p for text, p in char.alternatives if text != own], default=0.0)
    if second <= 0.0 or char.confidence <= 0:
        return MOST_GAP
    return min(max(math.log(char.confidence / second), -MOST_GAP), MOST_GAP)


def card_odds(drafts: Iterable[Draft]) -> float:
    """The feature "card"; that of a sure character where a side has no Han character."""
    odds = [log_odds(c.confidence) for draft in drafts for c in draft.chars if is_han(c.text)]
    return sum(odds) / len(odds) if odds else log_odds(1.0)


def features(
    draft: Draft,
    chars: Sequence[LineChar],
    measures: Sequence[Measures],
    px_per_mm: float,
    card: float,
) -> tuple[float, ...]:
    """(len(FEATURES),) of one field that was read; card: `card_odds` of its side."""
    sure = [c.confidence for c in chars] or [0.0]
    return (
        log_odds(math.prod(sure)),
        log_odds(min(sure)),
        min(map(gap, chars), default=0.0),
        math.log1p(sum(p < 0.9 for p in sure)),
        float(bool(draft.problems)),
        float(len(draft.notes)),
        min(max(math.log(max(px_per_mm, 1.0) / 10), -1.5), 1.0),
        min((m.contrast for m in measures), default=0.0),
        min((m.sharpness for m in measures), default=0.0),
        max((m.glare for m in measures), default=0.0),
        card,
    )


def char_features(char: LineChar) -> tuple[float, ...]:
    """(len(CHAR_FEATURES),) of one character."""
    return log_odds(char.confidence), gap(char)


def char_group(text: str) -> str:
    return "han" if is_han(text) else "other"


@dataclass(frozen=True)
class Curve:
    """A logistic regression: probability from features.

    lapse: share of what is wrong however sure the reader is, as a character that it does not know.
    """

    bias: float
    weights: tuple[float, ...]
    lapse: float = 0.0

    def __call__(self, found: Sequence[float]) -> float:
        assert len(found) == len(self.weights)
        score = self.bias + sum(map(mul, self.weights, found))
        return (1 - self.lapse) / (1 + math.exp(-min(max(score, -30.0), 30.0)))


@dataclass(frozen=True)
class Calibration:
    """Curves by group of fields and of characters; without one, the network's own account holds."""

    fields: Mapping[str, Curve]
    chars: Mapping[str, Curve]

    @classmethod
    def of_json(cls, text: str) -> Calibration:
        """As models/training/confidence.py wrote it. Raises ValueError for anything else."""
        known = json.loads(text)
        if known["features"] != list(FEATURES) or known["char_features"] != list(CHAR_FEATURES):
            raise ValueError(
                "the calibration is of other features: run models/training/confidence.py"
            )
        fields, chars = (
            {
                name: Curve(c["bias"], tuple(c["weights"]), c["lapse"])
                for name, c in known[kind].items()
            }
            for kind in ("fields", "chars")
        )
        return cls(fields, chars)

    @classmethod
    def of_models(cls, folder: Path) -> Calibration:
        """From a folder of models. Raises ModelError where it is missing or damaged."""
        try:
            return cls.of_json(read_confidence_json(folder))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"confidence.json cannot be used: {error}") from error

    def field(self, name: str, found: Sequence[float]) -> float:
        """The probability that a field with these features is right to the letter."""
        curve = self.fields.get(GROUPS.get(name, ""))
        return curve(found) if curve else 1 / (1 + math.exp(-found[0]))

    def char(self, char: LineChar) -> tuple[float, tuple[tuple[str, float], ...]]:
        """A character's probability, and its alternatives, the others sharing what is left of it."""
        curve = self.chars.get(char_group(char.text))
        right = curve(char_features(char)) if curve else char.confidence
        return right, _shared(char, right)


def _shared(char: LineChar, right: float) -> tuple[tuple[str, float], ...]:
    own = char.text
    others = [pair for pair in char.alternatives if pair[0] != own]
    left = max(1 - char.confidence, sum([p for _, p in others]), SUREST)
    share = 1 - right
    return ((own, right), *[(text, p / left * share) for text, p in others])


# ---- fitting ------------------------------------------------------------------------------------


def fit(found: F64, right: NDArray[np.bool_], *, pull: float = 1.0) -> Curve:
    """The most likely curve. found: (n, features); right: (n,). pull: how strongly the weights are held
    to the network's own account (weight 1 of the first feature, 0 of all others)."""
    columns = np.column_stack([np.ones(len(found)), found])
    least = SURE_SHARE_OF_WRONG * (float((~right).sum()) + 0.5) / (len(right) + 1)
    best, best_likelihood = Curve(0.0, (1.0,)), -math.inf
    for lapse in (least, *(known for known in LAPSES if known > least)):
        # Expectation and maximisation: a wrong one that the curve calls sure is rather a lapse.
        importance = np.ones(len(right))
        for _ in range(EM_ROUNDS):
            weights = _regress(columns, right, importance, pull)
            share = _logistic(columns @ weights)
            own = lapse / np.maximum(lapse + (1 - lapse) * (1 - share), 1e-12)
            importance = np.where(right, 1.0, 1 - own)
        likelihood = _likelihood((1 - lapse) * share, right)
        if likelihood > best_likelihood + 0.01:
            bias, *rest = (round(float(w), 5) for w in weights)
            best, best_likelihood = Curve(bias, tuple(rest), round(lapse, 7)), likelihood
    return best


def _logistic(odds: F64) -> F64:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def _regress(columns: F64, right: NDArray[np.bool_], importance: F64, pull: float) -> F64:
    """Newton's method with steps halved until they help."""
    start = np.zeros(columns.shape[1])
    start[1] = 1.0
    hold = np.full(len(start), pull)
    hold[0] = pull / 10

    def cost(weights: F64) -> float:
        odds = columns @ weights
        lost = importance @ np.logaddexp(0, np.where(right, -odds, odds))
        return float(lost + (hold * (weights - start) ** 2).sum() / 2)

    weights = start.copy()
    for _ in range(NEWTON_STEPS):
        share = _logistic(columns @ weights)
        slope = columns.T @ (importance * (right - share)) - hold * (weights - start)
        spread = (importance * share * (1 - share))[:, None]
        step = np.linalg.solve((columns * spread).T @ columns + np.diag(hold), slope)
        before = cost(weights)
        while np.abs(step).max() > 1e-9 and cost(weights + step) > before:
            step /= 2
        weights = weights + step
        if np.abs(step).max() < 1e-7:
            break
    return weights


def _likelihood(stated: F64, right: NDArray[np.bool_]) -> float:
    return float(np.log(np.where(right, stated, np.maximum(1 - stated, SUREST))).sum())


def calibration_error(stated: Iterable[float], right: Iterable[bool], bins: int = 10) -> float:
    """Expected calibration error: bins of equal count by stated probability, |mean - share right|."""
    pairs = sorted(zip(stated, right, strict=True), key=lambda pair: pair[0])
    if not pairs:
        return 0.0
    parts = np.array_split(np.array(pairs, np.float64), min(bins, len(pairs)))
    return float(sum(len(p) * abs(p[:, 0].mean() - p[:, 1].mean()) for p in parts) / len(pairs))
