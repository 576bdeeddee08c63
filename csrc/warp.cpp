#include "warp.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

// Vectors of gcc and clang: one pixel's channels side by side, on x86-64 and aarch64 alike.
using Bytes4 = std::uint8_t __attribute__((vector_size(4)));
using Floats4 = float __attribute__((vector_size(16)));

// Where one row of the strip falls in the picture: the left-top pixel's byte offset and the weights
// of its right and lower neighbours, 0..1.
struct RowSamples {
    explicit RowSamples(std::size_t width) : offset(width), right(width), below(width) {}
    std::vector<std::int32_t> offset;
    std::vector<float> right, below;
};

// No branches: the compiler makes vector code of this loop.
IDOCR_CLONES void place_row(const Homography& h, int j, int width, const ImageView& image,
                            std::int32_t* offset, float* right, float* below) noexcept {
    const double* m = h.m;
    const float x0 = static_cast<float>(m[1] * j + m[2]);
    const float y0 = static_cast<float>(m[4] * j + m[5]);
    const float w0 = static_cast<float>(m[7] * j + m[8]);
    const float dx = static_cast<float>(m[0]);
    const float dy = static_cast<float>(m[3]);
    const float dw = static_cast<float>(m[6]);
    // The last pair of pixels starts one before the edge; a weight of one then gives the edge itself.
    const float last_x = static_cast<float>(image.width - 2);
    const float last_y = static_cast<float>(image.height - 2);
    const auto stride = static_cast<std::int32_t>(image.row_stride);
    for (int i = 0; i < width; ++i) {
        const float fi = static_cast<float>(i);
        const float scale = 1.0f / (w0 + dw * fi);
        const float x = (x0 + dx * fi) * scale;
        const float y = (y0 + dy * fi) * scale;
        const auto left = static_cast<std::int32_t>(std::min(std::max(x, 0.0f), last_x));
        const auto top = static_cast<std::int32_t>(std::min(std::max(y, 0.0f), last_y));
        right[i] = std::min(std::max(x - static_cast<float>(left), 0.0f), 1.0f);
        below[i] = std::min(std::max(y - static_cast<float>(top), 0.0f), 1.0f);
        offset[i] = top * stride + left * 3;
    }
}

// Four bytes as floats; of the right pixel the last byte of the left one comes along and is dropped.
inline Floats4 load4(const std::uint8_t* bytes) noexcept {
    Bytes4 loaded;
    std::memcpy(&loaded, bytes, sizeof loaded);
    return __builtin_convertvector(loaded, Floats4);
}

// Two pixels of three bytes are six: loads at 0 and at 2 never leave them.
inline Floats4 blend_pair(const std::uint8_t* pair, float right) noexcept {
    const Floats4 left_pixel = load4(pair);
    const Floats4 last = load4(pair + 2);
    const Floats4 right_pixel = {last[1], last[2], last[3], 0};
    return left_pixel + (right_pixel - left_pixel) * right;
}

IDOCR_CLONES void blend_row(const std::uint8_t* image, std::ptrdiff_t row_stride,
                            const std::int32_t* offset, const float* right, const float* below,
                            int width, float* blue, float* green, float* red) noexcept {
    constexpr float kScale = 2.0f / 255.0f;
    for (int i = 0; i < width; ++i) {
        const std::uint8_t* pair = image + offset[i];
        const Floats4 upper = blend_pair(pair, right[i]);
        const Floats4 lower = blend_pair(pair + row_stride, right[i]);
        const Floats4 mixed = (upper + (lower - upper) * below[i]) * kScale - 1.0f;
        blue[i] = mixed[0];
        green[i] = mixed[1];
        red[i] = mixed[2];
    }
}

}  // namespace

void sample_strip(const ImageView& image, const Homography& strip_to_image, int width, int height,
                  float* out) {
    assert(image.channels == 3 && image.width >= 2 && image.height >= 2);
    RowSamples samples(static_cast<std::size_t>(width));
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(width) * height;
    for (int j = 0; j < height; ++j) {
        place_row(strip_to_image, j, width, image, samples.offset.data(), samples.right.data(),
                  samples.below.data());
        float* row = out + static_cast<std::ptrdiff_t>(j) * width;
        blend_row(image.data, image.row_stride, samples.offset.data(), samples.right.data(),
                  samples.below.data(), width, row, row + plane, row + 2 * plane);
    }
}

}  // namespace idocr
