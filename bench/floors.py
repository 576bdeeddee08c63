"""Each stage's time beside the least that this machine could need for it: `python bench/floors.py`.

The least time is that of the stage's multiply-adds at the peak of one core or that of its bytes at the
speed of memory, whichever is more. Peak, speed of memory and libjpeg's own time are measured between the
stages, picture by picture, so that both sides are as busy; medians of CPU time of one thread. Writes
bench/reports/floors.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import prod
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # read by numpy's import

import cv2
import numpy as np
import onnxruntime

from idocr import Recognizer, _core, card, fields, lines, models, recognizer
from idocr.bench import describe, progress
from idocr.strips import Strip

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "tests" / "samples"
SIDE = 768  # of the matrices whose product gives the peak: three of them fit a core's cache
COPIED_BYTES = 4 << 20  # as many as a decoded photograph of 1280x960 px has
NETWORKS = {
    "locator": "locator's network",
    "recognizer": "recogniser's network",
    "closer": "closer look's network",
}
BYTE_PRODUCTS = 4  # of 8 bits, in the time of one of float: a vector holds four times as many


@dataclass(frozen=True)
class Work:
    """What a stage cannot do without."""

    multiply_adds: float = 0.0  # of float32
    bytes: float = 0.0  # read or written at least once
    ms: float = 0.0  # measured: of what another library does

    def __add__(self, other: Work) -> Work:
        return Work(
            self.multiply_adds + other.multiply_adds, self.bytes + other.bytes, self.ms + other.ms
        )


@dataclass(frozen=True)
class Machine:
    """What one core does in a ms, and libjpeg with the picture's bytes."""

    multiply_adds: float
    bytes: float
    decode_ms: float

    def floor_ms(self, work: Work) -> float:
        return max(work.ms, work.multiply_adds / self.multiply_adds, work.bytes / self.bytes)


# --- clocks ----------------------------------------------------------------------------------


@dataclass
class Clock:
    """CPU ms and work of each stage of one picture; a stage within another counts for itself alone."""

    ms: dict[str, float] = field(default_factory=dict)
    work: dict[str, Work] = field(default_factory=dict)
    inner_ms: list[float] = field(default_factory=lambda: [0.0])

    def around(self, stage: str, call: Callable[[], Any], work: Callable[[Any], Work]) -> Any:
        self.inner_ms.append(0.0)
        begin = time.thread_time()
        answer = call()
        passed = (time.thread_time() - begin) * 1000
        own = passed - self.inner_ms.pop()
        self.inner_ms[-1] += passed
        self.ms[stage] = self.ms.get(stage, 0.0) + own
        self.work[stage] = self.work.get(stage, Work()) + work(answer)
        return answer


class Watched:
    """A Recognizer with a clock around each stage, and the shapes that its networks were run with.

    One to a process: the clocks stay around the functions.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.shapes: dict[str, list[tuple[int, ...]]] = {}
        self.recognizer = Recognizer(threads=1)
        self._watch_stages()
        first, closer = self.recognizer._reader._networks.values()
        for name, session in (
            ("locator", self.recognizer._locator._session),
            ("recognizer", first),
            ("closer", closer),
        ):
            self._watch_network(NETWORKS[name], session)

    def _watch(self, stage: str, owner: Any, name: str, work: Callable[..., Work]) -> None:
        """work: of the call's arguments and its answer."""
        inner = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            return self.clock.around(
                stage, lambda: inner(*given, **named), lambda answer: work(*given, answer)
            )

        setattr(owner, name, watched)

    def _watch_network(self, stage: str, session: onnxruntime.InferenceSession) -> None:
        def noted(_: Any, inputs: dict[str, Any], __: Any) -> Work:
            (given,) = inputs.values()
            self.shapes.setdefault(stage, []).append(given.shape)
            return Work()  # counted afterwards, from the graph

        self._watch(stage, session, "run", noted)

    def _watch_stages(self) -> None:
        watch = self._watch
        watch("decode", recognizer, "load", lambda *_: Work())
        watch("small picture", models, "resized", lambda bgr, *rest: moved(bgr, rest[-1]))
        watch("corners", self.recognizer, "_locate", lambda *_: Work())
        watch("rows", card, "ink_map", lambda card, ink: moved(card.bgr, ink))
        watch("rows", card.Card, "levelled", lambda *_: Work())
        watch("rows", recognizer, "find_rows", lambda *_: Work())
        # Each sample of a strip is a mean of four pixels: three products of two.
        watch("strips", Strip, "sample", lambda *a: Work(3 * a[-1].size, a[-1].nbytes))
        watch("strips", lines, "to_gray", lambda pixels, *rest: moved(pixels, rest[-1]))
        watch("steps", self.recognizer._reader, "run", lambda *_: Work())
        watch("classes", _core, "class_probs", class_work)
        for side in ("portrait", "emblem"):
            watch("text", fields, f"draft_{side}_side", lambda *_: Work())
        for mending in ("language", "known_divisions", "repaired_number", "agreement"):
            watch("repair", recognizer, f"with_{mending}", lambda *_: Work())
        watch("judge", self.recognizer, "_judge", lambda _, card, *__: moved(card.bgr))

    def read(self, data: bytes) -> Clock:
        """A picture with a clock of its own; what no stage took is "all else"."""
        clock = self.clock = Clock()
        clock.around("all else", lambda: self.recognizer.read(data), lambda _: Work())
        return clock


def moved(*arrays: Any) -> Work:
    return Work(bytes=sum(array.nbytes for array in arrays))


def class_work(directions: Any, rows: Any, *_: Any) -> Work:
    return Work(len(directions) * rows.size / BYTE_PRODUCTS, rows.nbytes)


# --- the machine -----------------------------------------------------------------------------


def cpu_ms(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return (time.process_time() - begin) * 1000


def decode(data: bytes) -> None:
    cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


class Gauge:
    """Measures the machine, once a round."""

    def __init__(self, data: bytes) -> None:
        rng = np.random.default_rng(1)
        self._left, self._right = rng.normal(size=(2, SIDE, SIDE)).astype(np.float32)
        self._product = np.empty((SIDE, SIDE), np.float32)
        self._from = np.ones(COPIED_BYTES, np.uint8)
        self._to = np.empty_like(self._from)
        self._data = data
        self._rounds: list[tuple[float, float, float]] = []

    def measure(self) -> None:
        multiply = cpu_ms(lambda: np.matmul(self._left, self._right, out=self._product))
        copy = cpu_ms(lambda: np.copyto(self._to, self._from))
        self._rounds.append((multiply, copy, cpu_ms(lambda: decode(self._data))))

    def machine(self) -> Machine:
        multiply, copy, decoding = (statistics.median(ms) for ms in zip(*self._rounds, strict=True))
        return Machine(SIDE**3 / multiply, 2 * COPIED_BYTES / copy, decoding)


# --- the graphs ------------------------------------------------------------------------------


def graph_work(model: Path, shapes: Sequence[tuple[int, ...]]) -> Work:
    """Multiply-adds of an ONNX graph as it stands in the file, for inputs of these shapes together, and
    its weights' bytes, once a run."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "graph")
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        outputs = [o.name for o in session.get_outputs()][:2]
        for shape in shapes:
            session.run(outputs, {name: np.zeros(shape, np.float32)})
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    found = [node_work(e["args"]) for e in events if e["name"].endswith("_kernel_time")]
    return sum(found, Work())


def node_work(node: dict[str, Any]) -> Work:
    """Of a convolution or a product of matrices; the rest is little beside them."""
    if node["op_name"] not in ("Conv", "Gemm", "MatMul"):
        return Work()
    given = [next(iter(shape.values())) for shape in node["input_type_shape"]]
    (made,) = (next(iter(shape.values())) for shape in node["output_type_shape"])
    weights = given[1]
    each = prod(weights[1:]) if node["op_name"] == "Conv" else given[0][-1]
    return Work(prod(made) * each, 4 * prod(weights))


# --- the report ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    stage: str
    ms: float
    work: Work
    floor_ms: float | None  # None: no arithmetic and no bytes to speak of


def measure(watched: Watched, picture: Path, rounds: int) -> tuple[Machine, list[Row]]:
    data = picture.read_bytes()
    gauge = Gauge(data)
    for _ in range(3):
        watched.read(data)
    watched.shapes.clear()
    clocks = []
    for _ in progress(picture.name, rounds):
        gauge.measure()
        clocks.append(watched.read(data))
    machine = gauge.machine()
    work = dict(clocks[0].work)
    work["decode"] = Work(ms=machine.decode_ms)
    for name, stage in NETWORKS.items():
        shapes = watched.shapes.get(stage, [])  # the closer look is at doubtful strips alone
        once = shapes[: len(shapes) // rounds]
        work[stage] = graph_work(models.shipped_folder() / f"{name}.onnx", once)
    return machine, [
        Row(
            stage,
            statistics.median(clock.ms[stage] for clock in clocks),
            needed,
            None if needed == Work() else machine.floor_ms(needed),
        )
        for stage, needed in ((stage, work[stage]) for stage in clocks[0].ms)
    ]


def table(picture: Path, machine: Machine, rows: Sequence[Row]) -> str:
    whole = sum(r.ms for r in rows)
    least = sum(r.floor_ms or 0.0 for r in rows)
    text = [
        f"`{picture.name}`, {picture.stat().st_size} bytes: {machine.multiply_adds / 1e6:.1f} thousand "
        f"million multiply-adds and {machine.bytes / 1e6:.1f} GB a second; "
        f"libjpeg alone {machine.decode_ms:.2f} ms.",
        "",
        "| stage | million multiply-adds | MB | measured ms | floor ms | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for r in rows:
        least_ms, ratio = "–", "–"
        if r.floor_ms is not None:
            least_ms, ratio = f"{r.floor_ms:.2f}", f"{r.ms / r.floor_ms:.1f}"
        sums, megabytes = shown(r.work.multiply_adds / 1e6), shown(r.work.bytes / 1e6)
        text.append(f"| {r.stage} | {sums} | {megabytes} | {r.ms:.2f} | {least_ms} | {ratio} |")
    text.append(f"| whole | | | {whole:.2f} | {least:.2f} | {whole / least:.1f} |")
    return "\n".join(text) + "\n"


def shown(amount: float) -> str:
    return f"{amount:.1f}" if amount else ""


def heading(rounds: int) -> str:
    about, load = describe(), os.getloadavg()[0]
    busy = f"The machine was busy with other work: load average {load:.1f}. " if load > 1.2 else ""
    return (
        f"Measured {date.today():%Y-%m-%d} by `python bench/floors.py` on {about['processor']}, "
        f"{about['cores']} cores, medians of {rounds} rounds, CPU ms of one thread; idocr {about['idocr']}, "
        f"onnxruntime {about['onnxruntime']}, numpy {about['numpy']}, opencv {about['opencv']}. {busy}"
        "Floor: the multiply-adds at the peak of one core (a product of matrices) or the bytes at the speed "
        "of a copy, whichever is more; eight-bit products count a quarter; of decoding, libjpeg's own time. "
        "Where there is none, the stage has neither many multiply-adds nor many bytes. Stages are timed "
        "from outside, which adds a little to those with many calls.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "pictures",
        nargs="*",
        type=Path,
        default=[SAMPLES / "portrait.jpg", SAMPLES / "emblem.jpg"],
        help="photographs of cards",
    )
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="folder of the report")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    watched = Watched()
    tables = [table(p, *measure(watched, p, options.rounds)) for p in options.pictures]
    text = "\n".join([heading(options.rounds), *tables])
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "floors.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
