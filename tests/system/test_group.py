"""A study of a group: two users of one group in a folder that both may write in, and what a quota does to a run."""

import os
import pathlib
import shutil
import stat
import subprocess
import unittest

from system import PATIENCE, VASTER, Job, SystemTest, preloads

DRILL = ["run", "--quiet", "--resume", "--set", "study.kind=drill", "--set", "drill.experiments=40", "--set", "drill.seconds=0.05"]
ALICE, BOB, GROUP = 41001, 41002, 42000  # users and group that this machine need not know

# Files may grow by so many bytes in all; then the system's answer is that of a quota.
QUOTA = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
static long left(int fd, size_t n) {
    static long allowed = -1;
    struct stat is;
    if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode)) return (long)n;
    if (allowed < 0) allowed = atol(getenv("QUOTA"));
    if (allowed < (long)n) { errno = EDQUOT; return -1; }
    allowed -= (long)n;
    return (long)n;
}
ssize_t write(int fd, const void* from, size_t n) {
    ssize_t (*next)(int, const void*, size_t) = dlsym(RTLD_NEXT, "write");
    return left(fd, n) < 0 ? -1 : next(fd, from, n);
}
ssize_t pwrite(int fd, const void* from, size_t n, off_t at) {
    ssize_t (*next)(int, const void*, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    return left(fd, n) < 0 ? -1 : next(fd, from, n, at);
}
ssize_t pwrite64(int fd, const void* from, size_t n, off_t at) { return pwrite(fd, from, n, at); }
int posix_fallocate(int fd, off_t at, off_t n) { (void)at; return left(fd, (size_t)n) < 0 ? EDQUOT : 0; }
int posix_fallocate64(int fd, off_t at, off_t n) { return posix_fallocate(fd, at, n); }
int fallocate(int fd, int mode, off_t at, off_t n) { (void)mode; (void)at; return left(fd, (size_t)n) < 0 ? -1 : 0; }
int fallocate64(int fd, int mode, off_t at, off_t n) { return fallocate(fd, mode, at, n); }
"""


@unittest.skipIf(os.geteuid() != 0, "only root can be two users")
class Group(SystemTest):
    deaths = 20

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.program_for_all = self.folder / "vaster"
        if not self.program_for_all.exists():
            shutil.copy(VASTER, self.program_for_all)
        self.shared = self.folder / f"shared-{self._testMethodName}"
        self.shared.mkdir()
        os.chown(self.shared, ALICE, GROUP)
        self.shared.chmod(0o2775)
        self.group_study = self.shared / "study.h5"

    def by(self, user, *arguments, umask=0o002):
        """The arguments of Popen by which a user of the group runs the program."""
        home = self.folder / f"home-{user}"
        home.mkdir(exist_ok=True)
        os.chown(home, user, GROUP)
        return dict(args=[self.program_for_all, *map(str, arguments)], user=user, group=GROUP, extra_groups=[], umask=umask, cwd=self.shared,
                    env={**os.environ, "HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home)})

    def let(self, user, *arguments, code=0, umask=0o002):
        done = subprocess.run(**self.by(user, *arguments, umask=umask), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def begin(self, umask):
        """Alice's run, killed when some of its results are there."""
        job = Job.__new__(Job)
        job.process = subprocess.Popen(**self.by(ALICE, *DRILL, "--set", "drill.seconds=0.5", "--output", self.group_study, umask=umask), start_new_session=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with job:
            job.wait_until(lambda: self.group_study.exists() and self.counts(self.group_study).get("done", 0) > 3, "results are there")
        self.assertLess(self.counts(self.group_study)["done"], 40)

    def test_one_begins_a_study_and_the_other_finishes_it(self):
        self.begin(umask=0o002)
        self.let(BOB, *DRILL, "--output", self.group_study, "--status-dir", self.shared, "--log-file", self.shared / "log")
        self.assertEqual(self.counts(self.group_study), {"done": 40})
        self.let(ALICE, "status", self.group_study)
        self.let(ALICE, *DRILL, "--output", self.group_study, "--status-dir", self.shared, "--log-file", self.shared / "log")
        for file in self.shared.iterdir():
            self.assertEqual(file.stat().st_gid, GROUP, file)
            self.assertTrue(file.stat().st_mode & stat.S_IWGRP, file)
        self.vaster(*DRILL, "--output", self.folder / "alone.h5")
        self.assertEqual(self.exported(self.group_study), self.exported(self.folder / "alone.h5"))

    def test_a_study_that_the_group_may_only_read_is_refused_to_others_and_stays_as_it_is(self):
        self.begin(umask=0o022)
        before = self.group_study.read_bytes()
        said = self.let(BOB, *DRILL, "--output", self.group_study, code=74).stderr
        self.assertIn(str(self.group_study), said)
        self.assertIn("Permission denied", said)
        self.assertEqual(self.group_study.read_bytes(), before)
        self.let(BOB, "status", self.group_study, code=75)

    def test_links_that_a_member_of_the_group_has_planted_cost_the_other_nothing(self):
        precious = self.folder / "home-41001" / "precious"
        self.let(ALICE, "--version")
        precious.write_text("kept")
        os.chown(precious, ALICE, GROUP)
        other_study = precious.with_name("other.h5")
        self.let(ALICE, *DRILL, "--output", other_study, "--set", "drill.experiments=39")
        names = ["study.h5", "study.h5.lock", "status.json", "metrics.prom", "index.html", "log"]
        for name in names:
            subprocess.run(["ln", "-s", precious, self.shared / name], user=BOB, group=GROUP, extra_groups=[], check=True)
        arguments = [*DRILL, "--output", self.group_study, "--status-dir", self.shared, "--log-file", self.shared / "log"]
        for name in ("study.h5", "study.h5.lock", "log"):  # refused, one after the other, until none is left
            said = self.let(ALICE, *arguments, code=74).stderr
            self.assertIn("is a symbolic link", said)
            planted = next(self.shared / one for one in names if f"{self.shared / one} is a symbolic link" in said)
            planted.unlink()
        subprocess.run(["ln", "-s", other_study, self.group_study], user=BOB, group=GROUP, extra_groups=[], check=True)
        self.assertIn("is a symbolic link", self.let(ALICE, *arguments, "--set", "drill.experiments=39", code=74).stderr)
        self.group_study.unlink()
        self.let(ALICE, *arguments)
        self.assertEqual(precious.read_text(), "kept")
        for name in names:
            self.assertFalse((self.shared / name).is_symlink(), name)


@unittest.skipIf(shutil.which("cc") is None, "there is no C compiler")
class Quota(SystemTest):
    deaths = 20

    @preloads
    def test_a_quota_is_named_and_nothing_is_lost(self):
        source, library = self.folder / "quota.c", self.folder / "quota.so"
        source.write_text(QUOTA)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        kept = {path for path in self.folder.iterdir()}
        for allowed in (0, 100, 20_000):
            env = {**os.environ, "LD_PRELOAD": str(library), "QUOTA": str(allowed)}
            study = self.folder / "study.h5"
            done = subprocess.run([VASTER, *DRILL, "--output", study], capture_output=True, text=True, env=env, cwd=self.folder,
                                  timeout=PATIENCE)
            self.assertEqual(done.returncode, 74, (allowed, done.stdout + done.stderr))
            self.assertIn("Disk quota exceeded", done.stderr)
            self.assertIn(str(study), done.stderr)
            left = {path for path in self.folder.iterdir()} - kept
            self.assertLessEqual({path.name for path in left}, {pathlib.Path(f"{self.id()}.caches").name}, allowed)
        self.vaster(*DRILL, "--output", self.folder / "study.h5")


if __name__ == "__main__":
    unittest.main()
