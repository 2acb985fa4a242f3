"""How scripts/soak --hosts judges a loss, by logs that are made up here; and what it says where no hosts can be made."""

import json
import subprocess
import sys
import unittest

from host_losses import LAST_MOMENT, Commits
from hosts import SOURCE

STRUCK_AT = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def log(*results):
    """@param results  seconds after the loss, experiment, host"""
    lines = ['{"time":"2027-01-15T07:00:00.000Z","level":"info","rank":0,"component":"engine","message":"no result"}']
    for seconds, experiment, host in results:
        minute, second = divmod(seconds + 60, 60)
        assert 0 <= seconds + 60 and minute < 60
        hour, minute = (7, 59) if minute < 1 else (8, minute - 1)
        lines.append(json.dumps({"time": f"2027-01-15T{hour:02}:{int(minute):02}:{second:06.3f}Z", "experiment": experiment,
                                 "message": f"committed, attempt 1 on {host}"}, separators=(",", ":")))
    return "\n".join(lines)


class Judged(unittest.TestCase):
    def test_the_first_result_after_the_loss_is_what_was_waited_for(self):
        commits = Commits(log((-5, 0, "h1"), (70.5, 2, "h1"), (61.25, 1, "h2")))
        self.assertAlmostEqual(commits.seconds_until_new(STRUCK_AT)[0], 61.25, places=2)
        self.assertEqual(Commits(log((-5, 0, "h1"))).seconds_until_new(STRUCK_AT), [])
        self.assertEqual(Commits("").seconds_until_new(STRUCK_AT), [])

    def test_a_result_that_was_there_and_comes_again_is_a_violation(self):
        commits = Commits(log((-20, 0, "h1"), (-10, 1, "h2"), (5, 2, "h1"), (6, 1, "h3"), (7, 2, "h3")))
        self.assertEqual(commits.computed_again(STRUCK_AT, "h2"), [1])
        self.assertEqual(Commits(log((-20, 0, "h1"), (5, 1, "h1"))).computed_again(STRUCK_AT, "h2"), [])

    def test_what_a_lost_host_has_not_synced_may_be_computed_again(self):
        text = log((-LAST_MOMENT / 2, 0, "h2"), (-LAST_MOMENT / 2, 1, "h3"), (5, 0, "h1"), (6, 1, "h1"))
        self.assertEqual(Commits(text).computed_again(STRUCK_AT, "h2"), [1])
        self.assertEqual(Commits(text).computed_again(STRUCK_AT, None), [0, 1])


class Command(unittest.TestCase):
    def soak(self, *flags, **more):
        return subprocess.run([sys.executable, "-B", SOURCE / "scripts/soak", *flags], capture_output=True, text=True, timeout=60, **more)

    def test_where_no_hosts_can_be_made_nothing_was_tried_and_that_is_no_violation(self):
        done = self.soak("--hosts", "1", env={"PATH": "/nonexistent"})  # without mpirun, if not without more
        self.assertEqual(done.returncode, 69, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"^hosts: nothing was tried: \S+")
        self.assertNotIn("BROKEN", done.stdout)

    def test_ranks_are_refused_for_hosts(self):
        done = self.soak("--hosts", "1", "--ranks", "4")
        self.assertEqual(done.returncode, 64, done.stdout + done.stderr)
        self.assertIn("--ranks is not for --hosts", done.stderr)


if __name__ == "__main__":
    unittest.main()
