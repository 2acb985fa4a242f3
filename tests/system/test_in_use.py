"""The whole way from a comparison to causes of new deaths, as docs/va/in-use.md has it."""

import collections
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from system import PATIENCE, SHARED, SOURCE, VASTER, SystemTest

PAGE = (SOURCE / "docs/va/in-use.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


class InUse(SystemTest):
    deaths = 100

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.folder / "in-use"
        cls.place.mkdir()
        cls.environment = dict(os.environ, PATH=f"{pathlib.Path(VASTER).parent}:{os.environ['PATH']}",
                               VASTER_REGISTRY=str(cls.folder / "registry"))
        (commands,) = blocks("sh")
        cls.done = subprocess.run(["sh", "-ec", commands], cwd=cls.place, env=cls.environment, capture_output=True, text=True,
                                  timeout=PATIENCE)

    def setUp(self):
        super().setUp()
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)

    def test_every_new_death_gets_a_cause_that_names_the_model(self):
        with open(self.place / "march.csv", newline="") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual([row["row"] for row in rows], [str(i) for i in range(300)])
        content = json.loads((self.place / "march.json").read_text())["model"]["content"]
        head = (self.place / "model.h5").read_bytes()[:4096].decode("latin-1")
        self.assertIn(f"\ncontent {content}\n", head)
        self.assertEqual({row["model"] for row in rows}, {content[:12]})

    def test_the_choice_is_said_and_kept(self):
        self.assertRegex(self.done.stderr, "has the best mean csmf_accuracy .* experiments of type leave_one_site_out in study.h5")
        shown = subprocess.run([VASTER, "model", "show", "causes@production"], cwd=self.place, env=self.environment,
                               capture_output=True, text=True).stdout
        self.assertIn("has the best mean csmf_accuracy", shown)
        self.assertRegex(shown, r"aliases +production")

    def test_prediction_by_name_is_that_by_file_on_any_ranks(self):
        done = subprocess.run(["mpirun", "-n", "3", VASTER, "predict", "model.h5", "new.csv", "--block", "70", "--output", "ranks"],
                              cwd=self.place, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        for ending in (".csv", "-csmf.csv"):
            self.assertEqual((self.place / f"march{ending}").read_bytes(), (self.place / f"ranks{ending}").read_bytes())

    def test_the_report_has_fractions(self):
        page = (self.place / "march-report/index.html").read_text()
        self.assertTrue("where the fraction of a site may be that the model has not seen" in page, "no interval for new sites")

    def test_python_reads_it_as_the_page_says(self):
        (script,) = blocks("python")
        said = subprocess.run([sys.executable, "-c", script], cwd=self.place, capture_output=True, text=True, check=True).stdout
        self.assertEqual(len(said.splitlines()), 3)
        self.assertEqual(len(said.splitlines()[0].split()), 4)

    @unittest.skipUnless(shutil.which("Rscript"), "R is not installed")
    def test_r_reads_it_as_the_page_says(self):
        (script,) = blocks("r")
        said = subprocess.run(["Rscript", "-e", script], cwd=self.place, capture_output=True, text=True, check=True).stdout
        self.assertEqual(len(said.splitlines()), 4)


@unittest.skipUnless((SHARED / "reference/models-in-use").exists(), "the reference predictions are not here")
class Oracles(SystemTest):
    """Kept models against scikit-learn and XGBoost from Python, which had the same training deaths."""

    deaths = 7841
    trained = 6273
    # files have nine digits; the reference's logistic regression stopped short of the optimum: ours is the same for every tolerance from
    # 1e-6 to 1e-9, and differs from it by 2.3e-4 each time
    tolerance = {"xgboost": 1e-8, "naive_bayes": 1e-8, "logistic_regression": 5e-4}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort.unlink()
        subprocess.run([VASTER, "simulate", "--deaths", "7841", "--seed", "42", "--format", "encoded", "--output", cls.cohort], check=True)
        header, *deaths = cls.cohort.read_text().splitlines(keepends=True)
        (cls.folder / "train.csv").write_text(header + "".join(deaths[:cls.trained]))
        (cls.folder / "new.csv").write_text(header + "".join(deaths[cls.trained:]))

    def test_probabilities_of_new_deaths_are_those_of_the_oracles(self):
        for model, tolerance in self.tolerance.items():
            with self.subTest(model):
                self.vaster("train", "--data", "train.csv", "--format", "encoded", "--model", model, "--inner", "none", "--quiet",
                            "--set", "models.logistic_regression.tolerance=1e-7", "--output", f"{model}.h5")
                self.vaster("predict", f"{model}.h5", "new.csv", "--probabilities", "all", "--quiet", "--output", f"{model}-new")
                expected = self.table(SHARED / f"reference/models-in-use/{model}_first40.csv")
                found = self.table(self.folder / f"{model}-new.csv")
                self.assertEqual(len(found), self.deaths - self.trained)
                for theirs, ours in zip(expected, found):
                    for column, value in theirs.items():
                        if column.startswith("p_"):
                            self.assertAlmostEqual(float(value), float(ours[column]), delta=tolerance, msg=column)
                tops = self.table(SHARED / f"reference/models-in-use/{model}_top.csv")
                self.assertEqual([row["top1"] for row in tops], [row["cause1"] for row in found])

    @staticmethod
    def table(path):
        with open(path, newline="") as table:
            return list(csv.DictReader(table))


@unittest.skipUnless((SHARED / "data/phmrc_adult.csv").exists(), "the PHMRC release is not here")
class Coverage(SystemTest):
    """The interval for a site that a model has not seen, at each site of the PHMRC release in turn, by a model trained at the five others."""

    deaths = 100
    source = SHARED / "data/phmrc_adult.csv"

    def rows(self):
        with open(self.source, newline="", encoding="latin-1") as table:
            return list(csv.DictReader(table))

    def held(self, own):
        """For each cause of 2 % and more of the site's deaths: is its true fraction within the interval?"""
        sites = {row["site"] for row in self.all} - {own[0]["site"]}
        with open(self.folder / "site.csv", "w", newline="", encoding="latin-1") as file:
            writer = csv.DictWriter(file, own[0])
            writer.writeheader()
            writer.writerows(own)
        self.vaster("train", "--data", self.source, "--model", "naive_bayes", "--sites", ",".join(sorted(sites)), "--inner",
                    "leave_one_site_out", "--bootstrap", "0", "--quiet", "--overwrite", "--output", "five.h5")
        self.vaster("predict", "five.h5", "site.csv", "--quiet", "--overwrite", "--output", "causes")
        with open(self.folder / "causes-csmf.csv", newline="") as file:
            found = {row["cause"]: row for row in csv.DictReader(file) if row["group"] == "all"}
        true = collections.Counter(row["va34"] for row in own)
        return [float(found[cause]["transfer_lo"]) <= n / len(own) <= float(found[cause]["transfer_hi"])
                for cause, n in true.items() if n / len(own) >= 0.02]

    def test_the_transfer_interval_holds_nine_tenths_of_the_larger_causes(self):
        self.all = [row for row in self.rows() if row["va34"]]
        held = []
        for site in sorted({row["site"] for row in self.all}):
            held += self.held([row for row in self.all if row["site"] == site])
        self.assertGreater(len(held), 80)
        self.assertGreaterEqual(sum(held) / len(held), 0.9)  # 0.95 of 100


if __name__ == "__main__":
    unittest.main()
