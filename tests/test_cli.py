"""The command line: real runs on real samples."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import test_repair

SAMPLES = Path(__file__).parent / "samples"
PORTRAIT, EMBLEM, NONE = (
    str(SAMPLES / f"{name}.jpg") for name in ("portrait", "emblem", "none_page")
)


def idocr(
    *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "idocr", *arguments]
    surroundings = os.environ | (environment or {})
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env=surroundings)


def test_prints_the_answer_and_draws(tmp_path: Path) -> None:
    done = idocr("--draw", str(tmp_path / "found.png"), "--return-portrait", PORTRAIT)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["side"] == 0
    assert answer["portrait"]["result"]
    drawn, given = cv2.imread(str(tmp_path / "found.png")), cv2.imread(PORTRAIT)
    assert drawn.shape == given.shape
    assert (drawn != given).any()


def test_several_pictures_give_a_line_each(tmp_path: Path) -> None:
    done = idocr("--draw", str(tmp_path / "out"), PORTRAIT, NONE, EMBLEM)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["photo"] for line in lines] == [PORTRAIT, NONE, EMBLEM]
    assert [line.get("side") for line in lines] == [0, None, 1]
    assert done.returncode == 1
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_one_picture_without_a_card() -> None:
    done = idocr(NONE)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "ID_CARD_NOT_FOUND"
    assert done.stderr == b""


def test_drawings_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    photos = []
    for folder, photo in (("a", PORTRAIT), ("b", EMBLEM)):
        (tmp_path / folder).mkdir()
        photos.append(shutil.copy(photo, tmp_path / folder / "card.jpg"))
    assert idocr("--draw", str(tmp_path / "out"), *map(str, photos)).returncode == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["card.2.found.jpg", "card.found.jpg"]


def test_a_photo_is_never_drawn_over(tmp_path: Path) -> None:
    photo = Path(shutil.copy(EMBLEM, tmp_path / "card.jpg"))
    done = idocr("--draw", str(photo), str(photo))
    assert done.returncode == 2
    assert b"would replace the photograph" in done.stderr
    assert photo.read_bytes() == Path(EMBLEM).read_bytes()


@pytest.mark.parametrize(
    ("target", "word"), [("found.xyz", b"ends in .jpg"), ("no/folder/x.jpg", b"x.jpg")]
)
def test_a_drawing_that_cannot_be_written(tmp_path: Path, target: str, word: bytes) -> None:
    done = idocr("--draw", str(tmp_path / target), EMBLEM)
    assert done.returncode == 2
    assert word in done.stderr
    assert b"Traceback" not in done.stderr


def test_several_drawings_need_a_folder(tmp_path: Path) -> None:
    (tmp_path / "found.jpg").touch()
    done = idocr("--draw", str(tmp_path / "found.jpg"), PORTRAIT, EMBLEM)
    assert done.returncode == 2
    assert b"need a folder" in done.stderr


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    done = idocr("--models", str(tmp_path), EMBLEM)
    assert done.returncode == 2
    assert b"holds neither recognizer.onnx nor locator.onnx" in done.stderr


def test_output_is_utf_8_in_any_locale() -> None:
    done = idocr(EMBLEM, environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert re.search(
        "[\u4e00-\u9fff]", json.loads(done.stdout.decode("utf-8"))["issued_by"]["result"]
    )


def test_the_bar_is_gone_before_anything_is_printed() -> None:
    """Standard output and standard error on one terminal: no line is written behind the bar."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "idocr", EMBLEM, "missing.jpg", NONE]
    with subprocess.Popen(command, stdout=follower, stderr=follower) as process:
        os.close(follower)
        shown = b""
        try:
            while chunk := os.read(leader, 1 << 16):
                shown += chunk
        except OSError:  # Linux's way to say that the other end is closed
            pass
    os.close(leader)
    assert process.returncode == 2
    assert b"[####" in shown
    ends = [line.rsplit(b"\r", 1)[-1] for line in shown.replace(b"\r\n", b"\n").split(b"\n")]
    assert [end[:8] for end in ends if end.strip()] == [
        b'{"photo"',
        b"idocr: m",
        b'{"photo"',
        b'{"photo"',
    ]


def test_reads_standard_input() -> None:
    done = idocr("-", stdin=Path(EMBLEM).read_bytes())
    assert json.loads(done.stdout)["side"] == 1


def test_side_can_be_given() -> None:
    done = idocr("--side", "emblem", EMBLEM)
    assert json.loads(done.stdout)["side"] == 1


def test_repair_can_be_turned_off(tmp_path: Path) -> None:
    blotted = str(tmp_path / "blotted.png")
    cv2.imwrite(blotted, test_repair.blotted(3))
    number = test_repair.sample()[1]
    repaired, plain = (
        json.loads(idocr(*options, blotted).stdout)["idcard_number"]
        for options in ((), ("--no-repair",))
    )
    assert repaired["result"] == number
    assert plain["result"] != number
    assert plain["logic"] == 1


def test_max_error_leaves_fields_empty() -> None:
    answer = json.loads(idocr("--max-error", "0.0000001", PORTRAIT).stdout)
    assert answer["name"]["result"] == ""
    assert answer["result"] == 1002
    refused = idocr("--max-error", "2", PORTRAIT)
    assert refused.returncode == 2
    assert b"max_error" in refused.stderr


def test_unreadable_files_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("this is no picture, although it is long enough to be looked at")
    done = idocr(str(text), str(tmp_path / "missing.jpg"), EMBLEM)
    assert done.returncode == 2
    assert b"notes.txt: not a JPEG, PNG, BMP, WebP or TIFF picture" in done.stderr
    assert b"missing.jpg" in done.stderr
    assert json.loads(done.stdout.splitlines()[2])["side"] == 1
    assert b"Traceback" not in done.stderr


def test_limits_are_explained() -> None:
    done = idocr("--max-bytes", "1000", PORTRAIT)
    assert done.returncode == 2
    assert b"allowed are 1000" in done.stderr
    assert b"--max-bytes" in done.stderr


@pytest.mark.parametrize(("option", "word"), [("--help", b"examples:"), ("--version", b"idocr ")])
def test_help_helps(option: str, word: bytes) -> None:
    done = idocr(option)
    assert done.returncode == 0
    assert word in done.stdout


def test_no_text_of_a_card_on_standard_error() -> None:
    """Nor where something goes wrong behind the reading: here the drawing cannot be written."""
    assert idocr(PORTRAIT).stderr == b""
    done = idocr("--draw", "no/such/folder/x.jpg", PORTRAIT)
    fields = json.loads(Path(PORTRAIT).with_suffix(".json").read_text("utf-8"))["fields"]
    texts = [f["text"] for f in fields.values() if len(f["text"]) > 3 or not f["text"].isascii()]
    assert len(texts) > 3
    assert [text for text in texts if text in done.stderr.decode("utf-8")] == []


def test_redacts_and_prints_nothing_of_the_card(tmp_path: Path) -> None:
    target = tmp_path / "safe.png"
    done = idocr("--redact", str(target), "--keep", "gender", "--keep", "ethnicity", PORTRAIT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"redacted": str(target), "kept": ["gender", "ethnicity"]}
    covered, given = cv2.imread(str(target)), cv2.imread(PORTRAIT)
    assert covered.shape == given.shape
    assert ((covered == 96).all(axis=2)).mean() > 0.2


def test_several_redactions_and_one_without_a_card(tmp_path: Path) -> None:
    done = idocr("--redact", str(tmp_path), "--keep", "none", PORTRAIT, NONE, EMBLEM)
    assert done.returncode == 1
    errors = [json.loads(line).get("error") for line in done.stdout.splitlines()]
    assert errors == [None, "ID_CARD_NOT_FOUND", None]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["emblem.redacted.jpg", "portrait.redacted.jpg"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--keep", "name"), b"--redact"),
        (("--redact", "a.jpg", "--keep", "nationality"), b"ethnicity"),
        (("--redact", "a.jpg", "--draw", "b.jpg"), b"one of them"),
        (("--redact", "a.xyz"), b"ends in .jpg"),
    ],
)
def test_wrong_options_of_redaction(options: tuple[str, ...], word: bytes) -> None:
    done = idocr(*options, PORTRAIT)
    assert done.returncode == 2
    assert word in done.stderr


def test_check_takes_both_sides_in_either_order() -> None:
    reports = []
    for photos in ((PORTRAIT, EMBLEM), (EMBLEM, PORTRAIT)):
        done = idocr("check", *photos, "--as-of", "2026-06-01")
        assert done.returncode in (0, 1), done.stderr
        reports.append(json.loads(done.stdout))
    assert reports[0] == reports[1]
    assert reports[0]["as_of"] == "2026-06-01"
    assert {"evidence", "words"} == set(reports[0]["term"])
    truth = json.loads(Path(PORTRAIT).with_suffix(".json").read_text("utf-8"))["fields"]
    shown = json.dumps(reports[0], ensure_ascii=False)
    assert [f["text"] for f in truth.values() if len(f["text"]) > 2 and f["text"] in shown] == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((PORTRAIT, PORTRAIT), b"back: must be the emblem side"),
        ((EMBLEM, EMBLEM), b"front: must be the portrait side"),
        ((PORTRAIT, NONE), b"back: holds no card"),
        ((PORTRAIT, "missing.jpg"), b"missing.jpg"),
        ((PORTRAIT,), b"required: PHOTO"),
        ((PORTRAIT, EMBLEM, "--as-of", "today"), b"--as-of"),
    ],
)
def test_check_refuses_what_is_no_pair(arguments: tuple[str, ...], word: bytes) -> None:
    done = idocr("check", *arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert b"Traceback" not in done.stderr
