"""Loses ranks and hosts at random moments of runs over several hosts, goes on with the study, and checks that nothing was lost.

What must hold after each loss: the study is finished with the bytes of an undisturbed run, by the run itself or by the same command with
--resume; new results come within a minute; nothing that was finished is computed again; every exit code is one that is documented; no process
is left on any host that lives.
"""

import datetime
import json
import os
import random
import statistics
import subprocess
import time

from hosts import LAUNCHER, SHARED, VASTER, Bed, drill

# What is lost -> the hosts that it may hit. The launcher is on h1, and rank 0, too, but for the last kind.
KINDS = {"rank": ("h1", "h2", "h3"), "host, loudly": ("h2", "h3"), "host, power": ("h2", "h3"), "partition": ("h2", "h3"),
         "freeze": ("h2", "h3"), "rank 0's host": ("h1",), "host without ranks": ("h3",), "rank 0's host, h3 without ranks": ("h1",),
         "launcher's host without ranks": ("h1",)}
WITH_LAUNCHER = {kind for kind, hosts in KINDS.items() if hosts == ("h1",)}  # its code is lost, too
MOMENTS = ("start", "open", "run", "end")
CODES = {0, 71, 75}  # done; done though a rank was lost; to be continued
AWAY_SECONDS = 25  # how long a host is cut off or frozen: more than run.silence
AIM_SECONDS = 60  # from a loss to the first new result
LAST_MOMENT = 2  # s; what a lost host has not synced yet (run.durability = group: once a second) goes with it
STARTS = 4
PATIENCE = 150  # s; a start that takes longer hangs
MOST_VIOLATIONS = 5


class Row:
    """Losses of one kind at one moment."""

    def __init__(self):
        self.tried = self.survived = 0
        self.until_new = []  # s from the loss to the first result after it; none where there was nothing left to do
        self.until_end = []  # s from the loss to the end of the finished study
        self.codes = {}

    def count(self, codes):
        said = "none" if codes[0] not in CODES else str(codes[0])
        said = ", then ".join([said, *map(str, codes[1:])])
        self.codes[said] = self.codes.get(said, 0) + 1

    def line(self, kind, moment):
        times = [f"{statistics.median(seconds):.1f} | {max(seconds):.1f}" if seconds else "- | -" for seconds in (self.until_new, self.until_end)]
        codes = "; ".join(f"{code} ({count})" for code, count in sorted(self.codes.items(), key=lambda item: -item[1]))
        return f"| {kind} | {moment} | {self.survived} / {self.tried} | {' | '.join(times)} | {codes} |"


class Commits:
    """What rank 0's log says of results; all hosts have one clock."""

    def __init__(self, text):
        self.all = []  # when, which experiment, on which host
        for line in text.splitlines():
            if '"message":"committed' in line:
                entry = json.loads(line)
                when = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
                self.all.append((when, entry["experiment"], entry["message"].rsplit(" on ", 1)[1]))

    def seconds_until_new(self, struck_at):
        """From the loss to the first result after it. Nothing where none came."""
        return [min(when for when, *_ in self.all if when > struck_at) - struck_at] if any(when > struck_at for when, *_ in self.all) else []

    def computed_again(self, struck_at, lost_host):
        """Experiments that had their result before the loss and got one after it. Those of the last moment of a lost host may.
        @param lost_host  None: all hosts live on"""
        before = {experiment for when, experiment, host in self.all if when <= struck_at - (LAST_MOMENT if host == lost_host else 0)}
        return sorted({experiment for when, experiment, _ in self.all if when > struck_at} & before)


class HostLosses:
    """One soak: the same seed loses the same things at the same delays."""

    def __init__(self, folder, seed=1, experiments=120, seconds=0.25, fs="gluster", kinds=KINDS, moments=MOMENTS, aim=AIM_SECONDS, say=print):
        unknown = [name for name in [*kinds, *moments] if name not in [*KINDS, *MOMENTS]]
        if unknown:
            raise ValueError(f"neither a kind of loss nor a moment: {unknown}; there are {', '.join(KINDS)}; {', '.join(MOMENTS)}")
        self.dice = random.Random(seed)
        self.folder = folder
        self.arguments = drill(f"{SHARED}/study.h5", experiments, seconds, "--quiet", "--resume", "--set", "run.retry_delay=50ms")
        self.log = folder / "bed/run.log"  # which all hosts see
        self.fs = fs
        self.aim = aim
        self.say = say
        self.rows = {(kind, moment): Row() for kind in kinds for moment in moments}
        self.violations = []

    def run(self, losses):
        study = self.folder / "undisturbed.h5"
        words = [str(study) if word == f"{SHARED}/study.h5" else str(word) for word in self.arguments]
        subprocess.run([VASTER, *words, "--set", "drill.seconds=0"], check=True, capture_output=True)
        self.wanted = subprocess.run([VASTER, "export", study, "--csv", "--without-timings"], check=True, capture_output=True, text=True).stdout
        with Bed(self.folder / "bed", fs=self.fs, routed=True) as self.bed:
            self.arguments += ["--log-file", self.log, "--log-level", "debug", "--log-format", "json"]
            began = time.monotonic()
            code, text = self.start("h1", "rank")
            self.length = time.monotonic() - began
            if code != 0:
                self.violations.append(f"the undisturbed run ended with {code}: {text}")
            todo = []
            while losses > 0 and len(self.violations) < MOST_VIOLATIONS:
                if not todo:
                    todo = self.dice.sample(list(self.rows), len(self.rows))
                place = todo.pop()
                try:
                    self.one_loss(*place)
                except (AssertionError, subprocess.TimeoutExpired) as problem:  # a command on a host failed or hangs
                    self.violate(*place, "some host", str(problem), "")
                self.rows[place].tried += 1  # not before it is through: a soak may be interrupted
                self.bed.mend()
                losses -= 1
        return not self.violations

    def report(self):
        lines = ["| lost | moment | survived / tried | new results: median s | most s | finished: median s | most s | code of the run, then of the next (times) |",
                 "|---|---|---|---|---|---|---|---|"]
        lines += [row.line(*place) for place, row in self.rows.items() if row.tried]
        tried, survived = (sum(getattr(row, name) for row in self.rows.values()) for name in ("tried", "survived"))
        return "\n".join([*lines, f"all: {survived} / {tried}", *(f"VIOLATION: {text}" for text in self.violations)])

    # ---- one loss

    def command(self, host, kind):
        live = sorted((name for name in self.bed.hosts if self.bed.is_up(name)), key=lambda name: name != host)
        if kind == "launcher's host without ranks":
            live = live[1:]
        places = ",".join(f"{name}:2" for name in live)
        ranks = 2 * len(live) - (2 if "without ranks" in kind and len(live) == 3 else 0)
        return [LAUNCHER, "-n", ranks, "--host", places, VASTER, *self.arguments]

    def start(self, host, kind):
        with self.bed.begin(host, *self.command(host, kind)) as run:
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
        host = self.dice.choice(KINDS[kind])
        self.bed.on("h1", "find", SHARED, "-mindepth", 1, "-delete")
        self.log.unlink(missing_ok=True)
        with self.bed.begin("h1", *self.command("h1", kind)) as run:
            time.sleep(self.moment(moment))
            undo = self.lose(kind, host)
            struck, struck_at = time.monotonic(), time.time()
            code = self.wait(run, undo, host)
            text = run.text()
        if kind not in WITH_LAUNCHER and code not in CODES:
            return self.violate(kind, moment, host, f"code {code}", text)
        self.wait_for_the_ranks()
        codes = [code]
        while codes[-1] not in (0, 71) and len(codes) < STARTS:
            live = [name for name in self.bed.hosts if self.bed.is_up(name)]
            code, text = self.start(live[0], kind)
            codes.append(code)
        row.until_end.append(time.monotonic() - struck)
        commits = Commits(self.log.read_text(errors="replace") if self.log.exists() else "")
        until_new = commits.seconds_until_new(struck_at)
        row.until_new += until_new
        row.count(codes)
        if codes[-1] not in (0, 71):
            return self.violate(kind, moment, host, f"codes {codes}", text)
        live = next(name for name in self.bed.hosts if self.bed.is_up(name))
        if self.bed.on(live, VASTER, "export", f"{SHARED}/study.h5", "--csv", "--without-timings") != self.wanted:
            return self.violate(kind, moment, host, "other bytes than the undisturbed run", text)
        if max(until_new, default=0) > self.aim:
            return self.violate(kind, moment, host, f"no new result for {until_new[0]:.0f} s; {self.aim:g} s are the aim (--patience)", text)
        again = commits.computed_again(struck_at, None if kind == "rank" else host)
        if again:
            return self.violate(kind, moment, host, f"finished before the loss and computed again: experiments {again}", text)
        left = self.left_behind(max(struck + 60, time.monotonic() + 15))
        if left:
            return self.violate(kind, moment, host, f"left behind: {left}", text)
        row.survived += 1
        self.say(f"{kind} ({host}), {moment}: codes {codes}, {row.until_end[-1]:.0f} s")

    def wait(self, run, undo, host):
        if undo is None:
            return run.wait(PATIENCE)[0]
        code, _ = run.wait(AWAY_SECONDS)
        self.bed.tell(undo, host)
        return run.wait(PATIENCE)[0] if code is None else code

    def wait_for_the_ranks(self):
        """Where the launcher is gone: until those that were left have gone as well, as somebody would who begins again."""
        deadline = time.monotonic() + PATIENCE
        while any(self.bed.ranks(name) for name in self.bed.hosts if self.bed.is_up(name)) and time.monotonic() < deadline:
            time.sleep(0.5)

    def left_behind(self, deadline):
        """What still runs on hosts that live; there is time until the deadline."""
        live = [name for name in self.bed.hosts if self.bed.is_up(name)]
        while True:
            left = {name: self.bed.processes(name) for name in live}
            left = {name: processes for name, processes in left.items() if processes}
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(1)

    def violate(self, kind, moment, host, what, text):
        for name in self.bed.hosts:  # nothing of it is to disturb the next loss
            if self.bed.is_up(name):
                self.bed.tell("kill-host", name)
        self.violations.append(f"{kind} ({host}), {moment}, at a load of {os.getloadavg()[0]:.0f}: {what}\n{text[-2000:]}")
        self.say(self.violations[-1])
