"""Draws SPECIMEN permanent-residence cards of foreigners, editions of 2017 and 2023, both sides.

Arrangement after public descriptions (domain notes B1), not after any card: bilingual labels over their
values, portrait on the right in 2017 and on the left in 2023.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from faces import LATIN, SONG
from people import Resident
from specimen import (
    CardStyle,
    FieldTruth,
    Pen,
    Specimen,
    begin,
    card_alpha,
    draw_emblem,
    mark,
    put_portrait,
    split_validity,
)

KINDS = ("residence_2017", "residence_2017_back", "residence_2023", "residence_2023_back")
LABELS = (
    ("name_latin", "姓名/Name"),
    ("gender", "性别/Sex"),
    ("birth_date", "出生日期/Date of Birth"),
    ("nationality", "国籍/Nationality"),
    ("validity", "有效期限/Period of Validity"),
    ("id_number", "证件号码/Card No."),
)


def _values(resident: Resident) -> dict[str, str]:
    return {
        "name_latin": resident.name,
        "gender": f"{resident.gender}/{'M' if resident.gender == '男' else 'F'}",
        "birth_date": f"{resident.birth_date:%Y.%m.%d}",
        "nationality": f"{resident.nationality}/{resident.nationality_code}",
        "validity": f"{resident.valid_from:%Y.%m.%d}-{resident.valid_to:%Y.%m.%d}",
        "id_number": resident.id_number,
    }


def _write_rows(
    pen: Pen, resident: Resident, x: float, y: float, pitch: float
) -> dict[str, FieldTruth]:
    """Six labels and under each its value."""
    style, values = pen.style, _values(resident)
    truth: dict[str, FieldTruth] = {}
    for row, (name, label) in enumerate(LABELS):
        at_x, at_y = x + style.shift_mm[row, 0], y + row * pitch + 0.4 * style.shift_mm[row, 1]
        pen.write(at_x, at_y, label, 1.9 * style.text_size, style.label_ink, weight=0.0)
        height = (3.3 if name == "id_number" else 2.7) * style.text_size
        face = LATIN if name == "name_latin" else None
        chars = pen.write(at_x, at_y + 2.1, values[name], height, style.ink, face=face)
        if name == "validity":
            truth |= split_validity(chars)
        elif name == "gender":  # the letter behind it says the same again
            truth[name] = FieldTruth(resident.gender, chars[:1])
        else:
            truth[name] = FieldTruth(values[name], chars)
    return truth


def _front(resident: Resident, style: CardStyle) -> Specimen:
    pen, rng = begin(style)
    newer = resident.edition == 2023
    title = "外国人永久居留身份证"
    draw_emblem(pen.image, 9.0, 8.5, 4.5, rng)
    pen.write(
        16.5, 3.6, "中华人民共和国", 3.0 * style.text_size, style.ink, face=SONG, tracking=0.2
    )
    pen.write(16.5, 7.4, title, 3.9 * style.text_size, style.ink, face=SONG, tracking=0.12)
    portrait_x = 5.0 if newer else 58.5
    quad = put_portrait(pen, rng, portrait_x, 15.8, resident.gender)
    fields = _write_rows(pen, resident, 31.0 if newer else 7.5, 14.2, 6.1)
    mark(pen, 64.5, 3.2)
    kind = f"residence_{resident.edition}"
    return Specimen(pen.image, card_alpha(), kind, fields, quad)


def _back(resident: Resident, style: CardStyle) -> Specimen:
    pen, rng = begin(style)
    draw_emblem(pen.image, 42.8, 14.0, 7.5, rng)
    size = style.text_size
    pen.write(14.0, 27.0, "PERMANENT RESIDENT OF CHINA", 3.0 * size, style.ink, face=LATIN)
    pen.write(14.0, 36.0, "签发机关/Issuing Authority", 2.2 * size, style.label_ink, weight=0.0)
    chars = pen.write(14.0, 39.0, resident.issued_by, 3.3 * size, style.ink)
    mark(pen, 58.0, 48.0)
    kind = f"residence_{resident.edition}_back"
    return Specimen(
        pen.image, card_alpha(), kind, {"issued_by": FieldTruth(resident.issued_by, chars)}
    )


def draw_residence(resident: Resident, back: bool, style: CardStyle) -> Specimen:
    """One side of a permanent-residence card at 12 px/mm. Same arguments, same bytes."""
    rng = np.random.default_rng(style.seed)
    tint = np.array([[225, 222, 214], [222, 232, 226]]) + rng.normal(0, 8, (2, 3))
    left, right = (tuple(int(v) for v in row.clip(150, 255)) for row in tint)
    style = replace(style, script=None, paper=(left, right), grey_portrait=True)  # type: ignore[arg-type]
    return (_back if back else _front)(resident, style)
