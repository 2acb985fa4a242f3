#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/support/shared_array.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// Deaths with their site, cause and answers. A death is its position i in [0, n_deaths()): row i of
/// `answers`.
struct Cohort {
    std::vector<std::string> sites;        ///< in byte order
    std::vector<std::string> causes;       ///< label texts in byte order: "1", "10", "11", ..., "2"
    std::vector<std::string> symptoms;     ///< columns of `answers`
    SharedArray<std::uint32_t> site;       ///< [n_deaths], positions in `sites`
    SharedArray<std::uint32_t> cause;      ///< [n_deaths], positions in `causes`
    std::vector<std::string> populations;  ///< names of sub-populations, in byte order; empty: none asked for
    SharedArray<std::uint32_t> population;  ///< [n_deaths], positions in `populations`; empty: none
    SharedArray<std::uint32_t>
        row;                   ///< [n_deaths], data row of the file, from 0 (header not counted), ascending
    va::AnswerMatrix answers;  ///< [n_deaths][n_symptoms]
    std::vector<std::string> ids;    ///< [n_deaths], as data.id has them; empty: none were asked for
    std::string data_hash;           ///< of the file's content
    std::vector<std::string> notes;  ///< for the user: which rows were left out, and why

    [[nodiscard]] std::size_t n_deaths() const noexcept { return row.size(); }
};

/// How a file of deaths is laid out.
enum class CohortFormat {
    phmrc_adult,  ///< raw release of the PHMRC adult module: answers as texts, encoded by phmrc_adult_rules()
    encoded,      ///< site, label columns, one column per symptom
};

/// "phmrc-adult", "encoded".
[[nodiscard]] std::vector<std::string> const& cohort_format_names();

/// @throws std::logic_error for a name that is not in cohort_format_names()
[[nodiscard]] CohortFormat cohort_format(std::string_view name);

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
    std::string label = "va34";  ///< the column with the causes
    std::vector<std::string> label_columns = {
        "va34", "cod5"};              ///< never symptoms, whichever is the label; may be absent
    std::string site = "site";        ///< the column with the sites
    std::string population = {};      ///< the column with sub-populations, no symptom then; empty: none
    RowPolicy rows = RowPolicy::all;  ///< raw release only
};

/// Reads and encodes a file of deaths. Columns are found by name.
///
/// phmrc_adult: needs the site column and every source column of the rules. The label is any other column;
/// `cod5` is made of va34 where the file does not have it. Rows with an empty cell in g1_05 or a closed
/// question (a1_01_*, a2_* but for the free texts, a4_01, a4_05) are left out with a note.
///
/// encoded: every column but the site and the label columns is a symptom. The whole table is coded either as
/// Y present, empty absent, "." missing, or as 1 present, 0 absent (1.0 and 0.0 too), empty or NA missing.
///
/// Where a population column is asked for, an empty cell there is the sub-population "none".
///
/// Rows without a site or a label are left out with a note: nothing can be learned from them nor scored on
/// them, and a user can hardly mend them, but must know.
/// @throws DataError with line and column for an unknown answer (and the answers that are known) or a mixed
/// coding; for a
///         column that is needed and absent; when no row remains; as CsvReader does. IoError as CsvReader
///         does.
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
