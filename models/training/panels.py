"""Grids of display panels as a camera's pixels sample them: moire arises by itself.

A panel is a lattice of cells with red, green and blue windows. Each cell is held as a short Fourier
series; a harmonic is weakened as the camera pixel's aperture and the lens weaken it, not by drawing more
pixels. Red, green and blue are sampled where a Bayer sensor has them, hence coloured fringes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# No kind and no pitch (sheet px) of the test is ever seen in training.
KINDS = {
    "train": (
        "rgb_stripe",
        "bgr_stripe",
        "pentile_diamond",
        "pentile_stripe",
        "rgbw_quad",
        "s_stripe",
        "round_lamps",
    ),
    "test": ("delta", "ips_chevron"),
}
# Fine panels (phones) and coarse ones (monitors).
PITCHES = {"train": ((0.5, 0.95), (1.35, 2.2)), "test": ((0.95, 1.1), (1.1, 1.35))}
WINDOW = (0.14, 0.43)  # half a stripe's window, across and down, in pitches

_CELLS = {  # size of a repeating cell in pitches, (across, down)
    "rgb_stripe": (1, 1),
    "bgr_stripe": (1, 1),
    "pentile_diamond": (2, 2),
    "pentile_stripe": (2, 1),
    "rgbw_quad": (1, 1),
    "s_stripe": (1, 1),
    "round_lamps": (1, 1),
    "delta": (1, 2),
    "ips_chevron": (1, 2),
}
_COARSE = {"delta": 1.5}  # its triads are wider than other panels' elements of the same pitch
_ORDERS = np.arange(-4, 5)  # harmonics kept along each axis of the cell
_STEPS = 64  # samples of a cell along each axis in the look-up tables
_LEVELS = 12  # steps of distance over the picture, each with a table of its own
_SWING = 0.6  # most of the light that the grid may take or give: cameras damp false colour
_BAYER = ((2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1))  # (BGR channel, first column, first row)


# ---- cells ------------------------------------------------------------------------------------------


def _box(
    u: F64, v: F64, centre: tuple[float, float], half: tuple[float, float]
) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (np.abs((u - centre[0] + 0.5) % 1 - 0.5) < half[0]) & (
        np.abs((v - centre[1] + 0.5) % 1 - 0.5) < half[1]
    )
    return inside


def _diamond(u: F64, v: F64, x: float, y: float, size: float) -> NDArray[np.bool_]:
    du, dv = np.abs((u - x + 1) % 2 - 1), np.abs((v - y + 1) % 2 - 1)
    inside: NDArray[np.bool_] = du + dv < size
    return inside


def _windows(
    kind: str, channel: int, u: F64, v: F64, window: tuple[float, float]
) -> NDArray[np.bool_]:
    """Where channel 0 B, 1 G, 2 R lights; u and v in pitches. window: half of one, of stripes."""
    if kind == "pentile_diamond":
        if channel == 1:
            spots = [(x, y, 0.3) for x in (0.5, 1.5) for y in (0.5, 1.5)]
        else:
            spots = [(0, 0, 0.42), (1, 1, 0.42)] if channel == 2 else [(1, 0, 0.5), (0, 1, 0.5)]
        lit: NDArray[np.bool_] = np.any([_diamond(u, v, *spot) for spot in spots], axis=0)
        return lit
    if kind in _SQUARES:
        grown = window[0] / WINDOW[0]
        boxes = _SQUARES[kind][channel]
        across = _CELLS[kind][0]
        return np.any(
            [_box(u / across, v, (x, y), (w * grown, h * grown)) for x, y, w, h in boxes], axis=0
        )
    place = (2 - channel) / 3 + 1 / 6
    if kind == "round_lamps":
        du, dv = (u - place + 0.5) % 1 - 0.5, v % 1 - 0.5
        round_: NDArray[np.bool_] = np.hypot(du, dv) < window[0]
        return round_
    if kind == "bgr_stripe":
        place = 1 - place
    if kind == "delta":
        u = u + np.floor(v) * 0.5
    if kind == "ips_chevron":
        u = u + 0.18 * np.where(v % 2 < 1, 1, -1) * (v % 1 - 0.5)
    return _box(u, v, (place, 0.5), window)


# Windows of each channel B, G, R: middle and half sizes, in cells.
_SQUARES = {
    "pentile_stripe": (
        ((0.6, 0.5, 0.09, 0.4),),
        ((0.35, 0.5, 0.07, 0.4), (0.85, 0.5, 0.07, 0.4)),
        ((0.1, 0.5, 0.09, 0.4),),
    ),
    "rgbw_quad": (
        ((0.25, 0.75, 0.2, 0.2), (0.75, 0.75, 0.2, 0.2)),
        ((0.75, 0.25, 0.2, 0.2), (0.75, 0.75, 0.2, 0.2)),
        ((0.25, 0.25, 0.2, 0.2), (0.75, 0.75, 0.2, 0.2)),
    ),
    "s_stripe": (
        ((0.76, 0.5, 0.17, 0.42),),
        ((0.28, 0.27, 0.2, 0.17),),
        ((0.28, 0.76, 0.2, 0.15),),
    ),
}


@cache
def _series(kind: str, window: tuple[float, float] = WINDOW) -> NDArray[np.complex128]:
    """(3, 9, 9) Fourier coefficients of each channel's light, its mean 1, by (down, across) order."""
    count = 96
    across, down = _CELLS[kind]
    line = (np.arange(count) + 0.5) / count
    u, v = np.meshgrid(line * across, line * down)
    series = []
    for channel in range(3):
        spectrum = np.fft.fft2(_windows(kind, channel, u, v, window).astype(float)) / count**2
        series.append(spectrum[np.ix_(_ORDERS, _ORDERS)] / spectrum[0, 0].real)
    return np.array(series)


@cache
def _waves() -> NDArray[np.complex128]:
    return np.asarray(np.exp(2j * np.pi * np.outer(np.arange(_STEPS) / _STEPS, _ORDERS)))


# ---- the panel --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """A display's grid in the plane of its sheet.

    kind: one of KINDS. pitch: sheet px from one picture element to the next. contrast: 0 no grid to 1
    full black between windows. turn: degrees of the grid against the sheet. aperture: side of the
    square over which a camera pixel collects light, px of the photograph: far below 1 where a camera
    made its picture smaller by leaving out pixels. early_blur: the share of the photograph's blur that
    came before the sampling, from the lens and not from smoothing. bands: amplitude, and
    band_px: period, of the rows of a rolling shutter under a pulsed backlight. display: left, top, width
    and height in the sheet, outside of which there is no grid; None for the whole sheet. window: as WINDOW.
    """

    kind: str
    pitch: float
    contrast: float
    turn: float = 0.0
    aperture: float = 0.8
    early_blur: float = 1.0
    bands: float = 0.0
    band_px: float = 200.0
    band_phase: float = 0.0
    display: tuple[int, int, int, int] | None = None
    window: tuple[float, float] = WINDOW

    @staticmethod
    def random(rng: np.random.Generator, split: str, coarse: bool = False) -> Panel:
        panel = Panel(
            kind=str(rng.choice(KINDS[split])),
            pitch=float(rng.uniform(*PITCHES[split][coarse])),
            contrast=float(rng.uniform(0.45, 1.0)),
            turn=90.0 * int(rng.random() < 0.3),
            aperture=float(rng.uniform(0.15, 0.85)),
            early_blur=float(rng.uniform(0.15, 0.9)),
            bands=float(rng.uniform(0.02, 0.14)) if rng.random() < 0.25 else 0.0,
            band_px=float(rng.uniform(60, 500)),
            band_phase=float(rng.uniform(0, 2 * np.pi)),
        )
        if split == "test":
            return panel
        window = (WINDOW[0] * rng.uniform(0.7, 1.12), WINDOW[1] * rng.uniform(0.75, 1.1))
        return replace(panel, window=tuple(round(side, 2) for side in window))

    def light(self, picture: U8, sheet_to_picture: F64, inside: U8, blur_px: float = 0.35) -> U8:
        """The picture (H, W, 3) with the grid in it where `inside` (H, W) is not 0.

        sheet_to_picture: (3, 3) homography of pixel edges. blur_px: sigma of what the lens spreads, so
        that a blurred picture has a weak grid. Call it after the lens and before the noise.
        """
        inside = self._lit(sheet_to_picture, inside)
        left, top, width, height = cv2.boundingRect(inside)
        if not width:
            return picture.copy()
        # An even origin keeps the Bayer pattern in its place.
        width, height = width + left % 2, height + top % 2
        left, top = left - left % 2, top - top % 2
        to_cells = self._to_cells(
            np.asarray(np.linalg.inv(sheet_to_picture), np.float64), left, top
        )
        tables, find_level = self._tables(to_cells, width, height, blur_px)
        factors = _mosaic(to_cells, tables, find_level, width, height)
        if self.bands:
            rows = (np.arange(top, top + height) + 0.5) * (2 * np.pi / self.band_px)
            wave = 1 + self.bands * np.sin(rows + self.band_phase)
            gain = np.tile(wave[:, None, None], (1, width, 3))
            factors = np.asarray(cv2.multiply(factors, gain, dtype=cv2.CV_8U), np.uint8)
        part = picture[top : top + height, left : left + width]
        lit = cv2.multiply(part, factors, scale=1 / 128)
        out = picture.copy()
        cv2.copyTo(
            lit,
            inside[top : top + height, left : left + width],
            out[top : top + height, left : left + width],
        )
        return out

    def _lit(self, sheet_to_picture: F64, inside: U8) -> U8:
        """The part of `inside` where the display is."""
        if self.display is None:
            return inside
        x, y, w, h = self.display
        corners = np.array([[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]], np.float64)
        quad = cv2.perspectiveTransform(corners, sheet_to_picture)[0]
        mask = np.zeros(inside.shape, np.uint8)
        cv2.fillConvexPoly(mask, (quad * 16).round().astype(np.int32)[:, None], 255, shift=4)
        return np.asarray(cv2.bitwise_and(mask, inside), np.uint8)

    def _to_cells(self, picture_to_sheet: F64, left: int, top: int) -> F64:
        """(3, 3) from px centres of the part at (left, top) to turns of the cell, (u, v)."""
        angle = np.deg2rad(self.turn)
        across, down = np.array(_CELLS[self.kind]) * self.pitch * _COARSE.get(self.kind, 1.0)
        spin = np.array(
            [[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
        )
        shift = np.array([[1, 0, left + 0.5], [0, 1, top + 0.5], [0, 0, 1]])
        return np.asarray(np.diag([1 / across, 1 / down, 1]) @ spin @ picture_to_sheet @ shift)

    def _tables(
        self, to_cells: F64, width: int, height: int, blur_px: float
    ) -> tuple[U8, tuple[float, float]]:
        """Factors (levels, 3, 64 * 64), 128 for 1, and what maps the homography's w to a level."""
        x, y = np.meshgrid([0.0, width / 2, width], [0.0, height / 2, height])
        points = np.stack([x.ravel(), y.ravel(), np.ones(9)])
        w = to_cells[2] @ points
        low, high = float(w.min()), float(w.max())
        levels = _LEVELS if high - low > 0.01 * abs(high) else 1
        # One point of the picture stands for its distance: on the line from nearest to farthest.
        ends = points[:, [int(w.argmin()), int(w.argmax())]]
        share = (np.arange(levels) + 0.5) / levels
        samples = ends[:, :1] * (1 - share) + ends[:, 1:] * share
        tables = [self._table(_jacobian(to_cells, point), blur_px) for point in samples.T]
        return np.array(tables), (low, levels / max(high - low, 1e-12) if levels > 1 else 0.0)

    def _table(self, jacobian: F64, blur_px: float) -> U8:
        """(3, 64 * 64) for one local scale; jacobian: (2, 2) cell turns a px."""
        down, across = np.meshgrid(_ORDERS, _ORDERS, indexing="ij")
        fx = across * jacobian[0, 0] + down * jacobian[1, 0]  # cycles a px
        fy = across * jacobian[0, 1] + down * jacobian[1, 1]
        seen = np.sinc(self.aperture * fx) * np.sinc(self.aperture * fy)
        spread = np.pi * blur_px * self.early_blur
        seen = seen * np.exp(-2 * spread**2 * (fx**2 + fy**2)) * self.contrast
        seen[4, 4] = 1.0
        waves = _waves()
        light = (waves @ (_series(self.kind, self.window) * seen) @ waves.T).real
        light = 1 + _SWING * np.tanh((light - 1) / _SWING)
        return np.asarray((128 * light ** (1 / 2.2)).clip(0, 255), np.uint8).reshape(3, -1)


def _jacobian(homography: F64, point: F64) -> F64:
    u, v, w = homography @ point
    return np.asarray(
        (homography[:2, :2] * w - np.outer([u, v], homography[2, :2])) / w**2, np.float64
    )


def _mosaic(
    to_cells: F64, tables: U8, find_level: tuple[float, float], width: int, height: int
) -> U8:
    """(height, width, 3) factors: each colour looked up at its own pixels and filled in between."""
    rows, columns = -(-height // 2), -(-width // 2)
    low, per_w = find_level
    planes = []
    for channel, x0, y0 in _BAYER:
        x = (np.arange(columns, dtype=np.float32) * 2 + x0)[None, :]
        y = (np.arange(rows, dtype=np.float32) * 2 + y0)[:, None]
        u, v, w = (np.float32(a) * x + (np.float32(b) * y + np.float32(c)) for a, b, c in to_cells)
        turn = np.float32(_STEPS) / w
        index = ((v * turn).astype(np.int32) & (_STEPS - 1)) << 6
        index |= (u * turn).astype(np.int32) & (_STEPS - 1)
        if per_w:
            level = ((w - np.float32(low)) * np.float32(per_w)).astype(np.int32)
            index += level.clip(0, _LEVELS - 1) * (_STEPS * _STEPS)
        table = np.ascontiguousarray(tables[:, channel]).ravel()
        planes.append(table.take(index))
    red, green, green_2, blue = planes
    full = np.empty((rows * 2, columns * 2), np.uint8)
    full[0::2, 1::2], full[1::2, 0::2] = green, green_2
    full[0::2, 0::2] = full[1::2, 1::2] = cv2.addWeighted(green, 0.5, green_2, 0.5, 0)
    size = (columns * 2, rows * 2)
    factors = cv2.merge([cv2.resize(blue, size), full, cv2.resize(red, size)])
    return np.asarray(factors[:height, :width], np.uint8)
