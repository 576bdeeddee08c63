"""What a card lies on: textures and photographs out of packages, and drawn ones. The splits share none.

Trained on: openarena-081-textures, gnome-backgrounds, scikit-image's pictures; fibres, clouds, tiles, print,
clutter of boxes. Tested with: sweethome3d's floors and walls, mate-backgrounds; woven cloth, marble,
clutter of round things. Plain surfaces are in both, for a plain surface is nothing to remember.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from faces import draw_face, glyph, is_drawable
from numpy.typing import NDArray
from resizing import Window, around, grown
from resources import path

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Maker = Callable[[np.random.Generator, int, int], U8]  # (height, width) -> (height, width, 3) BGR

NOISE_SHAPE = (1400, 1800)
NOISE_SIGMA = 32.0
LARGEST_PX = 2048


# ---- noise ---------------------------------------------------------------------------------------------


@cache
def _noise_sheet(split: str, cell_px: int) -> U8:
    """(1400, 1800, 3) normal noise around 128 with sigma 32, its grains `cell_px` wide."""
    rng = np.random.default_rng([len(split), cell_px])
    height, width = NOISE_SHAPE
    grains = rng.standard_normal((height // cell_px + 1, width // cell_px + 1, 3), np.float32)
    noise = cv2.resize(grains, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((128 + noise / noise.std() * NOISE_SIGMA).clip(0, 255), np.uint8)


def add_noise(
    picture: U8, sigma: float, rng: np.random.Generator, split: str, cell_px: int = 1
) -> U8:
    """Sensor noise: a random window of a kept sheet, `sigma` grey levels strong."""
    height, width = picture.shape[:2]
    sheet = _noise_sheet(split, cell_px)
    y = int(rng.integers(max(1, NOISE_SHAPE[0] - height + 1)))
    x = int(rng.integers(max(1, NOISE_SHAPE[1] - width + 1)))
    crop = sheet[y : y + height, x : x + width]
    if crop.shape[:2] != (height, width):
        crop = cv2.resize(sheet, (width, height))
    share = sigma / NOISE_SIGMA
    return np.asarray(cv2.addWeighted(picture, 1.0, crop, share, -128 * share), np.uint8)


# ---- pictures of packages --------------------------------------------------------------------------------


@cache
def _picture_files(split: str) -> tuple[tuple[Path, ...], ...]:
    """Files by group; a group is chosen first, so that the many do not drown the few."""
    if split == "train":
        textures = sorted(path("openarena-081-textures").rglob("*.jpg"))
        return tuple(textures), tuple(sorted(path("gnome-backgrounds").rglob("*.webp")))
    mate = sorted(p for p in path("mate-backgrounds").rglob("*.*") if p.suffix in (".jpg", ".png"))
    return tuple(sorted(path("sweethome3d").rglob("*.jpg"))), tuple(mate)


@lru_cache(maxsize=2000)
def _load(file: Path) -> U8 | None:
    """A picture, at most LARGEST_PX wide; None when it is one flat colour or too small."""
    picture = cv2.imread(str(file))
    if picture is None or min(picture.shape[:2]) < 64 or picture[::8, ::8].std() < 4:
        return None
    shrink = LARGEST_PX / max(picture.shape[:2])
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


@cache
def _scikit_pictures() -> tuple[U8, ...]:
    from skimage import data

    found: list[U8] = [
        getattr(data, n)() for n in ("brick", "grass", "gravel", "coffee", "chelsea", "rocket")
    ]
    return tuple(
        np.dstack([p] * 3) if p.ndim == 2 else np.ascontiguousarray(p[:, :, ::-1]) for p in found
    )


def _photographed(split: str) -> Maker:
    def make(rng: np.random.Generator, height: int, width: int) -> U8:
        source = None
        while source is None:
            groups = _picture_files(split)
            pick = int(rng.integers(len(groups) + (split == "train")))
            if pick == len(groups):
                pictures = _scikit_pictures()
                source = pictures[int(rng.integers(len(pictures)))]
            else:
                source = _load(groups[pick][int(rng.integers(len(groups[pick])))])
        if max(source.shape[:2]) <= 600 and rng.random() < 0.7:
            return _tiled(source, rng, height, width)
        return _crop(source, rng, height, width)

    return make


def _crop(source: U8, rng: np.random.Generator, height: int, width: int) -> U8:
    lying = rng.random() < 0.3
    tall, wide = source.shape[1::-1] if lying else source.shape[:2]
    share = rng.uniform(0.35, 1.0)
    h, w = max(32, int(tall * share)), max(32, int(wide * share))
    y, x = int(rng.integers(tall - h + 1)), int(rng.integers(wide - w + 1))
    part = cv2.transpose(source[x : x + w, y : y + h]) if lying else source[y : y + h, x : x + w]
    return np.asarray(cv2.resize(part, (width, height)), np.uint8)


def _tiled(source: U8, rng: np.random.Generator, height: int, width: int) -> U8:
    """A small texture laid side by side over a surface that is turned and seen at a slant."""
    size = rng.uniform(0.25, 0.9) * width  # of one tile
    scale, angle = source.shape[1] / size, rng.uniform(0, 2 * np.pi)
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    slant = rng.normal(0, 0.15 / width, 2)
    to_texture = np.array(
        [[c, -s, rng.uniform(0, 4000)], [s, c, rng.uniform(0, 4000)], [slant[0], slant[1], 1.0]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(
            source, to_texture, (width, height), flags=flags, borderMode=cv2.BORDER_WRAP
        ),
        np.uint8,
    )


# ---- drawn ones --------------------------------------------------------------------------------------------


def _spread(rng: np.random.Generator, shape: tuple[int, ...], height: int, width: int) -> F32:
    """Normal noise on a small grid, resized: (height, width, 1 or 3)."""
    noise = rng.standard_normal(shape, np.float32)
    large = cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large if large.ndim == 3 else large[:, :, None], np.float32)


def _tinted(grey: F32, shares: NDArray[np.float64], colour: NDArray[np.float64]) -> F32:
    """grey (h, w) times three shares, plus a colour: (h, w, 3), a plane at a time for speed."""
    pairs = zip(shares.astype(np.float32), colour.astype(np.float32), strict=True)
    return np.asarray(cv2.merge([grey * share + tone for share, tone in pairs]), np.float32)


def _whole_numbers(planes: list[F32]) -> U8:
    """Three (h, w) as (h, w, 3), cut off to 0..255."""
    return np.asarray(cv2.merge([p.clip(0, 255).astype(np.uint8) for p in planes]), np.uint8)


def _fibres(rng: np.random.Generator, height: int, width: int) -> U8:
    """Wood or brushed metal: noise stretched along one direction."""
    grain = _spread(
        rng, (height // int(rng.integers(1, 4)) + 1, int(rng.integers(3, 9)), 1), height, width
    )
    slow = _spread(rng, (int(rng.integers(3, 9)), 3, 1), height, width)
    wood = np.array([90, 130, 170]) * rng.uniform(0.5, 1.35)
    colour = wood if rng.random() < 0.7 else rng.uniform(40, 230, 3)
    mix = grain * np.float32(rng.uniform(5, 22)) + slow * np.float32(rng.uniform(5, 25))
    out = _tinted(mix[:, :, 0], np.array([0.8, 0.95, 1.0]), colour)
    out = (
        out
        if rng.random() < 0.5
        else cv2.rotate(cv2.resize(out, (height, width)), cv2.ROTATE_90_CLOCKWISE)
    )
    return np.asarray(out.clip(0, 255), np.uint8)


def _clouds(rng: np.random.Generator, height: int, width: int) -> U8:
    """Stone, carpet: noise of several sizes."""
    colour = rng.uniform(20, 235, 3)
    planes = [np.full((height, width), tone, np.float32) for tone in colour]
    for cells in (int(rng.integers(2, 6)), int(rng.integers(10, 40)), int(rng.integers(60, 200))):
        channels = 3 if rng.random() < 0.3 else 1
        bumps = _spread(rng, (cells, cells, channels), height, width)
        bumps *= np.float32(rng.uniform(3, 26))
        planes = [plane + bumps[:, :, k % channels] for k, plane in enumerate(planes)]
    return _whole_numbers(planes)


def _turned(rng: np.random.Generator, height: int, width: int) -> tuple[F32, F32]:
    """Coordinates along and across a random direction, px."""
    ys = np.arange(height, dtype=np.float32)[:, None]
    xs = np.arange(width, dtype=np.float32)[None]
    angle = rng.uniform(0, np.pi)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return xs * c + ys * s, ys * c - xs * s


def _tiles(rng: np.random.Generator, height: int, width: int) -> U8:
    """Checks, stripes and tiles, turned by any angle."""
    u, v = _turned(rng, height, width)
    pitch = rng.uniform(0.02, 0.3) * width
    kind = rng.integers(3)
    if kind == 0:
        mask = (np.floor(u / pitch) + np.floor(v / pitch)) % 2 < 1
    elif kind == 1:
        mask = u % pitch < pitch * rng.uniform(0.1, 0.9)
    else:
        mask = (u % pitch < pitch * 0.06) | (v % pitch < pitch * 0.06)
    colours = rng.integers(0, 256, (2, 3)).astype(np.uint8)
    choice = mask.astype(np.uint8)
    steps = colours[1].astype(int) - colours[0]
    planes = [
        (c + choice.astype(np.int16) * s).astype(np.uint8)
        for c, s in zip(colours[0], steps, strict=True)
    ]
    return np.asarray(cv2.merge(planes), np.uint8)


def _print(rng: np.random.Generator, height: int, width: int) -> U8:
    """Newspaper, forms, keyboards: rows of text or of boxes."""
    paper = rng.uniform(170, 255, 3) if rng.random() < 0.75 else rng.uniform(10, 90, 3)
    picture = np.full((height, width, 3), paper, np.uint8)
    ink = rng.uniform(0, 110, 3) if paper.mean() > 120 else np.full(3, 220.0)
    face = draw_face(rng, "train")
    size = int(rng.uniform(0.02, 0.06) * width)
    y = int(rng.uniform(0, size))
    while y < height - size:
        if rng.random() < 0.25:
            x = 0
            while x < width:
                step = int(size * rng.uniform(1.2, 4))
                corner = (x + int(step * 0.9), y + int(size * 1.3))
                cv2.rectangle(picture, (x, y), corner, ink.tolist(), max(1, size // 12))
                x += step
        else:
            _print_row(picture, rng, face, size, y, ink)
        y += int(size * rng.uniform(1.3, 2.2))
    return picture


def _print_row(
    picture: U8, rng: np.random.Generator, face: object, size: int, y: int, ink: NDArray[np.float64]
) -> None:
    x = int(rng.uniform(0, 0.3) * picture.shape[1])
    # A few hundred characters are enough for print that nobody reads; their glyphs are kept.
    for code in 0x4E00 + 41 * rng.integers(0, 300, int(rng.integers(3, 30))):
        if x + size >= picture.shape[1] or not is_drawable(chr(code), face, "train"):  # type: ignore[arg-type]
            break
        mask = cv2.resize(glyph(chr(code), face).mask, (size, size), interpolation=cv2.INTER_AREA)  # type: ignore[arg-type]
        room = picture[y : y + size, x : x + size]
        room[:] = room + ((ink - room) * (mask[: room.shape[0], :, None] / 255)).astype(np.int16)
        x += int(size * 1.08)


def _boxes(rng: np.random.Generator, height: int, width: int) -> U8:
    """A desk full of things: rectangles with hard edges, card-like ones among them."""
    picture = (_clouds if rng.random() < 0.5 else _fibres)(rng, height, width)
    for _ in range(int(rng.integers(2, 16))):
        centre = rng.uniform(0, 1, 2) * (width, height)
        size = rng.uniform(0.03, 0.6) * width * np.array([1, rng.uniform(0.05, 1)])
        turn = float(rng.uniform(0, 180))
        box = cv2.boxPoints((tuple(centre.tolist()), tuple(size.tolist()), turn)).astype(np.int32)
        cv2.fillConvexPoly(picture, box, rng.uniform(0, 255, 3).tolist(), cv2.LINE_AA)
    return picture


def _plain(rng: np.random.Generator, height: int, width: int) -> U8:
    """One colour, mostly white: scans, web pictures, clean desks."""
    colour = np.full(3, rng.uniform(200, 256)) if rng.random() < 0.5 else rng.uniform(0, 256, 3)
    row = np.tile(colour.astype(np.uint8), (1, width, 1))
    return np.repeat(row, height, axis=0)


def _checks(steps: F32) -> NDArray[np.bool_]:
    """Whether the whole part of each number is odd."""
    return np.asarray(np.floor(steps).astype(np.int32) & 1, np.bool_)


def _cloth(rng: np.random.Generator, height: int, width: int) -> U8:
    """A weave: two families of threads over and under each other, with folds."""
    u, v = _turned(rng, height, width)
    pitch = rng.uniform(0.004, 0.012) * width
    warp, weft = (
        np.cos(u * np.float32(2 * np.pi / pitch)),
        np.cos(v * np.float32(2 * np.pi / pitch)),
    )
    over = _checks(u / pitch) == _checks(v / pitch)
    thread = np.where(over, warp, weft) * np.float32(rng.uniform(6, 26))
    folds = _spread(rng, (int(rng.integers(2, 5)), int(rng.integers(2, 7)), 1), height, width)
    colour = (rng.uniform(15, 235) + rng.uniform(-45, 45, 3)).astype(np.float32)
    folds *= np.float32(rng.uniform(4, 18))
    return _whole_numbers([tone + thread + folds[:, :, 0] for tone in colour])


def _marble(rng: np.random.Generator, height: int, width: int) -> U8:
    """Veins: a wave whose phase is torn by noise of several sizes."""
    u, _ = _turned(rng, height, width)
    phase = u * np.float32(rng.uniform(2, 8) / width)
    for cells in (3, 7, 17, 41):
        bumps = _spread(rng, (cells, cells, 1), height, width)[:, :, 0]
        phase += bumps * np.float32(rng.uniform(0.4, 1.2) / cells**0.5)
    veins = np.abs(np.sin(phase * np.float32(np.pi))) ** np.float32(rng.uniform(0.25, 0.8))
    light, dark = (
        rng.uniform(120, 250, 3).astype(np.float32),
        rng.uniform(10, 140, 3).astype(np.float32),
    )
    return _whole_numbers(
        [low + (high - low) * veins for low, high in zip(dark, light, strict=True)]
    )


def _round_things(rng: np.random.Generator, height: int, width: int) -> U8:
    """A desk with plates, coins, cables and pens."""
    picture = (_cloth if rng.random() < 0.5 else _marble)(rng, height, width)
    for _ in range(int(rng.integers(2, 10))):
        centre = tuple((rng.uniform(0, 1, 2) * (width, height)).astype(int).tolist())
        colour = rng.uniform(0, 255, 3).tolist()
        if rng.random() < 0.5:
            axes = (rng.uniform(0.02, 0.2) * width * np.array([1, rng.uniform(0.4, 1)])).astype(int)
            turn, thick = float(rng.uniform(0, 180)), int(rng.choice([-1, 3, 9]))
            cv2.ellipse(
                picture, centre, tuple(axes.tolist()), turn, 0, 360, colour, thick, cv2.LINE_AA
            )
        else:
            path_ = np.cumsum(rng.normal(0, 0.09 * width, (12, 2)), 0) + centre
            thick = int(rng.uniform(0.003, 0.03) * width) + 1
            cv2.polylines(picture, [path_.astype(np.int32)], False, colour, thick, cv2.LINE_AA)
    return picture


def _stripes(rng: np.random.Generator, height: int, width: int) -> U8:
    """Blinds, corrugated sheet, striped cloth: waves in one direction between two colours, hard or soft."""
    u, v = _turned(rng, height, width)
    swing = np.float32(rng.uniform(0, 0.6)) * np.sin(v * np.float32(rng.uniform(4, 40) / width))
    wave = np.sin(u * np.float32(2 * np.pi / (rng.uniform(0.006, 0.14) * width)) + swing)
    share = (0.5 + wave * np.float32(rng.uniform(0.3, 6))).clip(0, 1)
    light, dark = rng.uniform(0, 256, (2, 3)).astype(np.float32)
    if rng.random() < 0.5:  # of one colour
        dark = light * np.float32(rng.uniform(0.1, 0.9))
    return _whole_numbers(
        [low + (high - low) * share for low, high in zip(dark, light, strict=True)]
    )


def _colours(rng: np.random.Generator, height: int, width: int) -> U8:
    """Prints and heaps of bright things, out of focus: patches of any colour and size."""
    cells = rng.integers(2, 60, 2).tolist()
    patches = _spread(rng, (*cells, 3), height, width) * np.float32(rng.uniform(20, 110))
    colour = rng.uniform(30, 225, 3).astype(np.float32)
    return _whole_numbers([patches[:, :, k] + tone for k, tone in enumerate(colour)])


MAKERS: dict[str, tuple[tuple[Maker, float], ...]] = {
    "train": (
        (_photographed("train"), 0.28),
        (_fibres, 0.1),
        (_clouds, 0.08),
        (_tiles, 0.08),
        (_print, 0.1),
        (_boxes, 0.14),
        (_plain, 0.1),
        (_stripes, 0.07),
        (_colours, 0.05),
    ),
    "test": (
        (_photographed("test"), 0.5),
        (_cloth, 0.12),
        (_marble, 0.1),
        (_round_things, 0.16),
        (_plain, 0.12),
    ),
}


def background(
    rng: np.random.Generator, split: str, height: int, width: int, hidden: Window | None = None
) -> U8:
    """Any table, floor, sheet or clutter: (height, width, 3) BGR; anything in the window that is hidden."""
    makers = MAKERS[split]
    maker = makers[rng.choice(len(makers), p=[share for _, share in makers])][0]
    # Drawn at half size: most tables are a little out of focus.
    picture = maker(rng, -(-height // 2), -(-width // 2))
    if rng.random() < 0.3:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 2.5)), np.uint8)
    if rng.random() < 0.7:
        picture = add_noise(picture, rng.uniform(0, 7), rng, split)
    grey = rng.random() >= 0.3
    gain = np.ones(3) * rng.uniform(0.7, 1.15) if grey else rng.uniform(0.6, 1.2, 3)
    if not np.allclose(gain, 1):
        levels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(256, 1, 3)
        levels = cv2.multiply(levels, (*gain.tolist(), 1.0))
        picture = cv2.LUT(picture, levels[:, :, 0].copy() if grey else levels)
    if height % 2 or width % 2:
        return np.asarray(cv2.resize(picture, (width, height)), np.uint8)
    whole = np.empty((height, width, 3), np.uint8)
    for window in around((0, 0, width, height), hidden):
        left, top, right, bottom = window
        whole[top:bottom, left:right] = grown(picture, 2, window)
    return whole
