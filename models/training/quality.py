"""The network behind `quality`: the chance that print is read right, from what can be seen of it.

    python spoil.py ../../out/pictures --count 600 --seed 11 --split train   (and the split test)
    python witness.py ../../out/pictures ../../out/witnessed.pkl
    python quality.py train ../../out/witnessed.pkl --checkpoint quality.pt
    python quality.py score ../../out/witnessed.pkl --checkpoint quality.pt
    python quality.py export quality.pt ../quality.onnx

It can only fall as a measure of visibility.py grows: all its weights are positive. A field's quality is
that of its worst window. The shift is set so that 1 in 50 fields of the plain sets of the split train
lies below Megvii's threshold of 0.15, and the gain so that the middle one has 0.98.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import softplus
from witness import Seen

THRESHOLD = 0.15
PLAIN_BELOW = 0.02
PLAIN_MEDIAN = 0.98
PLAIN_SETS = ("clean", "ordinary", "bilingual")
UNSPOILT_WEIGHT = 0.3


@dataclass
class Case:
    """One field: is it read right, was it spoilt, where does it come from."""

    table: NDArray[np.float32]  # (W, K); no window where nothing was read
    is_right: bool
    spoilt: str  # one of spoil.KINDS, or ""
    set_name: str


def cases(path: Path, split: str) -> list[Case]:
    """Fields of the plain sets and of spoilt pictures, whose text the engine reads where nothing is amiss:
    what the recogniser cannot read in any light says nothing of light."""
    pictures: list[Seen] = pickle.loads(path.read_bytes())
    pictures = [p for p in pictures if p.truth["split"] == split and not p.saved_again]
    right = {
        (p.truth["set_name"], p.truth["seed"], p.truth["index"], name)
        for p in pictures
        for name, found in p.fields.items()
        if name in p.truth["fields"] and found.text == p.truth["fields"][name]["text"]
    }
    found = []
    for picture in pictures:
        truth = picture.truth
        base = truth.get("base") or [truth["set_name"], truth["seed"], truth["index"]]
        if base[0] not in PLAIN_SETS:
            continue
        for name, seen in picture.fields.items():
            spoilt = truth["spoil_kind"] if truth.get("spoilt") == name else ""
            is_right = name in truth["fields"] and seen.text == truth["fields"][name]["text"]
            if (*base, name) in right and (is_right or spoilt):
                found.append(Case(seen.table, is_right, spoilt, truth["set_name"]))
    return found


class Quality(nn.Module):
    """windows (..., K) -> logit of being read right, falling in every input."""

    def __init__(self, mean: Tensor, scale: Tensor, hidden: int = 12) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.register_buffer("shift", torch.zeros(()))
        self.register_buffer("gain", torch.ones(()))
        self.inner = nn.Parameter(0.3 * torch.randn(len(mean), hidden) - 1.5)
        self.inner_bias = nn.Parameter(torch.randn(hidden))
        self.outer = nn.Parameter(0.3 * torch.randn(hidden))
        self.direct = nn.Parameter(torch.full((len(mean),), -3.0))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, windows: Tensor) -> Tensor:
        z = ((windows - self.mean) / self.scale).clamp(-4, 8)
        hidden = torch.tanh(z @ softplus(self.inner) + self.inner_bias)
        harm = hidden @ softplus(self.outer) + z @ softplus(self.direct) + self.bias
        return self.gain * (self.shift - harm)


class Shipped(nn.Module):
    def __init__(self, network: Quality) -> None:
        super().__init__()
        self.network = network

    def forward(self, windows: Tensor) -> Tensor:
        return torch.sigmoid(self.network(windows))


def _padded(found: Sequence[Case]) -> tuple[Tensor, Tensor]:
    """(B, W, K) and which of the windows there are."""
    most = max(len(c.table) for c in found)
    windows = torch.zeros(len(found), most, found[0].table.shape[1])
    there = torch.zeros(len(found), most, dtype=torch.bool)
    for i, case in enumerate(found):
        windows[i, : len(case.table)] = torch.tensor(case.table)
        there[i, : len(case.table)] = True
    return windows, there


def _worst(network: Quality, windows: Tensor, there: Tensor) -> Tensor:
    return network(windows).masked_fill(~there, 99.0).amin(1)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    found = [c for c in cases(options.witnessed, "train") if len(c.table)]
    windows, there = _padded(found)
    network = Quality(windows[there].mean(0), windows[there].std(0) + 1e-3)
    right = torch.tensor([float(c.is_right) for c in found])
    weight = torch.tensor([1.0 if c.spoilt else UNSPOILT_WEIGHT for c in found])
    weight[right == 0] = UNSPOILT_WEIGHT * float(right.sum() / (1 - right).sum())
    optimiser = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=1e-3)
    for step in range(options.steps):
        logits = _worst(network, windows, there)
        losses = nn.functional.binary_cross_entropy_with_logits(logits, right, reduction="none")
        loss = (losses * weight).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)
    plain = torch.tensor([c.set_name in PLAIN_SETS for c in found])
    with torch.no_grad():
        reached = _worst(network, windows, there)[plain]
        low, middle = torch.quantile(reached, torch.tensor([PLAIN_BELOW, 0.5]))
        low_logit, middle_logit = (float(np.log(q / (1 - q))) for q in (THRESHOLD, PLAIN_MEDIAN))
        network.gain *= (middle_logit - low_logit) / (middle - low)
        network.shift += low_logit / network.gain - low
    torch.save(network.state_dict(), options.checkpoint)
    print(f"{len(found)} fields, {int((right == 0).sum())} of them misread")


def loaded(checkpoint: Path) -> Quality:
    state = torch.load(checkpoint, weights_only=True)
    network = Quality(state["mean"], state["scale"], len(state["outer"]))
    network.load_state_dict(state)
    return network.eval()


def qualities(network: Quality, found: Sequence[Case]) -> NDArray[np.float64]:
    """As the engine gives them: 0 where nothing was read."""
    windows, there = _padded(found)
    with torch.no_grad():
        worst = torch.sigmoid(_worst(network, windows, there)).numpy()
    return np.where(there.any(1).numpy(), worst, 0.0)


def score(options: argparse.Namespace) -> None:
    found = cases(options.witnessed, options.split)
    quality = qualities(loaded(options.checkpoint), found)
    low = quality < THRESHOLD
    for name in PLAIN_SETS:
        chosen = np.array([c.set_name == name for c in found])
        if chosen.any():
            print(f"{name}: {chosen.sum()} fields, below {THRESHOLD}: {low[chosen].mean():.4f}")
    lost = np.array([bool(c.spoilt) and not c.is_right for c in found])
    kept = np.array([bool(c.spoilt) and c.is_right for c in found])
    print(f"spoilt and misread: {lost.sum()}, below {THRESHOLD}: {low[lost].mean():.3f}; "
          f"spoilt and still right: {kept.sum()}, below: {low[kept].mean():.3f}")  # fmt: skip
    for kind in sorted(Counter(c.spoilt for c in found) - Counter({"": len(found)})):
        chosen = lost & np.array([c.spoilt == kind for c in found])
        if chosen.any():
            print(f"  {kind}: {chosen.sum()} misread, below {THRESHOLD}: {low[chosen].mean():.3f}")
    for begin, end in ((0, 0.15), (0.15, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        chosen = (quality >= begin) & (quality < end)
        right = np.array([c.is_right for c in found])[chosen]
        if len(right):
            print(
                f"quality {begin} to {min(end, 1)}: {len(right)} fields, right {right.mean():.3f}"
            )


def export(options: argparse.Namespace) -> None:
    network = Shipped(loaded(options.checkpoint))
    torch.onnx.export(
        network,
        (torch.rand(7, len(network.network.mean)),),
        str(options.model),
        dynamo=False,
        input_names=["windows"],
        output_names=["quality"],
        dynamic_axes={"windows": {0: "count"}, "quality": {0: "count"}},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="the network behind quality")
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train")
    training.add_argument("witnessed", type=Path)
    training.add_argument("--checkpoint", type=Path, required=True)
    training.add_argument("--steps", type=int, default=600)
    training.add_argument("--rate", type=float, default=2e-2)
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--threads", type=int, default=1)
    training.set_defaults(run=train)
    scoring = commands.add_parser("score")
    scoring.add_argument("witnessed", type=Path)
    scoring.add_argument("--checkpoint", type=Path, required=True)
    scoring.add_argument("--split", default="test")
    scoring.set_defaults(run=score)
    exporting = commands.add_parser("export")
    exporting.add_argument("checkpoint", type=Path)
    exporting.add_argument("model", type=Path)
    exporting.set_defaults(run=export)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
