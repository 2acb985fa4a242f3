#include "domains/va/data/survey.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "domains/va/data/column_guess.hpp"
#include "domains/va/data/column_profile.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "domains/va/data/symptom_survey.hpp"
#include "domains/va/data/table_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

using Texts = std::vector<std::string>;

bool has(Texts const& texts, std::string const& text) {
    return std::ranges::find(texts, text) != texts.end();
}

/// Columns of the PHMRC releases that say what a death was of, or how sure that is; never symptoms.
bool is_phmrc_label(std::string const& name) {
    static Texts const others{"gs_comorbid1", "gs_comorbid2", "gs_level", "cod5", "module"};
    if (has(others, name)) return true;
    for (std::string_view const stem : {"gs_code", "gs_text", "va"})
        for (std::string_view const size : {"34", "46", "55"})
            if (name == fmt::format("{}{}", stem, size)) return true;
    return false;
}

/// The format that a table is read in, unless the user has said another that may be right.
CohortFormat format_for(CohortSource const& told, TableKind kind) {
    bool const is_said = told.format != CohortFormat{};
    bool const cannot_be = told.format == CohortFormat::encoded && kind != TableKind::other;
    return is_said && !cannot_be ? told.format : format_of(kind);
}

csv::CsvOptions options_for(CohortSource const& told, CohortFormat format) {
    CohortSource source = told;
    source.format = format;
    csv::CsvOptions options = csv_options_of(source);
    if (format == CohortFormat::encoded) options = {};
    return options;
}

/// Finds out about one file.
class Surveyor {
  public:
    explicit Surveyor(CohortSource const& told) : told_(told) {
        survey_.kind = kind_of_table(told.path).kind;
        survey_.source = told;
        survey_.source.format = format_for(told, survey_.kind);
        scan();
    }

    Survey finish() && {
        bool const is_encoded = survey_.source.format == CohortFormat::encoded;
        choose_label();
        choose_site();
        if (is_encoded) choose_id();
        choose_weight();
        if (is_encoded)
            sort_the_rest();
        else
            pass_over_the_rest();
        doubt_causes();
        describe_columns();
        gather_advice();
        return std::move(survey_);
    }

  private:
    void scan() {
        TableFile table = open_table(told_.path, options_for(told_, survey_.source.format));
        for (auto const& name : table.reader.header()) columns_.emplace_back(tidied(name));
        uses_.resize(columns_.size());
        std::uint64_t n_rows = 0;
        try {
            for (; table.reader.next(); ++n_rows)
                for (std::size_t j = 0; j < columns_.size(); ++j)
                    columns_[j].look_at(table.reader.cells()[j]);
        } catch (DataError const& error) {
            survey_.obstacles.emplace_back(error.what());
        }
        for (auto& column : columns_) column.finish();
        survey_.layout =
            fmt::format("{}{} rows and {} columns, parted by {}",
                        survey_.obstacles.empty() ? "" : "the first ", grouped(n_rows), columns_.size(),
                        table.delimiter == ','   ? "commas"
                        : table.delimiter == ';' ? "semicolons"
                                                 : "tabs");
    }

    [[nodiscard]] std::optional<std::size_t> find(std::string const& name) const {
        auto const found = std::ranges::find(columns_, tidied(name), &ColumnProfile::name);
        if (found == columns_.end()) return std::nullopt;
        return static_cast<std::size_t>(found - columns_.begin());
    }

    [[nodiscard]] Texts names() const {
        Texts names;
        for (auto const& column : columns_) names.push_back(column.name());
        return names;
    }

    void doubt_told(std::string_view key, std::string const& name) {
        survey_.doubts.push_back(fmt::format("{} = \"{}\" names no column of the file{}{}", key, name,
                                             did_you_mean(name, names()).empty() ? "" : "; ",
                                             did_you_mean(name, names())));
    }

    /// The column that is most like what is looked for; nothing where none is. Others that are as good are
    /// doubts.
    std::optional<std::size_t> most_like(int Likeness::*what, std::string_view key) {
        std::vector<std::pair<int, std::size_t>> found;
        // Answers to questions are texts of all sorts: among them a name alone tells.
        int const least = survey_.source.format == CohortFormat::encoded ? 1 : by_name;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            int const likeness = taken_.contains(j) ? 0 : likeness_of(columns_[j]).*what;
            if (likeness >= least) found.emplace_back(-likeness, j);
        }
        std::ranges::sort(found);
        if (found.empty()) return std::nullopt;
        Texts others;
        bool const is_guess = -found.front().first < by_name;
        for (std::size_t k = 1; k < found.size(); ++k) {
            std::string const& other = columns_[found[k].second].name();
            if ((is_guess || -found[k].first >= by_name) && !is_phmrc_label(other)) others.push_back(other);
        }
        std::string const& name = columns_[found.front().second].name();
        if (is_guess)
            survey_.doubts.push_back(fmt::format(
                "{} = \"{}\" is guessed from the values of the column, not from its name", key, name));
        if (!others.empty())
            survey_.doubts.push_back(
                fmt::format("{} = \"{}\": the column may also be {}", key, name, fmt::join(others, ", ")));
        return found.front().second;
    }

    void take(std::size_t column, ColumnUse use, std::string const& remark) {
        taken_.insert(column);
        uses_[column] = {use, remark};
    }

    void choose_label() {
        auto column = find(told_.label);
        bool const is_default = told_.label == CohortSource().label;
        bool const numbers_only =
            is_default && survey_.kind != TableKind::phmrc_adult && find("gs_text34").has_value();
        if (!column && !is_default) doubt_told("data.label", told_.label);
        if (!column || numbers_only) column = most_like(&Likeness::cause, "data.label");
        if (!column) {
            survey_.has_causes = false;
            survey_.obstacles.emplace_back(
                "no column looks like the causes of death, which a comparison needs: data.label (--label) "
                "names it; a model that has been trained assigns causes to deaths without");
            return;
        }
        survey_.source.label = columns_[*column].name();
        reasons_["data.label"] = fmt::format("the causes: {} different", columns_[*column].n_texts());
        take(*column, ColumnUse::cause, "");
        if (differ_in_case(columns_[*column])) {
            survey_.source.cause_case = CaseRule::fold;
            reasons_["data.cause_case"] = *differ_in_case(columns_[*column]);
        }
    }

    void choose_site() {
        if (told_.site.empty()) return;
        auto column = find(told_.site);
        if (!column && told_.site != CohortSource().site) doubt_told("data.site", told_.site);
        if (!column) column = most_like(&Likeness::site, "data.site");
        survey_.source.site = column ? columns_[*column].name() : "";
        if (!column) {
            reasons_["data.site"] = "no column looks like sites: all deaths are taken as of one";
            return;
        }
        reasons_["data.site"] = fmt::format("the sites: {} different", columns_[*column].n_texts());
        take(*column, ColumnUse::site, "");
        if (differ_in_case(columns_[*column])) {
            survey_.source.site_case = CaseRule::fold;
            reasons_["data.site_case"] = *differ_in_case(columns_[*column]);
        }
    }

    void choose_id() {
        auto column = find(told_.id);
        if (!column && !told_.id.empty()) doubt_told("data.id", told_.id);
        if (!column) column = most_like(&Likeness::id, "data.id");
        survey_.source.id = "";
        if (!column) return;
        ColumnProfile const& profile = columns_[*column];
        if (profile.n_filled() < profile.n_rows()) {
            take(*column, ColumnUse::left_out,
                 fmt::format("{} rows have no ID", grouped(profile.n_rows() - profile.n_filled())));
            return;
        }
        survey_.source.id = profile.name();
        reasons_["data.id"] = "the IDs, which predictions then have, too";
        take(*column, ColumnUse::id, "");
        if (profile.n_repeated() == 0 || told_.duplicates != DuplicateRule::refuse) return;
        survey_.source.duplicates = DuplicateRule::together;
        reasons_["data.duplicates"] =
            fmt::format("{} there more than once; \"first\" takes the first row of each instead",
                        profile.n_repeated() == 1 ? "one ID is" : grouped(profile.n_repeated()) + " IDs are");
    }

    void choose_weight() {
        auto column = find(told_.weight);
        if (!column && !told_.weight.empty()) doubt_told("data.weight", told_.weight);
        if (!column) column = most_like(&Likeness::weight, "data.weight");
        survey_.source.weight = "";
        if (column) {
            ColumnProfile const& profile = columns_[*column];
            survey_.source.weight = profile.name();
            reasons_["data.weight"] = fmt::format(
                "the weights of a survey, going by the name: {}; cause fractions and metrics are then "
                "weighted",
                profile.described());
            take(*column, ColumnUse::weight, "");
            return;
        }
        for (std::size_t j = 0; j < columns_.size(); ++j)
            if (!taken_.contains(j) && may_be_weights(columns_[j]))
                survey_.doubts.push_back(
                    fmt::format("column '{0}' may have the weights of a survey ({1}): data.weight = \"{0}\" "
                                "makes them count; as weights of bodies they tell nothing here",
                                columns_[j].name(), columns_[j].described()));
    }

    /// Names that differ in small and capital letters only, as a reason.
    static std::optional<std::string> differ_in_case(ColumnProfile const& column) {
        std::map<std::string, CountedText> seen;
        for (auto const& text : column.by_count()) {
            CountedText const tidy{tidied(text.text), text.count};
            auto const& first = seen.emplace(folded(tidy.text), tidy).first->second;
            if (first.text != tidy.text)
                return fmt::format("'{}' ({}) and '{}' ({}) differ in small and capital letters only",
                                   first.text, grouped(first.count), tidy.text, grouped(tidy.count));
        }
        return std::nullopt;
    }

    /// Everything that is neither cause nor site nor ID is a symptom, if its answers can be read.
    void sort_the_rest() {
        std::vector<ColumnProfile const*> rest;
        std::vector<std::size_t> places;
        Texts left_out{survey_.source.label};
        Texts not_used;
        for (std::size_t j = 0; j < columns_.size(); ++j) {
            if (taken_.contains(j) && uses_[j].first == ColumnUse::left_out)
                left_out.push_back(columns_[j].name());
            if (taken_.contains(j) || columns_[j].name() == told_.population) continue;
            if (columns_[j].name().empty()) {
                take(j, ColumnUse::left_out, "it has no name");
            } else if (has(told_.label_columns, columns_[j].name()) || is_phmrc_label(columns_[j].name())) {
                take(j, ColumnUse::left_out, "another label");
                left_out.push_back(columns_[j].name());
            } else {
                rest.push_back(&columns_[j]);
                places.push_back(j);
            }
        }
        SymptomSurvey const symptoms = survey_symptoms(rest, told_.spellings);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            std::string const& why_not = symptoms.why_not[k];
            take(places[k], why_not.empty() ? ColumnUse::symptom : ColumnUse::left_out, why_not);
            if (why_not.empty()) continue;
            left_out.push_back(rest[k]->name());
            not_used.push_back(rest[k]->name());
        }
        if (!not_used.empty())
            survey_.doubts.push_back(
                fmt::format("not used: {}; what could tell a cause, such as ages and sexes, can be made "
                            "columns of yes and no "
                            "(docs/va/own-data.md shows how)",
                            fmt::join(not_used, ", ")));
        survey_.source.spellings = symptoms.spellings;
        for (auto const& [key, reason] : symptoms.reasons) reasons_[key] = reason;
        for (auto const& doubt : symptoms.doubts) survey_.doubts.push_back(doubt);
        bool const by_default = std::ranges::all_of(
            left_out, [](std::string const& name) { return name == "va34" || name == "cod5"; });
        if (left_out.size() > 1 && !by_default) {
            survey_.source.label_columns = left_out;
            reasons_["data.label_columns"] = "no symptoms; see what is left out";
        }
        if (std::ranges::none_of(uses_, [](auto const& use) { return use.first == ColumnUse::symptom; }))
            survey_.obstacles.emplace_back(
                "no column has answers (yes and no, 1 and 0, ...) that could be symptoms");
    }

    void pass_over_the_rest() {
        bool const is_who = survey_.kind == TableKind::who;
        for (std::size_t j = 0; j < columns_.size(); ++j)
            if (!taken_.contains(j) && is_phmrc_label(columns_[j].name()))
                take(j, ColumnUse::left_out, "another label");
            else if (!taken_.contains(j) && columns_[j].name() == told_.id)
                take(j, ColumnUse::id, "");
            else if (!taken_.contains(j) && is_named_like_ids(columns_[j].name()))
                take(j, ColumnUse::id, fmt::format("kept with data.id = \"{}\"", columns_[j].name()));
            else if (!taken_.contains(j))
                take(j, ColumnUse::question, "");
        if (!is_who || !told_.rules.empty()) return;
        survey_.source.rules = "rules.csv";
        reasons_["data.rules"] = "rules of your own that say which answers mean what; to be written";
        survey_.obstacles.emplace_back(
            "these are answers as they were given: convert the file first (pyCrossVA), or write rules; "
            "docs/va/who.md shows both ways");
    }

    void doubt_causes() {
        auto const column = find(survey_.source.label);
        if (!column) return;
        for (auto const& text : columns_[*column].by_count())
            if (may_mean_unknown(tidied(text.text)) && !has(told_.no_cause, text.text))
                survey_.doubts.push_back(fmt::format(
                    "'{}' ({} rows) is a cause like any other; data.no_cause = [\"{}\"] leaves such "
                    "deaths out",
                    text.text, grouped(text.count), text.text));
    }

    void describe_columns() {
        for (std::size_t j = 0; j < columns_.size(); ++j)
            survey_.columns.push_back({columns_[j].name(), uses_[j].first, columns_[j].described(),
                                       columns_[j].n_rows(), columns_[j].n_filled(), uses_[j].second});
    }

    void gather_advice() {
        CohortSource const& source = survey_.source;
        CohortSource const standard;
        auto const name = [](Texts const& names, auto value) {
            return names[static_cast<std::size_t>(value)];
        };
        add("data.format", name(cohort_format_names(), source.format), source.format != standard.format);
        add("data.rules", source.rules.string(), !source.rules.empty());
        add("data.quotes", std::string("release"), source.quotes != standard.quotes);
        add("data.label", source.label, source.label != standard.label);
        add("data.site", source.site, source.site != standard.site);
        add("data.id", source.id, !source.id.empty());
        add("data.duplicates", name(duplicate_rule_names(), source.duplicates),
            source.duplicates != standard.duplicates);
        add("data.weight", source.weight, !source.weight.empty());
        add("data.label_columns", source.label_columns, source.label_columns != standard.label_columns);
        add("data.population", source.population, !source.population.empty());
        add("data.present", source.spellings.present, !source.spellings.present.empty());
        add("data.absent", source.spellings.absent, !source.spellings.absent.empty());
        add("data.missing", source.spellings.missing, !source.spellings.missing.empty());
        add("data.no_cause", source.no_cause, !source.no_cause.empty());
        add("data.cause_case", name(case_rule_names(), source.cause_case),
            source.cause_case != standard.cause_case);
        add("data.site_case", name(case_rule_names(), source.site_case),
            source.site_case != standard.site_case);
        add("data.rows", std::string("reference"), source.rows != standard.rows);
        add("data.cause_names", source.cause_names.string(), !source.cause_names.empty());
        reasons_["design.types"] = "experiments out of a site need sites";
        add("design.types", Texts{"in_domain", "training_size"}, source.site.empty());
    }

    void add(std::string const& key, Value value, bool is_needed) {
        if (!is_needed) return;
        auto const reason = reasons_.find(key);
        std::string text = reason == reasons_.end() ? "as you say" : reason->second;
        if (key == "data.format")
            text = survey_.kind == TableKind::other ? "one row for each death, one column for each symptom"
                                                    : std::string(va::name_of(survey_.kind));
        survey_.advice.push_back({key, std::move(value), std::move(text)});
    }

    CohortSource const& told_;
    Survey survey_;
    std::vector<ColumnProfile> columns_;
    std::vector<std::pair<ColumnUse, std::string>> uses_;  // with the remark
    std::set<std::size_t> taken_;
    std::map<std::string, std::string> reasons_;  // by key
};

}  // namespace

std::string_view name_of(ColumnUse use) {
    constexpr std::array<std::string_view, 7> names = {"site",    "cause",    "ID",      "weight",
                                                       "symptom", "question", "left out"};
    return names.at(static_cast<std::size_t>(use));
}

Survey survey(CohortSource const& told) {
    return Surveyor(told).finish();
}

namespace {

/// The value as --set takes it, a plain word where it can be one.
std::string setting_of(Value const& value) {
    auto const* const text = std::get_if<std::string>(&value);
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    constexpr std::string_view more = "0123456789-";
    bool const is_word =
        text != nullptr && !text->empty() && letters.find(text->front()) != std::string_view::npos &&
        std::ranges::all_of(*text, [&](char c) {
            return letters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
        });
    bool const is_taken =
        is_word && (*text == "true" || *text == "false" || *text == "inf" || *text == "nan");
    return is_word && !is_taken ? *text : to_toml(value);
}

}  // namespace

std::vector<std::string> flags_of(std::vector<Advice> const& advice) {
    std::vector<std::string> flags;
    for (auto const& [key, value, reason] : advice) {
        auto const* const text = std::get_if<std::string>(&value);
        if (key == "data.format" || key == "data.label") {
            flags.push_back(fmt::format("--{} {}", key.substr(key.find('.') + 1), shell_word(*text)));
            continue;
        }
        flags.push_back("--set " + shell_word(fmt::format("{}={}", key, setting_of(value))));
    }
    return flags;
}

std::string with_way_out(std::string const& refusal, CohortSource const& told) {
    std::string const path = shell_word(told.path.string());
    std::string pointer = fmt::format("{}\n`{} data {}` shows what is in the file, and what would read it",
                                      refusal, program_name(), path);
    try {
        Survey const found = survey(told);
        if (!found.obstacles.empty()) return pointer;
        CohortSource const& source = found.source;
        (void)read_cohort(source);
        return fmt::format("{}; it would be read with\n  --data {} {}", pointer, path,
                           fmt::join(flags_of(found.advice), " "));
    } catch (Error const&) {
        return pointer;
    }
}

std::string study_file_of(Survey const& survey) {
    std::map<std::string, std::string> tables;
    tables["data"] = fmt::format("path = {}\n", to_toml(Value(survey.source.path.string())));
    for (auto const& [key, value, reason] : survey.advice) {
        std::size_t const point = key.find('.');
        tables[key.substr(0, point)] += fmt::format("{} = {}\n", key.substr(point + 1), to_toml(value));
    }
    std::string text;
    for (auto const& [name, lines] : tables) text += fmt::format("[{}]\n{}", name, lines);
    return text;
}

}  // namespace vaster::va
