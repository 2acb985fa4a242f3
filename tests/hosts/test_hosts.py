"""Runs over several hosts, which are lost: the study is finished with the same bytes, or the run ends and says so.

Needs root, namespaces, FUSE and GlusterFS (README.md); else every test is skipped and says so. test_more_hosts.py has what takes longer.
"""

import unittest

from hosts import LAUNCHER, TESTBED, VASTER, drill
from on_hosts import STUDY, OnHosts


class Hosts(OnHosts):
    def test_a_launcher_on_a_host_without_ranks_waits_for_those_elsewhere(self):
        # Longer than any patience with a stuck launcher, and with one that cannot start anything.
        self.finished(*drill(STUDY, 160, 0.3), options=["-n", 4, "--host", "h2:2,h3:2"], launcher=["env", "VASTER_START_SECONDS=8", LAUNCHER])
        self.assertEqual(self.exported(), self.undisturbed(160))

    def test_a_host_that_loses_its_power_costs_only_what_it_was_computing(self):
        with self.launch(*drill(STUDY, 200, 0.5)) as run:  # takes longer than a look at it does on a busy machine
            run.wait_until(lambda: self.done() > 20, "something is done")
            self.bed.tell("kill-host", "h2")
            code, text = run.wait()
        self.assertEqual(code, 71, text)
        self.assertRegex(text, r"rank \d on host h2 gets no more work: the rank is lost: no sign of life for 1\d s")
        self.assertEqual(self.exported("h3"), self.undisturbed(200))
        self.require_nothing_left("h1", "h3")

    def test_a_host_that_is_lost_while_the_study_is_opened_is_not_waited_for(self):
        self.lose_while_opening(lambda: self.bed.tell("kill-host", "h2"))

    def test_a_host_that_is_lost_before_its_daemon_has_answered_is_not_waited_for(self):
        agent = self.bed.folder / "agent"
        agent.write_text(f'#!/bin/sh\n[ "$1" = h2 ] || exec {TESTBED} agent "$@"\n')  # what was begun on h2 is never heard of
        agent.chmod(0o755)
        text = self.finished(*drill(STUDY, 20, 0.1), code=75,
                             launcher=["env", f"OMPI_MCA_plm_rsh_agent={agent}", "VASTER_START_SECONDS=5", LAUNCHER])
        self.assertRegex(text, r"no rank was started within \d+ s: of 2 other hosts 1 have answered")
        self.require_nothing_left()

    def test_what_one_host_lacks_is_said_with_its_name(self):
        for host in ("h1", "h3"):
            self.bed.on(host, VASTER, "simulate", "--deaths", 1800, "--format", "encoded", "--output", "/tmp/cohort.csv")
        text = self.finished("run", "--data", "/tmp/cohort.csv", "--format", "encoded", "--output", STUDY, code=74)
        self.assertRegex(text, r"vaster: on host h2: .*/tmp/cohort.csv")
        self.bed.on("h1", "mkdir", "-p", "/tmp/results")
        text = self.finished("doctor", "--kind", "drill", "--output", "/tmp/results/study.h5", options=["-n", 6], launcher="mpirun", code=69)
        self.assertRegex(text, r"FAIL study file .*/tmp/results.* \(on hosts h2, h3 only\)")
        self.bed.on("h2", "mkdir", "-p", "/tmp/results")


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


if __name__ == "__main__":
    unittest.main()
