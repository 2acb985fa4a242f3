"""Kills a running study at random moments, goes on with it, and checks after every kill that nothing was lost.

What must hold after each kill: the file opens, `vaster verify` is clean, every result that was acknowledged before the kill
(seen in an export, or named as committed in the log) is still there with the same bytes, timings included, and no process
of the job is left. When a study is finished its export and its arrays must be those of an undisturbed run, byte for byte.
"""

import csv
import io
import os
import pathlib
import random
import re
import signal
import statistics
import subprocess
import time

from system import PATIENCE, VASTER, Job, alive

KINDS = ("job", "worker", "rank 0", "task server", "child", "mpirun")
COMMITTED = re.compile(r"rank=(\d+) store experiment=(\d+): committed")
RESUMES_OF_ONE_STUDY = 60
KILLS_BETWEEN_WORDS = 10
RANK_LOST = 71  # complete nevertheless


class Violation(AssertionError):
    """A promise that did not hold."""


def require(holds, *what):
    if not holds:
        raise Violation(" ".join(str(part) for part in what))


def words(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []


def parent(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def rank_of(pid):
    """The number of the rank that a process is or belongs to; None when it is gone."""
    try:
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    for variable in environment:
        name, _, value = variable.partition(b"=")
        if name == b"OMPI_COMM_WORLD_RANK":
            return int(value)
    return None


def targets(job, kind):
    """Process numbers that a kill of this kind may hit now."""
    family = job.family()
    if kind == "job":
        return family
    if kind == "mpirun":
        return [pid for pid in family if [pathlib.Path(word).name for word in words(pid)[:1]] == ["mpirun"]]
    ranks = [pid for pid in family if words(pid)[1:2] == ["run"] and "mpirun" not in words(pid)[0]]
    if kind in ("worker", "rank 0"):
        return [pid for pid in ranks if (rank_of(pid) == 0) == (kind == "rank 0")]
    tasks = [pid for pid in family if "task-server" in words(pid)]
    above = set(ranks if kind == "task server" else tasks)
    return [pid for pid in tasks if parent(pid) in above]


def kill(pids):
    """Returns how many were there to be killed."""
    hit = 0
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
            hit += 1
        except ProcessLookupError:
            pass
    return hit


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


def vaster(*arguments):
    return subprocess.run([VASTER, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)


def exported(study, *flags):
    done = vaster("export", study, "--csv", *flags)
    require(done.returncode == 0, "export of", study, "failed:", done.stderr)
    return done.stdout


def results(study):
    """Every experiment that is done: index -> its row as exported, timings included."""
    lines = exported(study).splitlines()
    status, index = lines[0].split(",").index("status"), lines[0].split(",").index("index")
    rows = [(next(csv.reader(io.StringIO(line))), line) for line in lines[1:]]
    return {int(cells[index]): line for cells, line in rows if cells[status] == "done"}


def ranges(study):
    """The bytes of plan, records, attempts, schedule and each array, as the seal says."""
    with open(study, "rb") as file:
        bounds = re.findall(rb"^range (\d+) (\d+)$", file.read(4096), re.MULTILINE)
        parts = []
        for begin, end in bounds:
            file.seek(int(begin))
            parts.append(file.read(int(end) - int(begin)))
    return parts


class Tally:
    """Kills tried and survived of one kind, and the seconds until work went on."""

    def __init__(self):
        self.tried = self.survived = 0
        self.seconds = []

    def line(self, kind):
        times = f"{statistics.median(self.seconds):8.2f} {max(self.seconds):8.2f}" if self.seconds else f"{'-':>8} {'-':>8}"
        return f"{kind:<12} {self.survived:>8} / {self.tried:<5} {times}"


class KillFuzz:
    """One soak: the same seed kills the same kinds at the same delays."""

    def __init__(self, folder, seed=1, ranks=3, experiments=600, seconds=0.02, kinds=KINDS, say=print, start=Job):
        self.start = start  # makes a Job
        # What the job itself outlives.
        self.harmless = ("task server", "child") if start is Job else ("task server", "child", "worker")
        self.folder = pathlib.Path(folder)
        self.dice = random.Random(seed)
        self.ranks = ranks
        self.say = say
        self.arguments = ["run", "--resume", "--quiet", "--log-level", "debug", "--retries", "10",
                          "--set", "study.kind=drill", "--set", f"drill.experiments={experiments}", "--set", "drill.group_size=5",
                          "--set", f"drill.seconds={seconds}", "--set", "run.retry_delay=50ms"]
        self.tallies = {kind: Tally() for kind in kinds}
        self.kinds = []
        self.ending = 0.0  # s that the job took to end after the last kill
        self.violations = []
        self.study = self.log = None
        self.acknowledged = {}
        # What killed ranks leave behind goes away with the folder.
        os.environ.update(OMPI_MCA_btl_vader_backing_directory=str(self.folder), OMPI_MCA_orte_tmpdir_base=str(self.folder))

    def run(self, kills):
        self.reference = self.folder / "undisturbed.h5"
        self.log = self.folder / "undisturbed.log"
        with Job(self.folder, *self.arguments, "--output", self.reference, "--log-file", self.log, ranks=self.ranks) as job:
            code, output = job.wait()
        require(code == 0, "the undisturbed run ended with", code, output)
        require(len(self.commits()) == len(results(self.reference)), "the log does not name every result")
        number = 0
        while self.tried() < kills and not self.violations:
            number += 1
            self.study = self.folder / f"study{number}.h5"
            self.acknowledged = {}
            self.finish_study(kills)
        return not self.violations

    def tried(self):
        return sum(tally.tried for tally in self.tallies.values())

    def report(self):
        lines = [f"{'killed':<12} {'survived / tried':>16} {'median s':>8} {'most s':>8}   until new results came"]
        lines += [tally.line(kind) for kind, tally in self.tallies.items()]
        survived = sum(tally.survived for tally in self.tallies.values())
        lines.append(f"{'all':<12} {survived:>8} / {self.tried():<5}")
        return "\n".join(lines + [f"VIOLATION: {text}" for text in self.violations])

    # ---- one study

    def finish_study(self, kills):
        """Starts the study, kills, goes on, until it is finished."""
        pending = None  # the kill whose recovery is being timed: (kind, seconds the dead job took to end)
        for start in range(RESUMES_OF_ONE_STUDY):
            self.log = self.folder / f"{self.study.stem}-{start}.log"
            with self.start(self.folder, *self.arguments, "--output", self.study, "--log-file", self.log, ranks=self.ranks) as job:
                began = time.monotonic()
                if pending:
                    kind, ending = pending
                    if wait_for(lambda: self.commits() or job.process.poll() is not None, 60) and self.commits():
                        self.tallies[kind].seconds.append(ending + time.monotonic() - began)
                pending = self.kill_until_it_ends(job, kills)
                if self.violations:
                    return
                if pending is None and job.process.returncode in (0, RANK_LOST):
                    return self.guarded("the end", self.check_finished)
        self.violations.append(f"{self.study}: not finished after {RESUMES_OF_ONE_STUDY} starts")

    def kill_until_it_ends(self, job, kills):
        """Kills at random moments while the job lives. Returns (kind, seconds) of the kill that ended it, or None."""
        while self.tried() < kills:
            kind = self.next_kind()
            self.sleep_until_a_moment(job)
            if job.process.poll() is not None:
                self.kinds.insert(0, kind)
                return None
            self.guarded(kind, self.acknowledge)
            family, victims = job.family(), self.choose(job, kind)
            rank = rank_of(victims[0]) if victims else None
            logged, struck = self.commits(), time.monotonic()
            if not kill(victims):
                self.kinds.insert(0, kind)
                if job.process.poll() is None:
                    continue  # a child that had just ended
                return None
            self.guarded(kind, lambda: self.check_kill(job, kind, family, rank, logged, struck))
            if self.violations:
                return None
            if job.process.poll() is not None and kind not in ("task server", "child"):
                return kind, self.ending
        return None if self.ended(job, PATIENCE) else self.hangs(job)

    def next_kind(self):
        if not self.kinds:
            self.kinds = list(self.tallies)
            self.dice.shuffle(self.kinds)
        return self.kinds.pop()

    def sleep_until_a_moment(self, job):
        """Any moment: while MPI starts, while the file is made or read, or amid the work."""
        if self.dice.random() < 0.4:
            time.sleep(self.dice.uniform(0, 1.2))
            return
        more, before = self.dice.uniform(0, 1.0), len(self.commits())
        wait_for(lambda: len(self.commits()) > before or job.process.poll() is not None, 60)
        time.sleep(more)

    def choose(self, job, kind):
        found = []
        wait_for(lambda: found or found.extend(targets(job, kind)) or found or job.process.poll() is not None, 30)
        return found if kind == "job" or not found else [found[self.dice.randrange(len(found))]]

    def commits(self):
        """(experiment, rank) of the lines of this start's log that are complete."""
        try:
            text = self.log.read_text()
        except OSError:
            return []
        return [(int(index), int(rank)) for rank, index in COMMITTED.findall(text[:text.rfind("\n") + 1])]

    # ---- one kill

    def acknowledge(self):
        """Takes note of what an observer could see before the kill."""
        if self.study.exists():
            self.acknowledged.update(results(self.study))

    def check_kill(self, job, kind, family, rank, logged, struck):
        self.tallies[kind].tried += 1
        self.ending = 0.0
        if kind in self.harmless:
            self.check_file(logged)
            news = lambda: [by for _, by in self.commits()[len(logged):] if by == rank or kind == "worker"]
            if wait_for(lambda: news() or job.process.poll() is not None, 60) and news():
                self.tallies[kind].seconds.append(time.monotonic() - struck)
        else:
            gone = wait_for(lambda: job.process.poll() is not None and not any(alive(pid) for pid in family), 30)
            self.ending = time.monotonic() - struck
            require(gone, "processes are left 30 s after the kill:", [(pid, words(pid)) for pid in family if alive(pid)])
            self.check_file(logged)
        self.tallies[kind].survived += 1
        if self.tried() % KILLS_BETWEEN_WORDS == 0:
            self.say(f"{self.tried()} kills, nothing lost")

    def check_file(self, logged):
        if not self.study.exists():
            return require(not self.acknowledged and not logged, "the study file is gone")
        verified = vaster("verify", self.study)
        require(verified.returncode == 0, "verify:", verified.stdout, verified.stderr)
        now = results(self.study)
        lost = [index for index in {*self.acknowledged, *(index for index, _ in logged)} if index not in now]
        require(not lost, "acknowledged results are gone:", lost)
        changed = [index for index, row in self.acknowledged.items() if now[index] != row]
        require(not changed, "acknowledged results have changed:", changed)
        self.acknowledged = now

    def check_finished(self):
        require(exported(self.study, "--without-timings") == exported(self.reference, "--without-timings"),
                "the export differs from the undisturbed run's")
        mine, theirs = ranges(self.study), ranges(self.reference)
        require(mine[0] == theirs[0] and mine[4:] == theirs[4:], "plan or arrays differ from the undisturbed run's")
        left = [path.name for path in self.folder.glob(f".{self.study.name}.*")]
        require(not left, "unfinished files are left:", left)
        for path in [self.study, *self.folder.glob(f"{self.study.stem}-*.log")]:
            path.unlink()

    def guarded(self, what, check):
        try:
            check()
        except (Violation, subprocess.TimeoutExpired) as problem:
            self.violations.append(f"{what}, {self.study}, kill {self.tried()}: {problem}")
            self.say(self.violations[-1])

    def ended(self, job, seconds):
        return wait_for(lambda: job.process.poll() is not None, seconds)

    def hangs(self, job):
        self.violations.append(f"{self.study}: the job hangs: {[words(pid) for pid in job.family()]}")
