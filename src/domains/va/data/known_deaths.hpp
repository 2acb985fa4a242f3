#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/known_agreement.hpp"
#include "domains/va/data/labels.hpp"

namespace vaster::va {

/// A cause that has been told of a death, and its weight against the others.
struct CauseShare {
    std::uint32_t cause = 0;  ///< position in Cohort::causes
    double share = 0;         ///< above 0; only proportions count
};

/// Deaths that have been coded before, whose cause may be told to models.
struct KnownDeaths {
    std::vector<bool> is_known;                 ///< [n_deaths]
    std::vector<std::vector<CauseShare>> told;  ///< [n_deaths], ascending by cause; empty where not known
    std::string hash;                           ///< of the file's content, and of the grouping if it was used
    /// What was told beside the labels, each physician beside the labels, and physicians beside each other;
    /// empty: the labels themselves were told.
    std::vector<CauseAgreement> agreement;
    std::vector<std::string> notes;  ///< for the user: how many there are, and whether they are the labels
};

/// Reads which deaths have been coded before, by a physician say, and what as: a CSV that names deaths by
/// `row` (a data row of the cohort's file, from 0) or by `ID` (of the cohort's IDs), and has one of these
/// sets of columns beside that:
///     none              the cause is the cohort's own label
///     cause             that cause, whatever the label is
///     cause, weight     several rows a death: shares in proportion to the weights
///     physician, cause  several rows a death: each physician weighs 1
/// `group` in place of `cause` names a broad cause of `grouping`; its share goes to each of its causes. Rows
/// without a cause (NothingWords) do not count; a death without any other row is not known.
/// @param grouping  of data.known_grouping, if there is one
/// @throws DataError with line and column for: a column that is none of these, or two that exclude each
/// other; a
///         death that is not in the cohort; a cause that is none of the cohort's (with the nearest name), a
///         group that is none of the grouping's; a weight that is not above 0; the same death twice, for the
///         same cause where weights are given, by the same physician where they are named. As csv::CsvReader
///         does.
[[nodiscard]] KnownDeaths read_known_deaths(std::filesystem::path const& path, Cohort const& cohort,
                                            std::optional<Grouping> const& grouping = std::nullopt);

}  // namespace vaster::va
