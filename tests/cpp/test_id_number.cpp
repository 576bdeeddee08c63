#include "id_number.h"

#include <map>
#include <random>
#include <string>

#include "check.h"

using namespace idocr;

namespace {

constexpr std::string_view kSymbols = "0123456789X";

// All numbers here are made up.
void check_by_hand() {
    CHECK(id_number_check("119999199001010012") == 0);
    CHECK(id_number_check("11999919900101008X") == 0);
    CHECK(id_number_check("11999919900101008x") == kIdNumberAlphabetProblem);
    CHECK(id_number_check("") == kIdNumberLengthProblem);
    CHECK(id_number_check("1199991990010100123") == kIdNumberLengthProblem);
    CHECK(id_number_check("11999919900101001/") == kIdNumberAlphabetProblem);
    CHECK(id_number_check("330881198904173914") == kIdNumberCheckDigitProblem);
    CHECK(id_number_check("300010199001010011") == kIdNumberRegionProblem);
    CHECK(id_number_check("666667777788888999") ==
          (kIdNumberRegionProblem | kIdNumberBirthDateProblem | kIdNumberCheckDigitProblem));
}

void check_calendar() {
    CHECK(is_valid_date(2000, 2, 29) && is_valid_date(1996, 2, 29) && is_valid_date(1880, 1, 1));
    CHECK(!is_valid_date(1900, 2, 29) && !is_valid_date(2023, 2, 29) && !is_valid_date(1879, 1, 1));
    CHECK(!is_valid_date(2100, 1, 1) && !is_valid_date(2000, 0, 1) && !is_valid_date(2000, 13, 1));
    CHECK(!is_valid_date(2000, 4, 31) && !is_valid_date(2000, 1, 0) && is_valid_date(2099, 12, 31));
}

// What the automaton takes is what id_number_check takes, on random walks and on changed numbers.
void check_grammar(std::mt19937& random) {
    const IdNumberGrammar grammar = id_number_grammar();
    std::map<std::pair<int, int>, int> next;
    std::map<int, std::vector<CtcEdge>> from;
    for (const CtcEdge& edge : grammar.edges) {
        CHECK((next.emplace(std::pair(edge.from, edge.id), edge.to).second));
        from[edge.from].push_back(edge);
    }
    CHECK(grammar.accepting.size() == 1);
    const int end = grammar.accepting[0];
    const auto accepts = [&](const std::string& text) {
        int state = 0;
        for (const char c : text) {
            const auto edge = next.find({state, static_cast<int>(kSymbols.find(c))});
            if (edge == next.end()) return false;
            state = edge->second;
        }
        return state == end;
    };
    for (int round = 0; round < 5000; ++round) {
        std::string text;
        for (int state = 0; state != end;) {
            const auto& edges = from[state];
            CHECK(!edges.empty());  // no dead ends
            const CtcEdge& edge = edges[random() % edges.size()];
            text += kSymbols[static_cast<std::size_t>(edge.id)];
            state = edge.to;
        }
        CHECK(text.size() == kIdNumberLength && id_number_check(text) == 0 && accepts(text));
        text[random() % text.size()] = kSymbols[random() % kSymbols.size()];
        text[random() % text.size()] = kSymbols[random() % kSymbols.size()];
        CHECK(accepts(text) == (id_number_check(text) == 0));
    }
}

void check_any_bytes(std::mt19937& random) {
    for (int round = 0; round < 20000; ++round) {
        std::string text(random() % 22, '0');
        for (char& c : text) c = static_cast<char>(random() % 3 ? '0' + random() % 10 : random());
        id_number_check(text);
    }
}

}  // namespace

int main() {
    std::mt19937 random(20240229);
    check_by_hand();
    check_calendar();
    check_grammar(random);
    check_any_bytes(random);
}
