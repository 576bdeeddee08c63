"""Cards of other kinds; the splits share no layout."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from canvas import (
    CARD_PX,
    card_size,
    finish_card,
    house_mark,
    label_rows,
    new_canvas,
    soft_shapes,
    to_image,
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


# ---- other cards: training ----------------------------------------------------------------------------


def _bank_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *card_size(rng, 0.15), pale=rng.random() < 0.25)
    name = house_name(rng)[:2] + "银行" if rng.random() < 0.6 else latin_text(rng, 2, title=True)
    c.text(0.14, 0.07, name, 0.09)
    house_mark(c, 0.08, 0.12, 0.12)
    if rng.random() < 0.8:
        gold = (205 + int(rng.integers(-25, 25)), 175, 95)
        x, y = 0.09, 0.3 + rng.uniform(-0.03, 0.05)
        right, bottom = x + 0.13 * CARD_PX[0] / c.width, y + 0.16 * CARD_PX[1] / c.height
        c.rectangle(x, y, right, bottom, gold, 16)
        for share in (0.33, 0.66):
            c.draw.line(
                c.box(x, y + share * (bottom - y), right, y + share * (bottom - y)),
                (120, 95, 40),
                3,
            )
        c.draw.line(c.box((x + right) / 2, y, (x + right) / 2, bottom), (120, 95, 40), 3)
    number = digits(rng, int(rng.choice([16, 19])), 4)
    size = rng.uniform(0.09, 0.125)
    dark = tuple(max(0, v - 90) for v in c.ink)
    c.text(0.083, 0.565, number, size, ink=(dark[0], dark[1], dark[2]))  # embossed: a shade beside
    c.text(0.08, 0.56, number, size)
    c.text(0.4, 0.71, f"{rng.integers(1, 13):02}/{rng.integers(24, 36)}", 0.07)
    c.text(0.08, 0.83, latin_text(rng, 2).upper(), 0.075)
    house_mark(c, 0.86, 0.82, 0.16)
    return finish_card(c)


def _driving_licence(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *CARD_PX, pale=True)
    titles = ("机动车驾驶证", "驾驶许可", "DRIVING LICENCE", "PERMIS DE CONDUIRE")
    c.text(0.5, 0.04, titles[rng.integers(4)], 0.085, anchor="m")
    c.text(
        0.06,
        0.15,
        f"证号 {digits(rng, 12)}" if rng.random() < 0.5 else f"5. {digits(rng, 10)}",
        0.06,
    )
    left = rng.random() < 0.5
    x = 0.36 if left else 0.06
    c.bust(*((0.05, 0.27, 0.3, 0.8) if left else (0.7, 0.27, 0.95, 0.8)))
    if rng.random() < 0.5:
        labels = ["姓名 Name", "国籍 Nationality", "住址 Address", "初次领证", "准驾车型"]
        values = [person_name(rng), "样例", house_name(rng) + "路", date_text(rng), "C1"]
    else:
        labels = ["1.", "2.", "3.", "4a.", "9."]
        words = [latin_text(rng, int(rng.integers(1, 3))).upper() for _ in range(2)]
        values = [*words, date_text(rng), date_text(rng), "B AM"]
    label_rows(c, x, 0.27, labels, values, 0.062, 0.115)
    if rng.random() < 0.5:
        c.stamped(0.62 if left else 0.45, 0.62, 0.28)
    return finish_card(c)


def _social_security(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *CARD_PX, pale=rng.random() < 0.8)
    c.text(0.5, 0.06, "社会保障卡", 0.12, anchor="m", bold=1)
    c.text(0.5, 0.21, latin_text(rng, 3).upper(), 0.045, anchor="m")
    c.bust(0.07, 0.34, 0.28, 0.82)
    labels = ["姓名", "社会保障号码", "卡号", "发卡日期"]
    values = [person_name(rng), "SPECIMEN " + digits(rng, 6), digits(rng, 9), date_text(rng)]
    label_rows(c, 0.34, 0.38, labels, values, 0.065, 0.125)
    if rng.random() < 0.6:
        c.rectangle(0.8, 0.7, 0.93, 0.88, (210, 180, 100), 14)
    house_mark(c, 0.09, 0.15, 0.15)
    return finish_card(c)


def _business_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *((1080, 648) if rng.random() < 0.85 else (648, 1080)))
    han = rng.random() < 0.6
    anchor, x = (("l", 0.08), ("m", 0.5), ("r", 0.92))[rng.integers(3)]
    name = person_name(rng) if han else latin_text(rng, 2, title=True)
    c.text(x, 0.2, name, 0.13, anchor=anchor)
    title = ("经理", "教授", "设计师", "工程师")[rng.integers(4)] if han else latin_text(rng, 2)
    c.text(x, 0.38, title, 0.06, anchor=anchor)
    lines = [
        house_name(rng) + "有限公司" if han else latin_text(rng, 3, title=True),
        "T " + digits(rng, 11, 4),
        latin_text(rng, 1) + "@example.com",
        han_text(rng, 12) if han else latin_text(rng, 4),
    ]
    for k in range(int(rng.integers(2, 5))):
        c.text(x, 0.55 + 0.095 * k, lines[k], 0.055, anchor=anchor)
    house_mark(c, 0.12 if anchor == "r" else 0.88, 0.16, rng.uniform(0.1, 0.25))
    return c.bgr(), np.full((c.height, c.width), 255, np.uint8)


def _library_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *card_size(rng, 0.2))
    words = ("图书馆借阅证", "读者证", "LIBRARY CARD", "阅览证")
    c.text(0.5, 0.08, words[rng.integers(4)], 0.12, anchor="m")
    c.rectangle(0.08, 0.6, 0.92, 0.92, (255, 255, 255))
    bars = bar_code(rng, round(c.width * 0.76), round(c.height * 0.2))
    c.paste(0.12, 0.63, bars)
    c.text(0.5, 0.845, digits(rng, 14), 0.06, ink=(0, 0, 0), anchor="m")
    label_rows(c, 0.1, 0.3, ["姓名:", "编号:"], [person_name(rng), digits(rng, 8)], 0.08, 0.12)
    return finish_card(c)


def _gift_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *CARD_PX, pale=False)
    picture = c.bgr()
    soft_shapes(picture, rng)
    c.image = to_image(picture)
    words = ("礼品卡", "购物卡", "GIFT CARD", "会员卡", "VIP", "储值卡")
    place = (rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.5))
    c.text(*place, words[rng.integers(6)], rng.uniform(0.15, 0.28), bold=int(rng.integers(0, 3)))
    c.text(0.08, 0.84, house_name(rng), 0.08)
    if rng.random() < 0.6:
        c.text(0.92, 0.84, f"￥{rng.integers(1, 20) * 50}", 0.1, anchor="r")
    if rng.random() < 0.5:
        c.text(0.92, 0.7, "NO. " + digits(rng, 10), 0.055, anchor="r")
    return finish_card(c)


def _foreign_id(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """An identity card of no country, portrait at the left."""
    c = new_canvas(rng, split, *CARD_PX, pale=True)
    titles = ("IDENTITY CARD", "CARTE D'IDENTITE", "PERSONALAUSWEIS", "TARJETA DE IDENTIDAD")
    c.rectangle(0, 0, 1, 0.14, tuple(rng.integers(40, 200, 3).tolist()))
    c.text(0.05, 0.03, titles[rng.integers(4)], 0.08, ink=(250, 250, 250))
    c.bust(0.05, 0.22, 0.33, 0.8)
    labels = ["Surname", "Given names", "Sex / Nationality", "Date of birth", "Document No."]
    sex = ("M", "F")[rng.integers(2)]
    values = [
        latin_text(rng, 1).upper(),
        latin_text(rng, 2).upper(),
        f"{sex}   UTO",
        date_text(rng),
        "SPECIMEN" + digits(rng, 4),
    ]
    label_rows(c, 0.38, 0.2, labels, values, 0.055, 0.13)
    c.written(0.06, 0.84, 6, 0.06)
    return finish_card(c)


def _staff_badge(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """Upright, with a hole for the band."""
    c = new_canvas(rng, split, *CARD_PX[::-1])
    c.rectangle(0, 0, 1, 0.22, tuple(rng.integers(20, 210, 3).tolist()))
    c.text(0.5, 0.1, house_name(rng), 0.1, ink=(250, 250, 250), anchor="m")
    c.rectangle(0.4, 0.03, 0.6, 0.055, (60, 60, 60), 12)
    c.bust(0.28, 0.27, 0.72, 0.6)
    c.text(0.5, 0.64, person_name(rng), 0.12, anchor="m")
    words = ("工作证", "实习生", "VISITOR", "STAFF", "出入证")
    c.text(0.5, 0.75, words[rng.integers(5)], 0.09, anchor="m")
    c.text(0.5, 0.86, "编号 " + digits(rng, 6), 0.07, anchor="m")
    return finish_card(c)


# ---- other cards: test ----------------------------------------------------------------------------------


def _transport_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *CARD_PX)
    for k in range(int(rng.integers(2, 6))):  # lines of a map
        y = rng.uniform(0.1, 0.9)
        tone = tuple(rng.integers(30, 240, 3).tolist())
        points = [(0, y), (0.3, y), (0.45, y + rng.normal(0, 0.2)), (1, y + rng.normal(0, 0.2))]
        c.draw.line([(px * c.width, py * c.height) for px, py in points], tone, 10 + 2 * k)
    words = ("城市一卡通", "公共交通卡", "TRANSIT", "地铁单程票")
    c.text(0.06, 0.06, words[rng.integers(4)], 0.13)
    c.text(0.06, 0.84, digits(rng, 16, 4), 0.07)
    return finish_card(c)


def _health_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *card_size(rng, 0.3), pale=True)
    c.text(0.06, 0.06, ("居民健康卡", "就诊卡", "HEALTH CARD")[rng.integers(3)], 0.11)
    cells = 25
    side = max(3, round(min(c.width, c.height) * 0.5 / (cells + 4)))
    code = matrix_code(rng, cells, side)
    c.paste(0.92 - code.shape[1] / c.width, 0.35, code)
    labels = ["姓名", "性别", "就诊号", "建卡日期"]
    sex = ("男", "女")[rng.integers(2)]
    values = [person_name(rng), sex, digits(rng, 8), date_text(rng)]
    label_rows(c, 0.06, 0.3, labels, values, 0.065, 0.13)
    c.rectangle(0.86, 0.06, 0.9, 0.2, (210, 40, 40))
    c.rectangle(0.83, 0.105, 0.93, 0.155, (210, 40, 40))
    return finish_card(c)


def _key_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *card_size(rng, 0.4))
    house_mark(c, rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.5), rng.uniform(0.25, 0.5))
    c.text(0.5, 0.7, latin_text(rng, 2, title=True), 0.09, anchor="m")
    if rng.random() < 0.5:
        c.rectangle(0, 0.06, 1, 0.2, (25, 22, 22))  # a magnetic stripe
    return finish_card(c)


def _machine_read_id(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """An identity card of no country, portrait at the right, machine-readable lines below."""
    c = new_canvas(rng, split, *CARD_PX, pale=True)
    c.text(0.05, 0.04, "UTOPIA  SPECIMEN", 0.075)
    right = rng.random() < 0.75
    c.bust(*((0.68, 0.14, 0.94, 0.64) if right else (0.06, 0.16, 0.32, 0.64)))
    labels = ["NAME", "BIRTH", "PLACE", "EXPIRY"]
    values = [
        latin_text(rng, 2).upper(),
        date_text(rng),
        latin_text(rng, 1).upper(),
        date_text(rng),
    ]
    label_rows(c, 0.06 if right else 0.38, 0.17, labels, values, 0.055, 0.12)
    c.rectangle(0, 0.69, 1, 1, (244, 244, 240))
    for k in range(3):
        text = (latin_text(rng, 2).upper().replace(" ", "<<") + digits(rng, 8)).ljust(30, "<")[:30]
        c.text(0.04, 0.71 + 0.09 * k, text, 0.07, ink=(20, 20, 20))
    return finish_card(c)


def _student_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *card_size(rng, 0.5))
    tall = c.height > c.width
    c.text(0.5, 0.05, house_name(rng)[:2] + "大学", 0.11, anchor="m")
    c.text(0.5, 0.05 + (0.1 if tall else 0.14), "校园卡 STUDENT", 0.06, anchor="m")
    c.bust(*((0.3, 0.25, 0.7, 0.56) if tall else (0.72, 0.32, 0.94, 0.8)))
    labels = ["姓名", "学号", "学院", "有效期"]
    values = [person_name(rng), digits(rng, 10), han_text(rng, 4), date_text(rng)]
    start = (0.12, 0.62) if tall else (0.07, 0.34)
    label_rows(c, *start, labels, values, 0.065, 0.085 if tall else 0.13)
    return finish_card(c)


def _insurance_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = new_canvas(rng, split, *CARD_PX)
    house_mark(c, 0.1, 0.14, 0.16)
    c.text(0.2, 0.08, latin_text(rng, 3, title=True), 0.08)
    for k in range(int(rng.integers(4, 7))):
        y = 0.28 + 0.1 * k
        c.text(0.06, y, latin_text(rng, 1).upper(), 0.045)
        c.text(0.4, y, digits(rng, 9, 3) if k % 2 else latin_text(rng, 2, title=True), 0.055)
        c.line(0.06, y + 0.085, 0.94, y + 0.085, 1)
    return finish_card(c)


OTHER_CARDS: dict[str, dict[str, Flat]] = {
    "train": {
        "bank_card": _bank_card,
        "driving_licence": _driving_licence,
        "social_security": _social_security,
        "business_card": _business_card,
        "library_card": _library_card,
        "gift_card": _gift_card,
        "foreign_id": _foreign_id,
        "staff_badge": _staff_badge,
    },
    "test": {
        "transport_card": _transport_card,
        "health_card": _health_card,
        "key_card": _key_card,
        "machine_read_id": _machine_read_id,
        "student_card": _student_card,
        "insurance_card": _insurance_card,
    },
}
