"""wire/megvii: the seed's keys, nesting and types, and what 1001 and 1002 stand for."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import cv2
import numpy as np
import pytest
from made_readings import made, shape

import idocr
from idocr.reading import FIELD_NAMES, Field, Portrait, Reading, Side
from idocr.wire import megvii

SAMPLES = Path(__file__).parent / "samples"
WIRE = Path(__file__).parent / "wire"
SQUARE = ((10.2, 20.7), (110.0, 20.0), (110.0, 80.0), (10.0, 80.0))
LEGALITY = {
    "ID_Photo": 0.98,
    "Temporary_ID_Photo": 0.0,
    "Photocopy": 0.01,
    "Screen": 0.01,
    "Edited": 0.0,
}

# Keys of the two samples in the seed; `portrait` only on request.
COMMON = {"request_id", "time_used", "result", "side", "legality", "completeness", "card_rect"}
PORTRAIT_SIDE = {
    "name",
    "gender",
    "nationality",
    "birth_year",
    "birth_month",
    "birth_day",
    "idcard_number",
    "address",
}
EMBLEM_SIDE = {"issued_by", "valid_date_start", "valid_date_end"}


def reading(side: Side = Side.PORTRAIT, **changes: Any) -> Reading:
    fields = {
        name: Field(name, text="x", raw="x", quality=0.9, confidence=0.99, quad=SQUARE)
        for name in FIELD_NAMES[side]
    }
    whole = Reading(side, (400, 300), card_quad=SQUARE, fields=fields, legality=LEGALITY)
    return replace(whole, **changes)


def answer(of: Reading, return_portrait: bool = False) -> dict[str, Any]:
    return megvii.answer(of, return_portrait=return_portrait, time_used_ms=12)


def with_field(name: str, **changes: Any) -> Reading:
    whole = reading()
    return replace(whole, fields={**whole.fields, name: replace(whole.fields[name], **changes)})


@pytest.mark.parametrize(
    ("side", "keys", "typed"),
    [
        (Side.PORTRAIT, COMMON | PORTRAIT_SIDE, megvii.PortraitSideAnswer),
        (Side.EMBLEM, COMMON | EMBLEM_SIDE, megvii.EmblemSideAnswer),
    ],
)
def test_keys_are_those_of_the_seed(side: Side, keys: set[str], typed: type) -> None:
    body = answer(reading(side))
    assert set(body) == keys == set(get_type_hints(typed)) - {"portrait"}
    for name in keys - COMMON:
        assert set(body[name]) == {"result", "quality", "rect", "logic"}
        assert set(body[name]["rect"]) == {"lt", "rt", "rb", "lb"}
        assert all(set(p) == {"x", "y"} for p in body[name]["rect"].values())
    assert set(body["legality"]) == {*LEGALITY, "ID_Photo_Threshold"}
    assert body["legality"]["ID_Photo_Threshold"] == 0.8
    assert body["side"] == int(side)


def with_floats(value: Any, is_number: bool = False) -> Any:
    """JSON with its measures as floats: the samples write some of them as 0 and others as 0.95."""
    if isinstance(value, dict):
        return {
            key: with_floats(inner, is_number or key in ("legality", "quality"))
            for key, inner in value.items()
        }
    return float(value) if is_number else value


@pytest.mark.parametrize(("sample", "name"), [("front", "portrait"), ("back", "emblem")])
def test_answers_have_the_shape_of_the_samples(sample: str, name: str) -> None:
    documented = json.loads((WIRE / "megvii.json").read_text("utf-8"))[sample]
    body: Any = idocr.recognize(SAMPLES / f"{name}.jpg", return_portrait=True)
    assert shape(with_floats(body)) == shape(with_floats(documented))


def test_values_have_the_types_of_the_seed() -> None:
    body = answer(reading())
    assert re.fullmatch(
        r"\d{10},[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        body["request_id"],
    )
    assert body["time_used"] == 12
    assert body["name"]["rect"]["lt"] == {"x": 10, "y": 21}
    assert type(body["name"]["rect"]["lt"]["x"]) is int
    assert body["name"]["quality"] == 0.9
    assert body["card_rect"]["rb"] == {"x": 110, "y": 80}


def test_unread_field_is_empty_with_zero_corners() -> None:
    body = answer(with_field("address", text="", quad=None))
    assert body["address"]["result"] == ""
    assert all(p == {"x": 0, "y": 0} for p in body["address"]["rect"].values())


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        (reading(), 1001),
        (with_field("name", text="", quad=None), 1002),
        (with_field("gender", logic=1), 1002),
        (with_field("address", quality=0.149), 1002),
        (with_field("address", quality=0.15), 1001),
        (reading(legality={**LEGALITY, "ID_Photo": 0.799, "Screen": 0.191}), 1002),
        (reading(legality={**LEGALITY, "ID_Photo": 0.8, "Screen": 0.19}), 1001),
    ],
)
def test_result_says_whether_anything_is_wrong(changed: Reading, result: int) -> None:
    assert answer(changed)["result"] == result


def test_portrait_comes_only_on_request_and_with_a_face() -> None:
    with_face = reading(portrait=Portrait(SQUARE, 0.9, b"jpeg"))
    assert "portrait" not in answer(with_face)
    assert "portrait" not in answer(reading(), return_portrait=True)
    body = answer(with_face, return_portrait=True)
    assert base64.b64decode(body["portrait"]["result"]) == b"jpeg"
    assert body["portrait"]["logic"] == 0


def test_no_card() -> None:
    body = answer(Reading(None, (400, 300)))
    assert set(body) == {"request_id", "time_used", "error", "error_message"}
    assert body["error"] == "ID_CARD_NOT_FOUND"


def test_the_whole_way_portrait_side() -> None:
    body = idocr.recognize(SAMPLES / "portrait.jpg", return_portrait=True)
    assert set(body) == COMMON | PORTRAIT_SIDE | {"portrait"}
    assert (body["result"], body["side"], body["completeness"]) == (1001, 0, 0)
    assert not body["birth_month"]["result"].startswith("0")
    face = cv2.imdecode(np.frombuffer(base64.b64decode(body["portrait"]["result"]), np.uint8), 1)
    assert min(face.shape[:2]) > 100


def test_the_whole_way_emblem_side() -> None:
    body = idocr.recognize((SAMPLES / "valid_for_good.jpg").read_bytes())
    assert set(body) == COMMON | EMBLEM_SIDE
    assert re.fullmatch(r"\d{8}", body["valid_date_start"]["result"])
    assert body["valid_date_end"]["result"] == "长期"


def test_the_whole_way_no_card() -> None:
    body = idocr.recognize(SAMPLES / "none_page.jpg")
    assert body["error"] == "ID_CARD_NOT_FOUND"


@pytest.mark.parametrize(
    ("changed", "told", "result"),
    [
        ({"completeness": 1}, {}, 1001),
        ({"completeness": 1}, {"completeness": True}, 1002),
        ({"portrait": None}, {}, 1001),
        ({"portrait": None}, {"face_detect": True}, 1002),
        ({"quality": 0.1}, {}, 1002),
        ({"quality": 0.1}, {"text_quality": False}, 1001),
        ({"logic": 1}, {"logic": True}, 1002),
        ({"logic": 1}, {"logic": False}, 1001),
        ({"text": ""}, {"logic": False, "text_quality": False}, 1002),
    ],
)
def test_exception_range_says_what_counts(
    changed: dict[str, Any], told: megvii.ExceptionRange, result: int
) -> None:
    reading = made()
    if changed.keys() & {"quality", "logic", "text"}:
        name = replace(reading.fields["name"], **changed)
        reading = replace(reading, fields={**reading.fields, "name": name})
    else:
        reading = replace(reading, **changed)
    assert megvii.answer(reading, exception_range=told)["result"] == result


def test_exception_range_is_parsed() -> None:
    assert megvii.parse_exception_range('{"logic": false, "more": 1}') == {"logic": False}
    for text in ("", "[]", "{", '{"logic": "false"}', "[" * 100_000):
        with pytest.raises(idocr.errors.ArgumentError):
            megvii.parse_exception_range(text)


def test_a_field_as_likely_wrong_as_right_is_doubted() -> None:
    sure = reading()
    assert megvii.answer(sure)["result"] == megvii.GENUINE  # type: ignore[typeddict-item]
    name = replace(sure.fields["name"], confidence=megvii.CONFIDENCE_THRESHOLD - 0.01)
    doubtful = replace(sure, fields={**sure.fields, "name": name})
    assert megvii.answer(doubtful)["result"] == megvii.DOUBTFUL  # type: ignore[typeddict-item]
    uncounted = megvii.answer(doubtful, exception_range={"text_quality": False})
    assert uncounted["result"] == megvii.GENUINE  # type: ignore[typeddict-item]
