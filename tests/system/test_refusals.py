"""Bad input gets one clear error and the exit code of its kind; nothing is created or overwritten."""

import unittest

from system import SystemTest

FIVE_MISTAKES = """
[study]
seed = -1
[design]
models = ["xgboost", "oracle"]
bootstap = 100
training_sizes = [0.5, 1.5]
[run]
memory = "plenty"
"""


class Refusals(SystemTest):
    def refused(self, *arguments, code, ranks=0):
        return self.vaster(*arguments, code=code, ranks=ranks).stderr

    def test_five_mistakes_are_listed_at_once_before_anything_is_created(self):
        config = self.folder / "five.toml"
        config.write_text(FIVE_MISTAKES)
        for ranks in (0, 2):
            said = self.refused("run", config, "--data", self.cohort, "--output", self.study, code=78, ranks=ranks)
            self.assertIn("5 problems", said)
            for mistake in ("study.seed = -1 (must be at least 0)", "'oracle' is not one of", "did you mean 'bootstrap'?",
                            "design.training_sizes = [0.5, 1.5] (must be at most 1)", 'run.memory = "plenty" (must be a size'):
                self.assertIn(mistake, said)
            self.assertEqual(said.count("5 problems"), 1, "one rank speaks for all")
        self.assertFalse(self.study.exists())

    few = ["--models", "naive_bayes", "--types", "in_domain"]

    def test_an_existing_study_is_not_overwritten_unasked(self):
        self.run_small(*self.few)
        before = self.study.read_bytes()
        said = self.run_small(*self.few, code=64).stderr
        self.assertIn("--resume", said)
        self.assertIn("--overwrite", said)
        self.assertEqual(self.study.read_bytes(), before)

    def test_no_study_takes_the_place_of_a_file_that_is_none_even_when_asked(self):
        table = self.folder / "table.csv"
        table.write_bytes(self.cohort.read_bytes())
        config = self.folder / "study.toml"
        config.write_text(f'[study]\noutput = "{config}"\n[data]\npath = "{table}"\nformat = "encoded"\n')
        kept = {path: path.read_bytes() for path in (table, config)}
        for ranks in (0, 2):
            for command in (["run", "--data", table, "--format", "encoded", "--output", table], ["run", config]):
                for asked in ([], ["--overwrite"]):
                    said = self.refused(*command, *self.few, *asked, code=64, ranks=ranks)
                    self.assertIn("is not a study file", said)
        for path, content in kept.items():
            self.assertEqual(path.read_bytes(), content)

    def test_a_place_where_no_study_file_can_be_is_refused_before_any_work(self):
        folder = self.folder / "folder"
        folder.mkdir()
        loop = self.folder / "loop.h5"
        loop.symlink_to("loop.h5")
        nameless = self.folder / "nameless.toml"
        nameless.write_text('[study]\noutput = ""\n')
        drill = ["run", "--kind", "drill", "--set", "drill.seconds=30"]
        for ranks, flags in ((0, ([], ["--overwrite"], ["--resume"])), (2, (["--overwrite"],))):
            for asked in flags:
                for place, code, words in ((folder, 64, "is a folder, so no study can take its place"), ("/dev/null", 64, "is not a file, so no study"),
                                           ("", 78, "study.output (--output) is empty"), (loop, 74, "Too many levels of symbolic links"),
                                           (self.folder / ("n" * 300), 74, "File name too long")):
                    with self.subTest(place=place, asked=asked, ranks=ranks):
                        self.assertIn(words, self.refused(*drill, "--output", place, *asked, code=code, ranks=ranks))
        self.assertIn("study.output (--output) is empty", self.refused("run", nameless, "--kind", "drill", code=78))
        for place in (loop, self.folder / ("n" * 300)):
            for command in (["simulate", "--deaths", "50"], ["simulate", "--deaths", "50", "--overwrite"]):
                self.assertIn(str(place), self.refused(*command, "--output", place, code=74))

    def test_a_study_file_is_replaced_by_nothing_but_a_study(self):
        self.run_small(*self.few)
        before = self.study.read_bytes()
        link = self.folder / "link.csv"
        link.symlink_to(self.study)
        other = self.folder / "other.h5"
        run = ["run", "--data", self.cohort, "--format", "encoded", *self.few, "--output", other]
        for path in (self.study, link):
            for command in (["export", self.study, "--output", path], ["export", self.study, "--json", "--output", path],
                            ["compare", self.study, "--output", path], ["simulate", "--overwrite", "--output", path],
                            ["diagnose", "--data", self.cohort, "--format", "encoded", "--output", path],
                            [*run, "--log-file", path], [*run, "--ending-file", path]):
                with self.subTest(command=command):
                    self.assertIn("is a study file", self.refused(*command, code=64))
                    self.assertEqual(self.study.read_bytes(), before)
        self.assertFalse(other.exists())

    def test_files_beside_a_study_cannot_have_its_name(self):
        for flag in ("--log-file", "--ending-file"):
            said = self.run_small(*self.few, flag, self.study, code=64).stderr
            self.assertIn(f"{flag} {self.study} is also the name of the study file", said)

    def test_resume_with_another_configuration_names_the_keys(self):
        few = ["--models", "naive_bayes", "--types", "in_domain"]
        self.run_small(*few)
        said = self.run_small(*few, "--resume", "--seed", "43", code=78).stderr
        self.assertIn("study.seed: 42 -> 43", said)
        self.run_small(*few, "--resume", "--timeout", "5m", "--memory", "1GiB")  # operational keys may change

    def test_resume_with_other_data_is_refused(self):
        few = ["--models", "naive_bayes", "--types", "in_domain"]
        self.run_small(*few)
        other = self.folder / "other.csv"
        self.vaster("simulate", "--deaths", "1800", "--seed", "5", "--format", "encoded", "--output", other)
        said = self.run_small(*few, "--resume", "--data", other, code=65).stderr
        self.assertIn("other data", said)

    def test_what_is_no_study_file_is_refused_by_every_reader(self):
        self.study.write_bytes(b"\x89HDF\r\n\x1a\n" + b"garbage" * 100)
        for reader in (["status"], ["verify"], ["export"], ["report"], ["checkpoint", "list"]):
            self.assertIn(str(self.study), self.refused(*reader, self.study, code=65))
        self.refused("status", self.folder / "nothing.h5", code=74)

    def test_missing_and_broken_data_files(self):
        self.assertIn("absent.csv", self.refused("run", "--data", "absent.csv", "--output", self.study, code=74))
        broken = self.folder / "broken.csv"
        broken.write_text("site,va34,fever\nAP,1,Y\nAP,2\n")
        said = self.refused("run", "--data", broken, "--format", "encoded", "--output", self.study, code=65, ranks=2)
        self.assertIn("line 3", said)
        self.assertFalse(self.study.exists())

    def test_an_output_folder_that_is_not_there(self):
        said = self.refused("run", "--data", self.cohort, "--format", "encoded", "--output", "no/such/folder/study.h5", code=74)
        self.assertIn("no/such/folder", said)

    def test_a_gpu_that_the_library_cannot_use_is_refused_before_anything_is_created(self):
        said = self.refused("run", "--data", self.cohort, "--format", "encoded", "--output", self.study, "--set",
                            "models.xgboost.device=cuda", code=69)
        self.assertIn("cuda", said)
        self.assertFalse(self.study.exists())

    def test_usage_errors(self):
        self.refused("run", "--no-such-flag", code=64)
        self.refused(code=64)
        self.refused("run", "--set", "nonsense", "--data", self.cohort, code=64)


if __name__ == "__main__":
    unittest.main()
