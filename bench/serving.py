"""An engine in a process of its own: pictures go in through a pipe, one JSON line each comes out.

Standard library only, because the rival's environment has no idocr. A request is four bytes of
length (big endian) and a picture's bytes. The first line that an engine prints is its greeting:
who it is, how long it took to start.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

LENGTH = struct.Struct(">I")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "OPENCV_LOG_LEVEL": "ERROR",
}
PACKAGES = ("idocr", "rapidocr", "onnxruntime", "numpy", "opencv-python-headless", "opencv-python")


class EngineError(RuntimeError):
    """The engine's process could not start, or died; the message says what it said last."""


# ---- the engine's end ---------------------------------------------------------------------------


def peak_mb() -> float:
    """The most memory this process held. Linux carries `ru_maxrss` over from whoever started it."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return next(int(s.split()[1]) for s in status.splitlines() if s.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def digest(files: Iterable[Path]) -> str:
    """12 hexadecimal digits that change when one of the files does."""
    found = hashlib.sha256()
    for path in sorted(files):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def versions() -> dict[str, str]:
    """What is installed here of what the figures depend on."""
    installed = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
    found = {name: installed[name] for name in PACKAGES if name in installed}
    return found | {"python": platform.python_version()}


def serve(version: str, start: float, read: Callable[[bytes], dict[str, Any]]) -> None:
    """Answers until the pipe closes. start: `time.perf_counter()` before anything was imported."""
    # Libraries print what they like to standard output: only answers may get there.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ready_ms = (time.perf_counter() - start) * 1000
    greeting = {"version": version, "ready_ms": ready_ms, "versions": versions()}
    print(json.dumps(greeting), file=answers, flush=True)
    while head := sys.stdin.buffer.read(LENGTH.size):
        picture = sys.stdin.buffer.read(LENGTH.unpack(head)[0])
        wall, cpu = time.perf_counter(), time.process_time()
        answer = read(picture)
        answer["wall_ms"] = round((time.perf_counter() - wall) * 1000, 2)
        answer["cpu_ms"] = round((time.process_time() - cpu) * 1000, 2)
        answer["peak_mb"] = round(peak_mb(), 1)
        print(json.dumps(answer, ensure_ascii=False), file=answers, flush=True)


# ---- the report's end ---------------------------------------------------------------------------


class Engine:
    """A running engine. Not to be shared between threads."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, **ONE_THREAD},
            )
        except OSError as error:
            self._errors.close()
            raise EngineError(f"{name}: {command[0]} does not run: {error.strerror}") from error
        self.greeting = self._line()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            last = "\n  ".join(said[-6:]) or "nothing"
            self.close()
            raise EngineError(f"{self.name}: its process ended. It said:\n  {last}")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, picture: bytes) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # the missing answer says why
            self._process.stdin.write(LENGTH.pack(len(picture)) + picture)
            self._process.stdin.flush()
        return self._line()

    def close(self) -> None:
        """Ends the process; may be called twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)
        self._errors.close()
