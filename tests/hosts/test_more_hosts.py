"""More of what several hosts may go through: takes minutes, so only where VASTER_HOSTS is "all"."""

import collections
import csv
import io
import os
import sys
import time
import unittest

from hosts import LAUNCHER, SHARED, SLURM_PROGRAMS, SOURCE, TESTBED, VASTER, drill, lacks_control_groups, missing, wait_until
from on_hosts import STUDY, OnHosts, SharedFiles

WANTED = os.environ.get("VASTER_HOSTS") == "all"
TOO_LONG = "takes minutes: VASTER_HOSTS=all runs it"


@unittest.skipUnless(WANTED, TOO_LONG)
class MoreHosts(OnHosts):
    def test_a_bare_mpirun_that_waits_for_a_lost_host_is_ended(self):
        with self.launch(*drill(STUDY, 60, 0.2), launcher="mpirun") as run:
            run.wait_until(lambda: self.done() > 10, "something is done")
            self.bed.tell("kill-host", "h3")
            code, text = run.wait()
        self.assertIsNotNone(code, text)
        self.assertIn("All 60 experiments have their result", text)
        self.require_nothing_left("h1", "h2")

    def test_the_host_of_rank_0_is_lost_and_another_one_goes_on(self):
        with self.launch(*drill(STUDY, 100, 0.2)) as run:
            run.wait_until(lambda: self.done() > 10, "something is done")
            self.bed.tell("kill-host", "h1")
            run.wait()
        wait_until(lambda: not self.bed.processes("h2") + self.bed.processes("h3"), "the others have left")
        self.finished(*drill(STUDY, 100, 0, "--resume"), options=["-n", 4, "--host", "h2:2,h3:2"], host="h2")
        self.assertEqual(self.exported("h3"), self.undisturbed(100))

    def test_the_launcher_s_host_is_lost_while_mpi_starts_and_nothing_is_left_on_others(self):
        waited_for_in_vain = ["-n", 1, "--host", "h1", "sleep", 600]
        options = [*waited_for_in_vain, ":", "-x", "VASTER_START_SECONDS=10", "-n", 4, "--host", "h2:2,h3:2"]
        with self.launch(*drill(STUDY, 20, 0.1), options=options, launcher=["mpirun", "--enable-recovery"]) as run:
            for host in ("h2", "h3"):
                wait_until(lambda host=host: len(self.bed.ranks(host)) == 2, "ranks are started")
            self.bed.tell("kill-host", "h1")
            run.wait()
        self.require_nothing_left("h2", "h3")

    def test_a_rank_that_is_lost_while_the_study_is_opened_is_not_waited_for(self):
        self.lose_while_opening(lambda: self.assertTrue(self.bed.kill_rank("h2")))

    def test_a_full_disk_at_the_end_does_not_change_how_the_run_ends(self):
        with self.launch(*drill(STUDY, 60, 0.2)) as run:
            run.wait_until(lambda: self.done() > 10, "something is done")
            self.bed.on("h3", "dd", "if=/dev/zero", f"of={SHARED}/fill", "bs=1M", code=None)
            code, text = run.wait()
        self.assertEqual(code, 0, text)
        self.bed.on("h1", "rm", f"{SHARED}/fill")
        self.assertEqual(self.exported(), self.undisturbed(60))

    def test_hosts_that_are_slow_or_lose_packets_or_stop_for_a_moment_are_not_lost(self):
        with self.launch(*drill(STUDY, 200, 0.2)) as run:
            run.wait_until(lambda: self.done() > 5, "something is done")
            self.bed.tell("loss", "h2", 10)
            self.bed.tell("slow", "h3", 10)
            self.bed.tell("freeze", "h2")
            self.bed.on("h1", "sleep", 5)
            self.bed.tell("thaw", "h2")
            code, text = run.wait()
            self.bed.tell("slow", "h3", 0)
        self.assertEqual(code, 0, text)
        self.assertEqual(self.exported(), self.undisturbed(200))

    def test_a_host_that_is_cut_off_for_five_seconds_is_not_lost(self):
        # Its rank is missed after much longer, so that a busy machine may take its time to plug it in again.
        with self.launch(*drill(STUDY, 200, 0.2, "--set", "run.silence=40s")) as run:
            run.wait_until(lambda: self.done() > 5, "something is done")
            self.bed.tell("partition", "h2")
            time.sleep(5)
            self.bed.tell("heal", "h2")
            code, text = run.wait()
        self.assertEqual(code, 0, text)
        self.assertEqual(self.exported("h3"), self.undisturbed(200))
        self.require_nothing_left()

    def test_a_host_that_is_cut_off_for_longer_is_lost_and_what_it_computed_is_given_to_others(self):
        for seconds in (32, 120):
            with self.subTest(seconds=seconds):
                self.setUp()
                with self.launch(*drill(STUDY, 1200, 0.2)) as run:
                    run.wait_until(lambda: self.done() > 20, "something is done")
                    self.bed.tell("partition", "h2")
                    cut_off = time.monotonic()
                    run.wait_until(lambda run=run: run.text().count("on host h2 gets no more work: the rank is lost") == 2, "both of its ranks are missed")
                    time.sleep(max(0, cut_off + seconds - time.monotonic()))
                    self.bed.tell("heal", "h2")
                    code, text = run.wait()
                self.assertEqual(code, 71, text)
                self.require_nothing_left()
                self.assertIn("1200 done before, 0 to do", self.finished(*drill(STUDY, 1200, 0.2, "--resume"), host="h3"))
                self.assertEqual(self.exported("h2"), self.undisturbed(1200))

    @unittest.skipIf(missing(["tc"]), missing(["tc"]))
    def test_a_host_with_256_kbit_a_second_is_not_lost(self):
        self.bed.tell("rate", "h2", "256kbit")
        text = self.finished(*drill(STUDY, 200, 0.2))
        self.assertIn("All 200 experiments have their result", text)
        self.assertIn("h2", self.done_on())
        self.bed.tell("heal", "h2")
        self.assertEqual(self.exported("h2"), self.undisturbed(200))

    @unittest.skipIf(lacks_control_groups(), lacks_control_groups())
    def test_a_slow_host_gets_less_work(self):
        # An experiment takes as long everywhere, but the processes around it are slow on h3.
        with self.launch(*drill(STUDY, 600, 0.1, "--set", "drill.work=busy")) as run:
            run.wait_until(lambda: len(self.done_on()) == 3, "each host has done something")
            self.bed.tell("slow", "h3", 5)
            code, text = run.wait()
        self.bed.tell("slow", "h3", 0)
        self.assertEqual(code, 0, text)
        done = self.done_on()
        self.assertLess(done["h3"], min(done["h1"], done["h2"]), done)
        self.assertEqual(self.exported("h3"), self.undisturbed(600))

    def done_on(self):
        """How many results each host has computed."""
        rows = csv.DictReader(io.StringIO(self.bed.on("h1", VASTER, "export", STUDY, "--csv", code=None)))
        return collections.Counter(row["host"] for row in rows if row.get("status") == "done")


@unittest.skipUnless(WANTED, TOO_LONG)
class OldPagesBeside(SharedFiles, OnHosts):
    """What is written beside the study, with GlusterFS as it is mounted by default."""

    fs = "gluster-default"


@unittest.skipUnless(WANTED, TOO_LONG)
@unittest.skipIf(missing(["sshfs", "tc"]), missing(["sshfs", "tc"]))
class WithoutLocks(OnHosts):
    """On SFTP no lock of a file reaches another host: what the holder writes into the study's lock has to tell."""

    fs = "sshfs"

    def test_of_two_starts_over_slow_lines_one_goes_on(self):
        study = drill(STUDY, 400, 5, "--resume")
        for pause in (0, 4, 15):
            for host in ("h1", "h2"):
                self.bed.tell("rate", host, "256kbit")
            with self.subTest(pause=pause), self.bed.begin("h1", VASTER, *study, out="first") as first:
                time.sleep(pause)
                with self.bed.begin("h2", VASTER, *study, out="second") as second:
                    runs = {"h1": first, "h2": second}
                    wait_until(lambda runs=runs: sum(run.process.poll() is None for run in runs.values()) < 2, "one has ended")
                    time.sleep(40)  # longer than a sign of life may be late
                    ends = {host: run.process.poll() for host, run in runs.items()}
                    self.assertEqual(sorted(ends.values(), key=str), [69, None], [run.text() for run in runs.values()])
                    for host in runs:
                        self.bed.tell("heal", host)
                    host = next(host for host, code in ends.items() if code is None)
                    for rank in self.bed.ranks(host):
                        self.bed.on(host, "kill", "-TERM", rank, code=None)
                    code, text = runs[host].wait()
                    self.assertEqual(code, 75, text)
        self.finished(*drill(STUDY, 400, 0, "--resume", "--quiet"), host="h3")
        self.assertEqual(self.exported("h3"), self.undisturbed(400))


@unittest.skipUnless(WANTED, TOO_LONG)
class BehindRouters(OnHosts):
    """No host is told by its own network that another one is gone."""

    routed = True

    def test_a_daemon_without_ranks_does_not_wait_for_a_launcher_that_it_has_never_reached(self):
        agent, go = self.bed.folder / "agent", self.bed.folder / "go"
        wait = f"until [ -e {go} ]; do sleep 0.1; done"
        agent.write_text(f'#!/bin/sh\n[ "$1" = h3 ] || exec {TESTBED} agent "$@"\nshift\nexec {TESTBED} agent h3 "{wait};" "$@"\n')
        agent.chmod(0o755)
        launcher = ["env", f"OMPI_MCA_plm_rsh_agent={agent}", "VASTER_START_SECONDS=10", LAUNCHER]
        with self.launch(*drill(STUDY, 20, 0.1), options=["-n", 4, "--host", "h1:2,h2:2,h3:2"], launcher=launcher) as run:
            wait_until(lambda: any("until" in line for line in self.bed.processes("h3")), "the daemon on h3 is about to begin")
            self.bed.tell("kill-host", "h1")
            go.touch()
            run.wait()
        wait_until(lambda: any(" orted " in line for line in self.bed.processes("h3")), "it has begun")
        for host in ("h2", "h3"):
            wait_until(lambda host=host: not self.bed.processes(host), f"nothing is left on {host}", 60)

    def test_a_daemon_without_ranks_does_not_wait_for_an_answer_of_a_host_that_is_gone(self):
        daemon, ready = self.bed.folder / "orted", self.bed.folder / "ready"
        daemon.write_text(f"""#!{sys.executable}
import pathlib, socket, sys, time
connection = socket.create_connection(("h1", 5140))
pathlib.Path("{ready}").touch()
while True:
    connection.send(b" ")
    time.sleep(1)
""")
        daemon.chmod(0o755)
        with self.bed.begin("h3", daemon, "--watch-daemon mark "), self.bed.begin("h3", LAUNCHER, "--watch-daemon", "mark", 10):
            wait_until(ready.exists, "it is connected")
            time.sleep(12)
            self.assertTrue(any("/orted " in line for line in self.bed.processes("h3")), "h1 answers, so it is let alone")
            self.bed.tell("kill-host", "h1")
            self.require_nothing_left("h3")


@unittest.skipUnless(WANTED, TOO_LONG)
@unittest.skipIf(missing(SLURM_PROGRAMS), missing(SLURM_PROGRAMS))
class OnSlurm(OnHosts):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bed.tell("slurm-start")

    def setUp(self):
        self.bed.mend()
        for host in self.bed.hosts:
            if not self.bed.on(host, "pgrep", "-x", "slurmd", code=None):
                self.bed.tell("slurm-rejoin", host)
        self.bed.on("h1", "scancel", "--user=root")
        wait_until(lambda: not self.bed.on("h1", "squeue", "--noheader"), "no job is left of the test before")
        wait_until(lambda: self.bed.on("h1", "sinfo", "-h", "-o", "%T %D").split() == ["idle", "3"], "all nodes are idle")
        super().setUp()

    def submit(self, *options, experiments=100):
        """Submits a job that computes a study. Returns its number."""
        said = self.bed.on("h1", "env", f"VASTER={VASTER}", "sbatch", "--parsable", "--time=10", f"--output={SHARED}/out", *options,
                           SOURCE / "slurm/vaster.sbatch", *drill(STUDY, experiments, 0.2)[1:])
        wait_until(lambda: self.done() > 10, "something is done")
        return said.split()[-1]

    def state(self, job):
        said = self.bed.on("h1", "scontrol", "show", "job", "-o", job, code=None)
        return dict(word.split("=", 1) for word in said.split() if "=" in word)

    def ended(self, job):
        return self.state(job).get("JobState") not in ("PENDING", "RUNNING", "COMPLETING", "REQUEUED")

    def printed(self):
        return self.bed.on("h1", "cat", f"{SHARED}/out", code=None)

    def test_a_job_that_lost_a_rank_on_another_host_ends_when_the_study_is_finished(self):
        job = self.submit("--ntasks=6", experiments=600)  # long enough for a rank to be killed on a busy machine
        self.assertTrue(self.bed.kill_rank("h2"))
        wait_until(lambda: self.ended(job), "the job has ended")
        self.assertEqual(self.state(job)["ExitCode"], "71:0", self.printed())
        self.assertEqual(self.exported(), self.undisturbed(600))

    def lose_node_and_wait(self, job, node):
        """Loses a node's power, gives it back after Slurm has missed it, and waits for the end of the job."""
        self.bed.tell("kill-host", node)
        wait_until(lambda: self.bed.on("h1", "sinfo", "-h", "-n", node, "-o", "%T").startswith("down"), "Slurm has missed the node")
        self.bed.tell("boot-host", node)
        self.bed.tell("slurm-rejoin", node)
        wait_until(lambda: self.ended(job), "the job has ended")

    def test_a_job_whose_nodes_are_lost_is_begun_again_until_the_study_is_finished(self):
        # The node of the script and of rank 0, and another one.
        for options, node in ((("--ntasks=4", "--exclude=h1"), "h2"), (("--ntasks=6",), "h3")):
            with self.subTest(node=node):
                self.setUp()
                job = self.submit(*options, experiments=400)
                self.lose_node_and_wait(job, node)
                self.assertIn(self.state(job)["ExitCode"], ("0:0", "71:0"), self.printed())
                self.assertEqual(self.exported(), self.undisturbed(400))
                self.require_nothing_left()

    def test_whatever_slurm_does_to_a_job_on_one_node_it_may_do_on_three(self):
        folder = self.bed.folder / "everywhere"
        folder.mkdir()
        command = ["env", f"VASTER_SLURM_FOLDER={folder}", f"VASTER_PROGRAM={VASTER}", sys.executable, "-B", "-m", "unittest", "-v", "test_slurm"]
        with self.bed.begin("h1", "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", SOURCE / "tests/slurm", *command) as tests:
            code, text = tests.wait(1200)
        self.assertEqual(code, 0, text)
        self.assertNotIn("skipped", text)


if __name__ == "__main__":
    unittest.main()
