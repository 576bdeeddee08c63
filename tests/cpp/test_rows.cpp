#include "rows.h"

#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

constexpr int kWidth = 300;
constexpr int kHeight = 120;

struct Map {
    std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(kWidth * kHeight, 0);
    ImageView view() const { return {pixels.data(), kWidth, kHeight, 1, kWidth}; }
    // Vertical strokes 2 px wide, every 5 px.
    void write(int left, int top, int right, int bottom) {
        for (int y = top; y < bottom; ++y) {
            for (int x = left; x < right; ++x) {
                if ((x - left) % 5 < 2) pixels[static_cast<std::size_t>(y * kWidth + x)] = 120;
            }
        }
    }
};

void finds_two_rows() {
    Map map;
    map.write(20, 10, 150, 28);
    map.write(40, 40, 90, 58);
    const auto rows = find_text_rows(map.view(), 0, 0, kWidth, kHeight, 6.0);
    CHECK(rows.size() == 2);
    CHECK(rows[0].top == 10 && rows[0].bottom == 28 && rows[0].left == 20 && rows[0].right == 147);
    CHECK(rows[1].top == 40 && rows[1].bottom == 58 && rows[1].left == 40);
}

void a_wide_hole_ends_a_row() {
    Map map;
    map.write(20, 10, 100, 28);
    map.write(230, 10, 290, 28);
    const auto rows = find_text_rows(map.view(), 0, 0, kWidth, kHeight, 6.0);
    CHECK(rows.size() == 1 && rows[0].right < 110);
}

// The region's last 6 mm (36 px) may hold the portrait's edge: a space ends the row there.
void a_space_ends_a_row_at_the_portrait() {
    Map map;
    map.write(20, 10, 240, 28);
    map.write(275, 10, 295, 28);
    const auto rows = find_text_rows(map.view(), 0, 0, kWidth, kHeight, 6.0);
    CHECK(rows.size() == 1 && rows[0].right < 245);
}

void touching_rows_are_cut() {
    Map map;
    map.write(20, 10, 200, 30);
    map.write(20, 30, 60, 32);  // a thin bridge
    map.write(20, 32, 200, 52);
    const auto rows = find_text_rows(map.view(), 0, 0, kWidth, kHeight, 6.0);
    CHECK(rows.size() == 2);
}

void survives_noise() {
    std::mt19937 random(3);
    std::uniform_int_distribution<int> level(0, 255);
    for (int round = 0; round < 50; ++round) {
        Map map;
        for (auto& pixel : map.pixels) pixel = static_cast<std::uint8_t>(level(random));
        for (const TextRow& row : find_text_rows(map.view(), 3, 2, 290, 117, 2.0 + round)) {
            CHECK(row.left >= 3 && row.top >= 2 && row.right <= 290 && row.bottom <= 117);
            CHECK(row.left < row.right && row.top < row.bottom);
        }
    }
}

void any_slope_stays_inside() {
    std::mt19937 random(4);
    std::uniform_real_distribution<float> any(-50, 50);
    for (int columns = 1; columns < 30; ++columns) {
        const int lines = 2 + columns % 9;
        std::vector<std::uint8_t> levels(static_cast<std::size_t>(columns * lines), 3);
        std::vector<float> across(static_cast<std::size_t>(columns));
        for (auto& x : across) x = any(random);
        const double sharpness = row_sharpness({levels.data(), lines, columns, across.data()}, {0.7, -2.0});
        CHECK(sharpness == lines * 9.0 * columns * columns);
    }
}

}  // namespace

int main() {
    any_slope_stays_inside();
    finds_two_rows();
    a_wide_hole_ends_a_row();
    a_space_ends_a_row_at_the_portrait();
    touching_rows_are_cut();
    survives_noise();
}
