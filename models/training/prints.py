"""Cards printed on paper, some of them cut out."""

from __future__ import annotations

import cv2
import numpy as np
from drawing import (
    grain,
    slow_noise,
    spread,
    window,
)
from halftones import HALFTONES, screened
from numpy.typing import NDArray
from sheets import (
    Sheet,
    add_folds,
    card_on_paper,
    in_three_planes,
    lay_notes,
    premultiplied,
    with_added,
)

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def printed(face: U8, alpha: U8, rng: np.random.Generator, split: str) -> Sheet:
    """A colour print of the card's picture on plain or photo paper, cut out or still in its sheet."""
    strengths: dict[str, float] = {}
    zoom = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.8, 1.3))
    size, quad, scale = card_on_paper(rng, zoom, float(rng.normal(0, 0.8)))
    picture = face
    if rng.random() < 0.5:  # the source was a photograph or a scan, not the drawing itself
        strengths["source_blur"] = sigma = float(rng.uniform(0.5, 1.6))
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    bgra = spread(premultiplied(picture, alpha), quad, size)
    mask = np.ascontiguousarray(bgra[:, :, 3])
    outside = cv2.merge([cv2.bitwise_not(mask)] * 3)
    toned = cv2.add(cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR), outside)
    contrast = rng.uniform(0.75, 1.15)
    lift = 250 * (1 - contrast) * rng.uniform(0.8, 1.0)
    toned = cv2.addWeighted(toned, contrast, toned, 0, lift)
    page = np.asarray(cv2.max(toned, outside), np.uint8)
    kinds = HALFTONES[split]
    place = int(rng.integers(len(kinds)))
    # Dots of inkjets are finer than the sheet's px: they leave a part of their grain.
    most = 1.0 if kinds[place][1] else 0.55
    strengths["halftone"] = depth = float(rng.uniform(0.2, most))
    strengths["halftone_kind"] = float(place)
    left, top, right, bottom = window(quad, size)
    part = page[top:bottom, left:right]
    page[top:bottom, left:right] = screened(
        np.ascontiguousarray(part), rng, split, kinds[place], scale, depth
    )
    final = _printed_paper(page, rng, split, rng.random() < 0.4, strengths)
    if rng.random() < 0.2:
        strengths["notes"] = lay_notes(final, rng, split, quad, scale)
    sheet_alpha = _cut_out(rng, quad, size, scale, strengths)
    return Sheet(final, sheet_alpha, quad, "Photocopy", "printed", strengths)


def _printed_paper(
    page: U8,
    rng: np.random.Generator,
    split: str,
    photo_paper: bool,
    strengths: dict[str, float],
) -> U8:
    """What a printer's bands and the paper add to the inks, (H, W, 3)."""
    height, width = page.shape[:2]
    if rng.random() < 0.45:  # bands are in the ink, not in bare paper
        strengths["banding"] = depth = float(rng.uniform(0.03, 0.15))
        across = rng.random() < 0.3
        length = width if across else height
        rows = np.sin(np.arange(length) * (2 * np.pi / rng.uniform(8, 70))) ** 5
        rows += 0.5 * slow_noise(rng, length, 2, int(rng.integers(20, 90)))[:, 0]
        shade = (1 + depth * rows).astype(np.float32)
        shade = shade[None, :] if across else shade[:, None]
        gain = in_three_planes(np.ascontiguousarray(np.broadcast_to(shade, (height, width))))
        ink = cv2.multiply(cv2.bitwise_not(page), gain, dtype=cv2.CV_8U)
        page = np.asarray(cv2.bitwise_not(ink), np.uint8)
    white = np.array([1.0, 1.0, 1.0]) * rng.uniform(0.88, 0.99) + rng.normal(0, 0.012, 3)
    table = (np.arange(256)[:, None] * white).clip(0, 255).astype(np.uint8)
    page = np.asarray(cv2.LUT(page, table[None]), np.uint8)
    if photo_paper:
        strengths["gloss"] = gloss = float(rng.uniform(0, 18))
        light = np.float32(gloss) * np.maximum(slow_noise(rng, height, width, 5), 0)
    else:
        strengths["texture"] = rough = float(rng.uniform(0.8, 4.5))
        light = cv2.GaussianBlur(grain(rng, split, height, width), (0, 0), 1.0) * np.float32(3)
        light += slow_noise(rng, height, width, 80) * np.float32(0.4)
        light *= np.float32(rough)
        if rng.random() < 0.3:
            add_folds(light, rng, strengths)
    return with_added(page, np.asarray(light, np.float32))


def _cut_out(
    rng: np.random.Generator,
    quad: F64,
    size: tuple[int, int],
    scale: float,
    strengths: dict[str, float],
) -> U8:
    """(H, W): the whole sheet, or what scissors left round the card; never inside its outline."""
    mask = np.full(size, 255, np.uint8)
    chance = rng.random()
    if chance < 0.45:
        return mask
    strengths["cut_out"] = 1.0
    centre = quad.mean(0)
    away = rng.uniform(0.05, 2.5, 4)[:, None] * scale
    edge = quad - centre
    outer = quad + away * np.sign(edge)
    if chance > 0.72:  # ragged: torn, or cut with a child's scissors
        strengths["ragged"] = 1.0
        share = np.linspace(0, 1, 24, endpoint=False)[:, None]
        sides = [outer[k] * (1 - share) + outer[(k + 1) % 4] * share for k in range(4)]
        outer = np.concatenate(sides)
        outward = outer - centre
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        outer = outer + outward * rng.uniform(0, 1.2, (len(outer), 1)) * scale
    mask[:] = 0
    cv2.fillPoly(mask, [(outer * 16).round().astype(np.int32)[:, None]], 255, cv2.LINE_AA, 4)
    return mask
