"""The specimens: the same bytes for a seed, and a truth that agrees with the pixels."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache

import cv2
import numpy as np
import pytest
import recipe

recipe.require()

import backgrounds  # noqa: E402
import camera  # noqa: E402
import faces  # noqa: E402
import pictures  # noqa: E402
import residence  # noqa: E402
import specimen  # noqa: E402
from people import check_digit, make_permit, make_person, make_resident  # noqa: E402

COUNTS = {"permits": 6, "attacks": 8, "not_cards": 4, "bilingual": 4}
CARD_FIELDS = {
    "portrait": {"name", "gender", "ethnicity", "birth_year", "birth_month", "birth_day"}
    | {"address", "id_number"},
    "emblem": {"issued_by", "valid_from", "valid_to"},
}
CARD_FIELDS["temporary"] = CARD_FIELDS["portrait"] | CARD_FIELDS["emblem"]
CARD_FIELDS["permit_portrait"] = CARD_FIELDS["portrait"] - {"ethnicity"}
CARD_FIELDS["permit_emblem"] = CARD_FIELDS["emblem"] | {"permit_number", "issue_count"}
for edition in ("2017", "2023"):
    CARD_FIELDS[f"residence_{edition}"] = {"name_latin", "nationality", "id_number", "valid_to"}
    CARD_FIELDS[f"residence_{edition}_back"] = {"issued_by"}


@cache
def drawn(set_name: str) -> tuple[pictures.Picture, ...]:
    return tuple(
        pictures.draw_picture(set_name, 5, index) for index in range(COUNTS.get(set_name, 2))
    )


def decoded(picture: pictures.Picture) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("set_name", pictures.SETS)
def test_pictures_of_every_set(set_name: str) -> None:
    for picture in drawn(set_name):
        image = decoded(picture)
        assert image.shape == (picture.height_px, picture.width_px, 3)
        assert {picture.width_px, picture.height_px} == {960, 1280}
        assert picture.kind in pictures.KINDS
        if set_name == "not_cards":
            assert picture.side is None
            assert picture.corners is None
            assert picture.fields == {}
            assert picture.legality is None
            continue
        assert picture.legality in pictures.LEGALITY
        assert (picture.attack != "") == (set_name == "attacks")
        assert set(picture.fields) >= CARD_FIELDS[picture.kind]
        for known in picture.fields.values():
            assert known.quad.shape == (4, 2)
            assert 0 <= known.visibility <= 1
            assert set_name == "damaged" or known.visibility > 0.9


def test_kinds_of_the_sets() -> None:
    permits = {p.kind for p in drawn("permits")}
    assert permits == set(pictures.KINDS[3:9])
    assert {p.kind for p in drawn("temporary")} == {"temporary"}
    assert {p.legality for p in drawn("temporary")} == {"Temporary_ID_Photo"}
    assert {p.legality for p in drawn("attacks")} == {"Photocopy", "Screen", "Edited"}
    assert {p.side for p in drawn("clean")} == {"portrait", "emblem"}


def test_same_arguments_same_bytes() -> None:
    """In another process too: nothing depends on what was drawn before."""
    code = (
        "import hashlib, pictures\n"
        "for s in pictures.SETS:\n"
        "    print(hashlib.sha256(pictures.draw_picture(s, 5, 1).jpeg).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=recipe.TRAINING,
        capture_output=True,
        text=True,
        check=True,
    )
    here = [hashlib.sha256(drawn(s)[1].jpeg).hexdigest() for s in pictures.SETS]
    assert done.stdout.split() == here
    other = pictures.draw_picture("clean", 6, 1).jpeg
    assert hashlib.sha256(other).hexdigest() != here[0]


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="give one of clean"):
        pictures.draw_picture("tidy", 1, 0)
    with pytest.raises(ValueError, match="give one of train"):
        pictures.draw_picture("clean", 1, 0, "validation")
    face, alpha = np.zeros((54, 86, 3), np.uint8), np.full((54, 86), 255, np.uint8)
    with pytest.raises(ValueError, match="multiples of 4"):
        camera.photograph(
            face, alpha, np.random.default_rng(1), "test", camera.TIERS["clean"], (961, 1280)
        )


def test_what_is_seen_within_its_window_is_what_the_whole_picture_would_show() -> None:
    """A flat card is warped no further than it reaches: not a byte may differ for it."""
    rng = np.random.default_rng(4)
    face = rng.integers(0, 256, (540, 856, 4)).astype(np.uint8)
    centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    outline = np.array([[0, 0], [856, 0], [856, 540], [0, 540]], np.float64)
    for tier in ("clean", "hard", "damaged"):
        corners = camera.random_corners(rng, (960, 1280), camera.TIERS[tier])
        to_scene = camera._homography(outline, corners)
        seen = camera._warped(face, to_scene, (960, 1280), None)
        whole = cv2.warpPerspective(
            face, np.linalg.inv(centre) @ to_scene @ centre, (1280, 960), flags=cv2.INTER_LINEAR
        )
        height, width = seen.bgra.shape[:2]
        here = np.s_[seen.top : seen.top + height, seen.left : seen.left + width]
        np.testing.assert_array_equal(whole[here], seen.bgra)
        whole[here] = 0
        assert not whole.any()


def darkness(image: np.ndarray, quad: np.ndarray) -> np.ndarray:
    """The grey levels of a quad, upright, 40 px high."""
    width = max(
        4, round(40 * np.linalg.norm(quad[1] - quad[0]) / np.linalg.norm(quad[3] - quad[0]))
    )
    target = np.array([[0, 0], [width, 0], [width, 40], [0, 40]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.warpPerspective(gray, matrix, (width, 40)).astype(float)


@pytest.mark.parametrize("set_name", ["clean", "ordinary", "bilingual", "temporary", "permits"])
def test_ink_is_inside_the_quads(set_name: str) -> None:
    """Each field's quad and each character's holds ink; the strip just above a field holds less."""
    for picture in drawn(set_name):
        image = decoded(picture)
        for name, known in picture.fields.items():
            inside = darkness(image, known.quad)
            paper, ink = np.quantile(inside, [0.8, 0.02])
            assert paper - ink > 25, (picture.index, name)
            for char in known.chars:
                if char.text not in ".·-":
                    part = darkness(image, char.quad)
                    assert paper - part.min() > 0.4 * (paper - ink), (picture.index, name)
            # The quad is tight: outside its sides by a third of its height there is paper.
            height = (known.quad[3] - known.quad[0]) / 3
            below = np.array(
                [
                    known.quad[k] + share * height
                    for k, share in ((3, 0.15), (2, 0.15), (2, 0.6), (3, 0.6))
                ]
            )
            dark_below = (darkness(image, below) < (paper + ink) / 2).mean()
            assert dark_below < (inside < (paper + ink) / 2).mean(), (picture.index, name)


def test_corners_lie_on_the_edges() -> None:
    """A white card on a black table: the outline found in the picture is that of the truth."""
    rng = np.random.default_rng(3)
    face = np.full((*specimen.SIZE_PX[::-1], 3), 255, np.uint8)
    whole = np.full(specimen.SIZE_PX[::-1], 255, np.uint8)
    table = np.zeros((960, 1280, 3), np.uint8)
    for _ in range(6):
        photo = camera.photograph(face, whole, rng, "test", camera.TIERS["clean"], table=table)
        gray = cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY)
        truth = photo.corners
        for k in range(4):
            start, end = truth[k], truth[(k + 1) % 4]
            along = (end - start) / np.linalg.norm(end - start)
            inward = np.array([-along[1], along[0]])
            depths = np.arange(-6, 6.01, 0.25)
            for share in (0.2, 0.5, 0.8):
                at = start + (end - start) * share + depths[:, None] * inward
                levels = cv2.remap(
                    gray,
                    at[:, :1].astype(np.float32),
                    at[:, 1:].astype(np.float32),
                    cv2.INTER_LINEAR,
                )[:, 0].astype(float)
                half = levels.max() / 2
                crossing = depths[int(np.argmax(levels > half))]
                assert abs(crossing) < 1.0


def test_bent_cards_keep_their_corners_and_bow_their_edges() -> None:
    rng = np.random.default_rng(8)
    placing = camera.Placing(
        camera._homography(
            camera.CARD_QUAD_MM, camera.random_corners(rng, (960, 1280), camera.TIERS["clean"])
        ),
        np.array([0.0, -4.0]),
    )
    flat = camera.Placing(placing.homography, np.zeros(2))
    np.testing.assert_allclose(placing.corners, flat.corners, atol=1e-4)
    middle = np.array([[camera.CARD_MM[0] / 2, 0.0]])
    np.testing.assert_allclose(placing.map(middle) - flat.map(middle), [[0, -4.0]], atol=1e-6)


def test_visibility_falls_where_print_is_covered_or_cut_off() -> None:
    shares = [
        known.visibility
        for index in range(12)
        for known in pictures.draw_picture("damaged", 5, index).fields.values()
    ]
    assert min(shares) < 0.3
    assert np.median(shares) > 0.9


def test_numbers_say_whether_they_are_right() -> None:
    """`number_is_right` is False for every number whose check digit is wrong, and for others that lie."""
    flags = set()
    for index in range(120):
        rng = np.random.default_rng([9, index])
        person = make_person(rng, "test", wrong_number_share=0.3)
        flags.add(person.number_is_right)
        if person.number_is_right:
            assert check_digit(person.id_number[:17]) == person.id_number[17]
    assert flags == {True, False}


def test_the_splits_share_nothing() -> None:
    assert not set(faces.HEI["train"]) & set(faces.HEI["test"])
    assert not set(faces.FALLBACK["train"]) & set(faces.FALLBACK["test"])
    assert not {f.package for f in faces.HEI["train"]} & {f.package for f in faces.HEI["test"]}
    files = {s: {p for g in backgrounds._picture_files(s) for p in g} for s in pictures.SPLITS}
    assert files["train"]
    assert files["test"]
    assert not {p.parts[-3:] for p in files["train"]} & {p.parts[-3:] for p in files["test"]}
    makers = {s: {m for m, _ in backgrounds.MAKERS[s]} for s in pictures.SPLITS}
    assert {m.__name__ for m in makers["train"] & makers["test"]} == {"_plain"}
    assert not np.array_equal(
        backgrounds._noise_sheet("train", 1)[:50], backgrounds._noise_sheet("test", 1)[:50]
    )


def test_the_turn_is_that_of_the_corners() -> None:
    for picture in drawn("clean") + drawn("hard"):
        assert picture.corners is not None
        along = picture.corners[1] - picture.corners[0]
        turn = np.degrees(np.arctan2(along[1], along[0]))
        away = (picture.turn_degrees - turn + 180) % 360 - 180
        assert abs(away) < 15


@pytest.mark.parametrize("kind", pictures.KINDS[:9])
def test_every_card_says_specimen(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = specimen.Pen.write

    def note(pen: specimen.Pen, x_mm: float, y_mm: float, text: str, *rest: object, **more: object):
        written.append(text)
        return write(pen, x_mm, y_mm, text, *rest, **more)

    monkeypatch.setattr(specimen.Pen, "write", note)
    rng = np.random.default_rng(1)
    style = specimen.CardStyle.random(rng, "test", None)
    if kind.startswith("residence"):
        residence.draw_residence(make_resident(rng), kind.endswith("back"), style)
    else:
        make = make_permit if kind.startswith("permit") else make_person
        specimen.draw_card(make(rng, "test"), kind, style)
    assert any("SPECIMEN" in text and "样本" in text for text in written)


def test_idocr_reads_the_cards_and_refuses_what_is_none() -> None:
    import idocr

    recognizer = idocr.Recognizer()
    for set_name in ("clean", "bilingual", "temporary"):
        for picture in drawn(set_name):
            reading = recognizer.read(picture.jpeg)
            assert reading.side is not None
            assert reading.side.name.lower() == picture.side
            right = sum(reading.text(n) == f.text for n, f in picture.fields.items())
            assert right >= 0.8 * len(picture.fields), (set_name, picture.index)
    for picture in drawn("not_cards"):
        assert not recognizer.read(picture.jpeg).found, picture.index
