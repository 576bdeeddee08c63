"""Judgement from pixels: quality of fields, legality and completeness of the card, the portrait.

These are first measurements, each one documented where it is made; training them is a later work.
None is a constant: each moves with what it measures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from .layout import CARD_MM, PORTRAIT_WINDOW, BoxMm
from .reading import Measures, Quad

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

COLOUR_PX_PER_MM = 4.0
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


def _rise(value: float, low: float, high: float) -> float:
    """0 at `low` and below, 1 at `high` and above, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


# ---- quality of a field ---------------------------------------------------------------------------


def field_quality(measures: Sequence[Measures]) -> float:
    """0..1: contrast times sharpness times freedom from glare, in the field's worst window.

    Contrast of 0.05 of full scale is lost in noise, 0.25 is plain; the steepest steps of sharp print
    at 48 px a line take a third of the contrast, of unreadable print a fifteenth; glare on a third
    of the strip leaves no character whole.
    """
    if not measures:
        return 0.0
    return min(_rise(m.contrast, 0.03, 0.25) * clearness(m) * (1 - glare(m)) for m in measures)


def clearness(measures: Measures) -> float:
    """0 unreadably blurred, 1 sharp."""
    return _rise(measures.sharpness, 0.05, 0.30)


def glare(measures: Measures) -> float:
    """0 none, 1 where no character is left whole."""
    return _rise(measures.glare, 0.02, 0.35)


# ---- completeness ---------------------------------------------------------------------------------


def completeness(card: Quad, size_px: tuple[int, int], fields: Sequence[Quad], unread: int) -> int:
    """Megvii's 0 whole, 1 cut off but all text inside, 2 text outside.

    A corner may lie 1.5 % of the card's width outside: the rounded corner and the corner's own error.
    """
    width, height = size_px
    slack = 0.015 * math.dist(card[0], card[1])

    def outside(quad: Quad, margin: float) -> bool:
        return any(
            x < -margin or y < -margin or x > width - 1 + margin or y > height - 1 + margin
            for x, y in quad
        )

    if not outside(card, slack):
        return 0
    return 2 if unread or any(outside(quad, 0.0) for quad in fields) else 1


# ---- legality ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegalityMeasures:
    """What the five probabilities stand on, each in 0..1."""

    chroma: float  # spread of colour over the card, without the picture's own cast
    moire: float  # strength of regular fine patterns across the card
    editor: float  # 1 when a picture editor signed the file
    temporary: float  # share of the other side's labels that stand on the portrait side


def measure_chroma(upright: U8) -> float:
    """90th percentile of the distance from the card's mean colour in the a-b plane of CIE Lab / 100.

    A grey copy under any one light has one hue: its spread is that of noise and JPEG.
    """
    small = cv2.resize(upright, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    ab = lab[:, :, 1:].reshape(-1, 2)
    distance = np.linalg.norm(ab - np.median(ab, axis=0), axis=1)
    return float(np.percentile(distance, 90)) / 100


def measure_moire(bgr: U8, card: F64) -> float:
    """How far single peaks stand out of the spectrum at periods of 2 to 8 px, in 256 px of the card.

    Print and background have broad spectra; a panel's grid resampled by a camera gives lone peaks.
    Returns log10 of the second strongest peak over the median of its ring, / 4, clipped to 0..1: a
    peak comes with its mirror image, so that one strong cell alone (a JPEG block edge) says nothing.
    """
    centre = card @ np.array([CARD_MM[0] / 2, CARD_MM[1] / 2, 1.0])
    x, y = (centre[:2] / centre[2]).astype(int).tolist()
    side = 256
    left = min(max(0, x - side // 2), max(0, bgr.shape[1] - side))
    top = min(max(0, y - side // 2), max(0, bgr.shape[0] - side))
    grey = cv2.cvtColor(bgr[top : top + side, left : left + side], cv2.COLOR_BGR2GRAY)
    patch = np.asarray(grey, np.float32)
    if patch.shape != (side, side):
        missing = ((0, side - patch.shape[0]), (0, side - patch.shape[1]))
        patch = np.pad(patch, missing, mode="symmetric")
    fine = patch - cv2.GaussianBlur(patch, (0, 0), 6)
    window = np.hanning(side).astype(np.float32)
    power = np.abs(np.fft.rfft2(fine * window[:, None] * window)) ** 2
    fy, fx = np.abs(np.fft.fftfreq(side))[:, None], np.fft.rfftfreq(side)[None, :]
    radius = np.hypot(fy, fx)
    # Multiples of 1/8 along the axes belong to JPEG's blocks.
    blocks = ((np.abs(fy * 8 - np.round(fy * 8)) < 0.05) & (fx < 0.01)) | (
        (np.abs(fx * 8 - np.round(fx * 8)) < 0.05) & (fy < 0.01)
    )
    strongest = []
    for inner in np.arange(0.125, 0.5, 0.0625):
        ring = power[(radius >= inner) & (radius < inner + 0.0625) & ~blocks]
        top_two = np.partition(ring, -4)[-4:]
        strongest.append(top_two.min() / (np.median(ring) + 1e-6))
    return min(1.0, max(0.0, math.log10(max(strongest) + 1e-9) / 4))


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


def legality(measures: LegalityMeasures) -> dict[str, float]:
    """Five probabilities with three decimals that sum to 1, keyed as Megvii does.

    Each class has odds of e to its evidence against a genuine photograph's 1; the odds are
    normalised. Where the evidence turns lies between what specimens gave: chroma 0.034 and more in
    genuine pictures, 0.025 and less in grey ones; moire up to 0.60 in genuine pictures, from 0.58 on
    (median 0.87) through drawn panels.
    """
    odds = {
        "ID_Photo": 1.0,
        "Temporary_ID_Photo": math.exp(8 * (measures.temporary - 0.5)) - math.exp(-4),
        "Photocopy": math.exp(min(40.0, 500 * (0.029 - measures.chroma))),
        "Screen": math.exp(40 * (measures.moire - 0.66)),
        "Edited": math.exp(9 * measures.editor - 6),
    }
    total = sum(odds.values())
    rounded = {name: round(value / total, 3) for name, value in odds.items()}
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
    lab = cv2.cvtColor(cv2.GaussianBlur(window, (0, 0), 1.0), cv2.COLOR_BGR2LAB).astype(np.float32)
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
    mask: NDArray[np.bool_]  # of the whole window
    luma: NDArray[np.float32]

    @property
    def fill(self) -> float:
        """Share of its own bounding box."""
        return float(self.mask.sum()) / (self.width * self.height)

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
            _rise(float(self.mask.mean()), 0.10, 0.25)
            * _rise(self.height / window_height, 0.35, 0.55)
            * (1 - _rise(off_middle, 0.12, 0.25))
            * _rise(float(shoulders.max()) / max(1.0, float(np.median(head))), 0.9, 1.15)
            * _rise(float(self.luma[self.mask].std()), 8.0, 22.0)
        )


def _largest_body(lab: NDArray[np.float32]) -> _Body | None:
    third = lab.shape[0] // 3
    rim = np.concatenate([lab[:third, :4].reshape(-1, 3), lab[:third, -4:].reshape(-1, 3)])
    apart = np.linalg.norm(lab - np.median(rim, axis=0), axis=2)
    mask = (apart > 16).astype(
        np.uint8
    )  # units of CIE Lab: plain to the eye, above noise and waves
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, _ = stats[largest].tolist()
    return _Body(left, top, width, height, np.asarray(labels == largest), lab[:, :, 0])
