// Compiled without fused products (CMakeLists.txt): the same grey on every machine.
#include "gray.h"

#include <cassert>
#include <cstddef>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

IDOCR_CLONES void mix(const float* blue, const float* green, const float* red, std::ptrdiff_t count,
                      float* __restrict gray) noexcept {
    for (std::ptrdiff_t i = 0; i < count; ++i)
        gray[i] = 0.114F * blue[i] + 0.587F * green[i] + 0.299F * red[i];
}

constexpr float kWhole = 1.0F / 1.5F;  // of a pixel that lies in one alone, and of one that two share
constexpr float kHalf = 0.5F / 1.5F;

IDOCR_CLONES void shrink_row(const float* row, int width, float* __restrict out) noexcept {
    for (int i = 0; i < width; ++i) {
        out[2 * i] = row[3 * i] * kWhole + row[3 * i + 1] * kHalf;
        out[2 * i + 1] = row[3 * i + 1] * kHalf + row[3 * i + 2] * kWhole;
    }
}

IDOCR_CLONES void mix_rows(const float* upper, float upper_share, const float* lower, float lower_share, int count,
                           float* __restrict out) noexcept {
    for (int i = 0; i < count; ++i) out[i] = upper[i] * upper_share + lower[i] * lower_share;
}

}  // namespace

void strip_to_gray(const float* strip, std::ptrdiff_t count, float* gray) noexcept {
    mix(strip, strip + count, strip + 2 * count, count, gray);
}

void shrink_by_third(const float* gray, int height, int width, float* small) {
    assert(height >= 1 && width >= 1);
    const std::ptrdiff_t wide = 3 * static_cast<std::ptrdiff_t>(width);
    const std::ptrdiff_t narrow = 2 * static_cast<std::ptrdiff_t>(width);
    std::vector<float> rows(static_cast<std::size_t>(3 * narrow));
    float* const first = rows.data();
    for (int y = 0; y < height; ++y, gray += 3 * wide, small += 2 * narrow) {
        for (int k = 0; k < 3; ++k) shrink_row(gray + k * wide, width, first + k * narrow);
        const int count = static_cast<int>(narrow);
        mix_rows(first, kWhole, first + narrow, kHalf, count, small);
        mix_rows(first + narrow, kHalf, first + 2 * narrow, kWhole, count, small + narrow);
    }
}

}  // namespace idocr
