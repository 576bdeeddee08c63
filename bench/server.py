"""`idocr serve` under load, beside the library alone on the same cores, in one run.

    python bench/server.py --requests 400 --workers 1 2
    python bench/server.py --requests 20000 --workers 2 --small     memory over many requests

For each number of workers the library (so many threads on one Recognizer) and the server (so many workers,
twice as many callers, each with one request at a time) take turns, so that other work on the machine
touches both. Prints pictures a second of each and their ratio, CPU time a picture of each (the server's
without its callers'), the 99th percentile, the server's memory after each turn, and how a server without a
free seat refuses. Ends with 1 if an answer was not the library's own or the format's refusal.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2

import idocr

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
PICTURES = [(SAMPLES / f"{name}.jpg").read_bytes() for name in ("portrait", "emblem")]
SMALL = ("emblem", "none_page")  # of a card the side with less print: a run of 20,000 is long
ROUTE = "/api/ai/ocr/idcard"
KIND = {"Content-Type": "image/jpeg"}
BUSY = 50001
TURNS = 4
MOST_OF_LIBRARY = 400


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


def measure(workers: int, count: int, pictures: list[bytes]) -> bool:
    """Print one line; whether every answer was right."""
    recognizer = idocr.Recognizer()

    def read(index: int) -> tuple[int, float]:
        picture = pictures[index % len(pictures)]
        body: Any = recognizer.recognize(picture, format="tempeisite")
        return int(body["data"]["error_code"]), 0.0

    own = [read(index)[0] for index in range(len(pictures))]
    with server(workers, queue=2 * workers) as (port, pid):
        library = Side(os.getpid(), read, workers)
        served = Side(pid, lambda index: ask(port, index, pictures), 2 * workers)
        for side in (library, served):
            timed(side.call, 4 * workers, side.callers)  # warm
        for _ in range(TURNS):
            library.turn(min(count, MOST_OF_LIBRARY) // TURNS)
            served.turn(count // TURNS)
    with server(workers, queue=0) as (port, _):
        _, crowd = timed(lambda index: ask(port, index, pictures), 20 * workers, 8 * workers)
    seconds = sorted(passed for _, passed in served.given)
    refused = sum(code == BUSY for code, _ in crowd)
    print(
        f"{workers} workers, {served.count} requests: library {library.rate:.1f}/s, server "
        f"{served.rate:.1f}/s, ratio {served.rate / library.rate:.2f}; CPU ms a picture {library.cpu_ms:.1f} "
        f"and {served.cpu_ms:.1f}; 99 % within {1000 * seconds[int(len(seconds) * 0.99)]:.0f} ms; memory "
        f"{', '.join(f'{mb:.1f}' for mb in served.memory_mb)} MB; of {len(crowd)} without a queue "
        f"{refused} refused",
        flush=True,
    )
    # Each turn of the server begins with the first picture again.
    expected = [own[index % len(own)] for _ in range(TURNS) for index in range(count // TURNS)]
    return [code for code, _ in served.given] == expected and all(
        code in (*own, BUSY) for code, _ in crowd
    )


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
    parser.add_argument("--small", action="store_true", help="a card and a page of 400x300 px")
    options = parser.parse_args()
    pictures = [reduced(name) for name in SMALL] if options.small else PICTURES
    wrong = sum(not measure(w, options.requests, pictures) for w in options.workers)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
