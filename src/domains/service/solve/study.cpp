#include "domains/service/solve/study.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/texts.hpp"
#include "domains/service/solve/formula.hpp"
#include "domains/service/solve/options.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/study/label.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

using study::CellType;
using study::ElementType;
using study::Experiment;

constexpr std::array part_names{"variable", "constraint"};
constexpr std::size_t element_size = sizeof(std::uint8_t) + sizeof(std::uint32_t) + 2 * sizeof(double);

/// A file that has been read.
struct File {
    std::string path;
    std::string hash;
    Problem problem;
};

/// All files; those that cannot be used are told together.
std::vector<File> read_files(std::vector<std::filesystem::path> const& paths) {
    std::vector<File> files;
    files.reserve(paths.size());
    std::vector<std::string> faults;
    std::size_t n_unread = 0;
    for (auto const& path : paths) {
        try {
            auto const text = read_file(path);
            files.push_back({path.string(), hash_text(text), read_problem(path.string(), text)});
        } catch (DataError const& fault) {
            faults.emplace_back(fault.what());
        } catch (IoError const& fault) {
            faults.emplace_back(fault.what());
            ++n_unread;
        }
    }
    if (faults.empty()) return files;
    constexpr std::size_t most_told = 20;
    std::string text = faults.size() == 1
                           ? faults.front()
                           : fmt::format("{} of {} problems cannot be read:", faults.size(), paths.size());
    for (std::size_t i = 0; faults.size() > 1 && i < std::min(faults.size(), most_told); ++i)
        text += "\n  " + faults[i];
    if (faults.size() > most_told) text += fmt::format("\n  and {} more", faults.size() - most_told);
    if (n_unread == faults.size()) throw IoError(text);
    throw DataError(text);
}

std::string label_of(std::string const& name) {
    return legible(name);
}

/// Names of all variables and constraints, each once.
std::vector<std::string> names_in(std::vector<File> const& files) {
    std::set<std::string> names;
    for (auto const& file : files) {
        for (auto const& one : file.problem.variables) names.insert(label_of(one.name));
        for (auto const& one : file.problem.rows) names.insert(label_of(one.name));
    }
    return {names.begin(), names.end()};
}

study::Schema schema_for(std::vector<std::string> names) {
    constexpr std::uint32_t word = 16;
    constexpr std::uint32_t line = 120;
    constexpr std::uint32_t path = 400;
    study::Schema schema;
    schema.design = {
        {.name = "problem", .type = CellType::text, .width = path, .doc = "its file"},
        {.name = "class",
         .type = CellType::text,
         .width = word,
         .doc = "lp, mip, smooth or global, found by reading"},
        {.name = "sense", .type = CellType::text, .width = word, .doc = "minimize or maximize"},
        {.name = "variables", .type = CellType::integer, .doc = "how many"},
        {.name = "integers", .type = CellType::integer, .doc = "variables that must be integers"},
        {.name = "constraints", .type = CellType::integer, .doc = "how many, without bounds of variables"},
        {.name = "problem_hash", .type = CellType::text, .width = 32, .doc = "128-bit XXH3 of the file"}};
    schema.results = {
        {.name = "outcome",
         .type = CellType::text,
         .width = word,
         .doc = "optimal, feasible, infeasible, unbounded, unknown or failed"},
        {.name = "confirmed",
         .type = CellType::integer,
         .doc = "1: our own evaluation shows it, or two solvers agree; 0: a solver's word"},
        {.name = "evidence", .type = CellType::text, .width = line, .doc = "what shows it"},
        {.name = "scope",
         .type = CellType::text,
         .width = line,
         .doc = "of the optimum: global, local, best of N starts"},
        {.name = "objective", .type = CellType::real, .doc = "evaluated by us at the point"},
        {.name = "bound", .type = CellType::real, .doc = "no better objective is possible"},
        {.name = "gap", .type = CellType::real, .doc = "|objective - bound| / max(1, |objective|)"},
        {.name = "violation",
         .type = CellType::real,
         .doc = "largest excess over a bound or constraint / max(1, |bound|)"},
        {.name = "kkt_residual",
         .type = CellType::real,
         .doc = "of smooth problems, relative to the gradient"},
        {.name = "solver", .type = CellType::text, .width = word, .doc = "whose answer it is"},
        {.name = "solver_version", .type = CellType::text, .width = word, .doc = "of that solver"},
        {.name = "limit",
         .type = CellType::text,
         .width = word,
         .doc = "time, nodes or iterations, if that ended the search"},
        {.name = "fallbacks",
         .type = CellType::text,
         .width = path,
         .doc = "solvers whose answer was not taken, and why"},
        {.name = "solve_seconds",
         .type = CellType::real,
         .doc = "time of all solvers and checks [s]",
         .nature = study::Nature::timing}};
    schema.arrays = {
        {.name = solution_array,
         .fields = {{"part", ElementType::uint8, "solution_parts"},
                    {"name", ElementType::uint32, "solution_names"},
                    {"value", ElementType::float64},
                    {"dual", ElementType::float64}},
         .extent = study::Extent::ragged,
         .shape = {},
         .doc = "variables, then constraints: value, and reduced cost or dual (linear problems); NaN: none"}};
    schema.labels = {{"solution_parts", {part_names.begin(), part_names.end()}},
                     {"solution_names", std::move(names)},
                     {study::label_columns, {"problem"}}};
    return schema;
}

template <class T>
void append(std::vector<std::uint8_t>& bytes, T value) {
    std::array<std::uint8_t, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

/// As its file writes it.
double activity_of(Row const& row, std::vector<double> const& x) {
    if (row.formula) return row.formula->value(x);
    double sum = row.constant;
    for (auto const& term : row.terms) sum += term.coefficient * x[term.variable];
    return sum;
}

double at_or_nan(std::vector<double> const& numbers, std::size_t index) {
    return index < numbers.size() ? numbers[index] : std::nan("");
}

class SolveStudy final : public study::Study {
  public:
    SolveStudy(StudyOptions options, std::vector<File> files)
        : options_(std::move(options)), files_(std::move(files)) {
        auto names = names_in(files_);
        for (std::size_t i = 0; i < names.size(); ++i)
            name_numbers_[names[i]] = static_cast<std::uint32_t>(i);
        schema_ = schema_for(std::move(names));
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override {
        std::string hashes;
        for (auto const& file : files_) hashes += file.hash;
        return hash_text(hashes);
    }

    [[nodiscard]] study::Inventory inventory() const override {
        std::map<std::string, std::size_t> classes;
        for (auto const& file : files_) ++classes[to_text(class_of(file.problem))];
        study::Inventory inventory;
        std::string counts;
        for (auto const& [name, count] : classes)
            counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", name, count);
        inventory.facts.push_back(fmt::format("{} ({})", counted(files_.size(), "problem"), counts));
        constexpr std::size_t most_told = 10;
        for (std::size_t i = 0; i < std::min(files_.size(), most_told); ++i)
            inventory.facts.push_back(
                fmt::format("{}: {}: {}", legible(std::filesystem::path(files_[i].path).filename().string()),
                            to_text(class_of(files_[i].problem)), summary_of(files_[i].problem)));
        return inventory;
    }

    [[nodiscard]] std::size_t capacity() const override { return files_.size(); }

    [[nodiscard]] std::uint64_t row_capacity() const override {
        std::uint64_t rows = 0;
        for (auto const& file : files_) rows += rows_of(file.problem);
        return rows;
    }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        std::vector<Experiment> experiments;
        if (so_far.size() > 0) return experiments;
        std::uint64_t first_row = 0;
        for (auto const& file : files_) {
            auto const& problem = file.problem;
            Experiment next;
            next.index = next.group = experiments.size();
            next.id = {hash64(fmt::format("solve {} {}", experiments.size(), file.hash))};
            next.cost_key = to_text(class_of(problem));
            next.expected_seconds = expected_seconds(problem);
            next.design = design_of(file);
            next.n_rows = rows_of(problem);
            next.first_row = first_row;
            first_row += next.n_rows;
            experiments.push_back(std::move(next));
        }
        return experiments;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            double const start = monotonic_seconds();
            auto const& problem = files_[item.experiment.index].problem;
            auto const solvers = solvers_for(class_of(problem), options_.solving.first);
            auto const solution = solve(problem, options_.solving, solvers, watcher);
            sink.finish({item.experiment.index,
                         cells_of(solution, monotonic_seconds() - start),
                         {packed(problem, solution)}});
        }
    }

  private:
    static std::uint64_t rows_of(Problem const& problem) {
        return problem.variables.size() + problem.rows.size();
    }

    static double expected_seconds(Problem const& problem) {
        constexpr double least = 0.02;
        constexpr double for_row = 1e-4;
        return least + for_row * static_cast<double>(rows_of(problem));
    }

    static study::Cells design_of(File const& file) {
        auto const& problem = file.problem;
        auto const integers = std::count_if(problem.variables.begin(), problem.variables.end(),
                                            [](Variable const& one) { return one.integer; });
        return {legible(file.path),
                to_text(class_of(problem)),
                std::string(problem.sense == Sense::maximize ? "maximize" : "minimize"),
                static_cast<std::int64_t>(problem.variables.size()),
                static_cast<std::int64_t>(integers),
                static_cast<std::int64_t>(problem.rows.size()),
                file.hash};
    }

    static study::Cells cells_of(Solution const& solution, double seconds) {
        return {to_text(solution.status),
                static_cast<std::int64_t>(solution.confirmed ? 1 : 0),
                solution.evidence,
                solution.scope,
                solution.objective,
                solution.bound,
                solution.gap,
                solution.violation,
                solution.kkt,
                solution.solver,
                solution.version,
                solution.limit,
                solution.fallbacks,
                seconds};
    }

    [[nodiscard]] std::vector<std::uint8_t> packed(Problem const& problem, Solution const& solution) const {
        std::vector<std::uint8_t> bytes;
        bytes.reserve(rows_of(problem) * element_size);
        auto const put = [&](std::uint8_t part, std::string const& name, double value, double dual) {
            append(bytes, part);
            append(bytes, name_numbers_.at(label_of(name)));
            append(bytes, value);
            append(bytes, dual);
        };
        for (std::size_t j = 0; j < problem.variables.size(); ++j)
            put(0, problem.variables[j].name, at_or_nan(solution.values, j),
                at_or_nan(solution.reduced_costs, j));
        for (std::size_t i = 0; i < problem.rows.size(); ++i)
            put(1, problem.rows[i].name,
                solution.values.empty() ? std::nan("") : activity_of(problem.rows[i], solution.values),
                at_or_nan(solution.duals, i));
        return bytes;
    }

    StudyOptions options_;
    std::vector<File> files_;
    std::map<std::string, std::uint32_t> name_numbers_;
    study::Schema schema_;
};

std::string number_or_nothing(double number) {
    return std::isnan(number) ? "" : fmt::format("{:.10g}", number);
}

TextTable summary_of(study::Records const& records) {
    TextTable table;
    table.title = "Solutions";
    table.header = {"problem", "outcome", "objective", "gap", "solver", "confirmed"};
    std::size_t n_open = 0;
    constexpr std::size_t most_told = 200;
    for (std::size_t row = 0; row < records.size(); ++row) {
        if (!records.done(row)) {
            ++n_open;
            continue;
        }
        auto const solved = solved_of(records.experiment(row), records.cells(row));
        auto const name = std::filesystem::path(solved.problem).filename().string();
        auto const scope =
            solved.scope.empty() || solved.scope == "global" ? "" : fmt::format(" ({})", solved.scope);
        if (table.rows.size() < most_told)
            table.rows.push_back({name, solved.outcome + scope, number_or_nothing(solved.objective),
                                  std::isnan(solved.gap) ? "" : fmt::format("{:.2g}", solved.gap),
                                  solved.solver, solved.confirmed ? "yes" : "no"});
        if (!solved.fallbacks.empty() && table.notes.size() < most_told)
            table.notes.push_back(fmt::format("{}: {}", name, solved.fallbacks));
        if (solved.limit == "time" && table.notes.size() < most_told)
            table.notes.push_back(
                fmt::format("{}: time ended the search, so that another run may differ", name));
    }
    if (n_open > 0)
        table.notes.push_back(
            n_open == 1 ? std::string("1 problem has no result; --resume tries it again")
                        : fmt::format("{} problems have no result; --resume tries them again", n_open));
    if (records.size() - n_open > most_told)
        table.notes.push_back(
            fmt::format("the first {} of {}; 'export' has all", most_told, records.size() - n_open));
    return table;
}

class SolveKind final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return std::string(solve_kind); }

    [[nodiscard]] std::string doc() const override {
        return "Optimisation problems, each solved with a checked answer";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return solve_tables(); }

    [[nodiscard]] std::vector<std::string> problems(study::Config const& config) const override {
        return problems_of(options_of(config));
    }

    [[nodiscard]] study::Opened open(study::Config const& config, study::DataFrom const&) const override {
        auto options = options_of(config);
        (void)solvers_for(Class::lp);  // refuses here where there are none
        auto files = read_files(options.files);
        return {std::make_unique<SolveStudy>(std::move(options), std::move(files))};
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const&, study::Schema const&,
                                                 study::Records const& records) const override {
        return {summary_of(records)};
    }
};

}  // namespace

std::unique_ptr<study::Kind> make_solve_kind() {
    return std::make_unique<SolveKind>();
}

Solved solved_of(study::Experiment const& experiment, study::Cells const& cells) {
    enum {
        outcome,
        confirmed,
        evidence,
        scope,
        objective,
        bound,
        gap,
        violation,
        kkt,
        solver,
        version,
        limit,
        fallbacks,
        seconds
    };

    auto const text = [&](std::size_t column) { return std::get<std::string>(cells.at(column)); };
    auto const number = [&](std::size_t column) { return std::get<double>(cells.at(column)); };
    Solved solved;
    solved.problem = std::get<std::string>(experiment.design.front());
    solved.outcome = text(outcome);
    solved.confirmed = std::get<std::int64_t>(cells.at(confirmed)) == 1;
    solved.evidence = text(evidence);
    solved.scope = text(scope);
    solved.objective = number(objective);
    solved.bound = number(bound);
    solved.gap = number(gap);
    solved.violation = number(violation);
    solved.kkt = number(kkt);
    solved.solver = text(solver);
    solved.version = text(version);
    solved.limit = text(limit);
    solved.fallbacks = text(fallbacks);
    solved.seconds = number(seconds);
    return solved;
}

std::vector<SolutionRow> solution_of(study::Schema const& schema, std::vector<std::uint8_t> const& bytes) {
    auto const& names = schema.labels.at(1).labels;
    std::vector<SolutionRow> rows;
    rows.reserve(bytes.size() / element_size);
    for (std::size_t at = 0; at + element_size <= bytes.size(); at += element_size) {
        SolutionRow row;
        std::uint32_t name = 0;
        auto const* const from = bytes.data() + at;
        std::memcpy(&name, from + 1, sizeof name);
        std::memcpy(&row.value, from + 1 + sizeof name, sizeof row.value);
        std::memcpy(&row.dual, from + 1 + sizeof name + sizeof row.value, sizeof row.dual);
        row.part = part_names.at(*from);
        row.name = names.at(name);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace vaster::service::solve
