"""Slow, obvious twins of the C++ kernels: what the tests compare with, and the bench's opponents.

Nothing here ships. Each function has the name of the kernel it stands for.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from idocr import regions

Probs = npt.NDArray[np.float32]
Edges = npt.NDArray[np.int32]
Char = tuple[int, float, int, int]

LOG_FLOOR = float(np.log(np.finfo(np.float32).tiny))


# --- ctc -------------------------------------------------------------------------------------


def ctc_collapse(path: Iterable[int], blank: int) -> tuple[int, ...]:
    """Merge repeats, then drop blanks: the map B of Graves et al. 2006."""
    return tuple(int(label) for label, _ in itertools.groupby(path) if label != blank)


def ctc_best_path(
    probs: Probs, blank: int = 0, top_k: int = 5, classes: Sequence[int] | None = None
) -> list[tuple[int, float, int, int, list[tuple[int, float]]]]:
    """Greedy path: (id, confidence, begin, end, candidates at the best step) per character."""
    num_classes = probs.shape[1]
    allowed = np.arange(num_classes) if classes is None else np.array(classes, dtype=np.intp)
    others = allowed[allowed != blank]
    order = np.concatenate([[blank], others])  # a tie goes to the blank, then to the lowest id
    winners = order[np.argmax(probs[:, order], axis=1)]
    chars = []
    step = 0
    for label, run in itertools.groupby(int(w) for w in winners):
        begin, step = step, step + len(list(run))
        if label == blank:
            continue
        peak = begin + int(np.argmax(probs[begin:step, label]))
        ranked = others[np.argsort(-probs[peak, others], kind="stable")][:top_k]
        candidates = [(int(i), float(probs[peak, i])) for i in ranked]
        chars.append((label, float(probs[peak, label]), begin, step, candidates))
    return chars


def log_probs(probs: Probs) -> npt.NDArray[np.float64]:
    tiny = np.finfo(np.float32).tiny
    return np.log(np.maximum(probs.astype(np.float64), float(tiny)))


def ctc_alignments(num_steps: int, num_classes: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(range(num_classes), repeat=num_steps)


def ctc_decode_strings(
    probs: Probs, strings: Iterable[Sequence[int]], blank: int = 0
) -> tuple[tuple[int, ...], float] | None:
    """The best alignment of any of the strings, by trying every alignment there is."""
    language = {tuple(string) for string in strings}
    logs = log_probs(probs)
    steps = np.arange(probs.shape[0])
    best: tuple[tuple[int, ...], float] | None = None
    for path in ctc_alignments(*probs.shape):
        collapsed = ctc_collapse(path, blank)
        score = float(logs[steps, list(path)].sum())
        if collapsed in language and (best is None or score > best[1]):
            best = collapsed, score
    return best


@cache
def ctc_grammar_nodes(edge_bytes: bytes, num_states: int) -> tuple[list[list[int]], Edges]:
    """A node per edge, then a blank node per state: the nodes that may come before each."""
    edges = np.frombuffer(edge_bytes, dtype=np.int32).reshape(-1, 3)
    arrivals: list[list[int]] = [[] for _ in range(num_states)]
    for edge, (_, target, _) in enumerate(edges.tolist()):
        arrivals[target].append(edge)
    before = [
        [edge, len(edges) + source, *(e for e in arrivals[source] if edges[e, 2] != label)]
        for edge, (source, _, label) in enumerate(edges.tolist())
    ]
    before += [[len(edges) + state, *arrivals[state]] for state in range(num_states)]
    return before, edges


def ctc_decode_grammar(
    probs: Probs, edges: Edges, accepting: Sequence[int], blank: int = 0, start: int = 0
) -> tuple[tuple[int, ...], float] | None:
    """Viterbi over an explicit graph, step by step, every node from all nodes before it."""
    num_states = 1 + max([start, *edges[:, :2].ravel().tolist(), *accepting])
    before, edges = ctc_grammar_nodes(edges.tobytes(), num_states)
    emits = np.concatenate([edges[:, 2], np.full(num_states, blank)])
    counts = [len(nodes) for nodes in before]
    flat = np.array(list(itertools.chain.from_iterable(before)))
    offsets = np.cumsum([0, *counts[:-1]])
    logs = log_probs(probs)

    scores = np.full(len(before), -np.inf)
    first_nodes = [len(edges) + start, *np.flatnonzero(edges[:, 0] == start).tolist()]
    scores[first_nodes] = logs[0, emits[first_nodes]]
    history = [scores]
    for step in range(1, probs.shape[0]):
        scores = np.maximum.reduceat(scores[flat], offsets) + logs[step, emits]
        history.append(scores)
    ends = [len(edges) + state for state in accepting]
    ends += np.flatnonzero(np.isin(edges[:, 1], accepting)).tolist()
    if not ends or max(scores[ends]) == -np.inf:
        return None
    path = [max(ends, key=lambda node: scores[node])]
    for earlier in reversed(history[:-1]):
        path.append(max(before[path[-1]], key=lambda node, at=earlier: at[node]))
    runs = [node for node, _ in itertools.groupby(reversed(path)) if node < len(edges)]
    return tuple(int(edges[node, 2]) for node in runs), float(scores[path[0]])


def ctc_alignment_log_prob(probs: Probs, chars: Sequence[Char], blank: int = 0) -> float:
    """The log-probability of exactly the alignment that (id, _, begin, end) describe."""
    path = np.full(probs.shape[0], blank)
    for label, _, begin, end in chars:
        path[begin:end] = label
    return float(log_probs(probs)[np.arange(probs.shape[0]), path].sum())


def ctc_log_likelihood(probs: Probs, sequence: Sequence[int], blank: int = 0) -> float:
    """The CTC forward recursion in the log domain (Graves et al. 2006, section 4.1)."""
    logs = log_probs(probs)
    labels = [blank]
    for label in sequence:
        labels += [int(label), blank]
    alpha = np.full(len(labels), -np.inf)
    alpha[:2] = logs[0, labels[:2]]
    for step in range(1, probs.shape[0]):
        before = alpha.copy()
        for i, label in enumerate(labels):
            total = before[i]
            if i >= 1:
                total = np.logaddexp(total, before[i - 1])
            if i >= 2 and label not in (blank, labels[i - 2]):
                total = np.logaddexp(total, before[i - 2])
            alpha[i] = total + logs[step, label]
    return float(np.logaddexp(alpha[-1], alpha[-2]) if len(labels) > 1 else alpha[-1])


# --- id_number -------------------------------------------------------------------------------

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1
PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
    )
    for code in codes
)
PERMIT_REGIONS = frozenset({"810000", "820000", "830000"})


def check_digit(first17: str) -> str:
    return "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, first17, strict=True)) % 11]


def is_valid_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 1880 <= year <= 2099


def is_known_region(region: str) -> bool:
    if region[0] == "9":
        return region[1:3] in PROVINCES
    return region[:2] in PROVINCES or region in PERMIT_REGIONS


def id_number_check(number: str) -> int:
    """Problems as bit flags: 1 length, 2 alphabet, 4 region, 8 birth date, 16 check digit."""
    if len(number) != 18:
        return 1
    if not set(number[:17]) <= set("0123456789") or number[17] not in "0123456789X":
        return 2
    birth = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return (
        (0 if is_known_region(number[:6]) else 4)
        | (0 if is_valid_date(*birth) else 8)
        | (0 if check_digit(number[:17]) == number[17] else 16)
    )


# Geometry, sampling, rows and measurements


def shrink_by_area(
    image: npt.NDArray[np.uint8], height: int, width: int
) -> npt.NDArray[np.float64]:
    """Each pixel the mean of what it covers, as two products with the shares: (height, width, 3)."""

    def shares(count: int, of: int) -> npt.NDArray[np.float64]:
        edges = np.arange(count + 1)[:, None] * of / count
        covered = np.clip(edges, np.arange(of), np.arange(1, of + 1)) - np.arange(of)
        return np.diff(covered, axis=0) * count / of

    rows, columns, _ = image.shape
    return np.einsum("yr,rcn,xc->yxn", shares(height, rows), image, shares(width, columns))


def sample_strip(
    image: npt.NDArray[np.uint8], mapping: npt.NDArray[np.float64], height: int, width: int
) -> npt.NDArray[np.float64]:
    """One pixel after the other, in double precision: (3, height, width) in -1..1."""
    rows, columns, _ = image.shape
    out = np.empty((3, height, width))
    for j in range(height):
        for i in range(width):
            x, y, w = mapping @ (i, j, 1.0)
            x, y = np.clip(x / w, 0, columns - 1), np.clip(y / w, 0, rows - 1)
            left, top = min(int(x), columns - 2), min(int(y), rows - 2)
            fx, fy = x - left, y - top
            corners = image[top : top + 2, left : left + 2].astype(float)
            upper = corners[0, 0] * (1 - fx) + corners[0, 1] * fx
            lower = corners[1, 0] * (1 - fx) + corners[1, 1] * fx
            out[:, j, i] = (upper * (1 - fy) + lower * fy) / 127.5 - 1
    return out


def sample_upright(
    image: npt.NDArray[np.uint8],
    mapping: npt.NDArray[np.float64],
    height: int,
    width: int,
    outside: tuple[int, int, int] | None = None,
) -> npt.NDArray[np.float64]:
    """One pixel after the other, in double precision: (height, width, 3), levels of 0..255."""
    rows, columns, channels = image.shape

    def level(x: int, y: int) -> npt.NDArray[np.float64]:
        if outside is not None and not (0 <= x < columns and 0 <= y < rows):
            return np.array(outside, np.float64)
        return image[min(max(y, 0), rows - 1), min(max(x, 0), columns - 1)].astype(np.float64)

    out = np.empty((height, width, channels))
    for j in range(height):
        for i in range(width):
            x, y, w = mapping @ (i, j, 1.0)
            left, top = math.floor(x / w), math.floor(y / w)
            fx, fy = x / w - left, y / w - top
            upper = level(left, top) * (1 - fx) + level(left + 1, top) * fx
            lower = level(left, top + 1) * (1 - fx) + level(left + 1, top + 1) * fx
            out[j, i] = upper * (1 - fy) + lower * fy
    return out


def halve_channel(image: npt.NDArray[np.uint8], channel: int) -> npt.NDArray[np.float64]:
    rows, columns = (side // 2 for side in image.shape[:2])
    whole = image[: 2 * rows, : 2 * columns, channel].astype(np.float64)
    return np.asarray(whole.reshape(rows, 2, columns, 2).mean(axis=(1, 3)))


def strip_to_gray(strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.tensordot([0.114, 0.587, 0.299], strip.astype(np.float64), axes=1)


def shrink_by_third(gray: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    shares = np.array([[2, 1, 0], [0, 1, 2]]) / 3
    blocks = gray.astype(np.float64).reshape(len(gray) // 3, 3, -1, 3)
    small = np.einsum("ia,yaxb,kb->yixk", shares, blocks, shares)
    return np.asarray(small.reshape(2 * blocks.shape[0], -1))


def is_convex_clockwise(quad: Sequence[tuple[float, float]]) -> bool:
    turns = []
    for i in range(4):
        (ax, ay), (bx, by), (cx, cy) = (quad[(i + k) % 4] for k in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return all(turn > 0 for turn in turns)


def propose_card_quad(
    heat: npt.NDArray[np.float32], stride: int
) -> tuple[list[tuple[float, float]], float] | None:
    """All local maxima of each map, all combinations, one corner of which may be missing.

    The most probable one of a card's shape, usual shapes being more so than others.
    """
    height, width = heat.shape[1:]
    peaks = []
    for logits in heat.astype(float):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        found = []
        for y, x in np.ndindex(height, width):
            near = np.s_[max(0, y - 1) : min(height, y + 2), max(0, x - 1) : min(width, x + 2)]
            if p[y, x] >= np.exp(-8.3) and logits[y, x] >= logits[near].max():
                mass, (ys, xs) = p[near].sum(), np.mgrid[near]
                cx, cy = (p[near] * xs).sum() / mass, (p[near] * ys).sum() / mass
                found.append(
                    (min(mass, 1.0), ((cx + 0.5) * stride - 0.5, (cy + 0.5) * stride - 0.5))
                )
        peaks.append(sorted(found, reverse=True)[:5])
    offered = list(itertools.product(*peaks))
    for k in range(4):  # this corner is missing: a parallelogram with the others
        for others in itertools.product(*(peaks[(k + n) % 4] for n in (1, 2, 3))):
            (ax, ay), (bx, by), (cx, cy) = (place for _, place in others)
            four = [(math.exp(-4.0), (ax + cx - bx, ay + cy - by)), *others]
            offered.append(tuple(four[(n - k) % 4] for n in range(4)))
    best: tuple[list[tuple[float, float]], float] | None = None
    best_log = -math.inf
    for combination in offered:
        quad = [place for _, place in combination]
        sides = [float(np.hypot(*np.subtract(quad[(i + 1) % 4], quad[i]))) for i in range(4)]
        if not is_convex_clockwise(quad) or min(sides) == 0:
            continue
        aspect = (sides[0] + sides[2]) / (sides[1] + sides[3])
        ratios = [math.log(sides[0] / sides[2]), math.log(sides[1] / sides[3])]
        balanced = all(abs(ratio) <= math.log(1.7) for ratio in ratios)
        ways = [np.subtract(quad[(i + 1) % 4], quad[i]) / sides[i] for i in range(4)]
        balanced &= all(abs(ways[i - 1] @ ways[i]) <= 0.5 for i in range(4))
        mass = float(np.prod([mass for mass, _ in combination]))
        strange = sum((ratio / 0.1) ** 2 / 2 for ratio in ratios)
        strange += (math.log(aspect / (85.6 / 54)) / 0.2) ** 2 / 2
        log = math.log(max(mass, 1e-300)) - strange
        if 0.85 <= aspect <= 2.9 and balanced and log > best_log:
            best, best_log = (quad, mass**0.25), log
    return best


def find_text_rows(ink: npt.NDArray[np.uint8], px_per_mm: float) -> list[tuple[int, int, int, int]]:
    """Runs of lines with enough ink; the whole map is the region. Tall rows are not cut here."""

    def px(mm: float) -> int:
        return max(1, int(mm * px_per_mm + 0.5))

    level = 255
    while level > 0 and (ink >= level).sum() <= ink.size // 100:
        level -= 1
    dark = ink >= max(14, int(level * 0.34))
    height, width = dark.shape
    counts = dark.sum(axis=1)
    quiet = int(np.sort(counts)[height // 5])
    rows: list[list[int]] = []
    for y in range(height):
        if counts[y] < max(px(0.9), int(1.6 * quiet) + 1):
            continue
        if rows and y - rows[-1][1] < px(0.45):
            rows[-1][1] = y + 1
        else:
            rows.append([y, y + 1])
    boxes = []
    for top, bottom in rows:
        per_column = dark[top:bottom].sum(axis=0)
        columns = np.flatnonzero(per_column >= 1 + int(2 * quiet / width * (bottom - top)))
        right = -1
        for x in columns:
            if right >= 0 and x - right > px(2.5 if x >= width - px(6) else 20):
                break
            right = int(x) + 1
        if bottom - top >= px(1.3) and right >= 0 and right - columns[0] >= px(2):
            boxes.append((int(columns[0]), top, right, bottom))
    return boxes


def row_sharpness(
    levels: npt.NDArray[np.uint8], across: npt.NDArray[np.float32], top: float, bottom: float
) -> int:
    """In float32: what lies half way between two rows falls where the kernel has it."""
    last = len(levels) - 1
    total = 0
    for row in range(last + 1):
        down = np.float32(row / last)
        slope = np.float32(top) * (np.float32(1) - down) + np.float32(bottom) * down
        at = [min(max(row + round(float(slope * x)), 0), last) for x in across]
        total += sum(int(levels[y, x]) for x, y in enumerate(at)) ** 2
    return total


# --- steps -----------------------------------------------------------------------------------


def find_characters(
    ink: Sequence[float], strip_steps: int, least_ink: float, most_valley: float
) -> tuple[list[int], list[float]]:
    peaks: list[int] = []
    for step in (s for s in range(strip_steps) if ink[s] >= least_ink):
        if not peaks or min(ink[peaks[-1] : step + 1]) < most_valley * min(
            ink[step], ink[peaks[-1]]
        ):
            peaks.append(step)
        elif ink[step] > ink[peaks[-1]]:
            peaks[-1] = step
    centres = []
    for peak in peaks:
        low = [s for s in range(len(ink)) if ink[s] <= 0.5 * ink[peak]]
        begin = max((s + 1 for s in low if s < peak), default=0)
        end = min((s for s in low if s > peak), default=len(ink))
        run = range(begin, end)
        centres.append(sum(s * ink[s] for s in run) / sum(ink[s] for s in run))
    return peaks, centres


def mean_directions(
    directions: npt.NDArray[np.float32],
    ink: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    steps = np.arange(len(ink))
    near = np.maximum(0, 1 - np.abs(steps[None] - centres.astype(np.float64)[:, None]) / 2)
    mean = (near * ink) @ directions.astype(np.float64)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))


# --- measurements ----------------------------------------------------------------------------


def measure_strip(strip: npt.NDArray[np.float32]) -> tuple[float, ...]:
    b, g, r = strip
    luma = ((0.114 * b + 0.587 * g + 0.299 * r + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8)
    levels, steps = (
        np.sort(luma.ravel()),
        np.sort(np.abs(np.diff(luma.astype(int), axis=1)).ravel()),
    )
    paper, dark = int(levels[int(len(levels) * 0.95)]), int(levels[int(len(levels) * 0.05)])
    span = max(1, paper - dark)
    middle = int(levels[int(len(levels) * 0.5)])
    squares = np.stack([luma[:-1, :-1], luma[:-1, 1:], luma[1:, :-1], luma[1:, 1:]]).astype(int)
    diagonal = np.abs(squares[0] - squares[1] - squares[2] + squares[3]).clip(0, 24)
    plain = diagonal[squares.min(axis=0) >= middle]
    tints = [strip[:, mask].mean(axis=1) / 2 for mask in (luma >= middle, luma <= dark)]
    return (
        (paper - dark) / 255,
        min(1.0, int(steps[int(len(steps) * 0.98)]) / span),
        float((strip.min(axis=0) >= np.float32(2 * 250 / 255 - 1)).mean()),
        paper / 255,
        min(1.0, int(steps[int(len(steps) * 0.5)]) / span),
        float(plain.mean() / 2 / 0.79788 / 255) if len(plain) else 0.0,
        *(float(tint[channel] - tint[1]) for tint in tints for channel in (0, 2)),
    )


def find_ink_rows(strip: npt.NDArray[np.float32]) -> tuple[int, int]:
    level = (
        ((strip[2] + np.float32(1)) * np.float32(127.5) + np.float32(0.5))
        .clip(0, 255)
        .astype(np.uint8)
    )
    ranked = np.sort(level.ravel()).astype(int)
    both = ranked[int(len(ranked) * 0.9)] + ranked[int(len(ranked) * 0.03)]
    inked = np.flatnonzero((2 * level.astype(int) < both).any(axis=1))
    return (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, len(level))


def _longest(flags: npt.NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def measure_along(
    upright: npt.NDArray[np.uint8],
    box: tuple[int, int, int, int],
    inside: tuple[int, int],
    usual: tuple[float, ...],
    stroke: int,
    faint: float,
    foreign_tint: float,
    foreign_dark: float,
    glare_level: int,
) -> tuple[float, ...]:
    left, top, right, bottom = box
    part = upright[top:bottom, left:right]
    brightest = part.max(axis=0)
    wide = np.ones((1, stroke), np.uint8)
    paper = cv2.morphologyEx(brightest[None], cv2.MORPH_CLOSE, wide)[0]
    ratio = paper / np.array(usual, np.float32)
    light = ratio.mean(axis=1)
    dark = np.maximum(0.0, 1 - light)
    tint = np.abs(ratio / light[:, None].clip(0.02) - 1).max(axis=1)
    within = np.zeros(len(tint), bool)
    within[max(0, inside[0]) : max(0, inside[1])] = True
    depth = (brightest.astype(np.int16) - part.min(axis=0)).max(axis=1)
    blank = depth < faint * np.percentile(depth[within], 75) if within.any() else within
    bears_print = cv2.dilate((~blank).astype(np.uint8)[None], wide)[0] > 0
    foreign = (tint > foreign_tint) | (dark > foreign_dark)
    return (
        float(dark.max()),
        float(tint.max()),
        float((brightest.min(axis=1) >= glare_level).mean()),
        _longest(blank & within),
        _longest(blank & foreign),
        float((dark * (bears_print & (tint < foreign_tint))).max()),
        float((tint * bears_print).max()),
    )


def _bilinear(gray: npt.NDArray[np.uint8], x: float, y: float) -> float:
    x, y = np.clip(x, 0, gray.shape[1] - 1.01), np.clip(y, 0, gray.shape[0] - 1.01)
    left, top = int(x), int(y)
    fx, fy = x - left, y - top
    corners = gray[top : top + 2, left : left + 2].astype(float)
    return float((1 - fy, fy) @ corners @ (1 - fx, fx))


class _Side:
    """One side of a card: |differences| on 64 profiles of 33 offsets across it."""

    samples, offsets, skip = 64, 33, 0.1

    def __init__(
        self,
        gray: npt.NDArray[np.uint8],
        a: npt.NDArray[np.float64],
        b: npt.NDArray[np.float64],
        reach: float,
    ) -> None:
        self.start, self.along = a, b - a
        self.normal = np.array([-self.along[1], self.along[0]]) / np.hypot(*self.along)
        self.reach = reach
        self.step_px = 2 * reach / (self.offsets - 1)
        gap = max(1, int(np.ceil(0.6 / self.step_px)))
        self.edge = np.zeros((self.samples, self.offsets))
        for s in range(self.samples):
            profile = [_bilinear(gray, *self.place(s, k)) for k in range(-gap, self.offsets + gap)]
            self.edge[s] = np.abs(np.array(profile[2 * gap :]) - profile[: self.offsets])

    def place(self, s: int, k: float) -> npt.NDArray[np.float64]:
        position = self.skip + (1 - 2 * self.skip) * s / (self.samples - 1)
        return (
            self.start
            + self.along * position
            + self.normal * self.reach * (2 * k / (self.offsets - 1) - 1)
        )

    def strongest_line(self) -> tuple[float, float]:
        best, best_score = (0.0, 0.0), -1.0
        middle, half = (self.offsets - 1) / 2, self.samples // 2
        capped = np.minimum(40, self.edge[::2])
        for k0, k1 in itertools.product(range(self.offsets), repeat=2):
            line = np.floor(k0 + (k1 - k0) * np.arange(half) / (half - 1) + 0.5 - 1e-4).astype(int)
            far = (abs(k0 - middle) + abs(k1 - middle)) / (2 * middle)
            score = capped[np.arange(half), line].sum() * (1 - 0.35 * far**2)
            if score > best_score:
                best, best_score = (float(k0), float(k1)), score
        return best

    def edge_near(self, s: int, step: float) -> float | None:
        window, centre = max(2, int(1 / self.step_px)), int(step + 0.5)
        near = range(max(1, centre - window), min(self.offsets - 2, centre + window) + 1)
        if not near:
            return None
        row = self.edge[s]
        best = max(near, key=lambda k: (row[k], -k))
        before, here, after = row[best - 1 : best + 2]
        if here < 5 or before > here or after > here:
            return None
        bend = before - 2 * here + after
        return float(best + (0.5 * (before - after) / bend if bend < 0 else 0))

    def fit(self, line: tuple[float, float]) -> tuple[tuple[float, float], float]:
        support = 0.0
        for share in (2.5, 1.2):
            t, k = [], []
            for s in range(self.samples):
                at = s / (self.samples - 1)
                expected = line[0] + (line[1] - line[0]) * at
                found = self.edge_near(s, expected)
                if found is not None and abs(found - expected) <= share * max(
                    1.0, 0.8 / self.step_px
                ):
                    t.append(at)
                    k.append(found)
            support = len(t) / self.samples
            if len(t) < 6:
                return line, 0.0
            slope, first = np.polyfit(t, k, 1)
            line = (float(first), float(first + slope))
        return line, support


def refine_card_quad(
    gray: npt.NDArray[np.uint8], proposed: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], list[float]]:
    """Two rounds: the strongest line near each side, a fit through its edges, the corners between."""
    height = (np.hypot(*(proposed[3] - proposed[0])) + np.hypot(*(proposed[2] - proposed[1]))) / 2
    wide = max(3.0, 0.035 * height)
    quad, supports = proposed.astype(float), [1.0] * 4
    for reach, search in ((wide, True), (max(2.0, wide / 5), False)):
        edges = []
        for i in range(4):
            side = _Side(gray, quad[i], quad[(i + 1) % 4], reach)
            line, support = side.fit(side.strongest_line() if search else (16.0, 16.0))
            if support < 0.45:
                edges.append((quad[i], quad[(i + 1) % 4]))
                support = 0.0
            else:
                edges.append((side.place(0, line[0]), side.place(63, line[1])))
            supports[i] = min(supports[i], support)
        moved = quad.copy()
        for i in range(4):
            (a, b), (c, d) = edges[i - 1], edges[i]
            u, v, w = b - a, d - c, c - a
            corner = a + u * (w[0] * v[1] - w[1] * v[0]) / (u[0] * v[1] - u[1] * v[0])
            if np.hypot(*(corner - quad[i])) < 2.5 * reach:
                moved[i] = corner
        quad = moved
    return quad, supports


# --- classes ---------------------------------------------------------------------------------


def class_probs(
    directions: Probs, rows: npt.NDArray[np.int8], scales: Probs, priors: Probs
) -> npt.NDArray[np.float64]:
    """Softmax over all classes (N, C), in double precision and without rounding the directions."""
    table = rows.astype(np.float64) * scales.astype(np.float64)[:, None]
    scores = directions.astype(np.float64) @ table.T + priors.astype(np.float64)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def number_posterior(
    places: np.ndarray,
    birth: np.ndarray | None,
    male: float,
    *,
    wrong_print: float,
    other_years: float,
    unknown_region: float,
    likely_years: range,
    other_birth_years: float,
) -> dict[str, float]:
    """Weight of every number that can exist, and of "" that none is printed: repair.posterior, slowly.

    Only numbers made of characters with a probability above zero are looked at: keep those few.
    """
    alphabet = "0123456789X"
    weights: dict[str, float] = {}
    choices = [[c for c, p in zip(alphabet, row, strict=True) if p > 0] for row in places]
    for chars in itertools.product(*choices):
        number = "".join(chars)
        if id_number_check(number) or number[14:17] == "000":
            continue
        weight = math.prod(float(places[i, alphabet.index(c)]) for i, c in enumerate(number))
        for i, c in enumerate(number[6:14]):
            weight *= 0.1 if birth is None else float(birth[i, int(c)])
        weight *= male if int(number[16]) % 2 else 1 - male
        year = int(number[6:10])
        weight *= 1.0 if year in likely_years else other_birth_years
        code = number[:6]
        spans = regions.periods(code)
        if spans:
            in_force = any(a <= max(year, 1984) <= b for a, b in spans)
            weight *= 1.0 if in_force else other_years
        elif code not in ("810000", "820000", "830000"):
            weight *= unknown_region
        weights[number] = weight
    printed = 0.1**8 if birth is None else math.prod(float(row.max()) for row in birth)
    sure = math.prod(float(row.max()) for row in places)
    weights[""] = wrong_print * sure * printed * max(male, 1 - male)
    return weights


def measure_strokes(strip: npt.NDArray[np.float32]) -> tuple[float, ...]:
    b, g, r = strip.astype(np.float64)
    luma = (0.114 * b + 0.587 * g + 0.299 * r + 1) * 127.5
    levels = np.sort((luma + 0.5).clip(0, 255).astype(int).ravel())
    paper, dark = (float(levels[int(len(levels) * share)]) for share in (0.75, 0.03))
    contrast = max(paper - dark, 4.0)
    ink = (((paper - luma) / contrast - 0.3) / 0.4).clip(0, 1)
    dx, dy = np.diff(ink, axis=1)[:-1], np.diff(ink, axis=0)[:, :-1]
    inked = np.flatnonzero((ink > 0.503).any(axis=1))
    top, bottom = (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, len(luma))
    rims = []
    for rows in (luma[: max(0, top - 1)], luma[bottom + 1 :]):
        means = np.maximum(rows, paper - 0.35 * contrast).mean(axis=1)
        rims.append(float(np.abs(means[2:] - means[:-2]).max()) if len(means) > 2 else 0.0)
    outline = np.hypot(dx, dy).sum()
    return ink.sum(), outline, np.abs(dx).sum(), np.abs(dy).sum(), bottom - top, *rims


def measure_grain(planes: npt.NDArray[np.float32], rows: int) -> list[float]:
    levels = planes[:, :rows].astype(np.float64)
    steps = levels[:, 1:, 1:] - levels[:, :-1, 1:] - levels[:, 1:, :-1] + levels[:, :-1, :-1]
    fine = steps.clip(-24, 24).reshape(3, -1)
    small = np.abs(fine).clip(0, 6)
    products = [
        (fine[a] * fine[b]).mean() for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    ]
    return [
        *np.abs(fine).mean(axis=1).tolist(),
        *small.mean(axis=1).tolist(),
        *map(float, products),
    ]


def measure_rings(
    planes: npt.NDArray[np.float32], cells: npt.NDArray[np.int32], begins: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    side = planes.shape[-1]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(side) / (side - 1))
    windowed = (planes - planes.mean(axis=(2, 3), keepdims=True)) * np.outer(hann, hann)
    # Turned: u, cycles along the rows, comes first.
    power = np.abs(np.fft.rfft2(windowed).swapaxes(2, 3)) ** 2
    found = []
    for kind in (power[:, 0], power[:, 1] + power[:, 2]):
        rings = np.split(kind.reshape(len(planes), -1)[:, cells], begins[1:], axis=1)
        rings[0] = rings[0][:, begins[0] :]
        usual = [1 + ring.mean() for ring in rings]
        strongest = [ring.mean(axis=0).max() / u for ring, u in zip(rings, usual, strict=True)]
        own = [(ring.max(axis=1) / (1 + ring.mean(axis=1))).max() for ring in rings]
        found.append([usual, strongest, own])
    return np.array(found, np.float64)


def measure_blocks(
    bgr: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int
) -> tuple[list[float], list[float]]:
    green = bgr[top:bottom, left:right, 1].astype(int)
    found = []
    for rows in (green.T, green):
        steps = np.abs(np.diff(rows, 3, axis=0)).clip(0, 24).mean(axis=1)
        found.append(steps[: len(steps) // 8 * 8].reshape(-1, 8).mean(axis=0).tolist())
    return found[0], found[1]


def bgr_to_lab(bgr: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """CIE 15:2004 by the letter, D65, of sRGB: L 0..100, a, b."""
    share = bgr[..., ::-1].astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.412453, 0.357580, 0.180423],
            [0.212671, 0.715160, 0.072169],
            [0.019334, 0.119193, 0.950227],
        ]
    )
    xyz = linear @ to_xyz.T / (0.950456, 1.0, 1.088754)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    light = 116 * root[..., 1] - 16
    a, b = 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])
    return np.stack([light, a, b], axis=-1)


def take_spot(bgr: npt.NDArray[np.uint8], left: int, top: int) -> npt.NDArray[np.float64]:
    axes = np.array([[0.114, 0.587, 0.299], [-0.5, 1.0, -0.5], [-1.0, 0.0, 1.0]])
    return np.einsum("ac,yxc->ayx", axes, bgr[top : top + 128, left : left + 128].astype(float))


def measure_tones(lab: npt.NDArray[np.float64]) -> list[float]:
    """lab (N, 3): CIE Lab of the cells; the rest as measure_tones of csrc/evidence.h."""
    lab = lab / 100

    def quantiles(values: npt.NDArray[np.float64], *shares: float) -> list[float]:
        return [float(np.sort(values)[int(share * (len(values) - 1))]) for share in shares]

    middle = [quantiles(lab[:, k], 0.5)[0] for k in (1, 2)]
    tints = lab[:, 1:] - middle
    light = lab[:, 0] - lab[:, 0].mean()
    return [
        *quantiles(np.linalg.norm(tints, axis=1), 0.5, 0.75, 0.9, 0.97),
        *np.sqrt(np.maximum(np.linalg.eigvalsh(tints.T @ tints / len(tints)), 0)).tolist(),
        *quantiles(lab[:, 0], 0.02, 0.1, 0.5, 0.9, 0.98),
        *(light @ tints / (light @ light + 1e-6)).tolist(),
        *middle,
    ]


def measure_rim(
    upright: npt.NDArray[np.uint8],
    window: tuple[int, int, int, int],
    paper: tuple[int, int, int, int],
) -> tuple[list[float], list[float], list[float]]:
    left, top, right, bottom = window
    part = upright[top:bottom, left:right].astype(int)
    sideways = (part[:, 2:] - part[:, :-2]).clip(-30, 30)
    whole, upper = (
        np.abs(v.mean(axis=0)).max(axis=1) for v in (sideways, sideways[: len(part) // 3])
    )
    rows = np.abs((part[2:, 16:-16] - part[:-2, 16:-16]).clip(-30, 30).mean(axis=1)).max(axis=1)
    side, end = len(whole) // 3, len(rows) // 4
    steps = [v[:side].max() for v in (whole,)] + [whole[-side:].max()]
    steps += [upper[:side].max(), upper[-side:].max(), rows[:end].max(), rows[-end:].max()]

    def fine(green: npt.NDArray[np.int_], apart: int, most: int) -> float:
        down = green[apart:] - green[:-apart]
        return float(np.minimum(np.abs(down[:, apart:] - down[:, :-apart]), most).mean())

    x0, y0, x1, y1 = paper
    looks = ((1, 24), (3, 2), (3, 5))
    corners = [
        (fine(part[8:40, 12:28, 1], *look) + fine(part[8:40, -28:-12, 1], *look)) / 2
        for look in looks
    ]
    return (
        [float(step) for step in steps],
        corners,
        [fine(upright[y0:y1, x0:x1, 1].astype(int), *look) for look in looks],
    )


def compare_fields(
    own: Sequence[npt.NDArray[np.float32]], beside: Sequence[npt.NDArray[np.float32]]
) -> list[list[float]]:
    """Field by field, as compare_fields of csrc/evidence.h."""

    def scaled(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        contrast, sharpness, _, brightness, noise, grain, *tints = windows.astype(np.float64).T
        logs = np.log10([grain + 0.001, sharpness + 0.02]), np.log10(noise + 0.01)
        four = [4 * tint for tint in tints]
        return np.stack(
            [*logs[0], contrast, brightness, brightness - contrast, *four, logs[1]], axis=1
        )

    paper = [0, 3, 5, 6, 9]
    rows = [scaled(windows) for windows in own]
    means = np.array([row.mean(axis=0) for row in rows])
    found = []
    for k, (row, near) in enumerate(zip(rows, beside, strict=True)):
        others = np.delete(means, k, axis=0)
        apart = means[k] - others
        from_beside = np.zeros(5)
        if len(near):
            from_beside = means[k][paper] - np.median(scaled(near)[:, paper], axis=0)
        nearest = np.zeros(10)
        if len(others):
            nearest = apart[np.abs(apart).argmin(axis=0), np.arange(10)]
        parts = [
            means[k],
            means[k] - np.median(others, axis=0) if len(others) else np.zeros(10),
            nearest,
            row.max(axis=0) - np.median(row, axis=0),
            row.min(axis=0) - np.median(row, axis=0),
            from_beside,
        ]
        found.append(np.concatenate(parts).tolist())
    return found


# --- language ----------------------------------------------------------------------------------


def language_posteriors(
    choices: Sequence[dict[str, float]], log_prob: Callable[[str, str], float], weight: float
) -> list[dict[str, float]]:
    """Every text that the choices allow, with its probability under reader and language together."""
    shares: list[dict[str, float]] = [dict.fromkeys(choice, 0.0) for choice in choices]
    for text in itertools.product(*choices):
        marked = ("^", *text, "$")
        told = sum(log_prob(a, b) for a, b in itertools.pairwise(marked))
        seen = sum(math.log(choice[c]) for choice, c in zip(choices, text, strict=True))
        for share, char in zip(shares, text, strict=True):
            share[char] += math.exp(seen + weight * told)
    return [{c: p / sum(share.values()) for c, p in share.items()} for share in shares]
