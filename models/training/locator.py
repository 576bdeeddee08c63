"""Make the locator: draw its stock of cards and backgrounds, train, export to ONNX.

    python models/training/locator.py stock out/stock
    python models/training/locator.py train out/stock --checkpoint models/training/locator.pt --hours 1
    python models/training/locator.py export models/training/locator.pt models/locator.onnx

Training resumes from the checkpoint. Log what was run in RUNS.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from locator_network import HEAT_STRIDE, KINDS, Locator
from locator_pictures import Stock, compose
from numpy.typing import NDArray
from torch import Tensor

# (height, width) of canvases: 4:3, 16:9 and 1:1 pictures, lying and standing.
CANVASES = [(224, 256), (224, 256), (256, 224), (192, 256), (256, 192), (256, 256)]


def draw_stock(folder: Path, cards: int, backgrounds: int, seed: int) -> None:
    """Draw card faces (5 px/mm, with alpha) and backgrounds once; training composes from them."""
    from backgrounds import background
    from not_cards import other_card
    from people import make_permit, make_person, make_temporary
    from specimen import CardStyle, draw_card

    rare = 0.1  # share of temporary cards and of permits
    portraits = (
        ("portrait", make_person),
        ("temporary", make_temporary),
        ("permit_portrait", make_permit),
    )
    emblems = (("emblem", make_person), ("emblem", make_person), ("permit_emblem", make_permit))
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in range(cards):
        for side, kinds in (("portrait", portraits), ("emblem", emblems)):
            kind, make = kinds[rng.choice(3, p=[1 - 2 * rare, rare, rare])]
            drawn = draw_card(make(rng), kind, CardStyle.random(rng))  # type: ignore[operator]
            _write_face(folder / f"{side}_{index:04d}.png", drawn.image, drawn.alpha)
        if index % 4 == 0:
            _write_face(folder / f"other_card_{index:04d}.png", *other_card(rng, "train"))
    for index in range(backgrounds):
        picture = background(rng, "train", 360, 480)
        cv2.imwrite(str(folder / f"background_{index:04d}.jpg"), picture)


def _write_face(path: Path, image: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    bgra = cv2.merge([*cv2.split(image), alpha])
    cv2.imwrite(str(path), cv2.resize(bgra, (428, 270), interpolation=cv2.INTER_AREA))


class Pictures(torch.utils.data.IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Endless batches of one canvas shape each: pictures (N, 3, H, W) uint8, corners, kinds."""

    def __init__(self, folder: Path, batch: int, reduce: int, seed: int) -> None:
        self.folder, self.batch, self.reduce, self.seed = folder, batch, reduce, seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        cv2.setNumThreads(1)
        stock = Stock.load(self.folder)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((self.seed, worker.id if worker else 0))
        while True:
            shape = CANVASES[rng.integers(len(CANVASES))]
            shape = (-(-shape[0] // self.reduce // 32) * 32, -(-shape[1] // self.reduce // 32) * 32)
            examples = [compose(stock, rng, shape) for _ in range(self.batch)]
            yield (
                torch.from_numpy(
                    np.stack([e.picture for e in examples]).transpose(0, 3, 1, 2).copy()
                ),
                torch.from_numpy(np.stack([e.corners for e in examples])),
                torch.tensor([e.kind for e in examples]),
            )


def heat_target(corners: Tensor, height: int, width: int, sigma: float = 0.9) -> Tensor:
    """Gaussian of unit sum around each corner: corners (N, 4, 2) canvas px -> (N, 4, height, width)."""
    x = (corners[..., 0:1] + 0.5) / HEAT_STRIDE - 0.5 - torch.arange(width)
    y = (corners[..., 1:2] + 0.5) / HEAT_STRIDE - 0.5 - torch.arange(height)
    bell = torch.exp(-(y[..., :, None] ** 2 + x[..., None, :] ** 2) / (2 * sigma**2))
    return bell / bell.sum(dim=(2, 3), keepdim=True).clamp_min(1e-6)


def heat_loss(heat: Tensor, corners: Tensor, kinds: Tensor) -> Tensor:
    """Cross-entropy of each map with its target; corners outside the canvas and no-cards are left out."""
    _n, _, height, width = heat.shape
    limit = torch.tensor([width, height]) * HEAT_STRIDE
    seen = ((corners > 0) & (corners < limit)).all(dim=2) & (kinds < 2)[:, None]
    log_heat = heat.flatten(2).log_softmax(dim=2)
    target = heat_target(corners, height, width).flatten(2)
    loss = -(target * log_heat).sum(dim=2)
    return (loss * seen).sum() / seen.sum().clamp_min(1)


def corner_error_px(heat: Tensor, corners: Tensor, kinds: Tensor) -> Tensor:
    """Distance between each map's peak (centroid of 3x3 around it) and the corner, canvas px."""
    _n, _, height, width = heat.shape
    probability = heat.flatten(2).softmax(dim=2).view_as(heat)
    peak = heat.flatten(2).argmax(dim=2)
    px, py = peak % width, peak // width
    xs, ys = torch.arange(width)[None, None, None], torch.arange(height)[None, None, :, None]
    near = ((xs - px[..., None, None]).abs() <= 1) & ((ys - py[..., None, None]).abs() <= 1)
    weight = probability * near
    total = weight.sum(dim=(2, 3))
    x = (weight * xs).sum(dim=(2, 3)) / total
    y = (weight * ys).sum(dim=(2, 3)) / total
    found = (torch.stack([x, y], dim=2) + 0.5) * HEAT_STRIDE - 0.5
    return (found - corners).norm(dim=2)[kinds < 2]


def train(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    network = Locator().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-3)
    seen = 0
    if options.checkpoint.exists():
        state = torch.load(options.checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        seen = int(state["seen"])
    pictures = Pictures(options.stock, options.batch, options.reduce, options.seed + seen)
    feed = iter(
        torch.utils.data.DataLoader(pictures, batch_size=None, num_workers=1, prefetch_factor=6)
    )
    start, step, recent = time.monotonic(), 0, []
    while (passed := (time.monotonic() - start) / (options.hours * 3600)) < 1:
        for group in optimiser.param_groups:  # warm-up, then a half cosine over the time given
            group["lr"] = (
                options.rate
                * min(1.0, (step + 1) / 100)
                * (0.02 + 0.98 * np.cos(passed * np.pi / 2) ** 2)
            )
        raw, corners, kinds = next(feed)
        x = (raw.float() / 255).to(memory_format=torch.channels_last)
        heat, kind = network(x)
        loss_heat = heat_loss(heat, corners, kinds)
        loss_kind = torch.nn.functional.cross_entropy(kind, kinds)
        optimiser.zero_grad()
        (loss_heat + 0.5 * loss_kind).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        step, seen = step + 1, seen + len(kinds)
        with torch.no_grad():
            error = corner_error_px(heat, corners, kinds) * options.reduce
            right = (kind.argmax(1) == kinds).float().mean().item()
            recent.append(
                (
                    loss_heat.item(),
                    loss_kind.item(),
                    error.median().item(),
                    (error < 6).float().mean().item(),
                    right,
                )
            )
        if step % 100 == 0:
            means = np.mean(recent, axis=0)
            recent.clear()
            line = dict(
                zip(
                    ("heat", "kind", "corner_px", "corner_ok", "kind_ok"),
                    means.round(4).tolist(),
                    strict=True,
                )
            )
            print(
                json.dumps(
                    {
                        "step": step,
                        "seen": seen,
                        "minutes": round(passed * options.hours * 60, 1),
                        **line,
                    }
                ),
                flush=True,
            )
            torch.save({"network": network.state_dict(), "seen": seen}, options.checkpoint)
    torch.save({"network": network.state_dict(), "seen": seen}, options.checkpoint)


def export(options: argparse.Namespace) -> None:
    import onnx

    network = Locator()
    network.load_state_dict(torch.load(options.checkpoint, weights_only=True)["network"])
    network.eval()
    torch.onnx.export(
        network,
        (torch.rand(1, 3, 224, 256),),
        str(options.model),
        dynamo=False,
        input_names=["picture"],
        output_names=["heat", "kind"],
        dynamic_axes={"picture": {2: "height", 3: "width"}, "heat": {2: "height_4", 3: "width_4"}},
    )
    model = onnx.load(str(options.model))
    entry = model.metadata_props.add()
    entry.key, entry.value = "kinds", ",".join(KINDS)
    onnx.save(model, str(options.model))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    stock = commands.add_parser("stock", help="draw card faces and backgrounds")
    stock.add_argument("stock", type=Path)
    stock.add_argument("--cards", type=int, default=500)
    stock.add_argument("--backgrounds", type=int, default=600)
    stock.add_argument("--seed", type=int, default=1)
    stock.set_defaults(run=lambda o: draw_stock(o.stock, o.cards, o.backgrounds, o.seed))
    training = commands.add_parser("train", help="train, or go on training")
    training.add_argument("stock", type=Path)
    training.add_argument("--checkpoint", type=Path, required=True)
    training.add_argument("--hours", type=float, default=1.0)
    training.add_argument("--batch", type=int, default=48)
    training.add_argument(
        "--reduce", type=int, default=1, help="2 trains on half-size pictures, 4 times as fast"
    )
    training.add_argument("--rate", type=float, default=2e-3)
    training.add_argument("--seed", type=int, default=1)
    training.set_defaults(run=train)
    exporting = commands.add_parser("export", help="write the ONNX file")
    exporting.add_argument("checkpoint", type=Path)
    exporting.add_argument("model", type=Path)
    exporting.set_defaults(run=export)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
