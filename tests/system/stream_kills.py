"""Kills studies of a made-up stream at random moments, with random ranks, partitions, cuts and memory, and compares what comes out with
an undisturbed run.

Each round cuts the stream at a record or not, runs each piece as a study that goes on from the one before, kills it once, perhaps loses or
edits a file that it left, and resumes it on another number of ranks. The outputs of the pieces, one after the other, and the states at the end
must be the bytes of the undisturbed run, and no file of lines by partition may be left.
"""

import pathlib
import random
import shutil
import subprocess
import time

from kill_fuzz import Violation, require
from system import PATIENCE, VASTER, Job, command

JOBS = "AVG,KAL,SOM,RGF,STATS"


class StreamKills:
    """A folder with a stream and what an undisturbed study makes of it."""

    def __init__(self, folder, seed, records=4000, program=VASTER, say=lambda text: None):
        self.folder, self.random, self.program, self.say = pathlib.Path(folder), random.Random(seed), program, say
        self.kills = {"in the middle": 0, "after the end": 0}
        self.rounds, self.cuts, self.on_disk, self.lost = 0, 0, 0, 0
        self.violations = []
        self.run_program("stream", "simulate", "SYS", "--records", records, "--output", "whole.senml")
        self.lines = (self.folder / "whole.senml").read_text().splitlines(keepends=True)
        began = time.monotonic()
        self.run_program(*self.arguments("undisturbed", "whole.senml"))
        self.seconds = time.monotonic() - began
        self.expected = self.outputs("undisturbed")
        self.states = self.states_of("undisturbed")

    def arguments(self, name, source, partitions=64, on_disk=False, continued=""):
        disk = ["--set", "input.memory=100 kB", "--set", "input.block=3 kB"] if on_disk else []
        return ["run", "--set", "study.kind=stream", "--jobs", JOBS, "--input", source, "--sensor", "source", "--fields", "temperature,dust",
                "--set", "tasks.RGF.ranges=temperature:0:40", "--partitions", partitions, "--output", f"{name}.h5", "--durability", "commit",
                "--set", f"output.directory={name}", "--set", f"stream.continue_from={continued}", "--quiet", *disk]

    def run_program(self, *arguments, ranks=0):
        done = subprocess.run(command(*map(str, arguments), ranks=ranks, program=self.program), cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE)
        require(done.returncode == 0, *arguments, "ended with", done.returncode, done.stderr)

    def outputs(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / name).iterdir())}

    def states_of(self, name):
        return {path.name: path.read_bytes() for path in sorted((self.folder / f"{name}.h5.stream").glob("*.state"))}

    def damage(self, name):
        """Loses or edits a file that the killed study has left, if there is one."""
        files = sorted((self.folder / f"{name}.h5.stream").rglob("*.part")) + sorted((self.folder / f"{name}.h5.stream").rglob("*.lines"))
        if not files or self.random.random() < 0.5:
            return
        self.lost += 1
        file = self.random.choice(files)
        if self.random.random() < 0.5:
            file.unlink()
            return
        content = bytearray(file.read_bytes())
        content[self.random.randrange(len(content))] ^= 1
        file.write_bytes(content)

    def kill_and_resume(self, name, arguments):
        ranks = self.random.choice((1, 2, 3, 7))
        with Job(self.folder, *map(str, arguments), ranks=ranks, program=self.program) as job:
            deadline = time.monotonic() + self.random.uniform(0.1, 1) * self.seconds
            while time.monotonic() < deadline and job.process.poll() is None:
                time.sleep(0.002)
            over = job.process.poll() is not None
            job.kill()
        self.kills["after the end" if over else "in the middle"] += 1
        self.damage(name)
        self.run_program(*arguments, "--resume", ranks=self.random.choice((1, 2, 3, 7)))
        require(not (self.folder / f"{name}.h5.stream/split").exists(), "lines by partition are left in", name)

    def round(self):
        self.rounds += 1
        cut = self.random.randrange(1, len(self.lines)) if self.random.random() < 0.5 else len(self.lines)
        pieces = [lines for lines in (self.lines[:cut], self.lines[cut:]) if lines]
        self.cuts += len(pieces) - 1
        names = [f"round-{self.rounds}-{i}" for i in range(len(pieces))]
        for i, (name, lines) in enumerate(zip(names, pieces)):
            (self.folder / f"{name}.senml").write_text("".join(lines))
            on_disk = self.random.random() < 0.5
            self.on_disk += on_disk
            self.kill_and_resume(name, self.arguments(name, f"{name}.senml", self.random.choice((1, 3, 64)), on_disk, f"{names[0]}.h5" if i else ""))
        found = [self.outputs(name) for name in names]
        for file, expected in self.expected.items():
            whole = found[0][file] + b"".join(one[file].partition(b"\n")[2] for one in found[1:])
            require(whole == expected, file, "of", names, f"cut at {cut}", "is not that of the undisturbed run")
        require(self.states_of(names[-1]) == self.states, "the states of", names[-1], "are not those of the undisturbed run")
        for path in self.folder.glob(f"round-{self.rounds}-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def run(self, kills):
        while sum(self.kills.values()) < kills:
            try:
                self.round()
            except Violation as violation:
                self.violations.append(f"round {self.rounds}: {violation}")
                self.say(f"VIOLATION: {self.violations[-1]}")
            self.say(self.report())
        return not self.violations

    def report(self):
        kills = ", ".join(f"{n} {what}" for what, n in self.kills.items())
        return (f"{sum(self.kills.values())} kills of streams ({kills}), {self.cuts} cuts, {self.on_disk} studies on the disk, "
                f"{self.lost} files lost or edited, {len(self.violations)} violations")
