// Problems with known optima, where the folder with them is there. Their sources are named in the files.
#include <filesystem>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "domains/service/solve/readers.hpp"
#include "domains/service/solve/solve.hpp"

using namespace vaster;
using namespace vaster::service::solve;

namespace {

namespace fs = std::filesystem;

struct Oracle {
    char const* file;
    Status status;
    double optimum;
    char const* scope;
};

}  // namespace

TEST_CASE("problems of the literature have their known optima", "[service][solve][oracles]") {
    fs::path const folder = fs::path(VASTER_SHARED_DIR) / "reference/models-in-use/solve";
    if (!fs::exists(folder)) {
        WARN("not there: " << folder);
        return;
    }
    constexpr double none = 0;
    for (auto const& [file, status, optimum, scope] : std::vector<Oracle>{
             {"afiro.mps", Status::optimal, -464.7531429, "global"},
             {"p0033.mps", Status::optimal, 3089, "global"},
             {"hs1.json", Status::optimal, 0, "local"},
             {"hs21.json", Status::optimal, -99.96, "global"},
             {"hs35.json", Status::optimal, 1.0 / 9, "global"},
             {"hs43.json", Status::optimal, -44, "global"},
             {"hs71.json", Status::optimal, 17.0140173, "local"},
             {"hs100.json", Status::optimal, 680.6300573, "local"},
             {"rastrigin2.json", Status::feasible, 0, "best of 50 starts and an evolution"},
             {"six_equalities.lp", Status::optimal, 277, "global"},
             {"half_integer.lp", Status::infeasible, none, ""},
             {"infeasible.lp", Status::infeasible, none, ""},
             {"unbounded.lp", Status::unbounded, none, ""},
             {"knapsack.lp", Status::optimal, 23, "global"},
         }) {
        auto const path = folder / file;
        auto const problem = read_problem(path.string(), read_file(path));
        Watcher watcher;
        auto const solution = solve(problem, {}, solvers_for(class_of(problem)), watcher);
        INFO(file << ": " << solution.fallbacks << " " << solution.evidence);
        CHECK(to_text(solution.status) == to_text(status));
        CHECK(solution.confirmed);
        CHECK(solution.scope == scope);
        if (solution.values.empty()) continue;
        CHECK(solution.objective == Approx(optimum).epsilon(1e-6).margin(1e-6));
        CHECK(solution.violation <= 1e-6);
    }
}
