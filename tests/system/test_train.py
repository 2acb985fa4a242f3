"""`vaster train`: a model is the same wherever and however it is made, chosen from a comparison with the reason, and refused with what helps."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from system import Job, SystemTest, preloads

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-h5py is for
FAST = ["--bootstrap", "20", "--set", "train.folds=2"]
ENSEMBLE = "vote = soft(naive_bayes, logistic_regression; weights = inner_cv)"
WITH_H5PY = """
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    deaths = int(file["data/deaths"][0])
    print(deaths, int(file["data/cause_deaths"][:].sum()), len(file["data/present"]), sorted(file["inner"]))
"""


def content_of(model):
    """The identity that the file itself states."""
    head = pathlib.Path(model).read_bytes()[:4096].decode("latin-1")
    return re.search(r"^content ([0-9a-f]{64})$", head, re.MULTILINE).group(1)


class Train(SystemTest):
    deaths = 900

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.comparison = cls.folder / "comparison.h5"
        subprocess.run([cls.program, "run", "--data", str(cls.cohort), "--format", "encoded", "--models",
                        "naive_bayes,logistic_regression", "--types", "in_domain,out_domain", "--bootstrap", "20", "--quiet",
                        "--output", str(cls.comparison)], check=True)

    def model(self, name="model"):
        return self.folder / f"{self.id()}.{name}.h5"

    def train(self, output, *more, ranks=0, code=0, **kwargs):
        return self.vaster("train", "--data", self.cohort, "--format", "encoded", *FAST, "--output", output, *more, ranks=ranks,
                           code=code, **kwargs)

    def test_the_content_is_the_same_on_any_ranks_and_in_any_folder(self):
        one, three = self.model("one"), self.folder / self.id() / "three.h5"
        three.parent.mkdir()
        told = self.train(one, "--model", "naive_bayes").stdout
        self.train(three, "--model", "naive_bayes", ranks=3)
        self.assertEqual(content_of(one), content_of(three))
        self.assertIn(content_of(one), told)
        self.assertFalse(pathlib.Path(f"{one}.parts").exists())
        self.assertTrue(one.with_suffix(".training.h5").exists())
        other = self.model("other")
        self.train(other, "--model", "naive_bayes", "--sites", "AP,UP")
        self.assertNotEqual(content_of(one), content_of(other))

    @preloads
    def test_the_content_is_the_same_on_another_day(self):
        clock = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
        if clock is None:
            self.skipTest("faketime is not installed")
        today, later = self.model("today"), self.model("later")
        few = ["--model", "e = soft(naive_bayes, logistic_regression; weights = inner_cv)", "--inner", "none"]
        self.train(today, *few)
        self.train(later, *few, env={**os.environ, "LD_PRELOAD": str(clock), "FAKETIME": "+1461d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        years = [re.search(rb"\b(20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ", model.read_bytes()).group(1) for model in (today, later)]
        self.assertEqual(int(years[1]), int(years[0]) + 4)
        self.assertEqual(content_of(today), content_of(later))

    def test_python_reads_what_is_kept(self):
        model = self.model()
        self.train(model, "--model", "naive_bayes")
        done = subprocess.run([PYTHON, "-c", WITH_H5PY, model], capture_output=True, text=True)
        if "No module named" in done.stderr or done.returncode == 127:
            self.skipTest("python3-h5py is not installed")
        self.assertEqual(done.stdout.split(maxsplit=3)[:3], ["900", "900", "168"], done.stderr)
        self.assertIn("'cv', 'leave_one_site_out', 'probes'", done.stdout)

    def test_a_weighted_ensemble_is_killed_resumed_and_the_same(self):
        whole, cut = self.model("whole"), self.model("cut")
        told = self.train(whole, "--model", ENSEMBLE).stdout
        self.assertRegex(told, r"member  naive_bayes [01]\.\d+\nmember  logistic_regression [01]\.\d+")
        arguments = ["train", "--data", self.cohort, "--format", "encoded", *FAST, "--output", cut, "--model", ENSEMBLE]
        with Job(self.folder, *arguments) as job:
            job.wait_until(lambda: cut.with_suffix(".training.h5").exists(), "the study file is there")
        self.vaster(*arguments, "--resume")
        self.assertEqual(content_of(whole), content_of(cut))

    def test_a_training_that_is_complete_is_resumed_without_harm(self):
        model = self.model()
        self.train(model, "--model", "naive_bayes")
        before = model.read_bytes()
        self.train(model, "--model", "naive_bayes", "--resume")
        self.assertEqual(model.read_bytes(), before)

    def test_a_fit_whose_file_is_gone_or_damaged_is_made_again(self):
        whole, model = self.model("whole"), self.model()
        few = ["--model", "e = soft(naive_bayes, logistic_regression)", "--inner", "none"]
        self.train(whole, *few)
        shutil.copy(whole.with_suffix(".training.h5"), model.with_suffix(".training.h5"))
        # Neither the model file nor the files of the fits are there.
        told = self.train(model, *few, "--resume").stderr
        self.assertEqual(told.count("gone or damaged; it will be computed again"), 2, told)
        self.assertEqual(content_of(whole), content_of(model))
        # The model file has the fits, so that nothing is fitted again.
        self.assertNotIn("computed again", self.train(model, *few, "--resume").stderr)

    def test_the_best_method_of_a_comparison_is_trained_with_the_reason(self):
        best, named = self.model("best"), self.model("named")
        told = self.vaster("train", "--from", self.comparison, "--best", *FAST, "--output", best)
        reason = re.search(r"(\w+) has the best mean csmf_accuracy \(0\.\d+\) over 25 experiments of type out_domain", told.stderr)
        self.assertIsNotNone(reason, told.stderr)
        within = self.vaster("train", "--from", self.comparison, "--best", "--within", "--by", "log_loss", *FAST, "--output",
                             self.model("within")).stderr
        self.assertIn("over 5 experiments of type in_domain", within)
        chosen = re.search(r"model.h5|: (\w+) of 900 deaths", told.stdout)
        self.vaster("train", "--from", self.comparison, "--method", chosen.group(1), *FAST, "--output", named)
        self.assertEqual(content_of(best), content_of(named))

    def test_a_trained_model_is_registered_once_and_says_the_same_again(self):
        registry = self.folder / f"{self.id()}.registry"
        for name in ("first", "again"):
            said = self.train(self.model(name), "--model", "naive_bayes", "--register", "causes@production", "--registry", registry).stdout
            self.assertIn("registered as causes:1", said)
        shown = self.vaster("model", "show", "causes@production", "--registry", registry).stdout
        self.assertRegex(shown, r"n_train +900\n")
        self.assertRegex(shown, r"inner\.leave_one_site_out\.csmf_accuracy +0\.\d+\n")
        self.vaster("model", "verify", "--deep", "--registry", registry)
        self.assertIn("numbered by the registry", self.train(self.model("third"), "--model", "naive_bayes", "--register", "causes:7",
                                                            "--registry", registry, code=64).stderr)

    def test_a_tuned_method_is_trained_with_the_setting_that_was_chosen_most_often(self):
        tuned = self.folder / "tuned.h5"
        self.vaster("run", "--data", self.cohort, "--format", "encoded", "--models", "naive_bayes", "--types", "in_domain", "--sites",
                    "AP,UP,Dar", "--bootstrap", "0", "--set", "tuning.method=grid", "--set", "tuning.folds=2", "--set",
                    'tuning.space=["naive_bayes.alpha = 0.5, 20.0"]', "--quiet", "--output", tuned)
        chosen = [row["parameters"] for row in self.rows(tuned) if row["type"] == "in_domain"]
        usual = max(sorted(set(chosen)), key=chosen.count)
        by_tuning, by_hand = self.model("tuned"), self.model("hand")
        told = self.vaster("train", "--from", tuned, "--best", "--output", by_tuning).stderr
        self.assertIn(f"parameters that tuning has chosen most often: {usual or 'the configured ones'}", told)
        self.vaster("train", "--from", tuned, "--best", "--output", by_hand, *(["--set", f"models.{usual}"] if usual else []))
        self.assertEqual(content_of(by_tuning), content_of(by_hand))

    def test_a_comparison_of_other_data_is_refused_unless_asked_for(self):
        other = self.folder / "other.csv"
        self.vaster("simulate", "--deaths", "700", "--seed", "5", "--format", "encoded", "--output", other)
        model = self.model()
        arguments = ["train", "--from", self.comparison, "--method", "naive_bayes", "--data", other, *FAST, "--output", model]
        self.assertIn("is not the file that", self.vaster(*arguments, code=65).stderr)
        self.vaster(*arguments, "--other-data")
        self.assertIn(b"vaster-model 1", model.read_bytes()[:100])

    def test_holes_are_named_and_may_be_allowed(self):
        cut = self.folder / "cut.h5"
        shutil.copy(self.comparison, cut)
        damage = "import sys, h5py\nwith h5py.File(sys.argv[1], 'r+') as f:\n for row in (8, 20):\n  r = f['records'][row]; r['status'] = 3; f['records'][row] = r"
        done = subprocess.run([PYTHON, "-c", damage, cut], capture_output=True, text=True)
        if done.returncode:
            self.skipTest("python3-h5py is not installed")
        arguments = ["train", "--from", cut, "--best", *FAST, "--output", self.model()]
        self.assertIn("2 experiments of type out_domain are not finished", self.vaster(*arguments, code=65).stderr)
        told = self.vaster(*arguments, "--allow-holes").stderr
        self.assertRegex(told, r"over 23 experiments of type out_domain in cut.h5 \(without 2 that are not finished, for any method\)")

    def test_what_cannot_be_is_refused_with_what_helps(self):
        model = self.model()
        self.assertIn("train.model is not set", self.train(model, code=78).stderr)
        self.assertIn("did you mean 'naive_bayes'?", self.train(model, "--model", "naive_baies", code=78).stderr)
        self.assertIn("need --from STUDY.h5", self.train(model, "--best", code=64).stderr)
        self.assertIn("say which of its methods", self.train(model, "--from", self.comparison, code=64).stderr)
        self.assertIn("did you mean naive_bayes?", self.train(model, "--from", self.comparison, "--method", "naive_baye", code=64).stderr)
        self.assertIn("did you mean log_loss?", self.train(model, "--from", self.comparison, "--best", "--by", "logloss", code=64).stderr)
        self.assertIn("train.sites: Atlantis is not in the data",
                      self.train(model, "--model", "naive_bayes", "--sites", "Atlantis", code=78).stderr)
        for other in (self.cohort, self.comparison):
            before = other.read_bytes()
            self.assertIn("is not a model file", self.train(other, "--model", "naive_bayes", "--overwrite", code=64).stderr)
            self.assertEqual(other.read_bytes(), before)
        self.train(model, "--model", "naive_bayes", "--inner", "none")
        self.assertIn("exists already", self.train(model, "--model", "naive_bayes", code=64).stderr)
        self.assertIn("can be chosen from one of kind va-comparison",
                      self.train(self.model("second"), "--from", model.with_suffix(".training.h5"), "--best", code=65).stderr)
        self.train(model, "--model", "naive_bayes", "--inner", "none", "--resume")
        model.with_suffix(".training.h5").unlink()
        before = model.read_bytes()
        self.assertIn("exists already", self.train(model, "--model", "logistic_regression", "--inner", "none", "--resume", code=64).stderr)
        self.assertEqual(model.read_bytes(), before)
        self.train(model, "--model", "logistic_regression", "--inner", "none", "--overwrite")


if __name__ == "__main__":
    unittest.main()
