#!/usr/bin/env python3
"""Runs clang-tidy on sources, except on those that were clean before and of which nothing has changed since.

usage: lint_cached.py CHECKS FILE.cpp ...    (in the top folder of a checkout, with build/lint/compile_commands.json)

A verdict depends on clang-tidy itself, its flags, the .clang-tidy files, the compile command and the text that is compiled. Their hash is
the name of an empty file in the cache if the verdict was clean: exit status 0 and nothing said. The text is what Clang makes by
-frewrite-includes: includes expanded, everything else as written, for checks read comments (NOLINT), macros and conditions too. The place
of the checkout is taken out. Where a key or the cache cannot be had, clang-tidy runs.

Most of its time clang-tidy walks through the headers of the standard library. So it reads several sources at once, as one that includes
them, and a batch that is clean says so of all of them. A batch of which anything is said is divided until the source is found alone: what
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
DATABASE = "build/lint"
KEPT_FOR = 30 * 24 * 3600  # s after a verdict was last used
BATCH = 12  # sources; more of them save little
IN_MAIN_FILE_ONLY = "misc-unused-using-decls"  # clang-tidy 14 does not look for these in what is included
COUNT = re.compile(r"\d+ warnings? generated\.\n")  # said of every source: what system headers hold back


@dataclasses.dataclass
class Tool:
    """clang-tidy with the flags of this run, the compiler of the same version (if there is one), and a hash of what they are."""

    command: list
    checks: str
    compiler: str
    identity: str

    def run(self, *arguments, checks=None):
        """(exit status, what it says)."""
        done = subprocess.run([*self.command, f"--checks={checks or self.checks}", *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout + COUNT.sub("", done.stderr)

    @functools.cached_property
    def looks_for_unused_imports(self):
        return IN_MAIN_FILE_ONLY in self.run("--list-checks")[1]


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


def version(program):
    """'14.0.6', or nothing if the program does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return None
    found = re.search(r"version (\S+)", said)
    return found and found[1]


def find_tool(checks):
    program, compiler = shutil.which("clang-tidy"), shutil.which("clang++")
    if not program:
        sys.exit("lint: clang-tidy is missing; see scripts/install-dependencies")
    flags = ["-p", DATABASE, "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    loaded = [program, *re.findall(r"=> (/\S+)", libraries)]
    files = [(file, os.stat(file).st_size, os.stat(file).st_mtime_ns) for file in loaded]  # Clang's own library is 100 MB: not read each time
    identity = [version(program), flags, checks, files]
    same_version = compiler and version(compiler) == version(program)
    return Tool([program, *flags], checks, compiler if same_version else None, json.dumps(identity))


def compile_commands():
    """{source: its entries in the compilation database}, several where it belongs to several targets."""
    found = {}
    for entry in json.loads((ROOT / DATABASE / "compile_commands.json").read_text()):
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


def expanded(entry, compiler):
    """The text of a source with its includes expanded, as clang-tidy sees it, or nothing where it does not compile."""
    _, *flags = shlex.split(entry["command"])
    done = subprocess.run([compiler, *flags, "-w", "-D__clang_analyzer__=1", "-E", "-frewrite-includes", "-o", "-"],
                          cwd=entry["directory"], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def inputs_of(source, entries, tool):
    """What the verdict on a source depends on, or nothing where that cannot be told."""
    files, hashed = {str(ROOT / source)}, hashlib.sha256(tool.identity.encode())
    for entry in entries:
        text = expanded(entry, tool.compiler)
        if text is None:
            return None
        names = set(re.findall(rb'\n# \d+ "([^<"\n][^"\n]*)"', text))
        files |= {os.path.join(entry["directory"], os.fsdecode(name)) for name in names}
        hashed.update(anywhere(json.dumps(entry, sort_keys=True)).encode())
        hashed.update(text.replace(f' "{ROOT}/'.encode(), b' "<checkout>/'))
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


def looked_up(name, entries, tool, cache):
    """The source, and whether it was clean before. A file that somebody changes meanwhile is found out by its time of change."""
    source = Source(name, entries, read_at=time.time())
    if cache and entries and tool.compiler:
        source.inputs = inputs_of(name, entries, tool)
    if source.inputs:
        try:
            os.utime(cache / source.inputs.key)
            source.known = True
        except OSError:
            pass
    return source


def flags_of(source):
    """The compiler's flags without the names of files, or nothing where a source is compiled in several ways or in none."""
    if len(source.entries) != 1 or configuration((ROOT / source.name).parent) != configuration(ROOT):
        return None
    entry = source.entries[0]
    _, *flags = shlex.split(entry["command"])
    if "-o" not in flags or "-c" not in flags:
        return None
    del flags[flags.index("-o"):flags.index("-o") + 2]
    return tuple(flag for flag in flags if flag not in ("-c", entry["file"]))


def check_alone(source, tool):
    code, said = tool.run(source.name)
    if code != 0:
        said += f"{source.name}: clang-tidy ended with exit status {code}\n"
    return Verdict(code == 0, said)


def is_clean(batch, tool):
    """Whether clang-tidy has nothing to say of one source that includes all of the batch."""
    folder = ROOT / DATABASE / "batches"
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".cpp") as whole:
        whole.writelines(f'#include "{ROOT / source.name}" // NOLINT(bugprone-suspicious-include)\n' for source in batch)
        whole.flush()
        if tool.run(whole.name, "--", *flags_of(batch[0])) != (0, ""):
            return False
    importing = [source.name for source in batch if tool.looks_for_unused_imports and batches.imports(ROOT / source.name)]
    return not importing or tool.run(*importing, checks=f"-*,{IN_MAIN_FILE_ONLY}") == (0, "")


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
    passed = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        sources = list(pool.map(lambda name: looked_up(name, commands.get(str(ROOT / name), []), tool, cache), names))
        todo = {source.name: source for source in sources if not source.known}
        groups = batches.batches_of({name: flags_of(source) for name, source in todo.items()}, ROOT, BATCH, batches.Names.clashes_with)
        for verdicts in pool.map(lambda batch: check([todo[name] for name in batch], tool, cache), groups):
            for _, verdict in verdicts:
                print(verdict.said, end="", flush=True)
                passed = passed and verdict.passed
    known = sum(source.known for source in sources)
    print(f"Lint: {len(sources)} files, {known} of them unchanged since they were clean")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
