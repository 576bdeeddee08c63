"""Lines: one sampled row with what the recogniser says of it, freely and under a grammar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core
from .grammar import BoundGrammar
from .layout import BoxMm
from .median import median
from .models import RecognizerModel
from .steps import Steps
from .strips import Strip

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

ALTERNATIVES = 5
SPECK_ROWS = (0.4, 0.62)  # of a row's height, where a - stands
LEAST_SPECK = 0.6  # of a stroke's darkness
SPECK_CONFIDENCE = 0.9  # of a - that only its place and its darkness tell: not calibrated
MARK_FREE = (
    0.1  # of a strip's height, beside the middle of a character: what is seen there is its own
)
LEAST_TWICE = 0.75  # the same between two of one character
LEAST_STEP = 0.45  # of the usual distance: nearer characters are two readings of one place
MOST_STEP = 1.3  # of a character's width: the distance of neighbours in print, not across a gap


def is_han(char: str) -> bool:
    """CJK ideographs: 〇, the BMP's blocks and the supplementary planes."""
    return char == "〇" or "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U000323af"


class LineChar(NamedTuple):
    """A character on its line, by its place on the card."""

    text: str
    confidence: float
    left_mm: float
    right_mm: float
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def middle_mm(self) -> float:
        return (self.left_mm + self.right_mm) / 2


def without_overlaps(chars: Sequence[LineChar]) -> tuple[LineChar, ...]:
    """Of two Han characters that share half their place the surer one: no print has both.

    One that is read twice in less room than two need has two parts that are each read as the whole (刘).
    """
    kept: list[LineChar] = []
    least_mm = LEAST_STEP * han_step_mm(chars)
    for char in chars:
        last = kept[-1] if kept else None
        twice = last is not None and last.text == char.text
        least_here_mm = least_mm * (LEAST_TWICE / LEAST_STEP if twice else 1)
        near = last is not None and char.middle_mm - last.middle_mm < least_here_mm
        if last and near and is_han(char.text) and is_han(last.text):
            kept[-1] = max(last, char, key=lambda c: c.confidence)
        else:
            kept.append(char)
    return tuple(kept)


def han_step_mm(chars: Sequence[LineChar]) -> float:
    """The usual distance of neighbouring Han characters; 0 where there are fewer than three.

    Of a few characters most steps may lead across a gap, to a label or a fold: no step of print is so wide.
    """
    steps = [
        min(after.middle_mm - before.middle_mm, MOST_STEP * (before.right_mm - before.left_mm))
        for before, after in pairwise(chars)
        if is_han(before.text) and is_han(after.text)
    ]
    return median(steps) if len(steps) > 1 else 0.0


@dataclass(frozen=True)
class Match:
    """A line's most probable reading that a grammar accepts."""

    chars: tuple[LineChar, ...]
    cost: float  # log-probability lost against the free reading, >= 0

    @property
    def text(self) -> str:
        return "".join(c.text for c in self.chars)


class Strokes(NamedTuple):
    """How a line's print is written, as csrc/strokes.h measures it, on the card."""

    area_mm2: float
    outline_mm: float
    across_mm: float
    down_mm: float
    height_mm: float
    rim_above: float
    rim_below: float


@dataclass(frozen=True)
class Line:
    strip: Strip
    pixels: F32  # (3, height, width) BGR in -1..1
    steps: Steps
    model: RecognizerModel

    @property
    def row(self) -> BoxMm:
        return self.strip.row

    @cached_property
    def chars(self) -> tuple[LineChar, ...]:
        """The free reading: the best class of every step, spaces left out."""
        return self._best_path(None)

    @property
    def text(self) -> str:
        return "".join(c.text for c in self.chars)

    def chars_in(self, alphabet: str) -> tuple[LineChar, ...]:
        """The best reading in which only these characters may occur."""
        classes = sorted(self.model.class_of[c] for c in alphabet if c in self.model.class_of)
        return self._best_path(np.array(classes, np.int32))

    def mark_between(
        self, mark: str, before: LineChar, after: LineChar, *, least: float, least_ink: float = 0.0
    ) -> LineChar | None:
        """A · or - that shares its ink with one of two characters.

        None where its probability or the ink at its place is less; its confidence is the probability.
        """
        width, left_mm = self.strip.box.width, self.strip.box.left
        free_mm = MARK_FREE * self.strip.box.height
        begin_mm, end_mm = before.middle_mm + free_mm, after.middle_mm - free_mm
        between = (begin_mm - left_mm) / width, (end_mm - left_mm) / width
        others = before.text, after.text
        probability = self.model.mark_between(self.steps, mark, others, between, least_ink)
        if probability < least:
            return None
        return LineChar(mark, probability, begin_mm, end_mm)

    def speck(self, mark: str, left_mm: float, right_mm: float) -> tuple[LineChar, ...]:
        """A mark between two places, where there is something dark half way up the row."""
        begin, end = self.strip.columns(left_mm, right_mm, least=3)
        grey = self.pixels.mean(axis=0)
        ink, paper = np.quantile(grey, (0.04, 0.85))
        low, high = (round(share * grey.shape[0]) for share in SPECK_ROWS)
        darkness = (paper - grey[low:high, begin:end].min()) / max(paper - ink, 1e-3)
        if darkness < LEAST_SPECK:
            return ()
        return (LineChar(mark, SPECK_CONFIDENCE, left_mm, right_mm),)

    def probs_of(self, char: LineChar, texts: Sequence[str]) -> list[float]:
        """Probabilities of other characters at the place of one, also of those it does not name."""
        at = (self._step_at(char) - 1) // 2
        likeliest = float(self.steps.probs[2 * at + 1, 1:].max())
        return [likeliest * odds for odds in self.model.odds(self.steps, at, texts)]

    def _step_at(self, char: LineChar) -> int:
        share = (char.middle_mm - self.strip.box.left) / self.strip.box.width
        return int(np.abs(self.steps.middles - share).argmin())

    def prob_at(self, char: LineChar, text: str) -> float:
        """The probability of another character at the place of one that was read here."""
        id_ = self.model.class_of.get(text)
        return float(self.steps.probs[self._step_at(char), id_]) if id_ is not None else 0.0

    def match(self, grammar: BoundGrammar, most_cost: float = math.inf) -> Match | None:
        """The best reading that the grammar accepts; None when the line is too short for any, or when all
        cost more than this."""
        found = _core.ctc_decode_grammar(
            self.steps.probs,
            grammar.edges,
            grammar.accepting,
            least_log_prob=self._free_log_prob - most_cost,
        )
        if found is None:
            return None
        steps, log_prob = found
        chars = tuple(
            self._place(id_, confidence, begin, end) for id_, confidence, begin, end in steps
        )
        return Match(chars, self._free_log_prob - log_prob)

    def measure(self, chars: Sequence[LineChar]) -> tuple[F32, F32]:
        """(N, 10), (M, 10): measures of the print under these characters, in windows of about one and a half,
        and of what stands in the same row before and after them; the columns are those of `Measures`."""
        first, last = self.strip.columns(chars[0].left_mm, chars[-1].right_mm, least=8)
        windows = self._windows(first, last)
        own = len(windows) // 2
        for begin, end in ((0, first), (last, self.strip.width_px)):
            if end - begin >= 24:
                windows += self._windows(begin, end)
        found = np.empty((len(windows) // 2, 10), np.float32)
        _core.measure_windows(self.pixels, np.array(windows, np.int32).reshape(-1, 2), found)
        return found[:own], found[own:]

    def strokes(self, chars: Sequence[LineChar]) -> Strokes:
        """How the print under these characters is written."""
        first, last = self.strip.columns(chars[0].left_mm, chars[-1].right_mm, least=8)
        area, outline, across, down, height, *rims = _core.measure_strokes(self.pixels, first, last)
        mm = self.strip.box.width / self.strip.width_px
        lengths = (outline * mm, across * mm, down * mm, height * mm)
        return Strokes(area * mm * mm, *lengths, *rims)

    def _windows(self, first: int, last: int) -> list[int]:
        """Begin and end of one window after the other."""
        begins = range(first, max(first + 1, last - self._window_px // 2), self._window_px)
        return [first, *(edge for begin in begins[1:] for edge in (begin, begin)), last]

    @cached_property
    def _window_px(self) -> int:
        px_per_mm = self.strip.width_px / self.strip.box.width
        return max(8, round(1.5 * self.row.height * px_per_mm))

    def print_box(self, chars: Sequence[LineChar]) -> BoxMm:
        """The tight box of these characters: as high as the ink between their outer edges."""
        left, right = chars[0].left_mm, chars[-1].right_mm
        begin, end = self.strip.columns(left, right, least=4)
        first, end_row = _core.find_ink_rows(self.pixels, begin, end)
        top, bottom = self.strip.y_mm(first), self.strip.y_mm(end_row)
        row = self.row
        box = BoxMm(left, max(top, row.top - 0.2), right, min(bottom, row.bottom + 0.2))
        return box if box.height > 0.4 * row.height else BoxMm(left, row.top, right, row.bottom)

    @cached_property
    def _free_log_prob(self) -> float:
        return float(np.log(self.steps.probs.max(axis=1)).sum(dtype=np.float64))

    @cached_property
    def _middles(self) -> list[float]:
        shares: list[float] = self.steps.middles.tolist()
        return shares

    def _best_path(self, classes: NDArray[np.int32] | None) -> tuple[LineChar, ...]:
        path = _core.ctc_best_path(self.steps.probs, top_k=ALTERNATIVES, classes=classes)
        characters = self.steps.characters
        return without_overlaps(
            [
                self._place(
                    id_, confidence, begin, end, tuple((characters[i], p) for i, p in candidates)
                )
                for id_, confidence, begin, end, candidates in path
                if characters[id_].strip()
            ]
        )

    def _place(
        self,
        id_: int,
        confidence: float,
        begin: int,
        end: int,
        alternatives: tuple[tuple[str, float], ...] = (),
    ) -> LineChar:
        """A step is the middle of a character: its width is that of the print."""
        text = self.steps.characters[id_]
        middle = self.strip.x_mm(sum(self._middles[begin:end]) / (end - begin))
        half = self.row.height * (0.5 if is_han(text) else 0.27)
        return LineChar(text, confidence, middle - half, middle + half, alternatives)


def read_lines(strips: Sequence[Strip], bgr: U8, card: F64, model: RecognizerModel) -> list[Line]:
    """Sample and read rows; `card` maps card mm to px of bgr."""
    pixels = [strip.sample(bgr, card) for strip in strips]
    steps = model.run([to_gray(p) for p in pixels])
    return [Line(*parts, model) for parts in zip(strips, pixels, steps, strict=True)]


def to_gray(pixels: F32) -> F32:
    """(3, h, w) BGR to (h, w) grey, both in -1..1."""
    gray = np.empty(pixels.shape[1:], np.float32)
    _core.strip_to_gray(pixels, gray)
    return gray
