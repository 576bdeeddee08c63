# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, autotestdict=False
"""The one door between Python and C++: thin functions, no state.

Every function checks its arguments here (`ValueError` names the argument), releases the GIL and
calls one C++ function of the same name. Nothing below this file checks again.
"""


# ---- geometry, sampling, rows and measurements ---------------------------------------------------

from libc.math cimport INFINITY, fabs, fabsf, isfinite, isnan
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint8_t
from libcpp.optional cimport optional
from libcpp.vector cimport vector

cdef extern from "image_view.h" namespace "idocr" nogil:
    cdef cppclass ImageView:
        const uint8_t* data
        int width
        int height
        int channels
        ptrdiff_t row_stride

cdef extern from "warp.h" namespace "idocr" nogil:
    cdef cppclass Homography:
        double m[9]
    void _sample_strip "idocr::sample_strip"(
        const ImageView& image, const Homography& strip_to_image, int width, int height, float* out
    ) except +
    cdef cppclass Outside:
        uint8_t level[3]
    void _sample_upright "idocr::sample_upright"(
        const ImageView& image, const Homography& upright_to_image, int width, int height,
        const Outside* outside, uint8_t* out
    ) except +
    void _sample_channel "idocr::sample_channel"(
        const ImageView& image, int channel, const Homography& upright_to_image, int width,
        int height, uint8_t* out
    ) except +
    cdef cppclass Part:
        int left
        int top
        int right
        int bottom
    void _halve_channel "idocr::halve_channel"(
        const ImageView& image, int channel, const Part& part, uint8_t* out
    )

cdef extern from "area.h" namespace "idocr" nogil:
    void _resize_by_area "idocr::resize_by_area"(
        const ImageView& image, double step_x, double step_y, int width, int height, uint8_t* out
    ) except +

cdef extern from "shrink.h" namespace "idocr" nogil:
    void _shrink_by_area "idocr::shrink_by_area"(
        const ImageView& image, int width, int height, uint8_t* out
    ) except +

cdef extern from "<array>" namespace "std" nogil:
    cdef cppclass Quad "idocr::Quad":
        Point& operator[](size_t)
    cdef cppclass FourDoubles "std::array<double, 4>":
        double& operator[](size_t)

cdef extern from "quad.h" namespace "idocr" nogil:
    cdef cppclass Point:
        double x
        double y
    cdef cppclass ProposedQuad:
        Quad quad
        double confidence
    cdef cppclass RefinedQuad:
        Quad quad
        FourDoubles support
    optional[ProposedQuad] _propose_card_quad "idocr::propose_card_quad"(
        const float* heat, int height, int width, int stride
    ) except +
    RefinedQuad _refine_card_quad "idocr::refine_card_quad"(
        const ImageView& picture, const Quad& proposed
    ) except +

cdef extern from "rows.h" namespace "idocr" nogil:
    cdef cppclass TextRow:
        int left
        int top
        int right
        int bottom
        float ink
    vector[TextRow] _find_text_rows "idocr::find_text_rows"(
        const ImageView& ink, int left, int top, int right, int bottom, double px_per_mm
    ) except +
    cdef cppclass Slopes:
        double top
        double bottom
    cdef cppclass PrintBands:
        const uint8_t* levels
        int num_rows
        int num_columns
        const float* across
    double _row_sharpness "idocr::row_sharpness"(
        const PrintBands& bands, const Slopes& slopes
    ) except +

cdef extern from "quality.h" namespace "idocr" nogil:
    cdef cppclass StripMeasures:
        float contrast
        float sharpness
        float glare
        float brightness
        float noise
        float grain
        float paper_blue
        float paper_red
        float ink_blue
        float ink_red
    cdef cppclass Columns:
        int32_t begin
        int32_t end
    void _measure_windows "idocr::measure_windows"(
        const float* strip, int height, int width, const Columns* windows, int count,
        StripMeasures* out
    ) except +
    cdef cppclass InkRows:
        int top
        int bottom
    InkRows _find_ink_rows "idocr::find_ink_rows"(
        const float* strip, int height, int width, int begin, int end
    ) except +
    cdef cppclass Place:
        int left
        int top
        int right
        int bottom
        int inside_begin
        int inside_end
    cdef cppclass AlongRules:
        float usual[3]
        int stroke
        double faint
        float foreign_tint
        float foreign_dark
        int glare_level
    cdef cppclass AlongMeasures:
        float darkness
        float tint
        float glare
        int gap
        int cover
        float shadow
        float stain
    AlongMeasures _measure_along "idocr::measure_along"(
        const ImageView& upright, const Place& place, const AlongRules& rules
    ) except +

cdef extern from "strokes.h" namespace "idocr" nogil:
    cdef cppclass StrokeMeasures:
        float area
        float outline
        float across
        float down
        int top
        int bottom
        float rim_above
        float rim_below
    StrokeMeasures _measure_strokes "idocr::measure_strokes"(
        const float* strip, int height, int width, int begin, int end
    ) except +

cdef extern from "evidence.h" namespace "idocr" nogil:
    cdef cppclass GrainMeasures:
        double large[3]
        double small[3]
        double products[6]
    GrainMeasures _measure_grain "idocr::measure_grain"(
        const float* planes, int height, int width, int rows
    ) except +
    cdef cppclass Rings:
        const int32_t* cells
        int num_cells
        const int32_t* begins
        int num_rings
    void _measure_rings "idocr::measure_rings"(
        const float* planes, int spots, const Rings& rings, double* out
    ) except +
    cdef cppclass BlockSteps:
        double along[8]
        double down[8]
    BlockSteps _measure_blocks "idocr::measure_blocks"(
        const ImageView& bgr, int left, int top, int right, int bottom
    ) except +
    int _SPOT_PX "idocr::kSpotPx"
    void _take_spot "idocr::take_spot"(
        const ImageView& bgr, int left, int top, float* planes
    ) except +
    cdef cppclass ToneMeasures:
        double apart[4]
        double spread[2]
        double light[5]
        double follows[2]
        double middle[2]
    ToneMeasures _measure_tones "idocr::measure_tones"(const uint8_t* cells, int count) except +
    cdef cppclass Window:
        int left
        int top
        int right
        int bottom
    cdef cppclass RimMeasures:
        double steps[6]
        double corners[3]
        double paper[3]
    RimMeasures _measure_rim "idocr::measure_rim"(
        const ImageView& upright, const Window& window, const Window& paper
    ) except +
    const int _PRINT_MEASURES "idocr::kPrintMeasures"
    const int _FIELD_MEASURES "idocr::kFieldMeasures"
    cdef cppclass FieldWindows:
        const float* own
        const float* beside
        const int32_t* own_counts
        const int32_t* beside_counts
        int num_fields
    void _compare_fields "idocr::compare_fields"(const FieldWindows& windows, double* out) except +

cdef extern from "lab.h" namespace "idocr" nogil:
    void _bgr_to_lab "idocr::bgr_to_lab"(
        const uint8_t* bgr, ptrdiff_t count, uint8_t* lab
    ) except +

cdef extern from "gray.h" namespace "idocr" nogil:
    void _strip_to_gray "idocr::strip_to_gray"(const float* strip, ptrdiff_t count, float* gray)
    void _shrink_by_third "idocr::shrink_by_third"(
        const float* gray, int height, int width, float* small
    ) except +

cdef extern from "steps.h" namespace "idocr" nogil:
    cdef cppclass InkRules:
        double least_ink
        double most_valley
    cdef cppclass Characters:
        vector[int32_t] peaks
        vector[float] centres
    Characters _find_characters "idocr::find_characters"(
        const float* ink, int num_steps, int num_strip_steps, const InkRules& rules
    ) except +
    void _mean_directions "idocr::mean_directions"(
        const float* directions, const float* ink, int num_steps, int width, const float* centres,
        int num_centres, float* out
    ) except +

cdef int _MOST_PX = 1 << 15  # a side longer than this would overflow 32-bit offsets


cdef ImageView _view(const uint8_t* data, Py_ssize_t height, Py_ssize_t width, int channels) noexcept:
    cdef ImageView view
    view.data = data
    view.width = <int>width
    view.height = <int>height
    view.channels = channels
    view.row_stride = <ptrdiff_t>(width * channels)
    return view


def _check_picture(str name, Py_ssize_t height, Py_ssize_t width):
    if height < 2 or width < 2:
        raise ValueError(f"{name} must be at least 2x2 px")
    if height > _MOST_PX or width > _MOST_PX or height * width * 3 > 0x7fffffff:
        raise ValueError(f"{name} is too large: sides up to {_MOST_PX} px, 715 million pixels")


cdef Quad _quad(const double[:, ::1] corners) except *:
    cdef Quad quad
    cdef int i
    if corners.shape[0] != 4 or corners.shape[1] != 2:
        raise ValueError("corners must have shape (4, 2)")
    for i in range(4):
        if not (fabs(corners[i, 0]) < 1e6 and fabs(corners[i, 1]) < 1e6):  # also refuses NaN
            raise ValueError("corners must be finite and below 1e6 px")
        quad[i].x = corners[i, 0]
        quad[i].y = corners[i, 1]
    return quad


cdef Homography _homography(
    str name, const double[:, ::1] matrix, Py_ssize_t height, Py_ssize_t width
) except *:
    """The mapping of (height, width) px into a picture; refused where a part of them has no place there."""
    cdef Homography mapping
    cdef int i
    cdef double w, x, y
    if height > _MOST_PX or width > _MOST_PX:
        raise ValueError("out is too large")
    if matrix.shape[0] != 3 or matrix.shape[1] != 3:
        raise ValueError(f"{name} must have shape (3, 3)")
    w = matrix[2, 2]  # the denominator at the first pixel; 1 from here on
    for i in range(9):
        mapping.m[i] = matrix[i // 3, i % 3] / w if w != 0 else 0
        if w == 0 or not isfinite(mapping.m[i]):
            raise ValueError(f"{name} must be finite, with a last element other than 0")
    for i in range(4):  # the denominator is linear: positive at the corners, positive inside
        x = (width - 1) * (i % 2)
        y = (height - 1) * (i // 2)
        w = mapping.m[6] * x + mapping.m[7] * y + mapping.m[8]
        if not w > 1e-6:
            raise ValueError(f"{name} maps a part of out to infinity")
        if not (
            fabs(mapping.m[0] * x + mapping.m[1] * y + mapping.m[2]) < 1e7 * w
            and fabs(mapping.m[3] * x + mapping.m[4] * y + mapping.m[5]) < 1e7 * w
        ):
            raise ValueError(f"{name} maps a part of out more than 1e7 px away")
    return mapping


def sample_upright(
    const uint8_t[:, :, ::1] image not None,
    const double[:, ::1] upright_to_image not None,
    uint8_t[:, :, ::1] out not None,
    tuple outside=None,
):
    """Fill `out` (h, w, 3) with bilinear samples of a BGR picture, in bytes.

    `upright_to_image` (3, 3) maps px of out to px of the picture, centres at whole numbers. What lies
    outside repeats the picture's edge, or is of the colour `outside`, BGR. As `cv2.warpPerspective`
    with WARP_INVERSE_MAP and INTER_LINEAR, but for px that lie half way between two levels.
    """
    if image.shape[2] != 3:
        raise ValueError("image must have 3 channels")
    _check_picture("image", image.shape[0], image.shape[1])
    if out.shape[0] < 1 or out.shape[1] < 1 or out.shape[2] != 3:
        raise ValueError("out must have shape (h, w, 3) with h, w >= 1")
    cdef int height = <int>out.shape[0]
    cdef int width = <int>out.shape[1]
    cdef Homography mapping = _homography("upright_to_image", upright_to_image, height, width)
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], 3)
    cdef Outside colour
    cdef const Outside* border = NULL
    if outside is not None:
        colour.level[0], colour.level[1], colour.level[2] = outside
        border = &colour
    with nogil:
        _sample_upright(view, mapping, width, height, border, &out[0, 0, 0])


def sample_channel(
    const uint8_t[:, :, ::1] image not None,
    int channel,
    const double[:, ::1] upright_to_image not None,
    uint8_t[:, ::1] out not None,
):
    """Fill `out` (h, w) with one channel of a picture (H, W, 1 or 3), as `sample_upright` does."""
    if image.shape[2] != 3 and image.shape[2] != 1:
        raise ValueError("image must have 1 or 3 channels")
    if not 0 <= channel < image.shape[2]:
        raise ValueError("channel must be one of image")
    _check_picture("image", image.shape[0], image.shape[1])
    if out.shape[0] < 1 or out.shape[1] < 1:
        raise ValueError("out must have shape (h, w) with h, w >= 1")
    cdef int height = <int>out.shape[0]
    cdef int width = <int>out.shape[1]
    cdef Homography mapping = _homography("upright_to_image", upright_to_image, height, width)
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], <int>image.shape[2])
    with nogil:
        _sample_channel(view, channel, mapping, width, height, &out[0, 0])


def halve_channel(
    const uint8_t[:, :, ::1] image not None, int channel, tuple part, uint8_t[:, ::1] out not None
):
    """One channel of a picture (H, W, 1 or 3) at half its size, each px the mean of four.

    out (H // 2, W // 2); only its part (left, top, right, bottom), half open, is filled.
    """
    if image.shape[2] != 3 and image.shape[2] != 1:
        raise ValueError("image must have 1 or 3 channels")
    if not 0 <= channel < image.shape[2]:
        raise ValueError("channel must be one of image")
    _check_picture("image", image.shape[0], image.shape[1])
    if out.shape[0] != image.shape[0] // 2 or out.shape[1] != image.shape[1] // 2:
        raise ValueError("out must have half the size of image")
    cdef Part filled
    filled.left, filled.top, filled.right, filled.bottom = part
    if not (0 <= filled.left <= filled.right <= out.shape[1]):
        raise ValueError("part must lie inside out")
    if not (0 <= filled.top <= filled.bottom <= out.shape[0]):
        raise ValueError("part must lie inside out")
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], <int>image.shape[2])
    with nogil:
        _halve_channel(view, channel, filled, &out[0, 0])


def sample_strip(
    const uint8_t[:, :, ::1] image not None,
    const double[:, ::1] strip_to_image not None,
    float[:, :, ::1] out not None,
):
    """Fill `out` (3, h, w) with bilinear samples of a BGR picture, scaled from 0..255 to -1..1.

    `strip_to_image` (3, 3) maps strip pixel centres to picture pixel centres; what lies outside
    repeats the picture's edge. The same samples as `cv2.warpPerspective` with WARP_INVERSE_MAP,
    INTER_LINEAR and BORDER_REPLICATE, without rounding to bytes in between.
    """
    if image.shape[2] != 3:
        raise ValueError("image must have 3 channels")
    _check_picture("image", image.shape[0], image.shape[1])
    if out.shape[0] != 3 or out.shape[1] < 1 or out.shape[2] < 1:
        raise ValueError("out must have shape (3, h, w) with h, w >= 1")
    cdef Homography mapping = _homography("strip_to_image", strip_to_image, out.shape[1], out.shape[2])
    cdef int height = <int>out.shape[1]
    cdef int width = <int>out.shape[2]
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], 3)
    with nogil:
        _sample_strip(view, mapping, width, height, &out[0, 0, 0])


def shrink_by_area(const uint8_t[:, :, :] image not None, uint8_t[:, :, ::1] out not None):
    """Fill `out` (h, w, 3) with the picture (H, W, 3) made smaller, each pixel the mean of what it covers.

    `image` may be a window of a larger picture. As `cv2.resize` with INTER_AREA, but for pixels that
    lie half way between two values.
    """
    if image.shape[2] != 3 or out.shape[2] != 3:
        raise ValueError("image and out must have 3 channels")
    _check_picture("image", image.shape[0], image.shape[1])
    if image.strides[2] != 1 or image.strides[1] != 3 or image.strides[0] < 3 * image.shape[1]:
        raise ValueError("the rows of image must lie one behind the other, without gaps in a row")
    if out.shape[0] < 1 or out.shape[1] < 1:
        raise ValueError("out must not be empty")
    if out.shape[0] > image.shape[0] or out.shape[1] > image.shape[1]:
        raise ValueError("out must not be larger than image")
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], 3)
    view.row_stride = image.strides[0]
    cdef int height = <int>out.shape[0]
    cdef int width = <int>out.shape[1]
    with nogil:
        _shrink_by_area(view, width, height, &out[0, 0, 0])


def resize_by_area(
    const uint8_t[:, :, :] image not None,
    double step_x,
    double step_y,
    uint8_t[:, :, ::1] out not None,
):
    """Fill `out` (h, w, C) with the picture (H, W, C) made smaller by step_x, step_y px to a px; C is 1, 3 or 4.

    `image` may be a window of a larger picture. The bytes of `cv2.resize(image, None, fx=1 / step_x,
    fy=1 / step_y, interpolation=cv2.INTER_AREA)`, unless both steps are whole numbers or `out` is as
    large as `image`: OpenCV then takes another way.
    """
    cdef int channels = <int>image.shape[2]
    if channels not in (1, 3, 4) or out.shape[2] != channels:
        raise ValueError("image and out must have 1, 3 or 4 channels, the same")
    _check_picture("image", image.shape[0], image.shape[1])
    if (
        image.strides[2] != 1
        or image.strides[1] != channels
        or image.strides[0] < channels * image.shape[1]
    ):
        raise ValueError("the rows of image must lie one behind the other, without gaps in a row")
    if not (1 <= step_x <= image.shape[1] and 1 <= step_y <= image.shape[0]):
        raise ValueError("steps must be from 1 px to the size of image")
    if fabs(out.shape[1] - image.shape[1] / step_x) > 0.501 or out.shape[1] < 1:
        raise ValueError("out must be as wide as image divided by step_x")
    if fabs(out.shape[0] - image.shape[0] / step_y) > 0.501 or out.shape[0] < 1:
        raise ValueError("out must be as high as image divided by step_y")
    cdef ImageView view = _view(&image[0, 0, 0], image.shape[0], image.shape[1], channels)
    view.row_stride = image.strides[0]
    cdef int height = <int>out.shape[0]
    cdef int width = <int>out.shape[1]
    with nogil:
        _resize_by_area(view, step_x, step_y, width, height, &out[0, 0, 0])


def propose_card_quad(const float[:, :, ::1] heat not None, int stride=4):
    """The likeliest card-shaped quadrilateral in four maps of corner logits, heat (4, h, w).

    Returns (corners, confidence), corners being ((x, y), ...) in canvas px in the order lt, rt, rb,
    lb, or None when no convex quadrilateral of card shape stands out. `stride`: px a cell.
    """
    if heat.shape[0] != 4 or heat.shape[1] < 1 or heat.shape[2] < 1:
        raise ValueError("heat must have shape (4, h, w) with h, w >= 1")
    if heat.shape[1] > 4096 or heat.shape[2] > 4096:
        raise ValueError("heat is too large: at most 4096 cells a side")
    if stride < 1:
        raise ValueError("stride must be positive")
    cdef int height = <int>heat.shape[1]
    cdef int width = <int>heat.shape[2]
    cdef optional[ProposedQuad] found
    cdef Py_ssize_t i
    cdef Py_ssize_t count = heat.shape[0] * heat.shape[1] * heat.shape[2]
    cdef const float* values = &heat[0, 0, 0]
    cdef int wrong = 0
    for i in range(count):  # no early way out: so the loop vectorises
        wrong |= not (fabsf(values[i]) < 1e30)
    if wrong:
        raise ValueError("heat must be finite, below 1e30")
    with nogil:
        found = _propose_card_quad(values, height, width, stride)
    if not found.has_value():
        return None
    cdef Quad quad = found.value().quad
    return tuple([(quad[k].x, quad[k].y) for k in range(4)]), found.value().confidence


def refine_card_quad(const uint8_t[:, :, ::1] bgr not None, const double[:, ::1] corners not None):
    """Move each side of a proposed card to the straight edge near it.

    `corners` (4, 2) px, lt, rt, rb, lb, clockwise on the screen. Returns (corners, support):
    support is, for the top, right, bottom and left side, the share of its length that carries the
    edge found, and 0 for a side that stays where it was proposed.
    """
    if bgr.shape[2] != 3:
        raise ValueError("bgr must have shape (h, w, 3)")
    _check_picture("bgr", bgr.shape[0], bgr.shape[1])
    cdef Quad proposed = _quad(corners)
    cdef ImageView view = _view(&bgr[0, 0, 0], bgr.shape[0], bgr.shape[1], 3)
    cdef RefinedQuad refined
    with nogil:
        refined = _refine_card_quad(view, proposed)
    return (
        tuple([(refined.quad[k].x, refined.quad[k].y) for k in range(4)]),
        tuple([refined.support[k] for k in range(4)]),
    )


def find_text_rows(
    const uint8_t[:, ::1] ink not None, int left, int top, int right, int bottom, double px_per_mm
):
    """Rows of print in a map of ink, inside a region (half open, px).

    Returns a list of (left, top, right, bottom, ink), top to bottom, ink being the row's mean level.
    """
    _check_picture("ink", ink.shape[0], ink.shape[1])
    if not (0 <= left < right <= ink.shape[1] and 0 <= top < bottom <= ink.shape[0]):
        raise ValueError("left, top, right, bottom must describe a region inside ink")
    if not (0.5 <= px_per_mm <= 1000):
        raise ValueError("px_per_mm must be between 0.5 and 1000")
    cdef ImageView view = _view(&ink[0, 0], ink.shape[0], ink.shape[1], 1)
    cdef vector[TextRow] rows
    with nogil:
        rows = _find_text_rows(view, left, top, right, bottom, px_per_mm)
    return [(row.left, row.top, row.right, row.bottom, row.ink) for row in rows]


def row_sharpness(
    const uint8_t[:, ::1] levels not None,
    const float[::1] across not None,
    double top,
    double bottom,
):
    """How sharply levels (rows, columns) lie in rows along slopes: the sum of squares of sums along them.

    `across` (columns,): how far right of the middle each column is, in rows. top, bottom: how far rows
    sink towards the right in the first and in the last row, rows a row; between them evenly.
    """
    if levels.shape[0] < 2 or levels.shape[1] < 1:
        raise ValueError("levels must have two rows or more and a column")
    if levels.shape[0] > _MOST_PX or levels.shape[1] > _MOST_PX:
        raise ValueError("levels is too large")
    if across.shape[0] != levels.shape[1]:
        raise ValueError("across must have a value a column of levels")
    cdef Py_ssize_t i
    for i in range(across.shape[0]):
        if not fabs(across[i]) < 1e6:
            raise ValueError("across must be finite and below 1e6")
    if not (fabs(top) < 100 and fabs(bottom) < 100):
        raise ValueError("top and bottom must be finite slopes below 100")
    cdef PrintBands bands
    bands.levels = &levels[0, 0]
    bands.num_rows = <int>levels.shape[0]
    bands.num_columns = <int>levels.shape[1]
    bands.across = &across[0]
    cdef Slopes slopes
    slopes.top, slopes.bottom = top, bottom
    cdef double sharpness
    with nogil:
        sharpness = _row_sharpness(bands, slopes)
    return sharpness


cdef _check_columns(const float[:, :, ::1] strip, int begin, int end):
    if strip.shape[0] != 3 or strip.shape[1] < 1 or strip.shape[2] < 2:
        raise ValueError("strip must have shape (3, h, w) with h >= 1 and w >= 2")
    if strip.shape[1] > _MOST_PX or strip.shape[2] > _MOST_PX:
        raise ValueError("strip is too large")
    if not (0 <= begin and begin + 2 <= end and end <= strip.shape[2]):
        raise ValueError("begin and end must enclose at least two columns of strip")


def measure_windows(
    const float[:, :, ::1] strip not None,
    const int32_t[:, ::1] windows not None,
    float[:, ::1] out not None,
):
    """Measure columns of a sampled strip (3, h, w), BGR in -1..1: `windows` (N, 2), begin and end of each.

    out (N, 10): contrast, sharpness, glare, brightness, noise, grain, each in 0..1, then
    paper_blue, paper_red, ink_blue, ink_red, each in -1..1; quality.h defines them.
    """
    cdef Py_ssize_t i
    if windows.shape[0] < 1 or windows.shape[0] > _MOST_PX or windows.shape[1] != 2:
        raise ValueError("windows must have shape (N, 2), N at least 1")
    for i in range(windows.shape[0]):
        _check_columns(strip, windows[i, 0], windows[i, 1])
    if out.shape[0] != windows.shape[0] or out.shape[1] != 10:
        raise ValueError("out must have shape (N, 10)")
    cdef int height = <int>strip.shape[1]
    cdef int width = <int>strip.shape[2]
    cdef int count = <int>windows.shape[0]
    cdef const float* values = &strip[0, 0, 0]
    # A row of windows is a Columns, a row of out a StripMeasures.
    cdef const Columns* columns = <const Columns*>&windows[0, 0]
    cdef StripMeasures* measures = <StripMeasures*>&out[0, 0]
    with nogil:
        _measure_windows(values, height, width, columns, count, measures)


def measure_strokes(const float[:, :, ::1] strip not None, int begin, int end):
    """How the print in the columns `begin` to before `end` of a sampled strip (3, h, w) is written.

    Returns (area, outline, across, down, height, rim_above, rim_below), in px but for the last two, which
    are levels of 0..255; strokes.h defines them.
    """
    _check_columns(strip, begin, end)
    if strip.shape[1] < 2:
        raise ValueError("strip must have two rows or more")
    cdef int height = <int>strip.shape[1]
    cdef int width = <int>strip.shape[2]
    cdef const float* values = &strip[0, 0, 0]
    cdef StrokeMeasures m
    with nogil:
        m = _measure_strokes(values, height, width, begin, end)
    return m.area, m.outline, m.across, m.down, m.bottom - m.top, m.rim_above, m.rim_below


def measure_grain(
    const float[:, :, :, ::1] spots not None, int rows, double[:, ::1] out not None
):
    """The finest noise of the first `rows` rows of spots (s, 3, h, w), levels of 0..255.

    Fills out (s, 12) with twelve means, those of evidence.h: large (3), small (3), products (6).
    """
    if spots.shape[1] != 3 or spots.shape[2] < 2 or spots.shape[3] < 2:
        raise ValueError("spots must have shape (s, 3, h, w) with h, w >= 2")
    if spots.shape[0] > _MOST_PX or spots.shape[2] > _MOST_PX or spots.shape[3] > _MOST_PX:
        raise ValueError("spots is too large")
    if not (2 <= rows <= spots.shape[2]):
        raise ValueError("rows must be between 2 and the spots' height")
    if out.shape[0] != spots.shape[0] or out.shape[1] != 12:
        raise ValueError("out must have shape (s, 12)")
    cdef int height = <int>spots.shape[2]
    cdef int width = <int>spots.shape[3]
    cdef Py_ssize_t i
    for i in range(spots.shape[0]):
        with nogil:  # a row of out is a GrainMeasures
            (<GrainMeasures*>&out[i, 0])[0] = _measure_grain(&spots[i, 0, 0, 0], height, width, rows)


def measure_rings(
    const float[:, :, :, ::1] planes not None,
    const int32_t[::1] cells not None,
    const int32_t[::1] begins not None,
    double[:, :, ::1] out not None,
):
    """Power by ring of frequency of spots (s, 3, 128, 128), levels of 0..255; evidence.h defines all of it.

    cells: u * 128 + v of the frequencies that count, ring by ring; begins: of each ring its first place
    among the cells. out (2, 3, rings): of lightness and of colour, mean power, strongest cell of the mean
    and of single spots.
    """
    if planes.shape[1] != 3 or planes.shape[2] != _SPOT_PX or planes.shape[3] != _SPOT_PX:
        raise ValueError("planes must have shape (s, 3, 128, 128)")
    if not (1 <= planes.shape[0] <= _MOST_PX):
        raise ValueError("planes must hold at least one spot and not too many")
    if begins.shape[0] < 1 or begins.shape[0] > _MOST_PX or cells.shape[0] > _MOST_PX:
        raise ValueError("begins must name at least one ring of the cells")
    if out.shape[0] != 2 or out.shape[1] != 3 or out.shape[2] != begins.shape[0]:
        raise ValueError("out must have shape (2, 3, rings)")
    cdef Py_ssize_t i
    for i in range(cells.shape[0]):
        if not (0 <= cells[i] < (_SPOT_PX // 2 + 1) * _SPOT_PX):
            raise ValueError("cells must lie in the half spectrum")
    cdef Py_ssize_t last = -1
    for i in range(begins.shape[0]):
        if not (last < begins[i] < cells.shape[0]):
            raise ValueError("begins must rise, below the number of cells")
        last = begins[i]
    cdef Rings rings
    rings.cells = &cells[0]
    rings.num_cells = <int>cells.shape[0]
    rings.begins = &begins[0]
    rings.num_rings = <int>begins.shape[0]
    cdef const float* values = &planes[0, 0, 0, 0]
    cdef int spots = <int>planes.shape[0]
    cdef double* found = &out[0, 0, 0]
    with nogil:
        _measure_rings(values, spots, rings, found)


def take_spot(const uint8_t[:, :, ::1] bgr not None, int left, int top, float[:, :, ::1] out not None):
    """Fill `out` (3, 128, 128) with the 128 px square at left, top of bgr (h, w, 3), levels of 0..255:
    lightness, green less magenta, red less blue."""
    if bgr.shape[2] != 3:
        raise ValueError("bgr must have shape (h, w, 3)")
    _check_picture("bgr", bgr.shape[0], bgr.shape[1])
    if not (0 <= left <= bgr.shape[1] - _SPOT_PX and 0 <= top <= bgr.shape[0] - _SPOT_PX):
        raise ValueError("left and top must be those of 128 px of bgr each way")
    if out.shape[0] != 3 or out.shape[1] != _SPOT_PX or out.shape[2] != _SPOT_PX:
        raise ValueError("out must have shape (3, 128, 128)")
    cdef ImageView view = _view(&bgr[0, 0, 0], bgr.shape[0], bgr.shape[1], 3)
    with nogil:
        _take_spot(view, left, top, &out[0, 0, 0])


def measure_tones(const uint8_t[:, :, ::1] cells not None):
    """How light and how tinted the cells (h, w, 3) of a card are, BGR; evidence.h defines all of it.

    Returns thirteen measures, then the middle tint: apart (4), spread (2), light (5), follows (2), middle (2).
    """
    if cells.shape[0] < 1 or cells.shape[1] < 1 or cells.shape[2] != 3:
        raise ValueError("cells must have shape (h, w, 3) with h, w >= 1")
    if cells.shape[0] > _MOST_PX or cells.shape[1] > _MOST_PX or cells.shape[0] * cells.shape[1] > 1 << 24:
        raise ValueError("cells is too large")
    cdef int count = <int>(cells.shape[0] * cells.shape[1])
    cdef const uint8_t* values = &cells[0, 0, 0]
    cdef ToneMeasures m
    with nogil:
        m = _measure_tones(values, count)
    return (
        m.apart[0], m.apart[1], m.apart[2], m.apart[3], m.spread[0], m.spread[1],
        m.light[0], m.light[1], m.light[2], m.light[3], m.light[4],
        m.follows[0], m.follows[1], m.middle[0], m.middle[1],
    )


cdef Window _window(str name, tuple box, const uint8_t[:, :, ::1] picture, int least_px) except *:
    cdef Window window
    window.left, window.top, window.right, window.bottom = box
    if not (0 <= window.left and window.right <= picture.shape[1]):
        raise ValueError(f"{name} must lie inside the picture")
    if not (0 <= window.top and window.bottom <= picture.shape[0]):
        raise ValueError(f"{name} must lie inside the picture")
    if window.right - window.left < least_px or window.bottom - window.top < least_px:
        raise ValueError(f"{name} must be at least {least_px} px each way")
    return window


def measure_rim(const uint8_t[:, :, ::1] upright not None, tuple window, tuple paper):
    """Straight lines along a window of an upright card (h, w, 3), and its noise beside that of paper.

    window, paper: (left, top, right, bottom) px, half open, at least 64 and 8 px each way. Returns
    (steps, corners, paper) of six, three and three levels; evidence.h defines all of it.
    """
    if upright.shape[2] != 3:
        raise ValueError("upright must have shape (h, w, 3)")
    _check_picture("upright", upright.shape[0], upright.shape[1])
    cdef Window place = _window("window", window, upright, 64)
    cdef Window plain = _window("paper", paper, upright, 8)
    cdef ImageView view = _view(&upright[0, 0, 0], upright.shape[0], upright.shape[1], 3)
    cdef RimMeasures m
    with nogil:
        m = _measure_rim(view, place, plain)
    return (
        [m.steps[i] for i in range(6)],
        [m.corners[i] for i in range(3)],
        [m.paper[i] for i in range(3)],
    )


def compare_fields(
    const float[:, ::1] own not None,
    const int32_t[::1] own_counts not None,
    const float[:, ::1] beside not None,
    const int32_t[::1] beside_counts not None,
    double[:, ::1] out not None,
):
    """The print of each field beside that of the others; evidence.h defines all of it.

    own (N, 10): measures of the fields' windows, `own_counts` (F,) rows a field, one or more; beside (M, 10),
    `beside_counts` (F,): of what stands beside them. Fills out (F, 55).
    """
    cdef Py_ssize_t i
    cdef Py_ssize_t sum_own = 0
    cdef Py_ssize_t sum_beside = 0
    cdef Py_ssize_t count = own_counts.shape[0]
    if own.shape[1] != _PRINT_MEASURES or beside.shape[1] != _PRINT_MEASURES:
        raise ValueError("own and beside must have ten columns")
    if count < 1 or count > _MOST_PX or beside_counts.shape[0] != count:
        raise ValueError("own_counts and beside_counts must have one number a field")
    for i in range(count):
        if own_counts[i] < 1 or beside_counts[i] < 0:
            raise ValueError("own_counts must be 1 or more, beside_counts 0 or more")
        sum_own += own_counts[i]
        sum_beside += beside_counts[i]
    if sum_own != own.shape[0] or sum_beside != beside.shape[0]:
        raise ValueError("own_counts and beside_counts must sum up to the rows of own and beside")
    if out.shape[0] != count or out.shape[1] != _FIELD_MEASURES:
        raise ValueError("out must have shape (F, 55)")
    cdef FieldWindows windows
    windows.own = &own[0, 0]
    windows.beside = &beside[0, 0] if sum_beside > 0 else NULL
    windows.own_counts = &own_counts[0]
    windows.beside_counts = &beside_counts[0]
    windows.num_fields = <int>count
    with nogil:
        _compare_fields(windows, &out[0, 0])


def bgr_to_lab(const uint8_t[:, :, ::1] bgr not None, uint8_t[:, :, ::1] out not None):
    """Fill `out` (h, w, 3) with CIE Lab of an sRGB picture, BGR: L of 255, a + 128, b + 128, as OpenCV has it."""
    if bgr.shape[0] < 1 or bgr.shape[1] < 1 or bgr.shape[2] != 3:
        raise ValueError("bgr must have shape (h, w, 3) with h, w >= 1")
    if bgr.shape[0] > _MOST_PX or bgr.shape[1] > _MOST_PX:
        raise ValueError("bgr is too large")
    if out.shape[0] != bgr.shape[0] or out.shape[1] != bgr.shape[1] or out.shape[2] != 3:
        raise ValueError("out must have the shape of bgr")
    cdef ptrdiff_t count = bgr.shape[0] * bgr.shape[1]
    with nogil:
        _bgr_to_lab(&bgr[0, 0, 0], count, &out[0, 0, 0])


def strip_to_gray(const float[:, :, ::1] strip not None, float[:, ::1] out not None):
    """Fill `out` (h, w) with the grey of a sampled strip (3, h, w), BGR: 0.114, 0.587, 0.299 of them."""
    if strip.shape[0] != 3 or strip.shape[1] < 1 or strip.shape[2] < 1:
        raise ValueError("strip must have shape (3, h, w) with h, w >= 1")
    if out.shape[0] != strip.shape[1] or out.shape[1] != strip.shape[2]:
        raise ValueError("out must have shape (h, w)")
    cdef ptrdiff_t count = strip.shape[1] * strip.shape[2]
    with nogil:
        _strip_to_gray(&strip[0, 0, 0], count, &out[0, 0])


def shrink_by_third(const float[:, ::1] gray not None, float[:, ::1] out not None):
    """Fill `out` (2 h, 2 w) with gray (3 h, 3 w) made smaller, each px the mean of what it covers: the floats of
    `cv2.resize` with INTER_AREA."""
    if gray.shape[0] < 3 or gray.shape[1] < 3 or gray.shape[0] % 3 or gray.shape[1] % 3:
        raise ValueError("gray must have shape (3 h, 3 w) with h, w >= 1")
    if gray.shape[0] > _MOST_PX or gray.shape[1] > _MOST_PX:
        raise ValueError("gray is too large")
    cdef int height = <int>(gray.shape[0] // 3)
    cdef int width = <int>(gray.shape[1] // 3)
    if out.shape[0] != 2 * height or out.shape[1] != 2 * width:
        raise ValueError("out must have two thirds of the size of gray")
    with nogil:
        _shrink_by_third(&gray[0, 0], height, width, &out[0, 0])


def find_characters(
    const float[::1] ink not None, int strip_steps, *, double least_ink, double most_valley
):
    """Where characters stand on a strip with ink (T,) in its steps: (peaks, centres), in steps.

    peaks: steps with the most ink among the first `strip_steps`, with a valley between any two, centres:
    the middles of the runs of ink around them. least_ink: of a peak; most_valley: of the lower of two.
    """
    if ink.shape[0] > _MOST_PX:
        raise ValueError("ink is too long")
    if not 0 <= strip_steps <= ink.shape[0]:
        raise ValueError("strip_steps must be between 0 and the number of steps")
    if not (0 < least_ink and 0 <= most_valley):
        raise ValueError("least_ink must be above 0, most_valley not below")
    cdef InkRules rules
    rules.least_ink, rules.most_valley = least_ink, most_valley
    cdef Characters found
    if ink.shape[0] == 0:
        return [], []
    cdef const float* values = &ink[0]
    cdef int count = <int>ink.shape[0]
    with nogil:
        found = _find_characters(values, count, strip_steps, rules)
    return found.peaks, found.centres


def mean_directions(
    const float[:, ::1] directions not None,
    const float[::1] ink not None,
    const float[::1] centres not None,
    float[:, ::1] out not None,
):
    """Fill `out` (P, K) with where characters point: the mean of the steps less than two from each centre.

    directions (T, K) and ink (T,) of the steps; centres (P,) in steps. Steps are weighed by nearness and
    ink; the means have length 1.
    """
    cdef Py_ssize_t i
    if directions.shape[0] < 1 or directions.shape[1] < 1:
        raise ValueError("directions must be a non-empty (T, K) array")
    if directions.shape[0] > _MOST_PX or directions.shape[1] > _MOST_PX:
        raise ValueError("directions is too large")
    if ink.shape[0] != directions.shape[0]:
        raise ValueError("ink must have a value a step")
    if out.shape[0] != centres.shape[0] or out.shape[1] != directions.shape[1]:
        raise ValueError("out must have shape (P, K)")
    for i in range(centres.shape[0]):
        if not 0 <= centres[i] <= directions.shape[0] - 1:
            raise ValueError("centres must lie between the first and the last step")
    if centres.shape[0] == 0:
        return
    cdef int steps = <int>directions.shape[0]
    cdef int width = <int>directions.shape[1]
    cdef int count = <int>centres.shape[0]
    with nogil:
        _mean_directions(&directions[0, 0], &ink[0], steps, width, &centres[0], count, &out[0, 0])


def measure_blocks(const uint8_t[:, :, ::1] bgr not None, int left, int top, int right, int bottom):
    """Mean third differences of green, none above 24, by their place among eight; see evidence.h.

    bgr (h, w, 3); its part from left, top to before right, bottom is looked at, at least 11 px either
    way. Returns eight means along the rows and eight down the columns.
    """
    if bgr.shape[2] != 3:
        raise ValueError("bgr must have shape (h, w, 3)")
    _check_picture("bgr", bgr.shape[0], bgr.shape[1])
    if left < 0 or right > bgr.shape[1] or right - left < 11:
        raise ValueError("left and right must describe 11 columns of bgr or more")
    if top < 0 or bottom > bgr.shape[0] or bottom - top < 11:
        raise ValueError("top and bottom must describe 11 rows of bgr or more")
    cdef ImageView view = _view(&bgr[0, 0, 0], bgr.shape[0], bgr.shape[1], 3)
    cdef BlockSteps steps
    with nogil:
        steps = _measure_blocks(view, left, top, right, bottom)
    return [steps.along[i] for i in range(8)], [steps.down[i] for i in range(8)]


def find_ink_rows(const float[:, :, ::1] strip not None, int begin, int end):
    """The rows (top, bottom) of a sampled strip (3, h, w) that bear ink in the columns `begin` to before
    `end`: darker, in red light, than half way from the paper to the ink; (0, h) where none is."""
    _check_columns(strip, begin, end)
    cdef int height = <int>strip.shape[1]
    cdef int width = <int>strip.shape[2]
    cdef const float* values = &strip[0, 0, 0]
    cdef InkRows rows
    with nogil:
        rows = _find_ink_rows(values, height, width, begin, end)
    return rows.top, rows.bottom


def measure_along(
    const uint8_t[:, :, ::1] upright not None,
    tuple box,
    tuple inside,
    tuple usual,
    int stroke,
    double faint,
    float foreign_tint,
    float foreign_dark,
    int glare_level,
):
    """Look along a line of text on an upright card (h, w, 3), BGR; quality.h defines all of it.

    box: (left, top, right, bottom) px, half open; inside: the text's own columns (begin, end) in it;
    usual: BGR of the card's paper, 0..255. Returns (darkness, tint, glare, gap, cover, shadow, stain),
    gap and cover in columns.
    """
    if upright.shape[2] != 3:
        raise ValueError("upright must have shape (h, w, 3)")
    _check_picture("upright", upright.shape[0], upright.shape[1])
    cdef Place place
    place.left, place.top, place.right, place.bottom = box
    place.inside_begin, place.inside_end = inside
    if not (0 <= place.left < place.right <= upright.shape[1]):
        raise ValueError("box must describe a region inside upright")
    if not (0 <= place.top < place.bottom <= upright.shape[0]):
        raise ValueError("box must describe a region inside upright")
    if stroke < 1 or stroke % 2 == 0 or stroke > _MOST_PX:
        raise ValueError("stroke must be an odd number of columns")
    cdef AlongRules rules
    cdef int i
    rules.usual[0], rules.usual[1], rules.usual[2] = usual
    for i in range(3):
        if not (rules.usual[i] > 0 and isfinite(rules.usual[i])):
            raise ValueError("usual must be three levels above 0")
    rules.stroke, rules.faint, rules.glare_level = stroke, faint, glare_level
    rules.foreign_tint, rules.foreign_dark = foreign_tint, foreign_dark
    cdef ImageView view = _view(&upright[0, 0, 0], upright.shape[0], upright.shape[1], 3)
    cdef AlongMeasures m
    with nogil:
        m = _measure_along(view, place, rules)
    return m.darkness, m.tint, m.glare, m.gap, m.cover, m.shadow, m.stain


# ---- decoding: ctc and id_number -----------------------------------------------------------------

from libc.stdint cimport int8_t, uint32_t
from libcpp.string cimport string

cdef extern from "ctc.h" namespace "idocr" nogil:
    cdef cppclass CtcProbs:
        const float* data
        int num_steps
        int num_classes
        int blank
    cdef cppclass CtcChar:
        int32_t id
        float confidence
        int32_t begin
        int32_t end
    cdef cppclass CtcCandidate:
        int32_t id
        float prob
    cdef cppclass CtcBestPath:
        vector[CtcChar] chars
        vector[CtcCandidate] candidates
        int num_candidates
    CtcBestPath _ctc_best_path "idocr::ctc_best_path"(
        const CtcProbs& probs, const int32_t* classes, int num_classes, int top_k
    ) except +
    cdef cppclass CtcEdge:
        int32_t source "from"
        int32_t to
        int32_t id
    cdef cppclass CtcGrammar:
        const CtcEdge* edges
        int num_edges
        const int32_t* accepting
        int num_accepting
        int num_states
        int start
    cdef cppclass CtcAlignment:
        vector[CtcChar] chars
        double log_prob
    optional[CtcAlignment] _ctc_decode_grammar "idocr::ctc_decode_grammar"(
        const CtcProbs& probs, const CtcGrammar& grammar, double least_log_prob
    ) except +
    vector[double] _ctc_log_likelihood "idocr::ctc_log_likelihood"(
        const CtcProbs& probs, const int32_t* labels, int row_length, const int32_t* lengths,
        int num_sequences
    ) except +

cdef extern from "classes.h" namespace "idocr" nogil:
    const int _direction_width "idocr::kDirectionWidth"
    cdef cppclass ClassTable:
        const int8_t* rows
        const float* scales
        const float* priors
        int num_classes
    cdef cppclass ClassProbs:
        vector[float] wanted
        vector[CtcCandidate] ranked
        int num_ranked
    ClassProbs _class_probs "idocr::class_probs"(
        const float* directions, int count, const ClassTable& table, const int32_t* wanted,
        int num_wanted, int top_k
    ) except +

cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass StringView "std::string_view":
        StringView(const string&)

cdef extern from "id_number.h" namespace "idocr" nogil:
    cdef cppclass IdNumberGrammar:
        vector[CtcEdge] edges
        vector[int32_t] accepting
    char _id_number_check_digit "idocr::id_number_check_digit"(StringView first17)
    uint32_t _id_number_check "idocr::id_number_check"(StringView number)
    IdNumberGrammar _id_number_grammar "idocr::id_number_grammar"() except +

cdef extern from "language.h" namespace "idocr" nogil:
    cdef cppclass PairTable:
        const double* alone
        const double* rest
        int num_chars
        const uint32_t* pairs
        const double* told
        ptrdiff_t num_pairs
        double least
        double weight
    cdef cppclass Choices:
        const int32_t* chars
        const double* probs
        const int32_t* counts
        int num_places
        int32_t before
        int32_t after
    void _tell_by_neighbours "idocr::tell_by_neighbours"(
        const PairTable& table, const Choices& choices, double* out
    ) except +

cdef int _MOST_CELLS = 1 << 28  # of probs, of a grammar's trace: 2 GiB at most


cdef CtcProbs _probs(const float[:, ::1] probs, int blank) except *:
    cdef CtcProbs steps
    if probs.shape[0] < 1 or probs.shape[1] < 1:
        raise ValueError("probs must be a non-empty (T, C) array")
    if probs.shape[1] > _MOST_CELLS or probs.shape[0] > _MOST_CELLS // probs.shape[1]:
        raise ValueError(f"probs is too large: at most {_MOST_CELLS} cells")
    if not 0 <= blank < probs.shape[1]:
        raise ValueError(f"blank must be a class of probs, 0 to {probs.shape[1] - 1}, not {blank}")
    steps.data = &probs[0, 0]
    steps.num_steps = <int>probs.shape[0]
    steps.num_classes = <int>probs.shape[1]
    steps.blank = blank
    return steps


def class_probs(
    const float[:, ::1] directions not None,
    const int8_t[:, ::1] rows not None,
    const float[::1] scales not None,
    const float[::1] priors not None,
    const int32_t[::1] wanted not None,
    float[:, ::1] out not None,
    int top_k=5,
):
    """Probabilities of the recogniser's classes for `directions` (N, 128).

    Class c's direction times the softmax's sharpness is `rows`[c] (C, 128) times `scales`[c];
    `priors`[c] is added to its score. Fills `out` (N, W) with the probabilities of the `wanted`
    (W,) classes and returns, for each direction, the `top_k` most probable (id, probability) of
    all, best first.
    """
    cdef ClassTable table
    cdef ClassProbs found
    cdef Py_ssize_t i
    cdef int count = <int>directions.shape[0]
    if not 1 <= rows.shape[0] <= 1 << 20 or rows.shape[1] != _direction_width:
        raise ValueError(f"rows must have shape (C, {_direction_width})")
    if directions.shape[1] != _direction_width:
        raise ValueError(f"directions must have shape (N, {_direction_width})")
    if directions.shape[0] > 1 << 16:
        raise ValueError("directions is too large: at most 65,536 rows")
    if scales.shape[0] != rows.shape[0] or priors.shape[0] != rows.shape[0]:
        raise ValueError("scales and priors must have one value a row of rows")
    if out.shape[0] != directions.shape[0] or out.shape[1] != wanted.shape[0]:
        raise ValueError("out must have shape (N, W)")
    if top_k < 1:
        raise ValueError(f"top_k must be positive, not {top_k}")
    for i in range(wanted.shape[0]):
        if not 0 <= wanted[i] < rows.shape[0]:
            raise ValueError(f"wanted[{i}] is not a class")
        if i > 0 and wanted[i] <= wanted[i - 1]:
            raise ValueError("wanted must be ascending, without repeats")
    if count == 0:
        return []
    table.rows = &rows[0, 0]
    table.scales = &scales[0]
    table.priors = &priors[0]
    table.num_classes = <int>rows.shape[0]
    cdef int num_wanted = <int>wanted.shape[0]
    cdef const int32_t* chosen = &wanted[0] if num_wanted > 0 else NULL
    with nogil:
        found = _class_probs(&directions[0, 0], count, table, chosen, num_wanted, top_k)
    cdef int n, k
    for n in range(count):
        for k in range(num_wanted):
            out[n, k] = found.wanted[n * num_wanted + k]
    cdef int ranked = found.num_ranked
    return [
        [(found.ranked[n * ranked + k].id, found.ranked[n * ranked + k].prob) for k in range(ranked)]
        for n in range(count)
    ]


def ctc_best_path(
    const float[:, ::1] probs not None,
    int blank=0,
    int top_k=5,
    const int32_t[::1] classes=None,
):
    """Collapse the most probable class of each step of softmaxed `probs` (T, C).

    Returns a list of (id, confidence, begin, end, candidates), one a character: begin and end are
    its half-open run of steps, confidence its probability at the best step of the run, candidates
    the `top_k` most probable (id, probability) at that step, best first, the blank left out.
    `classes`, ascending ids, narrows the choice to these and the blank.
    """
    cdef CtcProbs steps = _probs(probs, blank)
    cdef const int32_t* chosen = NULL
    cdef int num_chosen = 0
    cdef Py_ssize_t i
    if top_k < 1:
        raise ValueError(f"top_k must be positive, not {top_k}")
    if classes is not None:
        if classes.shape[0] < 1 or classes.shape[0] > steps.num_classes:
            raise ValueError("classes must name at least one class and none twice")
        for i in range(classes.shape[0]):
            if not (0 <= classes[i] < steps.num_classes):
                raise ValueError(f"classes[{i}] is not a class of probs")
            if i > 0 and classes[i] <= classes[i - 1]:
                raise ValueError("classes must be ascending, without repeats")
        chosen = &classes[0]
        num_chosen = <int>classes.shape[0]
    cdef CtcBestPath path
    with nogil:
        path = _ctc_best_path(steps, chosen, num_chosen, top_k)
    cdef CtcChar c
    cdef int k
    cdef int count = path.num_candidates
    chars = []
    for i in range(<Py_ssize_t>path.chars.size()):
        c = path.chars[i]
        candidates = [
            (path.candidates[i * count + k].id, path.candidates[i * count + k].prob)
            for k in range(count)
        ]
        chars.append((c.id, c.confidence, c.begin, c.end, candidates))
    return chars


def ctc_decode_grammar(
    const float[:, ::1] probs not None,
    const int32_t[:, ::1] edges not None,
    const int32_t[::1] accepting not None,
    int blank=0,
    int start=0,
    double least_log_prob=-INFINITY,
):
    """The most probable path whose string an automaton accepts: exact Viterbi, no beam.

    `edges` (E, 3) holds (from_state, to_state, class_id), states being numbers from 0 to 2 E + 1.
    Returns ([(id, confidence, begin, end), ...], log_prob), the confidence being the probability
    at the best step of the run, or None when T is too short for every string or no path reaches
    `least_log_prob`. Probabilities below the smallest normal float count as that float.
    """
    cdef CtcProbs steps = _probs(probs, blank)
    cdef Py_ssize_t num_edges = edges.shape[0]
    cdef Py_ssize_t last_state = 2 * num_edges + 1  # more, and the numbers have needless gaps
    cdef CtcGrammar grammar
    cdef Py_ssize_t i
    if edges.shape[1] != 3:
        raise ValueError("edges must have shape (E, 3)")
    if num_edges > _MOST_CELLS // 8 // steps.num_steps:
        raise ValueError("edges has too many rows for this many steps")
    if accepting.shape[0] > last_state + 1:
        raise ValueError("accepting must not repeat states")
    if isnan(least_log_prob):
        raise ValueError("least_log_prob must be a number")
    if not 0 <= start <= last_state:
        raise ValueError(f"start must be a state, 0 to {last_state}, not {start}")
    for i in range(num_edges):
        if not (0 <= edges[i, 0] <= last_state and 0 <= edges[i, 1] <= last_state):
            raise ValueError(f"edges[{i}] has a state outside 0 to {last_state}")
        if not (0 <= edges[i, 2] < steps.num_classes) or edges[i, 2] == blank:
            raise ValueError(f"edges[{i}] has a class outside probs, or the blank")
    for i in range(accepting.shape[0]):
        if not (0 <= accepting[i] <= last_state):
            raise ValueError(f"accepting[{i}] is not a state, 0 to {last_state}")
    # A row of edges is a CtcEdge: three int32.
    grammar.edges = <const CtcEdge*>&edges[0, 0] if num_edges > 0 else NULL
    grammar.num_edges = <int>num_edges
    grammar.accepting = &accepting[0] if accepting.shape[0] > 0 else NULL
    grammar.num_accepting = <int>accepting.shape[0]
    grammar.num_states = <int>last_state + 1
    grammar.start = start
    cdef optional[CtcAlignment] found
    with nogil:
        found = _ctc_decode_grammar(steps, grammar, least_log_prob)
    if not found.has_value():
        return None
    cdef CtcAlignment* alignment = &found.value()
    return [(c.id, c.confidence, c.begin, c.end) for c in alignment.chars], alignment.log_prob


def ctc_log_likelihood(
    const float[:, ::1] probs not None,
    const int32_t[:, ::1] sequences not None,
    const int32_t[::1] lengths not None,
    int blank=0,
):
    """log P(sequence), summed over all its paths, for each row of `sequences` (N, L).

    The first lengths[i] ids of row i count, the rest is padding. Returns a list of N floats, -inf
    where T is too short.
    """
    cdef CtcProbs steps = _probs(probs, blank)
    cdef Py_ssize_t num_sequences = sequences.shape[0]
    cdef Py_ssize_t row_length = sequences.shape[1]
    cdef Py_ssize_t i, j
    if row_length > _MOST_CELLS or num_sequences > _MOST_CELLS:
        raise ValueError("sequences is too large")
    if lengths.shape[0] != num_sequences:
        raise ValueError("lengths must have one entry for each row of sequences")
    for i in range(num_sequences):
        if not (0 <= lengths[i] <= row_length):
            raise ValueError(f"lengths[{i}] is not between 0 and {row_length}")
        for j in range(lengths[i]):
            if not (0 <= sequences[i, j] < steps.num_classes) or sequences[i, j] == blank:
                raise ValueError(f"sequences[{i}, {j}] is outside probs, or the blank")
    if num_sequences == 0:
        return []
    cdef const int32_t* labels = &sequences[0, 0] if row_length > 0 else NULL
    cdef const int32_t* counts = &lengths[0]
    cdef vector[double] result
    with nogil:
        result = _ctc_log_likelihood(
            steps, labels, <int>row_length, counts, <int>num_sequences
        )
    return result


def id_number_check_digit(str first17 not None):
    """The check character, "0" to "9" or "X", of seventeen digits (ISO 7064 MOD 11-2)."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("first17 must be seventeen digits")
    cdef string digits = first17.encode("ascii")
    return chr(_id_number_check_digit(StringView(digits)))


def id_number_check(str number not None):
    """Problems of an 18-character number as bit flags, 0 for none.

    1 length, 2 alphabet (either excludes the rest), 4 region, 8 birth date, 16 check digit.
    """
    cdef string text = number.encode("ascii", "replace")
    return _id_number_check(StringView(text))


def id_number_grammar():
    """The numbers without problems as a deterministic automaton with start state 0.

    Returns (edges, accepting): edges a list of (from_state, to_state, symbol), symbol 0 to 9 a
    digit and 10 the X.
    """
    cdef IdNumberGrammar grammar
    with nogil:
        grammar = _id_number_grammar()
    return [(e.source, e.to, e.id) for e in grammar.edges], grammar.accepting


def tell_by_neighbours(
    const int32_t[::1] chars not None,
    const double[::1] probs not None,
    const int32_t[::1] counts not None,
    tuple edges,
    const double[::1] alone not None,
    const double[::1] rest not None,
    const uint32_t[::1] pairs not None,
    const double[::1] told not None,
    double[::1] out not None,
    *,
    double least,
    double weight,
):
    """Probabilities of what may stand at each place of a text, given the whole text; language.h defines them.

    chars (N,) and probs (N,) of the choices, `counts` (P,) of them a place, one or more; edges: the numbers of
    the text's begin and end. alone and rest (V,): log-probabilities of characters by themselves and of those
    that never followed one; pairs (M,): ascending, 65536 * before + after, told (M,) their
    log-probabilities, of which none counts less than `least`. Fills out (N,).
    """
    cdef Py_ssize_t i
    cdef Py_ssize_t sum_counts = 0
    cdef Py_ssize_t num_chars = alone.shape[0]
    cdef Choices choices
    if not 1 <= num_chars <= 1 << 16 or rest.shape[0] != num_chars:
        raise ValueError("alone and rest must have one number a character, 65,536 at most")
    if told.shape[0] != pairs.shape[0]:
        raise ValueError("told must have one number a pair")
    if counts.shape[0] < 1 or counts.shape[0] > _MOST_PX:
        raise ValueError("counts must name at least one place and not too many")
    for i in range(counts.shape[0]):
        if not 1 <= counts[i] <= _MOST_PX:
            raise ValueError("counts must be 1 or more")
        sum_counts += counts[i]
    if chars.shape[0] != sum_counts or probs.shape[0] != sum_counts or out.shape[0] != sum_counts:
        raise ValueError("chars, probs and out must have one number a choice")
    choices.before, choices.after = edges
    if not (0 <= choices.before < num_chars and 0 <= choices.after < num_chars):
        raise ValueError("edges must be characters of the table")
    for i in range(sum_counts):
        if not 0 <= chars[i] < num_chars:
            raise ValueError(f"chars[{i}] is not in the table")
        if not (probs[i] > 0 and isfinite(probs[i])):
            raise ValueError(f"probs[{i}] must be above 0")
    choices.chars = &chars[0]
    choices.probs = &probs[0]
    choices.counts = &counts[0]
    choices.num_places = <int>counts.shape[0]
    cdef PairTable table
    table.alone = &alone[0]
    table.rest = &rest[0]
    table.num_chars = <int>num_chars
    table.num_pairs = pairs.shape[0]
    table.pairs = &pairs[0] if table.num_pairs > 0 else NULL
    table.told = &told[0] if table.num_pairs > 0 else NULL
    table.least = least
    table.weight = weight
    with nogil:
        _tell_by_neighbours(table, choices, &out[0])
