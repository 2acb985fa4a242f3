"""The whole program on the real data against numbers that scikit-learn and the Python XGBoost package made."""

import csv
import unittest

from system import SHARED, SystemTest


class Golden(SystemTest):
    deaths = 100

    def test_the_39_reference_experiments_come_out_exactly(self):
        reference = SHARED / "reference/va34"
        if not reference.exists():
            self.skipTest("the reference numbers are not here")
        self.vaster("run", "--data", SHARED / "data/phmrc_adult_encoded.csv", "--format", "encoded", "--splits",
                    reference / "splits.csv", "--missing", "ordinal", "--models", "xgboost", "--set",
                    "models.xgboost.class_weight=balanced", "--bootstrap", "100", "--output", self.study, ranks=2)
        found = {(row["type"], row["train_site"], row["test_site"], float(row["fraction"])): row for row in self.rows()}
        with open(reference / "xgboost_expected.csv", newline="") as file:
            expected = list(csv.DictReader(file))
        self.assertEqual(len(expected), 39)
        for row in expected:
            ours = found[row["experiment_type"], row["train_site"], row["test_site"], float(row["fraction"])]
            self.assertEqual((ours["n_train"], ours["n_test"]), (row["n_train"], row["n_test"]))
            self.assertAlmostEqual(float(ours["csmf_accuracy_union"]), float(row["csmf"]), delta=1e-12, msg=str(row))
            self.assertAlmostEqual(float(ours["cod_accuracy"]), float(row["cod"]), delta=1e-12, msg=str(row))


if __name__ == "__main__":
    unittest.main()
