"""csrc/quad: four corners from heat maps, refined on the picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from idocr import _core


def card_picture(corners: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """A bright card on a dark table, drawn 8 times larger and shrunk: sub-pixel edges."""
    large = np.full((300 * 4, 400 * 4), 70, np.uint8)
    cv2.fillConvexPoly(large, np.round((corners + 0.5) * 4 - 0.5).astype(np.int32), 190)
    picture = cv2.resize(large, (400, 300), interpolation=cv2.INTER_AREA).astype(float)
    picture += np.random.default_rng(seed).normal(0, noise, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


def refined(gray: np.ndarray, corners: np.ndarray) -> tuple[Any, tuple[float, ...]]:
    return _core.refine_card_quad(np.ascontiguousarray(np.dstack([gray] * 3)), corners)


@given(st.integers(0, 10_000))
def test_colours_count_as_opencv_s_grey(seed: int) -> None:
    """Whatever the colours, the corners are those that their grey picture has."""
    rng = np.random.default_rng(seed)
    truth = np.array([[60, 50], [330, 55], [335, 230], [55, 225.0]]) + rng.uniform(-12, 12, (4, 2))
    picture = np.dstack([card_picture(truth, 9, seed + channel) for channel in range(3)])
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    assert _core.refine_card_quad(picture, truth) == refined(grey, truth)


@given(st.integers(0, 10_000))
def test_refines_to_half_a_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.array([[60, 50], [330, 55], [335, 230], [55, 225.0]]) + rng.uniform(-12, 12, (4, 2))
    rough = truth + rng.uniform(-4, 4, (4, 2))
    corners, support = refined(card_picture(truth, 5, seed), rough)
    assert np.abs(np.array(corners) - truth).max() < 0.8
    assert min(support) > 0.7


@settings(max_examples=12, deadline=None)  # the slow version takes half a second
@given(st.integers(0, 10_000))
def test_refines_as_the_slow_version_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.array([[60, 50], [330, 55], [335, 230], [55, 225.0]]) + rng.uniform(-12, 12, (4, 2))
    picture = card_picture(truth, 4, seed)
    if seed % 3 == 0:
        cv2.rectangle(picture, (60, 190), (340, 260), 130, cv2.FILLED)  # hides the lower side
    rough = truth + rng.uniform(-4, 4, (4, 2))
    corners, support = refined(picture, rough)
    expected, expected_support = reference.refine_card_quad(picture, rough)
    # float32 against float64: a profile or two on the brink fall to the other side.
    np.testing.assert_allclose(support, expected_support, atol=0.07)
    np.testing.assert_allclose(corners, expected, atol=0.15)


def test_a_covered_side_stays() -> None:
    truth = np.array([[60, 50], [330, 55], [335, 230], [55, 225.0]])
    picture = card_picture(truth, 0, 0)
    picture[215:245] = 120  # something lies over the lower edge
    corners, support = refined(picture, truth)
    assert np.abs(np.array(corners) - truth).max() < 12
    assert support[0] > 0.9


@settings(max_examples=40, deadline=None)  # the slow version tries a thousand quads
@given(st.integers(0, 10_000))
def test_proposes_what_the_slow_search_proposes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heat = rng.normal(0, 1.0, (4, 14, 18)).astype(np.float32)
    for c, (x, y) in enumerate([(3, 3), (14, 3), (14, 10), (3, 10)]):
        heat[c, y + rng.integers(-1, 2), x + rng.integers(-1, 2)] += rng.uniform(3, 9)
    found, expected = _core.propose_card_quad(heat, 4), reference.propose_card_quad(heat, 4)
    assert (found is None) == (expected is None)
    if found and expected:
        assert found[1] == pytest.approx(expected[1], rel=1e-4)
        np.testing.assert_allclose(found[0], expected[0], atol=1e-3)


@pytest.mark.parametrize("missing", range(4))
def test_a_covered_corner_stands_where_the_others_say(missing: int) -> None:
    heat = np.full((4, 24, 32), -6, np.float32)
    cells = [(6, 5), (25, 5), (25, 17), (6, 17)]
    for c, (x, y) in enumerate(cells):
        heat[c, y, x] = 6
    heat[missing] = -6
    heat[missing, 12, 16] = 6  # something in the middle looks like it
    found = _core.propose_card_quad(heat, 4)
    assert found is not None
    np.testing.assert_allclose(found[0], np.array(cells) * 4 + 1.5, atol=0.1)


def test_of_two_corners_the_one_that_makes_a_card() -> None:
    """A sheet's corner is as bright as the card's own, but makes one side much longer."""
    heat = np.full((4, 24, 40), -6, np.float32)
    for c, (x, y) in enumerate([(6, 5), (25, 5), (25, 17), (6, 17)]):
        heat[c, y, x] = 6
    heat[1, 3, 31] = 6.5
    found = _core.propose_card_quad(heat, 4)
    assert found is not None
    assert found[0][1] == pytest.approx((101.5, 21.5), abs=0.1)


BGR = np.zeros((10, 10, 3), np.uint8)
CORNERS = np.array([[1, 1], [8, 1], [8, 8], [1, 8.0]])


@pytest.mark.parametrize(
    ("bgr", "corners", "error"),
    [
        (None, CORNERS, TypeError),
        (BGR, None, TypeError),
        (BGR.astype(np.float32), CORNERS, ValueError),
        (BGR[:1], CORNERS, ValueError),
        (BGR[:, :, 0].copy(), CORNERS, ValueError),
        (BGR[:, :, :2].copy(), CORNERS, ValueError),
        (BGR, CORNERS[:3], ValueError),
        (BGR, CORNERS * np.nan, ValueError),
        (BGR, CORNERS * 1e9, ValueError),
        (BGR, CORNERS.astype(np.float32), ValueError),
    ],
)
def test_refine_refuses(bgr: object, corners: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        _core.refine_card_quad(bgr, corners)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heat", "stride"),
    [
        (np.zeros((3, 4, 4), np.float32), 4),
        (np.zeros((4, 0, 4), np.float32), 4),
        (np.zeros((4, 4, 4), np.float64), 4),
        (np.full((4, 4, 4), np.inf, np.float32), 4),
        (np.zeros((4, 4, 4), np.float32), 0),
    ],
)
def test_propose_refuses(heat: np.ndarray, stride: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages differ, the type is the contract
        _core.propose_card_quad(heat, stride)
