"""rules.py: a table of right and wrong texts for each rule, and how weak evidence is told apart."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
import recipe
import reference
from made_lines import line

from idocr import rules
from idocr.fields import Draft, SideText
from idocr.lines import Line, LineChar
from idocr.reading import Side

FRONT = {
    "name": "张三", "gender": "女", "ethnicity": "汉", "birth_year": "1990", "birth_month": "3",
    "birth_day": "7", "address": "北京市海淀区学院路8号", "id_number": "11010819900307122X",
}  # fmt: skip
BACK = {"issued_by": "北京市公安局海淀分局", "valid_from": "20160509", "valid_to": "20360509"}


def check(side: Side, texts: dict[str, str]) -> dict[str, Draft]:
    return rules.cross_check(SideText(side, {name: Draft(t, t) for name, t in texts.items()}))


def words(field: str, **changes: str) -> str:
    """What is wrong with one field of a card that is right but for the changes."""
    side, texts = (Side.EMBLEM, BACK) if field in BACK else (Side.PORTRAIT, FRONT)
    return "; ".join(check(side, texts | changes)[field].problems)


NAME, DOT = "is not 2 to 15 Han characters or ·", "has a · that joins nothing"
ADDRESS_LENGTH, PLACE = "is not 6 to 35 characters long", "names no division, street or village"
ORGAN, ORGAN_LENGTH = "is no public security organ", "is not 5 to 15 Han characters"


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("name", "张三", ""),
        ("name", "欧阳娜娜", ""),
        ("name", "阿卜杜热合曼·艾合买提江", ""),
        ("name", "𬱖〇", ""),  # beyond the basic plane; 〇
        ("name", "张", NAME),
        ("name", "张" * 16, NAME),
        ("name", "张3", NAME),
        ("name", "ZHANG SAN", NAME),
        ("name", "·热合曼", DOT),
        ("name", "阿布都··热合曼", DOT),
        ("ethnicity", "汉", ""),
        ("ethnicity", "穿青人", ""),
        ("ethnicity", "外国血统中国籍人士", ""),
        ("ethnicity", "仫佬", ""),
        ("ethnicity", "汉族", "is no ethnic group of the list"),
        ("ethnicity", "仡", "is no ethnic group of the list"),
        ("gender", "大", "is neither 男 nor 女; disagrees with the number"),
        ("birth_year", "1879", "is no year of birth; disagrees with the number"),
        ("birth_year", "199O", "is no year of birth; disagrees with the number"),
        ("birth_year", "1991", "disagrees with the number"),
        ("birth_month", "13", "is no month; disagrees with the number"),
        ("birth_month", "0", "is no month; disagrees with the number"),
        ("birth_month", "03", ""),
        ("birth_day", "32", "is no day; disagrees with the number"),
        ("birth_day", "8", "disagrees with the number"),
        ("address", "海淀区学院路8号", ""),
        ("address", "某县某村", ADDRESS_LENGTH),
        ("address", "北京市海淀区" + "学院路" * 9 + "8号", ""),
        ("address", "北京市海淀区" + "学院路" * 9 + "18号", ADDRESS_LENGTH),
        ("address", "北京海淀学院", PLACE),
        ("address", "8号北京市海淀区", "begins with no Han character"),
        ("address", "北京市海淀区?路8号", "has a character that no address has"),
        ("address", "北京市海淀区甲—2号(A座)#5-1", ""),
        ("issued_by", "北京市公安局海淀分局", ""),
        ("issued_by", "个旧市公安局", ""),
        ("issued_by", "海淀公安分局", ""),
        ("issued_by", "云南省公安厅", ""),
        ("issued_by", "沾河森林公安局", ""),
        ("issued_by", "中华人民共和国公安部", ""),
        ("issued_by", "中华人民共和国国家移民管理局", ""),
        ("issued_by", "上海市公安局出入境管理局", ""),
        ("issued_by", "北京市海淀区", ORGAN),
        ("issued_by", "海淀分局", ORGAN),
        ("issued_by", "北京市公安局海淀", ORGAN),
        ("issued_by", "公安局", ORGAN),
        ("issued_by", "县公安局", ORGAN),
        ("issued_by", "双江拉祜族佤族布朗族傣族自治县公安局", ORGAN_LENGTH),
        ("issued_by", "A市B公安局", ORGAN_LENGTH),
        ("id_number", "110108199003071221", "fails its check digit"),
        ("id_number", "11010819900307122", "is not 18 characters long"),
        ("id_number", "1101O819900307122X", "has a character other than a digit or a last X"),
        ("id_number", "99010819900307122", "is not 18 characters long"),
        ("valid_from", "20160230", "is no real date"),
        ("valid_from", "201605", "is no real date"),
        ("valid_from", "长期", "is no real date"),
        ("valid_to", "长期", ""),
        ("valid_to", "20361309", "is no real date"),
        ("valid_to", "20210509", ""),
        ("valid_to", "20260509", ""),
        ("valid_to", "20360508", ""),
        ("valid_to", "20360519", "are not 5, 10 or 20 years apart"),
        ("valid_to", "20460509", "are not 5, 10 or 20 years apart"),
        ("valid_to", "20160809", "are not 5, 10 or 20 years apart"),
        ("valid_to", "20160509", "are in the wrong order"),
        ("valid_to", "20060509", "are in the wrong order"),
    ],
)
def test_one_field(field: str, text: str, expected: str) -> None:
    assert words(field, **{field: text}) == expected


def with_check(first17: str) -> str:
    return first17 + reference.check_digit(first17)


@pytest.mark.parametrize(
    ("first17", "expected", "notes"),
    [
        ("11010819900307122", "", 0),
        ("11999919900307122", "has a region code that GB/T 2260 never had", 0),
        ("71010119900307122", "has no known region", 0),
        ("11022119900307122", "", 0),  # 昌平县, until 1999
        ("11011419900307122", "", 1),  # 昌平区, since 1999: weak, the child may be registered late
        ("83000019900307122", "", 0),
        ("93115619900307122", "", 0),
        (
            "11010819900307000",
            "has the sequence 000, which is never given; disagrees with the gender",
            0,
        ),
    ],
)
def test_the_number_s_region_and_sequence(first17: str, expected: str, notes: int) -> None:
    gender = "男" if first17.endswith("000") else "女"
    found = check(Side.PORTRAIT, FRONT | {"id_number": with_check(first17), "gender": gender})
    assert "; ".join(found["id_number"].problems) == expected
    assert len(found["id_number"].notes) == notes
    shown = " ".join(found["id_number"].problems + found["id_number"].notes)
    assert first17[:6] not in shown


@pytest.mark.parametrize(
    ("year", "month", "day", "broken"),
    [
        ("1990", "3", "7", set()),
        ("1991", "3", "7", {"birth_year"}),
        ("1990", "8", "7", {"birth_month"}),
        ("1990", "3", "1", {"birth_day"}),
        ("1991", "8", "7", {"birth_year", "birth_month"}),
        ("1990", "2", "30", {"birth_month", "birth_day"}),
        ("", "3", "7", set()),
        ("", "", "", set()),
    ],
)
def test_each_birth_part_on_its_own(year: str, month: str, day: str, broken: set[str]) -> None:
    """The number is doubted with any of them: it, or the print, was misread."""
    texts = FRONT | {"birth_year": year, "birth_month": month, "birth_day": day}
    expected = broken | {"id_number"} if broken else set()
    assert {n for n, d in check(Side.PORTRAIT, texts).items() if d.problems} == expected


def test_a_day_that_the_month_has_not() -> None:
    number = with_check("11010819900230122")
    found = check(
        Side.PORTRAIT, FRONT | {"id_number": number, "birth_month": "2", "birth_day": "30"}
    )
    assert found["birth_day"].problems == ("is no day of this month",)
    assert found["birth_month"].problems == ()


def test_nothing_read_is_nothing_to_doubt() -> None:
    for side, texts in ((Side.PORTRAIT, FRONT), (Side.EMBLEM, BACK)):
        found = check(side, dict.fromkeys(texts, ""))
        assert not any(draft.problems or draft.notes for draft in found.values())


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2016-02-29", "2026-02-28", 120),
        ("2016-02-29", "2026-03-01", 120),
        ("2016-05-09", "2021-05-08", 60),
        ("2016-12-31", "2036-12-31", 240),
        ("2016-05-09", "2026-05-20", None),
        ("2016-05-09", "2031-05-09", None),
    ],
)
def test_terms(start: str, end: str, months: int | None) -> None:
    assert rules.TERMS.term(date.fromisoformat(start), date.fromisoformat(end)) == months


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [
        ("20160809", ""),
        ("20160808", ""),
        ("20260509", "are not 3 months apart"),
        ("长期", "is not for a temporary card"),
    ],
)
def test_temporary_cards(valid_to: str, expected: str) -> None:
    found = check(Side.PORTRAIT, FRONT | BACK | {"valid_to": valid_to})
    assert "; ".join(found["valid_to"].problems) == expected


# ---- made-up people: what is right must not be doubted ----------------------------------------------


@pytest.mark.skipif(recipe.missing("data") != "", reason=recipe.missing("data"))
@pytest.mark.parametrize("split", ["train", "test"])
def test_right_cards_are_not_doubted(split: str) -> None:
    """At most one number and one other field in a thousand."""
    import people

    rng = np.random.default_rng(20261121)
    cards = 2000
    doubted: dict[str, int] = {}
    for _ in range(cards):
        person = people.make_person(rng, split)
        front, back = texts_of(person)
        checked = check(Side.PORTRAIT, front) | check(Side.EMBLEM, back)
        for name, draft in checked.items():
            doubted[name] = doubted.get(name, 0) + bool(draft.problems)
    assert max(doubted.values()) <= cards / 1000, doubted


def texts_of(person) -> tuple[dict[str, str], dict[str, str]]:  # type: ignore[no-untyped-def]
    birth = person.birth_date
    front = {
        "name": person.name,
        "gender": person.gender,
        "ethnicity": person.ethnicity,
        "birth_year": str(birth.year),
        "birth_month": str(birth.month),
        "birth_day": str(birth.day),
        "address": person.address,
        "id_number": person.id_number,
    }
    back = {
        "issued_by": person.issued_by,
        "valid_from": f"{person.valid_from:%Y%m%d}",
        "valid_to": f"{person.valid_to:%Y%m%d}" if person.valid_to else "长期",
    }
    return front, back


def test_words_hold_no_text_of_a_card() -> None:
    """Every word that a rule can say is written in the code: none is made of what was read."""
    found = check(Side.PORTRAIT, FRONT | {"name": "1", "address": "?", "id_number": "1" * 18})
    said = " ".join(p for draft in found.values() for p in draft.problems)
    assert said
    assert not re.search(r"\d{5}|\?", said)


def test_a_doubtful_number_alone_is_a_problem() -> None:
    """Of 100,000 drawn numbers two were misread such that the check digit was right."""
    row = line(FRONT["id_number"], 30, 45)
    doubtful = replace_confidence(row, 7, 0.6)
    doubt = "is doubtful, and no other print confirms it"
    for chars, others, expected in (
        (doubtful, {}, (doubt,)),
        (row.chars, {}, ()),
        (doubtful, {"birth_year": Draft("1990", "1990")}, ()),
    ):
        number = Draft(FRONT["id_number"], FRONT["id_number"], pieces=((row, chars),))
        text = SideText(Side.PORTRAIT, {"id_number": number, **others})
        assert rules.cross_check(text)["id_number"].problems == expected


def replace_confidence(row: Line, index: int, confidence: float) -> tuple[LineChar, ...]:
    changed = row.chars[index]._replace(confidence=confidence)
    return (*row.chars[:index], changed, *row.chars[index + 1 :])
