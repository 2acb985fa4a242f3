#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vaster/support/ids.hpp"

namespace vaster::service {

/// A file that a job reads.
struct JobInput {
    std::string path;
    std::string
        hash;  ///< 128-bit XXH3 of what was in it when the jobs were read; empty: another job makes it
};

/// What a job does.
enum class JobWork {
    command,   ///< a program with its arguments: no shell
    shell,     ///< a text for /bin/sh -c
    describe,  ///< and the others: what `vaster table` does
    filter,
    map,
    reduce,
    histogram,
    sample,
    predict,  ///< what `vaster predict` does, in a process of its own
};

/// The words for JobWork, in order: "command", "shell", "describe", ...
[[nodiscard]] std::vector<std::string> const& work_names();

/// What an operation on a table is told; which of them count depends on the operation.
struct TableWork {
    std::string input;   ///< CSV file
    std::string output;  ///< CSV file that is made; empty: the study file keeps what it would have had
    std::vector<std::string> columns;
    std::vector<std::string> by;
    std::vector<double> quantiles;  ///< probabilities
    std::string where;              ///< formula
    std::vector<std::string> make;  ///< "name=formula"
    std::string column;
    std::string fold = "sum";
    std::optional<std::string> initial;
    std::optional<std::uint64_t> bins;
    std::vector<double> edges;  ///< of bins
    std::optional<double> share;
    std::optional<std::uint64_t> number;  ///< of rows
    std::optional<std::uint64_t> seed;
    std::string model;               ///< of predict: a model file
    std::vector<std::string> flags;  ///< of `vaster predict`, beside those that the job gives itself
};

/// What a job says of its limits; nothing: as [defaults] says.
struct JobLimits {
    std::optional<double> timeout_seconds;
    std::optional<std::uint64_t> memory_bytes;
    std::optional<unsigned> retries;
    std::optional<double> retry_delay_seconds;
    std::optional<double> backoff;
    std::optional<std::int64_t> priority;
    std::optional<std::vector<int>> no_retry_codes;
};

/// One job, with all placeholders filled.
struct Job {
    std::uint64_t number = 0;  ///< its place among the jobs, from 1
    std::string name;          ///< no two have the same
    std::string block;         ///< the name as the file has it: jobs of one block take about as long
    JobWork work = JobWork::command;
    std::vector<std::string> arguments;  ///< of a command, with the program; of a shell, its text alone
    TableWork table;
    std::vector<JobInput> inputs;
    std::vector<std::string> outputs;  ///< files that must be there when it has succeeded
    std::vector<std::uint64_t> after;  ///< numbers of the jobs that must be done before, ascending
    JobLimits limits;
    double expected_seconds = 1;
};

/// All jobs of a study, in order of their numbers.
struct JobList {
    std::string directory;  ///< absolute: where commands run, and what relative paths are relative to
    std::vector<Job> jobs;
    std::vector<std::string> warnings = {};  ///< of whoever has read them from a file; not kept with them
};

[[nodiscard]] inline bool is_command(JobWork work) {
    return work == JobWork::command || work == JobWork::shell;
}

/// Does the study file keep what the job makes? It is an operation that makes a small table, and names no
/// file for it.
[[nodiscard]] inline bool is_kept_in_study(Job const& job) {
    return !is_command(job.work) && job.table.output.empty();
}

/// Hash of name, command and the contents of the inputs.
[[nodiscard]] ExperimentId id_of(Job const& job);

/// The list as lines of JSON, the folder first and then a job each, as study files keep it; and back.
[[nodiscard]] std::string to_lines(JobList const& list);
/// @throws DataError for lines that to_lines() has not made
[[nodiscard]] JobList jobs_from_lines(std::string_view lines);

/// A path of the list from the root.
[[nodiscard]] std::string in_directory(JobList const& list, std::string const& path);

/// One line for people: the command, or the operation with its files.
[[nodiscard]] std::string text_of(Job const& job);

}  // namespace vaster::service
