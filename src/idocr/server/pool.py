"""The pool of workers and the bounded queue in front of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


class Pool:
    """Workers that share one Recognizer, and a seat for each request: at work, waiting or arriving.

    A request takes its seat before its body is read, so that the seats bound the memory too. Who finds
    no seat is refused at once. Seats are of the event loop; only the count of busy workers is shared.
    """

    def __init__(self, workers: int, queue: int) -> None:
        self._seats = workers + queue
        self._taken = 0
        self._waiting = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="idocr")

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Whether there is a seat; held until the block ends."""
        if self._taken >= self._seats:
            yield False
            return
        self._taken += 1
        try:
            yield True
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[], Result]) -> Result:
        """Wait for a worker and for what it makes of the work."""
        with self._lock:
            self._waiting += 1
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, self._work, work)

    def _work(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            self._waiting -= 1
            self._busy += 1
        try:
            return work()
        finally:
            with self._lock:
                self._busy -= 1

    def waiting(self) -> int:
        return self._waiting

    def busy(self) -> int:
        return self._busy

    def close(self) -> None:
        self._workers.shutdown()
