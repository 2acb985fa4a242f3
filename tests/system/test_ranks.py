"""Ranks that are killed, and runs that are asked to stop: nothing hangs, and no result that was finished is lost."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from system import SOURCE, VASTER, Job, SystemTest, alive, preloads
from test_faults import ranks

DRILL = ["run", "--set", "study.kind=drill", "--set", "run.retry_delay=100ms", "--set", "drill.experiments=60"]

# MPI that does not come back, on rank 0, once a file is there.
STUCK = """
#include <mpi.h>
#include <stdlib.h>
#include <unistd.h>

int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status) {
    while (atoi(getenv("OMPI_COMM_WORLD_RANK")) == 0 && access(getenv("STUCK_AT"), F_OK) == 0) usleep(1000);
    return PMPI_Iprobe(source, tag, comm, flag, status);
}
"""


class Recovering(Job):
    """A job whose ranks survive each other."""

    def __init__(self, folder, *arguments, ranks, launcher_flags=()):
        launcher = [SOURCE / "scripts/vaster-mpirun", "-n", str(ranks), *launcher_flags]
        self.process = subprocess.Popen([*launcher, VASTER, *map(str, arguments)], cwd=folder, start_new_session=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def rank(self, number):
        """Process number of a rank."""
        for pid in ranks(self):
            if f"OMPI_COMM_WORLD_RANK={number}".encode() in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                return pid
        raise AssertionError(f"there is no rank {number}")


class Ranks(SystemTest):
    deaths = 100

    def lose(self, victims, *, of, seconds="0.2", study=None):
        """Kills ranks in the middle of a run; its code, its output, and how long it took after the kill."""
        study = study or self.study
        with Recovering(self.folder, *DRILL, "--set", f"drill.seconds={seconds}", "--output", study, ranks=of) as job:
            job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) >= 6, "something is done")
            family = job.family()
            killed = [job.rank(victim) for victim in victims]
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            start = time.monotonic()
            code, output = job.wait()
            seconds = time.monotonic() - start
            deadline = time.monotonic() + 5
            while any(alive(pid) for pid in family) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertFalse([pid for pid in family if alive(pid)], "a process was left behind")
        self.vaster("verify", study)
        return code, output, seconds

    def expected(self):
        study = self.folder / "undisturbed.h5"
        if not study.exists():
            self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", study)
        return self.exported(study)

    def test_a_lost_worker_rank_costs_what_it_was_running(self):
        code, output, _ = self.lose([1], of=3)
        self.assertEqual(code, 71, output)
        self.assertIn("rank 1 gets no more work: the rank is lost: its process has ended", output)
        self.assertIn("A rank was lost on the way", output)
        self.assertIn("All 60 experiments have their result", output)
        self.assertEqual(self.exported(), self.expected())

    def test_rank_0_can_be_the_only_one_that_is_left(self):
        code, output, _ = self.lose([1, 2, 3], of=4)
        self.assertEqual(code, 71, output)
        self.assertIn("3 ranks were lost on the way", output)
        self.assertEqual(self.exported(), self.expected())

    def test_without_rank_0_the_others_keep_what_is_finished_and_end(self):
        code, output, seconds = self.lose([0], of=3)
        self.assertEqual(code, 75, output)
        self.assertIn("rank 2: rank 0 is lost; what was finished is in", output)
        self.assertLess(seconds, 30)
        self.assertGreaterEqual(self.counts()["done"], 6)
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--resume", ranks=2)
        self.assertEqual(self.exported(), self.expected())

    @preloads
    def test_rank_0_that_waits_within_mpi_for_a_rank_that_was_killed_ends_and_its_study_is_continued(self):
        """As it does when the other one was killed while it wrote into the memory that both share; no other rank is left to end it."""
        source, shim, flag = (self.folder / name for name in ("stuck.c", "stuck.so", "stuck"))
        source.write_text(STUCK)
        subprocess.run(["mpicc", "-shared", "-fPIC", "-o", shim, source], check=True)
        stuck = ["-x", f"LD_PRELOAD={shim}", "-x", f"STUCK_AT={flag}"]
        drill = [*DRILL, "--set", "run.silence=3s", "--resume", "--output", self.study]
        with Recovering(self.folder, *drill, "--set", "drill.seconds=0.2", ranks=2, launcher_flags=stuck) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) >= 6, "something is done")
            flag.touch()
            os.kill(job.rank(1), signal.SIGKILL)
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        self.assertRegex(output, "rank 0 on host .* has not come back from a call of MPI")
        self.vaster(*drill, "--set", "drill.seconds=0", ranks=2)
        self.assertEqual(self.exported(), self.expected())

    def test_a_rank_that_was_stopped_for_longer_than_others_wait_writes_nothing_more(self):
        arguments = [*DRILL, "--set", "drill.seconds=0.4", "--set", "run.silence=3s", "--output", self.study]
        log = self.folder / "log"
        with Recovering(self.folder, *arguments, "--log-file", log, ranks=3) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) >= 6, "something is done")
            victim = job.rank(2)
            os.kill(victim, signal.SIGSTOP)
            job.wait_until(lambda: "rank 2 gets no more work" in log.read_text(), "the others have lost it")
            os.kill(victim, signal.SIGCONT)
            code, output = job.wait()
        self.assertEqual(code, 71, output)
        self.assertRegex(output, r"rank 2 on host \S+ was stopped for \d+ s; the others take it for lost, and its work is theirs")
        self.assertEqual(self.exported(), self.expected())

    def test_a_run_ends_in_time(self):
        arguments = [*DRILL, "--set", "drill.seconds=0.5", "--output", self.study]
        start = time.monotonic()
        done = self.vaster(*arguments, "--max-time", "4s", ranks=2, code=75)
        self.assertLess(time.monotonic() - start, 40)
        self.assertIn("Stopped early", done.stdout)
        self.assertIn("time limit", done.stderr)
        counts = self.counts()
        self.assertGreater(counts["pending"], 40)
        self.assertEqual(set(counts) - {"done", "pending"}, set())

    def test_the_end_of_the_slurm_job_is_a_time_limit(self):
        ending = self.folder / "ending"
        environment = {**os.environ, "SLURM_JOB_END_TIME": str(int(time.time()) + 14)}
        done = self.vaster(*DRILL, "--set", "drill.seconds=30", "--output", self.study, "--ending-file", ending, code=75,
                           env=environment)
        self.assertEqual(ending.read_text(), "75 no-time 0\n", "another job as short as this one comes no further")
        self.assertIn("the shortest experiment is expected to take 30 s", done.stderr)
        self.assertIn("Nothing was begun", done.stdout)
        self.assertEqual(self.counts(), {"pending": 60}, "nothing was begun, since nothing could have ended")

    def test_the_ending_file_tells_failed_from_complete(self):
        ending = self.folder / "ending"
        faulty = [*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--ending-file", ending]
        self.vaster(*faulty, "--set", 'drill.faults=["error:3"]', code=75)
        self.assertEqual(ending.read_text(), "75 failed 59\n", "59 results of this run")
        self.vaster(*faulty, "--resume")
        self.assertEqual(ending.read_text(), "0 complete 1\n", "one result of this run")
        self.vaster(*faulty, code=64)
        self.assertEqual(ending.read_text(), "64 refused\n")

    def test_usr2_says_what_each_rank_does_and_a_second_interrupt_stops_at_once(self):
        arguments = [*DRILL, "--set", "drill.seconds=60", "--output", self.study]
        with Job(self.folder, *arguments, ranks=2) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("running", 0) == 2, "both ranks work")
            for pid in ranks(job):
                os.kill(pid, signal.SIGUSR2)
            time.sleep(1)
            for _ in range(2):
                for pid in ranks(job):
                    os.kill(pid, signal.SIGINT)
                time.sleep(0.05)
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        self.assertIn("status: 0 of 60 done, 0 failed, 2 running", output)
        self.assertIn("rank 1: experiment", output)
        self.assertIn("Stopped early", output)


if __name__ == "__main__":
    unittest.main()
