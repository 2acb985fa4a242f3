"""Streams: the same outputs for any number of ranks and partitions, whatever happens on the way."""

import json
import random
import shutil
import time

from system import SOURCE, Job, SystemTest

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

    def test_every_record_is_accounted_for(self):
        self.expected()
        for job, sums in self.sums(self.folder / "whole.h5").items():
            self.assertEqual(sums["records_in"], len(self.lines), job)
            self.assertEqual(sums["records_in"], sums["good"] + sums["broken"], job)
            self.assertEqual(sums["inputs"], sum(sums[name] for name in ("gave", "none", "filtered", "missing", "bad")), job)
            self.assertGreater(sums["errors"], sums["broken"] - 1, job)
        self.assertGreater(sums["broken"], 10)

    def test_kills_in_the_middle_change_nothing(self):
        expected = self.expected()
        name = self.name()
        study = self.folder / f"{name}.h5"
        arguments = self.arguments(name, "--resume")
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

    def test_what_was_lost_or_edited_is_made_again(self):
        expected = self.expected()
        name = self.name()
        self.vaster(*self.arguments(name))
        states = self.states(name)
        edited = self.folder / name / "KAL.csv"
        edited.write_text(edited.read_text().replace("1", "2", 1))
        (self.folder / name / "AVG.csv").unlink()
        shutil.rmtree(self.folder / f"{name}.h5.stream")
        done = self.vaster(*self.arguments(name, "--resume"))
        self.assertIn("gone or damaged", done.stderr + done.stdout)
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
        self.assertIn("nothing.h5.stream", done.stderr)

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
        for what, arguments, code, words in [
            ("a file that is not there", ["--input", "nowhere.senml"], 74, ["nowhere.senml"]),
            ("a folder", ["--input", self.folder], 74, [str(self.folder)]),
            ("a field that never comes", ["--fields", "temperature,lihgt"], 65, ["lihgt", "light"]),
            ("an unknown task", ["--jobs", "KAL,AVGG"], 78, ["AVGG", "AVG"]),
            ("values out of bounds", ["--set", "tasks.AVG.window=0", "--partitions", "0", "--format", "cbor"], 78,
             ["tasks.AVG.window", "stream.partitions", "input.format"]),
            ("nothing to do", ["--jobs", "[]", "--sensor", "", "--set", "input.files=[]"], 78, ["stream.jobs", "input.sensor", "input.files"]),
            ("too many errors", ["--set", "input.most_errors=0.001"], 65, ["input.most_errors", "record", "bad_"]),
            ("an output that is no folder", ["--set", f"output.directory={self.stream}"], 74, ["output.directory"]),
        ]:
            with self.subTest(what):
                done = self.vaster(*self.arguments(self.name(), *arguments, jobs="AVG"), code=code)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertFalse((self.folder / f"{self.name()}.h5").exists())

    def test_output_is_never_written_over_the_input(self):
        folder = self.folder / self.name()
        folder.mkdir()
        source = folder / "AVG.csv"
        source.write_text("\n".join(self.lines) + "\n")
        done = self.vaster(*self.arguments(self.name(), source=source, jobs="AVG"), code=64)
        self.assertIn("AVG.csv", done.stderr)
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
        source.write_text("\n".join(self.lines[:100]) + "\n")
        self.vaster(*self.arguments(self.name(), source=source))
        source.write_text("\n".join(self.lines[1:101]) + "\n")
        done = self.vaster(*self.arguments(self.name(), "--resume", source=source), code=65)
        self.assertIn("other data", done.stderr)
