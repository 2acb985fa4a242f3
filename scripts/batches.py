#!/usr/bin/env python3
"""Which sources may be read as one, by clang-tidy or the compiler: those that have the same flags and do not get in each other's way.

usage: batches.py PROJECT_FOLDER    prints for CMake to which batch of its folder each source below src and each unit test belongs, and batches of
                                    those headers that begin no source

What a source defines for itself (in a namespace without name, or as a macro) or imports (using a::b;) is seen by the sources behind
it in a batch. There it may clash with what has the same name, or another source may use what this one imports for nothing: such sources are
kept apart for clang-tidy. Or it may be found where another name was meant, and a program would compute something else: for the compiler no
such name of a source is a word that another one of the batch, or a header of it, uses without saying where it is from.

Nor does a source of a batch for the compiler, or the header that it begins with, use a name, or a type that is only announced to it
(class A;), which the headers of another one define: so a source, or such a header, that lacks one of the project's headers does not compile
in its batch either.

This reads text by the habits of the house (contents of namespaces are not indented; sources below src do not use namespaces as a whole): a
batch that does not compile is divided by the linter, and fails the build.
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
QUALIFIED = re.compile(r"::([A-Za-z_]\w*)")
ANNOUNCED = re.compile(r"^(?:template <[^>]*>\s*)?(?:class|struct) (\w+);", re.MULTILINE)
ONCE = "#pragma once"  # what is without it is part of a source, and no header of its own
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


def header_named(name, file, root):
    """The project's header that a file includes by that name."""
    for header in (file.parent / name, root / "src" / name, root / "include" / name):
        if header.is_file():
            return pathlib.Path(os.path.normpath(header))
    return None


def first_header_of(source, root):
    return {header_named(name, source, root) for name in INCLUDED.findall(written(source))[:1]}


@functools.cache
def headers_of(file, root):
    """The project's headers that a file includes, and those that they include."""
    found = set()
    for name in INCLUDED.findall(written(file)):
        header = header_named(name, file, root)
        if header:
            found |= {header} | headers_of(header, root)
    return frozenset(found)


class Words:
    """Of one file: what it defines and announces, and the names that it uses; without saying where they are from, or all."""

    def __init__(self, file):
        text = code(written(file))
        self.announced = set(ANNOUNCED.findall(text))
        self.defined = defined(ANNOUNCED.sub("", text)) | set(MACRO.findall(text))
        self.unqualified = set(UNQUALIFIED.findall(text))
        self.all = self.unqualified | set(QUALIFIED.findall(text))


words_of = functools.cache(Words)


def lacked_by(file, root):
    """Words of a file, and types that are announced to it, which neither it nor a header that it includes defines."""
    files = {file, *headers_of(file, root)}
    used = words_of(file).all.union(*(words_of(one).announced for one in files))
    return used.difference(*(words_of(one).defined for one in files))


class Names:
    """What a source, or a batch, defines for itself alone, and which of that are constants; what it imports; what it and its headers define;
    the names that they use without saying where they are from, and all that the source uses; what it and its headers define for whoever comes
    after them; what the source, or the header that it begins with, uses and lacks; and the compiler's flags that define macros for it."""

    def __init__(self, source, root, macros=()):
        text, headers = written(source), headers_of(source, root)
        files = [words_of(source), *map(words_of, headers)]
        own = code("\n".join(OWN_NAMESPACE.findall(text) + OWN_LINE.findall(text)))
        self.own = defined(own) | set(MACRO.findall(text))
        self.constants = set(CONSTANT.findall(own))
        self.imported = set(IMPORTED.findall(text))
        self.seen = self.own.union((name for _, name in self.imported), *(words.defined | words.announced for words in files[1:]))
        self.used = set().union(*(words.unqualified for words in files))
        self.mentioned = set(files[0].all)
        self.given = set().union(files[0].defined - self.own, *(words.defined for words in files[1:]))
        self.lacking = lacked_by(source, root).union(*(lacked_by(header, root) for header in headers & first_header_of(source, root)))
        self.macros = set(macros)

    def clashes_with(self, other):
        """By defining a name twice, or hiding a constant, which the compiler would say; by a macro that the other reads and has not; or by
        importing what the other uses, too, so that clang-tidy would not say that this one does not."""
        given = {re.sub("^-D|=.*", "", macro) for macro in self.macros - other.macros}
        imported = {name for _, name in self.imported}
        return self.own & other.seen or self.constants & other.used or given & other.used or imported & other.mentioned

    def could_change(self, other):
        """By being found where the other means something else."""
        return self.own & other.used or {name for _, name in self.imported - other.imported} & other.used

    def stays_apart_from(self, other):
        """For the compiler: what a source means, and whether it compiles, does not depend on its batch."""
        return self.could_change(other) or self.given & other.lacking

    def add(self, other):
        for mine, its in zip(vars(self).values(), vars(other).values()):
            mine |= its


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
    for number, batch in enumerate(batches_of(names_of, groups, LARGEST, Names.stays_apart_from)):
        for source in batch if len(batch) > 1 else ():
            print(f'set("VASTER_BATCH_{source}" {number})')
    begin_a_source = set().union(*(first_header_of(root / source, root) for source in sources if source.parts[0] == "src"))
    headers = {header for part in ("src", "include") for header in (root / part).rglob("*.hpp") if ONCE in written(header)} - begin_a_source
    names_of = {str(header): Names(header, root) for header in sorted(headers)}
    for batch in batches_of(names_of, dict.fromkeys(names_of), LARGEST, Names.stays_apart_from):
        print(f'list(APPEND VASTER_HEADERS "{" ".join(batch)}")')


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
