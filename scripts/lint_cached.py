#!/usr/bin/env python3
"""Runs clang-tidy on sources, except on those that were clean before and of which nothing has changed since.

usage: lint_cached.py CHECKS FILE.cpp ...    (in the top folder of a checkout, with build/dev/compile_commands.json)

A verdict depends on clang-tidy itself, its flags, the .clang-tidy files, the compile command, the text of the source and of the checkout's
headers that it may include (comments, too, for checks read NOLINT; and whichever branch of a condition they stand in), and other projects'
headers, of which place, size and time stand for the text. Their hash is the name of an empty file in the cache if the verdict was clean: exit
status 0 and nothing said. The place of the checkout is taken out. Where a key or the cache cannot be had, clang-tidy runs.

Most of its time clang-tidy walks through the headers of the standard library. So it reads several sources at once, one after the other in
one file, and a batch that is clean says so of all of them. A batch of which anything is said is divided until the source is found alone: what
is shown, and what fails, is always the verdict on a single source (batches.py).
"""
import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import batches

ROOT = pathlib.Path.cwd()
BUILD = "build/dev"
DATABASE = "build/lint"
PRECOMPILED = re.compile(r" -Winvalid-pch -include \S*cmake_pch\.hxx")  # the compiler's own: clang-tidy reads the headers themselves
UNIT = re.compile(r'^#include "(.*)"$', re.MULTILINE)  # a source in what the build compiles as one
KEPT_FOR = 30 * 24 * 3600  # s after a verdict was last used
BATCH = 16  # sources; more of them save little
COMMON_HEADERS = ("/usr/include", "/usr/local/include")  # where compilers look without being told
INCLUDED = re.compile(r'(?:^[ \t]*#[ \t]*(?:include|include_next|import)\b|__has_include(?:_next)?\s*\()\s*(?:"([^"\n]+)"|<([^>\n]+)>|([^"<\s]))',
                      re.MULTILINE)
COUNT = re.compile(r"\d+ warnings? generated\.\n")  # said of every source: what system headers hold back


@dataclasses.dataclass
class Tool:
    """clang-tidy with the flags of this run, and what they are."""

    command: list
    checks: str
    identity: str

    def run(self, *arguments):
        """(exit status, what it says)."""
        done = subprocess.run([*self.command, f"--checks={self.checks}", *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout + COUNT.sub("", done.stderr)


@dataclasses.dataclass
class Inputs:
    """All that a verdict depends on: their hash, and the files they were read from."""

    key: str
    files: set


@dataclasses.dataclass
class Verdict:
    passed: bool
    said: str = ""


def cache_folder(kind="lint"):
    """The folder of a kind of verdicts, made if need be; nothing where that is impossible or not wanted.

    Removes what has not been used for long.
    """
    if os.environ.get("VASTER_LINT_CACHE") == "none":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(os.environ.get("VASTER_CACHE") or pathlib.Path(base, "vaster"), kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for verdict in folder.iterdir():
            if verdict.stat().st_mtime < time.time() - KEPT_FOR:
                verdict.unlink(missing_ok=True)
        return folder
    except OSError as error:
        print(f"{kind}: verdicts cannot be kept: {error}", file=sys.stderr)
        return None


def find_tool(checks):
    program = shutil.which("clang-tidy")
    if not program:
        sys.exit("lint: clang-tidy is missing; see scripts/install-dependencies")
    flags = ["-p", DATABASE, "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    loaded = [program, *re.findall(r"=> (/\S+)", libraries)]
    files = [(file, os.stat(file).st_size, os.stat(file).st_mtime_ns) for file in loaded]  # Clang's own library is 100 MB: not read each time, and no program started that loads it
    identity = [flags, checks, files]
    return Tool([program, *flags], checks, json.dumps(identity))


def entries_of_sources(entry):
    """An entry of the build's compilation database as one of each source that it compiles."""
    command = PRECOMPILED.sub("", entry["command"])
    if "/Unity/" not in entry["file"]:
        return [{"directory": entry["directory"], "command": command, "file": entry["file"]}]
    unit = "Unity/" + os.path.basename(entry["file"]) + ".o"
    return [{"directory": entry["directory"], "command": command.replace(entry["file"], source).replace(unit, os.path.basename(source) + ".o"), "file": source}
            for source in UNIT.findall(pathlib.Path(entry["file"]).read_text())]


def compile_commands():
    """{source: its entries in the compilation database}, several where it belongs to several targets. Writes the database that clang-tidy reads."""
    entries = [one for entry in json.loads((ROOT / BUILD / "compile_commands.json").read_text()) for one in entries_of_sources(entry)]
    folder = ROOT / DATABASE
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as new:
        json.dump(entries, new, indent=1)
    os.replace(new.name, folder / "compile_commands.json")
    found = {}
    for entry in entries:
        found.setdefault(os.path.join(entry["directory"], entry["file"]), []).append(entry)
    return found


@functools.cache
def configuration(folder):
    """The .clang-tidy files that may hold in a folder: its own and those above."""
    own = folder / ".clang-tidy"
    above = frozenset() if folder == folder.parent else configuration(folder.parent)
    return above | {own} if own.is_file() else above


def anywhere(text):
    """Without the place of the checkout."""
    return text.replace(f"{ROOT}/", "<checkout>/")


@dataclasses.dataclass(frozen=True)
class Folders:
    """Where includes are looked for, by the flags of a compile command: quoted ones first beside the file, then in all; others in `all`."""

    quoted: tuple
    all: tuple


def folders_of(entry):
    quoted, others, words = [], [], iter(shlex.split(entry["command"]))
    for word in words:
        found = re.fullmatch(r"-(I|iquote|isystem|idirafter)(.*)", word)
        if found:
            (quoted if found[1] == "iquote" else others).append(os.path.join(entry["directory"], found[2] or next(words)))
    return Folders((*quoted, *others), tuple(others))


@functools.cache
def included_by(file, folders):
    """The checkout's files that a file's text includes, under any condition; nothing where it is not written there which."""
    found = set()
    for quoted, angled, other in INCLUDED.findall(batches.written(file)):
        if other:  # a macro, or a comment in between
            return None
        for folder in (os.path.dirname(file), *folders.quoted) if quoted else folders.all:
            path = os.path.normpath(os.path.join(folder, quoted or angled))
            if os.path.isfile(path):
                if path.startswith(f"{ROOT}/"):
                    found.add(path)
                break
    return found


def read_by(source, folders):
    """The source, with all of the checkout's files that it may include, or nothing where that cannot be told."""
    files, todo = {source}, [source]
    while todo:
        more = included_by(todo.pop(), folders)
        if more is None:
            return None
        todo += more - files
        files |= more
    return files


def others_headers(commands):
    """A hash of where other projects' headers are, how large, and of when; nothing where that cannot be told."""
    folders = {*COMMON_HEADERS, *(folder for entries in commands.values() for entry in entries for folder in folders_of(entry).quoted)}
    outside = sorted(folder for folder in map(os.path.realpath, folders) if folder != str(ROOT) and not folder.startswith(f"{ROOT}/"))
    listed = subprocess.run(["find", *outside, "-printf", "%p %s %T@ %l\n"], capture_output=True).stdout
    return listed and hashlib.sha256(b"\n".join(sorted(listed.split(b"\n")))).hexdigest()


@functools.cache
def digest(file):
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()


def inputs_of(source, entries, identity):
    """What the verdict on a source depends on, or nothing where that cannot be told. identity: of the tool and of others' headers."""
    files, hashed = set(), hashlib.sha256(identity.encode())
    for entry in entries:
        read = read_by(str(ROOT / source), folders_of(entry))
        if read is None or re.search(r"(^| )-(include|imacros)", entry["command"]):
            return None
        files |= read
        hashed.update(anywhere(json.dumps(entry, sort_keys=True)).encode())
        hashed.update(json.dumps(sorted((anywhere(file), digest(file)) for file in read)).encode())
    configurations = frozenset().union(*(configuration(pathlib.Path(file).parent) for file in files))
    texts = {anywhere(str(file)): file.read_text() for file in configurations}
    # HeaderFilterRegex is compared with whole paths, the checkout's included.
    filters = re.findall(r"^HeaderFilterRegex:\s*['\"]?(.*?)['\"]?\s*$", "\n".join(texts.values()), re.MULTILINE)
    shown = [anywhere(file) for file in files if any(re.search(pattern, file) for pattern in filters)]
    hashed.update(json.dumps([sorted(texts.items()), sorted(shown)]).encode())
    return Inputs(hashed.hexdigest(), files | {str(file) for file in configurations})


def still_as_at(moment, files):
    try:
        return all(os.stat(file).st_ctime < moment for file in files)
    except OSError:
        return False


@dataclasses.dataclass
class Source:
    name: str
    entries: list  # of the compilation database
    inputs: Inputs = None
    read_at: float = 0.0  # when inputs were read, s since the epoch
    known: bool = False


def looked_up(name, entries, identity, cache, began):
    """The source, and whether it was clean before. A file that somebody changes meanwhile is found out by its time of change: headers are read
    once for all sources, so that counts from when the first of them was."""
    source = Source(name, entries, read_at=began)
    if identity and entries:
        source.inputs = inputs_of(name, entries, identity)
    if source.inputs:
        try:
            os.utime(cache / source.inputs.key)
            source.known = True
        except OSError:
            pass
    return source


def flags_of(source):
    """Nothing where a source is compiled in several ways or in none, or has a configuration of its own."""
    if len(source.entries) != 1 or configuration((ROOT / source.name).parent) != configuration(ROOT):
        return None
    return batches.flags_in(source.entries[0])


def check_alone(source, tool):
    code, said = tool.run(source.name)
    if code != 0:
        said += f"{source.name}: clang-tidy ended with exit status {code}\n"
    return Verdict(code == 0, said)


def is_clean(batch, tool):
    """Whether clang-tidy has nothing to say of one file with the texts of the batch. It looks for some things, such as unused using-declarations,
    only in the file that it is given, not in what that includes."""
    folder = ROOT / DATABASE / "batches"
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".cpp") as whole:
        whole.writelines(batches.written(ROOT / source.name) + "\n" for source in batch)
        whole.flush()
        return tool.run(whole.name, "--", *batches.united(flags_of(source) for source in batch)) == (0, "")


def check(batch, tool, cache):
    """[(source, verdict)] of a batch."""
    if len(batch) > 1 and not is_clean(batch, tool):
        middle = len(batch) // 2
        return check(batch[:middle], tool, cache) + check(batch[middle:], tool, cache)
    verdicts = [(source, Verdict(passed=True) if len(batch) > 1 else check_alone(source, tool)) for source in batch]
    for source, verdict in verdicts:
        if verdict.passed and not verdict.said and source.inputs and still_as_at(source.read_at, source.inputs.files):
            try:
                (cache / source.inputs.key).touch()
            except OSError:
                pass  # it costs the time of linting it again, no more
    return verdicts


def main(checks, *names):
    tool, commands, cache = find_tool(checks), compile_commands(), cache_folder()
    began = time.time()
    headers = cache and others_headers(commands)
    identity = headers and tool.identity + headers
    sources = [looked_up(name, commands.get(str(ROOT / name), []), identity, cache, began) for name in names]
    todo = {source.name: source for source in sources if not source.known}
    flags = {name: flags_of(source) for name, source in todo.items()}
    names_of = {name: batches.Names(ROOT / name, ROOT, one.macros) for name, one in flags.items() if one}
    groups = batches.batches_of(names_of, {name: one and one.manner for name, one in flags.items()}, BATCH, batches.Names.clashes_with)
    groups += [[name] for name, one in flags.items() if not one]
    passed = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for verdicts in pool.map(lambda batch: check([todo[name] for name in batch], tool, cache), groups):
            for _, verdict in verdicts:
                print(verdict.said, end="", flush=True)
                passed = passed and verdict.passed
    new = [source.inputs.key for source in todo.values() if source.inputs]
    if new and headers != others_headers(commands):  # somebody has installed something meanwhile
        for key in new:
            (cache / key).unlink(missing_ok=True)
    known = sum(source.known for source in sources)
    print(f"Lint: {len(sources)} files, {known} of them unchanged since they were clean")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
