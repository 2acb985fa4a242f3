"""scripts/check_includes.py finds a name of the standard library, the system or another library whose header a file does not include."""

import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts/check_includes.py"


class Includes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vaster-includes-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "src").mkdir()
        (self.root / "include/vaster").mkdir(parents=True)

    def check(self, source):
        """(exit status, what is said) of a project of this one source."""
        (self.root / "src/a.cpp").write_text(source)
        done = subprocess.run([SCRIPT, str(self.root)], capture_output=True, text=True)
        return done.returncode, done.stdout

    def assert_found(self, source, text):
        code, said = self.check(source)
        self.assertEqual(code, 1, source)
        self.assertIn(f"src/a.cpp: {text}", said)

    def assert_clean(self, source):
        self.assertEqual(self.check(source)[0], 0, source)

    def test_a_name_without_its_header_is_found(self):
        self.assert_found("int a = std::max(1, 2);\n", "uses std::max without #include <algorithm>")
        self.assert_found("#include <string>\nstd::vector<int> a;\n", "uses std::vector without #include <vector>")
        self.assert_found("auto a = std::ranges::find(b, 1);\n", "uses std::find without #include <algorithm>")

    def test_a_name_of_the_system_without_its_header_is_found(self):
        self.assert_found("int a = ::close(1);\n", "uses close without #include <unistd.h>")
        self.assert_found("#include <unistd.h>\nint a = O_CLOEXEC;\n", "uses O_CLOEXEC without #include <fcntl.h>")
        self.assert_found("bool a = errno == 1;\n", "uses errno without #include <cerrno>")
        self.assert_clean("#include <signal.h>\nint a = SIGINT;\n")
        self.assert_clean("int a = file.close(1) + vaster::open(2) + poll;\n")

    def test_a_name_of_another_library_without_its_header_is_found(self):
        self.assert_found("auto a = fmt::format(b);\n", "uses fmt:: without #include <fmt/...>")
        self.assert_found("auto a = ::H5Fopen(b);\n", "uses H5Fopen without #include <hdf5.h>")
        self.assert_found("boost::mpi::communicator a;\n", "uses boost:: without #include <boost/...>")
        self.assert_clean("#include <boost/mpi/communicator.hpp>\nboost::mpi::communicator a;\n")
        self.assert_clean("namespace CLI {\nclass App;\n}\nvoid f(CLI::App& a);\n")

    def test_a_name_that_nobody_has_entered_is_found(self):
        self.assert_found("#include <memory>\nint a = std::some_novelty();\n", "uses std::some_novelty, which scripts/check_includes.py does not know")
        self.assert_found("int a = ::some_call();\n", "uses ::some_call, which scripts/check_includes.py does not know")

    def test_headers_of_the_project_bring_what_they_include(self):
        (self.root / "include/vaster/b.hpp").write_text("#include <vector>\n")
        (self.root / "src/c.hpp").write_text('#include "vaster/b.hpp"\n')
        self.assert_clean('#include "c.hpp"\nstd::vector<int> a;\n')

    def test_one_of_several_headers_is_enough(self):
        self.assert_clean("#include <string>\nstd::size_t a;\n")

    def test_comments_and_texts_use_nothing(self):
        self.assert_clean('// std::vector\nchar const* a = "std::map";\nchar const* b = R"x(std::set)x";\n')


if __name__ == "__main__":
    unittest.main()
