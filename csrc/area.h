// Making smaller by any factors, byte by byte as OpenCV does.
#pragma once

#include <cstdint>

#include "image_view.h"

namespace idocr {

// Fills out, (height, width, channels) without gaps, with the picture made smaller by step_x and step_y
// (at least 1) px to a px, each the mean of what it covers: the bytes of cv2.resize with INTER_AREA and
// factors of 1 / step, unless both steps are whole or the size stays. 1, 3 or 4 channels; height and
// width are the picture's, divided by the steps and rounded, and at least 1.
void resize_by_area(const ImageView& image, double step_x, double step_y, int width, int height,
                    std::uint8_t* out);

}  // namespace idocr
