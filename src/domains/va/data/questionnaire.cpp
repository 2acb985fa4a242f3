#include "domains/va/data/questionnaire.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {

namespace {

constexpr std::array<PhmrcModule, 3> modules = {{{"Adult", "a1_01_1", "phmrc-adult"},
                                                 {"Child", "c4_01", "phmrc-child"},
                                                 {"Neonate", "c2_01_1", "phmrc-neonate"}}};

std::string lower(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

/// Columns of a table by name and, in a questionnaire of the user's own, by code.
class Sources {
  public:
    Sources(csv::CsvReader const& reader, bool by_code) : reader_(reader) {
        if (!by_code) return;
        for (std::size_t j = 0; j < reader.header().size(); ++j)
            by_code_[code_of(reader.header()[j])].push_back(j);
    }

    [[nodiscard]] std::optional<std::size_t> find(std::string const& source) const {
        if (auto const exact = reader_.find(source)) return exact;
        auto const found = by_code_.find(lower(source));
        if (found == by_code_.end()) return std::nullopt;
        auto const& columns = found->second;
        require<DataError>(columns.size() == 1,
                           "{}: line 1: source '{}' of the rules fits {} columns, among them '{}' and '{}'; "
                           "write the column's whole name into the rules",
                           reader_.name(), source, columns.size(), reader_.header()[columns.front()],
                           reader_.header()[columns.back()]);
        return columns.front();
    }

    [[nodiscard]] std::size_t need(std::string const& source, std::string const& purpose) const {
        auto const found = find(source);
        return found ? *found : reader_.position(source, purpose);
    }

  private:
    csv::CsvReader const& reader_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_code_;
};

/// What two rules say of one symptom.
Answer either(Answer one, Answer other) {
    if (one == Answer::present || other == Answer::present) return Answer::present;
    return one == Answer::absent || other == Answer::absent ? Answer::absent : Answer::missing;
}

void append(std::vector<EncodingRule>& rules, std::vector<EncodingRule> const& more) {
    rules.insert(rules.end(), more.begin(), more.end());
}

std::vector<EncodingRule> health_care_rules(CohortFormat format) {
    require<DataError>(
        format == CohortFormat::phmrc_adult,
        "data.features has health_care, of which only the adult release has rules (here: data.format = "
        "\"{}\"); leave it out",
        cohort_format_names().at(static_cast<std::size_t>(format)));
    return phmrc_adult_health_care_rules();
}

/// A rule for each word, once, in the order of the columns.
std::vector<EncodingRule> word_rules(CohortSource const& source, std::span<std::string const> columns) {
    std::vector<EncodingRule> rules;
    std::set<std::string_view> known;
    for (auto const& column : columns)
        if (column.starts_with(word_prefix) && known.insert(column).second)
            rules.push_back(word_rule(column));
    require<DataError>(!rules.empty(),
                       "{}: data.features has words, and none of the {} columns has a name that begins with "
                       "'{}'; leave words out, or give the release with them",
                       source.path.string(), columns.size(), word_prefix);
    return rules;
}

std::vector<EncodingRule> rules_of_release(CohortSource const& source, std::span<std::string const> columns) {
    auto const has = [&](Feature feature) {
        return std::ranges::find(source.features, feature) != source.features.end();
    };
    std::vector<EncodingRule> rules;
    if (has(Feature::closed)) append(rules, *shipped_rules(source.format));
    if (has(Feature::health_care)) append(rules, health_care_rules(source.format));
    if (has(Feature::words)) append(rules, word_rules(source, columns));
    return rules;
}

}  // namespace

std::span<PhmrcModule const> phmrc_modules() {
    return modules;
}

std::string code_of(std::string_view column) {
    std::size_t const group = column.find_last_of("-.:/");
    return lower(group == std::string_view::npos ? column : column.substr(group + 1));
}

std::vector<EncodingRule> const* shipped_rules(CohortFormat format) {
    switch (format) {
        case CohortFormat::phmrc_adult:
            return &phmrc_adult_rules();
        case CohortFormat::phmrc_child:
            return &phmrc_child_rules();
        case CohortFormat::phmrc_neonate:
            return &phmrc_neonate_rules();
        default:
            return nullptr;
    }
}

Questionnaire questionnaire_of(CohortSource const& source, std::span<std::string const> columns) {
    for (auto const& module : modules)
        if (cohort_format(module.format) == source.format)
            return {module.name, fmt::format("the raw PHMRC {} release", lower(module.name)),
                    rules_of_release(source, columns), ""};
    return {"", fmt::format("the rules in {}", source.rules.string()),
            parse_rules(csv::CsvReader(source.rules)), hash_text(read_file(source.rules))};
}

csv::CsvOptions csv_options_of(CohortSource const& source) {
    return {.quotes = is_release(source.format) ? csv::Quotes::release : source.quotes,
            .bytes = csv::Bytes::any};
}

void refuse_other_module(csv::CsvReader const& reader, Questionnaire const& questionnaire) {
    if (questionnaire.module.empty()) return;
    auto const* const found = std::ranges::find_if(
        modules, [&](PhmrcModule const& module) { return reader.find(module.told_by).has_value(); });
    if (found == modules.end() || found->name == questionnaire.module) return;
    throw DataError(fmt::format(
        "{}: line 1: this is the {} release (it has column '{}'), not the {} release; data.format = \"{}\"",
        reader.name(), lower(found->name), found->told_by, lower(questionnaire.module), found->format));
}

ModuleColumn::ModuleColumn(csv::CsvReader const& reader, Questionnaire const& questionnaire)
    : module_(questionnaire.module) {
    if (!module_.empty()) column_ = reader.find("module");
}

void ModuleColumn::look_at(csv::CsvReader const& reader) {
    if (!column_) return;
    auto const text = trimmed(reader.cells()[*column_]);
    if (text == module_) return;
    bool const is_other =
        std::ranges::any_of(modules, [&](PhmrcModule const& module) { return module.name == text; });
    if (is_other) ++rows_[std::string(text)];
}

void ModuleColumn::refuse_others(csv::CsvReader const& reader) const {
    if (rows_.empty()) return;
    std::vector<std::string> others;
    for (auto const& other : rows_)
        others.push_back(fmt::format("{} in {} rows", other.first, grouped(other.second)));
    throw DataError(fmt::format(
        "{}: column 'module' says {}, and data.format = \"phmrc-{}\" reads module {} alone; make a "
        "file of each module",
        reader.name(), fmt::join(others, ", "), lower(module_), module_));
}

BoundRules bind_rules(Questionnaire const& questionnaire, csv::CsvReader const& reader) {
    Sources const sources(reader, questionnaire.module.empty());
    auto const symptoms = symptom_names(questionnaire.rules);
    std::map<std::string_view, std::size_t> position;
    for (std::size_t s = 0; s < symptoms.size(); ++s) position.emplace(symptoms[s], s);
    BoundRules bound;
    bound.n_symptoms = symptoms.size();
    bound.rules.reserve(questionnaire.rules.size());
    for (auto const& rule : questionnaire.rules) {
        auto const purpose =
            fmt::format("symptom '{}' of {} (data.format)", rule.symptom, questionnaire.name);
        if (rule.optional && !sources.find(rule.source)) {
            bound.lacking.push_back(rule.source);
            continue;
        }
        std::size_t const first = sources.need(rule.source, purpose);
        std::size_t const second = rule.also_source.empty() ? first : sources.need(rule.also_source, purpose);
        bound.rules.push_back({rule, position.at(rule.symptom), first, second});
    }
    return bound;
}

std::size_t n_askable(Questionnaire const& questionnaire, csv::CsvReader const& reader) {
    Sources const sources(reader, questionnaire.module.empty());
    std::set<std::string_view> symptoms;
    for (auto const& rule : questionnaire.rules)
        if (sources.find(rule.source)) symptoms.insert(rule.symptom);
    return symptoms.size();
}

BoundRule const* encode_cells(std::span<std::string_view const> cells, BoundRules const& bound,
                              std::span<Answer> answers) {
    std::ranges::fill(answers, Answer::missing);
    BoundRule const* unknown = nullptr;
    for (auto const& rule : bound.rules) {
        auto const answer = encode(rule.rule, cells[rule.source], cells[rule.also_source]);
        if (answer)
            answers[rule.symptom] = either(answers[rule.symptom], *answer);
        else if (unknown == nullptr)
            unknown = &rule;
    }
    return unknown;
}

std::size_t unknown_column(std::span<std::string_view const> cells, BoundRule const& bound) {
    bool const first_is_known = encode(bound.rule, cells[bound.source], {}).has_value();
    return first_is_known ? bound.also_source : bound.source;
}

void UnknownAnswers::look_at(csv::CsvReader const& reader, BoundRules const& bound) {
    constexpr std::size_t most = 500;
    auto const cells = reader.cells();
    for (auto const& rule : bound.rules) {
        if (encode(rule.rule, cells[rule.source], cells[rule.also_source])) continue;
        std::size_t const column = unknown_column(cells, rule);
        std::string answer(cells[column]);
        auto const known = place_.find({column, answer});
        if (known == place_.end() && found_.size() >= most) {
            ++n_more_;
            continue;
        }
        std::size_t const place = known == place_.end() ? found_.size() : known->second;
        if (known == place_.end()) {
            place_.emplace(std::pair(column, answer), place);
            found_.push_back({reader.where(column), answer, rule.rule.symptom, known_answers(rule.rule)});
        }
        Unknown& one = found_[place];
        if (std::exchange(one.last_line, reader.line()) != reader.line()) ++one.count;
    }
}

void UnknownAnswers::refuse(csv::CsvReader const& reader) const {
    if (found_.empty()) return;
    constexpr std::size_t n_shown = 12;
    std::vector<std::string> lines;
    for (std::size_t k = 0; k < std::min(n_shown, found_.size()); ++k) {
        Unknown const& one = found_[k];
        std::string const cells =
            one.count == 1 ? "" : fmt::format(" ({} cells of the column)", grouped(one.count));
        lines.push_back(fmt::format("{}: unknown answer '{}' for symptom '{}'{}; known are: {}", one.where,
                                    one.answer, one.symptom, cells, one.known));
    }
    if (found_.size() > n_shown)
        lines.push_back(
            fmt::format("and {}{} more", n_more_ > 0 ? "more than " : "", found_.size() - n_shown));
    throw DataError(lines.size() == 1 ? lines.front()
                                      : fmt::format("{}: answers that the rules do not know:\n  {}",
                                                    reader.name(), fmt::join(lines, "\n  ")));
}

}  // namespace vaster::va
