"""The ONNX files: found, verified and run. The only module that imports onnxruntime."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .errors import ModelError

# onnxruntime's Linux wheels write a device id on import and report home unless told not to before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

TOP_CLASSES = 6  # of each character, besides the common ones
LEAST_INK = 0.05  # probability from which a step is asked for its character
END_STEPS = 2  # of paper behind a strip
MOST_INK = 0.999  # the network is never surer: a grammar may have to pass over a mark
NEAR_STEPS = 2  # from a character's middle: farther steps do not say which it is
MOST_VALLEY = 0.5  # of the lower of two peaks: a shallower valley lies within one character

SHIPPED = Path(__file__).parent / "models"
SOURCE_TREE = Path(__file__).parents[2] / "models"  # an editable installation reads them here


def shipped_folder() -> Path:
    return SHIPPED if SHIPPED.is_dir() else SOURCE_TREE


def _verified(folder: Path, name: str, kind: str = "onnx") -> bytes:
    """The file's bytes; ModelError if it is missing or not what the folder's MODELS.toml lists."""
    path = folder / f"{name}.{kind}"
    if not path.is_file():
        folder = shipped_folder()
        path = folder / f"{name}.{kind}"
    try:
        data = path.read_bytes()
        listed = folder / "MODELS.toml"
        entries = tomllib.loads(listed.read_text("utf-8")) if listed.is_file() else {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read: install idocr again") from error
    expected = entries.get(name, {}).get("sha256")
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        raise ModelError(f"{path.name} is not the file that MODELS.toml lists: install idocr again")
    return data


def _session(data: bytes, name: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Strips come in many widths: an arena would keep the largest of every kind for ever.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base but this
        raise ModelError(f"{name}.onnx cannot be loaded: install idocr again") from error


@dataclass(frozen=True)
class Located:
    """The locator's answer on the canvas, and the way from canvas px back to picture px."""

    heat: F32  # (4, h, w) logits
    kind: dict[str, float]  # probabilities that sum to 1
    to_picture: NDArray[np.float64]  # (3, 3) canvas px -> picture px

    heat_stride: int = 4


class LocatorModel:
    """Where the card is: one small network on the whole picture. Safe to share between threads."""

    LONG_SIDE_PX = 224
    MARGIN_PX = 16  # corners a little outside the picture are located too
    FILL = 114

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(_verified(folder, "locator"), "locator", threads)
        self._kinds = self._session.get_modelmeta().custom_metadata_map["kinds"].split(",")

    def run(self, bgr: U8) -> Located:
        height, width = bgr.shape[:2]
        zoom = self.LONG_SIDE_PX / max(height, width)
        w, h = max(2, round(width * zoom)), max(2, round(height * zoom))
        rows, columns = (-(-(side + 2 * self.MARGIN_PX) // 32) * 32 for side in (h, w))
        canvas = np.full((rows, columns, 3), self.FILL, np.uint8)
        top, left = (rows - h) // 2, (columns - w) // 2
        canvas[top : top + h, left : left + w] = resized(bgr, w, h)
        blob = canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255
        heat, kind = self._session.run(None, {"picture": blob})
        odds = np.exp(kind[0] - kind[0].max())
        scale_x, scale_y = width / w, height / h
        to_picture = np.array(
            [
                [scale_x, 0, (0.5 - left) * scale_x - 0.5],
                [0, scale_y, (0.5 - top) * scale_y - 0.5],
                [0, 0, 1.0],
            ]
        )
        probabilities = dict(zip(self._kinds, (odds / odds.sum()).tolist(), strict=True))
        return Located(np.ascontiguousarray(heat[0]), probabilities, to_picture)


def resized(bgr: U8, width: int, height: int) -> U8:
    """A picture or a window of one at another size, each pixel the mean of what it covers."""
    if width > bgr.shape[1] or height > bgr.shape[0]:
        return np.asarray(cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    small = np.empty((height, width, 3), np.uint8)
    _core.shrink_by_area(bgr, small)
    return small


@dataclass(frozen=True)
class Steps:
    """What a strip says, step by step: where a character may stand, a step; between two, a blank one."""

    probs: F32  # (T, C): class 0 is the blank, then the model's common classes, then others
    characters: tuple[str, ...]  # of the C classes
    middles: F32  # (T,) where each step stands, as shares of the strip's width


class RecognizerModel:
    """What a strip says: where characters stand, and which. Safe to share between threads.

    common: the characters of closed lists and grammars. Their classes are the same on every strip
    (`class_of`); what else a strip may say follows behind them.
    """

    HEIGHT_PX = 32
    STEP_PX = 4

    def __init__(self, folder: Path, threads: int, common: Iterable[str]) -> None:
        self._session = _session(_verified(folder, "recognizer"), "recognizer", threads)
        listed = self._session.get_modelmeta().custom_metadata_map.get("character")
        if not listed:
            raise ModelError("recognizer.onnx lists no characters in its metadata")
        self.characters = ("", *listed)
        paper = {"strip": np.zeros((1, 1, self.HEIGHT_PX, self.HEIGHT_PX), np.float32)}
        table = ["rows", "scales", "priors"]
        self._rows, self._scales, self._priors = self._session.run(table, paper)
        ids = {c: i for i, c in enumerate(self.characters) if c}
        self._common = np.array(sorted({ids[c] for c in common if c in ids}), np.int32)
        self._places = {id_: n for n, id_ in enumerate(self._common.tolist(), start=1)}
        self._common_characters = ("", *(self.characters[i] for i in self._places))
        self.class_of = {self.characters[i]: n for i, n in self._places.items()}

    def run(self, strips: Sequence[F32]) -> list[Steps]:
        """Each strip (32, W) grey in -1..1, W a multiple of 4."""
        seen = [self._look(gray) for gray in strips]
        # All at once: the table of classes is larger than a core's cache.
        directions = np.concatenate(
            [s.directions for s in seen] or [np.empty((0, 128), np.float32)]
        )
        known = np.empty((len(directions), len(self._common)), np.float32)
        ranked = _core.class_probs(
            directions, self._rows, self._scales, self._priors, self._common, known, TOP_CLASSES
        )
        found = []
        begin = 0
        for strip in seen:
            part = slice(begin, begin + len(strip.peaks))
            found.append(self._steps(strip, known[part], ranked[part]))
            begin = part.stop
        return found

    def _look(self, gray: F32) -> _Seen:
        height, width = gray.shape
        # The network takes the end of a strip for a stroke where print comes close to it.
        padded = np.empty((1, 1, height, width + END_STEPS * self.STEP_PX), np.float32)
        padded[0, 0, :, :width] = gray
        padded[0, 0, :, width:] = gray[:, -1:]
        directions, ink = self._session.run(["directions", "ink"], {"strip": padded})
        peaks = find_peaks(ink[0, :-END_STEPS])
        levels = ink[0].tolist()
        centres = np.array([_centre(levels, peak) for peak in peaks.tolist()], np.float32)
        return _Seen(mean_directions(directions[0], ink[0], centres), ink[0], peaks, centres)

    def _steps(
        self, seen: _Seen, known: F32, ranked: Sequence[Sequence[tuple[int, float]]]
    ) -> Steps:
        places = dict(self._places)
        for candidates in ranked:
            for id_, _ in candidates:
                places.setdefault(id_, len(places) + 1)
        probs = np.zeros((2 * len(ranked) + 1, len(places) + 1), np.float32)
        probs[0::2, 0] = 1
        at = np.minimum(seen.ink[seen.peaks], MOST_INK)
        probs[1::2, 0] = 1 - at
        probs[1::2, 1 : known.shape[1] + 1] = known * at[:, None]
        for number, candidates in enumerate(ranked):
            for id_, probability in candidates:
                probs[2 * number + 1, places[id_]] = probability * at[number]
        others = islice(places, len(self._places), None)
        characters = (*self._common_characters, *(self.characters[i] for i in others))
        middles = _middles(seen.centres, len(seen.ink) - END_STEPS)
        return Steps(probs, characters, middles)


@dataclass(frozen=True)
class _Seen:
    """What the network says of a strip."""

    directions: F32  # (P, 128) of the characters
    ink: F32  # (T,) of all steps
    peaks: NDArray[np.intp]  # (P,) steps with the most ink of each character
    centres: F32  # (P,) middles of the characters, in steps


def find_peaks(ink: F32) -> NDArray[np.intp]:
    """Steps at which a character may stand: maxima of ink (T,) with a valley between any two."""
    peaks: list[int] = []
    levels = ink.tolist()
    valley = 1.0
    for step, level in enumerate(levels):
        valley = min(valley, level)
        if level < LEAST_INK:
            continue
        if not peaks or valley < MOST_VALLEY * min(level, levels[peaks[-1]]):
            peaks.append(step)
            valley = level
        elif level > levels[peaks[-1]]:
            peaks[-1] = step
            valley = level
    return np.array(peaks, np.intp)


def _centre(ink: Sequence[float], peak: int) -> float:
    """The middle of the run of ink around a peak, in steps."""
    least = 0.5 * ink[peak]
    begin = end = peak
    while begin > 0 and ink[begin - 1] > least:
        begin -= 1
    while end + 1 < len(ink) and ink[end + 1] > least:
        end += 1
    run = ink[begin : end + 1]
    return begin + sum(step * level for step, level in enumerate(run)) / sum(run)


def mean_directions(directions: F32, ink: F32, centres: F32) -> F32:
    """(T, K) of steps -> (P, K) of characters: the steps about a middle, weighed by nearness and ink.

    The step with the most ink may lie at a character's rim, where half of it looks like another.
    """
    first = np.floor(centres).astype(np.intp) - 1
    around = first[:, None] + np.arange(2 * NEAR_STEPS)
    steps = np.clip(around, 0, len(ink) - 1)
    near = np.maximum(0, 1 - np.abs(steps - centres[:, None]) / NEAR_STEPS) * (around == steps)
    mean = np.einsum("ps,psk->pk", (near * ink[steps]).astype(np.float32), directions[steps])
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


def _middles(centres: F32, num_steps: int) -> F32:
    """Places of the characters and, half way to their neighbours, of the blank steps between."""
    at = np.concatenate([[0.0], (centres + 0.5) / num_steps, [1.0]])
    middles = np.empty(2 * len(centres) + 1, np.float32)
    middles[1::2] = at[1:-1]
    middles[0::2] = (at[:-1] + at[1:]) / 2
    return middles


class LegalityModel:
    """What a picture is, by evidence.py's measures. Safe to share between threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(_verified(folder, "legality"), "legality", threads)
        self._classes = self._session.get_modelmeta().custom_metadata_map["classes"].split(",")

    def run(self, card: F32, fields: F32, view: U8) -> dict[str, float]:
        """card (N,), fields (F, K) with at least one row, view (80, 112, 3) -> probabilities, sum 1."""
        inputs = {"card": card[None], "fields": fields[None], "view": view[None]}
        probabilities = self._session.run(None, inputs)[0][0]
        return dict(zip(self._classes, probabilities.tolist(), strict=True))


class QualityModel:
    """How likely windows of print are to be read right, by what can be seen of them (visibility.py).

    Safe to share between threads.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(_verified(folder, "quality"), "quality", threads)

    def run(self, table: F32) -> F32:
        """(W, K) measures -> (W,) in 0..1, falling as any of them grows."""
        quality: F32 = self._session.run(None, {"windows": table})[0]
        return quality


def read_confidence_json(folder: Path) -> str:
    """The calibration of the recogniser's own account; the one that ships where the folder has none."""
    return _verified(folder, "confidence", "json").decode("utf-8")


def shipped_files() -> dict[str, dict[str, Any]]:
    """Name -> bytes and sha256 of the models that ship, for the bench."""
    found = {}
    for name in ("locator", "recognizer", "legality", "quality"):
        data = _verified(shipped_folder(), name)
        found[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def versions() -> dict[str, str]:
    """Library versions, for the bench."""
    return {
        "onnxruntime": onnxruntime.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
