"""Pictures made smaller and larger: the bytes of OpenCV, sooner, and no more of them than is asked for."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from idocr import _core

U8 = NDArray[np.uint8]
Window = tuple[int, int, int, int]  # left, top, right, bottom px; half open


def resized_by_area(picture: U8, fx: float, fy: float) -> U8:
    """cv2.resize with these factors and INTER_AREA, of a picture (h, w), (h, w, 3) or (h, w, 4)."""
    height, width = picture.shape[:2]
    size = (round(height * fy), round(width * fx), *picture.shape[2:])
    whole = fx >= 1 or fy >= 1 or ((1 / fx).is_integer() and (1 / fy).is_integer())
    if whole or size == picture.shape or min(size) < 1:
        both = cv2.resize(picture, None, fx=fx, fy=fy, interpolation=cv2.INTER_AREA)
        return np.asarray(both, np.uint8)
    out = np.empty(size, np.uint8)
    flat = out.ndim == 2
    _core.resize_by_area(
        picture[:, :, None] if flat else picture, 1 / fx, 1 / fy, out[:, :, None] if flat else out
    )
    return out


def grown(small: U8, factor: int, window: Window) -> U8:
    """This window of cv2.resize(small, ...) to so many times its size."""
    rows, columns = small.shape[:2]
    left, top, right, bottom = window
    x, y = max(0, left // factor - 1), max(0, top // factor - 1)
    end_x, end_y = min(columns, right // factor + 2), min(rows, bottom // factor + 2)
    whole = cv2.resize(small[y:end_y, x:end_x], ((end_x - x) * factor, (end_y - y) * factor))
    x, y = x * factor, y * factor
    return np.asarray(whole[top - y : bottom - y, left - x : right - x], np.uint8)


def around(window: Window, hidden: Window | None) -> list[Window]:
    """What is left of a window without the hidden one: up to four, above, below and beside it."""
    left, top, right, bottom = window
    if hidden is None:
        return [window]
    x0, y0 = max(left, hidden[0]), max(top, hidden[1])
    x1, y1 = min(right, hidden[2]), min(bottom, hidden[3])
    if x0 >= x1 or y0 >= y1:
        return [window]
    parts = [
        (left, top, right, y0),
        (left, y1, right, bottom),
        (left, y0, x0, y1),
        (x1, y0, right, y1),
    ]
    return [part for part in parts if part[0] < part[2] and part[1] < part[3]]
