"""Ensembles, training on all other sites and groupings, on real ranks, against an independent recomputation."""

import csv
import io
import json
import unittest

from system import SOURCE, SystemTest

ENSEMBLE = "vote = soft(xgboost, naive_bayes)"
WEIGHTED = "hard_vote = hard(naive_bayes, xgboost; weights = inner_cv)"
MODELS = ["xgboost", "naive_bayes", "vote", "hard_vote"]


class Design(SystemTest):
    def run_design(self, study, *more, **kwargs):
        self.run_small("--models", "xgboost,naive_bayes", "--types", "in_domain,leave_one_site_out", "--set",
                       'design.groupings=["cod5"]', "--set", f"design.ensembles={json.dumps([ENSEMBLE, WEIGHTED])}", *more,
                       study=study, **kwargs)

    def predictions(self, study):
        """{(index, row): {cause: probability}} of the three most probable causes, and the true causes by row."""
        said, truth = {}, {}
        for line in csv.DictReader(io.StringIO(self.vaster("export", study, "--predictions").stdout)):
            key = int(line["index"]), int(line["row"])
            said[key] = [(line[f"cause{k}"], float(line[f"probability{k}"])) for k in (1, 2, 3)]
            truth[key[1]] = line["true_cause"]
        return said, truth

    def test_two_ranks_agree_with_an_independent_recomputation(self):
        self.run_design(self.study, ranks=2)
        self.vaster("verify", self.study)
        rows = self.rows()
        self.assertEqual(len(rows), len(MODELS) * 12)
        self.assertEqual({row["status"] for row in rows}, {"done"})
        said, truth = self.predictions(self.study)
        self.check_pools(rows)
        self.check_accuracies(rows, said, truth)
        self.check_cod5(rows, said, truth)
        self.check_soft_vote(rows, said)

    def test_whole_sites_are_trained_on_and_tested(self):
        self.run_small("--models", "naive_bayes", "--types", "in_domain,leave_one_site_out", "--set",
                       "design.leave_one_site_out=full")
        rows = self.rows()
        of_site = {row["test_site"]: int(row["n_train"]) + int(row["n_test"]) for row in rows if row["type"] == "in_domain"}
        pooled = {row["test_site"]: (int(row["n_train"]), int(row["n_test"])) for row in rows if row["type"] != "in_domain"}
        everyone = sum(of_site.values())
        self.assertEqual(pooled, {site: (everyone - deaths, deaths) for site, deaths in of_site.items()})

    def check_pools(self, rows):
        """A pool has the training deaths of all sites but one; its test set is that one's own."""
        own = {row["test_site"]: row for row in rows if row["type"] == "in_domain" and row["model"] == "xgboost"}
        n_all = sum(int(row["n_train"]) for row in own.values())
        pooled = [row for row in rows if row["type"] == "leave_one_site_out"]
        self.assertEqual({row["train_site"] for row in pooled}, {f"all_but:{site}" for site in own})
        for row in pooled:
            site = row["test_site"]
            self.assertEqual(row["train_site"], f"all_but:{site}")
            self.assertEqual(int(row["n_train"]), n_all - int(own[site]["n_train"]))
            self.assertEqual(row["n_test"], own[site]["n_test"])

    def check_accuracies(self, rows, said, truth):
        for row in rows:
            deaths = {key[1]: top for key, top in said.items() if key[0] == int(row["index"])}
            self.assertEqual(len(deaths), int(row["n_test"]))
            right = sum(top[0][0] == truth[death] for death, top in deaths.items())
            self.assertAlmostEqual(float(row["cod_accuracy"]), right / len(deaths), delta=1e-12)

    def check_cod5(self, rows, said, truth):
        """Bounds from the three causes that are known: the most probable group is certain where they decide it."""
        with open(SOURCE / "data/va/cod5.csv", newline="") as file:
            group = {line["label"]: line["group"] for line in csv.DictReader(file)}
        decided_everywhere = 0
        for row in rows:
            deaths = {key[1]: top for key, top in said.items() if key[0] == int(row["index"])}
            right = wrong = 0
            for death, top in deaths.items():
                sums = {}
                for cause, probability in top:
                    sums[group[cause]] = sums.get(group[cause], 0) + probability
                rest = 1 - sum(sums.values())
                best, *others = sorted(sums, key=sums.get, reverse=True)
                if sums[best] <= max([sums[name] for name in others], default=0) + rest:
                    continue  # a fourth cause may decide
                right += best == group[truth[death]]
                wrong += best != group[truth[death]]
            accuracy = float(row["cod_accuracy_cod5"])
            self.assertGreaterEqual(accuracy, right / len(deaths) - 1e-12, row)
            self.assertLessEqual(accuracy, 1 - wrong / len(deaths) + 1e-12, row)
            decided_everywhere += right + wrong == len(deaths)
            self.assertGreaterEqual(float(row["csmf_accuracy_cod5"]), 0)
        self.assertGreater(decided_everywhere, 0, "no experiment was checked exactly")

    def check_soft_vote(self, rows, said):
        """The vote's probability is the mean of the members' wherever both are among their three most probable."""
        index = {(row["type"], row["test_site"], row["model"]): int(row["index"]) for row in rows}
        checked = 0
        for (kind, site, model), vote in index.items():
            if model != "vote":
                continue
            for row in (key[1] for key in said if key[0] == vote):
                a, b = (dict(said[index[kind, site, member], row]) for member in ("xgboost", "naive_bayes"))
                for cause, probability in said[vote, row]:
                    if cause in a and cause in b:
                        self.assertAlmostEqual(probability, (a[cause] + b[cause]) / 2, delta=1e-12)
                        checked += 1
        self.assertGreater(checked, 100)
        for row in rows:
            expected = {"vote": "xgboost 0.5000, naive_bayes 0.5000"}.get(row["model"], "")
            if row["model"] != "hard_vote":
                self.assertEqual(row["members"], expected)
        weights = [row["members"] for row in rows if row["model"] == "hard_vote"]
        self.assertGreater(len(set(weights)), 6, "every training set has weights of its own")

    def test_one_process_gives_the_same_bytes_as_three_ranks(self):
        self.run_design(self.study)
        other = self.folder / "three.h5"
        self.run_design(other, ranks=3)
        self.assertEqual(self.exported(other), self.exported())

    def test_plain_experiments_are_the_same_without_the_ensembles(self):
        self.run_design(self.study, ranks=2)
        plain = self.folder / "plain.h5"
        self.run_design(plain, "--set", "design.ensembles=[]", ranks=2)
        with_votes = {row["id"]: row for row in self.rows()}
        for row in self.rows(plain):
            for column in set(row) - {"index", "fit_seconds", "predict_seconds", "metric_seconds", "peak_rss_bytes", "rank",
                                      "host", "attempt"}:
                self.assertEqual(row[column], with_votes[row["id"]][column], column)

    def test_a_member_that_fails_fails_the_ensemble_by_its_name(self):
        self.run_small("--models", "naive_bayes", "--types", "in_domain", "--set",
                       'design.ensembles=["vote = soft(naive_bayes, logistic_regression)"]', "--set",
                       "models.logistic_regression.max_iterations=1", ranks=2, code=75)
        for row in self.rows():
            if row["model"] == "vote":
                self.assertEqual(row["status"], "failed")
                self.assertIn("logistic_regression: ", row["error"])
            else:
                self.assertEqual(row["status"], "done")

    def test_a_mapping_that_misses_a_cause_is_refused(self):
        mapping = self.folder / "few.csv"
        mapping.write_text("label,group\n1,a\n")
        done = self.run_small("--set", f'design.groupings=["few={mapping}"]', code=65)
        self.assertIn("has no group for", done.stderr)


if __name__ == "__main__":
    unittest.main()
