#include "domains/va/prediction/read_block.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/csv/csv.hpp"
#include "domains/va/data/row_cells.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/prediction/row_answers.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// Reads one row after another into DeathsRead.
class RowTaker {
  public:
    RowTaker(NewDeaths const& deaths, std::optional<std::string> const& batch)
        : deaths_(deaths),
          batch_(batch),
          row_answers_(deaths.columns, deaths.wanted, deaths.scan.empty_means),
          answers_(deaths.wanted.symptoms.size()),
          read_(deaths.wanted.symptoms.size()) {
        if (deaths.scan.weights) read_.largest_weight = deaths.scan.weights->largest;
    }

    void take(csv::CsvReader const& reader) {
        auto const cells = reader.cells();
        auto const& columns = deaths_.columns;
        if (batch_ && columns.batch && value_of(cells[*columns.batch]) != *batch_) return;
        auto const bad = row_answers_.read(cells, answers_);
        if (bad) refuse_or_mark(reader, *bad);
        read_.row.push_back(reader.row());
        read_.unreadable.push_back(bad.has_value());
        read_.unanswered.push_back(!bad && std::all_of(answers_.begin(), answers_.end(),
                                                       [](Answer a) { return a == Answer::missing; }));
        read_.answers.append(answers_);
        read_.group.push_back(group_of(cells));
        read_.truth.push_back(columns.score ? cause_in(cells[*columns.score]) : -1);
        if (columns.weight) read_.weight.push_back(weight_in_cell(reader, *columns.weight, columns.id));
        if (columns.population) read_.population.push_back(value_of(cells[*columns.population]));
    }

    DeathsRead finish() && { return std::move(read_); }

  private:
    [[nodiscard]] std::string value_of(std::string_view cell) const {
        std::string tidy = tidied(cell);
        return nothing_.contains(tidy) ? "" : tidy;
    }

    void refuse_or_mark(csv::CsvReader const& reader, std::size_t column) {
        require<DataError>(
            deaths_.bad_rows == BadRows::mark,
            "{}: {} is not an answer; known are {}; --bad-rows mark flags such rows and goes on",
            reader.where(column), quoted_text(reader.cells()[column]), row_answers_.known_answers(column));
        std::fill(answers_.begin(), answers_.end(), Answer::missing);
    }

    static std::string quoted_text(std::string_view text) { return va::quoted(text); }

    [[nodiscard]] std::size_t group_of(std::span<std::string_view const> cells) {
        auto const& groups = deaths_.scan.groups;
        if (deaths_.columns.by.empty()) return 0;
        values_.clear();
        for (std::size_t const column : deaths_.columns.by) values_.push_back(value_of(cells[column]));
        auto const found = std::lower_bound(groups.begin(), groups.end(), values_);
        require<DataError>(found != groups.end() && *found == values_,
                           "{} has changed since it was scanned: a group of deaths is new",
                           deaths_.source.path.string());
        return static_cast<std::size_t>(found - groups.begin());
    }

    [[nodiscard]] std::int32_t cause_in(std::string_view cell) const {
        std::string const tidy = value_of(cell);
        auto const& causes = deaths_.causes;
        auto const found = std::lower_bound(causes.begin(), causes.end(), tidy);
        return found != causes.end() && *found == tidy ? static_cast<std::int32_t>(found - causes.begin())
                                                       : -1;
    }

    NewDeaths const& deaths_;
    std::optional<std::string> const& batch_;
    RowAnswers row_answers_;
    std::vector<Answer> answers_;
    DeathsRead read_;
    NothingWords nothing_;
    std::vector<std::string> values_;
};

}  // namespace

DeathsRead read_deaths(NewDeaths const& deaths, std::span<RowBlock const> blocks,
                       std::optional<std::string> const& batch) {
    RowTaker taker(deaths, batch);
    for (auto const& block : blocks) {
        std::string const bytes = bytes_of(deaths.source, block);
        auto reader = csv::CsvReader::from_rows(
            bytes, deaths.source.path.string(), deaths.header, {block.row, block.line},
            csv_options_of(deaths.columns, deaths.wanted, deaths.scan.delimiter));
        while (reader.next()) taker.take(reader);
    }
    return std::move(taker).finish();
}

}  // namespace vaster::va
