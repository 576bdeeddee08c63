// Evidence of how a picture was made: its finest noise, its spectrum, the steps at JPEG's blocks.
#pragma once

#include <cstdint>

#include "image_view.h"

namespace idocr {

// The finest noise of three colour axes: differences of the diagonals of each 2 x 2 px, which see neither
// level nor slope nor edges along the axes. Edges count no more than 24 of 255.
struct GrainMeasures {
    double large[3];     // mean size
    double small[3];     // mean size where none counts more than 6
    double products[6];  // mean products of the axes 00, 11, 22, 01, 02, 12
};

// planes: (3, height, width), levels of 0..255; of each the first `rows` are looked at, at least two.
GrainMeasures measure_grain(const float* planes, int height, int width, int rows);

constexpr int kSpotPx = 128;  // side of the squares whose spectra are taken

// The axes of the kSpotPx square of a BGR picture at left, top: planes (3, kSpotPx, kSpotPx) get lightness,
// green less magenta and red less blue, levels of 0..255.
void take_spot(const ImageView& bgr, int left, int top, float* planes);

// Frequencies by ring: cell u * kSpotPx + v is u cycles a spot along its rows (0 to kSpotPx / 2) and v
// down its columns. The cells of ring r are those from begins[r] to before begins[r + 1], at least one.
struct Rings {
    const std::int32_t* cells;
    int num_cells;
    const std::int32_t* begins;
    int num_rings;
};

// planes: (spots, 3, kSpotPx, kSpotPx): lightness and two axes of colour, levels of 0..255. Of their
// spectra under a Hann window, of lightness, then of both colours together, out (2, 3, rings) gets:
// 1 + the mean power; the strongest cell of the spots' mean against that; the greatest of the spots'
// own strongest cells, each against 1 + that spot's mean power.
void measure_rings(const float* planes, int spots, const Rings& rings, double* out);

// Mean third difference of green between neighbours, none larger than 24, by its place among eight:
// along the rows and down the columns of a part of a picture, at least 11 px either way.
struct BlockSteps {
    double along[8];
    double down[8];
};

BlockSteps measure_blocks(const ImageView& bgr, int left, int top, int right, int bottom);

// How light and how tinted the cells of a card are: CIE Lab / 100.
struct ToneMeasures {
    double apart[4];    // quantiles 0.5, 0.75, 0.9, 0.97 of the distance from the middle tint
    double spread[2];   // across and along the main tint
    double light[5];    // quantiles 0.02, 0.1, 0.5, 0.9, 0.98 of lightness
    double follows[2];  // how much a and b grow with lightness
    double middle[2];   // the middle tint: medians of a and b
};

// cells: `count` pixels, B G R, at least one.
ToneMeasures measure_tones(const std::uint8_t* cells, int count);

// Straight lines along a window of an upright card, and its noise beside that of plain paper.
struct RimMeasures {
    // Strongest mean step between px two apart, of any channel: across columns in the left and in the
    // right third, over the whole height, then over the upper third; across rows in the upper and in
    // the lower quarter. None counts more than 30.
    double steps[6];
    // Mean difference of the diagonals of squares, in green: 1 px wide and none more than 24, then 3 px
    // and none more than 2, then than 5; of the window's upper corners and of the paper.
    double corners[3];
    double paper[3];
};

struct Window {
    int left, top, right, bottom;  // half open
};

// window: 64 px each way or more. paper: 8 px or more.
RimMeasures measure_rim(const ImageView& upright, const Window& window, const Window& paper);

// The print of each field beside that of the others. A window of print has kPrintMeasures numbers, those of
// StripMeasures in quality.h in that order; they are compared on scales of which kPaper are the paper's.
constexpr int kPrintMeasures = 10;
constexpr int kPaperMeasures = 5;
constexpr int kFieldMeasures = 5 * kPrintMeasures + kPaperMeasures;

struct FieldWindows {
    const float* own;     // (sum of own_counts, kPrintMeasures), field by field
    const float* beside;  // (sum of beside_counts, kPrintMeasures): of what stands beside each
    const std::int32_t* own_counts;  // each at least one
    const std::int32_t* beside_counts;
    int num_fields;
};

// out (num_fields, kFieldMeasures): the mean of a field's windows; its difference from the median of the other
// fields' means, and from the nearest of them; the most and the least of its windows, less their median; its
// difference from the median of what stands beside it, 0 where nothing does.
void compare_fields(const FieldWindows& windows, double* out);

}  // namespace idocr
