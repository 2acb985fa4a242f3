#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/store/lock.hpp"
#include "core/store/reader.hpp"

namespace vaster::report {

/// An experiment that failed, or whose last attempt did.
struct FailedRow {
    std::size_t row = 0;
    std::string id;
    std::string label;  ///< study::Labels::of(): "out_domain AP Dar xgboost"
    std::uint64_t attempts = 0;
    std::string outcome;  ///< of the last attempt: "timeout"
    std::string reason;
    std::string output;  ///< the last lines that its process printed; may be empty
};

/// How far a study has come.
struct StatusReport {
    store::StatusCounts counts{};
    std::uint64_t total = 0;              ///< experiments in the plan
    std::uint64_t torn = 0;               ///< of the pending ones, those whose checksum did not hold
    std::optional<store::Holder> holder;  ///< who is writing the file now
    std::optional<double> per_hour;       ///< experiments finished per hour, lately
    std::optional<double> seconds_left;   ///< expected, if work goes on as lately
    std::vector<FailedRow> failures;
    std::vector<std::pair<std::string, std::uint64_t>>
        skips;  ///< reasons, and experiments skipped; most first

    /// Nothing is pending, running or failed.
    [[nodiscard]] bool finished() const;
};

[[nodiscard]] StatusReport status_of(store::Reader const& study);

/// For people; ends in a newline.
[[nodiscard]] std::string status_text(store::Reader const& study, StatusReport const& status);

/// For machines: one JSON object; ends in a newline.
[[nodiscard]] std::string status_json(store::Reader const& study, StatusReport const& status);

}  // namespace vaster::report
