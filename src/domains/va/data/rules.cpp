#include "domains/va/data/rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "vaster/support/errors.hpp"

namespace vaster::va {

std::string_view phmrc_adult_symptoms_csv();  // embedded

namespace {

std::vector<std::string> answers_of(std::string_view list) {
    std::vector<std::string> answers;
    while (!list.empty()) {
        auto const bar = list.find('|');
        if (bar != 0) answers.emplace_back(list.substr(0, bar));
        if (bar == std::string_view::npos) break;
        list.remove_prefix(bar + 1);
    }
    return answers;
}

/// Columns of a rule table.
struct Columns {
    explicit Columns(csv::CsvReader const& reader)
        : symptom(reader.position("symptom", "encoding rules")),
          source(reader.position("source", "encoding rules")),
          also_source(reader.position("also_source", "encoding rules")),
          rule(reader.position("rule", "encoding rules")),
          cutoff(reader.position("cutoff", "encoding rules")),
          present(reader.position("present", "encoding rules")),
          absent(reader.position("absent", "encoding rules")),
          missing(reader.position("missing", "encoding rules")),
          question(reader.position("question", "encoding rules")) {}

    std::size_t symptom, source, also_source, rule, cutoff, present, absent, missing, question;
};

RuleKind kind_of(csv::CsvReader const& reader, std::size_t column) {
    std::string_view const text = reader.cells()[column];
    if (text == "yes_no") return RuleKind::yes_no;
    if (text == "above") return RuleKind::above;
    require<DataError>(text == "one_of", "{}: unknown rule '{}'; known are yes_no, above, one_of",
                       reader.where(column), text);
    return RuleKind::one_of;
}

double number_of(csv::CsvReader const& reader, std::size_t column) {
    std::string_view const text = reader.cells()[column];
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    require<DataError>(error == std::errc{} && end == text.data() + text.size(),
                       "{}: '{}' is not a number; rule 'above' needs one", reader.where(column), text);
    return number;
}

EncodingRule rule_of(csv::CsvReader const& reader, Columns const& columns) {
    auto const cells = reader.cells();
    EncodingRule rule;
    rule.symptom = cells[columns.symptom];
    rule.source = cells[columns.source];
    rule.also_source = cells[columns.also_source];
    rule.kind = kind_of(reader, columns.rule);
    if (rule.kind == RuleKind::above) rule.cutoff = number_of(reader, columns.cutoff);
    rule.present = answers_of(cells[columns.present]);
    rule.absent = answers_of(cells[columns.absent]);
    rule.missing = answers_of(cells[columns.missing]);
    rule.question = cells[columns.question];
    require<DataError>(!rule.symptom.empty() && !rule.source.empty(),
                       "{}: a rule needs a symptom and a source", reader.where(columns.symptom));
    require<DataError>(rule.kind == RuleKind::above || !rule.present.empty(),
                       "{}: no answer means present; the symptom could never occur",
                       reader.where(columns.present));
    return rule;
}

bool contains(std::vector<std::string> const& answers, std::string_view answer) {
    return std::ranges::find(answers, answer) != answers.end();
}

std::optional<va::Answer> encode_number(EncodingRule const& rule, std::string_view answer) {
    double number = 0;
    auto const [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    if (error == std::errc{} && end == answer.data() + answer.size() && std::isfinite(number)) {
        return number > rule.cutoff ? va::Answer::present : va::Answer::absent;
    }
    if (contains(rule.missing, answer)) return va::Answer::missing;
    return std::nullopt;
}

std::optional<va::Answer> encode_text(EncodingRule const& rule, std::string_view answer) {
    if (contains(rule.absent, answer)) return va::Answer::absent;
    if (contains(rule.present, answer)) return va::Answer::present;
    if (answer.empty() || contains(rule.missing, answer)) return va::Answer::missing;
    return std::nullopt;
}

}  // namespace

std::optional<va::Answer> encode(EncodingRule const& rule, std::string_view answer, std::string_view also) {
    if (rule.kind == RuleKind::above) {
        if (answer.empty()) return va::Answer::missing;
        return encode_number(rule, answer);
    }
    auto const first = encode_text(rule, answer);
    if (rule.also_source.empty() || !first) return first;
    auto const second = encode_text(rule, also);
    if (!second || second == va::Answer::present) return second;
    return first;
}

std::vector<EncodingRule> parse_rules(csv::CsvReader reader) {
    Columns const columns(reader);
    std::vector<EncodingRule> rules;
    while (reader.next()) rules.push_back(rule_of(reader, columns));
    return rules;
}

std::vector<EncodingRule> const& phmrc_adult_rules() {
    static std::vector<EncodingRule> const rules = parse_rules(
        csv::CsvReader::from_text(phmrc_adult_symptoms_csv(), "data/va/phmrc_adult_symptoms.csv"));
    return rules;
}

std::vector<std::string> symptom_names(std::vector<EncodingRule> const& rules) {
    std::vector<std::string> names;
    names.reserve(rules.size());
    for (auto const& rule : rules) names.push_back(rule.symptom);
    return names;
}

}  // namespace vaster::va
