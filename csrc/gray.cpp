// Compiled without fused products (CMakeLists.txt): the same grey on every machine.
#include "gray.h"

#include "clones.h"

namespace idocr {
namespace {

IDOCR_CLONES void mix(const float* blue, const float* green, const float* red, std::ptrdiff_t count,
                      float* __restrict gray) noexcept {
    for (std::ptrdiff_t i = 0; i < count; ++i)
        gray[i] = 0.114F * blue[i] + 0.587F * green[i] + 0.299F * red[i];
}

}  // namespace

void strip_to_gray(const float* strip, std::ptrdiff_t count, float* gray) noexcept {
    mix(strip, strip + count, strip + 2 * count, count, gray);
}

}  // namespace idocr
