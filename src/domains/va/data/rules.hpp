#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv/csv.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::va {

/// How an answer becomes a symptom.
enum class RuleKind {
    yes_no,  ///< the answers listed as present, absent, missing
    above,   ///< a number: present above the cut-off, else absent; what is no number is missing
    one_of,  ///< as yes_no; but present also where the second source has one of the present answers
};

/// One symptom of the encoded table and the question it is made of.
struct EncodingRule {
    std::string symptom;
    std::string source;
    std::string also_source;  ///< second source; empty: none
    RuleKind kind = RuleKind::yes_no;
    double cutoff = 0;
    std::vector<std::string> present;
    std::vector<std::string> absent;
    std::vector<std::string> missing;  ///< an empty cell is always missing
    std::string question;
};

/// What an answer means for a symptom; nothing if the rule does not know the answer. No empty cell is
/// unknown.
/// @param also  the answer of the second source; not looked at when the rule has none
[[nodiscard]] std::optional<va::Answer> encode(EncodingRule const& rule, std::string_view answer,
                                               std::string_view also);

/// Reads a rule table: columns symptom, source, also_source, rule, cutoff, present, absent, missing,
/// question; lists of answers are separated by |. @throws DataError
[[nodiscard]] std::vector<EncodingRule> parse_rules(csv::CsvReader reader);

/// The 168 symptoms of the PHMRC adult questionnaire (data/va/phmrc_adult_symptoms.csv, compiled in).
[[nodiscard]] std::vector<EncodingRule> const& phmrc_adult_rules();

/// The symptoms of the rules, in their order.
[[nodiscard]] std::vector<std::string> symptom_names(std::vector<EncodingRule> const& rules);

}  // namespace vaster::va
