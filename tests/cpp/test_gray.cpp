#include "gray.h"

#include <cmath>
#include <vector>

#include "check.h"

using namespace idocr;

int main() {
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
