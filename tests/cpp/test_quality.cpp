#include "quality.h"

#include <cstdint>
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

StripMeasures measure_strip(const float* strip, int height, int width, int begin, int end) {
    const Columns window{begin, end};
    StripMeasures measures{};
    measure_windows(strip, height, width, &window, 1, &measures);
    return measures;
}

void windows_are_measured_each_by_itself() {
    std::mt19937 random(9);
    std::uniform_real_distribution<float> any(-1, 1);
    std::vector<float> strip(3 * kHeight * kWidth);
    for (auto& value : strip) value = any(random);
    const std::vector<Columns> windows{{0, 2}, {5, 40}, {30, kWidth}, {kWidth - 2, kWidth}};
    std::vector<StripMeasures> together(windows.size());
    measure_windows(strip.data(), kHeight, kWidth, windows.data(), 4, together.data());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto alone = measure_strip(strip.data(), kHeight, kWidth, windows[i].begin, windows[i].end);
        CHECK(alone.contrast == together[i].contrast && alone.grain == together[i].grain);
        CHECK(alone.sharpness == together[i].sharpness && alone.ink_red == together[i].ink_red);
    }
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

void ink_rows_end_where_the_ink_does() {
    std::vector<float> strip(3 * kHeight * kWidth, 0.8f);
    InkRows rows = find_ink_rows(strip.data(), kHeight, kWidth, 0, kWidth);
    CHECK(rows.top == 0 && rows.bottom == kHeight);
    for (int y = 9; y < 30; ++y)
        for (int x = 5; x < 40; ++x) strip[static_cast<std::size_t>((2 * kHeight + y) * kWidth + x)] = -0.8f;
    rows = find_ink_rows(strip.data(), kHeight, kWidth, 1, kWidth - 1);
    CHECK(rows.top == 9 && rows.bottom == 30);
    rows = find_ink_rows(strip.data(), kHeight, kWidth, kWidth - 2, kWidth);
    CHECK(rows.top == 0 && rows.bottom == kHeight);
}

void any_line_on_any_card_stays_in_range() {
    std::mt19937 random(5);
    const auto below = [&random](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int round = 0; round < 200; ++round) {
        const int width = 1 + below(40);
        const int height = 1 + below(12);
        std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * width * height));
        for (auto& value : pixels) value = static_cast<std::uint8_t>(round % 3 == 0 ? 220 : below(256));
        const ImageView view{pixels.data(), width, height, 3, 3 * width};
        const int left = below(width);
        const int top = below(height);
        const Place place{left, top, left + 1 + below(width - left), top + 1 + below(height - top),
                          below(width + 8) - 4, below(width + 8) - 4};
        const AlongRules rules{{210, 220, 200}, 2 * below(4) + 1, 0.35, 0.15f, 0.25f, 250};
        const AlongMeasures m = measure_along(view, place, rules);
        const int columns = place.right - place.left;
        CHECK(m.darkness >= 0 && m.darkness <= 1 && m.glare >= 0 && m.glare <= 1);
        CHECK(m.gap >= 0 && m.gap <= columns && m.cover >= 0 && m.cover <= columns);
        CHECK(m.shadow <= m.darkness && m.stain <= m.tint);
    }
}

}  // namespace

int main() {
    windows_are_measured_each_by_itself();
    ink_rows_end_where_the_ink_does();
    any_line_on_any_card_stays_in_range();
    sharp_print_is_sharper_than_soft();
    glare_is_seen();
    any_values_stay_in_range();
}
