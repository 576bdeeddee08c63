"""wire/huawei: the samples key by key, each switch, both sides in one, and the table of errors."""

from __future__ import annotations

from datetime import date
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from made_readings import (
    JPEG_BASE64,
    SQUARE,
    all_names,
    conforms,
    documented,
    made,
    made_field,
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
from idocr.wire import huawei

DOCUMENTED = documented("huawei")
SWITCHES = tuple(get_type_hints(huawei.Switches))
ALL: dict[str, Any] = dict.fromkeys(SWITCHES, True)
DETECTORS = tuple(name.removeprefix("detect_") for name in SWITCHES if name.startswith("detect_"))
TODAY = date(2026, 1, 1)


def result(reading: Reading, **switches: Any) -> dict[str, Any]:
    body: Any = huawei.answer(reading, today=TODAY, **switches)
    assert list(body) == ["result"]
    found: dict[str, Any] = body["result"]
    return found


@pytest.mark.parametrize(
    ("sample", "name"), [("front", "portrait"), ("front", "bilingual_uyghur"), ("back", "emblem")]
)
def test_answers_have_the_shape_of_the_samples(sample: str, name: str) -> None:
    body: Any = huawei.answer(read_sample(name))
    assert shape(body) == shape(DOCUMENTED[sample])
    assert list(body["result"]) == list(DOCUMENTED[sample]["result"])


def test_values_of_the_sample_cards() -> None:
    texts = true_texts("portrait")
    assert result(read_sample("portrait")) == {
        "name": texts["name"],
        "sex": texts["gender"],
        "ethnicity": texts["ethnicity"],
        "birth": "1968-08-22",
        "address": texts["address"],
        "number": texts["id_number"],
    }
    assert result(read_sample("emblem")) == {
        "issue": true_texts("emblem")["issued_by"],
        "valid_from": "2007-07-08",
        "valid_to": "2012-07-08",
    }
    assert result(read_sample("valid_for_good"))["valid_to"] == "长期"


def test_every_parameter_of_the_document_is_answered() -> None:
    answers = [made(), made(Side.EMBLEM), no_card()]
    assert set().union(*(all_names(huawei.answer(r)) for r in answers)) == set(
        DOCUMENTED["parameters"]
    )


def test_no_card_is_an_error_of_the_shape_of_the_sample() -> None:
    body: Any = huawei.answer(no_card())
    assert shape(body) == shape(DOCUMENTED["error"])
    assert body["error_code"] == "AIS.0104"


def test_there_are_thirteen_switches_and_none_is_on_by_default() -> None:
    assert len(SWITCHES) == 13
    assert set(result(made())) == set(huawei.FRONT_KEYS)
    off: dict[str, Any] = dict.fromkeys(SWITCHES, False)
    assert set(result(made(), **off)) == set(huawei.FRONT_KEYS)


@pytest.mark.parametrize(
    ("switch", "keys"),
    [
        ("return_verification", {"verification_result"}),
        ("return_text_location", {"text_location"}),
        ("return_portrait_location", {"portrait_location"}),
        ("return_portrait_image", {"portrait_image"}),
        ("return_adjusted_image", {"adjusted_image"}),
        *[(f"detect_{name}", {f"detect_{name}_result", "score_info"}) for name in DETECTORS],
    ],
)
def test_each_switch_adds_its_own_keys(switch: str, keys: set[str]) -> None:
    switches: dict[str, Any] = {switch: True}
    body = result(made(), **switches)
    assert set(body) - set(huawei.FRONT_KEYS) == keys
    if "score_info" in keys:
        assert list(body["score_info"]) == [f"{switch.removeprefix('detect_')}_score"]


def test_everything_at_once_has_the_types_of_the_sdk() -> None:
    assert conforms(result(read_sample("portrait"), **ALL), huawei.FrontResult)
    assert conforms(result(read_sample("emblem"), **ALL), huawei.BackResult)
    assert conforms(result(read_sample("temporary"), **ALL), huawei.FrontResult)


def test_pictures_and_places() -> None:
    front, back = result(made(), **ALL), result(made(Side.EMBLEM), **ALL)
    corners = [[10, 21], [110, 20], [110, 80], [10, 80]]
    assert front["portrait_image"] == front["adjusted_image"] == JPEG_BASE64
    assert front["portrait_location"] == corners
    assert front["text_location"] == dict.fromkeys(huawei.FRONT_KEYS, corners)
    assert (back["portrait_image"], back["portrait_location"]) == ("", [])
    assert set(back["text_location"]) == set(huawei.BACK_KEYS)
    unread = made(texts={"address": ""}, portrait=None)
    assert "address" not in result(unread, **ALL)["text_location"]
    assert result(unread, **ALL)["portrait_location"] == []


def test_the_birth_date_stands_from_its_year_to_its_day() -> None:
    reading = made()
    quads = {
        "birth_year": ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
        "birth_month": ((2.0, 0.0), (3.0, 0.0), (3.0, 1.0), (2.0, 1.0)),
        "birth_day": ((4.0, 0.0), (5.0, 0.0), (5.0, 1.0), (4.0, 1.0)),
    }
    fields = dict(reading.fields)
    for name, quad in quads.items():
        fields[name] = made_field(name, "1")
        object.__setattr__(fields[name], "quad", quad)
    places = result(made(fields=fields), return_text_location=True)["text_location"]
    assert places["birth"] == [[0, 0], [5, 0], [5, 1], [0, 1]]
    assert places["name"] == [[round(x), round(y)] for x, y in SQUARE]


@pytest.mark.parametrize(
    ("texts", "checks"),
    [
        ({}, (True, True, True)),
        ({"birth_day": "2"}, (True, False, True)),
        ({"birth_day": ""}, (True, False, True)),
        ({"gender": "女"}, (True, True, False)),
        ({"gender": ""}, (True, True, False)),
        ({"id_number": "119999199001010013"}, (False, False, False)),  # check digit
        ({"id_number": "11999919900101001"}, (False, False, False)),  # length
        ({"id_number": "119999199013010010"}, (False, False, False)),  # no such day
        ({"id_number": ""}, (False, False, False)),
    ],
)
def test_verification_of_the_front(texts: dict[str, str], checks: tuple[bool, ...]) -> None:
    found = result(made(texts=texts), return_verification=True)["verification_result"]
    assert tuple(found.values()) == (*checks, False, False)


def test_a_region_that_is_not_known_makes_no_number_invalid() -> None:
    body = result(made(texts={"id_number": "009999199001010017"}), return_verification=True)
    assert body["verification_result"]["valid_number"]


@pytest.mark.parametrize(
    ("dates", "in_force", "legal"),
    [
        (("20190606", "20390606"), True, True),
        (("20190606", "20240606"), False, True),
        (("20260101", "20310101"), True, True),  # its first day
        (("20160101", "20260101"), True, True),  # its last
        (("20260102", "20310102"), False, True),
        (("20190606", "长期"), True, True),
        (("20270606", "长期"), False, True),
        (("20190606", "20290607"), True, True),  # a day too late: rules.Terms allows it
        (("20190606", "20300606"), True, False),
        (("20190606", ""), False, False),
        (("", "长期"), False, False),
        (("20190631", "20390631"), False, False),
    ],
)
def test_verification_of_the_back(dates: tuple[str, str], in_force: bool, legal: bool) -> None:
    reading = made(Side.EMBLEM, texts=dict(zip(("valid_from", "valid_to"), dates, strict=True)))
    found = result(reading, return_verification=True)["verification_result"]
    assert tuple(found.values()) == (False, False, False, in_force, legal)


@pytest.mark.parametrize(
    ("reading", "flags", "scores"),
    [
        (made(), set(), {}),
        (seeming(Screen=0.3), {"reproduce"}, {"reproduce": 30}),
        (seeming(Photocopy=0.9), {"copy"}, {"copy": 90}),
        (seeming(Edited=0.51), {"tampering"}, {"tampering": 51}),
        (seeming(Temporary_ID_Photo=0.29), {"interim"}, {"interim": 29}),
        (seeming(Screen=0.15), set(), {"reproduce": 15}),
        (seeming(Screen=0.3, Photocopy=0.4), {"copy"}, {"reproduce": 30, "copy": 40}),
        (temporary(), {"interim"}, {}),
        (made(completeness=1), {"border_integrity"}, {"border_integrity": 75}),
        (made(completeness=2), {"border_integrity"}, {"border_integrity": 100}),
        (measured(sharpness=0.05), {"blur"}, {"blur": 100}),
        (measured(sharpness=0.2), set(), {"blur": 40}),
        (measured(glare=0.35), {"glare"}, {"glare": 100}),
        (measured(glare=0.1), set(), {"glare": 24}),
        (made(portrait=None), {"blocking_within_border"}, {"blocking_within_border": 100}),
        (
            made(texts={"address": ""}),
            {"blocking_within_border"},
            {"blocking_within_border": 100},
        ),
    ],
)
def test_detectors(reading: Reading, flags: set[str], scores: dict[str, int]) -> None:
    body = result(reading, **ALL)
    assert {name for name in DETECTORS if body[f"detect_{name}_result"]} == flags
    expected = dict.fromkeys(DETECTORS, 0) | {"blocking_within_border": 10} | scores
    if reading.legality["Photocopy"] == 0.01:
        expected |= {"copy": 1, "reproduce": 1}
    assert body["score_info"] == {f"{name}_score": score for name, score in expected.items()}


def test_both_sides_in_one_answer() -> None:
    body: Any = huawei.double_side_answer(
        [made(Side.EMBLEM), no_card(), made()], today=TODAY, **ALL
    )
    assert list(body["result"]) == ["front", "back"]
    assert conforms(body["result"]["front"], huawei.Front)
    assert conforms(body["result"]["back"], huawei.Back)
    assert list(body["result"]["front"]["verification_result"]) == [
        "valid_number",
        "valid_birth",
        "valid_sex",
    ]
    assert body["result"]["back"]["verification_result"] == {
        "valid_date": True,
        "valid_validity_period": True,
    }


def test_one_side_alone_none_or_one_twice() -> None:
    alone: Any = huawei.double_side_answer([made(Side.EMBLEM)])
    assert alone == {"result": {"back": result(made(Side.EMBLEM))}}
    none: Any = huawei.double_side_answer([no_card()])
    assert none["error_code"] == "AIS.0104"
    twice: Any = huawei.double_side_answer([made(), made()])
    assert twice["error_code"] == "AIS.0122"


THROTTLED = (
    "The throttling threshold has been reached: "
    "policy user over ratelimit,limit:{limit},time:1 minute."
)
WRONG_AUTHENTICATION = "Incorrect IAM authentication information: "


@pytest.mark.parametrize(
    ("refusal", "code", "message", "status"),
    [
        (huawei.INVALID_PARAMETER, "AIS.0101", "The input parameter is invalid.", 400),
        (huawei.UNSUPPORTED_FORMAT, "AIS.0102", "The image format is not supported.", 400),
        (
            huawei.WRONG_SIZE,
            "AIS.0103",
            "The image size does not meet the requirements.",
            400,
        ),
        (
            huawei.NO_CARD,
            "AIS.0104",
            "The image is not supported or the image quality is poor.",
            400,
        ),
        (huawei.FAILED, "AIS.0105", "Recognition failed.", 500),
        (
            huawei.SAME_SIDES,
            "AIS.0122",
            "The image contains two or more ID cards with the same side.",
            400,
        ),
        (huawei.NO_TOKEN, "ModelArts.4101", "Token header cannot be empty.", 401),
        (huawei.UNREADABLE_TOKEN, "ModelArts.4102", "Parse Token error.", 401),
        (huawei.INVALID_TOKEN_HEADER, "ModelArts.4103", "Invalid Token header.", 401),
        (huawei.INVALID_TOKEN, "ModelArts.0203", "Invalid token.", 401),
        (huawei.WRONG_LENGTH, "ModelArts.4104", "Invalid Request Content Length.", 400),
        (
            huawei.NOT_JSON,
            "ModelArts.4105",
            "The JSON format of the input data is incorrect.",
            400,
        ),
        (huawei.URL_REFUSED, "ModelArts.4601", "The URL is not allowed.", 400),
        (
            huawei.URL_FAILED,
            "ModelArts.4603",
            "Obtaining the file from the URL failed.",
            400,
        ),
        (
            huawei.UNKNOWN_PATH,
            "APIG.0101",
            "The API does not exist or has not been published in the environment.",
            404,
        ),
        (
            huawei.WRONG_SIGNATURE,
            "APIG.0301",
            WRONG_AUTHENTICATION + "verify aksk signature fail",
            401,
        ),
        (
            huawei.UNDECRYPTED_TOKEN,
            "APIG.0301",
            WRONG_AUTHENTICATION + "decrypt token fail",
            401,
        ),
        (huawei.EXPIRED_TOKEN, "APIG.0301", WRONG_AUTHENTICATION + "token expires", 401),
        (huawei.TOO_MANY_REQUESTS, "APIG.0308", THROTTLED, 429),
    ],
)
def test_table_of_errors(refusal: huawei.Refusal, code: str, message: str, status: int) -> None:
    assert refusal == (code, message, status)
    assert huawei.refuse(refusal) == {"error_code": code, "error_msg": message}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UnsupportedFormatError(), "AIS.0102"),
        (errors.ImageSizeError(too_small=True), "AIS.0103"),
        (errors.ImageSizeError(), "AIS.0103"),
        (errors.FileTooLargeError(), "AIS.0103"),
        (errors.ArgumentError("detect_blur", "must be bool"), "AIS.0101"),
        (errors.ModelError(), "AIS.0105"),
        (RuntimeError("anything"), "AIS.0105"),
    ],
)
def test_exceptions_have_their_row(error: Exception, code: str) -> None:
    assert huawei.refusal_for(error).code == code


@settings(deadline=None)
@given(readings())
def test_any_reading_has_an_answer_of_the_declared_type(reading: Reading) -> None:
    body = huawei.answer(reading, **ALL)
    assert conforms(body, huawei.Answer)
    assert conforms(
        huawei.double_side_answer([reading], **ALL), huawei.DoubleSideAnswer | huawei.ErrorAnswer
    )
    if reading.side is not None:
        scores = result(reading, **ALL)["score_info"].values()
        assert all(0 <= score <= 100 for score in scores)
