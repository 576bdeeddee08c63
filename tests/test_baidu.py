"""wire/baidu and wire/waiqin365, two faces of one core: samples, switches, states, errors."""

from __future__ import annotations

import json
from dataclasses import replace
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
from idocr.wire import baidu, waiqin365

BAIDU, WAIQIN365 = documented("baidu"), documented("waiqin365")
BAIDU_ALL: Any = {"id_card_side": "front"} | dict.fromkeys(
    ("detect_direction", "detect_risk", "detect_quality", "detect_photo", "detect_card"), True
)
WAIQIN365_ALL: Any = {"transfer_id": "1", "msg_id": "2", "ID_card_side": "front"} | dict.fromkeys(
    ("quality_detection", "risk_detection", "card_cropping", "photo_detection"), True
)


def answer(reading: Reading, **switches: Any) -> dict[str, Any]:
    body: Any = baidu.answer(reading, **switches)
    found: dict[str, Any] = body
    return found


def data(reading: Reading, **switches: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(waiqin365.answer(reading, **switches)["response_data"])
    return found


# ---- samples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "name"), [("front", "portrait"), ("back", "emblem")])
def test_baidu_has_the_shape_of_the_samples(sample: str, name: str) -> None:
    assert shape(answer(read_sample(name))) == shape(BAIDU[sample])


def test_waiqin365_has_the_envelope_of_the_sample() -> None:
    body = waiqin365.answer(made(), msg_id="7")
    assert shape(body) == shape(WAIQIN365["envelope"])
    assert list(body) == list(WAIQIN365["envelope"])
    assert (body["return_code"], body["msg_id"]) == ("0", "7")


def test_waiqin365_front_is_the_sample_in_its_order() -> None:
    body = data(read_sample("portrait"), transfer_id="1", photo_detection=True, card_cropping=True)
    sample = WAIQIN365["front"]
    assert shape(body) == shape(sample)
    assert list(body) == list(sample)
    assert list(body["recognition_results"]) == list(sample["recognition_results"])


def test_waiqin365_back_is_the_sample_but_for_the_contradictions() -> None:
    """`direction` on both sides; recognition_id is a number, as in the sample of the front."""
    body = data(read_sample("emblem"), transfer_id="1")
    sample = WAIQIN365["back"] | {"direction": 0, "recognition_id": 1}
    assert shape(body) == shape(sample)
    assert list(body["recognition_results"]) == list(sample["recognition_results"])


def test_every_parameter_of_waiqin365s_document_is_answered() -> None:
    """`card_cropping` is `card` and `card_location` in the sample."""
    names = all_names(data(made(editor="GIMP"), **WAIQIN365_ALL))
    names -= {*baidu.FRONT_KEYS, *baidu.CardQuality.__annotations__}
    parameters = set(WAIQIN365["parameters"]) - {"card_cropping"}
    assert names == parameters | {"card", "card_location"}


def test_values_of_the_sample_cards() -> None:
    texts = true_texts("portrait")
    words = {key: w["words"] for key, w in answer(read_sample("portrait"))["words_result"].items()}
    assert words == {
        "住址": texts["address"],
        "公民身份号码": texts["id_number"],
        "出生": "19680822",
        "姓名": texts["name"],
        "性别": texts["gender"],
        "民族": texts["ethnicity"],
    }
    back = data(read_sample("valid_for_good"))["recognition_results"]
    texts = true_texts("valid_for_good")
    assert back["签发机关"]["words"] == texts["issued_by"]
    assert back["签发日期"]["words"] == texts["valid_from"]
    assert back["失效日期"]["words"] == "长期"


def test_two_faces_of_one_answer() -> None:
    """Every switch on: the same values under the other names, but for the ids and no_IDcard."""
    reading = read_sample("portrait")
    ours, theirs = answer(reading, **BAIDU_ALL), data(reading, **WAIQIN365_ALL)
    renamed = {waiqin365.RENAMED.get(key, key): value for key, value in ours.items()}
    ids = {"recognition_id", "transfer_id"}
    assert {k: v for k, v in theirs.items() if k not in ids} == {
        k: v for k, v in renamed.items() if k not in ids
    }


# ---- switches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "keys"),
    [
        ("detect_direction", {"direction"}),
        ("detect_risk", {"risk_type"}),
        ("detect_quality", {"card_quality"}),
        ("detect_photo", {"photo", "photo_location"}),
        ("detect_card", {"card_image", "card_location"}),
    ],
)
def test_each_switch_adds_its_own_keys(switch: str, keys: set[str]) -> None:
    assert set(answer(made(), **{switch: True})) - set(answer(made())) == keys
    assert set(answer(made(), **{switch: False})) == set(answer(made()))


def test_pictures_and_boxes() -> None:
    body = answer(made(), **BAIDU_ALL)
    box = {"left": 10, "top": 20, "width": 100, "height": 60}
    assert body["photo"] == body["card_image"] == JPEG_BASE64
    assert body["photo_location"] == body["card_location"] == box
    assert body["words_result"]["姓名"]["location"] == box
    assert "photo" not in answer(made(portrait=None), **BAIDU_ALL)
    assert "photo" not in answer(made(Side.EMBLEM), **BAIDU_ALL)


def test_boxes_end_where_the_picture_ends() -> None:
    quad = ((-20.0, 10.0), (900.0, 10.0), (900.0, 320.0), (-20.0, 320.0))
    body = answer(made(card_quad=quad), **BAIDU_ALL)
    assert body["card_location"] == {"left": 0, "top": 10, "width": 400, "height": 290}


@pytest.mark.parametrize("transfer_id", ["3453434212", 3453434212])
def test_transfer_id_comes_back_in_its_type(transfer_id: str | int) -> None:
    assert data(made(), transfer_id=transfer_id)["transfer_id"] == transfer_id


def test_ids_fit_a_double() -> None:
    assert all(0 <= baidu.new_log_id() < 2**53 for _ in range(100))


# ---- what is judged ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("turn", "direction"), [(0, 0), (90, 3), (180, 2), (270, 1)])
def test_direction_counts_counter_clockwise(turn: int, direction: int) -> None:
    assert data(made(turn_degrees=turn))["direction"] == direction
    assert data(no_card())["direction"] == -1


def test_direction_of_turned_samples() -> None:
    assert data(read_sample("turned_90_portrait"))["direction"] == 3
    assert data(read_sample("turned_270_emblem"))["direction"] == 1


OTHER_CARD = {"portrait": 0.0, "emblem": 0.0, "other_card": 0.9, "none": 0.1}
BLANK = made(fields={name: replace(f, text="") for name, f in made().fields.items()})


@pytest.mark.parametrize(
    ("reading", "side", "baidus", "waiqin365s"),
    [
        (made(), "front", "normal", "normal"),
        (made(), "back", "reversed_side", "reversed_side"),
        (made(Side.EMBLEM), "back", "normal", "normal"),
        (made(Side.EMBLEM), "front", "reversed_side", "reversed_side"),
        (no_card(), "front", "non_idcard", "no_IDcard"),
        (no_card(kinds=OTHER_CARD), "front", "other_type_card", "other_type_card"),
        (measured(sharpness=0.1), "front", "blurred", "blurred"),
        (measured(glare=0.3), "front", "over_exposure", "over_exposure"),
        (measured(brightness=0.2), "front", "over_dark", "over_dark"),
        (measured(sharpness=0.1, glare=0.3), "back", "blurred", "blurred"),
        (measured(glare=0.3, brightness=0.2), "back", "over_exposure", "over_exposure"),
        (measured(brightness=0.2), "back", "over_dark", "over_dark"),
        (BLANK, "front", "unknown", "unknown"),
    ],
)
def test_one_status_of_eight(reading: Reading, side: str, baidus: str, waiqin365s: str) -> None:
    assert answer(reading, id_card_side=side)["image_status"] == baidus
    assert data(reading, ID_card_side=side)["photo_status"] == waiqin365s


def test_without_an_announced_side_none_is_reversed() -> None:
    assert answer(made())["image_status"] == answer(made(Side.EMBLEM))["image_status"] == "normal"


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ({}, 1),
        ({"birth_day": "2", "gender": "女"}, 2),
        ({"birth_day": "2"}, 3),
        ({"gender": "女"}, 4),
        ({"id_number": "119999199001010013"}, 0),
        ({"id_number": ""}, 0),
    ],
)
def test_number_types(texts: dict[str, str], kind: int) -> None:
    assert data(made(texts=texts))["ID_number_type"] == kind


def test_number_type_of_nothing_and_of_the_other_side() -> None:
    assert answer(BLANK)["idcard_number_type"] == -1
    assert answer(no_card(), id_card_side="front")["idcard_number_type"] == -1
    assert "idcard_number_type" not in answer(no_card(), id_card_side="back")
    assert "idcard_number_type" not in answer(made(Side.EMBLEM))


def test_an_illegal_number_is_not_returned() -> None:
    """The document's sample breaks this rule of its own table."""
    reading = read_sample("wrong_number")
    assert reading.text("id_number")
    body = answer(reading)
    assert (body["idcard_number_type"], body["words_result_num"]) == (0, 6)
    number = body["words_result"]["公民身份号码"]
    assert number["words"] == ""
    assert number["location"]["width"] > 100


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        (made(), "normal"),
        (seeming(Photocopy=0.9), "copy"),
        (seeming(Screen=0.3), "screen"),
        (seeming(Screen=0.2), "normal"),
        (seeming(Temporary_ID_Photo=0.9), "temporary"),
        (temporary(), "temporary"),
        (seeming(Edited=0.9), "unknown"),
    ],
)
def test_risk_types(reading: Reading, kind: str) -> None:
    assert data(reading, risk_detection=True)["risk_type"] == kind


def test_edit_tool_only_where_an_editor_signed() -> None:
    assert "edit_tool" not in answer(made(), detect_risk=True)
    edited = made(editor="Adobe Photoshop CS6")
    assert answer(edited, detect_risk=True)["edit_tool"] == "Adobe Photoshop CS6"
    assert "edit_tool" not in answer(edited)


@pytest.mark.parametrize(
    ("reading", "clear", "complete", "uncovered"),
    [
        (made(), (1, 1.0), (1, 1.0), (1, 0.9)),
        (made(Side.EMBLEM), (1, 1.0), (1, 1.0), (1, 1.0)),
        (measured(sharpness=0.1), (0, 0.2), (1, 1.0), (1, 0.9)),
        (measured(sharpness=0.175), (0, 0.5), (1, 1.0), (1, 0.9)),  # "over 0.5"
        (made(completeness=1), (1, 1.0), (0, 0.25), (1, 0.9)),
        (made(completeness=2), (1, 1.0), (0, 0.0), (1, 0.9)),
        (made(portrait=None), (1, 1.0), (1, 1.0), (0, 0.0)),
        (made(texts={"name": ""}), (1, 1.0), (1, 1.0), (0, 0.0)),
    ],
)
def test_card_quality(
    reading: Reading,
    clear: tuple[int, float],
    complete: tuple[int, float],
    uncovered: tuple[int, float],
) -> None:
    quality = data(reading, quality_detection=True)["card_quality"]
    expected = {"IsClear": clear, "IsComplete": complete, "IsNoCover": uncovered}
    assert quality == {
        key: value
        for name, (flag, share) in expected.items()
        for key, value in ((name, flag), (f"{name}_propobility", pytest.approx(share)))
    }


def test_a_permit_without_an_ethnic_group_is_not_covered() -> None:
    quality = answer(read_sample("permit"), detect_quality=True)["card_quality"]
    assert quality["IsNoCover"] == 1


def test_a_temporary_card_has_the_fields_of_both_sides() -> None:
    body = answer(temporary())
    assert list(body["words_result"]) == [*baidu.FRONT_KEYS, *baidu.BACK_KEYS]
    assert body["words_result_num"] == 9


def test_no_card() -> None:
    body = data(no_card(), **WAIQIN365_ALL)
    assert (body["recognition_results"], body["result_num"]) == ({}, 0)
    assert not {"card", "ID_photo", "risk_type", "card_quality"} & set(body)


# ---- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "code", "message"),
    [
        (baidu.INVALID_PARAMETER, 216100, "invalid param"),
        (baidu.MISSING_PARAMETER, 216101, "not enough param"),
        (baidu.EMPTY_IMAGE, 216200, "empty image"),
        (baidu.IMAGE_FORMAT, 216201, "image format error"),
        (baidu.IMAGE_SIZE, 216202, "image size error"),
        (baidu.NOT_RECOGNIZED, 216630, "recognize error"),
        (baidu.CARD_NOT_RECOGNIZED, 216633, "recognize idcard error"),
        (baidu.INVALID_TOKEN, 110, "Access token invalid or no longer valid"),
        (baidu.EXPIRED_TOKEN, 111, "Access token expired"),
        (baidu.TOO_MANY_REQUESTS, 18, "Open api qps request limit reached"),
        (baidu.INTERNAL, 282000, "internal error"),
    ],
)
def test_baidus_table_of_errors(refusal: baidu.Refusal, code: int, message: str) -> None:
    assert refusal == (code, message, 200)
    body = baidu.refuse(refusal)
    assert conforms(body, baidu.ErrorAnswer)
    assert (body["error_code"], body["error_msg"]) == (code, message)


@pytest.mark.parametrize(
    "name", [name for name, row in vars(waiqin365).items() if isinstance(row, baidu.Refusal)]
)
def test_waiqin365s_table_of_errors(name: str) -> None:
    refusal = getattr(waiqin365, name)
    assert (refusal.code, refusal.http_status) == ("1", 200)
    assert waiqin365.refuse(refusal, "7") == {
        "return_code": "1",
        "return_msg": refusal.message,
        "msg_id": "7",
        "response_data": "{}",
    }


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (errors.UnsupportedFormatError(), 216201, "图片格式不支持或图片已损坏"),
        (errors.ImageSizeError(), 216202, "图片边长不符合要求"),
        (errors.FileTooLargeError(), 216202, "图片大小超过限制"),
        (errors.ArgumentError("id_card_side", "must be front or back"), 216100, "参数错误"),
        (errors.ModelError(), 282000, "内部错误"),
        (RuntimeError("anything"), 282000, "内部错误"),
    ],
)
def test_exceptions_have_their_row(error: Exception, code: int, words: str) -> None:
    assert baidu.refusal_for(error).code == code
    assert waiqin365.refusal_for(error).message == words


@settings(deadline=None)
@given(readings())
def test_any_reading_has_an_answer_of_the_declared_type(reading: Reading) -> None:
    ours = answer(reading, **BAIDU_ALL)
    assert conforms(ours, baidu.Answer)
    envelope = waiqin365.answer(reading, **WAIQIN365_ALL)
    assert conforms(envelope, waiqin365.Answer)
    assert conforms(json.loads(envelope["response_data"]), waiqin365.Data)
    for words in ours["words_result"].values():
        box = words["location"]
        assert min(box.values()) >= 0
        assert box["left"] + box["width"] <= reading.size_px[0]
        assert box["top"] + box["height"] <= reading.size_px[1]
