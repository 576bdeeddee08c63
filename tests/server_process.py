"""A real server on loopback for the tests, and a plain client that shows the bare answer."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("uvicorn", reason="the extra serve is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
pytest.importorskip("python_multipart", reason="the extra serve is not installed")

SAMPLES = Path(__file__).parent / "samples"
PORTRAIT = (SAMPLES / "portrait.jpg").read_bytes()
EMBLEM = (SAMPLES / "emblem.jpg").read_bytes()
NO_CARD = (SAMPLES / "none_page.jpg").read_bytes()
NO_PICTURE = b"this is no picture, although it is long enough to be looked at"
KEYS = """
[megvii]
keys = { mkey = "msecret", held = "hsecret", few = "fsecret" }
denied = ["held"]
most_calls = 30
[huawei]
keys = { hkey = "hsecret" }
tokens = ["a-token"]
[waiqin365]
keys = { openid = "appkey" }
max_age_s = 300
unique_transfer_id = true
[baidu]
keys = { bkey = "bsecret" }
[tempeisite]
keys = { tkey = "tsecret" }
[iflytek]
keys = { appid = "apikey" }
[tencent]
keys = { tid = "tsecret" }
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A server process that listens."""

    process: subprocess.Popen[bytes]
    port: int
    log_file: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    def ask(
        self,
        path: str,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, path, data, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def post_json(
        self, path: str, told: object, headers: Mapping[str, str] | None = None
    ) -> Answer:
        kind = {"Content-Type": "application/json"}
        return self.ask(path, json.dumps(told), kind | dict(headers or {}))

    def post_form(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(path, urlencode(fields), kind | dict(headers or {}))

    def post_parts(self, path: str, fields: Mapping[str, str | bytes]) -> Answer:
        body = b""
        for name, value in fields.items():
            file = '; filename="x.jpg"' if isinstance(value, bytes) else ""
            head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
            body += (
                head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
            )
        kind = {"Content-Type": "multipart/form-data; boundary=edge"}
        return self.ask(path, body + b"--edge--\r\n", kind)

    def metric(self, name: str) -> float:
        text = self.ask("/metrics", method="GET").body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@contextmanager
def serving(
    folder: Path,
    *options: str,
    config: str = "",
    prefix: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """A server with its settings and its log in a folder; stopped at the end."""
    log_file = folder / "server.log"
    arguments = ["serve", "--port", "0", *options]
    if config:
        (folder / "settings.toml").write_text(config, "utf-8")
        arguments += ["--config", str(folder / "settings.toml")]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "idocr", *arguments],
            stdin=subprocess.DEVNULL,
            stderr=log,
            env=environment or os.environ,
        )
    try:
        yield Served(process, _port_of(process, log_file), log_file)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port_of(process: subprocess.Popen[bytes], log_file: Path) -> int:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log_file.read_text("utf-8"))
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log_file.read_text('utf-8')}")


@contextmanager
def half_sent(served: Served, path: str, body: bytes, kind: str) -> Iterator[socket.socket]:
    """A connection that has sent the head and half of the body of a request, and holds its seat."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: {kind}\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[: len(body) // 2])
        time.sleep(0.3)
        yield connection


def finish(connection: socket.socket, body: bytes) -> Answer:
    """Send the other half; the answer."""
    connection.sendall(body[len(body) // 2 :])
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, dict(response.headers.items()), response.read())


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
