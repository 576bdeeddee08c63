#include "quad.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace idocr {
namespace {

Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator*(Point a, double s) { return {a.x * s, a.y * s}; }
double cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }
double norm(Point a) { return std::hypot(a.x, a.y); }

constexpr double kCardAspect = 85.6 / 54.0;  // ISO/IEC 7810 ID-1

// ---- proposing -------------------------------------------------------------------------------

struct Peak {
    Point at;  // canvas px
    double log_probability;
};

// Several running maxima, so that the loop vectorises.
float largest(const float* values, int count) {
    constexpr int kLanes = 16;
    std::array<float, kLanes> maxima;
    maxima.fill(-std::numeric_limits<float>::infinity());
    int i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (int lane = 0; lane < kLanes; ++lane) {
            float& top = maxima[static_cast<std::size_t>(lane)];
            top = values[i + lane] > top ? values[i + lane] : top;
        }
    }
    for (; i < count; ++i) maxima[0] = std::max(maxima[0], values[i]);
    return *std::max_element(maxima.begin(), maxima.end());
}

// Calls visit(i) for every value above the limit. Few are: blocks without one are passed over whole.
template <typename Visit>
void for_each_above(const float* values, int count, float limit, Visit visit) {
    constexpr int kBlock = 32;
    for (int begin = 0; begin < count; begin += kBlock) {
        const int end = std::min(begin + kBlock, count);
        int hits = 0;
        for (int i = begin; i < end; ++i) hits += values[i] > limit ? 1 : 0;
        if (hits == 0) continue;
        for (int i = begin; i < end; ++i) {
            if (values[i] > limit) visit(i);
        }
    }
}

// Largest logit first, then the log of the sum of all, so that a peak's logit becomes a probability.
double log_sum_exp(const float* map, int count) {
    const float top = largest(map, count);
    double sum = 0;
    // Below e^-20 all cells of a map together change the sum by less than a millionth.
    for_each_above(map, count, top - 20.0f,
                   [&](int i) { sum += std::exp(static_cast<double>(map[i] - top)); });
    return top + std::log(sum);
}

// A cell's 3x3 neighbourhood: its probability mass and where its centroid lies.
Peak centroid(const float* map, int height, int width, int stride, int x, int y, double log_total) {
    double mass = 0, mx = 0, my = 0;
    for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
        for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
            const double p = std::exp(map[v * width + u] - log_total);
            mass += p;
            mx += p * u;
            my += p * v;
        }
    }
    const auto px = [stride](double cell) { return (cell + 0.5) * stride - 0.5; };
    return {{px(mx / mass), px(my / mass)}, std::log(std::min(mass, 1.0))};
}

bool is_local_maximum(const float* map, int height, int width, int x, int y) {
    const float here = map[y * width + x];
    for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
        for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
            if (map[v * width + u] > here) return false;
        }
    }
    return true;
}

std::vector<Peak> find_peaks(const float* map, int height, int width, int stride, int most) {
    const double log_total = log_sum_exp(map, height * width);
    std::vector<Peak> peaks;
    // A cell of less than 1/4000 of the mass is no corner; most cells end here.
    for_each_above(map, height * width, static_cast<float>(log_total - 8.3), [&](int i) {
        const int x = i % width;
        const int y = i / width;
        if (!is_local_maximum(map, height, width, x, y)) return;
        peaks.push_back(centroid(map, height, width, stride, x, y, log_total));
    });
    std::sort(peaks.begin(), peaks.end(),
              [](const Peak& a, const Peak& b) { return a.log_probability > b.log_probability; });
    if (peaks.size() > static_cast<std::size_t>(most)) peaks.resize(static_cast<std::size_t>(most));
    return peaks;
}

bool has_card_shape(const Quad& q, const ProposeParams& params) {
    if (!is_convex_clockwise(q)) return false;
    const double along = norm(q[1] - q[0]) + norm(q[2] - q[3]);
    const double down = norm(q[3] - q[0]) + norm(q[2] - q[1]);
    if (down <= 0 || along / down < params.min_aspect || along / down > params.max_aspect) return false;
    for (std::size_t i = 0; i < 4; ++i) {
        const Point before = q[i] - q[(i + 3) % 4];
        const Point after = q[(i + 1) % 4] - q[i];
        const Point across = q[(i + 3) % 4] - q[(i + 2) % 4];  // the opposite side
        if (norm(after) > params.max_side_ratio * norm(across)) return false;
        const double cosine = (before.x * after.x + before.y * after.y) / (norm(before) * norm(after));
        if (std::abs(cosine) > params.max_corner_cosine) return false;
    }
    return true;
}

// How much less probable a quad is for its shape, as a logarithm, >= 0.
double strangeness(const Quad& q, const ProposeParams& params) {
    const double top = norm(q[1] - q[0]), right = norm(q[2] - q[1]);
    const double bottom = norm(q[3] - q[2]), left = norm(q[0] - q[3]);
    const auto strays = [](double ratio, double spread) {
        const double by = std::log(ratio) / spread;
        return by * by / 2;
    };
    return strays(top / bottom, params.side_ratio_spread) +
           strays(left / right, params.side_ratio_spread) +
           strays((top + bottom) / (right + left) / kCardAspect, params.aspect_spread);
}

// The most probable of the quads that were offered.
struct Best {
    const ProposeParams& params;
    std::optional<ProposedQuad> found{};
    double log = -std::numeric_limits<double>::infinity();

    void offer(const std::array<Peak, 4>& corners) {
        double own = 0;
        for (const Peak& corner : corners) own += corner.log_probability;
        if (own <= log) return;  // its shape only makes it less
        const Quad quad{corners[0].at, corners[1].at, corners[2].at, corners[3].at};
        if (!has_card_shape(quad, params)) return;
        const double whole = own - strangeness(quad, params);
        if (whole <= log) return;
        log = whole;
        found = ProposedQuad{quad, std::exp(own / 4)};
    }
};

// ---- refining --------------------------------------------------------------------------------

// A pixel's grey level: of three channels, B G R, as OpenCV's COLOR_BGR2GRAY has it.
inline int level(const std::uint8_t* pixel, int channels) noexcept {
    if (channels == 1) return pixel[0];
    return (3735 * pixel[0] + 19235 * pixel[1] + 9798 * pixel[2] + (1 << 14)) >> 15;
}

// Grey only where it is asked for: a profile needs a hundredth of the picture's pixels.
float sample(const ImageView& picture, float x, float y) {
    x = std::min(std::max(x, 0.0f), static_cast<float>(picture.width) - 1.01f);
    y = std::min(std::max(y, 0.0f), static_cast<float>(picture.height) - 1.01f);
    const int left = static_cast<int>(x);
    const int top = static_cast<int>(y);
    const float fx = x - static_cast<float>(left);
    const float fy = y - static_cast<float>(top);
    const int channels = picture.channels;
    const std::uint8_t* a = picture.pixel(left, top);
    const std::uint8_t* b = a + picture.row_stride;
    const int a0 = level(a, channels), a1 = level(a + channels, channels);
    const int b0 = level(b, channels), b1 = level(b + channels, channels);
    const float upper = static_cast<float>(a0) + static_cast<float>(a1 - a0) * fx;
    const float lower = static_cast<float>(b0) + static_cast<float>(b1 - b0) * fx;
    return upper + (lower - upper) * fy;
}

// One side of the card, with the edge strength on a grid of `samples` profiles x `offsets` steps.
struct SideProfile {
    Point start, along, normal;  // `along` spans the whole side; `normal` has length 1
    double reach = 0;            // px from the proposed line to the first and to the last offset
    int samples = 0;
    int offsets = 0;
    double skip = 0;
    std::vector<float> edge;  // samples x offsets: |difference| across the side, grey levels

    double position(int s) const { return skip + (1 - 2 * skip) * s / (samples - 1); }
    double offset_px(double k) const { return reach * (2 * k / (offsets - 1) - 1); }
    double step_px() const { return 2 * reach / (offsets - 1); }
    float at(int s, int k) const { return edge[static_cast<std::size_t>(s * offsets + k)]; }
};

SideProfile measure_side(const ImageView& picture, Point a, Point b, double reach,
                         const RefineParams& params) {
    SideProfile side;
    side.start = a;
    side.along = b - a;
    const double length = std::max(1e-9, norm(side.along));
    side.normal = {-side.along.y / length, side.along.x / length};
    side.reach = reach;
    side.samples = params.samples;
    side.offsets = params.offsets;
    side.skip = params.skip_ends;
    side.edge.resize(static_cast<std::size_t>(side.samples * side.offsets));
    // Differences are taken across 1.2 px at least: finer ones only see the interpolation. `reach` is
    // not a whole number of such distances, so a profile is sampled that far beyond both its ends.
    const int gap = std::max(1, static_cast<int>(std::ceil(0.6 / side.step_px())));
    std::vector<float> profile(static_cast<std::size_t>(side.offsets + 2 * gap));
    for (int s = 0; s < side.samples; ++s) {
        const Point foot = a + side.along * side.position(s);
        for (int k = -gap; k < side.offsets + gap; ++k) {
            const Point p = foot + side.normal * side.offset_px(k);
            profile[static_cast<std::size_t>(k + gap)] =
                sample(picture, static_cast<float>(p.x), static_cast<float>(p.y));
        }
        float* edge = side.edge.data() + static_cast<std::ptrdiff_t>(s) * side.offsets;
        const float* before = profile.data();
        for (int k = 0; k < side.offsets; ++k) edge[k] = std::abs(before[k + 2 * gap] - before[k]);
    }
    return side;
}

struct Line {
    double at_start = 0;  // offset at either end of the profiles, in steps
    double at_end = 0;
    double step(const SideProfile& side, int s) const {
        return at_start + (at_end - at_start) * s / (side.samples - 1);
    }
};

// Tries every pair of end offsets, on every other profile.
Line strongest_line(const SideProfile& side) {
    const int half = (side.samples + 1) / 2;
    // Capped: one hard edge of the background must not outvote the whole side.
    std::vector<float> capped(side.edge.size());
    for (std::size_t i = 0; i < capped.size(); ++i) capped[i] = std::min(40.0f, side.edge[i]);
    Line best;
    float best_score = -1;
    const float middle = static_cast<float>(side.offsets - 1) / 2;
    for (int k0 = 0; k0 < side.offsets; ++k0) {
        for (int k1 = 0; k1 < side.offsets; ++k1) {
            const int slope = ((k1 - k0) << 16) / std::max(1, half - 1);
            int at = (k0 << 16) + (1 << 15);  // 16 bits of fraction, rounded
            float sum = 0;
            const float* row = capped.data();
            for (int s = 0; s < half; ++s, at += slope, row += 2 * side.offsets) sum += row[at >> 16];
            // Nearer to the proposal is likelier: a third less at the end of the reach.
            const float far = (std::abs(static_cast<float>(k0) - middle) +
                               std::abs(static_cast<float>(k1) - middle)) / (2 * middle);
            const float score = sum * (1 - 0.35f * far * far);
            if (score > best_score) {
                best_score = score;
                best = {static_cast<double>(k0), static_cast<double>(k1)};
            }
        }
    }
    return best;
}

// The edge of one profile near the line, to a part of a step; nothing where there is no clear edge.
std::optional<double> edge_near(const SideProfile& side, int s, double step) {
    constexpr double kLeastEdge = 5.0;  // grey levels: above sensor noise after JPEG
    int best = -1;
    const int centre = static_cast<int>(step + 0.5);
    const int window = std::max(2, static_cast<int>(1.0 / side.step_px()));
    for (int k = std::max(1, centre - window); k <= std::min(side.offsets - 2, centre + window); ++k) {
        if (best < 0 || side.at(s, k) > side.at(s, best)) best = k;
    }
    if (best < 0 || side.at(s, best) < kLeastEdge) return std::nullopt;
    const double before = side.at(s, best - 1);
    const double here = side.at(s, best);
    const double after = side.at(s, best + 1);
    if (before > here || after > here) return std::nullopt;
    const double bend = before - 2 * here + after;
    return best + (bend < 0 ? 0.5 * (before - after) / bend : 0.0);
}

// Least squares through the profiles' edges, once more without the far ones; returns the support.
double fit_line(const SideProfile& side, Line& line) {
    double support = 0;
    for (const double share : {2.5, 1.2}) {
        const double keep = share * std::max(1.0, 0.8 / side.step_px());
        double n = 0, st = 0, sk = 0, stt = 0, stk = 0;
        for (int s = 0; s < side.samples; ++s) {
            const double expected = line.step(side, s);
            const auto found = edge_near(side, s, expected);
            if (!found || std::abs(*found - expected) > keep) continue;
            const double t = static_cast<double>(s) / (side.samples - 1);
            n += 1;
            st += t;
            sk += *found;
            stt += t * t;
            stk += t * *found;
        }
        support = n / side.samples;
        const double det = n * stt - st * st;
        if (n < 6 || det < 1e-9) return 0;
        const double slope = (n * stk - st * sk) / det;
        line.at_start = (sk - slope * st) / n;
        line.at_end = line.at_start + slope;
    }
    return support;
}

struct Edge {
    Point from, to;
    double support;
};

Edge refine_side(const ImageView& picture, Point a, Point b, double reach, bool search,
                 const RefineParams& params) {
    const SideProfile side = measure_side(picture, a, b, reach, params);
    const double middle = (side.offsets - 1) / 2.0;
    Line line = search ? strongest_line(side) : Line{middle, middle};
    const double support = fit_line(side, line);
    if (support < params.min_support) return {a, b, 0};
    const auto place = [&side](int s, double step) {
        return side.start + side.along * side.position(s) + side.normal * side.offset_px(step);
    };
    return {place(0, line.at_start), place(side.samples - 1, line.at_end), support};
}

std::optional<Point> intersect(const Edge& a, const Edge& b) {
    const Point u = a.to - a.from;
    const Point v = b.to - b.from;
    const double det = cross(u, v);
    if (std::abs(det) < 1e-6 * norm(u) * norm(v)) return std::nullopt;
    return a.from + u * (cross(b.from - a.from, v) / det);
}

// One round for all four sides; a corner that would leave the search area stays.
RefinedQuad refine_once(const ImageView& picture, const Quad& quad, double reach, bool search,
                        const RefineParams& params) {
    std::array<Edge, 4> edges;
    RefinedQuad refined{quad, {}};
    for (std::size_t i = 0; i < 4; ++i) {
        edges[i] = refine_side(picture, quad[i], quad[(i + 1) % 4], reach, search, params);
        refined.support[i] = edges[i].support;
    }
    for (std::size_t i = 0; i < 4; ++i) {
        const auto corner = intersect(edges[(i + 3) % 4], edges[i]);
        if (corner && norm(*corner - quad[i]) < 2.5 * reach) refined.quad[i] = *corner;
    }
    if (!is_convex_clockwise(refined.quad)) return {quad, {}};
    return refined;
}

}  // namespace

bool is_convex_clockwise(const Quad& quad) noexcept {
    for (std::size_t i = 0; i < 4; ++i) {
        const Point a = quad[i];
        const Point b = quad[(i + 1) % 4];
        const Point c = quad[(i + 2) % 4];
        if (!(cross(b - a, c - b) > 0)) return false;  // also false for NaN
    }
    return true;
}

std::optional<ProposedQuad> propose_card_quad(const float* heat, int height, int width, int stride,
                                              const ProposeParams& params) {
    std::array<std::vector<Peak>, 4> peaks;
    for (std::size_t c = 0; c < 4; ++c) {
        const float* map = heat + static_cast<std::ptrdiff_t>(c) * height * width;
        peaks[c] = find_peaks(map, height, width, stride, params.peaks_per_corner);
    }
    Best best{params};
    for (const Peak& lt : peaks[0]) {
        for (const Peak& rt : peaks[1]) {
            for (const Peak& rb : peaks[2]) {
                for (const Peak& lb : peaks[3]) best.offer({lt, rt, rb, lb});
            }
        }
    }
    for (std::size_t missing = 0; missing < 4; ++missing) {
        for (const Peak& next : peaks[(missing + 1) % 4]) {
            for (const Peak& opposite : peaks[(missing + 2) % 4]) {
                for (const Peak& last : peaks[(missing + 3) % 4]) {
                    std::array<Peak, 4> corners;
                    corners[missing] = {next.at + last.at - opposite.at, params.log_missing};
                    corners[(missing + 1) % 4] = next;
                    corners[(missing + 2) % 4] = opposite;
                    corners[(missing + 3) % 4] = last;
                    best.offer(corners);
                }
            }
        }
    }
    return best.found;
}

RefinedQuad refine_card_quad(const ImageView& picture, const Quad& proposed, const RefineParams& params) {
    const double height_px =
        (norm(proposed[3] - proposed[0]) + norm(proposed[2] - proposed[1])) / 2;
    const double reach = std::max(3.0, params.search * height_px);
    const RefinedQuad wide = refine_once(picture, proposed, reach, true, params);
    // Once more around the line found, with finer steps; a side without an edge keeps its 0.
    RefinedQuad fine = refine_once(picture, wide.quad, std::max(2.0, reach / 5), false, params);
    for (std::size_t i = 0; i < 4; ++i) fine.support[i] = std::min(fine.support[i], wide.support[i]);
    return fine;
}

}  // namespace idocr
