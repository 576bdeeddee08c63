"""Type faces of the specimens and their glyphs, split into those trained on and those tested with.

A glyph is drawn once, at EM_PX, and kept: whole lines are set from kept glyphs and resized.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont
from resources import path

EM_PX = 64
BASELINE = 0.88  # of the em below its top: where Han type stands
KEPT_GLYPHS = 1 << 17  # each of some 3.5 kB; the lines' faces have many more

U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Face:
    """One face of a font file; `index` counts in a collection."""

    package: str
    file: str
    index: int = 0

    @property
    def path(self) -> str:
        return str(path(self.package, self.file))


@dataclass(frozen=True)
class Glyph:
    mask: U8  # (h, w) tight ink, 255 is black
    left: int  # px from the pen to the ink
    top: int  # px from the em's upper edge to the ink
    advance: float  # px


def _noto(weight: str, index: int = 2) -> Face:
    package = "fonts-noto-cjk" if weight in ("Regular", "Bold") else "fonts-noto-cjk-extra"
    return Face(package, f"NotoSansCJK-{weight}.ttc", index)


def _plex(weight: str) -> Face:
    return Face("@ibm/plex-sans-sc", f"IBMPlexSansSC-{weight}.woff")


OCR_B = Face("fonts-ocr-b", "OCRB.otf")
OCR_B_SHARP = Face("fonts-ocr-b", "OCRBS.otf")
SONG = Face("fonts-noto-cjk", "NotoSerifCJK-Bold.ttc", 2)
LATIN = _noto("Regular")

# Hei faces, the kind that cards are printed in, with weights. Micro Hei and Droid share outlines.
HEI: dict[str, dict[Face, float]] = {
    "train": {
        _noto("Regular"): 0.09,
        _noto("Medium"): 0.06,
        _noto("DemiLight"): 0.05,
        Face("fonts-wqy-microhei", "wqy-microhei.ttc"): 0.1,
        Face("fonts-droid-fallback", "DroidSansFallbackFull.ttf"): 0.06,
        _plex("Light"): 0.04,
        _plex("Regular"): 0.07,
        _plex("Text"): 0.06,
        _plex("Medium"): 0.06,
        Face("harmonyos-sans", "HarmonyOS_Sans_SC_Light.ttf"): 0.04,
        Face("harmonyos-sans", "HarmonyOS_Sans_SC_Regular.ttf"): 0.09,
        Face("harmonyos-sans", "HarmonyOS_Sans_SC_Medium.ttf"): 0.07,
        Face("misans", "MiSans-Normal.ttf"): 0.07,
        Face("misans", "MiSans-Regular.ttf"): 0.08,
        Face("misans", "MiSans-Medium.ttf"): 0.06,
    },
    "test": {Face("fonts-wqy-zenhei", "wqy-zenhei.ttc"): 1.0},
}
# Of the split train too, but no recogniser is trained on it: what it is unsure of in faces that it knows
# is blurred, in others it may just be new, and those are what confidence has to be right of.
HELD_OUT = Face("texlive-lang-chinese", "FandolHei-Regular.otf")
# For what the Hei face does not draw, in this order.
FALLBACK: dict[str, tuple[Face, ...]] = {
    "train": (_noto("Regular"), Face("fonts-babelstone-han", "BabelStoneHan.ttf")),
    "test": (
        Face("fonts-hanazono", "HanaMinA.ttf"),
        Face("fonts-hanazono", "HanaMinB.ttf"),
    ),
}
# Other styles of type: only to make the recogniser's lines diverse.
OTHER_STYLES: tuple[Face, ...] = (
    Face("fonts-noto-cjk", "NotoSerifCJK-Regular.ttc", 2),
    Face("fonts-noto-cjk-extra", "NotoSerifCJK-Medium.ttc", 2),
    SONG,
    Face("fonts-lxgw-wenkai", "LXGWWenKai-Regular.ttf"),
    Face("fonts-lxgw-wenkai", "LXGWWenKai-Bold.ttf"),
    Face("fonts-babelstone-han", "BabelStoneHan.ttf"),
    _noto("Bold"),
    _noto("Light"),
    Face("fonts-ipafont-gothic", "ipag.ttf"),
    Face("fonts-vlgothic", "VL-Gothic-Regular.ttf"),
    Face("fonts-horai-umefont", "ume-tgo4.ttf"),
    Face("fonts-horai-umefont", "ume-ugo5.ttf"),
    Face("fonts-morisawa-bizud-gothic", "BIZUDGothic-Regular.ttf"),
    Face("fonts-motoya-l-cedar", "MTLc3m.ttf"),
    Face("fonts-mplus", "Mplus1-Regular.otf"),
    Face("fonts-mplus", "Mplus2-Medium.otf"),
    _plex("SemiBold"),
    Face("harmonyos-sans", "HarmonyOS_Sans_SC_Bold.ttf"),
    Face("fonts-cwtex-heib", "cwheib.ttf"),
    Face("fonts-arphic-gbsn00lp", "gbsn00lp.ttf"),
    Face("fonts-arphic-gkai00mp", "gkai00mp.ttf"),
    Face("fonts-arphic-uming", "uming.ttc"),
    Face("fonts-cns11643-sung", "TW-Sung-98_1.ttf"),
    Face("fonts-cns11643-sung", "TW-Sung-98_1.ttf"),  # twice: it draws most of the rare ones
)
NUMBER: dict[str, Face] = {"train": OCR_B, "test": OCR_B_SHARP}
# Sample words of the six bilingual layouts, in the script's own order.
SCRIPTS: dict[str, tuple[str, Face]] = {
    "zhuang": ("Mingzcoh Singqbied Minzcuz Seng Dieggyouq", LATIN),
    "uyghur": (
        "ئىسمى جىنسى مىللىتى تۇغۇلغان ئادرېسى",
        Face("fonts-noto-core", "NotoNaskhArabic-Regular.ttf"),
    ),
    "tibetan": (
        "མིང་ ཕོ་མོ་ མི་རིགས་ སྐྱེས་ གནས་",
        Face("fonts-noto-core", "NotoSerifTibetan-Regular.ttf"),
    ),
    "yi": ("ꂓꑳ ꍈꄜ ꑍꋌ ꇫꄮ ꃅꄷ", Face("fonts-noto-core", "NotoSansYi-Regular.ttf")),
    "mongolian": (
        "ᠨᠡᠷᠡ ᠬᠦᠶᠰᠦ ᠦᠨᠳᠦᠰᠦᠲᠡᠨ ᠲᠥᠷᠦᠭᠰᠡᠨ ᠬᠠᠶᠢᠭ",
        Face("fonts-noto-core", "NotoSansMongolian-Regular.ttf"),
    ),
    "korean": ("성명 성별 민족 출생 주소", _noto("Regular", 1)),
}


def draw_face(rng: np.random.Generator, split: str) -> Face:
    """A Hei face of this split."""
    faces = list(HEI[split])
    return faces[rng.choice(len(faces), p=list(HEI[split].values()))]


@cache
def coverage(face: Face) -> frozenset[int]:
    """The code points that a face draws."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    number = face.index if face.file.endswith(".ttc") else -1
    with TTFont(face.path, fontNumber=number, lazy=True) as font:
        font.setGlyphOrder(range(1 << 16))  # nobody asks for names, which take longest to read
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1 << 17)
def face_for(char: str, face: Face, split: str) -> Face:
    """The face itself or, where it has no such character, the first fallback that has."""
    for candidate in (face, *FALLBACK[split], LATIN):
        if ord(char) in coverage(candidate):
            return candidate
    raise ValueError(f"no face of the {split} split draws U+{ord(char):04X}")


def is_drawable(char: str, face: Face, split: str) -> bool:
    return any(ord(char) in coverage(f) for f in (face, *FALLBACK[split], LATIN))


@lru_cache(maxsize=64)
def _font(face: Face) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        face.path, EM_PX, index=face.index, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=KEPT_GLYPHS)
def glyph(char: str, face: Face) -> Glyph:
    """One character at EM_PX."""
    return _drawn(char, _font(face))


@lru_cache(maxsize=4096)
def shaped(text: str, face: Face) -> Glyph:
    """A word of a script whose letters join or stack, drawn as one."""
    return _drawn(text, ImageFont.truetype(face.path, EM_PX, index=face.index))


def _drawn(text: str, font: ImageFont.FreeTypeFont) -> Glyph:
    """Pillow's mask without the empty rows and columns that it begins with: drawn by one call of FreeType."""
    core, (left, top) = font.getmask2(text, "L", anchor="ls")
    mask = np.asarray(Image.Image()._new(core)) if all(core.size) else np.zeros((1, 1), np.uint8)
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        x, y, width, height = 0, 0, 1, 1
    ink = mask[y : y + height, x : x + width].copy()
    return Glyph(ink, left + x, top + y + round(BASELINE * EM_PX), font.getlength(text))
