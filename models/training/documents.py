"""Forms, receipts, pages, tickets and letters; the splits share no layout."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from canvas import (
    finish_page,
    label_rows,
    new_sheet,
    paragraph,
    ruled_grid,
)
from drawing import (
    bar_code,
    date_text,
    digits,
    han_text,
    house_name,
    latin_text,
    matrix_code,
    person_name,
)
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
Flat = Callable[[np.random.Generator, str], tuple[U8, U8]]


def _form(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 990, 1400 if rng.random() < 0.6 else 760)
    c.text(
        0.5,
        0.04,
        han_text(rng, 4) + ("申请表", "登记表", "审批表")[rng.integers(3)],
        0.055,
        anchor="m",
    )
    ruled_grid(c, 0.06, 0.14, 0.94, 0.8, int(rng.integers(6, 14)), int(rng.integers(2, 6)))
    for _ in range(int(rng.integers(1, 5))):
        c.written(rng.uniform(0.15, 0.6), rng.uniform(0.15, 0.75), int(rng.integers(2, 6)), 0.04)
    c.text(0.5, 0.85, "日期: " + date_text(rng), 0.035)
    if rng.random() < 0.6:
        c.stamped(rng.uniform(0.45, 0.7), 0.72, rng.uniform(0.18, 0.26))
    return finish_page(c)


def _receipt(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 560, int(rng.integers(800, 1400)))
    c.text(0.5, 0.03, house_name(rng), 0.09, anchor="m")
    y = 0.12
    step = 30 / c.height * 1.4
    while y < 0.75:
        c.text(0.07, y, han_text(rng, int(rng.integers(2, 6))), 0.05)
        c.text(0.93, y, f"{rng.integers(1, 300)}.{rng.integers(0, 100):02}", 0.05, anchor="r")
        y += step
    c.line(0.05, 0.78, 0.95, 0.78)
    c.text(0.07, 0.8, "合计 TOTAL", 0.07)
    c.text(0.93, 0.8, f"￥{rng.integers(10, 3000)}.00", 0.07, anchor="r")
    c.paste(0.12, 0.89, bar_code(rng, round(c.width * 0.76), round(c.height * 0.07)))
    return finish_page(c)


def _certificate(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 1300, 920)
    tone = tuple(rng.integers(90, 220, 3).tolist())
    for inset in (0.025, 0.04):
        c.draw.rectangle(c.box(inset, inset, 1 - inset, 1 - inset), outline=tone, width=8)
    c.text(
        0.5, 0.12, ("荣誉证书", "毕业证书", "结业证书", "奖状")[rng.integers(4)], 0.13, anchor="m"
    )
    c.text(0.12, 0.36, person_name(rng) + " 同志：", 0.05)
    paragraph(c, 0.12, 0.46, 0.88, 0.7, 0.042)
    c.text(0.88, 0.74, house_name(rng), 0.045, anchor="r")
    c.text(0.88, 0.82, date_text(rng), 0.04, anchor="r")
    c.stamped(0.68, 0.62, 0.27)
    if rng.random() < 0.4:
        c.bust(0.12, 0.68, 0.25, 0.92)
    return finish_page(c)


def _letter(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 990, 1400)
    han = rng.random() < 0.7
    c.text(0.5, 0.05, han_text(rng, 6) if han else latin_text(rng, 3, title=True), 0.05, anchor="m")
    paragraph(c, 0.09, 0.13, 0.91, 0.85, rng.uniform(0.022, 0.036), han=han)
    c.text(0.9, 0.88, date_text(rng), 0.03, anchor="r")
    if rng.random() < 0.4:
        c.stamped(0.62, 0.8, 0.22)
    return finish_page(c)


def _household_page(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A page of a booklet: a narrow table of labels and values, the fold at one side."""
    c = new_sheet(rng, split, 1260, 880)
    c.text(
        0.5, 0.05, ("户籍样页", "常住人口登记样页", "家庭手册")[rng.integers(3)], 0.055, anchor="m"
    )
    rows = int(rng.integers(6, 10))
    ruled_grid(c, 0.08, 0.16, 0.92, 0.86, rows, 4)
    c.text(0.5, 0.9, "SPECIMEN 样本", 0.04, anchor="m")
    if rng.random() < 0.7:
        c.stamped(rng.uniform(0.5, 0.7), 0.55, 0.3)
    picture, alpha = finish_page(c)
    fade = (1 - 0.35 * np.exp(-np.arange(c.width) / 40)).astype(np.float32)
    gain = np.ascontiguousarray(np.broadcast_to(fade, (c.height, c.width)))
    return np.asarray(
        cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8
    ), alpha


def _envelope(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 1400, 700)
    for k in range(6):
        x = 0.04 + 0.045 * k
        c.draw.rectangle(c.box(x, 0.07, x + 0.035, 0.17), outline=(200, 40, 40), width=3)
        c.text(x + 0.008, 0.08, str(rng.integers(0, 10)), 0.1)
    c.written(0.15, 0.35, int(rng.integers(6, 12)), 0.08)
    c.written(0.3, 0.55, int(rng.integers(3, 7)), 0.09)
    c.text(0.95, 0.85, house_name(rng) + "　邮编 " + digits(rng, 6), 0.05, anchor="r")
    c.draw.rectangle(c.box(0.86, 0.06, 0.96, 0.3), outline=c.ink, width=4)
    c.stamped(0.74, 0.05, 0.3, ink=(60, 60, 60))
    return finish_page(c)


def _ticket(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 1027, int(rng.integers(400, 648)))
    c.text(0.06, 0.07, digits(rng, 8), 0.07, ink=(190, 50, 50))
    c.text(0.1, 0.22, han_text(rng, 2) + "站", 0.13)
    c.text(0.9, 0.22, han_text(rng, 2) + "站", 0.13, anchor="r")
    c.line(0.4, 0.3, 0.6, 0.3, 4)
    c.text(0.5, 0.16, "G" + digits(rng, 3), 0.1, anchor="m")
    c.text(0.06, 0.45, date_text(rng) + f"  {rng.integers(0, 24)}:{rng.integers(0, 60):02}开", 0.08)
    c.text(0.06, 0.6, f"￥{rng.integers(5, 900)}.5元  二等座", 0.08)
    c.text(0.06, 0.8, "SPECIMEN " + person_name(rng), 0.08)
    side = max(2, round(c.height * 0.4 / 29))
    c.paste(0.76, 0.5, matrix_code(rng, 25, side))
    return finish_page(c)


def _passport(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """The open page of a passport of no country, with machine-readable lines."""
    c = new_sheet(rng, split, 1400, 980)
    c.text(0.32, 0.05, "PASSPORT  护照  SPECIMEN", 0.055)
    c.bust(0.05, 0.16, 0.28, 0.66)
    labels = ["Type", "Surname", "Given names", "Nationality", "Date of birth", "Date of expiry"]
    words = [latin_text(rng, 1).upper() for _ in range(3)]
    values = ["P", *words, date_text(rng), date_text(rng)]
    label_rows(c, 0.32, 0.15, labels, values, 0.04, 0.1)
    for k in range(2):
        text = ("P<UTO" + latin_text(rng, 3).upper().replace(" ", "<<")).ljust(44, "<")[:44]
        text = text if k == 0 else (digits(rng, 9) + "UTO" + digits(rng, 13)).ljust(44, "<")
        c.text(0.03, 0.8 + 0.08 * k, text, 0.05)
    return finish_page(c)


def _invoice(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 1400, 860)
    tone = (int(rng.integers(60, 140)), 40, 30)
    c.ink = tone
    c.text(0.5, 0.04, ("增值发票样张", "收费票据", "INVOICE")[rng.integers(3)], 0.07, anchor="m")
    c.text(0.95, 0.06, "No " + digits(rng, 8), 0.045, anchor="r", ink=(30, 30, 30))
    ruled_grid(c, 0.04, 0.16, 0.96, 0.42, 3, 3)
    ruled_grid(c, 0.04, 0.42, 0.96, 0.84, int(rng.integers(4, 8)), int(rng.integers(5, 8)))
    c.text(0.05, 0.88, "收款人 " + person_name(rng) + "　复核 " + person_name(rng), 0.04)
    c.paste(0.04, 0.02, matrix_code(rng, 21, 4))
    c.stamped(0.7, 0.68, 0.28)
    return finish_page(c)


def _newspaper(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_sheet(rng, split, 1000, 1400)
    c.text(0.05, 0.03, han_text(rng, 4) + "报", 0.12, bold=1)
    columns = int(rng.integers(2, 5))
    for k in range(columns):
        left, right = 0.05 + 0.9 * k / columns, 0.04 + 0.9 * (k + 1) / columns
        top = 0.17
        if rng.random() < 0.6:
            c.text(left, top, han_text(rng, int(rng.integers(4, 7))), 0.045)
            top += 0.05
        if rng.random() < 0.35:
            tone = tuple(rng.integers(60, 190, 3).tolist())
            c.rectangle(left, top, right, top + 0.2, tone)
            c.bust(left + 0.02, top + 0.03, left + 0.16, top + 0.2)
            top += 0.22
        paragraph(c, left, top, right, 0.96, 0.02)
    return finish_page(c)


def _label(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A parcel's label: a big code, boxes, addresses."""
    c = new_sheet(rng, split, 700, 1050)
    c.text(0.05, 0.03, house_name(rng)[:2] + "速运", 0.09)
    c.paste(0.1, 0.12, bar_code(rng, round(c.width * 0.8), round(c.height * 0.12)))
    c.text(0.5, 0.25, digits(rng, 12, 4), 0.05, anchor="m")
    for k, mark in enumerate(("收", "寄")):
        y = 0.32 + 0.2 * k
        c.draw.rectangle(c.box(0.04, y, 0.96, y + 0.19), outline=c.ink, width=3)
        c.text(0.06, y + 0.05, mark, 0.09)
        c.text(0.22, y + 0.03, person_name(rng) + "  1**" + digits(rng, 4), 0.05)
        c.text(0.22, y + 0.1, han_text(rng, int(rng.integers(8, 14))), 0.045)
    c.text(0.5, 0.76, digits(rng, 3) + "-" + digits(rng, 2), 0.16, anchor="m", bold=1)
    return finish_page(c)


DOCUMENTS: dict[str, dict[str, Flat]] = {
    "train": {
        "form": _form,
        "receipt": _receipt,
        "certificate": _certificate,
        "letter": _letter,
        "household_page": _household_page,
        "envelope": _envelope,
    },
    "test": {
        "ticket": _ticket,
        "passport": _passport,
        "invoice": _invoice,
        "newspaper": _newspaper,
        "label": _label,
    },
}
