"""Photographs specimens: a tilted camera, a table, light, lens, sensor and JPEG. Seeded throughout."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from specimen import CARD_MM, FACES

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
LEVELS = ("clean", "ordinary", "hard")


@dataclass
class Photo:
    image: U8  # (H, W, 3) BGR
    corners: F32  # (4, 2) px of the card's lt, rt, rb, lb as printed
    strengths: dict[str, float] = field(default_factory=dict)


# ---- backgrounds ----------------------------------------------------------------------------------------


def _fibres(rng: np.random.Generator, height: int, width: int) -> F32:
    """Wood or brushed metal: noise stretched along one direction."""
    grain = rng.normal(
        0, 1, (height // int(rng.integers(1, 4)) + 1, int(rng.integers(3, 9)), 1)
    ).astype(np.float32)
    slow = rng.normal(0, 1, (int(rng.integers(3, 9)), 3, 1)).astype(np.float32)
    size = (width, height)
    mix = cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC) * rng.uniform(5, 22)
    mix = mix + cv2.resize(slow, size, interpolation=cv2.INTER_CUBIC) * rng.uniform(5, 25)
    colour = (
        np.array([90, 130, 170]) * rng.uniform(0.5, 1.35)
        if rng.random() < 0.7
        else rng.uniform(40, 230, 3)
    )
    return np.asarray(colour + mix[:, :, None] * np.array([0.8, 0.95, 1.0]), np.float32)


def _clouds(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Cloth, stone, carpet: noise of several sizes."""
    out = np.zeros((height, width, 3)) + rng.uniform(20, 235, 3)
    for cells in (int(rng.integers(2, 6)), int(rng.integers(10, 40)), int(rng.integers(60, 200))):
        noise = rng.normal(0, 1, (cells, cells, 3 if rng.random() < 0.3 else 1)).astype(np.float32)
        spread = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        out += (spread if spread.ndim == 3 else spread[:, :, None]) * rng.uniform(3, 26)
    return out


def _tiles(rng: np.random.Generator, height: int, width: int) -> F32:
    """Checks, stripes and tiles, turned by any angle."""
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.02, 0.3) * width
    u, v = xs * np.cos(angle) + ys * np.sin(angle), ys * np.cos(angle) - xs * np.sin(angle)
    kind = rng.integers(3)
    if kind == 0:
        mask = (np.floor(u / pitch) + np.floor(v / pitch)) % 2 < 1
    elif kind == 1:
        mask = u % pitch < pitch * rng.uniform(0.1, 0.9)
    else:
        mask = (u % pitch < pitch * 0.06) | (v % pitch < pitch * 0.06)
    return np.where(mask[:, :, None], rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)).astype(
        np.float32
    )


@cache
def _words(size: int, face: int) -> ImageFont.FreeTypeFont:
    path, index = FACES["train"][face]
    return ImageFont.truetype(path, size, index=index)


def _print(rng: np.random.Generator, height: int, width: int) -> F32:
    """Newspaper, forms, keyboards: rows of text or of rounded boxes."""
    paper = rng.uniform(170, 255, 3) if rng.random() < 0.75 else rng.uniform(10, 90, 3)
    image = Image.new("RGB", (width, height), tuple(int(v) for v in paper))
    draw = ImageDraw.Draw(image)
    ink = tuple(int(v) for v in rng.uniform(0, 110, 3)) if paper.mean() > 120 else (220, 220, 220)
    size = int(rng.uniform(0.02, 0.06) * width)
    y = int(rng.uniform(0, size))
    while y < height:
        if rng.random() < 0.25:
            x = 0.0
            while x < width:
                step = size * rng.uniform(1.2, 4)
                draw.rounded_rectangle(
                    [x, y, x + step * 0.9, y + size * 1.3],
                    radius=size // 5,
                    outline=ink,
                    width=max(1, size // 12),
                )
                x += step
        else:
            text = "".join(chr(c) for c in rng.integers(0x4E00, 0x8000, int(rng.integers(3, 30))))
            draw.text(
                (rng.uniform(0, 0.3) * width, y),
                text,
                font=_words(size, int(rng.integers(4))),
                fill=ink,
            )
        y += int(size * rng.uniform(1.3, 2.2))
    return np.asarray(image, np.float32)


def _shapes(rng: np.random.Generator, height: int, width: int) -> Floats:
    """A desk full of things: rectangles and polygons with hard edges, card-like ones among them."""
    out = _clouds(rng, height, width) if rng.random() < 0.5 else _fibres(rng, height, width)
    for _ in range(int(rng.integers(2, 16))):
        centre, turn = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0, 180)
        size = rng.uniform(0.03, 0.6) * width * np.array([1, rng.uniform(0.05, 1)])
        box = cv2.boxPoints((tuple(centre.tolist()), tuple(size.tolist()), float(turn))).astype(
            np.int32
        )
        cv2.fillConvexPoly(out, box, rng.uniform(0, 255, 3).tolist(), cv2.LINE_AA)
    return out


@cache
def _photographs() -> tuple[U8, ...]:
    from skimage import data

    names = ("brick", "grass", "gravel", "coffee", "chelsea", "rocket", "page")
    pictures: list[U8] = [getattr(data, name)() for name in names]
    return tuple(
        np.dstack([p] * 3) if p.ndim == 2 else np.ascontiguousarray(p[:, :, ::-1]) for p in pictures
    )


def _photograph_crop(rng: np.random.Generator, height: int, width: int) -> F32:
    source = _photographs()[rng.integers(7)]
    share = rng.uniform(0.4, 1.0)
    h, w = int(source.shape[0] * share), int(source.shape[1] * share)
    y, x = rng.integers(source.shape[0] - h + 1), rng.integers(source.shape[1] - w + 1)
    crop = cv2.resize(source[y : y + h, x : x + w], (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(crop * rng.uniform(0.5, 1.25, 3), np.float32)


def background(rng: np.random.Generator, height: int, width: int) -> U8:
    """Any table, floor, sheet or clutter: (height, width, 3) BGR."""
    makers = (_fibres, _clouds, _tiles, _print, _shapes, _photograph_crop)
    # Drawn at half size: most tables are out of focus.
    half_h, half_w = -(-height // 2), -(-width // 2)
    maker = makers[rng.choice(len(makers), p=[0.2, 0.2, 0.12, 0.13, 0.2, 0.15])]
    out: Floats = maker(rng, half_h, half_w)
    if rng.random() < 0.4:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.5, 2.5)), out.dtype)
    out = out + rng.normal(0, rng.uniform(0, 9), out.shape)
    return np.asarray(cv2.resize(out.clip(0, 255).astype(np.uint8), (width, height)), np.uint8)


# ---- the card in the scene --------------------------------------------------------------------------------


def random_corners(rng: np.random.Generator, size: tuple[int, int], level: str) -> F32:
    """Corners of a card of random place, turn, tilt and distance inside a (height, width) picture."""
    spread = {"clean": 6.0, "ordinary": 13.0, "hard": 18.0}[level]
    turn = rng.normal(0, spread / 2) if rng.random() < 0.8 else rng.uniform(0, 360)
    tilt = np.deg2rad(rng.normal(0, spread, 2).clip(-32, 32))
    share = rng.uniform(
        *{"clean": (0.62, 0.95), "ordinary": (0.5, 0.95), "hard": (0.42, 0.92)}[level]
    )
    return place_card(size, turn, tilt, share, rng.uniform(0, 1, 2))


def place_card(
    size: tuple[int, int],
    turn_degrees: float,
    tilt: NDArray[np.float64],
    share: float,
    place: NDArray[np.float64],
) -> F32:
    """The card fills `share` of what fits; `place` (2,) in 0..1 moves it within the room left."""
    height, width = size
    angle = np.deg2rad(turn_degrees)
    plane = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(CARD_MM) / 2
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy = plane @ spin.T
    depth = xy @ np.sin(tilt)
    xy = xy * np.cos(tilt) * (300 / (300 + depth))[:, None]
    low, high = xy.min(0), xy.max(0)
    scale = share * float(np.min(np.array([width, height]) / (high - low)))
    room = np.array([width, height]) - (high - low) * scale
    return np.asarray((xy - low) * scale + room * place, np.float32)


def _paste(scene: F32, face: U8, alpha: U8, corners: F32, rng: np.random.Generator) -> F32:
    height, width = scene.shape[:2]
    side = (
        float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    )
    shrink = min(1.0, 1.1 * side / face.shape[1])
    bgra = cv2.resize(
        np.dstack([face, alpha]), None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA
    )
    h, w = bgra.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, corners - 0.5)
    warped = cv2.warpPerspective(bgra, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = warped[:, :, 3:].astype(np.float32) / 255
    thick = side / CARD_MM[0]
    cast = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 1.5) * thick)
    drift = rng.normal(0, 0.8, 2) * thick
    move = np.array([[1, 0, drift[0]], [0, 1, drift[1]]], np.float32)
    cast = cv2.warpAffine(cast, move, (width, height))[:, :, None]
    scene = scene * (1 - rng.uniform(0.15, 0.6) * cast)
    return np.asarray(scene * (1 - mask) + warped[:, :, :3] * mask, np.float32)


# ---- light, lens, sensor ---------------------------------------------------------------------------


def _light(
    scene: F32, corners: F32, rng: np.random.Generator, level: str, strengths: dict[str, float]
) -> F32:
    height, width = scene.shape[:2]
    ys, xs = np.mgrid[:height:4, :width:4].astype(np.float32)
    power = LEVELS.index(level)
    field_ = (
        1
        + rng.normal(0, 0.05 + 0.05 * power) * (xs / width - 0.5)
        + rng.normal(0, 0.05 + 0.05 * power) * (ys / height - 0.5)
    )
    if rng.random() < (0.0, 0.3, 0.6)[power]:
        strengths["shadow"] = strength = float(rng.uniform(0.15, 0.3 + 0.12 * power))
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(8, 80)
        centre = corners.mean(0) + rng.normal(0, 0.15 * width, 2)
        side = (xs - centre[0]) * np.cos(angle) + (ys - centre[1]) * np.sin(angle)
        field_ = field_ * (1 - strength / (1 + np.exp((-side / soft).clip(-40, 40))))
    glare = np.zeros_like(field_)
    if rng.random() < (0.0, 0.15, 0.4)[power]:
        strengths["glare"] = strength = float(rng.uniform(30, 70 + 30 * power))
        spot = corners.mean(0) + rng.normal(0, 0.2, 2) * np.ptp(corners, axis=0)
        radius = rng.uniform(0.03, 0.12) * width
        glare = strength * np.exp(-((xs - spot[0]) ** 2 + (ys - spot[1]) ** 2) / (2 * radius**2))
    grow = (width, height)
    field_, glare = (cv2.resize(m.astype(np.float32), grow)[:, :, None] for m in (field_, glare))
    balance = rng.normal(1, 0.02 + 0.03 * power, 3)
    strengths["exposure"] = exposure = float(rng.uniform((0.9, 0.7, 0.5)[power], 1.08))
    return np.asarray((scene * field_ + glare) * balance * exposure, np.float32)


def _lens(scene: F32, rng: np.random.Generator, level: str, strengths: dict[str, float]) -> F32:
    power = LEVELS.index(level)
    strengths["defocus_px"] = sigma = float(rng.uniform(0.3, (0.7, 1.1, 1.7)[power]))
    scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma), np.float32)
    if rng.random() < (0.0, 0.2, 0.4)[power]:
        length = int(rng.integers(3, 4 + 2 * power))
        strengths["motion_px"] = float(length)
        kernel = np.zeros((length, length), np.float32)
        cv2.line(
            kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0
        )
        scene = np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.float32)
    return scene


def _sensor(scene: F32, rng: np.random.Generator, level: str, strengths: dict[str, float]) -> U8:
    power = LEVELS.index(level)
    strengths["noise"] = sigma = float(rng.uniform(0.8, (3, 6, 9)[power]))
    noise = rng.standard_normal(scene.shape, dtype=np.float32)
    image = (scene + sigma * noise).clip(0, 255).astype(np.uint8)
    strengths["jpeg_quality"] = quality = int(rng.integers((85, 70, 50)[power], 96))
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1),
        np.uint8,
    )


def _finger(scene: F32, corners: F32, rng: np.random.Generator) -> None:
    """A finger over the middle of an edge, clear of all print: 3 mm deep at most."""
    k = int(rng.integers(4))
    edge = corners[(k + 1) % 4] - corners[k]
    inward = np.array([-edge[1], edge[0]]) / np.linalg.norm(edge)
    mm = float(np.linalg.norm(corners[1] - corners[0])) / CARD_MM[0]
    tip = corners[k] + edge * rng.uniform(0.2, 0.8) - inward * 6 * mm
    tone = (np.array([135, 160, 215]) * rng.uniform(0.6, 1.05)).tolist()
    root = tip - inward * 60 * mm
    cv2.line(
        scene,
        tuple(root.astype(int).tolist()),
        tuple(tip.astype(int).tolist()),
        tone,
        int(15 * mm),
        cv2.LINE_AA,
    )


def photograph(
    face: U8,
    alpha: U8,
    rng: np.random.Generator,
    level: str = "ordinary",
    size: tuple[int, int] = (960, 1280),
    corners: F32 | None = None,
    table: U8 | None = None,
) -> Photo:
    """face, alpha: a specimen's picture and mask. size: (height, width). table: a background to use."""
    if corners is None:
        corners = random_corners(rng, size, level)
    scene = (background(rng, *size) if table is None else table).astype(np.float32)
    strengths: dict[str, float] = {}
    scene = _paste(scene, face, alpha, corners, rng)
    if level == "hard" and rng.random() < 0.3:
        _finger(scene, corners, rng)
        strengths["finger"] = 1.0
    scene = _lens(_light(scene, corners, rng, level, strengths), rng, level, strengths)
    return Photo(_sensor(scene, rng, level, strengths), corners, strengths)
