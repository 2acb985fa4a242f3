#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/study/options.hpp"

namespace vaster::stream {

/// All tasks and dataflows, by code.
[[nodiscard]] std::vector<TaskKind const*> job_kinds();

/// The task or dataflow of that code or name, in any case of letters; null when there is none.
[[nodiscard]] TaskKind const* find_job(std::string_view code_or_name);

/// Its table of keys: "tasks.AVG", "dataflows.ETL".
[[nodiscard]] std::string table_of(TaskKind const& kind);

/// What the task of a job is made from, for a partition; without the columns of its input.
[[nodiscard]] TaskSetup setup_of(Options const& options, JobOptions const& job, std::uint64_t partition);

/// Files and folders that are read because keys of the jobs name them, such as annotations and models; an
/// empty path for a key that names none.
[[nodiscard]] std::vector<std::filesystem::path> named_files(Options const& options);

/// The job that makes the models which this one uses; null: none does.
[[nodiscard]] JobOptions const* trainer_of(Options const& options, JobOptions const& job);

[[nodiscard]] Keying keying_of(JobOptions const& job);

/// How many partitions the job has: one where its state is that of the whole stream. Partitions of jobs with
/// a state for each sensor are divided by sensors; those of jobs without a state are blocks of the stream.
[[nodiscard]] std::uint64_t partitions_of(Options const& options, JobOptions const& job);

/// The partition that a sensor belongs to: the 64-bit XXH3 of its ID modulo their number.
[[nodiscard]] std::uint64_t partition_of(std::string_view sensor, std::uint64_t partitions);

/// "corrected", or "published" where the job was told to err as the published system does.
[[nodiscard]] std::string profile_of(JobOptions const& job);

/// Everything that decides what the job makes of records, in one line: what another study that goes on from
/// its states must have, too.
[[nodiscard]] std::string description_of(Options const& options, JobOptions const& job);

/// Folder beside a study file for what its experiments leave: "first.h5.stream".
[[nodiscard]] std::filesystem::path side_folder(std::filesystem::path const& study);

[[nodiscard]] std::filesystem::path part_path(Options const& options, JobOptions const& job,
                                              std::uint64_t partition);

/// The states that the job has ended with in that study.
[[nodiscard]] std::filesystem::path state_path(std::filesystem::path const& study, JobOptions const& job);

/// JOB.csv, or JOB.txt where it is plain; only where outputs are kept.
[[nodiscard]] std::filesystem::path output_path(Options const& options, JobOptions const& job);

}  // namespace vaster::stream
