"""What disks and file systems do to a run: full, read-only, gone; and what the run says about it."""

import pathlib
import subprocess
import unittest

from system import Job, SystemTest, by_the_clock, file_system, fill

DRILL = ["run", "--quiet", "--set", "study.kind=drill", "--set", "drill.experiments=60", "--set", "drill.seconds=0.05"]


class Disk(SystemTest):
    deaths = 100

    def fails(self, study, word, *more, code=74, **kwargs):
        """One clear error on one line, and nothing left behind."""
        before = sorted(path.name for path in study.parent.iterdir()) if study.parent.exists() else []
        done = self.vaster(*DRILL, "--output", study, *more, code=code, **kwargs)
        said = [line for line in done.stderr.splitlines() if line.startswith("vaster:")]
        self.assertEqual(len(said), 1, done.stderr)
        self.assertIn(word, said[0])
        after = sorted(path.name for path in study.parent.iterdir()) if study.parent.exists() else []
        self.assertEqual(before, after)

    def test_a_disk_with_too_little_room_is_refused_at_creation(self):
        with file_system(self.folder / "small", "400k") as small:
            self.fails(small / "study.h5", "are free on its disk")
        with file_system(self.folder / "full", "4m") as full:
            fill(full)
            self.fails(full / "study.h5", "No space left on device", ranks=2)

    def test_a_file_that_a_command_writes_is_there_as_a_whole_or_not_at_all(self):
        table, output = self.folder / "table.csv", self.folder / "out.csv"
        table.write_text("a\n" + "1\n" * 50_000 + "x\n")
        done = self.vaster("table", "map", table, "--column", "b=a + 1", "--output", output, code=65)
        self.assertIn("line 50002: formula: a is a text here ('x')", done.stderr)
        self.assertFalse(output.exists())
        output.write_text("of old")
        self.vaster("table", "map", table, "--column", "b=a + 1", "--output", output, "--overwrite", code=65)
        self.assertEqual(output.read_text(), "of old")
        with file_system(self.folder / "brim", "400k") as disk:
            done = self.vaster("simulate", "--deaths", 20_000, "--output", disk / "cohort.csv", code=74)
            self.assertIn("disk full", done.stderr)
            self.assertEqual(list(disk.iterdir()), [])
        self.vaster("table", "filter", table, "--where", "missing(a)", "--output", "/dev/null", "--overwrite")

    def test_a_disk_that_fills_up_amid_the_run_costs_nothing(self):
        with file_system(self.folder / "filling", "4m") as disk:
            study = disk / "study.h5"
            with Job(self.folder, *DRILL, "--output", study, "--log-file", disk / "log", "--log-level", "debug") as job:
                job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > 0, "a result is there")
                fill(disk)
                code, output = job.wait()
            self.assertEqual(code, 0, output)
            self.assertEqual(self.counts(study), {"done": 60})
            self.vaster("verify", study)

    def test_a_directory_that_cannot_be_written_to(self):
        self.fails(self.folder / "missing" / "study.h5", "No such file or directory")
        with file_system(self.folder / "fixed", "4m") as fixed:
            subprocess.run(["mount", "-o", "remount,ro", fixed], check=True)
            self.fails(fixed / "study.h5", "Read-only file system", ranks=2)

    def test_a_study_file_that_is_removed_ends_the_run(self):
        for what in ("removed", "replaced"):
            study = self.folder / f"{what}.h5"
            with Job(self.folder, *DRILL, "--output", study, "--set", "drill.seconds=1") as job:
                job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > 0, "a result is there")
                study.unlink()
                if what == "replaced":
                    study.write_bytes(b"another file")
                code, output = job.wait()
            self.assertEqual(code, 74, output)
            self.assertIn(f"was {what}", output)

    @by_the_clock
    def test_a_second_job_on_a_study_is_refused_and_the_first_goes_on(self):
        study = self.folder / "shared.h5"
        with Job(self.folder, *DRILL, "--output", study, "--set", "drill.seconds=0.2") as job:
            job.wait_until(study.exists, "the study file is there")
            second = self.vaster(*DRILL, "--output", study, "--resume", code=69)
            self.assertIn("is being written by process", second.stderr)
            self.assertEqual(second.stderr.count("\n"), 1, second.stderr)
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.counts(study), {"done": 60})
        self.assertFalse(pathlib.Path(f"{study}.lock").exists())

    def test_a_dead_run_leaves_neither_lock_nor_unfinished_files_behind(self):
        study = self.folder / "left.h5"
        (self.folder / ".left.h5.aBcDeF").write_text("of a process that was killed while it made the study file")
        with Job(self.folder, *DRILL, "--output", study, "--set", "drill.seconds=1", ranks=0) as job:
            job.wait_until(lambda: study.exists() and self.counts(study).get("running"), "an experiment runs")
            self.assertIn(" 1 running", self.vaster("status", study, code=75).stdout)
            job.kill()
        self.assertIn(" 1 cut off", self.vaster("status", study, code=75).stdout)
        self.assertTrue(pathlib.Path(f"{study}.lock").exists())
        self.vaster(*DRILL, "--output", study, "--resume")
        self.assertEqual([path.name for path in self.folder.glob("*left.h5*")], ["left.h5"])

    def test_every_durability_gives_the_same_results(self):
        studies = [self.folder / f"{level}.h5" for level in ("commit", "group", "none")]
        for study in studies:
            self.vaster(*DRILL, "--output", study, "--durability", study.stem, "--set", "drill.seconds=0.001", ranks=2)
        self.assertEqual(len({self.exported(study) for study in studies}), 1)


if __name__ == "__main__":
    unittest.main()
