"""waiqin365 `POST /api/ocr/v1/idcard/{openid}/{timestamp}/{digest}/{msg_id}`: JSON, always HTTP 200.

The digest covers the body as sent. An image may be percent-encoded within the JSON, as the document asks;
a plus sign is a plus sign. A data: prefix is passed over.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ...errors import ArgumentError
from ...wire import waiqin365
from ...wire.refusals import Refusal
from .. import signatures
from ..bodies import BodyError, Received, from_base64
from ..settings import Settings
from .base import (
    BASE64,
    TEXT,
    Call,
    Description,
    Face,
    Outcome,
    Refused,
    Reply,
    Schema,
    flag,
    one_of,
    schema_of_object,
)

FLAGS = ("quality_detection", "risk_detection", "card_cropping", "photo_detection")
SWITCH: Schema = {"anyOf": [one_of("true", "false"), {"type": "boolean"}]}
MOST_TRANSFER_ID = 32
TRANSFER_IDS_S = 24 * 3600.0  # how long a transfer_id counts as used


class Waiqin365Face(Face):
    format_name = "waiqin365"
    paths = ("/api/ocr/v1/idcard/{openid}/{timestamp}/{digest}/{msg_id}",)
    prefixes = ("/api/ocr/v1",)
    unknown = Refusal("1", "接口不存在", 200)
    busy = late = waiqin365.TOO_MANY_REQUESTS
    too_large = waiqin365.IMAGE_TOO_LARGE
    url_refused, url_failed = waiqin365.URL_REFUSED, waiqin365.URL_FAILED
    description = Description(
        "waiqin365 idcard; response_data is a JSON text",
        "digest: md5(body|appkey|timestamp) with an openid and appkey of [waiqin365.keys].",
        {
            "application/json": schema_of_object(
                ["transfer_id", "ID_card_side"],
                transfer_id={"type": ["string", "integer"]},
                ID_card_side=one_of("front", "back"),
                image=BASE64,
                url=TEXT,
                **dict.fromkeys(FLAGS, SWITCH),
            )
        },
        {200: waiqin365.Answer},
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._transfers = signatures.Once(TRANSFER_IDS_S)

    def understand(self, received: Received) -> Call:
        where = received.path_parameters
        if not self.is_open:
            self._let_in(received)
        try:
            told = received.json
        except BodyError:
            raise Refused(waiqin365.NOT_JSON) from None
        image, url = (told.get(name) or "" for name in ("image", "url"))
        if not told.get("transfer_id") or not told.get("ID_card_side") or not (image or url):
            raise Refused(waiqin365.MISSING_PARAMETER)
        switches = self._switches(told) | {"msg_id": where.get("msg_id", "")}
        if not isinstance(image, str) or not isinstance(url, str) or len(url) > 1024:
            raise ArgumentError("image", "must be a text, and url of at most 1024 characters")
        unused = f"{where.get('openid')} {told['transfer_id']}"
        if self.settings.unique_transfer_id and not self._transfers.is_new(unused):
            raise Refused(waiqin365.USED_TRANSFER_ID)
        return Call(_picture(image), "" if image else url, switches)

    def _let_in(self, received: Received) -> None:
        openid, timestamp, digest = (
            received.path_parameters.get(name, "") for name in ("openid", "timestamp", "digest")
        )
        keys, oldest = self.settings.keys, self.settings.max_age_s
        signed = signatures.is_signed_for_waiqin365(keys, openid, timestamp, digest, received.body)
        fresh = not oldest or signatures.is_fresh_for_waiqin365(timestamp, oldest)
        if not signed or not fresh:
            raise Refused(waiqin365.WRONG_DIGEST, "unauthorized")

    def _switches(self, told: dict[str, Any]) -> dict[str, Any]:
        transfer_id, side = told["transfer_id"], told["ID_card_side"]
        if type(transfer_id) not in (str, int) or len(str(transfer_id)) > MOST_TRANSFER_ID:
            raise ArgumentError("transfer_id", "must be a number or text of at most 32 characters")
        if side not in ("front", "back"):
            raise ArgumentError("ID_card_side", "must be front or back")
        flags = {name: flag(told[name], name) for name in FLAGS if told.get(name) not in (None, "")}
        return {"transfer_id": transfer_id, "ID_card_side": side, **flags}

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:
        body = waiqin365.refuse(refusal, received.path_parameters.get("msg_id", ""))
        return Reply(200, dict(body), outcome)


def _picture(text: str) -> bytes:
    if "%" in text:
        text = unquote(text)
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return from_base64(text)
    except BodyError:
        raise Refused(waiqin365.IMAGE_FORMAT) from None
