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

StripMeasures measure_strip(const float* strip, int height, int width) {
    assert(height >= 1 && width >= 2);
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(height) * width;
    std::vector<std::uint8_t> luma(static_cast<std::size_t>(plane));
    Histogram levels{};
    long glaring = 0;
    constexpr float kGlare = 2.0f * 250.0f / 255.0f - 1.0f;
    for (std::ptrdiff_t i = 0; i < plane; ++i) {
        const float b = strip[i];
        const float g = strip[i + plane];
        const float r = strip[i + 2 * plane];
        const std::uint8_t level = to_level(0.114f * b + 0.587f * g + 0.299f * r);
        luma[static_cast<std::size_t>(i)] = level;
        ++levels[level];
        glaring += std::min({b, g, r}) >= kGlare;
    }
    Histogram steps{};
    for (int y = 0; y < height; ++y) {
        const std::uint8_t* row = luma.data() + static_cast<std::ptrdiff_t>(y) * width;
        for (int x = 1; x < width; ++x) ++steps[static_cast<std::size_t>(std::abs(row[x] - row[x - 1]))];
    }
    const long step_count = static_cast<long>(height) * (width - 1);
    const int paper = percentile(levels, plane, 0.95);
    const int ink = percentile(levels, plane, 0.05);
    const float span = static_cast<float>(std::max(1, paper - ink));
    StripMeasures measures{};
    measures.contrast = static_cast<float>(paper - ink) / 255.0f;
    measures.sharpness = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.98)) / span);
    measures.noise = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.5)) / span);
    measures.glare = static_cast<float>(glaring) / static_cast<float>(plane);
    measures.brightness = static_cast<float>(paper) / 255.0f;
    return measures;
}

}  // namespace idocr
