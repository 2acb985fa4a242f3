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
    yes_no,    ///< the answers listed as present, absent, missing
    above,     ///< a number: present above the cut-off, else absent
    one_of,    ///< as yes_no; but present also where the second source has one of the present answers
    at_least,  ///< a number: present at the cut-off and above it
    below,     ///< a number: present below the cut-off
    between,   ///< a number: present from the cut-off up to, but without, the second one
    has_word,  ///< words parted by blanks, as forms keep several choices: present if one of the present
               ///< answers is among them, else absent
};

/// One way in which a question says something of a symptom. Most symptoms have one rule; one with several is
/// present if any of them says so, absent if none does and any says that, else missing.
struct EncodingRule {
    std::string symptom;
    std::string source;
    bool optional = false;    ///< a table without the source is read: the rule then says that it is missing
    std::string also_source;  ///< second source; empty: none
    RuleKind kind = RuleKind::yes_no;
    double cutoff = 0;
    double second_cutoff = 0;  ///< of between
    std::vector<std::string> present;
    std::vector<std::string> absent;
    std::vector<std::string> missing;  ///< an empty cell is missing, too, if it is in no other list
    std::string question;

    /// Is the answer a number?
    [[nodiscard]] bool is_of_number() const noexcept {
        return kind == RuleKind::above || kind == RuleKind::at_least || kind == RuleKind::below ||
               kind == RuleKind::between;
    }
};

/// Stands in a list of answers for all that are in no other list.
constexpr std::string_view any_other_answer = "*";

/// What an answer means for a symptom; nothing if the rule does not know the answer. Blanks around it do not
/// count. A number that is listed as missing (9999 g) is missing. No empty cell is unknown.
/// @param also  the answer of the second source; not looked at when the rule has none
[[nodiscard]] std::optional<va::Answer> encode(EncodingRule const& rule, std::string_view answer,
                                               std::string_view also);

/// Reads a rule table: columns symptom, source, also_source, rule, cutoff, present, absent, missing,
/// question. Lists of answers are separated by |; in them "<empty>" is the empty cell and * any other answer.
/// A source that ends in ? may lack in the data. The cut-offs of between are "LOW|HIGH".
/// @throws DataError with the place for unknown rules, cut-offs that are missing or too many, answers in two
/// lists, rules that can never say "present", a source that is given twice for one symptom
[[nodiscard]] std::vector<EncodingRule> parse_rules(csv::CsvReader reader);

/// The rules as a table that parse_rules() reads.
[[nodiscard]] std::string rules_text(std::vector<EncodingRule> const& rules);

/// The 168 symptoms of the PHMRC adult questionnaire (data/va/phmrc_adult_symptoms.csv, compiled in).
[[nodiscard]] std::vector<EncodingRule> const& phmrc_adult_rules();

/// What the PHMRC adult release holds of health care: where it was sought, records, death certificates
/// (data/va/phmrc_adult_health_care.csv, compiled in). Nothing of it is in phmrc_adult_rules().
[[nodiscard]] std::vector<EncodingRule> const& phmrc_adult_health_care_rules();

/// How a column of word counts becomes a symptom of the same name: present where the narrative has the word
/// once or more often, absent where it has it not, missing where the cell is empty.
[[nodiscard]] EncodingRule word_rule(std::string const& column);

/// The 107 symptoms of the PHMRC questionnaire for children of 28 days to 11 years
/// (data/va/phmrc_child_symptoms.csv, compiled in).
[[nodiscard]] std::vector<EncodingRule> const& phmrc_child_rules();

/// The 111 symptoms of the PHMRC questionnaire for neonates, that is deaths in the first 28 days
/// (data/va/phmrc_neonate_symptoms.csv, compiled in).
[[nodiscard]] std::vector<EncodingRule> const& phmrc_neonate_rules();

/// The answers that a rule knows, for a message.
[[nodiscard]] std::string known_answers(EncodingRule const& rule);

/// The symptoms of the rules, each once, in the order in which they first occur.
[[nodiscard]] std::vector<std::string> symptom_names(std::vector<EncodingRule> const& rules);

}  // namespace vaster::va
