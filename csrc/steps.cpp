#include "steps.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "clones.h"

namespace idocr {
namespace {

constexpr int kNearSteps = 2;  // from a character's middle: farther steps do not say which it is

// The middle of the run of ink around a peak, in steps.
double centre_of(const float* ink, int num_steps, int peak) {
    const double least = 0.5 * static_cast<double>(ink[peak]);
    int begin = peak;
    int end = peak;
    while (begin > 0 && static_cast<double>(ink[begin - 1]) > least) --begin;
    while (end + 1 < num_steps && static_cast<double>(ink[end + 1]) > least) ++end;
    double moment = 0.0;
    double sum = 0.0;
    for (int step = begin; step <= end; ++step) {
        const double level = static_cast<double>(ink[step]);
        moment += (step - begin) * level;
        sum += level;
    }
    return begin + moment / sum;
}

IDOCR_CLONES void add_direction(const float* direction, float weight, int width,
                                float* __restrict out) noexcept {
    for (int k = 0; k < width; ++k) out[k] += weight * direction[k];
}

IDOCR_CLONES void square(const float* values, int width, float* __restrict out) noexcept {
    for (int k = 0; k < width; ++k) out[k] = values[k] * values[k];
}

IDOCR_CLONES void divide(float* values, int width, float by) noexcept {
    for (int k = 0; k < width; ++k) values[k] /= by;
}

// Eight sums side by side: the compiler may not reorder one.
float sum_of(const float* values, int width) noexcept {
    float sums[8] = {};
    int k = 0;
    for (; k + 8 <= width; k += 8)
        for (int lane = 0; lane < 8; ++lane) sums[lane] += values[k + lane];
    float sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    for (; k < width; ++k) sum += values[k];
    return sum;
}

}  // namespace

Characters find_characters(const float* ink, int num_steps, int num_strip_steps, const InkRules& rules) {
    assert(0 <= num_strip_steps && num_strip_steps <= num_steps);
    Characters found;
    double valley = 1.0;
    for (int step = 0; step < num_strip_steps; ++step) {
        const double level = static_cast<double>(ink[step]);
        valley = std::min(valley, level);
        if (level < rules.least_ink) continue;
        const double last = found.peaks.empty() ? 0.0 : static_cast<double>(ink[found.peaks.back()]);
        if (found.peaks.empty() || valley < rules.most_valley * std::min(level, last)) {
            found.peaks.push_back(step);
            valley = level;
        } else if (level > last) {
            found.peaks.back() = step;
            valley = level;
        }
    }
    for (const std::int32_t peak : found.peaks)
        found.centres.push_back(static_cast<float>(centre_of(ink, num_steps, peak)));
    return found;
}

void mean_directions(const float* directions, const float* ink, int num_steps, int width,
                     const float* centres, int num_centres, float* out) {
    assert(num_steps >= 1 && width >= 1);
    std::vector<float> squares(static_cast<std::size_t>(width));
    for (int p = 0; p < num_centres; ++p, out += width) {
        const double centre = static_cast<double>(centres[p]);
        const int first = static_cast<int>(std::floor(centre)) - kNearSteps + 1;
        std::fill_n(out, width, 0.0F);
        for (int step = std::max(0, first); step < std::min(num_steps, first + 2 * kNearSteps); ++step) {
            const double near = std::max(0.0, 1.0 - std::abs(step - centre) / kNearSteps);
            add_direction(directions + static_cast<std::ptrdiff_t>(step) * width,
                          static_cast<float>(near * static_cast<double>(ink[step])), width, out);
        }
        square(out, width, squares.data());
        divide(out, width, std::sqrt(sum_of(squares.data(), width)));
    }
}

}  // namespace idocr
