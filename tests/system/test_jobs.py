"""Jobs over ranks: commands and table operations, what fails, and what a kill leaves."""

import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import model_peer
from system import PATIENCE, SOURCE, Job, SystemTest, alive, command, file_system

QUICK = ["--set", "run.retry_delay=50ms"]
MANY = int(os.environ.get("VASTER_JOBS", "300"))  # 10000 for a soak


class Jobs(SystemTest):
    @classmethod
    def setUpClass(cls):  # no cohort
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-jobs-")
        cls.base = pathlib.Path(cls._folder.name)

    def setUp(self):
        self.folder = self.base / self.id().rpartition(".")[2]
        self.folder.mkdir()
        super().setUp()
        self.study = self.folder / "jobs.h5"

    def write(self, text, name="jobs.toml"):
        (self.folder / name).write_text(text)
        return name

    def results(self):
        return list(csv.DictReader(io.StringIO(self.vaster("jobs", "results", self.study).stdout)))

    def states(self):
        return {row["name"]: row["state"] for row in self.results()}

    def test_a_kill_in_the_middle_loses_nothing_and_repeats_nothing(self):
        self.write("".join(f"{i}\n" for i in range(1, MANY + 1)), "lines.txt")
        arguments = ["jobs", "run", "--command", "echo {} >> done/{}; echo {}", "--list", "lines.txt"]
        (self.folder / "done").mkdir()
        with Job(self.folder, *arguments, ranks=2) as job:
            job.wait_until(lambda: len(list((self.folder / "done").iterdir())) > MANY // 10, "some jobs are done")
            job.kill()
        dead = self.vaster("jobs", "status", self.study, code=75).stdout
        self.assertIn("the run has ended; ", dead)
        self.assertNotIn("running", dead)
        before = [row for row in self.results() if row["state"] == "done"]
        self.assertTrue(before)
        self.vaster(*arguments, "--resume", ranks=2)
        rows = self.results()
        self.assertEqual([row["job"] for row in rows], [str(i) for i in range(1, MANY + 1)])
        self.assertEqual({row["state"] for row in rows}, {"done"})
        for row in rows:
            self.assertEqual(pathlib.Path(row["log"] + ".out").read_text(), row["job"] + "\n")
        for row in before:  # what was committed is not run again
            self.assertEqual((self.folder / "done" / row["job"]).read_text(), row["job"] + "\n")
        self.assertEqual({row["rank"] for row in rows}, {"0", "1"})
        self.vaster("verify", self.study)
        self.vaster("jobs", "status", self.study)

    def test_failures_skip_what_comes_after_until_they_are_retried(self):
        (self.folder / "deaths.csv").write_text("site,age\nAP,1\nUP,2\nAP,4\n")
        self.write('''
[[job]]
name = "clean-{site}"
foreach.site = ["AP", "UP"]
operation = "filter"
input = "deaths.csv"
where = "site = '{site}'"
output = "clean/{site}.csv"
[[job]]
name = "flaky"
command = "echo try >> tries; test -e good || exit 3"
retries = 1
[[job]]
name = "hopeless"
command = ["false"]
no_retry_codes = [1]
[[job]]
name = "absent"
command = "no-such-program"
[[job]]
name = "slow"
command = "sh -c 'sleep 600; :' & echo $! > pid; wait"
timeout = "2s"
retries = 0
[[job]]
name = "stays"
command = "setsid sleep 600 & echo $! > stays"
[[job]]
name = "forgets"
command = "true"
outputs = ["never.csv"]
[[job]]
name = "sum"
operation = "reduce"
input = "clean/AP.csv"
column = "age"
output = "sum.csv"
after = ["clean-*"]
[[job]]
name = "report"
command = "cat sum.csv"
after = ["sum", "flaky"]
''')
        plan = list(csv.DictReader(io.StringIO(self.vaster("jobs", "plan", "jobs.toml").stdout)))
        self.assertEqual([row["level"] for row in plan], list("0000000012"))
        done = self.vaster("jobs", "run", "jobs.toml", *QUICK, ranks=2, code=75)
        rows = {row["name"]: row for row in self.results()}
        self.assertEqual([row["state"] for row in rows.values()],
                         ["done", "done", "failed", "failed", "failed", "failed", "failed", "failed", "done", "skipped"], done.stderr)
        reasons = {name: row["reason"] for name, row in rows.items()}
        self.assertEqual(reasons["flaky"], "exit code 3")
        self.assertIn("exit code 127: the shell has not found a program", reasons["absent"])
        self.assertEqual(rows["absent"]["attempt"], "1")
        self.assertEqual((self.folder / "tries").read_text(), "try\ntry\n")
        self.assertIn("exit code 1, after which it is not tried again", reasons["hopeless"])
        self.assertEqual(rows["hopeless"]["attempt"], "1")
        self.assertIn("timeout: no result within 2 s", reasons["slow"])
        self.assertIn("left a process running (sleep)", reasons["stays"])
        self.assertIn("its output never.csv: there is no such file", reasons["forgets"])
        self.assertEqual(reasons["report"], "after flaky, which has failed")
        self.assertEqual((self.folder / "sum.csv").read_text(), "sum_age\n5\n")
        for name in ("pid", "stays"):
            self.assertFalse(alive(int((self.folder / name).read_text())), f"{name}: its process lives on")
        self.look_at_the_labels(done.stderr)
        self.assertIn("after flaky, which has failed", self.vaster("jobs", "status", self.study, code=75).stdout)
        said = self.vaster("report", self.study, "--figures", "none", "--output", self.folder / "report").stdout
        self.assertIn("10 jobs: 3 done, 6 failed, 1 skipped.", said)
        about = json.loads((self.folder / "report" / "report.json").read_text())["studies"][0]
        self.assertEqual([section["name"] for section in about["sections"]],
                         ["data", "job-states", "unfinished-jobs", "job-attempts", "job-spans", "account", "run-time"])

        (self.folder / "good").touch()
        (self.folder / "clean" / "AP.csv").unlink()  # made again, for its record says that it is there
        self.vaster("jobs", "retry", "--failed", self.study, *QUICK, code=75)
        states = self.states()
        self.assertEqual((states["flaky"], states["report"], states["slow"]), ("done", "done", "failed"))
        self.assertTrue((self.folder / "clean" / "AP.csv").exists())

    def test_a_kept_model_predicts_as_a_job(self):
        (self.folder / "model.h5").write_bytes(model_peer.file_of(model_peer.naive_bayes()))
        for site, rows in (("AP", "s1,s2\nY,\n,Y\n.,Y\n"), ("UP", "s2,s1\nY,Y\n"), ("bad", "s1,sex\nY,1\n")):
            (self.folder / f"{site}.csv").write_text(rows)
        jobs = '''
[[job]]
name = "{site}"
foreach.site = ["AP", "UP", "bad"]
operation = "predict"
model = "MODEL"
input = "{site}.csv"
output = "causes/{site}.csv"
flags = ["--top", "1"]
[[job]]
operation = "filter"
input = "causes/AP.csv"
where = "cause1 = 'Malaria'"
output = "malaria.csv"
after = ["AP"]
'''
        registry = {**os.environ, "VASTER_REGISTRY": str(self.folder / "models")}
        self.vaster("model", "register", "model.h5", "causes", env=registry)
        for model, study in (("model.h5", "file.h5"), ("causes:1", "name.h5")):
            self.write(jobs.replace("MODEL", model))
            self.vaster("jobs", "run", "jobs.toml", "--output", study, ranks=2, env=registry, code=75)
            rows = {row["name"]: row for row in csv.DictReader(io.StringIO(self.vaster("jobs", "results", study).stdout))}
            self.assertEqual([row["state"] for row in rows.values()], ["done", "done", "failed", "done"], rows)
            self.assertIn("predict ended with code 65: ", rows["bad"]["reason"])
            self.assertIn("s2", rows["bad"]["reason"])
            self.assertEqual(rows["bad"]["attempt"], "1")
            self.assertIn("finished", self.vaster("status", rows["AP"]["log"] + ".h5").stdout)
        self.vaster("predict", "model.h5", "AP.csv", "--output", "alone", "--top", "1")
        for ending in (".csv", "-csmf.csv", ".json"):
            self.assertEqual((self.folder / f"causes/AP{ending}").read_bytes(), (self.folder / f"alone{ending}").read_bytes())
        self.assertIn("Malaria", (self.folder / "malaria.csv").read_text())
        (self.folder / "causes" / "UP.json").unlink()
        (self.folder / "bad.csv").write_text("s1,s2\nY,\n")
        self.vaster("jobs", "retry", "name.h5", code=75)  # the file is not the one that the jobs were read with
        self.assertTrue((self.folder / "causes" / "UP.json").exists())

    def look_at_the_labels(self, said):
        """A job is called by its name, wherever people read of it."""
        self.assertIn(" flaky, attempt 1: crash on rank ", said)
        self.assertIn(" flaky failed: crash: exit code 3", said)
        self.assertRegex(said, "absent, attempt 1: error on rank .*has not found a program\n.*no-such-program")
        failures = self.vaster("status", self.study, code=75).stdout
        self.assertRegex(failures, r"\n +\d+ +[0-9a-f]{16} +flaky +2 +crash")
        self.assertNotIn("-2000000", failures)
        self.assertIn("jobs.out/NUMBER.ATTEMPT.out and .err", self.vaster("jobs", "status", self.study, code=75).stdout)

    def test_cancelled_jobs_are_killed_and_stay_cancelled(self):
        self.write('''
[[job]]
name = "long{i}"
foreach.i = [1, 2, 3, 4]
command = "test -e go || { echo $$ > pid{i}; sleep 600; }"
[[job]]
name = "next"
command = "true"
after = ["long1"]
''')
        with Job(self.folder, "jobs", "run", "jobs.toml", ranks=2) as job:
            job.wait_until(lambda: len(list(self.folder.glob("pid*"))) == 2, "two jobs run")
            pids = [int(path.read_text() or 0) for path in self.folder.glob("pid*")]
            self.vaster("jobs", "cancel", self.study, "--all")
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        for pid in pids:
            self.assertFalse(alive(pid))
        self.assertEqual(list(self.states().values()), ["cancelled"] * 4 + ["skipped"])
        (self.folder / "go").touch()
        self.vaster("jobs", "retry", self.study, code=75)
        self.assertEqual(self.states()["long1"], "cancelled")
        self.vaster("jobs", "retry", "--cancelled", self.study, ranks=2)
        self.assertEqual(set(self.states().values()), {"done"})
        again = self.vaster("jobs", "cancel", self.study, "long1")
        self.assertIn("done already", again.stderr)
        self.assertEqual(again.stdout, "0 cancelled\n")
        self.assertIn("did you mean 'next'", self.vaster("jobs", "cancel", self.study, "nexd", code=65).stderr)

    def test_what_cannot_be_run_is_refused_before_anything_runs(self):
        def refused(text, *expected, code=78):
            error = self.vaster("jobs", "run", self.write(text), code=code).stderr
            for one in expected:
                self.assertIn(one, error)
            self.assertFalse(self.study.exists())
        refused('[[job]]\nname="a"\ncommand="true"\nafter=["b"]\n[[job]]\nname="b"\ncommand="true"\nafter=["a"]\n',
                "a -> b -> a")
        refused('[[job]]\nname="a"\ncommand="true"\n[[job]]\nname="a"\ncommand="false"\n', 'have the name "a"', "jobs.toml:4")
        refused('[[job]]\ncommand=["no-such-program"]\n', "no program 'no-such-program'")
        refused('[defaults]\ntimout="1s"\n[[job]]\ncommand="true"\n', "defaults.timout", "did you mean 'timeout'")
        refused('[jobs]\n', "there is no [[job]]")
        refused('\n[[jobs]]\ncommand="true"\n', "jobs.toml:2: [[jobs]]: a job is written as [[job]]")
        self.assertIn("a job is written as [[job]]", self.vaster("jobs", "run", "jobs.toml", "--output", "a.h5", code=78).stderr)
        prediction = '[[job]]\nname="p"\noperation="predict"\ninput="jobs.toml"\n'
        refused(prediction + 'model="no.h5"\noutput="p.csv"\n', "jobs.toml:1: p predicts by the model no.h5")
        refused(prediction + 'model="jobs.toml"\noutput="p.csv"\n', "not a model file")
        refused(prediction + 'model="jobs.toml"\noutput="p.h5"\n', "must be NAME.csv")
        refused(prediction + 'model="m"\noutput="p.csv"\nflags=["--output=a"]\n', "--output, which a job cannot have")
        self.assertIn("which jobs?", self.vaster("jobs", "run", code=78).stderr)

    def test_tables_of_operations_without_an_output_are_kept_in_the_study(self):
        for site, rows in (("AP", "1\n2\n"), ("UP", "3\n4.5\n"), ("Dar", "x\n")):
            (self.folder / f"{site}.csv").write_text("age\n" + rows)
        self.write('''
[[job]]
name = "sum-{site}"
foreach.site = ["AP", "UP", "Dar"]
operation = "reduce"
input = "{site}.csv"
column = "age"
[[job]]
name = "about"
operation = "describe"
input = "AP.csv"
quantiles = []
after = ["sum-AP"]
''')
        self.vaster("jobs", "run", "jobs.toml", ranks=2, code=75)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir() if path.is_file()),
                         ["AP.csv", "Dar.csv", "UP.csv", "jobs.h5", "jobs.toml"])
        sums = self.vaster("jobs", "results", self.study, "--tables", "sum-*")
        self.assertEqual(sums.stdout, "job,job_name,sum_age\n1,sum-AP,3\n2,sum-UP,7.5\n")
        self.assertIn("the table of 1 job is missing: it is not done", sums.stderr)
        about = self.vaster("jobs", "results", self.study, "--tables", "4").stdout
        self.assertTrue(about.startswith("job,job_name,column,count,missing,texts,sum,mean,sd,min,max\n4,about,age,2,0,0,3,1.5,"), about)
        differ = self.vaster("jobs", "results", self.study, "--tables", code=65)
        self.assertEqual(differ.stdout, "")
        self.assertIn("the tables of sum-AP and about have different columns", differ.stderr)
        self.assertIn("did you mean 'about'", self.vaster("jobs", "results", self.study, "abuot", code=65).stderr)
        self.assertEqual(len(self.vaster("jobs", "results", self.study, "sum-*").stdout.splitlines()), 4)
        self.vaster("verify", self.study)
        self.vaster("jobs", "retry", self.study, code=75)

    def test_help_and_the_end_of_a_run_speak_of_jobs(self):
        said = self.vaster("jobs", "run", "--help").stdout
        self.assertIn("one attempt at a job", " ".join(said.split()))
        self.assertNotIn("one fit", said)
        self.write('[[job]]\ncommand="false"\n')
        ended = self.vaster("jobs", "run", "jobs.toml", "--retries", "0", code=75).stdout
        self.assertRegex(ended, "jobs retry .*jobs.h5' tries again what failed")
        self.assertNotIn("--resume", ended)
        self.assertIn("1 job: 1 command, 0 operations on tables", ended + self.vaster("status", self.study, code=75).stdout)

    def test_other_jobs_are_not_taken_for_those_of_the_study(self):
        self.write('[[job]]\ncommand="true"\n')
        self.vaster("jobs", "run", "jobs.toml")
        self.write('[[job]]\ncommand="echo"\n')
        error = self.vaster("jobs", "run", "jobs.toml", "--resume", code=78).stderr
        self.assertIn("was made from other jobs: job 1", error)
        self.vaster("jobs", "retry", self.study)

    def test_the_page_of_keys_is_what_the_program_prints(self):
        printed = self.vaster("config", "--markdown", "--kind", "jobs").stdout
        self.assertIn(printed, (SOURCE / "docs/service/config.md").read_text(),
                      "run: vaster config --markdown --kind jobs, and put it into docs/service/config.md")

    def test_lines_may_come_through_a_pipe_that_only_this_process_has(self):
        read, write = os.pipe()
        os.write(write, b"a b\nc\n")
        os.close(write)
        self.vaster("jobs", "run", "--command", "echo {}", "--list", f"/dev/fd/{read}", pass_fds=[read])
        os.close(read)
        self.assertEqual([(self.folder / f"jobs.out/00000{i}.1.out").read_text() for i in (1, 2)], ["a b\n", "c\n"])
        self.assertIn("--list FILE", self.vaster("jobs", "run", "echo {}", code=74).stderr)

    def test_lines_of_standard_input_may_go_to_several_ranks(self):
        done = subprocess.run(command("jobs", "run", "--command", "echo {}", "--list", "-", "--ranks", "2"), input="a\nb c\n",
                              cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(self.folder / f"jobs.out/00000{i}.1.out").read_text() for i in (1, 2)], ["a\n", "b c\n"])
        self.vaster("jobs", "run", "--command", "echo {}", "--list", "jobs.h5.list", "--resume")

    def test_a_command_that_finds_no_room_for_what_it_prints_fails_for_that_reason(self):
        with file_system(self.folder / "small", "3m") as small:
            self.write("1\n2\n", "lines.txt")
            self.vaster("jobs", "run", "--command", "head -c 4000000 /dev/zero #", "--list", "lines.txt", "--retries", "0",
                        "--output", small / "jobs.h5", code=75)
            said = self.vaster("jobs", "status", small / "jobs.h5", code=75).stdout
        self.assertIn("; there is no room left on the disk where what it prints is kept", said)

    def test_no_more_is_begun_after_so_many_failures(self):
        # What has been begun when the second one fails does not end in the half second that it has.
        done = subprocess.run(command("jobs", "run", "--command", "sleep {}; exit {}", "--list", "-", "--max-failures", "2", "--retries", "0"),
                              input="0\n" + "1\n" * 50, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 75, done.stderr)
        states = list(self.states().values())
        self.assertIn("51 jobs: ", self.vaster("jobs", "status", self.study, code=75).stdout)
        self.assertEqual(states.count("failed"), 2)
        self.assertGreater(states.count("pending"), 40)


if __name__ == "__main__":
    unittest.main()
