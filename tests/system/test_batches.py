"""The batches of sources that releases are compiled in (VASTER_UNITY, scripts/batches.py) compile, and mean what their sources do."""

import concurrent.futures
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
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "scripts"))

import batches  # noqa: E402
import lint_cached  # noqa: E402

PRECOMPILED = "CMakeFiles/vaster_precompiled.dir/vaster_precompiled.cpp.o"


class Batches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vaster-batches-")
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)

    def run_tool(self, *command):
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def sources_of(self, entry):
        return [pathlib.Path(source) for source in re.findall(r'#include "(.*)"', pathlib.Path(entry["file"]).read_text())]

    def text_of(self, entry):
        """What is compiled and how, wherever the checkout and the build are: all but what is precompiled, and other projects' headers."""
        batch, sources = pathlib.Path(entry["file"]).read_text(), self.sources_of(entry)
        headers = sorted({header for source in sources for header in batches.headers_of(source, PROJECT)})
        texts = [entry["command"], batch, *(f"{file}\n{file.read_text()}" for file in [*sources, *headers])]
        return "\n".join(texts).replace(str(self.build), "<build>").replace(str(PROJECT), "<checkout>")

    def what_all_include(self):
        """A hash of what is precompiled, of the compiler and of all packages that are installed."""
        hashed = hashlib.sha256(self.run_tool("c++", "--version").encode())
        packages = pathlib.Path("/var/lib/dpkg/status")
        for file in [*sorted((PROJECT / "scripts/cmake").iterdir()), *([packages] if packages.exists() else [])]:
            hashed.update(str(file.name).encode() + file.read_bytes())
        return hashed.hexdigest()

    def errors_of(self, entries):
        """What the compiler says of these batches: of all as one, which takes less time, and of each if that is anything."""
        compiler = shlex.split(entries[0]["command"])[0]
        with tempfile.NamedTemporaryFile("w", dir=self.build, suffix=".cpp") as whole:
            whole.writelines(f'#include "{entry["file"]}"\n' for entry in entries)
            whole.flush()
            flags = batches.united(batches.flags_in(entry) for entry in entries)
            done = subprocess.run([compiler, *flags, "-O2", "-fsyntax-only", whole.name], capture_output=True, text=True)
        if len(entries) > 1 and done.returncode:
            return [errors for entry in entries for errors in self.errors_of([entry])]
        said = "".join(pathlib.Path(entry["file"]).read_text() for entry in entries)
        return [f"{said}\n{done.stderr}" if done.returncode else ""] * len(entries)

    def names_in(self, entry):
        """Of all sources of a batch."""
        first, *others = [batches.Names(source, PROJECT, batches.flags_in(entry).macros) for source in self.sources_of(entry)]
        for other in others:
            first.add(other)
        return first

    def verdicts_on(self, entries):
        """Their errors; a verdict on what has not changed since it compiled is kept, as the linter's are."""
        cache, included = lint_cached.cache_folder("batches"), self.what_all_include()
        key_of = {entry["file"]: hashlib.sha256((included + self.text_of(entry)).encode()).hexdigest() for entry in entries}
        todo = {entry["file"]: entry for entry in entries if not cache or not (cache / key_of[entry["file"]]).exists()}
        print(f"{len(entries) - len(todo)} of {len(entries)} batches are unchanged since they compiled", file=sys.stderr)
        if todo:
            self.run_tool("ninja", "-C", str(self.build), PRECOMPILED)
        manners = {file: batches.flags_in(entry).manner for file, entry in todo.items()}
        groups = batches.batches_of({file: self.names_in(entry) for file, entry in todo.items()}, manners, 4, batches.Names.clashes_with)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            verdicts = list(pool.map(lambda group: self.errors_of([todo[file] for file in group]), groups))
        errors_of = {file: errors for group, said in zip(groups, verdicts) for file, errors in zip(group, said)}
        for file, key in key_of.items():
            if cache and not errors_of.get(file):
                (cache / key).touch()
        return errors_of.values()

    def batches_of(self, **texts):
        """How sources of one room are put together."""
        room = self.build / "src/room"
        room.mkdir(parents=True)
        (room / "both.hpp").write_text("int header();\n")
        for name, text in texts.items():
            (room / f"{name}.cpp").write_text(f'#include "room/both.hpp"\n\nnamespace vaster {{\n{text}\n}}\n')
        lines = self.run_tool(PROJECT / "scripts/batches.py", str(self.build)).splitlines()
        found = dict(re.fullmatch(r'set\("VASTER_BATCH_src/room/(\w+)\.cpp" (\d+)\)', line).groups() for line in lines)
        return {name: found.get(name, name) for name in texts}

    def assert_together(self, *texts):
        found = self.batches_of(first=texts[0], second=texts[1])
        self.assertEqual(found["first"], found["second"])

    def assert_apart(self, *texts):
        found = self.batches_of(first=texts[0], second=texts[1])
        self.assertNotEqual(found["first"], found["second"])

    def own(self, text):
        return f"namespace {{\n\n{text}\n\n}}  // namespace\n"

    def test_sources_that_share_no_name_go_together(self):
        self.assert_together(self.own("int half(int n) {\n    return n / 2;\n}"), self.own("int twice(int n) {\n    return 2 * n;\n}"))

    def test_what_one_defines_for_itself_another_does_not_define(self):
        self.assert_apart(self.own("int half(int n) {\n    return n / 2;\n}"), self.own("double half(double x) {\n    return x / 2;\n}"))

    def test_what_one_defines_for_itself_another_does_not_find_by_its_arguments(self):
        self.assert_apart(self.own("int quoted(std::string const& text);"), "std::string f() {\n    return quoted(std::string());\n}")

    def test_a_name_that_says_where_it_is_from_is_another(self):
        self.assert_together(self.own("int quoted(std::string const& text);"), "auto f() {\n    return std::quoted(a.quoted, b->quoted);\n}")

    def test_what_is_static_is_its_own_too(self):
        self.assert_apart("static int quoted(std::string const& text);", "auto f() {\n    return quoted(a);\n}")

    def test_what_one_imports_another_does_not_mean_otherwise(self):
        self.assert_apart("using other::Thing;", "Thing f();")

    def test_what_both_import_from_one_place_is_no_matter(self):
        self.assert_together("using other::Thing;\nThing f();", "using other::Thing;\nThing g();")

    def test_what_uses_other_namespaces_as_a_whole_stays_apart(self):
        self.assert_apart("using namespace other;\nint f();", "int g();")
        shutil.rmtree(self.build / "src")
        self.assert_together("using namespace other;\nint f();", "using namespace other;\nint g();")

    def test_a_name_of_a_header_is_not_hidden(self):
        self.assert_apart(self.own("int header(long n);"), "int g();")

    def test_a_macro_reaches_no_other_source(self):
        self.assert_apart("#define LIMIT 3", "constexpr int LIMIT = 4;")

    def test_each_compiles(self):
        self.run_tool("cmake", "--preset", "release", "-B", str(self.build))
        entries = json.loads((self.build / "compile_commands.json").read_text())
        units = [entry for entry in entries if "/Unity/" in entry["file"]]
        sources = [line for entry in units for line in pathlib.Path(entry["file"]).read_text().splitlines() if "#include" in line]
        self.assertGreater(len(sources), 100)
        self.assertGreater(len(sources), 2 * len(units))
        wrong = [errors for errors in self.verdicts_on(units) if errors]
        self.assertFalse(wrong, "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
