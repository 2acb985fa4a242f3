"""Writes model files from docs/model-file.md alone, and reads them: what another program would do."""

import hashlib
import struct

TYPES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "f32": "f", "f64": "d"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def text(value):
    data = value.encode()
    return "text", [len(data)], data


def texts(values):
    return text("".join(value + "\n" for value in values))


def numbers(kind, values, shape=None):
    return kind, shape or [len(values)], struct.pack(f"<{len(values)}{TYPES[kind]}", *values)


def file_of(parts, program="0.0.1", version=1, user_block=4096):
    """The bytes of a model file; HDF5's part is a signature only, which vaster does not look behind."""
    body, lines, content = bytearray(b"\x89HDF\r\n\x1a\n"), [], ""
    for name in sorted(parts, key=str.encode):
        kind, shape, data = parts[name]
        body += bytes(-len(body) % 8)
        offset = user_block + len(body) if data else 0
        body += data
        dims = "x".join(map(str, shape)) or "-"
        lines.append(f"part {name} {kind} {dims} {offset} {len(data)} {sha256(data)}\n")
        if name.startswith(("model/", "data/")):
            content += f"{name} {kind} {dims} {sha256(data)}\n"
    index = (f"vaster-model {version}\nprogram {program}\ncontent {sha256(content.encode())}\nlength {user_block + len(body)}\n"
             f"hdf5 {user_block}\n{''.join(lines)}").encode()
    index += b"end " + sha256(index).encode() + b"\n"
    return index.ljust(user_block - 1) + b"\n" + bytes(body)


def naive_bayes(deaths=(30, 10), seed=1, symptoms=("s1", "s2"), causes=("Malaria", "Stroke"), **changes):
    """Parts of a model that two symptoms and two causes make."""
    total = sum(deaths)
    parts = {
        "model/name": texts(["naive_bayes"]), "model/weights": numbers("f64", [1]), "model/missing": text("absent"),
        "model/seed": numbers("u64", [seed]), "model/members/0/kind": text("naive_bayes"),
        "model/members/0/parameters": text(""), "model/members/0/parts_version": numbers("u32", [1]),
        "model/members/0/parts/classes": numbers("u32", [0, 1]),
        "model/members/0/parts/deaths": numbers("u32", deaths),
        "model/members/0/parts/present": numbers("u32", [20, 1, 5, 9], [2, 2]),
        "model/members/0/parts/missing": numbers("u32", [0, 0, 1, 0], [2, 2]),
        "data/coding/format": text("encoded"), "data/coding/label": texts(["va34"]), "data/coding/label_columns": texts(["va34"]),
        "data/coding/site": texts(["site"]), "data/coding/population": texts([""]), "data/coding/id": texts([""]),
        "data/coding/present": texts(["Y"]), "data/coding/absent": texts([""]), "data/coding/missing": texts(["."]),
        "data/symptoms": texts(symptoms), "data/causes": texts(causes), "data/cause_deaths": numbers("u64", deaths),
        "data/present": numbers("u64", [21, 14]), "data/unanswered": numbers("u64", [0, 1]), "data/hash": text("0123abcd"),
        "data/deaths": numbers("u64", [total]), "data/sites": texts(["AP", "UP"]),
        "data/site_deaths": numbers("u64", [total - 4, 4]), "data/left_out/reasons": text(""), "data/left_out/rows": numbers("u64", []),
        "provenance/program": text("0.0.1"),
    }
    parts.update(changes)
    return parts
