"""Instructions that each stage executes, counted by QEMU's emulation of a processor: no timing.

    cc -shared -fPIC -O2 -o out/instructions.so bench/instructions.c
    qemu-aarch64 -cpu max -plugin out/instructions.so,out=out/counts.txt,call=141 \\
        python3 bench/instructions.py run tests/samples/portrait.jpg
    python bench/instructions.py table out/counts.txt

`call` is the number of the system call getpriority: 141 on aarch64, 140 on x86-64. `run` is what runs
under emulation: it reads each picture and tells the plugin where stages end. The first picture pays for
what is loaded once. `table` wants the files that ran and, for kernels by name, an idocr that is not stripped.
"""

from __future__ import annotations

import argparse
import bisect
import collections
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

FIRST_STAGE = 900_000_000  # as in instructions.c
STAGES = ("all else", "decode", "locate", "rows", "read", "decode text", "repair", "judge")
PER_PICTURE = 100  # numbers of stages are those of STAGES, plus this for each picture
BEFORE = 99  # the stage of what comes before pictures
PARTS = {  # a part of a file's name -> what it is called in the table
    "idocr/_core": "csrc",
    "onnxruntime": "onnxruntime",
    "cv2": "OpenCV",
    "opencv": "OpenCV",
    "numpy": "NumPy",
    "openblas": "NumPy",
}


# --- under emulation -------------------------------------------------------------------------


def end_stage(number: int) -> None:
    with suppress(OSError):  # there is no such process: the call itself is the message
        os.getpriority(os.PRIO_PROCESS, FIRST_STAGE + number)


def run(pictures: list[Path]) -> None:
    from idocr import Recognizer, recognizer

    number = 0

    @contextmanager
    def stage(self: recognizer.Stopwatch, name: str) -> Iterator[None]:  # noqa: ARG001
        end_stage(PER_PICTURE * number)
        yield
        end_stage(PER_PICTURE * number + STAGES.index(name))

    recognizer.Stopwatch.stage = stage  # type: ignore[method-assign]
    reader = Recognizer(threads=1)
    end_stage(BEFORE)
    for number, picture in enumerate(pictures):
        reader.read(picture)
        end_stage(PER_PICTURE * number)
        print(f"{picture.name} is read", file=sys.stderr, flush=True)


# --- afterwards ------------------------------------------------------------------------------


@dataclass
class Counts:
    # stage's number -> address -> instructions
    blocks: dict[int, collections.Counter[int]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    bases: dict[str, int] = field(default_factory=dict)  # file -> where its first byte is


MAPPED = re.compile(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+\s*(.*)")


def read_counts(path: Path) -> Counts:
    counts = Counts()
    now: collections.Counter[int] = collections.Counter()
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if words[0] == "stage":
            now = counts.blocks.setdefault(int(words[1]), collections.Counter())
        elif words[0] == "block":
            now[int(words[1], 16)] += int(words[2])
        elif found := MAPPED.match(line):
            counts.starts.append(int(found[1], 16))
            counts.ends.append(int(found[2], 16))
            counts.files.append(found[3])
            counts.bases.setdefault(found[3], counts.starts[-1])
    if not counts.blocks or not counts.starts:
        sys.exit(f"{path} has no stages or no memory map: did the emulated program end well?")
    return counts


def file_of(counts: Counts, address: int) -> str:
    at = bisect.bisect_right(counts.starts, address) - 1
    return counts.files[at] if at >= 0 and address < counts.ends[at] else ""


def part_of(file: str) -> str:
    for word, part in PARTS.items():
        if word in file:
            return part
    return "Python and the rest"


def symbols_of(file: str) -> Callable[[int], str]:
    """The name of the function at an address of the file."""
    told = subprocess.run(
        ["nm", "-C", "--defined-only", "-n", file], capture_output=True, text=True, check=True
    ).stdout
    found = [line.split(" ", 2) for line in told.splitlines()]
    functions = [
        (int(f[0], 16), f[2]) for f in found if f[1] in "tTwWi" and not f[2].startswith("$")
    ]
    if not functions:
        sys.exit(f"{file} is stripped: build idocr with -Cinstall.strip=false")
    addresses = [address for address, _ in functions]

    def name(address: int) -> str:
        at = bisect.bisect_right(addresses, address) - 1
        return re.sub(r"\(anonymous namespace\)::|idocr::|\(.*", "", functions[max(at, 0)][1])

    return name


def print_stages(counts: Counts, picture: int) -> None:
    parts = [*dict.fromkeys(PARTS.values()), "Python and the rest"]
    print(f"\n| picture {picture + 1}, million instructions | {' | '.join(parts)} | together |")
    print("|---" * (len(parts) + 2) + "|")
    total: collections.Counter[str] = collections.Counter()
    for i, stage in [*list(enumerate(STAGES))[1:], (0, STAGES[0])]:
        by_part: collections.Counter[str] = collections.Counter()
        for address, n in counts.blocks.get(PER_PICTURE * picture + i, {}).items():
            by_part[part_of(file_of(counts, address))] += n
        total.update(by_part)
        row = [*(by_part[part] for part in parts), by_part.total()]
        print(f"| {stage} | {' | '.join(f'{n / 1e6:.1f}' for n in row)} |")
    row = [*(total[part] for part in parts), total.total()]
    print(f"| whole | {' | '.join(f'{n / 1e6:.1f}' for n in row)} |")


def print_kernels(counts: Counts, picture: int, most: int) -> None:
    core = next((file for file in counts.bases if part_of(file) == "csrc"), None)
    if core is None:
        sys.exit("the program that was counted did not load idocr")
    name = symbols_of(core)
    by_name: collections.Counter[str] = collections.Counter()
    for stage, blocks in counts.blocks.items():
        if stage // PER_PICTURE == picture and stage != BEFORE:
            for address, n in blocks.items():
                if file_of(counts, address) == core:
                    by_name[name(address - counts.bases[core])] += n
    print(f"\n| function of csrc, picture {picture + 1} | million instructions |\n|---|---|")
    for function, n in by_name.most_common(most):
        print(f"| `{function}` | {n / 1e6:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="read pictures; start this under emulation")
    runs.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    table = commands.add_parser("table", help="print what the plugin wrote as Markdown")
    table.add_argument("counts", type=Path)
    table.add_argument("--kernels", type=int, default=30, help="how many functions (default: 30)")
    given = parser.parse_args()
    if given.command == "run":
        run(given.pictures)
        return
    if not given.counts.is_file():
        sys.exit(f"{given.counts} does not exist: see --help for the command that writes it")
    counts = read_counts(given.counts)
    for picture in range(max(n for n in counts.blocks if n != BEFORE) // PER_PICTURE + 1):
        print_stages(counts, picture)
        print_kernels(counts, picture, given.kernels)


if __name__ == "__main__":
    main()
