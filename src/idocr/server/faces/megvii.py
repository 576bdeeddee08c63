"""Megvii FaceID v3 `POST /faceid/v3/ocridcard`: multipart with api_key, api_secret and the file `image`.

Arguments are checked in the document's order: what is missing, whether the pair is right, then values.
Every error says its name twice, as `error` and `error_message`: clients read either. 413 is plain text.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypedDict

from ...errors import ArgumentError, FileTooLargeError
from ...reading import Reading
from ...wire import megvii
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received
from ..settings import Settings
from .base import (
    BYTES,
    TEXT,
    Call,
    Description,
    Face,
    Outcome,
    Refused,
    Reply,
    one_of,
    schema_of_object,
)

NOT_FOUND = Refusal("API_NOT_FOUND", "", 404)
WRONG_PAIR = Refusal("AUTHENTICATION_ERROR", "", 403)
DENIED = Refusal("AUTHORIZATION_ERROR:DENIED.", "", 403)
LIMIT_REACHED = Refusal("AUTHORIZATION_ERROR:Limit reached.", "", 403)
BUSY = Refusal("CONCURRENCY_LIMIT_EXCEEDED", "", 403)
TOO_LARGE = Refusal("Request Entity Too Large", "", 413)
URL_REFUSED = Refusal("BAD_ARGUMENTS: image", "", 400)  # the format has no URLs


class _ErrorAnswer(TypedDict):
    error: str
    error_message: str
    time_used: int


class ErrorAnswer(_ErrorAnswer, total=False):
    request_id: str  # not with API_NOT_FOUND and AUTHORIZATION_ERROR


WITHOUT_REQUEST_ID = (NOT_FOUND, DENIED, LIMIT_REACHED)


class MegviiFace(Face):
    format_name = "megvii"
    paths = ("/faceid/v3/ocridcard",)
    prefixes = ("/faceid",)
    unknown = NOT_FOUND
    busy = late = BUSY
    too_large = TOO_LARGE
    url_refused = url_failed = URL_REFUSED
    description = Description(
        "Megvii FaceID v3 ocridcard",
        "api_key and api_secret: a pair of [megvii.keys].",
        {
            "multipart/form-data": schema_of_object(
                ["image"],
                api_key=TEXT,
                api_secret=TEXT,
                image=BYTES,
                return_portrait=one_of("0", "1"),
                exception_range=TEXT,
            )
        },
        {
            200: megvii.PortraitSideAnswer | megvii.EmblemSideAnswer,
            400: ErrorAnswer,
            403: ErrorAnswer,
            404: ErrorAnswer,
            413: str,
            500: ErrorAnswer,
        },
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def understand(self, received: Received) -> Call:
        try:
            key, secret = received.text("api_key"), received.text("api_secret")
            image = received.form.get("image", b"")
            portrait = received.text("return_portrait")
            counted = received.text("exception_range")
            encrypted = received.text("encryption_type")
        except BodyError:
            raise Refused(Refusal("BAD_ARGUMENTS: body", "", 400)) from None
        required = {"image": image} if self.is_open else {"api_key": key, "api_secret": secret}
        for name, value in (required | {"image": image}).items():
            if not value:
                raise Refused(Refusal(f"MISSING_ARGUMENTS: {name}", "", 400))
        if not self.is_open:
            self._let_in(key or "", secret or "")
        if encrypted:
            raise ArgumentError("encryption_type", "is not for a server on one's own machine")
        switches: dict[str, Any] = {}
        if portrait:
            if portrait not in ("0", "1"):
                raise ArgumentError("return_portrait", "must be 0 or 1")
            switches["return_portrait"] = portrait == "1"
        if counted:
            switches["exception_range"] = megvii.parse_exception_range(counted)
        limits = megvii.LIMITS_CURRENT if self.settings.limits == "current" else megvii.LIMITS
        return Call(image, switches=switches, limits=limits)

    def _let_in(self, key: str, secret: str) -> None:
        if not signatures.is_pair(self.settings.keys, key, secret):
            raise Refused(WRONG_PAIR, "unauthorized")
        if key in self.settings.denied:
            raise Refused(DENIED, "unauthorized")
        with self._lock:
            self._calls[key] += 1
            if 0 < self.settings.most_calls < self._calls[key]:
                raise Refused(LIMIT_REACHED, "unauthorized")

    def answer(self, readings: Sequence[Reading], call: Call, time_used_ms: int) -> dict[str, Any]:
        body = super().answer(readings, call, time_used_ms)
        return body | {"error_message": body["error"]} if "error" in body else body

    def reply(self, body: dict[str, Any], found: bool, received: Received) -> Reply:  # noqa: ARG002
        return Reply(200, body, "card") if found else Reply(400, body, "no_card")

    def refusal_for(self, error: Exception) -> Refusal:
        if isinstance(error, FileTooLargeError):
            return TOO_LARGE
        name = megvii.refusal_for(error)
        return Refusal(name, "", 500 if name == "INTERNAL_ERROR" else 400)

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        name = str(refusal.code)
        if refusal == TOO_LARGE:
            return Reply(refusal.http_status, name, outcome)
        body: dict[str, Any] = {"error": name, "error_message": name, "time_used": 0}
        if refusal not in WITHOUT_REQUEST_ID:
            body["request_id"] = f"{int(time.time())},{uuid.uuid4()}"
        return Reply(refusal.http_status, body, outcome)
