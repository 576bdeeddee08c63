"""Huawei IAM `POST /v3/auth/tokens`: a token for X-Auth-Token, for those who fetch one.

For a pair of Huawei's keys, as user and password or as `hw_ak_sk`; domain and project may be any. The token
is in the header X-Subject-Token, good for a day, and nothing is kept of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received
from .base import TEXT, Description, Face, Outcome, Refused, Reply, one_of, schema_of_object
from .huawei import request_id

MALFORMED = Refusal(400, "Expecting to find auth with one of password and hw_ak_sk.", 400)
WRONG_PASSWORD = Refusal(401, "The username or password is wrong.", 401)
TITLES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


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
        return Reply(201, body, "ok", request_id() | {"X-Subject-Token": token})

    def refusal_for(self, error: Exception) -> Refusal:  # noqa: ARG002
        return Refusal(500, "An unexpected error prevented the server from answering.", 500)

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        title = TITLES.get(refusal.http_status, "Internal Server Error")
        error = {"code": refusal.code, "message": refusal.message, "title": title}
        return Reply(refusal.http_status, {"error": error}, outcome, request_id())


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
