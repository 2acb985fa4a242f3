"""vaster doctor: what works is said to work, what does not is named with what to do."""

import json
import os
import resource
import subprocess
import unittest

from system import PATIENCE, SOURCE, VASTER, SystemTest, file_system, fill, make_market_file, limits_memory

CHECKS = ["MPI", "clocks", "task server", "study file", "XGBoost", "disk", "memory", "limits", "shared memory", "memory nodes", "Slurm", "same bytes", "cores"]
MARKETS = ["market local", "market shared"]  # of studies of kind evolve


class Doctor(SystemTest):
    deaths = 100

    def checkup(self, *more, code=0, **kwargs):
        """Findings by check."""
        said = self.vaster("doctor", "--json", *more, code=code, **kwargs).stdout
        return {one["check"]: one for one in json.loads(said)}

    def test_every_check_is_made_alone_and_on_ranks(self):
        place = CHECKS.index("disk")
        for ranks in (0, 3):
            self.assertEqual(list(self.checkup("--memory", "64MiB", ranks=ranks)), CHECKS)
            findings = self.checkup("--kind", "evolve", "--memory", "64MiB", ranks=ranks)
            self.assertEqual(list(findings), CHECKS[:place] + MARKETS + CHECKS[place:])
            for check in ("MPI", "clocks", "task server", "XGBoost", "study file", *MARKETS, "disk", "same bytes"):
                slow = "slow to sync" in findings[check].get("advice", "")  # as the disk of a busy machine may be
                self.assertEqual(findings[check]["health"], "warn" if slow else "ok", findings[check])
            self.assertIn(f"{max(ranks, 1)} rank", findings["MPI"]["seen"])
            for check in MARKETS:
                self.assertRegex(findings[check]["seen"], r"^healthy: 1,000 bars .* in \S+ s, read back in \S+ s, asked for .* in \S+ s$")
                self.assertIn(str(self.folder), findings[check]["seen"])
        self.assertEqual([path for path in self.folder.iterdir() if "doctor" in path.name], [], "nothing is left behind")

    def test_text_is_a_line_for_each_check_and_a_verdict(self):
        lines = self.vaster("doctor", "--memory", "64MiB", ranks=2).stdout.splitlines()
        self.assertEqual(len(lines), len(CHECKS) + 1)
        self.assertEqual(lines[-1], "Studies can be run here.")

    def test_vaster_mpirun_ends_with_what_the_doctor_says(self):
        for more, code in ((["--memory", "64MiB"], 0), (["--output", self.folder / "missing" / "study.h5"], 69), (["--set", "run.memory=nonsense"], 78)):
            done = subprocess.run([SOURCE / "scripts/vaster-mpirun", "-n", "2", VASTER, "doctor", *more], cwd=self.folder, capture_output=True,
                                  text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertNotIn("--resume", done.stderr)

    def test_a_directory_that_is_not_there_is_a_failure_with_advice(self):
        for ranks in (0, 2):
            findings = self.checkup("--kind", "evolve", "--output", self.folder / "missing" / "study.h5", ranks=ranks, code=69)
            for check in ("study file", *MARKETS, "disk"):
                self.assertEqual(findings[check]["health"], "FAIL")
                self.assertIn("--output", findings[check]["advice"])

    def test_a_directory_that_cannot_keep_bars_is_named_with_the_reason(self):
        with file_system(self.folder / "small", "8m") as small:
            fill(small)
            before = sorted(small.iterdir())
            full = self.checkup("--kind", "evolve", "--output", small / "study.h5", code=69)
            self.assertEqual(sorted(small.iterdir()), before, "nothing is left behind")
            (small / "filler").unlink()
            subprocess.run(["mount", "-o", "remount,ro", small], check=True)
            fixed = self.checkup("--kind", "evolve", "--output", small / "study.h5", ranks=2, code=69)
        read_only = "Read-only file system"
        for findings, reasons in ((full, ("are free on its disk", "No space left")), (fixed, (read_only, read_only))):
            for check, reason in zip(MARKETS, reasons):
                self.assertEqual(findings[check]["health"], "FAIL", findings[check])
                for word in ("unhealthy", str(small), reason):
                    self.assertIn(word, findings[check]["seen"])
                self.assertNotIn("\n", findings[check]["seen"])
                self.assertIn("--output", findings[check]["advice"])

    def test_the_market_file_of_a_study_is_read_by_all_ranks(self):
        csv, path, other = (self.folder / f"market.{end}" for end in ("csv", "h5", "txt"))
        self.vaster("market", "simulate", "--bars", "walk", "--count", 100, "--symbols", "BTC,ETH", "--output", csv)
        make_market_file(self, csv, path)
        other.write_text("no HDF5")
        evolve = ["--set", "study.kind=evolve", "--data"]
        self.assertNotIn("market file", self.checkup(*evolve, csv), "a table is none")
        for backend, ranks, bad, reason in (("local", 0, other, "HDF5 cannot open"),
                                            ("shared", 2, self.folder / "absent.h5", "No such file")):
            found = self.checkup(*evolve, path, "--set", f"data.backend={backend}", ranks=ranks)["market file"]
            self.assertEqual(found["health"], "ok", found)
            self.assertIn("2 assets, BTC: 100 bars from 2020-01-01T00:00:00Z to 2020-01-05T03:00:00Z, ETH: 100 bars", found["seen"])
            found = self.checkup(*evolve, bad, "--set", f"data.backend={backend}", ranks=ranks, code=69)["market file"]
            self.assertEqual(found["health"], "FAIL")
            for part in (str(bad), reason, "every rank" if ranks else ""):
                self.assertIn(part, found["seen"])
            self.assertIn("--data", found["advice"])
        found = self.checkup(*evolve, path, "--set", 'data.symbols=["DOGE"]', code=69)["market file"]
        self.assertIn("no bars of 'DOGE'; there are BTC, ETH", found["seen"])

    def test_ranks_that_see_different_market_files_are_named(self):
        ranks = []
        for place, count in enumerate((100, 101)):
            folder = self.folder / f"host{place}"
            folder.mkdir()
            csv = folder / "market.csv"
            self.vaster("market", "simulate", "--bars", "walk", "--count", count, "--output", csv)
            make_market_file(self, csv, folder / "market.h5")
            ranks += [":"] * place + ["-n", "1", "-wdir", folder, VASTER, "doctor", "--json", "--set", "study.kind=evolve", "--data",
                                      "market.h5", "--output", self.study]
        done = subprocess.run(["mpirun", *ranks], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 69, done.stderr)
        found = {one["check"]: one for one in json.loads(done.stdout)}["market file"]
        self.assertEqual(found["health"], "FAIL")
        self.assertRegex(found["seen"], r"^market.h5 has .* 101 bars .*; rank 0 sees .* 100 bars .* \(on rank 1 only\)$")

    def test_more_memory_than_there_is_gets_a_warning(self):
        findings = self.checkup("--memory", "1000000GiB", ranks=2)
        self.assertEqual(findings["memory"]["health"], "warn")
        self.assertIn("2 ranks", findings["memory"]["seen"])

    @limits_memory
    def test_limits_of_the_shell_get_a_warning(self):
        limit = 1 << 30
        findings = self.checkup("--memory", "2GiB", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        self.assertEqual(findings["limits"]["health"], "warn")
        self.assertIn("ulimit -d", findings["limits"]["seen"])

    def test_the_memory_that_slurm_allows_is_seen(self):
        for variables in ({"SLURM_MEM_PER_NODE": "300"}, {"SLURM_MEM_PER_CPU": "150", "SLURM_CPUS_ON_NODE": "2"}):
            with self.subTest(variables=variables):
                findings = self.checkup("--memory", "1GiB", env={**os.environ, **variables})
                self.assertEqual(findings["memory"]["health"], "warn")
                self.assertIn("300.0 MiB are allowed to this job by Slurm", findings["memory"]["seen"])

    def test_programs_that_srun_started_without_mpi_are_recognised(self):
        environment = {**os.environ, "SLURM_JOB_ID": "1", "SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"}
        findings = self.checkup(code=69, env=environment)
        self.assertEqual(findings["Slurm"]["health"], "FAIL")
        self.assertIn("--mpi=pmix", findings["Slurm"]["advice"])

    def test_a_study_with_mistakes_is_refused_as_by_run(self):
        self.vaster("doctor", "--set", "run.memory=nonsense", code=78)


if __name__ == "__main__":
    unittest.main()
