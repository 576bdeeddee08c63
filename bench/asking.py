"""Draws the test set and asks every engine for every picture, on several cores, and goes on where it was.

Each lane is a process that draws a picture once and hands its bytes to engines that run in processes
of their own, one thread each, one after the other. Only the parent writes. What is kept is found again
by set, seed, index, engine, the engine's version and a digest of the JPEG: an answer to a picture that
is no longer drawn that way, or of an engine that has changed, is never used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing as mp
import os
import queue
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from answers import Case, Truth, answer_of, truth_of
from serving import ONE_THREAD, Engine, EngineError

TRAINING = Path(__file__).resolve().parents[1] / "models" / "training"
Task = tuple[str, int]  # set, index
Tasks: TypeAlias = "mp.Queue[Task | None] | queue.Queue[Task | None]"
Lines: TypeAlias = "mp.Queue[dict[str, Any]] | queue.Queue[dict[str, Any]]"
Place = tuple[str, int, str]  # set, index, digest of the JPEG
Key = tuple[str, int, str, str, str]  # a place, engine, the engine's version


class SetupError(RuntimeError):
    """Something that the report needs is missing; the message says what to do."""


def import_from_training() -> None:
    """Makes the generator's modules importable; they are no package."""
    if str(TRAINING) not in sys.path:
        sys.path.insert(0, str(TRAINING))


def draw(set_name: str, seed: int, index: int) -> Any:
    """The generator's Picture of the test split."""
    import_from_training()
    import pictures

    return pictures.draw_picture(set_name, seed, index, split="test")


def check_generator(set_name: str, seed: int) -> None:
    """Draws one picture, so that what is missing is said before any work begins."""
    try:
        draw(set_name, seed, 0)
    except (ImportError, OSError) as error:
        raise SetupError(
            f"the generator cannot draw: {error}\n"
            "models/training/README.md says which fonts, packages and resources it needs"
        ) from error


# ---- what is kept -----------------------------------------------------------------------------------


@dataclass
class Store:
    """JSON lines in a folder: truth, answers of each engine, and how each engine started."""

    folder: Path
    seed: int
    truths: dict[Place, Truth] = field(default_factory=dict)
    answers: dict[Key, dict[str, Any]] = field(default_factory=dict)
    starts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for line in self._lines():
            self._take(line)
        self._file = (self.folder / f"seed{self.seed}.jsonl").open("a", encoding="utf-8")

    def _lines(self) -> Iterator[dict[str, Any]]:
        path = self.folder / f"seed{self.seed}.jsonl"
        if not path.exists():
            return
        data = path.read_bytes()
        if not data.endswith(b"\n"):  # broken off while writing: that line is asked for again
            data = data[: data.rfind(b"\n") + 1]
            path.write_bytes(data)
        for line in data.split(b"\n")[:-1]:  # not splitlines: what was read may hold a U+2028
            yield json.loads(line)

    def _take(self, line: dict[str, Any]) -> None:
        what = line["line"]
        if what == "start":
            self.starts.append(line)
            return
        place = (line["set"], line["index"], line["jpeg"])
        if what == "truth":
            self.truths[place] = Truth.from_json(line["truth"])
        else:
            self.answers[(*place, line["engine"], line["version"])] = line["answer"]

    def add(self, line: dict[str, Any]) -> None:
        """Keeps a line; a truth only where it is new: the same pixels may be described better now."""
        if line["line"] == "truth":
            place = (line["set"], line["index"], line["jpeg"])
            if self.truths.get(place) == Truth.from_json(line["truth"]):
                return
        self._take(line)
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


# ---- a lane -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """What one process of the parallel work is told."""

    seed: int
    commands: Mapping[str, list[str]]  # engine -> command of its process
    versions: Mapping[str, str]  # engine -> the version that is measured
    known: frozenset[Key]

    def work(self, tasks: Tasks, lines: Lines) -> None:
        """The process's whole life; what went wrong becomes a line too."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; engines inherit it
        os.environ.update(ONE_THREAD)
        try:
            self.ask(tasks, lines)
        except EngineError as error:
            lines.put({"line": "failed", "why": str(error)})
        except Exception:  # the generator's: the parent must hear of it, not wait for the others
            lines.put({"line": "failed", "why": traceback.format_exc()})

    def ask(self, tasks: Tasks, lines: Lines) -> None:
        """Takes tasks until a None; every task ends in a `done` line."""
        import cv2

        cv2.setNumThreads(1)
        with contextlib.ExitStack() as stack:
            engines = []
            for name, command in self.commands.items():
                engines.append(Engine(name, command))
                stack.callback(engines[-1].close)
                if engines[-1].greeting["version"] != self.versions[name]:
                    raise EngineError(f"{name} changed while it was measured: start again")
            fresh = {engine.name for engine in engines}
            while (task := _next_task(tasks)) is not None:
                self._ask_one(task, engines, fresh, lines)

    def _ask_one(
        self, task: Task, engines: Sequence[Engine], fresh: set[str], lines: Lines
    ) -> None:
        set_name, index = task
        picture = draw(set_name, self.seed, index)
        digest = hashlib.sha256(picture.jpeg).hexdigest()[:16]
        place = {"set": set_name, "index": index, "jpeg": digest}
        lines.put({"line": "truth", **place, "truth": truth_of(picture).to_json()})
        for engine in engines:
            version = self.versions[engine.name]
            if (set_name, index, digest, engine.name, version) in self.known:
                continue
            try:
                answer = engine.ask(picture.jpeg)
            except (
                EngineError
            ) as error:  # killed for its memory, say: once more, and from the start
                print(f"\n{error}\n  started again for {set_name} {index}", file=sys.stderr)
                engine.start()
                answer = engine.ask(picture.jpeg)
            if engine.name in fresh:
                fresh.remove(engine.name)
                first_ms = engine.greeting["ready_ms"] + answer["wall_ms"]
                start = {"engine": engine.name, "first_answer_ms": first_ms, **engine.greeting}
                lines.put({"line": "start", **start})
            named = {"engine": engine.name, "version": version, "answer": answer}
            lines.put({"line": "answer", **place, **named})
        lines.put({"line": "done", **place})


# ---- all of it ----------------------------------------------------------------------------------------


@dataclass
class Progress:
    """A bar with the rate and the time left, on standard error."""

    total: int
    done: int = 0
    begun: float = field(default_factory=time.monotonic)
    shown: float = 0.0

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.shown < 0.2 and self.done < self.total:
            return
        self.shown = now
        rate = self.done / max(now - self.begun, 1e-9)
        left = int((self.total - self.done) / max(rate, 1e-9))
        bar = "#" * (30 * self.done // self.total)
        print(
            f"\r[{bar:.<30}] {self.done}/{self.total}  {rate:.1f} pictures/s  "
            f"{left // 3600}:{left // 60 % 60:02d}:{left % 60:02d} left ",
            end="\n" if self.done == self.total else "",
            file=sys.stderr,
            flush=True,
        )


@dataclass
class Asked:
    """What came of it: the cases of each engine, and each engine's version and start."""

    cases: dict[str, list[Case]]
    greetings: dict[str, dict[str, Any]]
    starts: dict[str, list[float]]  # ms from the process's first line to its first answer


def ask_all(
    plan: Sequence[Task], seed: int, commands: Mapping[str, list[str]], folder: Path, jobs: int
) -> Asked:
    """Every engine's answer to every picture of the plan, from the folder where it has them."""
    greetings = {name: _greeting(name, command) for name, command in commands.items()}
    store = Store(folder, seed)
    try:
        versions = {name: greeting["version"] for name, greeting in greetings.items()}
        digests = _run(plan, Lane(seed, commands, versions, frozenset(store.answers)), store, jobs)
    finally:
        store.close()
    cases: dict[str, list[Case]] = {name: [] for name in commands}
    for set_name, index in plan:
        place = (set_name, index, digests[set_name, index])
        for name in commands:
            line = store.answers[(*place, name, versions[name])]
            cases[name].append(Case(store.truths[place], answer_of(name, line)))
    starts = {
        name: [
            s["first_answer_ms"]
            for s in store.starts
            if (s["engine"], s["version"]) == (name, versions[name])
        ]
        for name in commands
    }
    return Asked(cases, greetings, starts)


def _greeting(name: str, command: list[str]) -> dict[str, Any]:
    engine = Engine(name, command)
    engine.close()
    return engine.greeting


def _run(plan: Sequence[Task], lane: Lane, store: Store, jobs: int) -> dict[Task, str]:
    """Runs the lanes; returns the digest of each picture as it is drawn now."""
    context = mp.get_context("spawn")  # no inherited threads, no inherited memory
    tasks: Any = context.Queue()
    lines: Any = context.Queue()
    for task in plan:
        tasks.put(task)
    lanes = [
        context.Process(target=lane.work, args=(tasks, lines), daemon=True) for _ in range(jobs)
    ]
    for process in lanes:
        tasks.put(None)
        process.start()
    bar = Progress(len(plan))
    digests: dict[Task, str] = {}
    try:
        while len(digests) < len(plan):
            line = _next_line(lines, lanes)
            if line["line"] == "failed":
                raise EngineError(line["why"])
            if line["line"] == "done":
                digests[line["set"], line["index"]] = line["jpeg"]
                bar.step()
            else:
                store.add(line)
    finally:
        for process in lanes:
            process.join(5) if len(digests) == len(plan) else process.terminate()
    return digests


def _next_task(tasks: Tasks) -> Task | None:
    """None at the end, and when the parent is gone: killed, it could not say so."""
    parent = mp.parent_process()
    while parent is None or parent.is_alive():
        try:
            found: Task | None = tasks.get(timeout=2)
            return found
        except queue.Empty:
            continue
    return None


def _next_line(lines: Any, lanes: Sequence[Any]) -> dict[str, Any]:
    while True:
        try:
            found: dict[str, Any] = lines.get(timeout=2)
            return found
        except queue.Empty:
            if any(process.exitcode not in (None, 0) for process in lanes):
                raise EngineError("a drawing process ended without a word") from None
