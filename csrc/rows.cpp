#include "rows.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace idocr {
namespace {

struct Region {
    int left, top, right, bottom;
    int width() const { return right - left; }
};

struct Band {
    int top, bottom;
    int height() const { return bottom - top; }
};

// What counts as ink here: a share of the strong ink, so that dark and pale photographs are alike.
int ink_threshold(const ImageView& ink, const Region& region, const RowParams& params) {
    std::array<int, 256> histogram{};
    for (int y = region.top; y < region.bottom; ++y) {
        const std::uint8_t* row = ink.row(y);
        for (int x = region.left; x < region.right; ++x) ++histogram[row[x]];
    }
    const int above = (region.bottom - region.top) * region.width() / 100;
    int level = 255;
    for (int count = 0; level > 0; --level) {
        count += histogram[static_cast<std::size_t>(level)];
        if (count > above) break;
    }
    return std::max(params.least_ink, static_cast<int>(level * params.ink_share));
}

std::vector<int> ink_per_line(const ImageView& ink, const Region& region, int threshold) {
    std::vector<int> counts;
    counts.reserve(static_cast<std::size_t>(region.bottom - region.top));
    for (int y = region.top; y < region.bottom; ++y) {
        const std::uint8_t* row = ink.row(y);
        int count = 0;
        for (int x = region.left; x < region.right; ++x) count += row[x] >= threshold;
        counts.push_back(count);
    }
    return counts;
}

std::vector<Band> lines_with_ink(const std::vector<int>& counts, int least, int join_gap) {
    std::vector<Band> bands;
    const int n = static_cast<int>(counts.size());
    for (int y = 0; y < n; ++y) {
        if (counts[static_cast<std::size_t>(y)] < least) continue;
        if (!bands.empty() && y - bands.back().bottom < join_gap) {
            bands.back().bottom = y + 1;
        } else {
            bands.push_back({y, y + 1});
        }
    }
    return bands;
}

// Two rows that touch are cut where there is least ink, away from either end.
void cut_tall(const std::vector<int>& counts, Band band, int most, std::vector<Band>& out) {
    if (band.height() <= most) {
        out.push_back(band);
        return;
    }
    const int margin = band.height() / 4;
    int thinnest = band.top + margin;
    for (int y = thinnest; y < band.bottom - margin; ++y) {
        if (counts[static_cast<std::size_t>(y)] < counts[static_cast<std::size_t>(thinnest)]) thinnest = y;
    }
    cut_tall(counts, {band.top, thinnest}, most, out);
    cut_tall(counts, {thinnest + 1, band.bottom}, most, out);
}

// Ink px in a quiet line: 0 on clean paper, more where noise or a strong pattern passes for ink.
int quiet_count(std::vector<int> counts) {
    const auto fifth = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 5);
    std::nth_element(counts.begin(), fifth, counts.end());
    return *fifth;
}

struct ColumnRule {
    int gap;        // px without ink that end a row
    int last_part;  // from this column on,
    int last_gap;   // this many do
    double noise;   // expected ink px of noise in one px of a column
};

// The row's ink from its first column on, up to a hole too wide to be a space.
TextRow measure_row(const ImageView& ink, const Region& region, Band band, int threshold,
                    const ColumnRule& rule) {
    const int top = region.top + band.top;
    const int bottom = region.top + band.bottom;
    const int least = 1 + static_cast<int>(2 * rule.noise * band.height());
    TextRow row{-1, top, -1, bottom, 0};
    long sum = 0;
    for (int x = region.left; x < region.right; ++x) {
        int count = 0;
        for (int y = top; y < bottom; ++y) {
            const int level = *ink.pixel(x, y);
            count += level >= threshold;
            sum += level;
        }
        if (count < least) continue;
        const int gap = x >= rule.last_part ? rule.last_gap : rule.gap;
        if (row.left >= 0 && x - row.right > gap) break;
        if (row.left < 0) row.left = x;
        row.right = x + 1;
    }
    if (row.left >= 0) row.ink = static_cast<float>(sum) / static_cast<float>(band.height() * region.width());
    return row;
}

}  // namespace

std::vector<TextRow> find_text_rows(const ImageView& ink, int left, int top, int right, int bottom,
                                    double px_per_mm, const RowParams& params) {
    assert(ink.channels == 1 && left >= 0 && top >= 0 && right <= ink.width && bottom <= ink.height);
    const auto px = [px_per_mm](double mm) { return std::max(1, static_cast<int>(mm * px_per_mm + 0.5)); };
    const Region region{left, top, right, bottom};
    const int threshold = ink_threshold(ink, region, params);
    const std::vector<int> counts = ink_per_line(ink, region, threshold);
    const int quiet = quiet_count(counts);
    const int least = std::max(px(params.least_run_mm), static_cast<int>(params.noise_factor * quiet) + 1);
    const ColumnRule rule{px(params.column_gap_mm), right - px(params.last_part_mm),
                          px(params.last_part_gap_mm), static_cast<double>(quiet) / region.width()};
    const int most = px(params.most_height_mm);
    std::vector<Band> bands;
    for (const Band& band : lines_with_ink(counts, least, px(params.join_gap_mm))) {
        cut_tall(counts, band, most, bands);
    }
    std::vector<TextRow> rows;
    for (const Band& band : bands) {
        if (band.height() < px(params.least_height_mm)) continue;
        const TextRow row = measure_row(ink, region, band, threshold, rule);
        if (row.right - row.left >= px(params.least_width_mm)) rows.push_back(row);
    }
    return rows;
}

double row_sharpness(const PrintBands& bands, const Slopes& slopes) {
    assert(bands.num_rows >= 2 && bands.num_columns >= 1);
    const float top = static_cast<float>(slopes.top);
    const float bottom = static_cast<float>(slopes.bottom);
    std::int64_t sharpness = 0;
    for (int row = 0; row < bands.num_rows; ++row) {
        const float down = static_cast<float>(static_cast<double>(row) / (bands.num_rows - 1));
        const float slope = top * (1.0F - down) + bottom * down;
        std::int64_t sum = 0;
        for (int column = 0; column < bands.num_columns; ++column) {
            const int sink = static_cast<int>(std::lrint(slope * bands.across[column]));
            const int at = std::clamp(row + sink, 0, bands.num_rows - 1);
            sum += bands.levels[static_cast<std::ptrdiff_t>(at) * bands.num_columns + column];
        }
        sharpness += sum * sum;
    }
    return static_cast<double>(sharpness);
}

}  // namespace idocr
