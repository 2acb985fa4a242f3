"""Domains are registered: from that come the default kind, the flags and help of each kind, and what a report says of it."""

import unittest

from system import SystemTest


class Kinds(SystemTest):
    def help_of_run(self, *arguments):
        return self.vaster("run", *arguments, "--help").stdout

    def test_the_help_of_run_has_the_flags_of_the_kind_that_is_named(self):
        config = self.folder / "evolution.toml"
        config.write_text('[study]\nkind = "evolve"\n')
        for arguments in (["--kind", "evolve"], ["--kind=evolve"], ["--set", "study.kind=evolve"], [config]):
            said = self.help_of_run(*arguments)
            self.assertNotIn("--models", said, arguments)
            self.assertNotIn("--sites", said, arguments)
            self.assertIn("(data.path)", said, arguments)
            self.assertIn("market file", said, arguments)
        self.assertNotIn("(data.path)", self.help_of_run("--kind", "drill"))

    def test_without_a_kind_it_is_that_of_the_comparison(self):
        for arguments in ([], ["--kind", "va-comparison"], [self.folder / "not-there.toml"]):
            said = self.help_of_run(*arguments)
            self.assertIn("--models", said)
            self.assertIn("(design.models)", said)
            self.assertIn("(study.seed)", said)

    def test_a_flag_overrides_the_kind_of_a_file(self):
        config = self.folder / "drill.toml"
        config.write_text('[study]\nkind = "drill"\n')
        self.assertIn("--models", self.help_of_run(config, "--kind", "va-comparison"))
        self.assertIn('kind = "va-comparison"', self.vaster("config", config, "--kind", "va-comparison", "--data", self.cohort,
                                                                       "--format", "encoded").stdout)

    def test_an_unknown_kind_is_refused_with_those_that_there_are(self):
        said = self.vaster("plan", "--kind", "astrology", code=78).stderr
        self.assertIn('"astrology"', said)
        self.assertIn("va-comparison, va-train, va-predict, evolve, jobs, solve, stream, drill", said)

    def test_a_flag_of_another_kind_is_refused(self):
        self.assertIn("--models", self.vaster("plan", "--kind", "drill", "--models", "naive_bayes", code=64).stderr)

    def test_the_defaults_of_each_kind_name_it(self):
        for kind in ("va-comparison", "va-train", "va-predict", "evolve", "jobs", "solve", "drill"):
            said = self.vaster("config", "--defaults", "--kind", kind).stdout
            self.assertIn(f'kind = "{kind}"', said)

    def test_the_report_says_that_a_kind_has_no_sections_of_its_own(self):
        self.vaster("run", "--kind", "drill", "--set", "drill.experiments=4", "--set", "drill.seconds=0.0", "--output", self.study)
        self.vaster("report", self.study, "--figures", "none", "--output", self.folder / "report")
        self.assertIn("Studies of kind drill have no sections of their own", (self.folder / "report/index.html").read_text())

    def test_an_array_is_exported_by_name_and_by_the_flag_of_its_domain(self):
        self.run_small("--models", "naive_bayes", "--types", "in_domain")
        by_name = self.vaster("export", self.study, "--array", "predictions").stdout
        self.assertEqual(by_name, self.vaster("export", self.study, "--predictions").stdout)
        self.assertIn("predictions", self.vaster("export", self.study, "--array", "oracles", code=64).stderr)

    def test_bars_are_simulated_by_the_domain_that_has_them(self):
        table = self.folder / "bars.csv"
        self.vaster("market", "simulate", "--bars", "walk", "--count", 200, "--output", table)
        self.assertEqual(len(table.read_text().splitlines()), 201)
        self.assertIn("exists already", self.vaster("market", "simulate", "--bars", "walk", "--output", table, code=64).stderr)


if __name__ == "__main__":
    unittest.main()
