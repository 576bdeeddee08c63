"""Lays one picture over another by a mask, in whole numbers of 16 bits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


def cover(under: U8, mask: U8, over: U8) -> None:
    """Cover `under` (h, w, 3), in place, with `over` where mask (h, w) is 255.

    over: a picture of the same size or one colour (3,).
    """
    height, width = mask.shape
    # Rows of 3 w values: NumPy is slow along an axis of three, and where it widens bytes on the way.
    flat = under.reshape(height, 3 * width)
    opaque = cv2.cvtColor(mask.astype(np.uint16), cv2.COLOR_GRAY2BGR).reshape(height, 3 * width)
    rows = np.full((width, 3), over) if over.ndim == 1 else over
    wet = rows.astype(np.uint16).reshape(-1, 3 * width)
    mixed = 255 - opaque
    mixed *= flat.astype(np.uint16)
    opaque += 1
    opaque *= wet
    mixed += opaque
    mixed >>= 8
    flat[:] = mixed
