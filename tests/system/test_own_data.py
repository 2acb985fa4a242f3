"""A user's own table of deaths, from R to the results, as docs/va/own-data.md says; and what a study says that it has read."""

import csv
import io
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import unittest

from system import PATIENCE, SOURCE, VASTER, SystemTest

CAUSES = ["Malaria", "Tuberculosis", "HIV/AIDS", "Stroke", "Pneumonia", "Diabetes", "Road traffic", "Maternal", "Cirrhosis", "Other cancer"]
QUESTIONS = [f"q{number:02}" for number in range(1, 41)]
DISTRICTS = {"North": 358, "South": 301, "East": 241}


def made_up_deaths():
    """900 deaths as a list of dicts; answers are yes, no and NA, of each question 5 to 14 % NA."""
    draw = random.Random(20260101)
    profile = {cause: [draw.betavariate(0.6, 1.6) for _ in QUESTIONS] for cause in CAUSES}
    deaths = []
    for district, n in DISTRICTS.items():
        weights = [0.5 + draw.random() for _ in CAUSES]
        for _ in range(n):
            cause = draw.choices(CAUSES, weights)[0]
            death = {"id": f"D{len(deaths) + 1:04}", "district": district, "cause": cause, "age": max(15, int(draw.gauss(55, 17))),
                     "sex": "f" if cause == "Maternal" or draw.random() < 0.5 else "m"}
            for place, question in enumerate(QUESTIONS):
                missing = draw.random() < 0.05 + 0.09 * place / len(QUESTIONS)
                death[question] = "NA" if missing else "yes" if draw.random() < profile[cause][place] else "no"
            deaths.append(death)
    return deaths


def coded(deaths):
    """The same with 1, 0 and empty."""
    code = {"yes": "1", "no": "0", "NA": ""}
    return [{name: code.get(value, value) if name in QUESTIONS else value for name, value in death.items()} for death in deaths]


def write(path, deaths):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, list(deaths[0]))
        table.writeheader()
        table.writerows(deaths)


def made_up_interviews(header):
    """240 interviews with the columns of the page on WHO's questionnaires, in the order of their IDs."""
    draw = random.Random(16)
    answers = {"Id10019": ["male", "female", "ref"], "ageInYears": ["14", "15", "49", "50", "64", "65", "88", "999", "dk", ""],
               "Id10147": ["yes", "no", "dk", ""], "Id10148_c": ["0", "1", "14", "99", "dk", ""], "Id10120": ["0", "20", "21", "22", "99", "999", "dk", ""],
               "Id10173_nc": ["stridor", "grunting", "wheezing", "grunting stridor", " stridor  wheezing ", "dk", "ref", ""],
               "Id10077": ["yes", "no", "dk"], "Id10310": ["yes", "no", "ref", ""], "province": ["North", "South"], "cause": CAUSES[:4]}
    rows = [{name: draw.choice(answers.get(name.split("-")[-1], [""])) for name in header} for _ in range(240)]
    for number, row in enumerate(rows):
        row["meta-instanceID"] = f"uuid:{number + 3:03}"
        if row["cause"] == "Malaria":  # so that there is something to learn
            row["data-Id10147"] = "yes"
    return rows


def by_hand(death):
    """The symptoms of an interview, as y, n and a point, by the rules of the page."""
    value = {name.split("-")[-1]: text.strip() for name, text in death.items()}

    def said(code, yes=("yes",), no=("no",)):
        return "y" if value[code] in yes else "n" if value[code] in no else "."

    def number(code, holds, unknown):
        return "." if value[code] in ("", "dk", "ref", *unknown) else "y" if holds(float(value[code])) else "n"

    def word(code, wanted):
        return "." if value[code] in ("", "dk", "ref") else "y" if wanted in value[code].split() else "n"

    def either(*answers):
        return "y" if "y" in answers else "n" if "n" in answers else "."

    return {"male": said("Id10019", ["male"], ["female"]), "age_15_to_49": number("ageInYears", lambda age: 15 <= age < 50, ["999"]),
            "age_65": number("ageInYears", lambda age: age >= 65, ["999"]),
            "fever": either(said("Id10147"), number("Id10148_c", lambda days: days > 0, ["99"])),
            "acute": number("Id10120", lambda days: days < 21, ["99", "999"]), "stridor": word("Id10173_nc", "stridor"),
            "grunting": word("Id10173_nc", "grunting"), "injury": said("Id10077"), "pregnant": said("Id10310"), "smoker": "."}


def without_expected_numbers(text):
    """Shares of missing answers differ between the page's table and that of the test."""
    return re.sub(r"\d+ to \d+ %", "N %", text)


class OwnData(SystemTest):
    deaths = 100
    columns = ["--format", "encoded", "--label", "cause", "--set", "data.site=district",
               "--set", 'data.label_columns=["cause", "id", "age", "sex"]', "--models", "naive_bayes", "--bootstrap", "20"]

    def plan(self, deaths, *more):
        """What is read, said before the table of experiments."""
        table = self.folder / f"{self.id()}.csv"
        write(table, deaths)
        said = self.vaster("plan", "--data", table, *self.columns, *more).stdout
        return said.partition("\nindex ")[0]

    def test_every_command_of_the_page_on_own_data_runs(self):
        if not shutil.which("Rscript"):
            self.skipTest("R is not installed")
        page = (SOURCE / "docs/va/own-data.md").read_text()
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        self.assertEqual([text.count("\n") for language, text in blocks if language == "toml"], [8])
        place = self.folder / "own-data"
        place.mkdir()
        write(place / "deaths.csv", made_up_deaths())
        path = f"{pathlib.Path(VASTER).parent}:{SOURCE / 'scripts'}:{os.environ['PATH']}"
        script, printed = "", ""
        for language, text in [*blocks, ("sh", "")]:
            if language == "toml":
                (place / "study.toml").write_text(text)
            if language == "r":
                script += text
            elif script and language in ("toml", "sh"):  # R begins anew after each stay in the shell, as its user would not
                printed += self.run_in(place, ["Rscript", "-e", script], path)
                script = ""
            if language == "sh" and text:
                printed += self.run_in(place, ["bash", "-e", "-c", text], path)
        self.assertGreater(sum(language == "r" for language, _ in blocks), 4)
        for quoted in [text for language, text in blocks if not language][1:]:
            self.assertIn(without_expected_numbers(quoted.strip()), without_expected_numbers(printed))
        self.assertNotIn("warning:", printed)
        with open(place / "predictions.csv") as file:
            predictions = list(csv.DictReader(file))
        listed = re.findall(r"^\| (`.*?) \|", page.partition("has one row per death and experiment")[2].partition("Back in R")[0], re.MULTILINE)
        self.assertEqual([name for line in listed for name in re.findall(r"`(\w+)`", line)], list(predictions[0]))
        self.assertEqual({int(one["row"]) for one in predictions}, set(range(900)), "not every death is predicted")

    def run_in(self, place, words, path):
        done = subprocess.run(words, cwd=place, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "PATH": path})
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def test_plan_run_status_and_report_say_what_was_read(self):
        table = self.folder / "deaths.csv"
        write(table, coded(made_up_deaths()))
        size = "900 deaths, 3 sites (North 358, South 301, East 241), 10 causes, 40 symptoms, "
        self.assertTrue(self.vaster("plan", "--data", table, *self.columns).stdout.startswith(size))
        run = self.vaster("run", "--data", table, *self.columns, "--output", self.study, ranks=2)
        self.assertIn(size, run.stderr)
        self.assertNotIn(size, self.vaster("run", "--data", table, *self.columns, "--output", self.folder / "quiet.h5", "--quiet").stderr)
        table.unlink()  # the study file knows
        self.assertIn(f"\n{size}", self.vaster("status", self.study).stdout)
        self.assertIn(size, json.loads(self.vaster("status", self.study, "--json").stdout)["inventory"][0])
        self.vaster("report", self.study, "--figures", "none")
        page = (self.study.with_name(f"{self.study.stem}-report") / "index.html").read_text()
        self.assertIn("What was read", page)
        self.assertIn(size, page)
        self.assertIn("symptoms: q01, q02, ", page)

    def test_a_plan_as_csv_is_only_the_plan(self):
        table = self.folder / "plain.csv"
        write(table, coded(made_up_deaths()))
        self.assertTrue(self.vaster("plan", "--data", table, *self.columns, "--csv").stdout.startswith("index,"))

    def test_a_column_made_from_the_cause_is_warned_of(self):
        deaths = coded(made_up_deaths())
        for number, death in enumerate(deaths):
            death["is_malaria"] = str(int(death["cause"] == "Malaria"))
            death["not_stroke"] = "" if number % 7 == 0 else str(int(death["cause"] != "Stroke"))
            death["often_diabetes"] = str(int(death["cause"] == "Diabetes" and number % 10 > 0))
        said = self.plan(deaths)
        self.assertIn("warning: 'is_malaria' alone tells the cause 'Malaria'", said)
        self.assertIn("warning: 'not_stroke' alone tells the cause 'Stroke': it is absent in ", said)
        self.assertNotIn("often_diabetes' alone", said)

    def test_questions_that_nobody_answered_and_columns_that_are_no_symptoms_are_warned_of(self):
        deaths = coded(made_up_deaths())
        for number, death in enumerate(deaths):
            death["q03"] = death["q07"] = ""
            death["sex"] = str(number % 2)
        said = self.plan(deaths, "--set", 'data.label_columns=["cause", "id", "age"]')
        self.assertIn("warning: 2 symptoms without a single answer: q03, q07", said)
        self.assertIn("warning: a column is taken for a symptom: sex", said)

    def test_one_cause_one_site_and_rare_causes_are_warned_of(self):
        deaths = coded(made_up_deaths())
        rare = [dict(deaths[0], cause="Rabies"), *deaths]
        self.assertIn("warning: 1 cause has fewer than 5 deaths: Rabies 1", self.plan(rare))
        self.assertIn("warning: 1 cause occurs at one site only: Rabies (North)", self.plan(rare))
        said = self.plan([dict(death, cause="Malaria", district="North") for death in deaths], "--types", "in_domain")
        self.assertIn("warning: all deaths have the one cause 'Malaria'", said)
        self.assertIn("warning: all deaths are of the one site 'North'", said)

    # ---- vaster data

    def shell(self, line):
        """A command line as a user would paste it, with models that take no time."""
        path = f"{pathlib.Path(VASTER).parent}:{SOURCE / 'scripts'}:{os.environ['PATH']}"
        done = subprocess.run(["bash", "-c", f"{line} --models naive_bayes"], cwd=self.folder, capture_output=True, text=True,
                              timeout=PATIENCE, env={**os.environ, "PATH": path})
        self.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")
        return done.stdout + done.stderr

    def advised(self, *arguments, code=0):
        """What `vaster data` says, and its last line."""
        said = self.vaster("data", *arguments, code=code).stdout
        return said, said.strip().splitlines()[-1].strip()

    def test_a_table_of_ones_own_is_read_at_the_second_try(self):
        table = self.folder / "first try.csv"
        write(table, made_up_deaths())
        refused = self.vaster("run", "--data", table.name, code=65).stderr
        self.assertIn("there is no column 'site'", refused)
        second = refused.strip().splitlines()[-1].strip()
        self.assertTrue(second.startswith("--data 'first try.csv' --format encoded"), refused)
        said = self.shell(f"vaster run {second} --types in_domain --bootstrap 20 --output {self.study}")
        self.assertIn("900 deaths, 3 sites (North 358, South 301, East 241), 10 causes, 40 symptoms, ", said)
        said, last = self.advised(table.name)
        self.assertEqual(last, f"vaster run {second}")
        self.assertIn("not used: age, sex; ", said)

    def test_tables_of_many_sorts_are_read_by_the_last_line(self):
        def changed(names, code, delimiter=",", more=lambda number: {}):
            rows = []
            for number, death in enumerate(made_up_deaths()):
                row = {names.get(name, name): code.get(value, value) if name in QUESTIONS else value for name, value in death.items()
                       if names.get(name, name)}
                rows.append({**row, **more(number)})
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
            return text.getvalue()

        letters = {"yes": "Y", "no": "N", "NA": "-"}
        numbers = {"yes": "1", "no": "0", "NA": "9"}
        tables = {
            "semicolons of Excel": (changed({"district": "Region", "cause": "COD"}, letters, ";"), "900 deaths, 3 sites"),
            "numbers for not known": (changed({"id": "death_id"}, numbers), "900 deaths, 3 sites"),
            "yes is 1 and no is 2": (changed({"district": "hospital"}, {"yes": "1", "no": "2", "NA": ""}), "900 deaths, 3 sites"),
            "two codings": (changed({}, {}, more=lambda n: {"female": n % 2}), "41 symptoms"),
            "no sites": (changed({"district": ""}, letters), "1 site"),
            "IDs twice": (changed({}, letters, more=lambda n: {"id": f"D{n // 2 if n < 300 else n}"}), "150 IDs in column 'id'"),
            "IDs at two sites": (changed({}, letters, more=lambda n: {"id": f"D{n % 450}"}), "the first of each ID is used"),
            "rows of R": (changed({}, {"yes": "TRUE", "no": "FALSE"}, more=lambda n: {"": n + 1}), "40 symptoms"),
            "ticks": (changed({}, {"yes": "1", "no": "", "NA": ""}), "no answer missing"),
            "nameless columns": (changed({"district": "x", "cause": "y"}, letters), "3 sites"),
            "two spellings": (changed({}, letters, more=lambda n: {"cause": "Stroke" if n % 3 else "STROKE"} if n % 2 else {}), "10 causes"),
            "deaths without a cause": (changed({}, letters, more=lambda n: {"cause": "NA"} if n % 9 == 0 else {}), "100 of 900 rows left out"),
        }
        for name, (text, expected) in tables.items():
            with self.subTest(name):
                (self.folder / f"{name}.csv").write_text(text)
                said, last = self.advised(f"{name}.csv")
                self.assertIn(expected, said)
                self.assertIn(expected, self.shell(last.replace("vaster run", "vaster plan")))
                if name not in ("numbers for not known", "no sites"):
                    continue
                toml = self.folder / f"{name}.toml"
                toml.write_text(self.vaster("data", f"{name}.csv", "--toml").stdout)
                self.assertIn(expected, self.vaster("plan", toml, "--models", "naive_bayes").stdout)

    def test_data_says_what_is_in_the_way_and_what_the_user_has_told_is_kept(self):
        table = self.folder / "told.csv"
        write(table, [dict(death, second=death["cause"][:1]) for death in made_up_deaths()])
        said, last = self.advised(table.name, "--label", "second", "--set", "design.repeats=3", "--models", "insilico")
        self.assertIn("--label second", last)
        self.assertTrue(last.endswith("--models insilico --set design.repeats=3") or last.endswith("--set design.repeats=3 --models insilico"), last)
        self.assertIn('data.label_columns = ["second", "cause", "age", "sex"]', said)
        table.write_text(table.read_text() + "D1,North\n")
        said, last = self.advised(table.name, code=65)
        self.assertIn("line 902, column 3 (cause): the row has 2 cells, the header has 46", said)
        self.assertIn("first 900 rows", said)
        facts = json.loads(self.vaster("data", table.name, "--json", code=65).stdout)
        self.assertEqual((facts["can_be_read"], facts["command"]), ("no", last))
        self.assertEqual({row["use"] for row in facts["tables"]["columns"] if row["column"] in QUESTIONS}, {"symptom"})
        write(table, [{name: value for name, value in death.items() if name != "cause"} for death in made_up_deaths()])
        self.assertEqual(self.advised(table.name, code=65)[1], "vaster predict MODEL.h5 told.csv --output causes")
        self.assertIn("cannot open", self.vaster("data", "no-such.csv", code=74).stderr)

    def test_both_ways_of_the_page_on_questionnaires_give_the_same_symptoms(self):
        if not shutil.which("Rscript"):
            self.skipTest("R is not installed")
        page = (SOURCE / "docs/va/who.md").read_text()
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        texts = {language: [text for other, text in blocks if other == language] for language in ("", "csv", "r", "sh")}
        place = self.folder / "who"
        place.mkdir()
        (place / "rules.csv").write_text(texts["csv"][0])
        header = texts[""][1].splitlines()[0].split(",")
        deaths = made_up_interviews(header)
        shown = [dict(zip(header, line.split(","))) for line in texts[""][1].splitlines()[1:]]
        write(place / "export.csv", [*shown, *deaths])
        # The first way's file, made from the same answers by other code than vaster's.
        converted = [{"ID": death["meta-instanceID"], **by_hand(death)} for death in [*shown, *deaths]]
        self.assertEqual(list(converted[0])[1:], list(dict.fromkeys(line.split(",")[0] for line in texts["csv"][0].splitlines()[1:])))
        write(place / "converted.csv", converted)
        write(place / "causes.csv", [{"ID": death["meta-instanceID"], "province": death["province"], "cause": death["cause"]} for death in [*shown, *deaths]])
        path = f"{pathlib.Path(VASTER).parent}:{SOURCE / 'scripts'}:{os.environ['PATH']}"
        self.run_in(place, ["Rscript", "-e", texts["r"][0]], path)
        said = "".join(self.run_in(place, ["bash", "-e", "-c", text], path) for text in texts["sh"])
        self.assertIn("1 optional question of the rules is not in the data, and missing everywhere: Id10412", said)
        self.assertIn("With these keys this is read:\n  242 deaths, 2 sites", said)
        ways = [self.vaster("export", place / name, "--predictions").stdout.splitlines() for name in ("converted.h5", "rules.h5")]
        ids = [{line.split(",")[0] for line in way} for way in ways]
        self.assertEqual(*ids)
        self.assertEqual(*[[line.split(",")[-6:] for line in way] for way in ways], "the symptoms differ")
        refused = self.vaster("plan", "--data", place / "export.csv", "--format", "encoded", "--label", "cause", code=65).stderr
        self.assertIn("question codes of the WHO questionnaire, such as 'data-Id10019'", refused)

    def test_studies_of_other_kinds_say_what_they_have_read(self):
        drill = self.vaster("plan", "--kind", "drill", "--set", "drill.experiments=3").stdout
        self.assertTrue(drill.startswith("no data: 3 experiments"), drill)
        evolve = self.vaster("plan", "--kind", "evolve", "--set", "data.bars=600").stdout.partition("\nindex ")[0]
        self.assertRegex(evolve, r"^bars of 1 asset\n[A-Z]+: 600 bars from \S+ to \S+, ")


if __name__ == "__main__":
    unittest.main()
