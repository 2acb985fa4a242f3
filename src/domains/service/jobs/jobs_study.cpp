#include "domains/service/jobs/jobs_study.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "core/store/kept_data.hpp"
#include "domains/service/jobs/attempt.hpp"
#include "domains/service/jobs/graph.hpp"
#include "domains/service/jobs/job_file.hpp"
#include "domains/service/jobs/jobs_options.hpp"
#include "vaster/study/label.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/study/long_plan.hpp"
#include "vaster/study/own_limits.hpp"
#include "vaster/study/own_tables.hpp"
#include "vaster/study/own_words.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using study::Cells;
using study::Experiment;

constexpr std::size_t widest_key = 60;
constexpr char const* input_name = "jobs";

// ---- what the study file keeps

study::Input input_of(std::string const& lines) {
    return {input_name,
            "the jobs, as lines of JSON: the folder in which they run, then one a line",
            {{"byte", study::ElementType::uint8}},
            {lines.begin(), lines.end()}};
}

/// What a study file has kept. @throws DataError where it keeps something else
std::string_view lines_of(study::KeptData const& kept) {
    require<DataError>(kept.inputs.size() == 1 && kept.inputs.front().name == input_name,
                       "the study file keeps no jobs");
    auto const& bytes = kept.inputs.front().rows;
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

/// Bytes that the table of an operation without an output may have. Of one number it is known beforehand.
std::size_t room_for_table(Job const& job) {
    constexpr std::size_t most = 4096;
    constexpr std::size_t of_number = 64;  // with line ends, and with "sum_" and its like
    auto const& table = job.table;
    bool const is_number = job.work == JobWork::reduce && table.by.empty() && table.fold != "concat" &&
                           table.fold != "first" && table.fold != "last";
    return is_number ? std::min(most, of_number + 2 * table.column.size()) : most;  // quotes may be doubled
}

/// 0: every operation has an output.
std::size_t room_for_tables(JobList const& list) {
    std::size_t room = 0;
    for (auto const& job : list.jobs)
        if (is_kept_in_study(job)) room = std::max(room, room_for_table(job));
    return room;
}

study::Schema schema_of(JobList const& list) {
    using study::CellType;
    using study::Nature;
    std::size_t width = 1;
    for (auto const& job : list.jobs) width = std::max(width, job.name.size());
    study::Schema schema;
    schema.design = {{.name = "job", .type = CellType::integer, .doc = "number of the job, from 1"},
                     {.name = "name",
                      .type = CellType::text,
                      .width = static_cast<std::uint32_t>(width),
                      .doc = "name of the job"},
                     {.name = "own_priority", .type = CellType::integer, .doc = "of the job itself"},
                     {.name = "own_timeout",
                      .type = CellType::real,
                      .doc = "of the job itself [s]; -1: as [defaults] says"},
                     {.name = "own_memory", .type = CellType::integer, .doc = "the same [bytes]"},
                     {.name = "own_retries", .type = CellType::integer, .doc = "the same"},
                     {.name = "own_retry_delay", .type = CellType::real, .doc = "the same [s]"},
                     {.name = "own_backoff", .type = CellType::real, .doc = "the same"}};
    schema.labels = {{study::label_columns, {"name"}}};
    schema.results = {
        {.name = "outputs_hash",
         .type = CellType::text,
         .width = 32,
         .doc = "128-bit XXH3 of what the job made; empty: it makes no files"},
        {.name = "output_bytes", .type = CellType::integer, .doc = "size of what it made [bytes]"},
        {.name = "job_seconds",
         .type = CellType::real,
         .doc = "time that the attempt took [s]",
         .nature = Nature::timing},
        {.name = "cpu_seconds",
         .type = CellType::real,
         .doc = "processor time of the command and of what it waited for [s]",
         .nature = Nature::timing},
        {.name = "log",
         .type = CellType::text,
         .width = 24,
         .doc = "what it printed: LOG.out and LOG.err in the folder of the jobs",
         .nature = Nature::timing}};
    if (auto const room = room_for_tables(list); room > 0)
        schema.results.push_back({.name = "table",
                                  .type = CellType::text,
                                  .width = static_cast<std::uint32_t>(room),
                                  .doc = "what an operation without an output made, as CSV"});
    return schema;
}

// ---- limits in the plan

/// -1: the job does not say.
template <class T, class Number>
T or_minus_one(std::optional<Number> const& value) {
    return value ? static_cast<T>(*value) : T{-1};
}

/// Priorities may be negative: this one stands for none.
constexpr std::int64_t no_priority = std::int64_t{-2'000'000};

Cells design_of(Job const& job) {
    auto const& limits = job.limits;
    return {static_cast<std::int64_t>(job.number),
            job.name,
            limits.priority.value_or(no_priority),
            or_minus_one<double>(limits.timeout_seconds),
            or_minus_one<std::int64_t>(limits.memory_bytes),
            or_minus_one<std::int64_t>(limits.retries),
            or_minus_one<double>(limits.retry_delay_seconds),
            or_minus_one<double>(limits.backoff)};
}

JobLimits limits_in(Cells const& design) {
    auto const whole = [&](std::size_t column) { return std::get<std::int64_t>(design.at(column)); };
    auto const real = [&](std::size_t column) { return std::get<double>(design.at(column)); };
    JobLimits limits;
    if (whole(2) != no_priority) limits.priority = whole(2);
    if (real(3) >= 0) limits.timeout_seconds = real(3);
    if (whole(4) >= 0) limits.memory_bytes = static_cast<std::uint64_t>(whole(4));
    if (whole(5) >= 0) limits.retries = static_cast<unsigned>(whole(5));
    if (real(6) >= 0) limits.retry_delay_seconds = real(6);
    if (real(7) >= 0) limits.backoff = real(7);
    return limits;
}

std::uint64_t number_of(Experiment const& experiment) {
    return static_cast<std::uint64_t>(std::get<std::int64_t>(experiment.design.at(number_column)));
}

// ---- the study

/// Jobs, and how the study file keeps them.
struct KeptJobs {
    std::shared_ptr<JobList const> list;
    std::string hash;        ///< of the lines
    std::string lines = {};  ///< of jobs that no file has yet
};

class Jobs final : public study::Study, public study::HasLongPlan {
  public:
    Jobs(KeptJobs jobs, JobsOptions options)
        : jobs_(std::move(jobs)),
          list_(*jobs_.list),
          options_(std::move(options)),
          schema_(schema_of(list_)),
          folder_(output_folder(options_, list_)) {}

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return jobs_.hash; }

    [[nodiscard]] std::vector<study::Input> inputs() const override {
        std::vector<study::Input> inputs;
        if (!jobs_.lines.empty()) inputs.push_back(input_of(jobs_.lines));
        jobs_.lines = {};
        return inputs;
    }

    [[nodiscard]] study::Inventory inventory() const override {
        auto const levels = levels_of(list_.jobs).of_job;
        auto const last = std::max_element(levels.begin(), levels.end());
        auto const n_commands = static_cast<std::size_t>(std::count_if(
            list_.jobs.begin(), list_.jobs.end(), [](Job const& job) { return is_command(job.work); }));
        return {
            {fmt::format("{}: {}, {} on tables; {}", counted(list_.jobs.size(), "job"),
                         counted(n_commands, "command"), counted(list_.jobs.size() - n_commands, "operation"),
                         *last == 0 ? "none waits for another" : fmt::format("in {} levels", *last + 1)),
             fmt::format("they run in {}; what they print is kept in {}", list_.directory, folder_.string())},
            list_.warnings};
    }

    [[nodiscard]] std::size_t capacity() const override { return list_.jobs.size(); }

    /// Those that are not planned yet, though all that they come after is done.
    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        std::vector<bool> is_planned(list_.jobs.size() + 1);
        std::vector<bool> is_done(list_.jobs.size() + 1);
        for (std::size_t row = 0; row < so_far.size(); ++row) {
            auto const number = number_of(so_far.experiment(row));
            is_planned.at(number) = true;
            is_done.at(number) = so_far.done(row);
        }
        std::vector<Experiment> next;
        for (auto const& job : list_.jobs) {
            bool const ready = std::all_of(job.after.begin(), job.after.end(),
                                           [&](std::uint64_t number) { return is_done[number]; });
            if (ready && !is_planned[job.number])
                next.push_back(experiment_of(job, so_far.size() + next.size()));
        }
        return next;
    }

    void first_experiments(std::function<void(Experiment const&)> const& take) const override {
        std::size_t index = 0;
        for (auto const& job : list_.jobs)
            if (job.after.empty()) take(experiment_of(job, index++));
    }

    void run(study::Task const& task, study::Sink& sink, Watcher&) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            sink.finish(result_of(task, item));
        }
    }

  private:
    [[nodiscard]] study::Result result_of(study::Task const& task, study::TaskItem const& item) const {
        static std::vector<int> const none;
        auto const& job = list_.jobs.at(number_of(item.experiment) - 1);
        auto const& no_retry =
            job.limits.no_retry_codes ? job.limits.no_retry_codes : options_.defaults.no_retry_codes;
        bool const keeps_tables = schema_.results.size() > static_cast<std::size_t>(ResultColumn::table);
        auto made =
            attempts_.run({list_, job, item.attempt, folder_, task.memory_bytes, no_retry ? *no_retry : none,
                           keeps_tables ? schema_.results.back().width : 0});
        study::Result result{item.experiment.index,
                             {std::move(made.outputs_hash), static_cast<std::int64_t>(made.output_bytes),
                              made.seconds, made.cpu_seconds, std::move(made.log)},
                             {},
                             made.peak_rss_bytes};
        if (keeps_tables) result.cells.emplace_back(std::move(made.table));
        return result;
    }

    /// Of the jobs of a block.
    static std::string cost_key_of(Job const& job) {
        std::size_t end = std::min(job.block.size(), widest_key);
        while (end < job.block.size() && (static_cast<unsigned char>(job.block[end]) & 0xC0U) == 0x80U) --end;
        return job.block.substr(0, end);
    }

    static Experiment experiment_of(Job const& job, std::size_t index) {
        Experiment one;
        one.index = index;
        one.id = id_of(job);
        one.group = index;
        one.expected_seconds = job.expected_seconds;
        one.cost_key = cost_key_of(job);
        one.design = design_of(job);
        return one;
    }

    mutable KeptJobs jobs_;  ///< whose lines are asked for once
    JobList const& list_;
    JobsOptions options_;
    study::Schema schema_;
    std::filesystem::path folder_;
    mutable Attempts attempts_;  ///< of the child that runs tasks: no other process calls run()
};

// ---- the kind

/// In which jobs that are read now are to run.
std::filesystem::path directory_of_jobs() {
    return absolute_path("here").parent_path();
}

class JobsKind final : public study::Kind,
                       public study::HasOwnLimits,
                       public study::HasOwnTables,
                       public study::HasOwnWords,
                       public study::LeavesFiles {
  public:
    [[nodiscard]] std::string name() const override { return jobs_kind_name; }

    [[nodiscard]] std::string doc() const override {
        return "Commands and table operations as jobs over the ranks";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return jobs_tables(); }

    [[nodiscard]] std::vector<std::string> own_tables() const override { return {"job"}; }

    [[nodiscard]] std::vector<std::string> problems_of_own_tables(std::string const& text,
                                                                  std::string const& path) const override {
        return problems_of_jobs(text, path, directory_of_jobs());
    }

    [[nodiscard]] std::vector<study::KeyDoc> key_docs() const override { return run_keys_of_jobs(); }

    [[nodiscard]] std::string how_to_continue(std::filesystem::path const& study) const override {
        return fmt::format("'{} jobs retry {}' tries again what failed, and runs what was not reached.",
                           program_name(), shell_word(study.string()));
    }

    [[nodiscard]] std::vector<std::string> problems(study::Config const& config) const override {
        return jobs_problems(config);
    }

    [[nodiscard]] bool keeps_inputs(study::Config const&) const override { return true; }

    [[nodiscard]] study::Opened open(study::Config const& config,
                                     study::DataFrom const& from) const override {
        auto options = jobs_options(config);
        auto const* const file = std::get_if<study::FromFile>(&from);
        KeptJobs jobs = file != nullptr ? known_or_read(file->kept) : jobs_from_source(options);
        last_list_ = jobs.list;
        last_hash_ = jobs.hash;
        return {std::make_unique<Jobs>(std::move(jobs), std::move(options))};
    }

    [[nodiscard]] study::OwnLimits limits(study::Config const& config,
                                          Experiment const& experiment) const override {
        return limits_of(limits_in(experiment.design), job_defaults(config));
    }

    [[nodiscard]] std::optional<std::uint64_t> most_failures(study::Config const& config) const override {
        return jobs_options(config).most_failures;
    }

    [[nodiscard]] bool plans_from_results_alone() const override { return true; }

    [[nodiscard]] std::vector<study::ExperimentIndex> rows_without_file(
        study::Config const& config, study::Schema const&, study::Records const& records) const override {
        auto const list = kept_jobs(store::read_kept_data(jobs_options(config).study));
        std::vector<study::ExperimentIndex> rows;
        for (std::size_t row = 0; row < records.size(); ++row)
            if (records.done(row) && !has_outputs(list, records, row)) rows.push_back(row);
        return rows;
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const&, study::Schema const&,
                                                 study::Records const& records) const override {
        std::size_t done = 0;
        double seconds = 0;
        for (std::size_t row = 0; row < records.size(); ++row) {
            if (!records.done(row)) continue;
            ++done;
            seconds += std::get<double>(records.cells(row)[static_cast<std::size_t>(ResultColumn::seconds)]);
        }
        TextTable table;
        table.title = "Jobs";
        table.header = {"planned", "done", "their time together [s]"};
        table.rows = {{std::to_string(records.size()), std::to_string(done), fmt::format("{:.1f}", seconds)}};
        if (auto const n = records.size() - done; n > 0) {
            bool const others_wait = records.size() < records.capacity();
            table.notes.push_back(fmt::format("{} {} not done{}", counted(n, "job"), n == 1 ? "is" : "are",
                                              others_wait ? ", nor are those that come after" : ""));
        }
        return {table};
    }

  private:
    static KeptJobs jobs_from_source(JobsOptions const& options) {
        KeptJobs jobs{std::make_shared<JobList const>(jobs_named_in(options)), {}, {}};
        jobs.lines = to_lines(*jobs.list);
        jobs.hash = hash_text(jobs.lines);
        return jobs;
    }

    /// Whoever has made the file has the jobs in memory, which the file only repeats.
    [[nodiscard]] KeptJobs known_or_read(study::KeptData const& kept) const {
        auto const hash = hash_text(lines_of(kept));
        auto known = last_list_.lock();
        if (known != nullptr && hash == last_hash_) return {std::move(known), hash};
        return {std::make_shared<JobList const>(kept_jobs(kept)), hash};
    }

    static bool has_outputs(JobList const& list, study::Records const& records, std::size_t row) {
        auto const& job = list.jobs.at(number_of(records.experiment(row)) - 1);
        if (job.outputs.empty()) return true;
        auto const& recorded =
            std::get<std::string>(records.cells(row)[static_cast<std::size_t>(ResultColumn::outputs_hash)]);
        try {
            return hash_of_outputs(list, job) == recorded;
        } catch (DataError const&) {
            return false;
        }
    }

    mutable std::weak_ptr<JobList const>
        last_list_;  ///< of the study that was opened last, while it is there
    mutable std::string last_hash_;
};

}  // namespace

JobList jobs_named_in(JobsOptions const& options) {
    auto const directory = directory_of_jobs();
    if (options.file.empty()) return jobs_of_lines(options.command, options.list, directory);
    return read_jobs(read_file(options.file), options.file, directory);
}

JobList kept_jobs(study::KeptData const& kept) {
    return jobs_from_lines(lines_of(kept));
}

std::unique_ptr<study::Kind> make_jobs() {
    return std::make_unique<JobsKind>();
}

}  // namespace vaster::service
