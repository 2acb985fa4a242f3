"""A fit on several threads gives the bytes that it gives on one, within the limits of its process."""

import unittest

from system import SystemTest, limits_memory

FOREST = ["--models", "random_forest", "--types", "in_domain", "--set", "models.random_forest.trees=600"]


class Threads(SystemTest):
    def run_with(self, name, *arguments, ranks=0):
        study = self.folder / f"{name}.h5"
        self.run_small(*FOREST, *arguments, study=study, ranks=ranks)
        self.vaster("verify", study)
        return self.exported(study)

    def test_any_number_of_threads_gives_the_same_bytes(self):
        one = self.run_with("one", "--set", "run.threads=1")
        self.assertEqual(self.run_with("eight", "--set", "run.threads=8"), one)
        self.assertEqual(self.run_with("chosen"), one)
        self.assertEqual(self.run_with("ranks", "--set", "run.threads=3", ranks=2), one)

    @limits_memory
    def test_threads_fit_into_the_memory_of_their_process(self):
        one = self.run_with("roomy", "--set", "run.threads=1")
        tight = self.run_with("tight", "--set", "run.threads=64", "--memory", "150MiB")
        self.assertEqual(tight, one)

    def test_a_run_is_resumed_with_another_number_of_threads(self):
        first = self.run_with("resumed", "--set", "run.threads=1")
        again = self.run_with("resumed", "--resume", "--set", "run.threads=4")
        self.assertEqual(again, first)


if __name__ == "__main__":
    unittest.main()
