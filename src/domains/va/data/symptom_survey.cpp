#include "domains/va/data/symptom_survey.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "domains/va/data/answer_coding.hpp"
#include "domains/va/data/column_guess.hpp"
#include "domains/va/data/spellings.hpp"

namespace vaster::va {

namespace {

using Texts = std::vector<std::string>;

/// As spellings are compared: numbers in one spelling.
std::string comparable(std::string const& text) {
    return plain_number(text).value_or(text);
}

/// The coding that an answer is of: "y/n", "1/0", "yes/no", "TRUE/FALSE"; empty: of any.
std::string_view coding_of(std::string const& text) {
    std::string const word = folded(comparable(text));
    if (word == "y" || word == "n") return "y/n";
    if (word == "1" || word == "0") return "1/0";
    if (word == "yes" || word == "no") return "yes/no";
    if (word == "true" || word == "false" || word == "t" || word == "f") return "TRUE/FALSE";
    return "";
}

/// What is written in the columns that have a text.
struct Use {
    std::uint64_t n_cells = 0;
    Texts columns;

    [[nodiscard]] std::string described() const {
        return fmt::format("in {} cell{} of {} column{} ({}{})", grouped(n_cells), n_cells == 1 ? "" : "s",
                           columns.size(), columns.size() == 1 ? "" : "s", columns.front(),
                           columns.size() == 1 ? "" : ", ...");
    }
};

class SymptomSurveyor {
  public:
    SymptomSurveyor(std::vector<ColumnProfile const*> const& columns, AnswerSpellings const& told)
        : columns_(columns), decoder_(told) {
        found_.spellings = told;
        found_.why_not.resize(columns.size());
    }

    SymptomSurvey finish() && {
        for (std::size_t j = 0; j < columns_.size(); ++j) found_.why_not[j] = reason_against(*columns_[j]);
        judge_unknown();
        join_codings();
        settle_silence();
        return std::move(found_);
    }

  private:
    [[nodiscard]] bool is_known(std::string const& text) const {
        return decoder_.meaning_of(text).has_value();
    }

    [[nodiscard]] std::string reason_against(ColumnProfile const& column) const {
        if (column.n_filled() == 0) return "";
        if (column.texts().empty())
            return column.is_mostly_numbers() ? "numbers; cut them into groups of yes and no to use them"
                                              : "texts, no answers";
        std::uint64_t n_known = 0;
        std::uint64_t n_low = 0;
        for (auto const& text : column.by_count()) {
            std::string const number = comparable(text.text);
            bool const is_low = number == "2" || number == "3";
            if (is_known(text.text))
                n_known += text.count;
            else if (is_low)
                n_low += text.count;
            else if (!may_mean_not_known(text.text))
                return column.is_mostly_numbers() ? "numbers; cut them into groups of yes and no to use them"
                                                  : "no answers; make columns of yes and no of it to use it";
        }
        bool const has_answers = n_known > 0 && 4 * n_known >= column.n_filled();
        return has_answers || (n_known > 0 && n_low > 0) ? "" : "no yes and no in it";
    }

    /// The texts of symptoms that no coding knows, by their comparable spelling.
    [[nodiscard]] std::map<std::string, Use> unknown() const {
        std::map<std::string, Use> uses;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            if (!found_.why_not[j].empty()) continue;
            for (auto const& text : columns_[j]->by_count()) {
                if (is_known(text.text)) continue;
                Use& use = uses[comparable(text.text)];
                use.n_cells += text.count;
                if (use.columns.empty() || use.columns.back() != columns_[j]->name())
                    use.columns.push_back(columns_[j]->name());
            }
        }
        return uses;
    }

    void judge_unknown() {
        if (!says(Answer::absent)) take_two_for_absent();
        constexpr std::size_t n_chance = 3;
        for (std::string const low : {"2", "3"}) {
            auto const uses = unknown();
            auto const use = uses.find(low);
            if (use == uses.end() || use->second.columns.size() >= n_chance || is_told(low)) continue;
            leave_out(low, fmt::format("'{}' {} is neither yes nor no", low, use->second.described()));
        }
        Texts taken;
        for (auto const& [text, use] : unknown()) {
            if (is_told(text)) continue;
            found_.spellings.missing.push_back(text);
            add_reason("data.missing", fmt::format("'{}' {}", text, use.described()));
            taken.push_back(fmt::format("'{}'", text));
        }
        if (!taken.empty())
            found_.doubts.push_back(
                fmt::format("{} {} taken for \"not known\": does the questionnaire say so?",
                            fmt::join(taken, ", "), taken.size() == 1 ? "is" : "are"));
    }

    [[nodiscard]] bool is_told(std::string const& text) const {
        auto const& told = found_.spellings;
        return std::ranges::any_of(
            std::vector{&told.present, &told.absent, &told.missing},
            [&](auto const* list) { return std::ranges::find(*list, text) != list->end(); });
    }

    /// Statistical packages code yes and no as 1 and 2.
    void take_two_for_absent() {
        auto const uses = unknown();
        auto const two = uses.find("2");
        auto const n_symptoms = static_cast<std::size_t>(std::ranges::count(found_.why_not, ""));
        if (two == uses.end() || 2 * two->second.columns.size() < n_symptoms || is_told("2")) return;
        found_.spellings.absent.emplace_back("2");
        add_reason("data.absent", fmt::format("'2' {}, and no 0 anywhere", two->second.described()));
        found_.doubts.emplace_back(
            "'2' is taken for no, since '1' is used and '0' is not: does the questionnaire say so?");
    }

    void leave_out(std::string const& text, std::string const& reason) {
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            auto const texts = columns_[j]->by_count();
            if (found_.why_not[j].empty() && std::ranges::any_of(texts, [&](CountedText const& known) {
                    return comparable(known.text) == text;
                }))
                found_.why_not[j] = reason;
        }
    }

    /// Does some cell of a symptom, which is not the empty one, say this?
    [[nodiscard]] bool says(Answer answer) const {
        for (std::size_t j = 0; j < columns_.size(); ++j)
            if (found_.why_not[j].empty())
                for (auto const& text : columns_[j]->texts())
                    if (!text.text.empty() && decoder_.meaning_of(text.text) == answer) return true;
        return false;
    }

    /// Texts of symptoms that say present, absent; each as the table has it.
    [[nodiscard]] Texts spellings_of(Answer answer) const {
        Texts spellings;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            if (!found_.why_not[j].empty()) continue;
            for (auto const& text : columns_[j]->by_count())
                if (decoder_.meaning_of(text.text) == answer &&
                    std::ranges::find(spellings, text.text) == spellings.end())
                    spellings.push_back(text.text);
        }
        return spellings;
    }

    void join_codings() {
        std::map<std::string_view, Use> codings;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            if (!found_.why_not[j].empty()) continue;
            std::set<std::string_view> of_column;
            for (auto const& text : columns_[j]->by_count())
                if (auto const coding = coding_of(text.text); !coding.empty() && !is_told(text.text)) {
                    codings[coding].n_cells += text.count;
                    of_column.insert(coding);
                }
            for (auto const& coding : of_column) codings[coding].columns.push_back(columns_[j]->name());
        }
        if (codings.size() < 2) return;
        Texts parts;
        for (auto const& [coding, use] : codings)
            parts.push_back(fmt::format("{} {}", coding, use.described()));
        join("data.present", found_.spellings.present, Answer::present, parts);
        join("data.absent", found_.spellings.absent, Answer::absent, parts);
    }

    void join(std::string const& key, Texts& list, Answer answer, Texts const& parts) {
        std::set<std::string> known;
        for (auto const& text : list) known.insert(comparable(text));
        for (auto const& text : spellings_of(answer))
            if (known.insert(comparable(text)).second) list.push_back(text);
        if (!list.empty())
            add_reason(key, fmt::format("several codings in one table: {}", fmt::join(parts, "; ")));
    }

    /// Where nothing says absent, an empty cell may; in a table of Y and empty it always does.
    void settle_silence() {
        bool const is_said = says(Answer::absent) || !found_.spellings.absent.empty();
        if (is_said || !says(Answer::present)) return;
        bool only_letters = true;
        std::map<std::string, std::uint64_t> unsaid;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            if (!found_.why_not[j].empty()) continue;
            for (auto const& [text, count] : columns_[j]->texts()) {
                auto const meaning = decoder_.meaning_of(text);
                if (meaning == Answer::present && coding_of(text) != "y/n") only_letters = false;
                if ((text.empty() || meaning == Answer::missing) && !is_told(text)) unsaid[text] += count;
            }
        }
        if (only_letters || unsaid.empty()) return;
        Texts parts;
        for (auto const& [text, count] : unsaid) {
            found_.spellings.absent.push_back(text);
            parts.push_back(fmt::format("{} ({})", text.empty() ? "empty" : text, grouped(count)));
        }
        add_reason("data.absent", fmt::format("no cell says no, so {} may", fmt::join(parts, ", ")));
        found_.doubts.push_back(fmt::format(
            "{} is taken for no, as where only what was ticked is written down; if it means not asked, say "
            "data.missing in place of data.absent: results differ",
            fmt::join(parts, ", ")));
    }

    void add_reason(std::string const& key, std::string const& reason) {
        std::string& known = found_.reasons[key];
        known += fmt::format("{}{}", known.empty() ? "" : "; ", reason);
    }

    std::vector<ColumnProfile const*> const& columns_;
    AnswerDecoder decoder_;
    SymptomSurvey found_;
};

}  // namespace

SymptomSurvey survey_symptoms(std::vector<ColumnProfile const*> const& columns, AnswerSpellings const& told) {
    return SymptomSurveyor(columns, told).finish();
}

}  // namespace vaster::va
