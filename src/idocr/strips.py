"""Strips: a row of print in card millimetres, and the ways between its steps and the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .layout import CARD_MM, BoxMm
from .reading import Quad

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

# The recogniser was trained on lines whose characters fill about three quarters of the height.
ROW_FILL = 0.76
LEAST_ROW_MM = 2.6
SIDE_MARGIN_MM = 0.9
HEIGHT_PX = 48  # what is measured; the recogniser sees it at two thirds
WIDTH_STEP_PX = 6  # one step of the recogniser


def card_to_picture(corners: F64) -> F64:
    """Homography (3, 3) from card mm to px; corners (4, 2) px of lt, rt, rb, lb.

    Pixel centres are whole numbers, so the card's outline lies on pixel edges half a px away.
    """
    width, height = CARD_MM
    card = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(card, corners.astype(np.float32)), np.float64)


def map_points(homography: F64, points: F64) -> F64:
    """(N, 2) -> (N, 2)."""
    mapped = points @ homography[:, :2].T + homography[:, 2]
    result: F64 = mapped[:, :2] / mapped[:, 2:]
    return result


def corners_of(boxes: Sequence[BoxMm]) -> F64:
    """(4 N, 2): lt, rt, rb, lb of one after the other."""
    corners = [(b.left, b.top, b.right, b.top, b.right, b.bottom, b.left, b.bottom) for b in boxes]
    return np.array(corners, np.float64).reshape(-1, 2)


def to_quads(points: F64) -> list[Quad]:
    """(4 N, 2) as `corners_of` gives them."""
    return [
        ((ax, ay), (bx, by), (cx, cy), (dx, dy))
        for ax, ay, bx, by, cx, cy, dx, dy in points.reshape(-1, 8).tolist()
    ]


def map_box(homography: F64, box: BoxMm) -> Quad:
    """A box on the card -> lt, rt, rb, lb in the picture."""
    (quad,) = to_quads(map_points(homography, corners_of([box])))
    return quad


@dataclass(frozen=True)
class Strip:
    """A row's box on the card and the size at which it is sampled."""

    row: BoxMm  # tight around the print
    box: BoxMm  # what is sampled
    width_px: int
    height_px: int

    @staticmethod
    def around(row: BoxMm, height_px: int = HEIGHT_PX) -> Strip:
        """The strip to sample for a row of print."""
        height_mm = max(row.height, LEAST_ROW_MM) / ROW_FILL
        middle = (row.top + row.bottom) / 2
        px_per_mm = height_px / height_mm
        wanted = (row.width + 2 * SIDE_MARGIN_MM) * px_per_mm
        width_px = max(6, round(wanted / WIDTH_STEP_PX)) * WIDTH_STEP_PX
        left = row.left - SIDE_MARGIN_MM
        box = BoxMm(
            left, middle - height_mm / 2, left + width_px / px_per_mm, middle + height_mm / 2
        )
        return Strip(row, box, width_px, height_px)

    def sample(self, bgr: U8, card: F64) -> F32:
        """(3, height, width) float32 in -1..1; `card` maps card mm to px of bgr."""
        sx, sy = self.box.width / self.width_px, self.box.height / self.height_px
        to_card = np.array(
            [[sx, 0, self.box.left + sx / 2], [0, sy, self.box.top + sy / 2], [0, 0, 1.0]]
        )
        out = np.empty((3, self.height_px, self.width_px), np.float32)
        _core.sample_strip(bgr, np.ascontiguousarray(card @ to_card), out)
        return out

    def x_mm(self, share: float) -> float:
        """Where a share of the strip's width is, in mm from the card's left edge."""
        return self.box.left + self.box.width * share

    def columns(self, begin_mm: float, end_mm: float, least: int) -> tuple[int, int]:
        """Columns (begin, end) of the strip between two positions, at least so many."""
        px_per_mm = self.width_px / self.box.width
        begin = int(min(max(0.0, (begin_mm - self.box.left) * px_per_mm), self.width_px - least))
        end = int(min(self.width_px, (end_mm - self.box.left) * px_per_mm))
        return begin, max(end, begin + least)

    def y_mm(self, line_px: int) -> float:
        """Where a line of the strip begins, in mm from the card's upper edge."""
        return self.box.top + self.box.height * line_px / self.height_px
