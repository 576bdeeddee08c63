"""draw.py: everything found is drawn where it is, whichever way the card lies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import idocr
from idocr.draw import CARD, PORTRAIT, READ, _turned_back, draw

SAMPLES = Path(__file__).parent / "samples"


def near(drawn: np.ndarray, point: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    x, y = round(point[0]), round(point[1])
    window = drawn[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].astype(int)
    return bool((np.abs(window - colour).max(axis=2) < 60).any())


@pytest.mark.parametrize("quarters", range(4))
def test_points_turn_as_pictures_do(quarters: int) -> None:
    points = ((0.0, 0.0), (6.0, 1.0), (4.0, 3.0), (2.0, 4.0))
    picture = np.zeros((5, 7), np.uint8)
    for value, (x, y) in enumerate(points, 1):
        picture[int(y), int(x)] = value
    turned = np.rot90(picture, quarters)
    moved = _turned_back(points, 7, 5, quarters)
    assert [int(turned[int(y), int(x)]) for x, y in moved] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "name", ["portrait", "turned_90_portrait", "turned_180_portrait", "turned_270_portrait"]
)
def test_fields_are_outlined_in_place(name: str) -> None:
    bgr = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    given = bgr.copy()
    reading = idocr.Recognizer().read(bgr)
    drawn = draw(bgr, reading)
    np.testing.assert_array_equal(bgr, given)
    assert drawn.shape == bgr.shape
    # The left bottom corner: the tag covers the left top one.
    assert all(near(drawn, f.quad[3], READ) for f in reading.fields.values() if not f.logic)
    assert near(drawn, reading.portrait.quad[3], PORTRAIT)
    assert all(near(drawn, corner, CARD) for corner in reading.card_quad)


def test_no_card() -> None:
    bgr = cv2.imread(str(SAMPLES / "none_page.jpg"))
    drawn = draw(bgr, idocr.Recognizer().read(bgr))
    assert drawn.shape == bgr.shape
    assert (drawn[:60] != bgr[:60]).any()
    np.testing.assert_array_equal(drawn[200:], bgr[200:])
