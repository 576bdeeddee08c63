// Class scores: which characters a direction of the recogniser's features may mean.
//
// The recogniser has more than 21,000 classes, and most of what a strip shows is paper: so the
// network gives a direction a step, and only where a character stands is it compared with the
// classes. A class is a direction too; the score is their cosine times a sharpness, plus what is
// known of the class beforehand; the scores become probabilities over all classes (softmax).
#pragma once

#include <cstdint>
#include <vector>

#include "ctc.h"

namespace idocr {

constexpr int kDirectionWidth = 128;

// Borrowed. Row c of `rows`, (num_classes, 128) int8, times scales[c] is class c's direction times
// the sharpness. priors[c] is added to its score; -inf rules it out.
struct ClassTable {
    const std::int8_t* rows = nullptr;
    const float* scales = nullptr;
    const float* priors = nullptr;
    int num_classes = 0;
};

struct ClassProbs {
    // (count, num_wanted): the probabilities of the classes asked for.
    std::vector<float> wanted;
    // (count, num_ranked): the most probable of all classes, best first; a tie goes to the lower.
    std::vector<CtcCandidate> ranked;
    int num_ranked = 0;
};

// For each of `count` directions, (count, 128) float32 of length about one. A direction is
// rounded to 8 bits: a cosine is off by less than 0.005. `wanted` is ascending.
// Throws std::invalid_argument where a value is not finite.
ClassProbs class_probs(const float* directions, int count, const ClassTable& table,
                       const std::int32_t* wanted, int num_wanted, int top_k);

}  // namespace idocr
