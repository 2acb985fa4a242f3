"""Several hosts on one machine for tests: hosts-testbed as a Python object, and what a run on them leaves behind."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from system import SOURCE, VASTER  # noqa: E402

TESTBED = HERE / "hosts-testbed"
LAUNCHER = SOURCE / "scripts/vaster-mpirun"
SHARED = "/mnt/shared"
PATIENCE = 180  # s; what takes longer hangs
SBIN = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
PROGRAMS = ("unshare", "nsenter", "ip", "mpirun", "glusterfs", "glusterfsd")
SLURM_PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged")


def missing(programs=PROGRAMS):
    """Why no testbed can be made here; empty: it can."""
    if os.geteuid() != 0:
        return "hosts need root"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "hosts need /dev/fuse"
    lacking = [name for name in programs if not shutil.which(name, path=SBIN["PATH"])]
    if lacking:
        return f"these programs are not installed: {' '.join(lacking)}"
    tried = subprocess.run(["unshare", "--net", "--uts", "--ipc", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                           capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"no namespaces can be made here: {tried.stderr.strip()}"


def lacks_control_groups():
    """Why hosts cannot be frozen or slowed down here; empty: they can."""
    top = pathlib.Path("/sys/fs/cgroup")
    lacking = [str(folder) for folder in ([top] if (top / "cgroup.controllers").exists() else [top / "cpu", top / "freezer"])
               if not os.access(folder, os.W_OK)]
    return f"no control groups can be made in {' '.join(lacking)}" if lacking else ""


def lacks_faketime():
    """Why no clock can be wrong here; empty: it can."""
    return "" if any(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")) else "wrong clocks need the package libfaketime"


class Bed:
    """A testbed in a folder, which all its hosts see under the same path."""

    def __init__(self, folder, hosts=3, fs="gluster", size="64M", routed=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hosts = [f"h{number}" for number in range(1, hosts + 1)]
        program = pathlib.Path(VASTER).resolve().parent
        try:
            self.tell("start", "--hosts", hosts, "--slots", 2, "--fs", fs, "--fs-size", size, "--bind", SOURCE, "--bind", program,
                      *(["--routed"] if routed else []))
        except BaseException:
            self.tell("stop")  # what has come up
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tell("stop")

    def tell(self, word, *arguments):
        done = subprocess.run([str(part) for part in (TESTBED, word, self.folder, *arguments)], capture_output=True, text=True,
                              timeout=PATIENCE, env=SBIN)
        if done.returncode != 0:
            raise AssertionError(f"hosts-testbed {word} {arguments}: {done.stdout} {done.stderr}")
        return done.stdout

    def command(self, host, *words):
        return [str(part) for part in (TESTBED, "exec", self.folder, host, *words)]

    def on(self, host, *words, code=0):
        """Runs a command on a host, in the shared folder. Returns what it printed."""
        done = subprocess.run(self.command(host, *words), capture_output=True, text=True, timeout=PATIENCE, env=SBIN)
        if code is not None and done.returncode != code:
            raise AssertionError(f"{words} on {host} ended with {done.returncode} instead of {code}: {done.stdout} {done.stderr}")
        return done.stdout + done.stderr

    def begin(self, host, *words, out="out"):
        """Starts a command on a host. @param out  the name of the file that it prints into: one for each of those that run at a time"""
        return Started(self.command(host, *words), self.folder / out)

    def ranks(self, host):
        """Process numbers of the ranks on a host, as the host counts."""
        return [int(line) for line in self.on(host, "pgrep", "-f", "^[^ ]*/vaster run", code=None).split() if line.isdigit()]

    def processes(self, host):
        """Everything of vaster and of Open MPI that runs on a host, with what watches over it."""
        return [line[:200] for line in self.on(host, "ps", "-eo", "stat=,etimes=,args=", code=None).splitlines()
                if not line.startswith("Z") and any(f"/{name} " in line or f" {name} " in line for name in ("vaster", "mpirun", "orted", "vaster-mpirun"))]

    def kill_rank(self, host):
        ranks = self.ranks(host)
        if ranks:
            self.on(host, "kill", "-KILL", ranks[-1], code=None)
        return bool(ranks)

    def is_up(self, host):
        return any(line.startswith(f"{host} ") and " up " in line for line in self.tell("status").splitlines())

    def cpu_share(self, host):
        """Of a core, in per cent; None: no limit."""
        said = next(line for line in self.tell("status").splitlines() if line.startswith(f"{host} "))
        return int(said.split("cpu ")[1].rstrip("%")) if "cpu " in said else None

    def mend(self):
        """All hosts as they were at first, with nothing running."""
        self.tell("mend")


class Started:
    """A command in the background; what it prints goes into a file, for pipes may be held by what is left of it."""

    def __init__(self, command, output):
        self.output = output
        with open(output, "w") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=SBIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def text(self):
        return self.output.read_text(errors="replace")

    def wait_until(self, condition, what):
        """Fails as soon as it has ended without, and says what it has printed."""
        def held_or_ended():
            nonlocal held
            ended = self.process.poll() is not None
            held = bool(condition())
            return held or ended

        held = False
        try:
            wait_until(held_or_ended, what)
            if not held:
                raise AssertionError(f"it has ended with {self.process.returncode} before {what}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it has printed:\n{self.text()}") from None

    def wait(self, seconds=PATIENCE):
        """Its exit code and what it printed; the code is None when it has not ended in the time."""
        try:
            return self.process.wait(seconds), self.text()
        except subprocess.TimeoutExpired:
            return None, self.text()


def wait_until(condition, what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain until {what}")
        time.sleep(0.05)


def drill(study, experiments, seconds, *more):
    """Arguments of a run that computes nothing of interest."""
    return ["run", "--kind", "drill", "--set", f"drill.experiments={experiments}", "--set", f"drill.seconds={seconds}",
            "--set", "run.cost_cache=", "--output", study, *more]
