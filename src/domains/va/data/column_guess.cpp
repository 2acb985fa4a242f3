#include "domains/va/data/column_guess.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "domains/va/data/answer_coding.hpp"
#include "domains/va/data/column_roles.hpp"
#include "domains/va/data/spellings.hpp"

namespace vaster::va {

namespace {

using Words = std::vector<std::string_view>;

constexpr int sure = 100;
constexpr int likely = 70;
constexpr std::uint64_t least_rows_of_site = 20;
constexpr std::size_t most_sites = 60;

bool has(Words const& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

/// The name behind names of groups, in small letters.
std::string plain_name(std::string_view column) {
    std::size_t const group = column.find_last_of(".:/");
    return folded(group == std::string_view::npos ? column : column.substr(group + 1));
}

/// "cause_of_death" as cause, of, death.
std::vector<std::string> words_of(std::string const& name) {
    std::vector<std::string> words(1);
    for (char const c : name) {
        if (c == '_' || c == '-' || c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    }
    return words;
}

bool has_word(std::string const& name, Words const& wanted) {
    return std::ranges::any_of(words_of(name), [&](std::string const& word) { return has(wanted, word); });
}

/// Of the person, the interview or its time.
bool is_of_a_person(std::string const& name) {
    static Words const words{"age",      "ages",        "sex",  "gender", "date",   "dob",     "dod",
                             "day",      "month",       "year", "time",   "weight", "surname", "firstname",
                             "lastname", "interviewer", "sexe", "sexo",   "edad",   "idade"};
    return name == "name" || has_word(name, words);
}

bool is_of_sexes(ColumnProfile const& column) {
    static Words const sexes{"m",     "f",   "male", "female",    "man",
                             "woman", "boy", "girl", "masculine", "feminine"};
    auto const texts = column.by_count();
    return !texts.empty() && std::ranges::all_of(texts, [](CountedText const& text) {
        return has(sexes, folded(text.text)) || may_mean_not_known(text.text);
    });
}

int cause_likeness(ColumnProfile const& column, std::string const& name) {
    static Words const names{"cause",     "causes",           "cod",  "cause_of_death",
                             "gs_text34", "underlying_cause", "ucod", "gold_standard"};
    static Words const words{"cause", "causes", "cod", "causa", "diagnosis", "ucod", "codcause"};
    if (column.n_texts() < 2 || is_of_a_person(name)) return 0;
    if (has(names, name)) return name == "gs_text34" ? sure - 1 : sure;
    if (name == "va34") return sure - 2;
    if (has_word(name, words) || name.starts_with("gs_text") || name.ends_with("cause")) return likely;
    if (name == "icd" || name == "icd10" || name == "label" || name == "outcome") return by_name;
    bool const repeats = 2 * column.n_texts() <= column.n_filled();
    if (!repeats || column.is_mostly_numbers() || is_of_sexes(column)) return 0;
    return 10 + static_cast<int>(std::min<std::size_t>(column.n_texts(), 30));
}

int site_likeness(ColumnProfile const& column, std::string const& name) {
    static Words const names{"site", "district", "region", "province", "hospital", "country", "facility"};
    static Words const words{"site",    "district",     "region",   "province",    "state",   "country",
                             "county",  "hospital",     "facility", "centre",      "center",  "location",
                             "area",    "village",      "ward",     "zone",        "place",   "municipality",
                             "cluster", "hdss",         "block",    "subdistrict", "commune", "sitio",
                             "lugar",   "health_center"};
    auto const texts = column.by_count();
    if (texts.size() < 2 || texts.size() > most_sites || is_of_a_person(name)) return 0;
    if (name == "site") return sure;
    if (has(names, name)) return sure - 1;
    if (has_word(name, words)) return likely;
    bool const are_large = texts.back().count >= least_rows_of_site;
    if (column.is_mostly_numbers() || is_of_sexes(column) || !are_large) return 0;
    return 40 - static_cast<int>(texts.size()) / 2;
}

int id_likeness(ColumnProfile const& column, std::string const& name) {
    static Words const words{"id",  "ident", "identifier", "uuid", "key",   "serial",
                             "sid", "no",    "num",        "nr",   "number"};
    if (column.n_filled() == 0) return 0;
    constexpr std::size_t most_rows_of_an_id = 10;
    bool const may_repeat = most_rows_of_an_id * column.n_texts() >= column.n_filled();
    if (is_named_like_ids(column.name()) && may_repeat) return sure;
    bool const named = has_word(name, words) || name.ends_with("id");
    return named && column.all_differ() && !is_of_a_person(name) ? likely : 0;
}

/// Numbers above 0 in every row.
bool has_weights(ColumnProfile const& column) {
    return column.is_numbers() && column.n_filled() == column.n_rows() && column.least() > 0;
}

/// "weight" alone may also be that of a body.
bool is_called_weight(std::string const& name) {
    static Words const names{"weight", "weights", "wt", "wgt", "w", "poids", "peso"};
    return has(names, name);
}

int weight_likeness(ColumnProfile const& column, std::string const& name) {
    static Words const names{"pweight",        "pweights",     "pwt",          "pw",          "sampwt",
                             "samplingweight", "sampleweight", "surveyweight", "finalweight", "finalwt",
                             "designweight",   "svyweight",    "iweight",      "aweight",     "hhweight"};
    static Words const weights{"weight", "weights", "wt", "wgt", "wts", "poids", "ponderation", "peso"};
    static Words const of_surveys{
        "sampling", "sample",    "samp",        "survey",    "svy", "final",
        "design",   "household", "hh",          "post",      "ps",  "poststratification",
        "prob",     "pop",       "probability", "person",    "psu", "strata",
        "inverse",  "norm",      "normalised",  "norm",      "adj", "normalized",
        "adjusted", "selection", "inclusion",   "calibrated"};
    if (!has_weights(column)) return 0;
    if (has(names, name)) return sure;
    if (has_word(name, weights) && has_word(name, of_surveys)) return sure - 1;
    // Weights of surveys are often scaled to mean 1, which no body has.
    constexpr double near_one = 2;
    bool const is_scaled = !column.is_whole() && column.mean() < near_one && column.mean() > 1 / near_one;
    return is_called_weight(name) && is_scaled ? likely : 0;
}

}  // namespace

bool may_be_weights(ColumnProfile const& column) {
    return is_called_weight(plain_name(column.name())) && has_weights(column) &&
           likeness_of(column).weight == 0;
}

bool is_of_answers(ColumnProfile const& column) {
    AnswerDecoder const decoder({});
    auto const texts = column.by_count();
    return !texts.empty() && std::ranges::all_of(texts, [&](CountedText const& text) {
        return decoder.meaning_of(text.text).has_value();
    });
}

bool may_mean_not_known(std::string_view text) {
    static Words const phrases{"don't know",
                               "dont know",
                               "do not know",
                               "doesn't know",
                               "does not know",
                               "unknown",
                               "not known",
                               "refused",
                               "refuse",
                               "refused to answer",
                               "no answer",
                               "not applicable",
                               "n.a.",
                               "missing",
                               "not sure",
                               "unsure",
                               "dnk",
                               "d/k",
                               "?",
                               "??",
                               "inapplicable",
                               "no response",
                               "ne sait pas",
                               "no sabe",
                               "skip",
                               "skipped",
                               "don\u2019t know"};
    static Words const numbers{"7",   "8",   "9",   "66",  "77",   "88", "97", "98", "99",
                               "777", "888", "998", "999", "9999", "-1", "-8", "-9", "-99"};
    auto const number = plain_number(text);
    return number ? has(numbers, *number) : has(phrases, folded(tidied(text)));
}

Likeness likeness_of(ColumnProfile const& column) {
    if (column.name().empty() || is_of_answers(column)) return {};
    std::string const name = plain_name(column.name());
    Likeness found{cause_likeness(column, name), site_likeness(column, name), id_likeness(column, name),
                   weight_likeness(column, name)};
    int const named = std::max({found.cause, found.site, found.id, found.weight});
    if (named < by_name) return found;
    for (int* likeness : {&found.cause, &found.site, &found.id,
                          &found.weight})  // what has a name for one is not guessed to be another
        if (*likeness < by_name) *likeness = 0;
    return found;
}

}  // namespace vaster::va
