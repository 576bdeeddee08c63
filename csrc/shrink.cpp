#include "shrink.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

// What one output pixel covers along one axis: whole pixels with weight 1, the first and the last with
// their share.
struct Span {
    int begin;
    int end;  // half open
    float first;
    float last;  // of an end that is not also the beginning
};

std::vector<Span> spans(int from, int to) {
    std::vector<Span> found;
    const double step = static_cast<double>(from) / to;
    for (int i = 0; i < to; ++i) {
        const double low = i * step;
        const double high = std::min<double>(from, low + step);
        const int begin = static_cast<int>(std::floor(low + 1e-9));
        const int end = std::max(begin + 1, static_cast<int>(std::ceil(high - 1e-9)));
        const bool one = end == begin + 1;
        found.push_back({begin, end, static_cast<float>(one ? high - low : begin + 1 - low),
                         static_cast<float>(high - (end - 1))});
    }
    return found;
}

// Rows first: they lie in order, and few are left to be gone along. The first and the last row of a span count
// with their share, `kWhole` between them whole, four at a time.
template <int kWhole>
[[gnu::always_inline]] inline void sum_span(const std::uint8_t* row, std::ptrdiff_t stride, int count, float first,
                                            float last, float* __restrict sums) noexcept {
    // A loop of its own: the product is rounded, whether or not the machine can fuse it with the sum.
    for (int i = 0; i < count; ++i) sums[i] = first * static_cast<float>(row[i]);
    for (int i = 0; i < count; ++i) {
        float sum = sums[i];
        int k = 1;
        for (; k + 3 <= kWhole; k += 4) {
            const std::uint8_t* at = row + i + k * stride;
            sum += static_cast<float>(at[0] + at[stride] + at[2 * stride] + at[3 * stride]);
        }
        for (; k <= kWhole; ++k) sum += static_cast<float>(row[i + k * stride]);
        sums[i] = sum + last * static_cast<float>(row[i + (kWhole + 1) * stride]);
    }
}

constexpr int kMostWhole = 10;  // pictures of up to 2,600 px

IDOCR_CLONES void sum_rows(const std::uint8_t* row, std::ptrdiff_t stride, int whole, int count, float first,
                           float last, float* sums) noexcept {
    switch (whole) {
        case 0: return sum_span<0>(row, stride, count, first, last, sums);
        case 1: return sum_span<1>(row, stride, count, first, last, sums);
        case 2: return sum_span<2>(row, stride, count, first, last, sums);
        case 3: return sum_span<3>(row, stride, count, first, last, sums);
        case 4: return sum_span<4>(row, stride, count, first, last, sums);
        case 5: return sum_span<5>(row, stride, count, first, last, sums);
        case 6: return sum_span<6>(row, stride, count, first, last, sums);
        case 7: return sum_span<7>(row, stride, count, first, last, sums);
        case 8: return sum_span<8>(row, stride, count, first, last, sums);
        case 9: return sum_span<9>(row, stride, count, first, last, sums);
        default: return sum_span<kMostWhole>(row, stride, count, first, last, sums);
    }
}

IDOCR_CLONES void add_row(const std::uint8_t* row, int count, float weight, float* sums) noexcept {
    for (int i = 0; i < count; ++i) sums[i] += weight * static_cast<float>(row[i]);
}

void add_rows(const ImageView& image, const Span& span, int count, float* sums) noexcept {
    const int rows = span.end - span.begin;
    if (rows >= 2 && rows - 2 <= kMostWhole) {
        return sum_rows(image.row(span.begin), image.row_stride, rows - 2, count, span.first, span.last, sums);
    }
    std::fill_n(sums, count, 0.0F);
    add_row(image.row(span.begin), count, span.first, sums);
    for (int y = span.begin + 1; y < span.end; ++y)
        add_row(image.row(y), count, y == span.end - 1 ? span.last : 1.0F, sums);
}

// Three channels and the next pixel's first, which is left out.
using Four [[gnu::vector_size(16)]] = float;

inline Four load_pixel(const float* at) noexcept {
    Four pixel;
    std::memcpy(&pixel, at, sizeof pixel);
    return pixel;
}

void add_along(const float* sums, const std::vector<Span>& columns, float share, std::uint8_t* out) noexcept {
    constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: what is added to it is rounded to a whole number
    for (const Span& span : columns) {
        const float* at = sums + 3 * static_cast<std::ptrdiff_t>(span.begin);
        Four sum = span.first * load_pixel(at);
        for (int x = span.begin + 1; x < span.end; ++x) {
            at += 3;
            sum += (x == span.end - 1 ? span.last : 1.0F) * load_pixel(at);
        }
        sum = sum * share + kRound;
        std::int32_t levels[4];
        std::memcpy(levels, &sum, sizeof levels);
        for (int c = 0; c < 3; ++c) *out++ = static_cast<std::uint8_t>(levels[c] & 0xff);
    }
}

}  // namespace

void shrink_by_area(const ImageView& image, int width, int height, std::uint8_t* out) {
    assert(width >= 1 && height >= 1 && image.width >= width && image.height >= height);
    assert(image.channels == 3);
    const int count = image.width * image.channels;
    const std::vector<Span> columns = spans(image.width, width);
    const float share = static_cast<float>(static_cast<double>(width) * height /
                                           (static_cast<double>(image.width) * image.height));
    std::vector<float> sums(static_cast<std::size_t>(count) + 1);
    for (const Span& span : spans(image.height, height)) {
        add_rows(image, span, count, sums.data());
        add_along(sums.data(), columns, share, out);
        out += static_cast<std::ptrdiff_t>(width) * image.channels;
    }
}

}  // namespace idocr
