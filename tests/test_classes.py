"""csrc/classes.h against its slow twin, and what the door refuses."""

from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from idocr import _core

WIDTH = 128
SHARPNESS = 25.0


def drawn_table(
    rng: np.random.Generator, num_classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, scales and priors of classes whose directions are drawn at random; class 0 is ruled out."""
    directions = rng.normal(size=(num_classes, WIDTH))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    scales = np.abs(directions).max(axis=1) / 127
    rows = np.round(directions / scales[:, None]).astype(np.int8)
    priors = rng.normal(0, 0.5, num_classes).astype(np.float32)
    priors[0] = -np.inf
    return rows, (scales * SHARPNESS).astype(np.float32), priors


def drawn_directions(
    rng: np.random.Generator, rows: np.ndarray, count: int, noise: float
) -> np.ndarray:
    near = rows[rng.integers(0, len(rows), count)].astype(np.float64)
    near = near / np.linalg.norm(near, axis=1, keepdims=True)
    near += rng.normal(0, noise / np.sqrt(WIDTH), near.shape)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    return np.ascontiguousarray(near, np.float32)


sizes = st.tuples(
    st.integers(0, 2**32 - 1),
    st.integers(0, 7),
    st.sampled_from([2, 3, 5, 31, 255, 256, 257, 260, 700]),
    st.sampled_from([0.1, 0.8, 3.0]),
)


@settings(max_examples=120, deadline=None)
@given(sizes, st.integers(1, 9))
def test_agrees_with_the_reference(size: tuple[int, int, int, float], top_k: int) -> None:
    seed, count, num_classes, noise = size
    rng = np.random.default_rng(seed)
    rows, scales, priors = drawn_table(rng, num_classes)
    directions = drawn_directions(rng, rows, count, noise)
    wanted = np.flatnonzero(rng.random(num_classes) < 0.3).astype(np.int32)
    out = np.full((count, len(wanted)), np.nan, np.float32)
    ranked = _core.class_probs(directions, rows, scales, priors, wanted, out, top_k)
    expected = reference.class_probs(directions, rows, scales, priors)
    # A cosine off by 0.005 moves a score by 0.125.
    np.testing.assert_allclose(out, expected[:, wanted], rtol=0.3, atol=1e-6)
    assert len(ranked) == count
    for row, candidates in zip(expected, ranked, strict=True):
        assert len(candidates) == min(top_k, num_classes)
        ids = [id_ for id_, _ in candidates]
        assert len(set(ids)) == len(ids)
        given_probs = [p for _, p in candidates]
        assert given_probs == sorted(given_probs, reverse=True)
        best = np.sort(row)[::-1][: len(ids)]
        np.testing.assert_allclose(given_probs, best, rtol=0.3, atol=1e-6)
        np.testing.assert_allclose(given_probs, row[ids], rtol=0.3, atol=1e-6)


def test_finds_each_class_of_a_full_table() -> None:
    rng = np.random.default_rng(5)
    rows, scales, priors = drawn_table(rng, 21_255)
    truth = rng.integers(1, 21_255, 40)
    directions = rows[truth].astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    out = np.empty((40, 0), np.float32)
    ranked = _core.class_probs(directions, rows, scales, priors, np.empty(0, np.int32), out, 3)
    assert [candidates[0][0] for candidates in ranked] == truth.tolist()
    assert min(candidates[0][1] for candidates in ranked) > 0.999


def test_of_equals_the_lowest_id_comes_first_and_a_prior_of_minus_infinity_rules_out() -> None:
    rows = np.ones((9, WIDTH), np.int8)
    scales = np.full(9, 0.01, np.float32)
    priors = np.zeros(9, np.float32)
    priors[[0, 4]] = -np.inf
    direction = np.full((1, WIDTH), WIDTH**-0.5, np.float32)
    out = np.empty((1, 2), np.float32)
    ranked = _core.class_probs(direction, rows, scales, priors, np.array([0, 5], np.int32), out, 4)
    assert [id_ for id_, _ in ranked[0]] == [1, 2, 3, 5]
    assert out[0].tolist() == pytest.approx([0, 1 / 7])


def test_other_directions_do_not_matter() -> None:
    rng = np.random.default_rng(8)
    rows, scales, priors = drawn_table(rng, 600)
    directions = drawn_directions(rng, rows, 5, 0.8)
    wanted = np.arange(600, dtype=np.int32)

    def ask(chosen: np.ndarray) -> tuple[np.ndarray, Any]:
        out = np.empty((len(chosen), 600), np.float32)
        return out, _core.class_probs(chosen, rows, scales, priors, wanted, out)

    together, ranked = ask(directions)
    for i in range(5):
        alone, own = ask(directions[i : i + 1])
        assert np.array_equal(alone[0], together[i])
        assert own[0] == ranked[i]


def arguments() -> dict[str, Any]:
    return {
        "directions": np.zeros((2, WIDTH), np.float32),
        "rows": np.zeros((3, WIDTH), np.int8),
        "scales": np.ones(3, np.float32),
        "priors": np.zeros(3, np.float32),
        "wanted": np.array([0, 2], np.int32),
        "out": np.empty((2, 2), np.float32),
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("directions", np.zeros((2, 64), np.float32), "directions must have shape"),
        ("directions", np.full((2, WIDTH), np.nan, np.float32), "directions must be finite"),
        ("directions", np.full((2, WIDTH), np.inf, np.float32), "directions must be finite"),
        ("rows", np.zeros((3, 64), np.int8), "rows must have shape"),
        ("rows", np.zeros((0, WIDTH), np.int8), "rows must have shape"),
        ("scales", np.ones(2, np.float32), "one value a row"),
        ("scales", np.full(3, np.inf, np.float32), "finite"),
        ("priors", np.zeros(4, np.float32), "one value a row"),
        ("priors", np.full(3, -np.inf, np.float32), "finite"),
        ("wanted", np.array([0, 3], np.int32), r"wanted\[1\] is not a class"),
        ("wanted", np.array([-1, 0], np.int32), r"wanted\[0\] is not a class"),
        ("wanted", np.array([2, 0], np.int32), "ascending"),
        ("out", np.empty((2, 1), np.float32), "out must have shape"),
        ("top_k", 0, "top_k must be positive"),
    ],
)
def test_wrong_arguments_are_named(name: str, value: Any, message: str) -> None:
    given_arguments = {**arguments(), name: value}
    if name == "scales" and value.shape == (3,):
        given_arguments["directions"] = np.ones((2, WIDTH), np.float32)
        given_arguments["rows"] = np.ones((3, WIDTH), np.int8)
    with pytest.raises(ValueError, match=message):
        _core.class_probs(**given_arguments)


def test_no_directions_are_no_answers() -> None:
    given_arguments = {
        **arguments(),
        "directions": np.zeros((0, WIDTH), np.float32),
        "out": np.empty((0, 2), np.float32),
    }
    assert _core.class_probs(**given_arguments) == []
