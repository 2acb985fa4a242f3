"""scripts/lint in a tiny checkout of its own: clang-tidy runs again whenever the verdict could be another, and only then."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"
CLANG_TIDY = shutil.which("clang-tidy")

CONFIGURATION = """\
Checks: '-*,readability-identifier-naming,bugprone-macro-parentheses,readability-redundant-preprocessor'
WarningsAsErrors: '*'
HeaderFilterRegex: 'include/vaster/.*'
CheckOptions:
  - { key: readability-identifier-naming.VariableCase, value: lower_case }
"""
HEADER = "#pragma once\ninline int twice(int number) {\n    int result = 2 * number;\n    return result;\n}\n"
SOURCE = '#include "vaster/twice.hpp"\nint four() {\n    int two = 2;\n    return twice(two);\n}\n'
MISNAMED = SOURCE.replace("two", "Two")


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vaster-lint-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.cache, self.log, self.bin = self.folder / "cache", self.folder / "log", self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "python3").symlink_to(sys.executable)  # python3 on the PATH may be a script that first looks for one
        self.put_clang_tidy(f'exec "{CLANG_TIDY}" "$@"')
        self.put_program("clang-format", "exit 0")  # but where the format is looked at: it takes as long as clang-tidy
        self.make_checkout(self.folder / "first")

    def make_checkout(self, root):
        self.root = root
        (root / "scripts").mkdir(parents=True)
        for name in ("lint", "lint_cached.py", "batches.py", "common.sh"):
            shutil.copy(SCRIPTS / name, root / "scripts")
        self.put_headers_of_the_system(root / "scripts/lint_cached.py")
        self.write(".clang-format", "IndentWidth: 4\n")
        self.write(".clang-tidy", CONFIGURATION)
        self.write("include/vaster/twice.hpp", HEADER)
        self.write("src/four.cpp", SOURCE)
        self.write_commands()
        for arguments in (["init", "-q"], ["add", "src", "include"]):
            subprocess.run(["git", *arguments], cwd=root, check=True)

    def put_headers_of_the_system(self, script):
        """Into a folder of the test: to list those of the machine takes longer than clang-tidy here."""
        (self.folder / "system").mkdir(exist_ok=True)
        text, folders = script.read_text(), 'COMMON_HEADERS = ("/usr/include", "/usr/local/include")'
        self.assertIn(folders, text)
        script.write_text(text.replace(folders, f'COMMON_HEADERS = ("{self.folder}/system",)'))

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def write_commands(self, flags="", names=("four",), flags_of=None):
        """flags_of: {name: more of them}."""
        sources = [self.root / f"src/{name}.cpp" for name in names]
        self.write("build/dev/compile_commands.json", json.dumps([{
            "directory": str(self.root / "build/dev"), "file": str(source),
            "command": f"/usr/bin/c++ -I{self.root}/include -std=c++20 -Werror -Wno-restrict {flags} {(flags_of or {}).get(source.stem, '')} -o {source.stem}.o -c {source}"}
            for source in sources]))

    def put_clang_tidy(self, then):
        """On the PATH: a clang-tidy that writes down what it was called for."""
        self.log.touch()
        self.put_program("clang-tidy", f'echo "$@" >>"{self.log}"\n{then}')

    def put_program(self, name, script):
        program = self.bin / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def lint(self, *flags, path=None, kept=""):
        """The finished process, and how often clang-tidy was run on the source."""
        before = self.log.read_text().count("four.cpp")
        done = subprocess.run([self.root / "scripts/lint", *flags], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "VASTER_LINT_CACHE": kept, "VASTER_CACHE": str(self.cache), "PATH": path or f"{self.bin}:{os.environ['PATH']}"})
        return done, self.log.read_text().count("four.cpp") - before

    def assert_clean(self, *flags, calls):
        done, called = self.lint(*flags)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(called, calls)

    def assert_finds(self, *texts):
        """Fails, says why, and does so again."""
        for _ in range(2):
            done, called = self.lint()
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(called, 1)
            for text in texts:
                self.assertIn(text, done.stdout)


class ACleanFile(Lint):
    def test_is_not_linted_again(self):
        self.assert_clean(calls=1)
        self.assert_clean(calls=0)

    def test_is_not_linted_again_in_another_checkout(self):
        self.assert_clean(calls=1)
        self.make_checkout(self.folder / "second")
        self.assert_clean(calls=0)

    def test_is_linted_again_where_the_place_of_the_checkout_makes_the_header_filter_match(self):
        self.write("src/misnamed.hpp", "#pragma once\ninline int one() {\n    int One = 1;\n    return One;\n}\n")
        self.write("src/four.cpp", '#include "misnamed.hpp"\n')
        self.assert_clean(calls=1)
        misnamed = (self.root / "src/misnamed.hpp").read_text()
        self.make_checkout(self.folder / "include/vaster/checkout")
        self.write("src/misnamed.hpp", misnamed)
        self.write("src/four.cpp", '#include "misnamed.hpp"\n')
        self.assert_finds("invalid case style for variable 'One'")

    def test_is_linted_again_with_other_checks(self):
        self.assert_clean(calls=1)
        self.assert_clean("--analyze", calls=1)
        self.assert_clean("--analyze", calls=0)
        self.assert_clean(calls=0)

    def test_is_linted_again_when_anything_changes_that_clang_tidy_reads(self):
        changes = {
            "source": lambda: self.write("src/four.cpp", SOURCE.replace("2", "3")),
            "comment of a header": lambda: self.write("include/vaster/twice.hpp", HEADER + "// more\n"),
            "macro of a header": lambda: self.write("include/vaster/twice.hpp", HEADER + "#define TWO (2)\n"),
            "condition of a header": lambda: self.write("include/vaster/twice.hpp", HEADER + "#if 0\n#endif\n"),
            "configuration": lambda: self.write(".clang-tidy", CONFIGURATION.replace("-*,", "-*,bugprone-assert-side-effect,")),
            "configuration of a header's folder": lambda: self.write("include/vaster/.clang-tidy", CONFIGURATION),
            "compile command": lambda: self.write_commands("-DMORE"),
            "clang-tidy": lambda: self.put_clang_tidy(f'# another\nexec "{CLANG_TIDY}" "$@"'),
        }
        self.assert_clean(calls=1)
        for what, change in changes.items():
            with self.subTest(what):
                change()
                self.assert_clean(calls=1)
                self.assert_clean(calls=0)

    def test_is_linted_again_when_a_header_comes_to_stand_before_another(self):
        self.write_commands(f"-iquote {self.root}/first")
        self.assert_clean(calls=1)
        self.write("first/vaster/twice.hpp", HEADER)
        self.assert_clean(calls=1)

    def test_is_linted_again_when_a_header_of_another_project_changes_or_comes(self):
        others = self.folder / "others"
        others.mkdir()
        (others / "one.h").write_text("// one\n")
        self.write_commands(f"-isystem {others}")
        for change in (lambda: None, lambda: (others / "one.h").write_text("// one, longer\n"), lambda: (others / "two.h").touch(),
                       (self.folder / "system/three.h").touch):
            change()
            self.assert_clean(calls=1)
            self.assert_clean(calls=0)

    def test_is_linted_again_when_another_project_is_installed_while_it_was_linted(self):
        others = self.folder / "others"
        others.mkdir()
        self.write_commands(f"-isystem {others}")
        self.put_clang_tidy(f'[ -e {others}/new.h ] || touch {others}/new.h; exec "{CLANG_TIDY}" "$@"')
        self.assert_clean(calls=1)
        self.assert_clean(calls=1)
        self.assert_clean(calls=0)

    def test_is_linted_every_time_where_a_line_does_not_say_what_it_includes(self):
        for instead in ('#define TWICE "vaster/twice.hpp"\n#include TWICE // for', "#include /* for */"):
            with self.subTest(instead):
                self.write("src/four.cpp", SOURCE.replace("#include", instead))
                self.assert_clean(calls=1)
                self.assert_clean(calls=1)

    def test_is_linted_again_when_a_header_that_it_asks_for_comes(self):
        self.write("src/four.cpp", SOURCE + '#if __has_include("vaster/more.hpp")\n#endif\n')
        self.assert_clean(calls=1)
        self.write("include/vaster/more.hpp", "#pragma once\n")
        self.assert_clean(calls=1)
        self.assert_clean(calls=0)

    def test_is_linted_again_when_it_changed_while_it_was_linted(self):
        self.put_clang_tidy(f'echo "// more" >>src/four.cpp; exec "{CLANG_TIDY}" "$@"')
        self.assert_clean(calls=1)
        self.write("src/four.cpp", SOURCE)
        self.assert_clean(calls=1)

    def test_is_linted_every_time_where_verdicts_cannot_be_kept(self):
        self.cache.write_text("not a folder")
        self.assert_clean(calls=1)
        self.assert_clean(calls=1)

    def test_is_linted_every_time_where_verdicts_are_not_wanted(self):
        for _ in range(2):
            done, called = self.lint(kept="none")
            self.assertEqual((done.returncode, called), (0, 1), done.stderr)
        self.assertFalse(self.cache.exists())

    def test_is_forgotten_after_a_month_without_use(self):
        self.assert_clean(calls=1)
        verdict, = (self.cache / "lint").iterdir()
        os.utime(verdict, (0, 0))
        self.assert_clean(calls=1)

    def test_is_remembered_for_a_month_after_its_last_use(self):
        self.assert_clean(calls=1)
        verdict, = (self.cache / "lint").iterdir()
        before = verdict.stat().st_mtime - 29 * 24 * 3600
        os.utime(verdict, (before, before))
        self.assert_clean(calls=0)
        self.assertGreater(verdict.stat().st_mtime, before)


class AFormat(Lint):
    def test_that_is_another_fails_each_time(self):
        (self.bin / "clang-format").unlink()
        self.assert_clean(calls=1)
        self.write("include/vaster/twice.hpp", HEADER.replace("    int", "  int"))
        subprocess.run(["git", "add", "include"], cwd=self.root, check=True)
        for _ in range(2):
            done, called = self.lint()
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(called, 0)
            self.assertIn("include/vaster/twice.hpp:2:31: error: code should be clang-formatted", done.stderr)


class AFinding(Lint):
    """Each after a clean verdict on the same file."""

    def setUp(self):
        super().setUp()
        self.assert_clean(calls=1)

    def test_in_a_source_fails_each_time(self):
        self.write("src/four.cpp", MISNAMED)
        self.assert_finds("src/four.cpp:3:9: error: invalid case style for variable 'Two'")

    def test_in_a_header_fails_each_time(self):
        self.write("include/vaster/twice.hpp", HEADER.replace("result", "Result"))
        self.assert_finds("include/vaster/twice.hpp:3:9: error: invalid case style for variable 'Result'")

    def test_in_a_macro_that_nobody_uses_fails_each_time(self):
        self.write("include/vaster/twice.hpp", HEADER + "#define SUM(a, b) a + b\n")
        self.assert_finds("bugprone-macro-parentheses")

    def test_in_a_condition_of_the_preprocessor_fails_each_time(self):
        self.write("src/four.cpp", SOURCE + "#define MORE\n#ifdef MORE\n#ifdef MORE\n#endif\n#endif\n")
        self.assert_finds("readability-redundant-preprocessor")

    def test_whose_nolint_is_removed_fails_each_time(self):
        self.write("src/four.cpp", MISNAMED.replace("int Two = 2;", "int Two = 2; // NOLINT"))
        self.assert_clean(calls=1)
        self.assert_clean(calls=0)
        self.write("src/four.cpp", MISNAMED)
        self.assert_finds("invalid case style for variable 'Two'")

    def test_that_is_mended_passes_as_before(self):
        self.write("src/four.cpp", MISNAMED)
        self.assert_finds("invalid case style")
        self.write("src/four.cpp", SOURCE)
        self.assert_clean(calls=0)

    def test_that_is_no_error_is_shown_each_time(self):
        self.write(".clang-tidy", CONFIGURATION.replace("WarningsAsErrors: '*'\n", ""))
        self.write("src/four.cpp", MISNAMED)
        for _ in range(2):
            self.assertIn("warning: invalid case style", self.lint()[0].stdout)

    def test_of_the_compiler_fails_each_time(self):
        self.write("src/four.cpp", SOURCE.replace("(two)", "(three)"))
        self.assert_finds("'three'")
        self.write("src/four.cpp", SOURCE.replace("twice.hpp", "thrice.hpp"))
        self.assert_finds("'vaster/thrice.hpp' file not found")


class ABatch(Lint):
    """Three sources, which clang-tidy reads as one; what it says is said of the one that it belongs to."""

    def setUp(self):
        super().setUp()
        self.write(".clang-format", "DisableFormat: true\n")
        self.write(".clang-tidy", CONFIGURATION.replace("-*,", "-*,misc-unused-using-decls,").replace("include/vaster", "(include/vaster|src)"))
        self.write("include/vaster/other.hpp", "#pragma once\nnamespace other {\nstruct Thing {};\n}  // namespace other\n")
        self.write_all("int one() {\n    return 1;\n}\n", "int two() {\n    return 2;\n}\n")

    def write_all(self, one, two):
        self.write("src/one.cpp", one)
        self.write("src/two.cpp", two)
        self.write_commands(names=("one", "two", "four"))
        subprocess.run(["git", "add", "src"], cwd=self.root, check=True)

    def said(self):
        """Exit status, lines with findings, and how often clang-tidy was run to look for anything."""
        before = len(self.log.read_text().splitlines())
        done, _ = self.lint(kept="none")
        calls = len(self.log.read_text().splitlines()) - before
        return done.returncode, [line for line in done.stdout.splitlines() if "error:" in line], calls

    def test_that_is_clean_is_read_once(self):
        self.assertEqual(self.said(), (0, [], 1))

    def test_that_is_clean_is_not_read_again(self):
        self.assertEqual(self.lint()[0].returncode, 0)
        before = self.log.read_text()
        done, _ = self.lint()
        self.assertEqual(self.log.read_text(), before)
        self.assertIn("3 of them unchanged", done.stdout)

    def test_is_made_of_single_sources_where_the_build_compiles_several_as_one(self):
        folder = self.root / "build/dev"
        self.write("build/dev/Unity/unity_1_cxx.cxx", "".join(f'#include "{self.root}/src/{name}.cpp"\n' for name in ("one", "two", "four")))
        self.write("build/dev/compile_commands.json", json.dumps([{
            "directory": str(folder), "file": f"{folder}/Unity/unity_1_cxx.cxx",
            "command": f"/usr/bin/c++ -I{self.root}/include -std=c++20 -o Unity/unity_1_cxx.cxx.o -c {folder}/Unity/unity_1_cxx.cxx"}]))
        self.assertEqual(self.said(), (0, [], 1))
        self.write("src/two.cpp", "int two() {\n    int Number = 2;\n    return Number;\n}\n")
        code, found, _ = self.said()
        self.assertNotEqual(code, 0)
        self.assertIn("src/two.cpp:2:9: error: invalid case style for variable 'Number'", "".join(found))

    def test_shows_a_finding_once_and_with_its_source(self):
        self.write("src/one.cpp", "int one() {\n    int Number = 1;\n    return Number;\n}\n")
        code, found, _ = self.said()
        self.assertNotEqual(code, 0)
        self.assertEqual(len(found), 1, found)
        self.assertIn("src/one.cpp:2:9: error: invalid case style for variable 'Number'", found[0])

    def test_shows_what_is_looked_for_in_main_files_only(self):
        self.write_all('#include "vaster/other.hpp"\nusing other::Thing;\nint one() {\n    return 1;\n}\n',
                       '#include "vaster/other.hpp"\nusing other::Thing;\nThing two() {\n    return {};\n}\n')
        code, found, _ = self.said()
        self.assertNotEqual(code, 0)
        self.assertEqual(len(found), 1, found)
        self.assertIn("src/one.cpp:2:14: error: using decl 'Thing' is unused", found[0])

    def test_has_no_two_sources_with_names_of_their_own_in_common(self):
        own = "namespace {\n\nint helper() {\n    return NUMBER;\n}\n\n}  // namespace\n\nint NAME() {\n    return helper();\n}\n"
        self.write_all(own.replace("NUMBER", "1").replace("NAME", "one"), own.replace("NUMBER", "2").replace("NAME", "two"))
        self.assertEqual(self.said(), (0, [], 2))

    def test_has_sources_with_other_levels_of_optimisation_folders_and_macros_that_only_one_reads(self):
        self.write_all("int one() {\n    return ONE;\n}\n", "int two() {\n    return 2;\n}\n")
        self.write_commands(names=("one", "two", "four"), flags_of={"one": "-O3 -DONE=1", "two": f"-O1 -isystem {self.folder}"})
        self.assertEqual(self.said(), (0, [], 1))

    def test_has_no_source_that_reads_a_macro_which_only_another_is_given(self):
        self.write_all("int one() {\n    return ONE;\n}\n", "#ifndef ONE\nint Two = 2;\n#endif\n")
        self.write_commands(names=("one", "two", "four"), flags_of={"one": "-DONE=1"})
        code, found, _ = self.said()
        self.assertNotEqual(code, 0)
        self.assertEqual(len(found), 1, found)
        self.assertIn("src/two.cpp:2:5: error: invalid case style for variable 'Two'", found[0])

    def test_that_does_not_compile_as_one_is_divided(self):
        hidden = "struct\nHelper {\n    int NAME;\n};\nstatic int NAME(Helper const& helper) {\n    return helper.NAME;\n}\nint all_NAME() {\n    return NAME({});\n}\n"
        self.write_all(hidden.replace("NAME", "one"), hidden.replace("NAME", "two"))
        code, found, calls = self.said()
        self.assertEqual((code, found), (0, []))
        self.assertGreater(calls, 1)


class ABrokenClangTidy(Lint):
    def test_that_crashes_fails_each_time(self):
        self.put_clang_tidy("kill -SEGV $$")
        self.assert_finds("src/four.cpp: clang-tidy ended with exit status -11")

    def test_that_says_why_it_stopped_is_quoted(self):
        self.put_clang_tidy("echo 'out of memory' >&2; exit 1")
        self.assert_finds("out of memory", "exit status 1")

    def test_that_complains_and_goes_on_is_not_believed(self):
        self.put_clang_tidy("echo 'cannot read .clang-tidy' >&2")
        self.assert_clean(calls=1)
        self.assert_clean(calls=1)

    def test_that_is_missing_fails(self):
        self.assert_clean(calls=1)
        (self.bin / "clang-tidy").unlink()
        for name in "bash dirname find env git ldd mkdir mv sed wc xargs".split():
            (self.bin / name).symlink_to(shutil.which(name))
        done, _ = self.lint(path=str(self.bin))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("clang-tidy is missing", done.stderr)

    def test_without_a_source_to_lint_fails(self):
        subprocess.run(["git", "rm", "-q", "-f", "src/four.cpp"], cwd=self.root, check=True)
        done, _ = self.lint()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no source", done.stderr)


if __name__ == "__main__":
    unittest.main()
