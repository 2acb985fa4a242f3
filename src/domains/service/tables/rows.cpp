#include "domains/service/tables/rows.hpp"

#include <algorithm>
#include <map>
#include <ostream>

#include "domains/service/exact/moments.hpp"
#include "domains/service/expressions/expression.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

std::vector<std::string> header_of(TableReader const& table) {
    return {table.header().begin(), table.header().end()};
}

std::vector<std::string> texts_of(TableReader const& table) {
    return {table.cells().begin(), table.cells().end()};
}

/// The value of a formula in the current row. @throws DataError that begins with the row's place
Value value_in_row(Expression const& formula, std::span<std::string_view const> cells,
                   TableReader const& table) {
    try {
        return formula.of(cells);
    } catch (DataError const& problem) {
        throw DataError(fmt::format("{}: {}", table.where(), problem.what()));
    }
}

/// One group of a fold.
class Folding {
  public:
    Folding(std::vector<std::string> group, FoldOptions const& options)
        : group_(std::move(group)), fold_(options.fold) {
        if (options.initial) take(value_of_cell(*options.initial), *options.initial);
        n_ = 0;
        has_initial_ = options.initial.has_value();
    }

    void take(Value const& value, std::string_view cell) {
        ++n_;
        if (fold_ == Fold::concat) {
            text_ += cell;
        } else if (fold_ == Fold::last || (fold_ == Fold::first && n_ == 1)) {
            text_ = std::string(cell);
        } else if (auto const* const number = std::get_if<double>(&value)) {
            moments_.add(*number);
        }
    }

    /// Nothing: there is nothing to fold.
    [[nodiscard]] std::optional<std::vector<std::string>> row() const {
        if (n_ == 0 && !has_initial_ && fold_ != Fold::count) return std::nullopt;
        auto cells = group_;
        cells.push_back(value());
        return cells;
    }

  private:
    [[nodiscard]] std::string value() const {
        switch (fold_) {
            case Fold::sum:
                return text_of(moments_.sum());
            case Fold::min:
                return text_of(moments_.least().value());
            case Fold::max:
                return text_of(moments_.most().value());
            case Fold::mean:
                return text_of(moments_.mean().value());
            case Fold::count:
                return std::to_string(n_);
            default:
                return text_;
        }
    }

    std::vector<std::string> group_;
    Fold fold_;
    bool has_initial_ = false;
    std::uint64_t n_ = 0;
    Moments moments_;
    std::string text_;
};

bool folds_numbers(Fold fold) {
    return fold == Fold::sum || fold == Fold::min || fold == Fold::max || fold == Fold::mean;
}

void check(FoldOptions const& options) {
    if (!options.initial) return;
    bool const enters = options.fold == Fold::sum || options.fold == Fold::min || options.fold == Fold::max ||
                        options.fold == Fold::concat;
    require<UsageError>(enters, "an initial value has no meaning for {}",
                        fold_names()[static_cast<std::size_t>(options.fold)]);
    bool const number = std::holds_alternative<double>(value_of_cell(*options.initial));
    require<UsageError>(number || !folds_numbers(options.fold), "the initial value '{}' is not a number",
                        *options.initial);
}

}  // namespace

RowCounts filter_rows(std::filesystem::path const& path, std::string const& formula, std::ostream& out) {
    TableReader table(path);
    auto const header = header_of(table);
    Expression const holds(formula, header);
    out << csv_line(header) << '\n';
    RowCounts counts;
    while (table.next()) {
        ++counts.read;
        auto const value = value_in_row(holds, table.cells(), table);
        if (std::holds_alternative<Missing>(value)) {
            ++counts.missing;
            continue;
        }
        auto const* const kept = std::get_if<bool>(&value);
        require<DataError>(kept != nullptr, "{}: the formula is {} ('{}'), neither true nor false",
                           table.where(), kind_of(value), text_of(value));
        if (!*kept) continue;
        out << csv_line(texts_of(table)) << '\n';
        ++counts.written;
    }
    return counts;
}

RowCounts add_columns(std::filesystem::path const& path,
                      std::vector<std::pair<std::string, std::string>> const& columns, std::ostream& out) {
    TableReader table(path);
    auto header = header_of(table);
    std::vector<Expression> formulas;
    for (auto const& [name, formula] : columns) {
        bool const is_new = std::find(header.begin(), header.end(), name) == header.end();
        require<DataError>(is_new, "{} has a column '{}' already", table.name(), name);
        formulas.emplace_back(formula, header);
        header.push_back(name);
    }
    out << csv_line(header) << '\n';
    RowCounts counts;
    while (table.next()) {
        ++counts.read;
        auto cells = texts_of(table);
        cells.reserve(header.size());
        std::vector<std::string_view> seen(cells.begin(), cells.end());
        bool missing = false;
        for (auto const& formula : formulas) {
            auto const value = value_in_row(formula, seen, table);
            missing = missing || std::holds_alternative<Missing>(value);
            seen.emplace_back(cells.emplace_back(text_of(value)));
        }
        counts.missing += missing ? 1 : 0;
        out << csv_line(cells) << '\n';
        ++counts.written;
    }
    return counts;
}

std::vector<std::string> const& fold_names() {
    static std::vector<std::string> const names{"sum",  "min",    "max",   "count",
                                                "mean", "concat", "first", "last"};
    return names;
}

std::vector<std::vector<std::string>> fold_column(std::filesystem::path const& path,
                                                  FoldOptions const& options) {
    check(options);
    TableReader table(path);
    auto const by = positions_of(table, options.by, "groups");
    std::size_t const column = table.position(options.column, "what is folded");
    std::map<std::vector<std::string>, std::size_t> places;
    std::vector<Folding> groups;
    if (by.empty()) {
        places[{}] = 0;
        groups.emplace_back(std::vector<std::string>(), options);
    }
    while (table.next()) {
        auto group = cells_at(table, by);
        auto const [place, is_new] = places.try_emplace(group, groups.size());
        if (is_new) groups.emplace_back(std::move(group), options);
        auto const cell = table.cells()[column];
        auto const value = value_of_cell(cell);
        if (std::holds_alternative<Missing>(value)) continue;
        require<DataError>(!folds_numbers(options.fold) || std::holds_alternative<double>(value),
                           "{}: '{}' is not a number", table.where(column), cell);
        groups[place->second].take(value, cell);
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& group : groups) {
        auto const row = group.row();
        require<DataError>(row || !options.by.empty(),
                           "{}: column '{}' has nothing to fold, and there is no initial value", table.name(),
                           options.column);
        if (row) rows.push_back(*row);
    }
    return rows;
}

}  // namespace vaster::service
