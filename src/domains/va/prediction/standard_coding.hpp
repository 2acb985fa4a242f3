#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/va/models/insilico/published.hpp"
#include "domains/va/models/interva5.hpp"
#include "domains/va/prediction/new_columns.hpp"
#include "vaster/support/parameters.hpp"
#include "vaster/support/watcher.hpp"

/// Deaths without causes coded by a table of P(symptom | cause), as InterVA5 and InSilicoVA do with Probbase:
/// nothing is trained.
namespace vaster::va {

/// One row of a file of deaths to be coded.
struct StandardDeath {
    std::uint64_t line = 0;  ///< of the file
    std::string id;          ///< empty: the file has no IDs
    std::optional<models::interva5::Refused> refused;
};

/// The deaths of a file, with the answers that are left after the checks.
struct StandardDeaths {
    std::vector<StandardDeath> deaths;
    AnswerMatrix answers;            ///< of those that are not refused, columns as the table's symptoms
    std::vector<std::size_t> coded;  ///< positions in `deaths` of the rows of `answers`
    std::string id_column;           ///< empty: none
    std::vector<std::string> notes;  ///< for people: coding, columns that the file lacks, what checks did
};

/// Reads all deaths, checks their answers and refuses those that cannot be coded.
/// @param source  its id: the column of IDs; empty: one that is called ID, if there is one
/// @throws DataError for answers that cannot be read, with their place; for a file that lacks symptoms of the
/// table, as `missing_columns` says; an ID that is empty or there twice
[[nodiscard]] StandardDeaths read_standard_deaths(NewDeathsSource source,
                                                  models::interva5::StandardTable const& table,
                                                  models::interva5::Clears clears);

/// What was made of the deaths that were coded.
struct StandardResult {
    std::vector<double> probability;  ///< [coded][causes]; empty: not kept; rows sum to 1, or are 0 where
                                      ///< InterVA5 rules out all
    std::vector<models::interva5::Assigned> assigned;  ///< [coded]
    std::vector<double> csmf;                          ///< [causes]
    std::vector<double> csmf_lo, csmf_hi;              ///< of models that sample; else empty
    double undetermined = 0;                           ///< the fraction that belongs to no cause
    std::vector<std::string> notes;
    bool converged = true;
};

/// What is kept of each death: of a million deaths all probabilities are half a gigabyte.
enum class Keep { assigned, probabilities };

/// By InterVA5's rule. A death gives each of its causes the cause's probability, and the rest to none.
[[nodiscard]] StandardResult code_by_interva5(StandardDeaths const& deaths,
                                              models::interva5::StandardTable const& table, Keep keep);

/// By InSilicoVA. Every death is assigned its three most probable causes, none is undetermined.
/// @throws as models::insilicova::code_as_published()
[[nodiscard]] StandardResult code_by_insilico(StandardDeaths const& deaths,
                                              models::interva5::StandardTable const& table,
                                              std::filesystem::path const& table_file,
                                              Parameters const& parameters,
                                              models::insilicova::PublishedOptions const& options,
                                              std::uint64_t seed, Watcher& watcher);

}  // namespace vaster::va
