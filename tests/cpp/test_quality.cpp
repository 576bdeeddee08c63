#include "quality.h"

#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

constexpr int kWidth = 64;
constexpr int kHeight = 48;

// Black bars on paper of the given level (0..1), `soft` px wide at their edges.
std::vector<float> bars(float paper, int soft) {
    std::vector<float> strip(3 * kHeight * kWidth);
    for (int i = 0; i < 3 * kHeight * kWidth; ++i) {
        const int x = i % kWidth % 16;
        const float ramp = soft == 0 ? (x < 8 ? 0.0f : 1.0f)
                                     : static_cast<float>(x < 8 ? 8 - x : x - 8) / 8.0f;
        strip[static_cast<std::size_t>(i)] = 2 * paper * ramp - 1;
    }
    return strip;
}

void sharp_print_is_sharper_than_soft() {
    const auto sharp = bars(0.8f, 0);
    const auto soft = bars(0.8f, 8);
    const StripMeasures a = measure_strip(sharp.data(), kHeight, kWidth, 0, kWidth);
    const StripMeasures b = measure_strip(soft.data(), kHeight, kWidth, 0, kWidth);
    CHECK(a.sharpness > 0.9f && b.sharpness < 0.3f);
    CHECK(a.contrast > 0.75f && a.contrast < 0.85f);
    CHECK(a.glare == 0.0f);
}

void glare_is_seen() {
    const auto strip = bars(1.0f, 0);
    const StripMeasures m = measure_strip(strip.data(), kHeight, kWidth, 0, kWidth);
    CHECK(m.glare > 0.45f && m.glare < 0.55f);
}

void any_values_stay_in_range() {
    std::mt19937 random(4);
    std::uniform_real_distribution<float> any(-3, 3);
    std::vector<float> strip(3 * kHeight * kWidth);
    for (int round = 0; round < 20; ++round) {
        for (auto& value : strip) value = any(random);
        const int begin = round % 7;
        const int end = begin + 2 + 2 * round;
        const StripMeasures m = measure_strip(strip.data(), kHeight, kWidth, begin, end);
        for (const float v : {m.contrast, m.sharpness, m.glare, m.brightness, m.noise}) {
            CHECK(v >= 0 && v <= 1);
        }
    }
}

}  // namespace

int main() {
    sharp_print_is_sharper_than_soft();
    glare_is_seen();
    any_values_stay_in_range();
}
