"""agreement.py: what is printed twice tells a doubtful character, and a clear contradiction stays."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from made_lines import GRAMMARS, line

from idocr.agreement import NOTE, with_agreement
from idocr.fields import Draft, SideText, draft_emblem_side, draft_portrait_side
from idocr.reading import Side
from idocr.rules import cross_check

Doubts = Mapping[int, Mapping[str, float]]
NUMBER = "11010819900307122X"


def portrait(
    birth: str, doubts: Doubts, gender: str = "女", of_gender: Doubts | None = None
) -> dict[str, Draft]:
    rows = [
        line("姓名 张三", 6.5, 9),
        line(f"性别{gender} 民族汉", 6.5, 15.5, doubts=of_gender or {}),
        line(f"出生{birth}", 6.5, 22, doubts=doubts),
        line("住址北京市海淀区", 6.5, 28),
    ]
    text = draft_portrait_side(rows, [line(NUMBER, 28, 44.5, 2.2)], GRAMMARS)
    return cross_check(with_agreement(text))


@pytest.mark.parametrize("trace", [0.3, 0.02])
def test_the_number_tells_a_doubtful_digit_of_the_birth_date(trace: float) -> None:
    drafts = portrait("1980年3月7日", {4: {"9": trace}})
    assert drafts["birth_year"].text == "1990"
    assert drafts["birth_year"].raw == "1980"
    assert NOTE in drafts["birth_year"].notes
    assert drafts["birth_year"].chars[2].confidence > 0.8
    assert not any(draft.problems for draft in drafts.values())


def test_a_month_of_one_digit_and_of_two() -> None:
    assert portrait("1990年8月7日", {7: {"3": 0.2}})["birth_month"].text == "3"
    assert portrait("1990年08月7日", {8: {"3": 0.2}})["birth_month"].text == "03"


def test_a_clear_contradiction_stays_as_printed() -> None:
    drafts = portrait("1980年3月7日", {})
    assert drafts["birth_year"].text == "1980"
    assert drafts["birth_year"].problems == ("disagrees with the number",)


def test_the_number_tells_a_doubtful_gender() -> None:
    assert portrait("1990年3月7日", {}, "男", {2: {"女": 0.1}})["gender"].text == "女"
    assert portrait("1990年3月7日", {}, "男")["gender"].problems


def emblem(dates: str, doubts: Doubts) -> dict[str, Draft]:
    rows = [line("签发机关 某市公安局", 20, 37), line(f"有效期限{dates}", 20, 45, doubts=doubts)]
    return cross_check(with_agreement(draft_emblem_side(rows, GRAMMARS)))


def test_two_dates_tell_each_other() -> None:
    drafts = emblem("2016.05.09-2036.06.09", {21: {"5": 0.2}})
    assert (drafts["valid_from"].text, drafts["valid_to"].text) == ("20160509", "20360509")
    assert NOTE in drafts["valid_to"].notes
    assert not any(draft.problems for draft in drafts.values())
    drafts = emblem("2016.06.09-2036.05.09", {10: {"5": 0.2}})
    assert drafts["valid_from"].text == "20160509"
    drafts = emblem("2016.05.09-2037.05.09", {18: {"6": 0.2}})
    assert drafts["valid_to"].text == "20360509"


def test_dates_that_could_agree_in_two_ways_are_left_and_doubted() -> None:
    doubts = {10: {"5": 0.2}, 21: {"6": 0.2}}
    drafts = emblem("2016.06.09-2036.05.09", doubts)
    assert (drafts["valid_from"].text, drafts["valid_to"].text) == ("20160609", "20360509")
    assert drafts["valid_from"].problems


def test_dates_that_clearly_disagree_stay_as_printed() -> None:
    drafts = emblem("2016.05.09-2036.06.09", {})
    assert drafts["valid_to"].text == "20360609"
    assert drafts["valid_to"].problems


def test_29_february_ends_where_there_is_none() -> None:
    drafts = emblem("2016.02.29-2026.03.01", {})
    assert (drafts["valid_from"].text, drafts["valid_to"].text) == ("20160229", "20260301")
    assert not drafts["valid_to"].problems


def test_one_date_alone_stays_as_it_was_read() -> None:
    """A second look at the rows may find one of the two surely and the other not."""
    date_alone = {"issued_by": Draft(), "valid_from": Draft("20160509", "20160509")}
    text = SideText(Side.EMBLEM, date_alone)
    assert with_agreement(text).drafts == date_alone
