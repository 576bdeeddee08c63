"""wire: the registry, and the ways into the formats: `recognize(format=)` and `idocr --format`."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest
from made_readings import (
    LEGALITY,
    SAMPLES,
    conforms,
    made,
    no_card,
    read_sample,
    recognizer,
    true_texts,
)

import idocr
from idocr import errors, wire
from idocr.reading import Side
from idocr.wire import baidu, findings, huawei, tempeisite, tencent, waiqin365

OTHERS = [name for name in wire.FORMATS if name != "megvii"]
READ_ARGUMENTS = {"portrait_jpeg", "card_jpeg", "number_jpeg"}


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "idocr", *arguments]
    return subprocess.run(command, capture_output=True, check=False)


# ---- the registry -----------------------------------------------------------------------------------


def test_every_name_is_in_the_registry() -> None:
    megvii, others = get_args(wire.FormatName)
    assert [*get_args(megvii), *get_args(others)] == list(wire.FORMATS)


@pytest.mark.parametrize("name", wire.FORMATS)
def test_every_format_has_what_the_registry_asks(name: wire.FormatName) -> None:
    chosen = wire.find(name)
    assert set(chosen.module.CROPS) <= set(chosen.switches)
    assert set(chosen.module.CROPS.values()) <= READ_ARGUMENTS
    assert chosen.limits.min_side_px < chosen.limits.max_side_px
    assert json.dumps(chosen.answer(made(), {}, 7))
    for error in (errors.UnsupportedFormatError("x"), RuntimeError("x")):
        assert json.dumps(chosen.refuse(error))


def test_crops_are_those_of_switches_that_are_on() -> None:
    chosen = wire.find("huawei")
    asked = {"return_portrait_image": True, "return_adjusted_image": False, "detect_blur": True}
    assert chosen.crops(asked) == {"portrait_jpeg": True}


@pytest.mark.parametrize(
    ("name", "switches", "problem"),
    [
        ("huawei", {"detect_blurr": True}, "detect_blurr: is none of return_verification"),
        ("huawei", {"detect_blur": 1}, "detect_blur: must be bool"),
        ("huawei", {"detect_blur": "true"}, "detect_blur: must be bool"),
        ("baidu", {"id_card_side": "left"}, 'id_card_side: must be "front" or "back"'),
        ("waiqin365", {"transfer_id": True}, "transfer_id: must be str or int"),
        ("megvii", {"return_portrait": "1"}, "return_portrait: must be bool"),
        ("nowhere", {}, "format: is none of megvii"),
    ],
)
def test_wrong_switches_are_named(name: Any, switches: dict[str, Any], problem: str) -> None:
    with pytest.raises(errors.ArgumentError, match=problem):
        recognizer().recognize(SAMPLES / "none_page.jpg", format=name, **switches)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("huawei", "detect_blur", True),
        ("huawei", "detect_blur=true", True),
        ("huawei", "detect_blur=false", False),
        ("waiqin365", "transfer_id=1=2", "1=2"),
        ("tencent", "CardSide=BACK", "BACK"),
    ],
)
def test_settings_are_parsed(name: wire.FormatName, setting: str, value: object) -> None:
    assert wire.find(name).parse(setting) == (setting.split("=", maxsplit=1)[0], value)


PHOTOS = sorted(path.stem for path in SAMPLES.glob("*.jpg"))
TYPES = {
    "huawei": huawei.ResultAnswer | huawei.ErrorAnswer,
    "waiqin365": waiqin365.Answer,
    "baidu": baidu.Answer,
    "tempeisite": tempeisite.Answer,
    "iflytek": tempeisite.UpstreamAnswer,
    "tencent": tencent.Answer | tencent.ErrorAnswer,
}


@pytest.mark.parametrize("sample", PHOTOS)
def test_every_sample_has_an_answer_of_the_declared_type(sample: str) -> None:
    """With all that can be switched on, and what was read in it."""
    reading = read_sample(sample)
    for name, kind in TYPES.items():
        chosen = wire.find(name)
        switches = {key: True for key, known in chosen.switches.items() if known is bool}
        body = chosen.answer(reading, switches, 0)
        assert conforms(body, kind), name
        told = json.dumps(body, ensure_ascii=False)
        for field in ("name", "address", "issued_by"):
            assert reading.text(field) in told, (name, field)


# ---- recognize(format=) -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("sample", ["portrait", "emblem", "temporary", "none_page"])
def test_recognize_answers_as_the_format_does(name: Any, sample: str) -> None:
    """The same keys as from a reading; the values of fields are tested with each format."""
    body = recognizer().recognize(SAMPLES / f"{sample}.jpg", format=name)
    expected = wire.find(name).answer(read_sample(sample), {}, 0)
    assert list(body) == list(expected)
    assert type(body) is dict


def test_the_default_is_megvii() -> None:
    body = idocr.recognize(SAMPLES / "emblem.jpg")
    assert body.keys() == idocr.recognize(SAMPLES / "emblem.jpg", format="megvii").keys()
    assert body["side"] == 1


def test_switches_cut_out_pictures() -> None:
    body = idocr.recognize(
        SAMPLES / "turned_90_portrait.jpg",
        format="tempeisite",
        crop_image=True,
        head_portrait=True,
        id_number_image=True,
    )
    sizes = []
    for text in (
        body["data"]["cropped_image"],
        body["data"]["head_portrait"]["image"],
        body["data"]["id_number_image"],
    ):
        data = np.frombuffer(base64.b64decode(text), np.uint8)
        height, width = cv2.imdecode(data, 1).shape[:2]
        sizes.append(width / height)
    card, portrait, number = sizes
    assert card == pytest.approx(85.6 / 54.0, rel=0.01)
    assert 0.5 < portrait < 1
    assert number > 8


def test_the_cut_out_card_is_the_card_upright() -> None:
    """It reads as the photograph did, and fills its own picture."""
    data = read_sample("turned_270_portrait").card_jpeg
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), 1)
    framed = cv2.copyMakeBorder(bgr, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(90, 60, 40))
    reading = recognizer().read(framed)
    assert reading.turn_degrees == 0
    assert {name: f.text for name, f in reading.fields.items()} == true_texts("turned_270_portrait")


def test_pictures_are_cut_out_on_request_only() -> None:
    reading = recognizer().read(SAMPLES / "portrait.jpg")
    assert reading.card_jpeg == reading.number_jpeg == b""
    assert recognizer().read(SAMPLES / "emblem.jpg", number_jpeg=True).number_jpeg == b""


def test_each_format_has_its_own_limits_unless_others_are_given() -> None:
    small = np.zeros((100, 150, 3), np.uint8)
    assert recognizer().recognize(small, format="huawei")["error_code"] == "AIS.0104"
    with pytest.raises(errors.ImageSizeError) as caught:
        recognizer().recognize(small)
    assert caught.value.too_small
    wide = np.zeros((500, 5000, 3), np.uint8)
    with pytest.raises(errors.ImageSizeError) as caught:
        recognizer().recognize(wide, format="tempeisite")
    assert not caught.value.too_small
    given = idocr.Recognizer(limits=idocr.Limits())
    with pytest.raises(errors.ImageSizeError):
        given.recognize(small, format="huawei")


def test_pictures_as_small_as_the_formats_allow_do_no_harm() -> None:
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    for scale in (0.016, 0.02, 0.025, 0.03, 0.05):
        size = (round(bgr.shape[1] * scale), round(bgr.shape[0] * scale))
        small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
        recognizer().recognize(small, format="baidu", detect_card=True, detect_photo=True)


def cut_at_the_right(mm: float) -> np.ndarray:
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    corners = np.array(json.loads((SAMPLES / "portrait.json").read_text("utf-8"))["corners"])
    px_per_mm = np.linalg.norm(corners[1] - corners[0]) / 85.6
    return np.ascontiguousarray(bgr[:, : int(corners[:, 0].max() - mm * px_per_mm)])


def test_what_is_wrong_with_a_picture_is_told_in_each_formats_words() -> None:
    """The whole way: a card cut at its edge, one out of focus."""
    cut = cut_at_the_right(4.5)
    huawei = recognizer().recognize(cut, format="huawei", detect_border_integrity=True)
    assert huawei["result"]["detect_border_integrity_result"]
    assert recognizer().recognize(cut, format="iflytek")["data"]["border_covered"]
    tencent = recognizer().recognize(cut, format="tencent", BorderCheckWarn=True)
    assert -9101 in json.loads(tencent["Response"]["AdvancedInfo"])["WarnInfos"]
    blurred = cv2.GaussianBlur(cv2.imread(str(SAMPLES / "portrait.jpg")), (0, 0), 6)
    assert recognizer().recognize(blurred, format="baidu")["image_status"] in ("blurred", "unknown")
    assert recognizer().recognize(blurred, format="iflytek")["data"]["head_blurred"]


# ---- the command line -------------------------------------------------------------------------------


def test_the_command_answers_in_a_format() -> None:
    done = run("--format", "waiqin365", "--switch", "risk_detection", str(SAMPLES / "portrait.jpg"))
    assert done.returncode == 0, done.stderr
    data = json.loads(json.loads(done.stdout)["response_data"])
    assert data["risk_type"] == "normal"
    words = data["recognition_results"]["姓名"]["words"]
    assert words == true_texts("portrait")["name"]
    assert done.stderr == b""


def test_several_pictures_errors_and_none(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(b"this is no picture, although it is long enough to be looked at")
    photos = [str(SAMPLES / "emblem.jpg"), str(SAMPLES / "none_page.jpg"), str(damaged)]
    done = run("--format", "huawei", *photos, "missing.jpg")
    card, none, refused, missing = (json.loads(line) for line in done.stdout.splitlines())
    assert card["result"]["issue"] == true_texts("emblem")["issued_by"]
    assert none["error_code"] == "AIS.0104"
    assert refused["error_code"] == "AIS.0102"
    assert missing["error"] == "FileNotFoundError"
    assert done.returncode == 2


def test_no_card_is_told_by_the_exit_status_in_every_format() -> None:
    for name in ("tempeisite", "baidu"):
        assert run("--format", name, str(SAMPLES / "none_page.jpg")).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "huawei", "--switch", "detect_blurr"), b"detect_blurr: is none of"),
        (("--format", "huawei", "--return-portrait"), b"return_portrait: is none of"),
        (("--format", "tencent", "--switch", "CardSide=UP"), b'must be "FRONT" or "BACK"'),
        (("--format", "nowhere"), b"invalid choice"),
    ],
)
def test_the_command_names_wrong_switches(arguments: tuple[str, ...], words: bytes) -> None:
    done = run(*arguments, str(SAMPLES / "emblem.jpg"))
    assert done.returncode == 2
    assert words in done.stderr
    assert b"Traceback" not in done.stderr


# ---- nothing of a card in a repr or an error --------------------------------------------------------


def test_pictures_and_editor_are_in_no_repr() -> None:
    shown = repr(made(editor="Adobe Photoshop CS6"))
    assert "Photoshop" not in shown
    assert "xff" not in shown


def test_refusals_carry_no_text_of_the_error() -> None:
    for name, chosen in wire.FORMATS.items():
        told = json.dumps(chosen.refuse(RuntimeError("110101")), ensure_ascii=False)
        assert "110101" not in told, name


# ---- findings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "divided"),
    [("20190606", "2019-06-06"), ("长期", "长期"), ("", ""), ("2019060", "2019060")],
)
def test_dates_are_divided(text: str, divided: str) -> None:
    assert findings.divided(text, "-") == divided


@pytest.mark.parametrize("share", [0.0, 0.29, 0.4999, 0.5, 0.57, 0.999, 1.0])
def test_percents_warn_from_50(share: float) -> None:
    assert (findings.percent(share) >= 50) is findings.warns(share)
    assert findings.percent(0.29) == 29


def test_nothing_is_said_of_what_is_not_there() -> None:
    reading = no_card()
    assert findings.upright_box(None, (400, 300)) == findings.Box(0, 0, 0, 0)
    assert findings.risk(reading) is None
    assert findings.glare(reading) == 0
    assert not findings.is_dark(reading)
    assert findings.expected_fields(reading) == ()


def test_below_the_threshold_the_largest_other_class_is_named() -> None:
    doubtful = made(legality=LEGALITY | {"ID_Photo": 0.79, "Screen": 0.11, "Edited": 0.1})
    assert findings.risk(doubtful) == "Screen"
    assert findings.risk(made(Side.EMBLEM)) is None
