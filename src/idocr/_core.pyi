import numpy as np
import numpy.typing as npt

# Decoding: ctc and id_number

def class_probs(
    directions: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int8],
    scales: npt.NDArray[np.float32],
    priors: npt.NDArray[np.float32],
    wanted: npt.NDArray[np.int32],
    out: npt.NDArray[np.float32],
    top_k: int = 5,
) -> list[list[tuple[int, float]]]: ...
def ctc_best_path(
    probs: npt.NDArray[np.float32],
    blank: int = 0,
    top_k: int = 5,
    classes: npt.NDArray[np.int32] | None = None,
) -> list[tuple[int, float, int, int, list[tuple[int, float]]]]: ...
def ctc_decode_grammar(
    probs: npt.NDArray[np.float32],
    edges: npt.NDArray[np.int32],
    accepting: npt.NDArray[np.int32],
    blank: int = 0,
    start: int = 0,
) -> tuple[list[tuple[int, float, int, int]], float] | None: ...
def ctc_log_likelihood(
    probs: npt.NDArray[np.float32],
    sequences: npt.NDArray[np.int32],
    lengths: npt.NDArray[np.int32],
    blank: int = 0,
) -> list[float]: ...
def id_number_check_digit(first17: str) -> str: ...
def id_number_check(number: str) -> int: ...
def id_number_grammar() -> tuple[list[tuple[int, int, int]], list[int]]: ...

# Geometry, sampling, rows and measurements

_Point = tuple[float, float]
_Corners = tuple[_Point, _Point, _Point, _Point]

def sample_strip(
    image: npt.NDArray[np.uint8],
    strip_to_image: npt.NDArray[np.float64],
    out: npt.NDArray[np.float32],
) -> None: ...
def shrink_by_area(image: npt.NDArray[np.uint8], out: npt.NDArray[np.uint8]) -> None: ...
def resize_by_area(
    image: npt.NDArray[np.uint8], step_x: float, step_y: float, out: npt.NDArray[np.uint8]
) -> None: ...
def propose_card_quad(
    heat: npt.NDArray[np.float32], stride: int = 4
) -> tuple[_Corners, float] | None: ...
def refine_card_quad(
    gray: npt.NDArray[np.uint8], corners: npt.NDArray[np.float64]
) -> tuple[_Corners, tuple[float, float, float, float]]: ...
def find_text_rows(
    ink: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int, px_per_mm: float
) -> list[tuple[int, int, int, int, float]]: ...
def measure_strip(
    strip: npt.NDArray[np.float32], begin: int, end: int
) -> tuple[float, float, float, float, float, float, float, float, float, float]: ...
def measure_strokes(
    strip: npt.NDArray[np.float32], begin: int, end: int
) -> tuple[float, float, float, float, int, float, float]: ...
def measure_grain(planes: npt.NDArray[np.float32], rows: int) -> tuple[float, ...]: ...
def measure_rings(
    planes: npt.NDArray[np.float32],
    cells: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int32],
    out: npt.NDArray[np.float64],
) -> None: ...
def measure_blocks(
    bgr: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int
) -> tuple[list[float], list[float]]: ...
def find_ink_rows(strip: npt.NDArray[np.float32], begin: int, end: int) -> tuple[int, int]: ...
def measure_along(
    upright: npt.NDArray[np.uint8],
    box: tuple[int, int, int, int],
    inside: tuple[int, int],
    usual: tuple[float, ...],
    stroke: int,
    faint: float,
    foreign_tint: float,
    foreign_dark: float,
    glare_level: int,
) -> tuple[float, float, float, int, int, float, float]: ...
