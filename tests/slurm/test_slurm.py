"""Studies under a real Slurm of one node: whatever Slurm does to the job, the final export is that of an undisturbed run.

Needs root and Debian's slurmctld, slurmd, slurm-client and munge; else every test is skipped and says so. With VASTER_SLURM_FOLDER, a folder that all
nodes see, it uses the Slurm that is there (SLURM_CONF), and jobs take two nodes: tests/hosts/test_more_hosts.py runs it so on three.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from system import SOURCE, VASTER, SystemTest  # noqa: E402

TESTBED = HERE / "slurm-testbed"
OTHERS = os.environ.get("VASTER_SLURM_FOLDER")  # a Slurm that is there already
SLURM = SOURCE / "slurm"
PATIENCE = 150  # s
# Long enough to be disturbed in the middle: 4 s on the two ranks.
DRILL = ["--set", "study.kind=drill", "--set", "drill.experiments=80", "--set", "drill.seconds=0.1"]
# 60 s and more on the two ranks, so that a limit of a minute is reached in any case: Slurm looks at time limits every 30 s, and may send
# its warning when the job has hardly begun, or so early that nobody is there to hear it.
LONG = [*DRILL, "--set", "drill.experiments=1200"]


def missing():
    programs = [name for name in ("slurmctld", "slurmd", "sbatch", "munged") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    return f"these programs are not installed: {' '.join(programs)}" if programs else "" if os.geteuid() == 0 else "not root"


@unittest.skipIf(missing(), missing())
class Slurm(SystemTest):
    deaths = 100

    @classmethod
    def setUpClass(cls):
        if OTHERS:
            tempfile.tempdir = OTHERS
        super().setUpClass()
        os.environ.update(PATH=f"{os.environ['PATH']}:/usr/sbin", SLURM_TESTBED_PORT="17917", VASTER=VASTER)
        if not OTHERS:
            cls.begin_slurm()
        cls.undisturbed = {}
        for arguments in (DRILL, LONG):
            study = cls.folder / f"undisturbed{len(cls.undisturbed)}.h5"
            subprocess.run([VASTER, "run", "--quiet", *arguments, "--set", "drill.seconds=0.001", "--output", study], check=True)
            cls.undisturbed[len(arguments)] = subprocess.run([VASTER, "export", study, "--csv", "--without-timings"],
                                                             capture_output=True, text=True, check=True).stdout

    @classmethod
    def begin_slurm(cls):
        os.environ["SLURM_CONF"] = str(cls.folder / "slurm" / "slurm.conf")
        done = subprocess.run([TESTBED, "start", cls.folder / "slurm"], capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != 0 or "idle" not in done.stdout:
            super().tearDownClass()
            raise unittest.SkipTest(f"no Slurm can be started here: {done.stdout} {done.stderr}")

    @classmethod
    def tearDownClass(cls):
        slurm("scancel", "--user", "root")
        if not OTHERS:
            subprocess.run([TESTBED, "stop", cls.folder / "slurm"], timeout=PATIENCE)
        super().tearDownClass()

    def setUp(self):
        self.study = self.folder / f"{self._testMethodName}.h5"
        self.log = self.folder / f"{self._testMethodName}.out"

    def submit(self, arguments, *options, ntasks=2, scripts=SLURM):
        options = [f"--ntasks={ntasks}", *(["--nodes=2"] if OTHERS and ntasks > 1 else []), f"--output={self.log}", *options]
        done = subprocess.run([scripts / "submit", *options, "--", "--quiet", *arguments,
                               "--output", self.study], capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def submitted(self, *arguments, **kwargs):
        said = self.submit(*arguments, **kwargs)
        self.assertRegex(said, r"submitted as job \d+$")
        return said.split()[-1]

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                said = self.log.read_text() if self.log.exists() else "nothing"
                self.fail(f"waited in vain until {what}; the queue:\n{slurm('squeue', '-a')}\nthe job said:\n{said}")
            time.sleep(0.2)

    def wait_for_results(self, at_least=1):
        self.wait_until(lambda: self.done() >= at_least, "there are results")

    def wait_for_end(self, job, state="COMPLETED"):
        self.wait_until(lambda: state_of(job) == state, f"job {job} is {state}")

    def check_finished(self, arguments):
        self.assertEqual(self.exported(self.study), self.undisturbed[len(arguments)])
        self.vaster("verify", self.study)

    def done(self):
        """Results so far: none while there is no study, since Slurm may warn a job up to a minute early, before it has opened one."""
        return self.counts(self.study).get("done", 0) if self.study.exists() else 0

    def test_normal_runs_with_mpirun_and_with_srun(self):
        spaced = self.folder / "the scripts"
        shutil.copytree(SLURM, spaced)
        for options, scripts in (([], SLURM), (["--srun"], spaced)):
            with self.subTest(options=options):
                self.study = self.folder / f"normal{len(options)}.h5"
                self.wait_for_end(self.submitted(DRILL, *options, scripts=scripts))
                self.check_finished(DRILL)
                self.assertIn("is finished: nothing to do", self.submit(DRILL, *options))

    def test_a_second_job_on_a_study_is_refused(self):
        slow = [*DRILL, "--set", "drill.seconds=0.5"]  # 40 s: the second job is there long before the first has ended, on a busy machine, too
        job = self.submitted(slow, ntasks=1)
        self.assertRegex(self.submit(slow, ntasks=1), rf"nothing submitted: \w+ already, as job {job}$")
        # Without slurm/submit: the lock of the study refuses.
        self.wait_for_results()
        second = slurm("sbatch", "--parsable", "--ntasks=1", f"--output={self.folder}/second.out", SLURM / "vaster.sbatch", "--quiet",
                       *slow, "--output", self.study).strip()
        self.wait_for_end(second, "FAILED")
        self.assertIn("is being written by process", (self.folder / "second.out").read_text())
        self.wait_for_end(job)
        self.check_finished(DRILL)

    def test_a_second_job_is_refused_under_any_name_and_a_folder_is_heard(self):
        (self.folder / "elsewhere").mkdir()
        self.study = self.folder / "elsewhere" / "study.h5"
        flags = ["--status-dir", "pages", "--log-format", "json", "--log-file", "run.log", "--serve", "0", "--ending-file", "ending"]
        command = [SLURM / "submit", "--ntasks=1", f"--output={self.log}", "--chdir=elsewhere"]
        asked = [*DRILL, *flags, "--output", "study.h5"]
        first = subprocess.run([*command, "--job-name=mine", "--", *asked], capture_output=True, text=True, cwd=self.folder)
        self.assertRegex(first.stdout, rf"^{self.study}: submitted as job \d+$", first.stderr)
        job = first.stdout.split()[-1]
        second = subprocess.run([*command, "--job-name=another", "--", *asked], capture_output=True, text=True, cwd=self.folder)
        self.assertRegex(second.stdout, rf"nothing submitted: \w+ already, as job {job}$", second.stderr)
        self.wait_for_end(job)
        self.check_finished(DRILL)
        for name in ("pages/status.json", "run.log", "ending"):
            self.assertTrue((self.folder / "elsewhere" / name).exists(), name)

    def test_what_cannot_work_is_refused_before_the_queue(self):
        for options, arguments, words in ((["--array=1-3"], [], "one study is one job"), (["--comment=mine"], [], "--comment is how"),
                                          ([], ["--overwrite"], "--overwrite would start anew"), ([], ["--ranks=2"], "give --ntasks"),
                                          ([], ["--status-dir", "/dev/null/pages"], "/dev/null is not a folder"), ([], ["--no-flag"], "--no-flag"),
                                          ([], ["--output", self.folder / "nowhere" / "study.h5"], "cannot be written to"),
                                          (["--ntasks=4000"], [], "could never run that")):
            with self.subTest(options=options, arguments=arguments):
                done = subprocess.run([SLURM / "submit", "--ntasks=1", *options, "--", *DRILL, "--output", self.study, *arguments],
                                      capture_output=True, text=True, cwd=self.folder)
                self.assertNotEqual(done.returncode, 0, done.stdout)
                self.assertIn(words, done.stderr)
        self.assertEqual(slurm("squeue", "--noheader"), "")

    def test_planted_files_are_neither_followed_nor_run(self):
        precious = self.folder / "precious"
        precious.write_text("kept")
        short = [*DRILL, "--set", "drill.seconds=30"]  # nothing ends in time: each start is fruitless
        job = self.submitted(short, ntasks=1)
        self.wait_until(lambda: self.log.exists() and "start 0" in self.log.read_text(), "the job's script runs")
        fruitless = self.folder / f".vaster-ending.{job}.fruitless"
        fruitless.write_text(f"x[$(touch {self.folder}/run)]\n")
        slurm("scancel", "--batch", "--signal=USR1", job)
        self.wait_until(lambda: "back into the queue" in self.log.read_text(), "the job goes back into the queue")
        self.assertFalse((self.folder / "run").exists())
        self.assertEqual(fruitless.read_text(), "1\n")
        slurm("scancel", job)
        fruitless.unlink()
        fruitless.symlink_to(precious)
        # Slurm may not hear it while it puts the job back.
        self.wait_until(lambda: slurm("scancel", job) == "" and state_of(job) == "CANCELLED", "the job is cancelled")
        self.assertEqual(precious.read_text(), "kept")

    def test_requeue_goes_on_with_the_same_job(self):
        job = self.submitted(DRILL)
        self.wait_for_results()
        slurm("scontrol", "requeue", job)
        self.wait_for_end(job)
        self.check_finished(DRILL)
        self.assertIn("start 1", self.log.read_text())

    def test_at_the_time_limit_the_job_requeues_itself_until_the_study_is_finished(self):
        job = self.submitted(LONG, "--time=1", "--signal=B:USR1@45", "--exclusive")
        self.wait_until(lambda: self.log.exists() and "back into the queue" in self.log.read_text(), "the job goes back into the queue")
        self.assertLess(self.done(), 1200)
        slurm("scontrol", "update", f"jobid={job}", "timelimit=10")  # what is left goes through in one start
        self.wait_for_end(job)
        self.check_finished(LONG)
        self.assertIn("start 1", self.log.read_text())

    def test_a_warning_that_comes_while_the_job_starts_is_heard(self):
        job = self.submitted(DRILL)
        self.wait_until(lambda: self.log.exists() and "start 0" in self.log.read_text(), "the job's script runs")
        slurm("scancel", "--batch", "--signal=USR1", job)
        self.wait_for_end(job)
        self.check_finished(DRILL)
        self.assertIn("start 1", self.log.read_text())

    def test_preemption_by_another_partition(self):
        job = self.submitted(DRILL, "--partition=low")
        self.wait_for_results()
        urgent = slurm("sbatch", "--parsable", "--partition=high", "--exclusive", f"--nodes={len(nodes())}", "--output=/dev/null", "--wrap=sleep 2").strip()
        self.wait_for_end(urgent)
        self.wait_for_end(job)
        self.check_finished(DRILL)

    def test_a_node_that_goes_down_costs_only_what_was_running(self):
        job = self.submitted(DRILL)
        self.wait_for_results()
        all_nodes = ",".join(nodes())
        slurm("scontrol", "update", f"nodename={all_nodes}", "state=drain", "reason=test")
        slurm("scontrol", "requeue", job)
        self.wait_until(lambda: state_of(job) == "PENDING", "the job waits for a node")
        before = self.done()
        self.assertLess(before, 80)
        slurm("scontrol", "update", f"nodename={all_nodes}", "state=resume")
        self.wait_for_end(job)
        self.check_finished(DRILL)

    def test_a_drained_node_lets_the_job_end(self):
        job = self.submitted(DRILL)
        self.wait_for_results()
        all_nodes = ",".join(nodes())
        slurm("scontrol", "update", f"nodename={all_nodes}", "state=drain", "reason=test")
        try:
            self.wait_for_end(job)
        finally:
            slurm("scontrol", "update", f"nodename={all_nodes}", "state=resume")
        self.check_finished(DRILL)

    def test_after_scancel_nothing_runs_until_it_is_submitted_again(self):
        job = self.submitted(DRILL)
        self.wait_for_results()
        slurm("scancel", job)
        self.wait_for_end(job, "CANCELLED")
        self.wait_until(lambda: "told to stop; what is finished is kept" in self.log.read_text(), "the job's log says what became of the study")
        self.assertNotIn("back into the queue", self.log.read_text())
        self.assertNotIn("Run the same command", self.log.read_text())
        self.assertLess(self.done(), 80)
        again = self.submitted(DRILL)
        self.wait_for_end(again)
        self.check_finished(DRILL)


def slurm(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE).stdout


def nodes():
    return sorted(set(slurm("sinfo", "--noheader", "--format=%n").split()))


def state_of(job):
    found = re.search(r"JobState=(\w+)", slurm("scontrol", "show", "job", job))
    return found.group(1) if found else ""


if __name__ == "__main__":
    unittest.main()
