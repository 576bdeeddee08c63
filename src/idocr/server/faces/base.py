"""What all faces share: the words between a request and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, cast

from ...errors import ArgumentError
from ...image import Limits
from ...reading import Reading
from ...wire import FORMATS, Format, FormatName
from ...wire.refusals import Refusal
from ..bodies import Received
from ..settings import Settings

# What became of a request, as /metrics counts it: "ok" for what needs no picture.
Outcome = Literal["card", "no_card", "ok", "refused", "unauthorized", "busy", "failed", "unknown"]


@dataclass(frozen=True)
class Reply:
    """An answer without its connection: a dict is sent as JSON, a text as it is."""

    status: int
    body: Mapping[str, Any] | str = field(repr=False)
    outcome: Outcome
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Call:
    """What a request asks for. It has a picture or a URL."""

    image: bytes = field(repr=False, default=b"")
    url: str = field(repr=False, default="")
    switches: Mapping[str, Any] = field(repr=False, default_factory=dict)
    limits: Limits | None = None  # None: the format's
    all_cards: bool = False  # read every card in the picture, not one


Schema = Mapping[str, Any]  # JSON Schema, as OpenAPI 3.1 has it
TEXT: Schema = {"type": "string"}
BASE64: Schema = {"type": "string", "contentEncoding": "base64"}
BYTES: Schema = {"type": "string", "format": "binary"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a request beside its body."""

    name: str
    place: Literal["path", "query", "header"]
    about: str = ""
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False


@dataclass(frozen=True)
class Description:
    """What the OpenAPI page tells of a route."""

    summary: str
    callers: str  # what they show where there are keys
    bodies: Mapping[str, Any]  # content type -> schema, or a TypedDict
    answers: Mapping[int, Any]  # status -> TypedDict or union of some, `str`, None for no body
    parameters: tuple[Parameter, ...] = ()
    needs_body: bool = True


def schema_of_object(required: Sequence[str] = (), /, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


class Refused(Exception):
    """A request that is answered with a row of the format's errors."""

    def __init__(self, refusal: Refusal, outcome: Outcome = "refused") -> None:
        super().__init__(str(refusal.code))
        self.refusal, self.outcome = refusal, outcome


class Face:
    """One route of a format. Stateless but for what guards against repeats; safe between threads."""

    format_name: ClassVar[str]  # of `idocr.wire.FORMATS`, but for the page's own
    paths: ClassVar[tuple[str, ...]]
    # Of JSON answers; the charset is for clients that would else take them for Latin-1.
    json_type: ClassVar[str] = "application/json;charset=UTF-8"
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    description: ClassVar[Description]
    prefixes: ClassVar[tuple[str, ...]] = ()  # unknown paths that are answered in its words
    unknown: ClassVar[Refusal]  # no such path or method
    busy: ClassVar[Refusal]  # the queue is full
    late: ClassVar[Refusal]  # it waited too long
    too_large: ClassVar[Refusal]  # the body exceeds max_body_bytes
    url_refused: ClassVar[Refusal]
    url_failed: ClassVar[Refusal]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.of(self.format_name)
        self.seats = settings.workers + settings.queue

    @property
    def is_open(self) -> bool:
        """Whether all callers are let in."""
        return not self.settings.keys and not self.settings.tokens

    @property
    def format(self) -> Format:
        return FORMATS[cast("FormatName", self.format_name)]

    # ---- a request ----

    def understand(self, received: Received) -> Call | Reply:
        """What is asked for. Raises Refused; checks the signature before all that it covers."""
        raise NotImplementedError

    def limits(self, call: Call) -> Limits:
        """The pictures that are accepted."""
        return call.limits or self.format.limits

    def crops(self, call: Call) -> dict[str, bool]:
        """The arguments of `Recognizer.read` that cut out what the call asks for."""
        return self.format.crops(call.switches)

    # ---- its answer ----

    def answer(self, readings: Sequence[Reading], call: Call, time_used_ms: int) -> dict[str, Any]:
        return self.format.answer(readings[0], call.switches, time_used_ms)

    def reply(self, body: dict[str, Any], found: bool, received: Received) -> Reply:  # noqa: ARG002
        return Reply(200, body, "card" if found else "no_card")

    # ---- an error ----

    def refusal_for(self, error: Exception) -> Refusal:
        return cast("Refusal", self.format.module.refusal_for(error))

    def refuse(self, refusal: Refusal, outcome: Outcome, received: Received) -> Reply:  # noqa: ARG002
        body = getattr(self.format.module, f"{self.format.prefix}refuse")(refusal)
        return Reply(refusal.http_status, body, outcome)


def flag(value: object, name: str) -> bool:
    """A switch that is sent as "true", "false" or a boolean. Raises ArgumentError."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ArgumentError(name, "must be true or false")
