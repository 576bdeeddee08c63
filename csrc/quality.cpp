#include "quality.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "clones.h"

namespace idocr {
namespace {

constexpr int kLevels = 256;
using Histogram = std::array<int, kLevels>;

int percentile(const Histogram& histogram, long total, double share) {
    const long below = static_cast<long>(static_cast<double>(total) * share);
    long count = 0;
    for (int level = 0; level < kLevels; ++level) {
        count += histogram[static_cast<std::size_t>(level)];
        if (count > below) return level;
    }
    return kLevels - 1;
}

// Neighbours are often alike: four tables in turn, so that no count waits for the one before it.
class Counts {
public:
    void add(const std::uint8_t* levels, int count) {
        int x = 0;
        for (; x + 4 <= count; x += 4)
            for (std::size_t k = 0; k < 4; ++k) ++tables_[k][levels[x + static_cast<int>(k)]];
        for (; x < count; ++x) ++tables_[0][levels[x]];
    }
    Histogram total() const {
        Histogram sum{};
        for (const Histogram& table : tables_)
            for (std::size_t level = 0; level < kLevels; ++level) sum[level] += table[level];
        return sum;
    }

private:
    std::array<Histogram, 4> tables_{};
};

inline std::uint8_t to_level(float value) noexcept {
    return static_cast<std::uint8_t>(
        static_cast<int>(std::min(std::max((value + 1.0f) * 127.5f + 0.5f, 0.0f), 255.0f)));
}

constexpr int kPad = 16;  // columns behind each row, so that loops over a window's rows need no ends of their own

// A row's luma, 1 where a pixel glares, and how much bluer and redder than green it is.
IDOCR_CLONES void level_row(const float* blue, const float* green, const float* red, int columns,
                            std::uint8_t* __restrict luma, std::uint8_t* __restrict glares,
                            float* __restrict blue_tint, float* __restrict red_tint) noexcept {
    constexpr float kGlare = 2.0f * 250.0f / 255.0f - 1.0f;
    for (int x = 0; x < columns; ++x) {
        luma[x] = to_level(0.114f * blue[x] + 0.587f * green[x] + 0.299f * red[x]);
        glares[x] = std::min(std::min(blue[x], green[x]), red[x]) >= kGlare;
        blue_tint[x] = blue[x] - green[x];
        red_tint[x] = red[x] - green[x];
    }
}

IDOCR_CLONES void step_row(const std::uint8_t* luma, int columns, std::uint8_t* __restrict steps) noexcept {
    for (int x = 0; x + 1 < columns; ++x)
        steps[x] = static_cast<std::uint8_t>(std::max(luma[x], luma[x + 1]) - std::min(luma[x], luma[x + 1]));
}

// What is measured of a part of a strip's columns, in which windows lie.
struct Levels {
    Levels(const float* strip, int rows, int width, const Columns& part)
        : height(rows), begin(part.begin), stride(part.end - part.begin + kPad) {
        const auto size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride);
        for (auto* levels : {&luma, &steps, &glares}) levels->resize(size);
        for (auto* tints : {&blue, &red}) tints->resize(size);
        const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(rows) * width;
        const int columns = part.end - part.begin;
        for (int y = 0; y < rows; ++y) {
            const float* row = strip + static_cast<std::ptrdiff_t>(y) * width + begin;
            const std::ptrdiff_t to = static_cast<std::ptrdiff_t>(y) * stride;
            level_row(row, row + plane, row + 2 * plane, columns, luma.data() + to, glares.data() + to,
                      blue.data() + to, red.data() + to);
            step_row(luma.data() + to, columns, steps.data() + to);
        }
        any_glares = std::memchr(glares.data(), 1, size) != nullptr;
    }

    // Where a window's row lies in each of the five.
    std::ptrdiff_t at(int y, const Columns& window) const {
        return static_cast<std::ptrdiff_t>(y) * stride + window.begin - begin;
    }

    int height, begin, stride;
    bool any_glares = false;  // of most lines none does
    std::vector<std::uint8_t> luma, steps, glares;
    std::vector<float> blue, red;  // less green
};

// Sums column by column, so that no sum waits for the one before it; as many columns as fill whole vectors, of
// which those behind the window count 0.
class ColumnSums {
public:
    explicit ColumnSums(int most_columns)
        : room_(padded(most_columns)), inside_(room_), floats_(4 * room_), shorts_(2 * room_) {}

    void begin(int columns) {
        count_ = padded(columns);
        std::fill_n(inside_.begin(), columns, std::int16_t{1});
        std::fill(inside_.begin() + columns, inside_.begin() + static_cast<std::ptrdiff_t>(count_), std::int16_t{0});
        std::fill(floats_.begin(), floats_.end(), 0.0f);
        std::fill(shorts_.begin(), shorts_.end(), std::int16_t{0});
    }

    std::size_t count() const { return count_; }
    const std::int16_t* inside() const { return inside_.data(); }
    float* floats(std::size_t row) { return floats_.data() + row * room_; }
    std::int16_t* shorts(std::size_t row) { return shorts_.data() + row * room_; }

    double sum(std::size_t row) const {
        constexpr std::size_t kLanes = 8;
        double sums[kLanes] = {};
        const float* values = floats_.data() + row * room_;
        for (std::size_t x = 0; x < count_; x += kLanes)
            for (std::size_t k = 0; k < kLanes; ++k) sums[k] += static_cast<double>(values[x + k]);
        return std::accumulate(sums, sums + kLanes, 0.0);
    }

    long take_shorts(std::size_t row) {
        std::int16_t* values = shorts(row);
        long sum = 0;
        for (std::size_t x = 0; x < count_; ++x) sum += values[x];
        std::fill_n(values, count_, std::int16_t{0});
        return sum;
    }

private:
    static std::size_t padded(int columns) { return static_cast<std::size_t>((columns + kPad - 1) / kPad * kPad); }

    std::size_t room_;
    std::size_t count_ = 0;
    std::vector<std::int16_t> inside_;
    std::vector<float> floats_;         // blue and red of paper, then of ink
    std::vector<std::int16_t> shorts_;  // grain, squares
};

// Marks, not choices: of a choice in this loop gcc 12 makes wrong code for AVX2.
IDOCR_CLONES void add_tints(const std::uint8_t* luma, const float* blue, const float* red,
                            const std::int16_t* inside, std::size_t columns, int paper, int ink,
                            float* __restrict paper_blue, float* __restrict paper_red, float* __restrict ink_blue,
                            float* __restrict ink_red) noexcept {
    for (std::size_t x = 0; x < columns; ++x) {
        const auto is_paper = static_cast<float>((luma[x] >= paper) * inside[x]);
        const auto is_ink = static_cast<float>((luma[x] <= ink) * inside[x]);
        paper_blue[x] += blue[x] * is_paper;
        paper_red[x] += red[x] * is_paper;
        ink_blue[x] += blue[x] * is_ink;
        ink_red[x] += red[x] * is_ink;
    }
}

int count_marks(const std::uint8_t* marks, int columns) noexcept {
    int count = 0;
    for (int x = 0; x < columns; ++x) count += marks[x];
    return count;
}

constexpr int kMostStep = 24;

// The difference of the diagonals of each square of 2 x 2 paper pixels, and how many squares there are.
IDOCR_CLONES void grain_row(const std::uint8_t* upper, const std::uint8_t* lower, const std::int16_t* inside,
                            std::size_t columns, std::int16_t paper, std::int16_t* __restrict grain,
                            std::int16_t* __restrict squares) noexcept {
    for (std::size_t x = 0; x < columns; ++x) {
        const auto a = static_cast<std::int16_t>(upper[x]), b = static_cast<std::int16_t>(upper[x + 1]);
        const auto c = static_cast<std::int16_t>(lower[x]), d = static_cast<std::int16_t>(lower[x + 1]);
        const std::int16_t least = std::min(std::min(a, b), std::min(c, d));
        const auto is_paper = static_cast<std::int16_t>((least >= paper) * inside[x]);
        const auto step = static_cast<std::int16_t>(a - b - c + d);
        const auto size = static_cast<std::int16_t>(step < 0 ? -step : step);
        const std::int16_t capped = std::min(size, static_cast<std::int16_t>(kMostStep));
        grain[x] = static_cast<std::int16_t>(grain[x] + is_paper * capped);
        squares[x] = static_cast<std::int16_t>(squares[x] + is_paper);
    }
}

// Mean over the squares of 2 x 2 paper pixels of the difference between their diagonals, as the sigma of
// Gaussian noise in one pixel, of full scale. An edge counts no more than kMostStep.
float paper_grain(const Levels& line, const Columns& window, int paper, ColumnSums& sums) {
    constexpr double kMeanOfSigma = 2.0 * 0.79788;  // mean |N(0, 2 sigma)| is 2 sigma sqrt(2 / pi)
    constexpr int kMostRows = 1024;                 // so many times 24 fit into 16 bits
    sums.begin(window.end - window.begin - 1);
    long sum = 0;
    long count = 0;
    for (int y = 0; y + 1 < line.height; ++y) {
        grain_row(line.luma.data() + line.at(y, window), line.luma.data() + line.at(y + 1, window), sums.inside(),
                  sums.count(), static_cast<std::int16_t>(paper), sums.shorts(0), sums.shorts(1));
        if ((y + 1) % kMostRows == 0 || y + 2 == line.height) {
            sum += sums.take_shorts(0);
            count += sums.take_shorts(1);
        }
    }
    if (count == 0) return 0.0f;
    return static_cast<float>(static_cast<double>(sum) / static_cast<double>(count) / kMeanOfSigma / 255.0);
}

IDOCR_CLONES int darkest(const float* row, int columns, std::uint8_t* levels) noexcept {
    int least = kLevels - 1;
    for (int x = 0; x < columns; ++x) {
        levels[x] = to_level(row[x]);
        least = std::min(least, static_cast<int>(levels[x]));
    }
    return least;
}

IDOCR_CLONES void widen_range(const std::uint8_t* row, std::ptrdiff_t count, std::uint8_t* least,
                              std::uint8_t* most) noexcept {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        least[i] = std::min(least[i], row[i]);
        most[i] = std::max(most[i], row[i]);
    }
}

// Closing along the columns of interleaved BGR: what is darker and narrower than `wide` goes.
std::vector<std::uint8_t> closed(const std::vector<std::uint8_t>& line, int columns, int wide) {
    std::vector<std::uint8_t> dilated(line.size());
    std::vector<std::uint8_t> eroded(line.size());
    const auto slide = [columns, half = wide / 2](const auto& from, auto& to, auto better) {
        for (int x = 0; x < columns; ++x)
            for (int c = 0; c < 3; ++c) {
                std::uint8_t best = from[static_cast<std::size_t>(3 * x + c)];
                for (int n = std::max(0, x - half); n <= std::min(columns - 1, x + half); ++n)
                    best = better(best, from[static_cast<std::size_t>(3 * n + c)]);
                to[static_cast<std::size_t>(3 * x + c)] = best;
            }
    };
    slide(line, dilated, [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); });
    slide(dilated, eroded, [](std::uint8_t a, std::uint8_t b) { return std::min(a, b); });
    return eroded;
}

// The value three quarters of the way up, straight between its neighbours.
double upper_quartile(const Histogram& histogram, int total) {
    const double rank = 0.75 * (total - 1);
    const int below = static_cast<int>(rank);
    int count = 0;
    int level = 0;
    while (count + histogram[static_cast<std::size_t>(level)] <= below)
        count += histogram[static_cast<std::size_t>(level++)];
    int next = level;
    if (count + histogram[static_cast<std::size_t>(level)] <= below + 1 && below + 1 < total)
        do ++next;
        while (histogram[static_cast<std::size_t>(next)] == 0);
    return level + (next - level) * (rank - below);
}

// Length of the longest run of true flags, taken one by one.
struct Run {
    int now = 0;
    int longest = 0;

    void add(bool flag) {
        now = flag ? now + 1 : 0;
        longest = std::max(longest, now);
    }
};

// Half the mean of a sum: strips go from -1 to 1.
float half_mean(double sum, long count) {
    return count == 0 ? 0.0f : static_cast<float>(sum / (2.0 * static_cast<double>(count)));
}

void measure_tints(const Levels& line, const Columns& window, const Histogram& levels, int paper, int ink,
                   ColumnSums& sums, StripMeasures& measures) {
    sums.begin(window.end - window.begin);
    for (int y = 0; y < line.height; ++y) {
        const std::ptrdiff_t at = line.at(y, window);
        add_tints(line.luma.data() + at, line.blue.data() + at, line.red.data() + at, sums.inside(), sums.count(),
                  paper, ink, sums.floats(0), sums.floats(1), sums.floats(2), sums.floats(3));
    }
    const long bright = std::accumulate(levels.begin() + paper, levels.end(), 0L);
    const long dark = std::accumulate(levels.begin(), levels.begin() + ink + 1, 0L);
    measures.paper_blue = half_mean(sums.sum(0), bright);
    measures.paper_red = half_mean(sums.sum(1), bright);
    measures.ink_blue = half_mean(sums.sum(2), dark);
    measures.ink_red = half_mean(sums.sum(3), dark);
}

StripMeasures measure_window(const Levels& line, const Columns& window, ColumnSums& sums) {
    const int columns = window.end - window.begin;
    Counts level_counts;
    Counts step_counts;
    long glaring = 0;
    for (int y = 0; y < line.height; ++y) {
        const std::ptrdiff_t at = line.at(y, window);
        if (line.any_glares) glaring += count_marks(line.glares.data() + at, columns);
        level_counts.add(line.luma.data() + at, columns);
        step_counts.add(line.steps.data() + at, columns - 1);
    }
    const Histogram levels = level_counts.total();
    const Histogram steps = step_counts.total();
    const long pixels = static_cast<long>(line.height) * columns;
    const long step_count = static_cast<long>(line.height) * (columns - 1);
    const int paper = percentile(levels, pixels, 0.95);
    const int ink = percentile(levels, pixels, 0.05);
    const int middle = percentile(levels, pixels, 0.5);
    const float span = static_cast<float>(std::max(1, paper - ink));
    StripMeasures measures{};
    measures.contrast = static_cast<float>(paper - ink) / 255.0f;
    measures.sharpness = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.98)) / span);
    measures.noise = std::min(1.0f, static_cast<float>(percentile(steps, step_count, 0.5)) / span);
    measures.glare = static_cast<float>(glaring) / static_cast<float>(pixels);
    measures.brightness = static_cast<float>(paper) / 255.0f;
    measures.grain = paper_grain(line, window, middle, sums);
    measure_tints(line, window, levels, middle, ink, sums, measures);
    return measures;
}

}  // namespace

void measure_windows(const float* strip, int height, int width, const Columns* windows, int count,
                     StripMeasures* out) {
    assert(height >= 1 && count >= 1);
    Columns whole = windows[0];
    int widest = 0;
    for (int i = 0; i < count; ++i) {
        assert(0 <= windows[i].begin && windows[i].begin + 2 <= windows[i].end && windows[i].end <= width);
        whole = {std::min(whole.begin, windows[i].begin), std::max(whole.end, windows[i].end)};
        widest = std::max(widest, windows[i].end - windows[i].begin);
    }
    const Levels line(strip, height, width, whole);  // once, for windows side by side share rows
    ColumnSums sums(widest);
    for (int i = 0; i < count; ++i) out[i] = measure_window(line, windows[i], sums);
}

InkRows find_ink_rows(const float* strip, int height, int width, int begin, int end) {
    assert(height >= 1 && 0 <= begin && begin < end && end <= width);
    const float* red = strip + 2 * static_cast<std::ptrdiff_t>(height) * width + begin;
    const int columns = end - begin;
    std::vector<std::uint8_t> levels(static_cast<std::size_t>(columns));
    std::vector<int> least(static_cast<std::size_t>(height));
    Counts counts;
    for (int y = 0; y < height; ++y) {
        least[static_cast<std::size_t>(y)] =
            darkest(red + static_cast<std::ptrdiff_t>(y) * width, columns, levels.data());
        counts.add(levels.data(), columns);
    }
    const Histogram histogram = counts.total();
    const long pixels = static_cast<long>(height) * columns;
    const int both = percentile(histogram, pixels, 0.9) + percentile(histogram, pixels, 0.03);
    const auto inked = [both](int level) { return 2 * level < both; };
    const auto first = std::find_if(least.begin(), least.end(), inked);
    if (first == least.end()) return {0, height};
    const auto last = std::find_if(least.rbegin(), least.rend(), inked);
    return {static_cast<int>(first - least.begin()), static_cast<int>(last.base() - least.begin())};
}

AlongMeasures measure_along(const ImageView& upright, const Place& place, const AlongRules& rules) {
    const int columns = place.right - place.left;
    assert(0 <= place.top && place.top < place.bottom && place.bottom <= upright.height);
    assert(0 <= place.left && 0 < columns && place.right <= upright.width && upright.channels == 3);
    const std::size_t bytes = 3 * static_cast<std::size_t>(columns);
    std::vector<std::uint8_t> most(bytes, 0);
    std::vector<std::uint8_t> least(bytes, 255);
    for (int y = place.top; y < place.bottom; ++y)
        widen_range(upright.row(y) + 3 * static_cast<std::ptrdiff_t>(place.left),
                    3 * static_cast<std::ptrdiff_t>(columns), least.data(), most.data());
    const std::vector<std::uint8_t> paper = closed(most, columns, rules.stroke);

    const int inside_begin = std::clamp(place.inside_begin, 0, columns);
    const int inside_end = std::clamp(place.inside_end, inside_begin, columns);
    std::vector<int> depth(static_cast<std::size_t>(columns));
    Histogram depths{};
    for (int x = 0; x < columns; ++x) {
        const std::size_t i = 3 * static_cast<std::size_t>(x);
        const int deepest = std::max({most[i] - least[i], most[i + 1] - least[i + 1], most[i + 2] - least[i + 2]});
        depth[static_cast<std::size_t>(x)] = deepest;
        if (inside_begin <= x && x < inside_end) ++depths[static_cast<std::size_t>(deepest)];
    }
    const int inner = inside_end - inside_begin;
    const double faint = inner > 0 ? rules.faint * upper_quartile(depths, inner) : 0.0;
    const auto is_blank = [&](int x) { return depth[static_cast<std::size_t>(x)] < faint; };

    AlongMeasures found{};
    Run gap;
    Run cover;
    int glaring = 0;
    int print_until = -1;  // the last column that print just ahead or behind reaches
    int next = 0;
    for (int x = 0; x < columns; ++x) {
        const int half = rules.stroke / 2;
        for (; next < columns && next <= x + half; ++next)
            if (!is_blank(next)) print_until = next + half;
        const bool bears_print = x <= print_until;
        const std::size_t i = 3 * static_cast<std::size_t>(x);
        float ratio[3];
        for (std::size_t c = 0; c < 3; ++c) ratio[c] = static_cast<float>(paper[i + c]) / rules.usual[c];
        const float light = (ratio[0] + ratio[1] + ratio[2]) / 3.0f;
        const float dark = std::max(0.0f, 1.0f - light);
        float tint = 0.0f;
        for (const float r : ratio) tint = std::max(tint, std::abs(r / std::max(light, 0.02f) - 1.0f));
        const bool blank = is_blank(x);
        found.darkness = std::max(found.darkness, dark);
        found.tint = std::max(found.tint, tint);
        if (bears_print) found.stain = std::max(found.stain, tint);
        if (bears_print && tint < rules.foreign_tint) found.shadow = std::max(found.shadow, dark);
        gap.add(blank && inside_begin <= x && x < inside_end);
        cover.add(blank && (tint > rules.foreign_tint || dark > rules.foreign_dark));
        glaring += std::min({most[i], most[i + 1], most[i + 2]}) >= rules.glare_level;
    }
    found.glare = static_cast<float>(glaring) / static_cast<float>(columns);
    found.gap = gap.longest;
    found.cover = cover.longest;
    return found;
}

}  // namespace idocr
