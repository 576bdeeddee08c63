# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, autotestdict=False
"""The one door between Python and C++: thin functions, no state.

Every function checks its arguments here (`ValueError` names the argument), releases the GIL and
calls one C++ function of the same name. Nothing below this file checks again.
"""


# ---- geometry, sampling, rows and measurements ---------------------------------------------------

from libc.math cimport fabs, fabsf, isfinite
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
        const ImageView& gray, const Quad& proposed
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
    StripMeasures _measure_strip "idocr::measure_strip"(
        const float* strip, int height, int width, int begin, int end
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
    cdef Homography mapping
    cdef int i, width, height
    cdef double w, x, y
    if image.shape[2] != 3:
        raise ValueError("image must have 3 channels")
    _check_picture("image", image.shape[0], image.shape[1])
    if strip_to_image.shape[0] != 3 or strip_to_image.shape[1] != 3:
        raise ValueError("strip_to_image must have shape (3, 3)")
    if out.shape[0] != 3 or out.shape[1] < 1 or out.shape[2] < 1:
        raise ValueError("out must have shape (3, h, w) with h, w >= 1")
    if out.shape[1] > _MOST_PX or out.shape[2] > _MOST_PX:
        raise ValueError("out is too large")
    height, width = <int>out.shape[1], <int>out.shape[2]
    w = strip_to_image[2, 2]  # the denominator at the strip's first pixel; 1 from here on
    for i in range(9):
        mapping.m[i] = strip_to_image[i // 3, i % 3] / w if w != 0 else 0
        if w == 0 or not isfinite(mapping.m[i]):
            raise ValueError("strip_to_image must be finite, with a last element other than 0")
    for i in range(4):  # the denominator is linear: positive at the corners, positive inside
        x = (width - 1) * (i % 2)
        y = (height - 1) * (i // 2)
        w = mapping.m[6] * x + mapping.m[7] * y + mapping.m[8]
        if not w > 1e-6:
            raise ValueError("strip_to_image maps a part of the strip to infinity")
        if not (
            fabs(mapping.m[0] * x + mapping.m[1] * y + mapping.m[2]) < 1e7 * w
            and fabs(mapping.m[3] * x + mapping.m[4] * y + mapping.m[5]) < 1e7 * w
        ):
            raise ValueError("strip_to_image maps a part of the strip more than 1e7 px away")
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


def refine_card_quad(const uint8_t[:, ::1] gray not None, const double[:, ::1] corners not None):
    """Move each side of a proposed card to the straight edge near it.

    `corners` (4, 2) px, lt, rt, rb, lb, clockwise on the screen. Returns (corners, support):
    support is, for the top, right, bottom and left side, the share of its length that carries the
    edge found, and 0 for a side that stays where it was proposed.
    """
    _check_picture("gray", gray.shape[0], gray.shape[1])
    cdef Quad proposed = _quad(corners)
    cdef ImageView view = _view(&gray[0, 0], gray.shape[0], gray.shape[1], 1)
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


cdef _check_columns(const float[:, :, ::1] strip, int begin, int end):
    if strip.shape[0] != 3 or strip.shape[1] < 1 or strip.shape[2] < 2:
        raise ValueError("strip must have shape (3, h, w) with h >= 1 and w >= 2")
    if strip.shape[1] > _MOST_PX or strip.shape[2] > _MOST_PX:
        raise ValueError("strip is too large")
    if not (0 <= begin and begin + 2 <= end and end <= strip.shape[2]):
        raise ValueError("begin and end must enclose at least two columns of strip")


def measure_strip(const float[:, :, ::1] strip not None, int begin, int end):
    """Measure the columns `begin` to before `end` of a sampled strip (3, h, w), BGR in -1..1.

    Returns (contrast, sharpness, glare, brightness, noise, grain), each in 0..1, then
    (paper_blue, paper_red, ink_blue, ink_red), each in -1..1; quality.h defines them.
    """
    _check_columns(strip, begin, end)
    cdef int height = <int>strip.shape[1]
    cdef int width = <int>strip.shape[2]
    cdef const float* values = &strip[0, 0, 0]
    cdef StripMeasures m
    with nogil:
        m = _measure_strip(values, height, width, begin, end)
    return (
        m.contrast, m.sharpness, m.glare, m.brightness, m.noise,
        m.grain, m.paper_blue, m.paper_red, m.ink_blue, m.ink_red,
    )


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


def measure_grain(const float[:, :, ::1] planes not None, int rows):
    """The finest noise of the first `rows` rows of three planes (3, h, w), levels of 0..255.

    Returns twelve means, those of quality.h: large (3), small (3), products (6).
    """
    if planes.shape[0] != 3 or planes.shape[1] < 2 or planes.shape[2] < 2:
        raise ValueError("planes must have shape (3, h, w) with h, w >= 2")
    if planes.shape[1] > _MOST_PX or planes.shape[2] > _MOST_PX:
        raise ValueError("planes is too large")
    if not (2 <= rows <= planes.shape[1]):
        raise ValueError("rows must be between 2 and the planes' height")
    cdef int height = <int>planes.shape[1]
    cdef int width = <int>planes.shape[2]
    cdef const float* values = &planes[0, 0, 0]
    cdef GrainMeasures m
    with nogil:
        m = _measure_grain(values, height, width, rows)
    return (
        m.large[0], m.large[1], m.large[2], m.small[0], m.small[1], m.small[2],
        m.products[0], m.products[1], m.products[2], m.products[3], m.products[4], m.products[5],
    )


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
        const CtcProbs& probs, const CtcGrammar& grammar
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
):
    """The most probable path whose string an automaton accepts: exact Viterbi, no beam.

    `edges` (E, 3) holds (from_state, to_state, class_id), states being numbers from 0 to 2 E + 1.
    Returns ([(id, confidence, begin, end), ...], log_prob), the confidence being the probability
    at the best step of the run, or None when T is too short for every string. Probabilities below
    the smallest normal float count as that float.
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
        found = _ctc_decode_grammar(steps, grammar)
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
