#include "domains/va/data/known_deaths.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/row_cells.hpp"
#include "domains/va/data/side_file.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

constexpr std::string_view purpose = "deaths that have been coded before (data.known)";
constexpr std::array<std::string_view, 6> columns_read{"row", "ID", "cause", "weight", "physician", "group"};

/// Where the columns of the file are.
struct Columns {
    std::optional<std::size_t> row, id, cause, weight, physician, group;

    explicit Columns(csv::CsvReader const& reader)
        : row(reader.find("row")),
          id(reader.find("ID")),
          cause(reader.find("cause")),
          weight(reader.find("weight")),
          physician(reader.find("physician")),
          group(reader.find("group")) {}

    /// Of what is told: a cause or a group.
    [[nodiscard]] std::optional<std::size_t> told() const { return cause ? cause : group; }

    [[nodiscard]] bool one_row_a_death() const { return !weight && !physician; }
};

/// Checks the rows of the file one after the other and gathers what they tell.
class KnownParser {
  public:
    KnownParser(std::filesystem::path const& path, Cohort const& cohort,
                std::optional<Grouping> const& grouping)
        : cohort_(cohort), grouping_(grouping), reader_(path), at_(reader_), shares_(cohort.n_deaths()) {
        require_columns_read(reader_, columns_read, purpose);
        check_columns();
        for (std::uint32_t death = 0; death < cohort.ids.size(); ++death)
            deaths_of_id_[cohort.ids[death]].push_back(death);
    }

    KnownDeaths parse() {
        while (reader_.next())
            for (std::uint32_t const death : deaths_in_row()) take(death);
        KnownDeaths known;
        known.is_known.assign(cohort_.n_deaths(), false);
        known.told.resize(cohort_.n_deaths());
        for (std::size_t death = 0; death < shares_.size(); ++death) {
            for (auto const& [cause, share] : shares_[death]) known.told[death].push_back({cause, share});
            known.is_known[death] = !shares_[death].empty();
        }
        known.hash = reader_.content_hash();
        if (at_.group) known.hash = hash_text(known.hash + "\n" + hash_of(*grouping_));
        if (at_.told()) known.agreement = agreement(known);
        known.notes = notes(known);
        return known;
    }

  private:
    void exclude(std::optional<std::size_t> one, std::optional<std::size_t> other,
                 std::string_view why) const {
        if (!one || !other) return;
        throw DataError(fmt::format("{}: line 1: columns '{}' and '{}' together: {}", reader_.name(),
                                    reader_.header()[*one], reader_.header()[*other], why));
    }

    void check_columns() const {
        if (!at_.id) (void)reader_.position("row", purpose);
        exclude(at_.row, at_.id, "name deaths by one of them");
        exclude(at_.cause, at_.group, "tell a cause, or a broad one, but not both");
        exclude(at_.weight, at_.physician, "each physician weighs 1; leave out one of them");
        require<DataError>(
            !at_.id || !cohort_.ids.empty(),
            "{}: line 1: deaths are named by ID, but none was read from the data: set data.id to the "
            "column of their IDs, or name deaths by row",
            reader_.name());
        for (auto const column : {at_.weight, at_.physician})
            require<DataError>(!column || at_.told(),
                               "{}: line 1: column '{}' without a column 'cause' or 'group'", reader_.name(),
                               reader_.header()[column.value_or(0)]);
        require<DataError>(
            !at_.group || grouping_,
            "{}: line 1: column 'group' holds broad causes; say by data.known_grouping of which "
            "grouping",
            reader_.name());
    }

    [[nodiscard]] std::vector<std::uint32_t> deaths_in_row() const {
        if (at_.row) return {death_in_cell(reader_, *at_.row, cohort_)};
        std::string_view const id = reader_.cells()[*at_.id];
        auto const found = deaths_of_id_.find(id);
        require<DataError>(found != deaths_of_id_.end(), "{}: ID '{}' is not among the {} deaths of the data",
                           reader_.where(*at_.id), id, cohort_.n_deaths());
        return found->second;
    }

    [[nodiscard]] std::size_t column_of_death() const { return at_.row ? *at_.row : *at_.id; }

    [[nodiscard]] std::string name_of(std::uint32_t death) const {
        return at_.row ? fmt::format("row {}", cohort_.row[death]) : fmt::format("ID {}", cohort_.ids[death]);
    }

    void take(std::uint32_t death) {
        named_.insert(death);
        std::string const told = at_.told() ? tidied(reader_.cells()[*at_.told()]) : std::string();
        refuse_repeated(death, told);
        if (!at_.told()) {
            shares_[death][cohort_.cause[death]] = 1;
            return;
        }
        if (nothing_.contains(told)) {
            ++rows_without_;
            return;
        }
        double const share = at_.weight ? weight() : 1;
        if (at_.cause) {
            std::uint32_t const cause = position_in(cohort_.causes, told, "cause of the data");
            shares_[death][cause] += share;
            keep_physician(death, cause);
            return;
        }
        broad_.insert(death);
        std::uint32_t const group =
            position_in(grouping_->groups, told, "group of the grouping " + grouping_->name);
        keep_physician(death, group);
        for (std::uint32_t cause = 0; cause < cohort_.causes.size(); ++cause)
            if (grouping_->of_cause[cause] == group) shares_[death][cause] += share;
    }

    /// @param cause  or group
    void keep_physician(std::uint32_t death, std::uint32_t cause) {
        if (!at_.physician) return;
        std::string const name = tidied(reader_.cells()[*at_.physician]);
        Physician& physician = physicians_[folded(name)];
        if (physician.name.empty()) physician.name = name;
        physician.said.emplace(death, cause);
    }

    [[nodiscard]] double weight() const {
        std::string_view const cell = trimmed(reader_.cells()[*at_.weight]);
        auto const weight = number_in<double>(cell);
        require<DataError>(weight && std::isfinite(*weight) && *weight > 0,
                           "{}: weight '{}' (must be a number above 0; a cause without a share has no row)",
                           reader_.where(*at_.weight), cell);
        return *weight;
    }

    [[nodiscard]] std::uint32_t position_in(std::vector<std::string> const& names, std::string const& name,
                                            std::string_view what) const {
        auto const found = std::find(names.begin(), names.end(), name);
        if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
        throw DataError(fmt::format("{}: '{}' is not a {}; {}", reader_.where(*at_.told()), name, what,
                                    suggestion(name, names, "there are")));
    }

    void refuse_repeated(std::uint32_t death, std::string const& told) {
        std::string by;
        if (at_.physician) {
            by = tidied(reader_.cells()[*at_.physician]);
            require<DataError>(!by.empty(), "{}: no physician; each row needs one",
                               reader_.where(*at_.physician));
        } else if (at_.weight) {
            by = told;
        }
        // A physician whose name is written in two ways would count twice.
        auto const key = at_.physician ? folded(by) : by;
        auto const [seen, is_new] = lines_.try_emplace({death, key}, reader_.line());
        if (is_new) return;
        throw DataError(fmt::format("{}: {} is listed twice{} (before on line {}){}",
                                    reader_.where(column_of_death()), name_of(death),
                                    at_.physician ? fmt::format(" by physician '{}'", by)
                                    : at_.weight  ? fmt::format(" with '{}'", by)
                                                  : "",
                                    seen->second,
                                    at_.one_row_a_death() && at_.told()
                                        ? "; a column 'weight' or 'physician' allows several causes"
                                        : ""));
    }

    /// What one physician has said.
    struct Physician {
        std::string name;                             ///< as it was first written
        std::map<std::uint32_t, std::uint32_t> said;  ///< the cause, or group, by death
    };

    [[nodiscard]] std::vector<CauseAgreement> agreement(KnownDeaths const& known) const {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        CauseAgreement all{"known", "", "", 0, 0, nan};
        CauseAgreement one{"one cause", "", "", 0, 0, nan};
        CauseAgreement several{"several causes", "", "", 0, 0, nan};
        CauseAgreement broad{"broad cause", "", "", 0, 0, nan};
        for (std::uint32_t death = 0; death < known.told.size(); ++death) {
            auto const& told = known.told[death];
            if (told.empty()) continue;
            CauseAgreement& kind = broad_.contains(death) ? broad : told.size() == 1 ? one : several;
            bool const agrees = has_largest_share(told, cohort_.cause[death]);
            for (CauseAgreement* row : {&all, &kind}) {
                ++row->deaths;
                row->agree += agrees ? 1 : 0;
            }
        }
        std::vector<CauseAgreement> rows{all, one, several, broad};
        add_physicians(rows);
        return rows;
    }

    void add_physicians(std::vector<CauseAgreement>& rows) const {
        for (auto const& [key, physician] : physicians_) {
            std::vector<TwoCauses> both;
            for (auto const& [death, cause] : physician.said) both.push_back({cause, label_of_death(death)});
            rows.push_back(compared("physician", physician.name, "", both));
        }
        for (auto first = physicians_.begin(); first != physicians_.end(); ++first)
            for (auto second = std::next(first); second != physicians_.end(); ++second) {
                auto const both = in_common(first->second, second->second);
                if (!both.empty())
                    rows.push_back(compared("physicians", first->second.name, second->second.name, both));
            }
    }

    /// The label as physicians tell causes: itself, or its group.
    [[nodiscard]] std::uint32_t label_of_death(std::uint32_t death) const {
        std::uint32_t const label = cohort_.cause[death];
        return at_.group ? grouping_->of_cause[label] : label;
    }

    static std::vector<TwoCauses> in_common(Physician const& first, Physician const& second) {
        std::vector<TwoCauses> both;
        for (auto const& [death, cause] : first.said)
            if (auto const other = second.said.find(death); other != second.said.end())
                both.push_back({cause, other->second});
        return both;
    }

    static CauseAgreement compared(std::string what, std::string first, std::string second,
                                   std::vector<TwoCauses> const& both) {
        auto const agree = std::count_if(both.begin(), both.end(),
                                         [](TwoCauses const& two) { return two.first == two.second; });
        return {std::move(what),
                std::move(first),
                std::move(second),
                both.size(),
                static_cast<std::uint64_t>(agree),
                kappa_of(both)};
    }

    [[nodiscard]] std::vector<std::string> notes(KnownDeaths const& known) const {
        auto const n =
            static_cast<std::size_t>(std::count(known.is_known.begin(), known.is_known.end(), true));
        std::vector<std::string> notes;
        if (!at_.told()) {
            notes.push_back(fmt::format(
                "data.known: {} deaths are known by their own label, since {} has no column 'cause'", n,
                reader_.name()));
            return notes;
        }
        auto const& rows = known.agreement;
        notes.push_back(fmt::format(
            "data.known: {} deaths are known: {} by one cause, {} by several, {} by broad causes; "
            "their label has the largest share in {} ({:.1f} %)",
            n, rows[1].deaths, rows[2].deaths, rows[3].deaths, rows[0].agree,
            n == 0 ? 0 : 100 * static_cast<double>(rows[0].agree) / static_cast<double>(n)));
        for (auto const& row : rows)
            if (row.what == "physicians" && physicians_.size() == 2)
                notes.push_back(fmt::format(
                    "data.known: {} and {} coded {} deaths in common, and agree in {} ({:.1f} %){}",
                    row.first, row.second, row.deaths, row.agree,
                    100 * static_cast<double>(row.agree) / static_cast<double>(row.deaths),
                    std::isnan(row.kappa) ? "" : fmt::format(", kappa {:.2f}", row.kappa)));
        if (rows_without_ > 0)
            notes.push_back(fmt::format(
                "data.known: {} rows without a cause do not count; {} deaths have no other row and "
                "are not known",
                rows_without_, named_.size() - n));
        return notes;
    }

    static bool has_largest_share(std::vector<CauseShare> const& told, std::uint32_t label) {
        double most = 0;
        double of_label = 0;
        for (auto const& [cause, share] : told) {
            most = std::max(most, share);
            if (cause == label) of_label = share;
        }
        return of_label >= most;
    }

    Cohort const& cohort_;
    std::optional<Grouping> const& grouping_;
    csv::CsvReader reader_;
    Columns at_;
    NothingWords nothing_;
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> deaths_of_id_;
    std::vector<std::map<std::uint32_t, double>> shares_;                   ///< by death, then cause
    std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> lines_;  ///< of a death, and who or what
    std::set<std::uint32_t> named_;                                         ///< deaths with a row
    std::set<std::uint32_t> broad_;                                         ///< that are told a broad cause
    std::map<std::string, Physician> physicians_;                           ///< by folded name
    std::size_t rows_without_ = 0;                                          ///< a cause
};

}  // namespace

KnownDeaths read_known_deaths(std::filesystem::path const& path, Cohort const& cohort,
                              std::optional<Grouping> const& grouping) {
    return KnownParser(path, cohort, grouping).parse();
}

}  // namespace vaster::va
