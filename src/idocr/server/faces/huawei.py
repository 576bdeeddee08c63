"""Huawei Cloud OCR `POST /v1.0/ocr/id-card` and `POST /v2/{project_id}/ocr/id-card`: JSON.

Callers show an X-Auth-Token or sign with SDK-HMAC-SHA256. A token is one of the settings, or comes from
`POST /v3/auth/tokens` as IAM's do: for a user and password of the keys, in the header X-Subject-Token, for
a day. Exactly one of `image` and `url`; both are an error, as the document says. Every answer has an
X-Request-Id, which the SDK reads.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypedDict, cast

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
MALFORMED = Refusal(400, "Expecting to find auth with one of password and hw_ak_sk.", 400)
WRONG_PASSWORD = Refusal(401, "The username or password is wrong.", 401)
IAM_TITLES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


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
            return Reply(400, body, "refused" if found else "no_card", _request_id())
        return Reply(200, body, "card", _request_id())

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        message = refusal.message.replace("{limit}", str(self.seats))
        body = cast("dict[str, Any]", huawei.refuse(refusal._replace(message=message)))
        if refusal == huawei.EXPIRED_TOKEN:
            body["message"] = RENEW  # by these words older clients know that they need a new one
        return Reply(refusal.http_status, body, outcome, _request_id())


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


class _ErrorOfIam(TypedDict):
    code: int
    message: str
    title: str


class IamError(TypedDict):
    error: _ErrorOfIam


class Token(TypedDict):
    methods: list[str]
    issued_at: str
    expires_at: str
    user: dict[str, Any]
    project: dict[str, Any]
    roles: list[Any]
    catalog: list[Any]


class TokenAnswer(TypedDict):
    token: Token


_NAMED = schema_of_object(["name"], name=TEXT)
_KEY = schema_of_object(["key"], key=TEXT)
_USER = schema_of_object(["name", "password"], name=TEXT, password=TEXT, domain=_NAMED)
_IDENTITY = schema_of_object(
    ["methods"],
    methods={"type": "array", "items": one_of("password", "hw_ak_sk")},
    password=schema_of_object(["user"], user=_USER),
    hw_ak_sk=schema_of_object(["access", "secret"], access=_KEY, secret=_KEY),
)
_AUTH = schema_of_object(["identity"], identity=_IDENTITY, scope=schema_of_object(project=_NAMED))


class HuaweiTokenFace(Face):
    """IAM's `POST /v3/auth/tokens`, methods `password` and `hw_ak_sk`."""

    format_name = "huawei"
    paths = ("/v3/auth/tokens",)
    prefixes = ("/v3/auth",)
    unknown = Refusal(404, "The request you have made does not exist.", 404)
    busy = late = Refusal(429, "The throttling threshold has been reached.", 429)
    too_large = MALFORMED
    description = Description(
        "Huawei IAM: a token for X-Auth-Token, in the header X-Subject-Token of the answer",
        "A pair of [huawei.keys] as user and password, or as access and secret key.",
        {"application/json": schema_of_object(["auth"], auth=_AUTH)},
        {201: TokenAnswer, **dict.fromkeys((400, 401, 404, 429, 500), IamError)},
    )

    def understand(self, received: Received) -> Reply:
        try:
            told = received.json
        except BodyError:
            raise Refused(MALFORMED) from None
        name, password, domain = _identity(told)
        keys = self.settings.keys
        if not self.is_open and not signatures.is_pair(keys, name, password):
            raise Refused(WRONG_PASSWORD, "unauthorized")
        issued = time.time()
        token = signatures.mint_huawei_token(keys, name, issued)
        body = {
            "token": {
                "methods": ["password"],
                "issued_at": _moment(issued),
                "expires_at": _moment(issued + signatures.HUAWEI_TOKEN_S),
                "user": {"id": _id(name), "name": name, "domain": _named(domain)},
                "project": _named(_project(told)) | {"domain": _named(domain)},
                "roles": [],
                "catalog": [],
            }
        }
        return Reply(201, body, "ok", _request_id() | {"X-Subject-Token": token})

    def refusal_for(self, error: Exception) -> Refusal:  # noqa: ARG002
        return Refusal(500, "An unexpected error prevented the server from answering.", 500)

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        title = IAM_TITLES.get(refusal.http_status, "Internal Server Error")
        error = {"code": refusal.code, "message": refusal.message, "title": title}
        return Reply(refusal.http_status, {"error": error}, outcome, _request_id())


def _identity(told: Mapping[str, Any]) -> tuple[str, str, str]:
    """Name, secret and domain; raises Refused where there are none."""
    identity = _inner(told, "auth", "identity")
    user = _inner(identity, "password", "user")
    found = (user.get("name"), user.get("password"), _inner(user, "domain").get("name", ""))
    if "hw_ak_sk" in identity:
        access, secret = (_inner(identity, "hw_ak_sk", name) for name in ("access", "secret"))
        found = (access.get("key"), secret.get("key"), "")
    if not all(_is_text(text) for text in found) or not found[0]:
        raise Refused(MALFORMED)
    return cast("tuple[str, str, str]", found)


def _is_text(value: object) -> bool:
    """Half a surrogate pair is none."""
    return isinstance(value, str) and value == value.encode("utf-8", "replace").decode()


def _project(told: Mapping[str, Any]) -> str:
    name = _inner(told, "auth", "scope", "project").get("name", "")
    return name if _is_text(name) else ""


def _inner(told: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object under these names, {} where one of them holds none."""
    for name in names:
        inner = told.get(name)
        told = inner if isinstance(inner, dict) else {}
    return told


def _named(name: str) -> dict[str, Any]:
    return {"id": _id(name), "name": name}


def _id(name: str) -> str:
    """32 hexadecimal digits that are the same every time."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _request_id() -> dict[str, str]:
    return {"X-Request-Id": uuid.uuid4().hex}
