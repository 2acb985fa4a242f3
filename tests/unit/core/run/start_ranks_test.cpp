#include "core/run/start_ranks.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include "vaster/support/errors.hpp"

using namespace vaster;
using run::Oversubscribe;
using run::rank_count;
namespace fs = std::filesystem;

namespace {

/// A folder as the system describes processors in, gone at the end.
class Topology {
  public:
    Topology() {
        std::string pattern = (fs::temp_directory_path() / "vaster-cores-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    Topology(Topology const&) = delete;
    Topology& operator=(Topology const&) = delete;

    ~Topology() { fs::remove_all(path_); }

    void add(std::size_t cpu, int package, int core) const {
        auto const place = path_ / fmt::format("cpu{}", cpu) / "topology";
        fs::create_directories(place);
        std::ofstream(place / "physical_package_id") << package << "\n";
        std::ofstream(place / "core_id") << core << "\n";
    }

    [[nodiscard]] fs::path const& path() const { return path_; }

  private:
    fs::path path_;
};

/// Environment variables that are as they were afterwards.
class Environment {
  public:
    explicit Environment(std::vector<std::string> names) : names_(std::move(names)) {
        for (auto const& name : names_) {
            char const* const value = std::getenv(name.c_str());
            before_.push_back(value == nullptr ? "" : value);
            ::unsetenv(name.c_str());
        }
    }

    Environment(Environment const&) = delete;
    Environment& operator=(Environment const&) = delete;

    ~Environment() {
        for (std::size_t i = 0; i < names_.size(); ++i)
            before_[i].empty() ? ::unsetenv(names_[i].c_str())
                               : ::setenv(names_[i].c_str(), before_[i].c_str(), 1);
    }

  private:
    std::vector<std::string> names_;
    std::vector<std::string> before_;
};

}  // namespace

TEST_CASE("threads of one core count once, cores of two packages are different ones", "[run][ranks]") {
    Topology const topology;
    topology.add(0, 0, 0);
    topology.add(1, 0, 0);
    topology.add(2, 0, 1);
    topology.add(3, 1, 0);
    CHECK(run::count_cores({0, 1, 2, 3}, topology.path()) == 3);
    CHECK(run::count_cores({0, 1}, topology.path()) == 1);
    CHECK(run::count_cores({0, 1, 7, 8}, topology.path()) == 3);  // two of which nothing is known
}

TEST_CASE("this process may use at least one core", "[run][ranks]") {
    CHECK(!run::usable_cpus().empty());
    CHECK(run::count_cores(run::usable_cpus()) >= 1);
    CHECK(run::count_cores(run::usable_cpus()) <= run::usable_cpus().size());
}

TEST_CASE("the number of ranks to start is 1 or more, or all", "[run][ranks]") {
    CHECK(rank_count("all", 6, Oversubscribe::refuse) == 6);
    CHECK(rank_count("1", 6, Oversubscribe::refuse) == 1);
    CHECK(rank_count("6", 6, Oversubscribe::refuse) == 6);
    for (auto const* text : {"0", "-1", "", "two", "2x", "1.5", "ALL", "99999999999999999999999"})
        CHECK_THROWS_AS(rank_count(text, 6, Oversubscribe::allow), UsageError);
}

TEST_CASE("more ranks than cores are refused with the number of cores unless they are welcome",
          "[run][ranks]") {
    CHECK(rank_count("7", 6, Oversubscribe::allow) == 7);
    CHECK_THROWS_WITH(rank_count("7", 6, Oversubscribe::refuse),
                      Catch::Contains("6 physical cores") && Catch::Contains("--ranks all"));
}

TEST_CASE("a process knows by its environment that it was started as a rank", "[run][ranks]") {
    Environment const environment(
        {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "SLURM_STEP_ID", "SLURM_SRUN_COMM_HOST"});
    CHECK(!run::launcher_of_this_rank());
    ::setenv("SLURM_STEP_ID", "0", 1);
    CHECK(!run::launcher_of_this_rank());  // a batch script
    ::setenv("SLURM_SRUN_COMM_HOST", "10.0.0.1", 1);
    CHECK(run::launcher_of_this_rank() == "srun");
    ::setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
    CHECK(run::launcher_of_this_rank() == "mpirun");
}

TEST_CASE("hosts, a job or a launcher of one's own decide by themselves how many ranks there may be",
          "[run][ranks]") {
    std::vector<std::string> const names{"MPIRUN", "SLURM_JOB_ID", "OMPI_MCA_orte_default_hostfile",
                                         "OMPI_MCA_rmaps_base_oversubscribe"};
    Environment const environment(names);
    CHECK(run::oversubscription() == Oversubscribe::refuse);
    for (auto const& name : names) {
        ::setenv(name.c_str(), "1", 1);
        CHECK(run::oversubscription() == Oversubscribe::allow);
        ::unsetenv(name.c_str());
    }
}

TEST_CASE("where mpirun has started all ranks here, no network is looked for, unless the user names one",
          "[run][ranks]") {
    Environment const environment(
        {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_MCA_pml", "OMPI_MCA_btl"});
    CHECK_FALSE(run::all_ranks_are_here());
    ::setenv("OMPI_COMM_WORLD_SIZE", "16", 1);
    CHECK_FALSE(run::all_ranks_are_here());
    ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "8", 1);
    CHECK_FALSE(run::all_ranks_are_here());
    ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "16", 1);
    CHECK(run::all_ranks_are_here());
    ::setenv("OMPI_MCA_pml", "ucx", 1);
    run::stay_on_this_host();
    CHECK(std::getenv("OMPI_MCA_pml") == std::string("ucx"));
    CHECK(std::getenv("OMPI_MCA_btl") == std::string("self,vader"));
    ::unsetenv("OMPI_MCA_pml");
    run::look_for_no_network();
    CHECK(std::getenv("OMPI_MCA_pml") == std::string("ob1"));
}

TEST_CASE("the ranks get all arguments but --ranks", "[run][ranks]") {
    std::array<char, 7> program{"vaster"};
    std::array<char, 4> command{"run"};
    std::array<char, 8> flag{"--ranks"};
    std::array<char, 2> value{"2"};
    std::array<char, 10> joined{"--ranks=3"};
    std::array<char, 7> file{"a.toml"};
    std::array<char, 14> other{"--ranks-other"};
    std::array<char*, 7> arguments{program.data(), command.data(), flag.data(), value.data(),
                                   joined.data(),  file.data(),    other.data()};
    int argc = 7;
    char** argv = arguments.data();
    CHECK(run::without_ranks({argc, argv}) == std::vector<std::string>{"run", "a.toml", "--ranks-other"});
}
