#include "evidence.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

constexpr int kSpot = kSpotPx * kSpotPx;

void a_slope_has_no_grain() {
    std::vector<float> planes(3 * 20 * 30);
    for (int i = 0; i < 3 * 20 * 30; ++i)
        planes[static_cast<std::size_t>(i)] = static_cast<float>(i % 30 * 2 + i / 30 % 20);
    const GrainMeasures m = measure_grain(planes.data(), 20, 30, 20);
    for (int c = 0; c < 3; ++c) CHECK(m.large[c] == 0.0 && m.small[c] == 0.0);
}

void grain_is_capped_on_any_size() {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> any(-1000, 1000);
    for (int width = 2; width < 40; ++width) {
        const int height = 2 + width % 5;
        std::vector<float> planes(static_cast<std::size_t>(3 * height * width));
        for (auto& value : planes) value = any(random);
        const GrainMeasures m = measure_grain(planes.data(), height, width, 2 + width % (height - 1));
        for (int c = 0; c < 3; ++c) CHECK(m.large[c] <= 24.0 && m.small[c] <= 6.0);
        for (const double product : m.products) CHECK(std::abs(product) <= 24.0 * 24.0 * 1.0001);
    }
}

// One wave, `along` cycles a spot along the rows and `down` down the columns: its cell, alone in a ring,
// is strong; its mirror image is weak.
void a_wave_is_in_its_cell(int along, int down) {
    std::vector<float> planes(3 * kSpot, 100.0f);
    for (int y = 0; y < kSpotPx; ++y)
        for (int x = 0; x < kSpotPx; ++x)
            planes[static_cast<std::size_t>(y * kSpotPx + x)] = static_cast<float>(
                100.0 + 50.0 * std::cos(2.0 * std::numbers::pi * (along * x + down * y) / kSpotPx));
    const std::vector<std::int32_t> cells{along * kSpotPx + down, along * kSpotPx + (kSpotPx - down)};
    const std::vector<std::int32_t> begins{0, 1};
    std::vector<double> out(2 * 3 * 2);
    measure_rings(planes.data(), 1, {cells.data(), 2, begins.data(), 2}, out.data());
    CHECK(out[0] > 1e9 && out[1] < 1e3);
    CHECK(out[6] < 2.0 && out[7] < 2.0);  // no colour
}

void any_spots_have_finite_power() {
    std::mt19937 random(6);
    std::uniform_real_distribution<float> any(-1000, 1000);
    std::vector<float> planes(4 * 3 * kSpot);
    for (auto& value : planes) value = any(random);
    std::vector<std::int32_t> cells;
    for (int cell = 0; cell < (kSpotPx / 2 + 1) * kSpotPx; cell += 3) cells.push_back(cell);
    const std::vector<std::int32_t> begins{2, 3, 20, 21, 500};
    for (int spots = 1; spots <= 4; ++spots) {
        std::vector<double> out(2 * 3 * begins.size());
        measure_rings(planes.data(), spots, {cells.data(), static_cast<int>(cells.size()), begins.data(), 5},
                      out.data());
        for (const double value : out) CHECK(std::isfinite(value) && value > 0.0);
    }
}

void blocks_stay_inside_the_picture() {
    std::mt19937 random(7);
    std::vector<std::uint8_t> pixels(3 * 40 * 50);
    for (auto& value : pixels) value = static_cast<std::uint8_t>(random());
    const ImageView view{pixels.data(), 50, 40, 3, 150};
    for (int left = 0; left <= 39; ++left)
        for (int top = 0; top <= 29; ++top) {
            const BlockSteps steps = measure_blocks(view, left, top, 50, 40);
            for (int k = 0; k < 8; ++k) {
                CHECK(steps.along[k] >= 0.0 && steps.along[k] <= 24.0);
                CHECK(steps.down[k] >= 0.0 && steps.down[k] <= 24.0);
            }
        }
}

}  // namespace

int main() {
    a_slope_has_no_grain();
    grain_is_capped_on_any_size();
    a_wave_is_in_its_cell(10, 20);
    a_wave_is_in_its_cell(33, 7);
    any_spots_have_finite_power();
    blocks_stay_inside_the_picture();
}
