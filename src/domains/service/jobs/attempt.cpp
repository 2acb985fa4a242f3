#include "domains/service/jobs/attempt.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/new_file.hpp"
#include "domains/service/jobs/job_file.hpp"
#include "domains/service/jobs/prediction.hpp"
#include "domains/service/tables/describe.hpp"
#include "domains/service/tables/histogram.hpp"
#include "domains/service/tables/rows.hpp"
#include "domains/service/tables/sample.hpp"
#include "domains/service/tables/write.hpp"
#include "vaster/study/transient.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

/// The two files of an attempt.
struct Log {
    std::string name;
    Descriptor output;
    Descriptor error;
};

Descriptor open_new(fs::path const& path) {
    return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
}

/// New files for an attempt. An earlier run, or one that was killed, may have left files of that number:
/// those of the next number that is free are made.
Log make_log(AttemptOrder const& order) {
    constexpr std::uint32_t most_tries = 100000;
    for (std::uint32_t attempt = order.attempt; attempt < most_tries; ++attempt) {
        Log log{fmt::format("{:06}.{}", order.job.number, attempt), {}, {}};
        log.output = open_new(order.folder / (log.name + ".out"));
        if (!log.output && errno == ENOENT && attempt == order.attempt) {
            std::error_code problem;
            fs::create_directories(order.folder, problem);
            require<IoError>(!problem, "cannot make the folder {} for what jobs print: {}",
                             order.folder.string(), problem.message());
            log.output = open_new(order.folder / (log.name + ".out"));
        }
        if (!log.output && errno == EEXIST) continue;
        if (log.output) log.error = open_new(order.folder / (log.name + ".err"));
        require<IoError>(log.output && log.error, "cannot write {} in {}: {}", log.name,
                         order.folder.string(), system_reason(errno));
        return log;
    }
    throw IoError(fmt::format("{} has too many files of job {}", order.folder.string(), order.job.number));
}

/// The last of what it has printed goes the way of what children print: into the table of attempts.
void show_last_lines(fs::path const& file) {
    constexpr std::streamoff most = 1000;
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    auto const size = static_cast<std::streamoff>(in.tellg());
    if (size <= 0) return;
    in.seekg(std::max<std::streamoff>(0, size - most));
    std::ostringstream text;
    text << in.rdbuf();
    (void)!::write(STDERR_FILENO, text.str().data(), text.str().size());
}

std::string signal_text(int number) {
    char const* const name = ::sigabbrev_np(number);
    return name != nullptr ? fmt::format("killed by SIG{}", name)
                           : fmt::format("killed by signal {}", number);
}

/// Whatever a command says of it would have to be written there.
std::string note_of_full_disk(fs::path const& folder) {
    std::error_code unknown;
    auto const space = fs::space(folder, unknown);
    constexpr std::uintmax_t least = 64 * 1024;
    if (unknown || space.available >= least) return "";
    return fmt::format("; there is no room left on the disk where what it prints is kept, {}",
                       folder.string());
}

constexpr int not_found = 127;  // by the shell, as POSIX has it

void judge(AttemptOrder const& order, Ended const& ended) {
    require<DataError>(ended.start_error == 0, "{}: {}", ended.start_step, system_reason(ended.start_error));
    if (WIFSIGNALED(ended.wait_status)) throw study::TransientError(signal_text(WTERMSIG(ended.wait_status)));
    int const code = WEXITSTATUS(ended.wait_status);
    bool const final_code = std::find(order.no_retry_codes.begin(), order.no_retry_codes.end(), code) !=
                            order.no_retry_codes.end();
    require<DataError>(!final_code, "exit code {}, after which it is not tried again (no_retry_codes)", code);
    require<DataError>(order.job.work != JobWork::shell || code != not_found,
                       "exit code {}: the shell has not found a program", code);
    if (code != 0)
        throw study::TransientError(fmt::format("exit code {}{}", code, note_of_full_disk(order.folder)));
    if (ended.left_behind.empty()) return;
    throw DataError(fmt::format(
        "it ended, but left {} running ({}), which {} been killed: a command must wait for all that it "
        "starts ('wait' in a shell)",
        ended.left_behind.size() == 1 ? "a process" : fmt::format("{} processes", ended.left_behind.size()),
        fmt::join(ended.left_behind, ", "), ended.left_behind.size() == 1 ? "has" : "have"));
}

/// Makes the folders of what it is to make.
void make_folders(JobList const& list, Job const& job) {
    for (auto const& output : job.outputs) {
        std::error_code problem;
        fs::create_directories(fs::path(in_directory(list, output)).parent_path(), problem);
        require<IoError>(!problem, "cannot make the folder for {}: {}", output, problem.message());
    }
}

Ended run_launch(Keeper& keeper, Log const& log, Launch const& launch, JobResult& result) {
    auto ended = keeper.run(launch, log.output, log.error);
    result.cpu_seconds = ended.cpu_seconds;
    result.peak_rss_bytes = ended.peak_rss_bytes;
    return ended;
}

std::vector<std::string> environment_of(AttemptOrder const& order) {
    return {fmt::format("VASTER_JOB={}", order.job.name),
            fmt::format("VASTER_JOB_NUMBER={}", order.job.number),
            fmt::format("VASTER_ATTEMPT={}", order.attempt)};
}

void run_command(AttemptOrder const& order, Keeper& keeper, Log const& log, JobResult& result) {
    Launch launch;
    launch.arguments = order.job.arguments;
    if (order.job.work == JobWork::shell) launch.arguments = {"/bin/sh", "-c", order.job.arguments.front()};
    launch.directory = order.list.directory;
    launch.environment = environment_of(order);
    launch.memory_bytes = order.memory_bytes;
    auto const ended = run_launch(keeper, log, launch, result);
    try {
        judge(order, ended);
    } catch (Error const&) {
        show_last_lines(order.folder / (log.name + ".err"));
        throw;
    }
}

/// What it makes lies among the files of the attempt until all of it is there, and its study file stays
/// there.
void run_prediction(AttemptOrder const& order, Keeper& keeper, Log const& log, JobResult& result) {
    auto const base = absolute_path(order.folder / log.name);
    auto launch = launch_of_prediction(order.list, order.job, base, order.memory_bytes);
    launch.environment = environment_of(order);
    auto ended = run_launch(keeper, log, launch, result);
    ended.left_behind.clear();  // it has ended well, and may have left a server
    bool const is_final = ended.start_error == 0 && WIFEXITED(ended.wait_status) &&
                          is_final_code_of_prediction(WEXITSTATUS(ended.wait_status));
    try {
        require<DataError>(!is_final, "predict ended with code {}: {}", WEXITSTATUS(ended.wait_status),
                           last_words(order.folder / (log.name + ".err")));
        judge(order, ended);
    } catch (Error const&) {
        show_last_lines(order.folder / (log.name + ".err"));
        throw;
    }
    place_prediction(order.list, order.job, base);
}

std::string table_text(AttemptOrder const& order) {
    auto const& table = order.job.table;
    auto const input = in_directory(order.list, table.input);
    std::ostringstream out;
    switch (order.job.work) {
        case JobWork::describe:
            write_description(input, {table.columns, table.by, table.quantiles}, out);
            break;
        case JobWork::filter:
            (void)filter_rows(input, table.where, out);
            break;
        case JobWork::map: {
            std::vector<std::pair<std::string, std::string>> columns;
            for (auto const& one : table.make)
                columns.emplace_back(one.substr(0, one.find('=')), one.substr(one.find('=') + 1));
            (void)add_columns(input, columns, out);
            break;
        }
        case JobWork::reduce:
            write_fold(input, {table.column, fold_of(table.fold), table.by, table.initial}, out);
            break;
        case JobWork::histogram: {
            HistogramOptions options{table.column};
            options.bins = table.bins.value_or(options.bins);
            options.edges = table.edges;
            write_histogram(input, options, out);
            break;
        }
        case JobWork::sample: {
            SampleOptions options{table.share, table.number};
            options.seed = table.seed.value_or(options.seed);
            (void)sample_rows(input, options, out);
            break;
        }
        case JobWork::command:
        case JobWork::shell:
        case JobWork::predict:
            break;
    }
    return std::move(out).str();
}

/// All of it or nothing. It need not wait for the disk: what a power cut takes is made again, since its hash
/// is kept.
void write_table(AttemptOrder const& order, JobResult& result) {
    std::string const text = table_text(order);
    std::string const output = in_directory(order.list, order.job.table.output);
    if (!make_file(output, text)) {
        make_folders(order.list, order.job);
        auto const path = target_to_write(output);
        refuse_what_is_no_file(path);
        replace_file(path, text);
    }
    result.outputs_hash = hash_text(text);
    result.output_bytes = text.size();
}

/// Nothing is left of it but its record.
void keep_table(AttemptOrder const& order, JobResult& result) {
    result.table = table_text(order);
    require<DataError>(result.table.size() <= order.result_bytes,
                       "its result has {} bytes, more than the {} that a study file keeps of an operation "
                       "without an output: give it one, output = \"FILE.csv\"",
                       result.table.size(), order.result_bytes);
    result.outputs_hash = hash_text(result.table);
    result.output_bytes = result.table.size();
}

void look_at_outputs(AttemptOrder const& order, JobResult& result) {
    result.outputs_hash = hash_of_outputs(order.list, order.job);
    result.output_bytes = 0;
    for (auto const& output : order.job.outputs)
        result.output_bytes += fs::file_size(in_directory(order.list, output));
}

}  // namespace

std::string hash_of_outputs(JobList const& list, Job const& job) {
    std::string lines;
    for (auto const& output : job.outputs) {
        try {
            auto hash = hash_of_file(in_directory(list, output));
            if (job.outputs.size() == 1) return hash;
            lines += fmt::format("{}  {}\n", hash, output);
        } catch (Error const& error) {
            throw DataError(fmt::format("its output {}: {}", output, error.what()));
        }
    }
    return lines.empty() ? "" : hash_text(lines);
}

std::string const& Attempts::hash_of(std::string const& path) {
    struct stat now {};

    if (::stat(path.c_str(), &now) != 0) throw IoError(system_reason(errno));
    constexpr std::int64_t ns = 1'000'000'000;
    auto const bytes = static_cast<std::uint64_t>(now.st_size);
    std::int64_t const changed = now.st_mtim.tv_sec * ns + now.st_mtim.tv_nsec;
    auto& known = hashed_[path];
    if (known.hash.empty() || known.bytes != bytes || known.changed != changed)
        known = {bytes, changed, hash_of_file(path)};
    return known.hash;
}

/// Files that were there when the jobs were read must still be what they were, and the others must be there.
void Attempts::check_inputs(JobList const& list, Job const& job) {
    for (auto const& input : job.inputs) {
        auto const path = in_directory(list, input.path);
        bool same = true;
        try {
            if (input.hash.empty())
                require<IoError>(fs::exists(path), "there is no such file");
            else
                same = hash_of(path) == input.hash;
        } catch (Error const& error) {
            throw DataError(fmt::format("it reads {}: {}", input.path, error.what()));
        }
        require<DataError>(same,
                           "it reads {}, which has changed since the jobs were read; give that file back, or "
                           "start a new study",
                           input.path);
    }
}

JobResult Attempts::run(AttemptOrder const& order) {
    double const start = monotonic_seconds();
    JobResult result;
    check_inputs(order.list, order.job);
    bool const in_process_of_its_own = is_command(order.job.work) || order.job.work == JobWork::predict;
    if (in_process_of_its_own) {
        if (!keeper_) keeper_.emplace();
        make_folders(order.list, order.job);
        auto const log = make_log(order);
        result.log = log.name;
        auto const run_it = order.job.work == JobWork::predict ? run_prediction : run_command;
        run_it(order, *keeper_, log, result);
    } else if (is_kept_in_study(order.job)) {
        keep_table(order, result);
    } else {
        write_table(order, result);
    }
    // The only output of an operation is what it has just written.
    if (in_process_of_its_own || order.job.outputs.size() > 1) look_at_outputs(order, result);
    result.seconds = monotonic_seconds() - start;
    return result;
}

}  // namespace vaster::service
