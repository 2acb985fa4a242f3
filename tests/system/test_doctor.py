"""vaster doctor: what works is said to work, what does not is named with what to do."""

import json
import os
import resource
import unittest

from system import SystemTest

CHECKS = ["MPI", "clocks", "task server", "XGBoost", "study file", "disk", "memory", "limits", "shared memory", "Slurm",
          "same bytes"]


class Doctor(SystemTest):
    deaths = 100

    def checkup(self, *more, code=0, **kwargs):
        """Findings by check."""
        said = self.vaster("doctor", "--json", *more, code=code, **kwargs).stdout
        return {one["check"]: one for one in json.loads(said)}

    def test_every_check_is_made_alone_and_on_ranks(self):
        for ranks in (0, 3):
            findings = self.checkup("--memory", "64MiB", ranks=ranks)
            self.assertEqual(list(findings), CHECKS)
            for check in ("MPI", "clocks", "task server", "XGBoost", "study file", "disk", "same bytes"):
                self.assertEqual(findings[check]["health"], "ok", findings[check])
            self.assertIn(f"{max(ranks, 1)} rank", findings["MPI"]["seen"])
        self.assertEqual([path for path in self.folder.iterdir() if "doctor" in path.name], [], "nothing is left behind")

    def test_text_is_a_line_for_each_check_and_a_verdict(self):
        lines = self.vaster("doctor", "--memory", "64MiB", ranks=2).stdout.splitlines()
        self.assertEqual(len(lines), len(CHECKS) + 1)
        self.assertEqual(lines[-1], "Studies can be run here.")

    def test_a_directory_that_is_not_there_is_a_failure_with_advice(self):
        for ranks in (0, 2):
            findings = self.checkup("--output", self.folder / "missing" / "study.h5", ranks=ranks, code=69)
            for check in ("study file", "disk"):
                self.assertEqual(findings[check]["health"], "FAIL")
                self.assertIn("--output", findings[check]["advice"])

    def test_more_memory_than_there_is_gets_a_warning(self):
        findings = self.checkup("--memory", "1000000GiB", ranks=2)
        self.assertEqual(findings["memory"]["health"], "warn")
        self.assertIn("2 ranks", findings["memory"]["seen"])

    def test_limits_of_the_shell_get_a_warning(self):
        limit = 1 << 30
        findings = self.checkup("--memory", "2GiB", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        self.assertEqual(findings["limits"]["health"], "warn")
        self.assertIn("ulimit -d", findings["limits"]["seen"])

    def test_programs_that_srun_started_without_mpi_are_recognised(self):
        environment = {**os.environ, "SLURM_JOB_ID": "1", "SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"}
        findings = self.checkup(code=69, env=environment)
        self.assertEqual(findings["Slurm"]["health"], "FAIL")
        self.assertIn("--mpi=pmix", findings["Slurm"]["advice"])

    def test_a_study_with_mistakes_is_refused_as_by_run(self):
        self.vaster("doctor", "--set", "run.memory=nonsense", code=78)


if __name__ == "__main__":
    unittest.main()
