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

import cv2
import numpy as np
import numpy.typing as npt

from idocr import _core, evidence
from idocr.ethnic_groups import ETHNIC_GROUPS
from idocr.grammar import BoundGrammar, Grammar

Probs = npt.NDArray[np.float32]

NUM_CLASSES = 300  # of a strip's steps: the common ones and a few for each character
RECOGNIZER_CLASSES = 21_255
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
    logits[:, 0] += 14
    for i, label in enumerate(ids):
        logits[round((i + 0.5) * num_steps / len(ids)), label] += 22
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


# --- classes ---------------------------------------------------------------------------------


def classes_rows() -> Iterator[Row]:
    """The characters of a card: 72 directions among all the recogniser's classes."""
    rng = np.random.default_rng(SEED)
    table = rng.normal(size=(RECOGNIZER_CLASSES, 128)).astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    scales = np.abs(table).max(axis=1) / 127
    rows = np.round(table / scales[:, None]).astype(np.int8)
    sharp = np.ascontiguousarray(25 * scales)
    priors = np.zeros(RECOGNIZER_CLASSES, np.float32)
    directions = table[rng.integers(0, RECOGNIZER_CLASSES, 72)] + rng.normal(0, 0.06, (72, 128))
    directions = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)
    wanted = np.arange(120, dtype=np.int32)
    out = np.empty((72, 120), np.float32)
    transposed = np.ascontiguousarray((rows * sharp[:, None]).T)

    def rival() -> object:
        scores = directions @ transposed
        best = np.argpartition(scores, -6, axis=1)[:, -6:]
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores, out=scores)
        total = odds.sum(axis=1, keepdims=True)
        return np.take_along_axis(odds, best, 1) / total, odds[:, wanted] / total

    yield Row(
        f"class_probs, 72 of {RECOGNIZER_CLASSES}, top 6",
        "NumPy float32 matmul, softmax, argpartition",
        lambda: _core.class_probs(directions, rows, sharp, priors, wanted, out, 6),
        rival,
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


# --- geometry, sampling, rows, measurements ---------------------------------------------------------


def sample_row() -> Row:
    """A text strip from a photograph into the recogniser's tensor."""
    rng = np.random.default_rng(SEED)
    noise = rng.integers(0, 256, (960, 1280, 3)).astype(np.uint8)
    picture = np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)
    corners = np.array([[200, 300], [690, 340], [687, 392], [196, 352]], np.float32)
    strip = np.array([[0, 0], [511, 0], [511, 47], [0, 47]], np.float32)
    mapping = np.asarray(cv2.getPerspectiveTransform(strip, corners), np.float64)
    out = np.empty((3, 48, 512), np.float32)
    warped = np.empty((48, 512, 3), np.uint8)
    planes = [np.empty((48, 512), np.uint8) for _ in range(3)]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

    def rival() -> None:
        cv2.warpPerspective(picture, mapping, (512, 48), warped, flags, cv2.BORDER_REPLICATE)
        cv2.split(warped, planes)
        for plane, target in zip(planes, out, strict=True):
            np.multiply(plane, np.float32(2 / 255), out=target)
            np.subtract(target, np.float32(1), out=target)

    name = "cv2.warpPerspective, split, scale into place"
    return Row("sample_strip", name, lambda: _core.sample_strip(picture, mapping, out), rival)


def shrink_row() -> Row:
    """A picture of 1280x960 px to the locator's 224x168."""
    picture = np.random.default_rng(SEED).integers(0, 256, (960, 1280, 3)).astype(np.uint8)
    out = np.empty((168, 224, 3), np.uint8)
    return Row(
        "shrink_by_area",
        "cv2.resize, INTER_AREA",
        lambda: _core.shrink_by_area(picture, out),
        lambda: cv2.resize(picture, (224, 168), interpolation=cv2.INTER_AREA),
    )


def area_row() -> Row:
    """A card of 1027x648 px with its alpha, as the recipe draws it, to 0.63 of that."""
    picture = np.random.default_rng(SEED).integers(0, 256, (648, 1027, 4)).astype(np.uint8)
    out = np.empty((408, 647, 4), np.uint8)
    return Row(
        "resize_by_area",
        "cv2.resize, INTER_AREA",
        lambda: _core.resize_by_area(picture, 1 / 0.63, 1 / 0.63, out),
        lambda: cv2.resize(picture, None, fx=0.63, fy=0.63, interpolation=cv2.INTER_AREA),
    )


def propose_row() -> Row:
    """Four heat maps to a quadrilateral; the rival finds each map's peak and its centroid only."""
    heat = np.random.default_rng(SEED).normal(-8, 1, (4, 56, 64)).astype(np.float32)
    for c, (x, y) in enumerate([(12, 10), (50, 12), (48, 40), (11, 38)]):
        heat[c, y, x] += 22
    steps = np.array([-1, 0, 1])

    def rival() -> list[tuple[float, float]]:
        found = []
        for logits in heat:
            p = np.exp(logits - logits.max())
            y, x = np.unravel_index(p.argmax(), p.shape)
            near = p[y - 1 : y + 2, x - 1 : x + 2] / p.sum()
            mass = near.sum()
            found.append(
                (float(near.sum(0) @ steps / mass + x), float(near.sum(1) @ steps / mass + y))
            )
        return found

    return Row(
        "propose_card_quad", "NumPy, peaks only", lambda: _core.propose_card_quad(heat, 4), rival
    )


def refine_row() -> Row:
    """Two rounds of line search and fitting on four sides; the rival searches one round."""
    gray = np.full((960, 1280), 70, np.uint8)
    truth = np.array([[200, 150], [1000, 180], [990, 700], [210, 690.0]])
    cv2.fillConvexPoly(gray, truth.astype(np.int32), (190,))
    rough = truth + np.random.default_rng(SEED).uniform(-6, 6, (4, 2))
    along = np.linspace(0.1, 0.9, 32)[:, None]
    offsets = np.linspace(-18, 18, 33)
    k = np.arange(33)
    lines = k[:, None, None] + (k[None, :, None] - k[:, None, None]) * np.linspace(0, 1, 32)
    lines = lines.round().astype(int)

    def rival() -> list[tuple[int, int]]:
        best = []
        for corner in range(4):
            a, b = rough[corner], rough[(corner + 1) % 4]
            normal = np.array([a[1] - b[1], b[0] - a[0]]) / np.linalg.norm(b - a)
            points = (a + (b - a) * along)[:, None] + offsets[None, :, None] * normal
            grid = points.astype(np.float32)
            profile = cv2.remap(gray, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR)
            edge = np.minimum(np.abs(np.diff(profile.astype(np.float32), axis=1, append=0)), 40)
            score = edge[np.arange(32), lines].sum(axis=2)
            i, j = np.unravel_index(score.argmax(), score.shape)
            best.append((int(i), int(j)))
        return best

    return Row(
        "refine_card_quad",
        "cv2.remap and NumPy, one round",
        lambda: _core.refine_card_quad(gray, rough),
        rival,
    )


def text_rows_row() -> Row:
    ink = np.random.default_rng(SEED).integers(0, 10, (324, 514)).astype(np.uint8)
    for top in range(50, 240, 32):
        ink[top : top + 18, 40:260:4] = 120

    def rival() -> list[tuple[int, int, int, int]]:
        region = ink[27:258, 24:342]
        level = np.searchsorted(
            np.cumsum(np.bincount(region.ravel(), minlength=256)), region.size * 0.99
        )
        dark = region >= level * 0.34
        busy = dark.sum(axis=1) >= 5
        edges = np.flatnonzero(np.diff(np.concatenate([[0], busy, [0]])))
        boxes = []
        for top, bottom in edges.reshape(-1, 2):
            columns = np.flatnonzero(dark[top:bottom].any(axis=0))
            boxes.append((int(columns[0]), int(top), int(columns[-1]), int(bottom)))
        return boxes

    return Row(
        "find_text_rows",
        "NumPy bincount, sum, any",
        lambda: _core.find_text_rows(ink, 24, 27, 342, 258, 6.0),
        rival,
    )


def measure_row() -> Row:
    strip = np.random.default_rng(SEED).uniform(-1, 1, (3, 48, 400)).astype(np.float32)
    weights = np.array([0.114, 0.587, 0.299], np.float32) * np.float32(127.5)

    def rival() -> tuple[float, ...]:
        luma = (np.tensordot(weights, strip, 1) + 128).astype(np.uint8)
        steps = cv2.absdiff(luma[:, 1:], luma[:, :-1])
        totals = [np.cumsum(np.bincount(x.ravel(), minlength=256)) for x in (luma, steps)]
        paper, dark = np.searchsorted(totals[0], np.array([0.95, 0.05]) * totals[0][-1])
        steep, usual = np.searchsorted(totals[1], np.array([0.98, 0.5]) * totals[1][-1])
        glare = (strip.min(axis=0) >= 0.96).mean()
        return float(paper - dark), float(steep), float(glare), float(paper), float(usual)

    return Row(
        "measure_strip",
        "NumPy bincount, searchsorted",
        lambda: _core.measure_strip(strip, 0, 400),
        rival,
    )


def ink_rows_row() -> Row:
    strip = np.random.default_rng(SEED).uniform(-1, 1, (3, 48, 400)).astype(np.float32)

    def rival() -> tuple[int, int]:
        levels = cv2.convertScaleAbs(strip[2], alpha=127.5, beta=127.5)
        until = np.cumsum(cv2.calcHist([levels], [0], None, [256], [0, 256]))
        paper, ink = np.searchsorted(until, np.array([0.9, 0.03]) * until[-1])
        inked = np.flatnonzero(2 * levels.min(axis=1).astype(int) < paper + ink)
        return int(inked[0]), int(inked[-1]) + 1

    return Row(
        "find_ink_rows",
        "cv2 calcHist, NumPy min",
        lambda: _core.find_ink_rows(strip, 0, 400),
        rival,
    )


def along_row() -> Row:
    upright = np.random.default_rng(SEED).integers(60, 250, (216, 342, 3), np.uint8)
    box, usual, wide = (60, 80, 220, 94), np.array([218, 222, 210], np.float32), (1, 5)

    def rival() -> tuple[float, ...]:
        part = upright[80:94, 60:220]
        most, least = (cv2.reduce(part, 0, kind)[0] for kind in (cv2.REDUCE_MAX, cv2.REDUCE_MIN))
        ratio = cv2.morphologyEx(most[None], cv2.MORPH_CLOSE, np.ones(wide, np.uint8))[0] / usual
        light = ratio.sum(axis=1) / 3
        dark, tint = 1 - light, np.abs(ratio / light[:, None] - 1).max(axis=1)
        depth = (most - least).max(axis=1)
        blank = depth < 0.35 * np.partition(depth, 120)[120]
        near = cv2.dilate((~blank).astype(np.uint8)[None], np.ones(wide, np.uint8))[0] > 0
        runs = [np.diff(np.flatnonzero(~b)).max() for b in (blank, blank & (tint > 0.15))]
        shadow = (dark * (near & (tint < 0.15))).max()
        return float(dark.max()), float(tint.max()), *map(float, runs), float(shadow)

    return Row(
        "measure_along",
        "NumPy, cv2 reduce",
        lambda: _core.measure_along(
            upright, box, (12, 148), (218.0, 222.0, 210.0), 5, 0.35, 0.15, 0.25, 250
        ),
        rival,
    )


# --- evidence --------------------------------------------------------------------------------


def spots() -> npt.NDArray[np.float32]:
    return np.random.default_rng(SEED).normal(128, 9, (5, 3, 128, 128)).astype(np.float32)


def strokes_row() -> Row:
    levels = np.random.default_rng(SEED).normal(210, 4, (48, 400))
    levels[14:34, 10:390] -= 150 * (np.arange(380) % 11 < 4)
    strip = np.ascontiguousarray(
        np.repeat((levels / 127.5 - 1).astype(np.float32)[None], 3, axis=0)
    )

    def rival() -> tuple[float, ...]:
        luma = cv2.transform(cv2.merge(list(strip)), np.array([[14.535, 74.8425, 38.1225, 127.5]]))
        paper, dark = np.quantile(luma, (0.75, 0.03))
        ink = np.clip((paper - luma) * (2.5 / (paper - dark)) - 0.75, 0, 1)
        dx, dy = ink[:-1, 1:] - ink[:-1, :-1], ink[1:, :-1] - ink[:-1, :-1]
        inked = np.flatnonzero((ink > 0.5).any(axis=1))
        means = np.maximum(luma, paper - 0.35 * (paper - dark)).mean(axis=1)
        rims = np.abs(means[2:] - means[:-2])
        sums = (ink.sum(), cv2.magnitude(dx, dy).sum(), np.abs(dx).sum(), np.abs(dy).sum())
        above, below = rims[: inked[0] - 3].max(), rims[inked[-1] + 2 :].max()
        return (*map(float, sums), float(inked[-1] + 1 - inked[0]), float(above), float(below))

    return Row("measure_strokes", "NumPy, cv2", lambda: _core.measure_strokes(strip, 0, 400), rival)


def grain_row() -> Row:
    planes = spots()[0]

    def rival() -> tuple[float, ...]:
        rows = planes[:, 1:64] - planes[:, :63]
        fine = np.clip(rows[..., 1:] - rows[..., :-1], -24, 24).reshape(3, -1)
        size = np.abs(fine)
        products = fine @ fine.T
        means = (*size.mean(axis=1), *np.minimum(size, 6).mean(axis=1))
        return (*means, *(products / fine.shape[1]).ravel())

    return Row("measure_grain", "NumPy", lambda: _core.measure_grain(planes, 64), rival)


def rings_row() -> Row:
    planes = spots()
    cells, begins, found = evidence._CELLS, evidence._BEGINS, np.empty((2, 3, evidence.RINGS))
    counts = np.diff([*begins, len(cells)])
    along, down = np.divmod(cells, 128)
    here, there = down * 128 + along, -down % 128 * 128 + -along % 128
    hann = np.outer(np.hanning(128), np.hanning(128)).astype(np.float32)

    def rival() -> list[object]:
        light, tint = [], []
        for spot in planes:
            a, b, c = (spot - spot.mean(axis=(1, 2), keepdims=True)) * hann
            whole = cv2.dft(cv2.merge([b, c])).reshape(-1, 2)
            power = (whole * whole).sum(axis=1)
            tint.append((power[here] + power[there]) / 2)
            half = cv2.dft(a, flags=cv2.DFT_COMPLEX_OUTPUT).reshape(-1, 2)[here]
            light.append((half * half).sum(axis=1))
        answer: list[object] = []
        for powers in (np.stack(light), np.stack(tint)):
            mean = powers.mean(axis=0)
            usual = np.add.reduceat(mean, begins) / counts + 1
            own = np.add.reduceat(powers, begins, axis=1) / counts + 1
            best = (np.maximum.reduceat(powers, begins, axis=1) / own).max(axis=0)
            answer += [usual, np.maximum.reduceat(mean, begins) / usual, best]
        return answer

    return Row(
        "measure_rings",
        "cv2 dft, NumPy reduceat",
        lambda: _core.measure_rings(planes, cells, begins, found),
        rival,
    )


def blocks_row() -> Row:
    bgr = np.random.default_rng(SEED).integers(60, 250, (960, 1280, 3), np.uint8)

    def rival() -> list[object]:
        green = cv2.extractChannel(bgr[300:684, 400:784], 1).astype(np.int16)
        found: list[object] = []
        for rows in (cv2.transpose(green), green):
            step = cv2.convertScaleAbs(np.diff(rows, 3, axis=0))
            capped = cv2.threshold(step, 24, 0, cv2.THRESH_TRUNC)[1]
            total = cv2.reduce(capped, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
            found.append(total[:376, 0].reshape(-1, 8).mean(axis=0))
        return found

    return Row(
        "measure_blocks",
        "cv2 threshold, reduce",
        lambda: _core.measure_blocks(bgr, 400, 300, 784, 684),
        rival,
    )


def picture_rows() -> Iterator[Row]:
    cv2.setNumThreads(1)
    yield from (
        shrink_row(),
        area_row(),
        sample_row(),
        propose_row(),
        refine_row(),
        text_rows_row(),
        measure_row(),
    )
    yield from (ink_rows_row(), along_row(), strokes_row(), grain_row(), rings_row(), blocks_row())


# A kernel's rows go here.
GROUPS: tuple[Callable[[], Iterator[Row]], ...] = (
    classes_rows,
    ctc_rows,
    id_number_rows,
    picture_rows,
)


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
