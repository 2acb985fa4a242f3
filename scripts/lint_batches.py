"""Which sources clang-tidy may read as one: those that are compiled with the same flags and do not get in each other's way.

What a source defines for itself (in a namespace without name, or as a macro) or imports (using a::b;) would be seen by the sources behind
it in a batch. So no two sources of a batch, their headers included, have such a name in common, and a constant of one is no word of another,
for it would be shadowed there. This reads text by the habits of the house (contents of namespaces are not indented) and need not be exact:
a batch that does not compile is divided.
"""
import functools
import pathlib
import re

LARGEST = 12  # sources; more of them save little
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"')
INCLUDED = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
IMPORTED = re.compile(r"^\s*using (?:\w+::)+(\w+);", re.MULTILINE)
OWN_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)
CONSTANT = re.compile(r"^(?:static|inline|constexpr|constinit|const|thread_local|std::atomic)\b[^\n(;]*?(?<![\w:])(\w+)\s*[={;\[]", re.MULTILINE)
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
    """What a source, or a batch, defines for itself alone, which of that are constants, and what it would mistake for its own."""

    def __init__(self, source, root):
        text = written(source)
        headers = "\n".join(code(written(header)) for header in headers_of(source, root))
        own = code("\n".join(OWN_NAMESPACE.findall(text)))
        self.own = defined(own) | set(MACRO.findall(text))
        self.constants = set(CONSTANT.findall(own))
        self.seen = self.own | set(IMPORTED.findall(text)) | defined(headers)
        self.words = set(re.findall(r"\w+", code(text) + headers))

    def hides_from(self, other):
        return self.own & other.seen or self.constants & other.words

    def add(self, other):
        for mine, its in zip(vars(self).values(), vars(other).values()):
            mine |= its


def imports(source):
    """Whether a source has a using-declaration."""
    return IMPORTED.search(written(source)) is not None


def batches_of(flags_by_source, root):
    """Lists of sources, for {path: flags of the compiler}. A source whose flags are nothing stands alone."""
    root, groups = pathlib.Path(root), {}
    alone = [[source] for source, flags in flags_by_source.items() if flags is None]
    names_of = {source: Names(root / source, root) for source, flags in flags_by_source.items() if flags is not None}
    for source, names in sorted(names_of.items(), key=lambda item: -len(item[1].own)):  # those that are hard to place first
        flags = flags_by_source[source]
        batches = groups.setdefault(flags, [])
        for batch, taken in batches:
            if len(batch) < LARGEST and not names.hides_from(taken) and not taken.hides_from(names):
                batch.append(source)
                taken.add(names)
                break
        else:
            batches.append(([source], names))
    return [batch for batches in groups.values() for batch, _ in batches] + alone
