"""Train the project's own recogniser on lines drawn on the fly.

    python models/training/recognizer.py train --checkpoint reader.pt --minutes 60
    python models/training/recognizer.py score --checkpoint reader.pt

Each step knows from the drawing whether a character stands there and which, so that the network is
taught every step directly instead of finding the alignment by itself.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from alphabet import alphabet, class_of
from lines import LinePicture, draw_line
from numpy.typing import NDArray
from recognizer_network import HEIGHT_PX, STEP_PX, RecognizerNetwork
from tables import characters, gbk_rare
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

WIDTH_PX = 216
STEPS = WIDTH_PX // STEP_PX
INK, BLANK, EITHER = 1, 0, 2
CORE = 0.25  # a step within this share of a character's width of its middle must tell it
RIM = 0.42  # beyond it a step may be blank, and between characters it must be

Batch = tuple[Tensor, Tensor, Tensor]


def targets(line: LinePicture, steps: int = STEPS) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every step: its class (0 where none is asked for), and INK, BLANK or EITHER."""
    classes, ink = np.zeros(steps, np.int64), np.full(steps, BLANK, np.int64)
    at = (np.arange(steps) + 0.5) * STEP_PX
    for char, (left, right) in zip(line.chars, line.spans, strict=True):
        middle, width = (left + right) / 2, max(right - left, 1.5 * STEP_PX)
        away = np.abs(at - middle) / width
        ink[away < RIM] = EITHER
        core = away < CORE
        core[np.clip(int(middle / STEP_PX), 0, steps - 1)] = True
        ink[core], classes[core] = INK, class_of()[char]
    return classes, ink


def to_input(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(32, W, 3) BGR to (1, 32, W) in -1..1."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(gray[None], np.float32) / 127.5 - 1


class Lines(IterableDataset[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]]):
    def __init__(self, seed: int, split: str) -> None:
        self.seed, self.split = seed, split

    def __iter__(self):  # type: ignore[no-untyped-def]
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0, len(self.split)])
        known = class_of()
        while True:
            line = draw_line(rng, self.split, HEIGHT_PX, WIDTH_PX)
            if all(c in known for c in line.chars):
                yield to_input(line.image), *targets(line)


def loss_of(network: RecognizerNetwork, batch: Batch) -> tuple[Tensor, Tensor]:
    """Ink: at all steps that must or must not tell. Class: at one step of each character's core."""
    images, classes, ink = batch
    features, logits = network(images)
    settled = ink != EITHER
    ink_loss = functional.binary_cross_entropy_with_logits(logits[settled], ink[settled].float())
    # Of each run of equal classes one step, so that the large product is taken once a character.
    score = torch.rand_like(logits) * (ink == INK)
    before = functional.pad(score, (3, 3))
    beaten = torch.stack([before[:, k : k + score.shape[1]] for k in (1, 2, 4, 5)]).amax(0)
    chosen = (score > 0) & (score >= beaten)
    class_loss = functional.cross_entropy(
        network.classes(features[chosen]), classes[chosen], label_smoothing=0.02
    )
    return ink_loss, class_loss


def save(
    network: RecognizerNetwork, path: Path, seen: int, optimizer: torch.optim.Optimizer | None
) -> None:
    """Weights in half precision, small enough to commit; the optimiser's state beside them."""
    state = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    torch.save({"weights": state, "lines": seen, "alphabet": "".join(alphabet())}, path)
    if optimizer:
        torch.save(optimizer.state_dict(), path.with_suffix(".optimizer"))


def load(path: Path) -> tuple[RecognizerNetwork, int]:
    network = RecognizerNetwork(len(alphabet()) + 1)
    if not path.exists():
        return network, 0
    kept = torch.load(path, weights_only=True)
    if kept["alphabet"] != "".join(alphabet()):
        raise SystemExit("the checkpoint knows another alphabet")
    network.load_state_dict(kept["weights"])
    return network, kept["lines"]


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    network, seen = load(options.checkpoint)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01)
    kept = options.checkpoint.with_suffix(".optimizer")
    if kept.exists():
        optimizer.load_state_dict(torch.load(kept, weights_only=True))
    loader = DataLoader(
        Lines(options.seed + seen, "train"),
        batch_size=options.batch,
        num_workers=1,
        prefetch_factor=8,
    )
    start, begun, saved = time.time(), seen, time.time()
    averages = np.zeros(2)
    network.train()
    for step, batch in enumerate(loader):
        passed = (time.time() - start) / 60 / options.minutes
        if passed >= 1 or options.checkpoint.with_suffix(".stop").exists():
            break
        warm = min(1.0, (step + 1) / 200)
        rate = (
            options.rate
            * warm
            * (options.last + (1 - options.last) * (1 + np.cos(np.pi * passed)) / 2)
        )
        for group in optimizer.param_groups:
            group["lr"] = rate
        ink_loss, class_loss = loss_of(network, batch)
        optimizer.zero_grad()
        (ink_loss + class_loss).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        seen += len(batch[0])
        averages = (
            averages * 0.98 + 0.02 * np.array([ink_loss.item(), class_loss.item()])
            if step
            else np.array([ink_loss.item(), class_loss.item()])
        )
        if step % 100 == 0:
            speed = (seen - begun) / (time.time() - start)
            print(
                f"{seen} lines, {speed:.0f}/s, ink {averages[0]:.4f}, "
                f"class {averages[1]:.4f}, rate {rate:.2e}",
                flush=True,
            )
        if time.time() - saved > 240:
            save(network, options.checkpoint, seen, optimizer)
            saved = time.time()
    save(network, options.checkpoint, seen, optimizer)


@torch.no_grad()
def score(options: argparse.Namespace) -> None:
    """Right characters of given positions, by level of the national list, in fonts never trained on."""
    torch.set_num_threads(options.threads)
    network, seen = load(options.checkpoint)
    network.eval()
    rng = np.random.default_rng(1)
    groups = {f"level {k}": frozenset(characters(k)) for k in (1, 2, 3)}
    groups["GBK beyond"] = frozenset(gbk_rare())
    right = {name: [0, 0] for name in (*groups, "signs")}
    for _ in range(options.lines):
        line = draw_line(rng, options.split, HEIGHT_PX, WIDTH_PX)
        features, _ = network(torch.from_numpy(to_input(line.image))[None])
        for char, (left, end) in zip(line.chars, line.spans, strict=True):
            step = min(STEPS - 1, max(0, int((left + end) / 2 / STEP_PX)))
            told = int(network.classes(features[0, step]).argmax())
            group = next((n for n, chars in groups.items() if char in chars), "signs")
            right[group][0] += told == class_of().get(char)
            right[group][1] += 1
    print(
        f"after {seen} lines, {options.split} split:",
        {n: f"{a / max(1, b):.3f} of {b}" for n, (a, b) in right.items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for name, action in (("train", train), ("score", score)):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        command.add_argument(
            "--checkpoint", type=Path, default=Path(__file__).with_name("recognizer.pt")
        )
        command.add_argument("--threads", type=int, default=1)
        if name == "train":
            command.add_argument("--minutes", type=float, default=60)
            command.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
            command.add_argument(
                "--last", type=float, default=0.05, help="share of the rate left at the end"
            )
            command.add_argument("--batch", type=int, default=48)
            command.add_argument("--seed", type=int, default=1)
        else:
            command.add_argument("--lines", type=int, default=600)
            command.add_argument("--split", default="test")
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
