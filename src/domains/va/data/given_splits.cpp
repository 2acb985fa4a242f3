#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/row_cells.hpp"
#include "domains/va/data/side_file.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/data/splits.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

constexpr std::array<std::string_view, 4> columns_read{"label", "site", "row", "part"};

/// The part column: which list a death goes to.
struct Part {
    enum class Kind { train, test, reduced };

    Kind kind = Kind::train;
    double fraction = 1;
};

/// Checks the rows of a splits file one after the other and sorts them into lists.
class SplitsParser {
  public:
    SplitsParser(std::filesystem::path const& path, Cohort const& cohort)
        : cohort_(cohort),
          reader_(path),
          label_(reader_.position("label", "given splits")),
          site_(reader_.position("site", "given splits")),
          row_(reader_.position("row", "given splits")),
          part_(reader_.position("part", "given splits")),
          train_line_(cohort.n_deaths()),
          test_line_(cohort.n_deaths()) {
        require_columns_read(reader_, columns_read, "given splits (data.splits)");
        splits_.sites.resize(cohort.sites.size());
    }

    GivenSplits parse(std::string_view label) {
        bool any = false;
        while (reader_.next()) {
            if (!is_for(label)) continue;
            any = true;
            take_row();
        }
        require<DataError>(
            any, "{}: no row has the label '{}' in column 'label'; the splits are for another label",
            reader_.name(), label);
        check_reduced();
        check_ids();
        check_sites();
        splits_.hash = reader_.content_hash();
        return std::move(splits_);
    }

  private:
    /// Rows for another label are passed over; one whose label is spelled in another way would be, too.
    [[nodiscard]] bool is_for(std::string_view label) const {
        std::string const name = tidied(reader_.cells()[label_]);
        std::string const wanted = tidied(label);
        require<DataError>(name == wanted || folded(name) != folded(wanted),
                           "{}: the label '{}' and data.label '{}' differ in small and capital letters only; "
                           "write them alike, or the row would be passed over",
                           reader_.where(label_), name, label);
        return name == wanted;
    }

    void take_row() {
        std::uint32_t const site = read_site();
        std::uint32_t const death = read_death(site);
        Part const part = read_part();
        GivenSplit& lists = splits_.sites[site];
        if (part.kind == Part::Kind::reduced) {
            auto& lines = reduced_lines_[part.fraction];
            lines.resize(cohort_.n_deaths());
            claim(lines, death);
            lists.reduced[part.fraction].push_back(death);
            return;
        }
        bool const is_train = part.kind == Part::Kind::train;
        refuse_both(is_train ? test_line_ : train_line_, death);
        claim(is_train ? train_line_ : test_line_, death);
        (is_train ? lists.train : lists.test).push_back(death);
    }

    std::uint32_t read_site() const {
        std::string const name = tidied(reader_.cells()[site_]);
        auto const found = std::ranges::find(cohort_.sites, name);
        require<DataError>(found != cohort_.sites.end(), "{}: unknown site '{}'; {}", reader_.where(site_),
                           name, suggestion(name, cohort_.sites, "the data has"));
        return static_cast<std::uint32_t>(found - cohort_.sites.begin());
    }

    std::uint32_t read_death(std::uint32_t site) const {
        std::uint32_t const death = death_in_cell(reader_, row_, cohort_);
        require<DataError>(cohort_.site[death] == site, "{}: row {} belongs to site '{}', not to '{}'",
                           reader_.where(row_), cohort_.row[death], cohort_.sites[cohort_.site[death]],
                           cohort_.sites[site]);
        return death;
    }

    Part read_part() const {
        std::string_view const text = reader_.cells()[part_];
        if (text == "train") return {Part::Kind::train, 1};
        if (text == "test") return {Part::Kind::test, 1};
        constexpr std::string_view prefix = "train_";
        double const fraction =
            text.starts_with(prefix) ? number_in<double>(text.substr(prefix.size())).value_or(0) : 0;
        require<DataError>(fraction > 0 && fraction <= 1,
                           "{}: unknown part '{}'; known are train, test, and train_F with 0 < F <= 1",
                           reader_.where(part_), text);
        return {Part::Kind::reduced, fraction};
    }

    void claim(std::vector<std::uint64_t>& lines, std::uint32_t death) const {
        require<DataError>(lines[death] == 0, "{}: row {} is in part '{}' already, since line {}",
                           reader_.where(row_), cohort_.row[death], reader_.cells()[part_], lines[death]);
        lines[death] = reader_.line();
    }

    void refuse_both(std::vector<std::uint64_t> const& other, std::uint32_t death) const {
        require<DataError>(
            other[death] == 0,
            "{}: row {} is in both train and test (the other is on line {}); a model must not be tested on "
            "deaths that it was trained on",
            reader_.where(row_), cohort_.row[death], other[death]);
    }

    void check_reduced() const {
        for (auto const& [fraction, lines] : reduced_lines_) {
            for (std::size_t death = 0; death < lines.size(); ++death) {
                require<DataError>(lines[death] == 0 || train_line_[death] != 0,
                                   "{}: line {}: row {} is in part train_{} but not in train; a reduced part "
                                   "is taken from train",
                                   reader_.name(), lines[death], cohort_.row[death], fraction);
            }
        }
    }

    /// Rows of one death are in the same part.
    void check_ids() const {
        if (cohort_.first_of_id.empty()) return;
        std::vector<std::uint64_t> train_line(cohort_.n_deaths());  // by first death of an ID
        for (std::size_t death = 0; death < train_line_.size(); ++death)
            if (train_line_[death] != 0) train_line[cohort_.first_of_id[death]] = train_line_[death];
        for (std::size_t death = 0; death < test_line_.size(); ++death) {
            std::uint64_t const other = train_line[cohort_.first_of_id[death]];
            require<DataError>(
                test_line_[death] == 0 || other == 0,
                "{}: ID '{}' is in train on line {} and in test on line {}; rows of one death belong in "
                "one part",
                reader_.name(), cohort_.ids[death], other, test_line_[death]);
        }
    }

    void check_sites() const {
        for (std::size_t s = 0; s < splits_.sites.size(); ++s) {
            bool const has_train = !splits_.sites[s].train.empty();
            bool const has_test = !splits_.sites[s].test.empty();
            require<DataError>(
                has_train == has_test, "{}: site '{}' has a {} part but no {} part; give both or neither",
                reader_.name(), cohort_.sites[s], has_train ? "train" : "test", has_train ? "test" : "train");
        }
    }

    Cohort const& cohort_;
    csv::CsvReader reader_;
    std::size_t label_;
    std::size_t site_;
    std::size_t row_;
    std::size_t part_;
    std::vector<std::uint64_t> train_line_;  // by death: the line that put it there, 0: none
    std::vector<std::uint64_t> test_line_;
    std::map<double, std::vector<std::uint64_t>> reduced_lines_;
    GivenSplits splits_;
};

}  // namespace

GivenSplits read_splits(std::filesystem::path const& path, Cohort const& cohort, std::string_view label) {
    return SplitsParser(path, cohort).parse(label);
}

}  // namespace vaster::va
