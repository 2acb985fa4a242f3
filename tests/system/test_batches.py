"""The batches of sources that are compiled as one (VASTER_UNITY, scripts/batches.py) mean what their sources do, which each could be compiled alone."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent


class Batches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vaster-batches-")
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)

    def run_tool(self, *command):
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def batches_of(self, headers, **texts):
        """How sources of one room are put together."""
        room = self.build / "src/room"
        room.mkdir(parents=True)
        for name, text in {"both": "int header();\n", **headers}.items():
            (room / f"{name}.hpp").write_text(text)
        for name, text in texts.items():
            (room / f"{name}.cpp").write_text(f'#include "room/both.hpp"\n\nnamespace vaster {{\n{text}\n}}\n')
        lines = self.run_tool(PROJECT / "scripts/batches.py", str(self.build)).splitlines()
        found = dict(re.fullmatch(r'set\("VASTER_BATCH_src/room/(\w+)\.cpp" (\d+)\)', line).groups() for line in lines)
        return {name: found.get(name, name) for name in texts}

    def assert_together(self, *texts, **headers):
        found = self.batches_of(headers, first=texts[0], second=texts[1])
        self.assertEqual(found["first"], found["second"])

    def assert_apart(self, *texts, **headers):
        found = self.batches_of(headers, first=texts[0], second=texts[1])
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

    def test_a_source_that_lacks_a_header_does_not_get_it_from_another(self):
        half = "int half(int n);\n"
        self.assert_apart('#include "room/half.hpp"\nint f() {\n    return half(4);\n}', "int g() {\n    return half(2);\n}", half=half)
        shutil.rmtree(self.build / "src")
        self.assert_apart('#include "room/half.hpp"\nint f() {\n    return half(4);\n}', "int g() {\n    return vaster::half(2);\n}", half=half)
        shutil.rmtree(self.build / "src")
        self.assert_together('#include "room/half.hpp"\nint f() {\n    return half(4);\n}', "int g() {\n    return both.half;\n}", half=half)

    def test_a_source_does_not_get_from_another_what_its_headers_only_announce(self):
        announced, thing = "struct Thing;\nThing const& thing();\n", "struct Thing {\n    int number;\n};\n"
        self.assert_apart('#include "room/thing.hpp"\nint f(Thing const& a) {\n    return a.number;\n}', '#include "room/announced.hpp"\nint g() {\n    return thing().number;\n}',
                          announced=announced, thing=thing)
        shutil.rmtree(self.build / "src")
        self.assert_together('#include "room/thing.hpp"\nint f(Thing const& a) {\n    return a.number;\n}',
                             '#include "room/announced.hpp"\n#include "room/thing.hpp"\nint g() {\n    return thing().number;\n}', announced=announced, thing=thing)

    def test_a_macro_of_a_header_reaches_only_who_includes_it(self):
        self.assert_apart('#include "room/limit.hpp"\nint f();', "int g() {\n    return LIMIT;\n}", limit="#define LIMIT 3\n")

    def test_the_header_that_a_source_begins_with_gets_nothing_from_another_source(self):
        self.assert_apart('#include "room/thing.hpp"\nint f();', "int g();", both="int number_of(Thing const& thing);\n", thing="struct Thing {\n    int number;\n};\n")

    def test_headers_that_begin_no_source_are_put_together_but_get_nothing_from_each_other(self):
        room = self.build / "src/room"
        texts = {"half": "int half(int n);\n", "lacks": "inline int f() {\n    return half(2);\n}\n", "other": "int g();\n", "begins": "int h();\n"}
        room.mkdir(parents=True)
        for name, text in texts.items():
            (room / f"{name}.hpp").write_text(f"#pragma once\n{text}")
        (room / "part.hpp").write_text("int part_of_a_source;\n")
        (room / "begins.cpp").write_text('#include "room/begins.hpp"\n#include "room/part.hpp"\n')
        lines = self.run_tool(PROJECT / "scripts/batches.py", str(self.build)).splitlines()
        found = [{pathlib.Path(file).stem for file in re.search('"(.*)"', line)[1].split()} for line in lines if "VASTER_HEADERS" in line]
        self.assertEqual(sorted(name for batch in found for name in batch), ["half", "lacks", "other"])
        self.assertNotIn({"half", "lacks"}, [batch - {"other"} for batch in found])
        self.assertEqual(len(found), 2)

    def test_the_sources_of_the_project_are_put_together(self):
        lines = self.run_tool(PROJECT / "scripts/batches.py", str(PROJECT)).splitlines()
        found = [re.fullmatch(r'set\("VASTER_BATCH_src/\S+\.cpp" (\d+)\)', line)[1] for line in lines if "BATCH_src" in line]
        self.assertGreater(len(found), 100)
        self.assertGreater(len(found), 2 * len(set(found)))


if __name__ == "__main__":
    unittest.main()
