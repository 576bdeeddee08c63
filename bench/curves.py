"""Curves as small PNG pictures, drawn with OpenCV: risk over coverage, right over stated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 560, 320
LEFT_PX, TOP_PX, RIGHT_PX, BOTTOM_PX = 64, 16, 220, 56
PALETTE = (  # BGR
    (61, 107, 10), (27, 66, 179), (160, 90, 20), (140, 40, 140), (20, 150, 210), (90, 90, 90),
    (30, 160, 60), (200, 120, 60), (60, 60, 220), (120, 160, 0), (0, 110, 150), (170, 60, 90),
)  # fmt: skip
INK, GRID = (40, 40, 40), (221, 221, 221)


@dataclass(frozen=True)
class Curve:
    label: str
    x: Sequence[float]  # 0..1
    y: Sequence[float]  # 0..1


@dataclass(frozen=True)
class Axes:
    """least_y: None is a linear scale from 0 to 1; else a logarithmic one from it to 1."""

    x_label: str
    least_y: float | None = None
    diagonal: bool = False

    def ticks(self) -> list[float]:
        if self.least_y is None:
            return [n / 5 for n in range(6)]
        return [10.0**power for power in range(round(math.log10(self.least_y)), 1)]

    def at(self, x: float, y: float) -> tuple[int, int]:
        """px of a point."""
        share = y
        if self.least_y is not None:
            share = 1 - math.log10(max(y, self.least_y)) / math.log10(self.least_y)
        return round(LEFT_PX + x * WIDTH_PX), round(TOP_PX + (1 - share) * HEIGHT_PX)


def draw(curves: Sequence[Curve], axes: Axes) -> NDArray[np.uint8]:
    """(H, W, 3) BGR: the curves over a grid, with their names beside them."""
    canvas = np.full(
        (TOP_PX + HEIGHT_PX + BOTTOM_PX, LEFT_PX + WIDTH_PX + RIGHT_PX, 3), 255, np.uint8
    )
    for tick in axes.ticks():
        cv2.line(canvas, axes.at(0, tick), axes.at(1, tick), GRID)
        _text(canvas, f"{tick:g}", (8, axes.at(0, tick)[1] + 4))
    least = axes.least_y or 0.0
    for tenth in range(0, 11, 2):
        x = axes.at(tenth / 10, least)[0]
        cv2.line(canvas, (x, TOP_PX), (x, TOP_PX + HEIGHT_PX), GRID)
        _text(canvas, f"{tenth / 10:g}", (x - 8, TOP_PX + HEIGHT_PX + 18))
    _text(canvas, axes.x_label, (LEFT_PX, TOP_PX + HEIGHT_PX + 42))
    if axes.diagonal:
        cv2.line(canvas, axes.at(0, 0), axes.at(1, 1), GRID, 2, cv2.LINE_AA)
    for row, curve in enumerate(curves):
        colour = PALETTE[row % len(PALETTE)]
        points = [axes.at(x, y) for x, y in zip(curve.x, curve.y, strict=True)]
        if points:
            cv2.polylines(canvas, [np.array(points, np.int32)], False, colour, 2, cv2.LINE_AA)
        y = TOP_PX + 14 + 18 * row
        cv2.line(
            canvas, (LEFT_PX + WIDTH_PX + 16, y - 4), (LEFT_PX + WIDTH_PX + 40, y - 4), colour, 2
        )
        _text(canvas, curve.label, (LEFT_PX + WIDTH_PX + 48, y))
    return canvas


def _text(canvas: NDArray[np.uint8], text: str, at: tuple[int, int]) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)


def png(canvas: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", canvas, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def roc(positive: Sequence[float], negative: Sequence[float]) -> list[tuple[float, float]]:
    """(share of negatives, share of positives) at or above each threshold, from (0, 0) to (1, 1)."""
    values = np.unique(np.concatenate([positive, negative]))[::-1]
    yes, no = np.asarray(positive, float), np.asarray(negative, float)
    points = [(float((no >= v).mean()), float((yes >= v).mean())) for v in values]
    return [(0.0, 0.0), *points, (1.0, 1.0)]
