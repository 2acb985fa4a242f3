"""What a study on several hosts must go on holding: one writer, the same bytes whatever the clocks say, files beside the study that all hosts
see, data that each host reads once, and a doctor that finds what is wrong with the hosts.

Needs root, namespaces, FUSE and GlusterFS (README.md); else every test is skipped and says so. test_more_hosts.py has what takes longer.
"""

import contextlib
import re
import shutil
import signal
import subprocess
import unittest

from hosts import PATIENCE, SHARED, VASTER, drill, lacks_faketime, wait_until
from on_hosts import STUDY, OnHosts, SharedFiles

NEVER_DONE = (3000, 0.5)  # experiments and seconds: no test waits for its end
COHORT = "/tmp/cohort.csv"  # a file, or a pipe, of each host
FROM_COHORT = ["--format", "encoded", "--models", "naive_bayes", "--types", "in_domain", "--bootstrap", "50", "--set", "run.cost_cache="]


class OneWriter(OnHosts):
    def stop(self, *hosts):
        """Asks the ranks of these hosts to end as a scheduler would."""
        for host in hosts:
            for rank in self.bed.ranks(host):
                self.bed.on(host, "kill", f"-{signal.SIGTERM}", rank, code=None)

    def resumed_to_its_end(self, host):
        experiments, _ = NEVER_DONE
        self.finished(*drill(STUDY, experiments, 0, "--resume", "--quiet"), host=host)
        self.assertEqual(self.exported("h3"), self.undisturbed(experiments))

    def test_a_second_resume_on_another_host_is_refused_and_told_who_writes(self):
        with self.launch(*drill(STUDY, *NEVER_DONE), options=["-n", 4, "--host", "h1:2,h2:2"]) as run:
            run.wait_until(lambda: self.done() > 4, "something is done")
            said = self.bed.on("h3", VASTER, *drill(STUDY, *NEVER_DONE, "--resume"), code=69)
            self.assertRegex(said, rf"{STUDY} is being written by process \d+ of root on h1 since \S+: wait until that has ended, or stop it")
            self.assertIsNone(run.process.poll(), run.text())
            self.stop("h1")
            code, text = run.wait()
        self.assertEqual(code, 75, text)
        self.resumed_to_its_end("h3")

    def test_of_eight_starts_at_once_on_three_hosts_one_goes_on(self):
        hosts = ["h1", "h2", "h3", "h1", "h2", "h3", "h1", "h2"]
        with contextlib.ExitStack() as stack:
            runs = [stack.enter_context(self.bed.begin(host, VASTER, *drill(STUDY, *NEVER_DONE, "--resume"), out=f"start-{number}"))
                    for number, host in enumerate(hosts)]
            wait_until(lambda: sum(run.process.poll() is None for run in runs) <= 1, "all but one have ended")
            ends = [(run.process.poll(), run.text()) for run in runs]
            self.assertEqual([code for code, _ in ends if code is not None], [69] * 7, ends)
            winner = next(number for number, (code, _) in enumerate(ends) if code is None)
            for _, text in ends[:winner] + ends[winner + 1:]:
                self.assertRegex(text, r"is being written by (process \d+ of root on h\d|another process)")
            wait_until(lambda: self.done() > 4, "the one that goes on has done something")
            self.stop(hosts[winner])
            code, text = runs[winner].wait()
        self.assertEqual(code, 75, text)
        self.resumed_to_its_end("h1")


class Beside(SharedFiles, OnHosts):
    """What is written beside the study."""


class ReadOnce(OnHosts):
    def setUp(self):
        super().setUp()
        self.cohort = self.bed.folder / "small.csv"
        if not self.cohort.exists():
            self.vaster("simulate", "--deaths", 1800, "--format", "encoded", "--output", self.cohort)

    def vaster(self, *words):
        return subprocess.run([str(word) for word in (VASTER, *words)], check=True, timeout=PATIENCE, capture_output=True, text=True).stdout

    def test_each_host_reads_the_data_once(self):
        """They come out of a pipe once, and whoever opens it again waits for ever."""
        alone = self.bed.folder / "alone.h5"
        self.vaster("run", "--data", self.cohort, *FROM_COHORT, "--quiet", "--overwrite", "--output", alone)
        with contextlib.ExitStack() as stack:
            feeders = []
            for host in self.bed.hosts:
                self.bed.on(host, "rm", "-f", COHORT)
                self.bed.on(host, "mkfifo", COHORT)
                feeders.append(stack.enter_context(self.bed.begin(host, "sh", "-c", f"cat {self.cohort} >{COHORT}", out=f"feeder-{host}")))
            self.finished("run", "--data", COHORT, *FROM_COHORT, "--output", STUDY)
            for feeder in feeders:
                self.assertEqual(feeder.wait(), (0, ""))
        self.assertEqual(self.exported("h3"), self.vaster("export", alone, "--csv", "--without-timings"))

    def test_a_server_that_is_killed_while_it_reads_for_its_host_ends_the_run_with_a_clear_message(self):
        for host in ("h1", "h3"):
            self.bed.on(host, "rm", "-f", COHORT)
            self.bed.on(host, "cp", self.cohort, COHORT)
        self.bed.on("h2", "rm", "-f", COHORT)
        self.bed.on("h2", "mkfifo", COHORT)
        with self.bed.begin("h2", "sh", "-c", f"exec 3>{COHORT}; head -c 10000 {self.cohort} >&3; sleep 1000", out="feeder"), \
                self.launch("run", "--data", COHORT, *FROM_COHORT, "--output", STUDY) as run:
            kill = f"for p in $(pgrep -f task-server); do readlink /proc/$p/fd/* | grep -qx {COHORT} && kill -KILL $p && echo killed; done"
            run.wait_until(lambda: "killed" in self.bed.on("h2", "sh", "-c", kill, code=None), "a server reads and is killed")
            code, text = run.wait()
        self.assertEqual(code, 74, text)
        self.assertRegex(text, r"on host h2: the process that loads the data died while opening the study")
        self.require_nothing_left("h1", "h3")


class Examined(OnHosts):
    def checkup(self, code, *before):
        """Of six ranks on three hosts: what is found, by the name of the check. @param before  words before the program"""
        said = self.finished("doctor", "--kind", "drill", "--output", STUDY, options=["-n", 6, *before], launcher="mpirun", code=code)
        return {match[2].strip(): (match[1], match[3]) for match in re.finditer(r"^(ok|warn|FAIL) +(\w+(?: \w+)*)  +(.*)$", said, re.MULTILINE)}


class Doctor(Examined):
    def test_it_finds_a_full_disk_on_all_hosts(self):
        self.bed.on("h3", "dd", "if=/dev/zero", f"of={SHARED}/fill", "bs=1M", code=None)
        found = self.checkup(69)
        self.bed.on("h3", "rm", f"{SHARED}/fill")
        health, seen = found["disk"]
        self.assertEqual(health, "FAIL", found)
        self.assertRegex(seen, rf"^.* free in {SHARED} \(on every rank\): make room")
        health, seen = found["study file"]
        self.assertEqual(health, "FAIL", found)
        self.assertRegex(seen, "No space left on device|only .* are free on its disk")  # whether the last blocks were taken, too

    @unittest.skipIf(lacks_faketime(), lacks_faketime())
    def test_it_finds_the_hosts_whose_clocks_are_wrong(self):
        self.bed.tell("clock", "h2", 3600)
        self.bed.tell("clock", "h3", -172800)
        health, seen = self.checkup(0)["clocks"]
        self.assertEqual(health, "warn", seen)
        ahead, behind = (float(re.search(rf"{host} ([-+][0-9.]+) s", seen)[1]) for host in ("h2", "h3"))
        self.assertAlmostEqual(ahead, 3600, delta=60)
        self.assertAlmostEqual(behind, -172800, delta=60)


@unittest.skipUnless(shutil.which("cc"), "no C compiler is installed")
class DoctorOfOldPages(Examined):
    """A host sees pages that others have written since."""

    fs = "gluster-default"

    def test_it_finds_a_file_system_whose_old_pages_cannot_be_dropped(self):
        library = self.bed.folder / "keeps_pages.so"
        code = "".join(f"int {name}(int fd, long from, long length, int advice) {{ return 0; }}\n" for name in ("posix_fadvise", "posix_fadvise64"))
        subprocess.run(["cc", "-shared", "-fPIC", "-w", "-x", "c", "-o", library, "-"], input=code, text=True, check=True)
        health, seen = self.checkup(0)["study file"]
        self.assertIn("24 rows written", seen)
        health, seen = self.checkup(69, "env", f"LD_PRELOAD={library}")["study file"]
        self.assertEqual(health, "FAIL", seen)
        self.assertRegex(seen, r"host h\d sees \d+ of 24 rows that all ranks have written")


@unittest.skipIf(lacks_faketime(), lacks_faketime())
class WrongClocks(OnHosts):
    def test_hosts_whose_clocks_are_off_compute_the_same_bytes(self):
        # Rank 0 and its lock are on h1.
        wanted = self.undisturbed(60)
        for hosts in ({"h2": 3600}, {"h1": -172800, "h3": 3600}):
            with self.subTest(seconds=hosts):
                self.setUp()
                for host, seconds in hosts.items():
                    self.bed.tell("clock", host, seconds)
                text = self.finished(*drill(STUDY, 60, 0.1))
                self.assertIn("All 60 experiments have their result", text)
                self.assertEqual(self.exported("h2"), wanted)


if __name__ == "__main__":
    unittest.main()
