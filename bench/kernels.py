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
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from idocr import _core, evidence, language
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


def upright_mapping(px_per_mm: float) -> npt.NDArray[np.float64]:
    """From px of an upright card to a photograph's."""
    card = np.array([[0, 0], [85.6, 0], [85.6, 54], [0, 54]], np.float32) * px_per_mm
    corners = np.array([[204, 190], [1065, 214], [1058, 760], [196, 741]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(card, corners), np.float64)


def upright_rows() -> Iterator[Row]:
    """A card out of a photograph: in colour at 4 px/mm, its red at 6 px/mm, that halved beforehand."""
    picture = np.random.default_rng(SEED).integers(0, 256, (960, 1280, 3)).astype(np.uint8)
    flags, mapping = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, upright_mapping(4.0)
    out, theirs = np.empty((216, 342, 3), np.uint8), np.empty((216, 342, 3), np.uint8)
    yield Row(
        "sample_upright",
        "cv2.warpPerspective",
        lambda: _core.sample_upright(picture, mapping, out),
        lambda: cv2.warpPerspective(
            picture, mapping, (342, 216), theirs, flags, cv2.BORDER_REPLICATE
        ),
    )
    fine, red = upright_mapping(6.0), np.empty((324, 514), np.uint8)
    yield Row(
        "sample_channel",
        "cv2.extractChannel, warpPerspective",
        lambda: _core.sample_channel(picture, 2, fine, red),
        lambda: cv2.warpPerspective(
            cv2.extractChannel(picture, 2), fine, (514, 324), None, flags, cv2.BORDER_REPLICATE
        ),
    )
    half, part = np.empty((480, 640), np.uint8), (96, 92, 536, 384)
    yield Row(
        "halve_channel",
        "cv2.extractChannel, resize",
        lambda: _core.halve_channel(picture, 2, part, half),
        lambda: cv2.resize(
            cv2.extractChannel(picture[184:768, 192:1072], 2),
            (440, 292),
            interpolation=cv2.INTER_AREA,
        ),
    )


def gray_row() -> Row:
    strip = np.random.default_rng(SEED).uniform(-1, 1, (3, 48, 540)).astype(np.float32)
    out, part = np.empty((48, 540), np.float32), np.empty((48, 540), np.float32)
    weights = [np.float32(w) for w in (0.114, 0.587, 0.299)]

    def rival() -> None:
        np.multiply(strip[0], weights[0], out=out)
        for plane, weight in zip(strip[1:], weights[1:], strict=True):
            np.add(out, np.multiply(plane, weight, out=part), out=out)

    return Row("strip_to_gray", "NumPy in place", lambda: _core.strip_to_gray(strip, out), rival)


def third_row() -> Row:
    gray = np.random.default_rng(SEED).uniform(-1, 1, (48, 540)).astype(np.float32)
    out = np.empty((32, 360), np.float32)
    return Row(
        "shrink_by_third",
        "cv2.resize, INTER_AREA",
        lambda: _core.shrink_by_third(gray, out),
        lambda: cv2.resize(gray, (360, 32), out, interpolation=cv2.INTER_AREA),
    )


def sharpness_row() -> Row:
    """A card's bands of print along one pair of slopes."""
    levels = np.random.default_rng(SEED).integers(0, 256, (162, 20)).astype(np.uint8)
    across = (np.arange(20, dtype=np.float32) - np.float32(9.5)) * np.float32(12)
    rows, columns = np.arange(162)[:, None], np.arange(20)
    down, floats = (rows / 161).astype(np.float32), levels.astype(np.float32)

    def rival() -> float:
        at = rows + np.rint((0.02 * (1 - down) - 0.01 * down) * across).astype(np.intp)
        band = floats[at.clip(0, 161), columns].sum(axis=1)
        return float(band @ band)

    return Row(
        "row_sharpness", "NumPy", lambda: _core.row_sharpness(levels, across, 0.02, -0.01), rival
    )


# --- steps -----------------------------------------------------------------------------------


def steps_rows() -> Iterator[Row]:
    """A strip of 12 characters in 92 steps."""
    rng = np.random.default_rng(SEED)
    ink = (np.cos(np.arange(92) * 0.82) * 0.5 + 0.5).astype(np.float32)
    directions = rng.normal(size=(92, 128)).astype(np.float32)

    def find() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
        above = ink > 0.5
        edges = np.flatnonzero(np.diff(above, prepend=False, append=False))
        begins, ends = edges[::2], edges[1::2]
        sums = (
            np.cumsum(np.concatenate([[0], ink])),
            np.cumsum(np.concatenate([[0], ink * np.arange(92)])),
        )
        mass, moment = (s[ends] - s[begins] for s in sums)
        return begins + (ends - begins) // 2, (moment / mass).astype(np.float32)

    yield Row(
        "find_characters",
        "NumPy, runs above a half",
        lambda: _core.find_characters(ink, 90, least_ink=0.05, most_valley=0.5),
        find,
    )
    _, centres = find()
    out = np.empty((len(centres), 128), np.float32)

    def point() -> object:
        near = np.floor(centres).astype(np.intp)[:, None] + np.arange(-1, 3)
        near = near.clip(0, 91)
        weights = np.maximum(0, 1 - np.abs(near - centres[:, None]) / 2) * ink[near]
        mean = np.einsum("ps,psk->pk", weights.astype(np.float32), directions[near])
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    yield Row(
        "mean_directions",
        "NumPy einsum",
        lambda: _core.mean_directions(directions, ink, centres, out),
        point,
    )


# --- language --------------------------------------------------------------------------------


def neighbours_row() -> Row:
    """An address of 24 characters with six alternatives each, pairs looked up in the table that ships."""
    rng = np.random.default_rng(SEED)
    table = language.Language.of("address")
    chars = rng.integers(0, len(table.index), 24 * 6).astype(np.int32)
    probs, counts = rng.uniform(0.01, 0.16, 24 * 6), np.full(24, 6, np.int32)
    begin, end = table.numbers("^$").tolist()
    out = np.empty(24 * 6)

    def rival() -> list[object]:
        rows = [np.array([begin]), *chars.astype(np.int64).reshape(24, 6), np.array([end])]
        seen = probs.reshape(24, 6)
        steps = [np.exp(0.4 * table.log_probs(a, b)) for a, b in pairwise(rows)]
        forward, backward = [np.ones(1)], [np.ones(1)]
        for step, here in zip(steps[:-1], seen, strict=True):
            reached = forward[-1] @ step * here
            forward.append(reached / reached.sum())
        for step, here in zip(steps[:0:-1], [np.ones(1), *seen[:0:-1]], strict=True):
            left = step @ (backward[-1] * here)
            backward.append(left / left.sum())
        return [a * b for a, b in zip(forward[1:], backward[:0:-1], strict=True)]

    return Row(
        "tell_by_neighbours",
        "NumPy, place by place",
        lambda: _core.tell_by_neighbours(
            chars,
            probs,
            counts,
            (begin, end),
            table.alone,
            table.rest,
            table.pairs,
            table.told,
            out,
            least=language.LEAST_LOG,
            weight=0.4,
        ),
        rival,
    )


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
    """Two rounds of line search and fitting on four sides; the rival searches one, in a grey picture."""
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

    bgr = np.ascontiguousarray(np.dstack([gray] * 3))
    return Row(
        "refine_card_quad",
        "cv2.remap and NumPy, one round",
        lambda: _core.refine_card_quad(bgr, rough),
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

    window, found = np.array([[0, 400]], np.int32), np.empty((1, 10), np.float32)
    return Row(
        "measure_windows",
        "NumPy bincount, searchsorted",
        lambda: _core.measure_windows(strip, window, found),
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

    found = np.empty((1, 12))
    return Row(
        "measure_grain", "NumPy", lambda: _core.measure_grain(planes[None], 64, found), rival
    )


def lab_rows() -> Iterator[Row]:
    """A portrait's window in bytes; a card's cells in floats. OpenCV's tables are made beforehand: 170 ms."""
    rng = np.random.default_rng(SEED)
    window, cells = (
        rng.integers(0, 256, shape, np.uint8) for shape in ((138, 104, 3), (54, 86, 3))
    )
    levels = np.empty(window.shape, np.uint8)
    yield Row(
        "bgr_to_lab",
        "cv2.cvtColor",
        lambda: _core.bgr_to_lab(window, levels),
        lambda: cv2.cvtColor(window, cv2.COLOR_BGR2LAB),
    )

    def rival() -> list[object]:
        lab = cv2.cvtColor(cells.astype(np.float32) / 255, cv2.COLOR_BGR2LAB).reshape(-1, 3) / 100
        light, *tints = np.sort(np.ascontiguousarray(lab.T), axis=1)
        middle = [tint[len(tint) // 2] for tint in tints]
        apart = lab[:, 1:] - middle
        distance = np.sort(np.hypot(apart[:, 0], apart[:, 1]))
        above = lab[:, 0] - lab[:, 0].mean()
        ranks = (np.array([0.02, 0.1, 0.5, 0.9, 0.98]) * len(lab)).astype(int)
        spread = np.linalg.eigvalsh(apart.T @ apart / len(lab))
        return [light[ranks], distance[ranks[2:]], spread, above @ apart / (above @ above)]

    yield Row(
        "measure_tones", "cv2.cvtColor, NumPy sort", lambda: _core.measure_tones(cells), rival
    )


def spot_row() -> Row:
    bgr = np.random.default_rng(SEED).integers(0, 256, (960, 1280, 3), np.uint8)
    out = np.empty((3, 128, 128), np.float32)
    axes = np.array([[0.114, 0.587, 0.299], [-0.5, 1.0, -0.5], [-1.0, 0.0, 1.0]], np.float32)

    def rival() -> None:
        patch = bgr[300:428, 500:628].astype(np.float32)
        cv2.split(cv2.transform(patch, axes), list(out))

    return Row(
        "take_spot", "cv2 transform, split", lambda: _core.take_spot(bgr, 500, 300, out), rival
    )


def rim_row() -> Row:
    upright = np.random.default_rng(SEED).integers(60, 250, (216, 342, 3), np.uint8)

    def fine(green: npt.NDArray[np.int16], apart: int, most: int) -> float:
        rows = green[apart:] - green[:-apart]
        return float(np.minimum(np.abs(rows[:, apart:] - rows[:, :-apart]), most).mean())

    def rival() -> list[float]:
        part = upright[26:172, 208:320].astype(np.int16)
        sideways = np.clip(part[:, 2:] - part[:, :-2], -30, 30)
        down = cv2.transpose(np.clip(part[2:, 16:-16] - part[:-2, 16:-16], -30, 30))
        means = [
            np.abs(cv2.reduce(v, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[0]).max(axis=1)
            for v in (sideways, sideways[:48], down)
        ]
        plain = upright[60:140, 60:200, 1].astype(np.int16)
        greens = (part[8:40, 12:28, 1], part[8:40, -28:-12, 1], plain)
        looks = ((1, 24), (3, 2), (3, 5))
        return [float(m.max()) for m in means] + [fine(g, *k) for g in greens for k in looks]

    box = (208, 26, 320, 172)
    return Row(
        "measure_rim",
        "cv2 reduce, NumPy",
        lambda: _core.measure_rim(upright, box, (60, 60, 200, 140)),
        rival,
    )


def fields_row() -> Row:
    """Eight fields of four windows, four beside each."""
    rng = np.random.default_rng(SEED)
    own, beside = (rng.uniform(0.1, 1, (32, 10)).astype(np.float32) for _ in range(2))
    counts, found = np.full(8, 4, np.int32), np.empty((8, 55))

    def scaled(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        contrast, sharpness, _, brightness, noise, grain, *tints = windows.astype(np.float64).T
        fine, sharp, rough = np.log10([grain + 0.001, sharpness + 0.02, noise + 0.01])
        ink = brightness - contrast
        four = [4 * tint for tint in tints]
        return np.stack([fine, sharp, contrast, brightness, ink, *four, rough], axis=1)

    others = [[k for k in range(8) if k != n] for n in range(8)]

    def rival() -> object:
        windows, around = scaled(own).reshape(8, 4, 10), scaled(beside).reshape(8, 4, 10)
        means, middles = windows.mean(axis=1), np.sort(windows, axis=1)[:, 1:3].mean(axis=1)
        apart = means[:, None] - means[others]
        nearest = np.take_along_axis(apart, np.abs(apart).argmin(axis=1)[:, None], axis=1)[:, 0]
        return np.hstack(
            [
                means,
                means - np.sort(means[others], axis=1)[:, 3],
                nearest,
                windows.max(axis=1) - middles,
                windows.min(axis=1) - middles,
                (means - np.sort(around, axis=1)[:, 1:3].mean(axis=1))[:, [0, 3, 5, 6, 9]],
            ]
        )

    return Row(
        "compare_fields",
        "NumPy, fields of equal length",
        lambda: _core.compare_fields(own, counts, beside, counts, found),
        rival,
    )


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
        *upright_rows(),
        gray_row(),
        third_row(),
        propose_row(),
        refine_row(),
        text_rows_row(),
        sharpness_row(),
        *steps_rows(),
        neighbours_row(),
        measure_row(),
    )
    yield from (ink_rows_row(), along_row(), strokes_row(), grain_row(), rings_row(), blocks_row())
    yield from (*lab_rows(), spot_row(), rim_row(), fields_row())


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
