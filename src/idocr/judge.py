"""Judgement of the card: completeness, legality as it is answered, who signed the file, the portrait.

What legality stands on is measured in evidence.py, what quality stands on in visibility.py; both are
weighed by small networks (models/training/judgement.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .layout import CARD_MM, COLOUR_PX_PER_MM, PORTRAIT_WINDOW, BoxMm
from .median import median
from .reading import Quad
from .visibility import rise

U8 = NDArray[np.uint8]

LEGALITY = ("ID_Photo", "Temporary_ID_Photo", "Photocopy", "Screen", "Edited")
# How far outside the picture a corner may lie before the card counts as cut, shares of its width: the
# rounded corner and the corner's own error. A side whose edge nobody saw is told to lie too far inside.
SEEN_SLACK, UNSEEN_SLACK = 0.015, 0.009
CUT_TEXT_MM = 0.3  # print nearer to the picture's edge goes on beyond it
BROKEN_NUMBER_MM = 1.0  # the same of a number that breaks a rule: what is cut off is missing there
APART = 16.0  # units of CIE Lab: plain to the eye, above noise and waves
RIM_PX = 3  # at that scale: the rim of a portrait with a background of its own

# Names of picture editors as they sign EXIF, XMP and PNG text (Software, CreatorTool).
EDITORS = (
    b"photoshop",
    b"gimp",
    b"lightroom",
    b"affinity photo",
    b"pixelmator",
    b"paint.net",
    b"snapseed",
    b"picsart",
    b"meitu",
    "美图".encode(),
    b"krita",
    b"corel",
    b"acdsee",
    b"photoscape",
    b"faceapp",
)
LONGEST_EDITOR = 64  # characters of a signature: "Adobe Photoshop Lightroom Classic 13.2 (Windows)"
MOST_MENTIONS = 50  # of one editor that are looked at: metadata may repeat a word without end


# ---- completeness ---------------------------------------------------------------------------------


def completeness(
    card: Quad,
    support: tuple[float, float, float, float],
    size_px: tuple[int, int],
    fields: Sequence[Quad],
    unread: int,
    broken_number: Quad | None = None,
) -> int:
    """Megvii's 0 whole, 1 cut off but all text inside, 2 text outside.

    support: of the card's sides, as `Reading.card_support`. unread: fields of which something is missing.
    broken_number: where a number stands that breaks a rule.
    """
    width, height = size_px
    card_px = math.dist(card[0], card[1])
    top, right, bottom, left = (UNSEEN_SLACK if found == 0 else SEEN_SLACK for found in support)
    slacks = (min(top, left), min(top, right), min(right, bottom), min(bottom, left))

    def beyond(x: float, y: float) -> float:
        return max(-x, -y, x - (width - 1), y - (height - 1))

    if all(beyond(*corner) <= s * card_px for corner, s in zip(card, slacks, strict=True)):
        return 0
    mm_px = card_px / CARD_MM[0]
    cut = any(beyond(*corner) > -CUT_TEXT_MM * mm_px for quad in fields for corner in quad)
    broken = any(beyond(*corner) > -BROKEN_NUMBER_MM * mm_px for corner in broken_number or ())
    return 2 if unread or cut or broken else 1


# ---- legality ---------------------------------------------------------------------------------------


def editor_name(metadata: bytes) -> str:
    """How a picture editor signed EXIF, XMP or PNG text ("Adobe Photoshop CS6"); "" if none did.

    That is the words around the editor's name. Where they are a name or an address of XML or longer
    than any signature, the editor's name alone.
    """
    lowered = metadata.lower()
    bare = ""
    for name in EDITORS:
        for found in islice(re.finditer(re.escape(name), lowered), MOST_MENTIONS):
            bare = bare or metadata[found.start() : found.end()].decode("utf-8")
            words = _words_around(metadata, found.start(), found.end())
            if len(words) <= LONGEST_EDITOR and not set(words) & set(":/"):
                return words
    return bare


def _words_around(metadata: bytes, begin: int, end: int) -> str:
    """The text that holds these bytes, up to a control character or a mark of XML on either side."""
    marks = rb"""[\x00-\x1f\x7f"'<>=]"""
    before = re.split(marks, metadata[max(0, begin - LONGEST_EDITOR - 1) : begin])[-1]
    after = re.split(marks, metadata[end : end + LONGEST_EDITOR + 1], maxsplit=1)[0]
    return (before + metadata[begin:end] + after).decode("utf-8", "ignore").strip()


def names_editor(metadata: bytes) -> bool:
    """True when EXIF, XMP or PNG text names a picture editor."""
    return bool(editor_name(metadata))


def legality(probabilities: Mapping[str, float]) -> dict[str, float]:
    """The classifier's probabilities with three decimals that sum to 1, keyed as Megvii does."""
    rounded = {name: round(probabilities[name], 3) for name in LEGALITY}
    largest = max(rounded, key=lambda name: rounded[name])
    rounded[largest] = round(rounded[largest] + 1 - sum(rounded.values()), 3)
    return rounded


# ---- the portrait -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Face:
    box: BoxMm
    evidence: float  # 0..1


def _crop(upright: U8, box: BoxMm) -> U8:
    left, top, right, bottom = (
        round(v * COLOUR_PX_PER_MM) for v in (box.left, box.top, box.right, box.bottom)
    )
    return upright[top:bottom, left:right]


def find_face(upright: U8) -> Face | None:
    """A head and shoulders in the portrait's window, told from their background by difference.

    The background is the window's left and right rim in its upper third; where what differs from
    it is a full rectangle (a photograph with a background of its own), the search goes on inside.
    Returns None below an evidence of 0.5.
    """
    window = _crop(upright, PORTRAIT_WINDOW)
    levels = np.empty(window.shape, np.uint8)
    _core.bgr_to_lab(np.asarray(cv2.GaussianBlur(window, (0, 0), 1.0), np.uint8), levels)
    lab = levels.astype(np.float32)
    left = top = 0
    body = _largest_body(lab)
    if body is not None and body.fill > 0.92:
        left, top = body.left + RIM_PX, body.top + RIM_PX
        lab = lab[top : top + body.height - 2 * RIM_PX, left : left + body.width - 2 * RIM_PX]
        body = _largest_body(lab) if min(lab.shape[:2]) >= 24 else None
    if body is None:
        return None
    evidence = body.evidence()
    if evidence < 0.5:
        return None
    px = COLOUR_PX_PER_MM
    x, y = (
        PORTRAIT_WINDOW.left + (left + body.left) / px,
        PORTRAIT_WINDOW.top + (top + body.top) / px,
    )
    return Face(BoxMm(x, y, x + body.width / px, y + body.height / px), evidence)


@dataclass(frozen=True)
class _Body:
    """The largest patch that differs from the background of a window."""

    left: int
    top: int
    width: int
    height: int
    area: int
    mask: U8  # 0 or 1, of the whole window
    luma: NDArray[np.float32]

    @property
    def fill(self) -> float:
        """Share of its own bounding box."""
        return self.area / (self.width * self.height)

    def evidence(self) -> float:
        """0..1: large, in the middle, narrower above (head) than below (shoulders), and structured
        inside (hair, skin, eyes): a blank window, a finger or a flat patch lacks one of these."""
        window_height, window_width = self.mask.shape
        rows = self.mask.sum(axis=1).astype(float)
        head = rows[self.top : self.top + self.height // 2]
        shoulders = rows[self.top + 3 * self.height // 4 : self.top + self.height]
        if not len(head) or not len(shoulders):
            return 0.0
        off_middle = abs(self.left + self.width / 2 - window_width / 2) / window_width
        return (
            rise(self.area / self.mask.size, 0.10, 0.25)
            * rise(self.height / window_height, 0.35, 0.55)
            * (1 - rise(off_middle, 0.12, 0.25))
            * rise(float(shoulders.max()) / max(1.0, median(head.tolist())), 0.9, 1.15)
            * rise(float(cv2.meanStdDev(self.luma, mask=self.mask)[1][0, 0]), 8.0, 22.0)
        )


def _largest_body(lab: NDArray[np.float32]) -> _Body | None:
    third = lab.shape[0] // 3
    rim = np.concatenate([lab[:third, :4].reshape(-1, 3), lab[:third, -4:].reshape(-1, 3)])
    # In cv2, for a NumPy difference goes through it three numbers at a time.
    background = np.sort(rim, axis=0)[[(len(rim) - 1) // 2, len(rim) // 2]].mean(axis=0)
    apart = np.asarray(cv2.transform(lab, np.column_stack([np.eye(3), np.negative(background)])))
    squares = np.asarray(cv2.transform(apart * apart, np.ones((1, 3), np.float32)))
    mask = (squares > APART**2).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    # With labels of 16 bits OpenCV takes half as long; a window has not so many patches.
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask, connectivity=8, ltype=cv2.CV_16U
    )
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, area = stats[largest].tolist()
    luma = np.ascontiguousarray(lab[:, :, 0])
    return _Body(left, top, width, height, area, (labels == largest).astype(np.uint8), luma)
