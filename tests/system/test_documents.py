"""What the documents say is what the program does."""

import re
import unittest

from system import SOURCE, SystemTest


class Documents(SystemTest):
    deaths = 100

    def test_the_config_page_is_what_the_program_prints(self):
        page = (SOURCE / "docs/config.md").read_text()
        printed = self.vaster("config", "--markdown").stdout
        self.assertIn(printed, page, "run: vaster config --markdown, and put it into docs/config.md")

    def test_the_printed_defaults_are_a_valid_configuration(self):
        defaults = self.folder / "defaults.toml"
        defaults.write_text(self.vaster("config", "--defaults").stdout)
        self.assertIn("data.path is not set", self.vaster("config", defaults, code=78).stderr)
        self.vaster("config", defaults, "--data", self.cohort)

    def test_every_subcommand_of_the_readme_exists(self):
        text = (SOURCE / "README.md").read_text()
        named = set(re.findall(r"vaster ([a-z]+)(?= |`|\n)", text)) - {"answers"}
        known = set(re.findall(r"^  ([a-z]+) ", self.vaster("--help").stdout, re.MULTILINE))
        self.assertGreater(len(named), 4)
        self.assertEqual(named - known, set())

    def test_files_that_documents_link_to_are_there(self):
        for page in [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]:
            for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.name} links to {target}")


if __name__ == "__main__":
    unittest.main()
