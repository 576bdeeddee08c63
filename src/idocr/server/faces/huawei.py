"""Huawei Cloud OCR `POST /v1.0/ocr/id-card` and `POST /v2/{project_id}/ocr/id-card`: JSON.

Callers show an X-Auth-Token of the settings or sign with SDK-HMAC-SHA256. Exactly one of `image` and
`url`; both are an error, as the document says. Every answer has an X-Request-Id, which the SDK reads.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from ...errors import ArgumentError
from ...image import Limits
from ...reading import Reading
from ...wire import FORMATS, huawei
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received, from_base64
from .base import Call, Face, Outcome, Refused, Reply


class HuaweiV1Face(Face):
    format_name = "huawei"
    paths = ("/v1.0/ocr/id-card",)
    prefixes: ClassVar[tuple[str, ...]] = ("/v1.0", "/v2")
    unknown = huawei.UNKNOWN_PATH
    busy = late = huawei.TOO_MANY_REQUESTS
    too_large = huawei.WRONG_LENGTH
    url_refused, url_failed = huawei.URL_REFUSED, huawei.URL_FAILED
    limits: ClassVar[Limits] = huawei.LIMITS_V1
    sides: ClassVar[tuple[str, ...]] = ("front", "back", "")

    def understand(self, received: Received) -> Call:
        if not self.is_open:
            self._let_in(received)
        try:
            told = received.json
        except BodyError:
            raise Refused(huawei.NOT_JSON) from None
        image, url = (told.get(name) or "" for name in ("image", "url"))
        if not isinstance(image, str) or not isinstance(url, str) or bool(image) == bool(url):
            raise ArgumentError("image", "exactly one of image and url")
        side = told.get("side") or ""
        if side not in self.sides:
            raise ArgumentError("side", f"is none of {self.sides}")
        try:
            data = from_base64(image)
        except BodyError:
            raise Refused(huawei.UNSUPPORTED_FORMAT) from None
        return Call(data, url, self._switches(told), self.limits, side == "double_side")

    def _switches(self, told: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - v2 has some
        return {}

    def _let_in(self, received: Received) -> None:
        headers = received.headers
        token = headers.get("x-auth-token")
        if token is not None:
            if not token.strip():
                raise Refused(huawei.NO_TOKEN, "unauthorized")
            if not token.isascii() or len(token.split()) > 1:
                raise Refused(huawei.UNREADABLE_TOKEN, "unauthorized")
            if not signatures.any_of(self.settings.tokens, token):
                raise Refused(huawei.INVALID_TOKEN, "unauthorized")
        elif "authorization" not in headers:
            raise Refused(huawei.NO_TOKEN, "unauthorized")
        elif not signatures.is_signed_for_huawei(received.signed, self.settings.keys):
            raise Refused(huawei.WRONG_SIGNATURE, "unauthorized")

    def answer(self, readings: Sequence[Reading], call: Call, time_used_ms: int) -> dict[str, Any]:
        if call.all_cards:
            return cast("dict[str, Any]", huawei.double_side_answer(readings, **call.switches))
        return super().answer(readings, call, time_used_ms)

    def reply(self, body: dict[str, Any], found: bool, received: Received) -> Reply:  # noqa: ARG002
        if "error_code" in body:  # NO_CARD and SAME_SIDES come as answers
            return Reply(400, body, "refused" if found else "no_card", _request_id())
        return Reply(200, body, "card", _request_id())

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        message = refusal.message.replace("{limit}", str(self.seats))
        body = huawei.refuse(refusal._replace(message=message))
        return Reply(refusal.http_status, cast("dict[str, Any]", body), outcome, _request_id())


class HuaweiFace(HuaweiV1Face):
    paths = ("/v2/{project_id}/ocr/id-card",)
    prefixes = ()  # v1.0 answers for both
    limits = huawei.LIMITS
    sides = ("front", "back", "", "double_side")

    def _switches(self, told: Mapping[str, Any]) -> dict[str, Any]:
        known = FORMATS["huawei"].switches
        switches = {name: told[name] for name in known if told.get(name) is not None}
        FORMATS["huawei"].check(switches)
        return switches


def _request_id() -> dict[str, str]:
    return {"X-Request-Id": uuid.uuid4().hex}
