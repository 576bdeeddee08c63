#include "classes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

struct Drawn {
    std::vector<std::int8_t> rows;
    std::vector<float> scales;
    std::vector<float> priors;
    std::vector<float> directions;
    ClassTable table;
};

Drawn draw(std::mt19937& random, int num_classes, int count) {
    Drawn drawn;
    std::uniform_int_distribution<int> value(-127, 127);
    std::normal_distribution<float> normal;
    for (int i = 0; i < num_classes * kDirectionWidth; ++i) {
        drawn.rows.push_back(static_cast<std::int8_t>(value(random)));
    }
    for (int i = 0; i < num_classes; ++i) {
        drawn.scales.push_back(0.03F);
        drawn.priors.push_back(normal(random));
    }
    for (int i = 0; i < count * kDirectionWidth; ++i) {
        drawn.directions.push_back(0.09F * normal(random));
    }
    drawn.table = {drawn.rows.data(), drawn.scales.data(), drawn.priors.data(), num_classes};
    return drawn;
}

void sums_to_one_for_any_number_of_classes() {
    std::mt19937 random(3);
    for (const int num_classes : {1, 2, 3, 4, 5, 31, 32, 33, 255, 256, 257, 513, 1000}) {
        const Drawn drawn = draw(random, num_classes, 3);
        std::vector<std::int32_t> all;
        for (int c = 0; c < num_classes; ++c) all.push_back(c);
        const ClassProbs found =
            class_probs(drawn.directions.data(), 3, drawn.table, all.data(), num_classes, 6);
        CHECK(found.wanted.size() == static_cast<std::size_t>(3 * num_classes));
        CHECK(found.num_ranked == std::min(6, num_classes));
        for (int i = 0; i < 3; ++i) {
            float sum = 0;
            float best = 0;
            for (int c = 0; c < num_classes; ++c) {
                const float p = found.wanted[static_cast<std::size_t>(i * num_classes + c)];
                CHECK(p >= 0 && p <= 1.0001F);
                sum += p;
                best = std::max(best, p);
            }
            CHECK(std::abs(sum - 1) < 1e-3F);
            CHECK(found.ranked[static_cast<std::size_t>(i * found.num_ranked)].prob == best);
        }
    }
}

void nothing_wanted_and_nothing_ranked() {
    std::mt19937 random(4);
    const Drawn drawn = draw(random, 300, 2);
    const ClassProbs found = class_probs(drawn.directions.data(), 2, drawn.table, nullptr, 0, 0);
    CHECK(found.wanted.empty() && found.ranked.empty() && found.num_ranked == 0);
}

void a_direction_of_nothing_leaves_the_priors() {
    std::mt19937 random(5);
    Drawn drawn = draw(random, 40, 1);
    drawn.directions.assign(kDirectionWidth, 0.0F);
    drawn.priors.assign(40, 0.0F);
    drawn.table.priors = drawn.priors.data();
    const std::int32_t one = 7;
    const ClassProbs found = class_probs(drawn.directions.data(), 1, drawn.table, &one, 1, 2);
    CHECK(std::abs(found.wanted[0] - 1.0F / 40) < 1e-6F);
    CHECK(found.ranked[0].id == 0 && found.ranked[1].id == 1);
}

// The largest products there are: no sum on the way may be too narrow for them.
void the_largest_numbers_fit() {
    std::vector<std::int8_t> rows(2 * kDirectionWidth, 127);
    std::fill_n(rows.begin(), kDirectionWidth, std::int8_t{-128});
    const std::vector<float> scales(2, 1e-3F);
    const std::vector<float> priors(2, 0.0F);
    const std::int32_t both[] = {0, 1};
    for (const float number : {-0.05F, 0.05F}) {
        const std::vector<float> direction(kDirectionWidth, number);
        const ClassProbs found =
            class_probs(direction.data(), 1, {rows.data(), scales.data(), priors.data(), 2}, both, 2, 1);
        const double apart = std::log(found.wanted[0]) - std::log(found.wanted[1]);
        CHECK(std::abs(apart + number * 1e-3 * kDirectionWidth * 255) < 1e-4);
    }
}

void what_is_not_finite_is_refused() {
    std::mt19937 random(6);
    Drawn drawn = draw(random, 10, 1);
    for (const float wrong :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        drawn.directions[3] = wrong;
        bool thrown = false;
        try {
            class_probs(drawn.directions.data(), 1, drawn.table, nullptr, 0, 1);
        } catch (const std::invalid_argument&) {
            thrown = true;
        }
        CHECK(thrown);
    }
}

}  // namespace

int main() {
    sums_to_one_for_any_number_of_classes();
    nothing_wanted_and_nothing_ranked();
    a_direction_of_nothing_leaves_the_priors();
    the_largest_numbers_fit();
    what_is_not_finite_is_refused();
    return 0;
}
