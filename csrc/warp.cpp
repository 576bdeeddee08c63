#include "warp.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
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

std::uint32_t load_pair(const std::uint8_t* bytes) noexcept {
    std::uint16_t pair;
    std::memcpy(&pair, bytes, sizeof pair);
    return pair;
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

// ---- samples in bytes

// Where a row falls in the picture, as OpenCV has it: whole px and the rest, the picture's edge repeated.
struct BytePlaces {
    explicit BytePlaces(std::size_t width) : x(width), y(width), offset(width), right(width), below(width) {}
    std::vector<float> x, y;
    std::vector<std::int32_t> offset;
    std::vector<float> right, below;
};

struct RowStart {
    float x, y, w, step_x, step_y, step_w;
};

// Outside the cloned functions: none of its products may be fused with its sums.
RowStart row_start(const Homography& h, int j) noexcept {
    float m[9];
    for (int i = 0; i < 9; ++i) m[i] = static_cast<float>(h.m[i]);
    const float row = static_cast<float>(j);
    const float x = row * m[1], y = row * m[4], w = row * m[7];
    return {x + m[2], y + m[5], w + m[8], m[0], m[3], m[6]};
}

IDOCR_CLONES void place_bytes(const RowStart& start, int width, const ImageView& image, float* __restrict xs,
                              float* __restrict ys, std::int32_t* __restrict offset, float* __restrict right,
                              float* __restrict below) noexcept {
    const float last_x = static_cast<float>(image.width - 2);
    const float last_y = static_cast<float>(image.height - 2);
    const auto stride = static_cast<std::int32_t>(image.row_stride);
    const std::int32_t channels = image.channels;
    const RowStart s = start;
    for (int i = 0; i < width; ++i) {
        const float fi = static_cast<float>(i);
        const float w = s.w + s.step_w * fi;
        const float x = (s.x + s.step_x * fi) / w;
        const float y = (s.y + s.step_y * fi) / w;
        const auto left = static_cast<std::int32_t>(std::min(std::max(x, 0.0f), last_x));
        const auto top = static_cast<std::int32_t>(std::min(std::max(y, 0.0f), last_y));
        xs[i] = x;
        ys[i] = y;
        right[i] = std::min(std::max(x - static_cast<float>(left), 0.0f), 1.0f);
        below[i] = std::min(std::max(y - static_cast<float>(top), 0.0f), 1.0f);
        offset[i] = top * stride + left * channels;
    }
}

inline std::uint8_t rounded(float level) noexcept {
    constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: what is added to it is rounded to a whole number
    return static_cast<std::uint8_t>(std::bit_cast<std::int32_t>(level + kRound));
}

IDOCR_CLONES void blend_bytes(const std::uint32_t* upper_03, const std::uint32_t* upper_25,
                              const std::uint32_t* lower_03, const std::uint32_t* lower_25,
                              const float* right, const float* below, int width,
                              std::uint8_t* __restrict out) noexcept {
    for (int i = 0; i < width; ++i) {
        const std::uint32_t u = upper_03[i], v = upper_25[i], p = lower_03[i], q = lower_25[i];
        const float x = right[i], y = below[i];
        out[3 * i] = rounded(
            mix(mix(byte_of(u, 0), byte_of(u, 3), x), mix(byte_of(p, 0), byte_of(p, 3), x), y));
        out[3 * i + 1] = rounded(
            mix(mix(byte_of(u, 1), byte_of(v, 2), x), mix(byte_of(p, 1), byte_of(q, 2), x), y));
        out[3 * i + 2] = rounded(
            mix(mix(byte_of(u, 2), byte_of(v, 3), x), mix(byte_of(p, 2), byte_of(q, 3), x), y));
    }
}

// Each word holds a pixel in its lowest byte and its right neighbour in the byte `next`.
template <int next>
[[gnu::always_inline]] inline void blend_channel_of(const std::uint32_t* upper, const std::uint32_t* lower,
                                                    const float* right, const float* below, int width,
                                                    std::uint8_t* __restrict out) noexcept {
    for (int i = 0; i < width; ++i) {
        const std::uint32_t u = upper[i], p = lower[i];
        const float x = right[i];
        out[i] = rounded(mix(mix(byte_of(u, 0), byte_of(u, next), x), mix(byte_of(p, 0), byte_of(p, next), x),
                             below[i]));
    }
}

IDOCR_CLONES void blend_channel(const std::uint32_t* upper, const std::uint32_t* lower, const float* right,
                                const float* below, int width, bool of_three, std::uint8_t* out) noexcept {
    if (of_three) return blend_channel_of<3>(upper, lower, right, below, width, out);
    return blend_channel_of<1>(upper, lower, right, below, width, out);
}

// Rows of an upright card lie far apart in a picture: memory is asked for each while the one before is blended.
void fetch_row(const ImageView& image, const std::vector<std::int32_t>& offset) noexcept {
#if defined(__GNUC__)
    for (const std::int32_t at : offset) {
        __builtin_prefetch(image.data + at);
        __builtin_prefetch(image.data + at + image.row_stride);
    }
#endif
}

// A pixel of which some neighbours lie outside the picture.
void blend_at_edge(const ImageView& image, float x, float y, const Outside& outside, std::uint8_t* out) noexcept {
    if (!(x > -1 && y > -1 && x < static_cast<float>(image.width) && y < static_cast<float>(image.height))) {
        std::copy_n(outside.level, 3, out);
        return;
    }
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    const float right = x - static_cast<float>(left);
    const float below = y - static_cast<float>(top);
    for (int c = 0; c < 3; ++c) {
        const auto at = [&](int px, int py) {
            return static_cast<float>(image.contains(px, py) ? image.pixel(px, py)[c] : outside.level[c]);
        };
        const float upper = mix(at(left, top), at(left + 1, top), right);
        const float lower = mix(at(left, top + 1), at(left + 1, top + 1), right);
        out[c] = rounded(mix(upper, lower, below));
    }
}

// Marks the pixels of a row whose neighbours do not all lie in the picture; returns how many there are.
IDOCR_CLONES int mark_edges(const float* xs, const float* ys, int width, float last_x, float last_y,
                            std::uint8_t* __restrict marks) noexcept {
    int count = 0;
    for (int i = 0; i < width; ++i) {
        const bool inside = (xs[i] >= 0) & (ys[i] >= 0) & (xs[i] < last_x) & (ys[i] < last_y);
        marks[i] = inside ? 0 : 1;
        count += marks[i];
    }
    return count;
}

void blend_edges(const ImageView& image, const BytePlaces& places, int width, const Outside& outside,
                 std::uint8_t* marks, std::uint8_t* out) noexcept {
    int left = mark_edges(places.x.data(), places.y.data(), width, static_cast<float>(image.width - 1),
                          static_cast<float>(image.height - 1), marks);
    for (int i = 0; left > 0; ++i) {
        if (marks[i] == 0) continue;
        const auto n = static_cast<std::size_t>(i);
        blend_at_edge(image, places.x[n], places.y[n], outside, out + 3 * i);
        --left;
    }
}

IDOCR_CLONES void halve_three(const std::uint8_t* upper, const std::uint8_t* lower, int count,
                              std::uint8_t* __restrict out) noexcept {
    for (int x = 0; x < count; ++x)
        out[x] = static_cast<std::uint8_t>((upper[6 * x] + upper[6 * x + 3] + lower[6 * x] + lower[6 * x + 3] + 2) >> 2);
}

IDOCR_CLONES void halve_one(const std::uint8_t* upper, const std::uint8_t* lower, int count,
                            std::uint8_t* __restrict out) noexcept {
    for (int x = 0; x < count; ++x)
        out[x] = static_cast<std::uint8_t>((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
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

void sample_upright(const ImageView& image, const Homography& upright_to_image, int width, int height,
                    const Outside* outside, std::uint8_t* out) {
    assert(image.channels == 3 && image.width >= 2 && image.height >= 2);
    const auto columns = static_cast<std::size_t>(width);
    BytePlaces places[2] = {BytePlaces(columns), BytePlaces(columns)};  // of this row and of the next
    RowSamples samples(columns);
    std::vector<std::uint8_t> marks(outside == nullptr ? 0 : columns);
    const auto place = [&](int j) {
        BytePlaces& p = places[j % 2];
        place_bytes(row_start(upright_to_image, j), width, image, p.x.data(), p.y.data(), p.offset.data(),
                    p.right.data(), p.below.data());
    };
    place(0);
    for (int j = 0; j < height; ++j) {
        if (j + 1 < height) {
            place(j + 1);
            fetch_row(image, places[(j + 1) % 2].offset);
        }
        const BytePlaces& here = places[j % 2];
        samples.offset = here.offset;
        gather_row(image, width, samples);
        std::uint8_t* row = out + static_cast<std::ptrdiff_t>(j) * width * 3;
        blend_bytes(samples.upper_03.data(), samples.upper_25.data(), samples.lower_03.data(),
                    samples.lower_25.data(), here.right.data(), here.below.data(), width, row);
        if (outside != nullptr) blend_edges(image, here, width, *outside, marks.data(), row);
    }
}

void sample_channel(const ImageView& image, int channel, const Homography& upright_to_image, int width,
                    int height, std::uint8_t* out) {
    assert((image.channels == 3 || image.channels == 1) && image.width >= 2 && image.height >= 2);
    assert(0 <= channel && channel < image.channels);
    const bool of_three = image.channels == 3;
    BytePlaces places(static_cast<std::size_t>(width));
    std::vector<std::uint32_t> upper(static_cast<std::size_t>(width)), lower = upper;
    for (int j = 0; j < height; ++j) {
        place_bytes(row_start(upright_to_image, j), width, image, places.x.data(), places.y.data(),
                    places.offset.data(), places.right.data(), places.below.data());
        for (std::size_t i = 0; i < upper.size(); ++i) {
            const std::uint8_t* at = image.data + places.offset[i] + channel;
            if (of_three) {
                upper[i] = load_word(at);
                lower[i] = load_word(at + image.row_stride);
            } else {
                upper[i] = load_pair(at);
                lower[i] = load_pair(at + image.row_stride);
            }
        }
        blend_channel(upper.data(), lower.data(), places.right.data(), places.below.data(), width, of_three,
                      out + static_cast<std::ptrdiff_t>(j) * width);
    }
}

void halve_channel(const ImageView& image, int channel, const Part& part, std::uint8_t* out) noexcept {
    assert((image.channels == 3 || image.channels == 1) && 0 <= channel && channel < image.channels);
    assert(0 <= part.left && part.left <= part.right && part.right <= image.width / 2);
    assert(0 <= part.top && part.top <= part.bottom && part.bottom <= image.height / 2);
    const auto halve = image.channels == 3 ? halve_three : halve_one;
    for (int y = part.top; y < part.bottom; ++y) {
        const std::uint8_t* upper = image.pixel(2 * part.left, 2 * y) + channel;
        halve(upper, upper + image.row_stride, part.right - part.left,
              out + static_cast<std::ptrdiff_t>(y) * (image.width / 2) + part.left);
    }
}

}  // namespace idocr
