#include "lab.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

// Every colour of a coarse grid, the ends of each channel included.
std::vector<std::uint8_t> colours() {
    std::vector<std::uint8_t> bgr;
    for (int b = 0; b <= 255; b += 17)
        for (int g = 0; g <= 255; g += 15)
            for (int r = 0; r <= 255; r += 5)
                for (const int level : {b, g, r}) bgr.push_back(static_cast<std::uint8_t>(level));
    return bgr;
}

void both_conversions_agree() {
    const auto bgr = colours();
    const auto count = static_cast<std::ptrdiff_t>(bgr.size() / 3);
    std::vector<std::uint8_t> levels(bgr.size());
    std::vector<float> fine(bgr.size());
    bgr_to_lab(bgr.data(), count, levels.data());
    bgr_to_fine_lab(bgr.data(), count, fine.data());
    for (std::size_t i = 0; i < bgr.size(); i += 3) {
        CHECK(fine[i] >= 0.0F && fine[i] <= 100.01F);
        CHECK(std::abs(static_cast<float>(levels[i]) - fine[i] * 2.55F) < 3.0F);
        CHECK(std::abs(static_cast<float>(levels[i + 1]) - 128.0F - fine[i + 1]) < 5.0F);
        CHECK(std::abs(static_cast<float>(levels[i + 2]) - 128.0F - fine[i + 2]) < 5.0F);
    }
}

}  // namespace

int main() { both_conversions_agree(); }
