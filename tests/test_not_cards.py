"""Other cards, documents and scenes: the same bytes for a seed, sizes, families of the splits."""

from __future__ import annotations

import numpy as np
import pytest
import recipe

recipe.require("fonts")

import drawing  # noqa: E402
import not_cards  # noqa: E402

SPLITS = ("train", "test")
FLAT = [
    (split, name)
    for table in (not_cards.OTHER_CARDS, not_cards.DOCUMENTS)
    for split in SPLITS
    for name in table[split]
]
SCENES = [(split, name) for split in SPLITS for name in not_cards.SCENES[split]]


def rng(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("split", "name"), FLAT)
def test_flat_things(split, name):
    families = not_cards.OTHER_CARDS[split] | not_cards.DOCUMENTS[split]
    picture, alpha = families[name](rng(2), split)
    again, _ = families[name](rng(2), split)
    assert picture.dtype == alpha.dtype == np.uint8
    assert picture.shape == (*alpha.shape, 3)
    assert max(alpha.shape) <= 1400
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255
    assert picture.std() > 4  # something is drawn on it
    assert (picture == again).all()


@pytest.mark.parametrize(("split", "name"), SCENES)
def test_scenes(split, name):
    make = not_cards.SCENES[split][name]
    picture = make(rng(2), split, (480, 640))
    assert picture.shape == (480, 640, 3)
    assert picture.dtype == np.uint8
    assert (picture == make(rng(2), split, (480, 640))).all()


def test_the_doors_draw_several_families():
    for split in SPLITS:
        for door in (not_cards.other_card, not_cards.document):
            shapes = {door(rng(seed), split)[0].tobytes()[:4096] for seed in range(6)}
            assert len(shapes) == 6
        assert not_cards.scene(rng(0), split, (300, 401)).shape == (300, 401, 3)


def test_the_splits_share_no_family_and_no_face():
    for table in (not_cards.OTHER_CARDS, not_cards.DOCUMENTS, not_cards.SCENES):
        assert not set(table["train"]) & set(table["test"])
    faces = [{f for t in drawing.TYPEFACES[s] for f in (t.han, t.latin)} for s in SPLITS]
    assert not faces[0] & faces[1]
