#include "id_number.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <utility>

namespace idocr {
namespace {

constexpr int kModulus = 11;
constexpr std::string_view kSymbols = "0123456789X";

// Provinces of GB/T 2260. 71 (Taiwan) is left out: its people hold permits with region 830000.
constexpr std::array<std::string_view, 31> kProvinces = {
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"};
constexpr std::array<std::string_view, 3> kPermitRegions = {"810000", "820000", "830000"};

constexpr bool is_leap(int year) noexcept {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view item) noexcept {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_known_region(std::string_view region) noexcept {
    if (region[0] == '9') return contains(kProvinces, region.substr(1, 2));
    return contains(kProvinces, region.substr(0, 2)) || contains(kPermitRegions, region);
}

int to_int(std::string_view digits) noexcept {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

// One step of ISO 7064 MOD 11-2, Horner's form of the weights 2^(n-1): a number with its check
// character leaves remainder 1.
constexpr int next_remainder(int remainder, int symbol) noexcept {
    return (remainder * 2 + symbol) % kModulus;
}

constexpr int check_symbol(int remainder) noexcept {
    return (1 + kModulus * 2 - remainder * 2) % kModulus;
}

// The form of a number without its check character: an automaton over the ten digits.
class DigitForm {
  public:
    static constexpr int kNone = -1;
    using Row = std::array<int, 10>;

    int add() {
        rows_.emplace_back().fill(kNone);
        return static_cast<int>(rows_.size()) - 1;
    }
    void link(int from, std::string_view digits, int to) {
        for (const char d : digits) next_of(from, d) = to;
    }
    // The state that `digits` lead to from `from`, made where it is missing.
    int follow(int from, std::string_view digits) {
        for (const char d : digits) {
            if (next_of(from, d) == kNone) {
                const int made = add();  // first: it moves the rows
                next_of(from, d) = made;
            }
            from = next_of(from, d);
        }
        return from;
    }
    // Leads `digits` from `from` into `to`.
    void join(int from, std::string_view digits, int to) {
        const int last = follow(from, digits.substr(0, digits.size() - 1));
        next_of(last, digits.back()) = to;
    }
    // A state from which `count` free digits lead to `to`.
    int free_digits(int count, int to) {
        for (; count > 0; --count) {
            const int made = add();
            link(made, "0123456789", to);
            to = made;
        }
        return to;
    }
    const Row& row(int state) const { return rows_[static_cast<std::size_t>(state)]; }
    std::size_t size() const { return rows_.size(); }

  private:
    int& next_of(int state, char digit) {
        return rows_[static_cast<std::size_t>(state)][static_cast<std::size_t>(digit - '0')];
    }
    std::vector<Row> rows_;
};

// MMDD that leads to `end`; the states are few because all months of a length share theirs.
int add_month_and_day(DigitForm& form, bool leap, int end) {
    const int day_0 = form.add();
    form.link(day_0, "123456789", end);
    const int day_1 = form.free_digits(1, end);
    const int february_2 = form.add();
    form.link(february_2, leap ? "0123456789" : "012345678", end);
    const int short_3 = form.add();
    form.link(short_3, "0", end);
    const int long_3 = form.add();
    form.link(long_3, "01", end);

    const auto add_days = [&](int day_2) {
        const int days = form.add();
        form.link(days, "0", day_0);
        form.link(days, "1", day_1);
        form.link(days, "2", day_2);
        return days;
    };
    const int february = add_days(february_2);
    const int short_month = add_days(day_1);
    form.link(short_month, "3", short_3);
    const int long_month = add_days(day_1);
    form.link(long_month, "3", long_3);

    const int month_0 = form.add();
    form.link(month_0, "13578", long_month);
    form.link(month_0, "469", short_month);
    form.link(month_0, "2", february);
    const int month_1 = form.add();
    form.link(month_1, "02", long_month);
    form.link(month_1, "1", short_month);
    const int month = form.add();
    form.link(month, "0", month_0);
    form.link(month, "1", month_1);
    return month;
}

// Decades whose years are leap in the same places share a state.
int add_birth_date(DigitForm& form, int end) {
    const int common = add_month_and_day(form, false, end);
    const int leap = add_month_and_day(form, true, end);
    const int start = form.add();
    std::vector<std::pair<DigitForm::Row, int>> decades;
    for (int decade = kFirstBirthYear / 10; decade <= kLastBirthYear / 10; ++decade) {
        DigitForm::Row years;
        for (int y = 0; y < 10; ++y) {
            years[static_cast<std::size_t>(y)] = is_leap(decade * 10 + y) ? leap : common;
        }
        auto known = std::find_if(decades.begin(), decades.end(),
                                  [&](const auto& entry) { return entry.first == years; });
        if (known == decades.end()) {
            const int made = form.add();
            for (std::size_t y = 0; y < 10; ++y) form.link(made, kSymbols.substr(y, 1), years[y]);
            known = decades.insert(decades.end(), {years, made});
        }
        const std::array<char, 3> digits = {static_cast<char>('0' + decade / 100),
                                            static_cast<char>('0' + decade / 10 % 10),
                                            static_cast<char>('0' + decade % 10)};
        form.join(start, {digits.data(), digits.size()}, known->second);
    }
    return start;
}

struct FirstSeventeen {
    DigitForm form;
    int end = 0;
    int start = 0;
};

FirstSeventeen first_seventeen() {
    FirstSeventeen result;
    DigitForm& form = result.form;
    result.end = form.add();
    const int birth = add_birth_date(form, form.free_digits(3, result.end));
    const int county = form.free_digits(4, birth);
    const int nationality = form.free_digits(3, birth);
    result.start = form.add();
    for (const std::string_view province : kProvinces) {
        form.join(result.start, province, county);
        form.join(form.follow(result.start, "9"), province, nationality);
    }
    for (const std::string_view region : kPermitRegions) form.join(result.start, region, birth);
    return result;
}

}  // namespace

bool is_valid_date(int year, int month, int day) noexcept {
    constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < kFirstBirthYear || year > kLastBirthYear || month < 1 || month > 12) return false;
    const int last = days[static_cast<std::size_t>(month) - 1];
    return day >= 1 && day <= last + (month == 2 && is_leap(year) ? 1 : 0);
}

char id_number_check_digit(std::string_view first17) noexcept {
    assert(first17.size() == kIdNumberLength - 1);
    int remainder = 0;
    for (const char c : first17) remainder = next_remainder(remainder, c - '0');
    return kSymbols[static_cast<std::size_t>(check_symbol(remainder))];
}

std::uint32_t id_number_check(std::string_view number) noexcept {
    if (number.size() != kIdNumberLength) return kIdNumberLengthProblem;
    const std::string_view first17 = number.substr(0, kIdNumberLength - 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(first17.begin(), first17.end(), is_digit) ||
        kSymbols.find(number.back()) == std::string_view::npos) {
        return kIdNumberAlphabetProblem;
    }
    std::uint32_t problems = 0;
    if (!is_known_region(number.substr(0, 6))) problems |= kIdNumberRegionProblem;
    if (!is_valid_date(to_int(number.substr(6, 4)), to_int(number.substr(10, 2)),
                       to_int(number.substr(12, 2)))) {
        problems |= kIdNumberBirthDateProblem;
    }
    if (id_number_check_digit(first17) != number.back()) problems |= kIdNumberCheckDigitProblem;
    return problems;
}

// The product of the form with the remainder so far, of which only the reachable pairs are made.
IdNumberGrammar id_number_grammar() {
    const FirstSeventeen digits = first_seventeen();
    IdNumberGrammar grammar;
    std::vector<std::array<std::int32_t, kModulus>> number(digits.form.size());
    for (auto& row : number) row.fill(-1);
    struct Pair {
        int state;
        int remainder;
    };
    std::vector<Pair> pairs;
    const auto number_of = [&](int state, int remainder) {
        std::int32_t& made = number[static_cast<std::size_t>(state)]
                                   [static_cast<std::size_t>(remainder)];
        if (made < 0) {
            made = static_cast<std::int32_t>(pairs.size());
            pairs.push_back({state, remainder});
        }
        return made;
    };
    number_of(digits.start, 0);
    std::vector<std::pair<std::int32_t, std::int32_t>> checks;  // state before the check, symbol
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Pair now = pairs[i];
        const auto from = static_cast<std::int32_t>(i);
        if (now.state == digits.end) checks.emplace_back(from, check_symbol(now.remainder));
        for (int d = 0; d < 10; ++d) {
            const int next = digits.form.row(now.state)[static_cast<std::size_t>(d)];
            if (next == DigitForm::kNone) continue;
            const std::int32_t to = number_of(next, next_remainder(now.remainder, d));
            grammar.edges.push_back({from, to, d});
        }
    }
    const auto end = static_cast<std::int32_t>(pairs.size());
    for (const auto& [from, symbol] : checks) grammar.edges.push_back({from, end, symbol});
    grammar.accepting = {end};
    return grammar;
}

}  // namespace idocr
