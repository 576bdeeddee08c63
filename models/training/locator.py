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
from faces import SCRIPTS
from locator_network import HEAT_STRIDE, Locator
from locator_pictures import EITHER_SCRIPT, FACES, KINDS, Stock, make_example
from numpy.typing import NDArray
from pictures import draw_picture
from torch import Tensor

from idocr.bench import progress

# Of the generator's sets, how much of the photographs: what the locator finds hard is drawn oftener.
SETS = {
    "clean": 0.08,
    "ordinary": 0.14,
    "hard": 0.22,
    "damaged": 0.16,
    "attacks": 0.18,
    "bilingual": 0.04,
    "temporary": 0.04,
    "permits": 0.06,
    "not_cards": 0.08,
}
PHOTOGRAPH_PX = 480  # the longer side of those that are kept
# (height, width) of canvases: 4:3, 16:9 and 1:1 pictures, lying and standing.
CANVASES = [(224, 256), (224, 256), (256, 224), (192, 256), (256, 192), (256, 256)]


def draw_stock(folder: Path, cards: int, backgrounds: int, photographs: int, seed: int) -> None:
    """Draw card faces (5 px/mm, with alpha), backgrounds and photographs once; training goes on from them."""
    from backgrounds import background

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in progress("cards", cards):
        kind = FACES[index % len(FACES)]
        _write_face(folder / f"{kind}-{index:05d}.png", *_draw_face(kind, rng))
    for index in progress("backgrounds", backgrounds):
        picture = background(rng, "train", 360, 480)
        cv2.imwrite(str(folder / f"background-{index:05d}.jpg"), picture)
    for index in progress("photographs", photographs):
        path = folder / f"photograph-{index:05d}.json"
        if not path.exists():  # begun before
            _write_photograph(path, str(rng.choice(list(SETS), p=list(SETS.values()))), seed, index)


def _draw_face(kind: str, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    from not_cards import other_card
    from people import make_permit, make_person, make_resident, make_temporary
    from residence import draw_residence
    from specimen import CardStyle, draw_card

    if kind == "other_card":
        return other_card(rng, "train")
    if kind == "permanent_residence":
        resident = make_resident(rng, (2017, 2023)[rng.integers(2)])
        specimen = draw_residence(resident, rng.random() < 0.5, CardStyle.random(rng))
        return specimen.image, specimen.alpha
    side = kind.removeprefix("bilingual_")
    scripts = list(SCRIPTS) if side != kind else [None]
    style = CardStyle.random(rng, "train", scripts[rng.integers(len(scripts))])
    makers = {
        "temporary": make_temporary,
        "permit_portrait": make_permit,
        "permit_emblem": make_permit,
    }
    specimen = draw_card(makers.get(kind, make_person)(rng), side, style)  # type: ignore[operator]
    return specimen.image, specimen.alpha


def _write_face(path: Path, image: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    bgra = cv2.merge([*cv2.split(image), alpha])
    cv2.imwrite(str(path), cv2.resize(bgra, (428, 270), interpolation=cv2.INTER_AREA))


def _write_photograph(path: Path, set_name: str, seed: int, index: int) -> None:
    """A whole photograph at PHOTOGRAPH_PX with its corners and the kinds it may be, as JPEG and JSON."""
    picture = draw_picture(set_name, seed, index, "train")
    half = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    zoom = PHOTOGRAPH_PX / max(picture.width_px, picture.height_px)
    size = (round(picture.width_px * zoom), round(picture.height_px * zoom))
    small = cv2.resize(half, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path.with_suffix(".jpg")), small, [cv2.IMWRITE_JPEG_QUALITY, 92])
    kinds = photograph_kinds(picture.kind, set_name)
    corners = None
    if picture.corners is not None:
        corners = ((picture.corners + 0.5) * zoom - 0.5).round(2).tolist()
    path.write_text(json.dumps({"corners": corners, "kinds": kinds}), "utf-8")


def photograph_kinds(kind: str, set_name: str) -> tuple[str, ...]:
    """Of KINDS, what a picture of this kind and set may rightly be called."""
    if set_name == "bilingual":
        return (f"bilingual_{kind}",)
    if kind.startswith("residence"):
        return ("permanent_residence",)
    return EITHER_SCRIPT.get(kind, (kind,))


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
            examples = [make_example(stock, rng, shape) for _ in range(self.batch)]
            yield (
                torch.from_numpy(
                    np.stack([e.picture for e in examples]).transpose(0, 3, 1, 2).copy()
                ),
                torch.from_numpy(np.stack([e.corners for e in examples])),
                torch.from_numpy(np.stack([e.kinds for e in examples])),
            )


def heat_target(corners: Tensor, height: int, width: int, sigma: float = 0.9) -> Tensor:
    """Gaussian of unit sum around each corner: (N, C, 4, 2) canvas px -> (N, C, 4, height, width)."""
    x = (corners[..., 0:1] + 0.5) / HEAT_STRIDE - 0.5 - torch.arange(width)
    y = (corners[..., 1:2] + 0.5) / HEAT_STRIDE - 0.5 - torch.arange(height)
    bell = torch.exp(-(y[..., :, None] ** 2 + x[..., None, :] ** 2) / (2 * sigma**2))
    return bell / bell.sum(dim=(-2, -1), keepdim=True).clamp_min(1e-6)


def heat_loss(heat: Tensor, corners: Tensor) -> Tensor:
    """Cross-entropy of each map with its target: the same weight for each card's corner inside the canvas."""
    _n, _, height, width = heat.shape
    limit = torch.tensor([width, height]) * HEAT_STRIDE
    seen = ((corners > 0) & (corners < limit)).all(dim=-1)  # false where there is no card
    target = heat_target(corners.nan_to_num(-1e3), height, width) * seen[..., None, None]
    target = target.sum(dim=1).flatten(2) / seen.sum(dim=1).clamp_min(1)[..., None]
    loss = -(target * heat.flatten(2).log_softmax(dim=2)).sum(dim=2)
    asked = seen.any(dim=1)
    return (loss * asked).sum() / asked.sum().clamp_min(1)


def kind_loss(logits: Tensor, kinds: Tensor) -> Tensor:
    """Minus the log of what the right answers have together."""
    right = logits.masked_fill(~kinds, -1e4).logsumexp(dim=1)
    return (logits.logsumexp(dim=1) - right).mean()


def corner_error_px(heat: Tensor, corners: Tensor) -> Tensor:
    """Distance of each map's peak (centroid of 3x3 around it) from the next card's corner, canvas px."""
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
    away = (found[:, None] - corners).norm(dim=3).nan_to_num(torch.inf).amin(dim=1)
    return away[~corners.isnan().all(dim=3).all(dim=1)]


def load(path: Path) -> tuple[Locator, int]:
    """The network and how many pictures it has seen; where the kinds were others, they begin anew."""
    network = Locator()
    if not path.exists():
        return network, 0
    kept = torch.load(path, weights_only=True)
    weights, own = kept["network"], network.state_dict()
    same = {name: value for name, value in weights.items() if value.shape == own[name].shape}
    network.load_state_dict({**own, **same})
    return network, int(kept["seen"])


def train(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    network, seen = load(options.checkpoint)
    network = network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-3)
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
        loss_heat = heat_loss(heat, corners)
        loss_kind = kind_loss(kind, kinds)
        optimiser.zero_grad()
        (loss_heat + 0.5 * loss_kind).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        step, seen = step + 1, seen + len(kinds)
        with torch.no_grad():
            error = corner_error_px(heat, corners) * options.reduce
            right = kinds.gather(1, kind.argmax(1, keepdim=True)).float().mean().item()
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

    network, seen = load(options.checkpoint)
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
    for key, value in (("kinds", ",".join(KINDS)), ("pictures", str(seen))):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(options.model))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    stock = commands.add_parser("stock", help="draw card faces and backgrounds")
    stock.add_argument("stock", type=Path)
    stock.add_argument("--cards", type=int, default=1800, help="of nine kinds in turn")
    stock.add_argument("--backgrounds", type=int, default=700)
    stock.add_argument("--photographs", type=int, default=5000)
    stock.add_argument("--seed", type=int, default=1)
    stock.set_defaults(
        run=lambda o: draw_stock(o.stock, o.cards, o.backgrounds, o.photographs, o.seed)
    )
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
