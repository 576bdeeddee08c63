"""tempeisite `POST /api/ai/ocr/idcard` and its upstream iFlytek `POST /v1/service/v1/ocr/idcard`.

How tempeisite's client sends `imageData` is not published, so every usual way is understood: a multipart
part, an urlencoded or JSON field of base64, a JSON array of bytes (signed, as Java has them), or the picture
as the body. iFlytek's client sends an urlencoded `image`; both routes understand all of it.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import ArgumentError, UnsupportedFormatError
from ...image import read_header
from ...wire import tempeisite
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received, from_base64
from ..settings import Settings
from .base import (
    BASE64,
    BYTES,
    FORM,
    Call,
    Description,
    Face,
    Outcome,
    Parameter,
    Refused,
    Reply,
    one_of,
    schema_of_object,
)

FIELDS = ("imageData", "image")
SWITCHES = dict.fromkeys(tempeisite.CROPS, one_of("0", "1"))
BODIES = {
    "multipart/form-data": schema_of_object(["imageData"], imageData=BYTES, **SWITCHES),
    FORM: schema_of_object(["image"], image=BASE64, **SWITCHES),
    "application/json": schema_of_object(["imageData"], imageData=BASE64, **SWITCHES),
    "image/jpeg": BYTES,
    "application/octet-stream": BYTES,
}
FORBIDDEN = Refusal("", "", 403)  # of the gateway: an empty body


class _CardFace(Face):
    """What both routes do with a request once its caller is known."""

    unknown = tempeisite.ILLEGAL_ACCESS
    busy = tempeisite.BACKEND_DOWN
    late = tempeisite.TIMEOUT
    too_large = tempeisite.IMAGE_SIZE
    # Neither route takes a URL.
    url_refused = url_failed = tempeisite.INVALID_PARAMETER

    def understand(self, received: Received) -> Call:
        if not self.is_open:
            self._let_in(received)
        told: dict[str, Any] = dict(received.query_fields) | _parameter(received)
        data = _picture(received, told)
        switches = {name: _is_on(name, told.get(name)) for name in tempeisite.CROPS}
        return Call(data, switches=switches)

    def _let_in(self, received: Received) -> None:
        raise NotImplementedError


class TempeisiteFace(_CardFace):
    """The gateway's signature: headers accessKey, nonce, timestamp, body and sign."""

    format_name = "tempeisite"
    paths = ("/api/ai/ocr/idcard",)
    prefixes = ("/api/ai",)
    description = Description(
        "tempeisite ocr/idcard",
        "accessKey and sign, with a pair of [tempeisite.keys], a nonce used once and the time.",
        BODIES,
        {200: tempeisite.Answer, 403: None},
        tuple(
            Parameter(name, "header")
            for name in ("accessKey", "nonce", "timestamp", "body", "sign")
        ),
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._nonces = signatures.Once(2 * signatures.WINDOW_S)

    def _let_in(self, received: Received) -> None:
        headers = received.headers
        nonce = headers.get("nonce", "")
        if (
            not signatures.is_signed_for_faiz(headers, self.settings.keys)
            or not (nonce.isascii() and nonce.isdecimal() and len(nonce) <= 5)
            or not self._nonces.is_new(f"{headers.get('accesskey')} {nonce}")
        ):
            raise Refused(FORBIDDEN, "unauthorized")

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:
        if refusal == FORBIDDEN:
            return Reply(403, "", outcome)
        return super().refuse(refusal, outcome, received)


class IflytekFace(_CardFace):
    """The upstream's: X-Appid, X-CurTime, X-Param and X-CheckSum."""

    format_name = "iflytek"
    paths = ("/v1/service/v1/ocr/idcard",)
    prefixes = ("/v1/service",)
    description = Description(
        "iFlytek ocr/idcard",
        "X-CheckSum: md5(APIKey + X-CurTime + X-Param) with a pair of [iflytek.keys].",
        BODIES,
        {200: tempeisite.UpstreamAnswer},
        tuple(
            Parameter(name, "header") for name in ("X-Appid", "X-CurTime", "X-Param", "X-CheckSum")
        ),
    )

    def _let_in(self, received: Received) -> None:
        headers, keys = received.headers, self.settings.keys
        if headers.get("x-appid", "") not in keys:  # an APPID is no secret
            raise Refused(tempeisite.INVALID_APPID, "unauthorized")
        signed = signatures.is_signed_for_iflytek(headers, keys)
        if not signed or not signatures.is_fresh_for_iflytek(headers):
            raise Refused(tempeisite.ILLEGAL_ACCESS, "unauthorized")


def _parameter(received: Received) -> dict[str, Any]:
    """The JSON object in X-Param, base64 of either alphabet."""
    text = received.headers.get("x-param", "")
    try:
        told = json.loads(from_base64(text)) if text else {}
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Refused(tempeisite.ILLEGAL_PARAMETER)
    return told


def _is_on(name: str, value: object) -> bool:
    """A switch: 1 or true, 0, false, empty or left out. Raises ArgumentError for anything else."""
    if value in ("1", 1, "true"):  # 1 is True too
        return True
    if value in ("0", 0, "false", "", None):
        return False
    raise ArgumentError(name, "must be 0 or 1")


def _picture(received: Received, told: dict[str, Any]) -> bytes:
    """The picture, from wherever it is; `told` gets the other fields of the body."""
    if not received.body:
        raise Refused(tempeisite.NO_BODY)
    kind = received.content_type
    if kind.startswith("image/") or kind == "application/octet-stream":
        return received.body
    try:
        if kind == "application/json":
            told |= {name: value for name, value in received.json.items() if name not in FIELDS}
            return _from_json(next(received.json[n] for n in FIELDS if received.json.get(n)))
        if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
            raise Refused(tempeisite.CONTENT_TYPE)
        form = received.form
        told |= {
            name: value.decode("latin-1") for name, value in form.items() if name not in FIELDS
        }
        return _from_bytes(next(form[name] for name in FIELDS if form.get(name)))
    except StopIteration:
        raise Refused(tempeisite.MISSING_PARAMETER) from None
    except BodyError:
        raise Refused(tempeisite.CORRUPTED_BODY) from None


def _from_json(value: object) -> bytes:
    if isinstance(value, str):
        return _from_bytes(value.encode("utf-8"))
    if isinstance(value, list) and all(type(b) is int and -128 <= b <= 255 for b in value):
        return bytes(b % 256 for b in value)
    raise Refused(tempeisite.NO_IMAGE)


def _from_bytes(data: bytes) -> bytes:
    """A picture as it is, or base64 of one."""
    try:
        read_header(data)
    except UnsupportedFormatError:
        try:
            return from_base64(data)
        except BodyError:
            raise Refused(tempeisite.NO_IMAGE) from None
    return data
