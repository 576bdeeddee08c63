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

void spots_end_with_the_picture() {
    std::vector<std::uint8_t> pixels(3 * 130 * 140, 77);
    const ImageView view{pixels.data(), 140, 130, 3, 420};
    std::vector<float> planes(3 * kSpot);
    for (const int left : {0, 12})
        for (const int top : {0, 2}) take_spot(view, left, top, planes.data());
    CHECK(std::abs(planes[0] - 77.0f) < 1e-4f && planes[kSpot] == 0.0f && planes[2 * kSpot] == 0.0f);
}

void any_cells_have_finite_tones() {
    std::mt19937 random(8);
    for (int count = 1; count < 60; ++count) {
        std::vector<std::uint8_t> cells(static_cast<std::size_t>(3 * count));
        for (auto& value : cells) value = static_cast<std::uint8_t>(random());
        const ToneMeasures tones = measure_tones(cells.data(), count);
        CHECK(tones.spread[0] >= 0.0 && tones.spread[0] <= tones.spread[1]);
        CHECK(tones.light[0] >= 0.0 && tones.light[4] <= 1.0001);
        CHECK(tones.apart[0] >= 0.0 && tones.apart[0] <= tones.apart[3]);
        for (const double value : tones.follows) CHECK(std::isfinite(value));
    }
}

void a_rim_is_a_step() {
    constexpr int kWidth = 90, kHeight = 80;
    std::vector<std::uint8_t> pixels(3 * kWidth * kHeight, 100);
    for (int y = 0; y < kHeight; ++y)
        for (int x = 8; x < 82; ++x)
            for (int c = 0; c < 3; ++c) pixels[static_cast<std::size_t>(3 * (y * kWidth + x) + c)] = 120;
    const ImageView view{pixels.data(), kWidth, kHeight, 3, 3 * kWidth};
    const RimMeasures rim = measure_rim(view, {0, 0, kWidth, kHeight}, {20, 20, 60, 60});
    for (int k = 0; k < 4; ++k) CHECK(rim.steps[k] == 20.0);
    CHECK(rim.steps[4] == 0.0 && rim.steps[5] == 0.0 && rim.paper[0] == 0.0);
    measure_rim(view, {26, 16, kWidth, kHeight}, {82, 72, kWidth, kHeight});
}

void fields_are_compared_without_their_own() {
    std::vector<float> own(3 * kPrintMeasures, 0.5f), beside(kPrintMeasures, 0.25f);
    own[2 * kPrintMeasures + 3] = 0.75f;  // the last one's brightness
    const std::vector<std::int32_t> counts{1, 1, 1}, beside_counts{0, 1, 0};
    std::vector<double> out(3 * kFieldMeasures);
    compare_fields({own.data(), beside.data(), counts.data(), beside_counts.data(), 3}, out.data());
    const double* last = out.data() + 2 * kFieldMeasures;
    CHECK(last[3] == 0.75 && last[kPrintMeasures + 3] == 0.25 && last[2 * kPrintMeasures + 3] == 0.25);
    CHECK(out[kPrintMeasures + 3] == -0.125 && out[2 * kPrintMeasures + 3] == 0.0);
    CHECK(out[kFieldMeasures + 5 * kPrintMeasures + 1] == 0.25);  // brighter than what stands beside
    CHECK(out[5 * kPrintMeasures + 1] == 0.0);
}

}  // namespace

int main() {
    spots_end_with_the_picture();
    any_cells_have_finite_tones();
    a_rim_is_a_step();
    fields_are_compared_without_their_own();
    a_slope_has_no_grain();
    grain_is_capped_on_any_size();
    a_wave_is_in_its_cell(10, 20);
    a_wave_is_in_its_cell(33, 7);
    any_spots_have_finite_power();
    blocks_stay_inside_the_picture();
}
