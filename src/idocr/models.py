"""The ONNX files: found, verified and run. The only module that imports onnxruntime."""

from __future__ import annotations

import hashlib
import math
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .errors import ModelError
from .median import median
from .steps import (
    LEAST_INK,
    Look,
    Seen,
    Steps,
    Told,
    find_characters,
    mean_directions,
    middles_of,
    run_of,
    shrunk,
    with_parts,
)

# onnxruntime's Linux wheels write a device id on import and report home unless told not to before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

TOP_CLASSES = 6  # of each character, besides the common ones
END_STEPS = 2  # of paper behind a strip
MOST_INK = 0.999  # the network is never surer: a grammar may have to pass over a mark
# A character whose likeliest class has less is looked at again, unless it is hardly ink at all.
DOUBT, SURE_INK = 0.9, 0.5
DIGITS = "0123456789X"
NARROW_STEPS = (
    3.0  # from digit to digit: FandolHei's are 2.75 apart; 8 in 100 plain cards have a strip so
)
NARROW = f"{DIGITS}.-"
LEAST_MERGED = 4  # steps of ink: in print as small as a date's one digit has three
MORE_THAN_HAN, LEAST_HAN = 2, 3  # steps beyond what the strip's Han have, if it has so many
SURE_STEP = 0.6  # probability of what a step between two characters says, if it counts
STEPS_AROUND = 10  # of a doubtful character are looked at again with it
HEIGHT_PX, CLOSE_HEIGHT_PX = 32, 48  # of the strips that the two networks see
OTHER_LOOKS = (
    Look(HEIGHT_PX, zoom=0.9, shift_px=2),
    Look(CLOSE_HEIGHT_PX, zoom=1, shift_px=0),
)

SHIPPED = Path(__file__).parent / "models"
SOURCE_TREE = Path(__file__).parents[2] / "models"  # an editable installation reads them here


def shipped_folder() -> Path:
    return SHIPPED if SHIPPED.is_dir() else SOURCE_TREE


def _verified(folder: Path, name: str, kind: str = "onnx") -> Path:
    """The file; ModelError if it is missing or not what the folder's MODELS.toml lists."""
    path = folder / f"{name}.{kind}"
    if not path.is_file():
        folder = shipped_folder()
        path = folder / f"{name}.{kind}"
    try:
        listed = folder / "MODELS.toml"
        expected = _sums(listed.read_text("utf-8")).get(name) if listed.is_file() else None
        sound = expected is None or expected == _sum(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read: install idocr again") from error
    if not sound:
        raise ModelError(f"{path.name} is not the file that MODELS.toml lists: install idocr again")
    return path


def _sum(path: Path) -> str:
    with path.open("rb") as file:  # piece by piece: not all of it has to be in memory
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _sums(listed: str) -> dict[str, str | None]:
    """sha256 of each model by the text of a MODELS.toml."""
    return {name: entry.get("sha256") for name, entry in tomllib.loads(listed).items()}


def _session(folder: Path, name: str, threads: int) -> onnxruntime.InferenceSession:
    path = _verified(folder, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Strips come in many widths: an arena would keep the largest of every kind for ever.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        # By its path: onnxruntime keeps a second copy of a model that it is handed as bytes.
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
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
        self._session = _session(folder, "locator", threads)
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


class RecognizerModel:
    """What a strip says: where characters stand, and which. Safe to share between threads.

    Two networks point at one table of classes: the first sees every strip, the second, whose strips are
    higher, those with a doubtful character.
    common: the characters of closed lists and grammars. Their classes are the same on every strip
    (`class_of`); what else a strip may say follows behind them.
    """

    STEP_PX = 4

    def __init__(self, folder: Path, threads: int, common: Iterable[str]) -> None:
        first, closer = (_session(folder, name, threads) for name in ("recognizer", "closer"))
        self._networks = {HEIGHT_PX: first, CLOSE_HEIGHT_PX: closer}
        told, told_closer = (one.get_modelmeta().custom_metadata_map for one in (first, closer))
        if not told.get("character"):
            raise ModelError("recognizer.onnx lists no characters in its metadata")
        if told.get("table") != told_closer.get("table"):
            raise ModelError(
                "closer.onnx points at the classes of another recognizer.onnx: export both anew"
            )
        self.characters = "\0" + told["character"]  # of the classes; the first is the blank
        paper = {"strip": np.zeros((1, 1, HEIGHT_PX, HEIGHT_PX), np.float32)}
        table = ["rows", "scales", "priors"]
        self.rows, self._scales, self._priors = first.run(table, paper)
        ids = {self.characters.find(c, 1) for c in common} - {-1}
        self._common = np.array(sorted(ids), np.int32)
        narrow = np.array([self.characters.find(c, 1) for c in NARROW], np.int32)
        self._near_narrow = np.union1d(self._common, narrow).astype(np.intp)
        self._places = {id_: n for n, id_ in enumerate(self._common.tolist(), start=1)}
        self._common_characters = ("", *(self.characters[i] for i in self._places))
        self.class_of = {self.characters[i]: n for i, n in self._places.items()}

    def run(self, strips: Sequence[F32]) -> list[Steps]:
        """Each strip (H, W) grey in -1..1, H at least 32, W a multiple of 4 at 32 px of height.

        Where digits are narrow the second network looks for the characters anew. Doubtful ones are looked at
        again: smaller, from a little aside, and by the second network.
        """
        seen = [self._look(gray, HEIGHT_PX) for gray in strips]
        told = self._tell(seen)
        narrow = [
            i
            for i, parts in enumerate(zip(seen, told, strict=True))
            if strips[i].shape[0] >= CLOSE_HEIGHT_PX and self._is_narrow(*parts)
        ]
        for i in narrow:
            seen[i] = self._look(strips[i], CLOSE_HEIGHT_PX)
        for i, found in zip(narrow, self._tell([seen[i] for i in narrow]), strict=True):
            told[i] = found
        merged = [i for i, found in enumerate(told) if self._divide(seen, i, found)]
        for i, found in zip(merged, self._tell([seen[i] for i in merged]), strict=True):
            told[i] = found
        doubts = [self._doubtful(*parts) for parts in zip(seen, told, strict=True)]
        again = [i for i, doubtful in enumerate(doubts) if doubtful.any()]
        for i in again:
            seen[i] = self._look_again(strips[i], seen[i], doubts[i])
        for i, found in zip(again, self._tell([seen[i] for i in again]), strict=True):
            told[i] = found
        return [self._steps(*parts) for parts in zip(seen, told, strict=True)]

    def _look(self, gray: F32, height_px: int) -> Seen:
        small = shrunk(gray, height_px)
        width = small.shape[1]
        # The network takes the end of a strip for a stroke where print comes close to it.
        padded = np.empty((height_px, width + END_STEPS * self.STEP_PX), np.float32)
        padded[:, :width] = small
        padded[:, width:] = small[:, -1:]
        directions, ink = self._see(padded)
        peaks, centres = find_characters(ink, len(ink) - END_STEPS)
        means = mean_directions(directions, ink, centres)
        return Seen(directions[:-END_STEPS], means, ink[:-END_STEPS], peaks, centres, height_px)

    def _is_narrow(self, seen: Seen, told: Told) -> bool:
        """Whether two digits stand so close that a third between them could be missed."""
        likeliest = [self.characters[candidates[0][0]] for candidates in told.ranked]
        return any(
            a in DIGITS and b in DIGITS and distance < NARROW_STEPS
            for (a, b), distance in zip(
                pairwise(likeliest), np.diff(seen.centres).tolist(), strict=False
            )
        )

    def _divide(self, seen: list[Seen], strip: int, told: Told) -> bool:
        """Whether digits and signs of this strip shared one run of ink; then each of them is a character now.

        Where they stand close and blurred there is hardly less ink between them, or between one and its
        Han neighbour: 7.2 was a point, 6单 was 单.
        """
        one = seen[strip]
        likeliest = [candidates[0][0] for candidates in told.ranked]
        runs: dict[range, list[int]] = {}
        for peak, id_ in zip(one.peaks.tolist(), likeliest, strict=True):
            runs.setdefault(run_of(one.ink, peak), []).append(id_)
        alone = [len(run) for run, (id_, *more) in runs.items() if not (more or self._narrow(id_))]
        least_with_han = median(alone) + MORE_THAN_HAN if len(alone) >= LEAST_HAN else math.inf
        parts = []
        for run, known in runs.items():
            least = LEAST_MERGED if all(map(self._narrow, known)) else least_with_han
            found = self._parts(one, run, known) if len(run) >= least else []
            parts += found if len(found) > len(known) else []
        if not parts:
            return False
        seen[strip] = with_parts(one, parts)
        return True

    def _narrow(self, id_: int) -> bool:
        return self.characters[id_] in NARROW

    def _parts(self, seen: Seen, run: range, known: Sequence[int]) -> list[range]:
        """The steps of each character in a run of ink; none where other Han than those known seem to be.

        Told from these and the common characters: of the run's middle the whole table was asked.
        """
        asked = np.union1d(self._near_narrow, known).astype(np.intp)
        scores = self._scores(seen.all_directions[run.start : run.stop], asked)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        sure = 1 / odds.sum(axis=1) > SURE_STEP  # of the likeliest one
        ids = asked[scores.argmax(axis=1)][sure].tolist()
        told = zip(np.array(run)[sure].tolist(), ids, strict=True)
        groups = [(id_, list(steps)) for id_, steps in groupby(told, key=lambda one: one[1])]
        if [i for i, _ in groups if not self._narrow(i)] != [
            i for i in known if not self._narrow(i)
        ]:
            return []
        return [range(steps[0][0], steps[-1][0] + 1) for _, steps in groups]

    def _look_again(self, gray: F32, seen: Seen, doubtful: NDArray[np.bool_]) -> Seen:
        """The same characters, the doubtful ones pointed to by what all the looks say together."""
        centres = seen.centres[doubtful]
        # Of the strip no more than the doubtful ones and what the networks see on either side of a step.
        first = max(0, math.floor(centres[0]) - STEPS_AROUND)
        last = min(len(seen.ink), math.ceil(centres[-1]) + STEPS_AROUND + 1)
        step_px = self.STEP_PX * gray.shape[0] // seen.height_px
        part = gray[:, first * step_px : last * step_px]
        total = seen.directions[doubtful]
        for look in OTHER_LOOKS:
            directions, ink = self._see(look.sample(part))
            places = look.places(centres - first, seen.height_px, self.STEP_PX).clip(
                0, len(ink) - 1
            )
            total = total + mean_directions(directions, np.maximum(ink, LEAST_INK), places)
        total /= np.linalg.norm(total, axis=1, keepdims=True)
        together = seen.directions.copy()
        together[doubtful] = total
        return replace(seen, directions=together)

    def _see(self, gray: F32) -> tuple[F32, F32]:
        """(32 or 48, W) -> directions (T, 128) and ink (T,) of the steps."""
        network = self._networks[gray.shape[0]]
        directions, ink = network.run(["directions", "ink"], {"strip": gray[None, None]})
        return directions[0], ink[0]

    def _tell(self, seen: Sequence[Seen]) -> list[Told]:
        """The classes of all strips at once: their table is larger than a core's cache."""
        directions = np.concatenate(
            [s.directions for s in seen] or [np.empty((0, 128), np.float32)]
        )
        known = np.empty((len(directions), len(self._common)), np.float32)
        ranked = _core.class_probs(
            directions, self.rows, self._scales, self._priors, self._common, known, TOP_CLASSES
        )
        ends = np.cumsum([0, *(len(s.peaks) for s in seen)]).tolist()
        return [Told(known[a:b], ranked[a:b]) for a, b in pairwise(ends)]

    @staticmethod
    def _doubtful(seen: Seen, told: Told) -> NDArray[np.bool_]:
        """(P,) of the strip's characters."""
        likeliest = np.array([candidates[0][1] for candidates in told.ranked])
        return (likeliest < DOUBT) & (seen.ink[seen.peaks] > SURE_INK)

    def _steps(self, seen: Seen, told: Told) -> Steps:
        known, ranked = told.known, told.ranked
        ids = [id_ for candidates in ranked for id_, _ in candidates]
        places = dict(self._places)
        for id_ in ids:
            places.setdefault(id_, len(places) + 1)
        probs = np.zeros((2 * len(ranked) + 1, len(places) + 1), np.float32)
        probs[0::2, 0] = 1
        at = np.minimum(seen.ink[seen.peaks], MOST_INK)
        probs[1::2, 0] = 1 - at
        probs[1::2, 1 : known.shape[1] + 1] = known * at[:, None]
        likeliest = np.array([p for candidates in ranked for _, p in candidates], np.float32)
        each = len(ids) // max(1, len(ranked))
        rows = np.arange(len(ranked)).repeat(each)
        probs[2 * rows + 1, [places[id_] for id_ in ids]] = likeliest * at[rows]
        others = islice(places, len(self._places), None)
        characters = (*self._common_characters, *(self.characters[i] for i in others))
        middles = middles_of(seen.centres, len(seen.ink))
        return Steps(probs, characters, middles, seen)

    def odds(self, steps: Steps, character: int, texts: Sequence[str]) -> list[float]:
        """Of a strip's n-th character: how likely each text is against the likeliest one the steps name.

        The steps name a few classes only; here is what the model says of any. 0 for what it does not know.
        """
        named = int(steps.probs[2 * character + 1, 1:].argmax()) + 1
        ids = self._ids([steps.characters[named], *texts])
        scores = self._scores(steps.seen.directions[character : character + 1], ids)[0]
        odds = np.where(ids > 0, np.exp(scores - scores[0]), 0.0)
        return [float(one) for one in odds[1:]]

    def mark_between(
        self,
        steps: Steps,
        mark: str,
        others: tuple[str, str],
        between: tuple[float, float],
        least_ink: float,
    ) -> float:
        """The highest probability of a common character at the steps between two others.

        between: shares of the strip's width; least_ink: of a step that counts. A sign of a few px may
        share the ink of its neighbour.
        """
        inside = steps.seen_between(*between)
        directions = steps.seen.all_directions[inside][steps.seen.ink[inside] >= least_ink]
        scores = self._scores(directions, self._ids([mark, *others]))
        likely = scores[:, 0] >= scores[:, 1:].max(axis=1)  # the whole table is asked for few
        if not likely.any():
            return 0.0
        best = directions[[int(np.where(likely, scores[:, 0], -np.inf).argmax())]]
        known = np.empty((1, len(self._common)), np.float32)
        _core.class_probs(best, self.rows, self._scales, self._priors, self._common, known, 1)
        return float(known[0, self.class_of[mark] - 1])

    def _ids(self, texts: Sequence[str]) -> NDArray[np.intp]:
        return np.array([max(0, self.characters.find(text, 1)) for text in texts], np.intp)

    def _scores(self, directions: F32, ids: NDArray[np.intp]) -> F32:
        """(N, 128) directions -> (N, K) scores of these classes, before they become probabilities."""
        products = directions @ self.rows[ids].T.astype(np.float32)
        return np.asarray(products * self._scales[ids] + self._priors[ids], np.float32)


class LegalityModel:
    """What a picture is, by evidence.py's measures. Safe to share between threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(folder, "legality", threads)
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
        self._session = _session(folder, "quality", threads)

    def run(self, table: F32) -> F32:
        """(W, K) measures -> (W,) in 0..1, falling as any of them grows."""
        quality: F32 = self._session.run(None, {"windows": table})[0]
        return quality


def read_confidence_json(folder: Path) -> str:
    """The calibration of the recogniser's own account; the one that ships where the folder has none."""
    path = _verified(folder, "confidence", "json")
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read: install idocr again") from error


def shipped_files() -> dict[str, dict[str, Any]]:
    """Name -> bytes and sha256 of the models that ship, for the bench."""
    found = {}
    for name in ("locator", "recognizer", "closer", "legality", "quality"):
        path = _verified(shipped_folder(), name)
        found[name] = {"bytes": path.stat().st_size, "sha256": _sum(path)}
    return found


def versions() -> dict[str, str]:
    """Library versions, for the bench."""
    return {
        "onnxruntime": onnxruntime.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
