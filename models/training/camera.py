"""Photographs flat things: a tilted camera, a table, light, lens, sensor and JPEG. Seeded throughout.

Works in uint8 with kept noise and quarter-size fields of light: about 20 ms for 1280x960 on one core.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from backgrounds import add_noise, background
from numpy.typing import NDArray
from resizing import Window, around, grown, resized_by_area

CARD_MM = (85.6, 54.0)
FIELD = 4  # light is computed on every fourth px
FOCAL_MM = 300.0  # from the camera to the card when it is seen straight

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Range = tuple[float, float]
Strengths = dict[str, float]


@dataclass(frozen=True)
class Tier:
    """What a camera and its owner do to a picture: shares of pictures, and ranges of strengths."""

    tilt_degrees: float  # standard deviation
    any_turn: float  # share turned by any angle; the rest nearly upright
    share: Range  # of the picture's width or height that the card fills
    least_px_per_mm: float  # nearer than that it is held in any case
    shadow: float
    shadow_depth: Range
    glare: float
    glare_levels: Range
    exposure: Range
    balance: float  # standard deviation of the channels' gains
    defocus_px: Range
    motion: float
    motion_px: Range
    noise: Range
    demosaic: float
    sharpen: float
    jpeg_quality: tuple[int, int]
    bend: float = 0.0  # share of cards that are bent
    wear: float = 0.0  # share of cards with scratches and stains
    finger: float = 0.0  # share with a finger over an edge, clear of all print
    sleeve: float = 0.0  # share in a plastic sleeve
    cover: float = 0.0  # share with print covered
    cut: float = 0.0  # share that lies partly outside the picture


TIERS: dict[str, Tier] = {
    "clean": Tier(
        6, 0.2, (0.62, 0.95), 8.0, 0, (0, 0), 0, (0, 0), (0.9, 1.08), 0.02, (0.3, 0.7), 0, (0, 0),
        (0.8, 3), 0.5, 0.3, (85, 96),
    ),
    "ordinary": Tier(
        13, 0.2, (0.5, 0.95), 7.0, 0.3, (0.15, 0.42), 0.15, (30, 100), (0.7, 1.08), 0.05, (0.3, 1.1), 0.2,
        (2, 4.5), (0.8, 6), 0.5, 0.3, (70, 96), bend=0.15, wear=0.15, sleeve=0.05,
    ),
    "hard": Tier(
        18, 0.2, (0.42, 0.92), 6.2, 0.6, (0.15, 0.55), 0.4, (30, 130), (0.4, 1.1), 0.08, (0.3, 1.6), 0.4,
        (2, 5), (0.8, 9), 0.6, 0.4, (50, 96), bend=0.3, wear=0.3, finger=0.3, sleeve=0.12,
    ),
    "damaged": Tier(
        15, 0.2, (0.5, 0.95), 4.5, 0.4, (0.15, 0.7), 0.6, (60, 230), (0.3, 1.2), 0.08, (0.3, 3.0), 0.3,
        (2, 12), (0.8, 12), 0.6, 0.3, (40, 96), bend=0.3, wear=0.5, finger=0.2, sleeve=0.15,
        cover=0.6, cut=0.3,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Placing:
    """Where a card lies in a picture. Pixel centres are whole numbers."""

    homography: F64  # (3, 3) card mm to px, pixel edges at whole numbers
    bulge_px: F64  # (2,) how far the middle of the long sides moves when the card is bent

    @property
    def corners(self) -> F32:
        """(4, 2) px of lt, rt, rb, lb as printed."""
        width, height = CARD_MM
        card = np.array([[0, 0], [width, 0], [width, height], [0, height]])
        return np.asarray(self.map(card), np.float32)

    def map(self, points_mm: F64) -> F64:
        """(N, 2) card mm to (N, 2) px."""
        points = np.asarray(points_mm, np.float64).reshape(-1, 1, 2)
        flat = cv2.perspectiveTransform(points, self.homography)[:, 0]
        along = points[:, 0, :1] / CARD_MM[0]
        return np.asarray(flat + 4 * along * (1 - along) * self.bulge_px - 0.5, np.float64)


# Where in a quad to look whether it can be seen: shares of its width and height, (60, 1) each.
SPOTS = tuple(
    s.reshape(-1, 1) for s in np.meshgrid(np.linspace(0.05, 0.95, 12), np.linspace(0.1, 0.9, 5))
)


@dataclass
class Photo:
    image: U8  # (H, W, 3) BGR
    placing: Placing
    cover: U8  # (H / 4, W / 4) 255 where something opaque lies over the card
    jpeg_quality: int
    strengths: Strengths = field(default_factory=dict)

    @property
    def corners(self) -> F32:
        return self.placing.corners

    def visibility(self, quads_px: F64) -> F64:
        """How much of each quad (N, 4, 2) is inside the picture and uncovered: (N,), 0 to 1."""
        height, width = self.image.shape[:2]
        u, v = SPOTS
        lt, rt, rb, lb = quads_px.transpose(1, 0, 2)[:, :, None]
        at = lt * (1 - u) * (1 - v) + rt * u * (1 - v) + rb * u * v + lb * (1 - u) * v
        x, y = at[..., 0], at[..., 1]
        inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
        rows, columns = self.cover.shape
        row = (y / FIELD).astype(int).clip(0, rows - 1)
        column = (x / FIELD).astype(int).clip(0, columns - 1)
        seen = (1 - self.cover[row, column] / 255) * inside
        return np.asarray(seen.sum(1) / len(u), np.float64)


# ---- where the card lies --------------------------------------------------------------------------------


def random_corners(rng: np.random.Generator, size: tuple[int, int], tier: Tier) -> F32:
    """Corners of a card of random place, turn, tilt and distance; size: (height, width)."""
    upright = rng.choice([0, 0, 0, 90, 180, 270]) + rng.normal(0, tier.tilt_degrees / 2)
    turn = rng.uniform(0, 360) if rng.random() < tier.any_turn else upright
    tilt = np.deg2rad(rng.normal(0, tier.tilt_degrees, 2).clip(-32, 32))
    place = rng.uniform(0, 1, 2)
    share = rng.uniform(*tier.share)
    corners = place_card(size, turn, tilt, share, place)
    least_mm = (
        min(float(np.linalg.norm(np.roll(corners, -1, 0)[k] - corners[k])) for k in (0, 2))
        / CARD_MM[0]
    )
    if least_mm < tier.least_px_per_mm:
        corners = place_card(
            size, turn, tilt, min(1.0, share * tier.least_px_per_mm / least_mm), place
        )
    if rng.random() < tier.cut:
        side = np.array([rng.choice([-1, 0, 1]), rng.choice([-1, 1])])
        room = np.where(side < 0, corners.min(0), size[::-1] - corners.max(0))
        corners = corners + np.where(side == 0, 0, side * (room + rng.uniform(5, 200)))
    return np.asarray(corners, np.float32)


def place_card(
    size: tuple[int, int], turn_degrees: float, tilt: F64, share: float, place: F64
) -> F32:
    """The card fills `share` of what fits; `place` (2,) in 0..1 moves it within the room left."""
    height, width = size
    angle = np.deg2rad(turn_degrees)
    plane = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(CARD_MM) / 2
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy = plane @ spin.T
    depth = xy @ np.sin(tilt)
    xy = xy * np.cos(tilt) * (FOCAL_MM / (FOCAL_MM + depth))[:, None]
    low, high = xy.min(0), xy.max(0)
    scale = share * float(np.min(np.array([width, height]) / (high - low)))
    room = np.array([width, height]) - (high - low) * scale
    return np.asarray((xy - low) * scale + room * place, np.float32)


def _homography(source: F64, target: F32) -> F64:
    return np.asarray(
        cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)),
        np.float64,
    )


CARD_QUAD_MM = np.array([[0, 0], [CARD_MM[0], 0], CARD_MM, [0, CARD_MM[1]]])


# ---- the card in the scene -------------------------------------------------------------------------------


def wear(face: U8, rng: np.random.Generator) -> tuple[U8, float]:
    """Scratches, stains and faded places on a card's face; returns it and how much, 0 to 1."""
    strength = float(rng.uniform(0.2, 1.0))
    height, width = face.shape[:2]
    worn = face.copy()
    for _ in range(int(rng.integers(0, 1 + 14 * strength))):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.12 * width, 2)
        tone = rng.uniform(200, 250, 3) if rng.random() < 0.7 else rng.uniform(60, 140, 3)
        line = np.stack([start, end]).astype(int).tolist()
        cv2.line(worn, line[0], line[1], tone.tolist(), 1, cv2.LINE_AA)
    worn = cv2.addWeighted(face, 1 - 0.6 * strength, worn, 0.6 * strength, 0)
    cells = np.zeros((12, 19), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        cells[rng.integers(12), rng.integers(19)] = rng.uniform(0.2, 1)
    tones = rng.uniform(0.05, 0.45, 3).astype(np.float32)
    rows, columns = np.nonzero(cells)
    if len(rows):
        # Cubic sampling reaches two cells far; what lies beyond keeps its colour.
        top, bottom = ((rows.min() - 2) * height // 12, (rows.max() + 3) * height // 12 + 1)
        left, right = ((columns.min() - 2) * width // 19, (columns.max() + 3) * width // 19 + 1)
        here = np.s_[max(0, top) : bottom, max(0, left) : right]
        wide = cv2.resize(cells, (width, 12), interpolation=cv2.INTER_CUBIC)[:, here[1]].copy()
        stain = cv2.resize(wide, (wide.shape[1], height), interpolation=cv2.INTER_CUBIC)[here[0]]
        dark = stain.clip(0, 1) * np.float32(strength)
        gain = cv2.merge([1 - dark * tone for tone in tones])
        cv2.multiply(worn[here], gain, dst=worn[here], dtype=cv2.CV_8U)
    return np.asarray(worn, np.uint8), strength


@dataclass(frozen=True)
class _Seen:
    """What the camera sees of a flat thing: a window of the picture, beyond which nothing of it is."""

    bgra: U8
    left: int  # px, a multiple of 8
    top: int

    def mask(self, size: tuple[int, int]) -> U8:
        """Its alpha in the whole picture."""
        whole = np.zeros(size, np.uint8)
        height, width = self.bgra.shape[:2]
        here = np.s_[self.top : self.top + height, self.left : self.left + width]
        whole[here] = self.bgra[:, :, 3]
        return whole


def _warped(bgra: U8, to_scene: F64, size: tuple[int, int], bend: tuple[F64, F64] | None) -> _Seen:
    """bgra seen through to_scene (pixel edges at whole numbers). bend: mm to px, bulge in px."""
    reach = 8.0 if bend is None else 8 + float(np.abs(bend[1]).max())
    left, top, right, bottom = _window(bgra, to_scene, size, reach)
    # To a multiple of 16: OpenCV rounds the rest of a row otherwise than what its vectors hold.
    width, height = (
        min(-(-end // 16) * 16, most) for end, most in ((right, size[1]), (bottom, size[0]))
    )
    if bend is None:
        centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        matrix = np.linalg.inv(centre) @ to_scene @ centre
        whole = cv2.warpPerspective(bgra, matrix, (width, height), flags=cv2.INTER_LINEAR)
        return _Seen(np.asarray(whole[top:, left:], np.uint8), left, top)
    mm_to_px, bulge = bend
    ys, xs = np.mgrid[: size[0] : 8, : size[1] : 8].astype(np.float32)
    at = np.stack([xs, ys], -1).reshape(-1, 1, 2) + 0.5
    along = cv2.perspectiveTransform(at, np.linalg.inv(mm_to_px))[:, :, :1] / CARD_MM[0]
    lift = 4 * along * (1 - along) * bulge.astype(np.float32)
    source = cv2.perspectiveTransform((at - lift).astype(np.float32), np.linalg.inv(to_scene)) - 0.5
    maps = source.reshape(*xs.shape, 2)
    # The grid's last row and column stand for what follows them: resize between whole grid steps.
    grow = np.array([[0.125, 0, 0], [0, 0.125, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    maps = maps[top // 8 : bottom // 8 + 2, left // 8 : right // 8 + 2]
    room = (right - left, bottom - top)
    full = cv2.warpAffine(maps, grow, room, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    out = np.zeros((height - top, width - left, 4), np.uint8)
    out[: bottom - top, : right - left] = cv2.remap(bgra, full, None, cv2.INTER_LINEAR)
    return _Seen(out, left, top)


def _window(
    picture: U8, to_scene: F64, size: tuple[int, int], margin: float
) -> tuple[int, int, int, int]:
    """Left, top (multiples of 8), right, bottom px of what a picture covers of a scene, and a margin."""
    height, width = picture.shape[:2]
    outline = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float64)
    there = cv2.perspectiveTransform(outline, to_scene)[:, 0]
    room = np.array(size[::-1])
    left, top = ((there.min(0) - margin).clip(0, room - 16) // 8 * 8).astype(int).tolist()
    right, bottom = (there.max(0) + margin).clip((left + 8, top + 8), room).astype(int).tolist()
    return left, top, right, bottom


def _covered(corners: F32, mm_px: float) -> Window | None:
    """A window that a card with these corners covers wholly, round its corners and bent or not."""
    xs, ys = np.sort(corners[:, 0]), np.sort(corners[:, 1])
    away = 5 * mm_px  # corners are round by 3 mm, sides move by half of one
    low, high = np.array([xs[1], ys[1]]) + away, np.array([xs[2], ys[2]]) - away
    window = (*np.ceil(low).astype(int).tolist(), *np.floor(high).astype(int).tolist())
    left, top, right, bottom = window
    outline = corners.reshape(-1, 1, 2)
    ends = [(float(x), float(y)) for x in (left, right) for y in (top, bottom)]
    if min(right - left, bottom - top) < 16:
        return None
    inside = all(cv2.pointPolygonTest(outline, end, True) > 0.9 * away for end in ends)
    return (left, top, right, bottom) if inside else None


def _paste(
    scene: U8, seen: _Seen, mm_px: float, rng: np.random.Generator, hidden: Window | None
) -> None:
    """Lay a flat thing on the scene, with its cast shadow. mm_px: px of one mm; hidden: all under it."""
    height, width = scene.shape[:2]
    mask = cv2.extractChannel(seen.bgra, 3)
    cells = (mask.shape[1] // FIELD, mask.shape[0] // FIELD)
    column, row = seen.left // FIELD, seen.top // FIELD
    small = np.zeros((height // FIELD, width // FIELD), np.uint8)
    small[row : row + cells[1], column : column + cells[0]] = cv2.resize(
        mask, cells, interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 1.5) * mm_px / FIELD + 0.3)
    drift = rng.normal(0, 0.8, 2) * mm_px / FIELD
    move = np.array([[1, 0, drift[0]], [0, 1, drift[1]]], np.float32)
    cast = cv2.warpAffine(soft, move, (width // FIELD, height // FIELD))
    light = 255 - cv2.convertScaleAbs(cast, alpha=rng.uniform(0.1, 0.6))
    x, y, w, h = cv2.boundingRect(mask)
    card, mask = seen.bgra[y : y + h, x : x + w], mask[y : y + h, x : x + w]
    x, y = x + seen.left, y + seen.top
    # Only along the rim is a px partly covered; there the two are mixed.
    found = np.flatnonzero(mask - np.uint8(1) < 254)
    rim = (found // max(w, 1), found % max(w, 1))
    under = scene[y : y + h, x : x + w][rim]
    margin = round(6 * mm_px)
    left, top = max(0, x - margin), max(0, y - margin)
    right, bottom = min(width, x + w + margin), min(height, y + h + margin)
    dark = grown(np.asarray(light, np.uint8), FIELD, (left, top, right, bottom))
    for x0, y0, x1, y1 in around((left, top, right, bottom), hidden):
        here = scene[y0:y1, x0:x1]
        table = cv2.cvtColor(dark[y0 - top : y1 - top, x0 - left : x1 - left], cv2.COLOR_GRAY2BGR)
        cv2.multiply(here, table, dst=here, scale=1 / 255)
    cv2.copyTo(cv2.cvtColor(card, cv2.COLOR_BGRA2BGR), mask, scene[y : y + h, x : x + w])
    if len(found):
        dim = dark[y - top : y - top + h, x - left : x - left + w][rim]
        part, dim = (np.repeat(p[:, None], 3, axis=1) for p in (mask[rim], dim))
        shade = cv2.multiply(under, cv2.multiply(dim, ~part, scale=1 / 255), scale=1 / 255)
        lit = cv2.multiply(card[rim][:, :3].copy(), part, scale=1 / 255)
        scene[y : y + h, x : x + w][rim] = cv2.add(lit, shade)


def _mm_px(placing: Placing) -> float:
    corners = placing.corners
    return float(np.linalg.norm(corners[1] - corners[0])) / CARD_MM[0]


SKIN = np.array([135.0, 160.0, 215.0])


def _finger(
    scene: U8, cover: U8, placing: Placing, rng: np.random.Generator, depth_mm: float
) -> None:
    """A finger from outside over an edge of the card, so many mm deep."""
    k, at = int(rng.integers(4)), rng.uniform(0.15, 0.85)
    quad = np.asarray(placing.corners, np.float64)
    edge = quad[(k + 1) % 4] - quad[k]
    inward = np.array([-edge[1], edge[0]]) / np.linalg.norm(edge)
    mm = _mm_px(placing)
    thick = rng.uniform(12, 18) * mm
    tip = quad[k] + edge * at + inward * (depth_mm * mm - thick / 2)
    root = tip - (inward + rng.normal(0, 0.25, 2)) * 70 * mm
    _opaque_line(scene, cover, root, tip, thick, SKIN * rng.uniform(0.45, 1.1))


def _opaque_line(scene: U8, cover: U8, root: F64, tip: F64, thick: float, tone: F64) -> None:
    ends = [tuple((p * 16).astype(int).tolist()) for p in (root, tip)]
    # From the rim inwards, ever lighter: a round thing under light.
    for step in np.linspace(0, 1, 6):
        colour = (tone * (0.72 + 0.33 * step)).clip(0, 255).tolist()
        width = max(1, round(thick * (1 - 0.75 * step)))
        cv2.line(scene, ends[0], ends[1], colour, width, cv2.LINE_AA, 4)
    small = [tuple((p / FIELD).astype(int).tolist()) for p in (root, tip)]
    cv2.line(cover, small[0], small[1], 255, max(1, round(thick / FIELD)))


def _cover_print(scene: U8, cover: U8, placing: Placing, rng: np.random.Generator) -> None:
    """A finger, a slip of paper or a mosaic over part of the print."""
    if rng.random() < 0.5:
        _finger(scene, cover, placing, rng, rng.uniform(6, 26))
        return
    x, y = rng.uniform(5, 60), rng.uniform(8, 44)
    w, h = rng.uniform(6, 30), rng.uniform(3, 10)
    box = placing.map(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]))
    tone = rng.uniform(0, 255, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(180, 255))
    cv2.fillConvexPoly(scene, box.round().astype(np.int32), tone.tolist(), cv2.LINE_AA)
    cv2.fillConvexPoly(cover, (box / FIELD).round().astype(np.int32), 255)


# ---- light ---------------------------------------------------------------------------------------------


def _grid(height: int, width: int) -> tuple[F32, F32]:
    """Places of the field's px: a row of x and a column of y."""
    xs = np.arange(width // FIELD, dtype=np.float32)[None]
    ys = np.arange(height // FIELD, dtype=np.float32)[:, None]
    return xs * FIELD, ys * FIELD


def _shadow(
    xs: F32, ys: F32, centre: F64, rng: np.random.Generator, tier: Tier, strengths: Strengths
) -> F32:
    """The edge of a shadow across the picture, hard or soft, straight or bowed."""
    strengths["shadow"] = depth = float(rng.uniform(*tier.shadow_depth))
    width = xs.shape[1] * FIELD
    angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(4, 90)
    at = centre + rng.normal(0, 0.15 * width, 2)
    u = (xs - at[0]) * np.cos(angle) + (ys - at[1]) * np.sin(angle)
    v = (ys - at[1]) * np.cos(angle) - (xs - at[0]) * np.sin(angle)
    v *= v
    v *= rng.normal(0, 0.6 / width)
    u += v
    u /= -soft
    np.clip(u, -30, 30, out=u)
    np.exp(u, out=u)
    u += 1
    np.divide(depth, u, out=u)
    return np.asarray(1 - u, np.float32)


def _glare(
    xs: F32, ys: F32, quad: F32, rng: np.random.Generator, tier: Tier, strengths: Strengths
) -> F32:
    """Lamps mirrored in the card: one to three spots, round or long, added to the picture."""
    strengths["glare"] = level = float(rng.uniform(*tier.glare_levels))
    out = np.zeros((ys.shape[0], xs.shape[1]), np.float32)
    size = float(np.ptp(quad, axis=0).max())
    for _ in range(int(rng.integers(1, 4))):
        spot = quad.mean(0) + rng.normal(0, 0.22, 2) * np.ptp(quad, axis=0)
        turn, long = rng.uniform(0, np.pi), rng.uniform(1, 4)
        u = (xs - spot[0]) * np.cos(turn) + (ys - spot[1]) * np.sin(turn)
        v = (ys - spot[1]) * np.cos(turn) - (xs - spot[0]) * np.sin(turn)
        radius = rng.uniform(0.03, 0.14) * size / long**0.5
        steep = rng.choice([1.0, 2.5])  # lamps with hard rims too
        u /= radius * long
        v /= radius
        distance = u * u
        distance += v * v
        if steep > 1:
            distance *= distance * np.sqrt(distance)  # to the power 2.5, ten times as fast
        distance /= -2
        out += level * rng.uniform(0.5, 1) * np.exp(distance, out=distance)
    return np.asarray(out, np.float32)


def _light(
    scene: U8, quad: F32, rng: np.random.Generator, tier: Tier, strengths: Strengths
) -> None:
    """Uneven light, white balance, shadows, exposure, glare: in place."""
    height, width = scene.shape[:2]
    xs, ys = _grid(height, width)
    slope = rng.normal(0, 0.05 + tier.balance, 2).astype(np.float32)
    light = 1 + slope[0] * (xs / width - 0.5) + slope[1] * (ys / height - 0.5)
    for _ in range(1 + (rng.random() < 0.3)):
        if rng.random() < tier.shadow:
            light = light * _shadow(xs, ys, quad.mean(0), rng, tier, strengths)
    balance = rng.normal(1, tier.balance, 3)
    uneven = rng.normal(0, tier.balance / 2, 3)
    strengths["exposure"] = exposure = float(rng.uniform(*tier.exposure))
    across = xs / width - 0.5
    overall = (balance * exposure).astype(np.float32)
    gains = [
        light * k * (1 + across * u)
        for k, u in zip(overall, uneven.astype(np.float32), strict=True)
    ]
    _multiply_by_field(scene, np.asarray(cv2.merge(gains), np.float32))
    if rng.random() < tier.glare:
        spots = _glare(xs, ys, quad, rng, tier, strengths).clip(0, 255).astype(np.uint8)
        _add_field(scene, spots)


STRIP = 12  # rows of a field at a time: what they grow to stays near the processor


def _multiply_by_field(scene: U8, gain: F32) -> None:
    """Multiply by the gains (H / 4, W / 4, 3) grown to the scene's size, in place."""
    rows, columns = gain.shape[:2]
    kept = np.empty(((STRIP + 2) * FIELD, columns * FIELD, 3), np.float32)
    for first in range(0, rows, STRIP):
        end = min(rows, first + STRIP)
        low, high = max(0, first - 1), min(rows, end + 1)  # what the strip's rims are mixed with
        grown = kept[: (high - low) * FIELD]
        cv2.resize(gain[low:high], (columns * FIELD, len(grown)), dst=grown)
        part = scene[first * FIELD : end * FIELD]
        own = grown[(first - low) * FIELD :][: len(part)]
        cv2.multiply(part, own, dst=part, dtype=cv2.CV_8U)


def _add_field(scene: U8, levels: U8) -> None:
    """Add the levels (H / 4, W / 4) grown to the scene's size, in place, where there are any."""
    x, y, width, height = cv2.boundingRect(levels)
    if not width:
        return
    rows, columns = levels.shape
    left, top = max(0, x - 1) * FIELD, max(0, y - 1) * FIELD
    right, bottom = min(columns, x + width + 1) * FIELD, min(rows, y + height + 1) * FIELD
    full = cv2.cvtColor(grown(levels, FIELD, (left, top, right, bottom)), cv2.COLOR_GRAY2BGR)
    part = scene[top:bottom, left:right]
    cv2.add(part, full, dst=part)


def _sleeve(scene: U8, quad: F32, rng: np.random.Generator, strengths: Strengths) -> None:
    """A plastic sleeve: a milky veil a little larger than the card, with a seam and streaks."""
    strengths["sleeve"] = veil = float(rng.uniform(0.05, 0.25))
    centre = quad.mean(0)
    film = (quad - centre) * rng.uniform(1.03, 1.12, 2) + centre
    mask = np.zeros(scene.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, film.astype(np.int32), 255, cv2.LINE_AA)
    milky = cv2.addWeighted(scene, 1 - veil, np.full_like(scene, 235), veil, 0)
    cv2.polylines(milky, [film.astype(np.int32)], True, (225, 225, 225), 2, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 4))):
        ends = centre + rng.normal(0, 0.35, (2, 2)) * np.ptp(quad, axis=0)
        line = ends.astype(int).tolist()
        cv2.line(milky, line[0], line[1], (240, 240, 240), int(rng.integers(1, 4)), cv2.LINE_AA)
    cv2.copyTo(milky, mask, scene)


# ---- lens and sensor ---------------------------------------------------------------------------------------


def _disc(radius: float) -> F32:
    size = int(np.ceil(radius))
    ys, xs = np.mgrid[-size : size + 1, -size : size + 1]
    kernel = (radius + 0.5 - np.hypot(xs, ys)).clip(0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


PROBE = np.random.default_rng(0).integers(0, 256, (24, 64), dtype=np.uint8)
NEAR = tuple(1 + sign * k / 500 for k in range(8) for sign in (1, -1))


def _gaussian(scene: U8, sigma: float) -> U8:
    """cv2.GaussianBlur with the kernel's own size, byte by byte, sooner where its outermost taps are 0.

    For half of all sigmas they are: the taps are 256ths. A kernel without them, of a sigma so near that
    the others stay what they are, does the same.
    """
    size = round(6 * sigma + 1) | 1
    if round(6 * sigma) % 2 == 0 and size > 3:
        wanted = cv2.GaussianBlur(PROBE, (size, size), sigma)
        for near in NEAR:
            fewer = (size - 2, size - 2)
            if np.array_equal(cv2.GaussianBlur(PROBE, fewer, sigma * near), wanted):
                return np.asarray(cv2.GaussianBlur(scene, fewer, sigma * near), np.uint8)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma), np.uint8)


def _lens(scene: U8, rng: np.random.Generator, tier: Tier, strengths: Strengths) -> U8:
    strengths["defocus_px"] = sigma = float(rng.uniform(*tier.defocus_px))
    if (
        sigma > 1.0 and rng.random() < 0.3
    ):  # a wide lens blurs to discs of twice the standard deviation
        scene = np.asarray(cv2.filter2D(scene, -1, _disc(2 * sigma)), np.uint8)
    else:
        scene = _gaussian(scene, sigma)
    if rng.random() < tier.motion:
        strengths["motion_px"] = length = float(rng.uniform(*tier.motion_px))
        size = int(np.ceil(length)) | 1
        kernel = np.zeros((size, size), np.float32)
        angle = rng.uniform(0, np.pi)
        reach = length / 2 * np.array([np.cos(angle), np.sin(angle)])
        ends = [tuple(((size // 2 + s * reach) * 16).astype(int).tolist()) for s in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
        scene = np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.uint8)
    return scene


def _demosaic(scene: U8) -> U8:
    """One colour to a px, as sensors see (Bayer), and back."""
    height, width = scene.shape[:2]
    mosaic = np.empty((height, width), np.uint8)
    # Two px a place: of their blue, green, red, blue, green, red each row keeps two.
    pairs, kept = scene.reshape(height, width // 2, 6), mosaic.reshape(height, width // 2, 2)
    cv2.mixChannels([pairs[::2]], [kept[::2]], [2, 0, 4, 1])
    cv2.mixChannels([pairs[1::2]], [kept[1::2]], [1, 0, 3, 1])
    return np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BayerBG2BGR), np.uint8)


def _sensor(
    scene: U8, rng: np.random.Generator, split: str, tier: Tier, strengths: Strengths
) -> U8:
    """Noise (before the colours are mixed where a mosaic is seen), coarse chroma noise, sharpening."""
    strengths["noise"] = sigma = float(rng.uniform(*tier.noise))
    scene = add_noise(scene, sigma, rng, split)
    if rng.random() < tier.demosaic:
        scene = _demosaic(scene)
    if sigma > 4:
        scene = add_noise(scene, 0.3 * sigma, rng, split, cell_px=5)
    if rng.random() < tier.sharpen:
        strengths["sharpen"] = amount = float(rng.uniform(0.2, 1.2))
        soft = _gaussian(scene, rng.uniform(0.8, 1.6))
        scene = np.asarray(cv2.addWeighted(scene, 1 + amount, soft, -amount, 0), np.uint8)
    return scene


# ---- the whole photograph --------------------------------------------------------------------------------


def photograph(
    face: U8,
    alpha: U8,
    rng: np.random.Generator,
    split: str,
    tier: Tier,
    size: tuple[int, int] = (960, 1280),
    corners: F32 | None = None,
    table: U8 | None = None,
    card_quad: F64 | None = None,
    panel_light: Callable[[U8, F64, U8, float], U8] | None = None,
) -> Photo:
    """Photograph a flat thing that shows, or is, a card.

    face (h, w, 3) BGR, alpha (h, w). size: (height, width), multiples of FIELD. corners: (4, 2) px where
    the card comes to lie, pixel edges at whole numbers; random by default. table: what it lies on.
    card_quad: (4, 2) px of the card in face, all of face by default. panel_light(scene, face px to scene
    px, mask, blur in px) -> scene is the grid of a screen that the thing is, as the sensor samples it
    behind the lens. ValueError for a size that is no multiple of FIELD.
    """
    if size[0] % FIELD or size[1] % FIELD:
        raise ValueError(f"a picture of {size[1]}x{size[0]} px: both must be multiples of {FIELD}")
    if corners is None:
        corners = random_corners(rng, size, tier)
    mm_to_px = _homography(CARD_QUAD_MM, corners)
    mm = _mm_px(Placing(mm_to_px, np.zeros(2)))
    rim = round(alpha.shape[1] * 4 / CARD_MM[0])
    is_card = card_quad is None and alpha[rim:-rim, rim:-rim].min() == 255
    hidden = _covered(corners, mm) if is_card else None
    scene = background(rng, split, *size, hidden) if table is None else table
    strengths: Strengths = {}
    if rng.random() < tier.wear:
        face, strengths["wear"] = wear(face, rng)
    height, width = face.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    bulge = np.zeros(2)
    if rng.random() < tier.bend:
        strengths["bend"] = bend = float(rng.uniform(0.001, 0.006))
        up = corners[0] + corners[1] - corners[2] - corners[3]
        bulge = (
            up
            / np.linalg.norm(up)
            * rng.choice([-1, 1])
            * bend
            * np.linalg.norm(corners[1] - corners[0])
        )
    placing = Placing(mm_to_px, np.asarray(bulge, np.float64))
    quad = whole if card_quad is None else card_quad
    shrink = 1.1 * mm * CARD_MM[0] / float(np.linalg.norm(quad[1] - quad[0]))
    if shrink < 0.8:  # bilinear sampling skips what is finer
        face, alpha = (resized_by_area(part, shrink, shrink) for part in (face, alpha))
    bgra = cv2.cvtColor(face, cv2.COLOR_BGR2BGRA)
    cv2.insertChannel(alpha, bgra, 3)
    exact = np.array([bgra.shape[1] / width, bgra.shape[0] / height])
    to_scene = _homography(quad * exact, corners)
    seen = _warped(
        np.asarray(bgra, np.uint8), to_scene, size, (mm_to_px, bulge) if bulge.any() else None
    )
    scene = scene.copy() if table is not None else scene
    _paste(scene, seen, mm, rng, hidden)
    cover = np.zeros((size[0] // FIELD, size[1] // FIELD), np.uint8)
    if rng.random() < tier.sleeve:
        _sleeve(scene, placing.corners, rng, strengths)
    if rng.random() < tier.finger:
        strengths["finger_mm"] = depth = float(rng.uniform(1, 3))
        _finger(scene, cover, placing, rng, depth)
    if rng.random() < tier.cover:
        _cover_print(scene, cover, placing, rng)
    _light(scene, placing.corners, rng, tier, strengths)
    scene = _lens(scene, rng, tier, strengths)
    if panel_light:
        to_face = to_scene @ np.diag([*exact, 1.0])
        scene = panel_light(scene, to_face, seen.mask(size), strengths["defocus_px"])
    scene = _sensor(scene, rng, split, tier, strengths)
    quality = int(rng.integers(*tier.jpeg_quality))
    strengths["jpeg_quality"] = float(quality)
    strengths["px_per_mm"] = mm
    return Photo(scene, placing, cover, quality, strengths)


def encode(image: U8, quality: int) -> bytes:
    """JPEG bytes."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
