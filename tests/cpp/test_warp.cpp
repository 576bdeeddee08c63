#include "warp.h"

#include <cmath>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

struct Picture {
    std::vector<std::uint8_t> pixels;
    ImageView view;
};

Picture ramp(int width, int height) {
    Picture picture;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                picture.pixels.push_back(static_cast<std::uint8_t>((x * 3 + y * 5 + c * 7) % 251));
            }
        }
    }
    picture.view = {picture.pixels.data(), width, height, 3, width * 3};
    return picture;
}

void identity_copies_pixels() {
    const Picture picture = ramp(9, 7);
    std::vector<float> out(3 * 9 * 7);
    sample_strip(picture.view, {{1, 0, 0, 0, 1, 0, 0, 0, 1}}, 9, 7, out.data());
    for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < 7; ++y) {
            for (int x = 0; x < 9; ++x) {
                const float expected = static_cast<float>(picture.view.pixel(x, y)[c]) / 127.5f - 1.0f;
                CHECK(std::abs(out[static_cast<std::size_t>((c * 7 + y) * 9 + x)] - expected) < 1e-5f);
            }
        }
    }
}

// Any mapping, the picture as small as it may be: nothing outside the picture is ever read.
void stays_inside() {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> any(-40, 40);
    std::vector<float> out(3 * 5 * 11);
    for (int round = 0; round < 3000; ++round) {
        const Picture picture = ramp(2 + round % 5, 2 + round % 3);
        const Homography mapping{{any(random), any(random), any(random), any(random), any(random),
                                  any(random), 0.001, 0.002, 1}};
        sample_strip(picture.view, mapping, 11, 5, out.data());
        for (const float value : out) CHECK(value >= -1.0001f && value <= 1.0001f);
    }
}

void identity_copies_bytes() {
    const Picture picture = ramp(9, 7);
    std::vector<std::uint8_t> out(3 * 9 * 7), red(9 * 7);
    const Homography same{{1, 0, 0, 0, 1, 0, 0, 0, 1}};
    const Outside outside{{255, 0, 255}};
    for (const Outside* border : {static_cast<const Outside*>(nullptr), &outside}) {
        sample_upright(picture.view, same, 9, 7, border, out.data());
        CHECK(out == picture.pixels);
    }
    sample_channel(picture.view, 2, same, 9, 7, red.data());
    for (std::size_t i = 0; i < red.size(); ++i) CHECK(red[i] == out[3 * i + 2]);
}

void bytes_stay_inside() {
    std::mt19937 random(2);
    std::uniform_real_distribution<double> any(-40, 40);
    std::vector<std::uint8_t> out(3 * 5 * 11), one(5 * 11);
    const Outside outside{{9, 9, 9}};
    for (int round = 0; round < 3000; ++round) {
        const Picture picture = ramp(2 + round % 5, 2 + round % 3);
        const Homography mapping{{any(random), any(random), any(random), any(random), any(random),
                                  any(random), 0.001, 0.002, 1}};
        sample_upright(picture.view, mapping, 11, 5, round % 2 ? &outside : nullptr, out.data());
        sample_channel(picture.view, round % 3, mapping, 11, 5, one.data());
        std::vector<std::uint8_t> channel;
        for (std::size_t i = 0; i < picture.pixels.size(); i += 3) channel.push_back(picture.pixels[i]);
        const ImageView alone{channel.data(), picture.view.width, picture.view.height, 1, picture.view.width};
        sample_channel(alone, 0, mapping, 11, 5, one.data());
    }
}

void halves_of_any_part() {
    for (int width = 2; width < 40; ++width) {
        const Picture picture = ramp(width, 2 + width % 7);
        const int columns = width / 2, rows = picture.view.height / 2;
        std::vector<std::uint8_t> out(static_cast<std::size_t>(columns * rows));
        for (int left = 0; left <= columns; ++left)
            halve_channel(picture.view, left % 3, {left, 0, columns, rows}, out.data());
        const auto sum = picture.view.pixel(0, 0)[0] + picture.view.pixel(1, 0)[0] +
                         picture.view.pixel(0, 1)[0] + picture.view.pixel(1, 1)[0];
        halve_channel(picture.view, 0, {0, 0, 1, 1}, out.data());
        CHECK(out[0] == (sum + 2) / 4);
    }
}

}  // namespace

int main() {
    identity_copies_pixels();
    stays_inside();
    identity_copies_bytes();
    bytes_stay_inside();
    halves_of_any_part();
}
