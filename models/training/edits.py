"""Edits of photographed SPECIMEN cards: a field or the portrait replaced, digits copied over others.

Made after the camera and before the last JPEG. The splits share no way of filling a patch (FILLS), nor
type faces, busts and grain (drawing.py).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from drawing import COMMON_HAN, SURNAMES, bust, grain, spread, window
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

# Ways of hiding what stood in an edited field.
FILLS = {
    "train": ("inpaint", "clone_above", "flat", "ramp", "median", "columns", "clone_far"),
    "test": ("clone_beside", "blend_rim"),
}
Write = Callable[[str, int], U8]  # (text, height in px) -> mask (h, w) of the ink


ETHNICITIES = ("汉", "回", "满", "苗", "壮", "藏", "土家", "蒙古", "维吾尔", "朝鲜")


def _altered(name: str, text: str, rng: np.random.Generator) -> str:
    """The field's text changed to another that could stand there; never the same text."""
    if text in ("男", "女"):
        return "女" if text == "男" else "男"
    if text == "长期":
        return f"20{rng.integers(26, 50)}.{rng.integers(1, 13):02d}.{rng.integers(1, 29):02d}"
    if "." in text:  # a date as printed
        bare = _altered(name, text.replace(".", ""), rng)
        return f"{bare[:4]}.{bare[4:6]}.{bare[6:]}"
    if name in ("ethnicity", "birth_month", "birth_day"):
        most = {"birth_month": 12, "birth_day": 28}.get(name)
        choice = [str(k + 1) for k in range(most)] if most else list(ETHNICITIES)
        return _other(choice, text, rng)
    if text.isdigit() and len(text) == 8:
        year = int(text[:4]) + int(rng.choice([-3, -2, -1, 1, 2, 3]))
        return f"{year}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
    chars = list(text)
    digit = [k for k, c in enumerate(chars) if c.isdigit()]
    if text.isdigit() and len(text) == 4:  # a year: the century stays
        digit = [3] if text[:2] == "20" else [2, 3]
    pool = digit or [k for k, c in enumerate(chars) if ord(c) >= 0x4E00] or [0]
    for k in rng.permutation(pool)[: int(rng.integers(1, 4))]:
        choice = list("123456789" if digit else (SURNAMES if k == 0 else COMMON_HAN))
        chars[k] = _other(choice, chars[k], rng)
    return "".join(chars)


def _other(choice: list[str], than: str, rng: np.random.Generator) -> str:
    others = [c for c in choice if c != than]
    return others[rng.integers(len(others))]


def _as_printed(name: str, text: str) -> str:
    """Dates of validity are kept without the dots that stand on the card."""
    if name in ("valid_from", "valid_to") and text.isdigit() and len(text) == 8:
        return f"{text[:4]}.{text[4:6]}.{text[6:]}"
    return text


def _one_line(quad: F64, text: str) -> bool:
    """Whether the quad is that of one line of this text: neither wrapped nor tiny."""
    width = float(np.linalg.norm(quad[1] - quad[0]))
    height = float(np.linalg.norm(quad[3] - quad[0]))
    ems = sum(0.5 if ord(c) < 0x2E80 else 1.0 for c in text)
    return bool(text) and height >= 8 and 0.6 * ems * height < width < 3.2 * ems * height


def grown(quad: F64, mm_or_px: float) -> F64:
    """The quad with its corners pushed outwards by so many px along both its axes."""
    across = (quad[1] - quad[0]) / np.linalg.norm(quad[1] - quad[0])
    down = (quad[3] - quad[0]) / np.linalg.norm(quad[3] - quad[0])
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return np.asarray(quad + mm_or_px * (signs[:, :1] * across + signs[:, 1:] * down))


def _quad_mask(quad: F64, size: tuple[int, int], soft_px: float) -> U8:
    mask = np.zeros(size, np.uint8)
    points = (quad * 16).round().astype(np.int32)[:, None]
    cv2.fillConvexPoly(mask, points, 255, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px), np.uint8) if soft_px else mask


def _rim_blend(part: U8, mask: U8) -> U8:
    """The masked px as a blend of the mean colours above, below, left and right of them."""
    known = (mask < 8).astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), 14) + np.float32(1e-4)
    mean = cv2.GaussianBlur(part.astype(np.float32) * known[:, :, None], (0, 0), 14)
    return np.asarray((mean / weight[:, :, None]).clip(0, 255), np.float32).astype(np.uint8)


def _ramp(part: U8, mask: U8) -> U8:
    """A plane of colour through what lies round the mask, print left out."""
    around = (cv2.dilate(mask, np.ones((15, 15), np.uint8)) > 0) & (mask < 8)
    grey = part.sum(2, dtype=np.int32)
    ys, xs = np.nonzero(around & (grey >= np.median(grey[around])))
    plane = np.linalg.lstsq(np.stack([xs, ys, np.ones(len(xs))], 1), part[ys, xs], rcond=None)[0]
    rows, columns = np.mgrid[: part.shape[0], : part.shape[1]]
    ramp = np.stack([columns, rows, np.ones_like(rows)], 2) @ plane
    return np.asarray(ramp.clip(0, 255), np.float64).astype(np.uint8)


def _columns(part: U8, mask: U8) -> U8:
    """Each column of the mask from the colour above it to the colour below."""
    fill = part.copy()
    hidden = mask > 8
    for x in np.flatnonzero(hidden.any(0)).tolist():
        ys = np.flatnonzero(hidden[:, x])
        top, bottom = max(0, ys[0] - 2), min(part.shape[0] - 1, ys[-1] + 2)
        share = ((ys - top) / max(1, bottom - top))[:, None]
        fill[ys, x] = part[top, x] * (1 - share) + part[bottom, x] * share
    return fill


def _cloned(part: U8, quad: F64, way: str, line_px: float) -> U8:
    """`part` with its emptiest neighbour of the quad drawn over the quad: a strip above or below, or a
    narrow one beside, mirrored over and over."""
    width = max(4, round(float(np.linalg.norm(quad[1] - quad[0]))))
    height = max(4, round(float(np.linalg.norm(quad[3] - quad[0]))))
    across, down = (quad[1] - quad[0]) / width, (quad[3] - quad[0])
    narrow = max(4, round(0.4 * line_px))
    if way in ("clone_above", "clone_far"):
        wide = width
        rows = (-1.0, -0.7, 0.7, 1.0) if way == "clone_above" else (-1.5, -1.3, 1.3, 1.5)
        moves = [quad + down * k for k in rows]
    else:
        wide = narrow
        strip = quad.copy()
        strip[1], strip[2] = quad[0] + across * narrow, quad[3] + across * narrow
        moves = [strip - across * narrow, strip + across * width]
    target = np.array([[0, 0], [wide, 0], [wide, height], [0, height]], np.float32) - 0.5
    patches = []
    for source in moves:
        matrix = cv2.getPerspectiveTransform(source.astype(np.float32) - 0.5, target)
        patches.append(
            cv2.warpPerspective(part, matrix, (wide, height), borderMode=cv2.BORDER_REFLECT)
        )
    patch = np.asarray(min(patches, key=lambda p: float(p.std(axis=(0, 1)).sum())), np.uint8)
    if wide < width:
        pair = np.hstack([patch, patch[:, ::-1]])
        patch = np.ascontiguousarray(np.tile(pair, (1, width // pair.shape[1] + 1, 1))[:, :width])
    return spread(patch, quad, part.shape[:2])


def _hidden(part: U8, quad: F64, mask: U8, way: str, line_px: float) -> U8:
    """`part` (h, w, 3) with what is under the mask hidden in one of FILLS' ways."""
    if way == "inpaint":
        small = cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        hole = cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_AREA) > 8
        filled = cv2.inpaint(small, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
        fill = cv2.resize(filled, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    elif way == "flat":
        rim = part[(cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0) & (mask < 8)]
        fill = np.full_like(part, np.percentile(rim, 70, axis=0))
    elif way == "ramp":
        fill = _ramp(part, mask)
    elif way == "columns":
        fill = _columns(part, mask)
    elif way == "median":
        small = cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        wide = cv2.medianBlur(small, 2 * round(0.25 * line_px) + 3)
        fill = cv2.resize(wide, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    elif way == "blend_rim":
        fill = _rim_blend(part, mask)
    else:
        fill = _cloned(part, grown(quad, 2.0), way, line_px)
    cover = (mask.astype(np.float32) / 255)[:, :, None]
    return np.asarray(part + (fill.astype(np.float32) - part) * cover, np.float32).astype(np.uint8)


def _ink_of(part: U8, inside: NDArray[np.bool_]) -> F64:
    """Mean colour of the darkest sixteenth of the px in a field: its ink."""
    pixels = part[inside].reshape(-1, 3)
    grey = pixels.sum(1, dtype=np.int32)
    darkest = pixels[grey <= np.percentile(grey, 6)]
    return np.asarray(darkest.mean(0), np.float64)


def _noise_level(part: U8) -> float:
    """Sigma of the finest noise: median of the absolute diagonal differences."""
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine = grey[1:, 1:] - grey[:-1, 1:] - grey[1:, :-1] + grey[:-1, :-1]
    return float(np.median(np.abs(fine)) / 0.6745 / 2)


def _write_field(
    part: U8,
    quad: F64,
    text: str,
    write_: Write,
    rng: np.random.Generator,
    ink: F64,
    strengths: dict[str, float],
) -> U8:
    """New text in the quad: sharper or softer, darker or paler than the photograph's own."""
    glyphs = write_(text, 48)
    ys, xs = np.nonzero(glyphs > 96)
    glyphs = glyphs[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] if len(xs) else glyphs
    h, w = glyphs.shape
    tall = float(np.linalg.norm(quad[3] - quad[0])) * rng.uniform(0.92, 1.06)
    across, down = quad[1] - quad[0], quad[3] - quad[0]
    wide = min(1.04, tall * w / h / float(np.linalg.norm(across)) * rng.uniform(0.95, 1.05))
    drift = rng.normal(0, 0.04, 2) * np.linalg.norm(down)
    start = quad[0] + drift
    reach = down / np.linalg.norm(down) * tall
    target = np.array([start, start + across * wide, start + across * wide + reach, start + reach])
    shrink = min(1.0, 1.5 * tall / h)
    small = cv2.resize(glyphs, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    layer = spread(np.asarray(small, np.uint8)[:, :, None], target, part.shape[:2])
    strengths["text_blur"] = sigma = float(rng.choice([0.0, 0.0, rng.uniform(0.01, 0.05)]) * tall)
    if sigma:
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.uint8)
    strengths["ink_off"] = off = float(rng.normal(0, 16))
    colour = (ink + off + rng.normal(0, 5, 3)).clip(0, 200)
    cover = (layer.astype(np.float32) / 255)[:, :, None]
    return np.asarray(part + (colour - part) * cover, np.float64).astype(np.uint8)


def _shaken(
    part: U8,
    before: U8,
    mask: U8,
    rng: np.random.Generator,
    split: str,
    strengths: dict[str, float],
) -> U8:
    """A patch is smooth, or somebody gave it noise of about the right strength."""
    strengths["patch_noise"] = share = float(rng.choice([0.0, rng.uniform(0.3, 2.0)]))
    if not share:
        return part
    noise = grain(rng, split, *part.shape[:2]) * np.float32(share * _noise_level(before))
    weight = (mask.astype(np.float32) / 255) * noise
    return np.asarray((part + weight[:, :, None]).clip(0, 255), np.float32).astype(np.uint8)


def _replace_field(
    photo: U8,
    quad: F64,
    name: str,
    text: str,
    write_: Write,
    rng: np.random.Generator,
    split: str,
    strengths: dict[str, float],
) -> str:
    """Hides a field's line and writes another text there, in place; returns the text."""
    line = float(np.linalg.norm(quad[3] - quad[0]))
    left, top, right, bottom = window(quad, photo.shape[:2], 1.6 * line)
    part = photo[top:bottom, left:right].copy()
    local = quad - [left, top]
    hidden_quad = grown(local, line * rng.uniform(0.1, 0.35))
    mask = _quad_mask(hidden_quad, part.shape[:2], float(rng.choice([0.0, rng.uniform(0.5, 1.5)])))
    ink = _ink_of(part, _quad_mask(local, part.shape[:2], 0) > 0)
    ways = FILLS[split]
    strengths["fill"] = float(way := int(rng.integers(len(ways))))
    done = _hidden(part, hidden_quad, mask, ways[way], line)
    changed = _altered(name, text, rng)
    done = _write_field(done, local, _as_printed(name, changed), write_, rng, ink, strengths)
    photo[top:bottom, left:right] = _shaken(done, part, mask, rng, split, strengths)
    return changed


def _char_quad(quad: F64, first: int, count: int) -> F64:
    """The part of a line's quad that its character `first` of `count` takes."""
    a, b = first / count, (first + 1) / count
    upper, lower = quad[1] - quad[0], quad[2] - quad[3]
    return np.array(
        [quad[0] + a * upper, quad[0] + b * upper, quad[3] + b * lower, quad[3] + a * lower]
    )


def _copy_move(
    photo: U8,
    quad: F64,
    text: str,
    rng: np.random.Generator,
    strengths: dict[str, float],
    keep: int = 0,
) -> str | None:
    """Digits copied over others of the same line, the first `keep` left alone, in place.

    Returns the new text, or None when there is no other digit to copy.
    """
    chars = list(text)
    for _ in range(int(rng.integers(1, 3))):
        pairs = [
            (a, b)
            for a in range(len(chars))
            for b in range(keep, len(chars))
            if chars[a].isdigit() and chars[b].isdigit() and chars[a] != chars[b]
        ]
        if not pairs:
            break
        source, target = pairs[rng.integers(len(pairs))]
        grow = 0.1 * float(np.linalg.norm(quad[3] - quad[0]))
        here, there = (_char_quad(grown(quad, grow), k, len(chars)) for k in (source, target))
        left, top, right, bottom = window(np.vstack([here, there]), photo.shape[:2], 3)
        part = photo[top:bottom, left:right]
        matrix = cv2.getPerspectiveTransform(
            (here - [left, top] - 0.5).astype(np.float32),
            (there - [left, top] - 0.5).astype(np.float32),
        )
        size = part.shape[1::-1]
        moved = cv2.warpPerspective(part, matrix, size, borderMode=cv2.BORDER_REFLECT)
        soft = float(rng.choice([0.0, 0.8]))
        mask = _quad_mask(there - [left, top], part.shape[:2], soft)
        cover = (mask.astype(np.float32) / 255)[:, :, None]
        part[:] = (part + (moved.astype(np.float32) - part) * cover).astype(np.uint8)
        chars[target] = chars[source]
    strengths["copy_move"] = 1.0
    changed = "".join(chars)
    return changed if changed != text else None


def _replace_portrait(
    photo: U8, quad: F64, rng: np.random.Generator, split: str, strengths: dict[str, float]
) -> None:
    """Another cartoon over the portrait, on a patch of plain colour; in place."""
    quad = grown(quad, float(rng.uniform(-4, 3)))
    left, top, right, bottom = window(quad, photo.shape[:2], 12)
    part = photo[top:bottom, left:right].copy()
    local = quad - [left, top]
    size = (252, 336)
    layer = np.asarray(bust(rng, split, *size))
    rim = part[_quad_mask(grown(local, 8), part.shape[:2], 0) > 0]
    paper = np.percentile(rim, 80, axis=0) + rng.normal(0, 6, 3)
    if rng.random() < 0.4:
        paper = np.array([1, 1, 1]) * rng.uniform(170, 255) + rng.normal(0, 10, 3)
    cover = layer[:, :, 3:].astype(np.float32) / 255
    face = paper.clip(0, 255) * (1 - cover) + layer[:, :, 2::-1].astype(np.float32) * cover
    strengths["portrait_light"] = light = float(rng.uniform(0.7, 1.12))
    lit = np.asarray((face * light).clip(0, 255), np.uint8)
    pasted = spread(lit, local, part.shape[:2])
    strengths["portrait_blur"] = sigma = float(rng.choice([0.0, rng.uniform(0.4, 1.6)]))
    if sigma:
        pasted = np.asarray(cv2.GaussianBlur(pasted, (0, 0), sigma), np.uint8)
    mask = _quad_mask(grown(local, -1.0), part.shape[:2], float(rng.choice([0.0, 1.2])))
    done = (part + (pasted.astype(np.float32) - part) * (mask / 255.0)[:, :, None]).astype(np.uint8)
    photo[top:bottom, left:right] = _shaken(done, part, mask, rng, split, strengths)


def _saved_before(photo: U8, rng: np.random.Generator, strengths: dict[str, float]) -> U8:
    """An earlier JPEG of the picture whose 8 x 8 blocks lay elsewhere."""
    strengths["prior_quality"] = float(quality := int(rng.integers(45, 96)))
    x, y = rng.integers(0, 8, 2).tolist()
    wide = cv2.copyMakeBorder(photo, y, 0, x, 0, cv2.BORDER_REPLICATE)
    data = cv2.imencode(".jpg", wide, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, 1), np.uint8)[y:, x:])


def edit(
    photo: U8,
    field_quads: dict[str, F64],
    texts: dict[str, str],
    portrait_quad: F64 | None,
    write: Write,
    rng: np.random.Generator,
    split: str,
) -> tuple[U8, dict[str, float], dict[str, str]]:
    """A photograph with one field or the portrait replaced: after the camera, before the last JPEG.

    photo (H, W, 3) BGR; quads (4, 2) px lt rt rb lb of each field's text and of the portrait;
    `write(text, height_px)` draws a line, mask (h, w). Returns the picture, how strongly it was
    done, and the changed fields' new texts (empty when only the portrait changed). Without
    `prior_quality` among the strengths, all else is as it was to the byte. Where nothing can be
    edited (no whole line, no whole portrait in the picture) the strengths are empty.
    """
    strengths: dict[str, float] = {}
    changed: dict[str, str] = {}
    out = _saved_before(photo, rng, strengths) if rng.random() < 0.5 else photo.copy()
    shown = {name: _as_printed(name, text) for name, text in texts.items()}
    lines = [
        name
        for name, quad in field_quads.items()
        if _one_line(quad, shown.get(name, "")) and _inside(quad, photo)
    ]
    digits_ = [n for n in lines if len(set(filter(str.isdigit, shown[n]))) > 1]
    chance = rng.random()
    if portrait_quad is not None and _inside(portrait_quad, photo) and (chance < 0.3 or not lines):
        _replace_portrait(out, portrait_quad, rng, split, strengths)
        strengths["portrait"] = 1.0
        return out, strengths, changed
    if not lines:
        return photo.copy(), {}, {}
    if digits_ and chance > 0.8:
        name = digits_[rng.integers(len(digits_))]
        century = 3 if name in ("birth_year", "valid_from", "valid_to") else 0
        moved = _copy_move(out, field_quads[name], shown[name], rng, strengths, century)
        if moved:
            changed[name] = moved if "." in texts[name] else moved.replace(".", "")
            return out, strengths, changed
    for name in map(str, rng.permutation(lines)[: 1 + int(rng.random() < 0.25)]):
        changed[name] = _replace_field(
            out, field_quads[name], name, texts[name], write, rng, split, strengths
        )
    return out, strengths, changed


def _inside(quad: F64, photo: U8) -> bool:
    height, width = photo.shape[:2]
    return bool((quad > 2).all() and (quad < np.array([width - 2, height - 2])).all())
