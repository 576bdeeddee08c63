"""The network that says what a picture is: genuine, temporary card, copy, screen, edited.

    python pictures.py ../../out/pictures --set attacks --count 1600 --seed 11 --split train   (and so on)
    python witness.py ../../out/pictures ../../out/witnessed.pkl
    python legality.py train ../../out/witnessed.pkl --checkpoint fold_0.pt --fold 0
    python legality.py score ../../out/witnessed.pkl --checkpoints fold_0.pt --split train --fold 0
    python legality.py train ../../out/witnessed.pkl --checkpoint legality_1.pt     (_2 is fold 0: RUNS.md)
    python legality.py score ../../out/witnessed.pkl --checkpoints legality_?.pt
    python legality.py export ../legality.onnx --checkpoints legality_?.pt

It weighs evidence.py's two tables, each field's row by itself, of which the most suspect counts, and the
card's row, beside what it sees of the card and around it. The rows of edited fields are known, so that it
also learns which field was edited. A fold leaves out a third of the panels, printers and ways of filling
a patch, and of all other pictures: on those everything is chosen, never on the split test.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from witness import Seen

from idocr.evidence import VIEW_PX
from idocr.judge import LEGALITY

EDITED = LEGALITY.index("Edited")
MOST_FIELDS = 11
SMOOTHING = 0.02  # of the labels
THRESHOLD = 0.8
FOLDS = 3
KINDS = ("panel_kind", "halftone_kind", "fill")  # numbers among a picture's strengths
# Chosen on what fold 0 leaves out, where with them 0.9 % of the genuine are refused, those saved again among
# them (1 % may be); the copies' part by 0.15 higher, so that a card in grey without paper around is one.
SHARPNESS, PARTS = 7.0, (1.5, 1.5, 0.15, 0.25, -1.75)
SIGNED = 40.0  # of the logit, above all else: no camera signs as a picture editor


class Looks(nn.Module):
    """view (B, 80, 112, 3) uint8 BGR -> (B, 48): what the card lies in, by a small convolutional network."""

    def __init__(self) -> None:
        super().__init__()
        for name, side, shape in zip(("across", "down"), VIEW_PX, ((1, -1), (-1, 1)), strict=True):
            from_middle = ((torch.arange(side) + 0.5) / side * 2 - 1).abs()
            self.register_buffer(name, from_middle.reshape(1, 1, *shape), persistent=False)
        layers: list[nn.Module] = []
        for before, after in pairwise((5, 10, 16, 24, 24)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, view: Tensor) -> Tensor:
        colours = view.permute(0, 3, 1, 2).float() / 127.5 - 1
        if self.training:
            colours = _in_other_light(colours)
        size = (colours.shape[0], 1, *VIEW_PX[::-1])
        places = [self.down.expand(size), self.across.expand(size)]
        seen = self.layers(torch.cat([colours, *places], 1))
        return torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)


def _in_other_light(colours: Tensor) -> Tensor:
    """(B, 3, H, W) at random mirrored, moved by a px, brighter or darker and with another tint."""
    count = len(colours)
    if torch.rand(()) < 0.3:
        colours = colours.flip(3)
    if torch.rand(()) < 0.3:
        colours = colours.flip(2)
    colours = colours.roll(tuple(torch.randint(-1, 2, (2,)).tolist()), (2, 3))
    return colours * (1 + 0.15 * torch.randn(count, 1, 1, 1)) + 0.08 * torch.randn(count, 3, 1, 1)


class Legality(nn.Module):
    """card (B, N), fields (B, F, K), view (B, 80, 112, 3), is_field (B, F) -> class logits (B, 5), field
    logits (B, F). Whether an editor signed is left out: `Shipped` adds what that says."""

    def __init__(
        self, scales: dict[str, Tensor], dropout: float = 0.25, noise: float = 0.2
    ) -> None:
        super().__init__()
        self.noise = noise
        for name, value in scales.items():
            self.register_buffer(name, value)
        n, k = len(scales["card_mean"]), len(scales["field_mean"])
        self.field = nn.Sequential(
            nn.Linear(k, 32), nn.ReLU(), nn.Dropout(dropout), nn.Linear(32, 8)
        )
        self.suspect = nn.Linear(8, 1)
        self.card = nn.Sequential(nn.Dropout(0.1), nn.Linear(n, 40), nn.ReLU(), nn.Dropout(dropout))
        self.looks = Looks()
        self.joined = nn.Sequential(
            nn.Linear(40 + 9 + 48, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, len(LEGALITY))
        )

    def forward(
        self, card: Tensor, fields: Tensor, view: Tensor, is_field: Tensor
    ) -> tuple[Tensor, Tensor]:
        x = ((card[:, 1:] - self.card_mean) / self.card_scale).clamp(-4, 4)
        z = ((fields - self.field_mean) / self.field_scale).clamp(-4, 4)
        if self.training:
            x = x + self.noise * torch.randn_like(x)
            z = z + self.noise / 2 * torch.randn_like(z)
        seen = self.field(z)
        suspect = self.suspect(torch.relu(seen))
        worst = torch.cat([seen, suspect], 2).masked_fill(~is_field[..., None], -9.0).amax(1)
        together = torch.cat([self.card(x), worst, self.looks(view)], 1)
        return self.joined(together), suspect[..., 0]


class Shipped(nn.Module):
    """Probabilities by several networks together: the mean of their logits, made sharper, with a part
    for each class, so that at most about 1 in 100 genuine pictures is refused; and what signatures say."""

    def __init__(self, networks: Sequence[Legality]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.register_buffer("parts", torch.tensor(PARTS))
        self.register_buffer("signed", SIGNED * (torch.arange(len(LEGALITY)) == EDITED).float())

    def forward(
        self, card: Tensor, fields: Tensor, view: Tensor, is_field: Tensor | None = None
    ) -> Tensor:
        if is_field is None:  # one picture, all of whose rows are fields
            is_field = torch.ones_like(fields[..., 0]) > 0
        logits = [network(card, fields, view, is_field)[0] for network in self.networks]
        together = SHARPNESS * (torch.stack(logits).mean(0) + self.parts)
        return torch.softmax(together + card[:, :1] * self.signed, 1)


class Batch:
    """Pictures with a card, as tensors."""

    def __init__(self, pictures: Sequence[Seen]) -> None:
        self.pictures = pictures
        found = [p.evidence for p in pictures if p.evidence is not None]
        self.card = torch.tensor(np.array([e.card for e in found]))
        self.view = torch.tensor(np.array([e.view for e in found]))
        k = found[0].fields.shape[1]
        self.fields = torch.zeros(len(found), MOST_FIELDS, k)
        self.is_field = torch.zeros(len(found), MOST_FIELDS, dtype=torch.bool)
        self.is_edited = torch.zeros(len(found), MOST_FIELDS)
        for i, (picture, evidence) in enumerate(zip(pictures, found, strict=True)):
            count = len(evidence.fields)
            self.fields[i, :count] = torch.tensor(evidence.fields)
            self.is_field[i, :count] = True
            for j, name in enumerate(picture.field_names):
                self.is_edited[i, j] = float(_was_edited(picture, name))
        self.label = torch.tensor([LEGALITY.index(p.truth["legality"]) for p in pictures])

    def of(self, chosen: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What a network takes, of these pictures."""
        return self.card[chosen], self.fields[chosen], self.view[chosen], self.is_field[chosen]


def _was_edited(picture: Seen, name: str) -> bool:
    """Where the new characters of an edited field stand is not known: the truth lists none."""
    known = picture.truth["fields"].get(name)
    return picture.truth["legality"] == "Edited" and bool(known) and not known["chars"]


def load(path: Path, split: str) -> list[Seen]:
    """Pictures of whole cards of that split, found by the engine."""
    pictures: list[Seen] = pickle.loads(path.read_bytes())
    left_out = ("damaged", "spoilt", "not_cards")
    return [
        p
        for p in pictures
        if p.evidence is not None
        and p.truth["split"] == split
        and p.truth["set_name"] not in left_out
    ]


def is_left_out(picture: Seen, fold: int) -> bool:
    """By the kind of what made it; where that has none, by number, both views of a picture together."""
    made = [picture.truth["strengths"][k] for k in KINDS if k in picture.truth["strengths"]]
    number = int(made[0]) if made else picture.truth["index"] // 8
    return number % FOLDS == fold


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    pictures = load(options.witnessed, "train")
    if options.fold is not None:
        pictures = [p for p in pictures if not is_left_out(p, options.fold)]
    batch = Batch(pictures)
    network = Legality(_scales(batch), options.dropout, options.noise)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=options.decay)
    count = len(batch.label)
    weight = torch.bincount(batch.label, minlength=len(LEGALITY)).clamp(1) ** -0.5
    weight = weight / weight.mean()
    steps = options.epochs * -(-count // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=steps)
    for epoch in range(options.epochs):
        losses = []
        for chosen in torch.randperm(count).split(options.batch):
            loss = _loss(network, batch, chosen, weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        if (epoch + 1) % 5 == 0:
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)
    torch.save(network.state_dict(), options.checkpoint)
    print(f"{sum(p.numel() for p in network.parameters())} parameters, {count} pictures")


def _scales(batch: Batch) -> dict[str, Tensor]:
    rows, card = batch.fields[batch.is_field], batch.card[:, 1:]
    return {
        "card_mean": card.mean(0),
        "card_scale": card.std(0) + 1e-3,
        "field_mean": rows.mean(0),
        "field_scale": rows.std(0) + 1e-3,
    }


def _loss(network: Legality, batch: Batch, chosen: Tensor, weight: Tensor) -> Tensor:
    """Of the class, weighed, and of which fields were edited."""
    label, is_edited = batch.label[chosen], batch.is_edited[chosen]
    logits, suspect = network(*batch.of(chosen))
    loss = nn.functional.cross_entropy(logits, label, weight=weight, label_smoothing=SMOOTHING)
    single = nn.functional.binary_cross_entropy_with_logits(suspect, is_edited, reduction="none")
    # A picture whose portrait was edited says nothing of its fields.
    told = batch.is_field[chosen] & ((label != EDITED) | (is_edited.sum(1) > 0))[:, None]
    return loss + 0.5 * (single * told * (1 + 4 * is_edited)).sum() / told.sum()


def loaded(checkpoint: Path) -> Legality:
    state = torch.load(checkpoint, weights_only=True)
    scales = ("card_mean", "card_scale", "field_mean", "field_scale")
    network = Legality({name: state[name] for name in scales})
    network.load_state_dict(state)
    return network.eval()


def probabilities(checkpoints: Sequence[Path], batch: Batch) -> NDArray[np.float64]:
    together = Shipped([loaded(path) for path in checkpoints])
    with torch.no_grad():
        parts = [together(*batch.of(some)) for some in torch.arange(len(batch.label)).split(256)]
    return torch.cat(parts).double().numpy()


def score(options: argparse.Namespace) -> None:
    """What the split test says, pictures of other panels, printers and editors."""
    pictures = load(options.witnessed, options.split)
    if options.fold is not None:
        pictures = [p for p in pictures if is_left_out(p, options.fold)]
    batch = Batch(pictures)
    p, label = probabilities(options.checkpoints, batch), batch.label.numpy()
    for k, name in enumerate(LEGALITY):
        positive, taken = label == k, p[:, k] >= THRESHOLD
        if not positive.any():
            continue
        area = (p[positive, k][:, None] > p[~positive, k][None]).mean()
        precision = positive[taken].mean() if taken.any() else float("nan")
        print(f"{name:20s} {positive.sum():5d} area {area:.4f} at {THRESHOLD} precision "
              f"{precision:.3f} recall {taken[positive].mean():.3f}")  # fmt: skip
    own, others = np.maximum(p[:, 0], p[:, 1]), p[:, 2:].max(1)
    genuine = label < 2
    again = np.array([s.saved_again for s in pictures])
    for name, chosen in (("genuine", genuine & ~again), ("genuine, saved again", genuine & again)):
        if chosen.any():
            print(f"{name}: {chosen.sum()}, below {THRESHOLD}: {(own < THRESHOLD)[chosen].mean():.4f}, "
                  f"another class above: {(others >= THRESHOLD)[chosen].mean():.4f}")  # fmt: skip
    attacks = np.array([s.truth["attack"] for s in pictures])
    for name in sorted(set(attacks) - {""}):
        chosen = attacks == name
        right = p.argmax(1)[chosen] == label[chosen]
        passed = (own >= THRESHOLD)[chosen].mean()
        print(f"{name}: {chosen.sum()}, likeliest class right {right.mean():.3f}, "
              f"taken for genuine {passed:.3f}")  # fmt: skip
    unsigned = (label == EDITED) & (batch.card[:, 0].numpy() == 0)
    print(f"edited without an editor's name: {unsigned.sum()}, "
          f"recall {(p[unsigned, EDITED] >= THRESHOLD).mean():.3f}")  # fmt: skip


def export(options: argparse.Namespace) -> None:
    import onnx

    network = Shipped([loaded(path) for path in options.checkpoints])
    first = network.networks[0]
    n, k = len(first.card_mean), len(first.field_mean)
    torch.onnx.export(
        network,
        (torch.rand(1, n + 1), torch.rand(1, 8, k), torch.zeros(1, *VIEW_PX[::-1], 3).byte()),
        str(options.model),
        dynamo=False,
        input_names=["card", "fields", "view"],
        output_names=["probabilities"],
        dynamic_axes={"fields": {1: "rows"}},
    )
    model = onnx.load(str(options.model))
    entry = model.metadata_props.add()
    entry.key, entry.value = "classes", ",".join(LEGALITY)
    onnx.save(model, str(options.model))


def main() -> None:
    parser = argparse.ArgumentParser(description="the network that says what a picture is")
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train")
    training.add_argument("witnessed", type=Path)
    training.add_argument("--checkpoint", type=Path, required=True)
    training.add_argument("--fold", type=int, choices=range(FOLDS), help="left out; default: none")
    training.add_argument("--epochs", type=int, default=20)
    training.add_argument("--batch", type=int, default=64)
    training.add_argument("--rate", type=float, default=3e-3)
    training.add_argument("--dropout", type=float, default=0.25)
    training.add_argument("--noise", type=float, default=0.2, help="added to scaled measures")
    training.add_argument("--decay", type=float, default=0.1)
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--threads", type=int, default=1)
    training.set_defaults(run=train)
    scoring = commands.add_parser("score")
    scoring.add_argument("witnessed", type=Path)
    scoring.add_argument("--checkpoints", type=Path, nargs="+", required=True)
    scoring.add_argument("--split", default="test")
    scoring.add_argument("--fold", type=int, choices=range(FOLDS), help="only what it leaves out")
    scoring.set_defaults(run=score)
    exporting = commands.add_parser("export")
    exporting.add_argument("model", type=Path)
    exporting.add_argument("--checkpoints", type=Path, nargs="+", required=True)
    exporting.set_defaults(run=export)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
