"""What the engine sees of pictures: the measures on which legality and quality are trained.

    python witness.py ../../out/pictures ../../out/witnessed.pkl

The folder holds what `pictures.py` and `spoil.py` wrote. Of genuine pictures of the split train half are
seen a second time as somebody saved them again, cut or made smaller: that is no edit.
"""

from __future__ import annotations

import argparse
import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from idocr import evidence, judge, rules
from idocr.card import Card
from idocr.fields import SideText
from idocr.image import Picture
from idocr.layout import COLOUR_PX_PER_MM
from idocr.recognizer import Crops, Recognizer, Stopwatch, look_at_prints

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


@dataclass
class SeenField:
    text: str
    table: F32  # (W, K) of visibility.py


@dataclass
class Seen:
    """One picture: measures, and what the drawing knows of it."""

    truth: dict[str, Any]
    saved_again: bool
    evidence: evidence.Evidence | None = None  # None: no card was found
    field_names: list[str] = field(default_factory=list)  # of the rows of evidence.fields
    fields: dict[str, SeenField] = field(default_factory=dict)


class Witness(Recognizer):
    """The engine up to its judgement."""

    def see(self, jpeg: bytes, seen: Seen) -> None:
        """Read one picture; what is found goes into `seen`."""
        self._seen = seen
        self.read(jpeg)

    def _judge(
        self, picture: Picture, card: Card, text: SideText, crops: Crops, watch: Stopwatch
    ) -> Any:
        del crops, watch  # nothing is cut out
        checked = rules.cross_check(text)
        upright = card.upright(COLOUR_PX_PER_MM)
        prints = look_at_prints(checked, card, upright)
        editor = judge.names_editor(picture.metadata)
        self._seen.evidence = evidence.gather(
            card, upright, prints, text.side, editor, text.temporary
        )
        self._seen.field_names = evidence.fields_seen(prints)
        self._seen.fields = {n: SeenField(d.text, prints[n].table) for n, d in checked.items()}


def saved_again(jpeg: bytes, rng: np.random.Generator) -> bytes:
    """The picture cut by a few px and saved twice more, or made smaller and saved once more."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if rng.random() < 0.5:
        zoom = float(rng.uniform(0.65, 0.95))
        bgr = cv2.resize(bgr, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    else:
        bgr = cv2.imdecode(_encode(bgr, int(rng.integers(55, 96))), cv2.IMREAD_COLOR)
    x, y = rng.integers(0, 8, 2).tolist()
    return _encode(np.ascontiguousarray(bgr[y:, x:]), int(rng.integers(65, 96))).tobytes()


def _encode(bgr: Any, quality: int) -> U8:
    return np.asarray(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    witness = Witness()
    found = []
    paths = sorted(options.pictures.glob("*.jpg"))
    for count, path in enumerate(paths, start=1):
        truth = json.loads(path.with_suffix(".json").read_text("utf-8"))
        jpeg = path.read_bytes()
        views = [(False, jpeg)]
        share = {"attacks": 0.1, "spoilt": 0.0}.get(truth["set_name"], 0.5)
        if truth["split"] == "train" and rng.random() < share:
            views.append((True, saved_again(jpeg, rng)))
        for again, data in views:
            found.append(Seen(truth, again))
            witness.see(data, found[-1])
        if count % 100 == 0:
            print(f"{count} of {len(paths)} pictures", flush=True)
    options.out.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    import witness  # under this name what is pickled is found again by those who load it

    witness.main()
