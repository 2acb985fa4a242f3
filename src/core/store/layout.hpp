#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/h5/types.hpp"
#include "core/store/rows.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// Names of the parts of a study file.
inline constexpr char const* plan_path = "/plan";
inline constexpr char const* records_path = "/records";
inline constexpr char const* attempts_path = "/attempts";
inline constexpr char const* schedule_path = "/schedule";
inline constexpr char const* arrays_path = "/arrays";
inline constexpr char const* labels_path = "/labels";
inline constexpr char const* inputs_path = "/inputs";

/// Rows of /schedule.
inline constexpr std::uint64_t schedule_rows = 256;

/// The columns of each table with their places, crc and mark last. @throws std::logic_error when two columns
/// have one name
[[nodiscard]] h5::RecordType plan_type(study::Schema const& schema);
[[nodiscard]] h5::RecordType record_type(study::Schema const& schema);
[[nodiscard]] h5::RecordType attempt_type();
[[nodiscard]] h5::RecordType schedule_type();

/// An element of an array or input, and the element of an experiment that is not done: numbers that can be
/// missing are.
[[nodiscard]] h5::RecordType element_type(std::vector<study::ArrayField> const& fields);
[[nodiscard]] std::vector<std::byte> blank_element(h5::RecordType const& type);

/// Rows of /attempts for so many experiments.
[[nodiscard]] std::uint64_t attempt_rows(std::uint64_t n_experiments);

/// Where columns stand in a row of /plan.
struct PlanColumns {
    static constexpr std::size_t index = 0, id = 1, design = 2;
    std::size_t group, expected_seconds, cost_key, n_rows, first_row, skip_reason;
    explicit PlanColumns(study::Schema const& schema);
};

/// Where columns stand in a row of /records.
struct RecordColumns {
    static constexpr std::size_t index = 0, results = 1;
    std::size_t peak_rss_bytes, rank, host, attempt, error, arrays_crc;
    explicit RecordColumns(study::Schema const& schema);
};

[[nodiscard]] Row plan_row(h5::RecordType const& type, study::Schema const& schema,
                           study::Experiment const& experiment);
[[nodiscard]] study::Experiment experiment_of(Row const& row, study::Schema const& schema);

/// A record without results: missing numbers, empty texts.
[[nodiscard]] Row blank_record(h5::RecordType const& type, study::Schema const& schema, std::uint64_t index);
/// Sets cells from `first` on. @throws std::logic_error when they do not fit the columns
void set_cells(Row& row, std::size_t first, std::vector<study::Column> const& columns,
               study::Cells const& cells);
[[nodiscard]] study::Cells cells_of(Row const& row, std::size_t first,
                                    std::vector<study::Column> const& columns);

[[nodiscard]] Row attempt_row(h5::RecordType const& type, study::Attempt const& attempt);
[[nodiscard]] study::Attempt attempt_of(Row const& row);
[[nodiscard]] Row cost_row(h5::RecordType const& type, study::MeasuredCost const& cost);
[[nodiscard]] study::MeasuredCost cost_of(Row const& row);

}  // namespace vaster::store
