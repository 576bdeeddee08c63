"""level.py: how steep rows of print are, and cards whose corners are mended by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from idocr.card import CORNERS_MM, Card, ink_map
from idocr.evidence import view
from idocr.layout import CARD_MM, INK_PX_PER_MM
from idocr.level import LEVEL, Slopes, find_slopes, level_corners
from idocr.strips import card_to_picture, map_points

SIZE = (round(CARD_MM[1] * INK_PX_PER_MM), round(CARD_MM[0] * INK_PX_PER_MM))


def printed(slopes: Slopes) -> NDArray[np.uint8]:
    """An ink map with six rows of strokes that run along these slopes."""
    ink = np.zeros(SIZE, np.uint8)
    middle = SIZE[1] / 2
    for row in range(40, 300, 45):
        share = row / (SIZE[0] - 1)
        slope = slopes.top * (1 - share) + slopes.bottom * share
        for x in range(60, 420, 6):
            y = row + round(slope * (x - middle))
            cv2.line(ink, (x, y - 8), (x, y + 8), 200, 2)
    return ink


@pytest.mark.parametrize(
    "slopes", [Slopes(0.05, 0.05), Slopes(-0.1, -0.06), Slopes(0.0, 0.12), Slopes(-0.08, 0.03)]
)
def test_slopes_are_found(slopes: Slopes) -> None:
    found = find_slopes(printed(slopes))
    assert found.top == pytest.approx(slopes.top, abs=0.011)
    assert found.bottom == pytest.approx(slopes.bottom, abs=0.011)


@pytest.mark.parametrize("slopes", [LEVEL, Slopes(0.005, 0.005), Slopes(-0.01, 0.0)])
def test_rows_that_are_nearly_level_stay(slopes: Slopes) -> None:
    assert find_slopes(printed(slopes)) == LEVEL


def test_long_edges_beside_print_and_empty_cards_say_nothing() -> None:
    edge = np.zeros(SIZE, np.uint8)
    assert find_slopes(edge) == LEVEL
    cv2.line(edge, (0, 200), (SIZE[1], 260), 255, 6)
    assert find_slopes(np.maximum(printed(LEVEL), edge)) == LEVEL


def test_a_card_with_wrong_corners_is_levelled() -> None:
    """Corners moved off a drawn card's own: its rows are level again, its reported corners stay."""
    path = Path(__file__).parent / "samples" / "portrait.jpg"
    bgr = np.asarray(cv2.imread(str(path)), np.uint8)
    import idocr

    quad = np.array(idocr.Recognizer().read(path).card_quad)
    right = Card(bgr, 1.0, quad, (1.0,) * 4, {})
    assert right.levelled() is right
    wrong_mm = level_corners(np.array(CORNERS_MM), Slopes(0.03, -0.07))
    wrong = replace(right, corners=map_points(card_to_picture(quad), wrong_mm))
    assert find_slopes(ink_map(wrong)) != LEVEL
    mended = wrong.levelled()
    assert (mended.corners == wrong.corners).all()
    assert find_slopes(mended.ink) == LEVEL
    turned = mended.turned_over().turned_over()
    assert turned.print_corners == pytest.approx(mended.print_corners)
    half = mended.halved()
    assert half.print_corners == pytest.approx((mended.print_corners + 0.5) / 2 - 0.5)


def test_a_card_that_leaves_the_picture_is_left_alone() -> None:
    bgr = np.full((300, 400, 3), 255, np.uint8)
    bgr[::9, ::3] = 0
    corners = np.array([[20, 20], [500, 60], [500, 320], [20, 280]], np.float64)
    card = Card(bgr, 1.0, corners, (1.0,) * 4, {})
    assert card.levelled() is card


def test_a_card_askew_has_no_place() -> None:
    """A side five times as long as the one opposite: some of what lies around is behind the camera."""
    photo = np.full((400, 600, 3), 200, np.uint8)
    plain = np.array([[100, 100], [400, 110], [395, 290], [105, 280]], np.float64)
    steep = np.array([[200, 100], [300, 100], [395, 290], [105, 280]], np.float64)
    askew = np.array([[230, 100], [250, 100], [395, 290], [105, 280]], np.float64)
    cards = [Card(photo, 1.0, corners, (1.0,) * 4, {}) for corners in (plain, steep, askew)]
    assert [card.has_place for card in cards] == [True, True, False]
    for card in cards[:2]:
        assert card.upright(4.0).shape == (216, 342, 3)
        assert view(card).shape == (80, 112, 3)
