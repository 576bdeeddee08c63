// Grey of a sampled strip.
#pragma once

#include <cstddef>

namespace idocr {

// strip: (3, count), blue, green, red; gray (count,): 0.114, 0.587 and 0.299 of them.
void strip_to_gray(const float* strip, std::ptrdiff_t count, float* gray) noexcept;

}  // namespace idocr
