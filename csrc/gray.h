// Grey of a sampled strip, and the same at two thirds of its size.
#pragma once

#include <cstddef>

namespace idocr {

// strip: (3, count), blue, green, red; gray (count,): 0.114, 0.587 and 0.299 of them.
void strip_to_gray(const float* strip, std::ptrdiff_t count, float* gray) noexcept;

// gray: (3 * height, 3 * width); small, (2 * height, 2 * width): each pixel the mean of what it covers, as
// OpenCV's INTER_AREA has it.
void shrink_by_third(const float* gray, int height, int width, float* small);

}  // namespace idocr
