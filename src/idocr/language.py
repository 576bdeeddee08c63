"""Which character follows which, as a prior: 自治 is a word, 自洽 in an address is not.

Where the reader hesitates between characters of an address, an authority or a name, what stands beside
them tells: the probabilities of language.npz (models/training/list_language.py), tempered by WEIGHT,
are multiplied into the reader's own along the whole text (forward-backward; Rabiner 1989). Only what the
reader itself named is ever taken, and where it is sure the language changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import _core
from .divisions import known_division
from .fields import Draft, SideText
from .lines import Line, LineChar

TABLE = Path(__file__).with_name("language.npz")
WEIGHT = 0.4  # power of the language's probabilities: neighbours do not err independently
LEAST_LOG = -11.0  # of a pair: names of places and people are not a closed list
SURE = 0.9995  # a text whose characters are all surer is left alone
KINDS = {"address": "address", "issued_by": "address", "name": "name"}

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Language:
    """Log-probabilities of a character after another."""

    index: dict[str, int]
    alone: F64  # (V + 1,) the last is of every other character
    rest: F64  # (V + 1,) what is left after a character for what never followed it
    pairs: NDArray[np.uint32]  # sorted, 65536 * before + after
    told: F64

    @classmethod
    @cache
    def of(cls, kind: str) -> Language:
        """The table "address" or "name" that ships."""
        with np.load(TABLE) as kept:
            step = float(kept["step_nats"])
            chars, alone, rest, pairs, told = (
                kept[f"{kind}_{key}"] for key in ("chars", "alone", "rest", "pairs", "told")
            )
            unseen = float(np.log(kept["unseen"]))
        index = {chr(code): i for i, code in enumerate(chars.tolist())}
        alone, rest, told = (
            np.asarray(-step * part.astype(np.float64)) for part in (alone, rest, told)
        )
        return cls(index, np.append(alone, unseen), np.append(rest, 0.0), pairs, told)

    def numbers(self, chars: Sequence[str]) -> NDArray[np.int64]:
        """(N,) rows of the table; digits and letters are one each."""
        other = len(self.index)
        return np.array([self.index.get(_folded(c), other) for c in chars], np.int64)

    def log_probs(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> F64:
        """(A, B) log-probability of each `after` behind each `before`."""
        keys = (before[:, None] << 16 | after[None, :]).astype(np.uint32)
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        backed = self.rest[before][:, None] + self.alone[after][None, :]
        return np.maximum(np.where(self.pairs[at] == keys, self.told[at], backed), LEAST_LOG)


def _folded(char: str) -> str:
    if char.isdigit():
        return "0"
    return "A" if char.isascii() and char.isalpha() else char


def _known(char: LineChar) -> dict[str, float]:
    known = {text: p for text, p in char.alternatives if p > 0} or {char.text: char.confidence}
    known.setdefault(char.text, max(char.confidence, 1e-9))
    return known


def posteriors(language: Language, chars: Sequence[LineChar]) -> list[dict[str, float]]:
    """For each character its alternatives' probabilities, given all characters of the text."""
    if not chars:
        return []
    choices = [_known(char) for char in chars]
    numbers = language.numbers([text for choice in choices for text in choice]).astype(np.int32)
    seen = np.array([p for choice in choices for p in choice.values()])
    counts = np.array([len(choice) for choice in choices], np.int32)
    found = np.empty(len(seen))
    begin, end = language.numbers("^$").tolist()
    _core.tell_by_neighbours(
        numbers,
        seen,
        counts,
        (begin, end),
        language.alone,
        language.rest,
        language.pairs,
        language.told,
        found,
        least=LEAST_LOG,
        weight=WEIGHT,
    )
    told = iter(found.tolist())
    return [{text: next(told) for text in choice} for choice in choices]


def alone(char: LineChar) -> LineChar:
    """The character without any alternative."""
    return LineChar(char.text, char.confidence, char.left_mm, char.right_mm)


def reconsidered(char: LineChar, probs: dict[str, float]) -> LineChar:
    """The character with the likeliest of its alternatives first."""
    ranked = tuple(sorted(probs.items(), key=lambda pair: -pair[1]))
    text, confidence = ranked[0]
    return LineChar(text, confidence, char.left_mm, char.right_mm, ranked)


def _pieces(draft: Draft, chars: Iterator[LineChar]) -> Iterator[tuple[Line, tuple[LineChar, ...]]]:
    for line, line_chars in draft.pieces:
        yield line, tuple(next(chars) for _ in line_chars)


def with_language(text: SideText) -> SideText:
    """The side's text with its doubtful characters told by their neighbours."""
    drafts = dict(text.drafts)
    for name, kind in KINDS.items():
        draft = drafts.get(name)
        read = "" if draft is None else "".join(c.text for c in draft.chars)
        if draft is None or draft.text != read or all(c.confidence > SURE for c in draft.chars):
            continue
        held = len(known_division(name, draft.chars))  # a name of the list is surer than any pair
        shown = [*(alone(c) for c in draft.chars[:held]), *draft.chars[held:]]
        told = posteriors(Language.of(kind), shown)[held:]
        later = (reconsidered(c, p) for c, p in zip(draft.chars[held:], told, strict=True))
        chars = [*draft.chars[:held], *later]
        likeliest = "".join(c.text for c in chars)
        notes = () if likeliest == read else ("a character was told by its neighbours",)
        drafts[name] = replace(
            draft,
            text=likeliest,
            pieces=tuple(_pieces(draft, iter(chars))),
            notes=(*draft.notes, *notes),
        )
    return replace(text, drafts=drafts)
