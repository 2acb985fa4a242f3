#!/usr/bin/env python3
"""Which sources may be read as one, by clang-tidy or the compiler: those that have the same flags and do not get in each other's way.

usage: batches.py PROJECT_FOLDER    prints for CMake to which batch of its folder each source below src belongs

What a source defines for itself (in a namespace without name, or as a macro) or imports (using a::b;) is seen by the sources behind
it in a batch. There it may clash with what has the same name: such sources are kept apart for clang-tidy. Or it may be found where another
name was meant, and a program would compute something else: for the compiler no such name of a source is a word that another one of the
batch, or a header of it, uses without saying where it is from. This reads text by the habits of the house (contents of namespaces are not
indented; using namespace is not used): a batch that does not compile is divided by the linter, and found by a test.
"""
import functools
import pathlib
import re
import sys

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"')
INCLUDED = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
IMPORTED = re.compile(r"^\s*using ((?:\w+::)+(\w+));", re.MULTILINE)
OWN_LINE = re.compile(r"^(?:static|constexpr|const)\b.*$", re.MULTILINE)
OWN_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)
CONSTANT = re.compile(r"^(?:static|inline|constexpr|constinit|const|thread_local|std::atomic)\b[^\n(;]*?(?<![\w:])(\w+)\s*[={;\[]", re.MULTILINE)
UNQUALIFIED = re.compile(r"(?<![\w.:])(?<!->)[A-Za-z_]\w*")
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
        for header in (root / "src" / name, root / "include" / name):
            if header.is_file():
                found |= {header} | headers_of(header, root)
    return frozenset(found)


class Names:
    """What a source, or a batch, defines for itself alone, and which of that are constants; what it imports; what it and its headers define;
    and the names that they use without saying where they are from."""

    def __init__(self, source, root):
        text = written(source)
        headers = "".join(code(written(header)) for header in headers_of(source, root))
        own = code("\n".join(OWN_NAMESPACE.findall(text) + OWN_LINE.findall(text)))
        self.own = defined(own) | set(MACRO.findall(text))
        self.constants = set(CONSTANT.findall(own))
        self.imported = set(IMPORTED.findall(text))
        self.seen = self.own | {name for _, name in self.imported} | defined(headers)
        self.used = set(UNQUALIFIED.findall(code(text) + headers))

    def clashes_with(self, other):
        """By defining a name twice, or hiding a constant, which the compiler would say."""
        return self.own & other.seen or self.constants & other.used

    def could_change(self, other):
        """By being found where the other means something else."""
        return self.own & other.used or {name for _, name in self.imported - other.imported} & other.used

    def add(self, other):
        for mine, its in zip(vars(self).values(), vars(other).values()):
            mine |= its


def imports(source):
    """Whether a source has a using-declaration."""
    return IMPORTED.search(written(source)) is not None


def batches_of(flags_by_source, root, largest, apart):
    """Lists of at most so many sources, for {path: flags of the compiler}, none of which `apart` (a method of Names) keeps from another. A
    source whose flags are nothing stands alone."""
    root, groups = pathlib.Path(root), {}
    alone = [[source] for source, flags in flags_by_source.items() if flags is None]
    names_of = {source: Names(root / source, root) for source, flags in flags_by_source.items() if flags is not None}
    for source, names in sorted(names_of.items(), key=lambda item: -len(item[1].own)):  # those that are hard to place first
        batches = groups.setdefault(flags_by_source[source], [])
        for batch, taken in batches:
            if len(batch) < largest and not apart(names, taken) and not apart(taken, names):
                batch.append(source)
                taken.add(names)
                break
        else:
            batches.append(([source], names))
    return [batch for batches in groups.values() for batch, _ in batches] + alone


def main(root):
    folders = {str(source.relative_to(root)): str(source.parent.relative_to(root / "src")) for source in sorted((root / "src").rglob("*.cpp"))}
    for number, batch in enumerate(batches_of(folders, root, 8, Names.could_change)):
        for source in batch if len(batch) > 1 else ():
            print(f'set("VASTER_BATCH_{source}" {number})')


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
