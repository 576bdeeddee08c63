#include "shrink.h"

#include <cmath>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

struct Drawn {
    std::vector<std::uint8_t> pixels;
    ImageView view;
};

Drawn draw(std::mt19937& random, int width, int height) {
    std::uniform_int_distribution<int> value(0, 255);
    Drawn drawn;
    for (int i = 0; i < 3 * width * height; ++i) {
        drawn.pixels.push_back(static_cast<std::uint8_t>(value(random)));
    }
    drawn.view = {drawn.pixels.data(), width, height, 3, 3 * width};
    return drawn;
}

double mean(const std::vector<std::uint8_t>& pixels) {
    double sum = 0;
    for (const std::uint8_t pixel : pixels) sum += pixel;
    return sum / static_cast<double>(pixels.size());
}

void keeps_the_mean_at_any_size() {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> side(1, 70);
    for (int round = 0; round < 400; ++round) {
        const Drawn drawn = draw(random, side(random), side(random));
        const int width = 1 + side(random) % drawn.view.width;
        const int height = 1 + side(random) % drawn.view.height;
        std::vector<std::uint8_t> out(static_cast<std::size_t>(3 * width * height));
        shrink_by_area(drawn.view, width, height, out.data());
        CHECK(std::abs(mean(out) - mean(drawn.pixels)) <= 0.51);
    }
}

void white_stays_white() {
    const std::vector<std::uint8_t> white(3 * 61 * 47, 255);
    std::vector<std::uint8_t> out(3 * 13 * 11);
    shrink_by_area({white.data(), 61, 47, 3, 3 * 61}, 13, 11, out.data());
    for (const std::uint8_t pixel : out) CHECK(pixel == 255);
}

}  // namespace

int main() {
    keeps_the_mean_at_any_size();
    white_stays_white();
    return 0;
}
