#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/input.hpp"
#include "domains/stream/study/load_options.hpp"
#include "domains/stream/tasks/task.hpp"
#include "domains/stream/tasks/yield.hpp"
#include "vaster/study/config.hpp"

namespace vaster::stream {

/// The study kind of streams.
inline constexpr std::string_view stream_kind = "stream";

/// A task that is to take the stream, with its parameters.
struct JobOptions {
    TaskKind const* kind = nullptr;
    Parameters parameters;
};

/// Where records come from, and what is taken out of them.
struct SourceOptions {
    std::vector<std::filesystem::path> files;       ///< in the order of the stream
    std::string format;                             ///< "senml", ...
    std::string sensor;                             ///< field with the ID of the sensor
    std::vector<std::string> fields;                ///< that tasks work on
    std::uint64_t longest = 0;                      ///< record [bytes]
    double most_errors = 1;                         ///< share of broken records that is borne
    std::uint64_t memory = std::uint64_t{4} << 30;  ///< a larger stream stays on the disk [bytes]
    std::uint64_t block = std::uint64_t{8} << 20;   ///< of it that is read at once [bytes]
    std::optional<MadeUpStream> made_up = {};       ///< instead of files
    std::size_t n_fault_chances = 4;                ///< that generator.faults has; must be four
    double time_scale = 1;                          ///< times of records are divided by it
    std::uint64_t copies = 1;                       ///< so often is each record there (copies.hpp)
};

/// Where results go.
struct OutputOptions {
    std::filesystem::path directory;  ///< empty: outputs are counted and hashed, and not kept
    Output::Form form = Output::Form::csv;
    bool keeps_state = true;      ///< are states kept, so that another study can go on?
    bool waits_for_disk = false;  ///< is what a partition leaves on the disk before its row is committed?
};

/// Where tasks read and write that do; empty: beside the study file.
struct IoOptions {
    std::filesystem::path directory;
    std::filesystem::path remote;  ///< on the file system that all hosts share
    std::string broker;            ///< that topics are published by, too
};

/// What a configuration of kind `stream` says.
struct Options {
    std::uint64_t seed = 0;
    std::vector<JobOptions> jobs;
    std::vector<std::string> unknown_jobs;  ///< names that are not tasks
    SourceOptions source;
    OutputOptions output;
    std::uint64_t partitions = 1;
    std::uint64_t repeats = 1;
    std::filesystem::path continue_from;  ///< study file of the stream so far; empty: it begins here
    std::filesystem::path study;          ///< the study file
    IoOptions io;
    LoadPlan load;  ///< of modes rate and peak
    /// Of the stream, for each range of records that is merged by itself.
    std::uint64_t bytes_of_range = std::uint64_t{16} << 20U;
};

/// [stream], [input], [output], [io], those of load_tables(), and [tasks.CODE] for each task.
[[nodiscard]] std::vector<study::KeyTable> stream_tables();

/// Are there copies of records, or other times in them than the stream has?
[[nodiscard]] bool is_scaled(SourceOptions const& source);

[[nodiscard]] Options options_of(study::Config const& config);

/// What is wrong with the values taken together, a sentence each.
[[nodiscard]] std::vector<std::string> problems_of(Options const& options);

/// May a table of keys change what these jobs yield? That of a task which is none of them cannot.
[[nodiscard]] bool is_relevant(Options const& options, std::string_view table);

}  // namespace vaster::stream
