"""`idocr serve` as a process on loopback: routes, errors, back-pressure, limits, a graceful stop."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np
import pytest
from made_readings import true_texts
from server_process import (
    EMBLEM,
    NO_CARD,
    NO_PICTURE,
    PORTRAIT,
    SAMPLES,
    Answer,
    Served,
    finish,
    half_sent,
    in_base64,
    serving,
)

MEGVII = "/faceid/v3/ocridcard"
HUAWEI = "/v1.0/ocr/id-card"
HUAWEI_V2 = "/v2/project/ocr/id-card"
WAIQIN365 = "/api/ocr/v1/idcard/openid/20140701142836/digest/message-1"
BAIDU = "/rest/2.0/ocr/v1/idcard"
TEMPEISITE = "/api/ai/ocr/idcard"
IFLYTEK = "/v1/service/v1/ocr/idcard"
TENCENT = "/"
TENCENT_HEAD = {"X-TC-Action": "IDCardOCR", "X-TC-Version": "2018-11-19"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("server")) as served:
        yield served


def megvii(server: Served, **fields: str | bytes) -> Answer:
    return server.post_parts(MEGVII, {"api_key": "k", "api_secret": "s", **fields})


def waiqin365(server: Served, **told: Any) -> Answer:
    return server.post_json(WAIQIN365, {"transfer_id": "t1", "ID_card_side": "front", **told})


def baidu(server: Served, **fields: str) -> Answer:
    return server.post_form(BAIDU + "?access_token=x", {"id_card_side": "front", **fields})


def tencent(server: Served, **told: Any) -> Answer:
    return server.post_json(TENCENT, told, TENCENT_HEAD)


def name_of(sample: str) -> str:
    return true_texts(sample)["name"]


# ---- Megvii -----------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_documents_own_call(server: Served) -> None:
    command = ["curl", "-s", server.url + MEGVII, "-F", "api_key=k", "-F", "api_secret=s"]
    command += ["-F", f"image=@{SAMPLES / 'portrait.jpg'}", "-F", "return_portrait=1"]
    body = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert body["name"]["result"] == name_of("portrait")
    assert body["portrait"]["result"].startswith("/9j/")
    assert body["request_id"].count(",") == 1


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"image": NO_CARD}, 400, "ID_CARD_NOT_FOUND"),
        ({"image": NO_PICTURE}, 400, "IMAGE_ERROR_UNSUPPORTED_FORMAT: image"),
        ({"image": b""}, 400, "MISSING_ARGUMENTS: image"),
        ({}, 400, "MISSING_ARGUMENTS: image"),
        ({"image": PORTRAIT, "return_portrait": "yes"}, 400, "BAD_ARGUMENTS: return_portrait"),
        ({"image": PORTRAIT, "exception_range": "[]"}, 400, "BAD_ARGUMENTS: exception_range"),
        ({"image": PORTRAIT, "encryption_type": "1"}, 400, "BAD_ARGUMENTS: encryption_type"),
        (
            {"image": PORTRAIT, "exception_range": '{"logic":1}'},
            400,
            "BAD_ARGUMENTS: exception_range",
        ),
    ],
)
def test_megvii_errors(server: Served, fields: Any, status: int, error: str) -> None:
    answer = megvii(server, **fields)
    assert answer.status == status
    assert answer.json["error"] == answer.json["error_message"] == error
    assert {"request_id", "time_used"} <= answer.json.keys()


def test_megvii_pictures_of_the_wrong_size(server: Served) -> None:
    for height, width in ((399, 500), (500, 4097)):
        image = cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1].tobytes()
        answer = megvii(server, image=image)
        assert (answer.status, answer.json["error"]) == (400, "INVALID_IMAGE_SIZE: image")


@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 21 * 1024 * 1024])
def test_megvii_too_large_is_plain_text(server: Served, size: int) -> None:
    """The picture; the whole request."""
    answer = megvii(server, image=PORTRAIT + bytes(size - len(PORTRAIT)))
    assert (answer.status, answer.body) == (413, b"Request Entity Too Large")
    assert answer.headers["content-type"].startswith("text/plain")


def test_megvii_a_picture_of_exactly_two_mebibytes(server: Served) -> None:
    whole = PORTRAIT + bytes(2 * 1024 * 1024 - len(PORTRAIT))
    assert megvii(server, image=whole).json["name"]["result"] == name_of("portrait")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/faceid/v3/ocr"), ("GET", MEGVII), ("POST", MEGVII + "/")]
)
def test_megvii_unknown_routes(server: Served, method: str, path: str) -> None:
    answer = server.ask(path, method=method)
    assert answer.status == 404
    assert answer.json["error"] == "API_NOT_FOUND"
    assert "request_id" not in answer.json


def test_megvii_malformed_bodies(server: Served) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        answer = server.ask(MEGVII, b"--y\r\nnothing", {"Content-Type": kind})
        assert answer.status == 400, kind
        assert answer.json["error"].split(":")[0] in ("BAD_ARGUMENTS", "MISSING_ARGUMENTS")


def test_megvii_text_parts_may_have_a_type_of_their_own(server: Served) -> None:
    """One real client says multipart/form-data on every part."""
    part = "--e\r\nContent-Disposition: form-data; name={}\r\nContent-Type: {}\r\n\r\n"
    body = part.format("return_portrait", "multipart/form-data").encode() + b"1\r\n"
    body += (
        part.format('"image"', "application/octet-stream").encode() + PORTRAIT + b"\r\n--e--\r\n"
    )
    answer = server.ask(MEGVII, body, {"Content-Type": 'multipart/form-data; boundary="e"'})
    assert "portrait" in answer.json


# ---- Huawei -----------------------------------------------------------------------------------------


def test_huawei_v1_has_no_switches_and_v2_has(server: Served) -> None:
    told = {"image": in_base64(PORTRAIT), "side": "front", "return_verification": True}
    first, second = (server.post_json(path, told) for path in (HUAWEI, HUAWEI_V2))
    assert first.json["result"]["name"] == second.json["result"]["name"] == name_of("portrait")
    assert "verification_result" not in first.json["result"]
    assert second.json["result"]["verification_result"]["valid_number"] is True
    assert len(second.headers["x-request-id"]) == 32


def test_huawei_both_sides_of_one_picture(server: Served) -> None:
    front, back = (cv2.imdecode(np.frombuffer(d, np.uint8), 1) for d in (PORTRAIT, EMBLEM))
    both = cv2.imencode(".jpg", np.vstack([front, back]))[1].tobytes()
    told = {"image": in_base64(both), "side": "double_side"}
    result = server.post_json(HUAWEI_V2, told).json["result"]
    assert result["front"]["name"] == name_of("portrait")
    assert result["back"]["issue"] == true_texts("emblem")["issued_by"]
    assert server.post_json(HUAWEI, told).json["error_code"] == "AIS.0101"


def test_huawei_the_same_side_twice(server: Served) -> None:
    twice = (cv2.imdecode(np.frombuffer(PORTRAIT, np.uint8), 1) for _ in range(2))
    both = cv2.imencode(".jpg", np.vstack(list(twice)))[1].tobytes()
    answer = server.post_json(HUAWEI_V2, {"image": in_base64(both), "side": "double_side"})
    assert (answer.status, answer.json["error_code"]) == (400, "AIS.0122")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "AIS.0101"),
        ({"image": "aaaa", "url": "http://example.org/x.jpg"}, "AIS.0101"),
        ({"image": 7}, "AIS.0101"),
        ({"image": in_base64(PORTRAIT), "side": "left"}, "AIS.0101"),
        ({"image": in_base64(PORTRAIT), "detect_blur": "true"}, "AIS.0101"),
        ({"image": "data:image/jpeg;base64," + in_base64(PORTRAIT)}, "AIS.0102"),
        ({"image": in_base64(NO_PICTURE)}, "AIS.0102"),
        ({"image": in_base64(NO_CARD)}, "AIS.0104"),
        ({"url": "http://example.org/x.jpg"}, "ModelArts.4601"),
        ([], "ModelArts.4105"),
    ],
)
def test_huawei_errors(server: Served, told: Any, code: str) -> None:
    answer = server.post_json(HUAWEI_V2, told)
    assert (answer.status, answer.json["error_code"]) == (400, code)
    assert answer.json["error_msg"]


def test_huawei_larger_bodies_and_unknown_paths(server: Served) -> None:
    assert server.ask(HUAWEI, bytes(21 << 20)).json["error_code"] == "ModelArts.4104"
    assert server.ask(HUAWEI, b"{" * 100_000).json["error_code"] == "ModelArts.4105"
    answer = server.ask("/v2/project/ocr/passport")
    assert (answer.status, answer.json["error_code"]) == (404, "APIG.0101")


# ---- waiqin365 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encode", [str, quote, lambda text: "data:image/jpeg;base64," + text])
def test_waiqin365_answers(server: Served, encode: Any) -> None:
    image = encode(in_base64(PORTRAIT))
    body = waiqin365(server, image=image, risk_detection="true", photo_detection=True).json
    assert (body["return_code"], body["msg_id"]) == ("0", "message-1")
    data = json.loads(body["response_data"])
    assert data["recognition_results"]["姓名"]["words"] == name_of("portrait")
    assert data["transfer_id"] == "t1"
    assert {"risk_type", "ID_photo"} <= data.keys()
    assert "card_quality" not in data


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "缺少必填参数"),
        ({"image": in_base64(PORTRAIT), "transfer_id": ""}, "缺少必填参数"),
        ({"image": in_base64(PORTRAIT), "transfer_id": "x" * 33}, "参数错误"),
        ({"image": in_base64(PORTRAIT), "ID_card_side": "left"}, "参数错误"),
        ({"image": in_base64(PORTRAIT), "risk_detection": "yes"}, "参数错误"),
        ({"image": "no base64!"}, "图片格式不支持或图片已损坏"),
        ({"image": in_base64(NO_PICTURE)}, "图片格式不支持或图片已损坏"),
        ({"url": "http://example.org/x.jpg"}, "不支持图片url"),
    ],
)
def test_waiqin365_errors(server: Served, told: Any, message: str) -> None:
    answer = waiqin365(server, **told)
    assert answer.status == 200
    assert answer.json["return_code"] == "1"
    assert answer.json["return_msg"] == message
    assert answer.json["msg_id"] == "message-1"


def test_waiqin365_echoes_even_broken_text(server: Served) -> None:
    told = f'{{"transfer_id": "\\ud800", "ID_card_side": "back", "image": "{in_base64(EMBLEM)}"}}'
    body = server.ask(WAIQIN365, told).json
    assert json.loads(body["response_data"])["transfer_id"] == "?"


def test_waiqin365_no_card_is_an_answer(server: Served) -> None:
    body = waiqin365(server, image=in_base64(NO_CARD)).json
    assert body["return_code"] == "0"
    assert json.loads(body["response_data"])["photo_status"] in ("no_IDcard", "other_type_card")


# ---- Baidu ------------------------------------------------------------------------------------------


def test_baidu_answers(server: Served) -> None:
    body = baidu(server, image=in_base64(PORTRAIT), detect_quality="true").json
    assert body["words_result"]["姓名"]["words"] == name_of("portrait")
    assert body["card_quality"]["IsClear"] == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 216101),
        ({"image": in_base64(PORTRAIT), "id_card_side": ""}, 216101),
        ({"image": ""}, 216200),
        ({"image": in_base64(PORTRAIT), "id_card_side": "left"}, 216100),
        ({"image": in_base64(PORTRAIT), "detect_card": "1"}, 216100),
        ({"image": in_base64(NO_PICTURE)}, 216201),
        ({"image": "?"}, 216201),
        ({"url": "http://example.org/x.jpg"}, 282111),
    ],
)
def test_baidu_errors(server: Served, fields: Any, code: int) -> None:
    answer = baidu(server, **fields)
    assert (answer.status, answer.json["error_code"]) == (200, code)


# ---- tempeisite and iFlytek -------------------------------------------------------------------------


@pytest.mark.parametrize("path", [TEMPEISITE, IFLYTEK])
def test_tempeisite_takes_a_picture_in_every_usual_way(server: Served, path: str) -> None:
    signed = [b - 256 if b > 127 else b for b in PORTRAIT]
    answers = [
        server.ask(path, PORTRAIT, {"Content-Type": "image/jpeg"}),
        server.ask(path, PORTRAIT, {"Content-Type": "application/octet-stream"}),
        server.post_parts(path, {"imageData": PORTRAIT}),
        server.post_parts(path, {"imageData": in_base64(PORTRAIT)}),
        server.post_form(path, {"image": in_base64(PORTRAIT)}),
        server.post_json(path, {"imageData": in_base64(PORTRAIT)}),
        server.post_json(path, {"imageData": signed}),
    ]
    for answer in answers:
        assert answer.json["code"] == "0"
        assert answer.json["data"]["name"] == name_of("portrait")
        assert "head_portrait" not in answer.json["data"]
        assert ("message" in answer.json) == (path == TEMPEISITE)


def test_tempeisite_switches_in_field_query_and_header(server: Served) -> None:
    image = {"image": in_base64(PORTRAIT)}
    parameter = {"X-Param": in_base64(b'{"crop_image":"1","id_number_image":"0"}')}
    field = server.post_form(TEMPEISITE, image | {"head_portrait": "1"}).json["data"]
    query = server.post_form(TEMPEISITE + "?id_number_image=1", image).json["data"]
    header = server.post_form(IFLYTEK, image, parameter).json["data"]
    assert field["head_portrait"]["image"].startswith("/9j/")
    assert "id_number_image" in query
    assert "cropped_image" in header
    assert "id_number_image" not in header


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", "image/jpeg", 40004),
        (b"x=1", "application/x-www-form-urlencoded", 40002),
        (b"{}", "application/json", 40002),
        (b"{", "application/json", 40009),
        (b"--x", "multipart/form-data", 40009),
        (b"abc", "text/html", 40008),
        (b'{"imageData": [1, 300]}', "application/json", 40010),
        (b'{"imageData": "aGk=", "head_portrait": "maybe"}', "application/json", 40001),
        (b"image=%21%21%21", "application/x-www-form-urlencoded", 40010),
        (NO_PICTURE, "image/jpeg", 40005),
        (NO_CARD, "image/jpeg", 40007),
        (PORTRAIT + bytes(4 << 20), "image/jpeg", 40006),
        (bytes(21 << 20), "image/jpeg", 40006),
    ],
)
def test_tempeisite_errors(server: Served, body: bytes, kind: str, code: int) -> None:
    answer = server.ask(TEMPEISITE, body, {"Content-Type": kind})
    assert (answer.status, answer.json["code"]) == (200, "0")
    assert answer.json["data"]["error_code"] == code


# ---- Tencent ----------------------------------------------------------------------------------------


def test_tencent_answers(server: Served) -> None:
    config = json.dumps({"CropPortrait": True, "CopyWarn": True})
    told = {"ImageBase64": in_base64(PORTRAIT), "CardSide": "FRONT", "Config": config}
    body = tencent(server, **told).json["Response"]
    assert body["Name"] == name_of("portrait")
    assert json.loads(body["AdvancedInfo"])["Portrait"].startswith("/9j/")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "FailedOperation.EmptyImageError"),
        ({"ImageBase64": 7}, "InvalidParameterValue.InvalidParameterValueLimit"),
        (
            {"ImageBase64": "x", "CardSide": "UP"},
            "InvalidParameterValue.InvalidParameterValueLimit",
        ),
        ({"ImageBase64": "x", "Config": "["}, "InvalidParameter.ConfigFormatError"),
        ({"ImageBase64": "x", "Config": '{"CopyWarn":1}'}, "InvalidParameter.ConfigFormatError"),
        ({"ImageBase64": "?"}, "FailedOperation.ImageDecodeFailed"),
        ({"ImageBase64": in_base64(NO_CARD)}, "FailedOperation.ImageNoIdCard"),
        ({"ImageBase64": "x", "ImageUrl": "http://example.org"}, "FailedOperation.DownLoadError"),
        ({"ImageBase64": in_base64(EMBLEM), "CardSide": "FRONT"}, "FailedOperation.CardSideError"),
    ],
)
def test_tencent_errors(server: Served, told: Any, code: str) -> None:
    answer = tencent(server, **told)
    assert (answer.status, answer.json["Response"]["Error"]["Code"]) == (200, code)


def test_tencent_actions(server: Served) -> None:
    for headers in ({}, {"X-TC-Action": "BankCardOCR"}):
        answer = server.post_json(TENCENT, {"ImageBase64": "x"}, headers)
        assert answer.json["Response"]["Error"]["Code"] == "InvalidAction"
    bad = server.ask(TENCENT, b"\xff", TENCENT_HEAD).json
    assert bad["Response"]["Error"]["Code"] == "InvalidParameter"


# ---- all of them ------------------------------------------------------------------------------------


def test_health_and_metrics(server: Served) -> None:
    assert server.ask("/healthz", method="GET").json["status"] == "ok"
    before = server.metric('idocr_requests_total{format="megvii",outcome="card"}')
    megvii(server, image=EMBLEM)
    assert server.metric('idocr_requests_total{format="megvii",outcome="card"}') == before + 1
    assert server.metric('idocr_request_seconds_bucket{format="megvii",le="+Inf"}') > before
    assert server.metric("idocr_queue_length") == server.metric("idocr_workers_busy") == 0


def test_two_pictures_at_a_time_each_get_their_own_answer(server: Served) -> None:
    samples = ["portrait", "turned_90_portrait", "emblem"] * 3
    pictures = [(SAMPLES / f"{sample}.jpg").read_bytes() for sample in samples]
    with ThreadPoolExecutor(3) as callers:
        bodies = list(callers.map(lambda data: megvii(server, image=data).json, pictures))
    for sample, body in zip(samples, bodies, strict=True):
        if sample == "emblem":
            assert body["issued_by"]["result"] == true_texts(sample)["issued_by"]
        else:
            assert body["name"]["result"] == true_texts(sample)["name"]


def test_tiff_where_a_document_lists_it_or_lists_none(server: Served) -> None:
    """Huawei's and Megvii's; the others refuse it as what is no picture."""
    bgr = cv2.imdecode(np.frombuffer(PORTRAIT, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    data = cv2.imencode(".tiff", cv2.resize(bgr, (800, 600), interpolation=cv2.INTER_AREA))[1]
    image, name = in_base64(data.tobytes()), name_of("portrait")
    assert megvii(server, image=data.tobytes()).json["name"]["result"] == name
    for path in (HUAWEI, HUAWEI_V2):
        assert server.post_json(path, {"image": image}).json["result"]["name"] == name
    assert waiqin365(server, image=image).json["return_msg"] == "图片格式不支持或图片已损坏"
    assert baidu(server, image=image).json["error_code"] == 216201
    for answer in (
        server.ask(TEMPEISITE, data.tobytes(), {"Content-Type": "image/tiff"}),
        server.post_form(IFLYTEK, {"image": image}),
    ):
        assert answer.json["data"]["error_code"] == 40005
    error = tencent(server, ImageBase64=image).json["Response"]["Error"]["Code"]
    assert error == "FailedOperation.ImageDecodeFailed"
    told = server.ask("/read", data.tobytes(), {"Content-Type": "image/tiff"}).json["answers"]
    read = {
        answer["format"]
        for answer in told
        if name in json.dumps(answer["body"], ensure_ascii=False)
    }
    assert read == {"megvii", "huawei"}


def small(side_px: int) -> bytes:
    return cv2.imencode(".png", np.zeros((side_px, side_px, 3), np.uint8))[1].tobytes()


def test_pictures_too_small_in_each_formats_words(server: Served) -> None:
    image = in_base64(small(14))
    assert server.post_json(HUAWEI, {"image": image}).json["error_code"] == "AIS.0103"
    assert waiqin365(server, image=image).json["return_msg"] == "图片边长不符合要求"
    assert baidu(server, image=image).json["error_code"] == 216202
    body = server.ask(TEMPEISITE, small(14), {"Content-Type": "image/png"}).json
    assert body["data"]["error_code"] == 40006
    body = tencent(server, ImageBase64=image).json
    assert body["Response"]["Error"]["Code"] == "FailedOperation.IdCardTooSmall"


def codes(server: Served, picture: bytes) -> list[Any]:
    """What each format calls a picture that it refuses, in the order of the constants above."""
    image = in_base64(picture)
    jpeg = {"Content-Type": "image/jpeg"}
    return [
        megvii(server, image=picture).json["error"],
        server.post_json(HUAWEI, {"image": image}).json["error_code"],
        server.post_json(HUAWEI_V2, {"image": image}).json["error_code"],
        waiqin365(server, image=image).json["return_msg"],
        baidu(server, image=image).json["error_code"],
        server.ask(TEMPEISITE, picture, jpeg).json["data"]["error_code"],
        server.ask(IFLYTEK, picture, jpeg).json["data"]["error_code"],
        tencent(server, ImageBase64=image).json["Response"]["Error"]["Code"],
        server.ask("/read", picture, jpeg).json["error"],
    ]


@pytest.mark.parametrize(
    "picture",
    [
        NO_PICTURE,
        b"\xff",
        b"GIF89a" + bytes(60),
        b"\0\0\0\x18ftypheic" + bytes(60),
        b"%PDF-1.7" + bytes(60),
        PORTRAIT[: len(PORTRAIT) // 20],
    ],
    ids=["text", "one byte", "GIF", "HEIC", "PDF", "JPEG cut off"],
)
def test_what_is_no_picture_in_each_formats_words(server: Served, picture: bytes) -> None:
    assert codes(server, picture) == [
        "IMAGE_ERROR_UNSUPPORTED_FORMAT: image",
        "AIS.0102",
        "AIS.0102",
        "图片格式不支持或图片已损坏",
        216201,
        40005,
        40005,
        "FailedOperation.ImageDecodeFailed",
        "unsupported_format",
    ]


def test_a_header_that_claims_too_much_in_each_formats_words(server: Served) -> None:
    claim = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 65_000, 65_000) + bytes(64)
    assert codes(server, claim) == [
        "INVALID_IMAGE_SIZE: image",
        "AIS.0103",
        "AIS.0103",
        "图片边长不符合要求",
        216202,
        40006,
        40006,
        "FailedOperation.ImageSizeTooLarge",
        "image_size",
    ]


def test_a_body_of_another_kind_in_each_formats_words(server: Served) -> None:
    text = {"Content-Type": "text/plain"}
    answers = [server.ask(path, b"hello", text) for path in (MEGVII, HUAWEI, HUAWEI_V2, WAIQIN365)]
    assert answers[0].json["error"] == "MISSING_ARGUMENTS: image"
    assert [a.json["error_code"] for a in answers[1:3]] == ["ModelArts.4105"] * 2
    assert answers[3].json["return_msg"] == "请求体不是有效的JSON"
    assert server.ask(BAIDU, b"hello", text).json["error_code"] == 216101
    for path in (TEMPEISITE, IFLYTEK):
        assert server.ask(path, b"hello", text).json["data"]["error_code"] == 40008
    error = server.ask(TENCENT, b"hello", text | TENCENT_HEAD).json["Response"]["Error"]
    assert error["Code"] == "InvalidParameter"
    assert server.ask("/read", b"hello", text).status == 415


def test_base64_in_lines_and_without_percent_signs(server: Served) -> None:
    """As `base64` breaks it, and as a form sends it that was never encoded."""
    lines = base64.encodebytes(EMBLEM).decode().replace("\n", "\r\n")
    expected = true_texts("emblem")["issued_by"]
    assert server.post_json(HUAWEI, {"image": lines}).json["result"]["issue"] == expected
    body = b"id_card_side=back&image=" + in_base64(EMBLEM).encode()
    assert b"+" in body
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    found = server.ask(BAIDU, body, form).json["words_result"]["签发机关"]["words"]
    assert found == expected


def test_bodies_too_large_in_each_formats_words(server: Served) -> None:
    """Twenty mebibytes of a request; what is more is not even kept."""
    body = bytes((20 << 20) + 1)
    assert server.ask(WAIQIN365, body).json["return_msg"] == "图片大小超过限制"
    assert server.ask(BAIDU, body).json["error_code"] == 216202
    code = server.ask(TENCENT, body, TENCENT_HEAD).json["Response"]["Error"]["Code"]
    assert code == "LimitExceeded.TooLargeFileError"


def requests(server: Served) -> dict[str, Answer]:
    """One good request in each format."""
    return {
        "megvii": megvii(server, image=PORTRAIT),
        "huawei": server.post_json(HUAWEI, {"image": in_base64(PORTRAIT)}),
        "waiqin365": waiqin365(server, image=in_base64(PORTRAIT)),
        "baidu": baidu(server, image=in_base64(PORTRAIT)),
        "tempeisite": server.ask(TEMPEISITE, PORTRAIT, {"Content-Type": "image/jpeg"}),
        "iflytek": server.ask(IFLYTEK, PORTRAIT, {"Content-Type": "image/jpeg"}),
        "tencent": tencent(server, ImageBase64=in_base64(PORTRAIT)),
    }


def words_of_refusal(answers: dict[str, Answer]) -> dict[str, Any]:
    return {
        "megvii": (answers["megvii"].status, answers["megvii"].json.get("error")),
        "huawei": (answers["huawei"].status, answers["huawei"].json.get("error_code")),
        "waiqin365": answers["waiqin365"].json["return_msg"],
        "baidu": answers["baidu"].json.get("error_code"),
        "tempeisite": answers["tempeisite"].json["data"]["error_code"],
        "iflytek": answers["iflytek"].json["data"]["error_code"],
        "tencent": answers["tencent"].json["Response"].get("Error", {}).get("Code"),
    }


BUSY = {
    "megvii": (403, "CONCURRENCY_LIMIT_EXCEEDED"),
    "huawei": (429, "APIG.0308"),
    "waiqin365": "请求过于频繁",
    "baidu": 18,
    "tempeisite": 50001,
    "iflytek": 50001,
    "tencent": "RequestLimitExceeded",
}


def test_a_full_queue_is_told_in_each_formats_words(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", "--queue", "0") as served:
        with half_sent(served, TEMPEISITE, PORTRAIT, "image/jpeg") as connection:
            assert words_of_refusal(requests(served)) == BUSY
            assert finish(connection, PORTRAIT).json["data"]["name"] == name_of("portrait")
        assert served.metric('idocr_requests_total{format="huawei",outcome="busy"}') == 1
        assert megvii(served, image=PORTRAIT).status == 200  # the seat is free again


def test_what_waited_too_long_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", config="wait_s = 0.0") as served:
        assert words_of_refusal(requests(served)) == BUSY | {"tempeisite": 50004, "iflytek": 50004}


def test_a_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", "--queue", "0", config="upload_s = 0.5") as served:
        with half_sent(served, TEMPEISITE, PORTRAIT, "image/jpeg") as connection:
            assert connection.recv(64).startswith(b"HTTP/1.1 408")
        assert megvii(served, image=EMBLEM).status == 200


def test_stopping_answers_what_was_accepted(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1") as served:
        with half_sent(served, TEMPEISITE, PORTRAIT, "image/jpeg") as connection:
            served.process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                served.process.wait(0.5)
            assert finish(connection, PORTRAIT).json["data"]["name"] == name_of("portrait")
        assert served.process.wait(10) == 0
        assert "Traceback" not in served.log


def test_stopping_under_load_answers_all_that_was_begun(tmp_path: Path) -> None:
    """What a caller does not hear of, the server has not begun: as many lines as whole answers."""
    with serving(tmp_path, "--workers", "2") as served, ThreadPoolExecutor(6) as callers:

        def ask_until_refused() -> int:
            answered = 0
            while True:
                try:
                    answer = megvii(served, image=EMBLEM)
                except OSError:  # no connection any more
                    return answered
                assert answer.json["issued_by"]["result"] == true_texts("emblem")["issued_by"]
                answered += 1

        asked = [callers.submit(ask_until_refused) for _ in range(6)]
        while served.metric('idocr_requests_total{format="megvii",outcome="card"}') < 6:
            time.sleep(0.05)
        served.process.send_signal(signal.SIGTERM)
        answered = sum(future.result(60) for future in asked)
        assert served.process.wait(30) == 0
        assert served.log.count(" 200 card ") == answered
        assert "Traceback" not in served.log


def test_only_some_formats_and_todays_limits(tmp_path: Path) -> None:
    config = 'formats = ["megvii"]\n[megvii]\nlimits = "current"'
    with serving(tmp_path, "--workers", "1", config=config) as served:
        assert server_limits(served) == 200
        assert served.post_json(HUAWEI, {}).status == 404
        assert served.post_json(TENCENT, {}).status == 404


def server_limits(served: Served) -> int:
    """The status of a picture that the document of 2018 does not allow."""
    return megvii(served, image=PORTRAIT + bytes(3 << 20)).status
