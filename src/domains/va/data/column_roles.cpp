#include "domains/va/data/column_roles.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/csv/missing_column.hpp"
#include "base/support/hash.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

/// Label columns that need not be there: the defaults of data.label_columns.
constexpr std::array<std::string_view, 2> standard_labels = {"va34", "cod5"};

/// May the text be an answer to a question, or a number?
bool is_answer(std::string_view text) {
    constexpr std::array<std::string_view, 10> answers = {"y", "n",    "yes",   "no", "t",
                                                          "f", "true", "false", "dk", "ref"};
    return plain_number(text).has_value() || NothingWords().contains(text) ||
           std::find(answers.begin(), answers.end(), folded(text)) != answers.end();
}

/// Fewer deaths are hardly a site.
constexpr std::uint64_t least_rows_of_site = 20;

/// Columns with few different texts, each in many rows, as "district (3 texts)". Looked for when something is
/// missing, in another reading of the file.
std::vector<std::string> columns_like_sites(TableFile const& table) {
    constexpr std::size_t most_texts = 60;
    csv::CsvReader reader(table.reader.name(), {.delimiter = table.delimiter});
    std::vector<std::map<std::string, std::uint64_t, std::less<>>> texts(reader.header().size());
    while (reader.next())
        for (std::size_t j = 0; j < texts.size(); ++j) {
            if (texts[j].size() > most_texts) continue;
            auto const text = trimmed(reader.cells()[j]);
            auto const found = texts[j].find(text);
            if (found == texts[j].end())
                texts[j].emplace(text, 1);
            else
                ++found->second;
        }
    std::vector<std::string> columns;
    for (std::size_t j = 0; j < texts.size(); ++j) {
        bool const few = texts[j].size() >= 2 && texts[j].size() <= most_texts;
        bool const like = few && std::all_of(texts[j].begin(), texts[j].end(), [](auto const& entry) {
                              return entry.second >= least_rows_of_site && !is_answer(entry.first);
                          });
        if (like) columns.push_back(fmt::format("{} ({} texts)", reader.header()[j], texts[j].size()));
    }
    return columns;
}

/// Finds columns by the names that keys give, and gathers what is wrong.
class ColumnFinder {
  public:
    ColumnFinder(TableFile const& table, CohortSource const& source) : table_(table), source_(source) {
        for (auto const& name : table.reader.header()) names_.push_back(tidied(name));
        for (std::uint32_t j = 0; j < names_.size(); ++j) by_hash_.emplace_back(hash64(names_[j]), j);
        std::sort(by_hash_.begin(), by_hash_.end());
    }

    [[nodiscard]] std::vector<std::string> const& names() const { return names_; }

    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
        std::string const tidy = tidied(name);
        auto const hash = hash64(tidy);
        auto found = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(hash, std::uint32_t{0}));
        for (; found != by_hash_.end() && found->first == hash; ++found)
            if (names_[found->second] == tidy) return found->second;
        return std::nullopt;
    }

    /// A column that is needed; position 0 and a problem where there is none.
    std::size_t need(std::string const& name, std::string const& purpose) {
        if (auto const found = find(name)) return *found;
        problems_.push_back(fmt::format("line 1: {}", csv::no_such_column(name, purpose, names_)));
        return 0;
    }

    DeathColumns of_death() {
        DeathColumns columns;
        if (!source_.site.empty()) {
            std::size_t const n_before = problems_.size();
            columns.site = need(source_.site, "the site (data.site)");
            if (problems_.size() > n_before) problems_.back() += help_with_sites();
        }
        if (!source_.population.empty())
            columns.population = need(source_.population, "sub-populations (data.population)");
        if (!source_.weight.empty())
            columns.weight = need(source_.weight, "the weights of the deaths (data.weight)");
        if (source_.id.empty()) return columns;
        // PHMRC's release for Stata numbers its rows in this column; the one in CSV leaves it out.
        columns.ids_are_numbers = is_release(source_.format) && source_.id == "newid" && !find(source_.id);
        if (!columns.ids_are_numbers) columns.id = need(source_.id, "the IDs of the deaths (data.id)");
        return columns;
    }

    /// Label columns that the user has named must be there.
    void check_label_columns() {
        for (auto const& name : source_.label_columns) {
            if (std::find(standard_labels.begin(), standard_labels.end(), name) != standard_labels.end())
                continue;
            need(name, "data.label_columns, which leaves columns out of the symptoms");
        }
    }

    void object(std::string problem) { problems_.push_back(std::move(problem)); }

    void throw_problems() const {
        if (problems_.empty()) return;
        std::string const& path = table_.reader.name();
        throw DataError(problems_.size() == 1 ? fmt::format("{}: {}", path, problems_.front())
                                              : fmt::format("{}: the columns do not fit:\n  {}", path,
                                                            fmt::join(problems_, "\n  ")));
    }

  private:
    [[nodiscard]] std::string help_with_sites() const {
        std::string help = "; data.site = \"\" takes all deaths as of one site";
        try {
            auto const like = columns_like_sites(table_);
            if (!like.empty())
                help += fmt::format("; columns that look like sites: {}", fmt::join(like, ", "));
        } catch (Error const&) {
            return help;  // a file that cannot be read to its end is another complaint
        }
        return help;
    }

    TableFile const& table_;
    CohortSource const& source_;
    std::vector<std::string> names_;                                // tidied
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_hash_;  // sorted
    std::vector<std::string> problems_;
};

/// Symptoms and other columns that differ in case or blanks only.
void object_to_twins(ColumnFinder& columns, csv::CsvReader const& reader, std::vector<bool> const& is_symptom,
                     std::vector<bool> const& is_left_out) {
    std::vector<std::pair<std::uint64_t, std::size_t>> folds;
    for (std::size_t j = 0; j < columns.names().size(); ++j)
        if (!is_left_out[j]) folds.emplace_back(hash64(folded(columns.names()[j])), j);
    std::sort(folds.begin(), folds.end());
    for (std::size_t k = 1; k < folds.size(); ++k) {
        auto const [a, b] = std::minmax(folds[k - 1].second, folds[k].second);
        if (folds[k - 1].first != folds[k].first || !(is_symptom[a] || is_symptom[b])) continue;
        columns.object(
            fmt::format("line 1: columns {} ('{}') and {} ('{}') differ in small and capital letters or "
                        "blanks only; rename one, or leave one out by data.label_columns",
                        a + 1, reader.header()[a], b + 1, reader.header()[b]));
    }
}

}  // namespace

ColumnRoles roles_of(TableFile const& table, CohortSource const& source) {
    ColumnFinder columns(table, source);
    ColumnRoles roles;
    roles.of_death = columns.of_death();
    roles.label = columns.need(source.label, "the causes (data.label)");
    columns.check_label_columns();
    columns.throw_problems();
    std::size_t const n = columns.names().size();
    std::vector<bool> is_symptom(n, true);
    std::vector<bool> is_left_out(n, false);
    for (auto const& name : source.label_columns)
        if (auto const column = columns.find(name); column && is_symptom[*column]) {
            is_symptom[*column] = false;
            is_left_out[*column] = *column != roles.label;
            if (is_left_out[*column]) roles.ignored.push_back(columns.names()[*column]);
        }
    is_symptom[roles.label] = false;
    for (auto const& column :
         {roles.of_death.site, roles.of_death.population, roles.of_death.id, roles.of_death.weight})
        if (column) is_symptom[*column] = false;
    for (std::size_t j = 0; j < n; ++j) {
        if (!columns.names()[j].empty()) continue;
        is_symptom[j] = false;
        is_left_out[j] = true;
        roles.unnamed.push_back(j);
    }
    object_to_twins(columns, table.reader, is_symptom, is_left_out);
    for (std::size_t j = 0; j < n; ++j)
        if (is_symptom[j]) roles.symptoms.push_back(j);
    if (roles.symptoms.empty())
        columns.object("line 1: no column is left for symptoms beside the site and the labels");
    columns.throw_problems();
    return roles;
}

DeathColumns death_columns_of(TableFile const& table, CohortSource const& source) {
    ColumnFinder columns(table, source);
    DeathColumns const found = columns.of_death();
    columns.check_label_columns();
    columns.throw_problems();
    return found;
}

bool is_named_like_ids(std::string_view column) {
    constexpr std::array<std::string_view, 8> names = {"id",    "sid",        "newid", "death_id",
                                                       "va_id", "instanceid", "key",   "uuid"};
    std::size_t const group = column.find_last_of("-.:/");
    auto const name = folded(group == std::string_view::npos ? column : column.substr(group + 1));
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::size_t> unused_ids(csv::CsvReader const& reader, CohortSource const& source,
                                    std::vector<std::string> const& names) {
    std::vector<std::size_t> found;
    if (!source.id.empty()) return found;
    auto const header = reader.header();
    for (std::size_t j = 0; j < header.size(); ++j) {
        std::string const name = tidied(header[j]);
        if (is_named_like_ids(name) && std::find(names.begin(), names.end(), name) != names.end())
            found.push_back(j);
    }
    return found;
}

void UnusedIds::look_at(csv::CsvReader const& reader) {
    auto const text = trimmed(reader.cells()[column_]);
    if (!NothingWords().contains(text)) values_.emplace_back(hash64(text), reader.line());
}

std::optional<std::string> UnusedIds::note(csv::CsvReader const& reader) const {
    constexpr std::size_t most_rows_of_an_id = 10;  // on average
    auto values = values_;
    std::sort(values.begin(), values.end());
    std::size_t n_values = 0;
    std::size_t n_repeated = 0;
    std::pair<std::uint64_t, std::uint64_t> example;
    for (std::size_t k = 0; k < values.size(); ++k) {
        bool const is_first = k == 0 || values[k].first != values[k - 1].first;
        if (is_first) ++n_values;
        bool const is_second = !is_first && (k == 1 || values[k].first != values[k - 2].first);
        if (!is_second) continue;
        std::pair const lines(values[k - 1].second, values[k].second);
        if (n_repeated++ == 0 || lines < example) example = lines;
    }
    if (n_repeated == 0 || n_values * most_rows_of_an_id < values.size()) return std::nullopt;
    std::string const& name = reader.header()[column_];
    return fmt::format(
        "{}: column '{}' is not used, and {} of its {} values {} there more than once (lines {} and {} have "
        "the same): "
        "if they are IDs of deaths, data.id = \"{}\" with data.duplicates = \"together\" keeps the rows of "
        "one death in "
        "one part of every split",
        reader.name(), name, grouped(n_repeated), grouped(n_values), n_repeated == 1 ? "is" : "are",
        example.first, example.second, name);
}

void UnnamedColumn::look_at(csv::CsvReader const& reader) {
    if (!repeated_.empty()) return;
    auto const text = trimmed(reader.cells()[column_]);
    is_empty_ &= text.empty();
    auto const [known, is_new] = lines_.emplace(hash64(text), reader.line());
    if (is_new || is_empty_) return;
    repeated_ = va::quoted(text);
    first_line_ = known->second;
    second_line_ = reader.line();
    lines_.clear();
}

std::string UnnamedColumn::verdict(std::string const& path) const {
    require<DataError>(
        repeated_.empty(),
        "{}: column {} has no name, and its values are not row names ({} is on line {} and on line {}); "
        "give it a name in the header; if it is not a symptom, name it in data.label_columns, too",
        path, column_ + 1, repeated_, first_line_, second_line_);
    return fmt::format("{}: column {} has no name and {}; it is left out", path, column_ + 1,
                       is_empty_ ? "no values" : "a different value in every row, as row names have");
}

}  // namespace vaster::va
