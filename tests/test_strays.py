"""strays.py and unread.py: what was read out of noise goes, what is print stays wherever it stands."""

from __future__ import annotations

import pytest
from made_lines import GRAMMARS, line

from idocr.fields import draft_emblem_side, draft_portrait_side
from idocr.lines import LineChar
from idocr.reading import Side
from idocr.strays import is_astray, without_margin, without_strays
from idocr.unread import cut_number, unread_lines, with_line

EM_MM = 3.0


def chars(text: str, *middles_mm: float, confidence: float = 0.99) -> tuple[LineChar, ...]:
    half = EM_MM / 2
    return tuple(
        LineChar(char, confidence, at - half, at + half)
        for char, at in zip(text, middles_mm, strict=True)
    )


@pytest.mark.parametrize(
    ("confidence", "kept"), [(0.3, "太平村"), (0.7, "太平村签")], ids=["doubtful", "sure"]
)
def test_only_what_is_doubtful_goes_behind_a_gap(confidence: float, kept: str) -> None:
    found = without_strays(chars("太平村", 18, 21, 24) + chars("签", 31, confidence=confidence))
    assert "".join(c.text for c in found) == kept


def test_doubtful_print_without_a_gap_stays() -> None:
    whole = chars("太平村", 18, 21, 24) + chars("号", 27.2, confidence=0.3)
    assert without_strays(whole) == whole
    assert without_strays(()) == ()


def test_what_stands_left_of_the_first_line_goes() -> None:
    first = chars("湖南省", 18, 21, 24)
    second = chars("民", 14.8, confidence=0.4) + chars("村民", 18, 21)
    assert "".join(c.text for c in without_margin(second, first)) == "村民"
    assert without_margin(chars("村民", 14.8, 18), first) == chars("村民", 14.8, 18)


@pytest.mark.parametrize(
    ("left_mm", "top_mm", "confidence", "astray"),
    [(18, 32, 0.3, False), (40, 32, 0.3, True), (18, 38, 0.3, True), (40, 38, 0.9, False)],
    ids=["next line", "elsewhere", "far below", "sure"],
)
def test_a_doubtful_line_must_be_the_next(
    left_mm: float, top_mm: float, confidence: float, astray: bool
) -> None:
    first = line("湖南省湘潭县", 17, 28)
    above = [(first, first.chars)]
    below = line("发别", left_mm, top_mm)
    piece = (below, chars("发别", left_mm, left_mm + EM_MM, confidence=confidence))
    assert is_astray(piece, above) is astray


ROWS = [
    line("姓名 张三", 6.5, 9),
    line("性别女 民族汉", 6.5, 15.5),
    line("出生1990年3月7日", 6.5, 22),
]
NUMBER = [line("11010819900307122X", 28, 44.5, 2.2)]


@pytest.mark.parametrize(
    ("address", "goes_on"),
    [("住址 北京市海淀区学院路十", True), ("住址 北京市海淀区", False)],
    ids=["full", "short"],
)
def test_a_full_address_may_go_on_in_a_line_that_was_not_found(address: str, goes_on: bool) -> None:
    text = draft_portrait_side([*ROWS, line(address, 6.5, 28)], NUMBER, GRAMMARS)
    found = dict(unread_lines(text))
    assert set(found) == ({"address"} if goes_on else set())
    if goes_on:
        box = found["address"]
        assert 31 < (box.top + box.bottom) / 2 < 36
        longer = with_line(text, "address", line("号", 17, box.top)).drafts["address"]
        assert longer.text == address[3:] + "号"
        nothing = with_line(text, "address", line(" ", 17, box.top)).drafts["address"]
        assert nothing.text == address[3:]


def test_a_name_with_a_dot_and_a_torn_authority_may_go_on() -> None:
    rows = [line("姓名 库尔班·阿卜杜如苏", 6.5, 8), ROWS[1]]
    text = draft_portrait_side(rows, [], GRAMMARS)
    found = dict(unread_lines(text))
    assert set(found) == {"name"}
    longer = with_line(text, "name", line("力", 17, found["name"].top))
    assert longer.drafts["name"].text == "库尔班·阿卜杜如苏力"
    organ = "乌鲁木齐市公安局头屯河分"
    emblem = draft_emblem_side([line("签发机关 " + organ, 20, 38)], GRAMMARS)
    box = dict(unread_lines(emblem))["issued_by"]
    assert (
        with_line(emblem, "issued_by", line("局", 36, box.top)).drafts["issued_by"].text
        == organ + "局"
    )
    whole = draft_emblem_side([line("签发机关 " + organ + "局", 20, 38)], GRAMMARS)
    assert not dict(unread_lines(whole))


def test_a_number_among_the_rows_of_the_address_goes_on_beyond_them() -> None:
    cut = line("公民身份号码513023196202", 6.5, 37, 2.8)
    box = cut_number([line("住址 开江县鑫源社区", 6.5, 28), cut])
    assert box is not None
    assert (box.top, box.right) == (37, 80.5)
    assert cut_number([line("住址 开江县鑫源社区", 6.5, 28)]) is None


def test_a_second_look_gives_what_the_first_did_not_find() -> None:
    first = draft_portrait_side([ROWS[0], ROWS[2]], NUMBER, GRAMMARS)
    assert set(first.missing) == {"gender", "ethnicity", "address"}
    again = draft_portrait_side([*ROWS, line("住址 北京市海淀区", 6.5, 28)], [], GRAMMARS)
    found = first.filled_from(again)
    assert found.side is Side.PORTRAIT
    assert not found.missing
    assert found.drafts["id_number"].text == "11010819900307122X"


def test_rows_that_nothing_names_give_way_to_a_second_look() -> None:
    first = draft_portrait_side([line("住址 北京市海淀区", 6.5, 28)], NUMBER, GRAMMARS)
    again = draft_portrait_side([*ROWS, line("住址 北京市海淀区", 6.5, 28)], [], GRAMMARS)
    found = first.filled_from(again).drafts
    assert (found["name"].text, found["address"].text) == ("张三", "北京市海淀区")
    assert found["id_number"].text == "11010819900307122X"
