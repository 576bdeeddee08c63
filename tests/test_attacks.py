"""Copies, prints, screens and edits: the same bytes for a seed, and what each must not touch."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import recipe

from idocr.image import read_header
from idocr.judge import names_editor

for package in ("PIL", "fontTools", "skimage"):
    pytest.importorskip(package)

import attacks  # noqa: E402
import edits  # noqa: E402
import panels  # noqa: E402
import signatures  # noqa: E402

MISSING = recipe.missing("fonts", "backgrounds")
needs_resources = pytest.mark.skipif(bool(MISSING), reason=MISSING)
SHEETS = (attacks.photocopy, attacks.printed, attacks.screen)
SPLITS = ("train", "test")


def rng(seed):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def face():
    """A card's picture and mask: a tint, rows of dark strokes, a coloured box."""
    picture = np.full((648, 1027, 3), (232, 222, 214), np.uint8)
    for row in range(5):
        cv2.putText(picture, "SPECIMEN 0123456", (80, 110 + 100 * row), 0, 1.6, (40, 40, 40), 4)
    cv2.rectangle(picture, (700, 120), (920, 420), (60, 90, 200), -1)
    alpha = np.zeros((648, 1027), np.uint8)
    cv2.rectangle(alpha, (0, 0), (1026, 647), 255, -1)
    return picture, alpha


@needs_resources
@pytest.mark.parametrize("make", SHEETS)
@pytest.mark.parametrize("split", SPLITS)
def test_a_seed_gives_the_same_sheet(make, split, face):
    one, two = (make(*face, rng(3), split) for _ in range(2))
    assert (one.image == two.image).all()
    assert (one.alpha == two.alpha).all()
    assert (one.card_quad == two.card_quad).all()
    assert one.strengths == two.strengths
    assert one.panel == two.panel


@needs_resources
@pytest.mark.parametrize("make", SHEETS)
@pytest.mark.parametrize("seed", range(6))
def test_the_card_lies_in_its_sheet(make, seed, face):
    sheet = make(*face, rng(seed), SPLITS[seed % 2])
    height, width = sheet.image.shape[:2]
    assert sheet.image.dtype == sheet.alpha.dtype == np.uint8
    assert sheet.alpha.shape == (height, width)
    assert width <= 1600
    assert height <= 1400
    assert (sheet.card_quad >= 0).all()
    assert (sheet.card_quad <= (width, height)).all()
    middle = sheet.card_quad.mean(0).astype(int)
    assert sheet.alpha[middle[1], middle[0]] == 255
    assert sheet.legality == ("Screen" if make is attacks.screen else "Photocopy")
    assert (sheet.panel is not None) == (make is attacks.screen)


@needs_resources
def test_the_card_is_where_its_quad_says(face):
    """The coloured box, sought through the quad of colour prints and screens."""
    box = np.array([[[720, 140], [900, 140], [900, 400], [720, 400]]], np.float64)
    edges = np.array([[0, 0], [1027, 0], [1027, 648], [0, 648]], np.float32)
    for seed in range(6):
        sheet = (attacks.printed, attacks.screen)[seed % 2](*face, rng(seed), "train")
        matrix = cv2.getPerspectiveTransform(edges, sheet.card_quad.astype(np.float32))
        place = cv2.perspectiveTransform(box, matrix)[0].mean(0).astype(int)
        blue, _, red = sheet.image[place[1] - 2 : place[1] + 3, place[0] - 2 : place[0] + 3].mean(
            (0, 1)
        )
        assert red > blue + 20, seed


@needs_resources
def test_a_grey_copy_has_no_chroma(face):
    kinds = set()
    for seed in range(12):
        sheet = attacks.photocopy(*face, rng(seed), SPLITS[seed % 2])
        kinds.add(sheet.attack)
        low, high = sheet.card_quad.min(0).astype(int), sheet.card_quad.max(0).astype(int)
        part = sheet.image[low[1] + 8 : high[1] - 8, low[0] + 8 : high[0] - 8].astype(int)
        # The paper may be tinted: the same share of light everywhere, so hardly any spread.
        spread = (part[:, :, 2] - part[:, :, 0]).std()
        if sheet.attack == "photocopy_grey":
            assert spread < 4.5, seed
            if "paper_tint" not in sheet.strengths:
                assert spread == 0
        else:
            assert spread > 9, seed
    assert kinds == {"photocopy_grey", "photocopy_colour"}


@needs_resources
def test_the_other_side_is_put_on_the_same_sheet(face):
    other = (np.full_like(face[0], (90, 90, 220)), face[1])
    with_other = [attacks.photocopy(*face, rng(s), "train", other).strengths for s in range(12)]
    assert any("other_side" in s for s in with_other)


# ---- panels ------------------------------------------------------------------------------------------


def tilted(scale):
    return np.array([[scale, 0.03, 20], [-0.02, scale, 30], [8e-5, 4e-5, 1]])


@pytest.mark.parametrize("kind", [k for kinds in panels.KINDS.values() for k in kinds])
def test_a_panel_leaves_the_outside_alone(kind):
    picture = rng(1).integers(0, 255, (301, 403, 3), dtype=np.uint8)
    inside = np.zeros((301, 403), np.uint8)
    inside[41:200, 33:300] = 255
    panel = panels.Panel(kind, 1.1, 0.9, bands=0.1)
    lit = panel.light(picture, tilted(1.0), inside)
    assert (lit[inside == 0] == picture[inside == 0]).all()
    assert (lit[inside > 0] != picture[inside > 0]).any()
    assert (lit == panel.light(picture, tilted(1.0), inside)).all()


def test_moire_changes_with_the_scale():
    """Where a camera's pixel and the panel's element are of one size the grid folds to broad fringes."""
    picture = np.full((480, 640, 3), 200, np.uint8)
    inside = np.full((480, 640), 255, np.uint8)
    panel = panels.Panel("rgb_stripe", 1.1, 1.0, aperture=0.6)
    smooth = []
    for scale in (0.6, 0.9, 1.3):
        lit = panel.light(picture, np.diag([scale, scale, 1.0]), inside, blur_px=0.2)
        smooth.append(float(cv2.GaussianBlur(lit, (0, 0), 3)[100:-100, 100:-100].std((0, 1)).max()))
    assert smooth[1] > 2 * max(smooth[0], smooth[2])
    sharp = panel.light(picture, np.diag([1.3, 1.3, 1.0]), inside, blur_px=0.2)
    soft = panel.light(picture, np.diag([1.3, 1.3, 1.0]), inside, blur_px=1.5)
    assert soft.std() < sharp.std() / 3


def test_a_panel_keeps_to_its_display():
    picture = np.full((200, 300, 3), 200, np.uint8)
    inside = np.full((200, 300), 255, np.uint8)
    panel = panels.Panel("pentile_diamond", 1.6, 1.0, display=(50, 40, 100, 80))
    changed = (panel.light(picture, np.eye(3), inside) != picture).any(2)
    assert changed[45:115, 55:145].mean() > 0.5
    changed[39:122, 49:152] = False
    assert not changed.any()


def test_the_splits_share_nothing():
    for table in (panels.KINDS, edits.FILLS, attacks.DEVICES):
        assert not set(table["train"]) & set(table["test"])
    for table in (attacks.HALFTONES, attacks.COPIER_SCREENS):
        kinds = [{kind for kind, *_ in table[s] if kind != "none"} for s in SPLITS]
        assert not kinds[0] & kinds[1]
    names = [{name for name, *_ in signatures.EDITORS[s]} for s in SPLITS]
    assert not names[0] & names[1]
    for low, high in panels.PITCHES["test"]:
        assert all(b <= low or a >= high for a, b in panels.PITCHES["train"])


# ---- edits -------------------------------------------------------------------------------------------

TEXTS = {"name": "SPECIMEN", "id_number": "0123456789"}


def quads(rows=((100, 100, 420, 140), (100, 300, 420, 332))):
    return {
        name: np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)
        for name, (x0, y0, x1, y1) in zip(TEXTS, rows, strict=True)
    }


def draw_text(text, height_px):
    mask = np.zeros((height_px, height_px * len(text)), np.uint8)
    cv2.putText(mask, text, (2, int(height_px * 0.9)), 0, height_px / 24, 255, 2)
    return mask


@needs_resources
@pytest.mark.parametrize("split", SPLITS)
def test_an_edit_changes_nothing_but_its_patch(split):
    photo = rng(0).normal(200, 4, (480, 640, 3)).clip(0, 255).astype(np.uint8)
    for name, quad in quads().items():
        x, y = quad[3].astype(int).tolist()
        cv2.putText(photo, TEXTS[name], (x, y), 0, 1.4, (40, 40, 40), 3)
    portrait = np.array([[470, 80], [600, 80], [600, 250], [470, 250]], np.float64)
    seen = set()
    for seed in range(30):
        before = photo.copy()
        out, strengths, changed = attacks.edit(
            photo, quads(), TEXTS, portrait, draw_text, rng(seed), split
        )
        assert (photo == before).all()
        assert out.shape == photo.shape
        assert "portrait" in strengths or changed
        assert all(TEXTS[name] != text for name, text in changed.items())
        seen |= set(strengths)
        if "prior_quality" in strengths:
            continue
        allowed = np.zeros((480, 640), bool)
        for quad in [portrait] if "portrait" in strengths else [quads()[n] for n in changed]:
            low, high = quad.min(0).astype(int) - 26, quad.max(0).astype(int) + 26
            allowed[max(0, low[1]) : high[1], max(0, low[0]) : high[0]] = True
        different = (out != photo).any(2)
        assert different.any()
        assert not (different & ~allowed).any()
    assert {"portrait", "copy_move", "fill", "prior_quality"} <= seen


@needs_resources
def test_an_edit_of_nothing_says_so():
    photo = np.full((480, 640, 3), 200, np.uint8)
    outside = quads(((-50, 100, 420, 140), (100, 460, 420, 492)))
    out, strengths, changed = attacks.edit(photo, outside, TEXTS, None, draw_text, rng(1), "train")
    assert (out == photo).all()
    assert not strengths
    assert not changed


# ---- metadata ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jpeg():
    return cv2.imencode(".jpg", np.full((40, 60, 3), 128, np.uint8))[1].tobytes()


@pytest.mark.parametrize("seed", range(20))
def test_editors_sign_and_cameras_do_not(seed, jpeg):
    split = SPLITS[seed % 2]
    signed, name = signatures.with_editor_metadata(jpeg, rng(seed), split)
    header = read_header(signed)
    assert (header.width_px, header.height_px, header.orientation) == (60, 40, 1)
    assert names_editor(header.metadata), name
    assert name.encode() in header.metadata.lower()
    taken = signatures.camera_metadata(jpeg, rng(seed))
    header = read_header(taken)
    assert header.metadata.startswith(b"Exif\0\0")
    assert header.orientation == 1
    assert not names_editor(header.metadata)
    for data in (signed, taken):
        assert (cv2.imdecode(np.frombuffer(data, np.uint8), 1) == 128).all()


@pytest.mark.parametrize("seed", range(8))
def test_metadata_reads_as_exif(seed, jpeg):
    """Pillow, a reader of its own, finds the tags."""
    import io

    from PIL import Image

    exif = Image.open(io.BytesIO(signatures.camera_metadata(jpeg, rng(seed)))).getexif()
    assert exif[0x010F] in [maker for maker, _ in signatures.MAKERS]
    assert len(exif[0x0132]) == 19
    assert exif[0x0112] == 1
