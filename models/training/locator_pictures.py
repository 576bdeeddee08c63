"""Small pictures with cards in them, composed fast enough to train the locator on two CPU cores.

Whole photographs (`camera.py`) are drawn at 1280x960 and shrunk 5 times before the locator sees
them; here the same scene is composed at the locator's own scale, some hundred pictures a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN_SHARE = (
    1 / 16
)  # of the canvas' longer side, around the picture: corners just outside count too
CARD_MM = (85.6, 54.0)

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
KIND_INDEX = {"portrait": 0, "emblem": 1, "other_card": 2, "none": 3}


@dataclass(frozen=True)
class Example:
    picture: U8  # (H, W, 3) BGR canvas, margin included
    corners: F32  # (4, 2) canvas px, lt rt rb lb of the card as printed; zeros without a PRC card
    kind: int


@dataclass(frozen=True)
class Stock:
    """What scenes are composed of: card faces with their masks, by kind, and backgrounds."""

    cards: dict[str, list[U8]]  # (h, w, 4) BGRA
    backgrounds: list[U8]

    @staticmethod
    def load(folder: Path) -> Stock:
        cards = {
            kind: [
                cv2.imread(str(p), cv2.IMREAD_UNCHANGED)
                for p in sorted(folder.glob(f"{kind}_*.png"))
            ]
            for kind in ("portrait", "emblem", "other_card")
        }
        backgrounds = [cv2.imread(str(p)) for p in sorted(folder.glob("background_*.jpg"))]
        return Stock(cards, backgrounds)  # type: ignore[arg-type]


def random_quad(rng: np.random.Generator, width: int, height: int, margin_px: int) -> F32:
    """Corners of a card in a picture of this size, seen by a tilted camera."""
    mode = rng.choice(["loose", "fills", "cut"], p=[0.72, 0.16, 0.12])
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


def paste(picture: U8, face: U8, quad: F32, rng: np.random.Generator) -> None:
    """Warp a BGRA card face onto the picture, with a soft shadow and a change of light."""
    height, width = picture.shape[:2]
    side_px = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    shrink = max(0.05, min(1.0, 1.15 * side_px / face.shape[1]))
    small = cv2.resize(face, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    h, w = small.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, quad - 0.5)
    warped = cv2.warpPerspective(small, matrix, (width, height), flags=cv2.INTER_LINEAR)
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
        if rng.random() < 0.4
        else quad.mean(0) + (quad[rng.integers(4)] - quad.mean(0)) * rng.uniform(0.7, 1.2)
    )
    away = start - quad.mean(0)
    size = float(np.linalg.norm(quad[1] - quad[0])) * rng.uniform(0.05, 0.14)
    colour = (np.array([120, 150, 205]) * rng.uniform(0.5, 1.2) + rng.normal(0, 12, 3)).clip(0, 255)
    tone = tuple(float(c) for c in colour)
    tip, root = tuple(start.astype(int).tolist()), tuple((start + away * 1.5).astype(int).tolist())
    cv2.line(picture, tip, root, tone, max(2, int(size)), cv2.LINE_AA)


def lay_in_canvas(picture: U8, canvas_shape: tuple[int, int]) -> tuple[U8, tuple[int, int]]:
    """Centre a picture in a grey canvas; returns the canvas and the picture's (left, top)."""
    canvas = np.full((*canvas_shape, 3), 114, np.uint8)
    left = (canvas_shape[1] - picture.shape[1]) // 2
    top = (canvas_shape[0] - picture.shape[0]) // 2
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas, (left, top)


def compose(stock: Stock, rng: np.random.Generator, canvas_shape: tuple[int, int]) -> Example:
    """One example for a canvas of (height, width) px."""
    margin_px = round(max(canvas_shape) * MARGIN_SHARE)
    limits = np.array(canvas_shape) - 2 * margin_px
    long_axis = int(np.argmax(limits))
    shape = limits.copy()
    shape[1 - long_axis] = int(limits[1 - long_axis] - rng.integers(0, 2 * margin_px))
    height, width = int(shape[0]), int(shape[1])
    picture = random_background(stock, rng, width, height)
    kind = str(rng.choice(["portrait", "emblem", "other_card", "none"], p=[0.43, 0.37, 0.09, 0.11]))
    corners = np.zeros((4, 2), np.float32)
    if kind != "none":
        quad = random_quad(rng, width, height, margin_px)
        paste(picture, stock.cards[kind][rng.integers(len(stock.cards[kind]))], quad, rng)
        if rng.random() < 0.2:
            cover(picture, quad, rng)
    canvas, offset = lay_in_canvas(spoil(picture, rng), canvas_shape)
    if kind in ("portrait", "emblem"):
        corners = quad + np.array(offset, np.float32)
    return Example(canvas, corners, KIND_INDEX[kind])
