"""Files beside the data (known deaths, tables, splits, groupings), designs of which little or nothing can be run, and
studies without intervals."""

import random
import unittest

from system import SystemTest

CAUSES = ("Malaria", "Pneumonia", "Injury")
SYMPTOMS = ("fever", "cough", "wound", "rash")
SIGNS = {"Malaria": (0.9, 0.2, 0.05, 0.3), "Pneumonia": (0.6, 0.9, 0.05, 0.1), "Injury": (0.05, 0.1, 0.9, 0.1)}
TABLE = "symptom,Malaria,Pneumonia,Injury,Tetanus\nfever,0.9,0.6,0.05,0.2\ncough,0.2,0.9,0.1,0.05\nwound,0.05,0.05,0.9,0.6\n"


def deaths(sites, seed):
    """An encoded table: so many deaths of each site, three causes in turn."""
    generator = random.Random(seed)
    lines = ["site,cause," + ",".join(SYMPTOMS)]
    for site, n in sites:
        for i in range(n):
            cause = CAUSES[i % 3]
            answers = ["1" if generator.random() < p else "0" for p in SIGNS[cause]]
            lines.append(",".join([site, cause, *answers]))
    return "\n".join(lines) + "\n"


class SideFiles(SystemTest):
    deaths = 20

    def setUp(self):
        super().setUp()
        self.data = self.file("deaths.csv", deaths([("North", 70), ("South", 60)], 1))

    def file(self, name, text):
        path = self.folder / f"{self.id()}.{name}"
        path.write_text(text)
        return path

    def flags(self, *more, data=None, model="naive_bayes", bootstrap=50):
        return ["--data", data or self.data, "--format", "encoded", "--label", "cause", "--models", model, "--bootstrap", str(bootstrap),
                "--types", "in_domain,out_domain", "--set", "models.insilico.iterations=400", *more]

    def refused(self, *more, commands=("plan", "config", "run"), code=65, **kwargs):
        """What all of the commands say when they refuse; nothing is made."""
        for command in commands:
            output = ["--output", self.study] if command == "run" else []
            said = self.vaster(command, *self.flags(*more, **kwargs), *output, code=code).stderr
            self.assertFalse(self.study.exists())
        return said

    def test_a_design_of_which_nothing_can_be_run_is_refused_by_site(self):
        small = self.file("small.csv", deaths([("Big", 48), ("Small", 12)], 2))
        said = self.refused(data=small)
        for words in ("no experiment can be run", "site Big has 48 deaths; 50 are needed to train on it",
                      "site Small has 12 deaths", "design.min_train", "design.min_test"):
            self.assertIn(words, said)
        self.assertIn("min_train = 1 (must be at least 2)", self.refused("--set", "design.min_train=1", code=78))

    def test_the_least_numbers_of_deaths_are_keys_and_what_is_skipped_is_said(self):
        small = self.file("small.csv", deaths([("Big", 48), ("Small", 12)], 2))
        flags = self.flags("--set", "design.min_train=20", "--set", "design.min_test=5", data=small)
        reason = "site Small has 12 deaths; 20 are needed to train on it"
        self.assertIn(f"2 experiments are skipped: {reason}", self.vaster("plan", *flags).stdout)
        run = self.vaster("run", *flags, "--output", self.study)
        self.assertIn(f"2 experiments are skipped: {reason}", run.stderr)
        self.assertIn("All 2 experiments have their result (2 skipped)", run.stdout)
        self.assertIn(f"2 skipped: {reason}", self.vaster("status", self.study).stdout)

    def test_a_table_may_have_causes_that_no_death_has(self):
        table = self.file("table.csv", TABLE)
        flags = self.flags("--set", f"models.insilico.table={table}", model="insilico")
        plan = self.vaster("plan", *flags).stdout
        self.assertEqual(plan.count("Tetanus"), 1)
        self.assertIn("1 of its causes are passed over", plan)
        self.assertIn("1 of the data's symptoms have no row in it", plan)
        self.vaster("config", *flags)
        self.vaster("run", *flags, "--output", self.study)
        self.assertEqual(self.counts(), {"done": 4})

    def test_a_table_that_shares_nothing_with_the_data_is_refused_before_the_start(self):
        for name, text, words in (("causes", "symptom,Tetanus\nfever,0.9\n", "no cause of the data"),
                                  ("symptoms", "symptom,Malaria\nfits,0.9\n", "no symptom of the data"),
                                  ("spelling", "symptom,malaria,Injury\nfever,0.9,0.1\n", "'malaria' ('Malaria' in the data)")):
            table = self.file(name, text)
            said = self.refused("--set", f"models.insilico.table={table}", model="insilico")
            self.assertIn(words, said)
            self.assertIn(str(table), said)

    def test_what_a_physician_said_is_told_in_place_of_the_label(self):
        def predictions(name, known):
            study = self.folder / f"{self.id()}.{name}.h5"
            flags = self.flags("--set", f"data.known={self.file(name, known)}", "--set", "design.out_domain=full", model="insilico")
            run = self.vaster("run", *flags, "--output", study)
            return self.vaster("export", study, "--predictions").stdout, run.stderr

        wrong = {"Malaria": "Injury", "Pneumonia": "Malaria", "Injury": "Pneumonia"}
        labels = [line.split(",")[1] for line in self.data.read_text().splitlines()[1:]]
        rows = range(0, 130, 2)
        own, said = predictions("own", "row\n" + "".join(f"{row}\n" for row in rows))
        self.assertIn("known by their own label", said)
        same, said = predictions("same", "row,cause\n" + "".join(f"{row},{labels[row]}\n" for row in rows))
        self.assertIn("65 deaths are known: 65 by one cause, 0 by several, 0 by broad causes; their label has the largest share in 65", said)
        self.assertEqual(own, same)
        other, said = predictions("other", "row,cause\n" + "".join(f"{row},{wrong[labels[row]]}\n" for row in rows))
        self.assertIn("largest share in 0 (0.0 %)", said)
        self.assertNotEqual(own, other)
        two, said = predictions("two", "row,physician,cause\n" + "".join(
            f"{row},A,{labels[row]}\n{row},B,{wrong[labels[row]]}\n" for row in rows))
        self.assertIn("0 by one cause, 65 by several", said)
        self.assertNotIn(two, (own, other))

    def test_columns_that_nothing_reads_are_refused_by_name(self):
        known = self.file("known.csv", "row,cuase,when\n0,Injury,May\n")
        said = self.refused("--set", f"data.known={known}")
        for words in (str(known), "line 1", "column 2 ('cuase'): did you mean 'cause'?", "column 3 ('when')"):
            self.assertIn(words, said)
        groups = self.file("groups.csv", "label,group,note\nMalaria,Infection,x\nPneumonia,Infection,x\nInjury,External,x\n")
        self.assertIn("column 3 ('note')", self.refused("--set", f"design.groupings=broad={groups}"))
        splits = self.file("splits.csv", "label,site,row,part,weight\ncause,North,0,train,1\ncause,North,1,test,1\n")
        self.assertIn("column 5 ('weight')", self.refused("--splits", splits))

    def test_a_study_without_resamples_has_no_intervals_and_says_so(self):
        flags = self.flags(bootstrap=0)
        run = self.vaster("run", *flags, "--output", self.study)
        self.assertIn("design.bootstrap = 0: experiments have no intervals", run.stderr)
        for row in self.rows():
            self.assertEqual((row["csmf_accuracy_lo"], row["cod_accuracy_hi"]), ("", ""))
            self.assertGreater(float(row["cod_accuracy"]), 0.3)
        self.vaster("compare", self.study)
        self.vaster("report", self.study)


if __name__ == "__main__":
    unittest.main()
