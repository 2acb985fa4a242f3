#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../temporary_folder.hpp"
#include "core/cli/doctor_exams.hpp"

using namespace vaster;
using Catch::Contains;
using report::Health;

namespace {

namespace fs = std::filesystem;

report::RankFindings rank_with(int rank, std::string host, std::vector<std::string> cores) {
    return {rank, std::move(host), "", {}, std::move(cores)};
}

/// Two nodes of memory with eight processors, and a process that may take memory of some.
class Machine {
  public:
    explicit Machine(std::string const& allowed) {
        write("node/node0/cpulist", "0-1,4-5\n");
        write("node/node1/cpulist", "2-3,6-7\n");
        write("node/possible", "0-1\n");
        write("status", "Name:\tvaster\nMems_allowed:\t3\nMems_allowed_list:\t" + allowed + "\n");
    }

    [[nodiscard]] report::Finding examine(std::vector<std::size_t> const& cpus) const {
        return cli::doctor::examine_memory_nodes(cpus, folder_.path() / "node", folder_.path() / "status");
    }

  private:
    void write(std::string const& name, std::string const& text) const {
        fs::create_directories((folder_.path() / name).parent_path());
        std::ofstream(folder_.path() / name) << text;
    }

    testing::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("ranks that have a core each are well", "[doctor]") {
    std::vector<std::string> const all{"0:0", "0:1", "1:0"};
    auto const bound = cli::doctor::examine_cores(
        {rank_with(0, "a", {"0:0"}), rank_with(1, "a", {"0:1"}), rank_with(2, "b", {"0:0"})});
    CHECK(bound.health == Health::ok);
    CHECK_THAT(bound.seen, Contains("3 ranks") && Contains("3 cores"));
    auto const free = cli::doctor::examine_cores({rank_with(0, "a", all), rank_with(1, "a", all)});
    CHECK(free.health == Health::ok);
    CHECK_THAT(free.seen, !Contains("run.threads"));
    CHECK_THAT(cli::doctor::examine_cores({rank_with(0, "a", all)}).seen,
               Contains("up to 3 where fewer fit groups are left than cores (run.threads)"));
    CHECK(cli::doctor::examine_cores({rank_with(0, "a", {})}).health == Health::ok);
}

TEST_CASE("more ranks than cores on a host are told with the host", "[doctor]") {
    auto const finding = cli::doctor::examine_cores(
        {rank_with(0, "a", {"0:0", "0:1"}), rank_with(1, "b", {"0:0"}), rank_with(2, "b", {"0:0"})});
    CHECK(finding.health == Health::warn);
    CHECK_THAT(finding.seen, Contains("2 ranks on host b") && Contains("1 core between them"));
    CHECK_THAT(finding.advice, Contains("--ranks all"));
}

TEST_CASE("ranks that are bound to the same core while there are others are told by number", "[doctor]") {
    auto const finding = cli::doctor::examine_cores(
        {rank_with(0, "a", {"0:0"}), rank_with(1, "a", {"0:1", "0:2"}), rank_with(2, "a", {"0:0"})});
    CHECK(finding.health == Health::warn);
    CHECK_THAT(finding.seen,
               Contains("ranks 0, 2 on host a") && Contains("same 1 core") && Contains("3 cores"));
    CHECK_THAT(finding.advice, Contains("--bind-to core"));
}

TEST_CASE("memory that is not beside the processors is told", "[doctor]") {
    auto const far = Machine("0").examine({2, 7});
    CHECK(far.health == Health::warn);
    CHECK_THAT(far.seen, Contains("compute on node 1, and take memory of node 0"));
    CHECK_THAT(far.advice, Contains("--mem-bind=local"));
    CHECK(Machine("0").examine({0, 2}).health == Health::warn);
}

TEST_CASE("a rank beside its memory is well, and one that may wander hears how it would stay", "[doctor]") {
    auto const near = Machine("0-1").examine({2, 6});
    CHECK(near.health == Health::ok);
    CHECK_THAT(near.seen, Contains("compute on node 1") && !Contains("numa"));
    auto const free = Machine("0-1").examine({0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(free.health == Health::ok);
    CHECK_THAT(free.seen, Contains("nodes 0, 1") && Contains("--bind-to numa"));
    CHECK_THAT(cli::doctor::examine_memory_nodes({0}, "/nowhere").seen, Contains("equally near"));
}
