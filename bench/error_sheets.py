"""Pages of what went wrong, for a person to look through: the picture, what is printed, what was read.

The pictures are drawn specimens, so their texts may be shown. index.html links to the pages and to
every picture in full size; nothing in it comes from elsewhere.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from answers import Case
from asking import draw, import_from_training
from causes import Failure, Sorter, recognizer_alphabet
from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS = 4, 3
CELL = (480, 360)  # px of a picture on a page
STRIP_PX = 34  # height of the first wrong field, cut out below it
LINES, LINE_PX = 7, 22  # of text below that


@dataclass
class Entry:
    """One picture that went wrong."""

    case: Case
    failures: list[Failure]

    @property
    def name(self) -> str:
        return f"{self.case.truth.set_name}-{self.case.truth.index:04d}"

    def lines(self) -> list[str]:
        """ "name 印: ... 读: ... (cause)", the printed text first."""
        found = []
        for failure in self.failures:
            printed = self.case.truth.fields.get(failure.field)
            answered = self.case.answer.fields.get(failure.field)
            sure = f" {answered.confidence:.2f}" if answered else ""
            logic = f" logic {answered.logic}" if answered and answered.logic is not None else ""
            found.append(
                f"{failure.field} 印 {printed.text if printed else '—'}"
                f" 读 {answered.text if answered and answered.text else '—'}{sure}{logic}"
            )
        return found


def cjk_font(size: int) -> ImageFont.FreeTypeFont:
    """Any face of the training resources with Chinese; FileNotFoundError says how to get one."""
    import_from_training()
    folders = [Path("/usr/share/fonts")]
    try:
        import resources

        folders.insert(0, resources.folder())
    except ImportError:
        pass
    for folder in folders:
        for name in ("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc"):
            for path in sorted(folder.rglob(name)):
                return ImageFont.truetype(str(path), size, index=2 if "Noto" in name else 0)
    raise FileNotFoundError("no Chinese font: models/training/README.md says how to get one")


def entries_of(cases: Sequence[Case], alphabet: frozenset[str]) -> list[Entry]:
    """Silent ones first, then by set and number."""
    by_case: dict[int, Entry] = {}
    for failure in Sorter(cases, alphabet).failures(cases):
        by_case.setdefault(id(failure.case), Entry(failure.case, [])).failures.append(failure)
    return sorted(by_case.values(), key=lambda e: (e.case.answer.result != 1001, e.name))


def dump(folder: Path, cases: Mapping[str, Sequence[Case]], seed: int) -> int:
    """Writes everything below `folder`; returns the number of pages."""
    folder.mkdir(parents=True, exist_ok=True)
    font = cjk_font(15)
    sections, pages = [], 0
    for engine, found in cases.items():
        alphabet = recognizer_alphabet() if engine == "idocr" else frozenset()
        entries = entries_of(found, alphabet)
        names = []
        for first in range(0, len(entries), COLUMNS * ROWS):
            part = entries[first : first + COLUMNS * ROWS]
            names.append(f"{engine}-{first // (COLUMNS * ROWS) + 1:03d}.jpg")
            sheet = draw_page([_open(folder, entry, seed) for entry in part], part, font)
            sheet.save(folder / names[-1], quality=85)
        pages += len(names)
        sections.append(_section(engine, entries, names, len(found)))
    (folder / "index.html").write_text(_html(sections), "utf-8")
    return pages


def _open(folder: Path, entry: Entry, seed: int) -> Image.Image:
    """The picture, drawn again: the same arguments give the same bytes. Kept beside the pages."""
    target = folder / "pictures" / f"{entry.name}.jpg"
    target.parent.mkdir(exist_ok=True)
    data: bytes = draw(entry.case.truth.set_name, seed, entry.case.truth.index).jpeg
    target.write_bytes(data)
    return Image.open(BytesIO(data)).convert("RGB")


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines of at most `width` px."""
    lines = [""]
    for character in text:
        if font.getlength(lines[-1] + character) > width:
            lines.append("  ")
        lines[-1] += character
    return lines


def _strip(picture: Image.Image, entry: Entry) -> Image.Image | None:
    """The first wrong field as printed, upright, with a quarter of its height around it."""
    printed = entry.case.truth.fields.get(entry.failures[0].field)
    if printed is None or not printed.quad:
        return None
    lt, rt, rb, lb = (np.array(p) for p in printed.quad)
    width, height = float(np.linalg.norm(rt - lt)), float(np.linalg.norm(lb - lt))
    if min(width, height) < 1:
        return None
    right, down = (rt - lt) / width * height / 4, (lb - lt) / height * height / 4
    corners = np.array([lt - right - down, rt + right - down, rb + right + down, lb - right + down])
    size_x = round(min(CELL[0] - 8, STRIP_PX * (width + height / 2) / (1.5 * height)))
    target = np.array([(0, 0), (size_x, 0), (size_x, STRIP_PX), (0, STRIP_PX)])
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    found = cv2.warpPerspective(np.asarray(picture), matrix, (size_x, STRIP_PX))
    return Image.fromarray(found)


def draw_page(
    pictures: Sequence[Image.Image], entries: Sequence[Entry], font: ImageFont.FreeTypeFont
) -> Image.Image:
    """COLUMNS x ROWS cells of picture, first wrong field and texts."""
    width, height = CELL[0], CELL[1] + STRIP_PX + LINES * LINE_PX
    sheet = Image.new("RGB", (COLUMNS * width, ROWS * height), "white")
    for cell, (picture, entry) in enumerate(zip(pictures, entries, strict=True)):
        _draw_cell(sheet, cell % COLUMNS * width, cell // COLUMNS * height, picture, entry, font)
    return sheet


def _draw_cell(
    sheet: Image.Image,
    x: int,
    y: int,
    picture: Image.Image,
    entry: Entry,
    font: ImageFont.FreeTypeFont,
) -> None:
    """The picture with the answered card outlined, the first wrong field, and all of them in words."""
    pen = ImageDraw.Draw(sheet)
    scale = min((CELL[0] - 8) / picture.width, (CELL[1] - 8) / picture.height)
    size = (round(picture.width * scale), round(picture.height * scale))
    sheet.paste(picture.resize(size, Image.Resampling.LANCZOS), (x + 4, y + 4))
    answer = entry.case.answer
    if answer.card_quad and answer.side:
        points = [(x + 4 + px * scale, y + 4 + py * scale) for px, py in answer.card_quad]
        pen.line([*points, points[0]], fill=(0, 170, 90), width=2)
    strip = _strip(picture, entry)
    if strip:
        sheet.paste(strip, (x + 4, y + CELL[1]))
    head = f"{entry.name}  {entry.case.truth.kind}  答 {answer.side or 'not found'}"
    lines = [f"{head} {answer.result or ''}"]
    for line in entry.lines():
        lines += _fitted(line, font, CELL[0] - 16)
    for row, line in enumerate(lines[:LINES]):
        colour = "black" if row == 0 else (150, 20, 20)
        place = (x + 6, y + CELL[1] + STRIP_PX + row * LINE_PX)
        pen.text(place, line, font=font, fill=colour)


def _section(engine: str, entries: Sequence[Entry], pages: Sequence[str], total: int) -> str:
    links = "\n".join(f'<a href="{p}"><img src="{p}" width="320" alt="{p}"></a>' for p in pages)
    rows = []
    for entry in entries:
        causes = "<br>".join(html.escape(f"{f.field}: {f.cause}") for f in entry.failures)
        texts = "<br>".join(html.escape(line) for line in entry.lines())
        result = entry.case.answer.result or ""
        rows.append(
            f'<tr><td><a href="pictures/{entry.name}.jpg">{entry.name}</a></td>'
            f"<td>{entry.case.truth.kind}</td><td>{result}</td><td>{texts}</td><td>{causes}</td></tr>"
        )
    return (
        f"<h2>{engine}: {len(entries)} of {total} pictures with something wrong</h2>\n<p>{links}</p>\n"
        "<table><tr><th>picture</th><th>kind</th><th>result</th><th>printed (印) and read (读)</th>"
        "<th>cause</th></tr>\n" + "\n".join(rows) + "</table>"
    )


def _html(sections: Sequence[str]) -> str:
    style = (
        "body{font:15px sans-serif;margin:2em} table{border-collapse:collapse} "
        "td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}"
    )
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Errors on drawn specimens</title>'
        f"<style>{style}</style>\n<h1>Errors on drawn specimens</h1>\n"
        + "\n".join(sections)
        + "</html>\n"
    )
