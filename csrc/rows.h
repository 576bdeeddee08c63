// Rows of print: found from the ink of an upright card, so that no layout has to be assumed.
#pragma once

#include <cstdint>
#include <vector>

#include "image_view.h"

namespace idocr {

struct TextRow {
    int left, top, right, bottom;  // px of the ink map, half open
    float ink;                     // mean ink of the row's box, grey levels
};

struct RowParams {
    // Ink under this share of the region's strong ink (its 99th percentile) is background pattern.
    double ink_share = 0.34;
    int least_ink = 14;           // grey levels; weaker is sensor noise
    double least_height_mm = 1.3;  // 6-point digits are 1.6 mm
    double most_height_mm = 4.2;   // 5 point Han is 3.8; taller is two rows grown together: cut at the thinnest place
    double join_gap_mm = 0.45;     // the strokes of 二 and 三 lie farther apart than rows' noise
    double least_run_mm = 0.9;     // ink px in a line of the row, as a length: half a narrow digit
    double least_width_mm = 1.1;   // one digit may be a line of its own
    // A wider hole ends the row. 16 lie between gender and ethnic group where the label between them
    // is too pale. In the region's last part, where the portrait may begin, a space is enough.
    double column_gap_mm = 20.0;
    double last_part_mm = 6.0;
    double last_part_gap_mm = 2.5;
    // Lines with no more ink than this times the quiet fifth of all lines hold noise only.
    double noise_factor = 1.6;
};

// Rows in a grey map of ink (0 is paper, larger is darker than its surroundings), top to bottom.
// The map covers the upright card at `px_per_mm`; only the given region is looked at.
std::vector<TextRow> find_text_rows(const ImageView& ink, int left, int top, int right, int bottom,
                                    double px_per_mm, const RowParams& params = {});

// How far rows of print sink towards the right, mm a mm, at a card's upper and at its lower edge.
struct Slopes {
    double top, bottom;
};

// Where print begins and ends along a card's rows: (num_rows, num_columns) levels, `across`: how far right of
// the card's middle each column is, in rows.
struct PrintBands {
    const std::uint8_t* levels;
    int num_rows;
    int num_columns;
    const float* across;
};

// How sharply the levels lie in rows along slopes: the sum of squares of their sums along them.
double row_sharpness(const PrintBands& bands, const Slopes& slopes);

}  // namespace idocr
