"""`vaster report`: what is in the folder, where its numbers come from, what it refuses."""

import collections
import csv
import io
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import unittest

from system import VASTER, SystemTest

TABLES = ("means", "differences", "mcnemar", "transfer", "gaps", "learning_curve", "holes", "baselines", "verdict")


class Report(SystemTest):
    deaths = 1500

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = cls.folder / "whole.h5"
        subprocess.run([VASTER, "run", "--data", str(cls.cohort), "--format", "encoded", "--models", "naive_bayes,insilico",
                        "--set", "models.insilico.iterations=400", "--set", "models.insilico.starts=2", "--bootstrap", "2",
                        "--sites", "AP,Dar", "--quiet", "--output", str(cls.whole)], check=True)
        cls.part = cls.folder / "part.h5"
        subprocess.run([VASTER, "run", "--set", "study.kind=drill", "--set", "drill.experiments=4", "--set", "drill.seconds=0.01",
                        "--set", "drill.faults=[\"error:2\"]", "--retries", "0", "--quiet", "--output", str(cls.part)])

    def report(self, *arguments, code=0, **kwargs):
        return self.vaster("report", *arguments, code=code, **kwargs)

    def made(self, *studies, output="made"):
        """A report without static pictures: its folder."""
        folder = self.folder / f"{self.id()}-{output}"
        said = self.report(*studies, "--figures", "none", "--output", folder)
        self.assertIn(f"Report: {folder / 'index.html'}", said.stdout)
        return folder

    def page_data(self, folder):
        page = (folder / "index.html").read_text()
        found = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page, re.S)
        return json.loads(found.group(1))

    def table(self, folder, name):
        return list(csv.DictReader(io.StringIO((folder / f"tables/{name}.csv").read_text())))

    def test_tables_are_those_of_compare_and_export(self):
        folder = self.made(self.whole)
        for name in TABLES:
            self.assertEqual((folder / "tables" / f"{name}.csv").read_text(),
                             self.vaster("compare", self.whole, "--csv", "--table", name).stdout, name)
        self.assertEqual((folder / "tables/experiments.csv").read_text(), self.vaster("export", self.whole, "--csv").stdout)
        data = self.page_data(folder)
        for name, text in data["tables"].items():
            self.assertEqual(text, (folder / "tables" / f"{name}.csv").read_text(), name)

    def test_counts_by_cause_are_those_of_the_predictions(self):
        folder = self.made(self.whole)
        pooled = {}
        types = {row["index"]: (row["type"], row["model"]) for row in self.rows(self.whole)}
        for row in csv.DictReader(io.StringIO(self.vaster("export", self.whole, "--predictions").stdout)):
            if types[row["index"]][0] != "training_size":
                cell = (*types[row["index"]], row["true_cause"], row["cause1"])
                pooled[cell] = pooled.get(cell, 0) + 1
        found = {(row["type"], row["model"], row["true_cause"], row["top_cause"]): int(row["deaths"])
                 for row in self.table(folder, "confusion")}
        self.assertEqual(found, pooled)
        for row in self.table(folder, "causes"):
            mine = {cell: n for cell, n in pooled.items() if cell[:2] == (row["type"], row["model"])}
            deaths = sum(n for cell, n in mine.items() if cell[2] == row["cause"])
            predicted = sum(n for cell, n in mine.items() if cell[3] == row["cause"])
            right = mine.get((row["type"], row["model"], row["cause"], row["cause"]), 0)
            self.assertEqual([int(row[name]) for name in ("deaths", "predicted", "right")], [deaths, predicted, right])
            self.assertAlmostEqual(float(row["csmf_bias"]), (predicted - deaths) / sum(mine.values()))
            self.assertAlmostEqual(float(row["sensitivity"] or "nan"), right / deaths) if deaths else self.assertEqual(row["sensitivity"], "")

    def test_calibration_is_that_of_the_predictions(self):
        folder = self.made(self.whole)
        experiments = {row["index"]: row for row in self.rows(self.whole)}
        tenths, sites = collections.defaultdict(list), collections.defaultdict(lambda: collections.defaultdict(list))
        for row in csv.DictReader(io.StringIO(self.vaster("export", self.whole, "--predictions").stdout)):
            of = experiments[row["index"]]
            if of["type"] != "training_size":
                told = float(row["probability1"])
                death = (told, row["true_cause"] == row["cause1"])
                tenth = next(k for k in reversed(range(10)) if told >= k / 10)
                tenths[of["type"], of["model"], tenth].append(death)
                sites[of["type"], of["model"]][of["train_site"]].append((tenth, *death))
        mean = statistics.fmean
        curve = {key: (len(deaths), mean(told for told, _ in deaths), mean(right for _, right in deaths)) for key, deaths in tenths.items()}
        found = {(row["type"], row["model"], round(10 * float(row["from"]))): row for row in self.table(folder, "calibration")}
        self.assertEqual(set(found), set(curve))
        for key, (n, told, right) in curve.items():
            self.assertEqual(int(found[key]["deaths"]), n)
            self.assertAlmostEqual(float(found[key]["stated"]), told, places=12)
            self.assertAlmostEqual(float(found[key]["came_true"]), right, places=12)

        def error(deaths):
            parts = [[death for death in deaths if death[0] == k] for k in range(10)]
            return sum(len(part) / len(deaths) * abs(mean(told for _, told, _ in part) - mean(right for _, _, right in part))
                       for part in parts if part)

        for row in self.table(folder, "calibration_errors"):
            by_site = sites.pop((row["type"], row["model"]))
            everything = [death for deaths in by_site.values() for death in deaths]
            self.assertAlmostEqual(float(row["calibration_error"]), error(everything), places=12)
            self.assertAlmostEqual(float(row["sites_error"]), mean(map(error, by_site.values())), places=12)
            surplus = [mean(told - right for _, told, right in deaths) for deaths in by_site.values()]
            self.assertAlmostEqual(float(row["overconfidence"]), mean(surplus), places=12)
            half = 12.706204736 * statistics.stdev(surplus) / math.sqrt(2)  # Student's t with one degree of freedom
            for end, value in (("lo", mean(surplus) - half), ("hi", mean(surplus) + half)):
                self.assertAlmostEqual(float(row[f"overconfidence_{end}"]), max(-1, min(1, value)), places=6)
            self.assertLess(float(row["sites_error_lo"]), float(row["sites_error"]))
            self.assertLess(float(row["sites_error"]), float(row["sites_error_hi"]))
        self.assertFalse(sites)

    def test_the_folder_has_what_the_page_links_to(self):
        folder = self.made(self.whole)
        page = (folder / "index.html").read_text()
        for link in re.findall(r'href="((?:tables|figures)/[^"]+)"', page):
            self.assertTrue((folder / link).is_file(), link)
        self.assertEqual(sorted(entry.name for entry in folder.iterdir()), ["figures", "index.html", "report.json", "tables"])
        self.assertNotRegex(page, r'(?:src|href)="https?:')
        about = json.loads((folder / "report.json").read_text())
        self.assertEqual(about["filetype"], "vaster-report")
        names = [section["name"] for section in about["studies"][0]["sections"]]
        self.assertEqual(names, ["data", "means", "gaps", "transfer-csmf_accuracy", "transfer-cod_accuracy", "causes", "confusion",
                                 "calibration", "differences", "learning", "convergence", "account", "run-time"])
        figures = {figure["name"] for section in about["studies"][0]["sections"] for figure in section["figures"]}
        self.assertEqual(figures, set(self.page_data(folder)["figures"]))
        self.assertEqual(figures, {path.name[:-len(".vl.json")] for path in (folder / "figures").iterdir()})
        self.assertTrue({"means-cod_accuracy", "transfer-cod_accuracy-insilico", "gaps-cod_accuracy", "confusion", "timeline",
                         "learning-training_size-cod_accuracy", "sensitivity-out_domain", "bias-out_domain", "calibration-out_domain", "convergence",
                         "differences-out_domain-cod_accuracy", "utilisation", "longest", "memory"} <= figures, figures)

    def test_the_same_study_gives_the_same_bytes(self):
        first, second = self.made(self.whole, output="first"), self.made(self.whole, output="second")
        for path in first.rglob("*.*"):
            self.assertEqual(path.read_bytes(), (second / path.relative_to(first)).read_bytes(), path)

    def test_a_study_of_another_kind_with_a_failure(self):
        folder = self.made(self.part)
        page = (folder / "index.html").read_text()
        self.assertIn("UNFINISHED: of 4 experiments 0 have no result yet and 1 failed", page)
        self.assertIn("experiment 2 fails as drill.faults asks", page)
        self.assertIn("Mean value".lower(), page.lower())
        about = json.loads((folder / "report.json").read_text())
        self.assertEqual([section["name"] for section in about["studies"][0]["sections"]], ["data", "summary", "account", "run-time"])

    def test_strategies_that_evolve(self):
        self.vaster("run", "--set", "study.kind=evolve", "--set", "data.simulated=regimes", "--set", "data.bars=3000", "--set",
                    "evolution.population=12", "--set", "evolution.generations=4", "--set", "validation.windows=2", "--set",
                    'strategies.seeds=["EMA_Crossover", "Bollinger_Bands"]', "--quiet", "--output", self.study)
        folder = self.made(self.study)
        rows = self.rows()
        newborn, fittest, best = {}, {}, {}
        for row in rows:
            newborn.setdefault((row["window"], row["generation"]), []).append(row)
            if row["window"] not in fittest or float(row["fitness"]) > float(fittest[row["window"]]["fitness"]):
                fittest[row["window"]] = row
        generations = self.table(folder, "generations")
        self.assertEqual([(row["window"], row["generation"]) for row in generations], sorted(newborn))
        for row in generations:
            members = newborn[row["window"], row["generation"]]
            fitness = [float(one["fitness"]) for one in members]
            best[row["window"]] = max([best.get(row["window"], -math.inf), *fitness])
            shares = [n / len(members) for n in collections.Counter(one["seed"] for one in members).values()]
            self.assertEqual(float(row["best_so_far"]), best[row["window"]])
            self.assertAlmostEqual(float(row["mean"]), statistics.mean(fitness))
            self.assertAlmostEqual(float(row["seed_bits"]), -sum(share * math.log2(share) for share in shares))
            self.assertEqual([row["newborn"], row["evaluated"], row["failed"]], [str(len(members)), str(len(members)), "0"])
        for row in self.table(folder, "seed_shares"):
            members = newborn[row["window"], row["generation"]]
            self.assertEqual(int(row["newborn"]), sum(one["seed"] == row["seed"] for one in members))
        for row in self.table(folder, "genes"):
            if row["gene"] == "fast_ema_period":
                genes = [float(one["gene_1"]) for one in newborn[row["window"], row["generation"]] if one["seed"] == row["seed"]]
                self.assertAlmostEqual(float(row["median"]), statistics.median(genes))
        found = {(row["window"], row["bars"], row["who"]): row["sharpe"] for row in self.table(folder, "out_of_sample")}
        self.assertEqual(found, {(window, bars, who): row[column] for window, row in fittest.items() for bars, who, column in (
            ("training", "fittest", "sharpe"), ("training", "holding", "hold_sharpe"), ("training", "placebo", "placebo_sharpe"),
            ("test", "fittest", "test_sharpe"), ("test", "holding", "test_hold_sharpe"))})
        about = json.loads((folder / "report.json").read_text())
        self.assertEqual([section["name"] for section in about["studies"][0]["sections"]],
                         ["data", "summary", "evolution", "diversity", "seeds", "genes", "out-of-sample", "health", "account", "run-time"])
        self.assertTrue({"best-so-far", "mean-fitness", "seed-diversity", "gene-diversity", "seed-shares", "sharpe-samples",
                         "return-samples", "in-and-out-of-sample", "health"} <= set(self.page_data(folder)["figures"]))
        self.assertIn("deflated", (folder / "index.html").read_text())

    def test_causes_are_called_by_their_names(self):
        names = self.folder / f"{self.id()}.csv"
        causes = sorted({row["true_cause"] for row in csv.DictReader(io.StringIO(
            self.vaster("export", self.whole, "--predictions").stdout))} | {str(i) for i in range(1, 35)})
        names.write_text("cause,name\n" + "".join(f"{cause},Cause {cause} by name\n" for cause in causes))
        raw, study = self.folder / f"{self.id()}-raw.csv", self.folder / f"{self.id()}.h5"
        self.vaster("simulate", "--deaths", "1500", "--output", raw)
        common = ["--models", "naive_bayes", "--types", "in_domain", "--sites", "AP", "--bootstrap", "2", "--quiet", "--output", study]
        for more, wanted in ((["--data", raw], "Stroke"),
                             (["--data", self.cohort, "--format", "encoded", "--set", f'data.cause_names="{names}"', "--overwrite"],
                              "Cause 30 by name")):
            self.vaster("run", *more, *common)
            folder = self.made(study, output=wanted[:5])
            for name, column in (("causes", "cause"), ("confusion", "true_cause")):
                self.assertIn(wanted, {row[column] for row in self.table(folder, name)})
            self.assertIn(wanted, (folder / "index.html").read_text())
        names.write_text("cause,name\n1,One\n")
        self.assertIn("have no name here", self.vaster("run", *more, *common, code=65).stderr)

    def test_studies_of_one_kind_stand_side_by_side(self):
        other = self.folder / f"{self.id()}.h5"
        self.vaster("run", "--data", self.cohort, "--format", "encoded", "--models", "naive_bayes", "--bootstrap", "2", "--sites", "AP,Dar",
                    "--set", "study.name=only bayes", "--quiet", "--output", other)
        folder = self.made(self.whole, other)
        about = json.loads((folder / "report.json").read_text())
        self.assertEqual([study["title"] for study in about["studies"]], ["Side by side: whole and only bayes", "whole", "only bayes"])
        self.assertEqual(about["studies"][0]["verdict"][-1]["title"], "What was compared")
        self.assertIn("they are level", json.dumps(about["studies"][0]["verdict"]))
        self.assertEqual({row["model"] for row in self.table(folder, "side-by-side-means")},
                         {"whole: naive_bayes", "whole: insilico", "only bayes: naive_bayes"})
        page = (folder / "index.html").read_text()
        self.assertIn("<h2>Verdict</h2>", page)
        self.assertIn("<title>Side by side: whole and only bayes - vaster report</title>", page)
        self.assertLess(page.index("<h2>Verdict</h2>"), page.index("<h2>What was run</h2>"))

    def test_two_studies_in_one_report(self):
        folder = self.made(self.whole, self.part)
        self.assertTrue((folder / "tables/whole-means.csv").is_file())
        self.assertTrue((folder / "tables/part-experiments.csv").is_file())
        self.assertTrue((folder / "figures/part-timeline.vl.json").is_file())
        self.assertEqual(len(json.loads((folder / "report.json").read_text())["studies"]), 2)

    def test_sections_without_data_say_so(self):
        self.vaster("run", "--data", self.cohort, "--format", "encoded", "--models", "naive_bayes", "--types", "in_domain",
                    "--sites", "AP,Dar", "--bootstrap", "2", "--output", self.study)
        page = (self.made(self.study) / "index.html").read_text()
        for sentence in ("tests no model at a site that it was not trained at", "There is no gap to be told",
                         "no results with several shares of the training part", "There are no two models",
                         "No finished experiment is of a model that samples"):
            self.assertIn(sentence, page)

    def test_a_folder_with_other_things_is_refused_and_kept(self):
        folder = self.folder / self.id()
        folder.mkdir()
        (folder / "precious.txt").write_text("precious")
        said = self.report(self.whole, "--figures", "none", "--output", folder, code=64)
        self.assertIn("has other things in it", said.stderr)
        self.assertEqual([entry.name for entry in folder.iterdir()], ["precious.txt"])
        for more in (["--overwrite"], []):  # then it is an earlier report
            self.report(self.part, "--figures", "none", "--output", folder, *more)
            self.assertEqual((folder / "precious.txt").read_text(), "precious")
            self.assertTrue((folder / "index.html").is_file())
        self.assertEqual([entry for entry in self.folder.iterdir() if entry.name.startswith(".")], [])
        self.assertIn("is a file", self.report(self.whole, "--output", self.cohort, code=64).stderr)
        self.assertIn("no folder", self.report(self.whole, "--output", self.folder / "a/b", code=74).stderr)

    def test_what_is_refused(self):
        output = self.folder / self.id()
        self.assertIn("'accuracy' is not a metric", self.report(self.whole, "--metric", "accuracy", "--output", output, code=64).stderr)
        self.report(self.cohort, "--output", output, code=65)
        self.report("absent.h5", "--output", output, code=74)
        self.assertFalse(output.exists())

    def test_the_summary_alone_makes_no_folder(self):
        said = self.report(self.whole, "--summary")
        self.assertIn("Mean accuracy per model", said.stdout)
        self.assertIn("VERDICT\nIn domain (trained and tested at the same site): 2 sites", said.stdout)
        self.assertFalse((self.folder / "whole-report").exists())

    def test_pictures_where_the_programs_are_and_a_note_where_not(self):
        tools = self.folder / f"{self.id()}-bin"
        tools.mkdir()
        folder = self.folder / self.id()
        said = self.report(self.part, "--output", folder, env={**os.environ, "PATH": str(tools)})
        self.assertIn("need the program node", said.stderr)
        self.assertIn("need the program node", (folder / "index.html").read_text())
        self.assertEqual(list(folder.glob("figures/*.svg")), [])
        if not shutil.which("node"):
            self.skipTest("node is not installed (Debian package nodejs)")
        (tools / "node").symlink_to(shutil.which("node"))
        said = self.report(self.part, "--output", folder, env={**os.environ, "PATH": str(tools)})
        self.assertIn("need the program rsvg-convert", said.stderr)
        for spec in folder.glob("figures/*.vl.json"):
            self.assertIn("<path", spec.with_name(spec.name[:-len(".vl.json")] + ".svg").read_text())
        if shutil.which("rsvg-convert"):
            self.assertEqual(self.report(self.part, "--output", folder).stderr, "")
            self.assertTrue((folder / "figures/timeline.png").read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
