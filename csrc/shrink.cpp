#include "shrink.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
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

// Whole rows first: they lie in order, and few are left to be gone along.
IDOCR_CLONES void add_row(const std::uint8_t* row, int count, float weight, float* sums) noexcept {
    for (int i = 0; i < count; ++i) sums[i] += weight * static_cast<float>(row[i]);
}

IDOCR_CLONES void add_four_rows(const std::uint8_t* row, std::ptrdiff_t stride, int count,
                                float* sums) noexcept {
    const std::uint8_t* second = row + stride;
    const std::uint8_t* third = second + stride;
    const std::uint8_t* fourth = third + stride;
    for (int i = 0; i < count; ++i) {
        sums[i] += static_cast<float>(row[i] + second[i] + third[i] + fourth[i]);
    }
}

void add_along(const float* sums, const std::vector<Span>& columns, int channels, float share,
               std::uint8_t* out) noexcept {
    for (const Span& span : columns) {
        for (int c = 0; c < channels; ++c) {
            const float* at = sums + static_cast<std::ptrdiff_t>(channels) * span.begin + c;
            float sum = span.first * *at;
            for (int x = span.begin + 1; x < span.end; ++x) {
                at += channels;
                sum += (x == span.end - 1 ? span.last : 1.0F) * *at;
            }
            *out++ = static_cast<std::uint8_t>(std::min(255L, std::lrint(sum * share)));
        }
    }
}

}  // namespace

void shrink_by_area(const ImageView& image, int width, int height, std::uint8_t* out) {
    assert(width >= 1 && height >= 1 && image.width >= width && image.height >= height);
    const int count = image.width * image.channels;
    const std::vector<Span> columns = spans(image.width, width);
    const float share = static_cast<float>(static_cast<double>(width) * height /
                                           (static_cast<double>(image.width) * image.height));
    std::vector<float> sums(static_cast<std::size_t>(count));
    for (const Span& span : spans(image.height, height)) {
        std::fill(sums.begin(), sums.end(), 0.0F);
        add_row(image.row(span.begin), count, span.first, sums.data());
        int y = span.begin + 1;
        for (; y + 4 < span.end; y += 4) {
            add_four_rows(image.row(y), image.row_stride, count, sums.data());
        }
        for (; y < span.end; ++y) {
            add_row(image.row(y), count, y == span.end - 1 ? span.last : 1.0F, sums.data());
        }
        add_along(sums.data(), columns, image.channels, share, out);
        out += static_cast<std::ptrdiff_t>(width) * image.channels;
    }
}

}  // namespace idocr
