// The card's four corners: proposed by the locator's heat maps, refined by lines on the picture.
#pragma once

#include <array>
#include <optional>

#include "image_view.h"

namespace idocr {

struct Point {
    double x = 0;
    double y = 0;
};

// Corners in the card's own order, as printed: left top, right top, right bottom, left bottom.
using Quad = std::array<Point, 4>;

// True where all four corners turn the same way, clockwise on a screen (y down).
bool is_convex_clockwise(const Quad& quad) noexcept;

struct ProposedQuad {
    Quad quad;          // canvas px
    double confidence;  // 0..1: geometric mean of the four corners' probabilities
};

struct ProposeParams {
    int peaks_per_corner = 5;
    // ISO/IEC 7810 ID-1 is 1.585 long; tilted 55 degrees about either axis it looks like these.
    double min_aspect = 0.85;
    double max_aspect = 2.9;
    // A card tilted by 40 degrees at one and a half times its own width: its far side is 1.6 times
    // shorter, its corners have 62 to 118 degrees. Corners of two cards in one picture, mixed, exceed this.
    double max_side_ratio = 1.7;
    double max_corner_cosine = 0.5;
    // How far opposite sides and the aspect usually stray, as natural logarithms of ratios: what strays
    // farther is as much less probable as a normal distribution says. Twice what drawn pictures show.
    double side_ratio_spread = 0.1;
    double aspect_spread = 0.2;
    // Log-probability of a corner that no peak shows, as it is covered or lies outside: then it stands
    // where it makes a parallelogram with the other three.
    double log_missing = -4.0;
};

// The most probable convex quadrilateral of card shape from four maps of corner logits, (4, height,
// width), in the order lt, rt, rb, lb. Each map is a distribution over its cells; peaks are taken to
// a part of a cell by the centroid of their neighbourhood. `stride` is the size of a cell in px.
// One corner may be missing. `confidence` leaves out how usual the shape is.
std::optional<ProposedQuad> propose_card_quad(const float* heat, int height, int width, int stride,
                                              const ProposeParams& params = {});

struct RefineParams {
    double search = 0.035;    // how far from the proposed side to look, as a share of the card's height
    double skip_ends = 0.10;  // corners are rounded (3.18 mm radius): their share of a side is left out
    int samples = 64;         // profiles across each side
    int offsets = 33;         // positions on each profile
    double min_support = 0.45;  // share of profiles that must carry the line, or the side stays as proposed
};

struct RefinedQuad {
    Quad quad;
    // For each side (top, right, bottom, left): the share of its profiles on which the chosen line is
    // an edge. 0 where the side was left as proposed.
    std::array<double, 4> support;
};

// Moves each side of `proposed` to the straight edge near it in a picture, grey or BGR, and intersects the
// sides again. A side whose edge cannot be made out stays where it was proposed.
RefinedQuad refine_card_quad(const ImageView& picture, const Quad& proposed,
                             const RefineParams& params = {});

}  // namespace idocr
