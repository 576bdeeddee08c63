#include "area.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

constexpr int kChannels[] = {1, 3, 4};

std::vector<std::uint8_t> shrunk(const std::vector<std::uint8_t>& pixels, int width, int height,
                                 int channels, double step_x, double step_y) {
    const int out_width = std::max(1, static_cast<int>(std::lrint(width / step_x)));
    const int out_height = std::max(1, static_cast<int>(std::lrint(height / step_y)));
    std::vector<std::uint8_t> out(static_cast<std::size_t>(channels * out_width * out_height));
    resize_by_area({pixels.data(), width, height, channels, channels * width}, step_x, step_y,
                   out_width, out_height, out.data());
    return out;
}

void stays_within_what_it_covers_at_any_size() {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> side(1, 70), value(40, 90);
    for (int round = 0; round < 600; ++round) {
        const int width = side(random), height = side(random), channels = kChannels[round % 3];
        std::vector<std::uint8_t> pixels(static_cast<std::size_t>(channels * width * height));
        for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(value(random));
        std::uniform_real_distribution<double> step_x(1, width), step_y(1, height);
        for (const std::uint8_t pixel :
             shrunk(pixels, width, height, channels, step_x(random), step_y(random))) {
            CHECK(pixel >= 40 && pixel <= 90);
        }
    }
}

void the_same_size_is_the_same_picture() {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 4 * 13 * 11; ++i) pixels.push_back(static_cast<std::uint8_t>(7 * i));
    CHECK(shrunk(pixels, 13, 11, 4, 1.0, 1.0) == pixels);
}

}  // namespace

int main() {
    stays_within_what_it_covers_at_any_size();
    the_same_size_is_the_same_picture();
    return 0;
}
