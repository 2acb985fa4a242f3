"""Streams: the same outputs for any number of ranks and partitions, whatever happens on the way."""

import contextlib
import csv
import io
import json
import random
import shutil
import sqlite3
import struct
import time

from system import SHARED, SOURCE, Job, SystemTest, by_the_clock

SENSORS = 17
FIELDS = ["temperature", "light"]


def line(number, randomness):
    """A record of our own making; now and then a value is missing, absent or no number, and a line is broken."""
    moment = 1_600_000_000_000 + 250 * number
    entries = [{"n": "device", "sv": f"d{randomness.randrange(SENSORS)}", "u": "string"}]
    for field in FIELDS:
        value = f"{randomness.gauss(20, 3):.3f}"
        fate = randomness.random()
        if fate < 0.03:
            continue
        entries.append({"n": field, "u": "u", "v": "null" if fate < 0.06 else "1,5" if fate < 0.08 else value})
    text = f"{moment}," + json.dumps({"e": entries, "bt": moment}, separators=(",", ":"))
    return text[:len(text) // 2] if randomness.random() < 0.02 else text


class Streams(SystemTest):
    deaths = 100  # nothing here needs them
    jobs = "AVG,KAL,NOP,SOM,ACC"
    on_disk = ["--set", "input.memory=10 kB", "--set", "input.block=600 B"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        randomness = random.Random(11)
        cls.lines = [line(number, randomness) for number in range(1500)]
        cls.stream = cls.folder / "stream.senml"
        cls.stream.write_text("\n".join(cls.lines) + "\n")

    def name(self, suffix=""):
        return self.id().rpartition(".")[2] + suffix

    def arguments(self, name, *more, source=None, jobs=None):
        return ["run", "--set", "study.kind=stream", "--jobs", jobs or self.jobs, "--input", source or self.stream, "--sensor", "device",
                "--fields", ",".join(FIELDS), "--set", "tasks.ACC.window=4", "--set", "run.retry_delay=50ms",
                "--partitions", "6", "--output", f"{name}.h5", "--set", f"output.directory={name}", *more]

    def outputs(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / name).iterdir())}

    def states(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / f"{name}.h5.stream").glob("*.state"))}

    def expected(self):
        if not (self.folder / "whole.h5").exists():
            self.vaster(*self.arguments("whole", "--partitions", "64"))
        return self.outputs("whole")

    def sums(self, study):
        """Counts of each job over its partitions."""
        sums = {}
        for row in self.rows(study):
            if row["status"] == "done" and row["step"] == "run":
                job = sums.setdefault(row["job"], {})
                for name in ("records_in", "good", "broken", "inputs", "gave", "none", "filtered", "missing", "bad", "records_out", "errors"):
                    job[name] = job.get(name, 0) + int(row[name])
        return sums

    def compare(self, file, oracle, columns=None):
        """Texts must be equal, numbers within a relative 1e-9."""
        ours, theirs = (list(csv.reader(io.StringIO(path.read_text()))) for path in (file, oracle))
        self.assertEqual(len(ours), len(theirs), file)
        for number, (own, wanted) in enumerate(zip(ours[1:], theirs[1:])):
            for cell, other in zip(own[:columns], wanted, strict=True):
                if cell == other:
                    continue
                for x, y in zip(cell.split("#"), other.split("#"), strict=True):
                    self.assertLessEqual(abs(float(x) - float(y)), 1e-9 * max(abs(float(x)), abs(float(y))), f"{file}, row {number}")

    def test_dataflows_yield_what_an_independent_implementation_yields(self):
        oracles = SHARED / "reference/stream"
        if not oracles.exists():
            self.skipTest("the oracles are not beside the checkout")
        ranges = "temperature:-12.5:43.1,humidity:10.7:95.2,light:1345:26282,dust:186.61:5188.21,airquality_raw:17:363"
        observed = "temperature,humidity,light,dust,airquality_raw"
        sys = ["--sensor", "source", "--fields", observed, "--set", "dataflows.ETL.meta=longitude,latitude", "--set", f"dataflows.ETL.ranges={ranges}",
               "--set", f"dataflows.ETL.annotations={oracles}/sys.annotations.txt", "--set", "dataflows.ETL.added=location,type"]
        name = self.name()
        self.vaster(*self.arguments(name, *sys, source=oracles / "sys.senml.csv", jobs="ETL,STATS"))
        self.compare(self.folder / name / "ETL.csv", oracles / "expected/sys_etl.csv")
        self.compare(self.folder / name / "STATS.csv", oracles / "expected/sys_stats.csv")
        edges = {(row["job"], row["from"], row["to"]): [0, 0, 0, 0] for row in self.edges(name)}
        for row in self.edges(name):
            for place, column in enumerate(("in", "out", "none", "error")):
                edges[row["job"], row["from"], row["to"]][place] += int(row[column])
        counts = json.loads((oracles / "expected/summary.json").read_text())["sys_etl"]["counts"]
        self.assertEqual(edges["ETL", "source", "SML"][0], counts["parsed"])
        self.assertEqual(edges["ETL", "JOIN", "ANN"][:2], [counts["annotated"], counts["out"]])
        filled = 5 * counts["out"] - counts["absent"]
        self.assertEqual(edges["ETL", "BLF", "INP"], [filled, filled, counts["unfilled"], 0])

        for data, sensor, fields, target, window, begin, length, limits in [
                ("taxi", "taxi_identifier", "trip_time_in_secs,trip_distance", "fare_amount", 10, 1358121600000, 300000,
                 "trip_time_in_secs:60:3155,trip_distance:0.5:29.86,fare_amount:2.5:201"),
                ("sys", "source", "temperature,humidity,light", "airquality_raw", 5, 1422748800000, 40000, ranges)]:
            common = ["--sensor", sensor, "--fields", f"{fields},{target}", "--partitions", "5"]
            source = oracles / f"{data}.senml.csv"
            models = self.folder / f"{data}-models"
            self.vaster(*self.arguments(f"{data}-train", *common, "--set", f"dataflows.TRAIN.target={target}", "--set", f"dataflows.TRAIN.from={begin}",
                                        "--set", f"dataflows.TRAIN.every={length}", "--set", "dataflows.TRAIN.windows=1",
                                        "--set", f"dataflows.TRAIN.ranges={limits}", "--set", f"dataflows.TRAIN.models={models}", source=source, jobs="TRAIN"))
            row, = csv.DictReader(io.StringIO((self.folder / f"{data}-train/TRAIN.csv").read_text()))
            model = json.loads((oracles / f"expected/{data}_train_pred.model.json").read_text())
            self.assertEqual(int(row["rows"]), model["rows"])
            for own, wanted in zip([row["intercept"], *row["coefficients"].split("#")], model["intercept_then_coefficients"], strict=True):
                self.assertAlmostEqual(float(own) / wanted, 1, delta=1e-9)
            self.assertEqual([float(cut) for cut in row["cuts"].split("#")], model["cuts"])
            self.vaster(*self.arguments(f"{data}-pred", *common, "--set", f"dataflows.PRED.models={models}", "--set", f"dataflows.PRED.window={window}",
                                        "--set", f"dataflows.PRED.ranges={limits}", source=source, jobs="PRED"))
            self.compare(self.folder / f"{data}-pred/PRED.csv", oracles / f"expected/{data}_train_pred.csv", columns=5)

    def test_sinks_of_dataflows_hold_what_their_outputs_say(self):
        annotations = self.folder / self.name(".txt")
        annotations.write_text("".join(f"d{number}:place {number}\n" for number in range(SENSORS - 3)))

        def run(name, *more, ranks=1):
            self.vaster(*self.arguments(name, "--set", f"dataflows.ETL.annotations={annotations}", "--set", "dataflows.ETL.insert=true",
                                        "--set", "dataflows.ETL.publish=true", "--set", "dataflows.STATS.plots=true",
                                        "--set", "dataflows.STATS.plot_files=2", "--set", f"io.directory={name}-near",
                                        "--set", f"io.remote_directory={name}-far", *more, jobs="ETL,STATS"), ranks=ranks)
            return {place: {path.name: path.read_bytes() for path in (self.folder / f"{name}-{place}/STATS").glob("*/*.zip")} for place in ("near", "far")}

        name = self.name()
        archives = run(name, ranks=2)
        rows = [tuple(row.values())[1:] for row in csv.DictReader(io.StringIO((self.folder / name / "ETL.csv").read_text()))]
        self.assertGreater(len(rows), 1000)
        tabled, published = [], []
        for folder in (self.folder / f"{name}-near/ETL").iterdir():
            with contextlib.closing(sqlite3.connect(folder / "records.sqlite")) as table:
                tabled += table.execute("SELECT CAST(timestamp AS TEXT), sensor, temperature, light, annotation1 FROM records").fetchall()
            log = (folder / "etl.log").read_bytes()
            while log:
                size, _ = struct.unpack("<II", log[:8])
                moment, _, pack = log[8:8 + size].decode().partition(",")
                published.append((moment, *(entry.get("sv", entry.get("v")) for entry in json.loads(pack)["e"])))
                log = log[8 + size:]
        self.assertEqual(sorted(tabled), sorted(rows))
        self.assertEqual(sorted(published), sorted(rows))
        sums = {}
        for edge in self.edges(name):
            at = sums.setdefault((edge["job"], edge["from"], edge["to"]), [0, 0])
            at[0] += int(edge["in"])
            at[1] += int(edge["out"])
        for ends in (("ANN", "ATI"), ("ANN", "C2S"), ("C2S", "MQP")):
            self.assertEqual(sums["ETL", *ends], [len(rows)] * 2, ends)
        self.assertEqual(sums["STATS", "PLT", "LZP"][0], sums["STATS", "ACC", "PLT"][1])
        self.assertEqual(sums["STATS", "LZP", "ABU"], [len(archives["near"])] * 2)
        self.assertGreater(len(archives["near"]), SENSORS)
        self.assertEqual(archives["near"], archives["far"])
        self.assertEqual(run(f"{name}-3", "--partitions", 3), archives)

    def test_models_of_a_study_are_used_in_it(self):
        train = ["--set", "dataflows.TRAIN.target=light", "--set", "dataflows.TRAIN.from=1600000000000", "--set", "dataflows.TRAIN.every=100000"]
        apart, models = self.name("-apart"), self.folder / self.name("-models")
        self.vaster(*self.arguments(apart, *train, "--set", f"dataflows.TRAIN.models={models}", jobs="TRAIN"))
        self.vaster(*self.arguments(f"{apart}-pred", "--set", f"dataflows.PRED.models={models}", jobs="PRED"))
        expected = {**self.outputs(apart), **self.outputs(f"{apart}-pred")}
        self.assertGreater(len(expected["PRED.csv"]), 10000)
        for ranks in (1, 3):
            name = self.name(f"-{ranks}")
            # Whatever lies in the folder from before is not taken for models of this study.
            shutil.copytree(models, self.folder / f"{name}-io/TRAIN/00000")
            (self.folder / f"{name}-io/TRAIN/00000/light-MLR-1.json").write_bytes((models / "light-MLR-1600000100000.json").read_bytes())
            arguments = self.arguments(name, *train, "--set", f"io.directory={name}-io", jobs="PRED,TRAIN")
            self.vaster(*arguments, ranks=ranks)
            self.assertEqual(self.outputs(name), expected, f"{ranks} ranks")
        runs = {row["job"]: row for row in self.rows(self.folder / f"{name}.h5") if row["step"] == "run"}
        self.assertEqual(runs["PRED"]["parts"], runs["TRAIN"]["output_hash"])
        shutil.rmtree(self.folder / f"{name}-io")
        shutil.rmtree(self.folder / f"{name}.h5.stream")
        (self.folder / name / "PRED.csv").unlink()
        self.vaster(*arguments, "--resume")
        self.assertEqual(self.outputs(name), expected)
        done = self.vaster(*self.arguments(self.name("-alone"), jobs="PRED"), code=78)
        self.assertIn("TRAIN must be among stream.jobs", done.stderr)

    def edges(self, name):
        """The edges of all partitions, with the names of tasks."""
        return list(csv.DictReader(io.StringIO(self.vaster("export", f"{name}.h5", "--array", "edges").stdout)))

    def test_the_keys_are_documented(self):
        printed = self.vaster("config", "--markdown", "--kind", "stream").stdout
        self.assertIn(printed, (SOURCE / "docs/stream/config.md").read_text(),
                      "run: vaster config --markdown --kind stream, and put it into docs/stream/config.md")

    def test_any_number_of_ranks_and_of_partitions_yields_the_same_bytes(self):
        expected = self.expected()
        self.assertEqual(len(expected), 5)
        self.assertGreater(min(map(len, expected.values())), 1000)
        for ranks in (1, 2, 3):
            shutil.rmtree(self.folder / "whole")
            self.vaster(*self.arguments("whole", "--overwrite", "--partitions", "64"), ranks=ranks)
            self.assertEqual(self.outputs("whole"), expected, f"{ranks} ranks")
            export = self.exported(self.folder / "whole.h5")
            self.assertEqual(export, getattr(self, "first_export", export), f"{ranks} ranks")
            self.first_export = export
        for partitions in (1, 3):
            name = self.name(f"-{partitions}")
            self.vaster(*self.arguments(name, "--partitions", partitions))
            self.assertEqual(self.outputs(name), expected, f"{partitions} partitions")
            self.assertEqual(self.states(name), self.states("whole"), f"{partitions} partitions")

    def test_copies_of_sensors_yield_what_the_sensors_do(self):
        """scale.space: the rows of each copy are those of its sensor, for any number of ranks."""
        jobs, copies = "AVG,KAL,ACC", 3
        whole, scaled = self.name("-once"), self.name()
        self.vaster(*self.arguments(whole, jobs=jobs))
        self.vaster(*self.arguments(scaled, "--set", f"scale.space={copies}", jobs=jobs))
        by_one = self.outputs(scaled), self.states(scaled), self.exported(self.folder / f"{scaled}.h5")
        shutil.rmtree(self.folder / scaled)
        self.vaster(*self.arguments(scaled, "--overwrite", "--set", f"scale.space={copies}", jobs=jobs), ranks=2)
        self.assertEqual((self.outputs(scaled), self.states(scaled), self.exported(self.folder / f"{scaled}.h5")), by_one)
        for job in jobs.split(","):
            rows = list(csv.reader((self.folder / scaled / f"{job}.csv").read_text().splitlines()))
            header, once = rows[0], list(csv.reader((self.folder / whole / f"{job}.csv").read_text().splitlines()))[1:]
            self.assertGreater(len(once), 100, job)
            sensor = header.index("sensor")
            for copy in range(copies):
                # Record n of the stream is record copies * n of this one, with its copies behind it.
                suffix = f"~{copy}" if copy else ""
                wanted = [[str(copies * int(row[0]) + copy), *row[1:sensor], row[sensor] + suffix, *row[sensor + 1:]] for row in once]
                own = [row for row in rows[1:] if (row[sensor] + "~").split("~")[1] == suffix[1:]]
                self.assertEqual(own, wanted, f"{job}, copy {copy}")
            self.assertEqual(len(rows) - 1, copies * len(once), job)
        for row in self.rows(self.folder / f"{scaled}.h5"):
            self.assertEqual((row["scale_space"], float(row["scale_time"])), (str(copies), 1.0))
        self.assertEqual(self.sums(self.folder / f"{scaled}.h5")["AVG"]["broken"], copies * self.sums(self.folder / f"{whole}.h5")["AVG"]["broken"])
        # Who goes on with it must have the same sensors.
        refused = self.vaster(*self.arguments(self.name("-on"), "--set", f"stream.continue_from={scaled}.h5", jobs=jobs), code=65)
        self.assertIn(f"scale.space={copies}", refused.stderr)

    def test_times_that_are_divided_are_what_tasks_see(self):
        lines = [f"id:a,timestamp:{1000 * n},x:{n}" for n in range(100)]
        stream = self.folder / f"{self.name()}.txt"
        stream.write_text("\n".join(lines) + "\n")
        self.vaster("run", "--set", "study.kind=stream", "--jobs", "ACC", "--input", stream, "--format", "pairs", "--sensor", "id", "--fields", "x",
                    "--set", "tasks.ACC.window=4", "--set", "scale.time=64", "--output", f"{self.name()}.h5", "--set", f"output.directory={self.name()}")
        rows = list(csv.DictReader((self.folder / self.name() / "ACC.csv").read_text().splitlines()))
        self.assertEqual([int(row["timestamp"]) for row in rows], [1000 * n // 64 for n in range(100)])
        refused = self.vaster("run", "--set", "study.kind=stream", "--jobs", "NOP", "--input", stream, "--format", "pairs", "--set", "scale.space=2",
                              "--output", f"{self.name()}-2.h5", code=78)
        self.assertIn("scale.space is 2, but no record of input.format = pairs names a sensor", refused.stderr)

    def test_a_made_up_stream_is_compared_with_the_truth(self):
        """A section of the report, which other streams do not have."""
        name = self.name()
        self.vaster("run", "--set", "study.kind=stream", "--jobs", "DAC,KAL,MLT,NOP", "--set", "generator.set=SYS", "--set", "generator.records=3000",
                    "--set", "generator.faults=[0.0,0.01,0.01,0.005]", "--sensor", "source", "--fields", "temperature,humidity,light,airquality_raw",
                    "--set", "tasks.MLT.target=airquality_raw", "--partitions", "4", "--output", f"{name}.h5")
        self.vaster("report", f"{name}.h5", "--figures", "none")
        tables = self.folder / f"{name}-report/tables"
        rows = {row["job"]: row for row in csv.DictReader((tables / "accuracy.csv").read_text().splitlines())}
        self.assertEqual(list(rows), ["DAC", "KAL", "MLT"])
        runs = [row for row in self.rows(self.folder / f"{name}.h5") if row["step"] == "run" and int(row["truth_rows"])]
        for job, row in rows.items():
            own = [run for run in runs if run["job"] == job]
            self.assertEqual(int(row["rows"]), sum(int(run["truth_rows"]) for run in own))
            squares = sum(int(run["truth_rows"]) * float(run["truth_error"]) ** 2 for run in own)
            self.assertAlmostEqual(float(row["error"]), (squares / int(row["rows"])) ** 0.5, delta=1e-9)
            self.assertTrue(0 < float(row["error"]) < 0.3, row)
        jobs = {row["job"]: row for row in csv.DictReader((tables / "stream_jobs.csv").read_text().splitlines())}
        self.assertTrue(1 <= float(jobs["KAL"]["most_speed_up"]) <= 4, jobs["KAL"])
        self.assertEqual(float(jobs["DAC"]["most_speed_up"]), 1)
        self.expected()
        self.vaster("report", "whole.h5", "--figures", "none")
        self.assertFalse((self.folder / "whole-report/tables/accuracy.csv").exists())

    def test_every_record_is_accounted_for(self):
        self.expected()
        for job, sums in self.sums(self.folder / "whole.h5").items():
            self.assertEqual(sums["records_in"], len(self.lines), job)
            self.assertEqual(sums["records_in"], sums["good"] + sums["broken"], job)
            self.assertEqual(sums["inputs"], sum(sums[name] for name in ("gave", "none", "filtered", "missing", "bad")), job)
            self.assertGreater(sums["errors"], sums["broken"] - 1, job)
        self.assertGreater(sums["broken"], 10)

    def test_repeats_yield_the_same(self):
        self.vaster(*self.arguments(self.name(), "--set", "stream.repeats=3", jobs="AVG,ATI"))
        hashes = {}
        for row in self.rows(self.folder / f"{self.name()}.h5"):
            if row["step"] == "run" and row["status"] == "done":
                hashes.setdefault((row["job"], row["partition"]), []).append(row["output_hash"])
        for partition, found in hashes.items():
            self.assertEqual(len(found), 3, partition)
            self.assertEqual(len(set(found)), 1, partition)
        self.assertEqual(self.outputs(self.name())["AVG.csv"], self.expected()["AVG.csv"])

    @by_the_clock
    def test_kills_in_the_middle_change_nothing(self):
        expected = self.expected()
        name = self.name()
        study = self.folder / f"{name}.h5"
        # So many experiments, each of which waits for the disk, that a kill comes in the middle.
        arguments = self.arguments(name, "--resume", "--partitions", "64", "--durability", "commit", "--set", "stream.repeats=4")
        randomness = random.Random(3)
        done = 0
        for ranks in (1, 2, 3):
            with Job(self.folder, *arguments, ranks=ranks) as job:
                job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > done, "something new is done")
                time.sleep(randomness.uniform(0, 0.05))
                job.kill()
            done = self.counts(study)["done"]
        self.vaster(*arguments, ranks=2)
        self.assertEqual(self.outputs(name), expected)
        self.vaster("verify", study)

    @by_the_clock
    def test_a_stream_that_stays_on_the_disk_yields_the_same_bytes_whatever_happens(self):
        expected = self.expected()
        for ranks, partitions in ((1, 64), (2, 3)):
            name = self.name(f"-{ranks}")
            self.vaster(*self.arguments(name, *self.on_disk, "--partitions", partitions), ranks=ranks)
            self.assertEqual(self.outputs(name), expected, f"{ranks} ranks")
            self.assertEqual(self.states(name), self.states("whole"), f"{ranks} ranks")
            self.assertFalse((self.folder / f"{name}.h5.stream/split").exists())
        rows = self.rows(self.folder / f"{name}.h5")
        splits = [row for row in rows if row["step"] == "split"]
        self.assertGreater(len(splits), 2)
        self.assertEqual(sum(int(row["records_in"]) for row in splits), len(self.lines))
        for attempt in range(10):  # until one is killed while partitions are left: they alone need the spill files
            name = self.name(f"-killed-{attempt}")
            study = self.folder / f"{name}.h5"
            arguments = self.arguments(name, "--resume", *self.on_disk, "--durability", "commit", "--set", "stream.repeats=3")
            with Job(self.folder, *arguments, ranks=2) as job:
                job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > len(splits), "a partition is done")
                job.kill()
            if any(row["step"] == "run" and row["job"] in ("AVG", "KAL") and row["status"] != "done" for row in self.rows(study)):
                break
        else:
            self.fail("no partition was left in any of ten studies")
        spills = sorted((self.folder / f"{name}.h5.stream/split").glob("*.lines"))
        self.assertEqual(len(spills), len(splits))
        spills[0].unlink()
        text = spills[1].read_bytes()
        spills[1].write_bytes(text.replace(b"light", b"night", 1))
        done = self.vaster(*arguments)
        self.assertEqual((done.stderr + done.stdout).count("gone or damaged"), 2)
        self.assertEqual(self.outputs(name), expected)
        self.vaster("verify", study)

    def test_a_study_that_is_done_is_resumed_without_its_input(self):
        source = self.folder / self.name(".senml")
        source.write_text("\n".join(self.lines[:200]) + "\n")
        name = self.name()
        arguments = self.arguments(name, "--resume", source=source, jobs="AVG,NOP")
        self.vaster(*arguments)
        outputs = self.outputs(name)
        source.unlink()
        for ranks in (0, 2):
            done = self.vaster(*arguments, ranks=ranks)
            self.assertIn(source.name, done.stderr)
            self.assertIn("nobody needs the data", done.stderr)
            self.assertIn("have their result", done.stdout)
        (self.folder / name / "AVG.csv").unlink()
        self.assertIn(source.name, self.vaster(*arguments, code=74).stderr)
        source.write_text("\n".join(self.lines[:200]) + "\n")
        self.vaster(*arguments)
        self.assertEqual(self.outputs(name), outputs)
        source.write_text("\n".join(self.lines[:199]) + "\n")
        self.vaster(*arguments, code=65)

    def test_what_was_lost_or_edited_is_made_again(self):
        expected = self.expected()
        name = self.name()
        self.vaster(*self.arguments(name))
        self.vaster("verify", f"{name}.h5")
        states = self.states(name)
        edited = self.folder / name / "KAL.csv"
        edited.write_text(edited.read_text().replace("1", "2", 1))
        (self.folder / name / "AVG.csv").unlink()
        shutil.rmtree(self.folder / f"{name}.h5.stream")
        lost = self.vaster("verify", f"{name}.h5", code=65).stdout
        for words in ("(KAL merge", "(AVG merge", "(ACC merge", "--resume computes them again"):
            self.assertIn(words, lost)
        self.vaster("verify", "--study-file-only", f"{name}.h5")
        done = self.vaster(*self.arguments(name, "--resume"))
        self.assertIn("gone or damaged", done.stderr + done.stdout)
        self.vaster("verify", f"{name}.h5")
        self.assertEqual(self.outputs(name), expected)
        self.assertEqual(self.states(name), states)

    def test_a_stream_that_is_cut_goes_on_as_if_it_had_not_been(self):
        expected = self.expected()
        for cut in (1, 700, len(self.lines) - 1):
            first, second = self.name(f"-{cut}-a"), self.name(f"-{cut}-b")
            parts = []
            for part, lines in ((first, self.lines[:cut]), (second, self.lines[cut:])):
                parts.append(self.folder / f"{part}.senml")
                parts[-1].write_text("\n".join(lines) + "\n")
            self.vaster(*self.arguments(first, "--partitions", 5, source=parts[0]))
            self.vaster(*self.arguments(second, "--set", f"stream.continue_from={first}.h5", source=parts[1]))
            begun = self.outputs(first)
            for file, bytes in self.outputs(second).items():
                rows = bytes.partition(b"\n")[2]
                self.assertEqual(begun[file] + rows, expected[file], f"{file} cut at {cut}")
            self.assertEqual(self.states(second), self.states("whole"), f"cut at {cut}")

    def test_states_of_another_task_are_refused(self):
        self.expected()
        done = self.vaster(*self.arguments(self.name(), "--set", "stream.continue_from=whole.h5", "--set", "tasks.KAL.process_noise=0.5"), code=65)
        self.assertIn("process_noise", done.stderr)
        done = self.vaster(*self.arguments(self.name(), "--set", "stream.continue_from=nothing.h5"), code=74)
        self.assertIn("there is no nothing.h5", done.stderr)

    def test_streams_of_no_record_and_of_one_have_every_column(self):
        for text in ("", "\n \n", self.lines[0] + "\n"):
            source = self.folder / self.name(".senml")
            source.write_text(text)
            name = self.name(str(len(text)))
            done = self.vaster(*self.arguments(name, source=source))
            n_records = 1 if len(text) > 10 else 0
            if n_records == 0:
                self.assertIn("no records", done.stderr + done.stdout)
            self.assertEqual({job: sums["records_in"] for job, sums in self.sums(self.folder / f"{name}.h5").items()},
                             dict.fromkeys(self.jobs.split(","), n_records))
            self.assertEqual(set(self.outputs(name)), set(self.expected()))

    def test_bad_inputs_are_told_apart(self):
        annotations = self.folder / self.name(".txt")
        annotations.write_text("d1:place\n")
        for what, arguments, code, words in [
            ("a file that is not there", ["--input", "nowhere.senml"], 74, ["nowhere.senml"]),
            ("a folder", ["--input", self.folder], 74, [str(self.folder)]),
            ("a field that never comes", ["--fields", "temperature,lihgt"], 65, ["lihgt", "light"]),
            ("a range of a field that never comes, TRAIN", ["--jobs", "TRAIN", "--set", "dataflows.TRAIN.target=light",
                                                            "--set", "dataflows.TRAIN.ranges=lihgt:1:2"], 65, ["field lihgt", "light"]),
            ("a range of a field that never comes, ETL", ["--jobs", "ETL", "--set", f"dataflows.ETL.annotations={annotations}",
                                                          "--set", "dataflows.ETL.ranges=lihgt:1:2"], 65, ["field lihgt", "light"]),
            ("a sensor that no record names", ["--sensor", "devise"], 65, ["devise", "did you mean 'device'?", "input.sensor"]),
            ("annotations with other names than fields", ["--jobs", "ANN", "--set", f"tasks.ANN.annotations={annotations}",
                                                          "--set", "tasks.ANN.added=place,kind"], 65, ["tasks.ANN.added has 2 names"]),
            ("a log that is not a topic", ["--jobs", "MQS", "--set", f"tasks.MQS.log={self.stream}"], 65, ["is not a topic"]),
            ("records that XML does not take", ["--jobs", "XML", "--sensor", ""], 78, ["input.format is senml", "XML takes"]),
            ("an unknown task", ["--jobs", "KAL,AVGG"], 78, ["AVGG", "AVG"]),
            ("values out of bounds", ["--set", "tasks.AVG.window=0", "--partitions", "0", "--format", "cbor"], 78,
             ["tasks.AVG.window", "stream.partitions", "input.format"]),
            ("parameters out of bounds", ["--jobs", "DAC,BLF,SLR", "--set", "tasks.DAC.bits=40", "--set", "tasks.BLF.false_positives=1",
                                          "--set", "tasks.SLR.train=1", "--set", "input.block=0 B"], 78,
             ["tasks.DAC.bits", "tasks.BLF.false_positives", "tasks.SLR.train", "input.block"]),
            ("nothing to do", ["--jobs", "[]", "--sensor", "", "--set", "input.files=[]"], 78, ["stream.jobs", "input.sensor", "input.files"]),
            ("too many errors", ["--set", "input.most_errors=0.001"], 65, ["input.most_errors", "record", "bad_"]),
            ("an output that is not a folder", ["--set", f"output.directory={self.stream}"], 74, ["output.directory"]),
        ]:
            with self.subTest(what):
                done = self.vaster(*self.arguments(self.name(), *arguments, jobs="AVG"), code=code)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertFalse((self.folder / f"{self.name()}.h5").exists())

    def test_a_folder_without_models_is_told(self):
        models = self.folder / self.name("-models")
        models.mkdir()
        (models / "m.pkl").write_text("x")
        done = self.vaster(*self.arguments(self.name(), "--set", f"dataflows.PRED.models={models}", jobs="PRED"))
        self.assertIn(f"no model in {models}", done.stderr)
        self.assertIn("it has m.pkl", done.stderr)
        n_good = self.sums(self.folder / f"{self.name()}.h5")["PRED"]["good"]
        self.assertIn(f"no model for {n_good} of {n_good} records", " ".join((done.stdout + done.stderr).split()))

    def test_a_sensor_that_has_all_records_is_told_with_what_it_means(self):
        source = self.folder / self.name(".senml")
        source.write_text("".join(f"{line}\n" for line in self.lines[:300] if '"d3"' in line))
        done = self.vaster(*self.arguments(self.name(), "--partitions", 64, source=source, jobs="KAL"))
        self.assertIn("one sensor has 100.0 % of the records", done.stderr)
        self.assertIn("more than 1.0 times as fast", done.stderr)
        shares = [float(row["largest_key_share"]) for row in self.rows(self.folder / f"{self.name()}.h5")
                  if row["step"] == "run" and row["status"] == "done" and int(row["good"]) > 0]
        self.assertEqual(shares, [1])

    def test_output_is_never_written_over_the_input(self):
        folder = self.folder / self.name()
        folder.mkdir()
        source = folder / "AVG.csv"
        source.write_text("\n".join(self.lines) + "\n")
        done = self.vaster(*self.arguments(self.name(), "--overwrite", source=source, jobs="AVG"), code=64)
        self.assertIn("AVG.csv, which is read", done.stderr)
        self.assertEqual(source.read_text().splitlines(), self.lines)

    def test_a_stream_that_is_no_senml_is_counted_and_told(self):
        source = self.folder / self.name(".txt")
        source.write_text("this is,no record\n" * 20)
        done = self.vaster(*self.arguments(self.name(), source=source))
        self.assertIn("input.format", done.stderr + done.stdout)
        for job, sums in self.sums(self.folder / f"{self.name()}.h5").items():
            self.assertEqual((sums["records_in"], sums["errors"], sums["records_out"]), (20, 20, 0), job)

    def test_an_input_that_has_changed_is_not_resumed(self):
        source = self.folder / self.name(".senml")
        other = self.folder / self.name("-2.senml")
        source.write_text("\n".join(self.lines[:100]) + "\n")
        other.write_text("\n".join(self.lines[100:120]) + "\n")
        self.vaster(*self.arguments(self.name(), source=f"{other},{source}"))
        source.write_text("\n".join(self.lines[1:101]) + "\n")
        done = self.vaster(*self.arguments(self.name(), "--resume", source=f"{other},{source}"), code=65)
        refusal = done.stderr[done.stderr.index("other data"):]
        self.assertIn(f"then: {source.name}: ", refusal)
        self.assertIn(f"now:  {source.name}: ", refusal)
        self.assertNotIn(other.name, refusal.replace(f"{other.name} and 1 more", ""))
