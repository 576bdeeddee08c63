"""`idocr serve` under load, beside the library alone on the same cores, in one run.

    python bench/server.py --requests 400 --workers 1 2
    python bench/server.py --requests 20000 --workers 2 --turns 20 --small     memory over many requests

For each number of workers the library (so many threads on one Recognizer) and the server (so many workers,
twice as many callers, each with one request at a time) take turns, so that other work on the machine
touches both. Tells pictures a second of each and their ratio, CPU time a picture of each (the server's
without its callers'), the 99th percentile, the server's memory after each turn, and how a server without a
free seat refuses, in every format. Ends with 1 if an answer was not the library's own or a refusal not in
the format's words. Writes bench/reports/server.md and server.json, and leaves there what other options gave.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import cv2
from crowd import gather

import idocr
from idocr.bench import processor

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "tests" / "samples"
PICTURES = [(SAMPLES / f"{name}.jpg").read_bytes() for name in ("portrait", "emblem")]
SMALL = ("emblem", "none_page")  # of a card the side with less print: a run of 20,000 is long
ROUTE = "/api/ai/ocr/idcard"
KIND = {"Content-Type": "image/jpeg"}
MOST_OF_LIBRARY = 400
CALLS_OF_CROWD = 12  # in each format


@contextmanager
def server(workers: int, queue: int) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server of its own."""
    command = [sys.executable, "-m", "idocr", "serve", "--port", "0", "--quiet"]
    command += ["--workers", str(workers), "--queue", str(queue)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())  # type: ignore[union-attr]
            if found is None:
                raise SystemExit("the server did not start")
            yield int(found[1]), process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def ask(port: int, index: int, pictures: list[bytes]) -> tuple[int, float]:
    """The error code of the answer, 0 for a card, and the seconds that it took."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", ROUTE, pictures[index % len(pictures)], KIND)
        body = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return int(body["data"]["error_code"]), time.perf_counter() - start


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def cpu_s(pid: int) -> float:
    """User and system time of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(
    call: Callable[[int], tuple[int, float]], count: int, callers: int
) -> tuple[float, list[tuple[int, float]]]:
    """Seconds in all, and what each call gave."""
    with ThreadPoolExecutor(callers) as pool:
        start = time.perf_counter()
        given = list(pool.map(call, range(count)))
        return time.perf_counter() - start, given


@dataclass
class Side:
    """What one of the two did in its turns."""

    pid: int
    call: Callable[[int], tuple[int, float]]
    callers: int
    count: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    given: list[tuple[int, float]] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def turn(self, count: int) -> None:
        before = cpu_s(self.pid)
        passed, given = timed(self.call, count, self.callers)
        self.count += count
        self.wall_s += passed
        self.cpu_s += cpu_s(self.pid) - before
        self.given += given
        self.memory_mb.append(resident_mb(self.pid))

    @property
    def rate(self) -> float:
        return self.count / self.wall_s

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / self.count


@dataclass(frozen=True)
class Run:
    """What is kept of one number of workers."""

    workers: int
    requests: int
    small: bool
    library_per_s: float
    server_per_s: float
    library_cpu_ms: float
    server_cpu_ms: float
    within_ms: dict[str, float]  # of half and of 99 % of the requests
    memory_mb: list[float]
    wrong: int  # answers that were not the library's
    crowd: dict[str, str]
    crowd_wrong: int
    date: str
    processor: str

    @property
    def key(self) -> tuple[int, bool]:
        return self.workers, self.small

    @property
    def pictures(self) -> str:
        return "400x300" if self.small else "1280x960"


def measure(workers: int, count: int, turns: int, pictures: list[bytes], small: bool) -> Run:
    """count: a multiple of turns."""
    recognizer = idocr.Recognizer()

    def read(index: int) -> tuple[int, float]:
        picture = pictures[index % len(pictures)]
        body: Any = recognizer.recognize(picture, format="tempeisite")
        return int(body["data"]["error_code"]), 0.0

    own = [read(index)[0] for index in range(len(pictures))]
    with server(workers, queue=0) as (port, _):
        crowds = gather(port, pictures[0], 8 * workers, CALLS_OF_CROWD)
    with server(workers, queue=2 * workers) as (port, pid):
        library = Side(os.getpid(), read, workers)
        served = Side(pid, lambda index: ask(port, index, pictures), 2 * workers)
        for side in (library, served):
            timed(side.call, 4 * workers, side.callers)  # warm
        for turn in range(turns):
            library.turn(max(min(count, MOST_OF_LIBRARY) // turns, 1))
            served.turn(count // turns)
            told = f"{served.count} requests, {served.rate:.1f}/s, {served.memory_mb[-1]:.1f} MB"
            print(f"turn {turn + 1} of {turns}: {told}", file=sys.stderr, flush=True)
    ordered = sorted(1000 * passed for _, passed in served.given)
    # Each turn of the server begins with the first picture again.
    expected = [own[index % len(own)] for _ in range(turns) for index in range(count // turns)]
    return Run(
        workers=workers,
        requests=served.count,
        small=small,
        library_per_s=round(library.rate, 2),
        server_per_s=round(served.rate, 2),
        library_cpu_ms=round(library.cpu_ms, 1),
        server_cpu_ms=round(served.cpu_ms, 1),
        within_ms={s: round(ordered[int(len(ordered) * float(s))]) for s in ("0.5", "0.99")},
        memory_mb=[round(mb, 1) for mb in served.memory_mb],
        wrong=sum(code != e for (code, _), e in zip(served.given, expected, strict=True)),
        crowd={name: str(crowd) for name, crowd in crowds.items()},
        crowd_wrong=sum(crowd.other for crowd in crowds.values()),
        date=f"{date.today():%Y-%m-%d}",
        processor=processor(),
    )


def report(runs: list[Run]) -> str:
    lines = [
        f"`bench/server.py` on {os.cpu_count()} cores of {runs[-1].processor}; the machine had other work, "
        "and library and server took turns: the ratios hold, the figures a second are of that hour.",
        "",
        "| workers | pictures | requests | library/s | server/s | ratio | CPU ms, library and server "
        "| their ratio | half within, ms | 99 % within, ms | memory, MB: first turn, last, most "
        "| wrong answers | on |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        memory = (run.memory_mb[0], run.memory_mb[-1], max(run.memory_mb))
        cells = (
            run.workers,
            run.pictures,
            run.requests,
            f"{run.library_per_s:.1f}",
            f"{run.server_per_s:.1f}",
            f"{run.server_per_s / run.library_per_s:.2f}",
            f"{run.library_cpu_ms:.1f}, {run.server_cpu_ms:.1f}",
            f"{run.library_cpu_ms / run.server_cpu_ms:.2f}",
            *(f"{ms:.0f}" for ms in run.within_ms.values()),
            ", ".join(f"{mb:.1f}" for mb in memory),
            run.wrong + run.crowd_wrong,
            run.date,
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    most = max(runs, key=lambda run: run.requests)
    lines += [
        "",
        f"Memory after each {most.requests // len(most.memory_mb)} of the {most.requests} requests, MB: "
        + ", ".join(f"{mb:.1f}" for mb in most.memory_mb)
        + ".",
        "",
        "Without a queue and with eight callers to a worker, each format refused in its own words:",
        "",
        "| format | "
        + " | ".join(f"{run.workers} workers, {run.pictures} px" for run in runs)
        + " |",
        "|---" * (len(runs) + 1) + "|",
    ]
    lines += [
        f"| {name} | " + " | ".join(run.crowd[name] for run in runs) + " |" for name in most.crowd
    ]
    return "\n".join(lines) + "\n"


def keep(run: Run, folder: Path) -> str:
    """Write the run beside those of other options; the report of all."""
    path = folder / "server.json"
    told = json.loads(path.read_text("utf-8")) if path.exists() else []
    runs = [other for other in (Run(**run) for run in told) if other.key != run.key] + [run]
    runs.sort(key=lambda run: (run.small, run.workers))
    text = report(runs)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps([asdict(r) for r in runs], indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    (folder / "server.md").write_text(text, "utf-8")
    return text


def reduced(name: str) -> bytes:
    """A sample at 400x300 px."""
    bgr = cv2.imread(str(SAMPLES / f"{name}.jpg"), cv2.IMREAD_COLOR)
    assert bgr is not None
    small = cv2.resize(bgr, (400, 300), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small)[1].tobytes()


def main() -> int:
    parser = argparse.ArgumentParser(description="idocr serve beside the library alone")
    parser.add_argument("--requests", type=int, default=400, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--turns", type=int, default=4, metavar="N")
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="folder of the report")
    parser.add_argument("--small", action="store_true", help="a card and a page of 400x300 px")
    options = parser.parse_args()
    pictures = [reduced(name) for name in SMALL] if options.small else PICTURES
    wrong = 0
    for workers in options.workers:
        run = measure(workers, options.requests, options.turns, pictures, options.small)
        print(keep(run, options.out), flush=True)
        wrong += run.wrong + run.crowd_wrong
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
