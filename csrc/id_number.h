// 公民身份号码: what GB 11643-1999 and its two later relatives demand of 18 characters.
//
//   resident             RRRRRR YYYYMMDD SSS C   R: region of first registration (GB/T 2260)
//   residence permit     the same with region 810000, 820000 or 830000 (港澳台居民居住证)
//   permanent residence  9 PP NNN YYYYMMDD SSS C   P: province, N: nationality (2023 edition)
//
// C is the check character of ISO 7064 MOD 11-2 over the other seventeen.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ctc.h"

namespace idocr {

inline constexpr int kIdNumberLength = 18;
// Birth years taken for real. Nobody born before 1880 lived to see a card with this number.
inline constexpr int kFirstBirthYear = 1880;
inline constexpr int kLastBirthYear = 2099;

// Bit flags; the first two exclude all others, for the rest cannot be judged then.
enum IdNumberProblem : std::uint32_t {
    kIdNumberLengthProblem = 1,
    kIdNumberAlphabetProblem = 2,
    kIdNumberRegionProblem = 4,  // weak evidence: only the province is checked
    kIdNumberBirthDateProblem = 8,
    kIdNumberCheckDigitProblem = 16,
};

// The Gregorian calendar, years 1880 to 2099.
bool is_valid_date(int year, int month, int day) noexcept;

// The check character, '0'..'9' or 'X', of seventeen digits.
char id_number_check_digit(std::string_view first17) noexcept;

// IdNumberProblem flags, 0 for a number that can exist. Only a capital X is in the alphabet.
std::uint32_t id_number_check(std::string_view number) noexcept;

// The numbers that id_number_check accepts as a deterministic automaton: start state 0, symbol
// 0..9 a digit, 10 the X. One accepting state.
struct IdNumberGrammar {
    std::vector<CtcEdge> edges;
    std::vector<std::int32_t> accepting;
};
IdNumberGrammar id_number_grammar();

}  // namespace idocr
