// Sampling: text strips straight from the photograph, upright and normalised, in one pass.
#pragma once

#include <cstdint>

#include "image_view.h"

namespace idocr {

// A plane-to-plane mapping, row-major 3x3: x' = (m0 x + m1 y + m2) / (m6 x + m7 y + m8).
struct Homography {
    double m[9];
};

// Fills out, (3, height, width) float32, with bilinear samples of a 3-channel picture, scaled from
// 0..255 to -1..1 (the recogniser's input). Pixel (i, j) of the strip has its centre at (i, j);
// `strip_to_image` maps it to picture coordinates, centres again at whole numbers. What lies
// outside the picture takes the nearest edge pixel, as cv2.BORDER_REPLICATE.
// Bilinear: the caller picks a picture whose scale is within a factor of two of the strip's.
void sample_strip(const ImageView& image, const Homography& strip_to_image, int width, int height,
                  float* out);

// What is sampled in place of what lies outside the picture, where it is not the nearest edge pixel.
struct Outside {
    std::uint8_t level[3];
};

// Fills out, (height, width, 3), with bilinear samples of a BGR picture, in bytes: cv2.warpPerspective with
// WARP_INVERSE_MAP and INTER_LINEAR, and BORDER_REPLICATE or, with `outside`, BORDER_CONSTANT.
void sample_upright(const ImageView& image, const Homography& upright_to_image, int width, int height,
                    const Outside* outside, std::uint8_t* out);

// The same of one channel, of a BGR picture or of one with a single channel: out (height, width). Outside is
// the nearest edge pixel.
void sample_channel(const ImageView& image, int channel, const Homography& upright_to_image, int width,
                    int height, std::uint8_t* out);

// One channel of a part of a picture at half its size, each pixel the mean of four: out has the picture's
// height / 2 rows of width / 2 px, of which those of `part` (px of out, half open) are filled.
struct Part {
    int left, top, right, bottom;
};
void halve_channel(const ImageView& image, int channel, const Part& part, std::uint8_t* out) noexcept;

}  // namespace idocr
