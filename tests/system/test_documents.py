"""What the documents say is what the program does."""

import os
import pathlib
import re
import subprocess
import unittest

from system import PATIENCE, SOURCE, VASTER, SystemTest


class Documents(SystemTest):
    deaths = 100

    def test_the_config_page_is_what_the_program_prints(self):
        page = (SOURCE / "docs/va/config.md").read_text()
        printed = self.vaster("config", "--markdown").stdout
        self.assertIn(printed, page, "run: vaster config --markdown, and put it into docs/va/config.md")

    def test_the_page_of_trainings_has_their_own_keys(self):
        page = (SOURCE / "docs/va/train.md").read_text()
        printed = self.vaster("config", "--markdown", "--kind", "va-train").stdout
        table = re.search(r"^## \[train\].*?(?=^## )", printed, re.MULTILINE | re.DOTALL).group(0)
        self.assertIn(table, page, "run: vaster config --markdown --kind va-train, and put [train] into docs/va/train.md")

    def test_the_page_of_predictions_has_their_keys(self):
        page = (SOURCE / "docs/va/predict.md").read_text()
        printed = self.vaster("config", "--markdown", "--kind", "va-predict").stdout
        for table in ("model", "data", "predict"):
            keys = re.search(rf"^## \[{table}\].*?(?=^## )", printed, re.MULTILINE | re.DOTALL).group(0).rstrip()
            self.assertIn(keys, page, f"run: vaster config --markdown --kind va-predict, and put [{table}] into docs/va/predict.md")

    def test_the_page_of_problems_has_its_keys(self):
        printed = self.vaster("config", "--markdown", "--kind", "solve").stdout
        keys = re.search(r"^## \[solve\].*?(?=^## )", printed, re.MULTILINE | re.DOTALL).group(0).rstrip()
        self.assertIn(keys, (SOURCE / "docs/service/solve.md").read_text(),
                      "run: vaster config --markdown --kind solve, and put [solve] into docs/service/solve.md")

    def test_the_printed_defaults_are_a_valid_configuration(self):
        defaults = self.folder / "defaults.toml"
        defaults.write_text(self.vaster("config", "--defaults").stdout)
        self.assertIn("data.path is not set", self.vaster("config", defaults, code=78).stderr)
        self.vaster("config", defaults, "--data", self.cohort, "--format", "encoded", "--set", "design.min_train=2",
                    "--set", "design.min_test=2")

    def test_every_subcommand_of_the_readme_exists(self):
        text = (SOURCE / "README.md").read_text()
        named = set(re.findall(r"vaster ([a-z]+)(?= |`|\n)", text)) - {"answers"}
        known = set(re.findall(r"^  ([a-z]+) ", self.vaster("--help").stdout, re.MULTILINE))
        self.assertGreater(len(named), 4)
        self.assertEqual(named - known, set())

    def test_the_commands_of_the_first_study_run(self):
        page = (SOURCE / "docs/first-study.md").read_text()
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        commands = "".join(text for language, text in blocks if language == "sh")
        self.assertGreater(commands.count("vaster "), 8)
        path = f"{pathlib.Path(VASTER).parent}:{os.environ['PATH']}"
        place = self.folder / "first-study"
        place.mkdir()
        done = subprocess.run(["bash", "-e", "-c", commands], cwd=place, capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "PATH": path})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        quoted = [text for language, text in blocks if not language]
        self.assertEqual(len(quoted), 2)
        for text in quoted:  # what the page says that they print; expected seconds differ between versions
            self.assertIn(re.sub(r"about .*", "about ", text).strip(), done.stdout)

    def test_the_tutorials_show_the_examples_whole_and_nothing_else(self):
        for name, source in (("kind", "coverage.cpp"), ("model", "nearest.cpp")):
            page = (SOURCE / f"docs/tutorial-{name}.md").read_text()
            for language, file in (("cpp", source), ("cmake", "CMakeLists.txt")):
                whole = (SOURCE / f"docs/examples/{name}" / file).read_text()
                blocks = re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
                for block in blocks:
                    self.assertIn(block, whole, f"docs/tutorial-{name}.md shows what is not in {file}")
                shown = re.sub(r"\n+", "\n", "".join(blocks))
                self.assertEqual(shown, re.sub(r"\n+", "\n", whole), f"docs/tutorial-{name}.md leaves out a part of {file}")

    def test_every_exit_code_is_explained(self):
        codes = (SOURCE / "include/vaster/support/errors.hpp").read_text().partition("enum class ExitCode")[2].partition("};")[0]
        table = (SOURCE / "docs/troubleshooting.md").read_text().partition("## Exit codes")[2].partition("## ")[0]
        self.assertEqual(set(re.findall(r"= (\d+),", codes)), set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE)))

    def test_messages_that_are_explained_are_those_of_the_program(self):
        sources = "".join(path.read_text() for path in sorted((SOURCE / "src").rglob("*.cpp")))
        sources += (SOURCE / "scripts/vaster-mpirun").read_text()
        said = re.sub(r'"\s*"', "", sources).replace('\\"', '"').replace("\\n", " ")
        page = (SOURCE / "docs/troubleshooting.md").read_text()
        sections = re.findall(r"^## (?:Starting|While it runs|The study file|Training)\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
        messages = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (.*?) \| ", "".join(sections), re.MULTILINE)))
        self.assertGreater(len(messages), 20)
        # an argument of a message may be a text of the program itself, which begins here
        parts = {part for message in messages for part in re.split(r"\.\.\.|(?<=needed for )", message) if len(part.strip("' ")) > 3}
        self.assertEqual({part for part in parts if part not in said}, set(), "the program does not say this")

    def test_files_that_documents_link_to_are_there(self):
        for page in [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]:
            text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)  # code has no links
            for target in re.findall(r"\]\(([^)#]+)\)", text):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.name} links to {target}")


if __name__ == "__main__":
    unittest.main()
