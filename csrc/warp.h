// Sampling: text strips straight from the photograph, upright and normalised, in one pass.
#pragma once

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

}  // namespace idocr
