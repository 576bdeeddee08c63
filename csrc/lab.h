// CIE Lab (D65) of sRGB pixels, as OpenCV's COLOR_BGR2LAB has it: its first call fills tables by software
// arithmetic, which takes longer than to read a card.
#pragma once

#include <cstddef>
#include <cstdint>

namespace idocr {

// bgr: `count` pixels, B G R. lab: L 0..255 (of 0..100), a + 128, b + 128. A value that lies half way
// between two may differ by 1 from OpenCV's.
void bgr_to_lab(const std::uint8_t* bgr, std::ptrdiff_t count, std::uint8_t* lab);

// lab: L 0..100, a, b. Like OpenCV's conversion of floats (of bgr / 255) through a grid of 33 levels a
// channel with 16 steps between two: up to 0.02 off.
void bgr_to_fine_lab(const std::uint8_t* bgr, std::ptrdiff_t count, float* lab);

}  // namespace idocr
