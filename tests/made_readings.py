"""Made Readings and checks of shape for the tests of the wire formats."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from hypothesis import strategies as st

import idocr
from idocr.reading import FIELD_NAMES, Field, Measures, Portrait, Quad, Reading, Side

SAMPLES = Path(__file__).parent / "samples"
PLAIN = Measures(contrast=0.6, sharpness=0.5, glare=0.0, brightness=0.8, noise=0.01)
SQUARE = ((10.2, 20.7), (110.0, 20.0), (110.0, 80.0), (10.0, 80.0))
LEGALITY = {
    "ID_Photo": 0.98,
    "Temporary_ID_Photo": 0.0,
    "Photocopy": 0.01,
    "Screen": 0.01,
    "Edited": 0.0,
}
TEXTS = {
    "name": "南山",
    "gender": "男",
    "ethnicity": "汉",
    "birth_year": "1990",
    "birth_month": "1",
    "birth_day": "1",
    "address": "某省某市某区某街1号",
    "id_number": "119999199001010012",
    "issued_by": "某市公安局",
    "valid_from": "20190606",
    "valid_to": "20390606",
}
JPEG = b"\xff\xd8\xff\xe0"
JPEG_BASE64 = "/9j/4A=="


def made(
    side: Side | None = Side.PORTRAIT, *, texts: dict[str, str] | None = None, **changes: Any
) -> Reading:
    """A plain reading of a side; `texts` replaces those of fields, `changes` anything else."""
    names = FIELD_NAMES[side] if side is not None else ()
    fields = {name: made_field(name, (TEXTS | (texts or {}))[name]) for name in names}
    whole = Reading(
        side,
        (400, 300),
        kinds={"portrait": 1.0, "emblem": 0.0, "other_card": 0.0, "none": 0.0},
        card_quad=SQUARE,
        fields=fields,
        legality=LEGALITY,
        portrait=Portrait(SQUARE, 0.9, JPEG) if side is Side.PORTRAIT else None,
        stage_ms={"decode": 10.4, "locate": 20.2, "read": 30.0, "judge": 5.6},
        card_jpeg=JPEG,
        number_jpeg=JPEG if side is Side.PORTRAIT else b"",
    )
    return replace(whole, **changes)


def made_field(name: str, text: str, measures: Measures = PLAIN) -> Field:
    if not text:
        return Field(name)
    return Field(name, text, text, quality=0.9, confidence=0.99, quad=SQUARE, measures=(measures,))


def no_card(**changes: Any) -> Reading:
    kinds = {"portrait": 0.0, "emblem": 0.0, "other_card": 0.1, "none": 0.9}
    return replace(Reading(None, (400, 300), kinds=kinds), **changes)


def temporary() -> Reading:
    """A portrait side with the emblem side's fields."""
    back = made(Side.EMBLEM, texts={"valid_to": "20190906"}).fields
    whole = made()
    return replace(whole, fields={**whole.fields, **back})


def seeming(**legality: float) -> Reading:
    """A reading with these probabilities, ID_Photo what is left."""
    rest = round(1 - sum(legality.values()), 3)
    return made(legality=dict.fromkeys(LEGALITY, 0.0) | {"ID_Photo": rest} | legality)


def measured(side: Side = Side.PORTRAIT, **measures: float) -> Reading:
    """A reading whose print has these measures."""
    whole = made(side)
    changed = replace(PLAIN, **measures)
    fields = {name: replace(f, measures=(changed,)) for name, f in whole.fields.items()}
    return replace(whole, fields=fields)


@cache
def recognizer() -> idocr.Recognizer:
    return idocr.Recognizer()


@cache
def read_sample(name: str) -> Reading:
    path = SAMPLES / f"{name}.jpg"
    return recognizer().read(path, portrait_jpeg=True, card_jpeg=True, number_jpeg=True)


def true_texts(name: str) -> dict[str, str]:
    fields = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["fields"]
    return {key: value["text"] for key, value in fields.items()}


def documented(vendor: str) -> dict[str, Any]:
    """The samples of a format's document."""
    path = Path(__file__).parent / "wire" / f"{vendor}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def shape(value: Any) -> Any:
    """Names, nesting and types of JSON, without values."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


def all_names(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(all_names, value.values()))
    return set()


# ---- hypothesis -------------------------------------------------------------------------------------

_px = st.floats(-500, 5000, allow_nan=False)
_share = st.floats(0, 1)
_quads: st.SearchStrategy[Quad] = st.tuples(*[st.tuples(_px, _px)] * 4)
_measures = st.builds(Measures, _share, _share, _share, _share, _share)
_texts = st.one_of(
    st.text(max_size=20),
    st.text("0123456789X", min_size=18, max_size=18),
    st.text("0123456789", min_size=8, max_size=8),
    st.sampled_from(["", "男", "女", "长期", *TEXTS.values()]),
)


def _made_fields(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Field]]:
    fields = {
        name: st.builds(
            Field,
            st.just(name),
            text=_texts,
            quality=_share,
            quad=st.none() | _quads,
            measures=st.lists(_measures, max_size=2).map(tuple),
        )
        for name in names
    }
    return st.fixed_dictionaries(fields)


def _weights(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries(dict.fromkeys(names, _share))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Any Reading: texts that fit their fields or do not, cards that are cut, pictures without one."""
    side = draw(st.sampled_from([None, Side.PORTRAIT, Side.EMBLEM]))
    names = FIELD_NAMES[side] if side is not None else ()
    if side is Side.PORTRAIT and draw(st.booleans()):
        names += FIELD_NAMES[Side.EMBLEM]
    portrait = st.builds(Portrait, _quads, _share, st.binary(max_size=3))
    return Reading(
        side,
        draw(st.tuples(st.integers(15, 8192), st.integers(15, 8192))),
        kinds=draw(_weights(("portrait", "emblem", "other_card", "none"))),
        card_quad=draw(_quads) if side is not None else None,
        turn_degrees=draw(st.sampled_from([0, 90, 180, 270])),
        fields=draw(_made_fields(names)),
        portrait=draw(st.none() | portrait) if side is Side.PORTRAIT else None,
        legality=draw(_weights(tuple(LEGALITY))) if side is not None else {},
        completeness=draw(st.integers(0, 2)),
        stage_ms=draw(_weights(("decode", "locate", "read"))),
        editor=draw(st.sampled_from(["", "Adobe Photoshop CS6"])),
        card_jpeg=draw(st.binary(max_size=3)),
        number_jpeg=draw(st.binary(max_size=3)) if side is Side.PORTRAIT else b"",
    )


# ---- answers against their TypedDicts ---------------------------------------------------------------


def conforms(value: Any, kind: Any) -> bool:
    """Whether JSON is of a type as the formats declare them: every key known, none missing."""
    origin = get_origin(kind)
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return (
            isinstance(value, dict)
            and kind.__required_keys__ <= value.keys() <= hints.keys()
            and all(conforms(inner, hints[key]) for key, inner in value.items())
        )
    if origin in (Union, UnionType):
        return any(conforms(value, choice) for choice in get_args(kind))
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(kind))
    if origin is list:
        return isinstance(value, list) and all(conforms(v, get_args(kind)[0]) for v in value)
    if origin is dict:
        inner = get_args(kind)[1]
        return isinstance(value, dict) and all(conforms(v, inner) for v in value.values())
    return kind is Any or type(value) is kind
