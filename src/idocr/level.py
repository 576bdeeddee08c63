"""Level rows: print runs along the card, so that rows which do not say that the corners are wrong.

A sheet's, sleeve's or screen's edge may be taken for the card's. How steep the rows are, at the card's
upper and at its lower edge, is told by the ink alone: counted along the right slope, where strokes begin
and end lies in the narrowest bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .layout import INK_PX_PER_MM

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LEAST_INK = 40  # of the ink map: where print begins
COLUMN_MM = 4.0  # ink is summed along rows in columns of this width
MARGIN_MM = 3.0  # at the card's edges, which are no print
STEP = 0.01  # of slopes, mm down a mm across
MOST_SLOPE = 0.16
COARSE_STEP = 0.02
LEAST_SLOPE = 0.02  # what is less, rows have room for
LEAST_GAIN = 1.15  # of sharpness: what is less is chance


@dataclass(frozen=True)
class Slopes:
    """How far rows sink towards the right, mm a mm, at the card's upper and lower edge."""

    top: float
    bottom: float

    @property
    def steepest(self) -> float:
        return max(abs(self.top), abs(self.bottom))


LEVEL = Slopes(0.0, 0.0)


class Bands:
    """Where ink begins and ends along the rows of a card, in columns, to be summed along slopes.

    Strokes have many beginnings and ends; the card's own edge and a portrait's shoulders have few.
    """

    def __init__(self, ink: U8) -> None:
        """ink: (H, W) upright at INK_PX_PER_MM, as of `card.ink_map`."""
        margin, width = round(MARGIN_MM * INK_PX_PER_MM), round(COLUMN_MM * INK_PX_PER_MM)
        dark = (ink[:, margin : ink.shape[1] - margin] > LEAST_INK).astype(np.uint8)
        inner = dark[:, 1:] ^ dark[:, :-1]
        count = inner.shape[1] // width
        columns = inner[:, : count * width].reshape(ink.shape[0], count, width)
        self.columns = np.ascontiguousarray(columns.mean(axis=2, dtype=np.float32))
        self.columns[:margin] = 0
        self.columns[-margin:] = 0
        # px from the card's middle
        self.across = (np.arange(count) + 0.5 - count / 2).astype(np.float32) * width
        self.rows = np.arange(ink.shape[0])[:, None]
        self.down = (self.rows / (ink.shape[0] - 1)).astype(np.float32)
        self.place = np.arange(count)

    def sharpness(self, slopes: Slopes) -> float:
        """The sum of squares of the ink summed along these slopes."""
        slope = slopes.top * (1 - self.down) + slopes.bottom * self.down
        at = self.rows + np.rint(slope * self.across).astype(np.intp)
        np.clip(at, 0, len(self.rows) - 1, out=at)
        band = self.columns[at, self.place].sum(axis=1)
        return float(band @ band)


def find_slopes(ink: U8) -> Slopes:
    """The slopes along which the ink is sharpest; LEVEL where none is plainly better than level rows."""
    bands = Bands(ink)
    level = bands.sharpness(LEVEL)
    near = [Slopes(a, b) for a, b in product((-STEP, 0.0, STEP), repeat=2)]
    if max(map(bands.sharpness, near)) <= level:
        return LEVEL
    coarse = np.arange(-MOST_SLOPE, MOST_SLOPE + 1e-6, COARSE_STEP).tolist()
    both = [Slopes(a, b) for a, b in product(coarse, repeat=2) if abs(a - b) <= MOST_SLOPE]
    best = max(both, key=bands.sharpness)
    fine = (-STEP, -STEP / 2, 0.0, STEP / 2, STEP)
    finer = [Slopes(best.top + a, best.bottom + b) for a, b in product(fine, repeat=2)]
    best = max([*finer, *near], key=bands.sharpness)
    if best.steepest < LEAST_SLOPE or bands.sharpness(best) < LEAST_GAIN * level:
        return LEVEL
    return best


def level_corners(corners_mm: F64, slopes: Slopes) -> F64:
    """Where the corners (4, 2) mm ought to be for rows of these slopes to be level.

    The card's middle stays: its left side rises as much as its right side sinks.
    """
    width = corners_mm[1, 0] - corners_mm[0, 0]
    sink = np.array([-slopes.top, slopes.top, slopes.bottom, -slopes.bottom]) * width / 2
    moved = corners_mm.copy()
    moved[:, 1] += sink
    return moved
