#include "classes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <stdexcept>

#include "clones.h"

#if defined(__aarch64__) && defined(__linux__)
#define IDOCR_HAS_DOTPROD
#include <sys/auxv.h>
#endif
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
constexpr int kBlock = 128;  // classes at a time: their rows stay in a core's nearest cache
constexpr int kTogether = 4;  // directions that are compared with a class while it is in registers

// The type of a direction's numbers that makes compilers find a machine's best product: x86-64 multiplies
// and adds pairs of 16 bits, aarch64 takes 8.
#if defined(__aarch64__)
using Factor = std::int8_t;
#else
using Factor = std::int16_t;
#endif

// A direction in 8 bits: as the plain product wants it, and moved by 128 for the other.
struct Rounded {
    std::array<Factor, kDirectionWidth> values{};
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
        rounded.values[i] = static_cast<Factor>(value);
        rounded.moved[i] = static_cast<std::uint8_t>(value + 128);
    }
    return rounded;
}

// --- products of one direction with some rows ------------------------------------------------

#if defined(__aarch64__)
// A direction's numbers end at 127, so that two products fit into 16 bits and none is widened before it is
// multiplied. A direction's bytes could be part of `dots` and would be loaded for each row, but for __restrict.
void dot_rows(const std::int8_t* rows, int num_rows, const Factor* direction,
              std::int32_t* __restrict dots) noexcept {
    constexpr int kHalf = kDirectionWidth / 2;
    for (int r = 0; r < num_rows; ++r) {
        const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r) * kDirectionWidth;
        std::int16_t pairs[kHalf];
        for (int i = 0; i < kHalf; ++i) {
            const auto first = static_cast<std::int16_t>(row[i] * direction[i]);
            const auto second = static_cast<std::int16_t>(row[kHalf + i] * direction[kHalf + i]);
            pairs[i] = static_cast<std::int16_t>(first + second);
        }
        std::int32_t dot = 0;
        for (const std::int16_t pair : pairs) dot += pair;
        dots[r] = dot;
    }
}
#else
IDOCR_CLONES void dot_rows(const std::int8_t* rows, int num_rows, const Factor* direction,
                           std::int32_t* dots) noexcept {
    for (int r = 0; r < num_rows; ++r) {
        const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r) * kDirectionWidth;
        std::int32_t dot = 0;
        for (int i = 0; i < kDirectionWidth; ++i) {
            dot += static_cast<Factor>(row[i]) * direction[i];
        }
        dots[r] = dot;
    }
}
#endif

#if defined(IDOCR_HAS_DOTPROD)
// For a Raspberry Pi 5: compilers turn this loop into its product of four bytes with four.
__attribute__((target("arch=armv8.2-a+dotprod"))) void dot_rows_by_fours(
    const std::int8_t* rows, int num_rows, const Factor* direction,
    std::int32_t* __restrict dots) noexcept {
    for (int r = 0; r < num_rows; ++r) {
        const std::int8_t* row = rows + static_cast<std::ptrdiff_t>(r) * kDirectionWidth;
        std::int32_t dot = 0;
        for (int i = 0; i < kDirectionWidth; ++i) dot += row[i] * direction[i];
        dots[r] = dot;
    }
}

bool has_dotprod() noexcept { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }
#endif

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

#if defined(IDOCR_HAS_CLONES)
#define IDOCR_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

constexpr int kLane = 16;                       // classes to a vector
constexpr int kVectors = 4;                     // of classes at a time
constexpr int kTile = kLane * kVectors;
constexpr int kFours = kDirectionWidth / 4;     // the instruction takes four numbers of a class

// The transpose of a 16x16 matrix of fours of numbers: pairs, fours, then quarters of the vectors.
IDOCR_VNNI inline void transpose(__m512i rows[kLane]) noexcept {
    __m512i pairs[kLane];
    for (int i = 0; i < kLane; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    __m512i fours[kLane];  // quarter q of fours[4 g + c]: column 4 q + c of rows 4 g to 4 g + 3
    for (int i = 0; i < kLane; i += 4) {
        for (int c = 0; c < 2; ++c) {
            fours[i + 2 * c] = _mm512_unpacklo_epi64(pairs[i + c], pairs[i + c + 2]);
            fours[i + 2 * c + 1] = _mm512_unpackhi_epi64(pairs[i + c], pairs[i + c + 2]);
        }
    }
    for (int c = 0; c < 4; ++c) {
        const __m512i even = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0x88);
        const __m512i odd = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0xdd);
        const __m512i more_even = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0x88);
        const __m512i more_odd = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0xdd);
        rows[c] = _mm512_shuffle_i32x4(even, more_even, 0x88);
        rows[4 + c] = _mm512_shuffle_i32x4(odd, more_odd, 0x88);
        rows[8 + c] = _mm512_shuffle_i32x4(even, more_even, 0xdd);
        rows[12 + c] = _mm512_shuffle_i32x4(odd, more_odd, 0xdd);
    }
}

// The rows of some tiles of classes, turned so that each vector holds four numbers of 16 classes.
IDOCR_VNNI void turn_rows(const std::int8_t* rows, int num_rows, std::int8_t* turned) noexcept {
    for (int r = 0; r < num_rows; r += kLane) {
        const int tile = r / kTile;
        const int vector = r % kTile / kLane;
        for (int first = 0; first < kFours; first += kLane) {
            __m512i part[kLane];
            for (int i = 0; i < kLane; ++i) {
                part[i] = _mm512_loadu_si512(
                    rows + static_cast<std::ptrdiff_t>(r + i) * kDirectionWidth + 4 * first);
            }
            transpose(part);
            for (int k = 0; k < kLane; ++k) {
                _mm512_store_si512(
                    turned + 64 * ((tile * kFours + first + k) * kVectors + vector), part[k]);
            }
        }
    }
}

template <int kCount>
struct TileDots {
    __m512i dots[kCount][kVectors];
};

// Products of a tile's classes with some directions' numbers from 0 to 255, by an instruction that gcc does
// not find by itself.
template <int kCount>
IDOCR_VNNI inline TileDots<kCount> dot_tile(const std::int8_t* tile,
                                            const std::uint8_t* const (&moved)[kCount]) noexcept {
    TileDots<kCount> found;
    for (int d = 0; d < kCount; ++d)
        for (int v = 0; v < kVectors; ++v) found.dots[d][v] = _mm512_setzero_si512();
#pragma GCC unroll 32  // else gcc 12 moves every sum to another register and back
    for (int k = 0; k < kFours; ++k) {
        __m512i classes[kVectors];
        for (int v = 0; v < kVectors; ++v)
            classes[v] = _mm512_load_si512(tile + 64 * (k * kVectors + v));
        for (int d = 0; d < kCount; ++d) {
            std::int32_t four;
            std::memcpy(&four, moved[d] + 4 * k, 4);
            for (int v = 0; v < kVectors; ++v)
                found.dots[d][v] =
                    _mm512_dpbusd_epi32(found.dots[d][v], _mm512_set1_epi32(four), classes[v]);
        }
    }
    return found;
}

// What the move of a direction by 128 adds to the product with each class.
IDOCR_VNNI void sum_tiles(const std::int8_t* turned, int num_rows, std::int32_t* sums) noexcept {
    std::array<std::uint8_t, kDirectionWidth> moves;
    moves.fill(128);
    for (int r = 0; r < num_rows; r += kTile) {
        const TileDots<1> found = dot_tile<1>(turned + r * kDirectionWidth, {moves.data()});
        for (int v = 0; v < kVectors; ++v) {
            _mm512_storeu_si512(sums + r + kLane * v, found.dots[0][v]);
        }
    }
}

// Writes the scores of some tiles of classes, for each direction kBlock apart, and the best of each: dot_rows
// and score_block in one.
template <int kCount>
IDOCR_VNNI void score_tiles(const std::int8_t* turned, const std::int32_t* sums, const float* scales,
                            const float* priors, const Rounded* directions, int num_rows, float* scores,
                            float* bests) noexcept {
    const std::uint8_t* moved[kCount];
    __m512 best[kCount];
    for (int d = 0; d < kCount; ++d) {
        moved[d] = directions[d].moved.data();
        best[d] = _mm512_set1_ps(kNever);
    }
    for (int r = 0; r < num_rows; r += kTile) {
        const TileDots<kCount> found = dot_tile<kCount>(turned + r * kDirectionWidth, moved);
        for (int d = 0; d < kCount; ++d) {
            const __m512 scale = _mm512_set1_ps(directions[d].scale);
            for (int v = 0; v < kVectors; ++v) {
                const int c = r + kLane * v;
                const __m512i dots = _mm512_sub_epi32(found.dots[d][v], _mm512_loadu_si512(sums + c));
                const __m512 gains = _mm512_mul_ps(_mm512_loadu_ps(scales + c), scale);
                const __m512 score =
                    _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots), gains, _mm512_loadu_ps(priors + c));
                _mm512_storeu_ps(scores + d * kBlock + c, score);
                best[d] = _mm512_max_ps(score, best[d]);  // of a NaN and a number the second
            }
        }
    }
    for (int d = 0; d < kCount; ++d) bests[d] = _mm512_reduce_max_ps(best[d]);
}

bool has_vnni() noexcept {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

// Some of the classes, to be compared with one direction after the other.
class Block {
  public:
    Block(const ClassTable& table, int begin)
        : rows_(table.rows + static_cast<std::ptrdiff_t>(begin) * kDirectionWidth),
          scales_(table.scales + begin),
          priors_(table.priors + begin),
          size_(std::min(kBlock, table.num_classes - begin)) {
#if defined(IDOCR_HAS_CLONES)
        static const bool use_vnni = has_vnni();
        if (!use_vnni) return;
        num_in_tiles_ = size_ / kTile * kTile;
        turn_rows(rows_, num_in_tiles_, turned_.data());
        sum_tiles(turned_.data(), num_in_tiles_, sums_.data());
#endif
    }

    int size() const noexcept { return size_; }

    // Writes the scores of up to kTogether directions, each kBlock apart, and the best of each.
    void score(const Rounded* directions, int count, float* scores, float* bests) const noexcept {
        std::fill_n(bests, count, kNever);
#if defined(IDOCR_HAS_CLONES)
        if (num_in_tiles_ > 0 && count == kTogether) {
            score_tiles<kTogether>(turned_.data(), sums_.data(), scales_, priors_, directions, num_in_tiles_,
                                   scores, bests);
        } else if (num_in_tiles_ > 0) {
            for (int d = 0; d < count; ++d)
                score_tiles<1>(turned_.data(), sums_.data(), scales_, priors_, directions + d, num_in_tiles_,
                               scores + d * kBlock, bests + d);
        }
#endif
        if (num_in_tiles_ == size_) return;
        for (int d = 0; d < count; ++d)
            bests[d] = std::max(bests[d], score_rest(directions[d], scores + d * kBlock));
    }

  private:
    // The same of one direction and of what is in no tile.
    float score_rest(const Rounded& direction, float* scores) const noexcept {
        const int done = num_in_tiles_;
        std::array<std::int32_t, kBlock> dots;
        const std::int8_t* rows = rows_ + static_cast<std::ptrdiff_t>(done) * kDirectionWidth;
#if defined(IDOCR_HAS_DOTPROD)
        static const bool by_fours = has_dotprod();
        (by_fours ? dot_rows_by_fours : dot_rows)(rows, size_ - done, direction.values.data(),
                                                  dots.data());
#else
        dot_rows(rows, size_ - done, direction.values.data(), dots.data());
#endif
        return score_block(dots.data(), scales_ + done, priors_ + done, direction.scale, size_ - done,
                           scores + done);
    }

    const std::int8_t* rows_;
    const float* scales_;
    const float* priors_;
    int size_;
    int num_in_tiles_ = 0;
#if defined(IDOCR_HAS_CLONES)
    alignas(64) std::array<std::int8_t, kBlock * kDirectionWidth> turned_;
    std::array<std::int32_t, kBlock> sums_;
#endif
};

// Where scores are at least so good; returns how many. Without a branch: which few they are cannot be foretold.
int find_good(const float* scores, int count, float least, std::int32_t* good) noexcept {
    int found = 0;
    for (int c = 0; c < count; ++c) {
        good[found] = c;
        found += scores[c] >= least;
    }
    return found;
}

// One direction's answer. The table is gone through twice: the first time tells how good the best of
// each block is, the second time only the few blocks are asked that have a part in the answer.
class Tally {
  public:
    Tally(int num_wanted, int capacity) : capacity_(static_cast<std::size_t>(capacity)) {
        wanted_.reserve(static_cast<std::size_t>(num_wanted));
        ranked_.reserve(capacity_ + 1);
    }

    void want(float score) { wanted_.push_back(score); }
    void note_block(float best) { blocks_.push_back(best); }

    void close_first_round() {
        best_ = *std::max_element(blocks_.begin(), blocks_.end());
        if (!std::isfinite(best_)) {
            throw std::invalid_argument("scales and priors must be finite, but for priors of -inf");
        }
        least_ = best_ - kNegligible;
        least_ranked_ = kNever;
        if (capacity_ == 0) {
            least_ranked_ = best_;
        } else if (capacity_ <= blocks_.size()) {  // so many blocks have one as good as that
            std::vector<float> sorted = blocks_;
            const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(capacity_ - 1);
            std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
            least_ranked_ = *last;
        }
    }

    bool asks(std::size_t block) const {
        return blocks_[block] >= std::min(least_, least_ranked_);
    }

    void add_block(int first_id, const float* scores, int count) {
        std::array<std::int32_t, kBlock> good;
        const int num_good = find_good(scores, count, std::min(least_, least_ranked_), good.data());
        for (int g = 0; g < num_good; ++g) {
            const int c = good[static_cast<std::size_t>(g)];
            if (scores[c] >= least_) sum_ += std::exp(scores[c] - best_);
            if (scores[c] >= least_ranked_) rank({first_id + c, scores[c]});
        }
    }

    void finish(ClassProbs& found) const {
        const auto probability = [&](float score) { return std::exp(score - best_) / sum_; };
        for (const float score : wanted_) found.wanted.push_back(probability(score));
        for (const CtcCandidate& c : ranked_) found.ranked.push_back({c.id, probability(c.prob)});
    }

  private:
    // Ids arrive in ascending order, so equals stay in that order.
    void rank(CtcCandidate candidate) {
        if (ranked_.size() == capacity_ &&
            (capacity_ == 0 || !(candidate.prob > ranked_.back().prob)))
            return;
        const auto at = std::upper_bound(
            ranked_.begin(), ranked_.end(), candidate,
            [](const CtcCandidate& a, const CtcCandidate& b) { return a.prob > b.prob; });
        ranked_.insert(at, candidate);
        if (ranked_.size() > capacity_) ranked_.pop_back();
    }

    std::size_t capacity_;
    float best_ = kNever;
    float least_ = kNever;         // of what counts in the sum
    float least_ranked_ = kNever;  // of what may be among the most probable
    float sum_ = 0;
    std::vector<float> blocks_;  // the best of each
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
    std::array<float, kTogether * kBlock> scores{};
    std::array<float, kTogether> bests{};
    for (int begin = 0, next = 0; begin < table.num_classes; begin += kBlock) {
        const Block block(table, begin);
        int after = next;
        while (after < num_wanted && wanted[after] < begin + block.size()) ++after;
        for (int first = 0; first < count; first += kTogether) {
            const int some = std::min(kTogether, count - first);
            block.score(rounded.data() + first, some, scores.data(), bests.data());
            for (int d = 0; d < some; ++d) {
                Tally& tally = tallies[static_cast<std::size_t>(first + d)];
                tally.note_block(bests[static_cast<std::size_t>(d)]);
                const float* own = scores.data() + d * kBlock;
                for (int w = next; w < after; ++w) tally.want(own[wanted[w] - begin]);
            }
        }
        next = after;
    }
    for (Tally& tally : tallies) tally.close_first_round();
    for (int begin = 0; begin < table.num_classes; begin += kBlock) {
        const auto number = static_cast<std::size_t>(begin / kBlock);
        const auto asks = [&](const Tally& tally) { return tally.asks(number); };
        if (std::none_of(tallies.begin(), tallies.end(), asks)) continue;
        const Block block(table, begin);
        for (std::size_t i = 0; i < tallies.size(); ++i) {
            if (!tallies[i].asks(number)) continue;
            block.score(&rounded[i], 1, scores.data(), bests.data());
            tallies[i].add_block(begin, scores.data(), block.size());
        }
    }
    for (const Tally& tally : tallies) tally.finish(found);
    return found;
}

}  // namespace idocr
