"""vaster stream: what is refused, in which words, and what is left as it was."""

import csv
import io
import os

from stream_case import StreamTest


class StreamRefusals(StreamTest):
    records = 400
    sensors = 8

    def one_study(self, name, *more, jobs="AVG", code=0):
        return self.vaster("run", "--set", "study.kind=stream", "--jobs", jobs, "--input", "sys.csv", "--sensor", "source", "--fields", "temperature",
                           "--partitions", "2", "--output", f"{name}.h5", *more, code=code)

    def refused(self, code, text, *arguments):
        done = self.vaster(*arguments, code=code)
        self.assertIn(text, done.stderr, arguments)
        return done

    def test_faults_of_a_made_up_stream_are_four_chances(self):
        for faults in ("0.5", "", "[0, 0, 0]", "[0, 0, 0, 0, 0]"):
            done = self.one_study(self.name, "--set", "generator.set=SYS", "--set", f"generator.faults={faults}", code=78)
            self.assertIn("generator.faults has", done.stderr)
            self.assertIn("[out of range, missing, absent, cut]", done.stderr)

    def test_a_new_study_does_not_write_over_what_is_there(self):
        folder = self.folder / self.name
        folder.mkdir()
        precious = folder / "KAL.csv"
        precious.write_text("precious\n")
        into = ["--set", f"output.directory={self.name}"]
        done = self.one_study(self.name, *into, jobs="AVG,KAL", code=64)
        self.assertIn("KAL.csv exists already, and is not overwritten unless you say so", done.stderr)
        self.assertIn("exists already", self.one_study(self.name, *into, "--check", jobs="AVG,KAL", code=64).stderr)
        self.assertEqual(precious.read_text(), "precious\n")
        self.assertEqual([path.name for path in folder.iterdir()], ["KAL.csv"])
        self.assertFalse((self.folder / f"{self.name}.h5").exists())
        self.one_study(self.name, *into, "--set", "output.form=plain", jobs="KAL")  # KAL.txt
        self.assertEqual(precious.read_text(), "precious\n")
        self.one_study(self.name, *into, "--overwrite", jobs="AVG,KAL")
        self.assertIn("record,sensor", precious.read_text())
        (folder / "AVG.csv").unlink()
        self.one_study(self.name, *into, "--resume", jobs="AVG,KAL")
        self.assertTrue((folder / "AVG.csv").exists())

    def test_resuming_a_study_that_is_not_there_does_not_write_over_what_is(self):
        folder = self.folder / self.name
        folder.mkdir()
        precious = folder / "AVG.csv"
        precious.write_text("precious\n")
        into = ["--set", f"output.directory={self.name}", "--resume"]
        for more in ([], ["--check"]):
            done = self.one_study(self.name, *into, *more, code=64)
            self.assertIn("AVG.csv exists already, and is not overwritten unless you say so (there is no study yet to resume)", done.stderr)
        self.assertEqual(precious.read_text(), "precious\n")
        self.assertFalse((self.folder / f"{self.name}.h5").exists())
        precious.unlink()
        precious.symlink_to("elsewhere")
        self.assertIn("AVG.csv exists already", self.one_study(self.name, *into, code=64).stderr)
        self.assertTrue(precious.is_symlink())
        precious.unlink()
        self.one_study(self.name, *into)
        rows = precious.read_bytes()
        precious.write_text("edited\n")  # the study's own file: it is made again
        self.one_study(self.name, *into)
        self.assertEqual(precious.read_bytes(), rows)

    def test_folders_that_cannot_be_written_into_are_told_before_anything_is_read(self):
        (self.folder / f"{self.name}.txt").write_text("a file\n")
        for key, jobs in (("output.directory", "AVG"), ("io.directory", "MQP"), ("io.remote_directory", "RZP"), ("dataflows.TRAIN.models", "TRAIN")):
            done = self.one_study(self.name, "--set", f"{key}={self.name}.txt/below", "--set", "dataflows.TRAIN.target=temperature",
                                  "--fields", "temperature,humidity", jobs=jobs, code=74)
            self.assertIn(f"{key} is {self.name}.txt/below, but", done.stderr)
            self.assertIn("is not a folder", done.stderr)
            self.assertFalse((self.folder / f"{self.name}.h5").exists())

    def test_a_study_does_not_go_on_from_itself(self):
        self.one_study(self.name)
        study = self.folder / f"{self.name}.h5"
        states = self.folder / f"{self.name}.h5.stream/AVG.state"
        before = study.read_bytes(), states.read_bytes()
        os.symlink(study, self.folder / f"{self.name}-link.h5")
        (self.folder / self.name).mkdir()
        for path in (study.name, f"{self.name}/../{study.name}", study, f"{self.name}-link.h5"):
            for flag in ("--overwrite", "--resume"):
                done = self.one_study(self.name, "--set", f"stream.continue_from={path}", flag, code=64)
                self.assertIn("which is this study itself", done.stderr)
        self.one_study(f"{self.name}-new", "--set", f"stream.continue_from={self.name}-new.h5", code=64)
        self.assertEqual((study.read_bytes(), states.read_bytes()), before)

    def test_why_a_stream_cannot_go_on(self):
        self.one_study(f"{self.name}-states", jobs="AVG,DAC")
        self.one_study(f"{self.name}-none", "--set", "output.state=false")
        for earlier, jobs, code, texts in (
                (f"{self.name}-states.h5", "AVG,KAL", 65, ("has states of AVG, DAC, but none of KAL",)),
                (f"{self.name}-none.h5", "AVG", 65, ("has left no states", "output.state = false")),
                ("sys.csv", "AVG", 65, ("sys.csv is not a study file",)),
                (".", "AVG", 65, ("is not a study file",)),
                ("nothing.h5", "AVG", 74, ("there is no nothing.h5", "leave the key out"))):
            done = self.one_study(self.name, "--set", f"stream.continue_from={earlier}", jobs=jobs, code=code)
            for text in texts:
                self.assertIn(text, done.stderr)

    def test_numbers_below_nothing(self):
        for flag in ("--records", "--sensors", "--seed", "--rate", "--cycle"):
            self.refused(64, "must be at least 0", "stream", "simulate", "SYS", flag, "-5", "--output", "negative.csv")
        self.assertFalse((self.folder / "negative.csv").exists())

    def test_a_quiet_run_says_what_failed(self):
        (self.folder / "no-folder").mkdir()
        (self.folder / "no-folder/MQP").write_text("where the task's folder would be")
        arguments = ["stream", "run-file", "MQP", "sys.csv", "--data-set", "SYS", "--set", "io.directory=no-folder", "--set", "run.retries=0",
                     "--study", f"{self.name}.h5", "--quiet"]
        done = self.vaster(*arguments, code=75)
        lines = done.stderr.splitlines()
        self.assertRegex(lines[0], r"^vaster: MQP run .*failed: ")
        self.assertIn("no-folder", lines[0])
        self.assertIn("Finished with failures: 0 done", done.stderr)
        self.assertEqual(done.stderr.count(" failed: "), 1)
        self.assertEqual(done.stdout, "")
        done = self.vaster("stream", "run-file", "NOP", "sys.csv", "--data-set", "SYS", "--study", f"{self.name}-good.h5", "--quiet")
        self.assertEqual(done.stdout + done.stderr, "")

    def test_short_commands_name_their_own_flag_for_the_study(self):
        arguments = ["stream", "benchmark", "NOP", "sys.csv", "--sensor", "source"]
        self.vaster(*arguments)
        done = self.refused(64, "choose another name with --study", *arguments)
        self.assertNotIn("--output", done.stderr)
        self.vaster(*arguments, "--overwrite")
        self.vaster(*arguments, "--study", f"{self.name}.h5")
        self.refused(78, "start a new study with --study or --overwrite", "stream", "benchmark", "NOP", "sys.csv", "--sensor", "temperature", "--resume")

    def test_the_base_name_of_a_pack_is_its_sensor(self):
        (self.folder / "packs.json").write_text('[{"bn":"m1","bt":1600000000,"n":"t","v":1}]\n[{"bn":"m2","bt":1600000001,"n":"t","v":3}]\n'
                                                '[{"bn":"m1","bt":1600000002,"n":"t","v":5}]\n')
        arguments = ["stream", "run-file", "AVG", "packs.json", "--format", "rfc8428", "--fields", "t", "--set", "tasks.AVG.window=2"]
        self.vaster(*arguments, "-o", f"{self.name}.csv")
        self.assertEqual((self.folder / f"{self.name}.csv").read_text(), "record,sensor,field,value\n2,m1,t,3\n")
        self.vaster(*arguments, "--set", "scale.space=2", "-o", f"{self.name}-scaled.csv")
        self.assertIn("5,m1~1,t,3", (self.folder / f"{self.name}-scaled.csv").read_text())
        (self.folder / "nobody.json").write_text('[{"bn":"m1","n":"t","v":1},{"bn":"m2","n":"t","v":2}]\n')
        arguments[3] = "nobody.json"
        self.refused(65, "by one base name (bn)", *arguments, "-o", "none.csv")

    def test_faults_can_be_exported(self):
        self.one_study(self.name)
        rows = list(csv.DictReader(io.StringIO(self.vaster("export", f"{self.name}.h5", "--array", "faults").stdout)))
        self.assertLess(0, len(rows))
        data = (self.folder / "sys.csv").read_bytes()
        for row in rows:
            self.assertNotEqual(row["kind"], "")
            self.assertEqual(data[:int(row["offset"])].count(b"\n"), int(row["record"]))
        errors = sum(int(row["errors"]) for row in self.rows(f"{self.name}.h5") if row["step"] == "run")
        self.assertEqual(len(rows), errors)
        self.refused(64, "it has", "export", f"{self.name}.h5", "--array", "folts")

    def test_a_batch_says_once_what_is_wrong_with_its_configuration(self):
        done = self.vaster("stream", "run-batch", "AVG", "sys.csv", "nothing.csv", "--fields", "temperature", "-o", self.name, code=78)
        self.assertEqual(done.stderr.count("input.sensor is empty"), 1)
        self.assertFalse((self.folder / self.name).exists())

    def test_no_output_is_written_over_what_a_task_reads(self):
        (self.folder / "notes.txt").write_text("s:a,b\n")
        (self.folder / "keys.toml").write_text("")
        common = ["stream", "run-file", "ANN", "sys.csv", "--data-set", "SYS", "-c", "keys.toml", "--set", "tasks.ANN.annotations=notes.txt", "--overwrite"]
        for file in ("notes.txt", "keys.toml"):
            self.refused(64, f"would be written over {file}, which is read", *common, "-o", file)
        self.refused(74, "there is no folder", *common, "-o", "no-dir/o.csv")
        (self.folder / "keys.toml").write_text('tasks.ANN.annotations = "notes.txt"\n')
        self.refused(64, "would be written over notes.txt, which is read", "stream", "run-file", "ANN", "sys.csv", "--data-set", "SYS", "-c", "keys.toml",
                     "--overwrite", "-o", "notes.txt")
        (self.folder / "ANN.csv").write_text("s:a,b\n")
        self.refused(64, "ANN would be written over ANN.csv, which is read", "run", "--set", "study.kind=stream", "--jobs", "ANN", "--input", "sys.csv",
                     "--sensor", "source", "--fields", "temperature", "--set", "tasks.ANN.annotations=ANN.csv", "--set", "output.directory=.", "--overwrite",
                     "--output", f"{self.name}.h5")
        self.refused(78, "input.longest is 0", *common, "-o", "o.csv", "--set", "input.longest=0")
