#include "ctc.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <limits>
#include <functional>
#include <memory>
#include <stdexcept>

namespace idocr {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr float kMostProb = 1.001F;  // a softmax may exceed 1 by rounding

[[noreturn]] void reject_probs() {
    throw std::invalid_argument("probs must hold probabilities: 0 to 1, no NaN");
}

double checked_prob(float p) {
    if (!(p >= 0.0F && p <= kMostProb)) reject_probs();
    return std::max(static_cast<double>(p), static_cast<double>(FLT_MIN));
}

// --- best path -----------------------------------------------------------------------------

// Independent running maxima: gcc vectorises this at -O3, and not one running maximum. The naive
// loop is four times slower, slower than NumPy's argmax.
constexpr int kLanes = 32;
using Lanes = std::array<float, kLanes>;

struct Winner {
    std::int32_t id;
    float prob;
};

// The maximum of each lane. Refuses a row with a NaN, a negative or a number above 1: a compare
// more for each value, next to nothing in a loop that waits for memory.
float scan_row(const float* row, int count, Lanes& maxima) {
    std::array<std::int32_t, kLanes> wrong{};
    maxima.fill(-1.0F);
    int i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (int lane = 0; lane < kLanes; ++lane) {
            const auto at = static_cast<std::size_t>(lane);
            const float p = row[i + lane];
            maxima[at] = p > maxima[at] ? p : maxima[at];
            wrong[at] |= p >= 0.0F ? 0 : 1;
        }
    }
    for (std::size_t lane = 0; i < count; ++i, ++lane) {
        maxima[lane] = std::max(maxima[lane], row[i]);
        wrong[lane] |= row[i] >= 0.0F ? 0 : 1;
    }
    const float best = *std::max_element(maxima.begin(), maxima.end());
    const bool any_wrong = std::any_of(wrong.begin(), wrong.end(), [](auto w) { return w != 0; });
    if (any_wrong || !(best <= kMostProb)) reject_probs();
    return best;
}

Winner best_of_row(const CtcProbs& probs, int step, Lanes& maxima) {
    const float* row = probs.row(step);
    const float best = scan_row(row, probs.num_classes, maxima);
    if (row[probs.blank] == best) return {probs.blank, best};
    int id = probs.num_classes;
    for (int lane = 0; lane < kLanes; ++lane) {
        if (maxima[static_cast<std::size_t>(lane)] != best) continue;
        for (int i = lane; i < id; i += kLanes) {
            if (row[i] == best) id = i;
        }
    }
    return {id, best};
}

Winner best_of_classes(const CtcProbs& probs, int step, const std::int32_t* classes, int count) {
    const float* row = probs.row(step);
    Winner best{probs.blank, row[probs.blank]};
    checked_prob(best.prob);
    for (int i = 0; i < count; ++i) {
        const float p = row[classes[i]];
        checked_prob(p);
        if (p > best.prob) best = {classes[i], p};
    }
    return best;
}

// Keeps `ranked` sorted, best first; ids arrive in ascending order, so equals stay in that order.
void rank(CtcCandidate candidate, CtcCandidate* ranked, int& size, int capacity) noexcept {
    if (size == capacity && !(candidate.prob > ranked[size - 1].prob)) return;
    if (size < capacity) ++size;
    int at = size - 1;
    for (; at > 0 && candidate.prob > ranked[at - 1].prob; --at) ranked[at] = ranked[at - 1];
    ranked[at] = candidate;
}

// A bound below which no class can be among the best `count` besides the blank: that many lanes,
// and one more for the blank, have a maximum of at least the bound.
float rank_bound(Lanes maxima, int count) noexcept {
    if (count >= kLanes) return -1.0F;
    std::nth_element(maxima.begin(), maxima.begin() + count, maxima.end(), std::greater<>());
    return maxima[static_cast<std::size_t>(count)];
}

void rank_row(const CtcProbs& probs, int step, const Lanes& maxima, CtcCandidate* ranked,
              int capacity) noexcept {
    const float* row = probs.row(step);
    const float bound = rank_bound(maxima, capacity);
    int size = 0;
    for (int begin = 0; begin < probs.num_classes; begin += kLanes) {
        const int end = std::min(begin + kLanes, probs.num_classes);
        int hits = 0;
        for (int i = begin; i < end; ++i) hits += row[i] >= bound ? 1 : 0;
        if (hits == 0) continue;
        for (int i = begin; i < end; ++i) {
            if (row[i] >= bound && i != probs.blank) rank({i, row[i]}, ranked, size, capacity);
        }
    }
}

void rank_classes(const CtcProbs& probs, int step, const std::int32_t* classes, int count,
                  CtcCandidate* ranked, int capacity) noexcept {
    const float* row = probs.row(step);
    int size = 0;
    for (int i = 0; i < count; ++i) {
        if (classes[i] != probs.blank) rank({classes[i], row[classes[i]]}, ranked, size, capacity);
    }
}

int count_choices(const CtcProbs& probs, const std::int32_t* classes, int num_classes) noexcept {
    if (classes == nullptr) return probs.num_classes - 1;
    return num_classes - (std::binary_search(classes, classes + num_classes, probs.blank) ? 1 : 0);
}

}  // namespace

CtcBestPath ctc_best_path(const CtcProbs& probs, const std::int32_t* classes, int num_classes,
                          int top_k) {
    assert(probs.data && probs.num_steps > 0 && probs.num_classes > 0 && top_k >= 0);
    assert(probs.blank >= 0 && probs.blank < probs.num_classes);
    CtcBestPath path;
    path.num_candidates = std::min(top_k, count_choices(probs, classes, num_classes));
    const auto capacity = static_cast<std::size_t>(path.num_candidates);
    Lanes maxima{};
    Lanes peak_maxima{};
    int peak = 0;
    std::int32_t previous = probs.blank;

    const auto finish_char = [&] {
        const std::size_t used = path.candidates.size();
        path.candidates.resize(used + capacity);
        CtcCandidate* ranked = path.candidates.data() + used;
        if (capacity == 0) return;
        if (classes == nullptr) {
            rank_row(probs, peak, peak_maxima, ranked, path.num_candidates);
        } else {
            rank_classes(probs, peak, classes, num_classes, ranked, path.num_candidates);
        }
    };
    for (int step = 0; step < probs.num_steps; ++step) {
        const Winner winner = classes == nullptr
                                  ? best_of_row(probs, step, maxima)
                                  : best_of_classes(probs, step, classes, num_classes);
        if (winner.id != previous && previous != probs.blank) finish_char();
        if (winner.id != probs.blank) {
            if (winner.id != previous) path.chars.push_back({winner.id, -1.0F, step, step});
            CtcChar& last = path.chars.back();
            last.end = step + 1;
            if (winner.prob > last.confidence) {
                last.confidence = winner.prob;
                peak = step;
                peak_maxima = maxima;
            }
        }
        previous = winner.id;
    }
    if (previous != probs.blank) finish_char();
    return path;
}

// --- decoding under a grammar --------------------------------------------------------------

namespace {

constexpr int kBlankArc = -1;
constexpr int kUnreached = std::numeric_limits<int>::max();

// Edges grouped by one of their ends: those of state s are order[first[s]] .. order[first[s + 1]].
struct Grouped {
    std::vector<int> first;
    std::vector<int> order;
};

Grouped group_edges(const CtcGrammar& grammar, std::int32_t CtcEdge::* end) {
    Grouped grouped;
    grouped.first.assign(static_cast<std::size_t>(grammar.num_states) + 1, 0);
    grouped.order.resize(static_cast<std::size_t>(grammar.num_edges));
    for (int e = 0; e < grammar.num_edges; ++e) {
        ++grouped.first[static_cast<std::size_t>(grammar.edges[e].*end) + 1];
    }
    for (std::size_t s = 1; s < grouped.first.size(); ++s) grouped.first[s] += grouped.first[s - 1];
    std::vector<int> next = grouped.first;
    for (int e = 0; e < grammar.num_edges; ++e) {
        const auto state = static_cast<std::size_t>(grammar.edges[e].*end);
        grouped.order[static_cast<std::size_t>(next[state]++)] = e;
    }
    return grouped;
}

// The fewest characters between `seeds` and each state; `queue` receives the states, nearest first.
std::vector<int> distances(const CtcGrammar& grammar, const Grouped& grouped,
                           std::int32_t CtcEdge::* far_end, std::vector<int>& queue) {
    std::vector<int> distance(static_cast<std::size_t>(grammar.num_states), kUnreached);
    for (const int seed : queue) distance[static_cast<std::size_t>(seed)] = 0;
    for (std::size_t head = 0; head < queue.size(); ++head) {
        const auto state = static_cast<std::size_t>(queue[head]);
        for (int i = grouped.first[state]; i < grouped.first[state + 1]; ++i) {
            const CtcEdge& edge = grammar.edges[grouped.order[static_cast<std::size_t>(i)]];
            const auto far = static_cast<std::size_t>(edge.*far_end);
            if (distance[far] != kUnreached) continue;
            distance[far] = distance[state] + 1;
            queue.push_back(edge.*far_end);
        }
    }
    return distance;
}

struct Arc {
    int from;    // lattice state
    int column;  // of log_probs; equal columns mean equal classes
    std::int32_t id;
};

// The part of a grammar that some path of num_steps can use, states in order of depth.
struct Lattice {
    std::vector<int> depth;     // characters read before the state, at least
    std::vector<int> to_end;    // characters to read after it, at least
    std::vector<int> first;     // arcs into state s: first[s] .. first[s + 1]
    std::vector<Arc> arcs;
    std::vector<int> accepting;
    int num_columns = 0;
    std::vector<double> log_probs;  // (num_steps, num_columns); column 0 is the blank
};

int column_of(std::int32_t id, std::vector<int>& columns, std::vector<std::int32_t>& ids) {
    int& column = columns[static_cast<std::size_t>(id)];
    if (column < 0) {
        column = static_cast<int>(ids.size());
        ids.push_back(id);
    }
    return column;
}

void read_log_probs(const CtcProbs& probs, const std::vector<std::int32_t>& ids,
                    std::vector<double>& log_probs) {
    log_probs.reserve(ids.size() * static_cast<std::size_t>(probs.num_steps));
    for (int step = 0; step < probs.num_steps; ++step) {
        const float* row = probs.row(step);
        for (const std::int32_t id : ids) log_probs.push_back(std::log(checked_prob(row[id])));
    }
}

Lattice make_lattice(const CtcProbs& probs, const CtcGrammar& grammar) {
    const Grouped by_source = group_edges(grammar, &CtcEdge::from);
    const Grouped by_target = group_edges(grammar, &CtcEdge::to);
    std::vector<int> states{grammar.start};
    const std::vector<int> depth = distances(grammar, by_source, &CtcEdge::to, states);
    std::vector<int> ends(grammar.accepting, grammar.accepting + grammar.num_accepting);
    const std::vector<int> to_end = distances(grammar, by_target, &CtcEdge::from, ends);

    Lattice lattice;
    std::vector<int> number(depth.size(), -1);
    for (const int s : states) {
        const auto state = static_cast<std::size_t>(s);
        if (to_end[state] > probs.num_steps - depth[state]) continue;
        number[state] = static_cast<int>(lattice.depth.size());
        lattice.depth.push_back(depth[state]);
        lattice.to_end.push_back(to_end[state]);
        if (to_end[state] == 0) lattice.accepting.push_back(number[state]);
    }
    std::vector<int> columns(static_cast<std::size_t>(probs.num_classes), -1);
    std::vector<std::int32_t> ids;
    column_of(probs.blank, columns, ids);
    for (const int s : states) {
        const auto state = static_cast<std::size_t>(s);
        if (number[state] < 0) continue;
        lattice.first.push_back(static_cast<int>(lattice.arcs.size()));
        for (int i = by_target.first[state]; i < by_target.first[state + 1]; ++i) {
            const CtcEdge& edge = grammar.edges[by_target.order[static_cast<std::size_t>(i)]];
            const int from = number[static_cast<std::size_t>(edge.from)];
            if (from >= 0) lattice.arcs.push_back({from, column_of(edge.id, columns, ids), edge.id});
        }
    }
    lattice.first.push_back(static_cast<int>(lattice.arcs.size()));
    lattice.num_columns = static_cast<int>(ids.size());
    if (!lattice.accepting.empty()) read_log_probs(probs, ids, lattice.log_probs);
    return lattice;
}

// The best way to be in a state after a step, and the best whose last class differs from that
// one's: the next character may follow directly only a different class. Blank is column 0.
struct Arrival {
    double best = kNever;
    double second = kNever;
    int column = 0;
};

struct ArrivalArcs {
    int best;
    int second;
};

// What the way back needs of each step: for a state the arcs of its Arrival, for an arc whether it
// was entered at this step (1) or stayed on (0). Left uninitialised: only written parts are read.
struct Trace {
    Trace(std::size_t num_steps, std::size_t states, std::size_t arcs)
        : num_states(states),
          num_arcs(arcs),
          arrivals(new ArrivalArcs[num_steps * states]),
          entered(new std::uint8_t[num_steps * arcs]) {}
    ArrivalArcs* arrivals_at(int step) const noexcept {
        return arrivals.get() + static_cast<std::size_t>(step) * num_states;
    }
    std::uint8_t* entered_at(int step) const noexcept {
        return entered.get() + static_cast<std::size_t>(step) * num_arcs;
    }
    std::size_t num_states;
    std::size_t num_arcs;
    std::unique_ptr<ArrivalArcs[]> arrivals;
    std::unique_ptr<std::uint8_t[]> entered;
};

struct Frontier {
    std::vector<Arrival> arrivals;  // by state
    std::vector<double> scores;     // by arc: the best path that ends on it
};

Arrival advance_state(const Lattice& lattice, std::size_t state, const double* log_probs,
                      const std::vector<Arrival>& before, std::vector<double>& scores,
                      std::uint8_t* entered, ArrivalArcs& arcs) noexcept {
    Arrival now{before[state].best + log_probs[0], kNever, 0};
    arcs = {kBlankArc, kBlankArc};
    for (int a = lattice.first[state]; a < lattice.first[state + 1]; ++a) {
        const auto at = static_cast<std::size_t>(a);
        const Arc arc = lattice.arcs[at];
        const Arrival& source = before[static_cast<std::size_t>(arc.from)];
        const double enter = source.column != arc.column ? source.best : source.second;
        const double stay = scores[at];
        entered[at] = enter > stay;
        const double score = std::max(enter, stay) + log_probs[arc.column];
        scores[at] = score;
        if (score > now.best) {
            if (arc.column != now.column) {
                now.second = now.best;
                arcs.second = arcs.best;
            }
            now.best = score;
            now.column = arc.column;
            arcs.best = a;
        } else if (score > now.second && arc.column != now.column) {
            now.second = score;
            arcs.second = a;
        }
    }
    return now;
}

std::vector<Arrival> run_viterbi(const Lattice& lattice, int num_steps, const Trace& trace) {
    const std::size_t num_states = lattice.depth.size();
    std::vector<Arrival> before(num_states);
    std::vector<Arrival> after(num_states);
    std::vector<double> scores(lattice.arcs.size(), kNever);
    before[0].best = 0;  // the start is the only state of depth 0
    const double* log_probs = lattice.log_probs.data();
    for (int step = 0; step < num_steps; ++step, log_probs += lattice.num_columns) {
        for (std::size_t state = 0; state < num_states; ++state) {
            if (lattice.depth[state] > step + 1) break;  // deeper states cannot be reached yet
            if (lattice.to_end[state] > num_steps - 1 - step) {
                after[state] = Arrival{};  // too late to end from here
                continue;
            }
            after[state] = advance_state(lattice, state, log_probs, before, scores,
                                         trace.entered_at(step), trace.arrivals_at(step)[state]);
        }
        before.swap(after);
    }
    return before;
}

std::vector<CtcChar> walk_back(const CtcProbs& probs, const Lattice& lattice, const Trace& trace,
                               int last_state) {
    std::vector<CtcChar> chars;
    auto state = static_cast<std::size_t>(last_state);
    int step = probs.num_steps - 1;
    int arc = trace.arrivals_at(step)[state].best;
    bool in_char = false;
    while (step >= 0) {
        if (arc == kBlankArc) {
            if (--step >= 0) arc = trace.arrivals_at(step)[state].best;
            continue;
        }
        const Arc& on = lattice.arcs[static_cast<std::size_t>(arc)];
        if (!in_char) chars.push_back({on.id, 0.0F, step, step + 1});
        CtcChar& now = chars.back();
        now.begin = step;
        now.confidence = std::max(now.confidence, probs.row(step)[on.id]);
        in_char = trace.entered_at(step)[arc] == 0;
        --step;
        if (in_char || step < 0) continue;
        state = static_cast<std::size_t>(on.from);
        const ArrivalArcs& from = trace.arrivals_at(step)[state];
        const bool same = from.best != kBlankArc &&
                          lattice.arcs[static_cast<std::size_t>(from.best)].column == on.column;
        arc = same ? from.second : from.best;
    }
    std::reverse(chars.begin(), chars.end());
    return chars;
}

}  // namespace

std::optional<CtcAlignment> ctc_decode_grammar(const CtcProbs& probs, const CtcGrammar& grammar) {
    assert(probs.data && probs.num_steps > 0 && probs.num_classes > 0);
    assert(grammar.start >= 0 && grammar.start < grammar.num_states);
    const Lattice lattice = make_lattice(probs, grammar);
    if (lattice.accepting.empty()) return std::nullopt;
    const Trace trace(static_cast<std::size_t>(probs.num_steps), lattice.depth.size(),
                      lattice.arcs.size());
    const std::vector<Arrival> last = run_viterbi(lattice, probs.num_steps, trace);
    const int best = *std::max_element(
        lattice.accepting.begin(), lattice.accepting.end(), [&](int a, int b) {
            return last[static_cast<std::size_t>(a)].best < last[static_cast<std::size_t>(b)].best;
        });
    const double log_prob = last[static_cast<std::size_t>(best)].best;
    if (log_prob == kNever) return std::nullopt;
    return CtcAlignment{walk_back(probs, lattice, trace, best), log_prob};
}

// --- likelihood of given strings -----------------------------------------------------------

namespace {

struct Linear {
    static constexpr double kZero = 0.0;
    static constexpr double kOne = 1.0;
    static double of(double p) noexcept { return p; }
    static double plus(double a, double b) noexcept { return a + b; }
    static double times(double a, double b) noexcept { return a * b; }
};

struct Logarithmic {
    static constexpr double kZero = kNever;
    static constexpr double kOne = 0.0;
    static double of(double p) noexcept { return std::log(p); }
    static double plus(double a, double b) noexcept {
        const double high = std::max(a, b);
        if (high == kNever) return high;
        return high + std::log1p(std::exp(std::min(a, b) - high));
    }
    static double times(double a, double b) noexcept { return a + b; }
};

// Room for one recursion, kept from one string to the next. `before_char[i]` holds the paths that
// end in the blank before character i, `on_char[i]` those that end on it.
struct ForwardSums {
    std::vector<double> before_char;
    std::vector<double> on_char;
};

template <class Domain>
double forward(const CtcProbs& probs, const std::int32_t* labels, int length, ForwardSums& sums) {
    const auto n = static_cast<std::size_t>(length);
    sums.before_char.assign(n + 1, Domain::kZero);
    sums.on_char.assign(n, Domain::kZero);
    double* blanks = sums.before_char.data();
    double* chars = sums.on_char.data();
    blanks[0] = Domain::kOne;
    for (int step = 0; step < probs.num_steps; ++step) {
        const float* row = probs.row(step);
        const double blank = Domain::of(checked_prob(row[probs.blank]));
        // Backwards, so that what a cell reads is still that of the step before.
        for (std::size_t i = n; i > 0; --i) {
            blanks[i] = Domain::times(Domain::plus(blanks[i], chars[i - 1]), blank);
            double sum = Domain::plus(chars[i - 1], blanks[i - 1]);
            if (i > 1 && labels[i - 1] != labels[i - 2]) sum = Domain::plus(sum, chars[i - 2]);
            chars[i - 1] = Domain::times(sum, Domain::of(checked_prob(row[labels[i - 1]])));
        }
        blanks[0] = Domain::times(blanks[0], blank);
    }
    return n == 0 ? blanks[0] : Domain::plus(blanks[n], chars[n - 1]);
}

// Paths whose probability underflows are lost to the linear sum, less than 1e-300 together: above
// this bound that changes nothing, below it the logarithmic sum (ten times slower) decides.
constexpr double kTrustLinear = 1e-280;

}  // namespace

std::vector<double> ctc_log_likelihood(const CtcProbs& probs, const std::int32_t* labels,
                                       int row_length, const std::int32_t* lengths,
                                       int num_sequences) {
    assert(probs.data && probs.num_steps > 0 && probs.num_classes > 0);
    std::vector<double> result;
    result.reserve(static_cast<std::size_t>(num_sequences));
    ForwardSums sums;
    for (int i = 0; i < num_sequences; ++i, labels += row_length) {
        assert(lengths[i] >= 0 && lengths[i] <= row_length);
        const double linear = forward<Linear>(probs, labels, lengths[i], sums);
        result.push_back(linear > kTrustLinear
                             ? std::log(linear)
                             : forward<Logarithmic>(probs, labels, lengths[i], sums));
    }
    return result;
}

}  // namespace idocr
