"""Level rows: print runs along the card, so that rows which do not say that the corners are wrong.

A sheet's, sleeve's or screen's edge may be taken for the card's. How steep the rows are, at the card's
upper and at its lower edge, is told by the ink alone: counted along the right slope, where strokes begin
and end lies in the narrowest bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .layout import INK_PX_PER_MM

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

LEAST_INK = 40  # of the ink map: where print begins
ROW_PX = 2  # rows of ink that are counted together
COLUMN_MM = 4.0  # ink is summed along rows in columns of this width
MARGIN_MM = 3.0  # at the card's edges, which are no print
STEP = 0.01  # of slopes, mm down a mm across
MOST_SLOPE = 0.16
COARSE_STEP = 0.04
LEAST_SLOPE = 0.02  # what is less, rows have room for
LEAST_HINT = 1.01  # of sharpness, one step from level: with less nobody looks farther
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
        margin = round(MARGIN_MM * INK_PX_PER_MM)
        inner = ink[:, margin : ink.shape[1] - margin]
        _, dark = cv2.threshold(inner, LEAST_INK, 255, cv2.THRESH_BINARY)
        edges = np.asarray(cv2.bitwise_xor(dark[:, 1:], dark[:, :-1]), np.uint8)
        count = round(edges.shape[1] / (COLUMN_MM * INK_PX_PER_MM))
        rows = ink.shape[0] // ROW_PX
        levels = np.empty((rows, count, 1), np.uint8)
        _core.resize_by_area(edges[:, :, None], edges.shape[1] / count, ink.shape[0] / rows, levels)
        self.levels = levels[:, :, 0]
        self.levels[: margin // ROW_PX] = 0
        self.levels[-margin // ROW_PX :] = 0
        # rows of `levels` from the card's middle
        middle = np.arange(count, dtype=np.float32) + np.float32(0.5 - count / 2)
        self.across = middle * np.float32(edges.shape[1] / count / ROW_PX)

    def sharpness(self, slopes: Slopes) -> float:
        """The sum of squares of the ink summed along these slopes."""
        return _core.row_sharpness(self.levels, self.across, slopes.top, slopes.bottom)


def find_slopes(ink: U8) -> Slopes:
    """The slopes along which the ink is sharpest; LEVEL where none is plainly better than level rows."""
    bands = Bands(ink)
    level = bands.sharpness(LEVEL)
    near = [Slopes(a, b) for a, b in product((-STEP, 0.0, STEP), repeat=2)]
    if max(map(bands.sharpness, near)) <= LEAST_HINT * level:
        return LEVEL
    coarse = np.arange(-MOST_SLOPE, MOST_SLOPE + 1e-6, COARSE_STEP).tolist()
    both = [Slopes(a, b) for a, b in product(coarse, repeat=2) if abs(a - b) <= MOST_SLOPE]
    best = max(both, key=bands.sharpness)
    fine = (-2 * STEP, -STEP, 0.0, STEP, 2 * STEP)
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
