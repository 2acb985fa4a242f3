#include "domains/va/prediction/new_columns.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using Position = std::optional<std::size_t>;

constexpr std::size_t most_listed = 12;

std::string joined(std::vector<std::string> const& names) {
    auto const shown = names.begin() + static_cast<std::ptrdiff_t>(std::min(most_listed, names.size()));
    return fmt::format(
        "{}{}", fmt::join(names.begin(), shown, ", "),
        names.size() > most_listed ? fmt::format(" and {} more", names.size() - most_listed) : "");
}

/// Finds columns by name, and notes which of them something uses.
class Header {
  public:
    Header(std::span<std::string const> header, NewDeathsSource const& source) : path_(source.path.string()) {
        names_.reserve(header.size());
        for (auto const& name : header) names_.push_back(tidied(name));
        for (std::size_t j = 0; j < names_.size(); ++j) {
            auto const [first, is_new] = positions_.emplace(names_[j], j);
            require<DataError>(is_new, "{}: line 1: columns {} and {} are both called '{}'", path_,
                               first->second + 1, j + 1, names_[j]);
        }
        used_.resize(names_.size());
    }

    /// Gives columns the names that the model has for them.
    void rename(std::vector<Renaming> const& renaming, std::vector<std::string> const& symptoms,
                std::string const& map) {
        for (auto const& [data, model] : renaming) {
            auto const column = positions_.find(data);
            require<DataError>(column != positions_.end(), "{}: there is no column '{}' in {}{}", map, data,
                               path_, guess(data, names_));
            require<DataError>(std::find(symptoms.begin(), symptoms.end(), model) != symptoms.end(),
                               "{}: the model has no symptom '{}'{}", map, model, guess(model, symptoms));
            auto const [there, is_new] = positions_.emplace(model, column->second);
            require<DataError>(is_new || there->second == column->second,
                               "{}: column '{}' is to be symptom '{}', but {} has a column of that name, too",
                               map, data, model, path_);
        }
    }

    Position find(std::string const& name) {
        auto const found = positions_.find(tidied(name));
        if (found == positions_.end()) return std::nullopt;
        used_[found->second] = true;
        return found->second;
    }

    void use(std::size_t column) { used_[column] = true; }

    [[nodiscard]] bool has(std::string const& name) const { return positions_.contains(tidied(name)); }

    std::size_t need(std::string const& name, std::string_view purpose) {
        auto const found = find(name);
        require<DataError>(found.has_value(), "{}: line 1: there is no column '{}', which is needed for {}{}",
                           path_, name, purpose, guess(name, names_));
        return *found;
    }

    [[nodiscard]] std::string nearest_to(std::string const& name) const { return guess(name, names_); }

    [[nodiscard]] std::size_t n_unused() const {
        return static_cast<std::size_t>(std::count(used_.begin(), used_.end(), false));
    }

  private:
    static std::string guess(std::string const& name, std::vector<std::string> const& names) {
        auto const near = nearest_name(name, names);
        return near ? fmt::format("; did you mean '{}'?", *near) : "";
    }

    std::string path_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, std::size_t> positions_;
    std::vector<bool> used_;
};

/// The part of the questionnaire that is about the wanted symptoms.
Questionnaire about(ModelNeeds const& wanted) {
    Questionnaire part = wanted.questionnaire;
    std::erase_if(part.rules, [&](EncodingRule const& rule) {
        return std::find(wanted.symptoms.begin(), wanted.symptoms.end(), rule.symptom) ==
               wanted.symptoms.end();
    });
    return part;
}

/// Are all symptoms counts of words? Then they are called as their columns in a release, and counts are in
/// both: what a release counts more than once is present.
bool are_words(std::vector<std::string> const& symptoms) {
    return std::all_of(symptoms.begin(), symptoms.end(),
                       [](std::string const& symptom) { return symptom.starts_with(word_prefix); });
}

/// Are the answers there as they were given: does the file lack symptoms, but have questions that more of
/// them are made of? (A symptom is often called as its question.)
bool is_raw(Header const& header, std::vector<std::string> const& symptoms,
            Questionnaire const& questionnaire, csv::CsvReader const& reader) {
    auto const n_there = static_cast<std::size_t>(std::count_if(
        symptoms.begin(), symptoms.end(), [&](std::string const& symptom) { return header.has(symptom); }));
    if (n_there == symptoms.size()) return are_words(symptoms) && !questionnaire.rules.empty();
    return n_askable(questionnaire, reader) > n_there;
}

void bind_sources(NewColumns& columns, Header& header, std::vector<std::string> const& symptoms,
                  Questionnaire const& questionnaire, csv::CsvReader const& reader) {
    columns.rules = bind_rules(questionnaire, reader);
    auto const names = symptom_names(questionnaire.rules);
    for (auto& rule : columns.rules.rules) {
        auto const symptom = std::find(symptoms.begin(), symptoms.end(), names[rule.symptom]);
        rule.symptom = static_cast<std::size_t>(symptom - symptoms.begin());
        header.use(rule.source);
        header.use(rule.also_source);
    }
    columns.rules.n_symptoms = symptoms.size();
    columns.absent = columns.rules.lacking;
}

/// Symptoms that are not there, each with the column that may be meant.
std::vector<std::string> described(std::vector<std::string> const& absent, Header const& header) {
    std::vector<std::string> texts;
    texts.reserve(absent.size());
    for (auto const& symptom : absent)
        texts.push_back(fmt::format("'{}'{}", symptom, header.nearest_to(symptom)));
    return texts;
}

void bind_symptoms(NewColumns& columns, Header& header, NewDeathsSource const& source,
                   ModelNeeds const& wanted) {
    for (auto const& symptom : wanted.symptoms) {
        columns.symptoms.push_back(header.find(symptom));
        if (!columns.symptoms.back()) columns.absent.push_back(symptom);
    }
    std::size_t const n = wanted.symptoms.size();
    bool const too_many = 2 * columns.absent.size() > n;
    if (columns.absent.empty() || (source.missing_columns == MissingColumns::missing && !too_many)) return;
    throw DataError(fmt::format(
        "{}: line 1: the file lacks {} of the model's {} symptoms: {}; --rename MAP.csv says what they are "
        "called there{}",
        source.path.string(), columns.absent.size(), n, joined(described(columns.absent, header)),
        too_many ? "; more than half are never taken as missing"
                 : "; --missing-columns missing takes every answer to them as missing"));
}

std::vector<std::size_t> needed(Header& header, std::vector<std::string> const& names,
                                std::string_view purpose) {
    std::vector<std::size_t> columns;
    columns.reserve(names.size());
    for (auto const& name : names) columns.push_back(header.need(name, purpose));
    return columns;
}

Position needed_if_named(Header& header, std::string const& name, std::string_view purpose) {
    if (name.empty()) return std::nullopt;
    return header.need(name, purpose);
}

}  // namespace

std::vector<std::size_t> NewColumns::texts() const {
    std::vector<std::size_t> found(by);
    found.insert(found.end(), keep.begin(), keep.end());
    for (auto const& column : {id, population, batch, score})
        if (column) found.push_back(*column);
    return found;
}

csv::CsvOptions csv_options_of(NewColumns const& columns, ModelNeeds const& wanted, char delimiter) {
    return {.delimiter = delimiter,
            .quotes = columns.is_raw() ? wanted.quotes : csv::Quotes::strict,
            .bytes = columns.is_raw() ? csv::Bytes::any : csv::Bytes::utf8,
            .no_rows = csv::NoRows::accept};
}

std::vector<Renaming> read_renaming(std::filesystem::path const& path) {
    csv::CsvReader reader(path);
    std::size_t const data = reader.position("data", "names of columns in the data");
    std::size_t const model = reader.position("model", "names of symptoms in the model");
    std::vector<Renaming> renaming;
    std::set<std::string> seen_data;
    std::set<std::string> seen_model;
    while (reader.next()) {
        Renaming one{tidied(reader.cells()[data]), tidied(reader.cells()[model])};
        require<DataError>(!one.data.empty() && !one.model.empty(), "{}: a name is empty",
                           reader.where(one.data.empty() ? data : model));
        require<DataError>(seen_data.insert(one.data).second, "{}: '{}' is there twice", reader.where(data),
                           one.data);
        require<DataError>(seen_model.insert(one.model).second, "{}: '{}' is there twice",
                           reader.where(model), one.model);
        renaming.push_back(std::move(one));
    }
    return renaming;
}

NewColumns columns_of(csv::CsvReader const& reader, NewDeathsSource const& source, ModelNeeds const& wanted) {
    Header columns_by_name(reader.header(), source);
    if (!source.rename.empty())
        columns_by_name.rename(read_renaming(source.rename), wanted.symptoms, source.rename.string());
    NewColumns columns;
    auto const questionnaire = about(wanted);
    if (is_raw(columns_by_name, wanted.symptoms, questionnaire, reader))
        bind_sources(columns, columns_by_name, wanted.symptoms, questionnaire, reader);
    else
        bind_symptoms(columns, columns_by_name, source, wanted);
    columns.id = source.id.empty()
                     ? columns_by_name.find(wanted.id)
                     : needed_if_named(columns_by_name, source.id, "the IDs of the deaths (--id)");
    columns.population =
        needed_if_named(columns_by_name, source.population, "sub-populations (--population)");
    columns.batch = needed_if_named(columns_by_name, source.batch_by, "batches (--batch-by)");
    columns.score = needed_if_named(columns_by_name, source.score, "true causes (--score)");
    columns.weight = needed_if_named(columns_by_name, source.weight, "the weights of the deaths (--weight)");
    if (columns.weight)
        require<DataError>(std::find(columns.symptoms.begin(), columns.symptoms.end(), columns.weight) ==
                               columns.symptoms.end(),
                           "{}: line 1: column '{}' is a symptom of the model, and cannot be that of the "
                           "weights (--weight), too",
                           source.path.string(), source.weight);
    columns.by = needed(columns_by_name, source.by, "groups of deaths (--by)");
    columns.keep = needed(columns_by_name, source.keep, "columns of the output (--keep)");
    columns.n_unused = columns_by_name.n_unused();
    return columns;
}

}  // namespace vaster::va
