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
    """The strip as an arbitrary tilted quadrilateral in and around the picture, convex for every seed."""
    rng = np.random.default_rng(seed)
    corners = np.array([[5, 5], [50, 8], [48, 30], [8, 28]]) + rng.uniform(-7, 7, (4, 2))
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


# ---- in bytes -----------------------------------------------------------------------------------

OUTSIDE = (255, 0, 255)


@given(st.integers(0, 10_000), st.sampled_from([None, OUTSIDE]))
def test_upright_equals_the_slow_sampler(seed: int, outside: tuple[int, int, int] | None) -> None:
    picture, mapping = random_picture(seed), random_mapping(seed)
    if seed % 2:
        mapping = mapping @ np.array([[4.0, 0, -30], [0, 9, -30], [0, 0, 1]])  # mostly outside
        mapping[2] = (0, 0, 1)
    out = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    _core.sample_upright(picture, mapping, out, outside)
    expected = reference.sample_upright(picture, mapping, HEIGHT, WIDTH, outside)
    np.testing.assert_allclose(out, expected, atol=0.53)
    red = np.empty((HEIGHT, WIDTH), np.uint8)
    _core.sample_channel(picture, 2, mapping, red)
    alone = np.empty((HEIGHT, WIDTH), np.uint8)
    _core.sample_channel(np.ascontiguousarray(picture[:, :, 2:]), 0, mapping, alone)
    assert (red == alone).all()
    if outside is None:
        assert (red == out[:, :, 2]).all()


@pytest.mark.parametrize("outside", [None, OUTSIDE])
def test_upright_equals_opencv(outside: tuple[int, int, int] | None) -> None:
    """To a level: older versions round positions to 1/32 px, on a smooth picture no matter, but at its rim,
    where it meets what is outside."""
    smooth = np.asarray(cv2.GaussianBlur(random_picture(3, 200, 300), (0, 0), 3), np.uint8)
    mapping = random_mapping(3) @ np.diag([0.25, 0.25, 1])
    out = np.empty((40, 90, 3), np.uint8)
    _core.sample_upright(smooth, mapping, out, outside)
    theirs = cv2.warpPerspective(
        smooth,
        mapping,
        (90, 40),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    columns, rows = np.meshgrid(np.arange(90.0), np.arange(40.0))
    places = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ mapping.T
    x, y = places[:, :, 0] / places[:, :, 2], places[:, :, 1] / places[:, :, 2]
    from_rim = np.minimum.reduce([abs(x), abs(x - 299), abs(y), abs(y - 199)])
    away = (from_rim > 1.1) if outside else np.ones((40, 90), bool)
    assert away.mean() > 0.6
    assert np.abs(out.astype(int) - theirs)[away].max() <= 1


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(2, 30), st.sampled_from([1, 3]))
def test_halves_as_the_slow_mean_does(seed: int, height: int, width: int, channels: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, channels), np.uint8)
    rows, columns = height // 2, width // 2
    left, top = int(rng.integers(0, columns + 1)), int(rng.integers(0, rows + 1))
    right, bottom = int(rng.integers(left, columns + 1)), int(rng.integers(top, rows + 1))
    out = np.full((rows, columns), 77, np.uint8)
    _core.halve_channel(picture, channels - 1, (left, top, right, bottom), out)
    expected = reference.halve_channel(picture, channels - 1)
    part = np.s_[top:bottom, left:right]
    np.testing.assert_allclose(out[part], expected[part], atol=0.5)
    out[part] = 77
    assert (out == 77).all()  # the rest is left as it was


def test_the_door_refuses_what_has_no_place() -> None:
    picture, out = random_picture(0), np.empty((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="image"):
        _core.sample_upright(random_picture(0)[:, :, :2].copy(), np.eye(3), out)
    with pytest.raises(ValueError, match="upright_to_image"):
        _core.sample_upright(picture, np.zeros((3, 3)), out)
    with pytest.raises(ValueError, match="out"):
        _core.sample_upright(picture, np.eye(3), out[:, :, :1].copy())
    with pytest.raises(ValueError, match="channel"):
        _core.sample_channel(picture, 3, np.eye(3), out[:, :, 0].copy())
    with pytest.raises(ValueError, match="half"):
        _core.halve_channel(picture, 0, (0, 0, 1, 1), np.empty((20, 31), np.uint8))
    with pytest.raises(ValueError, match="part"):
        _core.halve_channel(picture, 0, (0, 0, 31, 1), np.empty((20, 30), np.uint8))


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 40))
def test_grey_is_the_mean_of_the_channels(seed: int, height: int, width: int) -> None:
    strip = np.random.default_rng(seed).uniform(-1, 1, (3, height, width)).astype(np.float32)
    out = np.empty((height, width), np.float32)
    _core.strip_to_gray(strip, out)
    np.testing.assert_allclose(out, reference.strip_to_gray(strip), atol=1e-6)
    with pytest.raises(ValueError, match="out"):
        _core.strip_to_gray(strip, np.empty((height, width + 1), np.float32))
    with pytest.raises(ValueError, match="strip"):
        _core.strip_to_gray(strip[:2].copy(), out)


@given(st.integers(0, 10_000), st.integers(1, 16), st.integers(1, 60))
def test_two_thirds_are_those_of_opencv(seed: int, height: int, width: int) -> None:
    gray = np.random.default_rng(seed).uniform(-1, 1, (3 * height, 3 * width)).astype(np.float32)
    out = np.empty((2 * height, 2 * width), np.float32)
    _core.shrink_by_third(gray, out)
    np.testing.assert_allclose(out, reference.shrink_by_third(gray), atol=1e-6)
    theirs = cv2.resize(gray, (2 * width, 2 * height), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(out, theirs, atol=1e-6)
    with pytest.raises(ValueError, match="gray"):
        _core.shrink_by_third(gray[1:].copy(), out)
    with pytest.raises(ValueError, match="out"):
        _core.shrink_by_third(gray, out[1:].copy())
