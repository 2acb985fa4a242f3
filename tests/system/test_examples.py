"""The examples of the documents run, and give the numbers that `vaster export` gives."""

import csv
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from system import PATIENCE, SMALL, SOURCE, VASTER, SystemTest

PYTHON = "/usr/bin/python3"  # Debian's, which its packages are for


def examples(page, language):
    """All code blocks of a language on a page, in order, as one program."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", (SOURCE / "docs" / page).read_text(), re.MULTILINE | re.DOTALL)
    if not blocks:
        raise AssertionError(f"docs/{page} has no example in {language}")
    return "\n".join(blocks)


class Examples(SystemTest):
    deaths = 900

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results = cls.folder / "study.h5"
        subprocess.run([VASTER, "run", "--data", cls.cohort, *SMALL, "--models", "naive_bayes,logistic_regression",
                        "--output", cls.results, "--quiet"], check=True, timeout=PATIENCE)

    def run_example(self, command, program):
        """Runs a program where `vaster` and study.h5 are, returns its output."""
        path = f"{pathlib.Path(VASTER).parent}:{os.environ['PATH']}"
        done = subprocess.run([*command, program], capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder,
                              env={**os.environ, "PATH": path})
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def first_rows(self):
        """What export says of the first experiment that is done: the experiment, its predictions."""
        first = next(row for row in self.rows(self.results) if row["status"] == "done")
        text = self.vaster("export", self.results, "--predictions").stdout
        return first, [row for row in csv.DictReader(text.splitlines()) if row["index"] == first["index"]]

    def test_python(self):
        if subprocess.run([PYTHON, "-c", "import h5py, pandas"], capture_output=True).returncode:
            self.skipTest("python3-h5py and python3-pandas are not installed")
        asked = """
hits = confusion.values.trace() / confusion.values.sum()
print("seen", len(done), len(table), hits, done["cod_accuracy"].iloc[0], len(predictions), predictions["true_cause"].iloc[0],
      fractions["csmf_true"].sum(), sep=",")
"""
        output = self.run_example([PYTHON, "-c"], examples("results.md", "python") + asked)
        first, predictions = self.first_rows()
        _, done, rows, hits, accuracy, n, cause, total = re.search(r"^seen.*", output, re.MULTILINE)[0].split(",")
        self.assertEqual((int(done), int(rows)), (self.counts(self.results)["done"], len(self.rows(self.results))))
        self.assertAlmostEqual(float(hits), float(first["cod_accuracy"]), 12)
        self.assertAlmostEqual(float(accuracy), float(first["cod_accuracy"]), 12)
        self.assertEqual((int(n), cause), (len(predictions), predictions[0]["true_cause"]))
        self.assertAlmostEqual(float(total), 1, 12)

    def test_r(self):
        if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(hdf5r)"], capture_output=True).returncode:
            self.skipTest("r-cran-hdf5r is not installed: the examples in R were not tried")
        asked = """
hits <- sum(diag(confusion)) / sum(confusion)
cat("\\nseen", nrow(done), hits, done$cod_accuracy[1], nrow(predictions), predictions$true_cause[1], rowSums(confusion)[1],
    nrow(results), sep = ",")
"""
        output = self.run_example(["Rscript", "-e"], examples("results.md", "r") + asked)
        first, predictions = self.first_rows()
        _, done, hits, accuracy, n, cause, of_first, rows = re.search(r"^seen.*", output, re.MULTILINE)[0].split(",")
        self.assertEqual((int(done), int(rows)), (self.counts(self.results)["done"], len(self.rows(self.results))))
        self.assertAlmostEqual(float(hits), float(first["cod_accuracy"]), 6)
        self.assertAlmostEqual(float(accuracy), float(first["cod_accuracy"]), 6)
        self.assertEqual((int(n), cause), (len(predictions), predictions[0]["true_cause"]))
        causes = [row["true_cause"] for row in predictions]  # rows of the matrix are true causes
        self.assertEqual(int(of_first), causes.count(sorted({row["true_cause"] for row in self.all_deaths()})[0]))

    def all_deaths(self):
        return csv.DictReader(self.vaster("export", self.results, "--predictions").stdout.splitlines())

    def test_splits_with_drawn_cause_fractions_are_read_and_part_no_death(self):
        release = self.folder / "release.csv"
        self.vaster("simulate", "--deaths", 900, "--output", release)
        script = SOURCE / "docs/examples/splits/dirichlet_splits.py"
        for name in ("random", "again"):
            subprocess.run([PYTHON, script, release, "--repeats", "2", "--output", name], check=True, timeout=PATIENCE, cwd=self.folder)
        self.assertEqual((self.folder / "random.csv").read_bytes(), (self.folder / "again.csv").read_bytes())
        with open(self.folder / "random-parts.csv") as file:
            parts = list(csv.DictReader(file))
        with open(self.folder / "random.csv", encoding="latin-1") as file:
            deaths = [{**row, "part": part["part"], "of": part["site"]} for row, part in zip(csv.DictReader(file), parts)]
        for split in ("r01", "r02"):
            ids = {part: [row["newid"] for row in deaths if row["of"] == row["site"] == split and row["part"] == part] for part in ("train", "test")}
            self.assertAlmostEqual(len(ids["test"]) / (len(ids["test"]) + len(ids["train"])), 0.25, delta=0.001)
            self.assertEqual(len(set(ids["train"])), len(ids["train"]))
            self.assertLess(len(set(ids["test"])), len(ids["test"]), "test deaths are drawn with replacement")
            self.assertFalse(set(ids["train"]) & set(ids["test"]))
        self.vaster("run", "--data", "random.csv", "--splits", "random-parts.csv", "--models", "naive_bayes", "--types", "in_domain",
                    "--bootstrap", 0, "--output", self.study)
        self.assertEqual({(row["test_site"], row["status"]) for row in self.rows()}, {("r01", "done"), ("r02", "done")})


if __name__ == "__main__":
    unittest.main()
