"""idocr as the accuracy report asks it: one process, one thread, the answer in Megvii's words.

python bench/idocr_card.py      (started by accuracy.py; speaks as serving.py says)
"""

from __future__ import annotations

import time

START = time.perf_counter()

from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from serving import digest, serve  # noqa: E402


def main() -> None:
    import cv2

    cv2.setNumThreads(1)
    import idocr
    from idocr import Recognizer, models
    from idocr.wire import megvii

    recognizer = Recognizer(threads=1)

    def read(picture: bytes) -> dict[str, Any]:
        reading = recognizer.read(picture)
        answer: Any = megvii.answer(reading, return_portrait=False, time_used_ms=0)
        return {
            "side": None if reading.side is None else reading.side.name.lower(),
            "turn_degrees": reading.turn_degrees,
            "card_quad": reading.card_quad,
            "result": answer.get("result"),
            "legality": dict(reading.legality),
            "completeness": reading.completeness,
            "kinds": dict(reading.kinds),
            "portrait_quad": reading.portrait.quad if reading.portrait else None,
            "fields": {
                name: {
                    "text": field.text,
                    "raw": field.raw,
                    "confidence": field.confidence,
                    "quality": field.quality,
                    "logic": field.logic,
                    "problems": field.problems,
                    "quad": field.quad,
                }
                for name, field in reading.fields.items()
            },
        }

    package = Path(idocr.__file__).parent
    code = [file for kind in ("py", "so", "txt", "npz") for file in package.rglob(f"*.{kind}")]
    code += [f for kind in ("onnx", "json") for f in models.shipped_folder().glob(f"*.{kind}")]
    code += list(Path(idocr._core.__file__).parent.glob("_core*.so"))
    serve(f"{idocr.__version__}+{digest(set(code))}", START, read)


if __name__ == "__main__":
    main()
