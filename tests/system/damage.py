"""Damages study files on purpose: rows at random places, and the structure around them.

Rows: `vaster verify` must name exactly those that were hit, and --resume must compute exactly those again. Structure: every
command must refuse with one clear error within 5 s, and `vaster checkpoint salvage` must save every row that holds.
"""

import pathlib
import random
import re
import subprocess

from kill_fuzz import exported, ranges, require, results, vaster
from system import VASTER

EXPERIMENTS = 120
QUICK = 5  # s in which an error must be there
PLAN, RECORDS, SAMPLES, STEPS = 0, 1, 4, 5


def bounds(study):
    """(begin, end) of plan, records, attempts, schedule and arrays, as the seal says."""
    return [(int(begin), int(end)) for begin, end in
            re.findall(rb"^range (\d+) (\d+)$", pathlib.Path(study).read_bytes()[:4096], re.MULTILINE)]


def owner(table, offset, length):
    """The experiment to which a byte of a table of a drill belongs."""
    if table != STEPS:
        return offset * EXPERIMENTS // length
    row = offset * sum(index % 4 for index in range(EXPERIMENTS)) // length
    for index in range(EXPERIMENTS):
        if row < index % 4:
            return index
        row -= index % 4
    raise AssertionError("beyond the last row")


class Damage:
    """A finished drill, and what becomes of copies of it."""

    def __init__(self, folder, seed=1):
        self.folder = pathlib.Path(folder)
        self.dice = random.Random(seed)
        self.study = self.folder / "sound.h5"
        self.copy = self.folder / "damaged.h5"
        self.arguments = ["run", "--resume", "--quiet", "--set", "study.kind=drill", "--set", f"drill.experiments={EXPERIMENTS}",
                          "--set", "drill.group_size=4", "--set", "drill.seconds=0.001"]
        self.run(self.study)
        self.bytes = self.study.read_bytes()
        self.bounds = bounds(self.study)
        self.counts = {"bytes of rows": 0, "bytes of structure": 0, "cuts": 0}

    def run(self, study):
        done = vaster(*self.arguments, "--output", study)
        require(done.returncode == 0, "the run ended with", done.returncode, done.stderr)

    def write(self, data):
        self.copy.write_bytes(data)

    def rows(self, hits):
        """Changes bytes of so many committed rows; checks that exactly those are named and computed again."""
        data, hit = bytearray(self.bytes), set()
        for _ in range(hits):
            table = self.dice.choice([PLAN, RECORDS, SAMPLES, STEPS])
            begin, end = self.bounds[table]
            at = self.dice.randrange(begin, end)
            data[at] ^= self.dice.randrange(1, 256)
            hit.add(("/plan" if table == PLAN else "/records", owner(table, at - begin, end - begin)))
            self.counts["bytes of rows"] += 1
        self.write(data)
        verified = vaster("verify", self.copy)
        named = {(table, int(row)) for row, table in re.findall(r": row (\d+) of (/\w+): ", verified.stdout)}
        # Without its row of the plan nobody can tell where the arrays of an experiment are.
        blind = {("/records", row) for table, row in hit if table == "/plan"}
        require(verified.returncode == (65 if data != self.bytes else 0) and hit <= named <= hit | blind,
                "verify names", named, "instead of", hit)
        before = results(self.study)
        self.run(self.copy)
        require(vaster("verify", self.copy).returncode == 0, "verify after --resume")
        require(ranges(self.copy)[PLAN] == ranges(self.study)[PLAN], "the plan was not mended")
        again = {index for index, row in results(self.copy).items() if row != before[index]}
        require(again == {row for table, row in hit if table == "/records"}, again, "were computed again, not those hit:", hit)
        self.check_results(self.copy)

    def structure(self, tries):
        """Changes single bytes outside of the rows."""
        outside = [at for at in range(len(self.bytes)) if not any(begin <= at < end for begin, end in self.bounds)]
        for _ in range(tries):
            at, bit = self.dice.choice(outside), 1 << self.dice.randrange(8)
            data = bytearray(self.bytes)
            data[at] ^= bit
            self.write(data)
            self.counts["bytes of structure"] += 1
            self.refuse_and_salvage(f"bit {bit} of byte {at}", self.bytes)

    def cuts(self, tries):
        """Cuts the file short."""
        for size in [self.dice.randrange(self.bounds[PLAN][0], len(self.bytes)) for _ in range(tries)]:
            self.write(self.bytes[:size])
            self.counts["cuts"] += 1
            self.refuse_and_salvage(f"{size} bytes", self.bytes[:size])
        for size in (0, 1, 13, 4000):
            self.write(self.bytes[:size])
            self.refuse(f"{size} bytes", "")

    def refuse(self, what, word):
        for command in (["status"], ["verify"], ["export", "--csv"], ["report"], ["checkpoint", "list"]):
            done = subprocess.run([VASTER, *command, str(self.copy)], capture_output=True, text=True, timeout=QUICK)
            require(done.returncode == 65 and word in done.stderr and done.stderr.count("\n") == 1,
                    f"{what}: {command} ended with {done.returncode}: {done.stderr}")

    def refuse_and_salvage(self, what, rows_of):
        self.refuse(what, "salvage")
        resumed = vaster(*self.arguments, "--output", self.copy)
        require(resumed.returncode == 65, f"{what}: --resume ended with {resumed.returncode}: {resumed.stderr}")
        saved = self.folder / "saved.h5"
        saved.unlink(missing_ok=True)
        done = vaster("checkpoint", "salvage", self.copy, "--output", saved)
        require(done.returncode == 0, f"{what}: salvage:", done.stderr)
        whole = [index for index in range(EXPERIMENTS) if all(end <= len(rows_of) for end in self.ends_of(index))]
        said = int(re.search(r"(\d+) results saved", done.stdout).group(1))
        require(said == len(whole), f"{what}: {said} results saved instead of {len(whole)}")
        self.run(saved)
        require(vaster("verify", saved).returncode == 0, f"{what}: verify after salvage")
        before, after = results(self.study), results(saved)
        again = {index for index in after if after[index] != before[index]}
        require(again == set(range(EXPERIMENTS)) - set(whole), f"{what}: computed again: {again}")
        self.check_results(saved)

    def ends_of(self, index):
        """Where the experiment's parts of the file end."""
        ends, steps = [], sum(one % 4 for one in range(EXPERIMENTS))
        for table in (RECORDS, SAMPLES):
            begin, end = self.bounds[table]
            ends.append(begin + (index + 1) * (end - begin) // EXPERIMENTS)
        begin, end = self.bounds[STEPS]
        until = sum(one % 4 for one in range(index + 1))
        return ends + ([begin + until * (end - begin) // steps] if index % 4 else [])

    def check_results(self, study):
        require(exported(study, "--without-timings") == exported(self.study, "--without-timings"), "the results differ")
        require(ranges(study)[SAMPLES:] == ranges(self.study)[SAMPLES:], "the arrays differ")


def everything(folder, seed, rounds):
    """Rounds of damage of each kind; returns what was done."""
    damage = Damage(folder, seed)
    for _ in range(rounds):
        damage.rows(hits=damage.dice.randrange(1, 12))
    damage.structure(tries=rounds)
    damage.cuts(tries=rounds)
    return damage.counts
