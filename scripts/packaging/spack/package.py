# Recipe of vaster for Spack (package API v2). Copy this folder into a repository of recipes as packages/vaster/.
from spack_repo.builtin.build_systems.cmake import CMakePackage, generator

from spack.package import *


class Vaster(CMakePackage):
    """Compares verbal-autopsy models across sites, on MPI ranks, into one study file that survives interruptions."""

    # Where the sources are: fill in the address of your clone, or use `spack dev-build vaster@main` in a checkout.
    homepage = "https://example.org/vaster"
    git = "https://example.org/vaster.git"

    license("Apache-2.0", checked_by="the vaster authors")

    version("main", branch="main")

    variant("tests", default=False, description="Build the tests")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("openmpi@4.1")  # vaster-mpirun needs mpirun --enable-recovery, which Open MPI 5 names otherwise
    depends_on("boost@1.74: +mpi +serialization")
    depends_on("hdf5@1.10:1.14 +mpi")
    depends_on("xgboost@1.7")
    depends_on("fmt@9:")
    depends_on("spdlog@1.10: +shared")
    depends_on("cli11@2.3:")
    depends_on("nlohmann-json@3.11:")
    depends_on("tomlplusplus@3.3:")
    depends_on("cpp-httplib@0.11:")
    depends_on("xxhash")
    depends_on("simdjson@3:")
    depends_on("sqlite@3:")
    depends_on("expat")
    depends_on("libzip")
    depends_on("openssl@3:")
    depends_on("zlib-api")
    depends_on("catch2@2.13", when="+tests")
    depends_on("python@3:", type="test", when="+tests")

    conflicts("%gcc@:11", msg="vaster is C++20 as GCC 12 has it")

    generator("ninja")

    def cmake_args(self):
        # Its solvers are not among the dependencies here.
        return [self.define_from_variant("VASTER_BUILD_TESTS", "tests"), self.define("VASTER_WITH_SOLVERS", False)]

    def test_study(self):
        """run a small study, and check every row of it"""
        vaster = which(self.prefix.bin.vaster)
        vaster("run", "--quiet", "--set", "study.kind=drill", "--set", "drill.experiments=5", "--output", "drill.h5")
        vaster("verify", "drill.h5")
