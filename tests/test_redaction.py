"""redaction.py: nothing that is to be covered comes back, from idocr, rapidocr or the pixels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import idocr
from idocr import redaction
from idocr.errors import ArgumentError, CardNotFoundError, ImageSizeError
from idocr.reading import KEEPABLE
from idocr.redaction import COVER, redact

SAMPLES = Path(__file__).parent / "samples"
CARDS = sorted(
    path.stem for path in SAMPLES.glob("*.json") if json.loads(path.read_text("utf-8"))["side"]
)
KEPT = ("name", "issued_by")


@cache
def recognizer() -> idocr.Recognizer:
    return idocr.Recognizer()


@cache
def redacted(name: str, keep: tuple[str, ...] = KEPT) -> np.ndarray:
    return redact(SAMPLES / f"{name}.jpg", keep, recognizer=recognizer())


def printed(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["fields"]
    return fields


def inside(picture: np.ndarray, quad: list[list[float]]) -> np.ndarray:
    """(N, 3): the picture's pixels in a quadrilateral of the truth."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(np.array(quad)).astype(np.int32), 1)
    return picture[mask > 0]


@pytest.mark.parametrize("name", CARDS)
def test_every_pixel_of_a_covered_field_is_one_colour(name: str) -> None:
    """The fields' places are the drawing's truth, not what idocr found."""
    picture, given = redacted(name), cv2.imread(str(SAMPLES / f"{name}.jpg"))
    assert picture.shape == given.shape
    for field, truth in printed(name).items():
        if not truth.get("quad"):
            continue
        if field in KEPT:
            same = (inside(picture, truth["quad"]) == inside(given, truth["quad"])).all(axis=1)
            assert same.mean() > 0.97, field
        else:
            assert (inside(picture, truth["quad"]) == COVER).all(), field


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("coded", [False, True], ids=["pixels", "jpeg"])
def test_idocr_reads_no_covered_field(name: str, coded: bool) -> None:
    picture: Any = redacted(name)
    if coded:
        picture = cv2.imencode(".jpg", picture)[1].tobytes()
    for side in ("portrait", "emblem"):
        again = recognizer().read(picture, side=side)  # type: ignore[arg-type]
        assert again.portrait is None
        assert [n for n, f in again.fields.items() if f.text and n not in KEPT] == []


@pytest.mark.parametrize("name", CARDS)
def test_everything_outside_the_card_stays(name: str) -> None:
    picture, given = redacted(name), cv2.imread(str(SAMPLES / f"{name}.jpg"))
    reading = recognizer().read(given)
    beyond = np.zeros(given.shape[:2], np.uint8)
    points = np.round(np.array(reading.card_quad)).astype(np.int32)
    cv2.fillConvexPoly(beyond, points, 1)
    reach = 2 * round(3 * np.linalg.norm(points[0] - points[1]) / 85.6) + 1  # 3 mm
    beyond = cv2.dilate(beyond, np.ones((reach, reach), np.uint8))
    np.testing.assert_array_equal(picture[beyond == 0], given[beyond == 0])


@pytest.mark.parametrize("field", [name for name in KEEPABLE if name != "portrait"])
def test_each_field_can_be_kept_alone(field: str) -> None:
    name = "portrait" if field in printed("portrait") else "emblem"
    picture, given = redacted(name, (field,)), cv2.imread(str(SAMPLES / f"{name}.jpg"))
    for other, truth in printed(name).items():
        if other == field:
            same = (inside(picture, truth["quad"]) == inside(given, truth["quad"])).all(axis=1)
            assert same.mean() > 0.97
        else:
            assert (inside(picture, truth["quad"]) == COVER).all(), other


def test_the_portrait_can_be_kept() -> None:
    given = cv2.imread(str(SAMPLES / "portrait.jpg"))
    quad = recognizer().read(given).portrait.quad  # type: ignore[union-attr]
    assert (inside(redacted("portrait"), quad) == COVER).all()  # type: ignore[arg-type]
    picture = redacted("portrait", ("portrait",))
    same = (inside(picture, quad) == inside(given, quad)).all(axis=1)  # type: ignore[arg-type]
    assert same.mean() > 0.97


def test_nothing_kept() -> None:
    for truth in printed("portrait").values():
        assert (inside(redacted("portrait", ()), truth["quad"]) == COVER).all()


def test_a_picture_without_a_card_is_not_given_back() -> None:
    with pytest.raises(CardNotFoundError) as caught:
        redact(SAMPLES / "none_page.jpg", recognizer=recognizer())
    assert caught.value.error_name == "ID_CARD_NOT_FOUND"


@pytest.mark.parametrize("keep", ["name", ("surname",), ("name", "nationality"), (1,)])
def test_other_names_are_refused(keep: Any) -> None:
    with pytest.raises(ArgumentError, match="keep"):
        redact(SAMPLES / "portrait.jpg", keep, recognizer=recognizer())


def test_both_sides_in_one_picture_are_covered() -> None:
    both = np.vstack([cv2.imread(str(SAMPLES / f"{n}.jpg")) for n in ("portrait", "emblem")])
    picture = redact(both, KEPT, recognizer=recognizer())
    height = both.shape[0] // 2
    for name, part in (("portrait", picture[:height]), ("emblem", picture[height:])):
        for field, truth in printed(name).items():
            if field not in KEPT:
                assert (inside(part, truth["quad"]) == COVER).all(), field


def test_all_kinds_of_pictures() -> None:
    path = SAMPLES / "emblem.jpg"
    expected = redacted("emblem")
    given = path.read_bytes()
    for image in (given, str(path), Image.open(path)):
        np.testing.assert_array_equal(redact(image, KEPT, recognizer=recognizer()) == COVER,
                                      expected == COVER)  # fmt: skip
    bgr = cv2.imread(str(path))
    before = bgr.copy()
    redact(bgr, recognizer=recognizer())
    np.testing.assert_array_equal(bgr, before)
    gray = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    assert redact(gray, recognizer=recognizer()).shape == bgr.shape
    with pytest.raises(ImageSizeError):
        redact(bgr[:300], recognizer=recognizer())
    assert path.read_bytes() == given


def test_exif_turn_is_applied_and_dropped(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[274] = 6  # a quarter clockwise
    exif[305] = "some camera"
    Image.open(SAMPLES / "portrait.jpg").rotate(90, expand=True).save(path, exif=exif, quality=95)
    picture = redact(path, KEPT, recognizer=recognizer())
    for field, truth in printed("portrait").items():
        assert (inside(picture, truth["quad"]) == COVER).all() == (field not in KEPT), field


# ---- what is not sure is covered --------------------------------------------------------------------


def mask_of(name: str, without: tuple[str, ...], **texts: str) -> np.ndarray:
    """(H, W, 1): the cover of a card some of whose fields were not read, or as another text."""
    reading = recognizer().read(SAMPLES / f"{name}.jpg")
    fields = {n: f for n, f in reading.fields.items() if n not in without}
    fields |= {n: replace(fields[n], text=text) for n, text in texts.items()}
    reading = replace(reading, fields=fields, portrait=None)
    return redaction.cover_mask(reading, frozenset(KEPT), reading.size_px[::-1])[:, :, None]


def test_a_field_that_was_not_read_is_covered_all_the_same() -> None:
    mask = mask_of("portrait", ("address", "ethnicity", "birth_month", "birth_day"))
    for field, truth in printed("portrait").items():
        assert inside(mask, truth["quad"]).mean() < 0.05 or field not in KEPT
        assert inside(mask, truth["quad"]).all() or field in KEPT


@pytest.mark.parametrize(
    ("name", "without", "texts"),
    [
        ("portrait", ("gender",), {}),  # the name's row may be the gender's
        ("portrait", ("id_number",), {}),
        ("portrait", (), {"id_number": "931156197512310038"}),  # a foreigner's card: another layout
        ("emblem", ("valid_to",), {}),  # the authority may have swallowed the validity's row
    ],
)
def test_nothing_is_kept_where_the_print_proves_no_place(
    name: str, without: tuple[str, ...], texts: dict[str, str]
) -> None:
    mask = mask_of(name, without, **texts)
    reading = recognizer().read(SAMPLES / f"{name}.jpg")
    assert inside(mask, reading.card_quad).all()  # type: ignore[arg-type]


def test_the_whole_card_is_covered_where_its_edges_are_doubtful() -> None:
    reading = recognizer().read(SAMPLES / "emblem.jpg")
    doubtful = replace(reading, card_support=(1.0, 1.0, 0.5, 1.0))
    mask = redaction.cover_mask(doubtful, frozenset(), reading.size_px[::-1])
    assert inside(mask[:, :, None], reading.card_quad).all()  # type: ignore[arg-type]
    sure = redaction.cover_mask(reading, frozenset(), reading.size_px[::-1])
    below, above = slice(-20, None), slice(0, 20)
    assert mask[below].sum() > sure[below].sum()  # the doubtful side is the bottom
    assert mask[above].sum() == sure[above].sum() == 0


# ---- a reader of another make -----------------------------------------------------------------------


def runs_of(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


@pytest.mark.parametrize("name", CARDS)
def test_rapidocr_reads_no_covered_field(name: str) -> None:
    """No run of three characters of a covered field comes back, but for what a kept one says too."""
    rapidocr = pytest.importorskip("rapidocr")
    read = " ".join(engine(rapidocr)(redacted(name)).txts or ())
    fields = printed(name)
    kept = " ".join(truth["text"] for field, truth in fields.items() if field in KEPT)
    for field, truth in fields.items():
        parts = [part for part in runs_of(truth["text"], 3) if part not in kept]
        if field not in KEPT:
            assert [part for part in parts if part in read] == [], field


@cache
def engine(rapidocr: Any) -> Any:
    return rapidocr.RapidOCR()
