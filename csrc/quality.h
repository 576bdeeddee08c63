// Measurements of a text strip: what stands behind `quality`. Each is one plain property of pixels.
#pragma once

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

// strip: (3, height, width) float32 BGR in -1..1, as `sample_strip` fills it; its columns from
// `begin` to before `end` are measured, at least two.
StripMeasures measure_strip(const float* strip, int height, int width, int begin, int end);

}  // namespace idocr
