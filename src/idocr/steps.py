"""Steps: from what the network says every four pixels of a strip to characters and their places.

`models.py` runs the network and the table of classes; what lies between is here, without either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core

F32 = NDArray[np.float32]

LEAST_INK = 0.05  # probability from which a step is asked for its character
SMOOTHING = 0.34  # px of what is sampled
MOST_VALLEY = 0.5  # of the lower of two peaks: a shallower valley lies within one character
RUN_INK = 0.4  # of the steps of one run: less than in a valley between two low peaks


@dataclass(frozen=True)
class Steps:
    """What a strip says, step by step: where a character may stand, a step; between two, a blank one."""

    probs: F32  # (T, C): class 0 is the blank, then the model's common classes, then others
    characters: tuple[str, ...]  # of the C classes
    middles: F32  # (T,) where each step stands, as shares of the strip's width
    seen: Seen  # as the network sees the strip

    def seen_between(self, left: float, right: float) -> slice:
        """The network's steps whose middles lie between two shares of the strip's width."""
        count = len(self.seen.ink)
        return slice(max(0, math.ceil(left * count - 0.5)), math.floor(right * count - 0.5) + 1)


@dataclass(frozen=True)
class Seen:
    """What the network says of a strip."""

    all_directions: F32  # (T, 128) of all steps
    directions: F32  # (P, 128) of the characters
    ink: F32  # (T,) of all steps
    peaks: NDArray[np.intp]  # (P,) steps with the most ink of each character
    centres: F32  # (P,) middles of the characters, in steps
    height_px: int  # of the strip that the network saw, four px of which are a step


@dataclass(frozen=True)
class Told:
    """What the table of classes says of the characters of a strip."""

    known: F32  # (P, N) probabilities of the common classes
    ranked: Sequence[Sequence[tuple[int, float]]]  # of each character, the likeliest classes


@dataclass(frozen=True)
class Look:
    """Another way to see a strip: larger or smaller about its middle row, and moved to the right."""

    height_px: int
    zoom: float  # against a strip that fills the height
    shift_px: float

    def sample(self, gray: F32) -> F32:
        """(H, W) -> (height_px, width), what lies beside it the same as its edge."""
        zoom = self.zoom * self.height_px / gray.shape[0]
        width_px = -(-int(gray.shape[1] * zoom + 2 * self.shift_px + 4) // 4) * 4
        across = (zoom - 1) / 2 + self.shift_px
        down = (self.height_px - 1) / 2 - zoom * (gray.shape[0] - 1) / 2
        if zoom < 1:  # bilinear sampling would skip pixels
            gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), SMOOTHING / zoom), np.float32)
        to_look = np.array([[zoom, 0, across], [0, zoom, down]])
        size, border = (width_px, self.height_px), cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(gray, to_look, size, borderMode=border), np.float32)

    def places(self, centres: F32, first_height_px: int, step_px: int) -> F32:
        """From steps of the strip as it was first seen, at that height, to steps of this look."""
        zoom = self.zoom * self.height_px / first_height_px
        at_px = zoom * (centres + 0.5) * step_px + self.shift_px
        return np.asarray(at_px / step_px - 0.5, np.float32)


def shrunk(gray: F32, height_px: int) -> F32:
    """(H, W) to (height_px, W in proportion)."""
    if gray.shape[0] == height_px:
        return gray
    size = gray.shape[1] * height_px // gray.shape[0], height_px
    if 3 * size[0] == 2 * gray.shape[1] and 3 * size[1] == 2 * gray.shape[0]:  # as strips.py cuts
        small = np.empty(size[::-1], np.float32)
        _core.shrink_by_third(gray, small)
        return small
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.float32)


def find_characters(ink: F32, strip_steps: int) -> tuple[NDArray[np.intp], F32]:
    """Where characters may stand: (P,) steps with the most ink, of the strip's own steps, and the middles of
    the runs of ink (T,) around them, in steps."""
    peaks, centres = _core.find_characters(
        ink, strip_steps, least_ink=LEAST_INK, most_valley=MOST_VALLEY
    )
    return np.array(peaks, np.intp), np.array(centres, np.float32)


def run_of(ink: F32, peak: int) -> range:
    """The steps around a peak that have ink, each at least RUN_INK."""
    begin, end = peak, peak + 1
    while begin > 0 and ink[begin - 1] > RUN_INK:
        begin -= 1
    while end < len(ink) and ink[end] > RUN_INK:
        end += 1
    return range(begin, end)


def with_parts(seen: Seen, parts: Sequence[range]) -> Seen:
    """The characters anew: these steps are one each, and what had its peak among them is not."""
    taken = {step for part in parts for step in range(part.start - 1, part.stop + 1)}
    kept = np.array([peak not in taken for peak in seen.peaks.tolist()], bool)
    peaks, middles = [], []
    for part in parts:
        ink = seen.ink[part.start : part.stop].astype(np.float64)
        peaks.append(part.start + int(ink.argmax()))
        within = part.start + float((np.arange(len(part)) * ink).sum() / ink.sum())
        middles.append(min(within, part.stop - 1.0))  # not beyond by rounding
    centres = np.array(middles, np.float32)
    directions = mean_directions(seen.all_directions, seen.ink, centres)
    peaks_ = np.concatenate([seen.peaks[kept], np.array(peaks, np.intp)])
    order = np.argsort(peaks_)
    return replace(
        seen,
        directions=np.concatenate([seen.directions[kept], directions])[order],
        peaks=peaks_[order],
        centres=np.concatenate([seen.centres[kept], centres])[order],
    )


def mean_directions(directions: F32, ink: F32, centres: F32) -> F32:
    """(T, K) of steps -> (P, K) of characters: the steps about a middle, weighed by nearness and ink.

    The step with the most ink may lie at a character's rim, where half of it looks like another.
    """
    mean = np.empty((len(centres), directions.shape[1]), np.float32)
    _core.mean_directions(directions, ink, centres, mean)
    return mean


def middles_of(centres: F32, num_steps: int) -> F32:
    """Places of the characters and, half way to their neighbours, of the blank steps between."""
    at = np.concatenate([[0.0], (centres + 0.5) / num_steps, [1.0]])
    middles = np.empty(2 * len(centres) + 1, np.float32)
    middles[1::2] = at[1:-1]
    middles[0::2] = (at[:-1] + at[1:]) / 2
    return middles
