#!/usr/bin/env python3
"""Fail when a source file includes a room, or a fenced library, that scripts/rooms.txt does not allow, fetches a
configuration key by its name where it says that keys are not to be fetched, or does not begin with its own header.

usage: check_rooms.py [PROJECT_FOLDER]
"""
import pathlib
import re
import sys

KEY_FETCHED = re.compile(r"\bconfig(\(\))?\.(get<|seconds\(|bytes\()")
STABILITY = re.compile(r"#pragma once  // (Stable|May change before 1\.0)( but for [^\n]+)?\.\n")
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)')


class Rules:
    """What scripts/rooms.txt says. FOLDER/* stands for each folder in it that has no line of its own."""

    def __init__(self, text):
        self.allowed = {}  # room: paths of rooms, or of folders with rooms, that it may include
        self.public = {}  # folder in include/vaster: the room whose headers lie there
        self.fences = []  # (include prefix, rooms that may)
        self.key_files = set()  # files that may fetch configuration keys by name
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if line.startswith("fence "):
                _, prefix, *owners = line.split()
                self.fences.append((prefix, owners))
            elif line.startswith("keys "):
                self.key_files.update(line.split()[1:])
            elif line.startswith("public "):
                _, folder, room = line.split()
                self.public[folder] = room
            elif line:
                room, _, allowed = line.partition(":")
                self.allowed[room.strip()] = allowed.split()

    def room_of_path(self, path):
        """The innermost room of a path below src/; None when it lies in none."""
        parts = path.split("/")[:-1]
        for n in range(len(parts), 0, -1):
            room = "/".join(parts[:n])
            if room in self.allowed or "/".join([*parts[: n - 1], "*"]) in self.allowed:
                return room
        return None

    def room_of_include(self, name):
        """The room that a project header belongs to; None for headers of others."""
        if name.startswith("vaster/"):
            return self.public.get(name.split("/")[1])
        return self.room_of_path(name)

    def may_include(self, room, name, other):
        """May the room include that header of another? Public ones of the room that it lies in always."""
        if name.startswith("vaster/") and room.startswith(other + "/"):
            return True
        allowed = self.allowed.get(room) or self.allowed.get(room.rpartition("/")[0] + "/*", [])
        return other == room or any(other == path or other.startswith(path + "/") for path in allowed)


def is_below(room, owners):
    return any(room == owner or room.startswith(owner + "/") for owner in owners)


def problems_of(where, room, is_public, text, rules):
    """What is wrong with the includes of one file."""
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        name = found[1]
        other = rules.room_of_include(name)
        if '"' in line and other is None:
            yield f"{where}:{number}: \"{name}\" is not the path of a room's header, from src/ or include/ on"
        elif other is not None and not rules.may_include(room, name, other):
            yield f"{where}:{number}: room '{room}' may not include '{other}'"
        elif is_public and other is not None and not name.startswith("vaster/"):
            yield f"{where}:{number}: a public header may not include the private header \"{name}\""
        for prefix, owners in rules.fences:
            if name.startswith(prefix) and not is_below(room, owners):
                yield f"{where}:{number}: only {' and '.join(owners)} may include <{name}>"


def own_namespaces(where, text):
    """The compiler warns of a type in a header whose member is of such a namespace, but no longer where sources are compiled as one."""
    for number, line in enumerate(text.splitlines(), 1):
        if line == "namespace {":
            yield f"{where}:{number}: a header's namespace has a name, or a comment in this line why each source is to have a copy of all in it"


def fetched_keys(where, text):
    """Lines that fetch a configuration key by its name."""
    for number, line in enumerate(text.splitlines(), 1):
        if KEY_FETCHED.search(line):
            yield f'{where}:{number}: fetches a configuration key by its name; only the files under "keys" of scripts/rooms.txt may'


def own_headers(root, name, rules):
    """Headers that the source src/NAME belongs to, as it would include them."""
    header = pathlib.PurePath(name).with_suffix(".hpp")
    if (root / "src" / header).exists():
        yield str(header)
    for folder, room in rules.public.items():
        if str(header.parent) == room and (root / "include/vaster" / folder / header.name).exists():
            yield f"vaster/{folder}/{header.name}"


def begins_otherwise(where, own, text):
    """A source begins with its header: so the header is compiled with nothing before it, and needs no test of its own."""
    first = next((found[1] for found in map(INCLUDE.match, text.splitlines()) if found), None)
    for name in own:
        if name != first:
            yield f'{where}: must begin with "{name}", so that the header is compiled alone'


def main(root):
    rules = Rules((root / "scripts/rooms.txt").read_text())
    bad = []
    for folder in ("include/vaster", "src"):
        for path in sorted(p for p in (root / folder).rglob("*") if p.suffix in (".hpp", ".cpp", ".in")):
            name = str(path.relative_to(root / folder))
            is_public = folder != "src"
            room = rules.public.get(name.split("/")[0]) if is_public else rules.room_of_path(name)
            where = path.relative_to(root)
            if is_public and not STABILITY.match(path.read_text()):
                bad.append(f"{where}:1: a public header says in its first line how stable it is: #pragma once  // Stable.")
            if room is None:
                bad.append(f"{where}: lies in no room of scripts/rooms.txt")
            else:
                bad += problems_of(where, room, is_public, path.read_text(), rules)
            if path.suffix == ".hpp":
                bad += own_namespaces(where, path.read_text())
            if not is_public and path.suffix == ".cpp":
                bad += begins_otherwise(where, own_headers(root, name, rules), path.read_text())
            if is_public or name not in rules.key_files:
                bad += fetched_keys(where, path.read_text())
    print("\n".join(bad) or f"{len(rules.allowed)} rooms, no forbidden include or key")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)))
