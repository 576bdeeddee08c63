"""Sets lines of text: a mask of the ink, and where each character stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from faces import EM_PX, Face, Glyph, face_for, glyph, shaped
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

MOST_WEIGHT = 1.0
BLUR_SIGMA = 1.3  # px at EM_PX
GREYS = np.arange(256, dtype=np.uint8)
PAD_PX = 24  # around the em boxes at EM_PX: accents, stacked letters and bold strokes


@dataclass(frozen=True)
class SetLine:
    """A line at EM_PX. The em boxes begin at (PAD_PX, PAD_PX)."""

    mask: U8  # (H, W), 255 is ink
    chars: tuple[str, ...]
    boxes: F64  # (N, 4) left, top, right, bottom of each character's ink

    @cached_property
    def blurred(self) -> U8:
        """The mask as `embolden` thresholds it."""
        return np.asarray(cv2.GaussianBlur(self.mask, (0, 0), BLUR_SIGMA), np.uint8)


def set_line(
    text: str,
    face: Face,
    split: str,
    tracking: float = 0.0,
    squeezes: Sequence[float] | None = None,
) -> SetLine:
    """Characters one after the other; tracking in ems between them; squeezes: each one's width factor."""
    glyphs = [glyph(char, face_for(char, face, split)) for char in text]
    return _place(list(text), glyphs, tracking, squeezes)


@lru_cache(maxsize=256)
def kept_line(text: str, face: Face, split: str, tracking: float) -> SetLine:
    """The line as set_line gives it, kept: most lines on cards are labels. Not to be drawn on."""
    return set_line(text, face, split, tracking)


def set_shaped(text: str, face: Face) -> SetLine:
    """Words of a script whose letters join: each word is one "character"."""
    words = text.split()
    return _place(words, [shaped(word, face) for word in words], 0.25, None)


def _place(
    chars: list[str], glyphs: list[Glyph], tracking: float, squeezes: Sequence[float] | None
) -> SetLine:
    pens, pen = [], float(PAD_PX)
    for index, drawn in enumerate(glyphs):
        pens.append(pen)
        squeeze = squeezes[index] if squeezes is not None else 1.0
        pen += drawn.advance * squeeze + tracking * EM_PX
    mask = np.zeros((EM_PX + 2 * PAD_PX, int(pen) + EM_PX // 2 + PAD_PX), np.uint8)
    boxes = []
    for index, (drawn, at) in enumerate(zip(glyphs, pens, strict=True)):
        ink = drawn.mask
        left = drawn.left
        if squeezes is not None:
            left = round(left * squeezes[index])
            width = max(1, round(ink.shape[1] * squeezes[index]))
            ink = np.asarray(
                cv2.resize(ink, (width, ink.shape[0]), interpolation=cv2.INTER_AREA), np.uint8
            )
        x, y = max(0, round(at) + left), max(0, PAD_PX + drawn.top)
        height, width = ink.shape
        room = mask[y : y + height, x : x + width]
        np.maximum(room, ink[: room.shape[0], : room.shape[1]], out=room)
        boxes.append((x, y, x + width, y + height))
    return SetLine(mask, tuple(chars), np.array(boxes, np.float64).reshape(-1, 4))


def embolden(line: SetLine, weight: float) -> U8:
    """The line's mask with thicker (weight > 0) or thinner strokes.

    By about `weight` px at EM_PX on either side, at most by MOST_WEIGHT: beyond, the paper would be
    taken for ink.
    """
    weight = min(weight, MOST_WEIGHT)
    if abs(weight) < 0.05:
        return line.mask
    # Along a straight edge blurred by sigma, moving the threshold by this much moves the edge by weight.
    threshold = 127.5 * (1 - 0.6 * weight)
    gain = 3.0
    levels = cv2.convertScaleAbs(cv2.subtract(GREYS, threshold - 127.5 / gain), alpha=gain)
    return np.asarray(cv2.LUT(line.blurred, levels), np.uint8)
