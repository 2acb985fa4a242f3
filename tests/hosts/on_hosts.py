"""What tests on several hosts share: a testbed for each class, launching runs on it, and looking at what came out."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import unittest

from hosts import LAUNCHER, PATIENCE, SHARED, VASTER, Bed, drill, missing, wait_until

STUDY = f"{SHARED}/study.h5"


@unittest.skipIf(missing(), missing())
class OnHosts(unittest.TestCase):
    fs = "gluster"
    routed = False

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-hosts-")
        cls.bed = Bed(pathlib.Path(cls._folder.name) / "bed", fs=cls.fs, routed=cls.routed)

    @classmethod
    def tearDownClass(cls):
        cls.bed.tell("stop")
        cls._folder.cleanup()

    def setUp(self):
        self.bed.mend()
        self.bed.on("h1", "find", SHARED, "-mindepth", "1", "-delete")

    def launch(self, *arguments, options=("-n", 6), host="h1", launcher=LAUNCHER):
        """Starts a run. @param launcher  a program, or several words"""
        words = launcher if isinstance(launcher, list) else [launcher]
        return self.bed.begin(host, *words, *options, VASTER, *arguments)

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


class SharedFiles:
    """What a run writes beside its study: for other hosts, and for other runs."""

    def test_status_costs_and_ending_on_the_shared_file_system(self):
        status, costs, ending = (f"{SHARED}/{name}" for name in ("status", "costs", "ending"))
        beside = ["--status-dir", status, "--set", f"run.cost_cache={costs}", "--ending-file", ending]
        with self.launch(*drill(STUDY, 200, 0.2, *beside)) as run:
            run.wait_until(lambda: self.read_status("h3") > 4, "another host reads the status")
            run.wait_until(lambda: self.read_status("h2") > 20, "it goes on")
            code, text = run.wait()
        self.assertEqual(code, 0, text)
        self.assertEqual(self.exported("h2"), self.undisturbed(200))
        for host in self.bed.hosts:
            wait_until(lambda host=host: self.read_status(host) == 200, f"{host} sees the last status")
            self.assertEqual(self.bed.on(host, "cat", ending), "0 complete 200\n")
            self.assertRegex(self.bed.on(host, "cat", f"{costs}/costs-drill.txt"), r"^vaster costs 1\n\S+ \S+ drill\n$")

    def read_status(self, host):
        """How many experiments are done, by the status that a host sees; it has always the whole of one."""
        said = self.bed.on(host, "sh", "-c", f"cat {SHARED}/status/status.json && echo whole", code=None)
        if not said.endswith("whole\n"):
            return 0  # not there yet, or replaced while it was opened
        return json.loads(said.removesuffix("whole\n")).get("experiments", {}).get("done", 0)

    def test_studies_that_end_together_leave_costs_that_can_be_read(self):
        names = [f"{SHARED}/{host}.h5" for host in self.bed.hosts]
        costs = f"run.cost_cache={SHARED}/costs"
        with contextlib.ExitStack() as stack:
            runs = [stack.enter_context(self.bed.begin(host, VASTER, *drill(study, 30, 0.1, "--set", costs), out=host))
                    for host, study in zip(self.bed.hosts, names)]
            for run in runs:
                code, text = run.wait()
                self.assertEqual(code, 0, text)
        said = self.finished(*drill(STUDY, 30, 0, "--set", costs, "--log-level", "debug"))
        self.assertNotIn("costs of earlier studies are not known", said)
        self.assertRegex(self.bed.on("h2", "cat", f"{SHARED}/costs/costs-drill.txt"), r"^vaster costs 1\n\S+ \S+ drill\n$")
