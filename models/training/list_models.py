"""Write the sha256 of the model files into models/MODELS.toml: run after replacing one.

python models/training/list_models.py
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

MODELS = Path(__file__).parents[1]


def main() -> None:
    listed = MODELS / "MODELS.toml"
    text = listed.read_text("utf-8")
    for path in sorted([*MODELS.glob("*.onnx"), *MODELS.glob("*.json")]):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        entry = rf'(\[{path.stem}\]\nsha256 = )"[^"]*"'
        text, count = re.subn(entry, rf'\1"{digest}"', text)
        if count != 1:
            raise SystemExit(
                f"MODELS.toml has no entry for {path.name}: add one with source and licence"
            )
    listed.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
