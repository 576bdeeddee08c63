"""Curves as small PNG files: a few lines in a frame, drawn with OpenCV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

Curve = Sequence[tuple[float, float]]
SIZE = (420, 520)  # height, width of the frame
MARGIN = (30, 200, 50, 60)  # top, right (for names), bottom, left
COLOURS = (
    (60, 110, 10),
    (30, 65, 180),
    (180, 90, 20),
    (150, 40, 140),
    (40, 150, 200),
    (90, 90, 90),
)
FONT, INK, GRID = cv2.FONT_HERSHEY_SIMPLEX, (40, 40, 40), (221, 221, 221)


def draw(
    path: Path,
    curves: Mapping[str, Curve],
    labels: tuple[str, str],
    x_range: tuple[float, float] = (0.0, 1.0),
    y_range: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Write a PNG: curves (x, y) by name, labels of x and y, in ASCII. What lies outside is cut off."""
    top, right, bottom, left = MARGIN
    height, width = SIZE
    picture = np.full((height + top + bottom, width + left + right, 3), 255, np.uint8)

    def place(x: float, y: float) -> tuple[int, int]:
        across = (min(max(x, x_range[0]), x_range[1]) - x_range[0]) / (x_range[1] - x_range[0])
        up = (min(max(y, y_range[0]), y_range[1]) - y_range[0]) / (y_range[1] - y_range[0])
        return left + round(across * width), top + height - round(up * height)

    def write(text: str, x: int, y: int) -> None:
        cv2.putText(picture, text, (x, y), FONT, 0.42, INK, 1, cv2.LINE_AA)

    for share in np.linspace(0, 1, 6).tolist():
        x = x_range[0] + share * (x_range[1] - x_range[0])
        y = y_range[0] + share * (y_range[1] - y_range[0])
        cv2.line(picture, place(x, y_range[0]), place(x, y_range[1]), GRID, 1)
        cv2.line(picture, place(x_range[0], y), place(x_range[1], y), GRID, 1)
        write(f"{x:.3g}", place(x, y_range[0])[0] - 12, top + height + 18)
        write(f"{y:.3g}", 18, place(x_range[0], y)[1] + 5)
    write(labels[0], left + 60, top + height + 40)
    write(labels[1], left, top - 10)
    for row, (name, points) in enumerate(curves.items()):
        colour = COLOURS[row % len(COLOURS)]
        line = np.array([place(x, y) for x, y in points], np.int32)
        cv2.polylines(picture, [line], False, colour, 2, cv2.LINE_AA)
        y = top + 20 + 22 * row
        cv2.line(picture, (left + width + 12, y - 4), (left + width + 34, y - 4), colour, 2)
        write(name, left + width + 42, y)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def roc(positive: Sequence[float], negative: Sequence[float]) -> list[tuple[float, float]]:
    """(share of negatives, share of positives) at or above each threshold, from (0, 0) to (1, 1)."""
    values = np.unique(np.concatenate([positive, negative]))[::-1]
    yes, no = np.asarray(positive, float), np.asarray(negative, float)
    points = [(float((no >= v).mean()), float((yes >= v).mean())) for v in values]
    return [(0.0, 0.0), *points, (1.0, 1.0)]
