"""Whether the Slurm script puts its job back into the queue. Slurm is played by a script; the program is the real one."""

import os
import subprocess
import time
import unittest

from system import PATIENCE, SOURCE, SystemTest

DRILL = ["--kind", "drill"]


class Requeue(SystemTest):
    def setUp(self):
        super().setUp()
        self.queue = self.folder / f"{self.id()}.queue"
        self.tools = self.folder / f"{self.id()}.bin"
        self.tools.mkdir()
        scontrol = self.tools / "scontrol"
        scontrol.write_text(f'#!/bin/sh\necho "$@" >>"{self.queue}"\n')
        scontrol.chmod(0o755)

    def job(self, seconds, *more):
        """One start of the job, which has so many seconds; what it says, and whether it requeued itself."""
        self.queue.unlink(missing_ok=True)
        environment = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "VASTER": self.program, "MPIRUN": "env",
                       "SLURM_JOB_ID": "17", "SLURM_SUBMIT_DIR": str(self.folder),
                       "SLURM_JOB_END_TIME": str(int(time.time()) + seconds)}
        done = subprocess.run(["bash", str(SOURCE / "slurm/vaster.sbatch"), *DRILL, "--output", str(self.study), *more],
                              cwd=self.folder, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        requeued = self.queue.exists() and self.queue.read_text() == "requeue 17\n"
        return done.returncode, done.stdout, requeued

    def test_a_job_too_short_for_any_experiment_does_not_requeue_itself_for_ever(self):
        code, said, requeued = self.job(40, "--set", "drill.seconds=3600")
        self.assertEqual(code, 75)
        self.assertFalse(requeued)
        self.assertIn("submit it with more --time", said)

    def test_a_job_that_began_something_requeues_itself(self):
        code, said, requeued = self.job(40, "--set", "drill.seconds=0.5", "--set", "drill.experiments=200", "--max-time", "20s")
        self.assertEqual(code, 75)
        self.assertTrue(requeued, said)

    def test_a_finished_job_stays_out_of_the_queue(self):
        code, said, requeued = self.job(3600, "--set", "drill.seconds=0.01")
        self.assertEqual(code, 0, said)
        self.assertFalse(requeued)


if __name__ == "__main__":
    unittest.main()
