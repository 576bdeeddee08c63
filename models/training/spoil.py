"""One field of a photographed SPECIMEN spoilt: glare, shadow, a cover, a stain, blur, few pixels.

The rest of the picture stays as it was, so that whatever a measure says of the field is due to this.

    python spoil.py ../../out/pictures --count 600 --seed 11 --split train
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from edits import grown
from numpy.typing import NDArray
from pictures import SPLITS, Picture, draw_picture

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

PLAIN_SETS = ("clean", "ordinary", "bilingual")
KINDS = ("glare", "shadow", "occlusion", "stain", "blur", "low_resolution")


def spoil(photo: U8, quad: F64, kind: str, strength: float, rng: np.random.Generator) -> U8:
    """The photograph with one field spoilt.

    photo (H, W, 3) BGR uint8; quad (4, 2) px of the field's text, lt rt rb lb; kind: one of KINDS;
    strength 0 hardly to be seen, 1 nothing left to read. Returns a copy.
    """
    line = float(np.linalg.norm(quad[3] - quad[0]))
    window, local = _window(photo, quad, 2.5 * line)
    part = photo[window].astype(np.float32)
    make = {
        "glare": _glare,
        "shadow": _shadow,
        "occlusion": _cover,
        "stain": _stain,
        "blur": _blur,
        "low_resolution": _few_pixels,
    }[kind]
    done = make(part, local, line, strength, rng)
    out = photo.copy()
    out[window] = np.clip(done + 0.5, 0, 255).astype(np.uint8)
    return out


def _window(photo: U8, quad: F64, margin_px: float) -> tuple[tuple[slice, slice], F64]:
    height, width = photo.shape[:2]
    left, top = np.maximum(quad.min(axis=0) - margin_px, 0).astype(int).tolist()
    right, bottom = np.minimum(quad.max(axis=0) + margin_px, (width, height)).astype(int).tolist()
    return np.s_[top:bottom, left:right], quad - (left, top)


def _mask(shape: tuple[int, ...], quad: F64, soft_px: float) -> F32:
    """(h, w, 1) of 0..1: 1 in the quad, falling off over about soft_px outside it."""
    mask = np.zeros(shape[:2], np.float32)
    cv2.fillConvexPoly(mask, (quad * 16).round().astype(np.int32)[:, None], 1.0, cv2.LINE_AA, 4)
    if soft_px > 0.3:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px), np.float32)
    return mask[:, :, None]


def _glare(part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator) -> F32:
    soft = line * float(rng.uniform(0.2, 0.8))
    light = _mask(part.shape, grown(quad, soft), soft) * np.float32(330 * strength)
    return np.asarray(part + light * np.array([0.97, 1.0, 1.0], np.float32), np.float32)


def _shadow(part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator) -> F32:
    soft = line * float(rng.choice([0.05, 0.4]))
    dark = 1 - _mask(part.shape, grown(quad, 0.5 * line), soft) * np.float32(strength)
    noise = rng.normal(0, rng.uniform(1, 3), part.shape).astype(np.float32)
    return np.asarray(part * dark + noise * (1 - dark), np.float32)


def _cover(part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator) -> F32:
    """Skin, paper, plastic or a mosaic over a share of the text, from one of its ends or amid it."""
    share = 0.15 + 0.9 * strength
    start = float(rng.choice([-0.02, max(0.0, 1.02 - share), rng.uniform(0, max(0.01, 1 - share))]))
    a, b = start, min(1.03, start + share)
    upper, lower = quad[1] - quad[0], quad[2] - quad[3]
    over = np.array(
        [quad[0] + a * upper, quad[0] + b * upper, quad[3] + b * lower, quad[3] + a * lower]
    )
    mask = _mask(part.shape, grown(over, line * float(rng.uniform(0.1, 0.5))), 0.6)
    if rng.random() < 0.25:
        cell = max(4.0, line * rng.uniform(0.5, 0.9))
        small = cv2.resize(part, None, fx=1 / cell, fy=1 / cell, interpolation=cv2.INTER_AREA)
        fill = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    else:
        skin = np.array([135.0, 160.0, 215.0]) * rng.uniform(0.5, 1.1)
        paper = np.full(3, rng.uniform(120, 250))
        tone = (skin, paper, rng.uniform(0, 255, 3))[rng.integers(3)]
        shade = cv2.resize(rng.normal(1, 0.04, (3, 5)).astype(np.float32), part.shape[1::-1])
        fill = tone.astype(np.float32) * shade[:, :, None] + rng.normal(0, 2, part.shape)
    return np.asarray(part + (fill - part) * mask, np.float32)


def _stain(part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator) -> F32:
    """A blot of ink, tea or mould: transparent when weak, opaque when strong."""
    rough = cv2.resize(rng.normal(0, 1, (6, 12)).astype(np.float32), part.shape[1::-1],
                       interpolation=cv2.INTER_CUBIC)  # fmt: skip
    soft = _mask(part.shape, grown(quad, 0.4 * line), 0.35 * line)[:, :, 0]
    blot = (soft * 1.6 + 0.25 * rough - 0.4).clip(0, 1)[:, :, None] * np.float32(strength)
    tone = np.array([[30, 60, 110], [90, 40, 25], [30, 70, 40], [25, 25, 25]], np.float32)
    colour = tone[rng.integers(4)] * np.float32(rng.uniform(0.7, 1.6))
    filtered = part * (1 - blot * (1 - colour / 255))
    return np.asarray(filtered + (colour - filtered) * blot**3, np.float32)


def _blur(part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator) -> F32:
    sigma = 0.4 + 0.3 * line * strength
    if rng.random() < 0.7:
        soft = cv2.GaussianBlur(part, (0, 0), sigma)
    else:  # along one way, as from a hand that moves
        size = int(3.2 * sigma) | 1
        kernel = np.zeros((size, size), np.float32)
        reach = size / 2 * np.array([np.cos(a := rng.uniform(0, np.pi)), np.sin(a)])
        ends = [tuple((size // 2 + s * reach).round().astype(int).tolist()) for s in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0)
        soft = cv2.filter2D(part, -1, kernel / kernel.sum())
    mask = _mask(part.shape, grown(quad, 0.4 * line), 0.2 * line)
    return np.asarray(part + (soft - part) * mask, np.float32)


def _few_pixels(
    part: F32, quad: F64, line: float, strength: float, rng: np.random.Generator
) -> F32:
    factor = 1.2 + line / 4.0 * strength
    small = cv2.resize(part, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    ways = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    coarse = cv2.resize(small, part.shape[1::-1], interpolation=ways[rng.integers(2)])
    mask = _mask(part.shape, grown(quad, 0.4 * line), 0.2 * line)
    return np.asarray(part + (coarse - part) * mask, np.float32)


def base_of(index: int, sets: Sequence[str] = PLAIN_SETS) -> tuple[str, int]:
    """The set and the number in it of the picture that the `index`-th spoilt one is made of.

    Each set comes with each of KINDS and each of them with both sides of the card; no picture comes twice.
    """
    turn, place = divmod(index, len(KINDS))
    begun, which = divmod(turn, len(sets))
    return sets[which], begun * len(KINDS) + (place + begun) % len(KINDS)


def spoilt_picture(base: Picture, seed: int, index: int) -> tuple[bytes, dict[str, object]]:
    """A picture of the plain sets with one whole field spoilt: JPEG and truth.

    The truth is that of the base, with which field, how, how strongly, and (set, seed, index) of the base.
    Raises ValueError where no field is whole.
    """
    rng = np.random.default_rng([seed, index])
    whole = [name for name, f in base.fields.items() if f.visibility > 0.95]
    if not whole:
        raise ValueError("the picture shows no whole field")
    name = whole[rng.integers(len(whole))]
    kind, strength = KINDS[index % len(KINDS)], float(rng.uniform(0.05, 1.0))
    photo = cv2.imdecode(np.frombuffer(base.jpeg, np.uint8), cv2.IMREAD_COLOR)
    quad = np.asarray(base.fields[name].quad, np.float64)
    done = spoil(np.asarray(photo, np.uint8), quad, kind, strength, rng)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 96))]
    truth = base.truth() | {
        "set_name": "spoilt",
        "base": [base.set_name, base.seed, base.index],
        "spoilt": name,
        "spoil_kind": kind,
        "spoil_strength": strength,
    }
    return cv2.imencode(".jpg", done, quality)[1].tobytes(), truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="where NAME.jpg and NAME.json are written")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="that of the plain pictures too")
    parser.add_argument("--split", choices=SPLITS, default="train")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for index in range(options.count):
        set_name, number = base_of(index)
        base = draw_picture(set_name, options.seed, number, options.split)
        jpeg, truth = spoilt_picture(base, options.seed, index)
        name = options.folder / f"spoilt_{options.split}_{options.seed}_{index:05d}"
        name.with_suffix(".jpg").write_bytes(jpeg)
        name.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
