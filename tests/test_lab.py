"""csrc/lab: CIE Lab as OpenCV has it, without its tables."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from idocr import _core


def drawn_picture(seed: int, height: int = 8, width: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tint = rng.integers(0, 256, 3)
    picture = tint + rng.normal(0, rng.uniform(1, 90), (height, width, 3))
    return np.asarray(picture.clip(0, 255), np.uint8)


def lab_of(bgr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In bytes, and as the tones of single cells tell it."""
    levels = np.empty(bgr.shape, np.uint8)
    _core.bgr_to_lab(bgr, levels)
    tones = [_core.measure_tones(pixel[None, None]) for pixel in bgr.reshape(-1, 3)]
    fine = np.array([(tone[6], *tone[-2:]) for tone in tones], np.float32) * np.float32(100)
    return levels, fine.reshape(bgr.shape)


@given(st.integers(0, 10_000))
def test_equals_the_slow_conversion(seed: int) -> None:
    picture = drawn_picture(seed)
    levels, fine = lab_of(picture)
    expected = reference.bgr_to_lab(picture)
    rounded = expected * (2.55, 1, 1) + (0, 128, 128)
    # Tables of whole numbers are coarse where little light is.
    bright = picture.min(axis=2) > 60
    np.testing.assert_allclose(levels, rounded, atol=6)
    np.testing.assert_allclose(levels[bright], rounded[bright], atol=1.2)
    # Straight lines between 33 levels a channel: the curve bends between two of them.
    np.testing.assert_allclose(fine, expected, atol=2)
    np.testing.assert_allclose(fine[bright], expected[bright], atol=0.5)


@settings(deadline=None)  # OpenCV's first conversion makes tables, which takes long
@given(st.integers(0, 10_000))
def test_equals_opencv(seed: int) -> None:
    picture = drawn_picture(seed)
    levels, fine = lab_of(picture)
    apart = np.abs(levels.astype(int) - cv2.cvtColor(picture, cv2.COLOR_BGR2LAB))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.01
    theirs = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    np.testing.assert_allclose(fine, theirs, atol=0.02)


def test_black_white_and_grey_have_no_tint() -> None:
    levels, fine = lab_of(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))
    assert (levels[0, :, 1:] == 128).all()
    assert np.abs(fine[0, :, 1:]).max() < 0.2
    assert fine[0, [0, 255], 0].tolist() == pytest.approx([0, 100], abs=0.01)
    assert (np.diff(fine[0, :, 0]) > 0).all()


def test_refuses() -> None:
    for bgr, out, words in (
        (np.zeros((0, 3, 3), np.uint8), np.zeros((0, 3, 3), np.uint8), "bgr"),
        (np.zeros((2, 3, 1), np.uint8), np.zeros((2, 3, 1), np.uint8), "bgr"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros((2, 4, 3), np.uint8), "out"),
    ):
        with pytest.raises(ValueError, match=words):
            _core.bgr_to_lab(bgr, out)
