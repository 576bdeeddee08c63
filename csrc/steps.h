// From what the network says of a strip's steps to its characters: where they stand, where each points.
#pragma once

#include <cstdint>
#include <vector>

namespace idocr {

struct InkRules {
    double least_ink;    // probability from which a step is asked for its character
    double most_valley;  // of the lower of two peaks: a shallower valley lies within one character
};

struct Characters {
    std::vector<std::int32_t> peaks;  // steps with the most ink, ascending
    std::vector<float> centres;       // middles of the runs of ink around them, in steps
};

// ink: (num_steps,) probabilities. Peaks are looked for on the first `num_strip_steps`: the rest is paper
// behind the strip.
Characters find_characters(const float* ink, int num_steps, int num_strip_steps, const InkRules& rules);

// directions (num_steps, width): for each of the centres the mean of the steps less than two from it,
// weighed by nearness and ink, of length 1: out (num_centres, width). Centres lie between 0 and the last step.
void mean_directions(const float* directions, const float* ink, int num_steps, int width,
                     const float* centres, int num_centres, float* out);

}  // namespace idocr
