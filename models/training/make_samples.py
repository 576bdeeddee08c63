"""Draw tests/samples: SPECIMEN pictures with their truth, the same bytes at every run.

    python models/training/make_samples.py tests/samples

Each NAME.jpg has a NAME.json: group, side ("portrait", "emblem" or null), turn_degrees (clockwise), corners
(px of lt, rt, rb, lb as printed), fields {name: {text, quad}} and the camera's strengths.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import camera
import cv2
import numpy as np
from camera import Photo, background, photograph, place_card
from numpy.typing import NDArray
from people import Person, make_person
from specimen import CARD_MM, CardStyle, Specimen, card_alpha, draw_card, draw_other_card, draw_page

SIZE = (960, 1280)
NO_TILT = np.zeros(2)
CENTRE = np.array([0.5, 0.5])
U8 = NDArray[np.uint8]


def _table(rng: np.random.Generator, kind: str) -> U8:
    """A quiet wooden table, a checked cloth, or the busiest of several backgrounds."""
    height, width = SIZE
    if kind == "cloth":
        cloth = camera._tiles(rng, height, width) * 0.7 + rng.normal(40, 5, (height, width, 1))
        return np.asarray(cv2.GaussianBlur(cloth.clip(0, 255), (0, 0), 1.2), np.uint8)
    if kind == "wood":
        half = camera._fibres(np.random.default_rng(2), SIZE[0] // 2, SIZE[1] // 2)
        calm = 0.45 * half + 0.55 * np.array([95, 140, 185])
        return np.asarray(
            cv2.resize(calm.clip(0, 255).astype(np.uint8), (SIZE[1], SIZE[0])), np.uint8
        )
    tables = [background(rng, *SIZE) for _ in range(5)]
    return max(tables, key=lambda t: float(cv2.Laplacian(t, cv2.CV_32F).std()))


def _truth(
    group: str, drawn: Specimen | None, photo: Photo, turn: int, note: str
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if drawn:
        width, height = CARD_MM
        card = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        to_px = cv2.getPerspectiveTransform(card, photo.corners.astype(np.float32))
        for name, field in drawn.fields.items():
            quad = cv2.perspectiveTransform(field.quad_mm[None], to_px)[0]
            fields[name] = {"text": field.text, "quad": quad.round(1).tolist()}
    return {
        "group": group,
        "note": note,
        "side": drawn.side if drawn else None,
        "turn_degrees": turn,
        "corners": photo.corners.round(1).tolist() if drawn else None,
        "fields": fields,
        "camera": {name: round(value, 3) for name, value in photo.strengths.items()},
    }


class Album:
    """Writes the samples, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def card(
        self,
        name: str,
        group: str,
        side: str,
        *,
        seed: int,
        turn: float = 0,
        tilt: tuple[float, float] = (0, 0),
        share: float = 0.88,
        place: NDArray[np.float64] = CENTRE,
        level: str = "clean",
        table: str = "wood",
        script: str | None = None,
        person: Callable[[Person], Person] = lambda p: p,
        wrong_number: bool = False,
        after: Callable[[U8], U8] = lambda picture: picture,
        note: str = "",
    ) -> None:
        rng = np.random.default_rng(seed)
        style = replace(CardStyle.random(rng, split="test", script=None), script=script)
        someone = person(make_person(rng, wrong_number_share=float(wrong_number)))
        drawn = draw_card(someone, side, style)
        corners = place_card(SIZE, turn, np.deg2rad(tilt), share, place)
        photo = photograph(drawn.image, drawn.alpha, rng, level, SIZE, corners, _table(rng, table))
        photo.image = after(photo.image)
        self.write(name, photo.image, _truth(group, drawn, photo, round(turn / 90) % 4 * 90, note))

    def write(self, name: str, picture: U8, truth: dict[str, Any]) -> None:
        for quality in (80, 74, 68, 60):  # busy pictures give way: at most 250 kB each
            data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            if data.nbytes <= 250_000:
                break
        (self.folder / f"{name}.jpg").write_bytes(data.tobytes())
        text = json.dumps(truth, ensure_ascii=False, indent=1)
        (self.folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")

    def none(self, name: str, group: str, picture: U8, note: str) -> None:
        self.write(
            name,
            picture,
            _truth(group, None, Photo(picture, np.zeros((4, 2), np.float32)), 0, note),
        )


def _blur(sigma: float) -> Callable[[U8], U8]:
    return lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def draw_samples(album: Album) -> None:
    album.card("portrait", "flat", "portrait", seed=21, turn=-3, tilt=(4, -5))
    album.card("emblem", "flat", "emblem", seed=22, turn=2, tilt=(-4, 4))
    for index, (turn, tilt) in enumerate(
        [(14, (22, 8)), (-18, (-12, 24)), (9, (-26, -10)), (-8, (16, -26))]
    ):
        side = ("portrait", "emblem")[index % 2]
        album.card(
            f"tilted_{index + 1}",
            "tilted",
            side,
            seed=30 + index,
            turn=turn,
            tilt=tilt,
            level="ordinary",
        )
    for turn in (90, 180, 270):
        for side in ("portrait", "emblem"):
            album.card(
                f"turned_{turn}_{side}",
                "turned",
                side,
                seed=40 + turn + (side == "emblem"),
                turn=turn + 4,
            )
    album.card("blurred_portrait", "blurred", "portrait", seed=60, turn=3, after=_blur(1.6))
    album.card("blurred_emblem", "blurred", "emblem", seed=61, turn=-4, after=_blur(1.6))
    corner = np.array([0.8, 0.25])
    album.card("small_portrait", "small", "portrait", seed=70, turn=7, share=0.47, place=corner)
    album.card("small_emblem", "small", "emblem", seed=71, turn=-6, share=0.47, place=1 - corner)
    for index in range(4):
        side = ("portrait", "emblem")[index % 2]
        album.card(
            f"patterned_{index + 1}",
            "patterned",
            side,
            seed=80 + index,
            turn=(-12, 8, 20, -25)[index],
            tilt=(6, -8),
            share=0.8,
            level="ordinary",
            table="busy",
        )
    for script, seed in (("uyghur", 90), ("tibetan", 91), ("korean", 92)):
        album.card(
            f"bilingual_{script}", "bilingual", "portrait", seed=seed, turn=-2, script=script
        )
    album.card(
        "name_with_dot",
        "texts",
        "portrait",
        seed=100,
        turn=2,
        person=lambda p: replace(p, name="阿布都热合曼·买买提伊明", ethnicity="维吾尔"),
        note="a name of 12 characters",
    )
    album.card(
        "address_one_line",
        "texts",
        "portrait",
        seed=101,
        turn=-2,
        person=lambda p: replace(p, address="北京市海淀区学院路8号", name="王芳"),
        note="an address of one line",
    )
    album.card(
        "address_four_lines",
        "texts",
        "portrait",
        seed=102,
        turn=1,
        person=lambda p: replace(
            p, address="广东省深圳市南山区学院路1088号世纪新城26幢3单元2801室东侧"[:35]
        ),
        note="an address of more than three lines of 11",
    )
    album.card(
        "authority_two_lines",
        "texts",
        "emblem",
        seed=103,
        turn=-1,
        person=lambda p: replace(p, issued_by="呼和浩特市公安局新城分局户政管理局"),
        note="an authority of two lines",
    )
    album.card(
        "valid_for_good",
        "texts",
        "emblem",
        seed=104,
        turn=3,
        person=lambda p: replace(p, valid_from=date(2016, 5, 9), valid_to=None),
        note="长期",
    )
    album.card(
        "wrong_number",
        "wrong_number",
        "portrait",
        seed=110,
        wrong_number=True,
        note="check digit wrong on the card",
    )
    album.none(
        "none_table",
        "none",
        _table(np.random.default_rng(120), "cloth"),
        "a checked table without a card",
    )
    album.none("none_page", "none", draw_page(np.random.default_rng(121), *SIZE), "a page of text")
    rng = np.random.default_rng(122)
    face = draw_other_card(rng)
    shot = photograph(face, card_alpha(), rng, "clean", SIZE, table=_table(rng, "wood"))
    album.none("other_card", "none", shot.image, "a card that is no resident ID card")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    draw_samples(Album(parser.parse_args().folder))


if __name__ == "__main__":
    main()
