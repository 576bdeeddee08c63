"""divisions.py: names of the list stand for what the reader doubted, and nothing is invented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from idocr.divisions import (
    LONGEST_AUTHORITY,
    MOST_DIFFERENT,
    NEAR,
    _near,
    address_starts,
    authorities,
    match,
    mend,
    with_known_divisions,
)
from idocr.fields import Draft, SideText
from idocr.lines import Line, LineChar
from idocr.reading import Side


class AlternativesAlone(Line):
    """A piece's line that says no more of a character than its alternatives do."""

    def probs_of(self, char: LineChar, texts: Sequence[str]) -> list[float]:
        known = {char.text: char.confidence, **dict(char.alternatives)}
        return [known.get(text, 1e-7) for text in texts]


LINE: Any = AlternativesAlone.__new__(AlternativesAlone)


def read(text: str, **others: float) -> tuple[LineChar, ...]:
    """Characters as read; others: position and character to its probability, as _3县=0.2."""
    extra = {(int(key[1:-1]), key[-1]): p for key, p in others.items()}
    chars = []
    for i, char in enumerate(text):
        alternatives = [(c, p) for (at, c), p in extra.items() if at == i]
        sure = 0.999 - sum(p for _, p in alternatives)
        chars.append(LineChar(char, sure, i, i + 1, ((char, sure), *alternatives)))
    return tuple(chars)


def draft(*lines: tuple[LineChar, ...]) -> Draft:
    text = "".join(c.text for line in lines for c in line)
    return Draft(text, text, None, tuple((LINE, line) for line in lines))


def mended(chars: tuple[LineChar, ...]) -> Draft:
    return mend(draft(chars), address_starts(), whole=False)


def test_lists_hold_what_cards_bear() -> None:
    starts, organs = address_starts(), authorities()
    assert list(starts) == sorted(starts)
    assert len(organs) == len(set(organs))
    for start in (
        "山西省临县",
        "山西省吕梁市临县",
        "北京市海淀区",
        "内蒙古鄂托克旗",
        "苏州市吴中区",
    ):
        assert start in starts
    for organ in (
        "临县公安局",
        "北京市公安局海淀分局",
        "苏州市公安局吴中分局",
        "重庆市公安局渝中区分局",
    ):
        assert organ in organs
    assert max(map(len, organs)) <= LONGEST_AUTHORITY


def test_a_name_of_the_list_stands_for_a_doubtful_reading() -> None:
    found = mended(read("山西省临具白文镇12号", _4县=0.2))
    assert found.text == "山西省临县白文镇12号"
    assert found.raw == "山西省临具白文镇12号"
    assert "".join(c.text for c in found.chars) == found.text
    assert found.notes
    assert not found.problems
    assert 0.9 < found.chars[4].confidence <= 1


def test_a_name_that_the_reader_gave_no_chance_is_not_invented() -> None:
    found = mended(read("山西省临具白文镇12号"))
    assert found.text == found.raw
    assert found.problems == ("is one character away from a division's name",)
    barely = mended(read("山西省临具白文镇12号", _4县=1e-6))
    assert barely.text == barely.raw


def test_a_name_of_the_list_stays_whatever_else_is_likely() -> None:
    chars = read("山西省临县白文镇12号", _4具=0.4)
    assert mended(chars).text == "山西省临县白文镇12号"
    assert mended(chars).notes == ()


def test_two_names_of_the_list_are_told_apart_by_the_reader_alone() -> None:
    """河南省 and 河北省 are both provinces: 河X省 with even chances is left as it was read."""
    chars = read("湖東省常德市", _1南=0.3, _1北=0.3)
    found = mend(draft(chars), ("湖北省常德市", "湖南省常德市"), whole=False)
    assert found.text == found.raw
    assert found.problems == ("may name another division of the list",)


def test_a_doubtful_mend_is_a_problem() -> None:
    chars = read("山西省临具白文镇12号", _4县=0.01)
    names = ("山西省临县",)
    assert mend(draft(chars), names, whole=False).problems
    found = match(chars, names, whole=False)
    assert found is not None
    assert 0.9 < found.share < 0.99


def test_an_authority_is_matched_as_a_whole_over_its_lines() -> None:
    first, second = read("双江拉祜族佤族布朗族", _9放=0.01), read("傣族自治县公安网", _7局=0.3)
    found = mend(draft(first, second), ("双江拉祜族佤族布朗族傣族自治县公安局",), whole=True)
    assert found.text.endswith("自治县公安局")
    assert [len(chars) for _, chars in found.pieces] == [10, 8]
    longer = mend(draft(read("临县公安局外")), authorities(), whole=True)
    assert longer.text == "临县公安局外"


@pytest.mark.parametrize("text", ["", "火星路1号"])
def test_what_is_near_no_name_stays(text: str) -> None:
    found = mended(read(text))
    assert found.text == text
    assert bool(found.notes) == bool(text)


def organ(text: str, doubtful: dict[int, float]) -> Draft:
    chars = [LineChar(c, doubtful.get(i, 0.99), i, i + 1) for i, c in enumerate(text)]
    drafts = {"issued_by": draft(tuple(chars[:6]), tuple(chars[6:]))}
    return with_known_divisions(SideText(Side.EMBLEM, drafts)).drafts["issued_by"]


def test_marks_beside_an_authority_are_left_out_and_told() -> None:
    found = organ("山临县公安局组期", {0: 0.4, 6: 0.3, 7: 0.6})
    assert found.text == "".join(c.text for c in found.chars) == "临县公安局"
    assert found.problems == ("had marks beside it that are no print",)
    assert organ("山临县公安局", {}).text == "山临县公安局"
    longer = organ("杭州市公安局滨江分同", {9: 0.4})  # 杭州市公安局 is in the list as well
    assert longer.text == "杭州市公安局滨江分局"
    assert longer.problems


def test_a_doubtful_reading_that_names_no_division_is_a_problem() -> None:
    unsure = mended(read("焉鑫市矣栲区迎春路3号", _1金=0.3))
    assert unsure.problems == ("names no division of the list, and is doubtful",)
    sure = mended(read("焉鑫市矣栲区迎春路3号", _9三=0.3))
    assert not sure.problems
    assert sure.notes == ("names no division of the list",)


def test_a_reading_that_only_one_name_is_near_becomes_it_and_is_told() -> None:
    """The reader named no other character, but there is one county alone whose name is so near."""
    found = mended(read("四川省峨边暴族自治县红旗镇", _5漠=0.3))
    assert found.text == "四川省峨边彝族自治县红旗镇"
    assert found.problems == ("is one character away from a division's name",)
    sure = mended(read("四川省峨边暴族自治县红旗镇"))
    assert sure.text == "四川省峨边暴族自治县红旗镇"
    assert sure.problems


def test_a_county_is_told_among_all_that_look_alike() -> None:
    mended_one = mended(read("西藏林芝市不脱县车站支路", **{"_5不": 0.4, "_5墨": 0.2}))
    assert mended_one.text == "西藏林芝市墨脱县车站支路"
    # 溶 is no county's; of 澧 and 泗 the reader says which is likelier, though it named neither first
    told = organ_of(read("溶县公安局", _0溶=0.5, _0泗=0.002, _0澧=0.2))
    assert told.text == "澧县公安局"
    torn = organ_of(read("溶县公安局", _0溶=0.5, _0泗=0.1, _0澧=0.15))
    assert torn.text == "溶县公安局"
    assert torn.problems


def organ_of(chars: tuple[LineChar, ...]) -> Draft:
    return mend(draft(chars), authorities(), whole=True)


def test_what_is_left_of_a_label_before_an_address_goes() -> None:
    chars = (LineChar("期", 0.2, 0, 1), *read("广东省潮州市湘桥区永安路"))
    text = SideText(Side.PORTRAIT, {"address": draft(chars)})
    found = with_known_divisions(text).drafts["address"]
    assert found.text == "广东省潮州市湘桥区永安路"
    assert found.problems == ("had marks beside it that are no print",)


def test_near_names_are_those_of_all_names_that_differ_in_one_or_two_places() -> None:
    names = address_starts()
    for text in ("山西省临具白文镇", "东城区东四街", "苏州市昊中区木渎镇", "海淀医学院路"):
        differences = {
            name: sum(a != b for a, b in zip(name, text, strict=False))
            for name in names
            if len(name) <= len(text)
        }
        slow = {
            name
            for name, count in differences.items()
            if 0 < count <= MOST_DIFFERENT and len(name) - count >= NEAR
        }
        assert set(_near(text, names, whole=False)) == slow
