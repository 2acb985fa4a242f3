"""Predictions: the same bytes on any ranks, with any blocks and after kills; what is refused; what reads them."""

import csv
import json
import subprocess
import unittest

from predict_kills import PredictKills
from system import PATIENCE, SystemTest, command

FILES = (".csv", "-csmf.csv", ".json")


class Predictions(SystemTest):
    deaths = 900

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.folder / "model.h5"
        cls.trained = False

    def setUp(self):
        super().setUp()
        if not type(self).trained:
            self.vaster("train", "--data", self.cohort, "--format", "encoded", "--model", "naive_bayes", "--inner", "leave_one_site_out",
                        "--output", self.model, "--quiet")
            type(self).trained = True
        self.name = self.id().rpartition(".")[2]

    def predict(self, *flags, deaths=None, name=None, ranks=0, code=0):
        return self.vaster("predict", self.model, deaths or self.cohort, "--output", name or self.name, *flags, ranks=ranks, code=code)

    def bytes_of(self, name):
        return [(self.folder / f"{name}{suffix}").read_bytes() for suffix in FILES]

    def table(self, name=None, suffix=".csv"):
        with open(self.folder / f"{name or self.name}{suffix}", newline="") as file:
            return list(csv.DictReader(file))

    def changed(self, change):
        """A copy of the cohort with its header and rows changed."""
        with open(self.cohort, newline="") as file:
            rows = list(csv.reader(file))
        path = self.folder / f"{self.name}-data.csv"
        with open(path, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(change(rows))
        return path

    def test_files_are_the_same_for_any_ranks_and_blocks(self):
        self.predict("--by", "site", "--score", "va34")
        for ranks, block in [(0, 1000), (2, 100), (4, 7)]:
            name = f"{self.name}-{ranks}-{block}"
            self.predict("--by", "site", "--score", "va34", "--block", str(block), name=name, ranks=ranks)
            self.assertEqual(self.bytes_of(name), self.bytes_of(self.name))

    def test_rows_out_are_rows_in(self):
        self.predict("--keep", "site,va34", "--top", "2")
        rows = self.table()
        self.assertEqual([row["row"] for row in rows], [str(i) for i in range(900)])
        self.assertEqual(list(rows[0]), ["row", "id", "cause1", "p1", "cause2", "p2", "flags", "model", "site", "va34"])
        with open(self.cohort, newline="") as file:
            self.assertEqual([row["va34"] for row in csv.DictReader(file)], [row["va34"] for row in rows])
        right = sum(row["cause1"] == row["va34"] for row in rows) / 900
        self.assertGreater(right, 0.3)  # chance: 0.03

    def test_fractions_have_two_intervals_and_sum_to_one(self):
        self.predict("--by", "site")
        rows = self.table(suffix="-csmf.csv")
        groups = {row["group"] for row in rows}
        self.assertIn("site=Pemba", groups)
        for group in groups:
            own = [row for row in rows if row["group"] == group and row["csmf"]]
            self.assertAlmostEqual(sum(float(row["csmf"]) for row in own), 1, places=6)
            for row in own:
                self.assertLessEqual(float(row["transfer_lo"]), float(row["csmf"]) + 1e-9)
                self.assertGreaterEqual(float(row["transfer_hi"]), float(row["csmf"]) - 1e-9)
                self.assertLessEqual(float(row["sampling_lo"]), float(row["sampling_hi"]))
        of_all = [row for row in rows if row["group"] == "all" and float(row["csmf"] or 0) >= 0.02]
        wider = sum(float(row["transfer_hi"]) - float(row["transfer_lo"]) > float(row["sampling_hi"]) - float(row["sampling_lo"]) for row in of_all)
        self.assertEqual(wider, len(of_all))
        facts = json.loads((self.folder / f"{self.name}.json").read_text())
        self.assertEqual(facts["rows"], 900)
        self.assertEqual(len(facts["model"]["content"]), 64)

    def test_weights_count_in_fractions_intervals_and_scores(self):
        weighed = self.changed(lambda rows: [rows[0] + ["w"]] + [row + ["3" if i % 4 == 0 else "0.25"] for i, row in enumerate(rows[1:])])
        flags = ("--weight", "w", "--by", "site", "--score", "va34", "--probabilities", "all", "--calibrate", "transfer")
        text = self.predict(*flags, deaths=weighed).stderr
        rows = self.table()
        self.assertEqual({row["weight"] for row in rows}, {"3", "0.25"})
        total = sum(float(row["weight"]) for row in rows)
        effective = total**2 / sum(float(row["weight"]) ** 2 for row in rows)
        self.assertIn(f"effective number of deaths {effective:.1f}", text)
        own = {row["cause"]: row for row in self.table(suffix="-csmf.csv") if row["group"] == "all" and row["csmf"]}
        for cause, row in own.items():
            mean = sum(float(death["weight"]) * float(death[f"p_{cause}"]) for death in rows) / total
            self.assertAlmostEqual(float(row["csmf"]), mean, places=7)
            self.assertAlmostEqual(float(row["n_effective"]), effective, places=4)
            self.assertAlmostEqual(float(row["sum_of_weights"]), total, places=4)
            self.assertLessEqual(float(row["sampling_lo"]), float(row["sampling_hi"]))
        self.assertAlmostEqual(sum(float(row["calibrated"]) for row in own.values()), 1, places=6)
        with open(weighed, newline="") as file:
            truth = [row["va34"] for row in csv.DictReader(file)]
        right = sum(float(death["weight"]) for death, cause in zip(rows, truth) if death["cause1"] == cause) / total
        scores = json.loads((self.folder / f"{self.name}.json").read_text())["scores"]
        self.assertAlmostEqual(scores["cod_accuracy"], right, places=9)
        self.predict(*flags, "--block", "100", deaths=weighed, name=f"{self.name}-cut", ranks=2)
        self.assertEqual(self.bytes_of(f"{self.name}-cut"), self.bytes_of(self.name))
        self.assertIn("would say as much", self.vaster("report", f"{self.name}.h5", "--summary").stdout)

    def test_killed_predictions_go_on_and_end_the_same(self):
        folder = self.folder / self.name
        folder.mkdir()
        kills = PredictKills(folder, seed=18, deaths=2000, block=20, program=self.program)
        self.assertTrue(kills.run(5), kills.violations)

    def test_nothing_is_overwritten_unasked(self):
        self.predict()
        refused = self.predict(code=64)
        self.assertIn("exists already", refused.stderr)
        self.predict("--overwrite")
        for suffix in (".csv", "-csmf.csv", ".json"):
            precious = self.folder / f"{self.name}-new{suffix}"
            precious.write_text("precious")
            self.assertIn(f"{self.name}-new{suffix} exists already", self.predict("--resume", name=f"{self.name}-new", code=64).stderr)
            self.assertEqual(precious.read_text(), "precious")
            precious.unlink()
        self.predict("--resume", name=f"{self.name}-new")
        (self.folder / f"{self.name}-new.json").unlink()
        self.predict("--resume", name=f"{self.name}-new")

    def test_what_is_read_is_never_written_over(self):
        data = self.changed(lambda rows: rows[:20])
        for output in (data.name, data.stem, "./" + data.stem, "model"):
            refused = self.predict("--overwrite", deaths=data, name=output, code=64)
            self.assertIn("which is read", refused.stderr)

    def test_a_bad_row_fails_its_block_or_is_marked(self):
        def spoil(rows):
            rows[15][20] = "perhaps"
            return rows
        path = self.changed(spoil)
        refused = self.predict("--block", "10", deaths=path, code=75)
        self.assertIn("1 of 90 blocks have no result", refused.stderr)
        self.assertFalse((self.folder / f"{self.name}.csv").exists())
        self.assertIn("line 16, column 21", self.vaster("status", f"{self.name}.h5", code=75).stdout)
        self.predict("--bad-rows", "mark", "--overwrite", deaths=path)
        rows = self.table()
        self.assertEqual(len(rows), 900)
        self.assertEqual((rows[14]["flags"], rows[14]["cause1"]), ("unreadable undetermined", ""))

    def test_data_that_changed_are_not_resumed(self):
        path = self.changed(lambda rows: rows)
        self.predict(deaths=path)
        with open(path, "a") as file:
            file.write("\n")
        self.assertIn("has changed", self.predict("--resume", deaths=path, code=65).stderr)

    def test_a_file_without_rows_gives_files_without_rows(self):
        self.predict(deaths=self.changed(lambda rows: rows[:1]))
        self.assertEqual(self.table(), [])
        facts = json.loads((self.folder / f"{self.name}.json").read_text())
        self.assertEqual(facts["rows"], 0)

    def test_one_death_has_no_sampling_interval(self):
        self.predict("--coding", "yes", deaths=self.changed(lambda rows: rows[:2]))
        rows = self.table(suffix="-csmf.csv")
        self.assertEqual({row["sampling_lo"] for row in rows}, {""})
        self.assertEqual(rows[0]["n"], "1")

    def test_columns_that_are_not_there_are_named(self):
        path = self.changed(lambda rows: [[*row[:3], *row[4:]] for row in rows])
        refused = self.predict(deaths=path, code=65)
        self.assertIn("1 of the model's 168 symptoms", refused.stderr)
        told = self.predict("--missing-columns", "missing", deaths=path)
        self.assertIn("count as missing", told.stderr)

    def test_a_posterior_codes_other_deaths_and_the_same_ones_alike(self):
        model, batch, again = self.folder / "insilico.h5", f"{self.name}-batch", f"{self.name}-again"
        self.vaster("train", "--data", self.cohort, "--format", "encoded", "--model", "insilico", "--inner", "none", "--output", model,
                    "--set", "models.insilico.iterations=400", "--set", "models.insilico.starts=2", "--quiet")
        few = self.changed(lambda rows: [[cell for name, cell in zip(rows[0], row) if name != "site"] for row in rows[:200]])
        code = self.ended("predict", model, few, "--output", batch)
        posterior = self.folder / f"{batch}.posterior.h5"
        self.assertEqual(self.ended("predict", model, few, "--output", again, "--posterior", posterior, "--block", "30"), code)
        self.assertEqual(*((self.folder / f"{name}.csv").read_bytes() for name in (batch, again)))
        of_batch = {row["cause"]: row["csmf"] for row in self.table(batch, "-csmf.csv") if row["group"] == "all" and row["csmf"]}
        of_draws = {row["cause"]: row["csmf"] for row in self.table(again, "-csmf.csv") if row["group"] == "posterior"}
        self.assertEqual(of_batch, of_draws)
        self.assertAlmostEqual(sum(map(float, of_draws.values())), 1, places=6)
        facts = json.loads((self.folder / f"{again}.json").read_text())["posterior"]
        self.assertEqual((facts["deaths"], facts["converged"]), (199, code == 0))
        posterior.unlink()
        self.assertIn("computed again", self.vaster("predict", model, few, "--output", batch, "--resume", code=code).stderr)
        self.assertTrue(posterior.exists())
        self.assertIn("not a model", self.vaster("predict", posterior, few, "--output", f"{self.name}-no", code=65).stderr)
        self.assertIn("leave it out", self.predict("--posterior", posterior, name=f"{self.name}-no", code=65).stderr)

    def ended(self, *arguments):
        """0, or 75 where a quick sampler has not converged."""
        done = subprocess.run(command(*arguments, program=self.program), cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
        self.assertIn(done.returncode, (0, 75), done.stderr)
        return done.returncode

    def test_fractions_are_corrected_only_if_asked_for_and_causes_never(self):
        self.predict()
        plain = self.table(suffix="-csmf.csv")
        self.assertNotIn("calibrated", plain[0])
        corrected = f"{self.name}-corrected"
        self.predict("--calibrate", "transfer", name=corrected)
        self.assertEqual(self.bytes_of(corrected)[0], self.bytes_of(self.name)[0])
        rows = [row for row in self.table(corrected, "-csmf.csv") if row["group"] == "all"]
        self.assertAlmostEqual(sum(float(row["calibrated"]) for row in rows if row["calibrated"]), 1, places=6)
        for before, after in zip(plain, rows):
            self.assertEqual(before["csmf"], after["csmf"])
            if after["calibrated"]:
                self.assertLessEqual(float(after["calibrated_lo"]), float(after["calibrated_hi"]))
        facts = json.loads((self.folder / f"{corrected}.json").read_text())["calibration"]
        self.assertEqual(facts["deaths"], 900)
        causes = [row["cause"] for row in rows if row["calibrated"]]
        matrix = self.folder / f"{self.name}-matrix.csv"
        matrix.write_text("cause," + ",".join(causes) + "\n" + "".join(
            f"{cause}," + ",".join("9000000" if other == cause else "0" for other in causes) + "\n" for cause in causes))
        own = f"{self.name}-own"
        self.predict("--confusion", matrix, name=own)
        for row in self.table(own, "-csmf.csv"):
            if row["calibrated"]:
                self.assertAlmostEqual(float(row["calibrated"]), int(row["top_count"]) / int(row["n"]), places=4)
        self.assertIn("--inner cv", self.predict("--calibrate", "inner", name=f"{self.name}-no", code=65).stderr)
        self.assertIn("give one of them",
                      self.predict("--calibrate", "transfer", "--confusion", matrix, name=f"{self.name}-no", code=78).stderr)

    def test_the_layout_of_openva(self):
        self.predict("--layout", "openva", "--id", "site", "--top", "1")
        self.assertEqual(list(self.table()[0]), ["ID", "cause1", "prob1"])

    def test_the_report_has_fractions_drift_and_doubts(self):
        self.predict("--score", "va34")
        text = self.vaster("report", f"{self.name}.h5", "--summary").stdout
        self.assertIn("Cause fractions", text)
        self.assertIn("at an unseen site", text)
        folder = self.folder / f"{self.name}-report"
        self.vaster("report", f"{self.name}.h5", "--output", folder)
        page = (folder / "index.html").read_text()
        for words in ("Cause fractions", "Answers beside those of the training deaths", "COD accuracy"):
            self.assertTrue(words in page, words)

    def test_a_file_that_is_no_model_is_refused(self):
        refused = self.vaster("predict", self.cohort, self.cohort, "--output", self.name, code=65)
        self.assertIn(str(self.cohort), refused.stderr)
        self.assertIn("no model", self.vaster("predict", "nowhere.h5", self.cohort, "--output", self.name, code=65).stderr)


if __name__ == "__main__":
    unittest.main()
