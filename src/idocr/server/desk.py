"""One request from its bytes to its answer, in a worker: understand, fetch, read, answer, refuse."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ..reading import Reading
from ..recognizer import Recognizer
from ..wire.refusals import Refusal
from .bodies import Received
from .faces.base import Call, Face, Outcome, Refused, Reply
from .fetch import UrlFailedError, UrlRefusedError, fetch
from .settings import Settings

log = logging.getLogger("idocr.server")
# What a caller can be at fault for; anything else is the server's own failure.
CALLERS_FAULT = (ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError)


class Desk:
    """Safe between threads: the Recognizer keeps no state of a call."""

    def __init__(self, settings: Settings, recognizer: Recognizer) -> None:
        self._settings, self._recognizer = settings, recognizer

    def answer(self, face: Face, received: Received, arrived: float) -> Reply:
        """Never raises. arrived: when the body was complete, by time.monotonic."""
        try:
            if time.monotonic() - arrived > self._settings.wait_s:
                raise Refused(face.late, "busy")
            call = face.understand(received)
            return call if isinstance(call, Reply) else self._read(face, call, received, arrived)
        except Exception as error:
            refusal, outcome = refusal_for(face, error)
            if outcome == "failed":
                log.error("%s: %s", face.format_name, where(error))
            return face.refuse(refusal, outcome, received)

    def _read(self, face: Face, call: Call, received: Received, arrived: float) -> Reply:
        limits = face.limits(call)
        image = call.image
        if call.url:
            hosts, seconds = self._settings.image_url_hosts, self._settings.image_url_s
            image = fetch(call.url, hosts, limits.max_bytes, seconds)
        options: dict[str, Any] = {"limits": limits, **face.crops(call)}
        readings: Sequence[Reading]
        if call.all_cards:
            readings = self._recognizer.read_all(image, **options)
        else:
            readings = [self._recognizer.read(image, **options)]
        passed_ms = round((time.monotonic() - arrived) * 1000)
        body = face.answer(readings, call, passed_ms)
        return face.reply(body, any(reading.found for reading in readings), received)


def refusal_for(face: Face, error: Exception) -> tuple[Refusal, Outcome]:
    """What an error is in the format's words, and how it is counted."""
    if isinstance(error, Refused):
        return error.refusal, error.outcome
    if isinstance(error, UrlRefusedError):
        return face.url_refused, "refused"
    if isinstance(error, UrlFailedError):
        return face.url_failed, "refused"
    return face.refusal_for(error), "refused" if isinstance(error, CALLERS_FAULT) else "failed"


def where(error: BaseException) -> str:
    """The kind of an error and the place it came from: its message might hold what was read."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace else None
    place = f" in {code.co_qualname}, line {trace.tb_lineno}" if code and trace else ""
    return f"{type(error).__name__}{place}"
