"""What is installed beside the program: manual page, completion, module files, recipes, and the documentation's site."""

import functools
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import py_compile
import re
import shutil
import subprocess
import tempfile
import unittest

from system import SOURCE, VASTER

PACKAGING = SOURCE / "scripts/packaging"


def output_of(*command, **kwargs):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, **kwargs).stdout


@functools.cache
def commands():
    """{(subcommand, ...): its help} of the program and everything below it."""
    found, todo = {}, [()]
    while todo:
        path = todo.pop()
        found[path] = output_of(VASTER, *path, "--help")
        below = re.search(r"^Subcommands:\n((?:  .+\n)+)", found[path], re.MULTILINE)
        todo += [(*path, name) for name in re.findall(r"^  ([a-z]\S*)", below[1], re.MULTILINE)] if below else []
    return found


def flags_of(text):
    return set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE))


class ManualPage(unittest.TestCase):
    def test_page_and_manual_are_what_the_help_says(self):
        done = subprocess.run([SOURCE / "scripts/manual", "--check", VASTER], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_subcommand_and_flag_is_in_the_manual(self):
        manual = (SOURCE / "docs/vaster.1").read_text().replace("\\-", "-")
        for path, text in commands().items():
            if len(path) and "Subcommands:" not in text:
                self.assertIn(f".SS vaster {' '.join(path)}\n", manual)
                section = manual.partition(f".SS vaster {' '.join(path)}\n")[2].partition(".S")[0]
                for flag in flags_of(text) - {"--help"}:
                    self.assertRegex(section, rf"(?m)^\.B (-\w,)?{flag}( |$)")


class Completion(unittest.TestCase):
    """Each test asks a shell what it would offer; the flags that the help lists must be among it."""

    def offered(self, *words):
        raise NotImplementedError

    def check(self, paths=None):
        """For some subcommands, by default all."""
        all_commands = commands()
        self.assertGreater(len(all_commands), 10)
        for path in paths or all_commands:
            text = all_commands[path]
            self.assertEqual(self.offered("vaster", *path, "--") & flags_of(text), flags_of(text), path)
            below = {other[-1] for other in all_commands if len(other) == len(path) + 1 and other[:-1] == path}
            if below:
                self.assertEqual(self.offered("vaster", *path, ""), below)

    def run_shell(self, *command):
        path = f"{pathlib.Path(VASTER).parent}:{os.environ['PATH']}"
        return set(output_of(*command, env={**os.environ, "PATH": path}, cwd="/").split("\n")) - {""}

    @staticmethod
    def shell(name):
        return unittest.skipUnless(shutil.which(name), f"{name} is not installed: its completion was not tried")


class Bash(Completion):
    def offered(self, *words):
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vaster; printf "%s\\n" "${COMPREPLY[@]}"'
        return self.run_shell("bash", "-c", script, "bash", PACKAGING / "completion/vaster.bash", *words)

    def test_everything_is_offered(self):
        self.check()

    def test_values_and_files(self):
        self.assertEqual(self.offered("vaster", "simulate", "--format", ""), {"phmrc-adult", "encoded"})
        self.assertEqual(self.offered("vaster", "run", ""), set())  # file names, by bash itself
        self.assertEqual(self.offered("vaster", "checkpoint", "sal"), {"salvage"})


A_FEW = [(), ("run",), ("checkpoint",), ("checkpoint", "salvage")]  # shells after the first, for time's sake


class Fish(Completion):
    def offered(self, *words):
        script = "source $argv[1]; complete -C (string join -- ' ' $argv[2..-1]) | string replace -r '\\t.*' ''"
        return self.run_shell("fish", "-c", script, PACKAGING / "completion/vaster.fish", *words)

    @Completion.shell("fish")
    def test_everything_is_offered(self):
        self.check(A_FEW)


class Zsh(Completion):
    def offered(self, *words):
        stubs = 'compadd() { shift; print -l -- $@ }; _describe() { print -l -- ${${(P)2}%%:*} }; _files() { }'
        script = f'{stubs}; file=$1; shift; words=("$@") CURRENT=$#; source $file'
        return self.run_shell("zsh", "-f", "-c", script, "zsh", PACKAGING / "completion/_vaster", *words)

    @Completion.shell("zsh")
    def test_everything_is_offered(self):
        self.check(A_FEW)


class Recipes(unittest.TestCase):
    def test_what_the_module_files_set_is_installed(self):
        seen = {name: (PACKAGING / "modules/vaster" / name).read_text() for name in ("0.1.0", "0.1.0.lua")}
        for text in seen.values():
            for folder in ("bin", "share/man", "share/vaster/slurm"):
                self.assertIn(folder, text)

    def test_tcl_module_file(self):
        if not shutil.which("tclsh"):
            self.skipTest("tclsh is not installed: the module file was not tried")
        stand_ins = "".join(f"proc {name} args {{ puts [list {name} {{*}}$args] }}\n"
                            for name in ("module-whatis", "conflict", "prepend-path", "setenv"))
        said = output_of("tclsh", input=stand_ins + (PACKAGING / "modules/vaster/0.1.0").read_text())
        self.assertIn("prepend-path PATH /opt/vaster/0.1.0/bin", said)

    def test_lua_module_file(self):
        lua = shutil.which("lua5.3") or shutil.which("lua")
        if not lua:
            self.skipTest("lua is not installed: the module file was not tried")
        stand_ins = "".join(f"function {name}(...) print('{name}', ...) end\n"
                            for name in ("whatis", "help", "conflict", "depends_on", "append_path", "prepend_path", "setenv"))
        stand_ins += "function pathJoin(a, b) return a .. '/' .. b end\n"
        said = output_of(lua, "-", input=stand_ins + (PACKAGING / "modules/vaster/0.1.0.lua").read_text())
        self.assertIn("prepend_path\tPATH\t/opt/vaster/0.1.0/bin", said)

    def test_spack_recipe_is_python(self):
        with tempfile.TemporaryDirectory() as folder:
            py_compile.compile(PACKAGING / "spack/package.py", cfile=f"{folder}/package.pyc", doraise=True)

    def test_versions_are_that_of_the_project(self):
        version = re.search(r"project\(vaster VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        for path in ("modules/vaster/" + version, f"modules/vaster/{version}.lua"):
            self.assertIn(f"/opt/vaster/{version}", (PACKAGING / path).read_text())


class BillOfMaterials(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg"), "dpkg is not here: what package a library belongs to is not known")
    def test_it_names_what_is_linked_compiled_in_and_carried(self):
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        text = output_of(SOURCE / "scripts/sbom", VASTER, env=environment)
        self.assertEqual(text, output_of(SOURCE / "scripts/sbom", VASTER, env=environment))
        bill = json.loads(text)
        self.assertEqual((bill["spdxVersion"], bill["dataLicense"], bill["creationInfo"]["created"]),
                         ("SPDX-2.3", "CC0-1.0", "2023-11-14T22:13:20Z"))
        packages = {entry["SPDXID"]: entry for entry in bill["packages"]}
        self.assertEqual(len(packages), len(bill["packages"]))
        for relation in bill["relationships"]:
            self.assertIn(relation["relatedSpdxElement"], packages)
            self.assertIn(relation["spdxElementId"], {"SPDXRef-DOCUMENT", *packages})
        self.assertEqual({relation["relatedSpdxElement"] for relation in bill["relationships"]}, set(packages))
        names = {entry["name"] for entry in packages.values()}
        linked = {line.split(".so")[0].strip() for line in output_of("ldd", VASTER).splitlines() if "=>" in line}
        for library, of in (("libxgboost", "libxgboost0"), ("libmpi", "libopenmpi3"), ("libfmt", "libfmt9")):
            if library in linked:
                self.assertIn(of, names)
        self.assertLessEqual({"vaster", "libcli11-dev", "vega", "vega-lite", "vega-embed"}, names)
        for entry in packages.values():
            self.assertRegex(entry["versionInfo"], r"^(NOASSERTION|\d)")


class Site(unittest.TestCase):
    def generator(self):
        loader = importlib.machinery.SourceFileLoader("docs", str(SOURCE / "scripts/docs"))
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader("docs", loader))
        loader.exec_module(module)
        return module

    def test_it_is_rendered_and_every_link_and_anchor_holds(self):
        if not shutil.which("pandoc"):
            self.skipTest("pandoc is not installed: the site was not rendered")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([SOURCE / "scripts/docs", folder], capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            pages = {path.name: path.read_text() for path in pathlib.Path(folder).rglob("*.html")}
        self.assertGreater(len(pages), 20)
        self.assertGreater(pages["methods.html"].count("<math"), 20)
        for name, text in pages.items():
            self.assertEqual(re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="(?:https?:)?//[^"]*"', text), [], name)

    def test_a_broken_link_and_a_broken_anchor_are_found(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "a.html").write_text('<a href="b.html#here">x</a><a href="b.html#gone">x</a><a href="c.html">x</a>'
                                           '<a href="https://example.org/">x</a><img src="p.png">')
            (folder / "b.html").write_text('<h1 id="here">B</h1><a href="#here">x</a>')
            self.assertEqual(self.generator().broken_links(folder), ["a.html: b.html#gone", "a.html: c.html", "a.html: p.png"])


if __name__ == "__main__":
    unittest.main()
