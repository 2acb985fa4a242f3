"""Tables as R, SAS, pandas and hands write them: read, or refused with what helps."""

import csv
import io
import random
import unittest

from system import SystemTest

CAUSES = ("Malaria", "Pneumonia", "Stroke")


def deaths(n=180, sites=("North", "South", "West")):
    """Rows of made-up deaths, each symptom frequent for one cause."""
    draw = random.Random(7)
    rows = []
    for i in range(n):
        cause = CAUSES[i % 3]
        answers = [int(draw.random() < (0.8 if k % 3 == i % 3 else 0.2)) for k in range(6)]
        rows.append({"ID": f"d{i:03}", "site": sites[i // 3 % len(sites)], "cause": cause,
                     **{f"s{k}": answer for k, answer in enumerate(answers)}})
    return rows


class Data(SystemTest):
    flags = ("--format", "encoded", "--label", "cause", "--set", "data.id=ID")

    def table(self, rows, name="va.csv"):
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = self.folder / name
        path.write_text(text.getvalue())
        return path

    def plan(self, rows, *more, code=0):
        done = self.vaster("plan", "--data", self.table(rows), *self.flags, "--models", "naive_bayes", *more, code=code)
        return done.stdout if code == 0 else done.stderr

    def run_deaths(self, rows, *more, study=None, code=0):
        return self.vaster("run", "--data", self.table(rows), *self.flags, "--models", "naive_bayes", "--types", "in_domain",
                           "--bootstrap", "20", "--output", study or self.study, *more, code=code)

    def predictions(self, study=None):
        return list(csv.DictReader(io.StringIO(self.vaster("export", study or self.study, "--predictions").stdout)))

    def test_deaths_without_a_cause_are_left_out_and_counted_whatever_stands_for_it(self):
        rows = deaths(240)
        for i, word in enumerate(["NA", "", ".", "nan", "NA"]):
            rows[10 * i]["cause"] = word
        said = self.plan(rows)
        self.assertIn("""5 of 240 rows left out: no cause in column 'cause': "NA" (2), empty (1), "." (1), "nan" (1)""", said)
        self.run_deaths(rows)
        causes = {row["true_cause"] for row in self.predictions()}
        self.assertEqual(causes, set(CAUSES))

    def test_ids_come_first_in_the_exported_predictions(self):
        self.run_deaths(deaths())
        predictions = self.predictions()
        self.assertEqual(next(iter(predictions[0])), "death_id")
        self.assertTrue(all(row["death_id"] == f"d{int(row['row']):03}" for row in predictions))

    def test_the_same_death_twice_is_refused_or_kept_in_one_part(self):
        rows = deaths() + deaths()
        said = self.plan(rows, code=65)
        self.assertIn("180 IDs in column 'ID' are there more than once: 'd000' (lines 2, 182)", said)
        self.run_deaths(rows, "--set", "data.duplicates=together")
        tested = {}
        for row in self.predictions():
            tested.setdefault(row["death_id"], []).append(row["row"])
        self.assertTrue(all(len(found) == 2 for found in tested.values()), "both rows of an ID are tested, or neither")

    def test_spellings_of_other_programs_give_the_same_study(self):
        plain = self.folder / "plain.h5"
        self.run_deaths(deaths(), study=plain)
        spelled = {"letters": {1: "Y", 0: "N"}, "small": {1: "y", 0: "n"}, "R": {1: "TRUE", 0: "FALSE"},
                   "words": {1: "yes", 0: "No"}, "pandas": {1: "1.0", 0: "0.0"}, "InterVA": {1: "Y", 0: ""}}
        for name, spelling in spelled.items():
            rows = [{k: spelling[v] if isinstance(v, int) else v for k, v in row.items()} for row in deaths()]
            study = self.folder / f"{name}.h5"
            self.run_deaths(rows, study=study)
            self.assertEqual(self.predictions(study), self.predictions(plain), name)

    def test_numbers_for_not_known_are_refused_until_the_key_names_them(self):
        rows = deaths()
        rows[4]["s1"], rows[9]["s3"] = 9, "9.0"
        said = self.plan(rows, code=65)
        self.assertIn("value '9' in 2 cells of 2 columns (first: line 6, ID d004, column 5 (s1))", said)
        self.assertIn('data.missing = ["9"]', said)
        self.assertIn('coding: 1/0, missing "9" (1), "9.0" (1)', self.plan(rows, "--set", 'data.missing=["9"]'))

    def test_the_former_name_of_the_policy_for_missing_answers_is_taken_with_a_note(self):
        note = 'data.missing = "ordinal" is taken for data.missing_as'
        self.assertIn(note, self.plan(deaths(), "--set", "data.missing=ordinal"))
        done = self.run_deaths(deaths(), "--set", "data.missing=ordinal")
        self.assertIn(note, done.stdout + done.stderr)
        self.run_deaths(deaths(), "--missing", "ordinal", "--resume")

    def test_one_site_for_all_has_no_experiments_out_of_it(self):
        rows = [{k: v for k, v in row.items() if k != "site"} for row in deaths()]
        self.assertIn('data.site = "" takes all deaths as of one site', self.plan(rows, code=65))
        said = self.plan(rows, "--set", "data.site=", code=78)
        self.assertIn("design.types: out_domain needs sites", said)
        planned = self.plan(rows, "--set", "data.site=", "--types", "in_domain,training_size")
        self.assertRegex(planned, r"in_domain +all +all +naive_bayes")


if __name__ == "__main__":
    unittest.main()
