"""Encoders that a user brings: the entries of manifest.d/*.toml, checked, and what is made of them.

An ONNX file is converted, and its archive is then like ours: interleaved RGB with values 0 to 255 in, unit length out. A
TorchScript archive is copied as it is. Either way cache/models.d has the archive ID.pt and beside it ID.toml, one
`[[model]]` as in manifest.toml, with what the archive (no longer the file) wants.
"""

import hashlib
import json
import pathlib
import re
import tomllib
import zipfile

from manifest import Problem, sha256_of_file

FOLDER = "manifest.d"
RESULTS = "cache/models.d"
ALIGNMENTS = ("mtcnn-box-12.5", "arcface-112", "dlib-150")
IDENTITY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CONTRACT = re.compile(r"[a-z0-9][a-z0-9._-]*/[0-9]+")


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def numbers(value):
    return number(value) or (isinstance(value, list) and len(value) == 3 and all(map(number, value)))


def divisors(value):
    return numbers(value) and all(each > 0 for each in (value if isinstance(value, list) else [value]))


def whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def points(value):
    """Pairs of a false-match rate, falling, and a cosine, rising."""
    if not isinstance(value, list) or len(value) < 2:
        return False
    if not all(isinstance(pair, list) and len(pair) == 2 and all(map(number, pair)) for pair in value):
        return False
    falls = all(0 < later[0] < earlier[0] < 1 for earlier, later in zip(value, value[1:]))
    return falls and all(-1 <= earlier[1] < later[1] <= 1 for earlier, later in zip(value, value[1:]))


# For every key: what it must be, in words and as a test.
REQUIRED = {
    "id": ("small letters, digits and hyphens", lambda v: isinstance(v, str) and IDENTITY.fullmatch(v)),
    "path": ("the path of an .onnx, .pt or .ts", lambda v: isinstance(v, str) and v.endswith((".onnx", ".pt", ".ts"))),
    "sha256": ("64 hexadecimal digits", lambda v: isinstance(v, str) and re.fullmatch("[0-9a-f]{64}", v)),
    "role": ('"encoder"', lambda v: v == "encoder"),
    "input_shape": (
        "[height, width, 3]",
        lambda v: isinstance(v, list) and len(v) == 3 and all(whole(s, 16, 1024) for s in v[:2]) and v[2] == 3,
    ),
    "input_layout": ('"nchw" or "nhwc"', lambda v: v in ("nchw", "nhwc")),
    "colour": ('"rgb" or "bgr"', lambda v: v in ("rgb", "bgr")),
    "mean": ("a number or a list of three", numbers),
    "scale": ("a number above 0 or a list of three", divisors),
    "alignment": (f"one of {', '.join(ALIGNMENTS)}", lambda v: v in ALIGNMENTS),
    "dimension": ("a whole number from 8 to 4096", lambda v: whole(v, 8, 4096)),
    "contract": ('a name and a version, as in "mynet-512/1"', lambda v: isinstance(v, str) and CONTRACT.fullmatch(v)),
}
OPTIONAL = {
    "calibration": ("pairs of a false-match rate (falling) and a cosine (rising)", points),
    "mirror": ("true or false", lambda v: isinstance(v, bool)),
    "licence": ("text", lambda v: isinstance(v, str)),
    "provenance": ("text", lambda v: isinstance(v, str)),
}


def bring_up_to_date(weights, taken, sources):
    """Makes what is not made yet, and takes away what no entry describes any more. `taken`: ids of our own models."""
    models = read(weights / FOLDER, taken)
    results = weights / RESULTS
    wanted = {f"{model['id']}.{kind}" for model in models for kind in ("pt", "toml")}
    for path in results.glob("*"):
        if path.name not in wanted:
            path.unlink()
    for model in models:
        results.mkdir(parents=True, exist_ok=True)
        description = results / f"{model['id']}.toml"
        stamp = hashlib.sha256(json.dumps(model, sort_keys=True).encode() + sources).hexdigest()
        archive = results / f"{model['id']}.pt"
        line = f"# made from {stamp}\n"
        if archive.exists() and description.exists() and description.read_text().startswith(line):
            continue
        description.unlink(missing_ok=True)
        effective = make(model, archive)
        description.write_text(line + table(effective))
        print(f"exported {model['id']} to weights/{RESULTS}/{archive.name}")


def read(folder, taken=()):
    """All entries of the folder, checked; `path` is absolute in them."""
    models, seen = [], set(taken)
    for file in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(file.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Problem(f"{file}: {error}") from error
        entries = tables.pop("model", None)
        if tables or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Problem(f"{file}: expected [[model]] entries and nothing else{named(tables)}")
        for entry in entries:
            check(file, entry)
            if entry["id"] in seen:
                raise Problem(f"{file}: id: there is another model {entry['id']}")
            seen.add(entry["id"])
            models.append({**entry, "path": str((file.parent / pathlib.Path(entry["path"]).expanduser()).resolve())})
    return models


def named(tables):
    return f", not {', '.join(tables)}" if tables else ""


def check(file, entry):
    """Every key there, right, and known."""
    where = f"{file}: model {entry['id']}" if isinstance(entry.get("id"), str) else f"{file}"
    for key, (wanted, right) in {**REQUIRED, **OPTIONAL}.items():
        if key not in entry:
            if key in REQUIRED:
                raise Problem(f"{where}: {key}: is missing; it must be {wanted}")
        elif not right(entry[key]):
            raise Problem(f"{where}: {key}: must be {wanted}, is {json.dumps(entry[key], default=str)}")
    for key in entry:
        if key not in REQUIRED and key not in OPTIONAL:
            raise Problem(f"{where}: {key}: there is no such key; known are {', '.join([*REQUIRED, *OPTIONAL])}")


def make(model, archive):
    """Writes the archive and gives the entry that describes it."""
    source = pathlib.Path(model["path"])
    if not source.is_file():
        raise Problem(f"model {model['id']}: path: {source} is not there")
    found = sha256_of_file(source)
    if found != model["sha256"]:
        raise Problem(
            f"model {model['id']}: sha256: {source} is another file\n"
            f"  expected sha256  {model['sha256']}\n  found            {found}"
        )
    effective = {key: value for key, value in model.items() if key not in ("path", "sha256")}
    effective |= {"file": f"{RESULTS}/{archive.name}", "source": source.name, "source_sha256": found}
    effective |= {"outputs": ["embedding"], "mirror": model.get("mirror", False)}
    if source.suffix == ".onnx":
        from export_onnx import Unsupported, export_encoder

        try:
            export_encoder(source.read_bytes(), archive, model)
        except Unsupported as error:
            raise Problem(f"model {model['id']}: {source.name} cannot be converted: {error}") from error
        effective |= {"input_layout": "nhwc", "colour": "rgb", "mean": 0.0, "scale": 1.0, "unit_length": True}
    else:
        copy_archive(model, source, archive)
        effective["unit_length"] = False
    return {**effective, "sha256": sha256_of_file(archive)}


def copy_archive(model, source, archive):
    """A TorchScript archive is a zip with code in it; a mere state dict has none."""
    names = zipfile.ZipFile(source).namelist() if zipfile.is_zipfile(source) else []
    if not any("/code/" in name for name in names):
        raise Problem(f"model {model['id']}: path: {source} is no TorchScript archive (torch.jit.save writes such)")
    part = archive.with_name(f".{archive.name}.part")
    part.write_bytes(source.read_bytes())
    part.replace(archive)


def table(entry):
    """TOML; of strings, numbers, booleans and lists, JSON's spelling is also TOML's."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    return "\n".join(["[[model]]", *lines]) + "\n"
