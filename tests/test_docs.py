"""The examples of docs/ and of the README, as they stand there, against a server on loopback."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_readings import true_texts
from server_process import PORTRAIT, Served, serving

from idocr.server import settings

ROOT = Path(__file__).parent.parent
NAME = true_texts("portrait")["name"]
# The names and secrets that the examples show.
KEYS = """
[megvii.keys]
"K" = "S"
[huawei.keys]
"an-access-key" = "its-secret-key"
[waiqin365]
keys = { an-openid = "its-appkey" }
max_age_s = 300
[baidu.keys]
"an-api-key" = "its-secret-key"
[iflytek.keys]
"an-appid" = "its-key"
[tencent.keys]
"a-secret-id" = "its-secret-key"
"""
# The vendors' own programs; an example that imports none of them needs nothing.
CLIENTS = ("huaweicloudsdkocr", "aip", "xfyunsdkocr", "tencentcloud")


def blocks(file: str, language: str) -> list[str]:
    text = (ROOT / file).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("keyed"), config=KEYS) as served:
        yield served


@pytest.fixture(scope="module")
def is_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("open")) as served:
        yield served


@pytest.fixture(autouse=True)
def in_a_folder_with_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "card.jpg").write_bytes(PORTRAIT)
    monkeypatch.chdir(tmp_path)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def value_of_last_line(code: str, names: dict[str, Any]) -> Any:
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(tree, "example", "exec"), names)
    return eval(compile(ast.Expression(last.value), "example", "eval"), names)


BEGINNING, *EXAMPLES = blocks("docs/clients.md", "python")


@pytest.mark.filterwarnings("ignore")  # the clients' own deprecations
@pytest.mark.parametrize("code", EXAMPLES)
def test_python_examples_read_the_card_with_keys(keyed: Served, code: str) -> None:
    for module in CLIENTS:
        if module in code and importlib.util.find_spec(module) is None:
            pytest.skip(f"{module}: the extra serve-clients is not installed")
    names: dict[str, Any] = {}
    exec(BEGINNING, names)
    assert (
        value_of_last_line(code.replace("127.0.0.1:8000", f"127.0.0.1:{keyed.port}"), names) == NAME
    )


COMMANDS = [
    (file, code)
    for file in ("docs/clients.md", "docs/page.md", "README.md")
    for code in blocks(file, "sh")
    if "curl" in code
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(("file", "code"), COMMANDS)
def test_commands_are_answered(is_open: Served, file: str, code: str) -> None:  # noqa: ARG001
    here = code.replace("127.0.0.1:8000", f"127.0.0.1:{is_open.port}")
    done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, check=True)
    assert (NAME in done.stdout) or "x-subject-token: " in done.stdout


def test_there_are_examples_of_every_format() -> None:
    text = (ROOT / "docs" / "clients.md").read_text("utf-8")
    shown = "".join([*EXAMPLES, *(code for _, code in COMMANDS)])
    for name in (
        "ocridcard",
        "v1.0/ocr/id-card",
        "OcrClient",
        "api/ocr/v1/idcard",
        "rest/2.0",
        "api/ai/ocr",
    ):
        assert name in shown
    assert len(EXAMPLES) == 5
    assert text.count("## ") == 6


@pytest.mark.parametrize("file", ["README.md", "docs/page.md"])
def test_settings_that_are_shown_are_settings(file: str, tmp_path: Path) -> None:
    shown = [code for code in blocks(file, "toml") if "keys" in code]
    assert shown
    for code in shown:
        (tmp_path / "idocr.toml").write_text(code, "utf-8")
        loaded = settings.load(tmp_path / "idocr.toml", formats=None)
        assert not loaded.is_open(loaded.formats[0])
