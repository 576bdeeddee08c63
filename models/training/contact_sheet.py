"""Draw the contact sheet of all kinds of pictures: bench/specimens.jpg.

python models/training/contact_sheet.py bench/specimens.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pictures import Picture, draw_picture

U8 = NDArray[np.uint8]

CELL = (208, 272)  # px, height and width of a picture; a caption of CAPTION px stands below
CAPTION = 18
COLUMNS = 8
# (set, pictures of it); eight make a row.
ROWS = (
    ("clean", 4), ("ordinary", 4),
    ("hard", 8),
    ("bilingual", 8),
    ("permits", 6), ("temporary", 2),
    ("attacks", 8),
    ("damaged", 4), ("not_cards", 4),
)  # fmt: skip


def _caption(picture: Picture) -> str:
    what = picture.attack or picture.kind
    return f"{picture.set_name}: {what}" if what != picture.set_name else what


def _cell(picture: Picture) -> U8:
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    scale = min(CELL[0] / image.shape[0], CELL[1] / image.shape[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = np.full((CELL[0] + CAPTION, CELL[1], 3), 255, np.uint8)
    top, left = (CELL[0] - small.shape[0]) // 2, (CELL[1] - small.shape[1]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    at, grey = (4, CELL[0] + CAPTION - 5), (60, 60, 60)
    cv2.putText(cell, _caption(picture), at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, grey, 1, cv2.LINE_AA)
    return np.pad(cell, ((4, 4), (4, 4), (0, 0)), constant_values=255)


def draw_sheet(seed: int) -> U8:
    """48 pictures, six rows of eight, half of the train split and half of the test split."""
    cells = [
        _cell(draw_picture(set_name, seed, index, ("train", "test")[index % 2]))
        for set_name, count in ROWS
        for index in range(count)
    ]
    rows = [np.hstack(cells[at : at + COLUMNS]) for at in range(0, len(cells), COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    sheet = cv2.imencode(".jpg", draw_sheet(options.seed), [cv2.IMWRITE_JPEG_QUALITY, 78])[1]
    options.file.write_bytes(sheet.tobytes())
    print(f"{options.file}: {sheet.nbytes // 1024} kB")


if __name__ == "__main__":
    main()
