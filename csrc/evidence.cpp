#include "evidence.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <numbers>
#include <numeric>
#include <vector>

#include "clones.h"
#include "lab.h"

namespace idocr {
namespace {

constexpr int kLanes = 16;  // sums side by side: the compiler may not reorder one
constexpr int kRowsAhead = 4;

// Rows of a part of a picture lie on pages of their own: memory is asked for one while those before it are read.
inline void fetch(const std::uint8_t* row, int bytes) noexcept {
#if defined(__GNUC__)
    for (int i = 0; i < bytes; i += 64) __builtin_prefetch(row + i);
#endif
}

// ---- the finest noise

// Differences of the diagonals of each square of four in two rows, no larger than kMostFine.
constexpr float kMostFine = 24.0f;
constexpr float kMostSmall = 6.0f;

// Sums column by column, so that no sum waits for the one before it.
IDOCR_CLONES void fine_row(const float* upper, const float* lower, int columns, float* __restrict fine,
                           float* __restrict large, float* __restrict small) noexcept {
    for (int x = 0; x < columns; ++x) {
        const float step = (lower[x + 1] - upper[x + 1]) - (lower[x] - upper[x]);
        fine[x] = std::min(std::max(step, -kMostFine), kMostFine);
    }
    for (int x = 0; x < columns; ++x) {
        const float size = std::abs(fine[x]);
        large[x] += size;
        small[x] += std::min(size, kMostSmall);
    }
}

IDOCR_CLONES void add_product(const float* a, const float* b, int columns,
                              float* __restrict products) noexcept {
    for (int x = 0; x < columns; ++x) products[x] += a[x] * b[x];
}

constexpr std::array<std::array<std::size_t, 2>, 6> kAxisPairs{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}}};

// ---- spectra

constexpr std::size_t kSpot = static_cast<std::size_t>(kSpotPx) * kSpotPx;

// Complex numbers, their two parts apart.
struct Complex {
    explicit Complex(std::size_t count) : re(count), im(count) {}
    std::vector<float> re, im;
};

struct Waves {
    float re[kSpotPx];  // of exp(-2 pi i k / kSpotPx)
    float im[kSpotPx];
    float window[kSpotPx];  // Hann's

    Waves() {
        constexpr double kTurn = 2.0 * std::numbers::pi;
        for (int k = 0; k < kSpotPx; ++k) {
            re[k] = static_cast<float>(std::cos(kTurn * k / kSpotPx));
            im[k] = static_cast<float>(-std::sin(kTurn * k / kSpotPx));
            window[k] = static_cast<float>(0.5 - 0.5 * std::cos(kTurn * k / (kSpotPx - 1)));
        }
    }
};

// One pass of Stockham's transform, radix 4, over kLanes signals side by side; `done` is what the passes
// before it have multiplied to.
IDOCR_CLONES void pass_of_4(const float* __restrict xr, const float* __restrict xi, float* __restrict yr,
                            float* __restrict yi, int done, const Waves& waves) noexcept {
    const int parts = kSpotPx / done / 4;
    const std::ptrdiff_t quarter = static_cast<std::ptrdiff_t>(kSpotPx / 4) * kLanes;
    for (int p = 0; p < parts; ++p) {
        const int k = p * done;
        const float c1 = waves.re[k], s1 = waves.im[k], c2 = waves.re[2 * k], s2 = waves.im[2 * k];
        const float c3 = waves.re[3 * k], s3 = waves.im[3 * k];
        const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(k) * kLanes;
        const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(done) * kLanes;
        const float *ar = xr + from, *br = ar + quarter, *cr = br + quarter, *dr = cr + quarter;
        const float *ai = xi + from, *bi = ai + quarter, *ci = bi + quarter, *di = ci + quarter;
        float* __restrict r0 = yr + 4 * from;
        float* __restrict r1 = r0 + step;
        float* __restrict r2 = r1 + step;
        float* __restrict r3 = r2 + step;
        float* __restrict i0 = yi + 4 * from;
        float* __restrict i1 = i0 + step;
        float* __restrict i2 = i1 + step;
        float* __restrict i3 = i2 + step;
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
        for (std::ptrdiff_t i = 0; i < step; ++i) {
            const float er = ar[i] + cr[i], ei = ai[i] + ci[i], fr = ar[i] - cr[i], fi = ai[i] - ci[i];
            const float gr = br[i] + dr[i], gi = bi[i] + di[i];
            const float hr = bi[i] - di[i], hi = dr[i] - br[i];  // (b - d) by -i
            const float ur = fr + hr, ui = fi + hi, vr = er - gr, vi = ei - gi, tr = fr - hr, ti = fi - hi;
            r0[i] = er + gr;
            i0[i] = ei + gi;
            r1[i] = ur * c1 - ui * s1;
            i1[i] = ur * s1 + ui * c1;
            r2[i] = vr * c2 - vi * s2;
            i2[i] = vr * s2 + vi * c2;
            r3[i] = tr * c3 - ti * s3;
            i3[i] = tr * s3 + ti * c3;
        }
    }
}

// The last pass, radix 2.
IDOCR_CLONES void pass_of_2(const float* __restrict x, float* __restrict y) noexcept {
    constexpr std::ptrdiff_t kHalf = static_cast<std::ptrdiff_t>(kSpotPx / 2) * kLanes;
    for (std::ptrdiff_t i = 0; i < kHalf; ++i) {
        y[i] = x[i] + x[i + kHalf];
        y[i + kHalf] = x[i] - x[i + kHalf];
    }
}

constexpr std::size_t kBand = static_cast<std::size_t>(kSpotPx) * kLanes;

// On lines of the cache, and no part a multiple of 4 KB from another: such stores delay loads.
struct Band {
    alignas(64) float re[kBand + 3 * kLanes];
    alignas(64) float im[kBand + 3 * kLanes];
};

// kLanes signals of kSpotPx, in place; `other` is room to work in.
void transform(Band& band, Band& other, const Waves& waves) {
    static_assert(kSpotPx == 4 * 4 * 4 * 2);
    pass_of_4(band.re, band.im, other.re, other.im, 1, waves);
    pass_of_4(other.re, other.im, band.re, band.im, 4, waves);
    pass_of_4(band.re, band.im, other.re, other.im, 16, waves);
    pass_of_2(other.re, band.re);
    pass_of_2(other.im, band.im);
}

IDOCR_CLONES double mean_of(const float* plane) noexcept {
    float sums[kLanes] = {};
    for (std::size_t i = 0; i < kSpot; i += kLanes)
        for (std::size_t k = 0; k < kLanes; ++k) sums[k] += plane[i + k];
    double sum = 0.0;
    for (const float part : sums) sum += static_cast<double>(part);
    return sum / static_cast<double>(kSpot);
}

// kLanes columns of a plane, from `left`, less its mean and under the window.
IDOCR_CLONES void window_band(const float* plane, int left, float mean, const float* window,
                              float* band) noexcept {
    for (int y = 0; y < kSpotPx; ++y)
        for (int k = 0; k < kLanes; ++k)
            band[y * kLanes + k] = (plane[y * kSpotPx + left + k] - mean) * (window[y] * window[left + k]);
}

using Four [[gnu::vector_size(16)]] = float;

// The transpose of four rows of four.
inline void turn_four(const float* from, int stride, float* to, int to_stride) noexcept {
    Four rows[4];
    for (int i = 0; i < 4; ++i) std::memcpy(rows + i, from + i * stride, sizeof(Four));
    const Four low = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const Four high = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const Four more_low = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const Four more_high = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    const Four columns[4] = {__builtin_shufflevector(low, more_low, 0, 1, 4, 5),
                             __builtin_shufflevector(low, more_low, 2, 3, 6, 7),
                             __builtin_shufflevector(high, more_high, 0, 1, 4, 5),
                             __builtin_shufflevector(high, more_high, 2, 3, 6, 7)};
    for (int i = 0; i < 4; ++i) std::memcpy(to + i * to_stride, columns + i, sizeof(Four));
}

void turn_band(const float* band, float* turned) noexcept {
    for (int k = 0; k < kLanes; k += 4)
        for (int y = 0; y < kSpotPx; y += 4)
            turn_four(band + y * kLanes + k, kLanes, turned + k * kSpotPx + y, kSpotPx);
}

void put_band(const float* band, int left, float* whole) noexcept {
    for (int y = 0; y < kSpotPx; ++y)
        std::copy_n(band + y * kLanes, kLanes, whole + y * kSpotPx + left);
}

// Takes the spectra of pairs of planes; keeps its room from one to the next.
class Transformer {
public:
    // Of first + i second, both kSpotPx square: at u * kSpotPx + v as Rings counts.
    const Complex& operator()(const float* first, const float* second) {
        const float means[2] = {static_cast<float>(mean_of(first)), static_cast<float>(mean_of(second))};
        for (int left = 0; left < kSpotPx; left += kLanes) {
            window_band(first, left, means[0], waves_.window, band_.re);
            window_band(second, left, means[1], waves_.window, band_.im);
            transform(band_, other_, waves_);
            turn_band(band_.re, turned_.re.data() + left * kSpotPx);
            turn_band(band_.im, turned_.im.data() + left * kSpotPx);
        }
        for (int left = 0; left < kSpotPx; left += kLanes) {
            take_band(turned_.re.data(), left, band_.re);
            take_band(turned_.im.data(), left, band_.im);
            transform(band_, other_, waves_);
            put_band(band_.re, left, whole_.re.data());
            put_band(band_.im, left, whole_.im.data());
        }
        return whole_;
    }

private:
    static void take_band(const float* whole, int left, float* band) noexcept {
        for (int y = 0; y < kSpotPx; ++y)
            std::copy_n(whole + y * kSpotPx + left, kLanes, band + y * kLanes);
    }

    Waves waves_;
    Band band_{};
    Band other_{};
    Complex turned_{kSpot};
    Complex whole_{kSpot};
};

constexpr std::size_t kHalfSpot = static_cast<std::size_t>(kSpotPx / 2 + 1) * kSpotPx;

// The power of both planes of a pair together and, less that of the second, of the first: of a real
// plane's spectrum opposite frequencies are conjugate. One row of the half spectrum.
IDOCR_CLONES void power_row(const float* hr, const float* hi, const float* tr, const float* ti,
                            float* both, float* less) noexcept {
    for (int v = 0; v < kSpotPx; ++v) {
        both[v] = (hr[v] * hr[v] + hi[v] * hi[v] + tr[v] * tr[v] + ti[v] * ti[v]) * 0.5f;
        less[v] = hr[v] * tr[v] - hi[v] * ti[v];
    }
}

// The frequencies of a row opposite to those of another: (kSpotPx - v) % kSpotPx.
void oppose(const float* row, float* opposite) noexcept {
    opposite[0] = row[0];
    for (int v = 1; v < kSpotPx; ++v) opposite[v] = row[kSpotPx - v];
}

struct Powers {
    std::vector<float> both = std::vector<float>(kHalfSpot);
    std::vector<float> less = std::vector<float>(kHalfSpot);  // first less second

    void take(const Complex& whole) {
        float re[kSpotPx];
        float im[kSpotPx];
        for (std::size_t u = 0; u <= kSpotPx / 2; ++u) {
            const std::size_t here = u * kSpotPx;
            const std::size_t there = (kSpotPx - u) % kSpotPx * kSpotPx;
            oppose(whole.re.data() + there, re);
            oppose(whole.im.data() + there, im);
            power_row(whole.re.data() + here, whole.im.data() + here, re, im, both.data() + here,
                      less.data() + here);
        }
    }
};

struct Ring {
    double mean;
    float most;
};

IDOCR_CLONES Ring look_at_ring(const float* cells, std::ptrdiff_t count) noexcept {
    float sums[kLanes] = {};
    float most[kLanes] = {};
    std::ptrdiff_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int k = 0; k < kLanes; ++k) {
            sums[k] += cells[i + k];
            most[k] = std::max(most[k], cells[i + k]);
        }
    for (; i < count; ++i) {
        sums[0] += cells[i];
        most[0] = std::max(most[0], cells[i]);
    }
    Ring ring{0.0, 0.0f};
    for (int k = 0; k < kLanes; ++k) {
        ring.mean += static_cast<double>(sums[k]);
        ring.most = std::max(ring.most, most[k]);
    }
    ring.mean /= static_cast<double>(count);
    return ring;
}

// Gathers what out of measure_rings says of one kind, spot by spot.
class RingPowers {
public:
    explicit RingPowers(const Rings& rings)
        : rings_(rings),
          cells_(static_cast<std::size_t>(rings.num_cells)),
          total_(cells_.size()),
          best_(static_cast<std::size_t>(rings.num_rings)) {}

    template <typename Power>
    void add(const Power& power) {
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            cells_[i] = power(static_cast<std::size_t>(rings_.cells[i]));
            total_[i] += cells_[i];
        }
        ++spots_;
        for (std::size_t r = 0; r < best_.size(); ++r) {
            const Ring ring = look(cells_, r);
            best_[r] = std::max(best_[r], static_cast<double>(ring.most) / (ring.mean + 1.0));
        }
    }

    double* put(double* out) const {
        const std::size_t count = best_.size();
        for (std::size_t r = 0; r < count; ++r) {
            const Ring ring = look(total_, r);
            out[r] = ring.mean / spots_ + 1.0;
            out[count + r] = static_cast<double>(ring.most) / spots_ / out[r];
            out[2 * count + r] = best_[r];
        }
        return out + 3 * count;
    }

private:
    Ring look(const std::vector<float>& cells, std::size_t r) const {
        const auto begin = static_cast<std::size_t>(rings_.begins[r]);
        const auto end =
            r + 1 < best_.size() ? static_cast<std::size_t>(rings_.begins[r + 1]) : cells.size();
        return look_at_ring(cells.data() + begin, static_cast<std::ptrdiff_t>(end - begin));
    }

    const Rings& rings_;
    std::vector<float> cells_;
    std::vector<float> total_;
    std::vector<double> best_;
    int spots_ = 0;
};

// ---- JPEG's blocks

constexpr int kMostStep = 24;

IDOCR_CLONES void take_green(const std::uint8_t* bgr, int columns, std::int16_t* green) noexcept {
    for (int x = 0; x < columns; ++x) green[x] = bgr[3 * x + 1];
}

IDOCR_CLONES void add_steps_along(const std::int16_t* green, int count, std::int32_t* sums) noexcept {
    for (int x = 0; x < count; ++x) {
        const int step = green[x + 3] - green[x] - 3 * (green[x + 2] - green[x + 1]);
        sums[x] += std::min(std::abs(step), kMostStep);
    }
}

IDOCR_CLONES int sum_steps_down(const std::int16_t* a, const std::int16_t* b, const std::int16_t* c,
                                const std::int16_t* d, int columns) noexcept {
    int sum = 0;
    for (int x = 0; x < columns; ++x)
        sum += std::min(std::abs(d[x] - a[x] - 3 * (c[x] - b[x])), kMostStep);
    return sum;
}

// Means of sums by their place among eight, as many rounds of eight as there are whole.
void by_phase(const std::vector<std::int32_t>& sums, int lines, double* phases) {
    const std::size_t rounds = sums.size() / 8;
    for (std::size_t k = 0; k < 8; ++k) {
        std::int64_t sum = 0;
        for (std::size_t n = 0; n < rounds; ++n) sum += sums[8 * n + k];
        phases[k] = static_cast<double>(sum) / static_cast<double>(rounds) / lines;
    }
}

// ---- spots

// One row of a spot; the planes lie kSpot apart.
IDOCR_CLONES void take_axes(const std::uint8_t* bgr, float* __restrict planes) noexcept {
    for (int x = 0; x < kSpotPx; ++x) {
        const float blue = bgr[3 * x], green = bgr[3 * x + 1], red = bgr[3 * x + 2];
        planes[x] = 0.114f * blue + 0.587f * green + 0.299f * red;
        planes[kSpot + static_cast<std::size_t>(x)] = green - 0.5f * (blue + red);
        planes[2 * kSpot + static_cast<std::size_t>(x)] = red - blue;
    }
}

// ---- tones

// Values in bins of equal width, so that only those of one bin are compared to find a rank.
class Binned {
public:
    explicit Binned(const std::vector<float>& values) : values_(values.size()), begins_(kBins + 1) {
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        const float least = *low;
        const float scale = *high > least ? static_cast<float>(kBins - 1) / (*high - least) : 0.0f;
        std::vector<std::uint16_t> bins(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            bins[i] = static_cast<std::uint16_t>(static_cast<int>((values[i] - least) * scale));
            ++begins_[bins[i] + 1U];
        }
        std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
        std::vector<int> ends = begins_;
        for (std::size_t i = 0; i < values.size(); ++i)
            values_[static_cast<std::size_t>(ends[bins[i]]++)] = values[i];
    }

    // The value so far up, a share of the way.
    double at(double share) {
        const int rank = static_cast<int>(share * static_cast<double>(values_.size() - 1));
        const auto bin = std::upper_bound(begins_.begin(), begins_.end(), rank) - 1;
        const auto at = values_.begin() + rank;
        std::nth_element(values_.begin() + *bin, at, values_.begin() + *(bin + 1));
        return static_cast<double>(*at);
    }

private:
    static constexpr std::size_t kBins = 1024;
    std::vector<float> values_;
    std::vector<int> begins_;
};

// ---- the portrait's rim

constexpr int kMostRim = 30;

IDOCR_CLONES void add_across(const std::uint8_t* row, int count, std::int32_t* sums) noexcept {
    for (int i = 0; i < count; ++i) {
        const int step = row[i + 6] - row[i];
        sums[i] += std::min(std::max(step, -kMostRim), kMostRim);
    }
}

// Of each column the mean step from the one before to the one behind, in the channel where it is largest.
std::vector<double> steps_across(const ImageView& bgr, const Window& window, int rows) {
    const int columns = window.right - window.left - 2;
    std::vector<std::int32_t> sums(3 * static_cast<std::size_t>(columns));
    for (int y = window.top; y < window.top + rows; ++y)
        add_across(bgr.pixel(window.left, y), 3 * columns, sums.data());
    std::vector<double> steps;
    for (std::size_t i = 0; i < sums.size(); i += 3) {
        const int most = std::max({std::abs(sums[i]), std::abs(sums[i + 1]), std::abs(sums[i + 2])});
        steps.push_back(static_cast<double>(most) / rows);
    }
    return steps;
}

// The same of rows, without the window's outermost 16 px left and right.
std::vector<double> steps_down(const ImageView& bgr, const Window& window) {
    const int columns = window.right - window.left - 32;
    std::vector<double> steps;
    for (int y = window.top; y + 2 < window.bottom; ++y) {
        const std::uint8_t* row = bgr.pixel(window.left + 16, y);
        const std::uint8_t* below = row + 2 * bgr.row_stride;
        int sums[3] = {};
        for (int i = 0; i < 3 * columns; i += 3)
            for (int c = 0; c < 3; ++c)
                sums[c] += std::min(std::max(below[i + c] - row[i + c], -kMostRim), kMostRim);
        const int most = std::max({std::abs(sums[0]), std::abs(sums[1]), std::abs(sums[2])});
        steps.push_back(static_cast<double>(most) / columns);
    }
    return steps;
}

// Mean difference of the diagonals of squares so many px wide, none counted for more than `most`.
double mean_fine(const ImageView& bgr, const Window& part, int apart, int most) {
    const int columns = part.right - part.left - apart;
    const int rows = part.bottom - part.top - apart;
    long sum = 0;
    for (int y = part.top; y < part.top + rows; ++y) {
        const std::uint8_t* row = bgr.pixel(part.left, y) + 1;
        const std::uint8_t* below = row + apart * bgr.row_stride;
        int line = 0;
        for (int x = 0; x < 3 * columns; x += 3)
            line += std::min(most, std::abs(below[x + 3 * apart] - row[x + 3 * apart] - below[x] + row[x]));
        sum += line;
    }
    return static_cast<double>(sum) / (static_cast<double>(rows) * columns);
}

// ---- fields

// Grain, sharpness, contrast, brightness, ink, four tints and noise, on scales on which they can be compared.
using PrintRow = std::array<double, kPrintMeasures>;
constexpr std::array<std::size_t, kPaperMeasures> kPaper{0, 3, 5, 6, 9};  // what paper has without ink

PrintRow print_row(const float* m) {
    const double contrast = static_cast<double>(m[0]);
    const double brightness = static_cast<double>(m[3]);
    PrintRow row{std::log10(static_cast<double>(m[5]) + 0.001),
                 std::log10(static_cast<double>(m[1]) + 0.02),
                 contrast,
                 brightness,
                 brightness - contrast};
    for (std::size_t k = 0; k < 4; ++k) row[5 + k] = 4.0 * static_cast<double>(m[6 + k]);
    row[9] = std::log10(static_cast<double>(m[4]) + 0.01);
    return row;
}

std::vector<PrintRow> print_rows(const float* windows, int count) {
    std::vector<PrintRow> rows;
    for (int i = 0; i < count; ++i) rows.push_back(print_row(windows + static_cast<std::ptrdiff_t>(i) * kPrintMeasures));
    return rows;
}

PrintRow mean_row(const std::vector<PrintRow>& rows) {
    PrintRow mean{};
    for (const PrintRow& row : rows)
        for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += row[k];
    for (double& value : mean) value /= static_cast<double>(rows.size());
    return mean;
}

PrintRow median_row(const std::vector<PrintRow>& rows) {
    PrintRow median;
    std::vector<double> values(rows.size());
    for (std::size_t k = 0; k < median.size(); ++k) {
        for (std::size_t i = 0; i < rows.size(); ++i) values[i] = rows[i][k];
        std::sort(values.begin(), values.end());
        median[k] = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
    }
    return median;
}

}  // namespace

GrainMeasures measure_grain(const float* planes, int height, int width, int rows) {
    assert(2 <= rows && rows <= height && width >= 2);
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(height) * width;
    const std::vector<float> none(static_cast<std::size_t>(width - 1));
    std::array<std::vector<float>, 3> fine{none, none, none};
    std::array<std::vector<float>, 3> large = fine;
    std::array<std::vector<float>, 3> small = fine;
    std::array<std::vector<float>, 6> products{none, none, none, none, none, none};
    for (int y = 0; y + 1 < rows; ++y) {
        const float* upper = planes + static_cast<std::ptrdiff_t>(y) * width;
        for (std::size_t c = 0; c < 3; ++c) {
            const float* own = upper + static_cast<std::ptrdiff_t>(c) * plane;
            fine_row(own, own + width, width - 1, fine[c].data(), large[c].data(), small[c].data());
        }
        for (std::size_t k = 0; k < products.size(); ++k)
            add_product(fine[kAxisPairs[k][0]].data(), fine[kAxisPairs[k][1]].data(), width - 1,
                        products[k].data());
    }
    const double count = static_cast<double>(rows - 1) * (width - 1);
    const auto mean = [count](const std::vector<float>& sums) {
        return std::accumulate(sums.begin(), sums.end(), 0.0) / count;
    };
    GrainMeasures measures{};
    std::transform(large.begin(), large.end(), measures.large, mean);
    std::transform(small.begin(), small.end(), measures.small, mean);
    std::transform(products.begin(), products.end(), measures.products, mean);
    return measures;
}

void measure_rings(const float* planes, int spots, const Rings& rings, double* out) {
    assert(spots >= 1 && rings.num_rings >= 1);
    const auto plane = [planes](int spot, int axis) {
        return planes + static_cast<std::ptrdiff_t>(3 * spot + axis) * static_cast<std::ptrdiff_t>(kSpot);
    };
    Transformer spectrum_of;
    Powers powers;
    RingPowers light(rings);
    RingPowers tint(rings);
    for (int spot = 0; spot < spots; spot += 2) {
        const int next = std::min(spot + 1, spots - 1);
        powers.take(spectrum_of(plane(spot, 0), plane(next, 0)));
        light.add([&](std::size_t i) { return (powers.both[i] + powers.less[i]) * 0.5f; });
        if (next > spot) light.add([&](std::size_t i) { return (powers.both[i] - powers.less[i]) * 0.5f; });
    }
    for (int spot = 0; spot < spots; ++spot) {
        powers.take(spectrum_of(plane(spot, 1), plane(spot, 2)));
        tint.add([&](std::size_t i) { return powers.both[i]; });
    }
    tint.put(light.put(out));
}

BlockSteps measure_blocks(const ImageView& bgr, int left, int top, int right, int bottom) {
    const int columns = right - left;
    const int rows = bottom - top;
    assert(columns >= 11 && rows >= 11 && bgr.channels == 3);
    std::array<std::vector<std::int16_t>, 4> green;  // of the last four rows
    green.fill(std::vector<std::int16_t>(static_cast<std::size_t>(columns)));
    std::vector<std::int32_t> along(static_cast<std::size_t>(columns - 3));
    std::vector<std::int32_t> down;
    down.reserve(static_cast<std::size_t>(rows - 3));
    for (int y = top; y < bottom; ++y) {
        if (y + kRowsAhead < bottom) fetch(bgr.pixel(left, y + kRowsAhead), 3 * columns);
        std::rotate(green.begin(), green.begin() + 1, green.end());
        take_green(bgr.pixel(left, y), columns, green[3].data());
        add_steps_along(green[3].data(), columns - 3, along.data());
        if (y - top >= 3)
            down.push_back(sum_steps_down(green[0].data(), green[1].data(), green[2].data(),
                                          green[3].data(), columns));
    }
    BlockSteps steps{};
    by_phase(along, rows, steps.along);
    by_phase(down, columns, steps.down);
    return steps;
}

void take_spot(const ImageView& bgr, int left, int top, float* planes) {
    assert(left >= 0 && top >= 0 && left + kSpotPx <= bgr.width && top + kSpotPx <= bgr.height);
    for (int y = 0; y < kSpotPx; ++y) {
        if (y + kRowsAhead < kSpotPx) fetch(bgr.pixel(left, top + y + kRowsAhead), 3 * kSpotPx);
        take_axes(bgr.pixel(left, top + y), planes + static_cast<std::ptrdiff_t>(y) * kSpotPx);
    }
}

ToneMeasures measure_tones(const std::uint8_t* cells, int count) {
    assert(count >= 1);
    const auto size = static_cast<std::size_t>(count);
    std::vector<float> lab(3 * size);
    bgr_to_fine_lab(cells, count, lab.data());
    std::array<std::vector<float>, 3> channels;
    channels.fill(std::vector<float>(size));
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t c = 0; c < 3; ++c) channels[c][i] = lab[3 * i + c] / 100.0f;
    const double mean = std::accumulate(channels[0].begin(), channels[0].end(), 0.0) / count;
    ToneMeasures tones{};
    Binned light(channels[0]);
    constexpr double kLight[] = {0.02, 0.1, 0.5, 0.9, 0.98};
    std::transform(std::begin(kLight), std::end(kLight), tones.light, [&](double share) { return light.at(share); });
    for (std::size_t c = 0; c < 2; ++c) tones.middle[c] = Binned(channels[c + 1]).at(0.5);
    std::vector<float> squares(size);
    double products[3] = {};  // aa, bb, ab
    double with_light[2] = {};
    double light_square = 1e-6;
    for (std::size_t i = 0; i < size; ++i) {
        const double above = static_cast<double>(channels[0][i]) - mean;
        const double a = static_cast<double>(channels[1][i]) - tones.middle[0];
        const double b = static_cast<double>(channels[2][i]) - tones.middle[1];
        squares[i] = static_cast<float>(a * a + b * b);
        products[0] += a * a;
        products[1] += b * b;
        products[2] += a * b;
        with_light[0] += above * a;
        with_light[1] += above * b;
        light_square += above * above;
    }
    Binned apart(squares);
    constexpr double kApart[] = {0.5, 0.75, 0.9, 0.97};
    std::transform(std::begin(kApart), std::end(kApart), tones.apart,
                   [&](double share) { return std::sqrt(apart.at(share)); });
    const double middle = (products[0] + products[1]) / (2.0 * count);
    const double half = std::hypot((products[0] - products[1]) / 2.0, products[2]) / count;
    tones.spread[0] = std::sqrt(std::max(0.0, middle - half));
    tones.spread[1] = std::sqrt(middle + half);
    for (int k = 0; k < 2; ++k) tones.follows[k] = with_light[k] / light_square;
    return tones;
}

RimMeasures measure_rim(const ImageView& upright, const Window& window, const Window& paper) {
    const int height = window.bottom - window.top;
    assert(window.right - window.left >= 64 && height >= 64 && upright.channels == 3);
    RimMeasures rim{};
    double* steps = rim.steps;
    for (const int rows : {height, height / 3}) {
        const std::vector<double> whole = steps_across(upright, window, rows);
        const auto third = static_cast<std::ptrdiff_t>(whole.size() / 3);
        *steps++ = *std::max_element(whole.begin(), whole.begin() + third);
        *steps++ = *std::max_element(whole.end() - third, whole.end());
    }
    const std::vector<double> down = steps_down(upright, window);
    const auto quarter = static_cast<std::ptrdiff_t>(down.size() / 4);
    *steps++ = *std::max_element(down.begin(), down.begin() + quarter);
    *steps = *std::max_element(down.end() - quarter, down.end());
    const int top = window.top + 8;
    const Window left{window.left + 12, top, window.left + 28, top + 32};
    const Window right{window.right - 28, top, window.right - 12, top + 32};
    constexpr int kApartAndMost[3][2] = {{1, 24}, {3, 2}, {3, 5}};
    for (int k = 0; k < 3; ++k) {
        const auto fine = [&, k](const Window& part) {
            return mean_fine(upright, part, kApartAndMost[k][0], kApartAndMost[k][1]);
        };
        rim.corners[k] = (fine(left) + fine(right)) / 2.0;
        rim.paper[k] = fine(paper);
    }
    return rim;
}

void compare_fields(const FieldWindows& windows, double* out) {
    const auto count = static_cast<std::size_t>(windows.num_fields);
    std::vector<PrintRow> means;
    const float* own = windows.own;
    const float* beside = windows.beside;
    for (std::size_t f = 0; f < count; ++f) {
        std::vector<PrintRow> rows = print_rows(own, windows.own_counts[f]);
        own += static_cast<std::ptrdiff_t>(kPrintMeasures) * windows.own_counts[f];
        means.push_back(mean_row(rows));
        const PrintRow middle = median_row(rows);
        double* spread = out + f * kFieldMeasures + 3 * kPrintMeasures;
        for (std::size_t k = 0; k < kPrintMeasures; ++k) {
            const auto less = [k](const PrintRow& a, const PrintRow& b) { return a[k] < b[k]; };
            const auto [least, most] = std::minmax_element(rows.begin(), rows.end(), less);
            spread[k] = (*most)[k] - middle[k];
            spread[kPrintMeasures + k] = (*least)[k] - middle[k];
        }
        std::vector<PrintRow> around = print_rows(beside, windows.beside_counts[f]);
        beside += static_cast<std::ptrdiff_t>(kPrintMeasures) * windows.beside_counts[f];
        const PrintRow usual = around.empty() ? means[f] : median_row(around);
        for (std::size_t k = 0; k < kPaper.size(); ++k)
            spread[2 * kPrintMeasures + k] = means[f][kPaper[k]] - usual[kPaper[k]];
    }
    for (std::size_t f = 0; f < count; ++f) {
        double* field = out + f * kFieldMeasures;
        std::vector<PrintRow> others = means;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(f));
        for (std::size_t k = 0; k < kPrintMeasures; ++k) {
            const double mean = field[k] = means[f][k];
            double nearest = others.empty() ? 0.0 : mean - others[0][k];
            for (const PrintRow& other : others)
                if (std::abs(mean - other[k]) < std::abs(nearest)) nearest = mean - other[k];
            field[2 * kPrintMeasures + k] = nearest;
        }
        const PrintRow usual = others.empty() ? means[f] : median_row(others);
        for (std::size_t k = 0; k < kPrintMeasures; ++k)
            field[kPrintMeasures + k] = means[f][k] - usual[k];
    }
}

}  // namespace idocr
