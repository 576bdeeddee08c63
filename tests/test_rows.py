"""csrc/rows: rows of print from a map of ink."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core
from idocr.card import join_split_rows
from idocr.layout import BoxMm

PX_PER_MM = 6.0


@given(st.integers(0, 10_000))
def test_equals_the_slow_search(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = rng.integers(0, 8, (200, 300)).astype(np.uint8)
    y = int(rng.integers(3, 20))
    while y < 170:
        height, left = int(rng.integers(14, 24)), int(rng.integers(5, 100))
        right = left + int(rng.integers(20, 190))
        ink[y : y + height, left:right:4] = rng.integers(60, 200)
        y += height + int(rng.integers(6, 25))
    found = _core.find_text_rows(ink, 0, 0, 300, 200, PX_PER_MM)
    assert [row[:4] for row in found] == reference.find_text_rows(ink, PX_PER_MM)


def test_the_threshold_follows_the_print() -> None:
    """The same rows in a pale and in a contrasty picture."""
    ink = np.zeros((100, 200), np.uint8)
    ink[20:38, 30:150:4] = 200
    pale = (ink // 5).astype(np.uint8)
    boxes = [[row[:4] for row in _core.find_text_rows(x, 0, 0, 200, 100, 6.0)] for x in (ink, pale)]
    assert boxes[0] == boxes[1] == [(30, 20, 147, 38)]


@pytest.mark.parametrize(
    ("ink", "box", "px_per_mm"),
    [
        (np.zeros((10, 10), np.float32), (0, 0, 10, 10), 6.0),
        (np.zeros((10, 10), np.uint8), (0, 0, 11, 10), 6.0),
        (np.zeros((10, 10), np.uint8), (5, 0, 5, 10), 6.0),
        (np.zeros((10, 10), np.uint8), (-1, 0, 5, 10), 6.0),
        (np.zeros((10, 10), np.uint8), (0, 0, 10, 10), 0.0),
        (np.zeros((10, 10), np.uint8), (0, 0, 10, 10), float("nan")),
        (np.zeros((1, 10), np.uint8), (0, 0, 10, 1), 6.0),
    ],
)
def test_refuses(ink: np.ndarray, box: tuple[int, int, int, int], px_per_mm: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages differ, the type is the contract
        _core.find_text_rows(ink, *box, px_per_mm)


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(1, 20))
def test_sharpness_equals_the_slow_sum(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 256, (height, width), np.uint8)
    across = rng.uniform(-40, 40, width).astype(np.float32)
    top, bottom = rng.uniform(-0.5, 0.5, 2).tolist()
    found = _core.row_sharpness(levels, across, top, bottom)
    assert found == reference.row_sharpness(levels, across, top, bottom)


def test_rows_that_sink_are_sharpest_along_their_slope() -> None:
    levels = np.zeros((60, 20), np.uint8)
    across = np.arange(-9.5, 10).astype(np.float32) * 4
    for column, x in enumerate(across.tolist()):
        for middle in (15, 30, 45):
            levels[round(middle + 0.1 * x), column] = 200
    found = {s: _core.row_sharpness(levels, across, s, s) for s in (-0.1, 0.0, 0.1)}
    assert found[0.1] == 3 * (20 * 200) ** 2
    assert found[0.1] > 3 * max(found[0.0], found[-0.1])


def test_sharpness_refuses() -> None:
    levels, across = np.zeros((4, 3), np.uint8), np.zeros(3, np.float32)
    for given_, words in (
        ((levels[:1].copy(), across, 0.0, 0.0), "levels"),
        ((levels, across[:2], 0.0, 0.0), "across"),
        ((levels, across + np.float32(np.nan), 0.0, 0.0), "across"),
        ((levels, across, np.inf, 0.0), "slopes"),
    ):
        with pytest.raises(ValueError, match=words):
            _core.row_sharpness(*given_)


def row(top: float, bottom: float, left: float = 20.8, right: float = 40.0) -> BoxMm:
    return BoxMm(left, top, right, bottom)


@pytest.mark.parametrize(
    ("given", "joined"),
    [
        ([], []),
        ([row(36.2, 39.7), row(39.8, 41.2), row(41.3, 43.3)], [(36.2, 39.7), (39.8, 43.3)]),
        ([row(27.5, 30.6), row(31.8, 35.5)], [(27.5, 30.6), (31.8, 35.5)]),
        ([row(27.5, 29.6), row(29.9, 32.0)], [(27.5, 32.0)]),
        ([row(29.2, 32.5), row(32.7, 34.0), row(34.2, 37.5)], [(29.2, 32.5), (34.2, 37.5)]),
        ([row(32.7, 34.0), row(34.2, 37.5)], [(34.2, 37.5)]),
        ([row(27.5, 29.6), row(29.7, 31.0, 50.0, 60.0)], [(27.5, 29.6), (29.7, 31.0)]),
    ],
)
def test_rows_that_a_label_cut_are_joined(
    given: list[BoxMm], joined: list[tuple[float, float]]
) -> None:
    assert [(r.top, r.bottom) for r in join_split_rows(given)] == joined
