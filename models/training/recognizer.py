"""Train the project's own recogniser on lines drawn on the fly.

    cd models/training
    python recognizer.py train --minutes 60
    python recognizer.py prototypes
    python recognizer.py score
    python recognizer.py export ../recognizer.onnx
    python recognizer.py closer
    python recognizer.py train --checkpoint closer.pt --minutes 90
    python recognizer.py export --checkpoint closer.pt ../closer.onnx

Each step of the network knows from the drawing whether a character stands there and which, so that it is
taught directly instead of finding the alignment by itself. Training goes on from the checkpoint; a file
of its name with the ending .stop ends it early. Log what was run in RUNS.md. `closer` makes the second
network out of the first: it learns to point at the same classes, which stay as they are.
"""

from __future__ import annotations

import argparse
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from alphabet import alphabet, class_of
from lines import LinePicture, draw_line
from numpy.typing import NDArray
from recognizer_network import HEIGHT_PX, STEP_PX, RecognizerNetwork
from tables import characters, gbk_rare
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

if TYPE_CHECKING:
    import onnx

WIDTH_PX = 216
STEPS = WIDTH_PX // STEP_PX
FIRST = Path(__file__).with_name("recognizer.pt")
CLOSER = Path(__file__).with_name("closer.pt")  # whose classes are the first one's
TABLE = "classes.directions"
INK, BLANK, EITHER = 1, 0, 2
CORE = 0.25  # a step within this share of a character's width of its middle must tell it
RIM = 0.42  # beyond it a step may be blank, and between characters it must be
SAVE_SECONDS = 240
# Undoes the smoothing of labels and the few rivals of a batch: of 1 to 1.8, 1.3 gave unseen lines the best
# likelihood.
SHARPER = 1.3
# Of the national list's levels, 4 for the rest of GBK, whose classes training draws far more often than
# cards bear them: log odds, about half of what counting would give, so that rare names are still read.
LEVEL_PRIORS = {1: 1.0, 2: 0.0, 3: -0.3, 4: -1.8}
SIGN_PRIORS = {"0123456789": 1.0, "OIl": -4.0, "abcdefghijkmnopqrstuvwxyz": -3.0, "〇—／": -1.0}
LOG_STEPS = 100

Item = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]


def targets(line: LinePicture, steps: int = STEPS) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every step: its class (0 where none is asked for), and INK, BLANK or EITHER."""
    classes, ink = np.zeros(steps, np.int64), np.full(steps, BLANK, np.int64)
    at = (np.arange(steps) + 0.5) * STEP_PX
    for char, (left, right) in zip(line.chars, line.spans, strict=True):
        middle, width = (left + right) / 2, max(right - left, 1.5 * STEP_PX)
        away = np.abs(at - middle) / width
        ink[(away < RIM) & (ink == BLANK)] = EITHER
        core = away < CORE
        core[np.clip(int(middle / STEP_PX), 0, steps - 1)] = True
        ink[core], classes[core] = INK, class_of()[char]
    return classes, ink


def to_input(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) BGR to (1, H, W) in -1..1."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(gray[None], np.float32) / 127.5 - 1


class Lines(IterableDataset[Item]):
    """Endless drawn lines whose characters are all in the alphabet."""

    def __init__(self, seed: int, split: str, height_px: int = HEIGHT_PX) -> None:
        self.seed, self.split, self.height_px = seed, split, height_px

    def __iter__(self) -> Iterator[Item]:
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0, len(self.split)])
        known = class_of()
        while True:
            line = draw_line(rng, self.split, self.height_px, WIDTH_PX)
            if all(c in known for c in line.chars):
                yield to_input(line.image), *targets(line)


# ---- one step -------------------------------------------------------------------------------------------


def one_step_a_character(ink: Tensor) -> Tensor:
    """Mask of one random step of each character's core: the large product is taken once a character."""
    score = torch.rand(ink.shape) * (ink == INK)
    around = functional.pad(score, (2, 2))
    others = torch.stack([around[:, k : k + score.shape[1]] for k in (0, 1, 3, 4)]).amax(0)
    return (score > 0) & (score >= others)


class Rivals:
    """The classes that a batch is told apart from: what looks most alike, and some drawn at random.

    All 21,000 took a third of a step's time.
    """

    ALIKE, RANDOM, LASTS_STEPS = 10, 1500, 400

    def __init__(self) -> None:
        self.alike = torch.empty(0)
        self.step = 0

    @torch.no_grad()
    def among(self, directions: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """The classes, sorted, and where among them the wanted ones are."""
        if self.step % self.LASTS_STEPS == 0:
            unit = functional.normalize(directions, dim=-1)
            nearest = [(part @ unit.T).topk(self.ALIKE).indices for part in unit.split(1000)]
            self.alike = torch.cat(nearest)
        self.step += 1
        others = torch.randint(len(directions), (self.RANDOM,))
        classes = torch.cat([wanted, self.alike[wanted].flatten(), others]).unique()
        return classes, torch.searchsorted(classes, wanted)


def losses(
    network: RecognizerNetwork, batch: list[Tensor], rivals: Rivals
) -> tuple[Tensor, Tensor]:
    """Of the ink, at all steps that must or must not tell; of the class, at one step a character."""
    images, classes, ink = batch
    features, logits = network(images)
    settled = ink != EITHER
    of_ink = functional.binary_cross_entropy_with_logits(logits[settled], ink[settled].float())
    chosen = one_step_a_character(ink)
    among, wanted = rivals.among(network.classes.directions, classes[chosen])
    scores = network.classes(features[chosen], among)
    return of_ink, functional.cross_entropy(scores, wanted, label_smoothing=0.02)


# ---- checkpoints ----------------------------------------------------------------------------------------


def save(network: RecognizerNetwork, path: Path, seen: int) -> None:
    """Weights in half precision, small enough to commit."""
    state = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    if network.height_px != HEIGHT_PX:
        del state[TABLE]
    kept = {"weights": state, "lines": seen, "alphabet": "".join(alphabet())}
    torch.save({**kept, "height_px": network.height_px}, path)


def save_both(
    network: RecognizerNetwork, path: Path, seen: int, optimizer: torch.optim.Optimizer
) -> None:
    """The checkpoint, and the optimiser's state beside it, which is not committed."""
    save(network, path, seen)
    torch.save(optimizer.state_dict(), path.with_suffix(".optimizer"))


def load(path: Path) -> tuple[RecognizerNetwork, int]:
    """The network and how many lines it has seen; a new one where there is no checkpoint."""
    num_classes = len(alphabet()) + 1
    if not path.exists():
        return RecognizerNetwork(num_classes), 0
    kept = torch.load(path, weights_only=True)
    if kept["alphabet"] != "".join(alphabet()):
        raise SystemExit(f"{path} knows another alphabet: give another --checkpoint")
    network = RecognizerNetwork(num_classes, kept.get("height_px", HEIGHT_PX))
    weights = kept["weights"]
    is_first = TABLE in weights
    if not is_first:
        weights[TABLE] = torch.load(FIRST, weights_only=True)["weights"][TABLE]
    network.load_state_dict(weights)
    network.classes.directions.requires_grad_(is_first)
    return network, kept["lines"]


def _optimizer(network: RecognizerNetwork, path: Path, rate: float) -> torch.optim.Optimizer:
    decayed = [p for p in network.body.parameters() if p.ndim > 1]
    known = {id(p) for p in decayed}
    others = [p for p in network.parameters() if id(p) not in known and p.requires_grad]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
    kept = path.with_suffix(".optimizer")
    if kept.exists():
        optimizer.load_state_dict(torch.load(kept, weights_only=True))
    return optimizer


# ---- a run ----------------------------------------------------------------------------------------------


@dataclass
class Progress:
    """Prints a line now and then: running means of the losses and the speed."""

    minutes: float
    begun_lines: int
    start: float = 0.0
    means: tuple[float, float] | None = None

    def share(self) -> float:
        self.start = self.start or time.time()
        return (time.time() - self.start) / 60 / self.minutes

    def note(self, step: int, seen: int, rate: float, now: tuple[float, float]) -> None:
        before = self.means or now
        self.means = (0.98 * before[0] + 0.02 * now[0], 0.98 * before[1] + 0.02 * now[1])
        if step % LOG_STEPS == 0:
            speed = (seen - self.begun_lines) / max(1e-9, time.time() - self.start)
            print(
                f"{100 * self.share():3.0f} %  {seen} lines  {speed:.0f}/s  ink {self.means[0]:.4f}  "
                f"class {self.means[1]:.4f}  rate {rate:.1e}",
                flush=True,
            )


def rate_at(options: argparse.Namespace, step: int, share: float) -> float:
    """Up within 50 steps, then down along half a cosine to the last share of the highest rate."""
    wave = options.last + (1 - options.last) * (1 + np.cos(np.pi * share)) / 2
    return float(options.rate * min(1.0, (step + 1) / 50) * wave)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    path: Path = options.checkpoint
    network, seen = load(path)
    network = network.to(memory_format=torch.channels_last)
    optimizer = _optimizer(network, path, options.rate)
    lines = Lines(options.seed + seen, "train", network.height_px)
    loader = DataLoader(lines, batch_size=options.batch, num_workers=1, prefetch_factor=8)
    progress, saved, rivals = Progress(options.minutes, seen), time.time(), Rivals()
    network.train()
    for step, batch in enumerate(loader):
        share = progress.share()
        if share >= 1 or path.with_suffix(".stop").exists():
            break
        rate = rate_at(options, step, share)
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch[0] = batch[0].to(memory_format=torch.channels_last)
        of_ink, of_class = losses(network, batch, rivals)
        optimizer.zero_grad()
        (of_ink + of_class).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        seen += len(batch[0])
        progress.note(step, seen, rate, (of_ink.item(), of_class.item()))
        if time.time() - saved > SAVE_SECONDS:
            save_both(network, path, seen, optimizer)
            saved = time.time()
    save_both(network, path, seen, optimizer)


def closer(options: argparse.Namespace) -> None:
    """Make the second network's checkpoint out of the first one's."""
    network, _ = load(options.checkpoint)
    save(network.closer(), CLOSER, 0)


@torch.no_grad()
def prototypes(options: argparse.Namespace) -> None:
    """Turn each class towards the mean of features drawn of it: the rare get what the common taught."""
    torch.set_num_threads(options.threads)
    network, seen = load(options.checkpoint)
    network.eval()
    sums = torch.zeros_like(network.classes.directions)
    loader = iter(DataLoader(Lines(options.seed + seen, "train"), batch_size=64, num_workers=1))
    for batch in range(options.lines // 64):
        images, classes, ink = next(loader)
        features = functional.normalize(network(images)[0][ink == INK], dim=-1)
        sums.index_add_(0, classes[ink == INK], features)
        if batch % 50 == 0:
            print(f"{64 * batch} of {options.lines} lines", flush=True)
    drawn = sums.norm(dim=-1) > 0
    network.classes.directions[drawn] = functional.normalize(sums[drawn], dim=-1)
    save(network, options.checkpoint, seen)
    print(f"{int(drawn.sum())} of {len(drawn)} classes turned")


@torch.no_grad()
def score(options: argparse.Namespace) -> None:
    """Characters told right at their known places, by level of the national list."""
    torch.set_num_threads(options.threads)
    network, seen = load(options.checkpoint)
    network.eval()
    rng = np.random.default_rng(1)
    groups = {f"level {k}": frozenset(characters(k)) for k in (1, 2, 3)}
    groups["GBK beyond"] = frozenset(gbk_rare())
    right = {name: [0, 0] for name in (*groups, "signs")}
    for _ in range(options.lines):
        line = draw_line(rng, options.split, network.height_px, WIDTH_PX)
        features, _ = network(torch.from_numpy(to_input(line.image))[None])
        for char, (left, end) in zip(line.chars, line.spans, strict=True):
            step = min(STEPS - 1, max(0, int((left + end) / 2 / STEP_PX)))
            told = int(network.classes(features[0, step]).argmax())
            group = next((n for n, chars in groups.items() if char in chars), "signs")
            right[group][0] += told == class_of().get(char)
            right[group][1] += 1
    print(f"after {seen} lines, split {options.split}:")
    for name, (count, all_) in right.items():
        print(f"  {name}: {100 * count / max(1, all_):.1f} % of {all_}")


class Exported(nn.Module):
    """What ships: directions of steps, probabilities of ink, and the table of classes as it is kept."""

    def __init__(self, network: RecognizerNetwork) -> None:
        super().__init__()
        self.network = network
        directions = functional.normalize(network.classes.directions.detach(), dim=-1)
        scales = directions.abs().amax(1) / 127
        sharpness = SHARPER * network.classes.sharpness.detach()
        self.register_buffer("rows", (directions / scales[:, None]).round().to(torch.int8))
        self.register_buffer("scales", scales * sharpness)
        self.register_buffer("priors", torch.from_numpy(class_priors()))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        features, ink = self.network(x)
        directions = features / features.square().sum(-1, keepdim=True).sqrt()
        return directions, ink.sigmoid(), self.rows, self.scales, self.priors


class ExportedCloser(nn.Module):
    """Of the second network what it sees; the table of classes is the first one's."""

    def __init__(self, exported: Exported) -> None:
        super().__init__()
        self.exported = exported

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        directions, ink = self.exported(x)[:2]
        return directions, ink


def class_priors() -> NDArray[np.float32]:
    """(K,) what is added to a class's score: cards say common characters more often than training."""
    priors = np.zeros(len(alphabet()) + 1, np.float32)
    priors[0] = -np.inf  # the blank is told by the ink
    for level, prior in LEVEL_PRIORS.items():
        for char in gbk_rare() if level == 4 else characters(level):
            priors[class_of()[char]] = prior
    for chars, prior in SIGN_PRIORS.items():
        for char in chars:
            if char in class_of():
                priors[class_of()[char]] = prior
    return priors


def export(options: argparse.Namespace) -> None:
    """One ONNX file that holds the network and, of the first one, the table of classes and the characters."""
    import onnx

    network, seen = load(options.checkpoint)
    exported = Exported(network).eval()
    is_first = network.height_px == HEIGHT_PX
    names = ("directions", "ink", "rows", "scales", "priors") if is_first else ("directions", "ink")
    torch.onnx.export(
        exported if is_first else ExportedCloser(exported),
        (torch.rand(1, 1, network.height_px, WIDTH_PX),),
        str(options.model),
        dynamo=False,
        input_names=["strip"],
        output_names=list(names),
        dynamic_axes={"strip": {3: "width"}, "directions": {1: "steps"}, "ink": {1: "steps"}},
    )
    model = onnx.load(str(options.model))
    keep_halves(model.graph)
    rows = exported.rows.numpy().tobytes()
    known = {"character": "".join(alphabet())} if is_first else {}
    for key, value in {**known, "lines": str(seen), "table": f"{zlib.crc32(rows):08x}"}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(options.model))


def keep_halves(graph: onnx.GraphProto) -> None:
    """Keep the network's weights in half precision, as checkpoints do: onnxruntime widens them at loading."""
    from onnx import TensorProto, helper, numpy_helper

    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or not tensor.name.startswith(
            ("onnx::", "network")
        ):
            continue
        halves = numpy_helper.to_array(tensor).astype(np.float16)
        kept = numpy_helper.from_array(halves, f"{tensor.name}_half")
        widened = helper.make_node("Cast", [kept.name], [tensor.name], to=TensorProto.FLOAT)
        graph.initializer.remove(tensor)
        graph.initializer.append(kept)
        graph.node.insert(0, widened)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for name, action in (
        ("train", train),
        ("closer", closer),
        ("prototypes", prototypes),
        ("score", score),
        ("export", export),
    ):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        command.add_argument("--checkpoint", type=Path, default=FIRST)
        command.add_argument("--threads", type=int, default=1)
        if name == "train":
            command.add_argument("--minutes", type=float, default=60)
            command.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
            command.add_argument("--last", type=float, default=0.05, help="share of it at the end")
            command.add_argument("--batch", type=int, default=64, help="lines a step")
            command.add_argument("--seed", type=int, default=1)
        elif name == "prototypes":
            command.add_argument("--lines", type=int, default=20_000)
            command.add_argument("--seed", type=int, default=2)
        elif name == "export":
            command.add_argument("model", type=Path, help="the ONNX file to write")
        elif name == "score":
            command.add_argument("--lines", type=int, default=600)
            command.add_argument("--split", choices=("train", "test"), default="test")
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
