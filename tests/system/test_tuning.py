"""Tuning: trials are experiments of a plan that grows, and the chosen settings are those that the trials recommend."""

import unittest

from system import Job, SystemTest

SPACE = 'tuning.space=["naive_bayes.alpha = 0.1, 1, 10", "naive_bayes.prior = empirical, uniform"]'
STUDY = ["--models", "naive_bayes,logistic_regression", "--types", "in_domain,leave_one_site_out", "--set", SPACE]


class Tuning(SystemTest):
    deaths = 1500

    def tuned(self, *more, study=None, **kwargs):
        return self.run_small(*STUDY, "--set", "tuning.method=grid", *more, study=study, **kwargs)

    def test_the_best_trial_of_a_training_set_is_what_its_experiments_use(self):
        self.tuned(ranks=2)
        rows = self.rows()
        self.assertEqual({row["status"] for row in rows}, {"done"})
        trials = {}
        for row in rows:
            if row["type"] == "tuning":
                self.assertEqual(row["model"], "naive_bayes")
                trials.setdefault(row["train_site"], []).append(row)
        self.assertEqual(len(trials), 12, "six sites, six pools")
        outer = [row for row in rows if row["type"] != "tuning" and row["model"] == "naive_bayes"]
        self.assertEqual(len(outer), 12)
        for of_site in trials.values():
            self.assertEqual(len({row["parameters"] for row in of_site}), 6)
        for row in outer:
            of_site = trials[row["train_site"]]
            best = max(float(trial["score"]) for trial in of_site)
            chosen = [trial for trial in of_site if trial["parameters"] == row["parameters"]]
            self.assertEqual(len(chosen), 1)
            self.assertEqual(float(chosen[0]["score"]), best)
        self.assertGreater(len({row["parameters"] for row in outer}), 1, "training sets have settings of their own")
        for trial in rows:
            if trial["type"] == "tuning":
                self.assertEqual(trial["n_test"], trial["n_train"], "every training death is predicted once")

    def test_ranks_and_kills_change_nothing(self):
        self.tuned()
        expected = self.exported()
        other = self.folder / "other.h5"
        flags = ["run", "--data", self.cohort, "--format", "encoded", "--bootstrap", "50", "--output", other, *STUDY, "--set",
                 "tuning.method=grid", "--set", "design.bootstrap=50"]
        for done in (5, 40):
            with Job(self.folder, *flags, "--resume", ranks=2) as job:
                try:
                    job.wait_until(lambda: other.exists() and self.counts(other).get("done", 0) >= done, "some are done")
                except AssertionError:
                    self.assertEqual(job.wait()[0], 0)
        self.vaster(*flags, "--resume", ranks=3)
        self.assertEqual(self.exported(other), expected)

    def test_halving_draws_and_stops_most_trials_early(self):
        self.run_small("--models", "naive_bayes", "--types", "in_domain", "--sites", "AP,UP", "--set", "tuning.method=halving", "--set",
                       "tuning.trials=9", "--set", 'tuning.space=["naive_bayes.alpha = 0.01 to 100 log"]', ranks=2)
        rungs = {}
        for row in self.rows():
            if row["type"] == "tuning" and row["train_site"] == "AP":
                rungs.setdefault(row["rung"], []).append(row)
        counts = [len(rungs[rung]) for rung in sorted(rungs, key=int)]
        self.assertEqual(counts, [9, 3, 1])
        first = {row["parameters"]: float(row["score"]) for row in rungs[min(rungs, key=int)]}
        second = {row["parameters"] for row in rungs[sorted(rungs, key=int)[1]]}
        self.assertGreaterEqual(min(first[p] for p in second), max(score for p, score in first.items() if p not in second))


if __name__ == "__main__":
    unittest.main()
