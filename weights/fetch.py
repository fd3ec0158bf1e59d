"""Brings packages from their registries into a folder, with the registries' ordinary clients (pip and npm).

Every file's hash is checked before it gets its name, so a file that is there is whole and right, and an interrupted run
goes on where it was. Code that came with a package is never run before its hash is known (pip runs the set-up script of a
source package to read its version).
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import threading

from manifest import Problem, sha256_of_file

HEARTBEAT_SECONDS = 10
PART = ".part-"


def ensure(packages, folder, bundle=None):
    """Makes sure that the file of every package lies in the folder: already there, in the bundle, or fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        path = folder / package["file"]
        if path.exists():
            check(path, package)
        elif bundle and (bundle / package["file"]).exists():
            check(bundle / package["file"], package)
            adopt(bundle / package["file"], path)
        else:
            fetch(package, path)


def check(path, package):
    """Refuses a file that is not the one described."""
    found = sha256_of_file(path)
    if found != package["sha256"]:
        raise Problem(
            f"{path} is not the file that it should be\n"
            f"  expected sha256  {package['sha256']}\n"
            f"  found            {found}\n"
            "  Remove it and run scripts/setup again, or put a good copy there or in a folder given with --packages."
        )


def wrong_from_registry(package, found):
    return Problem(
        f"the registry served a {package['file']} that is not the file that it should be; it was thrown away\n"
        f"  expected sha256  {package['sha256']}\n"
        f"  found            {found}\n"
        "  Something between the registry and this machine serves another file: do not use it. Put a good copy into a\n"
        "  folder and run scripts/setup --packages FOLDER."
    )


def adopt(source, path):
    """Copies a checked file; the copy appears whole or not at all."""
    part = path.with_name(PART + path.name)
    shutil.copyfile(source, part)
    os.replace(part, path)


def fetch(package, path):
    """Lets the registry's client save the file into a folder of its own, checks it, and gives it its place."""
    part = path.with_name(PART + package["file"].removesuffix(".whl"))
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    size = f" ({package['bytes'] / 1e6:.0f} MB)" if "bytes" in package else ""
    print(f"fetching {package['name']} {package['version']}{size}", file=sys.stderr, flush=True)
    command = {"pypi": pip_command, "npm": npm_command}[package["registry"]](package, part)
    try:
        with heartbeat(part):
            done = subprocess.run(
                command, env={**os.environ, "TMPDIR": str(part)}, capture_output=True, text=True, check=False
            )
        saved = part / package["file"]
        if "DO NOT MATCH THE HASHES" in done.stderr:
            raise wrong_from_registry(package, done.stderr.rpartition("Got")[2].strip())
        if done.returncode != 0 or not saved.exists():
            raise Problem(failure(package, path, command, done))
        found = sha256_of_file(saved)
        if found != package["sha256"]:
            raise wrong_from_registry(package, found)
        os.replace(saved, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def pip_command(package, part):
    requirement = part / "requirement.txt"
    requirement.write_text(f"{package['name']}=={package['version']} --hash=sha256:{package['sha256']}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--require-hashes"]
    command += ["--dest", str(part), "--requirement", str(requirement)]
    if package["kind"] == "sdist":
        return [*command, "--no-binary", ":all:", "--no-build-isolation"]
    command += ["--only-binary", ":all:"]
    *_, python, abi, platforms = package["file"].removesuffix(".whl").split("-")
    if platforms != "any":
        # The wheel that is named, whichever Python runs this.
        version = python.removeprefix("cp") if python.startswith("cp") else "311"
        command += ["--python-version", f"{version[0]}.{version[1:]}", "--implementation", "cp"]
        command += ["--abi", abi if abi != "none" else f"cp{version}"]
        for platform in platforms.split("."):
            command += ["--platform", platform]
    return command


def npm_command(package, part):
    if not shutil.which("npm"):
        raise Problem(
            f"npm is needed to fetch {package['file']}\n"
            f"  Install npm, or put that file into a folder and run scripts/setup --packages FOLDER."
        )
    wanted = f"{package['name']}@{package['version']}"
    return ["npm", "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(part), wanted]


def failure(package, path, command, done):
    last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-12:]
    said = "\n".join(f"  | {line}" for line in last)
    return (
        f"could not fetch {package['file']} ({command[0] if package['registry'] == 'npm' else 'pip'} ended with "
        f"{done.returncode})\n{said}\n"
        f"  Run scripts/setup again when the network is back: what was fetched is kept. Or put the file into\n"
        f"  {path.parent}, or into a folder given with --packages."
    )


@contextlib.contextmanager
def heartbeat(folder):
    """Says every few seconds how much has arrived, since neither client does without a terminal."""
    stop = threading.Event()

    def beat():
        while not stop.wait(HEARTBEAT_SECONDS):
            print(f"  {folder_size(folder) / 1e6:.0f} MB so far", file=sys.stderr, flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def folder_size(folder):
    total = 0
    for path in pathlib.Path(folder).rglob("*"):
        # A file may go between being listed and being looked at.
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total
