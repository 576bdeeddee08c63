"""wire/tempeisite: both routes' samples, the images, the judgements, the table of errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from made_readings import (
    JPEG_BASE64,
    all_names,
    conforms,
    documented,
    made,
    measured,
    no_card,
    read_sample,
    readings,
    seeming,
    shape,
    temporary,
    true_texts,
)

from idocr import errors
from idocr.reading import Reading, Side
from idocr.wire import tempeisite

DOCUMENTED = documented("tempeisite")
ALL: Any = dict.fromkeys(("head_portrait", "crop_image", "id_number_image"), True)
# Live answers have them on the portrait side too, the document's sample has not.
ADDED = {"issue_authority": "", "validity": ""}


def data(reading: Reading, **switches: Any) -> dict[str, Any]:
    body: Any = tempeisite.answer(reading, **switches)
    assert body["code"] == "0"
    found: dict[str, Any] = body["data"]
    return found


def test_the_upstream_route_answers_as_the_sample() -> None:
    body: Any = tempeisite.upstream_answer(read_sample("portrait"))
    sample = DOCUMENTED["success"]
    assert shape(body) == shape(sample | {"data": sample["data"] | ADDED})
    assert list(body) == list(sample)
    assert [key for key in body["data"] if key not in ADDED] == list(sample["data"])
    assert (body["code"], body["desc"]) == ("0", "success")
    assert len(body["sid"]) == len(sample["sid"])
    assert body["sid"].startswith("wcr")


def test_its_own_route_says_the_same_with_a_message() -> None:
    body: Any = tempeisite.answer(read_sample("portrait"))
    sample = DOCUMENTED["success"] | {"message": "success"}
    assert shape(body) == shape(sample | {"data": sample["data"] | ADDED})


def test_every_parameter_of_the_document_is_answered() -> None:
    """And `desc` and `sid`, which only the samples have."""
    names = all_names(tempeisite.answer(made(), **ALL))
    assert names == {*DOCUMENTED["parameters"], "desc", "sid"}


def test_values_of_the_sample_cards() -> None:
    texts, body = true_texts("portrait"), data(read_sample("portrait"))
    assert {key: body[key] for key in tempeisite._FrontFields.__annotations__} == {
        "address": texts["address"],
        "birthday": "1968年8月22日",
        "id_number": texts["id_number"],
        "name": texts["name"],
        "people": texts["ethnicity"],
        "sex": texts["gender"],
    }
    back = data(read_sample("emblem"))
    assert back["issue_authority"] == true_texts("emblem")["issued_by"]
    assert back["validity"] == "2007.07.08-2012.07.08"
    assert "name" not in back
    assert data(read_sample("valid_for_good"))["validity"].endswith("-长期")


@pytest.mark.parametrize(
    ("dates", "validity"),
    [
        (("20190606", "20390606"), "2019.06.06-2039.06.06"),
        (("20190606", "长期"), "2019.06.06-长期"),
        (("20190606", ""), "2019.06.06-"),
        (("", "20390606"), "-2039.06.06"),
        (("", ""), ""),
    ],
)
def test_validity(dates: tuple[str, str], validity: str) -> None:
    texts = dict(zip(("valid_from", "valid_to"), dates, strict=True))
    assert data(made(Side.EMBLEM, texts=texts))["validity"] == validity


@pytest.mark.parametrize(
    ("switch", "key", "value"),
    [
        ("head_portrait", "head_portrait", {"image": JPEG_BASE64}),
        ("crop_image", "cropped_image", JPEG_BASE64),
        ("id_number_image", "id_number_image", JPEG_BASE64),
    ],
)
def test_images_come_when_asked_for(switch: str, key: str, value: object) -> None:
    assert key not in data(made())
    assert data(made(), **{switch: True})[key] == value
    bare = made(portrait=None, card_jpeg=b"", number_jpeg=b"")
    assert key not in data(bare, **{switch: True})


@pytest.mark.parametrize(
    ("reading", "true"),
    [
        (made(), set()),
        (made(Side.EMBLEM), set()),
        (made(portrait=None), {"head_covered"}),
        (made(completeness=1), {"border_covered"}),
        (measured(sharpness=0.1), {"head_blurred"}),
        (measured(Side.EMBLEM, sharpness=0.1), set()),
        (seeming(Photocopy=0.6), {"gray_image"}),
        (seeming(Screen=0.9), set()),
    ],
)
def test_judgements(reading: Reading, true: set[str]) -> None:
    body = data(reading)
    names = ("head_covered", "head_blurred", "gray_image", "border_covered")
    assert {name for name in names if body[name]} == true
    assert body["complete"] is True


@pytest.mark.parametrize(
    ("reading", "card_type"),
    [
        (made(), "第二代身份证"),
        (made(Side.EMBLEM), "第二代身份证背面"),
        (temporary(), "临时身份证"),
        (seeming(Temporary_ID_Photo=0.9), "临时身份证"),
    ],
)
def test_types(reading: Reading, card_type: str) -> None:
    assert data(reading)["type"] == card_type


def test_a_temporary_card_has_authority_and_validity() -> None:
    body = data(temporary())
    assert (body["issue_authority"], body["validity"]) == ("某市公安局", "2019.06.06-2019.09.06")


def test_time_cost_is_that_of_the_stages() -> None:
    assert data(made())["time_cost"] == {"preprocess": 31, "recognize": 36}


def test_no_card_is_an_error_of_the_engine() -> None:
    body: Any = tempeisite.upstream_answer(no_card())
    assert conforms(body, tempeisite.UpstreamAnswer)
    assert (body["code"], body["data"]["error_code"]) == ("0", 40007)
    assert body["data"]["error_msg"] == "fail to recognize"


@pytest.mark.parametrize(
    ("refusal", "code", "message"),
    [
        (tempeisite.OK, 0, "ok"),
        (tempeisite.INVALID_PARAMETER, 40001, "invalid parameter"),
        (tempeisite.MISSING_PARAMETER, 40002, "missing parameter"),
        (tempeisite.WRONG_PASSWORD, 40003, "invalid user or password"),
        (tempeisite.NO_BODY, 40004, "missing request body"),
        (tempeisite.IMAGE_FORMAT, 40005, "invalid image format"),
        (tempeisite.IMAGE_SIZE, 40006, "invalid image size"),
        (tempeisite.NOT_RECOGNIZED, 40007, "fail to recognize"),
        (tempeisite.CONTENT_TYPE, 40008, "invalid content type"),
        (tempeisite.CORRUPTED_BODY, 40009, "corrupted request body"),
        (tempeisite.NO_IMAGE, 40010, "fail to extract image"),
        (tempeisite.BACKEND_DOWN, 50001, "backend down"),
        (tempeisite.TIMEOUT, 50004, "timeout"),
        (tempeisite.UNKNOWN, 90099, "unknown"),
    ],
)
def test_errors_of_the_engine(refusal: tempeisite.Refusal, code: int, message: str) -> None:
    assert refusal == (code, message, 200)
    body: Any = tempeisite.refuse(refusal)
    assert conforms(body, tempeisite.Answer)
    assert body["code"] == "0"
    assert (body["data"]["error_code"], body["data"]["error_msg"]) == (code, message)


@pytest.mark.parametrize(
    ("refusal", "code", "message"),
    [
        (tempeisite.ILLEGAL_ACCESS, "10105", "illegal access|illegal client_ip"),
        (tempeisite.INVALID_APPID, "10106", "invalid parameter|invalid X-Appid"),
        (tempeisite.ILLEGAL_PARAMETER, "10107", "illegal parameter"),
        (tempeisite.NO_LICENSE, "10110", "no license"),
    ],
)
def test_errors_of_the_request(refusal: tempeisite.Refusal, code: str, message: str) -> None:
    assert refusal == (code, message, 200)
    body: Any = tempeisite.upstream_refuse(refusal)
    assert shape(body) == shape(DOCUMENTED["failure"])
    assert list(body) == list(DOCUMENTED["failure"])
    assert (body["code"], body["desc"], body["data"]) == (code, message, "")
    assert tempeisite.refuse(refusal)["message"] == message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UnsupportedFormatError(), 40005),
        (errors.ImageSizeError(), 40006),
        (errors.FileTooLargeError(), 40006),
        (errors.ArgumentError("crop_image", "must be bool"), 40001),
        (TimeoutError(), 50004),
        (errors.ModelError(), 90099),
        (RuntimeError("anything"), 90099),
    ],
)
def test_exceptions_have_their_row(error: Exception, code: int) -> None:
    assert tempeisite.refusal_for(error).code == code


@settings(deadline=None)
@given(readings())
def test_any_reading_has_an_answer_of_the_declared_type(reading: Reading) -> None:
    assert conforms(tempeisite.answer(reading, **ALL), tempeisite.Answer)
    assert conforms(tempeisite.upstream_answer(reading, **ALL), tempeisite.UpstreamAnswer)
