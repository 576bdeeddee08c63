#include "warp.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace idocr {
namespace {

// Where one row of the strip falls in the picture: the left-top pixel's byte offset and the weights
// of its right and lower neighbours.
struct RowSamples {
    std::vector<std::int32_t> offset;
    std::vector<float> right;
    std::vector<float> below;
};

// No branches: the compiler makes vector code of this loop, which it cannot of the gather below.
void place_row(const Homography& h, int j, int width, const ImageView& image, RowSamples& samples) {
    const double* m = h.m;
    const float x0 = static_cast<float>(m[1] * j + m[2]);
    const float y0 = static_cast<float>(m[4] * j + m[5]);
    const float w0 = static_cast<float>(m[7] * j + m[8]);
    const float dx = static_cast<float>(m[0]);
    const float dy = static_cast<float>(m[3]);
    const float dw = static_cast<float>(m[6]);
    // The last pair of pixels starts one before the edge; a weight of 1 then gives the edge itself.
    const float last_x = static_cast<float>(image.width - 2);
    const float last_y = static_cast<float>(image.height - 2);
    const auto stride = static_cast<std::int32_t>(image.row_stride);
    for (int i = 0; i < width; ++i) {
        const float fi = static_cast<float>(i);
        const float scale = 1.0f / (w0 + dw * fi);
        const float x = (x0 + dx * fi) * scale;
        const float y = (y0 + dy * fi) * scale;
        const float left = static_cast<float>(static_cast<std::int32_t>(std::clamp(x, 0.0f, last_x)));
        const float top = static_cast<float>(static_cast<std::int32_t>(std::clamp(y, 0.0f, last_y)));
        const auto index = static_cast<std::size_t>(i);
        samples.right[index] = std::clamp(x - left, 0.0f, 1.0f);
        samples.below[index] = std::clamp(y - top, 0.0f, 1.0f);
        samples.offset[index] =
            static_cast<std::int32_t>(top) * stride + static_cast<std::int32_t>(left) * 3;
    }
}

void blend_row(const ImageView& image, const RowSamples& samples, int width, float* const planes[3]) {
    constexpr float kScale = 2.0f / 255.0f;
    for (int i = 0; i < width; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const std::uint8_t* upper = image.data + samples.offset[index];
        const std::uint8_t* lower = upper + image.row_stride;
        const float right = samples.right[index];
        const float below = samples.below[index];
        const float w11 = right * below * kScale;
        const float w01 = right * kScale - w11;
        const float w10 = below * kScale - w11;
        const float w00 = kScale - w01 - w10 - w11;
        for (int c = 0; c < 3; ++c) {
            planes[c][i] = upper[c] * w00 + upper[c + 3] * w01 + lower[c] * w10 +
                           lower[c + 3] * w11 - 1.0f;
        }
    }
}

}  // namespace

void sample_strip(const ImageView& image, const Homography& strip_to_image, int width, int height,
                  float* out) {
    assert(image.channels == 3 && image.width >= 2 && image.height >= 2);
    const auto count = static_cast<std::size_t>(width);
    RowSamples samples{std::vector<std::int32_t>(count), std::vector<float>(count),
                       std::vector<float>(count)};
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(width) * height;
    for (int j = 0; j < height; ++j) {
        place_row(strip_to_image, j, width, image, samples);
        float* row = out + static_cast<std::ptrdiff_t>(j) * width;
        float* const planes[3] = {row, row + plane, row + 2 * plane};
        blend_row(image, samples, width, planes);
    }
}

}  // namespace idocr
