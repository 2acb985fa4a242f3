"""scripts/test says what its parts have said: in a checkout of its own, with parts that do nothing but end as they are told."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"


class TestCommand(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vaster-ci-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "scripts").mkdir()
        (self.root / "bin").mkdir()
        for name in ("test", "common.sh"):
            shutil.copy(SCRIPTS / name, self.root / "scripts")

    def run_with(self, *flags, cmake=0, ctest=0, lint=0):
        """scripts/test where cmake, ctest and the linter end with these exit statuses."""
        for path, status in (("bin/cmake", cmake), ("bin/ctest", ctest), ("scripts/lint", lint)):
            program = self.root / path
            program.write_text(f"#!/bin/sh\necho {program.name} ran\nexit {status}\n")
            program.chmod(0o755)
        return subprocess.run([self.root / "scripts/test", "--no-install", *flags], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"})

    def test_everything_is_well(self):
        done = self.run_with()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("ctest ran", done.stdout)
        self.assertIn("lint ran", done.stdout)

    def test_nothing_is_linted_on_request(self):
        done = self.run_with("--no-lint", lint=1)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("lint ran", done.stdout)

    def test_what_was_skipped_is_said_with_the_reason(self):
        log = self.root / "build/dev/Testing/Temporary/LastTest.log"
        log.parent.mkdir(parents=True)
        log.write_text("test_a (test_hosts.Hosts.test_a) ... skipped 'hosts need /dev/fuse'\ntest_b (test_hosts.Hosts.test_b)\n"
                       "More of it. ... skipped 'hosts need /dev/fuse'\ntest_c (test_x.X.test_c) ... skipped \"it's not here\"\ntest_d (test_x.X.test_d) ... ok\n")
        done = self.run_with()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"What was skipped.*\n +2 hosts need /dev/fuse\n +1 it's not here\n")

    def test_any_part_that_fails_makes_it_fail(self):
        for failing in ("cmake", "ctest", "lint"):
            done = self.run_with(**{failing: 3})
            self.assertNotEqual(done.returncode, 0, failing)

    def test_the_linter_is_heard_when_tests_have_failed(self):
        self.assertIn("lint ran", self.run_with(ctest=1, lint=1).stdout)


if __name__ == "__main__":
    unittest.main()
