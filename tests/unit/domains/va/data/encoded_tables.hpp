#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/cohort.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::test {

/// Reads made-up encoded tables for tests.
class EncodedTable {
  public:
    explicit EncodedTable(std::string const& text) : file_(text) {
        source.path = file_.path();
        source.format = va::CohortFormat::encoded;
        source.label = "cause";
        source.label_columns = {};
    }

    [[nodiscard]] va::Cohort read() const { return va::read_cohort(source); }

    /// The message of the refusal without the name of the file.
    [[nodiscard]] std::string error() const {
        return without_name(error_of<DataError>([&] { (void)va::read_cohort(source); }));
    }

    /// The notes without the name of the file.
    [[nodiscard]] std::vector<std::string> notes() const {
        auto notes = read().notes;
        for (auto& note : notes) note = without_name(note);
        return notes;
    }

    /// Answers as text, one character each: Y present, - absent, . missing.
    [[nodiscard]] std::vector<std::string> answers() const {
        va::Cohort const cohort = read();
        std::vector<std::string> rows(cohort.n_deaths());
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (auto const answer : cohort.answers.row(i))
                rows[i] += answer == va::Answer::present ? 'Y' : answer == va::Answer::absent ? '-' : '.';
        return rows;
    }

    va::CohortSource source;

  private:
    [[nodiscard]] std::string without_name(std::string const& text) const {
        std::string const name = file_.path().string() + ": ";
        return text.starts_with(name) ? text.substr(name.size()) : text;
    }

    TemporaryFile file_;
};

}  // namespace vaster::test
