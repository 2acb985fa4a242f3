"""Streams whose outputs are brought together in pieces: the same bytes for any number of ranks and partitions, whatever happens on the way."""

import contextlib
import shutil

from system import Job, SystemTest

JOBS = "KAL,RGF"


class Pieces(SystemTest):
    deaths = 100  # nothing here needs them
    records = 140_000  # 51 MB: three ranges of records

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        test.vaster("stream", "simulate", "SYS", "--records", cls.records, "--output", "whole.senml")
        cls.lines = (cls.folder / "whole.senml").read_bytes().splitlines(keepends=True)
        # Halves are too short for ranges: their outputs, one after the other, are what must come out.
        cls.expected = {}
        for half, lines in (("first", cls.lines[:70_000]), ("second", cls.lines[70_000:])):
            (cls.folder / f"{half}.senml").write_bytes(b"".join(lines))
            continued = ["--set", "stream.continue_from=first.h5"] if half == "second" else []
            test.vaster(*test.arguments(half, "--partitions", 5, *continued, source=f"{half}.senml"))
            if any(row["step"] == "piece" for row in test.rows(cls.folder / f"{half}.h5")):
                raise AssertionError("the halves are long enough for pieces")
            for name, text in test.outputs(half).items():
                cls.expected[name] = cls.expected[name] + text.partition(b"\n")[2] if name in cls.expected else text
        cls.states = test.states_of("second")

    def runTest(self):
        """Of the instance that makes the stream."""

    def name(self, suffix=""):
        return self.id().rpartition(".")[2] + suffix

    def arguments(self, name, *more, source="whole.senml"):
        return ["run", "--set", "study.kind=stream", "--jobs", JOBS, "--input", source, "--sensor", "source", "--fields", "temperature,dust",
                "--set", "tasks.RGF.ranges=temperature:0:40", "--output", f"{name}.h5", "--set", f"output.directory={name}",
                "--set", "run.retry_delay=50ms", "--quiet", *more]

    def outputs(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / name).iterdir())}

    def states_of(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / f"{name}.h5.stream").glob("*.state"))}

    def steps(self, name):
        counts = {}
        for row in self.rows(self.folder / f"{name}.h5"):
            if row["status"] == "done":
                counts[row["step"]] = counts.get(row["step"], 0) + 1
        return counts

    def check(self, name, what=""):
        # No bytes in the message: there are too many.
        outputs = self.outputs(name)
        self.assertEqual(list(outputs), list(self.expected), what)
        for file, text in outputs.items():
            self.assertTrue(text == self.expected[file], f"{file} is another one: {what}")
        self.assertTrue(self.states_of(name) == self.states, f"other states: {what}")

    def remove(self, name):
        for path in (self.folder / name, self.folder / f"{name}.h5.stream"):
            shutil.rmtree(path, ignore_errors=True)

    def test_any_number_of_ranks_and_of_partitions_yields_the_same_bytes(self):
        exports = {}
        for partitions in (1, 3, 64):
            for ranks in (1, 2, 3, 7):
                self.remove("many")
                self.vaster(*self.arguments("many", "--overwrite", "--partitions", partitions), ranks=ranks)
                what = f"{ranks} ranks, {partitions} partitions"
                self.check("many", what)
                self.assertEqual(self.steps("many")["piece"], 6, what)
                export = self.exported(self.folder / "many.h5")
                self.assertTrue(exports.setdefault(partitions, export) == export, what)
        self.vaster("verify", "many.h5")
        rows = [row for row in self.rows(self.folder / "many.h5") if row["job"] == "KAL"]
        of_pieces = [row for row in rows if row["step"] == "piece"]
        merge, = (row for row in rows if row["step"] == "merge")
        for column in ("records_out", "bytes_out"):
            self.assertEqual(sum(int(row[column]) for row in of_pieces), int(merge[column]))

    def stop_before_the_merge(self, name, *more):
        """All pieces are there, and the merges could not give the outputs their names."""
        for file in self.expected:
            (self.folder / name / file / "in the way").mkdir(parents=True)
        self.vaster(*self.arguments(name, "--overwrite", "--set", "run.retries=0", *more), code=75, ranks=2)
        for file in self.expected:
            shutil.rmtree(self.folder / name / file)
        steps = self.steps(name)
        self.assertEqual(steps["piece"], 6)
        self.assertNotIn("merge", steps)

    def test_what_was_lost_or_edited_between_pieces_and_merge_is_made_again(self):
        def edit(path, at):
            content = bytearray(path.read_bytes())
            content[at] ^= 1
            path.write_bytes(content)

        def of_pieces(name, file):
            return self.folder / name / f".{file}.merging"

        def parts(name):
            return sorted((self.folder / f"{name}.h5.stream").glob("*.part"))

        def all_lost(name):
            for path in [*parts(name), of_pieces(name, "KAL.csv")]:
                path.unlink()

        damages = {"nothing": lambda name: None,
                   "edited": lambda name: edit(of_pieces(name, "KAL.csv"), 1_000_000),
                   "cut": lambda name: of_pieces(name, "RGF.csv").write_bytes(of_pieces(name, "RGF.csv").read_bytes()[:100]),
                   "lost": lambda name: of_pieces(name, "KAL.csv").unlink(),
                   "part": lambda name: edit(parts(name)[2], 5000),
                   "all": all_lost}
        for what, damage in damages.items():
            name = self.name(f"-{what}")
            self.stop_before_the_merge(name, "--partitions", 5)
            damage(name)
            self.vaster(*self.arguments(name, "--set", "run.retries=0", "--partitions", 5, "--resume"))
            self.check(name, what)
            self.vaster("verify", f"{name}.h5")
            self.remove(name)

    def test_kills_change_nothing(self):
        name = self.name()
        study = self.folder / f"{name}.h5"
        pieces = self.folder / name / ".KAL.csv.merging"
        arguments = self.arguments(name, "--resume", "--partitions", 8)

        def there_is():
            """Parts and pieces, and when they were written."""
            files = [*(self.folder / f"{name}.h5.stream").glob("*.part"), *(self.folder / name).glob(".*.merging")]
            with contextlib.suppress(OSError):  # one that is given its name meanwhile
                return {(path.name, path.stat().st_mtime_ns) for path in files}
            return None

        killed = 0
        for ranks, suffix in ((2, ".part"), (1, ".merging"), (3, ".merging")):
            before = there_is() or set()
            with Job(self.folder, *map(str, arguments), ranks=ranks) as job:
                # A job that is done before anybody looks is not a fault.
                job.wait_until(lambda: any(file.endswith(suffix) for file, _ in (there_is() or set()) - before) or job.process.poll() == 0,
                               f"there is a new {suffix}")
                killed += job.process.poll() is None
                job.kill()
            if pieces.exists() and ranks == 1:
                pieces.write_bytes(pieces.read_bytes()[:1000])
        self.assertGreater(killed, 0)
        self.vaster(*arguments, ranks=2)
        self.check(name)
        self.vaster("verify", study)

    def test_outputs_that_are_lost_later_are_made_again(self):
        name = self.name()
        self.vaster(*self.arguments(name, "--partitions", 3))
        (self.folder / name / "KAL.csv").unlink()
        shutil.rmtree(self.folder / f"{name}.h5.stream")
        self.vaster(*self.arguments(name, "--partitions", 3, "--resume"), ranks=2)
        self.check(name)
        self.assertFalse(list((self.folder / name).glob(".*")))
