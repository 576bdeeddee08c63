"""The page's own `POST /read`: a picture as the body in, what was read and every format's answer out.

The picture is read once. Each format answers as its own route would, with the status it would have, and
refuses a picture that its document does not allow. Bodies are of types that a form on another site cannot
send: a browser asks before it posts them, and is told no.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from ...errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError
from ...image import Limits, read_header
from ...reading import Field, Quad, Reading
from ...wire.findings import corners
from ...wire.refusals import Refusal, choose
from .. import signatures
from ..bodies import Received
from ..settings import PAGE, Settings
from .baidu import BaiduFace
from .base import (
    BYTES,
    Call,
    Description,
    Face,
    Outcome,
    Parameter,
    Refused,
    Reply,
    one_of,
)
from .huawei import HuaweiFace
from .megvii import MegviiFace
from .tempeisite import IflytekFace, TempeisiteFace
from .tencent import TencentFace
from .waiqin365 import Waiqin365Face

FORMAT_FACES: tuple[type[Face], ...] = (
    MegviiFace,
    HuaweiFace,
    Waiqin365Face,
    BaiduFace,
    TempeisiteFace,
    IflytekFace,
    TencentFace,
)
MIN_SIDE_PX, MAX_SIDE_PX = 15, 8192  # the widest of the formats


class FieldAnswer(TypedDict):
    """`logic` 1: the reading contradicts a rule. confidence: a probability; quality: of the picture."""

    name: str
    text: str
    confidence: float
    quality: float
    logic: int
    problems: list[str]
    notes: list[str]
    quad: list[list[int]] | None


class PortraitAnswer(TypedDict):
    quad: list[list[int]]
    face_evidence: float


class FormatAnswer(TypedDict):
    """What a format's route answers: `body` is JSON, or the text that it sends in its place."""

    format: str
    route: str
    status: int
    body: dict[str, Any] | str


class Answer(TypedDict):
    """Quads are [[x, y] x 4] in px of the picture as given, from the upright card's left top clockwise."""

    side: str | None
    size_px: list[int]
    turn_degrees: int
    card_quad: list[list[int]] | None
    portrait: PortraitAnswer | None
    completeness: int
    legality: dict[str, float]
    fields: list[FieldAnswer]
    stage_ms: dict[str, float]
    time_used_ms: int
    answers: list[FormatAnswer]


class ErrorAnswer(TypedDict):
    error: str
    message: str


NOT_FOUND = Refusal("not_found", "POST a picture to /read.", 404)
UNAUTHORIZED = Refusal("unauthorized", "Send a name and its secret of [page.keys].", 401)
MISSING = Refusal("missing_picture", "The body is empty: send the picture as the body.", 400)
CONTENT_TYPE = Refusal(
    "content_type", "Send the picture as image/* or application/octet-stream.", 415
)
BAD_SWITCHES = Refusal("bad_switches", 'switches can be "all" or left out.', 400)
FORMAT = Refusal(
    "unsupported_format", "This is no JPEG, PNG, BMP, WebP or TIFF picture, or it is damaged.", 400
)
SIZE = Refusal(
    "image_size", f"The picture must have {MIN_SIDE_PX} to {MAX_SIDE_PX} px a side.", 400
)
TOO_LARGE = Refusal("too_large", "The file is too large.", 413)
BUSY = Refusal("busy", "Too many pictures are waiting: try again.", 429)
FAILED = Refusal("failed", "The server failed. Its log says where.", 500)
_BY_EXCEPTION: tuple[tuple[type[Exception], Refusal], ...] = (
    (UnsupportedFormatError, FORMAT),
    (ImageSizeError, SIZE),
    (FileTooLargeError, TOO_LARGE),
    (ArgumentError, BAD_SWITCHES),
    (Exception, FAILED),
)


@dataclass(frozen=True)
class PageCall(Call):
    received: Received | None = None


class PageFace(Face):
    format_name = PAGE
    paths = ("/read",)
    json_type = "application/json"
    unknown = NOT_FOUND
    busy = late = BUSY
    too_large = TOO_LARGE
    url_refused = url_failed = MISSING
    description = Description(
        "The page's own route: what was read, and every format's answer",
        "Authorization: Basic with a pair of [page.keys].",
        {"image/jpeg": BYTES, "image/png": BYTES, "application/octet-stream": BYTES},
        {200: Answer, **dict.fromkeys((400, 401, 404, 413, 415, 429, 500), ErrorAnswer)},
        (Parameter("switches", "query", "all that the formats can be asked for", one_of("all")),),
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._limits = Limits(MIN_SIDE_PX, MAX_SIDE_PX, settings.max_body_bytes)
        self._faces = [face(settings) for face in FORMAT_FACES]

    def understand(self, received: Received) -> Call:
        if not self.is_open and not _knows(self.settings.keys, received):
            raise Refused(UNAUTHORIZED, "unauthorized")
        kind = received.content_type
        if not kind.startswith("image/") and kind != "application/octet-stream":
            raise Refused(CONTENT_TYPE)
        if not received.body:
            raise Refused(MISSING)
        switches = received.query_fields.get("switches", "")
        if switches not in ("", "all"):
            raise Refused(BAD_SWITCHES)
        return PageCall(received.body, switches={"all": switches == "all"}, received=received)

    def limits(self, call: Call) -> Limits:  # noqa: ARG002
        return self._limits

    def crops(self, call: Call) -> dict[str, bool]:
        if not call.switches["all"]:
            return {}
        return {name: True for face in self._faces for name in face.format.module.CROPS.values()}

    def answer(self, readings: Sequence[Reading], call: Call, time_used_ms: int) -> dict[str, Any]:
        answers = [_answer_of(face, readings[0], call, time_used_ms) for face in self._faces]
        return {**_told(readings[0]), "time_used_ms": time_used_ms, "answers": answers}

    def refusal_for(self, error: Exception) -> Refusal:
        return choose(error, _BY_EXCEPTION)

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        body = {"error": str(refusal.code), "message": refusal.message}
        return Reply(refusal.http_status, body, outcome)


def _knows(keys: Mapping[str, str], received: Received) -> bool:
    """Whether `Authorization: Basic` holds a name and its secret."""
    scheme, _, told = received.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(told, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    name, _, secret = pair.partition(":")
    return scheme.lower() == "basic" and signatures.is_pair(keys, name, secret)


def _answer_of(face: Face, reading: Reading, call: Call, time_used_ms: int) -> FormatAnswer:
    """What the route of a face answers to the same picture."""
    assert isinstance(call, PageCall)
    assert call.received is not None
    switches = face.format.switches if call.switches["all"] else {}
    asked = Call(switches={name: True for name, kind in switches.items() if kind is bool})
    try:
        limits, header = face.limits(asked), read_header(call.image)
        limits.check(header, len(call.image))
    except (FileTooLargeError, ImageSizeError, UnsupportedFormatError) as error:
        reply = face.refuse(face.refusal_for(error), "refused", call.received)
    else:
        body = face.answer([reading], asked, time_used_ms)
        reply = face.reply(body, reading.found, call.received)
    body_told = reply.body if isinstance(reply.body, str) else dict(reply.body)
    route = f"POST {face.paths[0]}"
    return {
        "format": face.format_name,
        "route": route,
        "status": reply.status,
        "body": body_told,
    }


def _told(reading: Reading) -> dict[str, Any]:
    portrait = reading.portrait
    return {
        "side": None if reading.side is None else reading.side.name.lower(),
        "size_px": list(reading.size_px),
        "turn_degrees": reading.turn_degrees,
        "card_quad": _corners(reading.card_quad),
        "portrait": portrait
        and {"quad": corners(portrait.quad), "face_evidence": round(portrait.face_evidence, 3)},
        "completeness": reading.completeness,
        "legality": {name: round(share, 4) for name, share in reading.legality.items()},
        "fields": [_field(field) for field in reading.fields.values()],
        "stage_ms": {name: round(ms, 1) for name, ms in reading.stage_ms.items()},
    }


def _field(field: Field) -> FieldAnswer:
    return {
        "name": field.name,
        "text": field.text,
        "confidence": round(field.confidence, 4),
        "quality": round(field.quality, 3),
        "logic": field.logic,
        "problems": list(field.problems),
        "notes": list(field.notes),
        "quad": _corners(field.quad),
    }


def _corners(quad: Quad | None) -> list[list[int]] | None:
    return None if quad is None else corners(quad)
