"""What is remembered of costs changes in which order work is handed out, and nothing else."""

import os
import re
import shutil
import subprocess
import unittest

from system import SystemTest

EVOLVE = ["run", "--set", "study.kind=evolve", "--set", "data.simulated=regimes", "--set", "data.bars=3000",
          "--set", "evolution.population=20", "--set", "evolution.generations=3"]


@unittest.skipUnless(shutil.which("h5dump"), "hdf5-tools is not installed")
class Costs(SystemTest):
    deaths = 100

    def run_with(self, name, cache, ranks=2):
        """The export, the plan and the log of a run with its costs in this folder."""
        study, log = self.folder / f"{name}.h5", self.folder / f"{name}.log"
        self.vaster(*EVOLVE, "--set", f"run.cost_cache={cache}", "--output", study, "--log-file", log, "--log-level", "debug",
                    ranks=ranks)
        plan = subprocess.run(["h5dump", "-d", "/plan", study], capture_output=True, text=True, check=True).stdout
        return self.exported(study), plan.partition("\n")[2], log.read_text()

    def begun_first(self, log):
        return re.search(r"experiment=(\d+)[^:]*: task 1 handed out", log).group(1)

    def test_the_memory_changes_the_order_and_neither_plan_nor_results(self):
        memory = self.folder / "costs"
        exported, plan, log = self.run_with("none", "")
        self.assertFalse(memory.exists())
        longest = self.begun_first(log)  # by the plan's guess
        first = self.run_with("first", memory)
        self.assertEqual(self.begun_first(first[2]), longest)
        kept = (memory / "costs-evolve.txt").read_text()
        self.assertIn(" SMA_Trend_Filter\n", kept)
        lines = ["vaster costs 1", "1 100000 EMA_Crossover", "1 1 PCA_Tree_Quantile", "1 1 Linear_SVC_Classifier"]
        (memory / "costs-evolve.txt").write_text("\n".join(lines) + "\n")
        other = self.run_with("other", memory)
        self.assertNotEqual(self.begun_first(other[2]), longest)
        for result in (first, other):
            self.assertEqual(result[0], exported)
            self.assertEqual(result[1], plan)

    def test_a_memory_that_cannot_be_used_costs_a_line_in_the_log(self):
        expected = self.run_with("alone", "", ranks=0)
        damaged = self.folder / "damaged"
        damaged.mkdir()
        (damaged / "costs-evolve.txt").write_text("\0\0\0")
        result = self.run_with("damaged", damaged, ranks=0)
        self.assertEqual(result[:2], expected[:2])
        self.assertIn("costs of earlier studies are not known: ", result[2])
        self.assertTrue((damaged / "costs-evolve.txt").read_text().startswith("vaster costs 1\n"))
        in_the_way = self.folder / "in-the-way"
        in_the_way.write_text("")
        result = self.run_with("unwritable", in_the_way, ranks=0)
        self.assertEqual(result[:2], expected[:2])
        self.assertIn("what was learned about costs is not kept: ", result[2])

    def test_it_is_kept_where_the_users_caches_are(self):
        cache = self.folder / "caches"
        self.vaster("run", "--set", "study.kind=drill", "--set", "drill.experiments=3", "--set", "drill.seconds=0.01",
                    "--output", self.study, env={**os.environ, "XDG_CACHE_HOME": str(cache)})
        self.assertTrue((cache / "vaster/costs-drill.txt").exists())


if __name__ == "__main__":
    unittest.main()
