"""Lines for the recogniser: what stands where, in the alphabet that it can read."""

from __future__ import annotations

import numpy as np
import pytest
import recipe

recipe.require()

import alphabet  # noqa: E402
import faces  # noqa: E402
import lines  # noqa: E402
import tables  # noqa: E402
import typeset  # noqa: E402


def test_the_alphabet_holds_every_character_of_names() -> None:
    known = set(alphabet.alphabet())
    assert sum(len(tables.characters(level)) for level in (1, 2, 3)) == 8105
    assert known >= {c for level in (1, 2, 3) for c in tables.characters(level)}
    gbk = {chr(c) for c in range(0x4E00, 0x9FA6)}
    assert len(gbk & known) == 20902
    assert known >= set("0123456789X·-.ABCXYZ")
    assert sorted(alphabet.class_of().values()) == list(range(1, len(known) + 1))


def test_every_character_can_be_drawn_in_both_splits() -> None:
    for split in ("train", "test"):
        face = next(iter(faces.HEI[split]))
        missing = [c for c in alphabet.alphabet() if not faces.is_drawable(c, face, split)]
        assert len(missing) <= 30, (split, len(missing))


@pytest.mark.parametrize("split", ["train", "test"])
def test_lines_tell_where_their_characters_stand(split: str) -> None:
    rng = np.random.default_rng(2)
    contrasts = []
    for _ in range(60):
        line = lines.draw_line(rng, split)
        assert line.image.shape == (32, 216, 3)
        assert len(line.chars) == len(line.spans)
        assert (np.diff(line.spans[:, 0]) > 0).all()
        gray = line.image.mean(axis=2)
        for left, right in line.spans:
            part = gray[4:28, max(0, int(left)) : int(right) + 1]
            if part.shape[1] > 6:
                contrasts.append(np.quantile(part, 0.9) - np.quantile(part, 0.05))
    assert np.median(contrasts) > 40


def test_same_seed_same_line() -> None:
    one, two = (lines.draw_line(np.random.default_rng(7), "train") for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert one.chars == two.chars


def test_set_line_boxes_are_tight() -> None:
    face = next(iter(faces.HEI["train"]))
    line = typeset.set_line("王X1", face, "train", tracking=0.3)
    for x0, y0, x1, y1 in line.boxes.astype(int):
        part = line.mask[y0:y1, x0:x1]
        assert part[:, 0].any()
        assert part[:, -1].any()
        assert part[0].any()
        assert part[-1].any()
    gap = line.mask[:, int(line.boxes[0, 2]) + 1 : int(line.boxes[1, 0]) - 1]
    assert gap.shape[1] > 5
    assert not gap.any()


def test_emboldening_changes_the_ink_in_the_right_direction() -> None:
    face = next(iter(faces.HEI["train"]))
    line = typeset.set_line("永国", face, "train")
    ink = [float(typeset.embolden(line, w).mean()) for w in (-0.8, 0.0, 0.8)]
    assert ink[0] < 0.93 * ink[1] < ink[1] < 0.93 * ink[2]
    empty = typeset.SetLine(np.zeros((90, 90), np.uint8), (), np.zeros((0, 4)))
    assert typeset.embolden(empty, 3.0).max() == 0
