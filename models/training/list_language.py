"""Writes src/idocr/language.npz: which character follows which in addresses and in names.

    python models/training/list_language.py

Counted over what the tables of the split "train" say: every village and township, and many made-up
people. So what the report draws was never counted, beyond the divisions down to the county, which
are a closed list, and surnames and characters of names, which are the country's.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tables
from people import authority, make_address, make_name

OUTPUT = Path(__file__).parents[2] / "src" / "idocr" / "language.npz"
ADDRESSES = 300_000
NAMES = 300_000
RARE_NAMES = 0.003  # share of names with a character that hardly any name has
DISCOUNT = 0.7  # taken off each count for what was not counted (Ney, Essen and Kneser 1994)
LEAST_GAIN = 8.0  # nats that a pair must have told, all its counts together, to be kept
UNSEEN = 1e-6  # probability of a character that was never counted
STEP_NATS = 1 / 12  # of a stored log-probability, one byte


def folded(text: str) -> str:
    """All digits are 0 and all letters A, between ^ and $: which digit it is, no neighbour tells."""
    return "^" + re.sub("[A-Za-z]", "A", re.sub("[0-9]", "0", text)) + "$"


def address_texts() -> Iterable[str]:
    rng = np.random.default_rng(3)
    places, counties = tables.places("train"), tables.current_counties("train")
    yield from places.villages
    yield from places.townships
    for _ in range(ADDRESSES):
        yield make_address(rng, counties[int(rng.integers(len(counties)))], "train")
    for county in tables.all_counties():
        if county.last_year >= 2000:
            yield county.province + county.prefecture + county.name
            yield authority(county)


def name_texts() -> Iterable[str]:
    rng = np.random.default_rng(4)
    groups = tables.ethnic_groups()
    for _ in range(NAMES):
        gender = "男女"[int(rng.integers(2))]
        yield make_name(rng, gender, groups.pick(rng), "train", RARE_NAMES)


def table(texts: Iterable[str]) -> dict[str, np.ndarray]:
    """Characters by code, how likely each is alone and after what was never followed by it, and pairs."""
    pairs: Counter[str] = Counter()
    for text in texts:
        marked = folded(text)
        pairs.update(a + b for a, b in itertools.pairwise(marked))
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for pair, count in pairs.items():
        before[pair[0]] += count
        after[pair[1]] += count
        kinds[pair[0]] += 1
    chars = sorted(before.keys() | after.keys())
    total = after.total()
    alone = np.log([max(after[c] / total, UNSEEN) for c in chars])
    rest = np.log([DISCOUNT * kinds[c] / before[c] if before[c] else 1.0 for c in chars])
    at = {c: i for i, c in enumerate(chars)}
    kept = []
    for pair, count in pairs.items():
        a, b = at[pair[0]], at[pair[1]]
        backed = rest[a] + alone[b]
        told = np.log((count - DISCOUNT) / before[pair[0]] + np.exp(backed))
        if count * (told - backed) > LEAST_GAIN and count > 1:
            kept.append((a << 16 | b, told))
    kept.sort()
    # What the pairs that are not kept had goes to what is told by characters alone (Katz 1987).
    left, others = np.ones(len(chars)), np.ones(len(chars))
    for key, told in kept:
        left[key >> 16] -= np.exp(told)
        others[key >> 16] -= np.exp(alone[key & 0xFFFF])
    rest = np.log(np.maximum(left, 1e-3) / np.maximum(others, 1e-3))
    return {
        "chars": np.array([ord(c) for c in chars], np.uint32),
        "alone": _bytes(alone),
        "rest": _bytes(rest),
        "pairs": np.array([key for key, _ in kept], np.uint32),
        "told": _bytes([value for _, value in kept]),
    }


def _bytes(log_probs: Iterable[float]) -> np.ndarray:
    nats = np.array(list(log_probs))
    return np.clip(np.round(-nats / STEP_NATS), 0, 255).astype(np.uint8)


def main() -> None:
    found = {"address": table(address_texts()), "name": table(name_texts())}
    arrays = {f"{kind}_{key}": value for kind, t in found.items() for key, value in t.items()}
    np.savez_compressed(
        OUTPUT, step_nats=np.float64(STEP_NATS), unseen=np.float64(UNSEEN), **arrays
    )
    for kind, part in found.items():
        print(f"{kind}: {len(part['chars'])} characters, {len(part['pairs'])} pairs")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
