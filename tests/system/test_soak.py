"""A short run of what scripts/soak does at length: kills and damage at random places; no result is ever lost."""

import unittest

import damage
from kill_fuzz import KillFuzz
from system import SystemTest


class Soak(SystemTest):
    deaths = 100

    def test_twenty_kills_lose_nothing(self):
        fuzz = KillFuzz(self.folder, seed=20, ranks=2, experiments=300)
        self.assertTrue(fuzz.run(20), fuzz.report())
        self.assertTrue(all(tally.tried >= 3 for tally in fuzz.tallies.values()), fuzz.report())

    def test_damage_is_named_refused_and_mended(self):
        counts = damage.everything(self.folder, seed=7, rounds=4)
        self.assertEqual(counts["bytes of structure"], 4)


if __name__ == "__main__":
    unittest.main()
