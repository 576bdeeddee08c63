"""The figures of a run and how they are written down: Markdown, JSON and two plots."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import causes
import numpy as np
from answers import OTHER_SETS, SETS, TIERS, Case
from asking import Asked, import_from_training
from curves import Axes, Curve, draw, png
from scores import (
    RISKS,
    CharacterErrors,
    ClassScore,
    RiskCoverage,
    SetScore,
    Share,
    StatedField,
    name_characters,
    score,
    stated_fields,
)

if TYPE_CHECKING:
    from accuracy import Run

NOTES_START, NOTES_END = "<!-- notes -->", "<!-- end of notes -->"
TOGETHER = "tiers together"
RISK_AXES = Axes("coverage: cards taken, surest first; upwards: share of them wrong", 1e-4)
LEGALITY_AXES = Axes("share of other pictures taken for it; upwards: share found")
STATED_AXES = Axes("confidence; upwards: share of these fields that is right", diagonal=True)


# ---- measuring ------------------------------------------------------------------------------------------


@dataclass
class Cost:
    """Of one process, one thread, warm unless told."""

    cpu_ms_median: float
    cpu_ms_95: float
    first_pass_cpu_ms_median: float | None  # the rival without its second look at turned pictures
    peak_mb: float
    first_answer_ms: float | None  # from nothing imported


@dataclass
class EngineFigures:
    sets: dict[str, SetScore]
    kinds: dict[str, SetScore]
    all_sets: SetScore
    stated: dict[str, StatedField]  # confidence against the truth, by field
    cost: Cost
    characters: dict[str, Share]  # of names, by level of the 通用规范汉字表
    causes: causes.Causes | None
    confusions: list[tuple[str, str, int]]


def _cost(cases: Sequence[Case], starts: Sequence[float]) -> Cost:
    cpu = [c.answer.cpu_ms for c in cases]
    first = [c.answer.first_cpu_ms for c in cases if c.answer.first_cpu_ms is not None]
    return Cost(
        cpu_ms_median=median(cpu),
        cpu_ms_95=float(np.quantile(cpu, 0.95)),
        first_pass_cpu_ms_median=median(first) if first else None,
        peak_mb=max(c.answer.peak_mb for c in cases),
        first_answer_ms=median(starts) if starts else None,
    )


def character_levels() -> dict[str, int]:
    """Character -> 1, 2 or 3 by the 通用规范汉字表; empty where the resource is not fetched."""
    import_from_training()
    try:
        import resources

        path = next(resources.path("unicode-data").rglob("Unihan_OtherMappings.txt*"))
    except (ImportError, OSError, StopIteration):
        return {}
    import bz2

    text = bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()
    found = re.findall(r"^U\+([0-9A-F]+)\tkTGH\t2013:(\d+)", text.decode("utf-8"), re.M)
    # The table numbers its characters through its three levels.
    return {chr(int(c, 16)): 1 + (int(n) > 3500) + (int(n) > 6500) for c, n in found}


def measure(asked: Asked) -> dict[str, EngineFigures]:
    levels = character_levels()
    return {
        engine: _measure_engine(engine, cases, asked.starts[engine], levels)
        for engine, cases in asked.cases.items()
    }


def _measure_engine(
    engine: str, cases: Sequence[Case], starts: Sequence[float], levels: Mapping[str, int]
) -> EngineFigures:
    by_set = {name: [c for c in cases if c.truth.set_name == name] for name in SETS}
    sets = {name: score(found) for name, found in by_set.items() if found}
    tiers = [c for name in TIERS for c in by_set[name]]
    if tiers:
        sets[TOGETHER] = score(tiers)
    failures = (
        causes.Sorter(cases, causes.recognizer_alphabet()).failures(cases)
        if engine == "idocr"
        else None
    )
    return EngineFigures(
        sets=sets,
        kinds={
            kind: score([c for c in cases if c.truth.kind == kind])
            for kind in dict.fromkeys(c.truth.kind for c in cases)
        },
        all_sets=score(cases),
        stated=stated_fields(cases),
        cost=_cost(cases, starts),
        characters=name_characters(cases, levels) if levels else {},
        causes=None if failures is None else causes.count(failures),
        confusions=[] if failures is None else causes.confusions(failures),
    )


# ---- Markdown -------------------------------------------------------------------------------------------


def percent(share: Share | None, *, interval: bool = False) -> str:
    """ "97.2 %", with its interval "97.2 % (95.3–98.4)"; "–" where there is nothing to count."""
    if share is None or share.value is None or share.interval is None:
        return "–"
    text = f"{100 * share.value:.1f} %"
    if interval:
        low, high = share.interval
        text += f" ({100 * low:.1f}–{100 * high:.1f})"
    return text


def _rate(errors: CharacterErrors) -> str:
    return "–" if errors.rate is None else f"{100 * errors.rate:.2f}"


def _of(share: Share | None) -> str:
    return "–" if share is None or not share.total else f"{share.right} of {share.total}"


def _number(value: float | None, form: str = ".2f") -> str:
    return "–" if value is None else format(value, form)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


Figures = Mapping[str, EngineFigures]


def _by_set(
    figures: Figures, head: Sequence[str], cells: Callable[[SetScore], Sequence[str]]
) -> list[str]:
    """One row a set and engine."""
    names = [n for n in (*SETS, TOGETHER) if any(n in f.sets for f in figures.values())]
    rows = [
        [name, engine, *cells(found.sets[name])]
        for name in names
        for engine, found in figures.items()
        if name in found.sets
    ]
    return table(["set", "engine", *head], rows)


def _head(run: Run) -> list[str]:
    installed = "; ".join(
        f"{engine}: " + ", ".join(f"{name} {v}" for name, v in versions.items())
        for engine, versions in run.engines.items()
    )
    return [
        "# Accuracy on drawn specimens",
        "",
        "**All pictures are specimens drawn by this project** (`models/training`), with fonts,",
        "backgrounds and names that this project's training never sees. Real cards cannot be shared,",
        "and will be read less well than this.",
        "",
        f"- command: `{run.command}`",
        f"- seed {run.seed}, {run.n} pictures of each tier, measured {run.date} on {run.processor}",
        f"- {installed}",
        "- every engine reads the same JPEG bytes, in a process of its own, with one thread",
        "",
    ]


def _cards(figures: Figures) -> list[str]:
    lines = ["## Cards", ""]
    lines += [
        "Whole card right: the side, and every field that is printed, to be seen (nine tenths of it at",
        "least) and has a place in an answer, to the letter. Lenient: each field's text stands somewhere",
        "in all that was read. Misread: some answered field is not what is printed. Silent: misread with",
        "`logic` 0, or the wrong side, in an answer whose `result` is 1001; rapidocr shows no doubt.",
        "In parentheses the 95 % interval (Wilson).",
        "",
    ]
    return lines + _card_table(figures)


def _card_table(figures: Figures) -> list[str]:
    head = ["pictures", "card found", "no card: refused", "side", "turn"]
    head += ["whole card right", "lenient", "misread", "silent"]
    return _by_set(
        figures,
        head,
        lambda s: (
            str(s.pictures),
            percent(s.cards_found),
            percent(s.others_refused, interval=True),
            percent(s.side),
            percent(s.turn),
            percent(s.whole, interval=True),
            percent(s.whole_lenient),
            percent(s.misread_cards),
            _of(s.silent_cards),
        ),
    )


def _kinds(figures: Figures) -> list[str]:
    lines = ["## Kinds", "", "All sets together, by what the picture shows.", ""]
    rows = [
        [
            kind,
            engine,
            str(s.pictures),
            _of(s.cards_found),
            _of(s.others_refused),
            _of(s.side),
            _of(s.whole),
            _of(s.silent_cards),
        ]
        for kind in dict.fromkeys(k for f in figures.values() for k in f.kinds)
        for engine, found in figures.items()
        if (s := found.kinds.get(kind))
    ]
    head = ["kind", "engine", "pictures", "card found", "no card: refused"]
    return lines + table([*head, "side", "whole card right", "silent"], rows)


def _fields(figures: Figures) -> list[str]:
    lines = ["## Fields", ""]
    lines += [
        "Exactly right, with 95 % intervals; edits for 100 printed characters; lenient; answered but wrong,",
        "and that with `logic` 0 (rapidocr has no such notion).",
        "",
    ]
    names = [
        n for n in (*TIERS, TOGETHER, *OTHER_SETS) if any(n in f.sets for f in figures.values())
    ]
    for name in names:
        scores = {
            engine: found.sets[name] for engine, found in figures.items() if name in found.sets
        }
        if not any(s.fields for s in scores.values()):
            continue
        head = ["field"]
        for engine, found in scores.items():
            head += [f"{engine} exact", "edits", "lenient", "wrong"]
            head += ["wrong, logic 0"] if found.silent_cards is not None else []
        lines += [f"### {name}", "", *table(head, _field_rows(scores))]
    return lines


def _field_rows(scores: Mapping[str, SetScore]) -> list[list[str]]:
    rows = []
    names = dict.fromkeys(n for s in scores.values() for n in s.fields)
    for name in (*names, "all fields"):
        row = [name]
        for found in scores.values():
            one = found.all_fields if name == "all fields" else found.fields[name]
            row += [percent(one.exact, interval=True), _rate(one.characters)]
            row += [percent(one.lenient), percent(one.misread)]
            row += [percent(one.unflagged)] if found.silent_cards is not None else []
        rows.append(row)
    for name in dict.fromkeys(n for s in scores.values() for n in s.unknown_fields):
        row = [f"{name} (in no answer)"]
        for found in scores.values():
            row += ["–", "–", percent(found.unknown_fields.get(name)), "–"]
            row += ["–"] if found.silent_cards is not None else []
        rows.append(row)
    return rows


def _geometry(figures: Figures) -> list[str]:
    known = {e: f for e, f in figures.items() if any(s.geometry for s in f.sets.values())}
    if not known:
        return []
    lines = ["## Corners", ""]
    lines += [
        "The worst of the four corners of each card found: median / 95 %. Overlap: intersection over",
        "union of the card's quad, mean / worst 1 %; of the rects of right fields, median / worst 5 %.",
        "",
    ]

    def cells(found: SetScore) -> Sequence[str]:
        g = found.geometry
        if g is None:
            return ["–"] * 4
        return (
            f"{g.corner_px_median:.2f} / {g.corner_px_95:.2f}",
            f"{100 * g.corner_share_median:.2f} / {100 * g.corner_share_95:.2f} %",
            f"{g.overlap_mean:.4f} / {g.overlap_worst_1:.4f}",
            f"{_number(g.field_overlap_median)} / {_number(g.field_overlap_5)}",
        )

    head = ("px", "of the card's width", "card overlap", "field rect overlap")
    return lines + _by_set(known, head, cells)


def _confidence(figures: Figures, plot: str) -> list[str]:
    lines = ["## Confidence", ""]
    lines += [
        "Cards taken by the least confidence of their fields: how many of all cards can be taken while",
        "at most this share of the taken has an error. AURC: mean risk over all coverages, less is better.",
        "",
        f"![risk over coverage]({plot})",
        "",
    ]

    def cells(found: SetScore) -> Sequence[str]:
        if found.risk is None:
            return ["–"] * (len(RISKS) + 1)
        shares = [f"{100 * found.risk.at_risk[f'{r:g}']:.1f} %" for r in RISKS]
        return [*shares, f"{found.risk.area:.4f}"]

    return lines + _by_set(figures, [*(f"risk {r:g}" for r in RISKS), "AURC"], cells)


def _stated(figures: Figures, plot: str) -> list[str]:
    """Confidence of single fields: is it what it says, and what `max_error` then leaves."""
    lines = [
        "Fields that were asked for and answered: the mean of what they say of themselves, the expected",
        "calibration error (ECE, ten parts of equal count: with few fields chance alone makes some), and",
        "what `max_error` does: the share still answered, and how many of these are wrong.",
        "",
        f"![right over stated]({plot})",
        "",
    ]
    rows = [
        [
            name,
            engine,
            str(field.right.total),
            percent(field.right),
            f"{100 * field.stated:.1f} %",
            f"{100 * field.error:.2f} %",
            *(
                cell
                for risk in field.answered
                for cell in (percent(field.answered[risk]), _of(field.wrong[risk]))
            ),
        ]
        for engine, found in figures.items()
        for name, field in found.stated.items()
    ]
    head = ["field", "engine", "fields", "right", "stated", "ECE"]
    head += [f"{cell} {risk:g}" for risk in RISKS for cell in ("answered at", "wrong at")]
    return lines + table(head, rows)


def _shots(figures: Figures) -> list[str]:
    rows = [
        [engine, name, _of(shot.found), _of(shot.named), _of(shot.refused), _of(shot.accepted)]
        for engine, found in figures.items()
        for name, shot in found.all_sets.shots.items()
    ]
    if not rows:
        return []
    lines = ["By what the picture is; 1001 stands for a genuine card without any doubt.", ""]
    head = ["engine", "picture is", "card found", "likeliest class right"]
    head += ["another class at 0.8", "answered 1001"]
    return lines + table(head, rows)


def _legality(figures: Figures) -> list[str]:
    known = {e: f.all_sets for e, f in figures.items() if f.all_sets.classes}
    if not known:
        return []
    lines = ["## Classes", "", "Each class against all others, all sets together, cards found.", ""]
    rows = [
        [
            engine,
            name,
            f"{c.positives} / {c.negatives}",
            _number(c.area, ".4f"),
            percent(c.precision),
            percent(c.recall),
        ]
        for engine, found in known.items()
        for name, c in found.classes.items()
    ]
    head = (
        "engine",
        "class",
        "of it / others",
        "area under ROC",
        "precision at 0.8",
        "recall at 0.8",
    )
    lines += table(head, rows) + _shots(figures)
    for engine, found in known.items():
        passed = _of(found.wrong_numbers_passed)
        lines += [
            "![receiver operating curves](reports/legality_roc.png)",
            "",
            f"Numbers printed with a wrong check digit, passed with `logic` 0 by {engine}: {passed}.",
            "",
        ]
    return lines


def _judgement(out: Path) -> list[str]:
    """What bench/judgement.py measured; nothing where it was not run."""
    path = out / "reports" / "judgement.json"
    if not path.exists():
        return []
    known = json.loads(path.read_text("utf-8"))
    rows = []
    for name, value in known.items():
        if name in ("n", "seed"):
            continue
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, found in parts:
            shown = percent(Share(*found), interval=True) if isinstance(found, list) else str(found)
            count = str(found[1]) if isinstance(found, list) else "–"
            rows.append([name, part, shown, count])
    lines = ["## Judgement of spoilt, cut and covered cards", ""]
    lines += [f"`python bench/judgement.py --n {known['n']} --seed {known['seed']}`", ""]
    lines += table(("measure", "of", "share", "cases"), rows)
    return [*lines, "![quality](reports/quality.png)", ""]


def legality_curves(figures: Figures) -> list[Curve]:
    """Receiver operating curves of the classes, where an engine has them."""
    return [
        Curve(f"{engine} {name}", [x for x, _ in c.curve], [y for _, y in c.curve])
        for engine, found in figures.items()
        for name, c in found.all_sets.classes.items()
        if c.curve
    ]


def _characters(figures: Figures) -> list[str]:
    known = {e: f.characters for e, f in figures.items() if f.characters}
    if not known:
        return []
    lines = ["## Characters of names", "", "By level of the 通用规范汉字表, all sets.", ""]
    levels = next(iter(known.values()))
    rows = [
        [level, *(f"{percent(found[level])} of {found[level].total}" for found in known.values())]
        for level in levels
    ]
    return lines + table(["level", *known], rows)


def _costs(figures: Figures) -> list[str]:
    rows = []
    for engine, found in figures.items():
        cost = found.cost
        rows.append(
            [
                engine,
                f"{cost.cpu_ms_median:.1f} / {cost.cpu_ms_95:.1f}",
                _number(cost.first_pass_cpu_ms_median, ".1f"),
                f"{cost.peak_mb:.0f}",
                _number(cost.first_answer_ms, ".0f"),
            ]
        )
    head = ["engine", "CPU ms a picture, median / 95 %", "first pass alone"]
    head += ["peak memory, MB", "nothing imported to first answer, ms"]
    return ["## Cost", "", *table(head, rows)]


def _causes(figures: Figures) -> list[str]:
    lines = []
    for engine, found in figures.items():
        if found.causes is None:
            continue
        lines += [f"## What went wrong: {engine}", ""]
        lines += [
            'Every wrong field has one cause, the first that holds. "With much X": X is among the strongest',
            "sixth of all pictures, and rarer than any other strength of this picture.",
            "",
        ]
        names = [n for n in SETS if n in found.sets]
        rows = [
            [cause, *(str(sets.get(n, "")) for n in names), str(found.causes.pictures[cause])]
            for cause, sets in found.causes.fields.items()
        ]
        lines += table(("wrong fields by cause", *names, "pictures"), rows)
        if found.confusions:
            pairs = "、".join(f"{a or '∅'}→{b or '∅'} {n}" for a, b, n in found.confusions)
            lines += [f"Characters misread most (printed→read, times): {pairs}", ""]
    return lines


# ---- the curves -----------------------------------------------------------------------------------------


def risk_curves(figures: Figures) -> list[Curve]:
    risks = [
        (f"{engine}, {name}", found.sets[name].risk)
        for engine, found in figures.items()
        for name in (*TIERS, TOGETHER)
        if name in found.sets
    ]
    return [Curve(label, risk.coverage, risk.risk) for label, risk in risks if risk]


def stated_curves(figures: Figures) -> list[Curve]:
    return [
        Curve(f"{engine}, {name}", [x for x, _ in field.points], [y for _, y in field.points])
        for engine, found in figures.items()
        if engine == "idocr"
        for name, field in found.stated.items()
    ]


# ---- files ----------------------------------------------------------------------------------------------


def kept_notes(path: Path) -> str:
    """What a person wrote between the marks; an empty pair of marks where there is no report yet."""
    text = path.read_text("utf-8") if path.exists() else ""
    start, end = text.find(NOTES_START), text.find(NOTES_END)
    if 0 <= start < end:
        return text[start : end + len(NOTES_END)]
    return f"{NOTES_START}\n{NOTES_END}"


def markdown(run: Run, figures: Figures, notes: str, judgement: Sequence[str] = ()) -> str:
    lines = [*_head(run), notes, ""]
    lines += _cards(figures) + _kinds(figures) + _fields(figures) + _geometry(figures)
    lines += _confidence(figures, "reports/risk_coverage.png")
    lines += _stated(figures, "reports/calibration.png")
    lines += [*_legality(figures), *judgement, *_characters(figures), *_costs(figures)]
    lines += _causes(figures)
    return "\n".join(lines).rstrip() + "\n"


def _plain(value: Any) -> Any:
    """Dataclasses -> dicts; shares with their value and interval; long curves left out."""
    if isinstance(value, Share):
        return {"right": value.right, "total": value.total, "interval": value.interval}
    if isinstance(value, CharacterErrors):
        return {"edits": value.edits, "characters": value.characters}
    if isinstance(value, RiskCoverage):
        return {"at_risk": value.at_risk, "area": value.area}
    if isinstance(value, ClassScore):
        value = {n: v for n, v in vars(value).items() if n != "curve"}
    if hasattr(value, "__dataclass_fields__"):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def write(out: Path, run: Run, figures: Figures) -> None:
    (out / "reports").mkdir(parents=True, exist_ok=True)
    target = out / "ACCURACY.md"
    target.write_text(markdown(run, figures, kept_notes(target), _judgement(out)), "utf-8")
    data = {"run": asdict(run), "engines": _plain(figures)}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (out / "reports" / "accuracy.json").write_text(text + "\n", "utf-8")
    reports = out / "reports"
    pictures = {
        "risk_coverage": draw(risk_curves(figures), RISK_AXES),
        "calibration": draw(stated_curves(figures), STATED_AXES),
        "legality_roc": draw(legality_curves(figures), LEGALITY_AXES),
    }
    for name, canvas in pictures.items():
        (reports / f"{name}.png").write_bytes(png(canvas))


def summary(figures: Figures) -> str:
    return "\n".join(_card_table(figures) + _costs(figures))
