"""Kills a prediction at random moments, goes on with it, and compares what comes out with that of an undisturbed one.

What must hold after each kill: a table that is there is whole, since it appears as one; no process of the job is left; after `--resume`
all tables have the bytes of the undisturbed prediction. Every second kill waits until the tables are being written.
"""

import pathlib
import random
import subprocess
import time

from kill_fuzz import Violation, require
from system import PATIENCE, VASTER, Job, command

TABLES = (".csv", "-csmf.csv", ".json")
KILLS_BETWEEN_WORDS = 10


class PredictKills:
    """A folder with a cohort, a model and an undisturbed prediction of it."""

    def __init__(self, folder, seed, ranks=2, deaths=20000, block=200, program=VASTER, say=lambda text: None):
        self.folder, self.random, self.ranks, self.program, self.say = pathlib.Path(folder), random.Random(seed), ranks, program, say
        self.block = block
        self.kills = {"in a block": 0, "in a table": 0, "after the end": 0}
        self.violations = []
        self.run_program("simulate", "--deaths", deaths, "--format", "encoded", "--output", "kills.csv")
        self.run_program("simulate", "--deaths", 900, "--seed", 7, "--format", "encoded", "--output", "kills-training.csv")
        self.run_program("train", "--data", "kills-training.csv", "--format", "encoded", "--model", "naive_bayes", "--inner", "none",
                         "--output", "kills-model.h5", "--quiet")
        began = time.monotonic()
        self.run_program(*self.arguments("undisturbed"), ranks=ranks)
        self.seconds = time.monotonic() - began
        self.expected = [(self.folder / f"undisturbed{suffix}").read_bytes() for suffix in TABLES]

    def arguments(self, name):
        return ["predict", "kills-model.h5", "kills.csv", "--output", name, "--block", self.block, "--quiet"]

    def run_program(self, *arguments, ranks=0):
        done = subprocess.run(command(*map(str, arguments), ranks=ranks, program=self.program), cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE)
        require(done.returncode == 0, *arguments, "ended with", done.returncode, done.stderr)

    def being_written(self, name):
        return any(self.folder.glob(f".{name}.csv.*"))

    def wait_for_moment(self, job, name, in_table):
        """@return whether the tables were being written"""
        deadline = time.monotonic() + (PATIENCE if in_table else self.random.uniform(0.1, 1.0) * self.seconds)
        while time.monotonic() < deadline and job.process.poll() is None:
            if in_table and self.being_written(name):
                time.sleep(self.random.uniform(0, 0.03))
                return True
            time.sleep(0.001)
        return self.being_written(name)

    def check_tables(self, name, when):
        for suffix, expected in zip(TABLES, self.expected):
            path = self.folder / f"{name}{suffix}"
            require(not path.exists() or path.read_bytes() == expected, path.name, when, "is not that of the undisturbed prediction")

    def kill_once(self, number):
        name = f"killed-{number}"
        with Job(self.folder, *map(str, self.arguments(name)), ranks=self.ranks, program=self.program) as job:
            in_table = self.wait_for_moment(job, name, in_table=number % 2 == 1)
            over = job.process.poll() is not None
            job.kill()
        self.kills["after the end" if over else "in a table" if in_table else "in a block"] += 1
        self.check_tables(name, "after the kill")
        self.run_program(*self.arguments(name), "--resume", ranks=self.ranks)
        for suffix in TABLES:
            require((self.folder / f"{name}{suffix}").exists(), f"{name}{suffix} is not there after --resume")
        self.check_tables(name, "after --resume")
        for file in self.folder.glob(f"{name}*"):
            file.unlink()

    def run(self, kills):
        for number in range(kills):
            try:
                self.kill_once(number)
            except Violation as violation:
                self.violations.append(f"kill {number}: {violation}")
                self.say(f"VIOLATION: {self.violations[-1]}")
            if (number + 1) % KILLS_BETWEEN_WORDS == 0:
                self.say(self.report())
        return not self.violations

    def report(self):
        total = sum(self.kills.values())
        return f"{total} kills ({', '.join(f'{n} {what}' for what, n in self.kills.items())}), {len(self.violations)} violations"
