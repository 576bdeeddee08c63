#include "language.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

// Five characters and one for all others; the pair (0, 1) is told, all else is rare.
struct Table {
    std::vector<double> alone = std::vector<double>(6, -8.0);
    std::vector<double> rest = std::vector<double>(6, -1.0);
    std::vector<std::uint32_t> pairs{1};
    std::vector<double> told{-0.1};

    PairTable view() const {
        return {alone.data(), rest.data(), 6, pairs.data(), told.data(), 1, -9.0, 1.0};
    }
};

void a_known_pair_wins() {
    const Table table;
    const std::vector<std::int32_t> chars{0, 1, 2};
    const std::vector<double> probs{0.9, 0.3, 0.6};
    const std::vector<std::int32_t> counts{1, 2};
    std::vector<double> out(3);
    tell_by_neighbours(table.view(), {chars.data(), probs.data(), counts.data(), 2, 5, 5}, out.data());
    CHECK(std::abs(out[0] - 0.9) < 1e-12);
    CHECK(out[1] > 0.85 && std::abs(out[1] + out[2] - 0.9) < 1e-12);
}

void any_choices_keep_their_share() {
    const Table table;
    std::mt19937 random(3);
    std::uniform_real_distribution<double> any(1e-9, 0.4);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::int32_t> chars, counts;
        std::vector<double> probs;
        const int places = 1 + round % 7;
        for (int place = 0; place < places; ++place) {
            counts.push_back(1 + static_cast<std::int32_t>(random() % 4));
            for (int i = 0; i < counts.back(); ++i) {
                chars.push_back(static_cast<std::int32_t>(random() % 6));
                probs.push_back(any(random));
            }
        }
        std::vector<double> out(chars.size());
        tell_by_neighbours(table.view(), {chars.data(), probs.data(), counts.data(), places, 5, 5}, out.data());
        std::size_t at = 0;
        for (const std::int32_t count : counts) {
            double before = 0, after = 0;
            for (std::int32_t i = 0; i < count; ++i, ++at) {
                before += probs[at];
                after += out[at];
                CHECK(out[at] >= 0.0);
            }
            CHECK(std::abs(after - std::min(1.0, before)) < 1e-9);
        }
    }
}

}  // namespace

int main() {
    a_known_pair_wins();
    any_choices_keep_their_share();
}
