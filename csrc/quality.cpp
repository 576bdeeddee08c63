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

}  // namespace

StripMeasures measure_strip(const float* strip, int height, int width, int begin, int end) {
    assert(height >= 1 && 0 <= begin && begin + 2 <= end && end <= width);
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(height) * width;
    const int columns = end - begin;
    std::vector<std::uint8_t> luma(static_cast<std::size_t>(columns));
    Histogram levels{};
    Histogram steps{};
    long glaring = 0;
    constexpr float kGlare = 2.0f * 250.0f / 255.0f - 1.0f;
    for (int y = 0; y < height; ++y) {
        const float* row = strip + static_cast<std::ptrdiff_t>(y) * width + begin;
        for (int x = 0; x < columns; ++x) {
            const float b = row[x];
            const float g = row[x + plane];
            const float r = row[x + 2 * plane];
            luma[static_cast<std::size_t>(x)] = to_level(0.114f * b + 0.587f * g + 0.299f * r);
            glaring += std::min({b, g, r}) >= kGlare;
        }
        for (int x = 0; x < columns; ++x) {
            const auto at = static_cast<std::size_t>(x);
            ++levels[luma[at]];
            if (x > 0) ++steps[static_cast<std::size_t>(std::abs(luma[at] - luma[at - 1]))];
        }
    }
    const long pixels = static_cast<long>(height) * columns;
    const long step_count = static_cast<long>(height) * (columns - 1);
    const int paper = percentile(levels, pixels, 0.95);
    const int ink = percentile(levels, pixels, 0.05);
    const float span = static_cast<float>(std::max(1, paper - ink));
    StripMeasures measures{};
    measures.contrast = static_cast<float>(paper - ink) / 255.0f;
    measures.sharpness = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.98)) / span);
    measures.noise = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.5)) / span);
    measures.glare = static_cast<float>(glaring) / static_cast<float>(pixels);
    measures.brightness = static_cast<float>(paper) / 255.0f;
    return measures;
}

}  // namespace idocr
