"""Huawei Cloud OCR `POST /v1.0/ocr/id-card` and `POST /v2/{project_id}/ocr/id-card`: JSON.

Callers show an X-Auth-Token or sign with SDK-HMAC-SHA256. A token is one of the settings, or comes from
`POST /v3/auth/tokens` (`iam`). Exactly one of `image` and `url`; both are an error, as the document says.
Every answer has an X-Request-Id, which the SDK reads.
"""

from __future__ import annotations

import time
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
from .base import (
    BASE64,
    TEXT,
    Call,
    Description,
    Face,
    Outcome,
    Parameter,
    Refused,
    Reply,
    Schema,
    one_of,
    schema_of_object,
)

SIDES = ("front", "back", "")
CALLERS = "X-Auth-Token, or a signature SDK-HMAC-SHA256 with a pair of [huawei.keys]."
HEADERS = tuple(Parameter(name, "header") for name in ("X-Auth-Token", "X-Sdk-Date"))
ERRORS = dict.fromkeys((400, 401, 404, 429, 500), huawei.ErrorAnswer)
FLAG: Schema = {"type": "boolean"}
V2_FLAGS = dict.fromkeys(huawei.Switches.__annotations__, FLAG)
RENEW = "Token expired. The token expires."


class HuaweiV1Face(Face):
    format_name = "huawei"
    paths = ("/v1.0/ocr/id-card",)
    prefixes: ClassVar[tuple[str, ...]] = ("/v1.0", "/v2")
    unknown = huawei.UNKNOWN_PATH
    busy = late = huawei.TOO_MANY_REQUESTS
    too_large = huawei.WRONG_LENGTH
    url_refused, url_failed = huawei.URL_REFUSED, huawei.URL_FAILED
    accepted: ClassVar[Limits] = huawei.LIMITS_V1
    sides: ClassVar[tuple[str, ...]] = SIDES
    description = Description(
        "Huawei Cloud OCR id-card, v1.0",
        CALLERS,
        {"application/json": schema_of_object(image=BASE64, url=TEXT, side=one_of(*SIDES))},
        {200: huawei.ResultAnswer, **ERRORS},
        HEADERS,
    )

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
        return Call(data, url, self._switches(told), self.accepted, side == "double_side")

    def _switches(self, told: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - v2 has some
        return {}

    def _let_in(self, received: Received) -> None:
        headers = received.headers
        token = headers.get("x-auth-token")
        if token is not None:
            if not token.strip():
                raise Refused(huawei.NO_TOKEN, "unauthorized")
            if not token.isascii():
                raise Refused(huawei.UNREADABLE_TOKEN, "unauthorized")
            if len(token.split()) > 1:
                raise Refused(huawei.INVALID_TOKEN_HEADER, "unauthorized")
            if not signatures.any_of(self.settings.tokens, token):
                self._check_minted(token)
        elif "authorization" not in headers:
            raise Refused(huawei.NO_TOKEN, "unauthorized")
        elif not signatures.is_signed_for_huawei(received.signed, self.settings.keys):
            raise Refused(huawei.WRONG_SIGNATURE, "unauthorized")

    def _check_minted(self, token: str) -> None:
        expires = signatures.huawei_token_expiry(self.settings.keys, token)
        if expires is None:
            raise Refused(huawei.INVALID_TOKEN, "unauthorized")
        if expires < time.time():
            raise Refused(huawei.EXPIRED_TOKEN, "unauthorized")

    def answer(self, readings: Sequence[Reading], call: Call, time_used_ms: int) -> dict[str, Any]:
        if call.all_cards:
            return cast("dict[str, Any]", huawei.double_side_answer(readings, **call.switches))
        return super().answer(readings, call, time_used_ms)

    def reply(self, body: dict[str, Any], found: bool, received: Received) -> Reply:  # noqa: ARG002
        if "error_code" in body:  # NO_CARD and SAME_SIDES come as answers
            return Reply(400, body, "refused" if found else "no_card", request_id())
        return Reply(200, body, "card", request_id())

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        message = refusal.message.replace("{limit}", str(self.seats))
        body = cast("dict[str, Any]", huawei.refuse(refusal._replace(message=message)))
        if refusal == huawei.EXPIRED_TOKEN:
            body["message"] = RENEW  # by these words older clients know that they need a new one
        return Reply(refusal.http_status, body, outcome, request_id())


class HuaweiFace(HuaweiV1Face):
    paths = ("/v2/{project_id}/ocr/id-card",)
    prefixes = ()  # v1.0 answers for both
    accepted = huawei.LIMITS
    sides = (*SIDES, "double_side")
    description = Description(
        "Huawei Cloud OCR id-card, v2",
        CALLERS,
        {
            "application/json": schema_of_object(
                image=BASE64, url=TEXT, side=one_of(*sides), **V2_FLAGS
            )
        },
        {200: huawei.ResultAnswer | huawei.DoubleSideAnswer, **ERRORS},
        HEADERS,
    )

    def _switches(self, told: Mapping[str, Any]) -> dict[str, Any]:
        known = FORMATS["huawei"].switches
        switches = {name: told[name] for name in known if told.get(name) is not None}
        FORMATS["huawei"].check(switches)
        return switches


def request_id() -> dict[str, str]:
    """The header that the SDK reads."""
    return {"X-Request-Id": uuid.uuid4().hex}
