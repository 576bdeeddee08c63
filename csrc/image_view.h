// A borrowed view of an 8-bit picture: never owns, never copies (after zxing-cpp's ImageView).
#pragma once

#include <cstddef>
#include <cstdint>

namespace idocr {

struct ImageView {
    const std::uint8_t* data = nullptr;
    int width = 0;
    int height = 0;
    int channels = 1;
    std::ptrdiff_t row_stride = 0;  // bytes from one row to the next

    const std::uint8_t* row(int y) const noexcept { return data + row_stride * y; }
    const std::uint8_t* pixel(int x, int y) const noexcept {
        return row(y) + static_cast<std::ptrdiff_t>(channels) * x;
    }
    bool contains(int x, int y) const noexcept {
        return x >= 0 && y >= 0 && x < width && y < height;
    }
};

}  // namespace idocr
