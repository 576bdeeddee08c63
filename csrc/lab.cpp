#include "lab.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace idocr {
namespace {

// IEC 61966-2-1 to CIE XYZ, each row over the white point D65's.
constexpr double kToXyz[3][3] = {{0.412453 / 0.950456, 0.357580 / 0.950456, 0.180423 / 0.950456},
                                 {0.212671, 0.715160, 0.072169},
                                 {0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754}};

double linear(double share) {
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

double root(double share) {
    return share > 0.008856 ? std::cbrt(share) : 7.787 * share + 16.0 / 116.0;
}

inline int rounded(double value) { return static_cast<int>(std::lrint(value)); }

// (value + half) >> bits, of either sign.
inline int descale(int value, int bits) noexcept { return (value + (1 << (bits - 1))) >> bits; }

// ---- bytes to bytes

constexpr int kLinearOne = 255 * 8;  // a full channel, linear
constexpr int kShareBits = 12;       // of the matrix
constexpr int kRootBits = 15;
constexpr std::size_t kRoots = 256 * 3 / 2 * 8;  // white may come out a little brighter than itself

struct ByteTables {
    std::array<int, 256> linear_of;
    std::array<int, kRoots> root_of;
    int matrix[3][3];

    ByteTables() {
        for (std::size_t i = 0; i < linear_of.size(); ++i)
            linear_of[i] = rounded(kLinearOne * linear(static_cast<double>(i) / 255.0));
        for (std::size_t i = 0; i < kRoots; ++i)
            root_of[i] = rounded((1 << kRootBits) * root(static_cast<double>(i) / kLinearOne));
        for (int k = 0; k < 3; ++k)
            for (int c = 0; c < 3; ++c) matrix[k][c] = rounded((1 << kShareBits) * kToXyz[k][c]);
    }
};

// ---- through a grid

constexpr int kLevels = 33;     // a channel
constexpr int kUnitBits = 14;   // of a full channel, and of L, a and b in the grid
constexpr int kLevelBits = 9;   // of these between two levels,
constexpr int kStepBits = 4;    // of which so many are looked at
constexpr int kSteps = 1 << kStepBits;
constexpr double kUnit = 1 << kUnitBits;

// A byte's level below, and in steps how far it lies beyond it.
struct Place {
    std::int16_t level, beyond;
};

struct Grid {
    std::vector<std::int16_t> lab;  // red, green, blue, then L, a, b
    std::array<Place, 256> place_of;

    Grid() : lab(static_cast<std::size_t>(3 * kLevels * kLevels * kLevels)) {
        for (std::size_t i = 0; i < place_of.size(); ++i) {
            const int unit = rounded(static_cast<double>(static_cast<float>(i) / 255.0F) * kUnit);
            const int level = std::min(unit >> kLevelBits, kLevels - 2);
            const int beyond = (unit - (level << kLevelBits)) >> (kLevelBits - kStepBits);
            place_of[i] = {static_cast<std::int16_t>(level), static_cast<std::int16_t>(beyond)};
        }
        double linear_of[kLevels];
        for (int i = 0; i < kLevels; ++i) linear_of[i] = linear(static_cast<double>(i) / (kLevels - 1));
        std::int16_t* out = lab.data();
        for (const double red : linear_of)
            for (const double green : linear_of)
                for (const double blue : linear_of) {
                    double xyz[3];
                    for (int k = 0; k < 3; ++k)
                        xyz[k] = kToXyz[k][0] * red + kToXyz[k][1] * green + kToXyz[k][2] * blue;
                    const double fy = root(xyz[1]);
                    const double light = xyz[1] > 0.008856 ? 116.0 * fy - 16.0 : 903.3 * xyz[1];
                    const double a = 500.0 * (root(xyz[0]) - fy);
                    const double b = 200.0 * (fy - root(xyz[2]));
                    *out++ = static_cast<std::int16_t>(rounded(kUnit * light / 100.0));
                    *out++ = static_cast<std::int16_t>(rounded(kUnit * (a + 128.0) / 256.0));
                    *out++ = static_cast<std::int16_t>(rounded(kUnit * (b + 128.0) / 256.0));
                }
    }
};

// Between two numbers of the grid, times kSteps.
inline int between(int low, int high, int beyond) noexcept { return low * kSteps + (high - low) * beyond; }

}  // namespace

void bgr_to_lab(const std::uint8_t* bgr, std::ptrdiff_t count, std::uint8_t* lab) {
    static const ByteTables tables;
    constexpr int kLightScale = (116 * 255 + 50) / 100;
    constexpr int kLightShift = -((16 * 255 * (1 << kRootBits) + 50) / 100);
    constexpr int kMiddle = 128 * (1 << kRootBits);
    for (std::ptrdiff_t i = 0; i < 3 * count; i += 3) {
        const int blue = tables.linear_of[bgr[i]];
        const int green = tables.linear_of[bgr[i + 1]];
        const int red = tables.linear_of[bgr[i + 2]];
        int roots[3];
        for (int k = 0; k < 3; ++k) {
            const int* m = tables.matrix[k];
            const int share = descale(m[0] * red + m[1] * green + m[2] * blue, kShareBits);
            roots[k] = tables.root_of[static_cast<std::size_t>(share)];
        }
        lab[i] = static_cast<std::uint8_t>(descale(kLightScale * roots[1] + kLightShift, kRootBits));
        lab[i + 1] = static_cast<std::uint8_t>(descale(500 * (roots[0] - roots[1]) + kMiddle, kRootBits));
        lab[i + 2] = static_cast<std::uint8_t>(descale(200 * (roots[1] - roots[2]) + kMiddle, kRootBits));
    }
}

void bgr_to_fine_lab(const std::uint8_t* bgr, std::ptrdiff_t count, float* lab) {
    static const Grid grid;
    constexpr float kShare = 1.0F / static_cast<float>(1 << kUnitBits);
    constexpr int kGreen = 3 * kLevels;
    constexpr int kRed = kGreen * kLevels;
    for (std::ptrdiff_t i = 0; i < 3 * count; i += 3) {
        const Place blue = grid.place_of[bgr[i]], green = grid.place_of[bgr[i + 1]], red = grid.place_of[bgr[i + 2]];
        const std::int16_t* node = grid.lab.data() + red.level * kRed + green.level * kGreen + blue.level * 3;
        float shares[3];
        for (int k = 0; k < 3; ++k, ++node) {
            const auto along_blue = [&](int at) { return between(node[at], node[at + 3], blue.beyond); };
            const auto along_green = [&](int at) {
                return between(along_blue(at), along_blue(at + kGreen), green.beyond);
            };
            const int sum = between(along_green(0), along_green(kRed), red.beyond);
            shares[k] = static_cast<float>(descale(sum, 3 * kStepBits)) * kShare;
        }
        lab[i] = shares[0] * 100.0F;
        lab[i + 1] = shares[1] * 256.0F - 128.0F;
        lab[i + 2] = shares[2] * 256.0F - 128.0F;
    }
}

}  // namespace idocr
