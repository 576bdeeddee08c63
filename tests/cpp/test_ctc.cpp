#include "ctc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "check.h"

using namespace idocr;

namespace {

std::vector<float> drawn_probs(std::mt19937& random, int num_steps, int num_classes) {
    std::gamma_distribution<float> gamma(0.3F);
    std::vector<float> values;
    for (int step = 0; step < num_steps; ++step) {
        float sum = 1e-6F;
        for (int c = 0; c < num_classes; ++c) sum += values.emplace_back(gamma(random));
        for (auto p = values.end() - num_classes; p != values.end(); ++p) *p /= sum;
    }
    return values;
}

int draw(std::mt19937& random, int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
}

void check_runs(const CtcProbs& probs, const std::vector<CtcChar>& chars) {
    int end = 0;
    std::int32_t last = -1;
    for (const CtcChar& c : chars) {
        CHECK(c.id >= 0 && c.id < probs.num_classes && c.id != probs.blank);
        CHECK(c.begin >= end + (c.id == last ? 1 : 0) && c.begin < c.end);
        float best = 0;
        for (int step = c.begin; step < c.end; ++step) {
            best = std::max(best, probs.row(step)[c.id]);
        }
        CHECK(best == c.confidence);
        end = c.end;
        last = c.id;
    }
    CHECK(end <= probs.num_steps);
}

double alignment_log_prob(const CtcProbs& probs, const std::vector<CtcChar>& chars) {
    std::vector<std::int32_t> path(static_cast<std::size_t>(probs.num_steps), probs.blank);
    for (const CtcChar& c : chars) std::fill(path.begin() + c.begin, path.begin() + c.end, c.id);
    double sum = 0;
    for (int step = 0; step < probs.num_steps; ++step) {
        const float p = probs.row(step)[path[static_cast<std::size_t>(step)]];
        sum += std::log(std::max(static_cast<double>(p), 1.17549435e-38));
    }
    return sum;
}

template <class Call>
bool throws(Call call) {
    try {
        call();
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

void best_path_by_hand() {
    const std::vector<float> values = {1.0F, 0.0F, 0.0F, 0.2F, 0.7F, 0.1F, 0.3F, 0.5F, 0.2F,
                                       1.0F, 0.0F, 0.0F, 0.1F, 0.9F, 0.0F, 0.0F, 0.4F, 0.6F};
    const CtcProbs probs{values.data(), 6, 3, 0};
    const CtcBestPath path = ctc_best_path(probs, nullptr, 0, 9);
    CHECK(path.chars.size() == 3 && path.num_candidates == 2 && path.candidates.size() == 6);
    CHECK(path.chars[0].id == 1 && path.chars[0].begin == 1 && path.chars[0].end == 3);
    CHECK(path.chars[0].confidence == 0.7F);
    CHECK(path.chars[1].id == 1 && path.chars[1].begin == 4 && path.chars[1].end == 5);
    CHECK(path.chars[2].id == 2 && path.chars[2].begin == 5 && path.chars[2].end == 6);
    CHECK(path.candidates[4].id == 2 && path.candidates[5].id == 1);
}

void best_path_stress(std::mt19937& random) {
    for (int round = 0; round < 400; ++round) {
        const int num_classes = draw(random, 1, 200);
        const auto values = drawn_probs(random, draw(random, 1, 20), num_classes);
        const CtcProbs probs{values.data(), static_cast<int>(values.size()) / num_classes,
                             num_classes, draw(random, 0, num_classes - 1)};
        const CtcBestPath path = ctc_best_path(probs, nullptr, 0, draw(random, 1, 210));
        check_runs(probs, path.chars);
        const auto count = static_cast<std::size_t>(path.num_candidates);
        CHECK(path.candidates.size() == count * path.chars.size());
        for (std::size_t i = 0; i < path.chars.size(); ++i) {
            const CtcCandidate* ranked = path.candidates.data() + i * count;
            CHECK(ranked[0].id == path.chars[i].id && ranked[0].prob == path.chars[i].confidence);
            for (std::size_t k = 1; k < count; ++k) CHECK(ranked[k - 1].prob >= ranked[k].prob);
        }
        std::vector<std::int32_t> all(static_cast<std::size_t>(num_classes));
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
        const CtcBestPath same = ctc_best_path(probs, all.data(), num_classes, 3);
        CHECK(same.chars.size() == path.chars.size());
    }
}

void decode_grammar_stress(std::mt19937& random) {
    int found_count = 0;
    for (int round = 0; round < 2000; ++round) {
        const int num_classes = draw(random, 2, 8);
        const int num_steps = draw(random, 1, 20);
        const auto values = drawn_probs(random, num_steps, num_classes);
        const CtcProbs probs{values.data(), num_steps, num_classes, 0};
        const int num_states = draw(random, 1, 12);
        std::vector<CtcEdge> edges(static_cast<std::size_t>(draw(random, 0, 40)));
        for (CtcEdge& edge : edges) {
            edge = {draw(random, 0, num_states - 1), draw(random, 0, num_states - 1),
                    draw(random, 1, num_classes - 1)};
        }
        std::vector<std::int32_t> accepting;
        for (int i = draw(random, 0, 3); i > 0; --i) {
            accepting.push_back(draw(random, 0, num_states - 1));
        }
        const CtcGrammar grammar{edges.data(),
                                 static_cast<int>(edges.size()),
                                 accepting.data(),
                                 static_cast<int>(accepting.size()),
                                 num_states,
                                 draw(random, 0, num_states - 1)};
        const auto found = ctc_decode_grammar(probs, grammar);
        if (!found) continue;
        ++found_count;
        check_runs(probs, found->chars);
        CHECK(std::abs(alignment_log_prob(probs, found->chars) - found->log_prob) < 1e-9);
        std::vector<std::int32_t> ids;
        for (const CtcChar& c : found->chars) ids.push_back(c.id);
        const auto length = static_cast<std::int32_t>(ids.size());
        const double total = ctc_log_likelihood(probs, ids.data(), length, &length, 1)[0];
        CHECK(total >= found->log_prob - 1e-9);  // all paths of the string, of which one was found
    }
    CHECK(found_count > 500);
}

void likelihood_by_hand() {
    const std::vector<float> values = {0.5F, 0.25F, 0.25F, 0.5F, 0.25F, 0.25F};
    const CtcProbs probs{values.data(), 2, 3, 0};
    const std::vector<std::int32_t> labels = {1, -1, 1, 2, 1, 1, -1, -1};
    const std::vector<std::int32_t> lengths = {1, 2, 2, 0};
    const auto found = ctc_log_likelihood(probs, labels.data(), 2, lengths.data(), 4);
    CHECK(std::abs(found[0] - std::log(0.3125)) < 1e-12);
    CHECK(std::abs(found[1] - std::log(0.0625)) < 1e-12);
    CHECK(found[2] == -std::numeric_limits<double>::infinity());
    CHECK(std::abs(found[3] - std::log(0.25)) < 1e-12);
}

void refusals() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const float wrong : {nan, -1.0F, 2.0F, std::numeric_limits<float>::infinity()}) {
        const std::vector<float> values = {0.5F, wrong, 0.5F};
        const CtcProbs probs{values.data(), 1, 3, 0};
        const CtcEdge edge{0, 1, 1};
        const std::int32_t one = 1;
        CHECK(throws([&] { ctc_best_path(probs, nullptr, 0, 1); }));
        CHECK(throws([&] { ctc_best_path(probs, &one, 1, 1); }));
        CHECK(throws([&] { ctc_decode_grammar(probs, {&edge, 1, &one, 1, 2, 0}); }));
        CHECK(throws([&] { ctc_log_likelihood(probs, &one, 1, &one, 1); }));
    }
}

}  // namespace

int main() {
    std::mt19937 random(20240229);
    best_path_by_hand();
    best_path_stress(random);
    decode_grammar_stress(random);
    likelihood_by_hand();
    refusals();
}
