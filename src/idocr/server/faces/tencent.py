"""Tencent Cloud `POST /` with `X-TC-Action: IDCardOCR`: JSON, always HTTP 200, TC3-HMAC-SHA256.

A URL wins over a picture where both are sent. What `Config` may hold is in `wire.tencent`.
"""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentError
from ...wire import tencent
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received, from_base64
from .base import (
    BASE64,
    TEXT,
    Call,
    Description,
    Face,
    Parameter,
    Refused,
    one_of,
    schema_of_object,
)

ACTION = "IDCardOCR"
EXPIRED = Refusal("AuthFailure.SignatureExpire", "签名过期。", 200)
NO_ACTION = Refusal("InvalidAction", "接口不存在。", 200)
NOT_JSON = Refusal("InvalidParameter", "参数错误。", 200)


class TencentFace(Face):
    format_name = "tencent"
    paths = ("/",)
    json_type = "application/json"  # the official client overlooks errors of any other type
    unknown = NO_ACTION
    busy = late = tencent.TOO_MANY_REQUESTS
    too_large = tencent.FILE_TOO_LARGE
    url_refused = url_failed = tencent.URL_FAILED
    description = Description(
        "Tencent Cloud IDCardOCR",
        "A signature TC3-HMAC-SHA256 with a pair of [tencent.keys].",
        {
            "application/json": schema_of_object(
                ImageBase64=BASE64, ImageUrl=TEXT, CardSide=one_of("FRONT", "BACK"), Config=TEXT
            )
        },
        {200: tencent.Answer | tencent.ErrorAnswer},
        (
            Parameter("X-TC-Action", "header", schema=one_of(ACTION), required=True),
            Parameter("X-TC-Timestamp", "header"),
        ),
    )

    def understand(self, received: Received) -> Call:
        if not self.is_open:
            if not signatures.is_signed_for_tencent(received.signed, self.settings.keys):
                raise Refused(tencent.WRONG_SIGNATURE, "unauthorized")
            if not signatures.is_fresh_for_tencent(received.headers):
                raise Refused(EXPIRED, "unauthorized")
        if received.headers.get("x-tc-action") != ACTION:
            raise Refused(NO_ACTION)
        try:
            told = received.json
        except BodyError:
            raise Refused(NOT_JSON) from None
        texts = {name: told.get(name) or "" for name in ("ImageBase64", "ImageUrl", "CardSide")}
        if not all(isinstance(value, str) for value in texts.values()):
            raise ArgumentError("ImageBase64", "must be a text")
        image, url, side = texts.values()
        if not image and not url:
            raise Refused(tencent.EMPTY_IMAGE)
        if side not in ("", "FRONT", "BACK"):
            raise ArgumentError("CardSide", "must be FRONT or BACK")
        switches: dict[str, Any] = _config(told.get("Config") or "")
        if side:
            switches["CardSide"] = side
        try:
            data = b"" if url else from_base64(image)
        except BodyError:
            raise Refused(tencent.UNDECODABLE) from None
        return Call(data, url, switches)


def _config(text: object) -> dict[str, Any]:
    try:
        told = dict(tencent.parse_config(text)) if isinstance(text, str) else {"": None}
    except ArgumentError:
        raise Refused(tencent.WRONG_CONFIG) from None
    if not all(type(value) is bool for value in told.values()):
        raise Refused(tencent.WRONG_CONFIG)
    return told
