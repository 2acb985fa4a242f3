"""What the system tests share: running the real program on real MPI ranks in a folder of its own."""

import contextlib
import csv
import io
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = SOURCE.parent / "shared"
VASTER = os.environ.get("VASTER_PROGRAM", str(SOURCE / "build/dev/vaster"))
SANITIZED = "ASAN_OPTIONS" in os.environ  # the program takes several times as long, and memory that no limit knows
PATIENCE = 1200 if SANITIZED else 240  # s; a command that takes longer hangs
by_the_clock = unittest.skipIf(SANITIZED, "something is to happen in seconds in which a program with sanitizers has hardly begun")
preloads = unittest.skipIf(SANITIZED, "a program with sanitizers lets no library be loaded before them")
limits_memory = unittest.skipIf(SANITIZED, "limits of memory say nothing of a program with sanitizers")

# MPI on one machine: more ranks than cores, as root in containers, waiting ranks that give way.
os.environ.update(OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_hwloc_base_binding_policy="none", OMP_NUM_THREADS="1",
                  OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                  OMPI_MCA_btl_vader_single_copy_mechanism="none",
                  PMIX_MCA_psec="native")  # no waiting for a munge daemon that is not there

# A study that takes a few seconds: 40 experiments for each of five models.
SMALL = ["--format", "encoded", "--bootstrap", "50", "--set", "models.xgboost.rounds=3",
         "--set", "models.insilico.iterations=400", "--set", "models.insilico.starts=2",
         "--set", "models.random_forest.trees=10"]


class SystemTest(unittest.TestCase):
    """A test in a temporary folder, with a simulated cohort made once per class."""

    deaths = 1800
    program = VASTER  # another one in tests of programs that are built on vaster

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-system-")
        cls.folder = pathlib.Path(cls._folder.name)
        cls.cohort = cls.folder / "cohort.csv"
        subprocess.run([cls.program, "simulate", "--deaths", str(cls.deaths), "--format", "encoded", "--output", str(cls.cohort)],
                       check=True, timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def setUp(self):
        self.study = self.folder / f"{self.id()}.h5"
        os.environ["XDG_CACHE_HOME"] = str(self.folder / f"{self.id()}.caches")  # no test learns from another, or teaches the user

    def vaster(self, *arguments, ranks=0, code=0, **kwargs):
        """Runs the program (on ranks if > 0), checks its exit code, returns the finished process."""
        done = subprocess.run(command(*arguments, ranks=ranks, program=self.program), capture_output=True, text=True, timeout=PATIENCE,
                              cwd=self.folder, **kwargs)
        self.assertEqual(done.returncode, code, f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def run_small(self, *more, ranks=0, code=0, study=None):
        return self.vaster("run", "--data", self.cohort, *SMALL, "--output", study or self.study, *more, ranks=ranks, code=code)

    def exported(self, study=None, *flags):
        return self.vaster("export", study or self.study, "--csv", *(flags or ["--without-timings"])).stdout

    def rows(self, study=None):
        return list(csv.DictReader(io.StringIO(self.exported(study, "--csv"))))

    def counts(self, study=None):
        """Experiments by status."""
        counts = {}
        for row in self.rows(study):
            counts[row["status"]] = counts.get(row["status"], 0) + 1
        return counts


def command(*arguments, ranks=0, program=VASTER):
    launcher = ["mpirun", "-n", str(ranks)] if ranks else []
    return [*launcher, str(program), *map(str, arguments)]


class Job:
    """The program on ranks in the background, in a process group of its own."""

    def __init__(self, folder, *arguments, ranks=2, program=VASTER):
        self.process = subprocess.Popen(command(*arguments, ranks=ranks, program=program), cwd=folder, start_new_session=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.stdout.close()

    def family(self):
        """Process numbers of mpirun and everything below it."""
        parents = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue
            parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += parents.get(pid, [])
        return found

    def kill(self):
        """SIGKILL to every process of the job at once."""
        family = self.family()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(PATIENCE)
        deadline = time.monotonic() + 30
        while any(alive(pid) for pid in family) and time.monotonic() < deadline:
            time.sleep(0.02)

    def wait_until(self, condition, what):
        """Waits for something that happens while the job runs."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None and not condition():
                raise AssertionError(f"the job ended with {self.process.returncode} before {what}:\n{self.process.stdout.read()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {PATIENCE} s in vain until {what}")
            time.sleep(0.02)

    def wait(self):
        output, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def file_system(folder, size):
    """A file system of its own in memory; skips the test where we may not mount one."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode != 0:
        raise unittest.SkipTest("this user may not mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Leaves no free byte; returns the file that fills."""
    path = folder / "filler"
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return path


# As docs/trading/strategies.md describes a market file: rows of one asset each, in the order of `symbols`.
MAKE_MARKET_FILE = """
import csv, datetime, sys, h5py, numpy
names = ["open", "high", "low", "close", "volume", "funding_rate"]
assets = {}
for row in csv.DictReader(open(sys.argv[1])):
    time = datetime.datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
    assets.setdefault(row["symbol"], []).append((int(time.timestamp()), *(float(row[name]) for name in names)))
with h5py.File(sys.argv[2], "w") as file:
    file.attrs["filetype"], file.attrs["version"], file.attrs["symbols"] = "vaster market", 1, list(assets)
    for place, rows in enumerate(assets.values()):
        file[f"bars/{place:04}"] = numpy.array(rows, [("time", "<i8")] + [(name, "<f8") for name in names])
"""


def make_market_file(test, table, path):
    """A market file of a table of `vaster market simulate --bars`, by h5py alone; skips the test where that is not installed."""
    python = "/usr/bin/python3"  # the one that Debian's python3-h5py is for
    if subprocess.run([python, "-c", "import h5py"], capture_output=True).returncode:
        test.skipTest("python3-h5py is not installed")
    subprocess.run([python, "-c", MAKE_MARKET_FILE, table, path], check=True, timeout=PATIENCE)
