#include "steps.h"

#include <cmath>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

constexpr InkRules kRules{0.05, 0.5};

void two_runs_are_two_characters() {
    const std::vector<float> ink{0, 0.9F, 0.9F, 0.9F, 0.1F, 0, 0.2F, 0.8F, 0};
    const Characters found = find_characters(ink.data(), 9, 9, kRules);
    CHECK(found.peaks.size() == 2 && found.peaks[0] == 1 && found.peaks[1] == 7);
    CHECK(std::abs(found.centres[0] - 2.0F) < 1e-6F && std::abs(found.centres[1] - 7.0F) < 1e-6F);
    CHECK(find_characters(ink.data(), 9, 6, kRules).peaks.size() == 1);
    CHECK(find_characters(ink.data(), 9, 0, kRules).peaks.empty());
}

void any_ink_has_places_inside() {
    std::mt19937 random(2);
    std::uniform_real_distribution<float> any(0, 1);
    for (int steps = 1; steps < 60; ++steps) {
        std::vector<float> ink(static_cast<std::size_t>(steps));
        for (auto& level : ink) level = any(random);
        const Characters found = find_characters(ink.data(), steps, steps - steps % 3, kRules);
        const int width = 1 + steps % 37;
        std::vector<float> directions(static_cast<std::size_t>(steps * width));
        for (auto& value : directions) value = any(random) + 0.1F;
        std::vector<float> out(found.centres.size() * static_cast<std::size_t>(width));
        for (const float centre : found.centres) CHECK(centre >= 0 && centre <= static_cast<float>(steps - 1));
        mean_directions(directions.data(), ink.data(), steps, width, found.centres.data(),
                        static_cast<int>(found.centres.size()), out.data());
        for (std::size_t p = 0; p < found.centres.size(); ++p) {
            float length = 0;
            for (int k = 0; k < width; ++k) {
                const float value = out[p * static_cast<std::size_t>(width) + static_cast<std::size_t>(k)];
                length += value * value;
            }
            CHECK(std::abs(length - 1.0F) < 1e-4F);
        }
    }
}

}  // namespace

int main() {
    two_runs_are_two_characters();
    any_ink_has_places_inside();
}
