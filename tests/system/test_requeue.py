"""Whether the Slurm script puts its job back into the queue. Slurm is played by a script; the program is the real one."""

import os
import subprocess
import time
import unittest

from system import PATIENCE, SOURCE, SystemTest, by_the_clock

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

    def job(self, seconds, *more, **variables):
        """One start of the job, which has so many seconds; what it says, and whether it requeued itself."""
        self.queue.unlink(missing_ok=True)
        environment = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "VASTER": self.program, "MPIRUN": "env",
                       "SLURM_JOB_ID": "17", "SLURM_SUBMIT_DIR": str(self.folder),
                       "SLURM_JOB_END_TIME": str(int(time.time()) + seconds), **variables}
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

    @by_the_clock
    def test_a_job_that_is_cut_off_again_and_again_without_a_result_stops_requeueing_itself(self):
        # Three experiments take no time; the fourth was expected to take none, and never ends.
        endless = ["--set", "drill.seconds=0", "--set", "drill.experiments=4", "--set", 'drill.faults=["hang:3"]', "--max-time", "4s"]
        code, said, requeued = self.job(3600, *endless)
        self.assertEqual((code, requeued), (75, True), said)
        self.assertEqual(self.counts()["done"], 3, "the first start brought three results")
        code, said, requeued = self.job(3600, *endless)
        self.assertEqual((code, requeued), (75, True), said)
        self.assertIn("This run has added no result", said)
        code, said, requeued = self.job(3600, *endless)
        self.assertEqual((code, requeued), (75, False), said)
        for what in ("2 starts in a row without a new result", "more --time", "run.timeout"):
            self.assertIn(what, said)
        self.assertEqual([path.name for path in self.folder.glob(".vaster-ending*")], [])

    @by_the_clock
    def test_how_many_starts_may_bring_nothing_can_be_chosen(self):
        endless = ["--set", "drill.seconds=0", "--set", "drill.experiments=1", "--set", 'drill.faults=["hang:0"]', "--max-time", "3s"]
        for most, requeued in (("1", False), ("0", True)):
            code, said, again = self.job(3600, *endless, VASTER_MOST_FRUITLESS=most)
            self.assertEqual((code, again), (75, requeued), said)
        code, said, again = self.job(3600, *endless, VASTER_MOST_FRUITLESS="two")
        self.assertEqual((code, again), (64, False), said)

    def test_a_warning_that_makes_a_launcher_fail_before_there_are_ranks_puts_the_job_back_into_the_queue(self):
        # As mpirun does when it is to pass a signal on to a daemon that has not answered yet.
        launcher = self.tools / "launcher"
        for warned, ended in ((True, (75, True)), (False, (1, False))):
            launcher.write_text(f"#!/bin/bash\ntrap '' USR1\n{'kill -USR1 $PPID' if warned else ''}\nsleep 0.3\nexit 1\n")
            launcher.chmod(0o755)
            code, said, requeued = self.job(3600, MPIRUN=str(launcher))
            self.assertEqual((code, requeued), ended, said)

    def test_a_finished_job_stays_out_of_the_queue(self):
        code, said, requeued = self.job(3600, "--set", "drill.seconds=0.01")
        self.assertEqual(code, 0, said)
        self.assertFalse(requeued)


class Submit(SystemTest):
    """slurm/submit, with sbatch and squeue played by scripts."""

    def setUp(self):
        super().setUp()
        self.tools = self.folder / f"{self.id()}, bin"  # a comma ends a value of sbatch --export
        self.tools.mkdir()
        self.asked = self.folder / f"{self.id()}.asked"
        for name, line in (("squeue", "true"), ("sbatch", f'{{ echo "VASTER=$VASTER"; printf "%s\\n" "$@"; }} >"{self.asked}"; echo 18'),
                           ("vaster", f'exec "{self.program}" "$@"')):
            tool = self.tools / name
            tool.write_text(f"#!/bin/sh\n{line}\n")
            tool.chmod(0o755)

    def submit(self, *arguments, code=0):
        environment = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "VASTER": str(self.tools / "vaster")}
        done = subprocess.run([SOURCE / "slurm/submit", "--ntasks=2", "--", *DRILL, "--set", "drill.seconds=0", *arguments], cwd=self.folder,
                              env=environment, capture_output=True, text=True, errors="surrogateescape", timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout + done.stderr

    def test_a_study_is_known_as_finished_whatever_its_path_is(self):
        for name in ('quo"te.h5', "back\\slash.h5", "apo'strophe $HOME.h5", "-dash.h5", "B\udce4r.h5"):
            with self.subTest(name=name):
                self.assertIn(f"{name}: submitted as job 18", self.submit(f"--output={name}"))
                self.vaster("run", *DRILL, "--set", "drill.seconds=0", "--quiet", f"--output={name}")
                self.assertIn(f"{name} is finished: nothing to do", self.submit(f"--output={name}"))

    def test_a_comma_in_the_path_of_the_program_reaches_the_job(self):
        self.submit("--output", self.study)
        asked = self.asked.read_text().splitlines()
        self.assertEqual(asked[0], f"VASTER={self.tools / 'vaster'}")
        self.assertEqual(asked[asked.index("--export") + 1], "ALL")

    def test_a_study_without_a_name_is_not_submitted(self):
        self.assertIn("study.output (--output) is empty", self.submit("--output", "", code=78))
        self.assertFalse(self.asked.exists())

    def test_the_value_of_one_key_is_printed_for_scripts(self):
        def get(key, code=0):
            return self.vaster("config", *DRILL, "--get", key, "--output", 'a"b\\c', code=code)

        self.assertEqual(get("study.output").stdout, 'a"b\\c\n')
        self.assertEqual(get("study.seed").stdout, "42\n")
        self.assertIn("--get study.outputs: unknown key", get("study.outputs", code=64).stderr)


if __name__ == "__main__":
    unittest.main()
