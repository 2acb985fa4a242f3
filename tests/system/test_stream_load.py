"""Streams at given rates and at their peak: the same counts for any number of ranks, and latencies that count every wait."""

import csv
import io
import json
import random

from system import SystemTest
from test_stream import FIELDS, line


class StreamLoads(SystemTest):
    deaths = 100  # nothing here needs them

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        randomness = random.Random(12)
        cls.stream = cls.folder / "stream.senml"
        cls.stream.write_text("".join(line(number, randomness) + "\n" for number in range(900)))

    def arguments(self, name, mode, *more, jobs="AVG"):
        return ["run", "--set", "study.kind=stream", "--mode", mode, "--jobs", jobs, "--input", self.stream, "--sensor", "device",
                "--fields", ",".join(FIELDS), "--set", "latency.warm_up=100ms", "--output", f"{name}.h5", *more]

    def results(self, name):
        return self.exported(f"{name}.h5")

    def table(self, name, table):
        return list(csv.DictReader(io.StringIO(self.vaster("stream", "metrics", f"{name}.h5", "--csv", "--table", table).stdout)))

    def test_rates(self):
        more = ["--partitions", 2, "--rates", "1500,3000", "--set", "rate.seconds=500ms"]
        for ranks in (0, 2):
            self.vaster(*self.arguments(f"rate{ranks}", "rate", *more), ranks=ranks)
        self.assertEqual(self.results("rate0"), self.results("rate2"))
        rows = self.rows("rate2.h5")
        self.assertEqual([(float(row["offered_rate"]), int(row["records_in"])) for row in rows], [(1500, 900)] * 2 + [(3000, 1800)] * 2)
        for row in rows:
            self.assertEqual(int(row["left_out"]), float(row["offered_rate"]) / 10)
            self.assertGreaterEqual(float(row["latency_max"]), float(row["latency_p99"]))
            self.assertGreaterEqual(float(row["latency_p99"]), float(row["latency_p50"]))
            self.assertGreater(float(row["latency_p50"]), 0)
            self.assertGreaterEqual(float(row["latency_max"]), float(row["service_max"]))
        measured = sum(int(row["latency"]) for row in self.table("rate2", "latencies"))
        self.assertEqual(measured, sum(int(row["records_in"]) - int(row["left_out"]) for row in rows))
        metrics = json.loads(self.vaster("stream", "metrics", "rate2.h5", "--json").stdout)["tables"]["loads"]
        self.assertEqual([(load["offered_rate"], load["records"]) for load in metrics], [(1500, 1800), (3000, 3600)])
        self.assertGreaterEqual(metrics[0]["latency_max"], metrics[0]["latency_p99"])
        self.vaster("report", "rate2.h5", "--figures", "none")
        tables = self.folder / "rate2-report/tables"
        curves = list(csv.DictReader(io.StringIO((tables / "latency_curves.csv").read_text())))
        self.assertEqual([(row["percentile"], float(row["rate"])) for row in curves],
                         [(name, rate) for rate in (1500, 3000) for name in ("p50", "p99", "p999")])
        self.assertAlmostEqual(float(curves[1]["milliseconds"]), 1000 * metrics[0]["latency_p99"])
        self.assertFalse((tables / "peaks.csv").exists())

    def test_a_stall_is_the_wait_of_all_behind_it(self):
        self.vaster("stream", "rate", "NOP", self.stream, "--sensor", "device", "--rates", 1000, "--set", "rate.seconds=1s", "--set",
                    "latency.warm_up=0s", "--set", "stream.faults=stall:300:0.4", "--study", "stall.h5")
        row, = self.rows("stall.h5")
        # The sleep cannot be shorter: 200 of the 1000 records came in its first half and waited at least for the other one.
        self.assertGreaterEqual(float(row["latency_max"]), 0.39)
        self.assertGreaterEqual(float(row["latency_p99"]), 0.35)
        self.assertGreaterEqual(float(row["latency_p95"]), 0.3)
        worst = max(int(sample["arrived"]) - int(sample["done"]) for sample in self.table("stall", "backlog"))
        self.assertGreaterEqual(worst, 250)

    def test_poisson_arrivals_and_those_of_the_data_repeat(self):
        for name, more in [("poisson", ["--arrivals", "poisson", "--rates", 2000]), ("data", ["--arrivals", "data", "--set", "scale.time=400"])]:
            for run in (1, 2):
                self.vaster(*self.arguments(f"{name}{run}", "rate", "--partitions", 1, "--set", "rate.seconds=500ms", *more), ranks=run - 1)
            self.assertEqual(self.results(f"{name}1"), self.results(f"{name}2"))
            row, = self.rows(f"{name}1.h5")
            self.assertEqual(row["arrivals"], name)
            # Of the data: 4 a second, 400 times as fast, for 0.6 s, but for the broken ones.
            expected = 1200 if name == "poisson" else 1600 * 0.6
            self.assertAlmostEqual(int(row["records_in"]) / expected, 1, delta=0.12)

    def test_a_search_for_the_peak_says_what_a_pass_yields(self):
        short = ["--set", "peak.seconds=500ms", "--set", "peak.repeats=1", "--set", "latency.warm_up=0s"]
        self.vaster("stream", "peak", "AVG", self.stream, "--sensor", "device", "--fields", ",".join(FIELDS), "--study", "peak.h5", *short)
        self.vaster(*self.arguments("results", "results", "--partitions", 1))
        row, = self.rows("peak.h5")
        passed = [row for row in self.rows("results.h5") if row["step"] == "run"][0]
        for column in ("inputs", "gave", "none", "missing", "bad", "records_out", "bytes_out", "output_hash"):
            self.assertEqual(row[column], passed[column], column)
        self.vaster("report", "results.h5", "--figures", "none")
        errors = list(csv.DictReader(io.StringIO((self.folder / "results-report/tables/error_examples.csv").read_text())))
        self.assertEqual({row["kind"] for row in errors}, {"bad_json", "bad_number"})
        self.assertFalse((self.folder / "results-report/tables/loads.csv").exists())
        trials = self.table("peak", "trials")
        sustained = [float(trial["rate"]) for trial in trials if trial["verdict"] == "sustained"]
        self.assertEqual(float(row["peak_rate"]), max(sustained, default=0))
        self.assertEqual(row["partition"], "-1")
        self.assertEqual(float(row["largest_part_share"]), 1)

    def test_mistakes_are_named_together(self):
        text = self.vaster(*self.arguments("wrong", "rate", "--arrivals", "data", "--rates", "5", "--set", "output.directory=out", "--set",
                                           "stream.faults=stall:x:1"), code=78).stderr
        for part in ("rate.rates is given", "output.directory is given", "stream.faults has 'stall:x:1'"):
            self.assertIn(part, text)
        text = self.vaster(*self.arguments("wrong", "rate", "--rates", "0"), code=78).stderr
        self.assertIn("rate.rates", text)
        text = self.vaster(*self.arguments("wrong", "rate"), code=78).stderr
        self.assertIn("rate.rates is empty", text)
        text = self.vaster(*self.arguments("wrong", "peak", "--workers", "1.5,2,2"), code=78).stderr
        for part in ("peak.workers has 1.5", "names 2 twice"):
            self.assertIn(part, text)

    def test_a_stream_larger_than_memory_is_refused(self):
        text = self.vaster(*self.arguments("large", "rate", "--rates", "100", "--set", "input.memory=1KiB"), code=65).stderr
        self.assertIn('stream.mode = "rate" reads its records from memory', text)
        self.assertIn("more than input.memory", text)
