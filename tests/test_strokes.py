"""csrc/strokes: how print is written."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core


def strip_of(levels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.repeat((levels / 127.5 - 1).astype(np.float32)[None], 3, axis=0))


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(2, 40))
def test_equals_the_slow_measurement(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    levels = (
        rng.integers(0, 256, (height, width))
        if seed % 2
        else rng.integers(180, 220, (height, width))
    )
    levels[height // 3 : height // 2, : width // 2] = 30
    begin = seed % (width - 1)
    end = begin + 2 + seed % (width - 1 - begin)
    strip = strip_of(levels)
    found = _core.measure_strokes(strip, begin, end)
    expected = reference.measure_strokes(strip[:, :, begin:end])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def written(thickness: int, blur: float = 0.0) -> np.ndarray:
    """A row of strokes of so many px that are upright, level and slanting."""
    picture = np.full((96, 400), 210, np.uint8)
    for left in range(20, 380, 90):
        for a, b in (((0, 0), (0, 50)), ((15, 0), (60, 0)), ((15, 50), (60, 20))):
            begin, end = ((left + x, 24 + y) for x, y in (a, b))
            cv2.line(picture, begin, end, 40, thickness, cv2.LINE_AA)
    seen = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    return strip_of(seen.astype(np.float64))


def width_px(strip: np.ndarray) -> float:
    area, outline, *_ = _core.measure_strokes(strip, 0, strip.shape[2])
    return 2 * area / outline


def test_strokes_are_as_wide_as_they_were_drawn() -> None:
    widths = [width_px(written(thickness)) for thickness in (5, 9, 13)]
    assert widths == pytest.approx([5, 9, 13], rel=0.25)
    assert width_px(written(9, blur=2.0)) == pytest.approx(widths[1], rel=0.15)


def test_the_rim_of_a_patch_stands_out() -> None:
    plain = written(8)
    patched = plain.copy()
    patched[:, 5:91] = np.minimum(patched[:, 5:91], 200 / 127.5 - 1)
    *_, above, below = _core.measure_strokes(plain, 0, 400)
    assert above == below == 0
    *_, above, below = _core.measure_strokes(patched, 0, 400)
    assert above == pytest.approx(10, abs=0.1)
    assert below == pytest.approx(10, abs=0.1)


def test_paper_without_ink_has_no_strokes() -> None:
    found = _core.measure_strokes(strip_of(np.full((20, 30), 200)), 0, 30)
    assert found == (0, 0, 0, 0, 20, 0, 0)


@pytest.mark.parametrize("shape", [(2, 4, 4), (3, 1, 4), (3, 4, 1)])
def test_refuses(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="strip"):
        _core.measure_strokes(np.zeros(shape, np.float32), 0, 2)
