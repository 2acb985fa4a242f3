#include "domains/va/data/rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "domains/va/data/spellings.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {

std::string_view phmrc_adult_health_care_csv();  // embedded
std::string_view phmrc_adult_symptoms_csv();     // embedded
std::string_view phmrc_child_symptoms_csv();     // embedded
std::string_view phmrc_neonate_symptoms_csv();   // embedded

namespace {

constexpr std::array<std::string_view, 7> rule_names = {"yes_no", "above",   "one_of",  "at_least",
                                                        "below",  "between", "has_word"};

constexpr std::string_view empty_cell = "<empty>";  ///< in a list of answers

bool contains(std::vector<std::string> const& answers, std::string_view answer) {
    return std::ranges::find(answers, answer) != answers.end();
}

/// A list as it stands in a cell: parted by bars, what is empty passed over.
std::vector<std::string> answers_of(std::string_view list) {
    std::vector<std::string> answers;
    while (!list.empty()) {
        auto const bar = list.find('|');
        auto const answer = trimmed(list.substr(0, bar));
        if (!answer.empty()) answers.emplace_back(answer == empty_cell ? std::string_view() : answer);
        if (bar == std::string_view::npos) break;
        list.remove_prefix(bar + 1);
    }
    return answers;
}

/// The list as it stands in a cell.
std::string list_of(std::vector<std::string> const& answers) {
    std::vector<std::string> texts;
    texts.reserve(answers.size());
    for (auto const& answer : answers) texts.push_back(answer.empty() ? std::string(empty_cell) : answer);
    return fmt::format("{}", fmt::join(texts, "|"));
}

/// The text as a finite number.
std::optional<double> number_in(std::string_view text) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
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
    auto const found = std::ranges::find(rule_names, text);
    require<DataError>(found != rule_names.end(), "{}: unknown rule '{}'; known are {}", reader.where(column),
                       text, fmt::join(rule_names, ", "));
    return static_cast<RuleKind>(found - rule_names.begin());
}

double cutoff_in(csv::CsvReader const& reader, std::size_t column, std::string_view text, RuleKind kind) {
    auto const number = number_in(trimmed(text));
    require<DataError>(number.has_value(), "{}: '{}' is not a number; rule '{}' needs {}",
                       reader.where(column), reader.cells()[column],
                       rule_names.at(static_cast<std::size_t>(kind)),
                       kind == RuleKind::between ? "two, as LOW|HIGH" : "one");
    return *number;
}

void take_cutoffs(EncodingRule& rule, csv::CsvReader const& reader, std::size_t column) {
    std::string_view const text = reader.cells()[column];
    if (!rule.is_of_number()) {
        require<DataError>(trimmed(text).empty(), "{}: rule '{}' has no cut-off (here: '{}')",
                           reader.where(column), rule_names.at(static_cast<std::size_t>(rule.kind)), text);
        return;
    }
    if (rule.kind != RuleKind::between) {
        rule.cutoff = cutoff_in(reader, column, text, rule.kind);
        return;
    }
    auto const bar = text.find('|');
    rule.cutoff = cutoff_in(reader, column, text.substr(0, bar), rule.kind);
    rule.second_cutoff = cutoff_in(
        reader, column, bar == std::string_view::npos ? std::string_view() : text.substr(bar + 1), rule.kind);
    require<DataError>(rule.cutoff < rule.second_cutoff,
                       "{}: '{}': the first cut-off must be below the second", reader.where(column), text);
}

/// The lists of answers must be able to say "present", and each answer one thing only.
void check_lists(EncodingRule const& rule, csv::CsvReader const& reader, Columns const& columns) {
    require<DataError>(rule.is_of_number() || !rule.present.empty(),
                       "{}: no answer means present; the symptom could never occur",
                       reader.where(columns.present));
    require<DataError>(rule.kind != RuleKind::has_word || rule.absent.empty(),
                       "{}: rule 'has_word' takes every other word for absent; list none",
                       reader.where(columns.absent));
    auto const object_to_common = [&](std::vector<std::string> const& one,
                                      std::vector<std::string> const& other, std::size_t column) {
        for (auto const& answer : other)
            require<DataError>(!contains(one, answer), "{}: answer '{}' is in another list of this rule, too",
                               reader.where(column), answer);
    };
    object_to_common(rule.present, rule.absent, columns.absent);
    object_to_common(rule.present, rule.missing, columns.missing);
    object_to_common(rule.absent, rule.missing, columns.missing);
}

EncodingRule rule_of(csv::CsvReader const& reader, Columns const& columns) {
    auto const cells = reader.cells();
    EncodingRule rule;
    rule.symptom = trimmed(cells[columns.symptom]);
    rule.source = trimmed(cells[columns.source]);
    if (rule.source.ends_with('?')) {
        rule.optional = true;
        rule.source.pop_back();
    }
    rule.also_source = trimmed(cells[columns.also_source]);
    rule.kind = kind_of(reader, columns.rule);
    rule.present = answers_of(cells[columns.present]);
    rule.absent = answers_of(cells[columns.absent]);
    rule.missing = answers_of(cells[columns.missing]);
    rule.question = cells[columns.question];
    require<DataError>(!rule.symptom.empty() && !rule.source.empty(),
                       "{}: a rule needs a symptom and a source", reader.where(columns.symptom));
    require<DataError>(rule.also_source.empty() || !rule.is_of_number(), "{}: rule '{}' has one source",
                       reader.where(columns.also_source), rule_names.at(static_cast<std::size_t>(rule.kind)));
    take_cutoffs(rule, reader, columns.cutoff);
    check_lists(rule, reader, columns);
    return rule;
}

va::Answer answer_of(EncodingRule const& rule, double number) {
    bool const is_present = rule.kind == RuleKind::above      ? number > rule.cutoff
                            : rule.kind == RuleKind::at_least ? number >= rule.cutoff
                            : rule.kind == RuleKind::below
                                ? number < rule.cutoff
                                : number >= rule.cutoff && number < rule.second_cutoff;
    return is_present ? va::Answer::present : va::Answer::absent;
}

/// Is the number in the list, however it is written there (9999, 9999.0)?
bool contains_number(std::vector<std::string> const& answers, double number) {
    return std::ranges::any_of(answers, [&](std::string const& text) { return number_in(text) == number; });
}

std::optional<va::Answer> encode_text(EncodingRule const& rule, std::string_view answer) {
    if (contains(rule.absent, answer)) return va::Answer::absent;
    if (contains(rule.present, answer)) return va::Answer::present;
    if (answer.empty() || contains(rule.missing, answer)) return va::Answer::missing;
    if (contains(rule.absent, any_other_answer)) return va::Answer::absent;
    if (contains(rule.present, any_other_answer)) return va::Answer::present;
    if (contains(rule.missing, any_other_answer)) return va::Answer::missing;
    return std::nullopt;
}

std::optional<va::Answer> encode_number(EncodingRule const& rule, std::string_view answer) {
    auto const number = number_in(answer);
    if (!number) return encode_text(rule, answer);
    if (!rule.missing.empty() && contains_number(rule.missing, *number)) return va::Answer::missing;
    return answer_of(rule, *number);
}

std::optional<va::Answer> encode_words(EncodingRule const& rule, std::string_view answer) {
    if (answer.empty() || contains(rule.missing, answer)) return encode_text(rule, answer);
    constexpr std::string_view blanks = " \t";
    for (auto rest = answer; !rest.empty();) {
        auto const end = std::min(rest.find_first_of(blanks), rest.size());
        if (contains(rule.present, rest.substr(0, end))) return va::Answer::present;
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks, end), rest.size()));
    }
    return va::Answer::absent;
}

std::vector<EncodingRule> embedded_rules(std::string_view text, std::string_view module) {
    return parse_rules(csv::CsvReader::from_text(text, fmt::format("data/va/phmrc_{}_symptoms.csv", module)));
}

}  // namespace

std::optional<va::Answer> encode(EncodingRule const& rule, std::string_view answer, std::string_view also) {
    answer = trimmed(answer);
    if (rule.is_of_number()) return encode_number(rule, answer);
    if (rule.kind == RuleKind::has_word) return encode_words(rule, answer);
    auto const first = encode_text(rule, answer);
    if (rule.also_source.empty() || !first) return first;
    auto const second = encode_text(rule, trimmed(also));
    if (!second || second == va::Answer::present) return second;
    return first;
}

std::vector<EncodingRule> parse_rules(csv::CsvReader reader) {
    Columns const columns(reader);
    std::vector<EncodingRule> rules;
    std::map<std::pair<std::string, std::string>, std::uint64_t> lines;  // by symptom and source
    while (reader.next()) {
        rules.push_back(rule_of(reader, columns));
        auto const& rule = rules.back();
        auto const [known, is_new] = lines.emplace(std::pair(rule.symptom, rule.source), reader.line());
        require<DataError>(is_new, "{}: symptom '{}' has a rule for source '{}' already, on line {}",
                           reader.where(columns.source), rule.symptom, rule.source, known->second);
    }
    return rules;
}

std::string rules_text(std::vector<EncodingRule> const& rules) {
    std::string text = "symptom,source,also_source,rule,cutoff,present,absent,missing,question\n";
    for (auto const& rule : rules) {
        std::string cutoff;
        if (rule.is_of_number()) cutoff = fmt::format("{}", rule.cutoff);
        if (rule.kind == RuleKind::between) cutoff += fmt::format("|{}", rule.second_cutoff);
        text += csv_line({rule.symptom, fmt::format("{}{}", rule.source, rule.optional ? "?" : ""),
                          rule.also_source, std::string(rule_names.at(static_cast<std::size_t>(rule.kind))),
                          cutoff, list_of(rule.present), list_of(rule.absent), list_of(rule.missing),
                          rule.question});
        text += '\n';
    }
    return text;
}

std::vector<EncodingRule> const& phmrc_adult_rules() {
    static std::vector<EncodingRule> const rules = embedded_rules(phmrc_adult_symptoms_csv(), "adult");
    return rules;
}

std::vector<EncodingRule> const& phmrc_adult_health_care_rules() {
    static std::vector<EncodingRule> const rules = parse_rules(
        csv::CsvReader::from_text(phmrc_adult_health_care_csv(), "data/va/phmrc_adult_health_care.csv"));
    return rules;
}

EncodingRule word_rule(std::string const& column) {
    EncodingRule rule;
    rule.symptom = column;
    rule.source = column;
    rule.kind = RuleKind::at_least;
    rule.cutoff = 1;
    rule.question = "how often the narrative has the word";
    return rule;
}

std::vector<EncodingRule> const& phmrc_child_rules() {
    static std::vector<EncodingRule> const rules = embedded_rules(phmrc_child_symptoms_csv(), "child");
    return rules;
}

std::vector<EncodingRule> const& phmrc_neonate_rules() {
    static std::vector<EncodingRule> const rules = embedded_rules(phmrc_neonate_symptoms_csv(), "neonate");
    return rules;
}

std::string known_answers(EncodingRule const& rule) {
    std::vector<std::string> known;
    if (rule.is_of_number()) known.emplace_back("a number");
    for (auto const* answers : {&rule.present, &rule.absent, &rule.missing})
        for (auto const& answer : *answers)
            if (!answer.empty()) known.push_back(answer);
    return fmt::format("{}, or an empty cell", fmt::join(known, ", "));
}

std::vector<std::string> symptom_names(std::vector<EncodingRule> const& rules) {
    std::vector<std::string> names;
    std::set<std::string_view> known;
    for (auto const& rule : rules)
        if (known.insert(rule.symptom).second) names.push_back(rule.symptom);
    return names;
}

}  // namespace vaster::va
