"""What others plant in a folder that a group shares is neither followed nor emptied, under whichever name of a file of ours."""

import os
import pathlib
import unittest

from system import SystemTest

DRILL = ["run", "--quiet", "--set", "study.kind=drill", "--set", "drill.experiments=5", "--set", "drill.seconds=0.01"]
SOMEBODY = 12345  # a user that is none of this machine


class Planted(SystemTest):
    deaths = 20

    def setUp(self):
        super().setUp()
        self.shared = self.folder / f"shared-{self._testMethodName}"
        self.shared.mkdir()
        self.shared.chmod(0o2775)
        self.precious = self.folder / "precious"
        self.precious.write_text("kept")

    def link(self, name, owner=None):
        """A link of that name to the file that must be kept, one of another user where this process may make one."""
        path = self.shared / name
        path.symlink_to(self.precious)
        if os.geteuid() == 0:
            os.lchown(path, owner or SOMEBODY, owner or SOMEBODY)
        return path

    def refused(self, *arguments, names):
        done = self.vaster(*DRILL, "--output", self.shared / "study.h5", *arguments, code=74)
        self.assertIn(str(names), done.stderr)
        self.assertEqual(self.precious.read_text(), "kept")

    def test_the_lock_is_never_a_link_a_hard_link_or_a_pipe(self):
        lock = self.link("study.h5.lock")
        self.refused(names=f"{lock} is a symbolic link, where vaster keeps a file of its own")
        lock.unlink()
        lock.hardlink_to(self.precious)
        self.refused(names=f"{lock} is a second name of another file")
        lock.unlink()
        os.mkfifo(lock)
        self.refused(names=f"{lock} is not a plain file")
        lock.unlink()
        self.vaster(*DRILL, "--output", self.shared / "study.h5")

    def test_pages_and_costs_take_the_place_of_what_is_planted(self):
        names = ("status.json", "metrics.prom", "index.html", "costs-drill.txt")
        for name in names:
            self.link(name)
        self.vaster(*DRILL, "--output", self.shared / "study.h5", "--status-dir", self.shared, "--set", f"run.cost_cache={self.shared}")
        self.assertEqual(self.precious.read_text(), "kept")
        for name in names[:3]:
            self.assertFalse((self.shared / name).is_symlink(), name)

    @unittest.skipIf(os.geteuid() != 0, "only root can make links of other users")
    def test_names_that_the_user_gives_are_not_followed_through_links_of_others(self):
        study = self.shared / "study.h5"
        for flag, name in (("--log-file", "log"), ("--ending-file", "ending")):
            with self.subTest(flag=flag):
                link = self.link(name)
                self.refused(flag, link, names=f"{link} is a symbolic link to {self.precious} that belongs to another user ({SOMEBODY})")
                self.assertFalse(pathlib.Path(study).exists())
        self.precious.unlink()
        link = self.link("other.h5")
        done = self.vaster(*DRILL, "--output", link, code=74)
        self.assertIn("belongs to another user", done.stderr)
        self.assertFalse(self.precious.exists())
        self.vaster(*DRILL, "--output", study)
        export = self.link("results.csv")
        self.assertIn("belongs to another user", self.vaster("export", study, "--csv", "--output", export, code=74).stderr)
        self.assertFalse(self.precious.exists())

    def test_links_of_ones_own_are_followed(self):
        far = self.folder / "far.h5"
        link = self.shared / "study.h5"
        link.symlink_to(far)
        self.vaster(*DRILL, "--output", link)
        self.assertTrue(far.is_file())
        self.assertTrue(link.is_symlink())


if __name__ == "__main__":
    unittest.main()
