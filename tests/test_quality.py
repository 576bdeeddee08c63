"""csrc/quality: what stands behind `quality`."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core


def measured(strip: np.ndarray, *windows: tuple[int, int]) -> list[list[float]]:
    found = np.empty((len(windows), 10), np.float32)
    _core.measure_windows(strip, np.array(windows, np.int32).reshape(-1, 2), found)
    rows: list[list[float]] = found.tolist()
    return rows


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(2, 40), st.integers(1, 4))
def test_equals_the_slow_measurement(seed: int, height: int, width: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    strip = rng.uniform(-1.05, 1.05, (3, height, width)).astype(np.float32)
    begins = rng.integers(0, width - 1, count).tolist()
    windows = [(begin, int(rng.integers(begin + 2, width + 1))) for begin in begins]
    found = measured(strip, *windows)
    expected = [reference.measure_strip(strip[:, :, begin:end]) for begin, end in windows]
    # One grey level apart: float32 sums are rounded in another order.
    np.testing.assert_allclose(found, expected, atol=0.02)


def print_strip(blur: float = 0.0, gain: float = 1.0) -> np.ndarray:
    picture = np.full((48, 300), 215, np.uint8)
    cv2.putText(picture, "0123456789X", (5, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 3, cv2.LINE_AA)
    grey = picture.astype(np.float32)
    if blur:
        grey = cv2.GaussianBlur(grey, (0, 0), blur)
    return np.ascontiguousarray(np.repeat((grey * gain / 127.5 - 1).clip(-1, 1)[None], 3, axis=0))


def test_blur_lowers_sharpness_step_by_step() -> None:
    sharpness = [measured(print_strip(blur), (0, 300))[0][1] for blur in (0, 1, 2, 4)]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 2 * sharpness[-1]


def test_overexposure_is_glare() -> None:
    assert measured(print_strip(), (0, 300))[0][2] == 0
    assert measured(print_strip(gain=1.3), (0, 300))[0][2] > 0.3


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
        measured(strip, (0, 2))


@pytest.mark.parametrize(("begin", "end"), [(-1, 4), (0, 5), (2, 3), (3, 1)])
def test_refuses_columns_outside(begin: int, end: int) -> None:
    with pytest.raises(ValueError, match="begin and end"):
        measured(np.zeros((3, 4, 4), np.float32), (0, 2), (begin, end))
    with pytest.raises(ValueError, match="begin and end"):
        _core.find_ink_rows(np.zeros((3, 4, 4), np.float32), begin, end)


def test_refuses_windows() -> None:
    strip = np.zeros((3, 4, 4), np.float32)
    with pytest.raises(ValueError, match="windows"):
        measured(strip)
    with pytest.raises(ValueError, match="out"):
        _core.measure_windows(strip, np.array([[0, 2]], np.int32), np.empty((2, 10), np.float32))


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(2, 90))
def test_finds_the_same_ink_rows(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    strip = (rng.integers(0, 256, (3, height, width)) / 127.5 - 1).astype(np.float32)
    strip[:, rng.uniform(size=height) < 0.5] = 0.7  # plain paper
    found = _core.find_ink_rows(strip, seed % (width - 1), width)
    assert found == reference.find_ink_rows(strip[:, :, seed % (width - 1) :])


def test_ink_rows_end_where_the_print_does() -> None:
    strip = np.full((3, 48, 100), 0.8, np.float32)
    assert _core.find_ink_rows(strip, 0, 100) == (0, 48)
    strip[:, 11:35, 20:60] = -0.7
    assert _core.find_ink_rows(strip, 0, 100) == (11, 35)
    assert _core.find_ink_rows(strip, 70, 100) == (0, 48)


RULES = {"faint": 0.35, "foreign_tint": 0.15, "foreign_dark": 0.25, "glare_level": 250}


@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 70), st.sampled_from([1, 3, 5]))
def test_looks_along_a_line_as_the_slow_one_does(
    seed: int, height: int, width: int, stroke: int
) -> None:
    rng = np.random.default_rng(seed)
    upright = rng.integers(170, 256, (height, width, 3), np.uint8)
    upright[:, rng.uniform(size=width) < rng.uniform(0, 0.9)] = 215  # blank columns
    upright[:, rng.uniform(size=width) < 0.2] //= 3  # dark ones
    left, top = seed % (width - 1), seed % (height - 1)
    box = (left, top, width, height)
    inside = (int(rng.integers(-3, width)), int(rng.integers(-3, width + 3)))
    given = (upright, box, inside, (218.0, 223.5, 209.0), stroke)
    expected = reference.measure_along(*given, **RULES)
    np.testing.assert_allclose(_core.measure_along(*given, **RULES), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("box", "usual", "stroke", "words"),
    [
        ((0, 0, 9, 4), (200.0, 200.0, 200.0), 5, "box"),
        ((3, 0, 3, 4), (200.0, 200.0, 200.0), 5, "box"),
        ((0, -1, 8, 4), (200.0, 200.0, 200.0), 5, "box"),
        ((0, 0, 8, 4), (200.0, 0.0, 200.0), 5, "usual"),
        ((0, 0, 8, 4), (200.0, 200.0, 200.0), 4, "stroke"),
    ],
)
def test_refuses_to_look_along(
    box: tuple[int, int, int, int], usual: tuple[float, ...], stroke: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        _core.measure_along(np.zeros((4, 8, 3), np.uint8), box, (0, 8), usual, stroke, **RULES)
