"""The parts of the server by themselves: failures of the engine, forms, fetched pictures, privacy."""

from __future__ import annotations

import contextlib
import http.server
import json
import logging
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_readings import made, true_texts
from server_process import PORTRAIT, in_base64, serving
from test_privacy import fresh_environment

from idocr.server import bodies, desk, fetch
from idocr.server.bodies import Received
from idocr.server.desk import Desk
from idocr.server.faces import FACES, Face
from idocr.server.settings import Settings

IMAGE = in_base64(PORTRAIT)
PARTS = b'--e\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + PORTRAIT + b"\r\n--e--\r\n"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def good_requests() -> dict[str, Received]:
    def of_json(**told: str) -> bytes:
        return json.dumps(told).encode()

    form = f"id_card_side=front&image={IMAGE.replace('+', '%2B')}".encode()
    action = {"x-tc-action": "IDCardOCR"}
    multipart = {"content-type": "multipart/form-data; boundary=e"}
    waiqin365 = of_json(transfer_id="1", ID_card_side="front", image=IMAGE)
    return {
        "MegviiFace": Received("POST", "/", headers=multipart, body=PARTS),
        "HuaweiV1Face": Received("POST", "/", body=of_json(image=IMAGE)),
        "HuaweiFace": Received("POST", "/", body=of_json(image=IMAGE)),
        "Waiqin365Face": Received("POST", "/", body=waiqin365),
        "BaiduFace": Received("POST", "/", headers=FORM, body=form),
        "TempeisiteFace": Received("POST", "/", headers=FORM, body=form),
        "IflytekFace": Received("POST", "/", headers=FORM, body=form),
        "TencentFace": Received("POST", "/", headers=action, body=of_json(ImageBase64=IMAGE)),
    }


INTERNAL = {
    "MegviiFace": (500, "INTERNAL_ERROR"),
    "HuaweiV1Face": (500, "AIS.0105"),
    "HuaweiFace": (500, "AIS.0105"),
    "Waiqin365Face": (200, "内部错误"),
    "BaiduFace": (200, "282000"),
    "TempeisiteFace": (200, "90099"),
    "IflytekFace": (200, "90099"),
    "TencentFace": (200, "FailedOperation.OcrFailed"),
}


class Broken:
    """An engine that fails with something read in its words."""

    def read(self, image: bytes, **options: Any) -> Any:  # noqa: ARG002
        raise RuntimeError("the name is 张三")


class Fixed:
    """An engine that always reads the same."""

    def read(self, image: bytes, **options: Any) -> Any:  # noqa: ARG002
        return made()


def reading_faces() -> list[type[Face]]:
    return [face for face in FACES if face.__name__ in INTERNAL]


@pytest.mark.parametrize("kind", reading_faces(), ids=lambda kind: kind.__name__)
def test_a_failing_engine_is_told_in_each_formats_words(
    kind: type[Face], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings()
    with caplog.at_level(logging.DEBUG):
        reply = Desk(settings, Broken()).answer(  # type: ignore[arg-type]
            kind(settings), good_requests()[kind.__name__], time.monotonic()
        )
    status, words = INTERNAL[kind.__name__]
    assert (reply.status, reply.outcome) == (status, "failed")
    assert words in json.dumps(reply.body, ensure_ascii=False)
    assert "RuntimeError in Broken.read" in caplog.text
    assert "张三" not in caplog.text + repr(reply)


@pytest.mark.parametrize("kind", reading_faces(), ids=lambda kind: kind.__name__)
def test_requests_are_shown_nowhere(kind: type[Face]) -> None:
    received = good_requests()[kind.__name__]
    call = kind(Settings()).understand(received)
    reply = Desk(Settings(), Fixed()).answer(kind(Settings()), received, time.monotonic())  # type: ignore[arg-type]
    assert reply.outcome == "card"
    assert len(repr(received) + repr(call) + repr(reply)) < 1000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
LIKELY = st.sampled_from(
    ["", "front", "FRONT", "true", "1", "double_side", "[]", "{}", "aGk=", "%zz", IMAGE]
)
FIELDS = [
    "image",
    "url",
    "side",
    "detect_blur",
    "return_verification",
    "transfer_id",
    "ID_card_side",
    "risk_detection",
    "imageData",
    "head_portrait",
    "ImageBase64",
    "ImageUrl",
    "CardSide",
    "Config",
    "api_key",
    "return_portrait",
    "exception_range",
    "id_card_side",
    "detect_card",
]
TOLD = st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON)


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(TOLD, st.sampled_from(["json", "form", "parts"]), st.sampled_from(FACES))
def test_whatever_is_sent_the_caller_is_at_fault_not_the_server(
    told: dict[str, Any], way: str, kind: type[Face]
) -> None:
    texts = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()
    }
    body, content_type = json.dumps(told).encode(), "application/json"
    if way == "form":
        body, content_type = urlencode(texts).encode(), FORM["content-type"]
    if way == "parts":
        part = '--e\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = ("".join(part.format(*item) for item in texts.items()) + "--e--\r\n").encode()
        content_type = "multipart/form-data; boundary=e"
    headers = {"content-type": content_type, "x-tc-action": "IDCardOCR"}
    received = Received("POST", "/", urlencode(texts), headers, body)
    settings = Settings()
    reply = Desk(settings, Fixed()).answer(kind(settings), received, time.monotonic())  # type: ignore[arg-type]
    assert reply.outcome in ("card", "ok", "refused", "unauthorized")
    assert reply.status < 500
    json.dumps(reply.body)


# ---- bodies -----------------------------------------------------------------------------------------


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=300))
def test_any_bytes_are_a_form_or_a_body_error(body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=e", "application/x-www-form-urlencoded"):
        received = Received("POST", "/", headers={"content-type": kind}, body=body)
        with contextlib.suppress(bodies.BodyError):
            assert isinstance(received.form, dict)
            received.text("x")
        with contextlib.suppress(bodies.BodyError):
            assert isinstance(received.json, dict)


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=2000))
def test_parts_come_back_as_they_were_sent(content: bytes) -> None:
    edge = "an-edge-that-no-content-has"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    assert bodies.parse_multipart(f"multipart/form-data; boundary={edge}", body) == {
        "image": content
    }


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(st.text(max_size=4), st.text(max_size=20), max_size=5))
def test_fields_come_back_as_they_were_sent(told: dict[str, str]) -> None:
    received = Received("POST", "/", headers=FORM, body=urlencode(told).encode())
    assert received.form == {
        name.encode().decode("latin-1"): value.encode() for name, value in told.items()
    }


@hypothesis.settings(deadline=None)  # the machine may be busy
@given(st.text("a=&%+41;é", max_size=30).map(lambda text: text.encode("latin-1")))
def test_odd_forms_are_what_the_standard_library_makes_of_them(body: bytes) -> None:
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    assert bodies.parse_urlencoded(body) == {n: v.encode("latin-1") for n, v in pairs}


def test_too_many_parts_and_fields() -> None:
    part = b'--e\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    with pytest.raises(bodies.BodyError):
        bodies.parse_multipart("multipart/form-data; boundary=e", part * 100 + b"--e--\r\n")
    with pytest.raises(bodies.BodyError):
        _ = Received("POST", "/", headers=FORM, body=b"a=1&" * 100).form


@pytest.mark.parametrize("text", ["aGk=", "aGk", b"aGk=", "a\nGk=\r\n"])
def test_base64_of_every_usual_kind(text: str | bytes) -> None:
    assert bodies.from_base64(text) == b"hi"
    assert bodies.from_base64("-_8=") == bodies.from_base64("+/8=")


def test_base64_whose_plus_a_form_turned_into_a_space() -> None:
    """As `curl -d "image=$(base64 card.jpg)"` sends it; at the ends a space is a space."""
    for body in (b"image=aa+/", b"image=aa%2B%2F", b"image=%0Aaa+/%0D%0A", b"image= a%0D%0Aa+/ "):
        form = Received("POST", "/", headers=FORM, body=body).form
        assert bodies.from_base64(form["image"]) == b"\x69\xaf\xbf"
    assert bodies.from_base64("a\tGk=") == b"hi"


@pytest.mark.parametrize("text", ["a", "data:image/jpeg;base64,aGk=", "é", "aGk=aGk=", "%"])
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(bodies.BodyError):
        bodies.from_base64(text)


# ---- pictures from URLs -----------------------------------------------------------------------------


class Pictures(http.server.BaseHTTPRequestHandler):
    """A host of pictures on loopback."""

    def do_GET(self) -> None:
        if self.path == "/slow.jpg":
            time.sleep(1.5)
        if self.path == "/drops.jpg":
            for _ in range(20):
                self.wfile.write(b"H")
                time.sleep(0.1)
        self.send_response(302 if self.path == "/moved.jpg" else 200)
        self.send_header("Location", "/card.jpg")
        self.end_headers()
        self.wfile.write(PORTRAIT)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def pictures() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://here.example/x",
        "http://there.example/x",
        "http://here.example:8080/x",
        "http://user@here.example/x",
        "http://here.example/ x",
        "http://[here.example/x",
        "file:///etc/passwd",
        "//here.example/x",
        "",
    ],
)
def test_urls_that_are_not_allowed(url: str) -> None:
    with pytest.raises(fetch.UrlRefusedError):
        fetch.fetch(url, ["here.example"], 1000, 1.0)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where another address of the host is public."""
    found = [(2, 1, 6, "", (name, 80)) for name in ("93.184.216.34", address)]
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *a, **k: found)  # noqa: ARG005
    with pytest.raises(fetch.UrlRefusedError):
        fetch.public_address("here.example", 80)


def test_the_address_that_was_checked_is_the_one_spoken_to(
    pictures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name does not exist: only the pinned address can have answered."""
    monkeypatch.setattr(fetch, "public_address", lambda host, port: "127.0.0.1")  # noqa: ARG005
    monkeypatch.setattr(fetch, "STANDARD_PORTS", {"http": pictures})

    def get(name: str, most_bytes: int = 1 << 21, seconds: float = 5.0) -> bytes:
        return fetch.fetch(f"http://no.invalid/{name}", ["no.invalid"], most_bytes, seconds)

    assert get("card.jpg") == PORTRAIT
    for name, most_bytes, seconds in (
        ("card.jpg", 1000, 5.0),
        ("moved.jpg", 1 << 21, 5.0),
        ("slow.jpg", 1 << 21, 0.3),
        ("drops.jpg", 1 << 21, 0.3),
    ):
        start = time.monotonic()
        with pytest.raises(fetch.UrlFailedError):
            get(name, most_bytes, seconds)
        assert time.monotonic() - start < seconds + 0.5


def test_a_picture_from_a_listed_host_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "fetch", lambda *arguments: PORTRAIT)  # noqa: ARG005
    settings = Settings(image_url_hosts=("here.example",))
    face = next(face for face in FACES if face.__name__ == "HuaweiFace")(settings)
    received = Received("POST", "/", body=b'{"url": "http://here.example/x.jpg"}')
    reply = Desk(settings, Fixed()).answer(face, received, time.monotonic())  # type: ignore[arg-type]
    assert reply.status == 200


URL_REFUSALS = {  # where the settings allow none of it, and where the host gives nothing
    "HuaweiV1Face": ("ModelArts.4601", "ModelArts.4603"),
    "HuaweiFace": ("ModelArts.4601", "ModelArts.4603"),
    "Waiqin365Face": ("不支持图片url", "图片url下载失败"),
    "BaiduFace": ("282111", "282112"),
    "TencentFace": ("FailedOperation.DownLoadError", "FailedOperation.DownLoadError"),
}


@pytest.mark.parametrize("name", URL_REFUSALS)
@pytest.mark.parametrize("is_listed", [False, True])
def test_urls_that_give_no_picture_in_each_formats_words(
    name: str, is_listed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "public_address", lambda host, port: "127.0.0.1")  # noqa: ARG005
    monkeypatch.setattr(fetch, "STANDARD_PORTS", {"http": 9})  # nobody listens
    settings = Settings(image_url_hosts=("here.example",) if is_listed else ())
    told = {"url": "http://here.example/x.jpg", "transfer_id": "1", "ID_card_side": "front"}
    told["ImageUrl"] = told["url"]
    headers = {"x-tc-action": "IDCardOCR"}
    body = json.dumps(told).encode()
    if name == "BaiduFace":
        headers, body = FORM, urlencode(told | {"id_card_side": "front"}).encode()
    face = next(face for face in FACES if face.__name__ == name)(settings)
    received = Received("POST", "/", headers=headers, body=body)
    reply = Desk(settings, Fixed()).answer(face, received, time.monotonic())  # type: ignore[arg-type]
    assert reply.outcome == "refused"
    assert URL_REFUSALS[name][is_listed] in json.dumps(reply.body, ensure_ascii=False)


# ---- privacy ----------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_written_and_nobody_is_called(tmp_path: Path) -> None:
    """Not a picture of more than a megabyte either, which forms usually put into a temporary file."""
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    strace = ("strace", "-f", "-qq", "-e", "trace=connect,open,openat,creat,memfd_create")
    strace += ("-o", str(trace))
    environment = fresh_environment(home)
    with serving(tmp_path, "--workers", "1", prefix=strace, environment=environment) as served:
        large = PORTRAIT + bytes((1 << 20) + 500_000 - len(PORTRAIT))
        body = served.post_parts("/faceid/v3/ocridcard", {"image": large}).json
        assert body["name"]["result"] == true_texts("portrait")["name"]
        served.post_form("/api/ai/ocr/idcard?secret-query=1", {"image": in_base64(large)})
        # strace holds signals to itself back until its child ends; so the child is told.
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        subprocess.run(["kill", "-TERM", *children.read_text().split()], check=True)
        assert served.process.wait(30) == 0
        log = served.log
    calls = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()]
    assert any("recognizer.onnx" in call for call in calls)  # the trace saw the run
    written = [c for c in calls if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|^creat|^memfd", c)]
    assert [c for c in written if '"/dev/null"' not in c] == []
    assert [c for c in calls if c.startswith("connect") and "AF_INET" in c] == []
    assert list(home.rglob("*")) == []
    assert "secret-query" not in log
    assert not re.search("[\u4e00-\u9fff]", log)
    assert body["idcard_number"]["result"] not in log


def test_importing_idocr_loads_nothing_of_the_server() -> None:
    code = (
        "import sys, idocr, idocr.cli; idocr.Recognizer; idocr.wire.FORMATS['megvii'].module;"
        "print([m for m in sys.modules if m.startswith(('idocr.server', 'uvicorn', 'starlette'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
