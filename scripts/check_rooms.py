#!/usr/bin/env python3
"""Fail when a source file includes a room, or a fenced library, that scripts/rooms.txt does not allow.

usage: check_rooms.py [PROJECT_FOLDER]
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
rules, fences = {}, []
for line in (root / "scripts/rooms.txt").read_text().splitlines():
    line = line.strip()
    if line.startswith("fence "):
        _, prefix, *owners = line.split()
        fences.append((prefix, owners))
    elif line and not line.startswith("#"):
        room, _, allowed = line.partition(":")
        rules[room.strip()] = set(allowed.split())

bad = []
for folder in ("include/vaster", "src"):
    for path in sorted(p for p in (root / folder).rglob("*") if p.suffix in (".hpp", ".cpp", ".in")):
        where = path.relative_to(root)
        parts = where.parts
        room = parts[2] if parts[0] == "include" else parts[1]
        if room not in rules:
            bad.append(f"{where}: '{room}' is no room of scripts/rooms.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)', line)
            if not found:
                continue
            name = found[1]
            if name.startswith("vaster/"):
                target = name.split("/")[1]
                if target not in rules[room] | {room}:
                    bad.append(f"{where}:{number}: room '{room}' may not include '{target}'")
            for prefix, owners in fences:
                if name.startswith(prefix) and room not in owners:
                    bad.append(f"{where}:{number}: only {' and '.join(owners)} may include <{name}>")
print("\n".join(bad) or f"{len(rules)} rooms, no forbidden include")
sys.exit(bool(bad))
