"""How much is read right on drawn specimens: idocr and a rival on the same pictures, in one run.

    python bench/accuracy.py --engine idocr --n 50
    python bench/accuracy.py --engine idocr --engine rapidocr --rival-python PATH --n 500 --seed 1

Draws N pictures for each of clean, ordinary and hard, and N/5 (at least 20) for each other set, with fonts,
backgrounds and names that this project's training never sees. Every engine reads the same JPEG bytes in a
process of its own with one thread. Stop it with Ctrl-C and start it again: it goes on where it was.

Writes ACCURACY.md and reports/ (accuracy.json, risk_coverage.png, calibration.png) below --out. What
stands in ACCURACY.md between the two `notes` marks is written by hand and kept.

PATH is the python of an environment with `pip install rapidocr==3.10.0 onnxruntime`.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from answers import ENGINES, SETS, TIERS
from asking import Asked, SetupError, Task, ask_all, check_generator
from serving import EngineError

HERE = Path(__file__).resolve().parent
SMALLEST_SET = 20


def make_plan(sets: Sequence[str], n: int) -> list[Task]:
    """All pictures, the sets mixed, so that a run that is broken off has seen something of each."""
    counts = {name: n if name in TIERS else max(SMALLEST_SET, n // 5) for name in sets}
    tasks = [(i / counts[name], name, i) for name in sets for i in range(counts[name])]
    return [(name, i) for _, name, i in sorted(tasks, key=lambda t: t[0])]


def engine_commands(engines: Sequence[str], rival_python: str | None) -> dict[str, list[str]]:
    commands = {}
    for name in engines:
        python = sys.executable
        if name == "rapidocr":
            rival_python = rival_python or (sys.executable if find_spec("rapidocr") else None)
            if rival_python is None:
                raise SetupError(
                    "--engine rapidocr needs --rival-python PATH: the python of an environment with\n"
                    "  pip install rapidocr==3.10.0 onnxruntime"
                )
            if shutil.which(rival_python) is None:
                raise SetupError(f"--rival-python {rival_python}: no such program")
            python = rival_python
        commands[name] = [python, str(HERE / f"{name}_card.py")]
    return commands


@dataclass(frozen=True)
class Run:
    """What the head of the report says about how it was made."""

    command: str
    seed: int
    n: int
    sets: tuple[str, ...]
    date: str
    processor: str
    engines: dict[str, dict[str, str]]  # engine -> package -> version


def describe_run(options: argparse.Namespace, asked: Asked) -> Run:
    from idocr.bench import processor

    words = ["python", "bench/accuracy.py"]
    words += [w for name in options.engine for w in ("--engine", name)]
    if "rapidocr" in options.engine:
        words += ["--rival-python", "PATH"]
    words += ["--n", str(options.n), "--seed", str(options.seed)]
    if tuple(options.sets) != SETS:
        words += ["--sets", *options.sets]
    return Run(
        command=shlex.join(words),
        seed=options.seed,
        n=options.n,
        sets=tuple(options.sets),
        date=f"{date.today():%Y-%m-%d}",
        processor=processor(),
        engines={
            name: {"code": greeting["version"], **greeting["versions"]}
            for name, greeting in asked.greetings.items()
        },
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--engine", action="append", choices=ENGINES, help="may be given twice (default: idocr)"
    )
    parser.add_argument(
        "--rival-python",
        metavar="PATH",
        help="python of an environment with rapidocr (default: this one, if it has it)",
    )
    parser.add_argument(
        "--n", type=int, default=500, help="pictures of each of the three tiers (default: 500)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the drawing (default: 1)")
    parser.add_argument(
        "--sets", nargs="+", choices=SETS, default=list(SETS), metavar="SET", help=" ".join(SETS)
    )
    parser.add_argument(
        "--jobs", type=int, default=2, help="pictures read at the same time (default: 2)"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=HERE.parent / "out" / "accuracy",
        metavar="DIR",
        help="where answers are kept between runs (default: out/accuracy)",
    )
    parser.add_argument(
        "--dump-errors",
        type=Path,
        metavar="DIR",
        help="also draw pages of what went wrong, and an index.html to look through",
    )
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="of the report (default: bench)"
    )
    options = parser.parse_args(arguments)
    options.engine = list(dict.fromkeys(options.engine or ["idocr"]))
    if options.n < 1 or options.jobs < 1 or options.seed < 0:
        parser.error("--n and --jobs must be at least 1, --seed at least 0")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    try:
        commands = engine_commands(options.engine, options.rival_python)
        check_generator(options.sets[0], options.seed)
        plan = make_plan(options.sets, options.n)
        asked = ask_all(plan, options.seed, commands, options.work, options.jobs)
    except (SetupError, EngineError) as error:
        print(f"accuracy.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        return 130

    import report

    run = describe_run(options, asked)
    figures = report.measure(asked)
    report.write(options.out, run, figures)
    print(report.summary(figures))
    print(f"{options.out / 'ACCURACY.md'} written", file=sys.stderr)
    if options.dump_errors:
        import error_sheets

        pages = error_sheets.dump(options.dump_errors, asked.cases, options.seed)
        print(f"{options.dump_errors / 'index.html'}: {pages} pages", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
