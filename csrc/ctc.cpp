#include "ctc.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "clones.h"

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

// The maximum and the sum of each lane. (No exception may pass through a cloned function.)
IDOCR_CLONES void scan_lanes(const float* row, int count, float* maxima, float* sums) noexcept {
    int i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (int lane = 0; lane < kLanes; ++lane) {
            const float p = row[i + lane];
            maxima[lane] = p > maxima[lane] ? p : maxima[lane];
            sums[lane] += p;
        }
    }
    for (int lane = 0; i < count; ++i, ++lane) {
        maxima[lane] = std::max(maxima[lane], row[i]);
        sums[lane] += row[i];
    }
}

// The sum is there to refuse what cannot be a softmax: a NaN spoils it, and with negative numbers
// it falls below the maximum. (A compare of each value costs a quarter of the loop's time.)
float scan_row(const float* row, int count, Lanes& maxima) {
    Lanes sums{};
    maxima.fill(-1.0F);
    scan_lanes(row, count, maxima.data(), sums.data());
    const float best = *std::max_element(maxima.begin(), maxima.end());
    const float sum = std::accumulate(sums.begin(), sums.end(), 0.0F);
    if (!(best >= 0.0F && best <= kMostProb && sum > best - 0.001F)) reject_probs();
    return best;
}

Winner best_of_row(const CtcProbs& probs, int step, Lanes& maxima) {
    const float* row = probs.row(step);
    // Most steps are blank, and what has more than half of the probability has the most of it.
    const float blank = row[probs.blank];
    if (blank > 0.5F && blank <= kMostProb) return {probs.blank, blank};
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
    std::vector<int> next_first;  // states that arcs from state s lead to:
    std::vector<int> next;        // next[next_first[s]] .. next[next_first[s + 1]]
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

void add_successors(Lattice& lattice) {
    const std::size_t num_states = lattice.depth.size();
    lattice.next_first.assign(num_states + 1, 0);
    lattice.next.resize(lattice.arcs.size());
    for (const Arc& arc : lattice.arcs) ++lattice.next_first[static_cast<std::size_t>(arc.from)];
    std::partial_sum(lattice.next_first.begin(), lattice.next_first.end(),
                     lattice.next_first.begin());
    for (std::size_t state = 0; state < num_states; ++state) {
        for (int a = lattice.first[state]; a < lattice.first[state + 1]; ++a) {
            const int from = lattice.arcs[static_cast<std::size_t>(a)].from;
            const int slot = --lattice.next_first[static_cast<std::size_t>(from)];
            lattice.next[static_cast<std::size_t>(slot)] = static_cast<int>(state);
        }
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
            if (from < 0) continue;
            lattice.arcs.push_back({from, column_of(edge.id, columns, ids), edge.id});
        }
    }
    lattice.first.push_back(static_cast<int>(lattice.arcs.size()));
    add_successors(lattice);
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

Arrival advance_state(const Lattice& lattice, std::size_t state, const double* log_probs,
                      const Arrival* before, double* scores, std::uint8_t* entered,
                      ArrivalArcs& trace) noexcept {
    Arrival now{before[state].best + log_probs[0], kNever, 0};
    ArrivalArcs arcs = {kBlankArc, kBlankArc};
    const Arc* const all = lattice.arcs.data();
    const int end = lattice.first[state + 1];
    for (int a = lattice.first[state]; a < end; ++a) {
        const int column = all[a].column;
        const Arrival& source = before[all[a].from];
        const double enter = source.column != column ? source.best : source.second;
        const double stay = scores[a];
        const double score = std::max(enter, stay) + log_probs[column];
        scores[a] = score;
        entered[a] = enter > stay;
        // Selects, not branches: which of ten digits leads is anybody's guess to the processor.
        const bool leads = score > now.best;
        const double loser = leads ? now.best : score;
        const int losing_arc = leads ? arcs.best : a;
        const bool seconds = (column != now.column) & (loser > now.second);
        arcs.second = seconds ? losing_arc : arcs.second;
        now.second = seconds ? loser : now.second;
        arcs.best = leads ? a : arcs.best;
        now.column = leads ? column : now.column;
        now.best = leads ? score : now.best;
    }
    trace = arcs;
    return now;
}

// What the steps from each one to the last can add at most: all paths pass through one column a
// step.
std::vector<double> most_to_come(const Lattice& lattice, int num_steps) {
    std::vector<double> most(static_cast<std::size_t>(num_steps) + 1, 0.0);
    for (auto step = static_cast<std::size_t>(num_steps); step > 0; --step) {
        const auto row = lattice.log_probs.begin() +
                         static_cast<std::ptrdiff_t>(step - 1) * lattice.num_columns;
        most[step - 1] = most[step] + *std::max_element(row, row + lattice.num_columns);
    }
    return most;
}

// Viterbi over the states that a path of at least `bound` may pass: with what is to come at most,
// the others stay below it. Returns the arrivals after the last step.
class Search {
  public:
    Search(const Lattice& lattice, const std::vector<double>& most_after, Trace& trace)
        : lattice_(lattice),
          most_after_(most_after),
          trace_(trace),
          before_(lattice.depth.size()),
          after_(lattice.depth.size()),
          scores_(lattice.arcs.size(), kNever),
          reached_at_(lattice.depth.size(), -1) {}

    const std::vector<Arrival>& run(int num_steps, double bound) {
        before_[0].best = 0;  // the start is the only state of depth 0
        live_ = {0};
        for (int step = 0; step < num_steps && !live_.empty(); ++step) {
            collect_reached(step, num_steps - 1 - step);
            advance(step, bound - most_after_[static_cast<std::size_t>(step) + 1]);
        }
        return before_;
    }

  private:
    void collect_reached(int step, int steps_left) {
        reached_.clear();
        const auto reach = [&](int state) {
            const auto at = static_cast<std::size_t>(state);
            if (reached_at_[at] == step || lattice_.to_end[at] > steps_left) return;
            reached_at_[at] = step;
            reached_.push_back(state);
        };
        for (const int state : live_) {
            reach(state);
            const auto at = static_cast<std::size_t>(state);
            for (int i = lattice_.next_first[at]; i < lattice_.next_first[at + 1]; ++i) {
                reach(lattice_.next[static_cast<std::size_t>(i)]);
            }
        }
    }

    void advance(int step, double least) {
        const double* log_probs = lattice_.log_probs.data() +
                                  static_cast<std::ptrdiff_t>(step) * lattice_.num_columns;
        next_live_.clear();
        for (const int state : reached_) {
            const auto at = static_cast<std::size_t>(state);
            after_[at] = advance_state(lattice_, at, log_probs, before_.data(), scores_.data(),
                                       trace_.entered_at(step), trace_.arrivals_at(step)[at]);
            if (after_[at].best >= least) {
                next_live_.push_back(state);
            } else {
                after_[at] = Arrival{};
                std::fill(scores_.begin() + lattice_.first[at],
                          scores_.begin() + lattice_.first[at + 1], kNever);
            }
        }
        for (const int state : live_) before_[static_cast<std::size_t>(state)] = Arrival{};
        before_.swap(after_);
        live_.swap(next_live_);
    }

    const Lattice& lattice_;
    const std::vector<double>& most_after_;
    Trace& trace_;
    std::vector<Arrival> before_;  // by state; unreached where the state is not live
    std::vector<Arrival> after_;
    std::vector<double> scores_;  // by arc: the best path that ends on it
    std::vector<int> live_;
    std::vector<int> next_live_;
    std::vector<int> reached_;
    std::vector<int> reached_at_;  // by state: the last step that reached it
};

struct PathEnd {
    int state = 0;
    double log_prob = kNever;
};

PathEnd best_end(const Lattice& lattice, const std::vector<Arrival>& last) {
    PathEnd best;
    for (const int state : lattice.accepting) {
        const double log_prob = last[static_cast<std::size_t>(state)].best;
        if (log_prob > best.log_prob) best = {state, log_prob};
    }
    return best;
}

// How far below the best of all paths the search looks first, in nats, and how much further each
// time that it finds nothing. A number read without a mistake costs next to nothing, and is found
// in a quarter of the time that all states take; a row of another kind costs hundreds.
constexpr double kFirstSlack = 3;
constexpr double kSlackGrowth = 3;
constexpr double kMostSlack = 100;
constexpr double kSumError = 1e-6;  // of adding in another order, ample

PathEnd search(const Lattice& lattice, int num_steps, double least, Trace& trace) {
    const std::vector<double> most_after = most_to_come(lattice, num_steps);
    const auto reaching = [&](double bound) {
        Search near(lattice, most_after, trace);
        const PathEnd end = best_end(lattice, near.run(num_steps, bound - kSumError));
        return end.log_prob >= bound ? end : PathEnd{};
    };
    for (double slack = kFirstSlack; slack < kMostSlack; slack *= kSlackGrowth) {
        const double bound = most_after[0] - slack;
        if (bound <= least) break;
        const PathEnd end = reaching(bound);
        if (end.log_prob != kNever) return end;
    }
    return reaching(least);
}

// What no path of the grammar's classes and blanks exceeds.
double most_log_prob(const CtcProbs& probs, const CtcGrammar& grammar) {
    std::vector<char> is_wanted(static_cast<std::size_t>(probs.num_classes));
    is_wanted[static_cast<std::size_t>(probs.blank)] = 1;
    for (int e = 0; e < grammar.num_edges; ++e) is_wanted[static_cast<std::size_t>(grammar.edges[e].id)] = 1;
    double sum = 0;
    for (int step = 0; step < probs.num_steps; ++step) {
        const float* row = probs.row(step);
        float most = 0;
        for (std::size_t id = 0; id < is_wanted.size(); ++id)
            if (is_wanted[id]) most = std::max(most, row[id]);
        sum += std::log(checked_prob(most));
    }
    return sum;
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

std::optional<CtcAlignment> ctc_decode_grammar(const CtcProbs& probs, const CtcGrammar& grammar,
                                               double least_log_prob) {
    assert(probs.data && probs.num_steps > 0 && probs.num_classes > 0);
    assert(grammar.start >= 0 && grammar.start < grammar.num_states);
    if (least_log_prob != kNever && most_log_prob(probs, grammar) < least_log_prob - kSumError)
        return std::nullopt;
    const Lattice lattice = make_lattice(probs, grammar);
    if (lattice.accepting.empty()) return std::nullopt;
    Trace trace(static_cast<std::size_t>(probs.num_steps), lattice.depth.size(),
                lattice.arcs.size());
    const PathEnd end = search(lattice, probs.num_steps, least_log_prob, trace);
    if (end.log_prob == kNever) return std::nullopt;
    return CtcAlignment{walk_back(probs, lattice, trace, end.state), end.log_prob};
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
