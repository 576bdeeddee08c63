"""The ONNX files: found, verified and run. The only module that imports onnxruntime."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import ModelError

# onnxruntime's Linux wheels write a device id on import and report home unless told not to before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

SHIPPED = Path(__file__).parent / "models"
SOURCE_TREE = Path(__file__).parents[2] / "models"  # an editable installation reads them here


def shipped_folder() -> Path:
    return SHIPPED if SHIPPED.is_dir() else SOURCE_TREE


def _verified(folder: Path, name: str, kind: str = "onnx") -> bytes:
    """The file's bytes; ModelError if it is missing or not what the folder's MODELS.toml lists."""
    path = folder / f"{name}.{kind}"
    if not path.is_file():
        folder = shipped_folder()
        path = folder / f"{name}.{kind}"
    try:
        data = path.read_bytes()
        listed = folder / "MODELS.toml"
        entries = tomllib.loads(listed.read_text("utf-8")) if listed.is_file() else {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read: install idocr again") from error
    expected = entries.get(name, {}).get("sha256")
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        raise ModelError(f"{path.name} is not the file that MODELS.toml lists: install idocr again")
    return data


def _session(data: bytes, name: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Strips come in many widths: an arena would keep the largest of every kind for ever.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base but this
        raise ModelError(f"{name}.onnx cannot be loaded: install idocr again") from error


@dataclass(frozen=True)
class Located:
    """The locator's answer on the canvas, and the way from canvas px back to picture px."""

    heat: F32  # (4, h, w) logits
    kind: dict[str, float]  # probabilities that sum to 1
    to_picture: NDArray[np.float64]  # (3, 3) canvas px -> picture px

    heat_stride: int = 4


class LocatorModel:
    """Where the card is: one small network on the whole picture. Safe to share between threads."""

    LONG_SIDE_PX = 224
    MARGIN_PX = 16  # corners a little outside the picture are located too
    FILL = 114

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(_verified(folder, "locator"), "locator", threads)
        self._kinds = self._session.get_modelmeta().custom_metadata_map["kinds"].split(",")

    def run(self, bgr: U8) -> Located:
        height, width = bgr.shape[:2]
        zoom = self.LONG_SIDE_PX / max(height, width)
        w, h = max(2, round(width * zoom)), max(2, round(height * zoom))
        small = cv2.resize(bgr, (w, h), interpolation=cv2.INTER_AREA)
        rows, columns = (-(-(side + 2 * self.MARGIN_PX) // 32) * 32 for side in (h, w))
        canvas = np.full((rows, columns, 3), self.FILL, np.uint8)
        top, left = (rows - h) // 2, (columns - w) // 2
        canvas[top : top + h, left : left + w] = small
        blob = canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255
        heat, kind = self._session.run(None, {"picture": blob})
        odds = np.exp(kind[0] - kind[0].max())
        scale_x, scale_y = width / w, height / h
        to_picture = np.array(
            [
                [scale_x, 0, (0.5 - left) * scale_x - 0.5],
                [0, scale_y, (0.5 - top) * scale_y - 0.5],
                [0, 0, 1.0],
            ]
        )
        probabilities = dict(zip(self._kinds, (odds / odds.sum()).tolist(), strict=True))
        return Located(np.ascontiguousarray(heat[0]), probabilities, to_picture)


class RecognizerModel:
    """What a strip says: per-step class probabilities. Safe to share between threads."""

    HEIGHT_PX = 48
    BLANK = 0

    def __init__(self, folder: Path, threads: int) -> None:
        self._session = _session(_verified(folder, "recognizer"), "recognizer", threads)
        self._input = self._session.get_inputs()[0].name
        listed: Any = self._session.get_modelmeta().custom_metadata_map.get("character")
        if not listed:
            raise ModelError("recognizer.onnx lists no characters in its metadata")
        self.characters: tuple[str, ...] = ("", *listed.split("\n"))  # class 0 is the blank
        self.class_of: dict[str, int] = {c: i for i, c in enumerate(self.characters) if c}

    def run(self, strip: F32) -> F32:
        """strip (3, 48, W) in -1..1 -> probabilities (T, C), T about W/8."""
        probabilities: F32 = self._session.run(None, {self._input: strip[None]})[0][0]
        return probabilities


def read_confidence_json(folder: Path) -> str:
    """The calibration of the recogniser's own account; the one that ships where the folder has none."""
    return _verified(folder, "confidence", "json").decode("utf-8")


def shipped_files() -> dict[str, dict[str, Any]]:
    """Name -> bytes and sha256 of the models that ship, for the bench."""
    found = {}
    for name in ("locator", "recognizer"):
        data = _verified(shipped_folder(), name)
        found[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def versions() -> dict[str, str]:
    """Library versions, for the bench."""
    return {
        "onnxruntime": onnxruntime.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
