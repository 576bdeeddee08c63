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

}  // namespace idocr
