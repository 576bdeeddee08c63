// Which character follows which: doubtful characters of a text told by their neighbours.
#pragma once

#include <cstddef>
#include <cstdint>

namespace idocr {

// Log-probabilities of a character behind another. Characters are numbers below num_chars, the last of them
// stands for every other character.
struct PairTable {
    const double* alone;  // (num_chars,)
    const double* rest;   // (num_chars,): what is left behind a character for what never followed it
    int num_chars;
    const std::uint32_t* pairs;  // ascending: 65536 * before + after
    const double* told;          // of each pair
    std::ptrdiff_t num_pairs;
    double least;   // of any pair
    double weight;  // power of the table's probabilities
};

// What may stand at each place of a text, place by place.
struct Choices {
    const std::int32_t* chars;
    const double* probs;
    const std::int32_t* counts;  // of each place, at least one
    int num_places;
    std::int32_t before, after;  // what stands for the text's begin and end
};

// out: the choices' probabilities given the whole text (forward-backward; Rabiner 1989). What a place's
// choices leave of 1 stays left.
void tell_by_neighbours(const PairTable& table, const Choices& choices, double* out);

}  // namespace idocr
