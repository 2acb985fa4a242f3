"""Runs over several hosts, which are lost, cut off or short of disk: the study is finished with the same bytes, or the run ends and says so.

Needs root, namespaces, FUSE and GlusterFS (README.md); else every test is skipped and says so.
"""

import pathlib
import subprocess
import tempfile
import unittest

from hosts import LAUNCHER, PATIENCE, SHARED, SLURM_PROGRAMS, SOURCE, VASTER, Bed, drill, missing, wait_until

STUDY = f"{SHARED}/study.h5"


@unittest.skipIf(missing(), missing())
class OnHosts(unittest.TestCase):
    fs = "gluster"

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-hosts-")
        cls.bed = Bed(pathlib.Path(cls._folder.name) / "bed", fs=cls.fs)

    @classmethod
    def tearDownClass(cls):
        cls.bed.tell("stop")
        cls._folder.cleanup()

    def setUp(self):
        self.bed.mend()
        self.bed.on("h1", "find", SHARED, "-mindepth", "1", "-delete")

    def launch(self, *arguments, options=("-n", 6), host="h1", launcher=LAUNCHER):
        return self.bed.begin(host, launcher, *options, VASTER, *arguments)

    def finished(self, *arguments, code=0, **how):
        """Runs to the end. Returns what was printed."""
        with self.launch(*arguments, **how) as run:
            ended, text = run.wait()
        self.assertEqual(ended, code, text)
        return text

    def exported(self, host="h1"):
        return self.bed.on(host, VASTER, "export", STUDY, "--csv", "--without-timings")

    def undisturbed(self, experiments):
        """The export of a run of one process."""
        study = self.bed.folder / "undisturbed.h5"
        subprocess.run([VASTER, *map(str, drill(study, experiments, 0, "--overwrite", "--quiet"))], check=True, timeout=PATIENCE)
        return subprocess.run([VASTER, "export", study, "--csv", "--without-timings"], check=True, capture_output=True, text=True).stdout

    def done(self, host="h1"):
        return self.bed.on(host, VASTER, "export", STUDY, "--csv", code=None).count(",done,")

    def require_nothing_left(self, *hosts):
        for host in hosts or self.bed.hosts:
            wait_until(lambda host=host: not self.bed.processes(host), f"nothing is left on {host}: {self.bed.processes(host)}", 30)


class Hosts(OnHosts):
    def test_a_launcher_on_a_host_without_ranks_waits_for_those_elsewhere(self):
        self.finished(*drill(STUDY, 160, 0.3), options=["-n", 4, "--host", "h2:2,h3:2"])  # longer than any patience with a stuck launcher
        self.assertEqual(self.exported(), self.undisturbed(160))

    def test_a_host_that_loses_its_power_costs_only_what_it_was_computing(self):
        with self.launch(*drill(STUDY, 200, 0.2)) as run:
            wait_until(lambda: self.done() > 20, "something is done")
            self.bed.tell("kill-host", "h2")
            code, text = run.wait()
        self.assertEqual(code, 71, text)
        self.assertRegex(text, r"rank \d on host h2 gets no more work: the rank is lost: no sign of life for 1\d s")
        self.assertEqual(self.exported("h3"), self.undisturbed(200))
        self.require_nothing_left("h1", "h3")

    def test_a_bare_mpirun_that_waits_for_a_lost_host_is_ended(self):
        with self.launch(*drill(STUDY, 60, 0.2), launcher="mpirun") as run:
            wait_until(lambda: self.done() > 10, "something is done")
            self.bed.tell("kill-host", "h3")
            code, text = run.wait()
        self.assertIsNotNone(code, text)
        self.assertIn("All 60 experiments have their result", text)
        self.require_nothing_left("h1", "h2")

    def test_the_host_of_rank_0_is_lost_and_another_one_goes_on(self):
        with self.launch(*drill(STUDY, 100, 0.2)) as run:
            wait_until(lambda: self.done() > 10, "something is done")
            self.bed.tell("kill-host", "h1")
            run.wait()
        wait_until(lambda: not self.bed.processes("h2") + self.bed.processes("h3"), "the others have left")
        self.finished(*drill(STUDY, 100, 0, "--resume"), options=["-n", 4, "--host", "h2:2,h3:2"], host="h2")
        self.assertEqual(self.exported("h3"), self.undisturbed(100))

    def lose_while_opening(self, lose):
        cohort = self.bed.folder / "cohort.csv"
        if not cohort.exists():
            subprocess.run([VASTER, "simulate", "--deaths", "150000", "--format", "encoded", "--output", cohort], check=True, timeout=PATIENCE)
        with self.launch("run", "--data", cohort, "--format", "encoded", "--models", "naive_bayes", "--set", "run.cost_cache=",
                         "--output", STUDY) as run:
            self.bed.on("h2", "sh", "-c", "until cat /proc/[0-9]*/io 2>/dev/null | awk '/rchar/ && $2 > 12000000 {found=1} END {exit !found}'; "
                        "do sleep 0.05; done")
            lose()
            code, text = run.wait()
        self.assertEqual(code, 75, text)
        self.assertRegex(text, r"on host h1: rank [23] on host h2 is lost: no sign of life for 1\d s, before the first experiment was begun")
        self.require_nothing_left("h1", "h3")

    def test_a_rank_that_is_lost_while_the_study_is_opened_is_not_waited_for(self):
        self.lose_while_opening(lambda: self.assertTrue(self.bed.kill_rank("h2")))

    def test_a_host_that_is_lost_while_the_study_is_opened_is_not_waited_for(self):
        self.lose_while_opening(lambda: self.bed.tell("kill-host", "h2"))

    def test_a_full_disk_at_the_end_does_not_change_how_the_run_ends(self):
        with self.launch(*drill(STUDY, 60, 0.2)) as run:
            wait_until(lambda: self.done() > 10, "something is done")
            self.bed.on("h3", "dd", "if=/dev/zero", f"of={SHARED}/fill", "bs=1M", code=None)
            code, text = run.wait()
        self.assertEqual(code, 0, text)
        self.bed.on("h1", "rm", f"{SHARED}/fill")
        self.assertEqual(self.exported(), self.undisturbed(60))

    def test_what_one_host_lacks_is_said_with_its_name(self):
        for host in ("h1", "h3"):
            self.bed.on(host, VASTER, "simulate", "--deaths", 1800, "--format", "encoded", "--output", "/tmp/cohort.csv")
        text = self.finished("run", "--data", "/tmp/cohort.csv", "--format", "encoded", "--output", STUDY, code=74)
        self.assertRegex(text, r"vaster: on host h2: .*/tmp/cohort.csv")
        self.bed.on("h1", "mkdir", "-p", "/tmp/results")
        text = self.finished("doctor", "--kind", "drill", "--output", "/tmp/results/study.h5", options=["-n", 6], launcher="mpirun", code=69)
        self.assertRegex(text, r"on host h[23]: .*/tmp/results")

    def test_hosts_that_are_slow_or_lose_packets_or_stop_for_a_moment_are_not_lost(self):
        with self.launch(*drill(STUDY, 200, 0.2)) as run:
            wait_until(lambda: self.done() > 5, "something is done")
            self.bed.tell("loss", "h2", 10)
            self.bed.tell("slow", "h3", 10)
            self.bed.tell("freeze", "h2")
            self.bed.on("h1", "sleep", 5)
            self.bed.tell("thaw", "h2")
            code, text = run.wait()
            self.bed.tell("slow", "h3", 0)
        self.assertEqual(code, 0, text)
        self.assertEqual(self.exported(), self.undisturbed(200))


class OldPages(OnHosts):
    """GlusterFS as it is mounted by default shows a host pages that others have written since."""

    fs = "gluster-default"

    def test_every_host_sees_all_results_and_none_is_computed_twice(self):
        text = self.finished(*drill(STUDY, 60, 0.1))
        self.assertNotIn("INCOMPLETE", text)
        self.assertRegex(text, r"\n +60 +60 ")
        wanted = self.undisturbed(60)
        for host in self.bed.hosts:
            self.assertEqual(self.exported(host), wanted, host)
            self.bed.on(host, VASTER, "verify", STUDY)
        text = self.finished(*drill(STUDY, 60, 0.1, "--resume"), host="h2")
        self.assertIn("60 done before, 0 to do", text)


@unittest.skipIf(missing(SLURM_PROGRAMS), missing(SLURM_PROGRAMS))
class OnSlurm(OnHosts):
    def test_a_job_that_lost_a_rank_on_another_host_ends_when_the_study_is_finished(self):
        self.bed.tell("slurm-start")
        self.bed.on("h1", "env", f"VASTER={VASTER}", "sbatch", "--ntasks=6", "--time=5", f"--output={SHARED}/out", SOURCE / "slurm/vaster.sbatch",
                    *drill(STUDY, 100, 0.2)[1:])
        wait_until(lambda: self.done() > 10, "something is done")
        self.bed.kill_rank("h2")
        state = lambda: self.bed.on("h1", "scontrol", "show", "job", "-o", 1)
        wait_until(lambda: "JobState=RUNNING" not in state() and "COMPLETING" not in state(), "the job has ended")
        self.assertIn("ExitCode=71:0", state())
        self.assertEqual(self.exported(), self.undisturbed(100))


if __name__ == "__main__":
    unittest.main()
