"""A plan that grows from its results: the same experiments and the same bytes, whatever happens on the way."""

import random
import signal
import os
import time
import unittest

from damage import bounds
from system import Job, SystemTest, by_the_clock
from test_faults import ranks

GENERATIONS, SIZE = 12, 10
DRILL = ["run", "--set", "study.kind=drill", "--set", f"drill.generations={GENERATIONS}", "--set", f"drill.experiments={SIZE}",
         "--set", "drill.seconds=0.02", "--set", "run.retry_delay=50ms"]


class Growth(SystemTest):
    deaths = 100

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.undisturbed = None

    def expected(self):
        if Growth.undisturbed is None:
            study = self.folder / "undisturbed.h5"
            self.vaster(*DRILL, "--output", study)
            Growth.undisturbed = self.exported(study)
        return Growth.undisturbed

    def planned(self):
        """Column `planned` of a plan that is whole: the last four bytes of each row."""
        begin, end = bounds(self.study)[0]
        plan = self.study.read_bytes()[begin:end]
        length = len(plan) // len(self.rows())
        return [int.from_bytes(plan[row + length - 4:row + length], "little") for row in range(0, len(plan), length)]

    def test_any_number_of_ranks_plans_the_same(self):
        self.assertEqual(self.expected().count("\n"), 1 + GENERATIONS * SIZE)
        parents = {(row["generation"], row["parent"]) for row in self.rows(self.folder / "undisturbed.h5")}
        self.assertGreater(len(parents), GENERATIONS)
        for count in (1, 2, 4):
            study = self.folder / f"ranks{count}.h5"
            self.vaster(*DRILL, "--output", study, ranks=count)
            self.assertEqual(self.exported(study), self.expected(), f"{count} ranks")
            self.vaster("verify", study)

    @by_the_clock
    def test_kills_at_random_moments_change_nothing(self):
        randomness = random.Random(7)
        arguments = [*DRILL, "--set", "drill.seconds=0.04", "--output", self.study, "--resume"]
        done = 0
        for count in (1, 2, 3, 2, 1, 4, 2, 2):
            with Job(self.folder, *arguments, ranks=count) as job:
                job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > done, "something new is done")
                time.sleep(randomness.uniform(0, 0.4))
                job.kill()
            self.vaster("verify", self.study)
            rows = self.rows()
            self.assertEqual(len(rows) % SIZE, 0, "a generation is in the plan as a whole or not at all")
            now = sum(row["status"] == "done" for row in rows)
            self.assertGreater(now, done)
            done = now
        self.vaster(*arguments, ranks=2)
        self.assertEqual(self.exported(), self.expected())

    def test_a_stop_in_the_middle_says_that_more_is_to_be_planned(self):
        arguments = [*DRILL, "--set", "drill.seconds=0.1", "--output", self.study]
        with Job(self.folder, *arguments, ranks=2) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > SIZE, "the second generation runs")
            os.kill(ranks(job)[0], signal.SIGTERM)
            code, output = job.wait()
        self.assertEqual(code, 75, output)
        self.assertIn("and more to be planned", output)
        self.vaster(*arguments, "--resume", ranks=2)
        self.assertEqual(self.exported(), self.expected())

    def test_generations_of_one_experiment_are_stages_of_their_own(self):
        arguments = [*DRILL, "--set", "drill.experiments=1", "--set", "drill.generations=5", "--set", "drill.seconds=0.2"]
        self.vaster(*arguments, "--output", self.study)
        self.assertEqual(self.planned(), [1, 2, 3, 4, 5])
        self.study.unlink()
        with Job(self.folder, *arguments, "--output", self.study) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > 2, "the fourth generation runs")
            job.kill()
        self.vaster(*arguments, "--output", self.study, "--resume", ranks=2)
        self.assertEqual(self.planned(), [1, 2, 3, 4, 5])

    def test_what_failed_stays_failed_once_the_next_generation_has_come_from_it(self):
        faulty = [*DRILL, "--retries", "0", "--output", self.study, "--set", "drill.generations=3",
                  "--set", 'drill.faults=["error:4", "crash:25"]']
        self.vaster(*faulty, ranks=2, code=75)
        before = self.exported()
        self.assertEqual(self.counts(), {"done": 28, "failed": 2})
        self.assertNotIn("4", {row["parent"] for row in self.rows()})
        again = self.vaster(*faulty[:-2], "--set", "drill.faults=[]", "--resume", ranks=2, code=75)
        self.assertIn("planned from their failure: 1", again.stderr)
        self.assertEqual(self.counts(), {"done": 29, "failed": 1})
        changed = [new for old, new in zip(before.splitlines(), self.exported().splitlines()) if old != new]
        self.assertEqual([line.split(",")[0] for line in changed], ["25"])

    def test_damaged_rows_of_any_generation_of_the_plan_are_planned_again(self):
        self.vaster(*DRILL, "--output", self.study)
        sound = bytearray(self.study.read_bytes())
        begin, end = bounds(self.study)[0]
        length = (end - begin) // (GENERATIONS * SIZE)
        hit = [3, 2 * SIZE, 5 * SIZE + 4, 5 * SIZE + 9, GENERATIONS * SIZE - 1]
        for row in hit:
            sound[begin + row * length + 8] ^= 0x40
        before = self.exported(self.study, "--csv")
        self.study.write_bytes(sound)
        named = self.vaster("verify", self.study, code=65).stdout
        for row in hit:
            self.assertIn(f"row {row} of /plan", named)
        said = self.vaster(*DRILL, "--output", self.study, "--resume", ranks=2).stderr
        for row in hit:
            self.assertIn(f"row {row} of the plan did not hold; it was written again", said)
        self.vaster("verify", self.study)
        self.assertEqual(self.exported(self.study, "--csv"), before, "a result was computed again")

    def test_plan_shows_the_first_stage_and_says_that_more_follow(self):
        shown = self.vaster("plan", *DRILL[1:]).stdout
        self.assertIn(f"the plan grows: these come first; the next ones follow from their results, up to "
                      f"{GENERATIONS * SIZE} experiments in all", shown)
        self.assertEqual(shown.count("drill "), SIZE)


if __name__ == "__main__":
    unittest.main()
