"""Checks the licences of what the panel ships: the packages that web/package-lock.json needs at run time, against the list of
deny.toml. Fonts may also have the SIL Open Font License, which asks no more of who passes them on.

    npm-licences.py [LOCK [DENY]]    prints what is wrong, and ends with 1 where something is
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOR_FONTS = {"OFL-1.1"}


def accepted(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression leaves a choice that is allowed; `OR` binds least. What cannot be read is not."""
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    position = 0

    def peek() -> str | None:
        return tokens[position] if position < len(tokens) else None

    def take() -> str | None:
        nonlocal position
        position += 1
        return tokens[position - 1] if position <= len(tokens) else None

    def one() -> bool:
        if peek() == "(":
            take()
            inside = alternatives()
            return take() == ")" and inside
        name = take()
        if peek() == "WITH":
            take()
            name = f"{name} WITH {take()}"
        return name in allowed

    def together() -> bool:
        result = one()
        while peek() == "AND":
            take()
            result = one() and result
        return result

    def alternatives() -> bool:
        result = together()
        while peek() == "OR":
            take()
            result = together() or result
        return result

    result = alternatives()
    return result and position == len(tokens)


def licence(path: str, entry: dict, folder: Path) -> str:
    if isinstance(entry.get("license"), str):
        return entry["license"]
    # Older packages do not say it where npm looks for it.
    manifest = folder / path / "package.json"
    said = json.loads(manifest.read_text()) if manifest.is_file() else {}
    found = said.get("license", said.get("licenses", ""))
    kinds = [one.get("type", "") if isinstance(one, dict) else one for one in (found if isinstance(found, list) else [found])]
    return " OR ".join(kinds)


def main(lock: Path, deny: Path) -> int:
    allowed = set(tomllib.loads(deny.read_text())["licenses"]["allow"])
    packages = json.loads(lock.read_text())["packages"]
    wrong = checked = 0
    for path, entry in sorted(packages.items()):
        # The panel itself, and what only builds and tests it.
        if not path or entry.get("dev") or entry.get("devOptional") or entry.get("link"):
            continue
        checked += 1
        name = path.rpartition("node_modules/")[2]
        expression = licence(path, entry, lock.parent)
        is_font = name.startswith("@fontsource")
        if not accepted(expression, allowed | (FOR_FONTS if is_font else set())):
            wrong += 1
            print(f"{name} {entry.get('version', '')}: {expression or 'no licence'} is not on the list of {deny.name}")
    if not checked:
        print(f"{lock} names no package")
        return 1
    if not wrong:
        print(f"licences of {checked} npm packages are on the list")
    return int(wrong > 0)


if __name__ == "__main__":
    given = [Path(one) for one in sys.argv[1:]]
    sys.exit(main(*(given + [ROOT / "web/package-lock.json", ROOT / "deny.toml"][len(given):])))
