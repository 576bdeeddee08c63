#include "quad.h"

#include <cmath>
#include <random>
#include <vector>

#include "check.h"

using namespace idocr;

namespace {

std::vector<std::uint8_t> bright_card(int width, int height, int left, int top, int right, int bottom) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height), 60);
    for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) pixels[static_cast<std::size_t>(y * width + x)] = 200;
    }
    return pixels;
}

void proposes_the_peaks() {
    const int height = 24, width = 32;
    std::vector<float> heat(static_cast<std::size_t>(4 * height * width), -6.0f);
    const int cells[4][2] = {{6, 5}, {25, 5}, {25, 17}, {6, 17}};
    for (int c = 0; c < 4; ++c) {
        heat[static_cast<std::size_t>((c * height + cells[c][1]) * width + cells[c][0])] = 6.0f;
    }
    const auto found = propose_card_quad(heat.data(), height, width, 4);
    CHECK(found.has_value());
    for (std::size_t c = 0; c < 4; ++c) {
        CHECK(std::abs(found->quad[c].x - (cells[c][0] * 4 + 1.5)) < 0.1);
        CHECK(std::abs(found->quad[c].y - (cells[c][1] * 4 + 1.5)) < 0.1);
    }
    CHECK(found->confidence > 0.5 && found->confidence <= 1.0);
}

void proposes_nothing_on_flat_heat() {
    const std::vector<float> heat(4 * 8 * 8, 0.0f);
    const auto found = propose_card_quad(heat.data(), 8, 8, 4);
    CHECK(!found || found->confidence < 0.3);
}

void refines_to_the_edge() {
    const auto pixels = bright_card(400, 300, 50, 60, 350, 250);
    const ImageView view{pixels.data(), 400, 300, 1, 400};
    const Quad rough{{{54, 57}, {346, 63}, {352, 246}, {47, 252}}};
    const RefinedQuad refined = refine_card_quad(view, rough);
    const Quad truth{{{49.5, 59.5}, {349.5, 59.5}, {349.5, 249.5}, {49.5, 249.5}}};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(std::hypot(refined.quad[i].x - truth[i].x, refined.quad[i].y - truth[i].y) < 0.6);
        CHECK(refined.support[i] > 0.9);
    }
}

void flat_picture_keeps_the_proposal() {
    const std::vector<std::uint8_t> pixels(200 * 100, 128);
    const ImageView view{pixels.data(), 200, 100, 1, 200};
    const Quad rough{{{20, 20}, {180, 22}, {178, 80}, {22, 79}}};
    const RefinedQuad refined = refine_card_quad(view, rough);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(refined.quad[i].x == rough[i].x && refined.quad[i].y == rough[i].y);
        CHECK(refined.support[i] == 0);
    }
}

// Any four points, also outside the picture and on top of each other: no crash, no NaN.
void survives_any_quad() {
    std::mt19937 random(2);
    std::uniform_real_distribution<double> any(-500, 900);
    std::uniform_int_distribution<int> level(0, 255);
    std::vector<std::uint8_t> pixels(320 * 200);
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(level(random));
    const ImageView view{pixels.data(), 320, 200, 1, 320};
    for (int round = 0; round < 40; ++round) {
        Quad quad;
        for (auto& corner : quad) corner = {any(random), any(random)};
        if (round % 5 == 0) quad[1] = quad[0];
        const RefinedQuad refined = refine_card_quad(view, quad);
        for (const Point corner : refined.quad) CHECK(std::isfinite(corner.x) && std::isfinite(corner.y));
    }
}

}  // namespace

int main() {
    proposes_the_peaks();
    proposes_nothing_on_flat_heat();
    refines_to_the_edge();
    flat_picture_keeps_the_proposal();
    survives_any_quad();
}
