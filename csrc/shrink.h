// Shrinking: the picture as the locator sees it.
#pragma once

#include <cstdint>

#include "image_view.h"

namespace idocr {

// Fills out, (height, width, channels) without gaps, each pixel the mean of the part of the picture
// that it covers, rounded; the picture is at least as wide and as high. As cv2.resize with INTER_AREA.
void shrink_by_area(const ImageView& image, int width, int height, std::uint8_t* out);

}  // namespace idocr
