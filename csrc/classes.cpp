#include "classes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "clones.h"

#if defined(IDOCR_HAS_CLONES)
// gcc 12 takes the undefined vectors in this header for mistakes (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace idocr {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr float kNegligible = 12.0F;  // what is less probable by e^-12 is left out of the sum
constexpr int kLanes = 32;
constexpr int kBlock = 256;

// A direction in 8 bits: as the plain product wants it, and moved by 128 for the other.
struct Rounded {
    std::array<std::int16_t, kDirectionWidth> values{};
    std::array<std::uint8_t, kDirectionWidth> moved{};
    float scale = 0;
};

Rounded round_direction(const float* direction) {
    float most = 0;
    float sum = 0;
    for (int i = 0; i < kDirectionWidth; ++i) {
        most = std::max(most, std::fabs(direction[i]));
        sum += direction[i];
    }
    if (!std::isfinite(sum) || !std::isfinite(most)) {
        throw std::invalid_argument("directions must be finite");
    }
    Rounded rounded;
    rounded.scale = most / 127.0F;
    const float gain = most > 0 ? 127.0F / most : 0.0F;
    for (std::size_t i = 0; i < kDirectionWidth; ++i) {
        const auto value = static_cast<int>(std::lround(direction[i] * gain));
        rounded.values[i] = static_cast<std::int16_t>(value);
        rounded.moved[i] = static_cast<std::uint8_t>(value + 128);
    }
    return rounded;
}

// --- products of one direction with some rows ------------------------------------------------

// 16-bit numbers on one side: gcc then finds the instruction that multiplies and adds in pairs.
IDOCR_CLONES void dot_rows(const std::int8_t* rows, int num_rows, const std::int16_t* direction,
                           std::int32_t* dots) noexcept {
    for (int r = 0; r < num_rows; ++r) {
        const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r) * kDirectionWidth;
        std::int32_t dot = 0;
        for (int i = 0; i < kDirectionWidth; ++i) {
            dot += static_cast<std::int16_t>(row[i]) * direction[i];
        }
        dots[r] = dot;
    }
}

#if defined(IDOCR_HAS_CLONES)
// Twice as fast; gcc does not find this instruction by itself. num_rows is a multiple of 4; `sums`
// are those of the rows, which undo the move by 128.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void dot_rows_vnni(
    const std::int8_t* rows, int num_rows, const std::uint8_t* moved, const std::int32_t* sums,
    std::int32_t* dots) noexcept {
    const __m512i left = _mm512_loadu_si512(moved);
    const __m512i right = _mm512_loadu_si512(moved + 64);
    for (int r = 0; r < num_rows; r += 4) {
        __m256i halves[4];
        for (int k = 0; k < 4; ++k) {
            const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r + k) * kDirectionWidth;
            __m512i dot =
                _mm512_dpbusd_epi32(_mm512_setzero_si512(), left, _mm512_loadu_si512(row));
            dot = _mm512_dpbusd_epi32(dot, right, _mm512_loadu_si512(row + 64));
            halves[k] = _mm256_add_epi32(_mm512_castsi512_si256(dot),
                                         _mm512_extracti64x4_epi64(dot, 1));
        }
        const __m256i both = _mm256_hadd_epi32(_mm256_hadd_epi32(halves[0], halves[1]),
                                               _mm256_hadd_epi32(halves[2], halves[3]));
        const __m128i four =
            _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
        const __m128i moves =
            _mm_slli_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(sums + r)), 7);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(dots + r), _mm_sub_epi32(four, moves));
    }
}

bool has_vnni() noexcept {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

// A block of the table's rows, to be multiplied with one direction after the other.
class Block {
  public:
    Block(const std::int8_t* rows, int num_rows) : rows_(rows), num_rows_(num_rows) {
#if defined(IDOCR_HAS_CLONES)
        static const bool use_vnni = has_vnni();
        if (!use_vnni) return;
        num_by_vnni_ = num_rows / 4 * 4;
        for (int r = 0; r < num_by_vnni_; ++r) {
            const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r) * kDirectionWidth;
            sums_[static_cast<std::size_t>(r)] = std::accumulate(row, row + kDirectionWidth, 0);
        }
#endif
    }

    void multiply(const Rounded& direction, std::int32_t* dots) const noexcept {
#if defined(IDOCR_HAS_CLONES)
        if (num_by_vnni_ > 0) {
            dot_rows_vnni(rows_, num_by_vnni_, direction.moved.data(), sums_.data(), dots);
        }
#endif
        dot_rows(rows_ + static_cast<std::ptrdiff_t>(num_by_vnni_) * kDirectionWidth,
                 num_rows_ - num_by_vnni_, direction.values.data(), dots + num_by_vnni_);
    }

  private:
    const std::int8_t* rows_;
    int num_rows_;
    int num_by_vnni_ = 0;
    std::array<std::int32_t, kBlock> sums_{};
};

// --- scores to probabilities -----------------------------------------------------------------

// Writes the scores of one block and returns the best: independent running maxima vectorise.
IDOCR_CLONES float score_block(const std::int32_t* dots, const float* scales, const float* priors,
                               float scale, int count, float* scores) noexcept {
    float maxima[kLanes];
    for (float& most : maxima) most = kNever;
    int c = 0;
    for (; c + kLanes <= count; c += kLanes) {
        for (int lane = 0; lane < kLanes; ++lane) {
            const int i = c + lane;
            const float score = static_cast<float>(dots[i]) * (scales[i] * scale) + priors[i];
            scores[i] = score;
            maxima[lane] = score > maxima[lane] ? score : maxima[lane];
        }
    }
    for (int lane = 0; c < count; ++c, ++lane) {
        scores[c] = static_cast<float>(dots[c]) * (scales[c] * scale) + priors[c];
        maxima[lane] = std::max(maxima[lane], scores[c]);
    }
    return *std::max_element(maxima, maxima + kLanes);
}

// What is known of one direction after some blocks of classes.
class Tally {
  public:
    Tally(int num_wanted, int capacity) : capacity_(capacity) {
        wanted_.reserve(static_cast<std::size_t>(num_wanted));
        ranked_.reserve(static_cast<std::size_t>(capacity) + 1);
    }

    void want(float score) { wanted_.push_back(score); }

    void add_block(int first_id, const float* scores, int count, float block_best) {
        if (block_best > best_) {
            sum_ *= std::exp(best_ - block_best);  // 0 the first time
            best_ = block_best;
        }
        const float least = best_ - kNegligible;
        const bool ranks = static_cast<int>(ranked_.size()) < capacity_ ||
                           (capacity_ > 0 && block_best > ranked_.back().prob);
        if (block_best < least && !ranks) return;
        for (int c = 0; c < count; ++c) {
            if (scores[c] >= least) sum_ += std::exp(scores[c] - best_);
            if (ranks) rank({first_id + c, scores[c]});
        }
    }

    void finish(ClassProbs& found) const {
        if (!std::isfinite(best_)) {
            throw std::invalid_argument("scales and priors must be finite, but for priors of -inf");
        }
        const auto probability = [&](float score) { return std::exp(score - best_) / sum_; };
        for (const float score : wanted_) found.wanted.push_back(probability(score));
        for (const CtcCandidate& c : ranked_) found.ranked.push_back({c.id, probability(c.prob)});
    }

  private:
    // Ids arrive in ascending order, so equals stay in that order.
    void rank(CtcCandidate candidate) {
        const auto capacity = static_cast<std::size_t>(capacity_);
        if (ranked_.size() == capacity && (capacity == 0 || !(candidate.prob > ranked_.back().prob)))
            return;
        const auto at = std::upper_bound(
            ranked_.begin(), ranked_.end(), candidate,
            [](const CtcCandidate& a, const CtcCandidate& b) { return a.prob > b.prob; });
        ranked_.insert(at, candidate);
        if (ranked_.size() > capacity) ranked_.pop_back();
    }

    int capacity_;
    float best_ = kNever;
    float sum_ = 0;
    std::vector<float> wanted_;
    std::vector<CtcCandidate> ranked_;  // scores, until they are finished
};

}  // namespace

ClassProbs class_probs(const float* directions, int count, const ClassTable& table,
                       const std::int32_t* wanted, int num_wanted, int top_k) {
    assert(table.rows && table.scales && table.priors && table.num_classes > 0);
    assert(top_k >= 0 && count >= 0);
    assert(std::is_sorted(wanted, wanted + num_wanted));
    ClassProbs found;
    found.num_ranked = std::min(top_k, table.num_classes);
    std::vector<Rounded> rounded;
    std::vector<Tally> tallies;
    for (int i = 0; i < count; ++i) {
        rounded.push_back(
            round_direction(directions + static_cast<std::ptrdiff_t>(i) * kDirectionWidth));
        tallies.emplace_back(num_wanted, found.num_ranked);
    }
    // Blocks of classes outside, directions inside: the table is larger than a core's cache.
    std::array<std::int32_t, kBlock> dots{};
    std::array<float, kBlock> scores{};
    for (int begin = 0, next = 0; begin < table.num_classes; begin += kBlock) {
        const int num_rows = std::min(kBlock, table.num_classes - begin);
        const Block block(table.rows + static_cast<std::ptrdiff_t>(begin) * kDirectionWidth,
                          num_rows);
        int after = next;
        while (after < num_wanted && wanted[after] < begin + num_rows) ++after;
        for (std::size_t i = 0; i < tallies.size(); ++i) {
            block.multiply(rounded[i], dots.data());
            const float best = score_block(dots.data(), table.scales + begin,
                                           table.priors + begin, rounded[i].scale,
                                           num_rows, scores.data());
            for (int w = next; w < after; ++w) {
                tallies[i].want(scores[static_cast<std::size_t>(wanted[w] - begin)]);
            }
            tallies[i].add_block(begin, scores.data(), num_rows, best);
        }
        next = after;
    }
    for (const Tally& tally : tallies) tally.finish(found);
    return found;
}

}  // namespace idocr
