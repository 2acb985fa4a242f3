#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/answer_spellings.hpp"
#include "domains/va/data/name_column.hpp"
#include "domains/va/data/reading.hpp"
#include "vaster/support/shared_array.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// Deaths with their site, cause and answers. A death is its position i in [0, n_deaths()): row i of
/// `answers`.
struct Cohort {
    std::vector<std::string> sites;        ///< in byte order
    std::vector<std::string> causes;       ///< label texts in byte order: "1", "10", "11", ..., "2"
    std::vector<std::string> cause_names;  ///< what people call them, as `causes`; empty: the same
    std::vector<std::string> symptoms;     ///< columns of `answers`
    SharedArray<std::uint32_t> site;       ///< [n_deaths], positions in `sites`
    SharedArray<std::uint32_t> cause;      ///< [n_deaths], positions in `causes`
    std::vector<std::string> populations;  ///< names of sub-populations, in byte order; empty: none asked for
    SharedArray<std::uint32_t> population;  ///< [n_deaths], positions in `populations`; empty: none
    SharedArray<std::uint32_t>
        row;                   ///< [n_deaths], data row of the file, from 0 (header not counted), ascending
    va::AnswerMatrix answers;  ///< [n_deaths][n_symptoms]
    std::vector<std::string> ids;  ///< [n_deaths], as data.id has them; empty: none were asked for
    SharedArray<std::uint32_t>
        first_of_id;             ///< [n_deaths], the first death of the same ID; empty: all differ
    SharedArray<double> weight;  ///< [n_deaths], of each death in a survey, above 0; empty: each weighs 1
    /// Of the file's content; and of the fact that names were read otherwise than up to version 0.1.0, if so.
    std::string data_hash;
    std::vector<std::string> notes;  ///< for the user: what was decided, which rows were left out, and why
    Reading reading;                 ///< what the notes say, in numbers

    [[nodiscard]] std::size_t n_deaths() const noexcept { return row.size(); }
};

/// How a file of deaths is laid out.
enum class CohortFormat {
    phmrc_adult,  ///< raw release of the PHMRC adult module: answers as texts, encoded by phmrc_adult_rules()
    encoded,      ///< site, label columns, one column per symptom
    phmrc_child,  ///< the same of the PHMRC child module: phmrc_child_rules()
    phmrc_neonate,  ///< of the neonate module: phmrc_neonate_rules()
    rules,          ///< answers as texts, encoded by rules of the user's own
};

/// "phmrc-adult", "encoded", "phmrc-child", "phmrc-neonate", "rules".
[[nodiscard]] std::vector<std::string> const& cohort_format_names();

/// @throws std::logic_error for a name that is not in cohort_format_names()
[[nodiscard]] CohortFormat cohort_format(std::string_view name);

/// Is it a release of PHMRC, with that study's columns of causes?
[[nodiscard]] bool is_release(CohortFormat format);

/// What becomes of rows that have one ID.
enum class DuplicateRule {
    refuse,    ///< an error that says them
    together,  ///< all are used, and always in the same part of a split
    first,     ///< the first row is used, the others are left out
};

/// "refuse", "together", "first".
[[nodiscard]] std::vector<std::string> const& duplicate_rule_names();

/// The site of all deaths where there is no column of sites.
constexpr std::string_view only_site = "all";

/// What symptoms are made of.
enum class Feature {
    closed,       ///< the closed questions, by the rules of the format
    words,        ///< columns word_* of a release: stems of the open narrative, with their counts
    health_care,  ///< items of the adult release on care, records and certificates
};

/// "closed", "words", "health_care".
[[nodiscard]] std::vector<std::string> const& feature_names();

/// How columns of word counts are called in releases.
constexpr std::string_view word_prefix = "word_";

/// Which rows of the raw release are used.
enum class RowPolicy {
    all,        ///< all that answer every closed question that openVA's conversion needs (7,657 of the 7,841)
    reference,  ///< without those that have "November" as a month in a6_06_1m, a6_06_2m or a6_07m (7,582),
                ///< which an earlier conversion dropped by mistake: for comparison with results that were
                ///< made with it
};

/// What to read.
struct CohortSource {
    std::filesystem::path path;
    CohortFormat format = CohortFormat::phmrc_adult;
    std::filesystem::path rules = {};          ///< a table for parse_rules(); of CohortFormat::rules only
    csv::Quotes quotes = csv::Quotes::strict;  ///< of CohortFormat::rules
    std::vector<Feature> features = {Feature::closed};  ///< others than closed: releases only
    std::string label = "va34";                         ///< the column with the causes
    std::vector<std::string> label_columns = {
        "va34", "cod5"};          ///< never symptoms, whichever is the label; may be absent
    std::string site = "site";    ///< the column with the sites; empty: all deaths are of the site only_site
    std::string population = {};  ///< the column with sub-populations, no symptom then; empty: none
    std::string id = {};          ///< the column with the IDs of deaths, no symptom then; empty: none
    std::string weight = {};      ///< the column with the weights of deaths, no symptom then; empty: none
    RowPolicy rows = RowPolicy::all;  ///< adult release only
    AnswerSpellings spellings = {};   ///< encoded tables only
    std::vector<std::string> no_cause =
        {};  ///< causes that are none, beside the standard words (NothingWords)
    CaseRule cause_case = CaseRule::refuse;
    CaseRule site_case = CaseRule::refuse;  ///< of sites and sub-populations
    DuplicateRule duplicates = DuplicateRule::refuse;
    std::filesystem::path cause_names = {};  ///< CSV cause,name; empty: what the table itself says
};

/// Reads and encodes a file of deaths. Columns are found by name.
///
/// phmrc_adult: needs the site column and every source column of the rules. The label is any other column;
/// `cod5` is made of va34 where the file does not have it. Rows with an empty cell in g1_05 or a closed
/// question (a1_01_*, a2_* but for the free texts, a4_01, a4_05) are left out with a note.
///
/// Symptoms are made of source.features, in the order closed, health_care, words.
///
/// phmrc_child, phmrc_neonate: the same with their rules, but every row is used. A release of another module
/// is refused with the name of its format. rules: the same with source.rules.
///
/// encoded: every column is a symptom but the site, the label columns, the sub-populations, the IDs, the
/// weights, and a column without a name, which must hold row names. The whole table has one of the codings of
/// AnswerDecoder, which is found from all cells. Cells are parted by commas; or by semicolons or tabs, if the
/// header is.
///
/// Causes, sites and sub-populations are tidied(). The words of NothingWords are neither cause nor site, and
/// the sub-population "none". Deaths without a cause are left out with a note that counts them by spelling:
/// nothing can be learned from them nor scored on them. Deaths with a cause but no site are refused.
/// @throws DataError with line and column for an unknown answer, a mixed or unclear coding; for a column that
/// is needed and absent; for names that differ in case only, IDs that are missing or there twice, under the
/// rules that refuse them; for a weight of a death with a cause that is not a number above 0; when no row
/// remains; as CsvReader does. IoError as CsvReader does.
[[nodiscard]] Cohort read_cohort(CohortSource const& source);

/// Writes an encoded table row by row: site, labels, then symptoms coded as Y / empty / . with LF line ends.
class EncodedWriter {
  public:
    /// Writes the header.
    EncodedWriter(std::ostream& out, std::string_view site_column, std::span<std::string const> label_columns,
                  std::span<std::string const> symptoms);

    void write(std::string_view site, std::span<std::string const> labels,
               std::span<va::Answer const> answers);

  private:
    std::ostream& out_;
    std::string line_;
};

/// The cohort as an encoded table with its site and its one label.
void write_encoded(Cohort const& cohort, std::string_view site_column, std::string const& label_column,
                   std::ostream& out);

}  // namespace vaster::va
