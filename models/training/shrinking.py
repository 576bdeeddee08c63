"""Pictures made smaller: the bytes of OpenCV in a third of its time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from idocr import _core

U8 = NDArray[np.uint8]


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
