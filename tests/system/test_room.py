"""scripts/room knows every room and everything that tests it."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def room(*arguments):
    return subprocess.run([ROOT / "scripts/room", *arguments], capture_output=True, text=True, timeout=60)


def short(path):
    """The path of a room as the targets are named after it."""
    return re.sub("^(base|core|domains)/", "", path)


class Room(unittest.TestCase):
    def test_all_rooms_are_listed_with_all_their_test_programs(self):
        listed = {line.split()[0]: line.split()[1:] for line in room("--list").stdout.splitlines()}
        rooms = re.findall(r"^([a-z0-9_/]+):", (ROOT / "scripts/rooms.txt").read_text(), re.MULTILINE)
        self.assertEqual(set(rooms) - set(listed), set())
        self.assertIn("domains/drill", listed)
        for path in sorted((ROOT / "tests/unit").rglob("CMakeLists.txt")):
            name = str(path.parent.relative_to(ROOT / "tests/unit"))
            added = re.findall(r"^vaster_add(_mpi)?_tests\(([\w/]+)", path.read_text(), re.MULTILINE)
            named = {program if mpi else "vaster_tests_" + short(program).replace("/", "_") for mpi, program in added}
            self.assertGreater(len(named), 0, path)
            self.assertEqual(named - set(listed[name]), set(), name)

    def test_an_unknown_room_is_refused_with_near_names(self):
        for name, near in {"core/engin": "core/engine", "models": "domains/va/models", "stat": "base/stats"}.items():
            done = room(name)
            self.assertEqual(done.returncode, 64)
            self.assertIn(f"there is no room '{name}'", done.stderr)
            self.assertIn(near, done.stderr)

    def test_what_cannot_be_a_room_is_refused(self):
        self.assertIn("which room?", room().stderr)
        self.assertIn("cannot be the name of a room", room("a|b").stderr)
        self.assertIn("one room at a time", room("engine", "store").stderr)


if __name__ == "__main__":
    unittest.main()
