#!/usr/bin/env python3
"""Puts libtorch together from PyPI's wheels, since that is the only registry that has it.

    scripts/lib/libtorch.py cpu|cuda CACHE [BUNDLE]

`cpu` keeps what a CPU program needs of the CUDA build: headers, libtorch_cpu, libc10 and the few libraries that these
load, behind a libtorch.so that does not ask for CUDA. `cuda` is the whole build with NVIDIA's libraries, laid out as
pip would (torch/ beside nvidia/, which is where torch's libraries look for them).
Prints the folder to be used as LIBTORCH.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "weights"))

import fetch  # noqa: E402 (found by the line above)
from manifest import Problem  # noqa: E402

HEADERS = ("torch/include/", "torch/share/cmake/")
CPU_LIBRARIES = (
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcupti.so.13",
)


def main(kind, cache, bundle=None):
    cache = pathlib.Path(cache)
    with open(HERE / "libtorch.toml", "rb") as file:
        packages = tomllib.load(file)["package"]
    if kind == "cpu":
        packages = [package for package in packages if package.get("cpu")]
    folder = cache / f"libtorch-{packages[0]['version']}-{kind}"
    if not folder.exists():
        fetch.ensure(packages, cache / "packages", bundle and pathlib.Path(bundle))
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        print(f"assembling {folder}", file=sys.stderr, flush=True)
        for package in packages:
            with zipfile.ZipFile(cache / "packages" / package["file"]) as wheel:
                (unpack_for_cpu if kind == "cpu" else unpack_all)(wheel, part)
        if kind == "cpu":
            finish_for_cpu(part)
        os.replace(part, folder)
    print(folder if kind == "cpu" else folder / "torch")


def unpack_for_cpu(wheel, folder):
    for name in wheel.namelist():
        if name.endswith("/"):
            continue
        if name.startswith(HEADERS):
            unpack(wheel, name, folder / name.removeprefix("torch/"))
        elif name in CPU_LIBRARIES:
            unpack(wheel, name, folder / "lib" / pathlib.PurePosixPath(name).name)


def unpack_all(wheel, folder):
    for name in wheel.namelist():
        # Python's own part of torch is of no use here.
        if name.startswith((*HEADERS, "torch/lib/", "nvidia/")) and not name.endswith(("/", ".py", "_python.so")):
            unpack(wheel, name, folder / name)


def unpack(wheel, name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, open(path, "xb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def finish_for_cpu(folder):
    """The wheel's libtorch.so asks for libtorch_cuda; this one, without code of its own, only for libtorch_cpu."""
    missing = [name for name in CPU_LIBRARIES if not (folder / "lib" / pathlib.PurePosixPath(name).name).exists()]
    if missing:
        raise Problem(f"the wheels hold no {', '.join(missing)}")
    command = ["cc", "-shared", "-x", "c", "/dev/null", "-o", folder / "lib/libtorch.so", "-L", folder / "lib"]
    command += ["-Wl,-soname,libtorch.so", "-Wl,--no-as-needed", "-ltorch_cpu", "-Wl,--allow-shlib-undefined"]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Problem as problem:
        sys.exit(f"setup: {problem}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run scripts/setup again to go on")
