"""Loses ranks and hosts at random moments of runs over several hosts, goes on with the study, and checks that nothing was lost.

What must hold after each loss: the study is finished with the bytes of an undisturbed run, by the run itself or by the same command with
--resume; every exit code is one that is documented; no process is left on any host that lives.
"""

import random
import statistics
import subprocess
import time

from hosts import LAUNCHER, SHARED, VASTER, Bed, drill

# What is lost -> the hosts that it may hit. The launcher and rank 0 are on h1.
KINDS = {"rank": ("h1", "h2", "h3"), "host, loudly": ("h2", "h3"), "host, power": ("h2", "h3"), "partition": ("h2", "h3"),
         "freeze": ("h2", "h3"), "rank 0's host": ("h1",)}
MOMENTS = ("start", "open", "run", "end")
CODES = {0, 71, 75}  # done; done though a rank was lost; to be continued
AWAY_SECONDS = 25  # how long a host is cut off or frozen: more than run.silence
STARTS = 4
PATIENCE = 150  # s; a start that takes longer hangs


class Row:
    """Losses of one kind at one moment."""

    def __init__(self):
        self.tried = self.survived = 0
        self.seconds = []
        self.codes = {}

    def line(self, kind, moment):
        times = f"{statistics.median(self.seconds):.0f} | {max(self.seconds):.0f}" if self.seconds else "- | -"
        codes = ", ".join(f"{code} ({count})" for code, count in sorted(self.codes.items()))
        return f"| {kind} | {moment} | {self.survived} / {self.tried} | {times} | {codes} |"


class HostLosses:
    """One soak: the same seed loses the same things at the same delays."""

    def __init__(self, folder, seed=1, experiments=120, seconds=0.25, fs="gluster", say=print):
        self.dice = random.Random(seed)
        self.folder = folder
        self.arguments = drill(f"{SHARED}/study.h5", experiments, seconds, "--quiet", "--resume", "--set", "run.retry_delay=50ms")
        self.fs = fs
        self.say = say
        self.rows = {(kind, moment): Row() for kind in KINDS for moment in MOMENTS}
        self.violations = []

    def run(self, losses):
        study = self.folder / "undisturbed.h5"
        words = [str(study) if word == f"{SHARED}/study.h5" else str(word) for word in self.arguments]
        subprocess.run([VASTER, *words, "--set", "drill.seconds=0"], check=True, capture_output=True)
        self.wanted = subprocess.run([VASTER, "export", study, "--csv", "--without-timings"], check=True, capture_output=True, text=True).stdout
        with Bed(self.folder / "bed", fs=self.fs) as self.bed:
            began = time.monotonic()
            code, text = self.start("h1")
            self.length = time.monotonic() - began
            if code != 0:
                self.violations.append(f"the undisturbed run ended with {code}: {text}")
            todo = []
            while losses > 0 and not self.violations:
                if not todo:
                    todo = self.dice.sample(list(self.rows), len(self.rows))
                self.one_loss(*todo.pop())
                losses -= 1
        return not self.violations

    def report(self):
        lines = ["| lost | moment | survived / tried | median s | most s | codes (times) |", "|---|---|---|---|---|---|"]
        lines += [row.line(*place) for place, row in self.rows.items() if row.tried]
        tried, survived = (sum(getattr(row, name) for row in self.rows.values()) for name in ("tried", "survived"))
        return "\n".join([*lines, f"all: {survived} / {tried}", *(f"VIOLATION: {text}" for text in self.violations)])

    # ---- one loss

    def command(self, host):
        live = [name for name in self.bed.hosts if self.bed.is_up(name)]
        places = ",".join(f"{name}:2" for name in sorted(live, key=lambda name: name != host))
        return [LAUNCHER, "-n", 2 * len(live), "--host", places, VASTER, *self.arguments]

    def start(self, host):
        with self.bed.begin(host, *self.command(host)) as run:
            return run.wait(PATIENCE)

    def moment(self, name):
        """Seconds after the start."""
        low, high = {"start": (0, 0.8), "open": (0.8, 2), "run": (0.3 * self.length, 0.8 * self.length),
                     "end": (0.85 * self.length, self.length)}[name]
        return self.dice.uniform(low, high)

    def lose(self, kind, host):
        """Returns what there is to be undone after a while."""
        if kind == "rank":
            self.bed.kill_rank(host)
            return None
        if kind == "partition":
            self.bed.tell("partition", host)
            return "heal"
        if kind == "freeze":
            self.bed.tell("freeze", host)
            return "thaw"
        self.bed.tell("kill-host", host, *(["--loudly"] if kind == "host, loudly" else []))
        return None

    def one_loss(self, kind, moment):
        row = self.rows[kind, moment]
        row.tried += 1
        host = self.dice.choice(KINDS[kind])
        self.bed.on("h1", "find", SHARED, "-mindepth", 1, "-delete")
        with self.bed.begin("h1", *self.command("h1")) as run:
            time.sleep(self.moment(moment))
            undo = self.lose(kind, host)
            struck = time.monotonic()
            code = self.wait(run, undo, host)
            text = run.text()
        if kind != "rank 0's host":  # its launcher has gone with it
            row.codes[code] = row.codes.get(code, 0) + 1
            if code not in CODES:
                return self.violate(kind, moment, host, f"code {code}", text)
        left = self.left_behind()
        if left:
            return self.violate(kind, moment, host, f"left behind: {left}", text)
        codes = [code]
        while codes[-1] not in (0, 71) and len(codes) < STARTS:
            live = [name for name in self.bed.hosts if self.bed.is_up(name)]
            code, text = self.start(live[0])
            codes.append(code)
        row.seconds.append(time.monotonic() - struck)
        if codes[-1] not in (0, 71):
            return self.violate(kind, moment, host, f"codes {codes}", text)
        live = next(name for name in self.bed.hosts if self.bed.is_up(name))
        if self.bed.on(live, VASTER, "export", f"{SHARED}/study.h5", "--csv", "--without-timings") != self.wanted:
            return self.violate(kind, moment, host, "other bytes than the undisturbed run", text)
        row.survived += 1
        self.say(f"{kind} ({host}), {moment}: codes {codes}, {row.seconds[-1]:.0f} s")
        self.bed.mend()

    def wait(self, run, undo, host):
        if undo is None:
            return run.wait(PATIENCE)[0]
        code, _ = run.wait(AWAY_SECONDS)
        self.bed.tell(undo, host)
        return run.wait(PATIENCE)[0] if code is None else code

    def left_behind(self):
        """What still runs on hosts that live, after a while in which it may end."""
        live = [name for name in self.bed.hosts if self.bed.is_up(name)]
        deadline = time.monotonic() + 60
        while True:
            left = {name: self.bed.processes(name) for name in live}
            left = {name: processes for name, processes in left.items() if processes}
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(1)

    def violate(self, kind, moment, host, what, text):
        self.violations.append(f"{kind} ({host}), {moment}: {what}\n{text[-2000:]}")
        self.say(self.violations[-1])
