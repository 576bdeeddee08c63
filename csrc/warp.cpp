#include "warp.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

// Where one row of the strip falls in the picture, and what stands there: the left-top pixel's byte
// offset, the weights of its right and lower neighbours (0..1), and the six bytes of each pair of
// pixels as two words: bytes 0 to 3 (B G R of the left pixel, B of the right) and 2 to 5.
struct RowSamples {
    explicit RowSamples(std::size_t width)
        : offset(width), right(width), below(width), upper_03(width), upper_25(width),
          lower_03(width), lower_25(width) {}
    std::vector<std::int32_t> offset;
    std::vector<float> right, below;
    std::vector<std::uint32_t> upper_03, upper_25, lower_03, lower_25;
};

std::uint32_t load_word(const std::uint8_t* bytes) noexcept {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

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

// The gather, alone in a loop of its own, so that all arithmetic is in loops that vectorise.
void gather_row(const ImageView& image, int width, RowSamples& samples) noexcept {
    for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
        const std::uint8_t* upper = image.data + samples.offset[i];
        const std::uint8_t* lower = upper + image.row_stride;
        samples.upper_03[i] = load_word(upper);
        samples.upper_25[i] = load_word(upper + 2);
        samples.lower_03[i] = load_word(lower);
        samples.lower_25[i] = load_word(lower + 2);
    }
}

static_assert(std::endian::native == std::endian::little, "blend_row takes bytes out of words");

inline float byte_of(std::uint32_t word, int index) noexcept {
    return static_cast<float>(static_cast<std::int32_t>(word >> (8 * index) & 0xffu));
}

inline float mix(float from, float to, float weight) noexcept { return from + (to - from) * weight; }

IDOCR_CLONES void blend_row(const std::uint32_t* upper_03, const std::uint32_t* upper_25,
                            const std::uint32_t* lower_03, const std::uint32_t* lower_25,
                            const float* right, const float* below, int width, float* blue,
                            float* green, float* red) noexcept {
    constexpr float kScale = 2.0f / 255.0f;
    for (int i = 0; i < width; ++i) {
        const std::uint32_t u = upper_03[i], v = upper_25[i], p = lower_03[i], q = lower_25[i];
        const float x = right[i], y = below[i];
        const float b = mix(mix(byte_of(u, 0), byte_of(u, 3), x), mix(byte_of(p, 0), byte_of(p, 3), x), y);
        const float g = mix(mix(byte_of(u, 1), byte_of(v, 2), x), mix(byte_of(p, 1), byte_of(q, 2), x), y);
        const float r = mix(mix(byte_of(u, 2), byte_of(v, 3), x), mix(byte_of(p, 2), byte_of(q, 3), x), y);
        blue[i] = b * kScale - 1.0f;
        green[i] = g * kScale - 1.0f;
        red[i] = r * kScale - 1.0f;
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
        gather_row(image, width, samples);
        blend_row(samples.upper_03.data(), samples.upper_25.data(), samples.lower_03.data(),
                  samples.lower_25.data(), samples.right.data(), samples.below.data(), width, row,
                  row + plane, row + 2 * plane);
    }
}

}  // namespace idocr
