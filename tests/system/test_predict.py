"""Predictions: the same bytes on any ranks, with any blocks and after kills; what is refused; what reads them."""

import csv
import json
import random
import time
import unittest

from system import Job, SystemTest

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

    def test_killed_predictions_go_on_and_end_the_same(self):
        self.predict("--block", "10")
        generator = random.Random(18)
        for i in range(5):
            name = f"{self.name}-{i}"
            with Job(self.folder, "predict", self.model, self.cohort, "--output", name, "--block", "10", ranks=2) as job:
                deadline = time.monotonic() + generator.uniform(0.2, 2.0)
                while time.monotonic() < deadline and job.process.poll() is None:
                    time.sleep(0.01)
                job.kill()
            self.predict("--block", "10", "--resume", name=name)
            self.assertEqual(self.bytes_of(name), self.bytes_of(self.name))

    def test_nothing_is_overwritten_unasked(self):
        self.predict()
        refused = self.predict(code=64)
        self.assertIn("exists already", refused.stderr)
        self.predict("--overwrite")

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
