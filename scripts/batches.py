#!/usr/bin/env python3
"""Which sources may be read as one, by clang-tidy or the compiler: those that have the same flags and do not get in each other's way.

usage: batches.py PROJECT_FOLDER    prints for CMake to which batch of its folder each source below src and each unit test belongs

What a source defines for itself (in a namespace without name, or as a macro) or imports (using a::b;) is seen by the sources behind
it in a batch. There it may clash with what has the same name: such sources are kept apart for clang-tidy. Or it may be found where another
name was meant, and a program would compute something else: for the compiler no such name of a source is a word that another one of the
batch, or a header of it, uses without saying where it is from. This reads text by the habits of the house (contents of namespaces are not
indented; sources below src do not use namespaces as a whole): a batch that does not compile is divided by the linter, and found by a test.
"""
import dataclasses
import functools
import os
import pathlib
import re
import shlex
import sys

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"')
INCLUDED = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
IMPORTED = re.compile(r"^\s*using ((?:\w+::)+(\w+));", re.MULTILINE)
NAMESPACE_USED = re.compile(r"^using namespace ([\w:]+);", re.MULTILINE)
OWN_LINE = re.compile(r"^(?:static|constexpr|const)\b.*$", re.MULTILINE)
OWN_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)
CONSTANT = re.compile(r"^(?:static|inline|constexpr|constinit|const|thread_local|std::atomic)\b[^\n(;]*?(?<![\w:])(\w+)\s*[={;\[]", re.MULTILINE)
UNQUALIFIED = re.compile(r"(?<![\w.:])(?<!->)[A-Za-z_]\w*")
LARGEST = 8  # sources that the compiler reads as one
DEFINITION = re.compile(
    r"^(?:(?:enum class|enum|struct|class|union) (\w+)|using (\w+) =|(?![\s#/}]|namespace\b|using\b)[^\n(={;]*?(?<![\w:])(\w+)\s*[({=;\[])",
    re.MULTILINE)


@functools.cache
def written(file):
    return pathlib.Path(file).read_text(errors="replace")


def code(text):
    return COMMENT_OR_TEXT.sub("", text)


def defined(text):
    return {name for found in DEFINITION.findall(text) for name in found if name}


@functools.cache
def headers_of(file, root):
    """The project's headers that a file includes, and those that they include."""
    found = set()
    for name in INCLUDED.findall(written(file)):
        for header in (file.parent / name, root / "src" / name, root / "include" / name):
            if header.is_file():
                header = pathlib.Path(os.path.normpath(header))
                found |= {header} | headers_of(header, root)
                break
    return frozenset(found)


class Names:
    """What a source, or a batch, defines for itself alone, and which of that are constants; what it imports; what it and its headers define;
    the names that they use without saying where they are from; and the compiler's flags that define macros for it."""

    def __init__(self, source, root, macros=()):
        text = written(source)
        headers = "".join(code(written(header)) for header in headers_of(source, root))
        own = code("\n".join(OWN_NAMESPACE.findall(text) + OWN_LINE.findall(text)))
        self.own = defined(own) | set(MACRO.findall(text))
        self.constants = set(CONSTANT.findall(own))
        self.imported = set(IMPORTED.findall(text))
        self.seen = self.own | {name for _, name in self.imported} | defined(headers)
        self.used = set(UNQUALIFIED.findall(code(text) + headers))
        self.macros = set(macros)

    def clashes_with(self, other):
        """By defining a name twice, or hiding a constant, which the compiler would say; or by a macro that the other reads and has not."""
        given = {re.sub("^-D|=.*", "", macro) for macro in self.macros - other.macros}
        return self.own & other.seen or self.constants & other.used or given & other.used

    def could_change(self, other):
        """By being found where the other means something else."""
        return self.own & other.used or {name for _, name in self.imported - other.imported} & other.used

    def add(self, other):
        for mine, its in zip(vars(self).values(), vars(other).values()):
            mine |= its


def imports(source):
    """Whether a source has a using-declaration."""
    return IMPORTED.search(written(source)) is not None


def namespaces_used(source):
    """As a whole (using namespace a;), which tests do: only sources that use the same ones mean the same by a name."""
    return sorted(set(NAMESPACE_USED.findall(written(source))))


@dataclasses.dataclass(frozen=True)
class Flags:
    """The compiler's flags without the names of files, and without how much it optimises, which changes nothing of what a source means."""

    manner: tuple  # what sources must have in common to be read as one
    folders: tuple  # of other projects' headers
    macros: tuple


def flags_in(entry):
    """Of an entry of a compilation database; nothing where it does not compile one file to another."""
    _, *words = shlex.split(entry["command"])
    if "-o" not in words or "-c" not in words:
        return None
    del words[words.index("-o"):words.index("-o") + 2]
    words = [word for word in words if word not in ("-c", entry["file"]) and not re.fullmatch("-O[0-3]", word)]
    folders = [at for at, word in enumerate(words) if word == "-isystem"]
    macros = tuple(word for word in words if re.match("-D.", word))
    manner = tuple(word for at, word in enumerate(words) if at not in folders and at - 1 not in folders and word not in macros)
    return Flags(manner, tuple((words[at], words[at + 1]) for at in folders), macros)


def united(flags):
    """The flags for sources that are read as one: what they have in common, and what any of them is given."""
    flags = list(flags)
    folders = dict.fromkeys(folder for one in flags for folder in one.folders)
    macros = dict.fromkeys(macro for one in flags for macro in one.macros)
    return [*flags[0].manner, *macros, *(word for folder in folders for word in folder)]


def batches_of(names_of, group_of, largest, apart):
    """Lists of at most so many sources of one group, for {source: Names}, which change, and {source: group}. `apart`, a method of Names, keeps
    two from one batch."""
    groups = {}
    for source, names in sorted(names_of.items(), key=lambda item: -len(item[1].own)):  # first those that are hard to place
        batches = groups.setdefault(group_of[source], [])
        for batch, taken in batches:
            if len(batch) < largest and not apart(names, taken) and not apart(taken, names):
                batch.append(source)
                taken.add(names)
                break
        else:
            batches.append(([source], names))
    return [batch for batches in groups.values() for batch, _ in batches]


def main(root):
    sources = sorted(source.relative_to(root) for part in ("src", "tests/unit") for source in (root / part).rglob("*.cpp"))
    groups = {str(source): (source.parent, *namespaces_used(root / source)) for source in sources}
    names_of = {source: Names(root / source, root) for source in groups}
    for number, batch in enumerate(batches_of(names_of, groups, LARGEST, Names.could_change)):
        for source in batch if len(batch) > 1 else ():
            print(f'set("VASTER_BATCH_{source}" {number})')


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
