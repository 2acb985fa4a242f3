"""vaster stream: made-up streams, and files put through a task by short forms of a study."""

import csv
import gzip
import json
import os
import pathlib
import re
import subprocess

from stream_case import StreamTest
from system import PATIENCE, SOURCE, VASTER, limits_memory


class StreamFiles(StreamTest):
    def run_file(self, task, file, *more, ranks=0, code=0):
        return self.vaster("stream", "run-file", task, file, *more, ranks=ranks, code=code)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def test_made_up_streams_repeat_and_can_be_read_in_each_form(self):
        again = self.vaster("stream", "simulate", "CITY", "--records", "900", "--sensors", "20").stdout
        self.assertEqual(again.encode(), self.read("sys.csv"))
        self.vaster("stream", "simulate", "FIT", "--records", "50", "--faults", "0,0,0,0", "--format", "csv", "--output", "fit.csv")
        done = self.run_file("C2S", "fit.csv", "--format", "csv", "--sensor", "subjectId", "--plain", "-o", "fit.txt")
        self.assertRegex(done.stdout, r"valid results +50\n")
        first = json.loads(self.read("fit.txt").splitlines()[0])
        self.assertEqual(first["e"][0], {"n": "subjectId", "sv": "subject1", "u": "string"})
        self.vaster("stream", "simulate", "NONE", code=64)
        done = self.vaster("stream", "simulate", "SYS", "--faults", "1,2,3", code=64)
        self.assertIn("four chances", done.stderr)

    def test_a_file_through_a_task_is_the_same_on_any_ranks_and_packed(self):
        self.run_file("block_window_average", "sys.csv", "--data-set", "SYS", "-o", "alone.csv")
        self.run_file("AVG", "sys.csv", "--data-set", "SYS", "--partitions", "3", "-o", "on-two.csv", ranks=2)
        (self.folder / "sys.csv.gz").write_bytes(gzip.compress(self.read("sys.csv")))
        self.run_file("avg", "sys.csv.gz", "--data-set", "sys", "--partitions", "1", "-o", "packed.csv")
        rows = list(csv.DictReader(self.read("alone.csv").decode().splitlines()))
        self.assertGreater(len(rows), 100)
        self.assertEqual(list(rows[0]), ["record", "sensor", "field", "value"])
        self.assertEqual(self.read("on-two.csv"), self.read("alone.csv"))
        self.assertEqual(self.read("packed.csv"), self.read("alone.csv"))

    @limits_memory
    def test_more_sensors_than_a_partition_has_memory_for_need_more_partitions(self):
        self.vaster("stream", "simulate", "SYS", "--records", "250000", "--sensors", "250000", "--output", "many.csv")

        def run(partitions, code):
            return self.vaster("run", "--set", "study.kind=stream", "--jobs", "KAL", "--input", "many.csv", "--sensor", "source",
                               "--fields", "temperature,humidity,light", "--partitions", partitions, "--memory", "32MiB", "--retries", "0",
                               "--set", "run.retry_delay=50ms", "--output", f"{self.name}-{partitions}.h5", code=code).stderr
        said = run("1", 75)
        self.assertIn("more partitions have fewer sensors each (stream.partitions = 1)", said)
        self.assertIn("out of memory: needs more than its limit of 64.0 MiB", said)  # a second attempt has twice as much
        run("12", 0)
        self.assertEqual(sum(int(row["keys"]) for row in self.rows(f"{self.name}-12.h5") if row["step"] == "run"), 248757)

    def test_a_stream_that_is_made_up_in_memory_is_the_one_that_is_written_to_a_file(self):
        self.run_file("KAL", "sys.csv", "--data-set", "SYS", "-o", "from-file.csv")
        keys = ["run", "--set", "study.kind=stream", "--jobs", "KAL", "--sensor", "source", "--fields", "temperature,humidity,light,dust,airquality_raw",
                "--set", "generator.set=SYS", "--set", "generator.records=900", "--set", "generator.sensors=20"]
        done = self.vaster(*keys, "--output", "made.h5", "--set", "output.directory=made", ranks=2)
        self.assertIn("900 records in SYS", done.stderr)
        self.assertEqual(self.read("made/KAL.csv"), self.read("from-file.csv"))
        self.vaster(*keys, "--output", "made.h5", "--set", "output.directory=made", "--resume")
        done = self.vaster(*keys, "--input", "sys.csv", "--output", "both.h5", "--format", "values", "--set", "generator.faults=[1,1,0,0]", code=78)
        for word in ("both given", "input.format", "[generator]"):
            self.assertIn(word, done.stderr)

    def test_an_output_is_made_again_when_it_is_lost(self):
        arguments = ["KAL", "sys.csv", "--sensor", "source", "--fields", "dust", "-o", f"{self.name}.csv"]
        self.run_file(*arguments)
        whole = self.read(f"{self.name}.csv")
        self.assertIn("exists already", self.run_file(*arguments, code=64).stderr)
        self.assertIn("exists already", self.run_file(*arguments, "--resume", "--study", f"{self.name}-new.h5", code=64).stderr)
        (self.folder / f"{self.name}.csv").unlink()
        self.run_file(*arguments, "--resume")
        self.assertEqual(self.read(f"{self.name}.csv"), whole)
        for path in (self.folder / f"{self.name}.h5.stream").glob("*.csv"):
            path.unlink()
        (self.folder / f"{self.name}.csv").unlink()
        self.run_file(*arguments, "--resume")
        self.assertEqual(self.read(f"{self.name}.csv"), whole)

    def test_numbers_a_line_are_observations(self):
        (self.folder / "numbers.txt").write_text("1\n3\n\nnull\nx\n5\n9\n")
        done = self.run_file("AVG", "numbers.txt", "--format", "values", "--set", "tasks.AVG.window=2", "--plain", "-o", "numbers.out")
        self.assertEqual(self.read("numbers.out"), b"2\n7\n")
        self.assertRegex(done.stdout, r"total records +6\n")
        self.assertRegex(done.stdout, r"errors +1\n")

    def test_metrics_have_the_names_that_users_know(self):
        self.vaster("stream", "benchmark", "DAC", "sys.csv", "--sensor", "source", "--metrics", "all.json", "--quiet")
        metrics = json.loads(self.read("all.json"))
        self.assertEqual((metrics["task"], metrics["total_records"], metrics["num_actors"]), ("DAC", 900, 1))
        self.assertEqual(metrics["processed_records"] + metrics["errors"], 900)
        self.assertEqual(metrics["valid_results"], metrics["processed_records"])
        self.assertGreater(metrics["throughput"], 0)
        self.assertEqual(metrics["tables"]["actor_metrics"][0]["total_records"], 900)
        again = json.loads(self.vaster("stream", "metrics", "sys.DAC.h5", "--json").stdout)
        self.assertEqual(again, metrics)
        self.vaster("stream", "metrics", "sys.csv", code=65)
        self.vaster("stream", "benchmark", "NOP", "sys.csv", "--sensor", "source", "--metrics", "ranks.csv", "--quiet", ranks=2)
        rows = list(csv.DictReader(self.read("ranks.csv").decode().splitlines()))
        self.assertEqual(sum(int(row["total_records"]) for row in rows), 900)

    def test_a_batch_names_the_file_that_fails_and_goes_on(self):
        (self.folder / "nothing.csv").write_text("\n")
        done = self.vaster("stream", "run-batch", "RGF", "sys.csv", "not-there.csv", "nothing.csv", "--data-set", "SYS", "-o", "batch",
                           "--plain", code=75)
        self.assertIn("1 of 3 files failed, with their exit codes: not-there.csv (74)", done.stderr)
        self.assertEqual(sorted(path.name for path in (self.folder / "batch").glob("*.txt")), ["nothing_output.txt", "sys_output.txt"])
        self.assertEqual(self.read("batch/nothing_output.txt"), b"")
        done = self.vaster("stream", "run-batch", "NOP", "sys.csv", "./sys.csv", "--sensor", "source", code=64)
        self.assertIn("would both be written to", done.stderr)

    def test_what_cannot_be_is_said_before_anything_is_written(self):
        for arguments, code, text in (
                (["KALL", "sys.csv"], 64, "did you mean 'KAL'?"),
                (["KAL", "sys.csv", "--data-set", "SIS"], 64, "did you mean 'SYS'?"),
                (["TRAIN", "sys.csv", "--data-set", "GRID"], 64, "GRID has no TRAIN"),
                (["KAL", "sys.csv", "--data-set", "SYS", "--actors", "4"], 64, "mpirun -n 4"),
                (["KAL", "sys.csv", "--data-set", "SYS", "-o", "sys.csv", "--overwrite"], 64, "which is read"),
                (["KAL", "sys.csv", "--data-set", "SYS", "--study", "./sys.csv", "--overwrite"], 64, "which is read"),
                (["KAL", "sys.csv", "--data-set", "SYS", "-o", "/dev/null", "--overwrite"], 64, "not a plain file"),
                (["KAL", "sys.csv", "-o", "none.csv"], 78, "input.sensor is empty"),
                (["KAL", "not-there.csv", "--data-set", "SYS", "-o", "none.csv"], 74, "not-there.csv"),
                (["KAL", ".", "--data-set", "SYS", "-o", "none.csv"], 74, "is a directory")):
            done = self.run_file(*arguments, code=code)
            self.assertIn(text, done.stderr, arguments)
        self.assertFalse([path.name for path in self.folder.glob("none*")])
        self.assertTrue(self.read("sys.csv").startswith(b"1422748800000,"))

    def test_published_settings_can_be_run(self):
        (self.folder / "tasks.properties").write_text(
            "AGGREGATE.BLOCK_COUNT.WINDOW_SIZE=3\nPARSE.ID_FIELD_SCHEMA=source\n"
            "AGGREGATE.BLOCK_AVERAGE.USE_MSG_FIELD=light\nJOIN.MAX_COUNT_VALUE=9\nNO.SUCH=1\n")
        done = self.vaster("stream", "import", "tasks.properties", "--output", "imported.toml")
        self.assertIn("left out: JOIN.MAX_COUNT_VALUE", done.stderr)
        self.assertIn("unknown: NO.SUCH", done.stderr)
        self.run_file("AVG", "sys.csv", "-c", "imported.toml", "-o", "imported.csv")
        self.run_file("AVG", "sys.csv", "--sensor", "source", "--fields", "light", "--set", "tasks.AVG.window=3", "-o", "by-hand.csv")
        self.assertEqual(self.read("imported.csv"), self.read("by-hand.csv"))

    def test_the_commands_of_the_first_run_do_what_the_page_says(self):
        page = (SOURCE / "docs/stream/first-run.md").read_text()
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        commands = "".join([text for language, text in blocks if language == "sh"])
        self.assertGreater(commands.count("vaster stream"), 6)
        for text in [text for language, text in blocks if language == "toml"]:
            (self.folder / re.match(r"# (\S+)\n", text)[1]).write_text(text)
        for day in ("monday", "tuesday"):
            self.vaster("stream", "simulate", "SYS", "--records", "300", "--seed", str(len(day)), "--output", f"{day}.csv")
        (self.folder / "mine.senml").write_text("".join(
            f'{number * 1000},{{"e":[{{"n":"meter","sv":"m{number % 2}"}},{{"n":"power","v":"{number}"}},{{"n":"voltage","v":"230"}}]}}\n'
            for number in range(200)))
        (self.folder / "numbers.txt").write_text("".join(f"{number}\n" for number in range(50)))
        done = subprocess.run(["bash", "-e", "-c", commands], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "PATH": f"{pathlib.Path(VASTER).parent}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = re.sub(" +", " ", done.stdout)  # columns are as wide as the rate needs
        for text in [text for language, text in blocks if not language]:
            self.assertIn(re.sub(" +", " ", text), said)

    def test_tasks_are_listed(self):
        listed = json.loads(self.vaster("stream", "list", "--json").stdout)["tables"]
        codes = {row["code"] for row in listed["tasks"]}
        self.assertLessEqual({"AVG", "KAL", "NOP", "SML"}, codes)
        self.assertIn("tasks.AVG.window", {row["key"] for row in listed["parameters"]})
        self.assertIn("tasks.AVG.window", self.vaster("stream", "list", "--verbose").stdout)
