"""What tests on several hosts share: a testbed for each class, launching runs on it, and looking at what came out."""

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
