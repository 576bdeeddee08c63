"""fields.py: the rules behind `logic`, each broken on purpose, and how lines become fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_lines import GRAMMARS, MODEL, line

from idocr import fields
from idocr.ethnic_groups import ETHNIC_GROUPS
from idocr.fields import Draft, SideText, draft_emblem_side, draft_portrait_side
from idocr.labels import without_label
from idocr.lines import Line, LineChar, without_overlaps
from idocr.reading import Side
from idocr.rules import cross_check

PORTRAIT = {
    "name": "张三", "gender": "女", "ethnicity": "汉", "birth_year": "1990", "birth_month": "3",
    "birth_day": "7", "address": "北京市海淀区学院路8号", "id_number": "11010819900307122X",
}  # fmt: skip
EMBLEM = {"issued_by": "北京市公安局海淀分局", "valid_from": "20160509", "valid_to": "20360509"}


def broken(side: Side, **changes: str) -> set[str]:
    """Names of the fields that break a rule."""
    texts = (PORTRAIT if side is Side.PORTRAIT else EMBLEM) | changes
    drafts = {name: Draft(text, text) for name, text in texts.items()}
    return {name for name, draft in cross_check(SideText(side, drafts)).items() if draft.problems}


@pytest.mark.parametrize(
    ("changes", "fields_broken"),
    [
        ({}, set()),
        ({"gender": "男"}, {"gender", "id_number"}),
        ({"birth_year": "1991"}, {"birth_year", "id_number"}),
        ({"birth_month": "4"}, {"birth_month", "id_number"}),
        ({"birth_day": "17"}, {"birth_day", "id_number"}),
        ({"id_number": "110108199003071221"}, {"id_number"}),  # check digit
        ({"id_number": "11010819900307122"}, {"id_number"}),  # length
        ({"id_number": "990108199003071228"}, {"id_number"}),  # region
        (
            {"id_number": "110108199002301220", "birth_month": "2", "birth_day": "30"},
            {"id_number", "birth_day"},
        ),
        ({"name": "张"}, {"name"}),
        ({"name": "张" * 16}, {"name"}),
        ({"name": "阿布都·热合曼"}, set()),
        ({"address": "海"}, {"address"}),
        ({"name": "", "id_number": ""}, set()),  # nothing read is nothing to doubt
    ],
)
def test_portrait_side_rules(changes: dict[str, str], fields_broken: set[str]) -> None:
    assert broken(Side.PORTRAIT, **changes) == fields_broken


BOTH_DATES = {"valid_from", "valid_to"}


@pytest.mark.parametrize(
    ("changes", "fields_broken"),
    [
        ({}, set()),
        ({"valid_to": "长期"}, set()),
        ({"valid_to": "20210509"}, set()),
        ({"valid_to": "20260509"}, set()),
        ({"valid_to": "20460509"}, BOTH_DATES),  # 30 years
        ({"valid_to": "20150509"}, BOTH_DATES),  # backwards
        ({"valid_from": "20160229", "valid_to": "20260301"}, set()),
        ({"issued_by": "北京市海淀区"}, {"issued_by"}),
        ({"issued_by": ""}, set()),
    ],
)
def test_emblem_side_rules(changes: dict[str, str], fields_broken: set[str]) -> None:
    assert broken(Side.EMBLEM, **changes) == fields_broken


def test_what_was_read_under_a_rule_is_doubted() -> None:
    drafts = {"gender": Draft("女", raw="友", valid="女")}
    checked = cross_check(SideText(Side.PORTRAIT, drafts))
    assert checked["gender"].problems == ("was read under its rule, not freely",)


def test_rows_are_told_apart_by_what_they_say() -> None:
    rows = [
        line("姓名 张三", 6.5, 9), line("性别女 民族哈萨克", 6.5, 15.5), line("出生1990年3月7日", 6.5, 22),
        line("住址 北京市海淀区学院路", 6.5, 28), line("8号", 17, 32),
    ]  # fmt: skip
    text = draft_portrait_side(rows, [line("11010819900307122X", 28, 44.5, 2.2)], GRAMMARS)
    expected = PORTRAIT | {"ethnicity": "哈萨克"}
    assert {name: draft.text for name, draft in text.drafts.items()} == expected
    assert text.evidence >= 2
    assert not any(d.problems for d in cross_check(text).values())


def test_a_missing_label_or_row_is_no_obstacle() -> None:
    rows = [line("欧阳娜", 17, 9), line("女 民族汉", 17, 15.5), line("住址北京市海淀区", 6.5, 28)]
    drafts = draft_portrait_side(rows, [], GRAMMARS).drafts
    assert (drafts["name"].text, drafts["gender"].text) == ("欧阳娜", "女")
    assert "birth_year" not in drafts
    assert drafts["id_number"].text == ""


def test_a_long_name_takes_two_lines() -> None:
    rows = [
        line("姓名 阿布都热合曼·买买", 6.5, 8), line("提伊明", 17, 11.5), line("性别男民族维吾尔", 6.5, 15.5),
    ]  # fmt: skip
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["name"].text == "阿布都热合曼·买买提伊明"


@pytest.mark.parametrize(
    ("row", "left_mm", "authority"),
    [
        ("签发机关永寿县公安局", 17.4, "永寿县公安局"),  # 4 mm too far left
        ("签发机关永寿县公安局", 22.0, "永寿县公安局"),
        ("签机关 阳新县公安局", 21.0, "阳新县公安局"),
        ("签发机关关岭布依族苗族自治县公安局", 19.0, "关岭布依族苗族自治县公安局"),
    ],
)
def test_where_a_label_ends_the_authority_begins(row: str, left_mm: float, authority: str) -> None:
    rows = [line(row, left_mm, 37), line("有效期限2016.05.09-长期", left_mm, 45)]
    assert draft_emblem_side(rows, GRAMMARS).drafts["issued_by"].text == authority


def test_what_stands_close_to_a_label_is_no_value() -> None:
    doubtful = line("姓名期 张三", 6.5, 9, doubts={2: {"明": 0.3, "": 0.3}})
    rows = [doubtful, line("性别女 民族汉", 6.5, 15.5)]
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["name"].text == "张三"


def test_what_is_left_of_another_row_is_no_name() -> None:
    rows = [line("民族鄂伦春", 27, 15.5), line("出生1990年3月7日", 6.5, 22)]
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["name"].text == ""


def test_signs_among_a_name_are_told() -> None:
    rows = [line("姓名 7晓丽", 6.5, 9), line("性别女 民族汉", 6.5, 15.5)]
    name = draft_portrait_side(rows, [], GRAMMARS).drafts["name"]
    assert (name.text, name.problems) == ("晓丽", ("stands among signs that no name has",))


def test_a_corner_of_the_portrait_is_no_line_of_the_address() -> None:
    rows = [
        line("姓名 张三", 6.5, 9), line("性别女 民族汉", 6.5, 15.5), line("出生1990年3月7日", 6.5, 22),
        line("住址 北京市海淀区", 6.5, 28), line("翻", 55.6, 35),
    ]  # fmt: skip
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["address"].text == "北京市海淀区"


@pytest.mark.parametrize(
    ("name", "ethnicity", "is_doubted"),
    [
        ("吾买尔艾孜孜", "维吾尔", True),
        ("吾买尔·艾孜孜", "维吾尔", False),
        ("买买提", "维吾尔", False),
        ("乌云其其格", "蒙古", False),
    ],
)
def test_a_long_name_without_its_dot_is_doubted(
    name: str, ethnicity: str, is_doubted: bool
) -> None:
    changes = {"name": name, "ethnicity": ethnicity}
    assert ("name" in broken(Side.PORTRAIT, **changes)) is is_doubted


def test_emblem_rows() -> None:
    rows = [
        line("签发机关 呼和浩特市公安局新城分局", 20, 37),
        line("户政管理局", 34, 41),
        line("有效期限2016.05.09-长期", 20, 45),
    ]
    drafts = draft_emblem_side(rows, GRAMMARS).drafts
    assert drafts["issued_by"].text == "呼和浩特市公安局新城分局户政管理局"
    assert (drafts["valid_from"].text, drafts["valid_to"].text) == ("20160509", "长期")


def test_a_term_that_nobody_can_read_is_no_part_of_the_authority() -> None:
    rows = [line("签发机关 昆山市公安局", 20, 38), line("有效期限 赵02长期", 20, 45)]
    drafts = draft_emblem_side(rows, GRAMMARS).drafts
    assert drafts["issued_by"].text == "昆山市公安局"


def test_labels_of_both_sides_on_one_side_are_a_temporary_card() -> None:
    rows = [
        line("性别男民族汉", 6.5, 15.5),
        line("签发机关 某市公安局", 6.5, 33),
        line("有效期限2016.05.09", 6.5, 37),
    ]
    assert draft_portrait_side(rows, [], GRAMMARS).temporary == 1.0
    assert draft_portrait_side(rows[:1], [], GRAMMARS).temporary == 0.0


def test_a_temporary_card_whose_label_stands_beside_the_second_line() -> None:
    low = [
        line("名苑8号", 17, 30),
        line("威宁彝族回族苗族自治县公", 26, 33.4),
        line("签发机关安局", 6.5, 37),
        line("有效期限2025.08.19-2025.11.19", 6.5, 41),
    ]
    above = [
        line("性别男民族汉", 6.5, 15.5),
        line("出生1990年3月7日", 6.5, 22),
        line("住址贵州省威宁彝族回族苗族自治县", 6.5, 26.6),
    ]
    text = draft_portrait_side([*above, *low], [], GRAMMARS)
    drafts = fields.with_temporary_rows(text, low, GRAMMARS).drafts
    assert drafts["issued_by"].text == "威宁彝族回族苗族自治县公安局"
    assert drafts["address"].text == "贵州省威宁彝族回族苗族自治县名苑8号"


def test_a_gap_in_an_address_is_doubted() -> None:
    rows = [
        line("性别男民族汉", 6.5, 15.5),
        line("出生1990年3月7日", 6.5, 22),
        line("住址北京市海 区学院路8号", 6.5, 28),
    ]
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["address"].problems


def test_a_misread_number_keeps_both_readings() -> None:
    drafts = draft_portrait_side([], [line("110108199003071226", 28, 44.5, 2.2)], GRAMMARS).drafts
    number = drafts["id_number"]
    assert number.text == number.raw == "110108199003071226"
    assert number.valid not in (None, number.raw)


def test_marks_beside_the_number_are_dropped() -> None:
    drafts = draft_portrait_side([], [line("111010819900307122X", 26, 44.5, 2.2)], GRAMMARS).drafts
    assert drafts["id_number"].text == PORTRAIT["id_number"]


def test_a_label_beside_a_wrong_number_is_dropped() -> None:
    """No right number is in the row, so that how evenly its characters stand must tell."""
    row = line("4 110108199003071226", 26, 44.5, 2.2, {0: {"6": 0.4}})
    number = draft_portrait_side([], [row], GRAMMARS).drafts["id_number"]
    assert number.text == number.raw == "110108199003071226"


def test_a_label_in_a_second_script_is_no_address() -> None:
    rows = [
        line("性别男民族壮", 6.5, 15.5),
        line("出生1990年3月7日", 6.5, 22),
        line("DieggyoS00", 6.5, 26, 2.0),
        line("住址北京市海淀区学院路", 6.5, 30),
        line("8号", 17, 34),
    ]
    drafts = draft_portrait_side(rows, [], GRAMMARS).drafts
    assert drafts["address"].text == "北京市海淀区学院路8号"


def test_a_faint_dot_is_read_where_there_is_room_for_it() -> None:
    faint = {6: {"": 0.9}}
    rows = [line("姓名 阿布都·热合曼", 6.5, 9, doubts=faint), line("性别男民族维吾尔", 6.5, 15.5)]
    assert draft_portrait_side(rows, [], GRAMMARS).drafts["name"].text == "阿布都·热合曼"
    crowded = [line("姓名阿布都热合曼", 6.5, 9, doubts={4: {"·": 0.1}}), rows[1]]
    assert draft_portrait_side(crowded, [], GRAMMARS).drafts["name"].text == "阿布都热合曼"


def test_one_character_read_as_two_of_it_is_one() -> None:
    """刘 has two parts, and each of them may be read as the whole."""
    chars = line_chars("刘刘荣峰", [16.2, 18.0, 21.0, 24.2], [0.9, 0.95, 1.0, 1.0])
    assert "".join(c.text for c in without_overlaps(chars)) == "刘荣峰"
    twins = line_chars("王珍珍来", [16.2, 19.4, 22.6, 25.8], [1.0] * 4)
    assert without_overlaps(twins) == tuple(twins)


def test_a_misread_second_character_of_a_label_is_dropped() -> None:
    chars = tuple(
        line_chars("姓淄贺维琦", [8.0, 11.0, 18.6, 21.8, 25.0], [1.0, 0.6, 1.0, 1.0, 1.0])
    )
    assert "".join(c.text for c in without_label(chars, "姓名", 12.0)) == "贺维琦"


def test_other_papers_with_dates_or_numbers_are_no_proof() -> None:
    passport = draft_emblem_side([line("2000.10.09-2022.03.12", 20, 45)], GRAMMARS)
    assert passport.drafts["valid_from"].text == "20001009"
    assert passport.evidence < 2
    rows = [line("1991年11月23日", 6.5, 22)]
    ticket = draft_portrait_side(rows, [line("89665964986444664", 28, 44.5, 2.2)], GRAMMARS)
    assert ticket.evidence < 2
    damaged = draft_portrait_side(rows, [line("110108199111231226", 28, 44.5, 2.2)], GRAMMARS)
    assert damaged.evidence == 2


def addressed(*rows: Line) -> dict[str, Draft]:
    above = [line("性别男民族汉", 6.5, 15.5), line("出生1990年3月7日", 6.5, 22)]
    numbers = [line("11010819900307122X", 28, 48, 2.2)]
    return dict(draft_portrait_side([*above, *rows], numbers, GRAMMARS).drafts)


def test_a_digit_may_be_a_line_of_its_own_and_a_speck_not() -> None:
    first = line("住址北京市海淀区学院路20", 6.5, 28)
    assert addressed(first, line("3", 17, 32))["address"].text == "北京市海淀区学院路203"
    speck = line("3", 17, 32, doubts={0: {"1": 0.3}})
    assert addressed(first, speck)["address"].text == "北京市海淀区学院路20"


@pytest.mark.parametrize(("is_dark", "text"), [(True, "学院路184-25号"), (False, "学院路18425号")])
def test_a_dash_that_the_reader_took_for_paper(is_dark: bool, text: str) -> None:
    row = line("学院路18425号", 17, 28)
    middles = row.steps.middles + np.where(np.arange(19) >= 12.5, 0.5 / 9, 0).astype(np.float32)
    pixels = np.full_like(row.pixels, 0.8)
    pixels[:, 10:40, ::4] = -0.6  # strokes
    width = pixels.shape[2]
    begin, end = (
        round(width * (middles[at] + offset / 9)) for at, offset in ((11, 0.3), (13, -0.3))
    )
    pixels[:, :, begin:end] = 0.8
    if is_dark:
        pixels[:, 23:26, begin + 1 : end - 1] = -0.6
    row = replace(row, pixels=pixels, steps=replace(row.steps, middles=middles))
    assert addressed(row)["address"].text == text


@pytest.mark.parametrize(
    ("mark", "ink", "text"),
    [("-", 0.2, "学院路28-25号"), ("-", 0.0, "学院路2825号"), ("1", 0.2, "学院路2825号")],
    ids=["a dash", "on bare paper", "a stroke"],
)
def test_a_dash_that_shares_its_ink_with_a_digit(mark: str, ink: float, text: str) -> None:
    row = line("学院路2825号", 17, 28)
    between = 2 * row.text.index("25")  # the step before that 2
    direction = MODEL.rows[MODEL.characters.index(mark)].astype(np.float32)
    row.steps.seen.all_directions[between] = direction / np.linalg.norm(direction)
    row.steps.seen.ink[between] = ink
    assert addressed(row)["address"].text == text


def test_a_dot_that_shares_its_ink_needs_a_name_as_long() -> None:
    for name, expected in (("吾买尔艾孜孜", "吾买尔·艾孜孜"), ("仁增吉毛", "仁增吉毛")):
        row = line("姓名" + name, 6.5, 9)
        between = 2 * row.text.index(name[3])
        direction = MODEL.rows[MODEL.characters.index("·")].astype(np.float32)
        row.steps.seen.all_directions[between] = direction / np.linalg.norm(direction)
        assert draft_portrait_side([row], [], GRAMMARS).drafts["name"].text == expected


def test_a_number_among_the_rows_of_the_address_is_the_number() -> None:
    """Corners that are off by some mm leave it above its place."""
    rows = [
        line("性别男民族汉", 6.5, 15.5),
        line("出生1990年3月7日", 6.5, 22),
        line("住址北京市海淀区学院路8号", 6.5, 28),
        line("公民身份号码11010819900307122X", 6.5, 41, 2.2),
    ]
    drafts = draft_portrait_side(rows, [], GRAMMARS).drafts
    assert drafts["id_number"].text == "11010819900307122X"
    assert drafts["address"].text == "北京市海淀区学院路8号"


def test_what_is_left_of_a_label_begins_no_name() -> None:
    chars = tuple(line_chars("名李建永", [18.0, 24.0, 27.2, 30.4], [1.0] * 4))
    assert "".join(c.text for c in without_label(chars, "姓名", 12.0)) == "李建永"
    for label, text in (
        ("签发机关", "名山县公安局"),
        ("签发机关", "关岭县公安局"),
        ("住址", "名山县"),
    ):
        value = tuple(
            line_chars(text, [35.2 + 3.4 * i for i in range(len(text))], [1.0] * len(text))
        )
        assert without_label(value, label, 29.0) == value


def test_every_ethnic_group_the_recogniser_can_write_is_found() -> None:
    writable = [name for name in ETHNIC_GROUPS if all(c in MODEL.class_of for c in name)]
    assert len(writable) >= 58
    for name in writable:
        found = draft_portrait_side([line(f"性别男民族{name}", 6.5, 15.5)], [], GRAMMARS).drafts
        assert found["ethnicity"].text == name


def line_chars(text: str, middles_mm: list[float], confidences: list[float]) -> list[LineChar]:
    return [
        LineChar(c, p, x - 1.6, x + 1.6)
        for c, x, p in zip(text, middles_mm, confidences, strict=True)
    ]


def test_two_readings_of_one_place_leave_the_surer() -> None:
    chars = line_chars("文刘晔佳", [16.6, 18.1, 21.7, 25.4], [0.55, 1.0, 0.46, 1.0])
    assert "".join(c.text for c in without_overlaps(chars)) == "刘晔佳"
    tight = line_chars("湖北省恩施", [18.0, 20.6, 23.2, 25.9, 28.5], [1.0] * 5)
    assert without_overlaps(tight) == tuple(tight)
    digits = line_chars("11号", [18.0, 19.0, 21.0], [1.0] * 3)
    assert without_overlaps(digits) == tuple(digits)


def test_a_temporary_card_is_valid_for_three_months() -> None:
    texts = PORTRAIT | EMBLEM | {"valid_from": "20260213", "valid_to": "20260513"}
    drafts = {name: Draft(text, text) for name, text in texts.items()}
    checked = cross_check(SideText(Side.PORTRAIT, drafts, 1.0))
    assert {name for name, draft in checked.items() if draft.problems} == set()
    drafts["valid_to"] = Draft("20360213", "20360213")
    checked = cross_check(SideText(Side.PORTRAIT, drafts, 1.0))
    assert {n for n, d in checked.items() if d.problems} == {"valid_from", "valid_to"}


@pytest.mark.parametrize(
    ("text", "middles_mm", "value"),
    [
        ("签发机美抚州", [21.0, 23.5, 26.8, 30.2, 35.2, 38.6], "抚州"),
        ("签发机关抚州", [21.0, 23.5, 26.8, 30.2, 35.2, 38.6], "抚州"),
        ("签发抚州", [21.0, 23.5, 35.2, 38.6], "抚州"),
        ("抚州", [35.2, 38.6], "抚州"),
    ],
)
def test_labels_go_also_where_a_character_of_them_is_misread(
    text: str, middles_mm: list[float], value: str
) -> None:
    chars = tuple(line_chars(text, middles_mm, [1.0] * len(text)))
    assert "".join(c.text for c in without_label(chars, "签发机关", 29.0)) == value


@pytest.mark.parametrize(
    ("side", "texts", "evidence"),
    [
        (Side.PORTRAIT, {"id_number": "11010819900307122X"}, 2),
        (Side.PORTRAIT, {"id_number": "110108199003071221"}, 1),  # a long number, not a right one
        (Side.PORTRAIT, {"id_number": "110108199003071221", "gender": "女"}, 2),
        (Side.PORTRAIT, {"id_number": "", "gender": "女", "birth_year": "1990"}, 2),
        (Side.PORTRAIT, {"id_number": ""}, 0),
        (Side.EMBLEM, {"issued_by": "北京市公安局海淀分局"}, 2),
        (Side.EMBLEM, {"issued_by": "昆山市公安局"}, 2),
        (Side.EMBLEM, {"issued_by": "", "valid_from": "20160509", "valid_to": "20360509"}, 2),
        (Side.EMBLEM, {"issued_by": "", "valid_from": "20160509", "valid_to": "长期"}, 2),
        (Side.EMBLEM, {"issued_by": "", "valid_from": "20160509", "valid_to": "20220509"}, 1),
        (Side.EMBLEM, {"issued_by": "城关派出所"}, 1),
        (Side.EMBLEM, {"issued_by": "有限公司"}, 0),
    ],
)
def test_what_proves_a_side(side: Side, texts: dict[str, str], evidence: int) -> None:
    drafts = {name: Draft(text, text) for name, text in texts.items()}
    assert SideText(side, drafts).evidence == evidence
