"""The same configuration gives the same bytes on any number of ranks, and after any number of kills."""

import random
import time
import unittest

from system import SMALL, Job, SystemTest


class Reproducible(SystemTest):
    def test_one_process_and_1_2_4_ranks_give_the_same_bytes(self):
        self.run_small()
        expected = self.exported()
        predictions = self.vaster("export", self.study, "--predictions").stdout
        self.assertEqual(expected.count("\n"), 1 + 40 * 5)
        for ranks in (1, 2, 4):
            study = self.folder / f"ranks{ranks}.h5"
            self.run_small(ranks=ranks, study=study)
            self.assertEqual(self.exported(study), expected, f"{ranks} ranks")
            self.assertEqual(self.vaster("export", study, "--predictions").stdout, predictions, f"{ranks} ranks")
            self.vaster("verify", study)

    def test_five_kills_of_the_whole_job_change_nothing(self):
        undisturbed = self.folder / "undisturbed.h5"
        self.run_small("--set", "models.xgboost.rounds=30", study=undisturbed)
        randomness = random.Random(20)
        arguments = ["run", "--data", self.cohort, *SMALL, "--set", "models.xgboost.rounds=30", "--output", self.study, "--resume"]
        done = 0
        for _ in range(5):
            with Job(self.folder, *arguments, ranks=2) as job:
                job.wait_until(lambda: self.study.exists(), "the study file is there")
                time.sleep(randomness.uniform(0, 1.0))
                job.kill()
            self.vaster("verify", self.study)
            now = self.counts().get("done", 0)
            self.assertGreaterEqual(now, done, "a finished result was lost")
            done = now
        self.vaster(*arguments, ranks=2)
        self.assertEqual(self.exported(), self.exported(undisturbed))
        self.vaster("status", self.study)

    def test_resuming_a_finished_study_computes_nothing_and_changes_nothing(self):
        self.run_small(ranks=2)
        before = self.exported(self.study, "--csv")
        done = self.run_small("--resume", ranks=2)
        self.assertIn("200 done before, 0 to do", done.stderr)
        self.assertEqual(self.exported(self.study, "--csv"), before)

    def test_resume_without_a_file_starts_one(self):
        self.run_small("--resume", "--models", "naive_bayes", "--types", "in_domain")
        self.assertEqual(self.counts(), {"done": 6})


if __name__ == "__main__":
    unittest.main()
