"""Baidu `POST /rest/2.0/ocr/v1/idcard?access_token=...`: an urlencoded form; errors with HTTP 200.

The token comes from `/oauth/2.0/token`, whose answer has the scope that the official client looks for.
"""

from __future__ import annotations

import secrets
import time
from typing import Any, TypedDict

from ...errors import ArgumentError
from ...wire import baidu
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received, from_base64
from .base import (
    BASE64,
    FORM,
    TEXT,
    Call,
    Description,
    Face,
    Parameter,
    Refused,
    Reply,
    flag,
    one_of,
    schema_of_object,
)

FLAGS = ("detect_direction", "detect_risk", "detect_quality", "detect_photo", "detect_card")
TOKEN_FIELDS = ("grant_type", "client_id", "client_secret")
UNKNOWN_METHOD = Refusal(3, "Unsupported openapi method", 200)


class BaiduFace(Face):
    format_name = "baidu"
    paths = ("/rest/2.0/ocr/v1/idcard",)
    prefixes = ("/rest/2.0",)
    unknown = UNKNOWN_METHOD
    busy = late = baidu.TOO_MANY_REQUESTS
    too_large = baidu.IMAGE_SIZE
    url_refused = Refusal(282111, "url format illegal", 200)
    url_failed = Refusal(282112, "url download timeout", 200)
    description = Description(
        "Baidu idcard",
        "access_token: from /oauth/2.0/token.",
        {
            FORM: schema_of_object(
                ["id_card_side"],
                id_card_side=one_of("front", "back"),
                image=BASE64,
                url=TEXT,
                **dict.fromkeys(FLAGS, one_of("true", "false")),
            )
        },
        {200: baidu.Answer | baidu.ErrorAnswer},
        (Parameter("access_token", "query"),),
    )

    def understand(self, received: Received) -> Call:
        if not self.is_open:
            self._let_in(received.query_fields.get("access_token", ""))
        try:
            side = received.text("id_card_side")
            image, url = received.text("image"), received.text("url")
            told = {name: received.text(name) for name in FLAGS}
        except BodyError:
            raise Refused(baidu.INVALID_PARAMETER) from None
        if not side or (image is None and not url):
            raise Refused(baidu.MISSING_PARAMETER)
        if side not in ("front", "back"):
            raise ArgumentError("id_card_side", "must be front or back")
        if not image and not url:
            raise Refused(baidu.EMPTY_IMAGE)
        switches: dict[str, Any] = {"id_card_side": side}
        switches |= {name: flag(value, name) for name, value in told.items() if value}
        try:
            data = from_base64(image or "")
        except BodyError:
            raise Refused(baidu.IMAGE_FORMAT) from None
        return Call(data, "" if image else url or "", switches)

    def _let_in(self, token: str) -> None:
        expires = signatures.token_expiry(self.settings.keys, token)
        if expires is None:
            raise Refused(baidu.INVALID_TOKEN, "unauthorized")
        if expires < time.time():
            raise Refused(baidu.EXPIRED_TOKEN, "unauthorized")


class TokenAnswer(TypedDict):
    access_token: str
    expires_in: int
    refresh_token: str
    scope: str
    session_key: str
    session_secret: str


class TokenError(TypedDict):
    error: str
    error_description: str


class BaiduTokenFace(Face):
    """`/oauth/2.0/token?grant_type=client_credentials&client_id=...&client_secret=...`."""

    format_name = "baidu"
    paths = ("/oauth/2.0/token",)
    methods = ("GET", "POST")
    unknown = UNKNOWN_METHOD
    busy = late = baidu.TOO_MANY_REQUESTS
    too_large = baidu.INVALID_PARAMETER
    description = Description(
        "Baidu: an access_token",
        "client_id and client_secret: a pair of [baidu.keys]; in the query or in a form.",
        {FORM: schema_of_object(**dict.fromkeys(TOKEN_FIELDS, TEXT))},
        {200: TokenAnswer | baidu.ErrorAnswer, 401: TokenError},
        tuple(Parameter(name, "query") for name in TOKEN_FIELDS),
        needs_body=False,
    )

    def understand(self, received: Received) -> Reply:
        told = dict(received.query_fields)
        if received.body:
            try:
                told |= {name: received.text(name) or "" for name in received.form}
            except BodyError:
                return _no_token("invalid_request", "malformed body")
        if told.get("grant_type") != "client_credentials":
            return _no_token(
                "unsupported_grant_type", "The authorization grant type is not supported"
            )
        name, keys = told.get("client_id", ""), self.settings.keys
        if not self.is_open and not signatures.is_pair(keys, name, told.get("client_secret", "")):
            description = (
                "unknown client id" if name not in keys else "Client authentication failed"
            )
            return _no_token("invalid_client", description)
        body = {
            "access_token": signatures.mint_token(keys, name),
            "expires_in": signatures.BAIDU_TOKEN_S,
            "refresh_token": secrets.token_hex(),
            "scope": "public brain_all_scope brain_ocr_idcard",
            "session_key": secrets.token_hex(),
            "session_secret": secrets.token_hex(16),
        }
        return Reply(200, body, "ok")


def _no_token(error: str, description: str) -> Reply:
    return Reply(401, {"error": error, "error_description": description}, "unauthorized")
