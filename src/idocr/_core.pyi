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
    least_log_prob: float = ...,
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
def tell_by_neighbours(
    chars: npt.NDArray[np.int32],
    probs: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int32],
    edges: tuple[int, int],
    alone: npt.NDArray[np.float64],
    rest: npt.NDArray[np.float64],
    pairs: npt.NDArray[np.uint32],
    told: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
    *,
    least: float,
    weight: float,
) -> None: ...

# Geometry, sampling, rows and measurements

_Point = tuple[float, float]
_Corners = tuple[_Point, _Point, _Point, _Point]
_Box = tuple[int, int, int, int]

def sample_strip(
    image: npt.NDArray[np.uint8],
    strip_to_image: npt.NDArray[np.float64],
    out: npt.NDArray[np.float32],
) -> None: ...
def sample_upright(
    image: npt.NDArray[np.uint8],
    upright_to_image: npt.NDArray[np.float64],
    out: npt.NDArray[np.uint8],
    outside: tuple[int, int, int] | None = None,
) -> None: ...
def sample_channel(
    image: npt.NDArray[np.uint8],
    channel: int,
    upright_to_image: npt.NDArray[np.float64],
    out: npt.NDArray[np.uint8],
) -> None: ...
def halve_channel(
    image: npt.NDArray[np.uint8], channel: int, part: _Box, out: npt.NDArray[np.uint8]
) -> None: ...
def shrink_by_area(image: npt.NDArray[np.uint8], out: npt.NDArray[np.uint8]) -> None: ...
def resize_by_area(
    image: npt.NDArray[np.uint8], step_x: float, step_y: float, out: npt.NDArray[np.uint8]
) -> None: ...
def propose_card_quad(
    heat: npt.NDArray[np.float32], stride: int = 4
) -> tuple[_Corners, float] | None: ...
def refine_card_quad(
    bgr: npt.NDArray[np.uint8], corners: npt.NDArray[np.float64]
) -> tuple[_Corners, tuple[float, float, float, float]]: ...
def find_text_rows(
    ink: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int, px_per_mm: float
) -> list[tuple[int, int, int, int, float]]: ...
def row_sharpness(
    levels: npt.NDArray[np.uint8], across: npt.NDArray[np.float32], top: float, bottom: float
) -> float: ...
def measure_windows(
    strip: npt.NDArray[np.float32],
    windows: npt.NDArray[np.int32],
    out: npt.NDArray[np.float32],
) -> None: ...
def strip_to_gray(strip: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None: ...
def shrink_by_third(gray: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None: ...
def find_characters(
    ink: npt.NDArray[np.float32], strip_steps: int, *, least_ink: float, most_valley: float
) -> tuple[list[int], list[float]]: ...
def mean_directions(
    directions: npt.NDArray[np.float32],
    ink: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float32],
    out: npt.NDArray[np.float32],
) -> None: ...
def bgr_to_lab(bgr: npt.NDArray[np.uint8], out: npt.NDArray[np.uint8]) -> None: ...
def take_spot(
    bgr: npt.NDArray[np.uint8], left: int, top: int, out: npt.NDArray[np.float32]
) -> None: ...
def measure_tones(cells: npt.NDArray[np.uint8]) -> tuple[float, ...]: ...
def measure_rim(
    upright: npt.NDArray[np.uint8], window: _Box, paper: _Box
) -> tuple[list[float], list[float], list[float]]: ...
def compare_fields(
    own: npt.NDArray[np.float32],
    own_counts: npt.NDArray[np.int32],
    beside: npt.NDArray[np.float32],
    beside_counts: npt.NDArray[np.int32],
    out: npt.NDArray[np.float64],
) -> None: ...
def measure_grain(
    spots: npt.NDArray[np.float32], rows: int, out: npt.NDArray[np.float64]
) -> None: ...
def measure_strokes(
    strip: npt.NDArray[np.float32], begin: int, end: int
) -> tuple[float, float, float, float, int, float, float]: ...
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
    box: _Box,
    inside: tuple[int, int],
    usual: tuple[float, ...],
    stroke: int,
    faint: float,
    foreign_tint: float,
    foreign_dark: float,
    glare_level: int,
) -> tuple[float, float, float, int, int, float, float]: ...
