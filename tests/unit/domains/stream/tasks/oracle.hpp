#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domains/stream/records/parser.hpp"
#include "domains/stream/tasks/task.hpp"

namespace vaster::testing {

/// Folder of outputs and inputs made by an independent implementation; empty where it is not there.
[[nodiscard]] std::filesystem::path stream_oracles();

/// Cells of the rows of a CSV text, the header left out.
[[nodiscard]] std::vector<std::vector<std::string>> cells_of(std::string_view csv);

/// A stream for a task of that code.
struct Job {
    std::string code;
    std::string sensor;  ///< field with its ID
    std::vector<std::string> fields;
    std::vector<std::pair<std::string, Value>> parameters = {};
    std::filesystem::path folder = {};
    std::uint64_t seed = 42;
    std::vector<stream::InputColumn> columns = {};
    std::filesystem::path remote_folder = {};
};

/// The setup of a job, with the task's own defaults.
[[nodiscard]] stream::TaskSetup setup_of(Job const& job);

/// Lets a task take the SenML lines of a text, from the record and the states that are given on.
class Runner {
  public:
    explicit Runner(Job const& job);

    /// All lines of the text, one record each.
    void take(std::string const& lines);

    /// A record that is not made from SenML; its number and sensor index are filled in.
    void take(stream::Record record);
    void finish();

    /// States by sensor, as text; for another runner.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> states() const;
    void load(std::vector<std::pair<std::string, std::string>> const& states);

    stream::Yield yield;
    std::uint64_t next_record = 0;

  private:
    std::uint32_t index_of(std::string_view sensor);

    Job job_;
    std::unique_ptr<stream::Task> task_;
    std::unique_ptr<stream::RecordParser> parser_;
    std::vector<std::string> sensors_;
};

/// A line of SenML with the sensor as "source" and measurements by name; "null" is a missing value.
[[nodiscard]] std::string senml_line(std::int64_t time, std::string const& sensor,
                                     std::vector<std::pair<std::string, std::string>> const& measured);

/// What a task yields from lines of such: a job whose sensor is "source".
[[nodiscard]] stream::Yield yield_of(Job const& job, std::string const& lines);

/// Compares outputs with the oracle's: texts must be equal, numbers within a relative 1e-9. Says the first
/// difference; empty: none.
/// @param tolerance  relative; of oracles in single precision more
[[nodiscard]] std::string difference(std::vector<std::vector<std::string>> const& ours,
                                     std::vector<std::vector<std::string>> const& oracle,
                                     double tolerance = 1e-9);

}  // namespace vaster::testing
