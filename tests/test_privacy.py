"""Nothing leaves the device, nothing is left on it, and nothing read from a card is ever logged."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import idocr

SAMPLES = Path(__file__).parent / "samples"
RECOGNISE = "import sys, idocr; assert idocr.recognize(sys.argv[1])['result'] == 1001"


def fresh_environment(home: Path) -> dict[str, str]:
    """The user's own environment, but with an empty home and cache, and no word on telemetry."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_"))}
    return kept | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(code: str, *arguments: str, home: Path, prefix: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code, *arguments],
        env=fresh_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_file_is_written(tmp_path: Path) -> None:
    run(RECOGNISE, str(SAMPLES / "portrait.jpg"), home=tmp_path)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_network_call_and_no_write(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    strace = ("strace", "-f", "-qq", "-e", "trace=network,open,openat,creat", "-o", str(log))
    run(RECOGNISE, str(SAMPLES / "portrait.jpg"), home=home, prefix=strace)
    calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
    assert any("portrait.jpg" in call for call in calls)  # the trace saw the run
    network = [c for c in calls if not c.startswith(("open", "creat", "+++", "---", "<..."))]
    assert network == []
    written = [c for c in calls if re.search(r"O_WRONLY|O_RDWR|O_CREAT|^creat", c)]
    assert [c for c in written if '"/dev/null"' not in c] == []


def test_import_alone_loads_neither_models_nor_libraries(tmp_path: Path) -> None:
    heavy = run(
        "import sys, idocr; print([m for m in ('onnxruntime', 'cv2', 'numpy') if m in sys.modules])",
        home=tmp_path,
    )
    assert heavy.strip() == "[]"


def test_telemetry_is_off_before_onnxruntime_is_imported(tmp_path: Path) -> None:
    code = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Watch())
import idocr
idocr.Recognizer
"""
    assert run(code, home=tmp_path).strip() == "1"


def sample_texts() -> list[str]:
    """Texts long enough not to occur among coordinates by chance; Han is looked for apart."""
    fields = json.loads((SAMPLES / "wrong_number.json").read_text("utf-8"))["fields"]
    return [f["text"] for f in fields.values() if len(f["text"]) > 5]


def test_no_text_of_a_card_in_reprs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reading = idocr.Recognizer().read(SAMPLES / "wrong_number.jpg")
    shown = repr(reading) + str(reading) + repr(list(reading.fields.values())) + caplog.text
    shown += repr([c for f in reading.fields.values() for c in f.chars])
    assert reading.text("id_number") in sample_texts()
    assert [text for text in sample_texts() if text in shown] == []
    assert not re.search("[\u4e00-\u9fff]", shown)


def test_no_text_of_a_card_in_exceptions() -> None:
    number = reading_number()
    for call in (idocr.id_number.validate, idocr.id_number.check_digit):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - any of the module's own errors
            call(number)
        assert number[:6] not in str(caught.value)


def reading_number() -> str:
    fields = json.loads((SAMPLES / "wrong_number.json").read_text("utf-8"))["fields"]
    return str(fields["id_number"]["text"])
