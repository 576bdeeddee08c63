// Connectionist temporal classification: from the class probabilities of each step to characters.
//
// A path gives every step one class; merging repeats and dropping blanks makes it a string
// (Graves et al. 2006). Three questions are answered: the best path, the best path whose string a
// grammar accepts, and the probability of a given string over all its paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace idocr {

// A borrowed, row-major (num_steps, num_classes) matrix of probabilities.
struct CtcProbs {
    const float* data = nullptr;
    int num_steps = 0;
    int num_classes = 0;
    int blank = 0;

    const float* row(int step) const noexcept {
        return data + static_cast<std::ptrdiff_t>(step) * num_classes;
    }
};

// One character: `begin` and `end` are the half-open run of steps that carry it, `confidence` its
// probability at the best of them.
struct CtcChar {
    std::int32_t id = 0;
    float confidence = 0;
    std::int32_t begin = 0;
    std::int32_t end = 0;
};

struct CtcCandidate {
    std::int32_t id = 0;
    float prob = 0;
};

struct CtcBestPath {
    std::vector<CtcChar> chars;
    // num_candidates for each character, best first, at the step of its confidence; never blank.
    std::vector<CtcCandidate> candidates;
    int num_candidates = 0;
};

// The most probable class of each step, collapsed. `classes` (ascending, without repeats) narrows
// the choice to some classes and the blank; nullptr leaves all. A tie goes to the blank, then to
// the lowest id. Throws std::invalid_argument where the values cannot be probabilities.
CtcBestPath ctc_best_path(const CtcProbs& probs, const std::int32_t* classes, int num_classes,
                          int top_k);

// An edge of an automaton: reading class `id` in state `from` leads to state `to`.
struct CtcEdge {
    std::int32_t from = 0;
    std::int32_t to = 0;
    std::int32_t id = 0;
};

// States are 0..num_states - 1; an edge's `id` is a class other than blank.
struct CtcGrammar {
    const CtcEdge* edges = nullptr;
    int num_edges = 0;
    const std::int32_t* accepting = nullptr;
    int num_accepting = 0;
    int num_states = 1;
    int start = 0;
};

struct CtcAlignment {
    std::vector<CtcChar> chars;
    double log_prob = 0;
};

// The most probable path among all whose string the grammar accepts: exact, no beam. Empty when
// the steps are too few for every string, or when no path reaches `least_log_prob`: most rows of
// another kind are told by that at a glance. A probability below FLT_MIN counts as FLT_MIN, so that
// one step which a network rounded to zero cannot rule out a whole closed list.
// Throws std::invalid_argument where a value that is read is not a probability.
std::optional<CtcAlignment> ctc_decode_grammar(
    const CtcProbs& probs, const CtcGrammar& grammar,
    double least_log_prob = -std::numeric_limits<double>::infinity());

// log P(string), summed over all its paths, for each row of `labels` (num_sequences, row_length),
// of which the first lengths[i] count; -inf when the steps are too few. Floor and exception as
// in ctc_decode_grammar.
std::vector<double> ctc_log_likelihood(const CtcProbs& probs, const std::int32_t* labels,
                                       int row_length, const std::int32_t* lengths,
                                       int num_sequences);

}  // namespace idocr
