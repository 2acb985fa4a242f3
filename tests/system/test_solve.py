"""vaster solve: problems from files to a checked answer in the study file, on ranks, through kills and with solvers that lie."""

import csv
import json
import os
import shutil
import stat
import subprocess

from system import PATIENCE, SystemTest

KNAPSACK = """Maximize
 obj: 10 a + 13 b + 7 c + 8 d
Subject To
 w: 3 a + 4 b + 2 c + 3 d <= 7
Binaries
 a b c d
End
"""
DIET = "Minimize\n cost: 2 x + 3 y + 1\nSubject To\n a: x + y >= 4\n b: x + 3 y >= 6\n c: x <= 3\nEnd\n"
NONE = "Minimize\n obj: x\nSubject To\n a: x >= 3\n b: x <= 2\nEnd\n"
SMOOTH = '{"variables": [{"name": "x"}, {"name": "y"}], "objective": "(x-1)^2 + (y-2)^2", "constraints": [{"expression": "x+y", "upper": 2}]}'


class Solve(SystemTest):
    deaths = 100  # nothing here needs them

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "probe.lp").write_text(DIET)
        done = subprocess.run([cls.program, "solve", "probe.lp", "--output", "probe.h5", "--quiet"], cwd=cls.folder, capture_output=True,
                              text=True, timeout=PATIENCE)
        cls.refusal = done.stderr if done.returncode == 69 else None  # built without solvers

    def setUp(self):
        super().setUp()
        if self.refusal is not None:
            self.assertIn("this program was built without solvers; build it with -DVASTER_WITH_SOLVERS=ON", self.refusal)
            self.assertFalse((self.folder / "probe.h5").exists())
            self.skipTest("the program was built without solvers")
        for name, text in (("sack.lp", KNAPSACK), ("diet.lp", DIET), ("none.lp", NONE), ("smooth.json", SMOOTH)):
            (self.folder / name).write_text(text)

    def rows(self, *arguments):
        return list(csv.DictReader(self.vaster("solve", "show", *arguments).stdout.splitlines()))

    def test_problems_are_solved_alone_and_on_ranks_with_the_same_answers(self):
        files = ["sack.lp", "diet.lp", "none.lp", "smooth.json"]
        said = self.vaster("solve", *files, "--output", "alone.h5").stdout
        self.assertRegex(said, r"sack\.lp +optimal +23 ")
        rows = {row["problem"].rpartition("/")[2]: row for row in self.rows("alone.h5")}
        self.assertEqual({name: row["outcome"] for name, row in rows.items()},
                         {"sack.lp": "optimal", "diet.lp": "optimal", "none.lp": "infeasible", "smooth.json": "optimal"})
        self.assertEqual({row["confirmed"] for row in rows.values()}, {"yes"})
        self.assertAlmostEqual(float(rows["smooth.json"]["objective"]), 0.5, places=6)
        values = {row["name"]: float(row["value"]) for row in self.rows("alone.h5", "diet.lp")}
        self.assertEqual(values, {"x": 3, "y": 1, "a": 4, "b": 6, "c": 3})
        self.assertIn("infeasible", self.vaster("solve", "show", "alone.h5", "none", code=65).stderr)
        self.vaster("report", "alone.h5", "--figures", "none", "--output", "report")
        about = json.loads((self.folder / "report" / "report.json").read_text())["studies"][0]
        self.assertEqual([section["name"] for section in about["sections"]],
                         ["data", "outcomes", "gaps", "checks", "solvers", "solutions", "account", "run-time"])
        self.assertEqual(about["verdict"][0]["sentences"][0], "4 problems: 3 optimal, 1 infeasible.")
        self.assertIn("diet.lp: optimal, objective 10", (self.folder / "report" / "index.html").read_text())
        self.assertIn("there is no problem 'q'", self.vaster("solve", "show", "alone.h5", "q", code=64).stderr)

        (self.folder / "list.txt").write_text("# four\n" + "".join(f"{name}\n" for name in files))
        self.vaster("solve", "--list", "list.txt", "--output", "ranks.h5", "--quiet", ranks=2)
        for what in (["--csv", "--without-timings"], ["--array", "solution"]):
            alone, ranks = (self.vaster("export", study, *what).stdout for study in ("alone.h5", "ranks.h5"))
            self.assertIn("sack.lp" if what[0] == "--csv" else "variable", alone)
            self.assertEqual(alone, ranks)
        self.vaster("solve", *files, "--output", "alone.h5", "--resume", "--quiet")
        (self.folder / "diet.lp").write_text(DIET.replace("4", "5"))
        self.vaster("solve", *files, "--output", "alone.h5", "--resume", "--quiet", code=65)

    def test_bad_files_are_refused_together_before_anything_is_solved(self):
        bad = {
            "twice.mps": ("NAME\nROWS\n N c\n L r\n L r\nCOLUMNS\n x c 1\nENDATA\n", "line 5: row 'r' is there twice"),
            "integer.mps": ("NAME\nROWS\n N c\nCOLUMNS\n M 'MARKER' 'INTORG'\n x c 1\n M 'MARKER' 'INTEND'\nENDATA\n",
                            "line 6: column 'x' is an integer without bounds"),
            "empty.lp": ("", "the problem is empty"),
            "nan.lp": (DIET.replace(">= 4", ">= nan"), "line 4, column 14: 'nan' is not a finite number"),
            "cut.lp": (DIET[:-4], "ends without 'End'"),
            "mixed.json": ('{"variables": [{"name": "x", "type": "integer"}], "objective": "x^3"}', "'x' is an integer, and the problem"),
        }
        for name, (text, _) in bad.items():
            (self.folder / name).write_text(text)
        said = self.vaster("solve", "sack.lp", "absent.lp", *bad, "--output", "bad.h5", code=65).stderr
        self.assertIn("7 of 8 problems cannot be read", said)
        self.assertIn("absent.lp", said)
        for name, (_, message) in bad.items():
            self.assertRegex(said, f"{name}: [^\n]*")
            self.assertIn(message, said)
        self.assertFalse((self.folder / "bad.h5").exists())
        self.assertIn("--list", self.vaster("solve", "--output", "x.h5", code=64).stderr)
        self.assertIn("--output", self.vaster("solve", "sack.lp", code=64).stderr)
        self.assertIn("absent.lp", self.vaster("solve", "absent.lp", "--output", "x.h5", code=74).stderr)

    def test_a_program_that_lies_is_found_out(self):
        """A glpsol that calls any point optimal, one that crashes, one that says nothing: each leaves it to the next solver."""
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        lies = {
            "lies": 's bas 3 2 f f 1\ni 1 b 0 0\ni 2 b 0 0\ni 3 b 0 0\nj 1 b 0 0\nj 2 b 0 0\ne o f',
            "dual": 's bas 3 2 f f 13\ni 1 b 4 9\ni 2 b 12 9\ni 3 b 0 9\nj 1 b 0 0\nj 2 b 4 0\ne o f',
            "garbage": "what?",
        }
        for number, (name, text) in enumerate(lies.items()):
            fake = programs / "glpsol"
            fake.write_text(f"#!/bin/sh\necho 'GLPSOL--GLPK LP/MIP Solver 9.9'\ncat > \"$4\" <<X\n{text}\nX\n")
            fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
            self.vaster("solve", "diet.lp", "--solver", "glpsol", "--output", f"{name}.h5", "--quiet",
                        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
            row = self.rows(f"{name}.h5")[0]
            self.assertEqual((row["outcome"], row["solver"], row["objective"]), ("optimal", "clp", "10"), row)
            self.assertIn("glpsol", row["fallbacks"])
        fake.write_text("#!/bin/sh\nkill -SEGV $$\n")
        self.vaster("solve", "diet.lp", "--solver", "glpsol", "--no-fallback", "--output", "crash.h5", "--quiet", code=75,
                    env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
        row = self.rows("crash.h5")[0]
        self.assertEqual((row["outcome"], row["confirmed"]), ("failed", "no"))
        self.assertIn("glpsol crashed (signal 11)", row["fallbacks"])

    def test_rational_numbers_are_asked_for_by_a_flag_of_glpsol(self):
        programs = self.folder / "exact"
        programs.mkdir()
        spy = programs / "glpsol"
        spy.write_text(f"#!/bin/sh\necho \"$@\" >> words\nexec {shutil.which('glpsol')} \"$@\"\n")
        spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
        for solver in ("glpsol", "glpsol-exact"):
            self.vaster("solve", "diet.lp", "--solver", solver, "--output", f"{solver}.h5", "--quiet",
                        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
            row = self.rows(f"{solver}.h5")[0]
            self.assertEqual((row["outcome"], row["confirmed"], row["solver"], row["objective"]), ("optimal", "yes", solver, "10"))
        self.assertEqual(["--exact" in line.split() for line in (self.folder / "words").read_text().splitlines()], [False, True])
