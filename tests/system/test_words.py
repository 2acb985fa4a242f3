"""scripts/check_words.py finds slips of English, and words that name two types, in a project of a few files."""

import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts/check_words.py"


class Words(unittest.TestCase):
    def check(self, files):
        """(exit status, what is said) of a project of these files."""
        with tempfile.TemporaryDirectory(prefix="vaster-words-") as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([SCRIPT, folder], capture_output=True, text=True)
        return done.returncode, done.stdout

    def assert_found(self, files, *said):
        code, text = self.check(files)
        self.assertEqual(code, 1, files)
        for one in said:
            self.assertIn(one, text)

    def assert_clean(self, files):
        code, text = self.check(files)
        self.assertEqual(code, 0, text)

    def test_slips_are_found_in_messages_comments_and_documents(self):
        self.assert_found({"src/a.cpp": 'say("{} is no number");\n'}, 'src/a.cpp:1: "is no number": say "is not a"')
        self.assert_found({"src/a.cpp": '\nsay("these are "\n    "no columns");\n'}, 'src/a.cpp:2: "are')
        self.assert_found({"include/vaster/a.hpp": "/// Nothing if it is no\n/// size.\n"}, "include/vaster/a.hpp:1:")
        self.assert_found({"docs/a/b.md": "What is no file is refused.\n"}, "docs/a/b.md:1:")
        self.assert_found({"README.md": "All of it hangs on\nthe seed.\n"}, 'README.md:1: "hangs on": say "depends on"')
        self.assert_found({"tests/a_test.cpp": 'TEST_CASE("it is not gone on with", "[a]") {}\n'}, "gone on with")
        self.assert_found({"scripts/a": "# It can not be.\n"}, "can not")
        self.assert_found({"docs/a.md": "It has not the fields.\n"}, "has not the")

    def test_what_engineers_write_is_left_alone(self):
        self.assert_clean({"src/a.cpp": 'say("\\nThere is no file; it is no longer there, and is no worse for that");\n'
                                        "/// Where there is\n/// no file it depends on others, and cannot be told. It hangs. On Monday it goes on.\n"})

    def test_a_word_that_names_two_types_is_found(self):
        core = {"src/core/a.hpp": "namespace a {\nclass Schedule {\n};\nenum class Look { at_all };\n}\n"}
        self.assert_found({**core, "src/domains/b.hpp": "struct Schedule : Base\n{\n};\n"},
                          "Schedule is more than one type", "src/core/a.hpp:2, src/domains/b.hpp:1")
        self.assert_found({**core, "src/domains/b.cpp": "    using Look = int;\n"}, "src/core/a.hpp:4, src/domains/b.cpp:1")

    def test_declarations_and_longer_names_are_not_definitions(self):
        self.assert_clean({"src/a.hpp": "class Schedule {\n};\n", "src/b.hpp": "class Schedule;\nstruct ScheduleOfDay {\n};\nusing core::Schedule;\n"})


if __name__ == "__main__":
    unittest.main()
