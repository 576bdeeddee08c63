"""The made-up people of the training recipe: rules of numbers, dates and lengths, and the splits."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pytest
import recipe

from idocr import _core

recipe.require("data")

import people  # noqa: E402
import resources  # noqa: E402
import tables  # noqa: E402

HAN_OR_DOT = re.compile(r"[\u3007\u3400-\u9fff\U00020000-\U0003ffff·]+")
AS_OF = date(2026, 6, 1)


@pytest.fixture(scope="module", params=tables.SPLITS)
def split(request):
    return request.param


@pytest.fixture(scope="module")
def persons(split):
    rng = np.random.default_rng(11)
    return [people.make_person(rng, split) for _ in range(4000)]


def test_the_same_seed_makes_the_same_people(split):
    first, second = (np.random.default_rng(5) for _ in range(2))
    for maker in (people.make_person, people.make_temporary, people.make_permit):
        assert [maker(first, split) for _ in range(20)] == [maker(second, split) for _ in range(20)]
    assert people.make_resident(first) == people.make_resident(second)


def test_numbers_are_right_and_agree_with_the_card(persons):
    for person in persons:
        number = person.id_number
        assert person.number_is_right
        assert number[17] == people.check_digit(number[:17])
        assert number[:6] == person.region
        assert number[6:14] == f"{person.birth_date:%Y%m%d}"
        assert number[14:17] != "000"
        assert (int(number[16]) % 2 == 1) == (person.gender == "男")


def test_the_c_core_accepts_the_numbers(persons):
    known_region = 4  # its table may lag behind a division of last year
    assert not any(_core.id_number_check(p.id_number) & ~known_region for p in persons)


def test_wrong_numbers_are_wrong(split):
    rng = np.random.default_rng(3)
    persons = [people.make_person(rng, split, wrong_number_share=0.5) for _ in range(2000)]
    wrong = [p for p in persons if not p.number_is_right]
    assert 0.45 < len(wrong) / len(persons) < 0.55
    legal = 0
    for person in wrong:
        number = person.id_number
        assert len(number) == 18
        checks = number[17] == people.check_digit(number[:17])
        agrees = number[6:14] == f"{person.birth_date:%Y%m%d}" and (
            (int(number[16]) % 2 == 1) == (person.gender == "男")
        )
        assert not (checks and agrees)
        legal += checks
    assert 0.2 < legal / len(wrong) < 0.3  # a quarter tells another gender or birth date


def test_the_region_was_in_force_when_the_number_was_given(persons):
    periods: dict[str, list[tuple[int, int]]] = {}
    for county in tables.all_counties():
        periods.setdefault(county.code, []).append((county.first_year, county.last_year))
    in_force = 0
    for person in persons:
        year = max(person.birth_date.year, 1984)
        in_force += any(first <= year <= last for first, last in periods[person.region])
    assert in_force >= 0.98 * len(persons)
    now = {c.code for c in tables.all_counties() if c.last_year == tables.FOREVER}
    assert 0.2 < sum(p.region not in now for p in persons) / len(persons) < 0.7


def test_validity_follows_the_age(persons):
    for person in persons:
        start, end = person.valid_from, person.valid_to
        assert person.birth_date < start <= AS_OF
        age = people.age_on(start, person.birth_date)
        if age >= 46:
            assert end is None
        else:
            assert end == people.add_years(start, 5 if age < 16 else 10 if age < 26 else 20)


def test_29_february():
    assert people.add_years(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert people.add_years(date(2008, 2, 29), 20) == date(2028, 2, 29)
    assert people.age_on(date(2026, 2, 28), date(2010, 2, 28)) == 16
    assert people.age_on(date(2026, 2, 27), date(2010, 2, 28)) == 15


def test_lengths(persons):
    lengths = np.array([len(p.address) for p in persons])
    assert lengths.min() >= 8
    assert lengths.max() <= people.LONGEST_ADDRESS
    assert np.percentile(lengths, 5) <= 13
    assert np.percentile(lengths, 95) >= 29
    assert all(2 <= len(p.name) <= people.LONGEST_NAME for p in persons)
    assert any(len(p.name) >= 12 for p in persons)
    assert all(len(p.issued_by) <= people.LONGEST_AUTHORITY for p in persons)


def test_an_address_ends_with_a_whole_part(persons):
    end = re.compile(r"(村|社区|居委会|嘎查|组|社|队|号|室|户|\d)$")
    estates = set(tables.estates("train")) | set(tables.estates("test"))
    for person in persons:
        address = person.address
        known = any(address[-n:] in estates for n in range(2, 10))
        assert end.search(address) or known, address
        if address[-1].isdigit():  # a room without 室 comes after its building or unit
            assert re.search(r"(单元|幢|栋|楼|座)\d{3,4}$", address), address


def test_characters_of_names(persons):
    level1 = set(tables.characters(1))
    for person in persons:
        assert HAN_OR_DOT.fullmatch(person.name), person.name
        rare = [c for c in person.name if c != "·" and c not in level1]
        assert list(person.rare_characters) == rare


def test_the_share_of_rare_names(split):
    def share(asked):
        rng = np.random.default_rng(9)
        made = [people.make_person(rng, split, rare_name_share=asked) for _ in range(3000)]
        pools = [set(tables.characters(2)), set(tables.characters(3)), set(tables.gbk_rare())]
        return [sum(any(c in pool for c in p.name[1:]) for p in made) / len(made) for pool in pools]

    usual, all_rare = share(0.0), share(1.0)
    assert usual[0] < 0.2
    assert usual[1] < 0.03
    assert usual[2] < 0.01
    assert all(0.27 < pool < 0.45 for pool in all_rare)


def test_levels_of_the_character_table():
    levels = [tables.characters(level) for level in (1, 2, 3)]
    assert [len(level) for level in levels] == [3500, 3000, 1605]
    rare = tables.gbk_rare()
    assert len({*levels[0], *levels[1], *levels[2], *rare}) == 8105 + len(rare)
    assert 12000 < len(rare) < 14000
    assert {*"的一是"} <= {*levels[0]}


def test_no_entry_is_in_both_splits():
    train, test = (
        {
            "minority names": {n for names in tables.minority_names(s).values() for n in names},
            "roads": set(tables.roads(s)),
            "estates": set(tables.estates(s)),
            "counties": {c.name for c in tables.counties(s)},
            "townships": set(tables.places(s).townships) - {""},
            "villages": set(tables.places(s).villages),
        }
        for s in tables.SPLITS
    )
    for kind, entries in train.items():
        assert not entries & test[kind], kind
        share = len(test[kind]) / len(test[kind] | entries)
        assert 0.15 < share < 0.25, kind


def test_surnames_only_share_the_commonest():
    train, test = (set(tables.surnames(s).texts) for s in tables.SPLITS)
    assert len(train & test) == 100
    assert {"王", "李", "张"} <= train & test
    assert any(len(name) == 2 for name in test)
    assert len(train | test) > 500


def test_every_ethnic_group_is_met(persons):
    assert 0.56 < sum(p.ethnicity == "汉" for p in persons) / len(persons) < 0.64
    assert {p.ethnicity for p in persons} == set(tables.ethnic_groups().texts)
    assert len(tables.ethnic_groups().texts) == 57


def test_authorities():
    by_code = {c.code: c for c in tables.all_counties() if c.last_year == tables.FOREVER}
    wanted = {
        "110108": "北京市公安局海淀分局",
        "140502": "晋城市公安局城区分局",
        "320583": "昆山市公安局",
        "410304": "洛阳市公安局瀍河分局",
        "421087": "松滋市公安局",
        "429021": "神农架林区公安局",
        "500103": "重庆市公安局渝中区分局",
        "441825": "连山壮族瑶族自治县公安局",
        "530925": "双江自治县公安局",
        "441900": "东莞市公安局",
    }
    assert {code: people.authority(by_code[code]) for code in wanted} == wanted
    assert all(a.endswith(("公安局", "分局")) for a in map(people.authority, by_code.values()))


def test_retired_divisions_lie_in_one_in_force():
    now = {c.code for c in tables.all_counties() if c.last_year == tables.FOREVER}
    assert len(now) > 2800
    rows = {(c.code, c.name): c for c in tables.all_counties()}
    assert {c.successor for c in rows.values()} <= now
    assert rows["320502", "沧浪区"].successor == "320508"
    assert rows["350427", "沙县"].successor == "350405"
    assert rows["110103", "崇文区"].last_year == 2009


def test_other_cards(split):
    rng = np.random.default_rng(2)
    for _ in range(300):
        person = people.make_temporary(rng, split)
        assert person.valid_to is not None
        assert timedelta(85) < person.valid_to - person.valid_from < timedelta(95)
        assert people.age_on(person.valid_from, person.birth_date) >= 15
        permit = people.make_permit(rng, split)
        start = {"810000": "H", "820000": "M", "830000": ""}[permit.person.region]
        assert re.fullmatch(start + r"\d{8}", permit.permit_number)
        assert re.fullmatch(r"\d\d", permit.issue_count)
        assert permit.person.id_number[17] == people.check_digit(permit.person.id_number[:17])
        assert permit.person.ethnicity == ""


def test_foreign_residents():
    rng = np.random.default_rng(2)
    for _ in range(300):
        old, new = people.make_resident(rng, 2017), people.make_resident(rng, 2023)
        assert re.fullmatch(old.nationality_code + r"\d{12}", old.id_number)
        assert old.id_number[7:13] == f"{old.birth_date:%y%m%d}"
        assert re.fullmatch(r"9\d{16}[\dX]", new.id_number)
        assert new.id_number[17] == people.check_digit(new.id_number[:17])
        assert re.fullmatch(r"[A-Z'-]+, [A-Z-]+", new.name)
        assert new.valid_to.year - new.valid_from.year in (5, 10)


def test_resources_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("IDOCR_RESOURCES", str(tmp_path))
    assert resources.folder() == tmp_path
    assert not resources.available("ngender")
    with pytest.raises(FileNotFoundError, match=r"python models/training/resources\.py"):
        resources.path("ngender", "charfreq.csv")
    assert resources.table().count("\n") == len(resources.RESOURCES) + 1
