"""csrc/ctc.h against its slow twins, and what the door refuses."""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from idocr import _core


def softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.ascontiguousarray((exp / exp.sum(axis=1, keepdims=True)).astype(np.float32))


def drawn_probs(seed: int, steps: int, classes: int, sharpness: float = 3.0) -> np.ndarray:
    return softmax(np.random.default_rng(seed).normal(0, sharpness, (steps, classes)))


def written_probs(
    rng: np.random.Generator, ids: list[int], steps: int, classes: int, noise: float
) -> np.ndarray:
    """Steps as a network would give them for `ids`, with noise on the logits."""
    logits = rng.normal(0, noise, (steps, classes))
    logits[:, 0] += 6
    for i, label in enumerate(ids):
        logits[round((i + 0.5) * steps / len(ids)), label] += 12
    return softmax(logits)


def trie(strings: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    states: dict[tuple[int, ...], int] = {(): 0}
    edges = []
    for string in strings:
        for i in range(1, len(string) + 1):
            if string[:i] not in states:
                states[string[:i]] = len(states)
                edges.append([states[string[: i - 1]], states[string[:i]], string[i - 1]])
    ends = np.array(sorted({states[s] for s in strings}), dtype=np.int32)
    return np.array(edges, dtype=np.int32).reshape(-1, 3), ends


@functools.cache
def number_grammar() -> tuple[np.ndarray, np.ndarray]:
    edges, accepting = _core.id_number_grammar()
    with_blank = np.array(edges, dtype=np.int32) + np.array([0, 0, 1], dtype=np.int32)
    return with_blank, np.array(accepting, dtype=np.int32)


sizes = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(2, 150))


@settings(max_examples=200)
@given(sizes, st.integers(0, 10), st.integers(1, 160), st.sampled_from([0.0, 1.0, 8.0]))
def test_best_path_equals_its_twin(
    size: tuple[int, int, int], blank: int, top_k: int, sharpness: float
) -> None:
    probs = drawn_probs(*size, sharpness)
    blank %= size[2]
    assert _core.ctc_best_path(probs, blank, top_k) == reference.ctc_best_path(probs, blank, top_k)


@given(sizes, st.integers(1, 12), st.data())
def test_best_path_within_some_classes(
    size: tuple[int, int, int], top_k: int, data: st.DataObject
) -> None:
    probs = drawn_probs(*size)
    classes = sorted(data.draw(st.sets(st.integers(0, size[2] - 1), min_size=1)))
    found = _core.ctc_best_path(probs, 0, top_k, np.array(classes, dtype=np.int32))
    assert found == reference.ctc_best_path(probs, 0, top_k, classes)


def test_best_path_with_ties_and_a_real_charset() -> None:
    probs = drawn_probs(7, 40, 6906)
    probs[:10] = np.float32(1 / 6906)  # all equal: blank
    probs[10:20] = 0
    probs[10:20, [900, 33, 4000]] = np.float32(1 / 3)  # equal: the lowest id
    found = _core.ctc_best_path(probs, top_k=4)
    assert found == reference.ctc_best_path(probs, top_k=4)
    assert found[0][:4] == (33, np.float32(1 / 3), 10, 20)
    assert [i for i, _ in found[0][4]] == [33, 900, 4000, 1]


def test_best_path_says_where_and_how_sure() -> None:
    probs = np.zeros((6, 3), dtype=np.float32)
    probs[[0, 3, 5], 0] = 1
    probs[1] = [0.2, 0.6, 0.2]
    probs[2] = [0.1, 0.7, 0.2]
    probs[4] = [0.25, 0.25, 0.5]
    first, second = _core.ctc_best_path(probs, top_k=2)
    assert first[0] == 1
    assert first[2:4] == (1, 3)
    assert first[1] == pytest.approx(0.7)
    assert [i for i, _ in first[4]] == [1, 2]
    assert second[0] == 2
    assert second[2:4] == (4, 5)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 6),
    st.sets(st.lists(st.integers(1, 3), max_size=4).map(tuple), min_size=1, max_size=6),
)
def test_decode_grammar_equals_trying_every_path(
    seed: int, steps: int, strings: set[tuple[int, ...]]
) -> None:
    probs = drawn_probs(seed, steps, 4)
    expected = reference.ctc_decode_strings(probs, strings)
    found = _core.ctc_decode_grammar(probs, *trie(sorted(strings)))
    assert (found is None) == (expected is None)
    if found and expected:
        assert tuple(c[0] for c in found[0]) == expected[0]
        assert found[1] == pytest.approx(expected[1], abs=1e-9)
        check_alignment(probs, found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(1, 12), st.integers(1, 4))
def test_decode_grammar_on_any_automaton(
    seed: int, steps: int, num_edges: int, num_classes: int
) -> None:
    """Cyclic, non-deterministic, with dead ends: still the best accepted path."""
    rng = np.random.default_rng(seed)
    states = int(rng.integers(1, num_edges + 1))
    edges = rng.integers(0, states + 1, (num_edges, 3)).astype(np.int32)
    edges[:, 2] = rng.integers(1, num_classes + 1, num_edges)
    accepting = rng.integers(0, states + 1, 2).astype(np.int32)
    start = int(rng.integers(0, states + 1))
    probs = drawn_probs(seed, steps, num_classes + 1)
    expected = reference.ctc_decode_grammar(probs, edges, accepting.tolist(), start=start)
    found = _core.ctc_decode_grammar(probs, edges, accepting, start=start)
    assert (found is None) == (expected is None)
    if found and expected:
        assert found[1] == pytest.approx(expected[1], abs=1e-9)
        check_alignment(probs, found)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.floats(-3, 60))
def test_a_path_is_found_if_it_reaches_the_least(seed: int, steps: int, above: float) -> None:
    """Whatever is asked for: the same path as without, or none where it is less probable."""
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, 4, (8, 3)).astype(np.int32)
    edges[:, 2] = rng.integers(1, 4, 8)
    accepting = np.array([1, 3], np.int32)
    probs = drawn_probs(seed, steps, 4)
    best = _core.ctc_decode_grammar(probs, edges, accepting)
    if best is None:
        return
    least = best[1] - above
    found = _core.ctc_decode_grammar(probs, edges, accepting, least_log_prob=least)
    assert found == (best if above > 0 else None) or abs(above) < 1e-5


def check_alignment(probs: np.ndarray, found: tuple[list[Any], float]) -> None:
    """Runs in order, a blank between equals, confidence of the best step, and the sum as told."""
    chars, log_prob = found
    assert reference.ctc_alignment_log_prob(probs, chars) == pytest.approx(log_prob, abs=1e-9)
    for label, confidence, begin, end in chars:
        assert 0 <= begin < end <= len(probs)
        assert confidence == probs[begin:end, label].max()
    for (before, _, _, end), (after, _, begin, _) in itertools.pairwise(chars):
        assert begin >= end + (before == after)


def test_decode_grammar_reads_300_noisy_numbers_exactly() -> None:
    rng = np.random.default_rng(20240229)
    edges, accepting = number_grammar()
    changed = 0
    for i in range(300):
        number = draw_number(rng)
        ids = ["0123456789X".index(c) + 1 for c in number]
        probs = written_probs(rng, ids, int(rng.integers(36, 64)), 12, noise=1.0 + i % 4)
        found = _core.ctc_decode_grammar(probs, edges, accepting)
        expected = reference.ctc_decode_grammar(probs, edges, accepting.tolist())
        assert found is not None
        assert expected is not None
        assert tuple(c[0] for c in found[0]) == expected[0]
        assert found[1] == pytest.approx(expected[1], abs=1e-9)
        check_alignment(probs, found)
        text = "".join("0123456789X"[c[0] - 1] for c in found[0])
        assert reference.id_number_check(text) == 0
        changed += tuple(c[0] for c in _core.ctc_best_path(probs)) != expected[0]
    assert 50 < changed < 250  # the constraint had work to do, and not only work


def draw_number(rng: np.random.Generator) -> str:
    """A number of a region that does not exist (county 99)."""
    day = np.datetime64("1930-01-01") + int(rng.integers(0, 34_000))
    first17 = f"11{rng.integers(0, 100):02}99{str(day).replace('-', '')}{rng.integers(0, 1000):03}"
    return first17 + reference.check_digit(first17)


def test_decode_grammar_without_a_path_is_none() -> None:
    probs = drawn_probs(1, 3, 5)
    assert _core.ctc_decode_grammar(probs, *trie([(1, 1, 2)])) is None  # 4 steps at least
    assert _core.ctc_decode_grammar(probs, *trie([(1, 2, 3)])) is not None
    empty = np.zeros((0, 3), dtype=np.int32)
    assert _core.ctc_decode_grammar(probs, empty, np.zeros(0, dtype=np.int32)) is None
    only_blank = _core.ctc_decode_grammar(probs, empty, np.zeros(1, dtype=np.int32))
    assert only_blank == ([], pytest.approx(float(reference.log_probs(probs)[:, 0].sum())))


def test_a_probability_of_zero_does_not_rule_out_a_closed_list() -> None:
    probs = np.zeros((3, 4), dtype=np.float32)
    probs[:, 3] = 1
    found = _core.ctc_decode_grammar(probs, *trie([(1, 2), (3, 1)]))
    assert found is not None
    assert [c[0] for c in found[0]] == [3, 1]
    assert found[1] == pytest.approx(reference.LOG_FLOOR)


@settings(max_examples=150)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 20),
    st.lists(st.lists(st.integers(1, 5), max_size=6), min_size=1, max_size=5),
    st.sampled_from([0.5, 3.0, 300.0]),
)
def test_log_likelihood_equals_its_twin(
    seed: int, steps: int, strings: list[list[int]], sharpness: float
) -> None:
    probs = drawn_probs(seed, steps, 6, sharpness)  # 300: the linear sum underflows
    found = _core.ctc_log_likelihood(probs, *padded(strings))
    expected = [reference.ctc_log_likelihood(probs, string) for string in strings]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_log_likelihood_sums_every_path() -> None:
    probs = drawn_probs(3, 5, 3)
    sums: dict[tuple[int, ...], float] = {}
    for path in reference.ctc_alignments(5, 3):
        p = float(np.prod(probs[np.arange(5), list(path)].astype(np.float64)))
        string = reference.ctc_collapse(path, 0)
        sums[string] = sums.get(string, 0.0) + p
    found = _core.ctc_log_likelihood(probs, *padded([list(s) for s in sums]))
    assert found == pytest.approx([math.log(p) for p in sums.values()], abs=1e-9)
    assert math.fsum(map(math.exp, found)) == pytest.approx(1, abs=1e-6)
    assert _core.ctc_log_likelihood(probs, *padded([[1, 1, 1, 1]])) == [-math.inf]
    assert _core.ctc_log_likelihood(probs, *padded([])) == []


def padded(strings: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.full((len(strings), max(map(len, strings), default=0)), -1, dtype=np.int32)
    for row, string in zip(rows, strings, strict=True):
        row[: len(string)] = string
    return rows, np.array([len(s) for s in strings], dtype=np.int32)


# --- the door --------------------------------------------------------------------------------

PROBS = drawn_probs(0, 4, 6)
EDGES, ACCEPTING = trie([(1, 2), (1, 3)])
NAN = PROBS.copy()
NAN[2, 1] = np.nan
LOGITS = PROBS * np.float32(40)
NEGATIVE = PROBS - np.float32(1)
SEQUENCES, LENGTHS = padded([[1, 2], [3]])


def int32(*values: Any) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def best(*args: Any) -> Callable[[], object]:
    return lambda: _core.ctc_best_path(*args)


def decode(*args: Any) -> Callable[[], object]:
    return lambda: _core.ctc_decode_grammar(*args)


def likelihood(*args: Any) -> Callable[[], object]:
    return lambda: _core.ctc_log_likelihood(*args)


BAD_PROBS = [
    None,
    [[0.5, 0.5]],
    PROBS.astype(np.float64),
    PROBS[:, ::2],
    PROBS.T,
    PROBS[0],
    PROBS[:0],
    PROBS[:, :0],
    NAN,
    LOGITS,
    NEGATIVE,
]


@pytest.mark.parametrize("probs", BAD_PROBS)
@pytest.mark.parametrize(
    "call",
    [
        best,
        lambda p: decode(p, EDGES, ACCEPTING),
        lambda p: likelihood(p, SEQUENCES, LENGTHS),
        lambda p: best(p, 0, 1, int32(1, 2, 3)),
    ],
)
def test_refuses_what_are_no_probabilities(
    call: Callable[[object], Callable[[], object]], probs: object
) -> None:
    with pytest.raises((TypeError, ValueError)):
        call(probs)()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (best(PROBS, -1), "blank"),
        (best(PROBS, 6), "blank"),
        (best(PROBS, 0, 0), "top_k"),
        (best(PROBS, 0, -3), "top_k"),
        (best(PROBS, 0, 5, int32()), "classes"),
        (best(PROBS, 0, 5, int32(6)), "classes"),
        (best(PROBS, 0, 5, int32(-1)), "classes"),
        (best(PROBS, 0, 5, int32(2, 1)), "classes"),
        (best(PROBS, 0, 5, int32(1, 1)), "classes"),
        (decode(PROBS, EDGES, ACCEPTING, 6), "blank"),
        (decode(PROBS, EDGES, ACCEPTING, 1), "edges"),
        (decode(PROBS, EDGES, ACCEPTING, 0, 99), "start"),
        (decode(PROBS, EDGES, ACCEPTING, 0, -1), "start"),
        (decode(PROBS, EDGES[:, :2].copy(), ACCEPTING), "edges"),
        (decode(PROBS, EDGES + int32(0, 9, 0), ACCEPTING), "edges"),
        (decode(PROBS, EDGES - int32(1, 0, 0), ACCEPTING), "edges"),
        (decode(PROBS, EDGES + int32(0, 0, 9), ACCEPTING), "edges"),
        (decode(PROBS, EDGES, int32(9)), "accepting"),
        (decode(PROBS, EDGES, int32(-1)), "accepting"),
        (decode(PROBS, EDGES, int32(*range(8), 0)), "accepting"),
        (likelihood(PROBS, SEQUENCES, LENGTHS, -1), "blank"),
        (likelihood(PROBS, SEQUENCES, LENGTHS, 2), "sequences"),
        (likelihood(PROBS, SEQUENCES, LENGTHS[:1]), "lengths"),
        (likelihood(PROBS, SEQUENCES, int32(3, 1)), "lengths"),
        (likelihood(PROBS, SEQUENCES, int32(-1, 1)), "lengths"),
        (likelihood(PROBS, SEQUENCES, int32(2, 2)), "sequences"),  # reads the padding
        (likelihood(PROBS, SEQUENCES + int32(9), LENGTHS), "sequences"),
    ],
)
def test_refuses_by_name(call: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        call()


@pytest.mark.parametrize(
    "call",
    [
        decode(PROBS, None, ACCEPTING),
        decode(PROBS, EDGES, None),
        decode(PROBS, EDGES.astype(np.int64), ACCEPTING),
        decode(PROBS, np.asfortranarray(EDGES), ACCEPTING),
        decode(PROBS, EDGES, ACCEPTING.astype(np.int64)),
        likelihood(PROBS, None, LENGTHS),
        likelihood(PROBS, SEQUENCES, None),
        likelihood(PROBS, SEQUENCES.astype(np.uint32), LENGTHS),
        best(PROBS, 0, 5, np.array([1], dtype=np.int64)),
        best(PROBS, None),
        best(PROBS, 0, 2**40),
    ],
)
def test_refuses_other_types(call: Callable[[], object]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        call()


def test_takes_read_only_arrays() -> None:
    probs, edges = PROBS.copy(), EDGES.copy()
    probs.flags.writeable = edges.flags.writeable = False
    assert _core.ctc_best_path(probs) == _core.ctc_best_path(PROBS)
    assert _core.ctc_decode_grammar(probs, edges, ACCEPTING) is not None
