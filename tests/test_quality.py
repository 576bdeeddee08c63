"""csrc/quality: what stands behind `quality`."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(2, 40))
def test_equals_the_slow_measurement(seed: int, height: int, width: int) -> None:
    strip = np.random.default_rng(seed).uniform(-1.05, 1.05, (3, height, width)).astype(np.float32)
    # One grey level apart: float32 sums are rounded in another order.
    begin = seed % (width - 1)
    end = begin + 2 + seed % (width - 1 - begin)
    found = _core.measure_strip(strip, begin, end)
    np.testing.assert_allclose(found, reference.measure_strip(strip[:, :, begin:end]), atol=0.02)


def print_strip(blur: float = 0.0, gain: float = 1.0) -> np.ndarray:
    picture = np.full((48, 300), 215, np.uint8)
    cv2.putText(picture, "0123456789X", (5, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 3, cv2.LINE_AA)
    grey = picture.astype(np.float32)
    if blur:
        grey = cv2.GaussianBlur(grey, (0, 0), blur)
    return np.ascontiguousarray(np.repeat((grey * gain / 127.5 - 1).clip(-1, 1)[None], 3, axis=0))


def test_blur_lowers_sharpness_step_by_step() -> None:
    sharpness = [_core.measure_strip(print_strip(blur), 0, 300)[1] for blur in (0, 1, 2, 4)]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 2 * sharpness[-1]


def test_overexposure_is_glare() -> None:
    assert _core.measure_strip(print_strip(), 0, 300)[2] == 0
    assert _core.measure_strip(print_strip(gain=1.3), 0, 300)[2] > 0.3


@pytest.mark.parametrize(
    "strip",
    [
        np.zeros((2, 4, 4), np.float32),
        np.zeros((3, 0, 4), np.float32),
        np.zeros((3, 4, 1), np.float32),
        np.zeros((3, 4, 4)),
    ],
)
def test_refuses(strip: np.ndarray) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages differ, the type is the contract
        _core.measure_strip(strip, 0, 2)


@pytest.mark.parametrize(("begin", "end"), [(-1, 4), (0, 5), (2, 3), (3, 1)])
def test_refuses_columns_outside(begin: int, end: int) -> None:
    with pytest.raises(ValueError, match="begin and end"):
        _core.measure_strip(np.zeros((3, 4, 4), np.float32), begin, end)
