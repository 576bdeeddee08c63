"""Whole pictures with their truth, by set: the one door to the specimens for training, tests and reports.

    picture = draw_picture("ordinary", seed=1, index=0)       # the same arguments give the same bytes
    python models/training/pictures.py out/pictures --set hard --count 20

Sets of the report: three tiers of cameras (clean, ordinary, hard) with both sides in turn, and sets that
vary the card (bilingual, rare_names, permits, temporary), what lies before the camera (attacks), or
hold no card (not_cards). "damaged" has covered and cut-off cards. The split "test" uses fonts, names,
places, backgrounds, panels, printers and editors that the split "train" never shows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import attacks
import cv2
import not_cards
import numpy as np
from backgrounds import background
from camera import TIERS, Photo, encode, photograph
from faces import SCRIPTS, draw_face
from numpy.typing import NDArray
from people import make_permit, make_person, make_resident, make_temporary
from residence import draw_residence
from specimen import CardStyle, Specimen, draw_card
from typeset import PAD_PX, set_line

SETS = (
    "clean",
    "ordinary",
    "hard",
    "bilingual",
    "rare_names",
    "permits",
    "temporary",
    "attacks",
    "not_cards",
    "damaged",
)
KINDS = (
    "portrait",
    "emblem",
    "temporary",
    "permit_portrait",
    "permit_emblem",
    "residence_2017",
    "residence_2017_back",
    "residence_2023",
    "residence_2023_back",
    "other_card",
    "none",
)
LEGALITY = ("ID_Photo", "Temporary_ID_Photo", "Photocopy", "Screen", "Edited")
SPLITS = ("train", "test")
WRONG_NUMBERS = 0.05  # share of numbers that break a rule, as `number_is_right` then says
RARE_NAMES = 0.1  # share of names with characters outside level 1

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class CharTruth:
    text: str
    quad: F32  # (4, 2) px of lt, rt, rb, lb as printed; pixel centres are whole numbers


@dataclass(frozen=True)
class FieldTruth:
    text: str
    quad: F32
    chars: tuple[CharTruth, ...]
    visibility: float  # 1 all of it can be seen, 0 it is covered or outside the picture


@dataclass(frozen=True)
class Picture:
    jpeg: bytes
    width_px: int
    height_px: int
    set_name: str
    split: str
    seed: int
    index: int
    kind: str
    side: str | None = None  # "portrait" or "emblem"; None without a card
    turn_degrees: float = 0.0  # of the print, clockwise
    corners: F32 | None = None  # (4, 2) px of the card's lt, rt, rb, lb as printed
    fields: dict[str, FieldTruth] = field(default_factory=dict)
    portrait_quad: F32 | None = None
    legality: str | None = None
    attack: str = ""
    number_is_right: bool = True
    strengths: dict[str, float] = field(default_factory=dict)

    def truth(self) -> dict[str, Any]:
        """Everything but the picture itself, for JSON."""
        known = asdict(self)
        del known["jpeg"]
        plain: dict[str, Any] = json.loads(json.dumps(known, default=_plain))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.round(value.astype(float), 2).tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)


@dataclass(frozen=True)
class _Shot:
    """A photograph on its way to a picture."""

    photo: Photo
    specimen: Specimen
    legality: str
    number_is_right: bool = True
    attack: str = ""
    texts: dict[str, str] = field(default_factory=dict)  # of fields that an editor changed


# ---- cards ----------------------------------------------------------------------------------------------


def _citizen(
    rng: np.random.Generator,
    split: str,
    kind: str,
    script: str | None = "any",
    rare: float = RARE_NAMES,
) -> tuple[Specimen, bool]:
    shares = {"wrong_number_share": WRONG_NUMBERS, "rare_name_share": rare}
    make = make_temporary if kind == "temporary" else make_person
    person = make(rng, split, **shares)  # type: ignore[arg-type]
    specimen = draw_card(person, kind, CardStyle.random(rng, split, script))
    return specimen, person.number_is_right


def _permit(rng: np.random.Generator, split: str, index: int) -> tuple[Specimen, bool]:
    style = CardStyle.random(rng, split, None)
    kind = index % 6
    if kind < 2:
        permit = make_permit(rng, split, wrong_number_share=WRONG_NUMBERS)  # type: ignore[arg-type]
        specimen = draw_card(permit, ("permit_portrait", "permit_emblem")[kind], style)
        return specimen, permit.person.number_is_right
    resident = make_resident(rng, (2017, 2023)[kind // 2 - 1])
    return draw_residence(resident, bool(kind % 2), style), True


def _size(rng: np.random.Generator) -> tuple[int, int]:
    """(height, width): mostly held across."""
    return (960, 1280) if rng.random() < 0.85 else (1280, 960)


def _shoot(rng: np.random.Generator, split: str, specimen: Specimen, tier: str) -> Photo:
    return photograph(specimen.image, specimen.alpha, rng, split, TIERS[tier], _size(rng))


def _genuine(rng: np.random.Generator, split: str, index: int, set_name: str) -> _Shot:
    """One card as it is, before one of the cameras."""
    tier, legality = set_name, "ID_Photo"
    if set_name in TIERS:
        specimen, right = _citizen(rng, split, ("portrait", "emblem")[index % 2])
    else:
        tier = ("clean", "ordinary")[index // 12 % 2]
        if set_name == "bilingual":
            script = list(SCRIPTS)[index // 2 % 6]
            specimen, right = _citizen(rng, split, ("portrait", "emblem")[index % 2], script)
        elif set_name == "rare_names":
            specimen, right = _citizen(rng, split, "portrait", rare=1.0)
        elif set_name == "temporary":
            specimen, right = _citizen(rng, split, "temporary")
            legality = "Temporary_ID_Photo"
        else:
            specimen, right = _permit(rng, split, index)
    return _Shot(_shoot(rng, split, specimen, tier), specimen, legality, right)


# ---- attacks ---------------------------------------------------------------------------------------------


def _copied(rng: np.random.Generator, split: str, index: int) -> _Shot:
    """A copy, a print or a screen that shows a card."""
    specimen, right = _citizen(rng, split, ("portrait", "emblem")[index // 4 % 2])
    make = (attacks.photocopy, attacks.screen, attacks.printed)[index % 4]
    sheet = make(specimen.image, specimen.alpha, rng, split)
    panel = sheet.panel
    tier = TIERS[("clean", "ordinary")[index // 8 % 2]]
    photo = photograph(
        sheet.image,
        sheet.alpha,
        rng,
        split,
        tier,
        _size(rng),
        card_quad=sheet.card_quad,
        panel_light=panel.light if panel else None,
    )
    photo.strengths.update(sheet.strengths)
    return _Shot(photo, specimen, sheet.legality, right, sheet.attack)


def _edited(rng: np.random.Generator, split: str, index: int) -> _Shot:
    """A genuine photograph in which a field or the portrait was replaced."""
    specimen, right = _citizen(rng, split, ("portrait", "emblem")[index // 4 % 2], None)
    photo = _shoot(rng, split, specimen, ("clean", "ordinary")[index // 8 % 2])
    quads = {name: photo.placing.map(f.quad_mm) for name, f in specimen.fields.items()}
    texts = {name: "".join(c.text for c in f.chars) for name, f in specimen.fields.items()}
    portrait = specimen.portrait_quad_mm
    portrait_px = photo.placing.map(portrait) if portrait is not None else None
    face = draw_face(rng, split)

    def write(text: str, height_px: int) -> U8:
        mask = set_line(text, face, split).mask[PAD_PX:-PAD_PX, PAD_PX:-PAD_PX]
        scale = height_px / mask.shape[0]
        return np.asarray(
            cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )

    photo.image, strengths, changed = attacks.edit(
        photo.image, quads, texts, portrait_px, write, rng, split
    )
    if not strengths:  # nothing that can be edited is in the picture: another one
        return _edited(rng, split, index)
    photo.strengths.update(strengths)
    changed = {n: t.replace(".", "") if n.startswith("valid") else t for n, t in changed.items()}
    return _Shot(photo, specimen, "Edited", right and "id_number" not in changed, "edited", changed)


def _attack(rng: np.random.Generator, split: str, index: int, _: str) -> _Shot:
    return _edited(rng, split, index) if index % 4 == 3 else _copied(rng, split, index)


# ---- pictures --------------------------------------------------------------------------------------------


def _metadata(jpeg: bytes, legality: str | None, rng: np.random.Generator, split: str) -> bytes:
    """What cameras write into half of all files, and editors into half of theirs."""
    if legality == "Edited" and rng.random() < 0.5:
        return attacks.with_editor_metadata(jpeg, rng, split)[0]
    return attacks.camera_metadata(jpeg, rng) if rng.random() < 0.5 else jpeg


def _field_truths(shot: _Shot) -> dict[str, FieldTruth]:
    """All fields at once: one call for many boxes takes no longer than for one."""
    photo, known = shot.photo, shot.specimen.fields
    boxes = [c.box_mm for f in known.values() for c in f.chars]
    outlines = np.array([f.quad_mm for f in known.values()])
    places = np.array(boxes)[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    points = np.concatenate([places, outlines]).reshape(-1, 2)
    quads = photo.placing.map(points).reshape(-1, 4, 2)
    seen = photo.visibility(quads[len(boxes) :]).tolist()
    exact = list(quads.astype(np.float32))
    found, first = {}, 0
    for (name, one), outline, share in zip(known.items(), exact[len(boxes) :], seen, strict=True):
        own = exact[first : first + len(one.chars)]
        chars = tuple(CharTruth(c.text, q) for c, q in zip(one.chars, own, strict=True))
        first += len(one.chars)
        text = shot.texts.get(name) or one.text
        # Where the characters of a replaced text stand is not known.
        found[name] = FieldTruth(text, outline, chars if text == one.text else (), share)
    return found


def _turn(corners: F32) -> float:
    x, y = corners[1] - corners[0] + corners[2] - corners[3]
    return float(np.degrees(np.arctan2(y, x))) % 360


def _draw_card_picture(
    rng: np.random.Generator, set_name: str, seed: int, index: int, split: str
) -> Picture:
    make: Callable[..., _Shot] = _attack if set_name == "attacks" else _genuine
    shot = make(rng, split, index, set_name)
    photo, specimen = shot.photo, shot.specimen
    portrait = specimen.portrait_quad_mm
    height, width = photo.image.shape[:2]
    return Picture(
        jpeg=_metadata(encode(photo.image, photo.jpeg_quality), shot.legality, rng, split),
        width_px=width,
        height_px=height,
        set_name=set_name,
        split=split,
        seed=seed,
        index=index,
        kind=specimen.kind,
        side=specimen.side,
        turn_degrees=_turn(photo.corners),
        corners=photo.corners,
        fields=_field_truths(shot),
        portrait_quad=None
        if portrait is None
        else np.asarray(photo.placing.map(portrait), np.float32),
        legality=shot.legality,
        attack=shot.attack,
        number_is_right=shot.number_is_right,
        strengths=photo.strengths,
    )


def _draw_without_card(rng: np.random.Generator, seed: int, index: int, split: str) -> Picture:
    """Other cards and documents before a camera, whole scenes, empty tables: in turn."""
    what = ("other_card", "document", "scene", "table")[index % 4]
    size = _size(rng)
    tier = TIERS[("clean", "ordinary")[index // 4 % 2]]
    if what in ("other_card", "document"):
        face, alpha = (not_cards.other_card if what == "other_card" else not_cards.document)(
            rng, split
        )
        photo = photograph(face, alpha, rng, split, tier, size, card_quad=_card_sized(face))
        image = photo.image
    elif what == "scene":
        image = not_cards.scene(rng, split, size)
    else:
        image = background(rng, split, *size)
    return Picture(
        jpeg=_metadata(encode(image, int(rng.integers(*tier.jpeg_quality))), None, rng, split),
        width_px=size[1],
        height_px=size[0],
        set_name="not_cards",
        split=split,
        seed=seed,
        index=index,
        kind="other_card" if what == "other_card" else "none",
    )


def _card_sized(face: U8) -> F64:
    """The quad of a card's shape in the middle of a flat thing, as large as fits it on one side."""
    height, width = face.shape[:2]
    long, short = (width, height) if width >= height else (height, width)
    w = min(long, short * 85.6 / 54.0)
    half = np.array([w, w * 54.0 / 85.6]) / 2
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    if width < height:
        quad = quad @ np.array([[0, 1], [-1, 0]])
    return np.asarray(quad + np.array([width, height]) / 2, np.float64)


def draw_picture(set_name: str, seed: int, index: int, split: str = "test") -> Picture:
    """One picture of a set (SETS) and split (SPLITS). The same arguments give the same bytes."""
    if set_name not in SETS:
        raise ValueError(f"set {set_name!r}: give one of {', '.join(SETS)}")
    if split not in SPLITS:
        raise ValueError(f"split {split!r}: give one of {', '.join(SPLITS)}")
    rng = np.random.default_rng([SPLITS.index(split), seed, SETS.index(set_name), index])
    if set_name == "not_cards":
        return _draw_without_card(rng, seed, index, split)
    return _draw_card_picture(rng, set_name, seed, index, split)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where NAME.jpg and NAME.json are written")
    parser.add_argument("--set", dest="sets", action="append", choices=SETS, help="default: all")
    parser.add_argument("--count", type=int, default=12, help="pictures of each set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=SPLITS, default="train")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for set_name in options.sets or SETS:
        for index in range(options.count):
            picture = draw_picture(set_name, options.seed, index, options.split)
            name = options.folder / f"{set_name}_{options.split}_{options.seed}_{index:05d}"
            name.with_suffix(".jpg").write_bytes(picture.jpeg)
            text = json.dumps(picture.truth(), ensure_ascii=False, indent=1)
            name.with_suffix(".json").write_text(text + "\n", "utf-8")
        print(f"{set_name}: {options.count} pictures")


if __name__ == "__main__":
    main()
