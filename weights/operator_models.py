"""Model files that no registry ships: the operator names a folder or an address where they lie.

A file that was found and is right is kept beside the packages, so that it has to be named only once.
"""

import os
import pathlib
import shutil
import ssl
import urllib.error
import urllib.parse
import urllib.request

import fetch
from manifest import Problem, sha256_of_file

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT_SECONDS = 60


def find(model, packages, place):
    """The checked file of the model: kept already, or in `place` (folder or base URL); None where it is not."""
    kept = packages / model["file_name"]
    if kept.exists() and sha256_of_file(kept) == model["source_sha256"]:
        return kept
    part = kept.with_name(fetch.PART + kept.name)
    try:
        if not (place and bring(place, model["file_name"], part)):
            return None
        found = sha256_of_file(part)
        if found != model["source_sha256"]:
            raise Problem(
                f"{model['file_name']} of {place} is not the file that weights/manifest.toml names for {model['id']}\n"
                f"  expected sha256  {model['source_sha256']}\n"
                f"  found            {found}\n"
                "  Put the right file there, or take it away: the model is then left out."
            )
        os.replace(part, kept)
    finally:
        part.unlink(missing_ok=True)
    return kept


def bring(place, name, part):
    """Copies or downloads; says whether the file was there."""
    if "://" not in place:
        source = pathlib.Path(place) / name
        if not pathlib.Path(place).is_dir():
            raise Problem(f"--models needs a folder or an https address, {place} is neither")
        if source.is_file():
            shutil.copyfile(source, part)
        return source.is_file()
    address = urllib.parse.urlsplit(place)
    if address.scheme != "https" and (address.scheme != "http" or address.hostname not in LOOPBACK):
        raise Problem(f"--models needs a folder or an https address, {place} is neither")
    url = f"{place.rstrip('/')}/{urllib.parse.quote(name)}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, open(part, "wb") as file:
            shutil.copyfileobj(answer, file)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return False
        raise Problem(f"{url}: the server answered {error.code}") from error
    except (OSError, ssl.SSLError) as error:
        raise Problem(f"{url}: {error}\n  Run scripts/setup again when the network is back.") from error
    return True


def absent_line(models):
    """One line on what is left out and how to get it."""
    names = ", ".join(f"{model['id']} ({model['file_name']})" for model in models)
    return (
        f"left out, since their files are not here: {names}. To have them, put the files that weights/README.md names "
        "into a folder and run scripts/setup --models FOLDER"
    )
