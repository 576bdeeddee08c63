"""Who is let in: settings, signatures, and what a caller without the right key is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_readings import true_texts
from server_process import KEYS, PORTRAIT, Answer, Served, in_base64, serving

from idocr.server import command, settings, signatures

NAME = true_texts("portrait")["name"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("keys"), "--workers", "1", config=KEYS) as served:
        yield served


# ---- Megvii -----------------------------------------------------------------------------------------


def megvii(server: Served, key: str, secret: str, image: bytes = b"no picture") -> Answer:
    told = {"api_key": key, "api_secret": secret, "image": image}
    return server.post_parts("/faceid/v3/ocridcard", told)


def test_megvii_keys(server: Served) -> None:
    assert megvii(server, "mkey", "msecret", PORTRAIT).json["name"]["result"] == NAME
    for key, secret in (("mkey", "hsecret"), ("nobody", "msecret"), ("mkey", "é")):
        answer = megvii(server, key, secret)
        assert (answer.status, answer.json["error"]) == (403, "AUTHENTICATION_ERROR")
    assert megvii(server, "", "msecret").json["error"] == "MISSING_ARGUMENTS: api_key"
    assert megvii(server, "mkey", "").json["error"] == "MISSING_ARGUMENTS: api_secret"


def test_megvii_denied_and_limited_keys(server: Served) -> None:
    answer = megvii(server, "held", "hsecret")
    assert (answer.status, answer.json["error"]) == (403, "AUTHORIZATION_ERROR:DENIED.")
    assert "request_id" not in answer.json
    for _ in range(30):
        assert megvii(server, "few", "fsecret").status == 400
    answer = megvii(server, "few", "fsecret")
    assert (answer.status, answer.json["error"]) == (403, "AUTHORIZATION_ERROR:Limit reached.")


# ---- Huawei -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "ModelArts.4101"),
        ({"X-Auth-Token": " "}, "ModelArts.4101"),
        ({"X-Auth-Token": "\xe9"}, "ModelArts.4102"),
        ({"X-Auth-Token": "two words"}, "ModelArts.4103"),
        ({"X-Auth-Token": "another"}, "ModelArts.0203"),
        ({"Authorization": "SDK-HMAC-SHA256 Access=hkey"}, "APIG.0301"),
        ({"Authorization": "Bearer x"}, "APIG.0301"),
    ],
)
def test_huawei_without_the_right_token(server: Served, headers: Any, code: str) -> None:
    answer = server.post_json("/v1.0/ocr/id-card", {"image": in_base64(PORTRAIT)}, headers)
    assert (answer.status, answer.json["error_code"]) == (401, code)


def test_huawei_with_a_token(server: Served) -> None:
    token = {"X-Auth-Token": "a-token"}
    answer = server.post_json("/v1.0/ocr/id-card", {"image": in_base64(PORTRAIT)}, token)
    assert answer.json["result"]["name"] == NAME


def iam(server: Served, told: Any) -> Answer:
    return server.post_json("/v3/auth/tokens", told)


def password(name: Any, secret: Any) -> dict[str, Any]:
    user = {"name": name, "password": secret, "domain": {"name": "a domain"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": "cn-north-4"}}}}


def access_key(name: str, secret: str) -> dict[str, Any]:
    pair = {"access": {"key": name}, "secret": {"key": secret}}
    return {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": pair}}}


@pytest.mark.parametrize("told", [password("hkey", "hsecret"), access_key("hkey", "hsecret")])
def test_huawei_tokens_as_of_iam(server: Served, told: Any) -> None:
    answer = iam(server, told)
    token = {"X-Auth-Token": answer.headers["x-subject-token"]}
    assert answer.status == 201
    issued, expires = (
        datetime.strptime(answer.json["token"][name], "%Y-%m-%dT%H:%M:%S.%f%z")
        for name in ("issued_at", "expires_at")
    )
    assert (expires - issued).total_seconds() == 24 * 3600
    image = {"image": in_base64(PORTRAIT)}
    assert server.post_json("/v2/p/ocr/id-card", image, token).json["result"]["name"] == NAME
    forged = {"X-Auth-Token": token["X-Auth-Token"][:-1] + "x"}
    assert server.post_json("/v2/p/ocr/id-card", image, forged).json["error_code"] == (
        "ModelArts.0203"
    )


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (password("hkey", "wrong"), 401),
        (password("nobody", "hsecret"), 401),
        (access_key("hkey", ""), 401),
        (password("", ""), 400),
        (password(7, "hsecret"), 400),
        (password("\ud800", "\ud800"), 400),
        ({"auth": {"identity": []}}, 400),
        ([], 400),
    ],
)
def test_huawei_tokens_are_refused(server: Served, told: Any, status: int) -> None:
    answer = iam(server, told)
    assert (answer.status, answer.json["error"]["code"]) == (status, status)
    assert "x-subject-token" not in answer.headers


def test_a_huawei_token_that_has_ended_tells_the_client_to_renew(server: Served) -> None:
    keys = {"hkey": "hsecret"}
    told = {"image": in_base64(PORTRAIT)}
    for age, status in ((signatures.HUAWEI_TOKEN_S + 5, 401), (3600, 200)):
        token = signatures.mint_huawei_token(keys, "hkey", time.time() - age)
        answer = server.post_json("/v1.0/ocr/id-card", told, {"X-Auth-Token": token})
        assert answer.status == status
        if status == 401:  # what the clients of the document's time look for
            assert answer.json["error_code"] == "APIG.0301"
            assert b"The token expires." in answer.body
            assert b"Token expired" in answer.body


# ---- waiqin365 --------------------------------------------------------------------------------------


def beijing(age_s: float = 0) -> str:
    moment = datetime.fromtimestamp(time.time() - age_s, signatures.BEIJING)
    return moment.strftime("%Y%m%d%H%M%S")


def waiqin365(server: Served, key: str, timestamp: str, transfer_id: str) -> dict[str, Any]:
    told = f'{{"transfer_id": "{transfer_id}", "ID_card_side": "front", "image": "'
    body = (told + in_base64(PORTRAIT) + '"}').encode()
    digest = hashlib.md5(body + f"|{key}|{timestamp}".encode()).hexdigest()
    path = f"/api/ocr/v1/idcard/openid/{timestamp}/{digest}/m1"
    return dict(server.ask(path, body, {"Content-Type": "application/json"}).json)


def test_waiqin365_digests(server: Served) -> None:
    assert waiqin365(server, "wrong", beijing(), "1")["return_msg"] == "摘要校验失败"
    assert waiqin365(server, "appkey", beijing(400), "1")["return_msg"] == "摘要校验失败"
    assert waiqin365(server, "appkey", beijing(), "1")["return_code"] == "0"
    assert waiqin365(server, "appkey", beijing(), "1")["return_msg"] == "transfer_id重复"
    assert waiqin365(server, "appkey", beijing(), "2")["return_code"] == "0"


# ---- tempeisite, iFlytek, Tencent, Baidu ------------------------------------------------------------


def faiz(secret: str, nonce: str, timestamp: float) -> dict[str, str]:
    sign = hashlib.sha256(f"null.{secret}".encode()).hexdigest()
    head = {"accessKey": "tkey", "nonce": nonce, "timestamp": str(int(timestamp)), "sign": sign}
    return head | {"body": "null", "Content-Type": "image/jpeg"}


def test_tempeisite_signatures(server: Served) -> None:
    path, now = "/api/ai/ocr/idcard", time.time()
    assert server.ask(path, PORTRAIT, faiz("tsecret", "1111", now)).json["data"]["name"] == NAME
    for head in (
        faiz("tsecret", "1111", now),  # the nonce was used
        faiz("wrong", "1112", now),
        faiz("tsecret", "1113", now - 400),
        faiz("tsecret", "", now),
        {"Content-Type": "image/jpeg"},
    ):
        answer = server.ask(path, PORTRAIT, head)
        assert (answer.status, answer.body) == (403, b"")


def iflytek(key: str, moment: float, param: bytes = b"{}") -> dict[str, str]:
    head = {"X-CurTime": str(int(moment)), "X-Param": base64.b64encode(param).decode()}
    text = key + head["X-CurTime"] + head["X-Param"]
    return head | {"X-Appid": "appid", "X-CheckSum": hashlib.md5(text.encode()).hexdigest()}


def test_iflytek_checksums(server: Served) -> None:
    def ask(head: dict[str, str]) -> str:
        image = {"image": in_base64(PORTRAIT)}
        return str(server.post_form("/v1/service/v1/ocr/idcard", image, head).json["code"])

    now = time.time()
    assert ask(iflytek("apikey", now)) == "0"
    assert ask(iflytek("wrong", now)) == "10105"
    assert ask(iflytek("apikey", now - 400)) == "10105"
    assert ask(iflytek("apikey", now, b"[1]")) == "10107"
    assert ask({}) == "10106"


def test_tencent_and_baidu_without_a_signature(server: Served) -> None:
    body = server.post_json("/", {"ImageBase64": "x"}, {"X-TC-Action": "IDCardOCR"}).json
    assert body["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"
    image = {"image": in_base64(PORTRAIT), "id_card_side": "front"}
    for token in ("", "?access_token=24.x.y.z", "?access_token=24.0.2592000.99999999999.bkey"):
        body = server.post_form("/rest/2.0/ocr/v1/idcard" + token, image).json
        assert body["error_code"] == 110
    keys = {"bkey": "bsecret"}
    for age, code in ((0, None), (signatures.BAIDU_TOKEN_S + 10, 111)):
        token = signatures.mint_token(keys, "bkey", time.time() - age)
        path = f"/rest/2.0/ocr/v1/idcard?access_token={token}"
        assert server.post_form(path, image).json.get("error_code") == code


@pytest.mark.parametrize(
    ("grant", "name", "secret", "error"),
    [
        ("client_credentials", "bkey", "wrong", "invalid_client"),
        ("client_credentials", "nobody", "bsecret", "invalid_client"),
        ("password", "bkey", "bsecret", "unsupported_grant_type"),
    ],
)
def test_baidu_refuses_tokens(
    server: Served, grant: str, name: str, secret: str, error: str
) -> None:
    told = {"grant_type": grant, "client_id": name, "client_secret": secret}
    answer = server.post_form("/oauth/2.0/token", told)
    assert (answer.status, answer.json["error"]) == (401, error)


def test_refused_callers_are_counted_and_keys_are_never_logged(server: Served) -> None:
    megvii(server, "mkey", "guess-of-a-secret")
    assert server.metric('idocr_requests_total{format="megvii",outcome="unauthorized"}') >= 1
    for word in ("guess-of-a-secret", "msecret", "appkey", "access_token", "openid/"):
        assert word not in server.log


# ---- signatures by themselves -----------------------------------------------------------------------


def test_the_published_worked_rule_of_waiqin365() -> None:
    body = '{"a": "中文"}'.encode()
    digest = hashlib.md5(body + b"|key|20140701142836").hexdigest()
    keys = {"o": "key"}
    assert signatures.is_signed_for_waiqin365(keys, "o", "20140701142836", digest, body)
    assert not signatures.is_signed_for_waiqin365(keys, "o", "20140701142836", digest, body + b" ")
    assert not signatures.is_signed_for_waiqin365(keys, "p", "20140701142836", digest, body)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def for_huawei(
    body: bytes = b"{}", names: str = "host;x-sdk-date", secret: str = "s"
) -> signatures.Signed:
    """Signed at 2026-01-02 03:04:05 UTC, written down from the vendor's rule."""
    date = "20260102T030405Z"
    head = "".join(f"{n}:{date if n == 'x-sdk-date' else 'here'}\n" for n in names.split(";"))
    text = f"POST\n/v2/a%20b/ocr/id-card/\na=1&b=%2F\n{head}\n{names}\n{sha256(body)}"
    to_sign = f"SDK-HMAC-SHA256\n{date}\n{sha256(text.encode())}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    proof = f"SDK-HMAC-SHA256 Access=k, SignedHeaders={names}, Signature={signature}"
    headers = {"host": "here", "x-sdk-date": date, "authorization": proof}
    return signatures.Signed("POST", "/v2/a b/ocr/id-card", "b=/&a=1", headers, body)


def for_tencent(
    body: bytes = b"{}", day: str = "2026-01-02", secret: str = "s"
) -> signatures.Signed:
    """Signed at the same moment; the service is whatever the client made of the host."""
    moment, names = str(int(SIGNED_AT)), "content-type;host"
    text = f"POST\n/\n\ncontent-type:application/json\nhost:here\n\n{names}\n{sha256(body)}"
    key = f"TC3{secret}".encode()
    for part in (day, "127", "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    scope = f"{day}/127/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{moment}\n{scope}\n{sha256(text.encode())}"
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    proof = f"TC3-HMAC-SHA256 Credential=k/{scope}, SignedHeaders={names}, Signature={signature}"
    headers = {"host": "here", "content-type": "application/json", "x-tc-timestamp": moment}
    return signatures.Signed("POST", "/", "", headers | {"authorization": proof}, body)


SIGNED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


def test_huawei_signatures_cover_body_date_and_path() -> None:
    def holds(signed: signatures.Signed, age_s: float = 0) -> bool:
        return signatures.is_signed_for_huawei(signed, {"k": "s"}, SIGNED_AT + age_s)

    good = for_huawei()
    assert holds(good)
    assert holds(good, 899)
    assert not holds(good, 901)
    assert not holds(good, -901)
    assert not holds(replace(good, body=b"{ }"))
    assert not holds(replace(good, path="/v2/a/ocr/id-card"))
    assert not holds(replace(good, query="b=/"))
    assert not holds(for_huawei(secret="t"))
    assert not holds(for_huawei(names="host"))  # the date has to be signed
    assert not signatures.is_signed_for_huawei(good, {"l": "s"}, SIGNED_AT)


def test_tencent_signatures_cover_body_and_day() -> None:
    good = for_tencent()
    assert signatures.is_signed_for_tencent(good, {"k": "s"})
    assert not signatures.is_signed_for_tencent(good, {"l": "s"})
    assert not signatures.is_signed_for_tencent(replace(good, body=b"{ }"), {"k": "s"})
    assert not signatures.is_signed_for_tencent(for_tencent(secret="t"), {"k": "s"})
    assert not signatures.is_signed_for_tencent(for_tencent(day="2026-01-03"), {"k": "s"})
    assert signatures.is_fresh_for_tencent(good.headers, SIGNED_AT + 299)
    assert not signatures.is_fresh_for_tencent(good.headers, SIGNED_AT + 301)


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60)), st.binary(max_size=20))
def test_no_header_breaks_a_check(told: dict[str, str], body: bytes) -> None:
    names = [
        "authorization",
        "x-sdk-date",
        "x-tc-timestamp",
        "x-curtime",
        "x-param",
        "sign",
        "body",
    ]
    headers = told | dict(zip(names, told.values(), strict=False))
    signed = signatures.Signed("POST", "/x", "a=%zz&b", headers, body)
    keys = {"k": "s"}
    assert not signatures.is_signed_for_huawei(signed, keys)
    assert not signatures.is_signed_for_tencent(signed, keys)
    assert not signatures.is_signed_for_iflytek(headers, keys)
    assert not signatures.is_signed_for_faiz(headers, keys)


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=80))
def test_no_text_is_a_token(token: str) -> None:
    assert signatures.token_expiry({"k": "s"}, token) is None
    assert signatures.huawei_token_expiry({"k": "s"}, token) is None


def test_a_token_is_of_one_caller_and_one_secret() -> None:
    token = signatures.mint_token({"k": "s"}, "k", 1000.0)
    assert signatures.token_expiry({"k": "s"}, token) == 1000 + signatures.BAIDU_TOKEN_S
    assert signatures.token_expiry({"k": "t"}, token) is None
    assert signatures.token_expiry({"k": "s", "l": "s"}, token[:-1] + "l") is None


def test_a_huawei_token_is_good_for_its_name_secret_and_day_alone() -> None:
    token = signatures.mint_huawei_token({"张 三": "s"}, "张 三", 1000.0)
    assert token.isascii()
    assert token.split() == [token]
    expires = 1000 + signatures.HUAWEI_TOKEN_S
    assert signatures.huawei_token_expiry({"张 三": "s"}, token) == expires
    assert signatures.huawei_token_expiry({"张 三": "t"}, token) is None
    later = token.replace(str(expires), str(expires + 1))
    assert signatures.huawei_token_expiry({"张 三": "s"}, later) is None


def test_once_remembers_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(signatures.time, "monotonic", lambda: now)
    once = signatures.Once(10.0)
    assert [once.is_new("a"), once.is_new("a"), once.is_new("b")] == [True, False, True]
    now = 111.0
    assert once.is_new("a")


# ---- settings ---------------------------------------------------------------------------------------


def load(folder: Path, text: str, **options: Any) -> settings.Settings:
    file = folder / "settings.toml"
    file.write_text(text, "utf-8")
    return settings.load(file, **options)


def test_without_settings_everybody_on_this_machine_is_let_in() -> None:
    told = settings.load(None)
    assert told.host == "127.0.0.1"
    assert all(told.is_open(name) for name in told.formats)


def test_keys_choose_the_formats_and_options_win(tmp_path: Path) -> None:
    told = load(tmp_path, 'port = 1\n[huawei.keys]\nk = "a-secret"', port=9, host=None)
    assert (told.port, told.formats) == (9, ("huawei",))
    assert "a-secret" not in repr(told)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('host = "0.0.0.0"', "would accept all callers"),
        ('host = "::"', "would accept all callers"),
        ('formats = ["huawei", "baidu"]\n[huawei.keys]\nk = "s"', "baidu would accept all callers"),
        ('formats = ["nobody"]', "nobody is none of"),
        ("formats = []", "formats names none"),
        ("prot = 1", "prot is no setting"),
        ('port = "1"', "port must be of the type int"),
        ("port = true", "port must be of the type int"),
        ("port = 70000", "port must be at most"),
        ("workers = 0", "workers must be at least 1"),
        ("max_body_bytes = 1", "max_body_bytes must be at least"),
        ("[megvii]\nlimits = 'old'", "megvii.limits must be"),
        ("[megvii.keys]\nk = ''", "megvii.keys must be a table of texts"),
        ("[megvii]\ndenied = 'x'", "megvii.denied must be a list"),
        ("[nobody]\nx = 1", "nobody is no setting"),
        ("megvii = 7", "megvii must be a table"),
        ("port = SECRET", "is no TOML"),
        ('host = "no such host.invalid"', "is no address"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(settings.SettingsError, match=problem) as caught:
        load(tmp_path, text)
    assert "SECRET" not in str(caught.value)


def test_the_command_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert command.main([]) == 2
    assert "uvicorn is missing: pip install 'idocr[serve]'" in capsys.readouterr().err


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--host", "0.0.0.0"]) == 2
    assert "would accept all callers" in capsys.readouterr().err
    assert command.main(["--config", "no-such-file.toml"]) == 2
    assert "cannot be read" in capsys.readouterr().err
