#include "quality.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace idocr {
namespace {

constexpr int kLevels = 256;
using Histogram = std::array<int, kLevels>;

int percentile(const Histogram& histogram, long total, double share) {
    const long below = static_cast<long>(static_cast<double>(total) * share);
    long count = 0;
    for (int level = 0; level < kLevels; ++level) {
        count += histogram[static_cast<std::size_t>(level)];
        if (count > below) return level;
    }
    return kLevels - 1;
}

std::uint8_t to_level(float value) {
    return static_cast<std::uint8_t>(std::clamp((value + 1.0f) * 127.5f + 0.5f, 0.0f, 255.0f));
}

// Sums of a class of pixels, BGR in -1..1.
struct Tint {
    double blue = 0, green = 0, red = 0;
    long count = 0;

    void add(float b, float g, float r) {
        blue += b, green += g, red += r;
        ++count;
    }
    float less_green(double channel) const {
        return count == 0 ? 0.0f : static_cast<float>((channel - green) / (2.0 * static_cast<double>(count)));
    }
};

// Mean over the squares of 2 x 2 paper pixels of the difference between their diagonals, as the sigma of
// Gaussian noise in one pixel, of full scale. An edge counts no more than kMostStep.
float paper_grain(const std::vector<std::uint8_t>& luma, int height, int columns, int paper) {
    constexpr int kMostStep = 24;
    constexpr double kMeanOfSigma = 2.0 * 0.79788;  // mean |N(0, 2 sigma)| is 2 sigma sqrt(2 / pi)
    long sum = 0;
    long count = 0;
    for (int y = 0; y + 1 < height; ++y) {
        const std::uint8_t* upper = luma.data() + static_cast<std::ptrdiff_t>(y) * columns;
        const std::uint8_t* lower = upper + columns;
        for (int x = 0; x + 1 < columns; ++x) {
            const int a = upper[x], b = upper[x + 1], c = lower[x], d = lower[x + 1];
            const bool is_paper = std::min(std::min(a, b), std::min(c, d)) >= paper;
            sum += is_paper ? std::min(kMostStep, std::abs(a - b - c + d)) : 0;
            count += is_paper;
        }
    }
    if (count == 0) return 0.0f;
    return static_cast<float>(static_cast<double>(sum) / static_cast<double>(count) / kMeanOfSigma / 255.0);
}

}  // namespace

StripMeasures measure_strip(const float* strip, int height, int width, int begin, int end) {
    assert(height >= 1 && 0 <= begin && begin + 2 <= end && end <= width);
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(height) * width;
    const int columns = end - begin;
    std::vector<std::uint8_t> luma(static_cast<std::size_t>(height) * static_cast<std::size_t>(columns));
    Histogram levels{};
    Histogram steps{};
    long glaring = 0;
    constexpr float kGlare = 2.0f * 250.0f / 255.0f - 1.0f;
    for (int y = 0; y < height; ++y) {
        const float* row = strip + static_cast<std::ptrdiff_t>(y) * width + begin;
        std::uint8_t* line = luma.data() + static_cast<std::ptrdiff_t>(y) * columns;
        for (int x = 0; x < columns; ++x) {
            const float b = row[x];
            const float g = row[x + plane];
            const float r = row[x + 2 * plane];
            line[x] = to_level(0.114f * b + 0.587f * g + 0.299f * r);
            glaring += std::min({b, g, r}) >= kGlare;
        }
        for (int x = 0; x < columns; ++x) {
            ++levels[line[x]];
            if (x > 0) ++steps[static_cast<std::size_t>(std::abs(line[x] - line[x - 1]))];
        }
    }
    const long pixels = static_cast<long>(height) * columns;
    const long step_count = static_cast<long>(height) * (columns - 1);
    const int paper = percentile(levels, pixels, 0.95);
    const int ink = percentile(levels, pixels, 0.05);
    const int middle = percentile(levels, pixels, 0.5);
    Tint bright;
    Tint dark;
    for (int y = 0; y < height; ++y) {
        const float* row = strip + static_cast<std::ptrdiff_t>(y) * width + begin;
        const std::uint8_t* line = luma.data() + static_cast<std::ptrdiff_t>(y) * columns;
        for (int x = 0; x < columns; ++x) {
            if (line[x] >= middle) bright.add(row[x], row[x + plane], row[x + 2 * plane]);
            if (line[x] <= ink) dark.add(row[x], row[x + plane], row[x + 2 * plane]);
        }
    }
    const float span = static_cast<float>(std::max(1, paper - ink));
    StripMeasures measures{};
    measures.contrast = static_cast<float>(paper - ink) / 255.0f;
    measures.sharpness = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.98)) / span);
    measures.noise = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.5)) / span);
    measures.glare = static_cast<float>(glaring) / static_cast<float>(pixels);
    measures.brightness = static_cast<float>(paper) / 255.0f;
    measures.grain = paper_grain(luma, height, columns, middle);
    measures.paper_blue = bright.less_green(bright.blue);
    measures.paper_red = bright.less_green(bright.red);
    measures.ink_blue = dark.less_green(dark.blue);
    measures.ink_red = dark.less_green(dark.red);
    return measures;
}

}  // namespace idocr
