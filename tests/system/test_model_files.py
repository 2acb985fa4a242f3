"""vaster model: a registry of models that several people share, and model files that others have made."""

import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import model_peer
from system import SystemTest, VASTER


class Models(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="vaster-models-")
        cls.folder = pathlib.Path(cls._folder.name)

    def setUp(self):
        super().setUp()
        self.registry = self.folder / f"{self.id()}.registry"
        os.environ["VASTER_REGISTRY"] = str(self.registry)

    def file(self, name="model.h5", **changes):
        path = self.folder / name
        path.write_bytes(model_peer.file_of(model_peer.naive_bayes(**changes)))
        return path

    def model(self, *arguments, code=0):
        done = self.vaster("model", *arguments, code=code)
        return done.stdout if code == 0 else done.stderr

    def listed(self, *flags):
        return list(csv.DictReader(io.StringIO(self.model("list", "--csv", *flags))))

    def test_a_file_that_another_program_wrote_from_the_documentation_is_registered_shown_and_found(self):
        path = self.file()
        said = self.model("register", path, "causes@production", "--tag", "country=India", "--note", "first try")
        self.assertIn("causes:1 (content ", said)
        shown = json.loads(self.model("show", "causes@production", "--json"))
        facts = {row["key"]: row["value"] for row in shown["tables"]["facts"]}
        self.assertEqual(facts["n_train"], 40)
        self.assertEqual(facts["sites"], "AP, UP")
        self.assertEqual(facts["tags.country"], "India")
        self.assertIn("first try", facts["note"])
        self.assertEqual(facts["file"], subprocess.run(["sha256sum", path], capture_output=True, text=True).stdout.split()[0])
        self.assertIn("causes:1 at revision 1", self.model("show", facts["content"][:12]))
        self.assertIn("naive_bayes", self.model("show", path))
        self.assertIn("is this model already", self.model("register", path, "causes"))

    def test_upgrade_says_that_there_is_nothing_to_do_or_why_a_file_is_of_no_use(self):
        path = self.file("current.h5")
        before = path.read_bytes()
        self.assertIn("is of the newest version (format 1): nothing to do", self.vaster("model", "upgrade", path).stdout)
        self.vaster("model", "register", path, "upgraded", "--status", "active")
        self.assertIn("nothing to do", self.vaster("model", "upgrade", "upgraded").stdout)
        self.assertEqual(path.read_bytes(), before)
        newer = self.file("newer.h5", **{"model/members/0/parts_version": model_peer.numbers("u32", [2])})
        self.assertIn("version", self.vaster("model", "upgrade", newer, code=65).stderr)
        path.write_bytes(before[:-1])
        self.assertIn("truncated", self.vaster("model", "upgrade", path, code=65).stderr)

    def test_versions_are_listed_filtered_and_searched(self):
        for seed in (1, 2, 3):
            self.model("register", self.file(f"{seed}.h5", seed=seed), "causes", "--tag", f"round={seed}")
        self.model("set", "causes:2", "--metric", "accuracy=0.5", "--status", "active", "--alias", "best")
        self.assertEqual([row["version"] for row in self.listed()], ["1", "2", "3"])
        self.assertEqual([row["version"] for row in self.listed("--filter", "tags.round >= 2")], ["2", "3"])
        self.assertEqual([row["version"] for row in self.listed("--filter", "metrics.accuracy != 7")], ["2"])
        self.assertEqual([row["version"] for row in self.listed("--filter", "alias = best or version = 3")], ["2", "3"])
        self.assertIn("did you mean 'metrics.accuracy'", self.model("list", "--filter", "metrics.acuracy > 0", code=64))
        self.assertIn("\n  status == active\n          ^", self.model("list", "--filter", "status == active", code=64))
        self.assertIn("naive_bayes", self.model("search", "NAIVE"))
        self.assertIn("There is none.", self.model("search", "weather"))

    def test_a_version_is_deprecated_thrown_away_restored_and_deleted(self):
        self.model("register", self.file(), "causes@production", "--status", "active")
        self.model("register", self.file("2.h5", seed=2), "causes")
        self.model("deprecate", "causes:1", "--for", "causes:2", "--reason", "wrong sites")
        self.assertIn("has no active version (1 is deprecated, 2 is candidate)", self.model("show", "causes", code=65))
        self.assertIn("wrong sites", self.model("show", "causes:1"))
        self.model("rm", "causes:1")
        self.assertIn("has no alias 'production'", self.model("show", "causes@production", code=65))
        self.assertEqual([row["version"] for row in self.listed()], ["2"])
        self.assertEqual([row["version"] for row in self.listed("--all")], ["1", "2"])
        self.assertIn("in the trash", self.model("set", "causes:1", "--alias", "production", code=65))
        self.model("restore", "causes:1")
        self.model("rm", "causes:1")
        self.assertIn("would delete 0 files", self.model("gc", "--dry-run"))
        self.assertIn("deleted 1 file, ", self.model("gc", "--older", "0s"))
        self.assertIn("has been deleted", self.model("restore", "causes:1", code=65))
        self.assertIn("1 model: every event and every file holds", self.model("verify", "--deep"))
        self.assertIn("register 1", self.model("show", "causes:1", "--history"))

    def test_what_somebody_else_has_changed_is_not_overwritten(self):
        self.model("register", self.file(), "causes")
        self.assertIn("revision 2", self.model("set", "causes:1", "--tag", "a=b", "--if-revision", "1"))
        self.assertIn("is at revision 2, not 1", self.model("set", "causes:1", "--tag", "a=c", "--if-revision", "1", code=65))
        self.assertIn("nothing to set", self.model("set", "causes:1", code=64))
        self.assertIn("KEY=VALUE", self.model("set", "causes:1", "--tag", "a", code=64))
        self.assertIn("does not name a version", self.model("set", "causes", "--tag", "a=b", code=64))

    def test_an_exported_version_is_imported_elsewhere(self):
        self.model("register", self.file(), "causes")
        copy = self.folder / "copy.h5"
        self.model("export", "causes:1", copy)
        self.assertIn("exists already", self.model("export", "causes:1", copy, code=64))
        self.assertEqual(copy.read_bytes(), self.file().read_bytes())
        history = json.loads((self.folder / "copy.h5.json").read_text())
        self.assertEqual(history["events"][0]["changes"][0]["what"], "register")
        other = self.folder / "other"
        self.model("import", copy, "theirs", "--registry", other)
        self.assertIn("theirs", self.model("list", "--registry", other))

    def test_differences_are_shown(self):
        a, b = self.file("a.h5"), self.file("b.h5", deaths=(29, 11))
        self.model("register", a, "causes")
        self.assertIn("part model/members/0/parts/deaths", self.model("diff", "causes:1", b))
        self.assertIn("The same model", self.model("diff", "causes:1", a))

    def test_a_model_that_lies_is_refused_with_the_part(self):
        for changes, problem in [
                ({"deaths": (30, 10), "data/deaths": model_peer.numbers("u64", [39])}, "data/"),
                ({"model/members/0/parts/present": model_peer.numbers("u32", [31, 1, 5, 9], [2, 2])}, "present"),
                ({"model/members/0/kind": model_peer.text("oracle")}, "oracle"),
                ({"causes": ("Stroke", "Stroke")}, "data/causes"),
                ({"model/weights": model_peer.numbers("f64", [float("nan")])}, "model/weights")]:
            with self.subTest(problem):
                said = self.model("register", self.file("bad.h5", **changes), "causes", code=65)
                self.assertIn("bad.h5 holds a model that cannot be used", said)
                self.assertIn(problem, said)
        path = self.folder / "weather.h5"
        path.write_bytes(model_peer.file_of({"model/rain": model_peer.numbers("f64", [1])}, program="9.9"))
        self.assertIn("of which this program knows nothing; it was written by vaster 9.9", self.model("register", path, "causes", code=65))
        path.write_bytes(model_peer.file_of({}, version=2, program="9.9"))
        self.assertIn("written by vaster 9.9", self.model("register", path, "causes", code=65))
        self.assertFalse(self.registry.exists())

    def test_a_study_is_not_a_model_nor_a_model_a_study(self):
        path = self.file()
        for command in (["status"], ["report"], ["export"], ["verify"]):
            self.assertIn("is a model file, not a study file", self.vaster(*command, path, code=65).stderr)
        study = self.folder / "drill.h5"
        self.vaster("run", "--kind", "drill", "--output", study)
        self.assertIn("is a study file, not a model file", self.model("show", study, code=65))

    def test_what_is_no_registry_or_no_name_is_refused(self):
        self.assertIn("there is no registry of models", self.model("list", code=69))
        self.assertIn("cannot be the name of a model", self.model("register", self.file(), "../x", code=64))
        self.registry.write_text("a file")
        self.assertIn("is a file, not the folder of a registry", self.model("list", code=65))
        self.assertIn("is not a registry of models", self.model("list", "--registry", self.folder, code=65))
        self.assertIn("versions are numbered by the registry", self.model("register", self.file(), "x:3", code=64))

    def test_a_registry_that_may_only_be_read_serves_every_reading_command(self):
        self.model("register", self.file(), "causes@production")
        state = self.registry / "models/causes/state.json"
        state.unlink()
        somebody = {"user": 65534} if os.geteuid() == 0 else {}  # root may write everywhere
        self.folder.chmod(0o755)
        folders = [folder for folder in (self.registry, *self.registry.rglob("*")) if folder.is_dir()]
        for folder in folders:
            folder.chmod(0o555)
        try:
            for command in (["list"], ["show", "causes@production"], ["show", "causes", "--history"], ["verify", "--deep"]):
                self.vaster("model", *command, **somebody)
            self.assertIn("cannot create", self.vaster("model", "set", "causes:1", "--tag", "a=b", code=74, **somebody).stderr)
            self.assertFalse(state.exists())
        finally:
            for folder in folders:
                folder.chmod(0o755)

    def test_events_that_were_lost_or_cut_are_named(self):
        self.model("register", self.file(), "causes")
        self.model("set", "causes:1", "--tag", "a=b")
        self.model("set", "causes:1", "--tag", "a=c")
        second = self.registry / "models/causes/events/000002.json"
        kept = second.read_bytes()
        second.unlink()
        self.assertIn("000002.json is missing", self.model("list", code=65))
        self.assertIn("000002.json is missing", self.vaster("model", "verify", code=65).stdout)
        second.write_bytes(kept[:50])
        self.assertIn("does not follow", self.vaster("model", "verify", code=65).stdout)
        second.write_bytes(kept)
        self.model("verify")

    def test_eight_people_at_once_lose_nothing(self):
        self.model("register", self.file(), "causes")
        people = [subprocess.Popen([VASTER, "model", "set", "causes:1", "--tag", f"p{i}=x", "--note", str(i)], stdout=subprocess.DEVNULL,
                                   cwd=self.folder) for i in range(16)]
        self.assertEqual([one.wait() for one in people], [0] * 16)
        row = self.listed()[0]
        self.assertTrue(all(row[f"tags.p{i}"] == "x" for i in range(16)))
        self.assertIn("every event", self.model("verify"))


if __name__ == "__main__":
    unittest.main()
