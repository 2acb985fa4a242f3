"""One experiment cannot harm its rank: crashes, hangs and runaway memory cost that experiment and no other."""

import os
import signal
import unittest

from stream_case import StreamTest
from system import Job, SystemTest, limits_memory

DRILL = ["run", "--set", "study.kind=drill", "--set", "drill.seconds=0.01", "--set", "run.retry_delay=100ms"]


class Faults(SystemTest):
    deaths = 100

    def drill(self, *more, **kwargs):
        return self.vaster(*DRILL, "--output", self.study, *more, **kwargs)

    @limits_memory
    def test_crash_hang_and_memory_are_outcomes_and_the_study_goes_on(self):
        done = self.drill("--set", "drill.experiments=24", "--set", "drill.group_size=4", "--timeout", "5s", "--memory", "128MiB",
                          "--retries", "1", "--set", 'drill.faults=["crash:3", "hang:9", "oom:14", "error:20", "crash:22:1"]',
                          ranks=2, code=75)
        self.assertEqual(self.counts(), {"done": 20, "failed": 4})
        rows = {int(row["index"]): row for row in self.rows()}
        for index, word in ((3, "SIG"), (9, "5 s"), (14, "memory"), (20, "error")):
            self.assertEqual(rows[index]["status"], "failed")
            self.assertIn(word.lower(), rows[index]["error"].lower())
        self.assertEqual(rows[22]["attempt"], "2")
        self.assertEqual(rows[3]["attempt"], "2", "a crash is retried")
        self.assertEqual(rows[20]["attempt"], "1", "an error of the model is not")
        said = self.vaster("status", self.study, code=75).stdout
        self.assertIn("failed", said)
        self.assertIn("Finished with failures", done.stdout)
        self.vaster("verify", self.study)

    def test_of_short_experiments_that_share_a_child_only_the_guilty_one_is_charged(self):
        self.drill("--set", "drill.experiments=400", "--set", "drill.seconds=0.001", "--retries", "1", "--set",
                   'drill.faults=["crash:50", "exit:210:1", "error:333"]', ranks=2, code=75)
        self.assertEqual(self.counts(), {"done": 398, "failed": 2})
        again = {int(row["index"]) for row in self.rows() if row["attempt"] != "1"}
        self.assertEqual(again, {50, 210})
        self.vaster("verify", self.study)

    def test_failed_experiments_get_another_chance_by_resume(self):
        faulty = ["--set", "drill.experiments=6", "--retries", "0", "--set", 'drill.faults=["crash:3:1"]']
        self.drill(*faulty, code=75)
        self.drill(*faulty, "--resume", "--retries", "1")
        self.assertEqual(self.counts(), {"done": 6})

    def test_a_killed_child_and_a_killed_task_server_cost_one_attempt(self):
        arguments = [*DRILL, "--output", self.study, "--set", "drill.experiments=8", "--set", "drill.seconds=0.5"]
        with Job(self.folder, *arguments, ranks=2) as job:
            job.wait_until(lambda: len(servers(job)) >= 2 and children(job), "children are at work")
            os.kill(children(job)[0], signal.SIGKILL)
            os.kill(servers(job)[-1], signal.SIGKILL)
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.counts(), {"done": 8})

    def test_sigterm_stops_within_seconds_and_resume_goes_on(self):
        arguments = [*DRILL, "--output", self.study, "--set", "drill.experiments=40", "--set", "drill.seconds=0.3"]
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            with Job(self.folder, *arguments, "--resume", ranks=2) as job:
                before = self.counts().get("done", 0) if self.study.exists() else 0
                job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > before, "something new is done")
                for rank in ranks(job):
                    os.kill(rank, number)
                code, output = job.wait()
            self.assertEqual(code, 75, output)
            self.assertIn("Stopped early", output)
        self.vaster(*arguments, "--resume", ranks=2)
        self.assertEqual(self.counts(), {"done": 40})


class StreamFaults(StreamTest):
    def test_a_partition_that_crashes_and_one_that_hangs_are_tried_again_alone(self):
        def arguments(name):
            return ["run", "--set", "study.kind=stream", "--jobs", "PIV", "--set", "tasks.PIV.iterations=400000", "--input", "sys.csv",
                    "--sensor", "source", "--fields", "temperature", "--partitions", "8", "--retries", "1", "--set", "run.timeout=30",
                    "--output", f"{name}.h5", "--set", f"output.directory={name}"]
        self.vaster(*arguments("undisturbed"))
        with Job(self.folder, *arguments("disturbed"), ranks=2) as job:
            found = []
            job.wait_until(lambda: found.append(children(job)) or len(found[-1]) == 2, "both ranks compute a partition")
            crashes, hangs = found[-1]
            os.kill(hangs, signal.SIGSTOP)
            os.kill(crashes, signal.SIGSEGV)
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertIn("timeout", output)
        self.assertEqual((self.folder / "disturbed/PIV.csv").read_bytes(), (self.folder / "undisturbed/PIV.csv").read_bytes())
        self.assertEqual(sorted(int(row["attempt"]) for row in self.rows("disturbed.h5"))[-3:], [1, 2, 2], output)


def words(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode().split("\0")
    except OSError:
        return []


def ranks(job):
    return [pid for pid in job.family() if "run" in words(pid)[1:2] and "mpirun" not in words(pid)[0]]


def parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def task_processes(job):
    return [pid for pid in job.family() if "task-server" in words(pid)]


def servers(job):
    own = set(ranks(job))
    return [pid for pid in task_processes(job) if parent(pid) in own]


def children(job):
    own = set(servers(job))
    return [pid for pid in task_processes(job) if parent(pid) in own]


if __name__ == "__main__":
    unittest.main()
