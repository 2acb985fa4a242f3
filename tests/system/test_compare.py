"""`vaster compare` against an independent recomputation from the study file, complete and with holes."""

import csv
import io
import json
import pathlib
import subprocess
import unittest

from system import VASTER, SystemTest

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-h5py is for
PEER = pathlib.Path(__file__).with_name("compare_peer.py")
RESAMPLES = 2000
DAMAGE = """
import sys, h5py
with h5py.File(sys.argv[1], "r+") as file:
    for row in map(int, sys.argv[2:]):
        record = file["records"][row]
        record["status"] = 3  # without a checksum that holds: the row counts as not done
        file["records"][row] = record
"""


class Compare(SystemTest):
    deaths = 1500

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = cls.folder / "whole.h5"
        subprocess.run([VASTER, "run", "--data", str(cls.cohort), "--format", "encoded", "--models",
                        "naive_bayes,xgboost", "--set", "models.xgboost.rounds=2", "--bootstrap", "2", "--repeats", "2",
                        "--sites", "AP,Dar,UP", "--quiet", "--output", str(cls.whole)], check=True)

    def compared(self, study, *flags):
        return self.vaster("compare", study, *flags).stdout

    def check_against_peer(self, study):
        result = self.folder / f"{self.id()}.json"
        self.vaster("compare", study, "--json", "--bootstrap", RESAMPLES, "--output", result)
        peer = subprocess.run([PYTHON, PEER, study, result, str(RESAMPLES)], capture_output=True, text=True)
        if peer.returncode in (77, 127):
            self.skipTest("python3-h5py, python3-numpy and python3-scipy are not installed")
        self.assertEqual(peer.returncode, 0, peer.stdout + peer.stderr)
        return json.loads(result.read_text())

    def test_every_number_is_that_of_an_independent_recomputation(self):
        found = self.check_against_peer(self.whole)
        self.assertEqual(found["complete"], "yes")
        self.assertEqual(found["tables"]["holes"], [])

    def test_holes_are_named_and_differences_use_what_both_models_have(self):
        damaged = self.folder / "damaged.h5"
        damaged.write_bytes(self.whole.read_bytes())
        rows = [i for i, row in enumerate(self.rows(self.whole))
                if (row["model"], row["repeat"]) == ("xgboost", "1") and row["train_site"] == "Dar"][:2]
        done = subprocess.run([PYTHON, "-c", DAMAGE, damaged, *map(str, rows)], capture_output=True, text=True)
        if done.returncode:
            self.skipTest("python3-h5py is not installed")
        found = self.check_against_peer(damaged)
        self.assertEqual(found["complete"], "no")
        self.assertEqual([hole["train_site"] for hole in found["tables"]["holes"]], ["Dar", "Dar"])
        text = self.compared(damaged, "--all")
        self.assertIn("INCOMPLETE: 2 results are missing", text)
        self.assertIn("Dar -> Dar xgboost repeat 1: pending", text)
        self.assertIn("5/6", text)

    def test_the_short_form_begins_with_a_verdict_and_the_long_one_has_every_table(self):
        text, long = self.compared(self.whole), self.compared(self.whole, "--all")
        for said in (text, long):
            self.assertTrue(said.startswith("VERDICT\nIn domain (trained and tested at the same site): 3 sites"), said[:200])
            self.assertIn("guessing gets about 0.632", said)
            self.assertIn("3 sites are too few to speak of other sites", said)
            self.assertIn("2 repeats are too few", said)
        self.assertLess(len(text.splitlines()), 80)
        self.assertNotIn("training size", text)
        for title in ("training size 0.25", "Generalisation gap", "trained at (row), tested at (column)"):
            self.assertIn(title, long)

    def test_studies_are_compared_on_the_same_deaths_and_called_by_their_names(self):
        one, other, far = (self.folder / f"{self.id()}-{name}.h5" for name in ("one", "other", "far"))
        common = ["run", "--data", self.cohort, "--format", "encoded", "--bootstrap", "2", "--types", "in_domain,out_domain", "--quiet"]
        self.vaster(*common, "--set", "study.name=plain", "--models", "naive_bayes,xgboost", "--set", "models.xgboost.rounds=2",
                    "--sites", "AP,Dar,UP", "--output", one)
        self.vaster(*common, "--set", "study.name=smooth", "--models", "naive_bayes", "--set", "models.naive_bayes.alpha=100",
                    "--sites", "AP,Dar", "--output", other)
        text = self.compared(one, other)
        self.assertRegex(text, r"CSMF accuracy: plain: naive_bayes has 0\.\d+, smooth: naive_bayes has 0\.\d+")
        self.assertNotIn("plain: xgboost has", text)  # smooth has no model that plain lacks
        words = " ".join(text.split())
        self.assertIn("their data hashes are equal", words)
        self.assertRegex(words, r"models\.naive_bayes\.alpha: \S+ in plain and \S+ in smooth")
        self.assertIn("not in every study", words)
        found = json.loads(self.compared(one, other, "--json"))
        self.assertEqual((found["name_1"], found["name_2"]), ("plain", "smooth"))
        alone = {row["model"]: row for row in json.loads(self.compared(other, "--json"))["tables"]["means"]}
        for row in found["tables"]["means"]:  # of the smaller study all is common
            if row["model"] == "smooth: naive_bayes" and row["metric"] == "cod_accuracy" and row["type"] == "out_domain":
                self.assertEqual(row["mean"], alone["naive_bayes"]["mean"])
        said = self.vaster(*common[:-1], "--models", "naive_bayes", "--sites", "Bohol,UP", "--output", far).stdout
        self.assertIn("\nVERDICT\nIn domain (trained and tested at the same site): 2 sites", said)
        self.assertLess(said.index("Mean accuracy per model"), said.index("VERDICT"))
        wrong = self.vaster("compare", other, far, code=64).stderr
        self.assertIn("have nothing in common that could be compared", wrong)
        self.assertIn("not in every study", wrong)
        self.vaster("run", "--set", "study.kind=drill", "--set", "drill.experiments=2", "--output", self.study)
        self.assertIn("only comparisons of models", self.vaster("compare", one, self.study, code=65).stderr)

    def test_the_same_file_gives_the_same_bytes(self):
        self.assertEqual(self.compared(self.whole, "--json"), self.compared(self.whole, "--json"))

    def test_a_table_as_csv_is_that_of_the_json(self):
        found = json.loads(self.compared(self.whole, "--json", "--metric", "log_loss"))
        for name in ("means", "differences", "mcnemar", "transfer", "gaps", "learning_curve", "holes", "baselines", "verdict"):
            lines = list(csv.DictReader(io.StringIO(
                self.compared(self.whole, "--csv", "--table", name, "--metric", "log_loss"))))
            self.assertEqual(len(lines), len(found["tables"][name]))
            for line, row in zip(lines, found["tables"][name]):
                self.assertEqual(list(line), list(row))
        for row in found["tables"]["means"]:
            self.assertIsNone(row["deaths_lo"])  # not to be had from predictions

    def test_what_cannot_be_compared_is_refused(self):
        wrong = self.vaster("compare", self.whole, "--metric", "accuracy", code=64)
        self.assertIn("'accuracy' is not a metric of this study; it has", wrong.stderr)
        self.assertIn("the tables are: means, differences",
                      self.vaster("compare", self.whole, "--csv", "--table", "x", code=64).stderr)
        self.vaster("run", "--set", "study.kind=drill", "--set", "drill.experiments=2", "--output", self.study)
        self.assertIn("only comparisons of models", self.vaster("compare", self.study, code=65).stderr)


if __name__ == "__main__":
    unittest.main()
