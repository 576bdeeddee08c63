// Measurements of a text strip: what stands behind `quality`. Each is one plain property of pixels.
#pragma once

#include <cstdint>

#include "image_view.h"

namespace idocr {

struct StripMeasures {
    float contrast;    // 0..1: paper (95th percentile of luma) minus ink (5th), of full scale
    float sharpness;   // 0..1: the steepest 2 % of steps between neighbours, as a share of the contrast
    float glare;       // 0..1: share of pixels at 250 of 255 or brighter in every channel
    float brightness;  // 0..1: the paper itself
    float noise;       // 0..1: median step between neighbours, as a share of the contrast
    float grain;       // 0..1: sigma of the paper's finest noise, of full scale
    float paper_blue;  // -1..1: blue less green of the paper, of full scale
    float paper_red;   // -1..1: red less green of the paper
    float ink_blue;    // -1..1: the same of the ink
    float ink_red;
};

// Columns of a strip, half open.
struct Columns {
    std::int32_t begin, end;
};

// strip: (3, height, width) float32 BGR in -1..1, as `sample_strip` fills it. windows: `count` ranges of its
// columns, at least two columns each. out: the measures of each.
void measure_windows(const float* strip, int height, int width, const Columns* windows, int count,
                     StripMeasures* out);

// The rows of a strip in which there is ink between two columns: from `top` to before `bottom`.
struct InkRows {
    int top, bottom;
};

// strip: as of `measure_windows`. A row has ink where a pixel is darker, in red light, than half way from
// the paper (90th percentile) to the ink (3rd); where none is, every row counts.
InkRows find_ink_rows(const float* strip, int height, int width, int begin, int end);

// A line of text and what is beside it on the upright card, px; the text's own columns are
// [inside_begin, inside_end) of those from `left` to before `right`.
struct Place {
    int left, top, right, bottom;
    int inside_begin, inside_end;
};

// What counts as what; levels are 0..255.
struct AlongRules {
    float usual[3];        // BGR of the card's paper, above 0
    int stroke;            // columns, odd: print without paper is narrower
    double faint;          // of a line's usual contrast: columns below it are blank
    float foreign_tint;    // share by which a channel differs from the card's paper
    float foreign_dark;    // share of light that is missing
    int glare_level;
};

// The paper along a line of text, wherever print leaves any: each column's brightest pixel.
struct AlongMeasures {
    float darkness;  // of the darkest place, against the card's paper
    float tint;      // of the most foreign place
    float glare;     // share of columns that are white
    int gap;         // columns of the longest blank amid the text
    int cover;       // columns of the longest blank of foreign paper
    float shadow;    // darkness of places that bear print and no tint
    float stain;     // tint of places that bear print
};

AlongMeasures measure_along(const ImageView& upright, const Place& place, const AlongRules& rules);

}  // namespace idocr
