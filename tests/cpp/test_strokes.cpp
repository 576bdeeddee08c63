#include "strokes.h"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

std::vector<float> paper(int height, int width) {
    return std::vector<float>(static_cast<std::size_t>(3 * height * width), 0.6f);
}

void an_upright_bar_is_as_wide_as_it_is() {
    constexpr int kHeight = 40, kWidth = 60;
    std::vector<float> strip = paper(kHeight, kWidth);
    for (int c = 0; c < 3; ++c)
        for (int y = 10; y < 30; ++y)
            for (int x = 20; x < 26; ++x) strip[static_cast<std::size_t>((c * kHeight + y) * kWidth + x)] = -0.8f;
    const StrokeMeasures m = measure_strokes(strip.data(), kHeight, kWidth, 0, kWidth);
    CHECK(m.top == 10 && m.bottom == 30);
    CHECK(std::abs(m.area - 120.0f) < 0.1f);
    CHECK(std::abs(m.across - 40.0f) < 0.1f && std::abs(m.down - 12.0f) < 0.1f);
    CHECK(m.rim_above == 0.0f && m.rim_below == 0.0f);
}

void any_strip_has_finite_measures() {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> any(-1.2f, 1.2f);
    for (int width = 2; width < 60; ++width) {
        const int height = 2 + width % 7;
        std::vector<float> strip = paper(height, width);
        for (auto& value : strip) value = any(random);
        const int begin = width % (width - 1);
        const StrokeMeasures m = measure_strokes(strip.data(), height, width, begin, width);
        CHECK(std::isfinite(m.area) && std::isfinite(m.outline));
        CHECK(0 <= m.top && m.top < m.bottom && m.bottom <= height);
        CHECK(m.rim_above >= 0.0f && m.rim_below <= 320.0f);
    }
}

}  // namespace

int main() {
    an_upright_bar_is_as_wide_as_it_is();
    any_strip_has_finite_measures();
}
