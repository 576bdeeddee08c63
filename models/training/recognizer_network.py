"""The recogniser's network: features for every fourth column of a strip, and where characters are.

The character itself is the cosine of a step's feature with one row of `classes` for each character of
the alphabet: it is asked for only at the steps where a character is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

HEIGHT_PX = 32
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
    """(N, 1, 32, W) in -1..1 to features (N, T, 128) and ink logits (N, T), T = W / 4."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
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
            nn.Conv2d(last, FEATURES, (HEIGHT_PX // 16, 1), bias=False),
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
