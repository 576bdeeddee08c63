"""What a request carries, and its body taken apart in memory: no part of it ever touches a disk."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from .signatures import Headers, Signed

MOST_PARTS = 64  # of a form; the formats have at most a dozen


class BodyError(ValueError):
    """The body is not what its Content-Type says, or no text where one belongs."""


@dataclass(frozen=True)
class Received:
    """A request without its connection. Nothing of it is ever shown."""

    method: str
    path: str = field(repr=False)  # percent-decoded
    query: str = field(repr=False, default="")
    headers: Headers = field(repr=False, default_factory=dict)
    body: bytes = field(repr=False, default=b"")
    path_parameters: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def signed(self) -> Signed:
        return Signed(self.method, self.path, self.query, self.headers, self.body)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def query_fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, bytes]:
        """The fields of a multipart or urlencoded body; of one name the last. Raises BodyError."""
        if self.content_type == "multipart/form-data":
            return parse_multipart(self.headers["content-type"], self.body)
        return parse_urlencoded(self.body)

    def text(self, name: str) -> str | None:
        """A field of the form as text, None where there is none. Raises BodyError."""
        value = self.form.get(name)
        try:
            return None if value is None else value.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise BodyError(f"{name} is no UTF-8") from None

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON object that the body is. Raises BodyError."""
        try:
            told = json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise BodyError("the body is no JSON") from None
        if not isinstance(told, dict):
            raise BodyError("the body is no JSON object")
        return told


def parse_urlencoded(body: bytes) -> dict[str, bytes]:
    """Name -> value, as bytes: a picture of base64 need not become text and bytes again."""
    pairs = body.split(b"&", MOST_PARTS)
    if len(pairs) > MOST_PARTS:
        raise BodyError("more fields than any format has")
    parted = (pair.replace(b"+", b" ").partition(b"=") for pair in pairs if pair)
    return {
        unquote_to_bytes(name).decode("latin-1"): unquote_to_bytes(value)
        for name, _, value in parted
    }


def parse_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """Name -> content, whether the part is a file or a text and whatever its own type says."""
    _, options = parse_options_header(content_type)
    parts: dict[str, bytes] = {}
    headers: dict[bytes, bytes] = {}
    piece = {"name": bytearray(), "value": bytearray(), "content": bytearray()}
    count = 0

    def begin() -> None:
        nonlocal count
        count += 1
        if count > MOST_PARTS:
            raise BodyError("more parts than any format has")
        headers.clear()
        piece["content"] = bytearray()

    def end_header() -> None:
        headers[bytes(piece["name"]).lower()] = bytes(piece["value"])
        piece["name"], piece["value"] = bytearray(), bytearray()

    def end() -> None:
        _, disposition = parse_options_header(headers.get(b"content-disposition", b""))
        name = disposition.get(b"name", b"").decode("utf-8", "replace")
        parts[name] = bytes(piece["content"])

    try:
        parser = MultipartParser(
            options.get(b"boundary", b""),
            {
                "on_part_begin": begin,
                "on_header_field": lambda data, a, b: piece["name"].extend(data[a:b]),
                "on_header_value": lambda data, a, b: piece["value"].extend(data[a:b]),
                "on_header_end": end_header,
                "on_part_data": lambda data, a, b: piece["content"].extend(data[a:b]),
                "on_part_end": end,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise BodyError("malformed multipart body") from None
    return parts


def from_base64(text: str | bytes) -> bytes:
    """The bytes of base64, plain or of the URL alphabet, broken into lines or not. Raises BodyError.

    A space is the plus that a form makes of one where the sender did not percent-encode it.
    """
    try:
        data = text if isinstance(text, bytes) else text.encode("ascii")
        data = data.strip().translate(bytes.maketrans(b"-_ ", b"+/+"), b"\r\n\t")
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise BodyError("no base64") from None
