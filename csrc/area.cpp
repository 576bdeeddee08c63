// The sums are of floats and rounded, so their order counts. OpenCV's: along each row first, then down,
// each product rounded before it is added (CMakeLists.txt keeps the compiler from fusing the two).
#include "area.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

// The part of `from` that belongs to `to`.
struct Share {
    int to;
    int from;
    float weight;
};

// A rest of less than a thousandth of a px is left out.
std::vector<Share> shares(int from, int to, double step) {
    std::vector<Share> found;
    const auto add = [&](int i, int at, double weight) {
        found.push_back({i, at, static_cast<float>(weight)});
    };
    for (int i = 0; i < to; ++i) {
        const double low = i * step;
        const double high = low + step;
        const double size = std::min(step, from - low);
        const int end = std::min(static_cast<int>(std::floor(high)), from - 1);
        const int begin = std::min(static_cast<int>(std::ceil(low)), end);
        if (begin - low > 1e-3) add(i, begin - 1, (begin - low) / size);
        for (int at = begin; at < end; ++at) add(i, at, 1.0 / size);
        if (high - end > 1e-3) add(i, end, std::min({high - end, 1.0, size}) / size);
    }
    return found;
}

// The same, as many px for each: some of weight 0, so that the loop over them has no branch.
struct Columns {
    int count = 0;
    std::vector<int> begin;
    std::vector<float> weight;  // count for each

    Columns(const std::vector<Share>& all, int from, int to)
        : begin(static_cast<std::size_t>(to), from) {
        std::vector<int> end(begin.size(), 0);
        for (const Share& share : all) {
            const auto i = static_cast<std::size_t>(share.to);
            begin[i] = std::min(begin[i], share.from);
            end[i] = share.from + 1;
            count = std::max(count, end[i] - begin[i]);
        }
        for (int& at : begin) at = std::min(at, from - count);
        weight.resize(begin.size() * static_cast<std::size_t>(count));
        for (const Share& share : all) {
            const auto i = static_cast<std::size_t>(share.to);
            weight[i * static_cast<std::size_t>(count) +
                   static_cast<std::size_t>(share.from - begin[i])] = share.weight;
        }
    }
};

// Three channels and the next pixel's first, which is left out.
using Four [[gnu::vector_size(16)]] = float;

inline Four load_pixel(const float* at) noexcept {
    Four pixel;
    std::memcpy(&pixel, at, sizeof pixel);
    return pixel;
}

template <int channels, int fixed>
void add_along(const float* row, const Columns& columns, float* out) noexcept {
    const int count = fixed ? fixed : columns.count;
    const float* weight = columns.weight.data();
    for (const int begin : columns.begin) {
        const float* at = row + static_cast<std::ptrdiff_t>(channels) * begin;
        if constexpr (channels == 3) {
            Four sum = weight[0] * load_pixel(at);
            for (int k = 1; k < count; ++k) sum += weight[k] * load_pixel(at += 3);
            for (int c = 0; c < 3; ++c) *out++ = sum[c];
        } else {
            float sum[channels];
            for (int c = 0; c < channels; ++c) sum[c] = weight[0] * at[c];
            for (int k = 1; k < count; ++k) {
                for (int c = 0; c < channels; ++c) sum[c] += weight[k] * at[channels * k + c];
            }
            for (int c = 0; c < channels; ++c) *out++ = sum[c];
        }
        weight += count;
    }
}

template <int channels>
void add_along(const float* row, const Columns& columns, float* out) noexcept {
    switch (columns.count) {  // known counts: the compiler unrolls them
        case 2: return add_along<channels, 2>(row, columns, out);
        case 3: return add_along<channels, 3>(row, columns, out);
        case 4: return add_along<channels, 4>(row, columns, out);
        case 5: return add_along<channels, 5>(row, columns, out);
        default: return add_along<channels, 0>(row, columns, out);
    }
}

IDOCR_CLONES void widen(const std::uint8_t* row, int count, float* __restrict out) noexcept {
    for (int i = 0; i < count; ++i) out[i] = static_cast<float>(row[i]);
}

IDOCR_CLONES void begin_sum(const float* row, int count, float weight,
                            float* __restrict sum) noexcept {
    for (int i = 0; i < count; ++i) sum[i] = weight * row[i];
}

IDOCR_CLONES void add_to_sum(const float* row, int count, float weight,
                             float* __restrict sum) noexcept {
    for (int i = 0; i < count; ++i) sum[i] += weight * row[i];
}

// Halves to even, as everywhere: 1.5 * 2^23 leaves no room for a fraction.
IDOCR_CLONES void round_to(const float* sum, int count, std::uint8_t* __restrict out) noexcept {
    for (int i = 0; i < count; ++i) {
        out[i] = static_cast<std::uint8_t>(static_cast<int>(sum[i] + 12582912.0F - 12582912.0F));
    }
}

}  // namespace

void resize_by_area(const ImageView& image, double step_x, double step_y, int width, int height,
                    std::uint8_t* out) {
    assert(width >= 1 && height >= 1 && step_x >= 1 && step_y >= 1);
    assert((width - 1) * step_x < image.width && (height - 1) * step_y < image.height);
    const Columns columns(shares(image.width, width, step_x), image.width, width);
    const std::vector<Share> rows = shares(image.height, height, step_y);
    const int count = width * image.channels;
    const int wide_count = image.width * image.channels;
    std::vector<float> wide(static_cast<std::size_t>(wide_count) + 1);  // and one behind the last pixel
    std::vector<float> line(static_cast<std::size_t>(count)), sum(line.size());
    int known = -1, open = -1;
    for (const Share& share : rows) {
        if (share.from != known) {  // a row on the border of two is summed once
            widen(image.row(share.from), wide_count, wide.data());
            if (image.channels == 1) add_along<1>(wide.data(), columns, line.data());
            if (image.channels == 3) add_along<3>(wide.data(), columns, line.data());
            if (image.channels == 4) add_along<4>(wide.data(), columns, line.data());
            known = share.from;
        }
        if (share.to == open) {
            add_to_sum(line.data(), count, share.weight, sum.data());
            continue;
        }
        if (open >= 0) round_to(sum.data(), count, out + static_cast<std::ptrdiff_t>(open) * count);
        begin_sum(line.data(), count, share.weight, sum.data());
        open = share.to;
    }
    round_to(sum.data(), count, out + static_cast<std::ptrdiff_t>(open) * count);
}

}  // namespace idocr
