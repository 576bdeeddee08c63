#include "language.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace idocr {
namespace {

double log_prob(const PairTable& table, std::int32_t before, std::int32_t after) {
    const auto key = static_cast<std::uint32_t>(before) << 16 | static_cast<std::uint32_t>(after);
    const std::uint32_t* end = table.pairs + table.num_pairs;
    const std::uint32_t* at = std::lower_bound(table.pairs, end, key);
    if (at != end && *at == key) return std::max(table.told[at - table.pairs], table.least);
    return std::max(table.rest[before] + table.alone[after], table.least);
}

// Some characters that may stand at one place, with the place's other numbers.
struct Place {
    const std::int32_t* chars;
    std::size_t count;
    std::size_t begin;  // among all choices
};

// Of each pair of neighbours the table's probability to its power: (before.count, after.count).
std::vector<double> steps_between(const PairTable& table, const Place& before, const Place& after) {
    std::vector<double> steps;
    for (std::size_t i = 0; i < before.count; ++i)
        for (std::size_t k = 0; k < after.count; ++k)
            steps.push_back(std::exp(table.weight * log_prob(table, before.chars[i], after.chars[k])));
    return steps;
}

void normalise(double* values, std::size_t count) {
    const double sum = std::accumulate(values, values + count, 0.0);
    for (std::size_t i = 0; i < count; ++i) values[i] /= sum;
}

}  // namespace

void tell_by_neighbours(const PairTable& table, const Choices& choices, double* out) {
    assert(table.num_chars >= 1 && choices.num_places >= 1);
    std::vector<Place> places{{&choices.before, 1, 0}};
    std::size_t total = 0;
    for (int i = 0; i < choices.num_places; ++i) {
        const auto count = static_cast<std::size_t>(choices.counts[i]);
        places.push_back({choices.chars + total, count, total});
        total += count;
    }
    places.push_back({&choices.after, 1, total});
    std::vector<std::vector<double>> steps;
    for (std::size_t p = 0; p + 1 < places.size(); ++p)
        steps.push_back(steps_between(table, places[p], places[p + 1]));

    std::vector<double> forward(total), reached{1.0};
    for (std::size_t p = 1; p + 1 < places.size(); ++p) {
        double* here = forward.data() + places[p].begin;
        for (std::size_t k = 0; k < places[p].count; ++k) {
            double sum = 0.0;
            for (std::size_t i = 0; i < reached.size(); ++i) sum += reached[i] * steps[p - 1][i * places[p].count + k];
            here[k] = sum * choices.probs[places[p].begin + k];
        }
        normalise(here, places[p].count);
        reached.assign(here, here + places[p].count);
    }
    std::vector<double> behind{1.0};  // of the place after, times what was seen there
    for (std::size_t p = places.size() - 2; p >= 1; --p) {
        std::vector<double> left(places[p].count);
        for (std::size_t i = 0; i < left.size(); ++i)
            for (std::size_t k = 0; k < behind.size(); ++k) left[i] += steps[p][i * behind.size() + k] * behind[k];
        normalise(left.data(), left.size());
        const double* there = forward.data() + places[p].begin;
        const double* seen = choices.probs + places[p].begin;
        double* told = out + places[p].begin;
        for (std::size_t i = 0; i < left.size(); ++i) told[i] = there[i] * left[i];
        const double sum = std::accumulate(told, told + left.size(), 0.0);
        const double share = std::min(1.0, std::accumulate(seen, seen + left.size(), 0.0));
        behind.resize(left.size());
        for (std::size_t i = 0; i < left.size(); ++i) {
            told[i] *= share / sum;
            behind[i] = left[i] * seen[i];
        }
    }
}

}  // namespace idocr
