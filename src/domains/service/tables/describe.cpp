#include "domains/service/tables/describe.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "domains/service/exact/selection.hpp"
#include "domains/service/expressions/value.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

class Describer {
  public:
    Describer(std::filesystem::path const& path, DescribeOptions const& options)
        : path_(path), options_(options) {}

    std::vector<ColumnDescription> descriptions() {
        count();
        std::uint64_t numbers = 0;
        for (auto const& one : found_) numbers += one.moments.count();
        if (options_.probabilities.empty()) return std::move(found_);
        if (numbers <= options_.most_in_memory)
            sort_in_memory();
        else
            search();
        return std::move(found_);
    }

  private:
    /// Calls take(description, number) for every cell of the described columns that is a number, in order of
    /// the rows.
    template <class Take, class Other>
    void read(Take take, Other other) {
        TableReader table(path_);
        locate(table);
        while (table.next()) {
            std::size_t const first = first_of_group(cells_at(table, by_));
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                auto const value = value_of_cell(table.cells()[columns_[i]]);
                if (auto const* const number = std::get_if<double>(&value))
                    take(first + i, *number);
                else
                    other(first + i, value);
            }
        }
    }

    void locate(TableReader const& table) {
        if (located_) return;
        by_ = positions_of(table, options_.by, "groups");
        columns_ = positions_of(table, options_.columns, "what is described");
        if (columns_.empty())
            for (std::size_t i = 0; i < table.header().size(); ++i)
                if (std::find(by_.begin(), by_.end(), i) == by_.end()) columns_.push_back(i);
        names_.assign(table.header().begin(), table.header().end());
        located_ = true;
        if (by_.empty()) (void)first_of_group({});  // a table without rows is described, too
    }

    /// Where the columns of the group begin among the descriptions.
    std::size_t first_of_group(std::vector<std::string> const& group) {
        auto const [place, is_new] = groups_.try_emplace(group, found_.size());
        if (is_new)
            for (auto const column : columns_) found_.push_back({group, names_[column], 0, {}, {}});
        return place->second;
    }

    void count() {
        read([&](std::size_t at, double number) { found_[at].moments.add(number); },
             [&](std::size_t at, Value const& value) {
                 if (std::holds_alternative<Missing>(value))
                     found_[at].moments.add_missing();
                 else
                     ++found_[at].texts;
             });
    }

    void sort_in_memory() {
        std::vector<std::vector<double>> numbers(found_.size());
        for (std::size_t i = 0; i < found_.size(); ++i) numbers[i].reserve(found_[i].moments.count());
        read([&](std::size_t at, double number) { numbers[at].push_back(number); },
             [](std::size_t, Value const&) {});
        for (std::size_t i = 0; i < found_.size(); ++i) {
            std::sort(numbers[i].begin(), numbers[i].end());
            set_quantiles(found_[i], [&](std::uint64_t rank) { return numbers[i][rank]; });
        }
    }

    template <class NumberOfRank>
    void set_quantiles(ColumnDescription& one, NumberOfRank number) const {
        for (double const probability : options_.probabilities) {
            if (one.moments.count() == 0) {
                one.quantiles.emplace_back();
                continue;
            }
            auto const place = quantile_place(probability, one.moments.count());
            one.quantiles.emplace_back(between(number(place.below), number(place.above), place.part));
        }
    }

    [[nodiscard]] std::vector<std::uint64_t> ranks_of(ColumnDescription const& one) const {
        std::vector<std::uint64_t> ranks;
        for (double const probability : options_.probabilities) {
            if (one.moments.count() == 0) continue;
            auto const place = quantile_place(probability, one.moments.count());
            ranks.push_back(place.below);
            ranks.push_back(place.above);
        }
        std::sort(ranks.begin(), ranks.end());
        ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
        return ranks;
    }

    /// By counting, for as many columns at a time as their counters have room.
    void search() {
        constexpr std::size_t bytes_of_counter = std::size_t{8} << 16U;
        std::size_t const counters =
            std::max<std::size_t>(1, options_.most_in_memory * sizeof(double) / bytes_of_counter);
        for (std::size_t begin = 0; begin < found_.size();) {
            std::size_t end = begin;
            std::size_t used = 0;
            while (end < found_.size() && (end == begin || used + ranks_of(found_[end]).size() <= counters))
                used += ranks_of(found_[end++]).size();
            search(begin, end);
            begin = end;
        }
    }

    void search(std::size_t begin, std::size_t end) {
        std::vector<Selection> selections;
        for (std::size_t i = begin; i < end; ++i) selections.emplace_back(ranks_of(found_[i]));
        for (int pass = 0; pass < Selection::n_passes; ++pass) {
            std::vector<Selection::Counter> counters;
            counters.reserve(selections.size());
            for (auto const& selection : selections) counters.push_back(selection.counter());
            read(
                [&](std::size_t at, double number) {
                    if (at >= begin && at < end) counters[at - begin].add(number);
                },
                [](std::size_t, Value const&) {});
            for (std::size_t i = 0; i < selections.size(); ++i) selections[i].decide(counters[i]);
        }
        for (std::size_t i = begin; i < end; ++i) {
            auto const ranks = ranks_of(found_[i]);
            auto const values = selections[i - begin].values();
            set_quantiles(found_[i], [&](std::uint64_t rank) {
                auto const at = std::lower_bound(ranks.begin(), ranks.end(), rank) - ranks.begin();
                return values[static_cast<std::size_t>(at)];
            });
        }
    }

    std::filesystem::path path_;
    DescribeOptions const& options_;
    bool located_ = false;
    std::vector<std::size_t> by_;
    std::vector<std::size_t> columns_;
    std::vector<std::string> names_;
    std::map<std::vector<std::string>, std::size_t> groups_;
    std::vector<ColumnDescription> found_;
};

}  // namespace

std::vector<ColumnDescription> describe(std::filesystem::path const& path, DescribeOptions const& options) {
    for (double const probability : options.probabilities)
        require<DataError>(probability >= 0 && probability <= 1, "a quantile of {} (must be from 0 to 1)",
                           probability);
    return Describer(path, options).descriptions();
}

}  // namespace vaster::service
