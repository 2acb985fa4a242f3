"""From a comparison to causes of new deaths: run, compare, train the best, register it, predict by its name, report; read by others."""

import csv
import json
import subprocess
import unittest

from system import SystemTest

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-h5py is for
WITH_H5PY = """
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    print(len(file["arrays/deaths"]), file.attrs["kind"])
"""


class WholeWay(SystemTest):
    deaths = 1200

    def test_from_a_comparison_to_the_report_of_a_prediction(self):
        registry = ["--registry", self.folder / "models"]
        old, new = self.folder / "old.csv", self.folder / "new.csv"
        with open(self.cohort, newline="") as file:
            header, *rows = list(csv.reader(file))
        label, site = header.index("va34"), header.index("site")
        with open(old, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows[:1000]])
        unlabelled = [i for i, name in enumerate(header) if name not in ("va34", "cod5")]
        with open(new, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([[row[i] for i in unlabelled] for row in [header, *rows[1000:]]])
        self.vaster("run", "--data", old, "--format", "encoded", "--models", "naive_bayes,logistic_regression", "--types",
                    "leave_one_site_out", "--bootstrap", "20", "--output", self.study, "--quiet", ranks=2)
        self.vaster("compare", self.study)
        self.vaster("train", "--from", self.study, "--best", "--inner", "leave_one_site_out", "--output", "best.h5", "--register",
                    "causes@production", *registry, "--quiet", ranks=2)
        self.vaster("predict", "causes@production", new, *registry, "--output", "march", "--by", "site", "--quiet", ranks=2)
        with open(self.folder / "march.csv", newline="") as file:
            said = list(csv.DictReader(file))
        self.assertEqual(len(said), 200)
        right = sum(one["cause1"] == row[label] for one, row in zip(said, rows[1000:])) / 200
        self.assertGreater(right, 0.15)  # chance: 0.03
        with open(self.folder / "march-csmf.csv", newline="") as file:
            groups = {row["group"] for row in csv.DictReader(file)}
        self.assertEqual(groups, {"all"} | {f"site={row[site]}" for row in rows[1000:]})
        facts = json.loads((self.folder / "march.json").read_text())
        self.assertTrue(facts["model"]["content"].startswith(said[0]["model"]))
        read = subprocess.run([PYTHON, "-c", WITH_H5PY, self.folder / "march.h5"], capture_output=True, text=True)
        self.assertEqual(read.stdout.split(), ["200", "va-predict"], read.stderr)
        self.vaster("report", "march.h5", "--figures", "none", "--output", "march-report")
        page = (self.folder / "march-report/index.html").read_text()
        for words in ("at an unseen site", "Cause fractions", "Answers beside those of the training deaths"):
            self.assertTrue(words in page, words)


if __name__ == "__main__":
    unittest.main()
