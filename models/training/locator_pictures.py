"""Small pictures with cards in them, made fast enough to train the locator on two CPU cores.

Whole photographs (`camera.py`) are drawn at 1280x960 and shrunk 5 times before the locator sees them.
Half of what it learns from are such photographs, drawn once, of which a window is cut, turned and lit anew
each time; the other half is composed at the locator's own scale, some hundred pictures a second: one card or
two on a background, on a sheet or a screen, in a sleeve, at the picture's edges.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

KINDS = (
    "portrait",
    "emblem",
    "bilingual_portrait",
    "bilingual_emblem",
    "temporary",
    "permit_portrait",
    "permit_emblem",
    "permanent_residence",
    "other_card",
    "none",
)
# Of the canvas' longer side, around the picture: corners just outside count too.
MARGIN_SHARE = 1 / 16
CARD_MM = (85.6, 54.0)
MOST_CARDS = 2
PHOTOGRAPHS = 0.5  # share of examples that are cut out of whole photographs
# What a face of the stock is called, and which kinds it may be: drawn styles say whether a card is bilingual,
# photographs of the tiers do not.
EITHER_SCRIPT = {
    "portrait": ("portrait", "bilingual_portrait"),
    "emblem": ("emblem", "bilingual_emblem"),
}
FACES = tuple(kind for kind in KINDS if kind != "none")
FACE_SHARES = (0.24, 0.22, 0.1, 0.08, 0.09, 0.05, 0.04, 0.06, 0.12)

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Kinds = tuple[str, ...]


@dataclass(frozen=True)
class Example:
    picture: U8  # (H, W, 3) BGR canvas, margin included
    # (MOST_CARDS, 4, 2) canvas px, lt rt rb lb of each card as printed; not a number where there is none
    corners: F32
    kinds: NDArray[np.bool_]  # (K,) which kinds are a right answer


@dataclass(frozen=True)
class Photograph:
    jpeg: bytes
    corners: F64 | None
    kinds: Kinds


@dataclass(frozen=True)
class Stock:
    """What examples are made of: card faces with their masks, by kind, backgrounds, photographs."""

    faces: dict[str, list[U8]]  # (h, w, 4) BGRA
    backgrounds: list[U8]
    photographs: list[Photograph]

    @staticmethod
    def load(folder: Path) -> Stock:
        faces = {kind: _images(folder, f"{kind}-*.png") for kind in FACES}
        if not all(faces.values()):
            raise SystemExit(f"{folder} is no stock: draw one with locator.py stock")
        shots = [
            Photograph(
                path.with_suffix(".jpg").read_bytes(), *_truth(json.loads(path.read_text("utf-8")))
            )
            for path in sorted(folder.glob("photograph-*.json"))
        ]
        return Stock(faces, _images(folder, "background-*.jpg"), shots)


def _images(folder: Path, pattern: str) -> list[U8]:
    found = [cv2.imread(str(p), cv2.IMREAD_UNCHANGED) for p in sorted(folder.glob(pattern))]
    return [np.asarray(image, np.uint8) for image in found]


def _truth(kept: dict[str, Any]) -> tuple[F64 | None, Kinds]:
    corners = kept["corners"]
    return None if corners is None else np.array(corners, np.float64), tuple(kept["kinds"])


# ---- composed ------------------------------------------------------------------------------------------


def random_quad(rng: np.random.Generator, width: int, height: int, margin_px: int) -> F32:
    """Corners of a card in a picture of this size, seen by a tilted camera."""
    mode = rng.choice(["loose", "fills", "cut"], p=[0.68, 0.18, 0.14])
    turn = float(rng.choice([0.0, 90.0, 180.0, 270.0], p=[0.4, 0.2, 0.2, 0.2]))
    wobble = rng.normal(0, 4) if rng.random() < 0.6 else rng.uniform(-45, 45)
    if mode == "fills":
        wobble = rng.normal(0, 1.0)
    angle = np.deg2rad(turn + wobble)
    half = np.array(CARD_MM) / 2
    plane = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64) * half
    tilt = rng.normal(0, 14 if mode != "fills" else 2, 2).clip(-38, 38)
    ax, ay = np.deg2rad(tilt)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy = plane @ spin.T
    depth = xy[:, 0] * np.sin(ay) + xy[:, 1] * np.sin(ax)
    xy = xy * np.array([np.cos(ay), np.cos(ax)])
    distance = rng.uniform(140, 420)
    xy = xy * (distance / (distance + depth))[:, None]
    low, high = xy.min(0), xy.max(0)
    size = np.array([width, height], np.float64)
    fit = float(np.min(size / (high - low)))
    if mode == "fills":
        stretch = size / (high - low) * rng.uniform(0.97, 1.03, 2)
        placed = (xy - (low + high) / 2) * stretch + size / 2 + rng.normal(0, 0.008, 2) * size
        return placed.astype(np.float32)
    scale = fit * (rng.uniform(0.34, 0.99) if mode == "loose" else rng.uniform(0.7, 1.12))
    box = (high - low) * scale
    room = size - box
    spare = np.full(2, margin_px * 0.85) if mode == "cut" else np.zeros(2)
    offset = rng.uniform(np.minimum(-spare, room + spare), np.maximum(-spare, room + spare))
    return ((xy - low) * scale + offset).astype(np.float32)


def two_quads(rng: np.random.Generator, width: int, height: int, margin_px: int) -> list[F32]:
    """Two cards in the picture's halves, side by side or one above the other."""
    if width >= height:
        half = (width // 2, height)
        shift = np.array([width - half[0], 0], np.float32)
    else:
        half = (width, height // 2)
        shift = np.array([0, height - half[1]], np.float32)
    first, second = (random_quad(rng, *half, margin_px // 4) for _ in range(2))
    return [first, second + shift]


def dressed(face: U8, rng: np.random.Generator) -> U8:
    """A face as others print it: other tints, less pattern, watermarks, bars over what is private."""
    bgr, alpha = face[:, :, :3].astype(np.float32), face[:, :, 3:]
    if rng.random() < 0.3:  # a plainer ground
        ground = np.median(bgr[::4, ::4].reshape(-1, 3), axis=0)
        bgr = bgr + rng.uniform(0.2, 0.9) * (ground - bgr) * (bgr.min(2, keepdims=True) > 150)
    if rng.random() < 0.4:
        bgr = bgr * rng.uniform(0.8, 1.1, 3) + rng.uniform(-15, 15, 3)
    if rng.random() < 0.08:
        bgr = np.repeat(bgr.mean(2, keepdims=True), 3, axis=2)
    plain = np.ascontiguousarray(bgr.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.15:
        _draw_bars(plain, rng)
    if rng.random() < 0.15:
        _draw_watermark(plain, rng)
    return np.concatenate([plain, alpha], axis=2)


def _draw_bars(bgr: U8, rng: np.random.Generator) -> None:
    height, width = bgr.shape[:2]
    for _ in range(int(rng.integers(1, 6))):
        tone = rng.uniform(0, 255, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(0, 255))
        left, top = rng.uniform(0, 0.8) * width, rng.uniform(0, 0.9) * height
        right = left + rng.uniform(0.05, 0.45) * width
        bottom = top + rng.uniform(0.03, 0.15) * height
        box = (int(left), int(top)), (int(right), int(bottom))
        cv2.rectangle(bgr, *box, tone.tolist(), cv2.FILLED)


def _draw_watermark(bgr: U8, rng: np.random.Generator) -> None:
    height, width = bgr.shape[:2]
    marked = bgr.copy()
    tone = rng.uniform(0, 255, 3).tolist()
    for _ in range(int(rng.integers(1, 5))):
        at = (int(rng.uniform(-0.2, 0.6) * width), int(rng.uniform(0.1, 1) * height))
        cv2.putText(
            marked, "SPECIMEN", at, int(rng.integers(8)), width / 428 * rng.uniform(0.6, 3), tone, 2
        )
    weight = rng.uniform(0.15, 0.7)
    cv2.addWeighted(marked, weight, bgr, 1 - weight, 0, dst=bgr)


def around(quad: F32, rng: np.random.Generator) -> F32:
    """The outline of what a card lies on, is shown on or is kept in: a parallelogram around it."""
    centre = quad.mean(0)
    across, down = (quad[1] - quad[0]) / 2, (quad[3] - quad[0]) / 2
    near = rng.random() < 0.4
    low, high = (1.02, 1.12) if near else (1.1, 2.6)
    left, right, top, bottom = rng.uniform(low, high, 4)
    corners = [
        centre - across * left - down * top,
        centre + across * right - down * top,
        centre + across * right + down * bottom,
        centre - across * left + down * bottom,
    ]
    return np.array(corners, np.float32)


def surround(picture: U8, quad: F32, rng: np.random.Generator) -> None:
    """A sheet of paper, a screen with its bezel, or a sleeve under the card to come."""
    what = rng.choice(["sheet", "screen", "sleeve"])
    outer = (around(quad, rng) * 16).round().astype(np.int32)
    if what == "sheet":
        tone = np.full(3, rng.uniform(170, 255)) + rng.normal(0, 4, 3)
        cv2.fillConvexPoly(picture, outer, tone.clip(0, 255).tolist(), cv2.LINE_AA, 4)
    elif what == "screen":
        bezel, lit = rng.uniform(0, 50, 3), rng.uniform(0, 255) + rng.normal(0, 8, 3)
        centre = outer.mean(0)
        larger = (centre + (outer - centre) * rng.uniform(1.03, 1.15)).round().astype(np.int32)
        cv2.fillConvexPoly(picture, larger, bezel.tolist(), cv2.LINE_AA, 4)
        cv2.fillConvexPoly(picture, outer, lit.clip(0, 255).tolist(), cv2.LINE_AA, 4)
    else:
        film = picture.copy()
        tone = rng.uniform(120, 255, 3).tolist()
        cv2.fillConvexPoly(film, outer, tone, cv2.LINE_AA, 4)
        weight = rng.uniform(0.1, 0.6)
        cv2.addWeighted(film, weight, picture, 1 - weight, 0, dst=picture)
        cv2.polylines(picture, [outer], True, rng.uniform(60, 255, 3).tolist(), 1, cv2.LINE_AA, 4)


def shrunk(face: U8, quad: F32) -> U8:
    """A face at about the size at which it will be seen."""
    side_px = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    zoom = max(0.05, min(1.0, 1.15 * side_px / face.shape[1]))
    small = cv2.resize(face, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def paste(picture: U8, face: U8, quad: F32, rng: np.random.Generator) -> None:
    """Warp a BGRA card face onto the picture, with a soft shadow and a change of light."""
    height, width = picture.shape[:2]
    h, w = face.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, quad - 0.5)
    warped = cv2.warpPerspective(face, matrix, (width, height), flags=cv2.INTER_LINEAR)
    alpha = warped[:, :, 3:].astype(np.float32) / 255
    if rng.random() < 0.5:
        offset = rng.normal(0, 2.0, 2)
        cast = cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.7, 4))
        cast = cv2.warpAffine(
            cast, np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32), (width, height)
        )
        picture[:] = (picture * (1 - rng.uniform(0.1, 0.6) * cast[:, :, None])).astype(np.uint8)
    light = rng.uniform(0.72, 1.2) * rng.normal(1, 0.08, 3)
    shade = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None] * rng.normal(0, 0.12)
    face_light = warped[:, :, :3].astype(np.float32) * light.astype(np.float32) * (1 + shade)
    picture[:] = (face_light.clip(0, 255) * alpha + picture * (1 - alpha)).astype(np.uint8)


def random_background(stock: Stock, rng: np.random.Generator, width: int, height: int) -> U8:
    if rng.random() < 0.12:  # scans and web pictures lie on one plain colour, mostly white
        plain = np.full(3, rng.uniform(215, 256)) if rng.random() < 0.6 else rng.uniform(0, 256, 3)
        return np.tile(plain.astype(np.uint8), (height, width, 1))
    source = stock.backgrounds[rng.integers(len(stock.backgrounds))]
    if rng.random() < 0.5:
        source = np.ascontiguousarray(source.transpose(1, 0, 2))
    zoom = rng.uniform(0.35, 1.0)
    h, w = int(source.shape[0] * zoom), int(source.shape[1] * zoom)
    top, left = rng.integers(source.shape[0] - h + 1), rng.integers(source.shape[1] - w + 1)
    crop = source[top : top + h, left : left + w]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    picture = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.3:
        picture = picture[:, :, rng.permutation(3)]
    gain, lift = rng.uniform(0.55, 1.3), rng.uniform(-25, 25)
    return np.ascontiguousarray((picture * gain + lift).clip(0, 255).astype(np.uint8))


def spoil(picture: U8, rng: np.random.Generator) -> U8:
    """Light, lens and sensor: on the whole picture."""
    height, width = picture.shape[:2]
    x = picture.astype(np.float32)
    if rng.random() < 0.35:
        centre, size = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.03, 0.25) * width
        ys, xs = np.mgrid[:height, :width].astype(np.float32)
        spot = np.exp(-((xs - centre[0]) ** 2 + (ys - centre[1]) ** 2) / (2 * size**2))
        strength = rng.uniform(-0.7, 1.2)
        x = (
            x * (1 + min(strength, 0) * spot[:, :, None])
            + max(strength, 0) * 190 * spot[:, :, None]
        )
    if rng.random() < 0.3:  # the edge of a shadow
        normal = rng.normal(0, 1, 2)
        ys, xs = np.mgrid[:height, :width].astype(np.float32)
        side = normal[0] * (xs - rng.uniform(0, width)) + normal[1] * (ys - rng.uniform(0, height))
        soft = 1 / (1 + np.exp(-side.clip(-60, 60) / rng.uniform(0.5, 12)))
        x *= (1 - rng.uniform(0.1, 0.6) * soft)[:, :, None]
    x = x * rng.uniform(0.45, 1.25) * rng.normal(1, 0.07, 3) + rng.uniform(-12, 12)
    if rng.random() < 0.12:
        x = np.repeat(x.mean(2, keepdims=True), 3, axis=2)
    if rng.random() < 0.45:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.6))
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(1, 14), x.shape)
    return x.clip(0, 255).astype(np.uint8)


def cover(picture: U8, quad: F32, rng: np.random.Generator) -> None:
    """A finger-like or paper-like thing over an edge or a corner."""
    start = (
        quad[rng.integers(4)]
        if rng.random() < 0.6
        else quad.mean(0) + (quad[rng.integers(4)] - quad.mean(0)) * rng.uniform(0.7, 1.2)
    )
    away = start - quad.mean(0)
    size = float(np.linalg.norm(quad[1] - quad[0])) * rng.uniform(0.05, 0.18)
    colour = (np.array([120, 150, 205]) * rng.uniform(0.5, 1.2) + rng.normal(0, 12, 3)).clip(0, 255)
    tone = tuple(float(c) for c in colour)
    tip, root = tuple(start.astype(int).tolist()), tuple((start + away * 1.5).astype(int).tolist())
    cv2.line(picture, tip, root, tone, max(2, int(size)), cv2.LINE_AA)


def _compose(
    stock: Stock, rng: np.random.Generator, width: int, height: int, margin_px: int
) -> tuple[U8, list[F32], set[str]]:
    picture = random_background(stock, rng, width, height)
    chance = rng.random()
    if chance < 0.1:
        return spoil(picture, rng), [], {"none"}
    if chance < 0.2:
        quads = two_quads(rng, width, height, margin_px)
    else:
        quads = [random_quad(rng, width, height, margin_px)]
    kept, kinds = [], set()
    for quad in quads:
        kind = FACES[rng.choice(len(FACES), p=FACE_SHARES)]
        if rng.random() < 0.25:
            surround(picture, quad, rng)
        face = stock.faces[kind][rng.integers(len(stock.faces[kind]))]
        paste(picture, dressed(shrunk(face, quad), rng), quad, rng)
        if rng.random() < 0.25:
            cover(picture, quad, rng)
        kinds.add(kind)
        if kind != "other_card":
            kept.append(quad)
    if len(kinds) > 1:  # a card of ours beside another counts
        kinds.discard("other_card")
    return spoil(picture, rng), kept, kinds


# ---- cut out of photographs ------------------------------------------------------------------------------


def _random_window(
    rng: np.random.Generator, size: F64, aspect: float, corners: F64 | None
) -> tuple[F64, float]:
    """(left, top) and width of a window of this aspect: all there is, or closer around the card."""
    widest = min(float(size[0]), float(size[1]) * aspect)
    least = 0.45 * widest
    if corners is not None:
        low, high = corners.min(0), corners.max(0)
        need = float(max(high[0] - low[0], (high[1] - low[1]) * aspect))
        least = min(widest, max(least, need * rng.uniform(0.95, 1.25)))
    width = widest if rng.random() < 0.4 else rng.uniform(least, widest)
    box = np.array([width, width / aspect])
    room = (size - box).clip(0)
    at = rng.uniform(0, 1, 2) * room
    if corners is not None:  # the card stays inside where it can
        slack = 0.03 * width
        first, last = high - box - slack, low + slack
        at = np.clip(at, np.minimum(first, last), np.maximum(first, last)).clip(0, room)
    return at, width


def _cut(
    stock: Stock, rng: np.random.Generator, width: int, height: int
) -> tuple[U8, list[F32], set[str]]:
    shot = stock.photographs[rng.integers(len(stock.photographs))]
    image = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    corners = shot.corners
    turns = int(rng.integers(4))
    if rng.random() < 0.7 and (image.shape[1] > image.shape[0]) != (width > height):
        turns = int(rng.choice([1, 3]))
    for _ in range(turns):
        image = np.rot90(image)
        if corners is not None:  # counter-clockwise: x to y, the last column becomes the first row
            corners = np.stack([corners[:, 1], image.shape[0] - 1 - corners[:, 0]], axis=1)
    size = np.array([image.shape[1], image.shape[0]], np.float64)
    at, wide = _random_window(rng, size, width / height, corners)
    left, top = at.astype(int).tolist()
    crop = image[top : top + max(2, int(wide * height / width)), left : left + max(2, int(wide))]
    zoom = np.array([width / crop.shape[1], height / crop.shape[0]])
    crop = np.ascontiguousarray(crop)
    picture = np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if rng.random() < 0.15:
        picture = np.ascontiguousarray(picture[:, :, rng.permutation(3)])
    if rng.random() < 0.5:
        gains = rng.uniform(0.6, 1.25) * rng.normal(1, 0.06, 3)
        picture = (picture * gains + rng.uniform(-15, 15)).clip(0, 255).astype(np.uint8)
    elif rng.random() < 0.4:
        picture = spoil(picture, rng)
    quads = (
        [] if corners is None else [((corners - (left, top) + 0.5) * zoom - 0.5).astype(np.float32)]
    )
    return picture, quads, set(shot.kinds)


# ---- examples --------------------------------------------------------------------------------------------


def lay_in_canvas(picture: U8, canvas_shape: tuple[int, int]) -> tuple[U8, tuple[int, int]]:
    """Centre a picture in a grey canvas; returns the canvas and the picture's (left, top)."""
    canvas = np.full((*canvas_shape, 3), 114, np.uint8)
    left = (canvas_shape[1] - picture.shape[1]) // 2
    top = (canvas_shape[0] - picture.shape[0]) // 2
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas, (left, top)


def make_example(stock: Stock, rng: np.random.Generator, canvas_shape: tuple[int, int]) -> Example:
    """One example for a canvas of (height, width) px."""
    margin_px = round(max(canvas_shape) * MARGIN_SHARE)
    limits = np.array(canvas_shape) - 2 * margin_px
    long_axis = int(np.argmax(limits))
    shape = limits.copy()
    shape[1 - long_axis] = int(limits[1 - long_axis] - rng.integers(0, 2 * margin_px))
    height, width = int(shape[0]), int(shape[1])
    if stock.photographs and rng.random() < PHOTOGRAPHS:
        picture, quads, kinds = _cut(stock, rng, width, height)
    else:
        picture, quads, kinds = _compose(stock, rng, width, height, margin_px)
    canvas, offset = lay_in_canvas(picture, canvas_shape)
    corners = np.full((MOST_CARDS, 4, 2), np.nan, np.float32)
    for place, quad in enumerate(quads):
        corners[place] = quad + np.array(offset, np.float32)
    return Example(canvas, corners, np.array([kind in kinds for kind in KINDS]))
