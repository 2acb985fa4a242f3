#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/va/prediction/drift.hpp"
#include "domains/va/prediction/new_columns.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// Rows that are predicted together, and where they are in the file.
struct RowBlock {
    std::uint64_t offset = 0;  ///< [bytes] of its first row in the file
    std::uint64_t bytes = 0;
    std::uint64_t row = 0;   ///< number of its first row among the data rows
    std::uint64_t line = 0;  ///< of the text on which that begins
    std::uint64_t rows = 0;
    std::uint64_t hash = 0;  ///< hash64() of its bytes

    bool operator==(RowBlock const&) const = default;
};

/// Deaths that a model codes together, and are a batch because a column says the same of them.
struct Batch {
    std::string name;
    std::uint64_t rows = 0;

    bool operator==(Batch const&) const = default;
};

/// Weights of deaths, of all rows of a file.
struct ScannedWeights {
    double largest = 1;
    double sum = 0;
    double sum_of_squares = 0;

    /// How many deaths of equal weight say as much of a mean, (sum w)^2 / sum w^2 (Kish 1965, Survey
    /// Sampling, Wiley, section 8.2).
    [[nodiscard]] double effective() const { return sum == 0 ? 0 : sum * sum / sum_of_squares; }

    bool operator==(ScannedWeights const&) const = default;
};

/// What one reading of a file of new deaths has found. It is found once, kept in the study file, and holds
/// for every block: a block of its own often shows neither the coding nor the groups.
struct Scan {
    std::string content_hash;  ///< of the whole file
    char delimiter = ',';
    Answer empty_means = Answer::missing;
    std::string coding;  ///< as Coding::text; empty for a raw release
    std::uint64_t n_rows = 0;
    std::uint64_t repeated_ids = 0;      ///< rows whose ID an earlier row has
    std::vector<RowBlock> blocks;        ///< at least one, perhaps without rows
    std::vector<Batch> batches;          ///< in byte order; empty: no column was named
    std::vector<SymptomCounts> answers;  ///< by symptom
    std::vector<std::vector<std::string>>
        groups;  ///< combinations of values of the columns `by`, in byte order
    std::optional<ScannedWeights> weights = {};  ///< nothing: no column was named

    bool operator==(Scan const&) const = default;
};

/// Reads all of a file.
/// @param block_rows  rows of a block, at least 1
/// @throws DataError as CsvReader does; for two codings, a coding that cannot be told, too many groups or
/// rows, a weight that is not a number above 0, weights that are too far apart for exact sums, a path that is
/// not a regular file, which other ranks could not read
[[nodiscard]] Scan scan_new_deaths(NewDeathsSource const& source, ModelNeeds const& wanted,
                                   std::uint64_t block_rows);

/// What the study file keeps of a scan: tables, and lists of texts that belong to them.
[[nodiscard]] std::vector<study::Input> inputs_of(Scan const& scan);
[[nodiscard]] std::vector<study::LabelList> labels_of(Scan const& scan);

/// Answers of the training deaths, which the study file keeps beside those of the new ones, and back.
[[nodiscard]] study::Input training_input(std::vector<SymptomCounts> const& answers);
[[nodiscard]] std::vector<SymptomCounts> training_answers_in(study::KeptData const& kept,
                                                             std::size_t n_symptoms);

/// The scan that a study file has kept. @throws DataError when it is not one of `n_symptoms` symptoms
[[nodiscard]] Scan scan_in(study::KeptData const& kept, std::size_t n_symptoms);

/// @throws DataError when the file is not the one that was scanned any more
void check_unchanged(NewDeathsSource const& source, Scan const& scan);

/// The header of the file. @throws as CsvReader
[[nodiscard]] std::vector<std::string> header_of(NewDeathsSource const& source, Scan const& scan);

/// The bytes of a block. @throws DataError when they have changed since the scan, IoError
[[nodiscard]] std::string bytes_of(NewDeathsSource const& source, RowBlock const& block);

}  // namespace vaster::va
