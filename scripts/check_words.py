#!/usr/bin/env python3
"""Fail when a text of the project says what no native engineer writes ("is no number"), or when a word that once had
several meanings names two types again.

usage: check_words.py [PROJECT_FOLDER]
"""
import pathlib
import re
import sys

FOLDERS = ("docs", "include", "scripts", "src", "tests")
SUFFIXES = (".cpp", ".hpp", ".in", ".md", ".py", ".1", "")
BETWEEN = r'(?:[ ]*"?[ ]*\n[ ]*(?://[/<!]*|#|")?[ ]*|[ ])'  # words of a comment or of a text may be on two lines
IS_NO = re.compile(rf"(?:(?:\b|\\n)(there){BETWEEN})?\b(?:is|are|was|were){BETWEEN}no{BETWEEN}(\w+)", re.IGNORECASE)
IDIOMS = {"better", "deeper", "earlier", "farther", "faster", "fewer", "finer", "further", "greater", "higher", "larger", "later", "less", "longer",
          "loss", "lower", "more", "nearer", "shorter", "slower", "smaller", "wider", "worse"}  # "is no longer", "is no worse than"
OTHERS = ((re.compile(rf"\bhangs?{BETWEEN}on\b", re.IGNORECASE), "depends on"),
          (re.compile(rf"\bgone{BETWEEN}on{BETWEEN}with\b", re.IGNORECASE), "continued, resumed"),
          (re.compile(rf"\bcan{BETWEEN}not\b", re.IGNORECASE), "cannot"),
          (re.compile(rf"\b(?:has|have){BETWEEN}not{BETWEEN}(?:the|an?|all|any|its)\b", re.IGNORECASE), "does not have, lacks"))
ONE_TYPE = ("Comparison", "Look", "Place", "Schedule", "Stage", "Trial", "Verdict", "Work")
NAMES = "|".join(ONE_TYPE)
DEFINED = re.compile(rf"^[ ]*(?:(?:struct|class|enum class|enum) ({NAMES})\b[^;\n]*(?:{{|$)|using ({NAMES}) =)", re.MULTILINE)


def unidiomatic(text):
    """(line, what is said, what to say instead) of each slip."""
    for found in IS_NO.finditer(text):
        if not found[1] and found[2].lower() not in IDIOMS:
            yield found.start(), found[0], "is not a"
    for pattern, better in OTHERS:
        for found in pattern.finditer(text):
            yield found.start(), found[0], better


def main(root):
    this = {pathlib.Path("scripts/check_words.py"), pathlib.Path("tests/system/test_words.py")}  # they must name what they forbid
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file() and path.suffix in SUFFIXES]
    bad, defined = [], {}
    for path in sorted([*files, *root.glob("*.md")]):
        where = path.relative_to(root)
        if where in this or "vendor" in where.parts:
            continue
        text = path.read_text(errors="replace")
        line_of = lambda place: text.count("\n", 0, place) + 1
        for place, said, better in unidiomatic(text):
            bad.append(f'{where}:{line_of(place)}: "{" ".join(said.split())}": say "{better}"')
        if where.parts[0] in ("src", "include"):
            for found in DEFINED.finditer(text):
                defined.setdefault(found[1] or found[2], []).append(f"{where}:{line_of(found.start())}")
    for word, places in sorted(defined.items()):
        if len(places) > 1:
            bad.append(f"{word} is more than one type, of which all but one need another name: {', '.join(places)}")
    print("\n".join(bad) or f"{len(files)} files, no slip of words")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)))
