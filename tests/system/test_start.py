"""vaster run --ranks: the program starts its own ranks, and ends as they do."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from system import PATIENCE, SOURCE, VASTER, Job, SystemTest, command
from test_faults import ranks

DRILL = ["run", "--kind", "drill", "--set", "drill.experiments=40", "--set", "run.retry_delay=100ms"]


def listening(pid):
    """TCP addresses that a process listens at, as /proc/net/tcp writes them."""
    links = []
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(fd))
        except OSError:
            pass
    sockets = {link[len("socket:["):-1] for link in links if link.startswith("socket:[")}
    lines = [line.split() for table in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [words[1] for words in lines if words[3] == "0A" and words[9] in sockets]


def name_of(pid):
    """Empty where the process has just ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Start(SystemTest):
    deaths = 100

    def attempted_on(self):
        """The ranks that have computed something."""
        return {row["rank"] for row in self.rows()}

    def test_ranks_are_started_and_results_are_those_of_one_process(self):
        alone = self.folder / "alone.h5"
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", alone)
        for n, flags in ((2, ["--ranks", "2"]), (3, ["--ranks=3"])):
            done = self.vaster(*DRILL, "--set", "drill.seconds=0.05", "--output", self.study, *flags, "--overwrite")
            self.assertIn("All 40 experiments have their result", done.stdout)
            self.assertEqual(len(self.attempted_on()), n)
            self.assertEqual(self.exported(), self.exported(alone))

    def test_all_is_at_most_the_processors_that_the_process_may_use(self):
        self.vaster(*DRILL, "--set", "drill.seconds=0.05", "--output", self.study, "--ranks", "all")
        n = len(self.attempted_on())
        self.assertTrue(1 <= n <= len(os.sched_getaffinity(0)), n)
        if len(os.sched_getaffinity(0)) > 1:
            self.vaster(*DRILL, "--set", "drill.seconds=0.05", "--output", self.study, "--ranks", "all", "--overwrite",
                        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}))
            self.assertEqual(len(self.attempted_on()), 1, "one processor, one rank")

    def test_ranks_of_one_host_listen_to_nobody(self):
        """A lone process opens no port, and the ranks of --ranks neither; mpirun itself does."""
        for flags in ([], ["--ranks", "2"]):
            self.study.unlink(missing_ok=True)
            with Job(self.folder, *DRILL, "--set", "drill.seconds=0.5", "--output", self.study, *flags, ranks=0) as job:
                job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) in range(1, 30), "results are there")
                family = [pid for pid in job.family() if name_of(pid) == "vaster"]
                self.assertGreaterEqual(len(family), 2, flags)
                self.assertEqual({pid: listening(pid) for pid in family if listening(pid)}, {})

    def without_launcher(self, *arguments):
        """The program where no vaster-mpirun is to be found."""
        place = self.folder / "a" / "b" / "c"
        place.mkdir(parents=True, exist_ok=True)
        program = shutil.copy(VASTER, place / "vaster")
        path = ":".join(folder for folder in os.environ["PATH"].split(":") if not (pathlib.Path(folder) / "vaster-mpirun").exists())
        return subprocess.run([program, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "PATH": path})

    def test_one_rank_needs_no_launcher(self):
        done = self.without_launcher(*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--ranks", "1")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_one_rank_shares_no_folder_of_mpi_with_others_that_begin_or_end(self):
        """Open MPI would give all of them the same one, which the first to end removes."""
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", self.study, env={**os.environ, "TMPDIR": "/dev/null"})

    def test_a_launcher_names_a_program_that_is_not_there(self):
        launcher = SOURCE / "scripts/vaster-mpirun"
        for program, arguments in (("no-such-vaster", DRILL), ("./no/such/vaster", DRILL), ("./no/such/vaster", ["stream", "rate", "KAL"])):
            done = subprocess.run([launcher, "-n", "2", program, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 69, done.stderr)
            self.assertIn(f"cannot start {program}: there is no such program", done.stderr)

    def test_exit_codes_are_those_of_the_run(self):
        self.assertIn("unknown key", self.vaster(*DRILL, "--set", "drill.nothing=1", "--ranks", "2", code=78).stderr)
        self.vaster("run", "--data", self.folder / "none.csv", "--ranks", "2", code=74)
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--set", 'drill.faults=["crash:3"]', "--set", "run.retries=0", "--output",
                    self.study, "--ranks", "2", code=75)
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--ranks", "2", code=64)
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--set", 'drill.faults=["crash:3"]', "--set", "run.retries=0", "--output",
                    self.study, "--ranks", "2", "--resume", code=75)

    def test_a_run_that_is_told_to_stop_ends_with_75_and_is_resumed(self):
        long = ["--set", "drill.experiments=300", "--output", self.study, "--ranks", "2"]  # mpirun may take its time to pass a signal on
        with Job(self.folder, *DRILL, *long, "--set", "drill.seconds=0.5", ranks=0) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > 2, "something is done")
            self.assertEqual(len(ranks(job)), 2)
            job.process.send_signal(signal.SIGTERM)
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        self.vaster(*DRILL, *long, "--set", "drill.seconds=0", "--resume")

    def test_a_rank_that_is_killed_does_not_end_the_run(self):
        with Job(self.folder, *DRILL, "--set", "drill.seconds=0.2", "--output", self.study, "--ranks", "3", ranks=0) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > 2, "something is done")
            victim = [pid for pid in ranks(job)
                      if b"OMPI_COMM_WORLD_RANK=1" in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")]
            os.kill(victim[0], signal.SIGKILL)
            code, output = job.wait()
        self.assertEqual(code, 71, output)

    def test_numbers_that_are_none_are_refused(self):
        for wrong in ("0", "-2", "two", "1.5", ""):
            said = self.vaster(*DRILL, f"--ranks={wrong}", code=64).stderr
            self.assertIn("--ranks", said)
        self.assertFalse(self.study.exists())

    def test_more_ranks_than_cores_are_refused_with_what_to_do(self):
        env = {name: value for name, value in os.environ.items() if name not in ("OMPI_MCA_rmaps_base_oversubscribe", "SLURM_JOB_ID", "MPIRUN")}
        said = self.vaster(*DRILL, "--ranks", "5000", code=64, env=env).stderr
        self.assertRegex(said, r"^vaster: --ranks 5000: this machine has \d+ physical cores? for vaster, .* --ranks all")

    @unittest.skipIf(os.geteuid() != 0, "only root is refused by mpirun")
    def test_root_is_told_what_mpirun_wants_in_our_words(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith("OMPI_ALLOW_RUN_AS_ROOT")}
        done = self.vaster(*DRILL, "--output", self.study, "--ranks", "2", code=69, env={**env, "OMPI_MCA_rmaps_base_oversubscribe": "1"})
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", done.stderr)
        self.assertFalse(self.study.exists())

    def test_an_ending_file_is_written_by_ranks_that_the_program_starts_itself(self):
        ending = self.folder / "ending"
        for flags in (["--ending-file", ending], [f"--ending-file={ending}"]):
            self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--overwrite", "--ranks", "2", *flags)
            self.assertEqual(ending.read_text(), "0 complete 40\n")
            ending.unlink()
        self.vaster(*DRILL, "--set", "drill.seconds=0", "--output", self.study, "--ranks", "2", "--ending-file", ending, code=64)
        self.assertEqual(ending.read_text(), "64 refused\n")

    def test_inside_of_mpirun_the_ranks_are_there_already(self):
        done = subprocess.run(command(*DRILL, "--output", self.study, "--ranks", "2", ranks=2), cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 64)
        self.assertEqual(done.stderr.count("mpirun has started the ranks already; leave --ranks out"), 1, done.stderr)
        self.assertFalse(self.study.exists())

    def test_a_missing_launcher_is_named(self):
        done = self.without_launcher(*DRILL, "--output", self.study, "--ranks", "2")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("needs vaster-mpirun, which is neither beside", done.stderr)


def ended(pid, seconds=10):
    """Has a process ended, or does it within the time? Whoever is to take note of that may be late."""
    deadline = time.monotonic() + seconds
    stat = pathlib.Path(f"/proc/{pid}/stat")
    while stat.exists() and stat.read_text().rpartition(") ")[2][0] not in "ZX":
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Launcher(unittest.TestCase):
    """vaster-mpirun above something that is called like Open MPI's launcher: it sees what that does, not what it is."""

    def launched(self, script, seconds=2, name="orterun", **variables):
        """Exit code of vaster-mpirun above a script, what it printed, and how long it took."""
        with tempfile.TemporaryDirectory() as folder:
            mpirun = shutil.copy("/bin/bash", pathlib.Path(folder) / name)
            script_file = pathlib.Path(folder) / "script"
            script_file.write_text(script + "\n")
            began = time.monotonic()
            done = subprocess.run([SOURCE / "scripts/vaster-mpirun", "-n", "4", "true", "run"], cwd=folder, capture_output=True, text=True,
                                  timeout=PATIENCE, env={**os.environ, "MPIRUN": f"{mpirun} {script_file}", "VASTER_START_SECONDS": str(seconds),
                                                             **variables})
            return done.returncode, done.stderr, time.monotonic() - began

    def test_hosts_that_never_answer_end_the_launcher_and_what_is_below_it(self):
        for waiting in ("sleep 0.3; sleep 300 & wait", "sleep 300 & sleep 301 & wait"):  # agents are through, or wait themselves
            with tempfile.NamedTemporaryFile() as pids:
                code, text, _ = self.launched(f"exec 2>/dev/null; echo $$ >{pids.name}; sleep 300 & echo $! >>{pids.name}; {waiting}")
                self.assertEqual(code, 75, text)
                self.assertRegex(text, r"^vaster-mpirun: no rank was started within \d+ s: of \d other hosts 0 have answered; .*\(VASTER_START_SECONDS")
                self.assertEqual(len(text.splitlines()), 1, text)
                for pid in pids.read().decode().split():
                    self.assertTrue(ended(pid), "it lives on")

    def test_a_launcher_that_starts_nothing_is_ended(self):
        code, text, _ = self.launched("sleep 0; read -r _ <> <(:)")
        self.assertEqual(code, 75, text)
        self.assertIn("no rank was started within", text)

    def test_a_launcher_of_another_mpi_is_let_alone(self):
        code, text, _ = self.launched("sleep 4 & wait; exit 3", name="mpiexec.hydra")
        self.assertEqual(code, 3, text)
        self.assertEqual(self.launched("sleep 0.5 & wait; exit 1", name="mpiexec.hydra")[0], 1)

    def test_a_daemon_that_cannot_be_started_says_that_the_run_may_be_started_again(self):
        code, text, _ = self.launched("sleep 0.5 & wait; exit 1", seconds=30)
        self.assertEqual(code, 75, text)
        self.assertIn("no rank was started, since a daemon of mpirun was not", text)

    def test_a_launcher_that_gives_up_once_all_hosts_have_answered_says_that_the_run_may_be_continued(self):
        # As Open MPI's does when it misses a host, before or after ranks were begun here, and before any of them could say something.
        with socket.create_server(("127.0.0.2", 0)) as other_host:
            connect = f"exec 3<>/dev/tcp/127.0.0.2/{other_host.getsockname()[1]}; sleep 2.5 & wait"
            for begun in ("", "OMPI_COMM_WORLD_RANK=0 sleep 1.5; "):
                code, text, _ = self.launched(f"{connect}; {begun}exit 1", seconds=30)
                self.assertEqual(code, 75, text)
                self.assertIn("mpirun has given up", text)

    def test_refusals_of_the_launcher_itself_keep_their_code(self):
        self.assertEqual(self.launched("exit 1", seconds=30)[0], 1)
        self.assertEqual(self.launched("sleep 0.3 & wait; exit 9", seconds=30)[0], 9)

    def test_a_watch_begins_with_each_daemon_unless_a_scheduler_or_the_user_begins_them_in_a_way_of_their_own(self):
        tell = 'echo "begun by $OMPI_MCA_orte_launch_agent." >&2; exit 9'
        own = re.escape(str(SOURCE / "scripts/vaster-mpirun"))
        self.assertRegex(self.launched(tell)[1], rf"begun by test -r {own} && bash {own} --watch-daemon [0-9.]+ 2 & orted\.")
        for variable, value in (("SLURM_JOB_ID", "7"), ("PBS_JOBID", "7.head"), ("OMPI_MCA_plm", "rsh")):
            self.assertIn("begun by .", self.launched(tell, **{variable: value})[1], variable)
        self.assertIn("begun by my orted.", self.launched(tell, OMPI_MCA_orte_launch_agent="my orted")[1])
        self.assertIn("begun by .", self.launched(tell, name="mpiexec.hydra")[1])

    def test_ranks_may_take_longer_than_the_launcher_may_take_to_start_them(self):
        code, text, seconds = self.launched("OMPI_COMM_WORLD_RANK=0 sleep 4 & wait; exit 3")
        self.assertEqual(code, 3, text)
        self.assertGreater(seconds, 3.9)
        self.assertEqual(text, "")


@contextlib.contextmanager
def full_server():
    """A server to which connections are never made, as to a host that is gone: its queue is full."""
    with socket.create_server(("127.0.0.2", 0), backlog=0) as server:
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(server.getsockname())
            yield server


class WatchOfADaemon(unittest.TestCase):
    """vaster-mpirun --watch-daemon beside processes that are called like Open MPI's daemon."""

    def begin(self, folder, mark, script):
        """A daemon with a watch that has two seconds of patience. Returns both."""
        daemon = pathlib.Path(folder) / "orted"
        if not daemon.exists():
            daemon.write_text(f"#!{sys.executable}\nimport socket, subprocess, sys, time\nexec(sys.argv[1])\n"
                              f"print('ready', flush=True)\ntime.sleep({PATIENCE})\n")
            daemon.chmod(0o755)
        launcher = SOURCE / "scripts/vaster-mpirun"
        daemon = subprocess.Popen([daemon, script, f"bash {launcher} --watch-daemon {mark} 2 & orted"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(daemon.communicate)
        self.addCleanup(daemon.kill)
        self.assertEqual(daemon.stdout.readline(), "ready\n")
        watch = subprocess.Popen([launcher, "--watch-daemon", mark, "2"])
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        return daemon, watch

    def test_a_daemon_without_ranks_that_no_other_host_answers_is_ended_and_no_other(self):
        connect = "kept = socket.socket()\nkept.setblocking(False)\nkept.connect_ex({})"
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.2", 0)) as other_host, full_server() as mute_host:
            answered, never = (connect.format(host.getsockname()) for host in (other_host, mute_host))
            left_alone = [self.begin(folder, "heard", answered), self.begin(folder, "other network", ""),
                          self.begin(folder, "parent", f"{never}\nchild = subprocess.Popen(['cat'], stdin=subprocess.PIPE)")]
            alone, watch = self.begin(folder, "alone", never)
            self.assertEqual(watch.wait(PATIENCE), 0)
            self.assertEqual(alone.wait(), -signal.SIGKILL)
            time.sleep(1)
            for daemon, its_watch in left_alone:
                self.assertIsNone(daemon.poll())
                daemon.kill()
                daemon.wait()
                self.assertEqual(its_watch.wait(PATIENCE), 0, "the watch ends with its daemon")



if __name__ == "__main__":
    unittest.main()
