// How print is written: the width and the way of its strokes, its height, and rims in the paper around it.
#pragma once

namespace idocr {

struct StrokeMeasures {
    float area;     // px of ink; a px half covered counts half
    float outline;  // px: length of the ink's outline
    float across;   // px: how far the outline goes down, as sides of upright strokes do
    float down;     // px: how far it goes across
    int top, bottom;  // rows that bear ink: from `top` to before `bottom`; all where none does
    float rim_above;  // strongest step between the means of two rows of paper above the ink, 0..255
    float rim_below;
};

// strip: (3, height, width) float32 BGR in -1..1, as `sample_strip` fills it; its columns from `begin` to
// before `end` are looked at, at least two, as are two rows.
StrokeMeasures measure_strokes(const float* strip, int height, int width, int begin, int end);

}  // namespace idocr
