"""scripts/check_rooms.py finds what it is there for: a forbidden include that is planted in a copy of the tree."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent


class Rooms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-rooms-")
        cls.tree = pathlib.Path(cls._folder.name)
        for name in ("src", "include", "scripts"):
            shutil.copytree(SOURCE / name, cls.tree / name, ignore=shutil.ignore_patterns("vendor", "__pycache__"))

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def check(self):
        return subprocess.run([str(self.tree / "scripts/check_rooms.py"), str(self.tree)], capture_output=True, text=True)

    def planted(self, path, line):
        """What is said of a file with that line, which is removed again."""
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line + "\n")
        try:
            done = self.check()
        finally:
            file.unlink()
        self.assertEqual(done.returncode, 1, f"{path}: {line}: {done.stdout}")
        return done.stdout

    def test_the_tree_as_it_is_breaks_no_rule(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_core_may_not_include_a_domain(self):
        for room in ("base/support", "core/study", "core/run", "core/cli", "core/report"):
            self.assertIn("domains/va", self.planted(f"src/{room}/planted.cpp", '#include "domains/va/metrics/metrics.hpp"'))

    def test_a_domain_may_not_include_another_one(self):
        said = self.planted("src/domains/va/study/planted.cpp", '#include "domains/trading/market/bars.hpp"')
        self.assertIn("room 'domains/va/study' may not include 'domains/trading/market'", said)
        said = self.planted("src/domains/toy/planted.cpp", '#include "domains/drill/drill.hpp"')
        self.assertIn("room 'domains/toy' may not include 'domains/drill'", said)

    def test_a_domain_of_one_room_needs_no_line_of_its_own(self):
        file = self.tree / "src/domains/toy/toy.cpp"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('#include "core/cli/output.hpp"\n#include "vaster/study/study.hpp"\n')
        try:
            self.assertEqual(self.check().returncode, 0)
        finally:
            file.unlink()

    def test_a_public_header_may_not_include_a_private_one(self):
        self.assertIn("private header", self.planted("include/vaster/study/planted.hpp", '#include "base/support/files.hpp"'))

    def test_a_public_header_says_how_stable_it_is(self):
        self.assertIn("how stable it is", self.planted("include/vaster/study/planted.hpp", "#pragma once"))

    def test_the_base_may_not_include_the_core(self):
        self.planted("src/base/stats/planted.cpp", '#include "vaster/study/study.hpp"')

    def test_a_library_stays_behind_its_fence(self):
        for room, library in (("core/store", "boost/mpi.hpp"), ("core/engine", "hdf5.h"), ("core/run", "xgboost/c_api.h"),
                              ("domains/va/models", "boost/math/distributions.hpp")):
            self.assertIn(f"<{library}>", self.planted(f"src/{room}/planted.cpp", f"#include <{library}>"))

    def test_includes_are_paths_from_the_roots_on(self):
        self.assertIn("is not the path", self.planted("src/core/engine/planted.cpp", '#include "signals.hpp"'))

    def test_a_source_begins_with_its_header(self):
        """No header is compiled by itself that a source begins with: one must begin so."""
        for path, own in (("src/base/stats/metrics.cpp", "base/stats/metrics.hpp"), ("src/core/study/config.cpp", "vaster/study/config.hpp")):
            header = self.tree / ("include" if own.startswith("vaster/") else "src") / own
            kept = {file: file.read_text() for file in (self.tree / path, header) if file.exists()}
            try:
                header.write_text(kept.get(header, "#pragma once  // Stable.\n"))
                (self.tree / path).write_text(f'#include <vector>\n\n#include "{own}"\n')
                self.assertIn(f'{path}: must begin with "{own}"', self.check().stdout)
            finally:
                for file in (self.tree / path, header):
                    file.write_text(kept[file]) if file in kept else file.unlink()

    def test_a_header_has_no_namespace_without_a_name(self):
        self.assertIn("src/core/engine/odd.hpp:1: a header's namespace has a name", self.planted("src/core/engine/odd.hpp", "namespace {"))
        self.assertNotIn("namespace has a name", self.planted("src/core/engine/odd.hpp", "namespace {  // for a reason\n#include <boost/mpi.hpp>"))
        self.assertNotIn("namespace has a name", self.planted("src/core/engine/odd.cpp", "namespace {\n#include \"hdf5.h\""))

    def test_a_file_outside_all_rooms_is_found(self):
        self.assertIn("lies in no room", self.planted("src/elsewhere/planted.cpp", "#include <vector>"))


if __name__ == "__main__":
    unittest.main()
