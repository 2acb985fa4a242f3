#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domains/va/prediction/new_columns.hpp"
#include "domains/va/prediction/new_deaths.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// Everything that is known of the new deaths once they have been scanned.
struct NewDeaths {
    NewDeathsSource source;
    ModelNeeds wanted;
    std::vector<std::string> header;
    NewColumns columns;
    Scan scan;
    BadRows bad_rows = BadRows::stop;
    std::vector<std::string> causes;  ///< of the model, to find true ones among them
};

/// Some deaths as they were read, in order of row.
struct DeathsRead {
    explicit DeathsRead(std::size_t n_symptoms) : answers(n_symptoms) {}

    AnswerMatrix answers;                 ///< of unreadable rows: all missing
    std::vector<std::uint64_t> row;       ///< number among the data rows of the file
    std::vector<bool> unreadable;         ///< some answer cannot be read
    std::vector<bool> unanswered;         ///< every answer is missing
    std::vector<std::size_t> group;       ///< position in Scan::groups
    std::vector<std::int32_t> truth;      ///< position of the true cause; -1: none, or none of the model's
    std::vector<std::string> population;  ///< as the cell says, tidied
    std::vector<double> weight;           ///< as the cell says; empty: each weighs 1
    double largest_weight = 1;            ///< of all rows of the file
};

/// Reads the rows of some blocks.
/// @param batch  only rows with this text in the column of batches; nothing: all
/// @throws DataError for an answer that cannot be read, with its place, under BadRows::stop; for a file that
/// has changed since the scan
[[nodiscard]] DeathsRead read_deaths(NewDeaths const& deaths, std::span<RowBlock const> blocks,
                                     std::optional<std::string> const& batch);

}  // namespace vaster::va
