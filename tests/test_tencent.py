"""wire/tencent: the samples, AdvancedInfo with its warnings, the table of errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from made_readings import (
    JPEG_BASE64,
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
from idocr.wire import tencent

DOCUMENTED = documented("tencent")
ALL: Any = dict.fromkeys(tencent.Config.__annotations__, True)


def response(reading: Reading, **switches: Any) -> dict[str, Any]:
    body: Any = tencent.answer(reading, **switches)
    assert list(body) == ["Response"]
    found: dict[str, Any] = body["Response"]
    return found


def advanced(reading: Reading, **switches: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response(reading, **switches)["AdvancedInfo"])
    return found


@pytest.mark.parametrize(
    ("sample", "name", "switches"),
    [
        ("front", "portrait", {}),
        ("front", "portrait", {"TempIdWarn": True, "CardSide": "FRONT"}),
        ("back", "emblem", {"CardSide": "BACK"}),
        ("crops", "portrait", {"CropIdCard": True, "CropPortrait": True}),
    ],
)
def test_answers_have_the_shape_of_the_samples(
    sample: str, name: str, switches: dict[str, Any]
) -> None:
    body = response(read_sample(name), **switches)
    expected = DOCUMENTED[sample]["Response"]
    assert shape(body) == shape(expected)
    assert shape(json.loads(body["AdvancedInfo"])) == shape(json.loads(expected["AdvancedInfo"]))
    assert {key for key in body if body[key] == ""} == {
        key for key in expected if expected[key] == ""
    }


def test_values_of_the_sample_cards() -> None:
    texts, body = true_texts("portrait"), response(read_sample("portrait"))
    assert body["Name"] == texts["name"]
    assert body["Sex"] == texts["gender"]
    assert body["Nation"] == texts["ethnicity"]
    assert body["Birth"] == "1968/8/22"
    assert body["Address"] == texts["address"]
    assert body["IdNum"] == texts["id_number"]
    back = response(read_sample("valid_for_good"))
    assert back["Authority"] == true_texts("valid_for_good")["issued_by"]
    assert back["ValidDate"].endswith("-长期")


def test_advanced_info_is_that_of_the_documents_example() -> None:
    """The document's example has Quality, WarnInfos and BorderCodeValue in this order."""
    text = response(made(), Quality=True, BorderCheckWarn=True)["AdvancedInfo"]
    assert text == '{"Quality":100,"WarnInfos":[],"BorderCodeValue":0}'


def test_pictures() -> None:
    crops = {"CropIdCard": True, "CropPortrait": True}
    assert advanced(made(), **crops) == {"IdCard": JPEG_BASE64, "Portrait": JPEG_BASE64}
    assert advanced(made(portrait=None), **crops) == {"IdCard": JPEG_BASE64}
    assert advanced(made(), CopyWarn=True, **crops)["WarnInfos"] == []


@pytest.mark.parametrize(
    ("reading", "switch", "codes"),
    [
        (made(completeness=1), "BorderCheckWarn", [-9101]),
        (seeming(Photocopy=0.9), "CopyWarn", [-9102]),
        (seeming(Screen=0.9), "ReshootWarn", [-9103]),
        (temporary(), "TempIdWarn", [-9104]),
        (seeming(Temporary_ID_Photo=0.9), "TempIdWarn", [-9104]),
        (made(portrait=None), "BorderCheckWarn", [-9105]),
        (made(portrait=None, completeness=2), "BorderCheckWarn", [-9101, -9105]),
        (seeming(Edited=0.9), "DetectPsWarn", [-9106]),
        (measured(glare=0.3), "ReflectWarn", [-9107]),
        (made(Side.EMBLEM, texts={"valid_to": "20300606"}), "InvalidDateWarn", [-9109]),
        (made(Side.EMBLEM, texts={"valid_to": "长期"}), "InvalidDateWarn", []),
        (made(Side.EMBLEM, texts={"valid_to": ""}), "InvalidDateWarn", []),
        (made(), "InvalidDateWarn", []),
        (temporary(), "InvalidDateWarn", []),
    ],
)
def test_warnings_come_with_their_switch_alone(
    reading: Reading, switch: str, codes: list[int]
) -> None:
    assert advanced(reading, **{switch: True})["WarnInfos"] == codes
    others = {name: True for name in ALL if name != switch}
    assert not set(advanced(reading, **others)["WarnInfos"]) & set(codes)


def test_a_plain_card_has_no_warning() -> None:
    for name in ("portrait", "emblem", "permit", "valid_for_good", "bilingual_tibetan"):
        assert advanced(read_sample(name), **ALL)["WarnInfos"] == []


@pytest.mark.parametrize(
    ("reading", "quality", "border", "valid"),
    [
        (made(), 100, 0, True),
        (measured(sharpness=0.175), 50, 0, True),
        (made(completeness=1), 100, 75, True),
        (made(completeness=2), 100, 100, False),
        (measured(glare=0.3), 100, 0, False),
        (made(texts={"name": ""}), 100, 0, False),
    ],
)
def test_numbers(reading: Reading, quality: int, border: int, valid: bool) -> None:
    found = advanced(reading, **ALL)
    assert found["Quality"] == quality
    assert found["BorderCodeValue"] == border
    assert found["IsValueValid"] is valid


def test_no_card_and_the_other_side_are_errors() -> None:
    assert response(no_card())["Error"]["Code"] == "FailedOperation.ImageNoIdCard"
    assert response(made(), CardSide="BACK")["Error"]["Code"] == "FailedOperation.CardSideError"
    assert "Error" not in response(made(Side.EMBLEM), CardSide="BACK")


def test_config_is_json() -> None:
    assert tencent.parse_config("") == {}
    given = '{"CropIdCard": true, "MultiCardDetect": true, "CardSide": "BACK"}'
    assert tencent.parse_config(given) == {"CropIdCard": True}
    for text in ("{", "[]", "null", "1"):
        with pytest.raises(errors.ArgumentError, match="Config"):
            tencent.parse_config(text)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (tencent.WRONG_SIDE, "FailedOperation.CardSideError"),
        (tencent.URL_FAILED, "FailedOperation.DownLoadError"),
        (tencent.EMPTY_IMAGE, "FailedOperation.EmptyImageError"),
        (tencent.TOO_SMALL, "FailedOperation.IdCardTooSmall"),
        (tencent.UNDECODABLE, "FailedOperation.ImageDecodeFailed"),
        (tencent.NO_CARD, "FailedOperation.ImageNoIdCard"),
        (tencent.TOO_LARGE, "FailedOperation.ImageSizeTooLarge"),
        (tencent.SAME_SIDES, "FailedOperation.MultiCardError"),
        (tencent.FAILED, "FailedOperation.OcrFailed"),
        (tencent.UNKNOWN, "FailedOperation.UnKnowError"),
        (tencent.WRONG_CONFIG, "InvalidParameter.ConfigFormatError"),
        (tencent.INVALID_PARAMETER, "InvalidParameterValue.InvalidParameterValueLimit"),
        (tencent.FILE_TOO_LARGE, "LimitExceeded.TooLargeFileError"),
        (tencent.WRONG_SIGNATURE, "AuthFailure.SignatureFailure"),
        (tencent.TOO_MANY_REQUESTS, "RequestLimitExceeded"),
        (tencent.INTERNAL, "InternalError"),
    ],
)
def test_table_of_errors(refusal: tencent.Refusal, code: str) -> None:
    assert (refusal.code, refusal.http_status) == (code, 200)
    body = tencent.refuse(refusal)
    assert conforms(body, tencent.ErrorAnswer)
    assert body["Response"]["Error"] == {"Code": code, "Message": refusal.message}


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (errors.UnsupportedFormatError(), tencent.UNDECODABLE),
        (errors.ImageSizeError(too_small=True), tencent.TOO_SMALL),
        (errors.ImageSizeError(), tencent.TOO_LARGE),
        (errors.FileTooLargeError(), tencent.FILE_TOO_LARGE),
        (errors.ArgumentError("CardSide", "must be FRONT or BACK"), tencent.INVALID_PARAMETER),
        (errors.ModelError(), tencent.FAILED),
        (RuntimeError("anything"), tencent.FAILED),
    ],
)
def test_exceptions_have_their_row(error: Exception, refusal: tencent.Refusal) -> None:
    assert tencent.refusal_for(error) == refusal


@settings(deadline=None)
@given(readings())
def test_any_reading_has_an_answer_of_the_declared_type(reading: Reading) -> None:
    body = tencent.answer(reading, **ALL)
    assert conforms(body, tencent.Answer | tencent.ErrorAnswer)
    if reading.side is not None:
        assert conforms(advanced(reading, **ALL), tencent.AdvancedInfo)
