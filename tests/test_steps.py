"""Characters out of steps: peaks of ink, mean directions, and other looks at a strip."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core
from idocr.steps import LEAST_INK, MOST_VALLEY, Look, find_characters, mean_directions, shrunk


@pytest.mark.parametrize(
    ("ink", "peaks"),
    [
        ([0, 0, 0.01, 0], []),
        ([0, 0.9, 0.95, 0.9, 0], [2]),
        ([0.9, 0, 0.9], [0, 2]),
        ([0.9, 0.6, 0.8], [0]),  # a shallow valley lies within one character
        ([0.3, 0.9, 0.2, 0.6, 0.5], [1, 3]),
        ([0.06, 0, 0, 0.99], [0, 3]),
    ],
)
def test_peaks_of_ink(ink: list[float], peaks: list[int]) -> None:
    found, _ = find_characters(np.array(ink, np.float32), len(ink))
    assert found.tolist() == peaks


@given(st.lists(st.floats(0, 1, width=32), max_size=40), st.integers(0, 3))
def test_finds_the_characters_that_the_slow_one_finds(ink: list[float], paper: int) -> None:
    strip_steps = max(0, len(ink) - paper)
    peaks, centres = find_characters(np.array(ink, np.float32), strip_steps)
    expected = reference.find_characters(ink, strip_steps, LEAST_INK, MOST_VALLEY)
    assert peaks.tolist() == expected[0]
    assert centres == pytest.approx(expected[1], rel=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 40))
def test_points_where_the_slow_one_points(seed: int, num_steps: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(num_steps, width)).astype(np.float32)
    ink = rng.uniform(0.05, 1, num_steps).astype(np.float32)
    centres = rng.uniform(0, num_steps - 1, seed % 5).astype(np.float32)
    found = mean_directions(directions, ink, centres)
    expected = reference.mean_directions(directions, ink, centres)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_door_refuses_steps() -> None:
    ink = np.zeros(4, np.float32)
    with pytest.raises(ValueError, match="strip_steps"):
        _core.find_characters(ink, 5, least_ink=0.1, most_valley=0.5)
    with pytest.raises(ValueError, match="least_ink"):
        _core.find_characters(ink, 4, least_ink=0.0, most_valley=0.5)
    directions, out = np.zeros((4, 8), np.float32), np.zeros((1, 8), np.float32)
    for centre in (-0.5, 3.5, np.nan):
        with pytest.raises(ValueError, match="centres"):
            _core.mean_directions(directions, ink, np.array([centre], np.float32), out)
    with pytest.raises(ValueError, match="ink"):
        _core.mean_directions(directions, ink[:3], np.array([1], np.float32), out)
    with pytest.raises(ValueError, match="out"):
        _core.mean_directions(directions, ink, np.array([1, 2], np.float32), out)


def test_a_character_points_where_its_middle_steps_point() -> None:
    rng = np.random.default_rng(4)
    directions = rng.normal(size=(9, 5)).astype(np.float32)
    ink = rng.uniform(0.1, 1, 9).astype(np.float32)
    centres = np.array([0.2, 3.0, 5.7, 8.0], np.float32)
    found = mean_directions(directions, ink, centres)
    for row, centre in zip(found, centres, strict=True):
        near = [s for s in range(9) if abs(s - centre) < 2]
        weighed = sum((1 - abs(s - centre) / 2) * ink[s] * directions[s] for s in near)
        assert row == pytest.approx(weighed / np.linalg.norm(weighed), abs=1e-5)
    assert mean_directions(directions, ink, centres[:0]).shape == (0, 5)


def test_a_middle_is_the_mean_of_its_run_of_ink() -> None:
    ink = np.array([0, 0.9, 0.9, 0.9, 0.1, 0, 0.2, 0.8, 0.6], np.float32)
    _, found = find_characters(ink, len(ink))
    assert found == pytest.approx([2.0, (7 * 0.8 + 8 * 0.6) / 1.4])


@pytest.mark.parametrize(
    "look",
    [Look(32, 1.0, 0), Look(32, 1.06, 1), Look(32, 0.9, 2), Look(32, 1.3, 3), Look(48, 1.0, 0)],
)
def test_a_look_keeps_places(look: Look) -> None:
    """A dark column at a known step is found at the step that `places` gives."""
    for step in (3, 20, 41):
        gray = np.ones((48, 300), np.float32)
        gray[:, 6 * step : 6 * step + 6] = -1
        seen = look.sample(gray)
        assert seen.shape[0] == look.height_px
        assert seen.shape[1] % 4 == 0
        darkness = (1 - seen).mean(axis=0)
        middle_px = float((darkness * np.arange(len(darkness))).sum() / darkness.sum())
        (place,) = look.places(np.array([step], np.float32), 32, 4)
        assert (place + 0.5) * 4 - 0.5 == pytest.approx(middle_px, abs=0.3)


def test_a_look_holds_the_middle_row() -> None:
    gray = np.ones((48, 120), np.float32)
    gray[22:26] = -1
    darkness = (1 - Look(32, 0.9, 2).sample(gray)).mean(axis=1)
    assert float((darkness * np.arange(32)).sum() / darkness.sum()) == pytest.approx(15.5, abs=0.05)


def test_shrunk_keeps_what_has_the_height() -> None:
    gray = np.random.default_rng(1).normal(size=(32, 64)).astype(np.float32)
    assert shrunk(gray, 32) is gray
    assert shrunk(np.zeros((48, 96), np.float32), 32).shape == (32, 64)
