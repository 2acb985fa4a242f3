"""The ranks of a host have one copy of the data, which one of them has read."""

import contextlib
import os
import pathlib
import signal
import threading
import unittest

from system import Job, SystemTest, alive
from test_faults import ranks, servers

STUDY = ["--format", "encoded", "--models", "naive_bayes,insilico", "--types", "in_domain", "--bootstrap", "50", "--set", "models.insilico.iterations=3000",
         "--set", "models.insilico.starts=1"]


def blocks(pid):
    """Inodes of the blocks of memory that a process has mapped, and with which rights."""
    lines = [line.split() for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines() if "/memfd:vaster" in line]
    return {(line[4], line[1]) for line in lines}


class Node(SystemTest):
    @contextlib.contextmanager
    def pipe(self):
        """The data as a named pipe: they come out of it once, and whoever opens it again waits for ever."""
        path = self.folder / f"{self.id()}.pipe"
        os.mkfifo(path)
        feeder = threading.Thread(target=lambda: path.write_bytes(self.cohort.read_bytes()), daemon=True)
        feeder.start()
        yield path
        feeder.join(60)
        self.assertFalse(feeder.is_alive(), "nobody has read the data")

    def expected(self):
        """Results of one process, which reads the data for itself."""
        study = self.folder / "alone.h5"
        if not study.exists():
            self.vaster("run", "--data", self.cohort, *STUDY, "--output", study)
        return self.exported(study)

    def test_the_data_are_read_once_and_all_servers_have_the_same_pages(self):
        with self.pipe() as pipe, Job(self.folder, "run", "--data", pipe, *STUDY, "--output", self.study, ranks=4) as job:
            job.wait_until(self.study.exists, "the study is open")
            own = servers(job)
            self.assertEqual(len(own), 4)
            mapped = set.union(*(blocks(pid) for pid in own))
            self.assertEqual([len(blocks(pid)) for pid in own], [1, 1, 1, 1])
            self.assertEqual(len(mapped), 1, "each has the same block")
            self.assertEqual({rights for _, rights in mapped}, {"r--s"})
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.exported(), self.expected())

    def test_killed_servers_are_started_again_without_reading_again(self):
        with self.pipe() as pipe, Job(self.folder, "run", "--data", pipe, *STUDY, "--output", self.study, ranks=3) as job:
            job.wait_until(self.study.exists, "the study is open")
            old = servers(job)
            self.assertEqual(len(old), 3)
            block = blocks(old[0])
            for pid in old:  # that of the first rank, which has read the data, among them
                os.kill(pid, signal.SIGKILL)
            job.wait_until(lambda: len(set(servers(job)) - set(old)) == 3 and not any(alive(pid) for pid in old) and
                           all(blocks(pid) == block for pid in servers(job)), "all servers have the block again")
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertIn("restarting the task server", output)
        self.assertEqual(self.exported(), self.expected())

    def test_a_lone_rank_needs_no_block(self):
        with Job(self.folder, "run", "--data", self.cohort, *STUDY, "--output", self.study, ranks=1) as job:
            job.wait_until(self.study.exists, "the study is open")
            self.assertEqual([blocks(pid) for pid in servers(job)], [set()])
            code, output = job.wait()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.exported(), self.expected())


if __name__ == "__main__":
    unittest.main()
