#include "strokes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

constexpr int kLevels = 256;
constexpr int kLanes = 16;  // sums side by side: the compiler may not reorder one
constexpr double kPaperShare = 0.75;  // of the px, in rising order: the paper
constexpr double kInkShare = 0.03;
constexpr float kLeastContrast = 4.0f;
constexpr float kInkFrom = 0.3f, kInkRise = 0.4f;  // of the contrast: what is a little darker is noise
constexpr float kInked = 0.503f;  // a row with such a px bears ink; levels alone do not make this share
constexpr float kRimDepth = 0.35f;  // of the contrast: darker px are ink, not a rim's

IDOCR_CLONES void luma_row(const float* blue, const float* green, const float* red, int columns,
                           float* __restrict luma, std::uint8_t* __restrict level) noexcept {
    for (int x = 0; x < columns; ++x) {
        luma[x] = (0.114f * blue[x] + 0.587f * green[x] + 0.299f * red[x] + 1.0f) * 127.5f;
        level[x] = static_cast<std::uint8_t>(static_cast<int>(std::min(std::max(luma[x] + 0.5f, 0.0f), 255.0f)));
    }
}

// Neighbours are often alike: four tables in turn, so that no count waits for the one before it.
using Counts = std::array<std::array<int, kLevels>, 4>;

void add_levels(const std::uint8_t* levels, int count, Counts& counts) {
    int x = 0;
    for (; x + 4 <= count; x += 4)
        for (std::size_t k = 0; k < 4; ++k) ++counts[k][levels[x + static_cast<int>(k)]];
    for (; x < count; ++x) ++counts[0][levels[x]];
}

// How far each px of a row is ink, added to its column's area; returns the most. Sums here and below go column
// by column, so that none waits for the one before it, as do running maxima.
IDOCR_CLONES float ink_row(const float* luma, int columns, float begins, float per_level, float* __restrict ink,
                           float* __restrict area) noexcept {
    for (int x = 0; x < columns; ++x) {
        const float above = (begins - luma[x]) * per_level;
        const float some = above > 0.0f ? above : 0.0f;
        ink[x] = some < 1.0f ? some : 1.0f;
        area[x] += ink[x];
    }
    float most[kLanes] = {};
    int x = 0;
    for (; x + kLanes <= columns; x += kLanes)
        for (int k = 0; k < kLanes; ++k) most[k] = ink[x + k] > most[k] ? ink[x + k] : most[k];
    for (; x < columns; ++x) most[0] = ink[x] > most[0] ? ink[x] : most[0];
    return *std::max_element(most, most + kLanes);
}

IDOCR_CLONES void add_steps(const float* upper, const float* lower, int columns, float* __restrict outline,
                            float* __restrict across, float* __restrict down) noexcept {
    for (int x = 0; x + 1 < columns; ++x) {
        const float dx = upper[x + 1] - upper[x], dy = lower[x] - upper[x];
        outline[x] += std::sqrt(dx * dx + dy * dy);
        across[x] += std::abs(dx);
        down[x] += std::abs(dy);
    }
}

float sum(const std::vector<float>& values) {
    return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0));
}

// The level below which `share` of the px lie.
float percentile(const Counts& counts, double total, double share) {
    double below = total * share;
    std::size_t level = 0;
    for (; level + 1 < kLevels; ++level)
        if ((below -= counts[0][level] + counts[1][level] + counts[2][level] + counts[3][level]) < 0.0) break;
    return static_cast<float>(level);
}

IDOCR_CLONES float sum_of_brighter(const float* row, int columns, float darkest) noexcept {
    float sums[kLanes] = {};
    int x = 0;
    for (; x + kLanes <= columns; x += kLanes)
        for (int k = 0; k < kLanes; ++k) sums[k] += std::max(row[x + k], darkest);
    for (; x < columns; ++x) sums[0] += std::max(row[x], darkest);
    float total = 0.0f;
    for (const float part : sums) total += part;
    return total;
}

// The largest step between the means of rows two apart, from `first` to before `last`; what is
// darker than `darkest` counts as that.
float strongest_rim(const float* luma, int columns, int first, int last, float darkest) {
    float most = 0.0f;
    std::array<float, 2> before{};
    for (int y = first; y < last; ++y) {
        const float* row = luma + static_cast<std::ptrdiff_t>(y) * columns;
        const float mean = sum_of_brighter(row, columns, darkest) / static_cast<float>(columns);
        float& two_before = before[static_cast<std::size_t>((y - first) % 2)];
        if (y - first >= 2) most = std::max(most, std::abs(mean - two_before));
        two_before = mean;
    }
    return most;
}

}  // namespace

StrokeMeasures measure_strokes(const float* strip, int height, int width, int begin, int end) {
    assert(height >= 2 && 0 <= begin && begin + 2 <= end && end <= width);
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(height) * width;
    const int columns = end - begin;
    const std::size_t pixels = static_cast<std::size_t>(height) * static_cast<std::size_t>(columns);
    std::vector<float> luma(pixels);
    std::vector<std::uint8_t> levels(static_cast<std::size_t>(columns));
    Counts counts{};
    for (int y = 0; y < height; ++y) {
        const float* row = strip + static_cast<std::ptrdiff_t>(y) * width + begin;
        float* line = luma.data() + static_cast<std::ptrdiff_t>(y) * columns;
        luma_row(row, row + plane, row + 2 * plane, columns, line, levels.data());
        add_levels(levels.data(), columns, counts);
    }
    const float paper = percentile(counts, static_cast<double>(pixels), kPaperShare);
    const float contrast =
        std::max(paper - percentile(counts, static_cast<double>(pixels), kInkShare), kLeastContrast);

    const float begins = paper - kInkFrom * contrast, per_level = 1.0f / (kInkRise * contrast);

    const std::size_t wide = static_cast<std::size_t>(columns);
    std::vector<float> upper(wide), lower(wide), area(wide), outline(wide), across(wide), down(wide);
    StrokeMeasures found{};
    found.top = height;
    for (int y = 0; y < height; ++y) {
        const float* row = luma.data() + static_cast<std::ptrdiff_t>(y) * columns;
        if (ink_row(row, columns, begins, per_level, lower.data(), area.data()) > kInked) {
            found.top = std::min(found.top, y);
            found.bottom = y + 1;
        }
        if (y > 0) add_steps(upper.data(), lower.data(), columns, outline.data(), across.data(), down.data());
        upper.swap(lower);
    }
    if (found.bottom == 0) {
        found.top = 0;
        found.bottom = height;
    }
    found.area = sum(area);
    found.outline = sum(outline);
    found.across = sum(across);
    found.down = sum(down);
    const float darkest = paper - kRimDepth * contrast;
    found.rim_above = strongest_rim(luma.data(), columns, 0, found.top - 1, darkest);
    found.rim_below = strongest_rim(luma.data(), columns, found.bottom + 1, height, darkest);
    return found;
}

}  // namespace idocr
