#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/va/answers.hpp"

/// InterVA5's rule with a table that is given, such as Probbase v19: nothing is learned from deaths.
/// Byass et al. (2019), "An integrated approach to processing WHO-2016 verbal autopsy data: the InterVA-5
/// model", BMC Medicine 17:102, doi:10.1186/s12916-019-1333-6. The rule is as R package InterVA5 1.1.4 has
/// it.
namespace vaster::models::interva5 {

/// An answer to a symptom of the table.
struct NamedAnswer {
    std::uint32_t symptom = 0;  ///< row of the table
    va::Answer answer = va::Answer::present;
};

/// What the checks say of a symptom. It "counts" where its answer is `counts_when`.
struct Indicator {
    va::Answer counts_when = va::Answer::present;
    std::vector<NamedAnswer> clear_when;  ///< it counts, and one of these holds: it becomes missing
    std::vector<NamedAnswer> sets;        ///< it counts: these hold, too
    std::vector<NamedAnswer> only_if;     ///< it counts, and one of these does not hold: it becomes missing
};

/// A table of P(symptom | cause), with what is needed to use it.
struct StandardTable {
    std::string name;                   ///< of its file, for messages
    std::vector<std::string> symptoms;  ///< its rows
    std::vector<std::string> causes;    ///< its columns
    std::vector<double> probability;    ///< in [0, 1], [symptoms][causes]
    std::vector<double> prior;          ///< of the causes, in [0, 1], [causes]
    std::vector<Indicator> indicators;  ///< [symptoms]
};

/// Where a table comes from.
struct TableFiles {
    /// CSV with the column `symptom` and one for each cause, as insilicova::read_given_table() reads it. A
    /// row whose symptom is empty holds the priors.
    std::filesystem::path table;
    std::filesystem::path prior = {};  ///< CSV cause,letter (or number); empty: the table's own row
    /// CSV symptom,counts_when,clear_when,set,only_if; the last three hold symptoms with Y or N behind their
    /// names, parted by |. Columns may also be called if_counts_clear_when, if_counts_set, only_neonates.
    /// Empty: every symptom counts when present, and nothing is checked.
    std::filesystem::path checks = {};
};

/// @throws DataError with line and column for what cannot be read; priors that are there twice or not at all;
/// checks of symptoms that the table does not have, or that leave symptoms of the table out
[[nodiscard]] StandardTable read_standard_table(TableFiles const& files);

/// How common HIV and malaria are where the deaths were: high, low or very low.
enum class Prevalence { high, low, very_low };

/// "h", "l", "v".
[[nodiscard]] std::vector<std::string> const& prevalence_names();

/// Sets the priors of HIV, malaria and sickle cell: h 0.05, l 0.005, v 0.00001; sickle cell 0.05 where
/// malaria is high, else 0.00001. Causes are known by Probbase's names or by its codes (b_0103, b_0105,
/// b_0403).
/// @throws DataError when the table does not have them
void set_prevalence(StandardTable& table, Prevalence hiv, Prevalence malaria);

/// Why a death is not coded.
enum class Refused { no_age_group, no_sex, no_sign };

/// "no age group", "no sex", "no sign".
[[nodiscard]] std::string_view to_text(Refused why);

/// Of a death as it was answered. Age groups are i022a to i022g, sexes i019a and i019b; signs are the 20th to
/// the 327th symptom of the table, where it has any of these names; other tables refuse only deaths without
/// any present answer.
[[nodiscard]] std::optional<Refused> refusal_of(StandardTable const& table,
                                                std::span<va::Answer const> answers);

/// A death's answers after the checks.
struct Checked {
    std::vector<va::Answer> answers;
    std::size_t cleared = 0;  ///< answers that became missing, each time it happened
    std::size_t filled = 0;   ///< answers that were set, each time it happened
};

/// Which answers are cleared by `clear_when`.
enum class Clears {
    what_counts,  ///< those that count (InterVA5)
    any_answer,   ///< those that do not count, too (InSilicoVA)
};

/// Goes through the symptoms twice, in the table's order: clear_when, sets, only_if of each. `sets` passes
/// over an answer that is there already, or that is the other symptom's `counts_when` of the first one.
[[nodiscard]] Checked check(StandardTable const& table, std::span<va::Answer const> answers,
                            Clears clears = Clears::what_counts);

/// P(cause | answers) in proportion to the prior and to P(symptom | cause) of each symptom that counts.
/// Divided by their sum after each symptom, so that nothing underflows; all 0 where every cause is ruled out.
/// @param answers  after check(), [symptoms]
/// @returns [causes]
[[nodiscard]] std::vector<double> probabilities(StandardTable const& table,
                                                std::span<va::Answer const> answers);

/// What is made of the probabilities.
struct Assigned {
    struct Cause {
        std::uint32_t cause = 0;
        double probability = 0;
    };

    std::vector<Cause> causes;  ///< the most probable first, at most three; empty: undetermined
    double undetermined = 1;    ///< what is left for no cause
};

/// No cause where the largest probability is below 0.4; else the largest, and of the next two those that are
/// at least half of it. Of equals the first in the table counts.
[[nodiscard]] Assigned assign(std::span<double const> probabilities);

}  // namespace vaster::models::interva5
