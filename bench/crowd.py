"""More callers than a server has seats for, in every format, and whether each is refused in its own words."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

JSON = {"Content-Type": "application/json"}
ROUTES = {
    "megvii": "/faceid/v3/ocridcard",
    "huawei": "/v2/project/ocr/id-card",
    "waiqin365": "/api/ocr/v1/idcard/openid/20140701142836/digest/message",
    "baidu": "/rest/2.0/ocr/v1/idcard?access_token=any",
    "tempeisite": "/api/ai/ocr/idcard",
    "iflytek": "/v1/service/v1/ocr/idcard",
    "tencent": "/",
}
# How the documents say that there are too many callers at once: HTTP status and error.
BUSY: dict[str, tuple[int, object]] = {
    "megvii": (403, "CONCURRENCY_LIMIT_EXCEEDED"),
    "huawei": (429, "APIG.0308"),
    "waiqin365": (200, "请求过于频繁"),
    "baidu": (200, 18),
    "tempeisite": (200, 50001),
    "iflytek": (200, 50001),
    "tencent": (200, "RequestLimitExceeded"),
}


@dataclass(frozen=True)
class Crowd:
    """What became of the callers of one format."""

    callers: int
    refused: int  # in the format's words for it
    read: int  # answered as a caller alone is
    other: int  # must be 0

    def __str__(self) -> str:
        return f"{self.refused} of {self.callers} refused, {self.read} read, {self.other} other"


def _request(name: str, picture: bytes) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of a good request."""
    text = base64.b64encode(picture).decode("ascii")
    if name == "megvii":
        body = b'--e\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
        return body + picture + b"\r\n--e--\r\n", {
            "Content-Type": "multipart/form-data; boundary=e"
        }
    if name == "baidu":
        form = urlencode({"image": text, "id_card_side": "front"}).encode()
        return form, {"Content-Type": "application/x-www-form-urlencoded"}
    if name in ("tempeisite", "iflytek"):
        return picture, {"Content-Type": "image/jpeg"}
    told = {
        "huawei": {"image": text},
        "waiqin365": {"image": text, "transfer_id": "1", "ID_card_side": "front"},
        "tencent": {"ImageBase64": text},
    }[name]
    return json.dumps(told).encode(), JSON | {"X-TC-Action": "IDCardOCR"}


def _error(name: str, body: Any) -> object:
    """What an answer calls its error; None where it is none."""
    if name == "megvii":
        return body.get("error")
    if name == "waiqin365":
        return body["return_msg"] if body["return_code"] != "0" else None
    if name in ("tempeisite", "iflytek"):
        return body["data"]["error_code"] or None
    if name == "tencent":
        return body["Response"].get("Error", {}).get("Code")
    return body.get("error_code")


def _ask(port: int, name: str, picture: bytes) -> tuple[int, object]:
    body, headers = _request(name, picture)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", ROUTES[name], body, dict(headers))
        response = connection.getresponse()
        return response.status, _error(name, json.loads(response.read()))
    finally:
        connection.close()


def gather(port: int, picture: bytes, callers: int, calls: int) -> dict[str, Crowd]:
    """Ask a server without a queue in every format: first each alone, then so many callers at once."""
    alone = {name: _ask(port, name, picture) for name in ROUTES}
    given: dict[str, list[tuple[int, object]]] = {name: [] for name in ROUTES}
    with ThreadPoolExecutor(callers) as pool:
        names = list(ROUTES) * calls
        answers = pool.map(lambda name: _ask(port, name, picture), names)
        for name, answer in zip(names, answers, strict=True):
            given[name].append(answer)
    return {
        name: Crowd(
            len(answers),
            answers.count(BUSY[name]),
            answers.count(alone[name]),
            sum(answer not in (BUSY[name], alone[name]) for answer in answers),
        )
        for name, answers in given.items()
    }
