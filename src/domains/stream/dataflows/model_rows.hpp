#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/tasks/ranges.hpp"
#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {

/// Takes the numbers of some fields out of records, all of them or nothing.
class ModelRows {
  public:
    /// @param fields  in the order of Record::fields. @param ranges  `name:min:max,...`
    ModelRows(std::vector<std::string> const& fields, std::string_view ranges);

    /// The record's numbers, which are good until the next call; nothing where one is missing, out of its
    /// range or no number: then the record has been counted. The edge is told what became of it in any case.
    [[nodiscard]] std::optional<std::span<double const>> take(Record const& record, Yield& yield, Edge& edge);

  private:
    [[nodiscard]] std::optional<Outcome> problem_of(Record const& record, Tally& tally);

    std::vector<std::optional<Range>> ranges_;  ///< by field
    std::vector<double> row_;
};

/// Model of that kind ("MLR", "DTC") of the window that ends then: "fare_amount-MLR-1358121900000.json".
[[nodiscard]] std::string model_file_name(std::string_view target, std::string_view kind, std::int64_t to);

}  // namespace vaster::stream
