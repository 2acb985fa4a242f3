"""What surrounds a run on a cluster: streams that are closed, full or dead, links, signals, folders that are gone."""

import fcntl
import itertools
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import time
import unittest

from system import PATIENCE, SANITIZED, SOURCE, Job, SystemTest, by_the_clock, command, file_system

LAUNCHER = SOURCE / "scripts/vaster-mpirun"


def drill(experiments=30, seconds=0.02):
    return ["run", "--set", "study.kind=drill", "--set", f"drill.experiments={experiments}", "--set", f"drill.seconds={seconds}"]


class Surroundings(SystemTest):
    deaths = 100

    def check_complete(self, study, experiments=30):
        self.assertEqual(self.counts(study), {"done": experiments})
        self.assertFalse(pathlib.Path(f"{study}.lock").exists())

    def shell(self, line, *arguments, code=0, **kwargs):
        """A line of bash in which "$@" is the program with these arguments."""
        done = subprocess.run(["bash", "-c", line, "bash", *command(*arguments, program=self.program)], cwd=self.folder,
                              capture_output=True, text=True, errors="surrogateescape", timeout=PATIENCE, **kwargs)
        self.assertEqual(done.returncode, code, f"{line} {arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def said(self, done, *words):
        """One message of ours, with these words in it."""
        lines = [line for line in done.stderr.splitlines() if line.startswith("vaster:")]
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertNotIn("bug", lines[0])


class Streams(Surroundings):
    def test_any_standard_stream_may_be_closed(self):
        for closed in itertools.chain.from_iterable(itertools.combinations((0, 1, 2), n) for n in (1, 2, 3)):
            with self.subTest(closed=closed):
                study = self.folder / f"closed{''.join(map(str, closed))}.h5"
                redirections = " ".join("<&-" if stream == 0 else f"{stream}>&-" for stream in closed)
                self.shell(f'"$@" {redirections}', *drill(), "--output", study)
                self.check_complete(study)

    def test_progress_that_cannot_be_written_costs_only_the_progress(self):
        gone = 'exec 3> >(:); sleep 0.3; "$@" 2>&3'
        for name, line in [("full", '"$@" 2>/dev/full'), ("gone", gone), ("ignored", f"trap '' PIPE; {gone}"), ("read-only", '"$@" 2</dev/null')]:
            with self.subTest(name):
                study = self.folder / f"stderr-{name}.h5"
                self.shell(line, *drill(), "--output", study)
                self.check_complete(study)

    def test_a_terminal_that_goes_away_costs_only_the_progress(self):
        study = self.folder / "terminal.h5"
        ours, theirs = pty.openpty()
        with subprocess.Popen(command(*drill(seconds=0.1), "--output", study, program=self.program), cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=theirs, start_new_session=True, env=dict(os.environ, TERM="xterm")) as run:
            os.close(theirs)
            seen = b""
            while b"done" not in seen:  # an end of the terminal is an OSError
                seen += os.read(ours, 100)
            os.close(ours)
            self.assertEqual(run.wait(PATIENCE), 0)
        self.check_complete(study)

    def test_a_reader_that_reads_nothing_does_not_stop_the_run(self):
        study = self.folder / "unread.h5"
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        while True:
            try:
                os.write(writer, bytes(4096))
            except BlockingIOError:
                break
        os.set_blocking(writer, True)
        done = subprocess.run(command(*drill(), "--output", study, program=self.program), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=writer,
                              timeout=PATIENCE)
        os.close(reader)
        os.close(writer)
        self.assertEqual(done.returncode, 0)
        self.check_complete(study)

    def test_every_command_whose_output_is_lost_says_so(self):
        self.vaster(*drill(), "--quiet", "--output", self.study)
        bars = self.folder / "bars.h5"
        self.vaster("market", "simulate", "--bars", "walk", "--count", "100", "--output", bars)
        for arguments in (["status", self.study], ["status", "--json", self.study], ["checkpoint", "list", self.study],
                          ["plan", "--set", "study.kind=drill"], ["plan", "--set", "study.kind=drill", "--csv"], ["report", self.study, "--summary"],
                          ["report", self.study, "--output", self.folder / "report", "--overwrite"], ["verify", self.study],
                          ["export", self.study], ["export", "--json", self.study],
                          ["config", "--set", "study.kind=drill"], ["config", "--defaults"], ["config", "--markdown"], ["--version"], ["--help"], ["run", "--help"],
                          ["simulate", "--deaths", "50"], ["doctor"], ["market", "simulate", "--bars", "walk", "--count", "100"], ["market", "list", bars]):
            with self.subTest(arguments=arguments):
                done = self.shell('"$@" >/dev/full', *arguments, code=74)
                self.said(done, "cannot write")
                self.shell('"$@" >&-', *arguments, code=74)
                self.shell("trap '' PIPE; \"$@\" | :; exit ${PIPESTATUS[0]}", *arguments, code=74)
        self.assertNotIn("vaster", self.shell('"$@" | head -n 1', "config", "--defaults").stderr)

    def test_lost_output_comes_before_what_a_command_says_of_a_study(self):
        self.vaster(*drill(), "--quiet", "--max-time", "0.01s", "--output", self.study, code=75)
        self.vaster("status", self.study, code=75)
        for arguments in (["status", self.study], ["config", "--defaults"]):  # short, and longer than a buffer
            self.said(self.shell('"$@" >/dev/full', *arguments, code=74), "cannot write to standard output: No space left on device")

    def test_the_summary_of_a_run_that_is_lost_does_not_change_its_code(self):
        done = self.shell('"$@" >/dev/full', *drill(), "--output", self.study)
        self.said(done, "the summary cannot be written", "No space left on device", "report --summary")
        self.check_complete(self.study)


class Links(Surroundings):
    def test_a_study_has_one_writer_under_all_its_names(self):
        (self.folder / "real").mkdir()
        real = self.folder / "real/study.h5"
        symbolic = self.folder / "symbolic.h5"
        symbolic.symlink_to("real/study.h5")
        names = {"symbolic": symbolic, "hard": self.folder / "hard.h5"}
        with Job(self.folder, *drill(400, 0.4), "--quiet", "--output", real) as job:
            job.wait_until(lambda: real.exists() and self.counts(real).get("done", 0) > 0, "a result is there")
            names["hard"].hardlink_to(real)
            for what, name in names.items():
                with self.subTest(what):
                    second = self.vaster(*drill(400, 0.4), "--output", name, "--resume", code=69)
                    self.said(second, "is being written by process")
                    self.assertIn("being written by process", self.vaster("status", name, code=75).stdout)
                    self.assertFalse(pathlib.Path(f"{name}.lock").exists())
            job.process.send_signal(signal.SIGUSR1)
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        self.vaster("verify", real)
        self.assertFalse(pathlib.Path(f"{real}.lock").exists())

    def test_a_mount_of_the_file_is_another_name_of_it(self):
        study, other = self.folder / "mounted.h5", self.folder / "elsewhere.h5"
        with Job(self.folder, *drill(400, 0.3), "--quiet", "--output", study, ranks=0) as job:
            job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > 0, "a result is there")
            other.touch()
            if subprocess.run(["mount", "--bind", study, other], capture_output=True).returncode:
                self.skipTest("this user may not mount")
            try:
                self.said(self.vaster(*drill(400, 0.3), "--output", other, "--resume", code=69), "is being written by process")
            finally:
                subprocess.run(["umount", other], check=True)

    def test_links_are_followed_and_never_replaced(self):
        (self.folder / "scratch").mkdir()
        target, link = self.folder / "scratch/target.h5", self.folder / "to-target.h5"
        link.symlink_to("scratch/target.h5")  # which is not there
        for more in ([], ["--overwrite"], ["--resume"]):
            with self.subTest(more):
                self.vaster(*drill(), "--quiet", "--output", link, *more)
                self.assertTrue(link.is_symlink())
                self.check_complete(target)
        self.vaster(*drill(), "--output", link, code=64)
        for name, arguments in (("salvaged.h5", ["checkpoint", "salvage", target]), ("report", ["report", target]),
                                ("deaths.csv", ["simulate", "--deaths", "50"])):
            (self.folder / f"link-{name}").symlink_to(f"scratch/{name}")
            self.vaster(*arguments, "--output", self.folder / f"link-{name}")
            self.assertTrue((self.folder / f"link-{name}").is_symlink())
            self.assertTrue((self.folder / "scratch" / name).exists())
        table = self.folder / "table-link.csv"
        table.symlink_to("scratch/table.csv")
        self.vaster("export", link, "--output", table)
        self.assertTrue(table.is_symlink())
        self.assertEqual((self.folder / "scratch/table.csv").read_text(), self.vaster("export", link).stdout)


class Signals(Surroundings):
    def launched(self, study, how, *more, prefix=()):
        launcher = {"alone": [], "mpirun": ["mpirun", "-n", "2"], "vaster-mpirun": [str(LAUNCHER), "-n", "2"]}[how]
        run = subprocess.Popen([*prefix, *launcher, *command(*drill(60, 0.3), "--quiet", "--output", study, *more, program=self.program)],
                               cwd=self.folder, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + PATIENCE
        while not (study.exists() and self.counts(study).get("done", 0) > 0):
            self.assertIsNone(run.poll(), run.stdout.read() if run.poll() is not None else "")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        return run

    def ending(self, run):
        output, _ = run.communicate(timeout=PATIENCE)
        return run.returncode, output

    def test_whatever_asks_a_run_to_stop_stops_it_cleanly(self):
        for how in ("alone", "vaster-mpirun"):
            numbers = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGXCPU, signal.SIGALRM, signal.SIGPWR, signal.SIGRTMIN + 3]
            for number in numbers:
                with self.subTest(how=how, number=number):
                    study = self.folder / f"{how}-{number}.h5"
                    run = self.launched(study, how)
                    # as a terminal does: to all processes of the foreground group
                    os.killpg(run.pid, number)
                    code, output = self.ending(run)
                    self.assertEqual(code, 75, output)
                    counts = self.counts(study)
                    self.assertEqual(set(counts) - {"done", "pending"}, set(), counts)
                    self.assertGreater(counts["pending"], 0)
                    self.assertFalse(pathlib.Path(f"{study}.lock").exists())

    def test_mpirun_that_hangs_up_loses_no_result(self):
        study = self.folder / "mpirun-hup.h5"
        run = self.launched(study, "mpirun")
        os.killpg(run.pid, signal.SIGHUP)
        self.assertNotEqual(self.ending(run)[0], 0)  # mpirun's own
        before = self.counts(study)["done"]
        self.assertGreater(before, 0)
        self.vaster("verify", study)

    @by_the_clock
    def test_nohup_means_it(self):
        study = self.folder / "nohup.h5"
        run = self.launched(study, "alone", prefix=("nohup",))
        os.killpg(run.pid, signal.SIGHUP)
        done = self.counts(study)["done"]
        deadline = time.monotonic() + PATIENCE
        while self.counts(study)["done"] < done + 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIsNone(run.poll())
        run.terminate()
        self.assertEqual(self.ending(run)[0], 75)


class Launcher(Surroundings):
    def launch(self, *arguments, code, cwd=None, prefix=(), **environment):
        done = subprocess.run([*prefix, str(LAUNCHER), *map(str, arguments)], cwd=cwd or self.folder, capture_output=True, text=True,
                              timeout=PATIENCE, env=dict(os.environ, **environment))
        self.assertEqual(done.returncode, code, f"{done.stdout}\n{done.stderr}")
        return done

    def test_the_launcher_needs_no_folder_that_can_be_written_to(self):
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            self.skipTest("takes another user's place")
        self.folder.chmod(0o755)
        scratch = self.folder / "scratch"
        scratch.mkdir()
        os.chown(scratch, 12345, 12345)
        readonly = self.folder / "readonly"
        readonly.mkdir()
        readonly.chmod(0o555)
        user = ("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups")
        done = self.launch("-n", "2", self.program, *drill(), "--quiet", "--output", scratch / "s.h5", code=0, cwd=readonly, prefix=user, HOME="/nowhere")
        self.assertEqual(done.stderr, "")
        self.check_complete(scratch / "s.h5")
        self.launch("-n", "2", self.program, *drill(), "--quiet", "--output", scratch / "s.h5", code=64, cwd=readonly, prefix=user, HOME="/nowhere")

    def test_an_ending_file_never_decides_the_code(self):
        for name, ending in (("full", "/dev/full"), ("kept", self.folder / "ending")):
            with self.subTest(name):
                study = self.folder / f"ending-{name}.h5"
                self.launch("-n", "2", self.program, *drill(), "--quiet", "--output", study, "--ending-file", ending, code=0)
                self.check_complete(study)
        self.assertEqual((self.folder / "ending").read_text(), "0 complete 30\n")
        self.assertEqual([path.name for path in self.folder.glob(".vaster-ending*")], [])

    def test_an_ending_file_in_a_folder_that_is_missing_is_told_once_and_before_work_begins(self):
        study = self.folder / "missing.h5"
        missing = self.folder / "no/such/folder/ending"
        for launch in (lambda: self.launch("-n", "2", self.program, *drill(), "--output", study, "--ending-file", missing, code=74),
                       lambda: self.vaster(*drill(), "--output", study, "--ending-file", missing, code=74),
                       lambda: self.vaster(*drill(), "--output", study, code=74, env=dict(os.environ, VASTER_ENDING_FILE=str(missing)))):
            self.said(launch(), "the ending file", str(missing), "--ending-file")
            self.assertFalse(study.exists())

    def test_a_refusal_under_the_launcher_has_no_lines_of_mpirun_below_it(self):
        done = self.launch("-n", "2", self.program, "run", "--set", "study.kind=drill", "--set", "drill.experiments=many", code=78)
        others = [line for line in done.stderr.splitlines() if not line.startswith(("vaster:", "  "))]
        self.assertLessEqual(len(others), 1, done.stderr)  # PMIx' own, about a code that is not 0
        self.assertNotIn("Primary job", done.stderr)


class Places(Surroundings):
    deaths = 900

    def test_a_path_is_bytes_and_need_not_be_utf8(self):
        folder = os.fsencode(self.folder) + b"/B\xe4r"
        os.mkdir(folder)
        study, data, settings = folder + b"/\xff.h5", folder + b"/d\xe4ten.csv", folder + b"/\xe4.toml"
        shutil.copy(self.cohort, data)
        pathlib.Path(os.fsdecode(settings)).write_text('[design]\nmodels = ["naive_bayes"]\n')
        text = {name: os.fsdecode(value) for name, value in dict(study=study, data=data, settings=settings, folder=folder).items()}
        more = ["--format", "encoded", "--bootstrap", "10"]
        run = ["run", text["settings"], "--data", text["data"], *more, "--output", text["study"]]
        self.shell('"$@"', *run, "--log-file", text["folder"] + "/l\udce4g", "--log-format", "json", "--status-dir", text["folder"] + "/st\udce4tus",
                   "--ending-file", text["folder"] + "/\udce4nding")
        self.shell('"$@"', *run, "--resume")
        self.assertEqual(pathlib.Path(os.fsdecode(folder + b"/\xe4nding")).read_text(), "0 complete 34\n")
        json.loads(self.shell('"$@"', "status", "--json", text["study"]).stdout)
        json.loads(self.shell('"$@"', "export", "--json", text["study"]).stdout)
        json.loads(pathlib.Path(os.fsdecode(folder + b"/st\xe4tus/status.json")).read_text())
        for line in pathlib.Path(os.fsdecode(folder + b"/l\xe4g")).read_text().splitlines():
            json.loads(line)
        for arguments in (["export", text["study"], "--output", text["folder"] + "/t\udce4ble.csv"], ["verify", text["study"]],
                          ["report", text["study"], "--output", text["folder"] + "/rep\udce4rt"], ["report", text["study"], "--summary"],
                          ["plan", text["settings"], "--data", text["data"], *more], ["checkpoint", "list", text["study"]],
                          ["config", text["settings"], "--data", text["data"], *more, "--output", text["study"]]):
            self.shell('"$@"', *arguments)
        (pathlib.Path(text["folder"]) / "rep\udce4rt/index.html").read_text(encoding="utf-8")
        written = self.shell('"$@"', "config", "--set", "study.kind=drill", "--output", text["study"]).stdout
        again = pathlib.Path(text["folder"]) / "again.toml"
        again.write_text(written)
        self.assertEqual(self.shell('"$@"', "config", again).stdout, written)

    def test_a_working_directory_that_is_gone_is_one_plain_message(self):
        self.vaster(*drill(), "--quiet", "--output", self.study)
        for arguments in ([*drill(), "--output", "s.h5"], ["status", "s.h5"], ["report", self.study, "--output", "report"],
                          ["export", self.study, "--output", "table.csv"], ["simulate", "--deaths", "50", "--output", "deaths.csv"]):
            with self.subTest(arguments=arguments):
                self.said(self.shell('mkdir gone; cd gone; rmdir ../gone; "$@"', *arguments, code=74))
        self.shell('mkdir gone; cd gone; rmdir ../gone; "$@"', *drill(), "--quiet", "--output", self.folder / "absolute.h5")

    def test_without_home_and_cache_a_run_is_complete(self):
        self.shell('env -u HOME -u XDG_CACHE_HOME "$@"', *drill(), "--quiet", "--output", self.study)
        self.check_complete(self.study)

    @unittest.skipIf(SANITIZED, "sanitizers themselves need /proc")
    def test_without_proc_nothing_is_called_a_bug(self):
        hide = "mount -t tmpfs none /proc 2>/dev/null || exit 99; "
        if subprocess.run(["unshare", "-m", "bash", "-c", hide]).returncode:
            self.skipTest("this user may not hide /proc")
        for arguments in (["--version"], ["config", "--set", "study.kind=drill"]):
            self.shell(f'unshare -m bash -c \'{hide} "$@"\' bash "$@"', *arguments)
        done = self.shell(f'unshare -m bash -c \'{hide} "$@"\' bash "$@"; [ $? != 70 ]', *drill(), "--quiet", "--output", self.study)
        self.assertNotIn("bug", done.stderr)

    def test_a_study_that_is_moved_under_its_run_is_not_given_another_reason(self):
        study = self.folder / "moved.h5"
        with Job(self.folder, *drill(seconds=1), "--quiet", "--output", study) as job:
            job.wait_until(lambda: study.exists() and self.counts(study).get("done", 0) > 0, "a result is there")
            study.rename(self.folder / "other.h5")
            code, output = job.wait()
        self.assertEqual(code, 74, output)
        self.assertIn("was removed or renamed while it was being written", output)
        for wrong in ("temporarily unavailable", "Interrupted", "bug"):
            self.assertNotIn(wrong, output)


if __name__ == "__main__":
    unittest.main()
