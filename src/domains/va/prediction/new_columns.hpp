#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/answer_spellings.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// What becomes of symptoms of the model that a file does not have.
enum class MissingColumns {
    refuse,   ///< an error that lists them
    missing,  ///< every answer is missing; refused all the same where more than half are not there
};

/// New deaths, as a user asks for them to be read.
struct NewDeathsSource {
    std::filesystem::path path;
    std::string id = {};  ///< column; empty: the one that the model was trained with, if the file has it
    std::string population = {};         ///< column with sub-populations; empty: none
    std::vector<std::string> by = {};    ///< columns whose values make groups of deaths
    std::vector<std::string> keep = {};  ///< columns that go along into the output
    std::string batch_by = {};           ///< column with batches; empty: none asked for
    std::string score = {};              ///< column with the true causes; empty: none
    std::string weight = {};             ///< column with the weights of deaths; empty: none
    std::filesystem::path rename = {};   ///< CSV data,model; empty: none
    MissingColumns missing_columns = MissingColumns::refuse;
    std::optional<Answer> empty_means = {};  ///< nothing: found from the file
};

/// What a model needs to know of new deaths.
struct ModelNeeds {
    std::vector<std::string> symptoms;
    AnswerSpellings spellings = {};
    std::string id = {};    ///< the column with IDs at training; empty: none
    std::string site = {};  ///< that with sites; empty: none
    /// By which answers as they were given become the symptoms; empty: new deaths must be encoded.
    Questionnaire questionnaire = {};
    csv::Quotes quotes = csv::Quotes::strict;  ///< in tables of such answers
};

/// Where a file has what is needed.
struct NewColumns {
    /// Of an encoded table: by symptom; nothing: the file does not have it.
    std::vector<std::optional<std::size_t>> symptoms;
    BoundRules rules;  ///< of answers as they were given; without rules: the table is encoded
    std::optional<std::size_t> id, population, batch, score, weight;
    std::vector<std::size_t> by, keep;
    std::vector<std::string> absent;  ///< symptoms that the file does not have
    std::size_t n_unused = 0;         ///< columns that nothing uses

    [[nodiscard]] bool is_raw() const noexcept { return !rules.rules.empty(); }

    /// Columns whose cells become texts of the output, or are compared as texts.
    [[nodiscard]] std::vector<std::size_t> texts() const;
};

/// How the file is to be read.
[[nodiscard]] csv::CsvOptions csv_options_of(NewColumns const& columns, ModelNeeds const& wanted,
                                             char delimiter);

/// Names of columns in the file and in the model.
struct Renaming {
    std::string data, model;
};

/// Reads a table with the columns data and model. @throws DataError when a name is there twice, or empty
[[nodiscard]] std::vector<Renaming> read_renaming(std::filesystem::path const& path);

/// Finds the columns. Names are compared as tidied() gives them.
/// @param reader  of the file, of which the header alone is looked at
/// @throws DataError that lists what is not there, with the nearest names, and the key that helps; for names
/// in the renaming that neither side has
[[nodiscard]] NewColumns columns_of(csv::CsvReader const& reader, NewDeathsSource const& source,
                                    ModelNeeds const& wanted);

}  // namespace vaster::va
