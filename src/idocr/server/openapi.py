"""The OpenAPI 3.1 description of the routes that are served, from what each face says of itself.

Schemas of answers come from the TypedDicts of `idocr.wire`, so that they cannot disagree with the tests of
the formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from .faces.base import Face, Parameter, Schema

PLAIN: dict[type, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
}
ABOUT = (
    "idocr reads PRC resident ID cards on this machine and answers as other vendors' APIs do. Without "
    "keys in its settings every caller is let in and no signature is looked at."
)
HEALTH: Schema = {
    "type": "object",
    "properties": {"status": {"const": "ok"}, "version": {"type": "string"}},
    "required": ["status", "version"],
}


class Schemas:
    """TypedDicts as JSON Schema, each once."""

    def __init__(self) -> None:
        self.known: dict[str, Schema] = {}

    def of(self, kind: Any) -> Schema:
        if isinstance(kind, Mapping):
            return kind
        if is_typeddict(kind):
            return self._reference(kind)
        return self._composed(kind) if get_args(kind) else PLAIN.get(kind, {})

    def _composed(self, kind: Any) -> Schema:
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return {"anyOf": [self.of(each) for each in inner]}
        if origin is Literal:
            return {"enum": list(inner)}
        if origin is list:
            return {"type": "array", "items": self.of(inner[0])}
        return {"type": "object", "additionalProperties": self.of(inner[1])}

    def _reference(self, kind: Any) -> Schema:
        name = f"{kind.__module__.rpartition('.')[2]}.{kind.__name__.lstrip('_')}"
        if name not in self.known:
            self.known[name] = {}  # so that a type may hold itself
            types = get_type_hints(kind)
            self.known[name] = {
                "type": "object",
                "properties": {key: self.of(each) for key, each in types.items()},
                "required": sorted(kind.__required_keys__),
            }
        return {"$ref": f"#/components/schemas/{name}"}


def describe(faces: Iterable[Face], version: str) -> dict[str, Any]:
    """The document for these faces."""
    schemas = Schemas()
    paths: dict[str, Any] = {
        path: {method.lower(): _operation(face, path, schemas) for method in face.methods}
        for face in faces
        for path in face.paths
    }
    paths["/healthz"] = {"get": _simple("Whether the server runs", "application/json", HEALTH)}
    text = "text/plain"
    paths["/metrics"] = {"get": _simple("Counts for Prometheus", text, {"type": "string"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "idocr", "version": version, "description": ABOUT},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.known.items()))},
    }


def _simple(summary: str, kind: str, schema: Schema) -> dict[str, Any]:
    answer = {"description": "OK", "content": {kind: {"schema": schema}}}
    return {"summary": summary, "responses": {"200": answer}}


def _operation(face: Face, path: str, schemas: Schemas) -> dict[str, Any]:
    told = face.description
    names = re.findall(r"{(\w+)}", path)
    parameters = [*(Parameter(name, "path") for name in names), *told.parameters]
    answers = {408: None, **told.answers}
    operation: dict[str, Any] = {
        "summary": told.summary,
        "description": told.callers,
        "tags": [face.format_name],
        "responses": {
            str(status): _response(kind, status, schemas)
            for status, kind in sorted(answers.items())
        },
    }
    if parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in parameters]
    if told.bodies:
        content = {kind: {"schema": schemas.of(body)} for kind, body in told.bodies.items()}
        operation["requestBody"] = {"required": told.needs_body, "content": content}
    return operation


def _parameter(parameter: Parameter) -> dict[str, Any]:
    told = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path" or parameter.required,
        "schema": parameter.schema,
    }
    return told | ({"description": parameter.about} if parameter.about else {})


def _response(kind: Any, status: int, schemas: Schemas) -> dict[str, Any]:
    """None stands for an empty body, `str` for plain text, anything else for JSON."""
    description = {200: "An answer; some formats tell errors so too", 201: "Created"}.get(
        status, "Refused" if status < 500 else "The server failed"
    )
    if kind is None:
        return {"description": description}
    media_type = "text/plain" if kind is str else "application/json"
    return {"description": description, "content": {media_type: {"schema": schemas.of(kind)}}}
