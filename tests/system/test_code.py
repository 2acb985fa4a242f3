"""vaster code: causes by a table, without training. The table and the deaths are made up; what must come out is worked out here."""

import csv
import unittest

from system import SystemTest

LETTERS = {"A": 0.5, "A-": 0.2, "B": 0.05, "C": 0.005, "E": 0.00001, "I": 1.0, "N": 0.0}
TABLE = {  # P(symptom | cause) of Malaria, HIV/AIDS related death, Sickle cell with crisis, Stroke
    "fever": ("A", "A-", "A-", "C"), "weak_side": ("C", "C", "B", "A"), "moved": ("B", "A-", "A", "B"), "male": ("A", "A", "A", "A")}
CAUSES = ("Malaria", "HIV/AIDS related death", "Sickle cell with crisis", "Stroke")
ABSENT = {"moved"}  # counts when absent


def table_text(prior=True):
    rows = ["symptom," + ",".join(CAUSES)] + ([",B,B,E,C"] if prior else [])
    return "\n".join(rows + [",".join((name, *cells)) for name, cells in TABLE.items()]) + "\n"


CHECKS = ("symptom,counts_when,clear_when,set,only_if\nfever,present,,,\nweak_side,present,feverY,,\nmoved,absent,,,\n"
          "male,present,,,\n")
DEATHS = "ID,fever,weak_side,moved,male\nd1,y,y,n,.\nd2,n,y,y,y\nd3,n,.,.,n\nd4,n,n,y,y\n"


def rule(counting, hiv=0.005, malaria=0.05):
    """The rule in plain Python: prior times the cells of what counts, divided by their sum."""
    shares = [malaria, hiv, 0.05 if malaria == 0.05 else 0.00001, LETTERS["C"]]
    for symptom in counting:
        shares = [share * LETTERS[cell] for share, cell in zip(shares, TABLE[symptom])]
    return [share / sum(shares) for share in shares]


class Code(SystemTest):
    deaths = 20

    def setUp(self):
        super().setUp()
        self.data = self.file("deaths.csv", DEATHS)
        self.table = self.file("table.csv", table_text())
        self.checks = self.file("checks.csv", CHECKS)
        self.output = self.folder / f"{self.id()}.out"

    def file(self, name, text):
        path = self.folder / f"{self.id()}.{name}"
        path.write_text(text)
        return path

    def code(self, *more, data=None, table=None, checks=True, code=0):
        given = ["--checks", self.checks] if checks else []
        return self.vaster("code", data or self.data, "--table", table or self.table, *given, "--output", self.output, *more,
                           code=code)

    def written(self, suffix=".csv"):
        with open(f"{self.output}{suffix}", newline="") as file:
            return list(csv.DictReader(file))

    def test_deaths_are_coded_as_the_rule_says_and_those_without_a_sign_are_listed(self):
        said = self.code("--hiv", "l", "--malaria", "h", "--probabilities")
        self.assertIn("4 deaths: 3 coded by InterVA5", said.stdout)
        self.assertIn("1 not coded: no sign 1 (line 4)", said.stdout)
        self.assertIn("coding: ", said.stderr)
        self.assertIn("the checks cleared 1 answers", said.stderr)
        deaths = self.written()
        self.assertEqual([death["not_coded"] for death in deaths], ["", "", "no sign", ""])
        self.assertEqual(deaths[2]["cause1"], "")
        probabilities = {row["ID"]: row for row in self.written("-probabilities.csv")}
        # d1: weak_side is cleared by fever; moved counts by its no. d2 and d4: moved = y does not count.
        for death, counting in (("d1", ("fever", "moved")), ("d2", ("weak_side", "male")), ("d4", ("male",))):
            for cause, expected in zip(CAUSES, rule(counting)):
                self.assertAlmostEqual(float(probabilities[death][cause]), expected, places=12, msg=f"{death} {cause}")
        csmf = {row["cause"]: float(row["fraction"]) for row in self.written("-csmf.csv")}
        self.assertAlmostEqual(sum(csmf.values()), 1, places=12)
        self.assertIn("Undetermined", csmf)

    def test_a_death_without_a_cause_that_stands_out_is_undetermined(self):
        even = self.file("even.csv", "symptom,A,B,C\n,A,A,A\nx,A,A,A\n")
        self.code(data=self.file("x.csv", "x\n1\n0\n1\n"), table=even, checks=False)
        deaths = self.written()
        self.assertEqual([death["cause1"] for death in deaths], ["Undetermined", "", "Undetermined"])
        self.assertEqual([death["undetermined"] for death in deaths], ["1", "", "1"])
        self.assertEqual([death["row"] for death in deaths], ["0", "1", "2"])

    def test_priors_and_prevalences_that_do_not_fit_are_refused(self):
        bare = self.file("bare.csv", table_text(prior=False))
        self.assertIn("--prior", self.code(table=bare, code=65).stderr)
        prior = self.file("prior.csv", "cause,letter\n" + "".join(f"{cause},B\n" for cause in CAUSES))
        self.code("--prior", prior, table=bare)
        self.assertIn("the priors of HIV and malaria are the table's own", self.code("--prior", prior, "--overwrite", table=bare).stderr)
        self.assertIn("go together", self.code("--hiv", "h", "--overwrite", code=64).stderr)
        other = self.file("other.csv", "symptom,A,B\n,A,A\nfever,A,B\n")
        said = self.code("--hiv", "h", "--malaria", "h", "--overwrite", table=other, checks=False, code=65).stderr
        self.assertIn("there is no cause 'HIV/AIDS related death'", said)

    def test_what_is_there_is_not_overwritten_and_nothing_is_written_over_what_is_read(self):
        self.code()
        self.assertIn("--overwrite", self.code(code=64).stderr)
        self.code("--overwrite")
        said = self.vaster("code", self.data, "--table", self.table, "--output", self.data, code=64, ).stderr
        self.assertIn("would be written over", said)

    def test_a_file_that_lacks_symptoms_or_has_other_answers_is_refused_with_what_helps(self):
        few = self.file("few.csv", "ID,fever,moved,male\nd1,y,n,y\n")
        said = self.code(data=few, code=65).stderr
        self.assertIn("lacks 1 of the model's 4 symptoms: 'weak_side'", said)
        said = self.code("--missing-columns", "missing", data=few).stderr
        self.assertIn("1 of the table's 4 symptoms are not in the file and missing for all: weak_side", said)
        twice = self.file("twice.csv", DEATHS + "d1,y,n,n,n\n")
        self.assertIn("ID \"d1\" is on line 2 already", self.code("--overwrite", data=twice, code=65).stderr)
        nobody = self.file("nobody.csv", "ID,fever,weak_side,moved,male\nd1,n,n,n,n\nd2,y,n,n,n\n".replace("d2,y", "d2,n"))
        self.assertIn("no death can be coded: no sign 2 (lines 2, 3)", self.code("--overwrite", data=nobody, code=65).stderr)

    def test_insilicova_codes_the_same_file_with_impossible_causes_and_the_same_bytes_for_a_seed(self):
        lines = ["ID,fever,weak_side,moved,male"]
        for i in range(60):
            lines.append(f"d{i},{'y' if i % 3 else 'n'},{'n' if i % 3 else 'y'},n,{'y' if i % 2 else 'n'}")
        data = self.file("many.csv", "\n".join(lines) + "\n")
        ruled = self.file("ruled.csv", "symptom,answer,cause\nmale,present,Malaria\n")
        flags = ["--method", "insilico", "--impossible", ruled, "--iterations", "500", "--probabilities"]
        self.code(*flags, data=data)
        first = self.output.with_name(self.output.name + ".csv").read_bytes()
        for i, row in enumerate(self.written("-probabilities.csv")):
            self.assertEqual(float(row["Malaria"]) == 0, i % 2 == 1, row["ID"])
        self.assertEqual(list(self.written("-csmf.csv")[0]), ["cause", "fraction", "low", "high"])
        self.code(*flags, "--overwrite", data=data)
        self.assertEqual(self.output.with_name(self.output.name + ".csv").read_bytes(), first)


if __name__ == "__main__":
    unittest.main()
