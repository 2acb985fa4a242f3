#include "domains/service/solve/options.hpp"

#include <set>

#include <fmt/core.h>

namespace vaster::service::solve {
namespace {

using Texts = std::vector<std::string>;

Texts solver_choices() {
    Texts choices{"auto"};
    for (auto& name : solver_names()) choices.push_back(std::move(name));
    return choices;
}

}  // namespace

std::vector<study::KeyTable> solve_tables() {
    return {
        {std::string(solve_kind),
         "Optimisation problems, a file each",
         {
             {.name = "files",
              .standard = Texts{},
              .doc = "files with problems (.mps, .lp, .json), each an experiment; must be given",
              .effect = Effect::operation},
             {.name = "time",
              .standard = "60s",
              .doc = "longest time for one solver and one problem; what it stops may be otherwise in another "
                     "run",
              .bounds = {.above = 0},
              .format = Format::duration,
              .flag = "--time"},
             {.name = "gap",
              .standard = 1e-6,
              .doc = "relative gap between objective and bound at which a solution counts as optimal",
              .bounds = {.at_least = 0, .below = 1},
              .flag = "--gap"},
             {.name = "solver",
              .standard = "auto",
              .doc = "solver to begin with, where it can solve the problem; auto: the best for each class; "
                     "glpsol-exact: glpsol in rational numbers, for linear problems",
              .choices = solver_choices(),
              .flag = "--solver"},
             {.name = "fallback",
              .standard = true,
              .doc = "ask the next solver when one fails, or its answer does not hold"},
             {.name = "nodes",
              .standard = std::int64_t{0},
              .doc = "most nodes of a search with integers (cbc); the same in every run; 0: any number",
              .bounds = {.at_least = 0, .at_most = 2000000000},
              .flag = "--nodes"},
             {.name = "iterations",
              .standard = std::int64_t{0},
              .doc = "most iterations (clp, ipopt); the same in every run; 0: any number",
              .bounds = {.at_least = 0, .at_most = 2000000000},
              .flag = "--iterations"},
             {.name = "starts",
              .standard = std::int64_t{50},
              .doc = "local searches for a global optimum",
              .bounds = {.at_least = 1, .at_most = 1000000},
              .flag = "--starts"},
         }}};
}

StudyOptions options_of(study::Config const& config) {
    StudyOptions options;
    auto const& files = config.get<Texts>("solve.files");
    options.files.assign(files.begin(), files.end());
    auto& limits = options.solving.limits;
    limits.seconds = config.seconds("solve.time");
    limits.gap = config.get<double>("solve.gap");
    limits.nodes = config.get<std::int64_t>("solve.nodes");
    limits.iterations = config.get<std::int64_t>("solve.iterations");
    limits.starts = config.get<std::int64_t>("solve.starts");
    limits.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    options.solving.fallback = config.get<bool>("solve.fallback");
    options.solving.first = config.get<std::string>("solve.solver");
    if (options.solving.first == "auto") options.solving.first.clear();
    return options;
}

std::vector<std::string> problems_of(StudyOptions const& options) {
    std::vector<std::string> problems;
    if (options.files.empty()) problems.emplace_back("solve.files is empty (must name files with problems)");
    std::set<std::filesystem::path> seen;
    for (auto const& file : options.files)
        if (!seen.insert(file.lexically_normal()).second)
            problems.push_back(fmt::format("solve.files names {} twice", file.string()));
    return problems;
}

}  // namespace vaster::service::solve
