"""The vendors' own clients against the server: signed requests with the right key, and with a wrong one.

They are in the extra serve-clients; what is not installed is skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from made_readings import true_texts
from server_process import EMBLEM, KEYS, NO_CARD, NO_PICTURE, PORTRAIT, Served, in_base64, serving

# Their own deprecations are not ours.
pytestmark = pytest.mark.filterwarnings("ignore")
NAME = true_texts("portrait")["name"]
NUMBER = true_texts("portrait")["id_number"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("clients"), config=KEYS) as served:
        yield served


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)


def client(module: str) -> Any:
    reason = f"{module}: the extra serve-clients is not installed, or not for this Python"
    return pytest.importorskip(module, reason=reason, exc_type=ImportError)


# ---- Huawei: huaweicloudsdkocr ----------------------------------------------------------------------


def huawei_client(server: Served, secret: str) -> Any:
    ocr = client("huaweicloudsdkocr.v1")
    credentials = client("huaweicloudsdkcore.auth.credentials")
    known = credentials.BasicCredentials("hkey", secret, project_id="project 1")
    return ocr.OcrClient.new_builder().with_credentials(known).with_endpoint(server.url).build()


def huawei_request(**told: Any) -> Any:
    ocr = client("huaweicloudsdkocr.v1")
    return ocr.RecognizeIdCardRequest(body=ocr.IdCardRequestBody(**told))


def test_huawei_v2(server: Served) -> None:
    request = huawei_request(
        image=in_base64(PORTRAIT),
        side="front",
        return_verification=True,
        return_text_location=True,
        return_portrait_location=True,
        detect_blur=True,
    )
    answer = huawei_client(server, "hsecret").recognize_id_card(request)
    assert (answer.result.name, answer.result.number) == (NAME, NUMBER)
    assert answer.result.verification_result.valid_number is True
    assert answer.result.detect_blur_result is False
    assert len(answer.result.portrait_location) == 4


def test_huawei_v1_by_its_path(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ocr = client("huaweicloudsdkocr.v1")
    original = ocr.OcrClient._recognize_id_card_http_info

    def first_version(request: Any) -> Any:
        return original(request) | {"resource_path": "/v1.0/ocr/id-card"}

    monkeypatch.setattr(ocr.OcrClient, "_recognize_id_card_http_info", staticmethod(first_version))
    request = huawei_request(image=in_base64(EMBLEM))
    answer = huawei_client(server, "hsecret").recognize_id_card(request)
    assert answer.result.issue == true_texts("emblem")["issued_by"]


def test_huawei_errors_reach_the_client(server: Served) -> None:
    exceptions = client("huaweicloudsdkcore.exceptions.exceptions")
    request = huawei_request(image=in_base64(NO_CARD))
    with pytest.raises(exceptions.ClientRequestException) as caught:
        huawei_client(server, "hsecret").recognize_id_card(request)
    assert (caught.value.status_code, caught.value.error_code) == (400, "AIS.0104")
    assert caught.value.request_id
    with pytest.raises(exceptions.ClientRequestException) as caught:
        huawei_client(server, "wrong").recognize_id_card(request)
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIG.0301")


# ---- Tencent: tencentcloud-sdk-python-ocr -----------------------------------------------------------


def ask_tencent(server: Served, secret: str, **told: Any) -> Any:
    models = client("tencentcloud.ocr.v20181119.models")
    ocr = client("tencentcloud.ocr.v20181119.ocr_client")
    profile = client("tencentcloud.common.profile.client_profile")
    http = client("tencentcloud.common.profile.http_profile")
    credential = client("tencentcloud.common.credential")
    host = http.HttpProfile(protocol="http", endpoint=f"127.0.0.1:{server.port}")
    known = credential.Credential("tid", secret)
    caller = ocr.OcrClient(known, "ap-guangzhou", profile.ClientProfile(httpProfile=host))
    request = models.IDCardOCRRequest()
    request.from_json_string(json.dumps(told))
    return caller.IDCardOCR(request)


def test_tencent(server: Served) -> None:
    config = json.dumps({"CropIdCard": True})
    told = {"ImageBase64": in_base64(PORTRAIT), "CardSide": "FRONT", "Config": config}
    answer = ask_tencent(server, "tsecret", **told)
    assert (answer.Name, answer.IdNum) == (NAME, NUMBER)
    assert json.loads(answer.AdvancedInfo)["IdCard"].startswith("/9j/")


def test_tencent_errors_reach_the_client(server: Served) -> None:
    errors = client("tencentcloud.common.exception.tencent_cloud_sdk_exception")
    for secret, code in (
        ("tsecret", "FailedOperation.ImageNoIdCard"),
        ("wrong", "AuthFailure.SignatureFailure"),
    ):
        with pytest.raises(errors.TencentCloudSDKException) as caught:
            ask_tencent(server, secret, ImageBase64=in_base64(NO_CARD))
        assert caught.value.get_code() == code
        assert caught.value.get_request_id()


# ---- Baidu: baidu-aip -------------------------------------------------------------------------------


def baidu_client(server: Served, secret: str) -> Any:
    aip = client("aip")

    class Local(aip.AipOcr):  # type: ignore[misc, name-defined]
        _AipBase__accessTokenUrl = server.url + "/oauth/2.0/token"
        _AipOcr__idcardUrl = server.url + "/rest/2.0/ocr/v1/idcard"

    return Local("app", "bkey", secret)


def test_baidu(server: Served) -> None:
    options = {"detect_risk": "true", "detect_direction": "true"}
    body = baidu_client(server, "bsecret").idcard(PORTRAIT, "front", options)
    assert body["words_result"]["姓名"]["words"] == NAME
    assert (body["risk_type"], body["direction"]) == ("normal", 0)
    assert baidu_client(server, "bsecret").idcard(NO_PICTURE, "front")["error_code"] == 216201


def test_baidu_with_a_wrong_secret(server: Served) -> None:
    body = baidu_client(server, "wrong").idcard(PORTRAIT, "front")
    assert "words_result" not in body
    assert body.get("error_code") == 110 or "error" in body


# ---- iFlytek: xfyunsdkocr ---------------------------------------------------------------------------


def ask_iflytek(
    server: Served, monkeypatch: pytest.MonkeyPatch, key: str, app: str = "appid", **told: str
) -> Any:
    sdk = client("xfyunsdkocr.intsig_ocr_client")
    kind = sdk.IntsigOCREnum.IDCARD
    first, second = kind.value[:2]
    url = server.url + "/v1/service/v1/ocr/idcard"
    monkeypatch.setattr(kind, "_value_", (first, second, url))
    caller = sdk.IntsigOCRClient(app_id=app, api_key=key, ocr_type=kind, **told)
    return json.loads(caller.send(in_base64(PORTRAIT), "jpg"))


def test_iflytek(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    body = ask_iflytek(server, monkeypatch, "apikey", head_portrait="1")
    assert (body["code"], body["data"]["name"]) == ("0", NAME)
    assert body["data"]["head_portrait"]["image"].startswith("/9j/")
    assert "cropped_image" not in body["data"]


def test_iflytek_with_a_wrong_key_or_app(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_iflytek(server, monkeypatch, "wrong")["code"] == "10105"
    body = ask_iflytek(server, monkeypatch, "apikey", app="nobody")
    assert (body["code"], body["desc"]) == ("10106", "invalid parameter|invalid X-Appid")


# ---- Megvii: python-facepp --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "told", "error"),
    [
        ("wrong", {"image": "no picture"}, "AuthenticationError"),
        ("msecret", {"image": "no picture"}, "ImageErrorUnsupportedFormat"),
        ("msecret", {"return_portrait": "1"}, "MissingArguments"),
        ("msecret", {"image": "no picture", "return_portrait": "7"}, "BadArguments"),
    ],
)
def test_megvii_errors_reach_the_client(
    server: Served, secret: str, told: dict[str, str], error: str
) -> None:
    """It sends no file under the name image: good for the table of errors."""
    exceptions = client("facepplib.exceptions")
    engine = client("facepplib").FacePP(api_key="mkey", api_secret=secret, url=server.url).engine
    with pytest.raises(getattr(exceptions, error)):
        engine.request("post", server.url + "/faceid/v3/ocridcard", data=told)
