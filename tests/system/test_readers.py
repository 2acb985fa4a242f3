"""Others read the study file, also while ranks write it: h5py, h5dump, status."""

import os
import shutil
import subprocess
import sys
import unittest

from system import Job, SystemTest, command, limits_memory

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-h5py is for
READ = """
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    assert file.attrs["filetype"] == "vaster-study", file.attrs["filetype"]
    records, plan = file["records"], file["plan"]
    assert len(records) == len(plan) == 60
    done = records["status"][:] == 2
    assert all(records["index"][:][done] == plan["index"][:][done])
    print(int(done.sum()))
"""


class Readers(SystemTest):
    deaths = 100

    def test_h5py_and_h5dump_read_while_ranks_write(self):
        if subprocess.run([PYTHON, "-c", "import h5py"], capture_output=True).returncode or not shutil.which("h5dump"):
            self.skipTest("python3-h5py and hdf5-tools are not installed")
        arguments = ["run", "--set", "study.kind=drill", "--set", "drill.experiments=60", "--set", "drill.seconds=0.1"]
        seen = set()
        with Job(self.folder, *arguments, "--output", self.study, ranks=2) as job:
            job.wait_until(lambda: self.study.exists(), "the study file is there")
            while job.process.poll() is None:
                reading = subprocess.run([PYTHON, "-c", READ, self.study], capture_output=True, text=True)
                self.assertEqual(reading.returncode, 0, reading.stderr)
                seen.add(int(reading.stdout))
                dump = subprocess.run(["h5dump", "-d", "/records", self.study], capture_output=True, text=True)
                self.assertEqual(dump.returncode, 0, dump.stderr)
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertGreater(len(seen), 1, f"the file was read at one moment only: {seen}")

    def most_memory(self, *arguments):
        """Of the program, while it does this [MiB]."""
        process = subprocess.Popen(command(*arguments), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, arguments)
        return usage.ru_maxrss / 2**10

    @limits_memory
    def test_memory_of_what_reads_a_study_hardly_grows_with_its_rows(self):
        few, many = self.folder / "few.h5", self.folder / "many.h5"
        drill = ["run", "--quiet", "--set", "study.kind=drill", "--set", "drill.seconds=0", "--set", "run.durability=none"]
        self.vaster(*drill, "--set", "drill.experiments=100", "--output", few)
        n = 60000
        run = subprocess.run(command(*drill, "--set", f"drill.experiments={n}", "--set", "run.max_time=2s", "--output", many), cwd=self.folder)
        self.assertIn(run.returncode, (0, 75))
        for most, arguments in ((300, ["export", "--output", "rows.csv"]), (300, ["export", "--json", "--output", "rows.json"]), (300, ["verify"]),
                                (800, ["report", "--figures", "none", "--overwrite", "--output", "report"])):  # with up to 16,384 attempts
            with self.subTest(arguments[0]):
                grown = self.most_memory(*arguments, many) - self.most_memory(*arguments, few)
                self.assertLess(grown * 2**20 / n, most, "bytes a row; one that is held takes 700 and more")
        with open(self.folder / "rows.csv") as rows:
            self.assertEqual(sum(1 for _ in rows), 101)  # of the study with few

    def test_status_as_json_is_json(self):
        import json

        self.vaster("run", "--set", "study.kind=drill", "--set", "drill.experiments=5", "--output", self.study)
        status = json.loads(self.vaster("status", self.study, "--json").stdout)
        self.assertEqual(status["counts"]["done"], 5)
        exported = json.loads(self.vaster("export", self.study, "--json").stdout)
        self.assertEqual(len(exported["experiments"]), 5)


if __name__ == "__main__":
    unittest.main()
