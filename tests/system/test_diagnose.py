"""`vaster diagnose` against scikit-learn and SciPy, on a simulated cohort and on the real one."""

import csv
import io
import json
import pathlib
import subprocess
import unittest

from system import SHARED, SystemTest

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-sklearn is for
PEER = pathlib.Path(__file__).with_name("diagnose_peer.py")


class Diagnose(SystemTest):
    deaths = 3000

    def check_against_peer(self, data):
        result = self.folder / f"{self.id()}.json"
        self.vaster("diagnose", "--data", data, "--format", "encoded", "--top", 0, "--json", "--output", result)
        peer = subprocess.run([PYTHON, PEER, data, result], capture_output=True, text=True)
        if peer.returncode in (77, 127):
            self.skipTest("python3-sklearn, python3-scipy and python3-pandas are not installed")
        self.assertEqual(peer.returncode, 0, peer.stdout + peer.stderr)
        return json.loads(result.read_text())

    def test_a_simulated_cohort_gives_its_sites_away_and_the_figures_are_those_of_others(self):
        found = self.check_against_peer(self.cohort)
        self.assertGreater(found["accuracy"], found["largest_site_share"] + 0.2)
        never_asked = {row["symptom"] for row in found["tables"]["missingness"] if row["missing_at_site"] == 1}
        self.assertTrue(never_asked, "the simulation leaves questions out at some sites")
        first = [row["symptom"] for row in found["tables"]["missingness"] if row["rank"] <= 3]
        self.assertTrue(never_asked.issuperset(first), f"{first} are asked everywhere")

    def test_the_figures_of_the_real_data_are_those_of_others(self):
        data = SHARED / "data/phmrc_adult_encoded.csv"
        if not data.exists():
            self.skipTest("the real data are not here")
        self.check_against_peer(data)

    def test_the_raw_release_has_the_figures_that_the_document_shows(self):
        data = SHARED / "data/phmrc_adult.csv"
        if not data.exists():
            self.skipTest("the real data are not here")
        text = self.vaster("diagnose", "--data", data, "--top", 10).stdout
        document = (pathlib.Path(__file__).resolve().parents[2] / "docs/va/missing-data.md").read_text()
        for line in text.splitlines():
            if not line.startswith("/"):  # notes name the file
                self.assertIn(line, document)

    def test_the_answers_tell_the_site_too_by_another_count(self):
        flags = ["diagnose", "--data", self.cohort, "--format", "encoded", "--json"]
        found = {seen: json.loads(self.vaster(*flags, "--seen", seen).stdout) for seen in ("missing", "answers")}
        self.assertEqual(found["answers"]["seen"], "answers")
        self.assertGreater(found["answers"]["accuracy"], found["answers"]["largest_site_share"])
        self.assertNotEqual(found["answers"]["accuracy"], found["missing"]["accuracy"])
        self.assertEqual(found["answers"]["tables"]["differences"], found["missing"]["tables"]["differences"])

    def test_features_of_a_release_are_refused_elsewhere(self):
        flags = ["diagnose", "--data", self.cohort, "--format", "encoded", "--set", "data.features=closed,words"]
        self.assertIn("for the raw releases", self.vaster(*flags, code=78).stderr)

    def test_csv_has_the_rows_that_were_asked_for(self):
        lines = list(csv.DictReader(io.StringIO(self.vaster(
            "diagnose", "--data", self.cohort, "--format", "encoded", "--sites", "AP,Dar", "--top", 4, "--csv").stdout)))
        self.assertEqual([line["rank"] for line in lines], ["1", "1", "2", "2", "3", "3", "4", "4"])
        self.assertEqual({line["site"] for line in lines}, {"AP", "Dar"})

    def test_what_cannot_be_diagnosed_is_refused(self):
        flags = ["diagnose", "--data", self.cohort, "--format", "encoded"]
        self.assertIn("must be two or more", self.vaster(*flags, "--sites", "AP", code=78).stderr)
        self.assertIn("Nowhere is not in the data", self.vaster(*flags, "--sites", "AP,Nowhere", code=78).stderr)
        self.vaster(*flags, "--classifier", "oracle", code=64)


if __name__ == "__main__":
    unittest.main()
