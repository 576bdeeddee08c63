"""A card's place in a picture: the ways between millimetres on it and px, and its rows of print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .layout import CARD_MM, INK_PX_PER_MM, BoxMm
from .level import LEVEL, find_slopes, level_corners
from .reading import Quad
from .strips import card_to_picture, corners_of, map_points, to_quads

F64 = NDArray[np.float64]
CORNERS_MM = ((0.0, 0.0), (CARD_MM[0], 0.0), CARD_MM, (0.0, CARD_MM[1]))
MOST_BEYOND = 0.01  # of the picture's width: what lies farther outside has no print
MOST_CUT_MM = 0.4  # between the parts of one row; rows of text are 0.8 mm apart and more
MOST_ROW_MM = 4.6  # the highest row; two rows are together 5 mm and more
SMOOTHING_PX = 3  # size of the kernel: strokes are 2 px and more, noise goes
GRAIN_SMOOTHING_PX = 9  # where grain or a screen's grid is as strong as print
DARKEST = 20  # grey levels added to the paper's: of what is nearly black the ink is noise
FULL_INK = 200.0  # of black on white
RED = 2  # of B, G, R
AROUND_MM = (
    15.0  # around the card, in which its place must be known: more than evidence.py looks at
)
LEAST_DEPTH = 0.1  # of what lies there, against the card's left top corner
MOST_SKIPPED = (
    1.9  # px of a picture to one of an upright card: of more bilinear sampling skips some
)
SLIVER = 0.5  # of its neighbour's height
U8 = NDArray[np.uint8]
Window = tuple[int, int, int, int]  # left, top, right, bottom px, half open


@dataclass(frozen=True)
class Card:
    """A card's place in a picture. `to_px` maps card mm to px of `bgr`, such that rows of print are level."""

    bgr: U8
    scale: float  # px of the given picture to one of bgr
    corners: F64  # (4, 2) px of bgr
    support: tuple[float, float, float, float]
    kinds: Mapping[str, float]
    # (4, 2) px of bgr: where the corners would be by the rows of print, if these run otherwise
    print_corners: F64 | None = None
    smoothing_px: int = SMOOTHING_PX  # of the ink

    @cached_property
    def to_px(self) -> F64:
        return card_to_picture(self.corners if self.print_corners is None else self.print_corners)

    @property
    def has_place(self) -> bool:
        """False for corners so askew that some of what lies around the card is behind the camera."""
        left, top, right, bottom = (
            -AROUND_MM,
            -AROUND_MM,
            CARD_MM[0] + AROUND_MM,
            CARD_MM[1] + AROUND_MM,
        )
        x, y, w = self.to_px[2].tolist()
        return all(
            x * a + y * b + w > LEAST_DEPTH * w for a in (left, right) for b in (top, bottom)
        )

    @cached_property
    def ink(self) -> U8:
        return ink_map(self)

    @cached_property
    def px_per_mm(self) -> float:
        top = float(np.linalg.norm(self.corners[1] - self.corners[0]))
        bottom = float(np.linalg.norm(self.corners[2] - self.corners[3]))
        return max(top, bottom) / CARD_MM[0]

    def smoothed(self) -> Card:
        """The same card with its ink smoothed as wide as grain and moire are."""
        return replace(self, smoothing_px=GRAIN_SMOOTHING_PX)

    def rescaled(self, bgr: U8) -> Card:
        """The same card in the same picture at another size."""
        ratio = bgr.shape[1] / self.bgr.shape[1]
        moved = self._with_corners(lambda corners: (corners + 0.5) * ratio - 0.5)
        return replace(moved, bgr=bgr, scale=self.scale / ratio)

    def turned_over(self) -> Card:
        """The same card taken to stand on its head."""
        turned = self._with_corners(lambda c: np.ascontiguousarray(np.roll(c, 2, axis=0)))
        return replace(turned, support=(*self.support[2:], *self.support[:2]))

    def levelled(self) -> Card:
        """The same card with its rows of print level, where all of it is in the picture."""
        height, width = self.bgr.shape[:2]
        beyond = np.maximum(-self.corners, self.corners - (width - 1, height - 1)).max()
        slopes = LEVEL if beyond > MOST_BEYOND * width else find_slopes(self.ink)
        if slopes == LEVEL:
            return self
        moved = map_points(self.to_px, level_corners(np.array(CORNERS_MM), slopes))
        levelled = replace(self, print_corners=moved)
        return levelled if levelled.has_place else self

    def _with_corners(self, move: Callable[[F64], F64]) -> Card:
        by_print = None if self.print_corners is None else move(self.print_corners)
        return replace(self, corners=move(self.corners), print_corners=by_print)

    def in_picture(self, quad: Quad) -> Quad:
        """From px of bgr to px of the picture as given."""
        a, b, c, d = (((x + 0.5) * self.scale - 0.5, (y + 0.5) * self.scale - 0.5) for x, y in quad)
        return a, b, c, d

    def quads(self, boxes: Sequence[BoxMm]) -> list[Quad]:
        """Boxes on the card in px of the picture as given."""
        points = map_points(self.to_px, corners_of(boxes))
        return to_quads((points + 0.5) * self.scale - 0.5)

    @property
    def quad(self) -> Quad:
        a, b, c, d = self.corners.tolist()
        return self.in_picture(((a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])))

    @property
    def turn_degrees(self) -> int:
        x, y = self.corners[1] - self.corners[0] + self.corners[2] - self.corners[3]
        return round(float(np.degrees(np.arctan2(y, x))) / 90) % 4 * 90

    def halved(self) -> Card:
        half = cv2.resize(self.bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return self.rescaled(np.asarray(half, np.uint8))

    def upright(self, px_per_mm: float) -> U8:
        """The card as if it lay straight before the camera, (54, 85.6) mm at this scale, BGR."""
        width, height = (round(side * px_per_mm) for side in CARD_MM)
        upright = np.empty((height, width, 3), np.uint8)
        _core.sample_upright(self.bgr, self.to_px @ px_to_mm(px_per_mm), upright)
        return upright

    def upright_red(self, px_per_mm: float) -> U8:
        """The same in red light, (H, W)."""
        width, height = (round(side * px_per_mm) for side in CARD_MM)
        upright = np.empty((height, width), np.uint8)
        source, channel = self, RED
        if self.px_per_mm > MOST_SKIPPED * px_per_mm:
            source, channel = self._red_at_half_size(), 0
        pixels = source.bgr.reshape(*source.bgr.shape[:2], -1)
        _core.sample_channel(pixels, channel, source.to_px @ px_to_mm(px_per_mm), upright)
        return upright

    def _red_at_half_size(self) -> Card:
        """The card in a picture of its red, which has no px but those where the card is."""
        rows, columns = (side // 2 for side in self.bgr.shape[:2])
        if self.bgr.shape[:2] != (
            2 * rows,
            2 * columns,
        ):  # what is left over OpenCV knows to share out
            red = cv2.extractChannel(self.bgr, RED)
            half = cv2.resize(red, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            return self.rescaled(np.asarray(half, np.uint8))
        found = self.rescaled(np.empty((rows, columns), np.uint8))
        shown = map_points(found.to_px, np.array(CORNERS_MM))
        low = np.clip(np.floor(shown.min(axis=0)) - 1, 0, (columns - 2, rows - 2)).astype(int)
        high = np.clip(np.ceil(shown.max(axis=0)) + 2, low + 2, (columns, rows)).astype(int)
        (left, top), (right, bottom) = low.tolist(), high.tolist()
        _core.halve_channel(self.bgr, RED, (left, top, right, bottom), found.bgr)
        return found


def px_to_mm(px_per_mm: float) -> F64:
    """From px of an upright card to mm, (3, 3): centres of px are whole numbers."""
    return np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, px_per_mm]]) / px_per_mm


def window_around(corners: F64, width: int, height: int) -> Window:
    """The corners' bounding box with a tenth of the card around it, inside the picture."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.1 * float((high - low).max())
    least = min(32, width, height)
    left, top = np.clip(low - margin, 0, (width - least, height - least)).astype(int).tolist()
    right, bottom = (
        np.clip(high + margin, (left + least, top + least), (width, height)).astype(int).tolist()
    )
    return left, top, right, bottom


def halves(window: Window) -> list[Window]:
    """A window's two halves along its longer side, a tenth more each: they overlap."""
    left, top, right, bottom = window
    width, height = right - left, bottom - top
    if width >= height:
        across = width * 3 // 5
        return [(left, top, left + across, bottom), (right - across, top, right, bottom)]
    along = height * 3 // 5
    return [(left, top, right, top + along), (left, bottom - along, right, bottom)]


def ink_map(card: Card) -> U8:
    """How much darker than its surroundings each spot of the upright card is, at 6 px/mm.

    Closing fills strokes up to 1.6 mm wide with the paper around them. As a share of the paper's own
    brightness, so that print in a shadow or in a dim picture is as much ink as in the light.
    """
    # Blue labels and black print are both dark in red light; the tinted paper is not.
    red = card.upright_red(INK_PX_PER_MM)
    dark = cv2.GaussianBlur(red, (card.smoothing_px, card.smoothing_px), 0)
    size = round(1.6 * INK_PX_PER_MM)
    paper = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    darker, light = cv2.subtract(paper, dark), cv2.convertScaleAbs(paper, beta=DARKEST)
    return np.asarray(cv2.divide(darker, light, scale=FULL_INK), dtype=np.uint8)


def find_rows(ink: U8, region: BoxMm) -> list[BoxMm]:
    px = INK_PX_PER_MM
    left, top, right, bottom = (
        round(v * px) for v in (region.left, region.top, region.right, region.bottom)
    )
    found = _core.find_text_rows(ink, left, top, right, min(bottom, ink.shape[0]), px)
    return join_split_rows(
        [BoxMm(x0 / px, y0 / px, x1 / px, y1 / px) for x0, y0, x1, y1, _ in found]
    )


def join_split_rows(rows: Sequence[BoxMm]) -> list[BoxMm]:
    """Join neighbours that are together no higher than one row, top to bottom; drop slivers.

    A label beside two lines of text stands between them, so that the second line is cut where the
    label ends. A sliver that touches a whole row is a shadow or a fold of it.
    """
    joined: list[BoxMm] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and _touch(last, row) and row.bottom - last.top < MOST_ROW_MM:
            left, right = min(last.left, row.left), max(last.right, row.right)
            joined[-1] = BoxMm(left, last.top, right, row.bottom)
        else:
            joined.append(row)
    return [row for row in joined if not any(_is_sliver(row, other) for other in joined)]


def _is_sliver(row: BoxMm, other: BoxMm) -> bool:
    touch = _touch(row, other) if row.top < other.top else _touch(other, row)
    return touch and row.height < SLIVER * other.height


def _touch(upper: BoxMm, lower: BoxMm) -> bool:
    beside = upper.left < lower.right and lower.left < upper.right
    return beside and lower.top - upper.bottom < MOST_CUT_MM
