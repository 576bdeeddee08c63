"""csrc/shrink: the picture as the locator sees it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core

SIDES = st.integers(2, 40)


def drawn_picture(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


@given(st.integers(0, 10_000), SIDES, SIDES, st.floats(0.02, 1), st.floats(0.02, 1))
def test_equals_the_slow_means(
    seed: int, height: int, width: int, share_y: float, share_x: float
) -> None:
    picture = drawn_picture(seed, height, width)
    out = np.empty((max(1, int(height * share_y)), max(1, int(width * share_x)), 3), np.uint8)
    _core.shrink_by_area(picture, out)
    assert np.abs(out - reference.shrink_by_area(picture, *out.shape[:2])).max() <= 0.501


@pytest.mark.parametrize(
    "size", [(960, 1280, 168, 224), (1280, 961, 224, 168), (500, 700, 99, 224)]
)
def test_equals_opencv_but_for_halves(size: tuple[int, int, int, int]) -> None:
    height, width, rows, columns = size
    picture = drawn_picture(1, height, width)
    out = np.empty((rows, columns, 3), np.uint8)
    _core.shrink_by_area(picture, out)
    theirs = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    apart = np.abs(out.astype(int) - theirs)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.002


def test_a_window_is_read_alone() -> None:
    picture = drawn_picture(2, 40, 60)
    window = picture[5:31, 7:48]
    out, copied = np.empty((2, 11, 17, 3), np.uint8)
    _core.shrink_by_area(window, out)
    _core.shrink_by_area(window.copy(), copied)
    assert np.array_equal(out, copied)


def test_the_same_size_is_the_same_picture() -> None:
    picture = drawn_picture(3, 17, 23)
    out = np.empty_like(picture)
    _core.shrink_by_area(picture, out)
    assert np.array_equal(out, picture)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("image", np.zeros((4, 4, 1), np.uint8), "3 channels"),
        ("image", np.zeros((1, 4, 3), np.uint8), "at least 2x2"),
        ("image", np.zeros((4, 8, 3), np.uint8)[:, ::2], "without gaps"),
        ("image", np.zeros((4, 4, 3), np.uint8)[::-1], "one behind the other"),
        ("out", np.zeros((2, 2, 4), np.uint8), "3 channels"),
        ("out", np.zeros((0, 2, 3), np.uint8), "empty"),
        ("out", np.zeros((5, 2, 3), np.uint8), "larger"),
    ],
)
def test_wrong_arguments_are_named(name: str, value: Any, message: str) -> None:
    arguments = {"image": np.zeros((4, 4, 3), np.uint8), "out": np.zeros((2, 2, 3), np.uint8)}
    with pytest.raises(ValueError, match=message):
        _core.shrink_by_area(**(arguments | {name: value}))
