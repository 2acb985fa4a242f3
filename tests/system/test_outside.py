"""Programs outside this repository: vaster is installed, and the examples of the two tutorials are built on it, run, killed and
resumed."""

import csv
import io
import math
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from system import PATIENCE, SOURCE, VASTER, Job, SystemTest, limits_memory

BUILD = pathlib.Path(VASTER).parent
PLACE = None  # a folder outside the repository, with the prefix and the programs


def cached(name):
    """A variable of the build tree's CMake cache."""
    return re.search(rf"^{name}:\w+=(.*)", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)[1]


def checked(*arguments):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def build(example, program):
    source, binary = PLACE / example, PLACE / f"build-{example}"
    shutil.copytree(SOURCE / "docs/examples" / example, source)
    checked("cmake", "-S", source, "-B", binary, f"-DCMAKE_PREFIX_PATH={PLACE / 'prefix'}",
            f"-DCMAKE_CXX_COMPILER={cached('CMAKE_CXX_COMPILER')}")
    checked("cmake", "--build", binary)
    return binary / program


def setUpModule():
    global PLACE
    folder = tempfile.TemporaryDirectory(prefix="vaster-outside-")
    unittest.addModuleCleanup(folder.cleanup)
    PLACE = pathlib.Path(folder.name)
    checked("cmake", "--install", BUILD, "--prefix", PLACE / "prefix", "--component", "development")


class Installed(unittest.TestCase):
    def test_headers_are_the_public_ones_and_no_others(self):
        public = {path.relative_to(SOURCE / "include") for path in (SOURCE / "include").rglob("*.hpp")}
        include = PLACE / "prefix/include"
        self.assertEqual({path.relative_to(include) for path in include.rglob("*") if path.is_file()}, public)

    def test_a_private_header_cannot_be_included(self):
        def found(header):
            compiler = [cached("CMAKE_CXX_COMPILER"), "-std=c++20", "-E", "-x", "c++", "-I", str(PLACE / "prefix/include"), "-"]
            return subprocess.run(compiler, input=f'#include "{header}"\n', capture_output=True, text=True).returncode == 0

        self.assertTrue(found("vaster/cli/program.hpp"))
        for header in ("core/run/run_study.hpp", "vaster/run/run_study.hpp", "domains/va/models/catalogue.hpp"):
            self.assertTrue((SOURCE / "src" / header).exists() or header.startswith("vaster/"))
            self.assertFalse(found(header), header)

    def test_every_public_header_says_how_stable_it_is(self):
        for path in sorted((PLACE / "prefix/include").rglob("*.hpp")):
            self.assertRegex(path.read_text().partition("\n")[0], r"// (Stable|May change before 1\.0)\b", path)


def intervals(hits, n):
    """The three intervals of the example, from the textbook."""
    z = 1.959963984540054

    def around(centre, half):
        return centre - half, centre + half

    share, more = hits / n, n + z * z
    shrunk = (hits + z * z / 2) / more
    return {"wald": around(share, z * math.sqrt(share * (1 - share) / n)),
            "wilson": around(shrunk, z / more * math.sqrt(n * share * (1 - share) + z * z / 4)),
            "agresti_coull": around(shrunk, z * math.sqrt(shrunk * (1 - shrunk) / more))}


def exact_coverage(method, n, share):
    """Sum over the hits that a sample may have, of their binomial probability."""
    return sum(math.comb(n, hits) * share**hits * (1 - share)**(n - hits) for hits in range(n + 1)
               if intervals(hits, n)[method][0] <= share <= intervals(hits, n)[method][1])


class Program(SystemTest):
    """A program that is built on the installed vaster."""

    example = name = None

    @classmethod
    def setUpClass(cls):
        cls.program = build(cls.example, cls.name)

    def kill_in_the_middle(self, run, at_least):
        """SIGKILL to every process of a run on two ranks that has so many results; says how many the file has then."""
        with Job(self.folder, *run, program=self.program) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) >= at_least, "some are done")
            job.kill()
        return self.counts()["done"]


class Kind(Program):
    example, name = "kind", "coverage"
    samples = 1000000
    run_flags = ["run", "--sizes", "10,20,30,40", "--shares", "0.02,0.1,0.3,0.5", "--samples", samples]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-kind-")
        cls.folder = pathlib.Path(cls._folder.name)

    def test_a_killed_run_is_resumed_to_the_bytes_of_an_undisturbed_one(self):
        whole = self.folder / "whole.h5"
        said = self.vaster(*self.run_flags, "--output", whole, ranks=1).stdout
        self.assertIn("Coverage of 95 % intervals", said)
        run = [*self.run_flags, "--output", self.study]
        done = self.kill_in_the_middle(run, 1)
        self.assertTrue(1 <= done < 48, f"{done} of 48 experiments were done before the kill")
        self.vaster(*run, "--resume", ranks=2)
        self.assertEqual(self.exported(), self.exported(whole))
        self.vaster("verify", self.study)
        rows = self.rows()
        self.assertEqual(len(rows), 48)
        for row in rows:
            exact = exact_coverage(row["method"], int(row["size"]), float(row["share"]))
            chance = math.sqrt(exact * (1 - exact) / self.samples)
            self.assertAlmostEqual(float(row["coverage"]), exact, delta=5 * chance + 1e-12, msg=str(row))
        self.vaster("report", self.study, "--figures", "none", "--output", self.folder / "report")
        self.assertIn("Coverage of 95 % intervals", (self.folder / "report/index.html").read_text())

    def test_keys_flags_and_checks_are_the_kinds_own(self):
        self.assertIn("[coverage]", self.vaster("config", "--defaults").stdout)
        self.assertIn("--shares", self.vaster("run", "--help").stdout)
        self.assertIn("coverage.sizes has 2.5 (must be a whole number)", self.vaster("plan", "--sizes", "2.5,3", code=78).stderr)
        self.assertIn("27 experiments in 9 fit groups", self.vaster("plan").stdout)

    @limits_memory
    def test_a_memory_limit_holds_and_the_next_attempt_has_more(self):
        done = self.vaster("run", "--sizes", "10000000", "--shares", "0.1", "--samples", "1", "--methods", "wald",
                           "--memory", "64MiB", "--set", "run.retry_delay=50ms", "--output", self.study)
        self.assertIn("needs more than its limit of 64.0 MiB", done.stderr)  # its table of hits takes 80 MB
        self.assertEqual([(row["status"], row["attempt"]) for row in self.rows()], [("done", "2")])

    def test_the_program_goes_by_its_own_name(self):
        self.assertRegex(self.vaster("--version").stdout, r"^coverage, built with vaster \d")
        self.assertNotIn("vaster", self.vaster("--help").stdout)
        self.assertIn("coverage: ", self.vaster("run", "--nonsense", code=64).stderr)

    def test_doctor_tries_out_this_machine(self):
        self.assertIn("Studies can be run here.", self.vaster("doctor", ranks=2).stdout)


class Model(Program):
    example, name, deaths = "model", "nearest", 900
    flags = ["--format", "encoded", "--sites", "AP,Dar,Mexico", "--bootstrap", "50"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        SystemTest.setUpClass.__func__(cls)  # the cohort, by the program itself

    def run_of(self, models, study, *more):
        return ["run", "--data", self.cohort, *self.flags, "--models", models, "--output", study, *more]

    def test_it_is_compared_with_the_models_of_vaster_on_any_number_of_ranks(self):
        ensemble = ["--set", 'design.ensembles=["both = soft(nearest, naive_bayes)"]']
        whole = self.folder / "whole.h5"
        self.vaster(*self.run_of("nearest,naive_bayes", whole, *ensemble), ranks=1)
        self.vaster(*self.run_of("nearest,naive_bayes", self.study, *ensemble), ranks=2)
        self.assertEqual(self.exported(), self.exported(whole))
        accuracy = {}
        for row in self.rows():
            self.assertEqual(row["status"], "done")
            if row["type"] == "in_domain":
                accuracy.setdefault(row["model"], []).append(float(row["cod_accuracy"]))
        self.assertEqual({model: len(each) for model, each in accuracy.items()}, {"nearest": 3, "naive_bayes": 3, "both": 3})
        for model, each in accuracy.items():  # 34 causes: chance is far below
            self.assertGreater(sum(each) / 3, 0.15, model)
        means = csv.DictReader(io.StringIO(self.vaster("compare", self.study, "--csv", "--table", "means").stdout))
        self.assertEqual({row["model"] for row in means}, {"nearest", "naive_bayes", "both"})

    def test_a_killed_run_is_resumed_to_the_bytes_of_an_undisturbed_one(self):
        whole, more = self.folder / "whole-of-many.h5", ["--repeats", "40"]
        self.vaster(*self.run_of("nearest", whole, *more), ranks=1)
        planned = len(self.rows(whole))
        done = self.kill_in_the_middle(self.run_of("nearest", self.study, *more), 1)
        self.assertTrue(1 <= done < planned, f"{done} of {planned} experiments were done before the kill")
        self.vaster(*self.run_of("nearest", self.study, *more), "--resume", ranks=2)
        self.assertEqual(self.exported(), self.exported(whole))
        self.vaster("verify", self.study)

    def test_it_is_tuned_and_tells_sites(self):
        self.vaster(*self.run_of("nearest", self.study, "--set", "tuning.method=grid", "--types", "in_domain", "--set",
                                 'tuning.space=["nearest.neighbours = 1, 25"]'))
        chosen = {row["parameters"] for row in self.rows() if row["type"] == "in_domain"}
        self.assertTrue(chosen and chosen <= {"nearest.neighbours=1", "nearest.neighbours=25"}, chosen)
        self.assertIn("(nearest, cross-validated)",
                      self.vaster("diagnose", "--data", self.cohort, "--format", "encoded", "--classifier", "nearest").stdout)

    def test_its_keys_are_checked_as_those_of_the_others(self):
        self.assertIn("[models.nearest]", self.vaster("config", "--defaults").stdout)
        refused = self.vaster(*self.run_of("nearest", self.study, "--set", "models.nearest.neighbours=0"), code=78)
        self.assertIn("models.nearest.neighbours = 0 (must be at least 1)", refused.stderr)


if __name__ == "__main__":
    unittest.main()
