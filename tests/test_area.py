"""csrc/area: pictures made smaller as OpenCV does it, byte by byte."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core

SIDES = st.integers(2, 60)
SHARES = st.floats(0.03, 0.999)


def drawn_picture(seed: int, height: int, width: int, channels: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def made_smaller(picture: np.ndarray, share_x: float, share_y: float) -> np.ndarray:
    height, width, channels = picture.shape
    size = (max(1, round(height * share_y)), max(1, round(width * share_x)), channels)
    out = np.empty(size, np.uint8)
    steps = (min(width, 1 / share_x), min(height, 1 / share_y))
    _core.resize_by_area(picture, *steps, out)
    return out


@given(st.integers(0, 10_000), SIDES, SIDES, SHARES, SHARES, st.sampled_from([1, 3, 4]))
def test_has_the_bytes_of_opencv(
    seed: int, height: int, width: int, share_x: float, share_y: float, channels: int
) -> None:
    picture = drawn_picture(seed, height, width, channels)
    share_x, share_y = max(share_x, 1 / width), max(share_y, 1 / height)
    if (1 / share_x).is_integer() and (1 / share_y).is_integer():
        return
    out = made_smaller(picture, share_x, share_y)
    if out.shape == picture.shape:  # OpenCV copies
        return
    theirs = cv2.resize(picture, None, fx=share_x, fy=share_y, interpolation=cv2.INTER_AREA)
    assert np.array_equal(out, theirs.reshape(out.shape))


@pytest.mark.parametrize(("height", "width"), [(3, 5), (17, 9), (27, 40)])
def test_equals_the_slow_means(height: int, width: int) -> None:
    picture = drawn_picture(1, 40, 51, 3)
    out = np.empty((height, width, 3), np.uint8)
    _core.resize_by_area(picture, 51 / width, 40 / height, out)
    assert np.abs(out - reference.shrink_by_area(picture, height, width)).max() <= 0.501


def test_a_window_is_read_alone() -> None:
    window = drawn_picture(2, 40, 60, 4)[5:31, 7:48]
    assert np.array_equal(made_smaller(window, 0.4, 0.7), made_smaller(window.copy(), 0.4, 0.7))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("image", np.zeros((4, 4, 2), np.uint8), "channels"),
        ("image", np.zeros((1, 4, 3), np.uint8), "at least 2x2"),
        ("image", np.zeros((4, 8, 3), np.uint8)[:, ::2], "without gaps"),
        ("image", np.zeros((4, 4, 3), np.uint8)[::-1], "one behind the other"),
        ("step_x", 0.9, "steps"),
        ("step_y", 4.1, "steps"),
        ("step_x", float("nan"), "steps"),
        ("out", np.zeros((2, 2, 4), np.uint8), "channels"),
        ("out", np.zeros((2, 3, 3), np.uint8), "wide"),
        ("out", np.zeros((0, 2, 3), np.uint8), "high"),
    ],
)
def test_wrong_arguments_are_named(name: str, value: Any, message: str) -> None:
    arguments = {
        "image": np.zeros((4, 4, 3), np.uint8),
        "step_x": 2.0,
        "step_y": 2.0,
        "out": np.zeros((2, 2, 3), np.uint8),
    }
    with pytest.raises(ValueError, match=message):
        _core.resize_by_area(**(arguments | {name: value}))
