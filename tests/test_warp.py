"""csrc/warp: strips sampled straight from the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core

WIDTH, HEIGHT = 23, 9


def random_picture(seed: int, height: int = 40, width: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def random_mapping(seed: int) -> np.ndarray:
    """The strip as an arbitrary tilted quadrilateral in and around the picture."""
    rng = np.random.default_rng(seed)
    corners = np.array([[5, 5], [50, 8], [48, 30], [8, 28]]) + rng.uniform(-8, 8, (4, 2))
    strip = np.array([[0, 0], [WIDTH - 1, 0], [WIDTH - 1, HEIGHT - 1], [0, HEIGHT - 1]])
    return cv2.getPerspectiveTransform(strip.astype(np.float32), corners.astype(np.float32))


@given(st.integers(0, 10_000))
def test_equals_the_slow_sampler(seed: int) -> None:
    picture, mapping = random_picture(seed), random_mapping(seed)
    out = np.empty((3, HEIGHT, WIDTH), np.float32)
    _core.sample_strip(picture, mapping, out)
    np.testing.assert_allclose(
        out, reference.sample_strip(picture, mapping, HEIGHT, WIDTH), atol=2e-3
    )


def test_equals_warp_perspective() -> None:
    smooth = cv2.GaussianBlur(random_picture(1), (0, 0), 2)
    mapping = random_mapping(1)
    out = np.empty((3, HEIGHT, WIDTH), np.float32)
    _core.sample_strip(smooth, mapping, out)
    warped = cv2.warpPerspective(
        smooth.astype(np.float32),
        mapping,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # cv2 rounds positions to 1/32 px.
    np.testing.assert_allclose(out, warped.transpose(2, 0, 1) / 127.5 - 1, atol=0.02)


@pytest.mark.parametrize(
    ("image", "mapping", "out", "error"),
    [
        (None, np.eye(3), np.empty((3, 4, 4), np.float32), TypeError),
        (random_picture(0).astype(float), np.eye(3), np.empty((3, 4, 4), np.float32), ValueError),
        (random_picture(0)[:, ::2], np.eye(3), np.empty((3, 4, 4), np.float32), ValueError),
        (
            random_picture(0)[:, :, :2].copy(),
            np.eye(3),
            np.empty((3, 4, 4), np.float32),
            ValueError,
        ),
        (random_picture(0, 1, 5), np.eye(3), np.empty((3, 4, 4), np.float32), ValueError),
        (random_picture(0), np.eye(2), np.empty((3, 4, 4), np.float32), ValueError),
        (random_picture(0), np.full((3, 3), np.nan), np.empty((3, 4, 4), np.float32), ValueError),
        (random_picture(0), np.zeros((3, 3)), np.empty((3, 4, 4), np.float32), ValueError),
        (random_picture(0), np.diag([1e300, 1, 1]), np.empty((3, 4, 4), np.float32), ValueError),
        (
            random_picture(0),
            np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 1.0]]),
            np.empty((3, 4, 4), np.float32),
            ValueError,
        ),
        (random_picture(0), np.eye(3), np.empty((2, 4, 4), np.float32), ValueError),
        (random_picture(0), np.eye(3), np.empty((3, 0, 4), np.float32), ValueError),
        (random_picture(0), np.eye(3), np.empty((3, 4, 4)), ValueError),
    ],
)
def test_refuses(image: object, mapping: object, out: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        _core.sample_strip(image, mapping, out)  # type: ignore[arg-type]


def test_takes_read_only_pictures() -> None:
    picture = random_picture(2)
    picture.flags.writeable = False
    _core.sample_strip(picture, np.eye(3), np.empty((3, 4, 4), np.float32))
