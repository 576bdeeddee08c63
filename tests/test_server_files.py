"""The page's files, without a server: they are in the package, complete, and name no other host."""

from __future__ import annotations

import re
from pathlib import Path

import idocr.server
from idocr import id_number
from idocr.server.page import FILES

STATIC = Path(idocr.server.__file__).parent / "static"


def test_the_package_has_them_all() -> None:
    """Also the wheel: continuous integration runs this against an installed one."""
    assert {path.name for path in STATIC.iterdir()} == {file.name for file in FILES.values()}
    assert all(len(file.read()) > 100 for file in FILES.values())


def test_they_name_no_other_host_and_make_no_markup_of_texts() -> None:
    for path, file in FILES.items():
        if not file.media_type.startswith("image/"):
            text = file.read().decode()
            assert not re.search(r"https?://|[\"'(]//|innerHTML|outerHTML|eval\(", text), path
            assert not re.search(r"<[^>]+ (style|on\w+)=", text), path  # the policy forbids these


def test_they_ask_for_what_is_there() -> None:
    for page in ("page.html", "api.html"):
        named = re.findall(r'(?:href|src)="(/[^"#]*)"', (STATIC / page).read_text("utf-8"))
        assert set(named) <= {*FILES, "/openapi.json"}
    for script in STATIC.glob("*.js"):
        imported = re.findall(r'from "\./(\S+)"', script.read_text("utf-8"))
        assert all((STATIC / name).is_file() for name in imported)


def test_every_rules_words_are_known_in_chinese() -> None:
    rules = (STATIC.parents[1] / "rules.py").read_text("utf-8")
    pattern = r'"((?:is|has|are|fails|names|begins|disagrees|was) [^"]+)"'
    told = {*re.findall(pattern, rules), *id_number._WORDS.values()}
    by_call = (
        r'(?:with_problem|_noted|NOTE =|words =|notes = .*|reason =)[( ]*(?:draft, )?\(?"([^"]+)"'
    )
    for module in ("divisions", "language", "agreement", "fields", "recognizer"):
        told |= set(re.findall(by_call, (STATIC.parents[1] / f"{module}.py").read_text("utf-8")))
    words = (STATIC / "words.js").read_text("utf-8")
    assert [remark for remark in sorted(told) if f'"{remark}": "' not in words] == []
    assert len(told) > 32
