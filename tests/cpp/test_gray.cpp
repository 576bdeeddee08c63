#include "gray.h"

#include <cmath>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

void any_size_keeps_its_mean() {
    for (int width = 1; width < 30; ++width) {
        const int height = 1 + width % 4;
        std::vector<float> gray;
        double sum = 0;
        for (int i = 0; i < 9 * height * width; ++i) {
            gray.push_back(static_cast<float>(i * 7 % 31) / 15.0F - 1.0F);
            sum += static_cast<double>(gray.back());
        }
        std::vector<float> small(static_cast<std::size_t>(4 * height * width));
        shrink_by_third(gray.data(), height, width, small.data());
        double shrunk = 0;
        for (const float value : small) shrunk += static_cast<double>(value);
        CHECK(std::abs(shrunk / 4 - sum / 9) < 1e-4 * height * width);
    }
}

}  // namespace

int main() {
    any_size_keeps_its_mean();
    for (int count = 1; count < 70; ++count) {
        std::vector<float> strip;
        for (int i = 0; i < 3 * count; ++i) strip.push_back(static_cast<float>(i % 17) / 8.5F - 1.0F);
        std::vector<float> gray(static_cast<std::size_t>(count));
        strip_to_gray(strip.data(), count, gray.data());
        for (int i = 0; i < count; ++i) {
            const auto at = [&](int channel) { return strip[static_cast<std::size_t>(channel * count + i)]; };
            const float expected = 0.114F * at(0) + 0.587F * at(1) + 0.299F * at(2);
            CHECK(std::abs(gray[static_cast<std::size_t>(i)] - expected) < 1e-6F);
        }
    }
}
