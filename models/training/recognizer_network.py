"""The recogniser's network: features for every fourth column of a strip, and where characters are.

The character itself is the cosine of a step's feature with one row of `classes` for each character of
the alphabet: it is asked for only at the steps where a character is. A second network of the same make
sees strips half as high again and points at the same classes: doubtful strips are shown to it too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

HEIGHT_PX = 32
CLOSE_HEIGHT_PX = 48  # of the second network's strips
STEP_PX = 4
FEATURES = 128
WIDTHS = (16, 40, 80, 160)
DEPTHS = (1, 2, 4)
SHARPNESS = 24.0  # at first; what a cosine is multiplied with before the softmax is learned


class Block(nn.Module):
    """A depthwise 3x3 and a bottleneck turned inside out, both with a way around."""

    def __init__(self, width: int, out: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.spread = nn.Sequential(
            nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False), nn.BatchNorm2d(width)
        )
        self.mix = nn.Sequential(
            nn.Conv2d(width, 2 * width, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.is_plain = stride == (1, 1) and width == out

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.spread(x)
        if not self.is_plain:
            return self.mix(y)
        y = y + x
        return self.mix(y) + y


class Classes(nn.Module):
    """(N, 128) features to (N, K) scores: each class is a direction, so that a rare one starts as good."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(num_classes, FEATURES))
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))

    def forward(self, features: Tensor, among: Tensor | None = None) -> Tensor:
        """Scores of all classes, or of those whose numbers are `among`."""
        directions = self.directions if among is None else self.directions[among]
        pointed = self.sharpness * functional.normalize(features, dim=-1)
        return functional.linear(pointed, functional.normalize(directions, dim=-1))


class RecognizerNetwork(nn.Module):
    """(N, 1, height, W) in -1..1 to features (N, T, 128) and ink logits (N, T), T = W / 4.

    height: HEIGHT_PX or CLOSE_HEIGHT_PX.
    """

    def __init__(self, num_classes: int, height_px: int = HEIGHT_PX) -> None:
        super().__init__()
        self.height_px = height_px
        first, second, _, last = WIDTHS
        self.stem = nn.Sequential(
            nn.Conv2d(1, first, 3, 2, 1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
            nn.Conv2d(first, second, 3, 2, 1, bias=False),
            nn.BatchNorm2d(second),
            nn.ReLU(inplace=True),
        )
        blocks: list[nn.Module] = []
        for stage, depth in enumerate(DEPTHS):
            if stage:
                blocks.append(Block(WIDTHS[stage], WIDTHS[stage + 1], (2, 1)))
            blocks += [Block(WIDTHS[stage + 1], WIDTHS[stage + 1]) for _ in range(depth)]
        self.body = nn.Sequential(*blocks)
        self.flatten = nn.Sequential(
            nn.Conv2d(last, FEATURES, (height_px // 16, 1), bias=False),
            nn.BatchNorm2d(FEATURES),
            nn.ReLU(inplace=True),
        )
        self.along = nn.Sequential(
            nn.Conv2d(FEATURES, FEATURES, (1, 5), padding=(0, 2), groups=FEATURES, bias=False),
            nn.BatchNorm2d(FEATURES),
            nn.Conv2d(FEATURES, FEATURES, 1),
        )
        self.ink = nn.Conv2d(FEATURES, 1, 1)
        self.classes = Classes(num_classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        columns = self.flatten(self.body(self.stem(x)))
        columns = columns + self.along(columns)
        return columns.squeeze(2).transpose(1, 2), self.ink(columns).squeeze(2).squeeze(1)

    def closer(self) -> RecognizerNetwork:
        """A new network for CLOSE_HEIGHT_PX that begins with this one's weights; it shares its classes."""
        closer = RecognizerNetwork(len(self.classes.directions), CLOSE_HEIGHT_PX)
        state = self.state_dict()
        upper, lower = state["flatten.0.weight"].unbind(2)
        state["flatten.0.weight"] = torch.stack(
            [upper * 2 / 3, (upper + lower) / 3, lower * 2 / 3], dim=2
        )
        closer.load_state_dict(state)
        closer.classes.directions.requires_grad_(False)
        return closer
