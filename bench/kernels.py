"""Each kernel beside its best NumPy or cv2 rival, both in one run: `python bench/kernels.py`.

A ratio above 1 says how many times less CPU time the kernel takes. Only ratios travel between
machines. A kernel whose ratio falls below 1 has no place in csrc.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from idocr import _core
from idocr.ethnic_groups import ETHNIC_GROUPS
from idocr.grammar import BoundGrammar, Grammar

Probs = npt.NDArray[np.float32]

NUM_CLASSES = 6906
SEED = 20240229
NUMBER = "119999199001010012"  # made up: county 99 does not exist


@dataclass(frozen=True)
class Row:
    kernel: str
    rival: str
    run_kernel: Callable[[], object]
    run_rival: Callable[[], object]


def cpu_time_us(run: Callable[[], object], *, calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        run()
    return (time.process_time() - begin) / calls * 1e6


def measure(row: Row, *, rounds: int = 15) -> tuple[float, float]:
    """Median CPU time of kernel and rival in us, taken in turns."""
    calls = max(1, int(5_000 / max(1.0, cpu_time_us(row.run_kernel, calls=3))))
    rival_calls = max(1, int(5_000 / max(1.0, cpu_time_us(row.run_rival, calls=3))))
    kernel, rival = [], []
    for _ in range(rounds):
        kernel.append(cpu_time_us(row.run_kernel, calls=calls))
        rival.append(cpu_time_us(row.run_rival, calls=rival_calls))
    return statistics.median(kernel), statistics.median(rival)


# --- ctc -------------------------------------------------------------------------------------


def drawn_probs(ids: list[int], num_steps: int, num_classes: int) -> Probs:
    """Steps as a network gives them for `ids`: a peak a character, blanks between."""
    logits = np.random.default_rng(SEED).normal(0, 1, (num_steps, num_classes))
    logits[:, 0] += 8
    for i, label in enumerate(ids):
        logits[round((i + 0.5) * num_steps / len(ids)), label] += 16
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.ascontiguousarray((exp / exp.sum(axis=1, keepdims=True)).astype(np.float32))


def numpy_best_path(
    probs: Probs, top_k: int = 5
) -> list[tuple[int, float, int, int, list[tuple[int, float]]]]:
    ids = probs.argmax(axis=1)
    tops = probs[np.arange(len(ids)), ids]
    bounds = np.flatnonzero(np.diff(ids, prepend=-1, append=-1))
    chars = []
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if ids[begin] == 0:
            continue
        peak = begin + int(tops[begin:end].argmax())
        best = np.argpartition(probs[peak, 1:], -top_k)[-top_k:] + 1
        best = best[np.argsort(-probs[peak, best])]
        candidates = list(zip(best.tolist(), probs[peak, best].tolist(), strict=True))
        chars.append((int(ids[begin]), float(tops[peak]), begin, end, candidates))
    return chars


class NumpyViterbi:
    """A node per edge and a blank node per state; the graph is made once, not in each call."""

    def __init__(self, grammar: BoundGrammar) -> None:
        edges = grammar.edges
        num_states = 1 + int(edges[:, :2].max())
        arrivals = [np.flatnonzero(edges[:, 1] == state) for state in range(num_states)]
        before = [
            np.array([e, len(edges) + u, *arrivals[u][edges[arrivals[u], 2] != c]])
            for e, (u, _, c) in enumerate(edges.tolist())
        ] + [np.array([len(edges) + s, *arrivals[s]]) for s in range(num_states)]
        self.before = before
        self.flat = np.concatenate(before)
        self.offsets = np.cumsum([0, *map(len, before[:-1])])
        self.emits = np.concatenate([edges[:, 2], np.zeros(num_states, dtype=np.int32)])
        self.first = [len(edges), *np.flatnonzero(edges[:, 0] == 0).tolist()]
        ends = np.flatnonzero(np.isin(edges[:, 1], grammar.accepting))
        self.ends = np.concatenate([ends, len(edges) + grammar.accepting])
        self.num_edges = len(edges)

    def decode(self, probs: Probs) -> tuple[list[int], float]:
        logs = np.log(np.maximum(probs.astype(np.float64), 1.2e-38))
        scores = np.full(len(self.before), -np.inf)
        scores[self.first] = logs[0, self.emits[self.first]]
        history = [scores]
        for step in range(1, len(logs)):
            best = np.maximum.reduceat(scores[self.flat], self.offsets)
            scores = best + logs[step, self.emits]
            history.append(scores)
        node = int(self.ends[scores[self.ends].argmax()])
        ids, log_prob = [], float(scores[node])
        for scores in reversed(history[:-1]):
            earlier = int(self.before[node][scores[self.before[node]].argmax()])
            if earlier != node and node < self.num_edges:
                ids.append(int(self.emits[node]))
            node = earlier
        if node < self.num_edges:
            ids.append(int(self.emits[node]))
        return ids[::-1], log_prob


def numpy_log_likelihood(probs: Probs, sequences: npt.NDArray[np.int32]) -> list[float]:
    """All sequences, of one length, at once; linear, so right only where nothing underflows."""
    labels = np.zeros((len(sequences), 2 * sequences.shape[1] + 1), dtype=np.intp)
    labels[:, 1::2] = sequences
    emitted = probs.astype(np.float64)[:, labels]
    may_skip = np.zeros(labels.shape)
    may_skip[:, 2:] = (labels[:, 2:] != 0) & (labels[:, 2:] != labels[:, :-2])
    alpha = np.zeros(labels.shape)
    alpha[:, :2] = emitted[0, :, :2]
    for now in emitted[1:]:
        following = alpha.copy()
        following[:, 1:] += alpha[:, :-1]
        following[:, 2:] += alpha[:, :-2] * may_skip[:, 2:]
        alpha = following * now
    result: list[float] = np.log(alpha[:, -1] + alpha[:, -2]).tolist()
    return result


def grammar_row(name: str, bound: BoundGrammar, probs: Probs) -> Row:
    viterbi = NumpyViterbi(bound)
    found = _core.ctc_decode_grammar(probs, bound.edges, bound.accepting)
    ids, log_prob = viterbi.decode(probs)
    assert found is not None
    assert [c[0] for c in found[0]] == ids
    assert abs(found[1] - log_prob) < 1e-6
    return Row(
        f"ctc_decode_grammar, {name}, {len(probs)} steps",
        "Viterbi by maximum.reduceat, graph made before",
        lambda: _core.ctc_decode_grammar(probs, bound.edges, bound.accepting),
        lambda: viterbi.decode(probs),
    )


def ctc_rows() -> Iterator[Row]:
    for num_steps in (40, 80):
        probs = drawn_probs(list(range(100, 100 + num_steps // 4)), num_steps, NUM_CLASSES)
        assert _core.ctc_best_path(probs) == numpy_best_path(probs)
        yield Row(
            f"ctc_best_path, {num_steps} steps of {NUM_CLASSES}, top 5",
            "argmax, runs by diff, argpartition at peaks",
            lambda probs=probs: _core.ctc_best_path(probs),  # type: ignore[misc]
            lambda probs=probs: numpy_best_path(probs),  # type: ignore[misc]
        )
    digits = {c: i + 1 for i, c in enumerate("0123456789X")}
    number = drawn_probs([digits[c] for c in NUMBER], 60, 12)
    yield grammar_row("ID numbers", Grammar.id_number().bind(digits), number)
    characters = sorted(set("".join(ETHNIC_GROUPS)))
    class_of = {c: i + 1 for i, c in enumerate(characters)}
    groups = Grammar.of_strings(ETHNIC_GROUPS).bind(class_of)
    group = drawn_probs([class_of[c] for c in "维吾尔"], 20, NUM_CLASSES)
    yield grammar_row("ethnic groups", groups, group)
    sequences = np.random.default_rng(SEED).integers(1, NUM_CLASSES, (60, 4)).astype(np.int32)
    lengths = np.full(60, 4, dtype=np.int32)
    probs = drawn_probs(sequences[7].tolist(), 20, NUM_CLASSES)
    found = _core.ctc_log_likelihood(probs, sequences, lengths)
    assert np.allclose(found, numpy_log_likelihood(probs, sequences))
    yield Row(
        "ctc_log_likelihood, 60 of 4, 20 steps",
        "linear recursion over all at once",
        lambda: _core.ctc_log_likelihood(probs, sequences, lengths),
        lambda: numpy_log_likelihood(probs, sequences),
    )


# --- id_number -------------------------------------------------------------------------------

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def python_id_number_check(number: str) -> bool:
    if len(number) != 18 or not number[:17].isdigit():
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(w * int(d) for w, d in zip(WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17]


def id_number_rows() -> Iterator[Row]:
    assert python_id_number_check(NUMBER)
    assert _core.id_number_check(NUMBER) == 0
    yield Row(
        "id_number_check",
        "plain Python, without the region",
        lambda: _core.id_number_check(NUMBER),
        lambda: python_id_number_check(NUMBER),
    )


# A kernel's rows go here.
GROUPS: tuple[Callable[[], Iterator[Row]], ...] = (ctc_rows, id_number_rows)


def main() -> None:
    print("| kernel | us | rival | us | rival / kernel |")
    print("|---|---|---|---|---|")
    for rows in GROUPS:
        for row in rows():
            kernel, rival = measure(row)
            print(
                f"| {row.kernel} | {kernel:.1f} | {row.rival} | {rival:.1f} | {rival / kernel:.1f} |"
            )


if __name__ == "__main__":
    main()
