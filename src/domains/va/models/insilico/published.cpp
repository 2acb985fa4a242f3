#include "domains/va/models/insilico/published.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::insilicova {
namespace {

using interva5::StandardTable;
using va::Answer;

/// A cause as InterVA5 calls it, and its code.
struct CauseName {
    std::string_view name, code;
};

constexpr std::array<CauseName, 11> external_causes{{
    {"Road traffic accident", "b_1201"},
    {"Other transport accident", "b_1202"},
    {"Accid fall", "b_1203"},
    {"Accid drowning and submersion", "b_1204"},
    {"Accid expos to smoke fire & flame", "b_1205"},
    {"Contact with venomous plant/animal", "b_1206"},
    {"Accid poisoning & noxious subs", "b_1207"},
    {"Intentional self-harm", "b_1208"},
    {"Assault", "b_1209"},
    {"Exposure to force of nature", "b_1210"},
    {"Other and unspecified external CoD", "b_1299"},
}};

constexpr std::array<CauseName, 9> maternal_causes{{
    {"Ectopic pregnancy", "b_0901"},
    {"Abortion-related death", "b_0902"},
    {"Pregnancy-induced hypertension", "b_0903"},
    {"Obstetric haemorrhage", "b_0904"},
    {"Obstructed labour", "b_0905"},
    {"Pregnancy-related sepsis", "b_0906"},
    {"Anaemia of pregnancy", "b_0907"},
    {"Ruptured uterus", "b_0908"},
    {"Other and unspecified maternal CoD", "b_0999"},
}};

constexpr CauseName prematurity{"Prematurity", "b_1001"};
constexpr CauseName birth_asphyxia{"Birth asphyxia", "b_1002"};

/// Injuries and accidents: the 20th to the 38th indicator of Probbase.
constexpr std::array<std::string_view, 19> external_signs{
    "i077o", "i079o", "i082o", "i083o", "i084o", "i085o", "i086o", "i087o", "i089o", "i090o",
    "i091o", "i092o", "i093o", "i094o", "i095o", "i096o", "i098o", "i099o", "i100o"};

/// Sexes, ages, and "no sign of life".
constexpr std::array<std::string_view, 17> demographic_symptoms{
    "i019a", "i019b", "i022a", "i022b", "i022c", "i022d", "i022e", "i022f", "i022g",
    "i022h", "i022i", "i022j", "i022k", "i022l", "i022m", "i022n", "i114o"};

constexpr std::string_view never_pregnant = "i310o";
constexpr std::string_view born_early = "i367a";

template <class Names>
bool is_among(Names const& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::uint32_t> symptom_called(StandardTable const& table, std::string_view name) {
    auto const found = std::find(table.symptoms.begin(), table.symptoms.end(), name);
    if (found == table.symptoms.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - table.symptoms.begin());
}

bool is_called(std::string const& cause, CauseName const& name) {
    return cause == name.name || va::folded(cause) == name.code;
}

std::optional<std::uint32_t> cause_called(StandardTable const& table, CauseName const& name) {
    auto const found = std::find_if(table.causes.begin(), table.causes.end(),
                                    [&](std::string const& cause) { return is_called(cause, name); });
    if (found == table.causes.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - table.causes.begin());
}

Answer opposite(Answer answer) {
    return answer == Answer::present ? Answer::absent : Answer::present;
}

// ---- impossible causes

/// Rulings of a symptom's cells.
void rule_by_cells(StandardTable const& table, std::uint32_t symptom, bool by_ones,
                   std::vector<Ruling>& rulings) {
    Answer const counts = table.indicators[symptom].counts_when;
    for (std::uint32_t c = 0; c < table.causes.size(); ++c) {
        double const p = table.probability[symptom * table.causes.size() + c];
        if (p == 0) rulings.push_back({{symptom, counts}, c});
        if (p == 1 && by_ones) rulings.push_back({{symptom, opposite(counts)}, c});
    }
}

void rule_by_name(StandardTable const& table, std::string_view symptom, Answer answer, CauseName const& cause,
                  std::vector<Ruling>& rulings) {
    auto const s = symptom_called(table, symptom);
    auto const c = cause_called(table, cause);
    if (s && c) rulings.push_back({{*s, answer}, *c});
}

// ---- deaths from external causes

/// Columns of the table that are external, or the others.
std::vector<std::uint32_t> causes_that(StandardTable const& table, bool are_external) {
    std::vector<std::uint32_t> causes;
    for (std::uint32_t c = 0; c < table.causes.size(); ++c) {
        bool const is_external =
            std::any_of(external_causes.begin(), external_causes.end(),
                        [&](CauseName const& name) { return is_called(table.causes[c], name); });
        if (is_external == are_external) causes.push_back(c);
    }
    return causes;
}

std::vector<std::uint32_t> symptoms_that(StandardTable const& table, bool are_external) {
    std::vector<std::uint32_t> symptoms;
    for (std::uint32_t s = 0; s < table.symptoms.size(); ++s)
        if (is_among(external_signs, table.symptoms[s]) == are_external) symptoms.push_back(s);
    return symptoms;
}

/// P(cause) of a death with external signs: prior times P(sign | cause) of those that are present, over the
/// external causes alone. Where these are all ruled out, the priors alone.
void put_external(StandardTable const& table, va::AnswerRow const& answers,
                  std::vector<std::uint32_t> const& signs, std::vector<std::uint32_t> const& causes,
                  std::span<double> to) {
    std::vector<double> shares;
    for (std::uint32_t const c : causes) {
        double share = table.prior[c];
        for (std::uint32_t const s : signs)
            if (answers[s] == Answer::present) share *= table.probability[s * table.causes.size() + c];
        shares.push_back(share);
    }
    if (std::accumulate(shares.begin(), shares.end(), 0.0) == 0)
        for (std::size_t k = 0; k < causes.size(); ++k) shares[k] = table.prior[causes[k]];
    double const sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (std::size_t k = 0; k < causes.size(); ++k)
        to[causes[k]] = sum > 0 ? shares[k] / sum : 1 / static_cast<double>(causes.size());
}

// ---- coding

/// The part of the work that InSilicoVA samples: some deaths, symptoms and causes.
class Sampled {
  public:
    Sampled(StandardTable const& table, std::vector<std::uint32_t> deaths,
            std::vector<std::uint32_t> symptoms, std::vector<std::uint32_t> causes)
        : table_(table),
          deaths_(std::move(deaths)),
          symptoms_(std::move(symptoms)),
          causes_(std::move(causes)) {}

    Prediction predict(std::filesystem::path const& table_file, Parameters parameters,
                       va::AnswerMatrix const& answers, std::vector<Ruling> const& rulings, Random random,
                       Watcher& watcher) const {
        va::AnswerMatrix const own = own_answers(answers);
        std::vector<std::uint32_t> rows(deaths_.size());
        std::iota(rows.begin(), rows.end(), 0U);
        auto const symptoms = names_of(table_.symptoms, symptoms_);
        auto const causes = names_of(table_.causes, causes_);
        parameters.set("table", table_file.string());
        auto const model = insilico();
        auto const classifier = model.make(parameters, MissingPolicy::nan);
        classifier->fit({{own, {}}, {}, causes.size(), {symptoms, causes}}, random, watcher);
        auto const shares = possible_causes(answers, rulings);
        TestSet test{{own, rows}};
        test.shares = shares;
        return classifier->predict(test, random, watcher);
    }

  private:
    static std::vector<std::string> names_of(std::vector<std::string> const& all,
                                             std::vector<std::uint32_t> const& chosen) {
        std::vector<std::string> names;
        names.reserve(chosen.size());
        for (std::uint32_t const i : chosen) names.push_back(all[i]);
        return names;
    }

    /// Answers as the table means them: present is what counts.
    [[nodiscard]] va::AnswerMatrix own_answers(va::AnswerMatrix const& answers) const {
        va::AnswerMatrix own(deaths_.size(), symptoms_.size());
        for (std::size_t i = 0; i < deaths_.size(); ++i) {
            auto const from = answers.row(deaths_[i]);
            auto const to = own.row(i);
            for (std::size_t k = 0; k < symptoms_.size(); ++k) {
                std::uint32_t const s = symptoms_[k];
                Answer const answer = from[s];
                bool const is_negated = table_.indicators[s].counts_when == Answer::absent;
                to[k] = answer == Answer::missing || !is_negated ? answer : opposite(answer);
            }
        }
        return own;
    }

    /// 1 where the cause may be, 0 where an answer rules it out, [deaths][causes]; a row of ones where
    /// nothing would be left. Empty where nothing is ruled out.
    [[nodiscard]] std::vector<double> possible_causes(va::AnswerMatrix const& answers,
                                                      std::vector<Ruling> const& rulings) const {
        if (rulings.empty()) return {};
        std::vector<double> shares;
        shares.reserve(deaths_.size() * causes_.size());
        for (std::uint32_t const death : deaths_) {
            std::vector<bool> is_ruled_out(table_.causes.size(), false);
            auto const row = answers.row(death);
            for (auto const& [given, cause] : rulings)
                if (row[given.symptom] == given.answer) is_ruled_out[cause] = true;
            bool const none_left =
                std::all_of(causes_.begin(), causes_.end(), [&](std::uint32_t c) { return is_ruled_out[c]; });
            for (std::uint32_t const c : causes_) shares.push_back(is_ruled_out[c] && !none_left ? 0.0 : 1.0);
        }
        return shares;
    }

    StandardTable const& table_;
    std::vector<std::uint32_t> deaths_, symptoms_, causes_;
};

/// Puts numbers of some causes at their places among all.
void spread(std::span<double const> from, std::vector<std::uint32_t> const& causes, double factor,
            std::span<double> to) {
    for (std::size_t k = 0; k < causes.size(); ++k) to[causes[k]] = factor * from[k];
}

std::vector<std::uint32_t> all_up_to(std::size_t n) {
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

/// Whether each death has an external sign.
std::vector<bool> with_signs(va::AnswerMatrix const& answers, std::vector<std::uint32_t> const& signs) {
    std::vector<bool> have(answers.n_rows(), false);
    for (std::size_t i = 0; i < answers.n_rows(); ++i) {
        auto const row = answers.row(i);
        have[i] = std::any_of(signs.begin(), signs.end(),
                              [&](std::uint32_t s) { return row[s] == Answer::present; });
    }
    return have;
}

}  // namespace

std::vector<std::string> const& impossible_names() {
    static std::vector<std::string> const names{"none", "subset", "subset2", "all", "interva"};
    return names;
}

std::vector<Ruling> rulings_of(StandardTable const& table, Impossible rule) {
    std::vector<Ruling> rulings;
    if (rule == Impossible::none) return rulings;
    bool const by_all = rule == Impossible::all || rule == Impossible::interva;
    for (std::uint32_t s = 0; s < table.symptoms.size(); ++s)
        if (by_all || is_among(demographic_symptoms, table.symptoms[s]))
            rule_by_cells(table, s, rule != Impossible::interva, rulings);
    if (rule != Impossible::subset2) return rulings;
    for (auto const& cause : maternal_causes)
        rule_by_name(table, never_pregnant, Answer::present, cause, rulings);
    rule_by_name(table, born_early, Answer::absent, prematurity, rulings);
    rule_by_name(table, born_early, Answer::present, birth_asphyxia, rulings);
    return rulings;
}

std::vector<Ruling> read_rulings(std::filesystem::path const& path, StandardTable const& table) {
    constexpr std::string_view purpose = "impossible causes";
    csv::CsvReader reader(path);
    std::size_t const symptom = reader.position("symptom", purpose);
    std::size_t const answer = reader.position("answer", purpose);
    std::size_t const cause = reader.position("cause", purpose);
    require<DataError>(reader.header().size() == 3,
                       "{}: line 1: columns of impossible causes are symptom, answer and cause, and no other",
                       reader.name());
    auto const place = [&](std::vector<std::string> const& names, std::size_t column, std::string_view what) {
        std::string const name = va::tidied(reader.cells()[column]);
        auto const found = std::find(names.begin(), names.end(), name);
        require<DataError>(found != names.end(), "{}: '{}' is not a {} of {}; {}", reader.where(column), name,
                           what, table.name, suggestion(name, names, "there are"));
        return static_cast<std::uint32_t>(found - names.begin());
    };
    std::vector<Ruling> rulings;
    while (reader.next()) {
        std::string const word = va::tidied(reader.cells()[answer]);
        require<DataError>(word == "present" || word == "absent", "{}: {} (must be present or absent)",
                           reader.where(answer), va::quoted(word));
        rulings.push_back({{place(table.symptoms, symptom, "symptom"),
                            word == "present" ? Answer::present : Answer::absent},
                           place(table.causes, cause, "cause")});
    }
    return rulings;
}

Prediction code_as_published(StandardTable const& table, std::filesystem::path const& table_file,
                             Parameters parameters, va::AnswerMatrix const& answers,
                             PublishedOptions const& options, Random random, Watcher& watcher) {
    VASTER_EXPECTS(answers.n_columns() == table.symptoms.size());
    auto const signs = symptoms_that(table, true);
    auto const external = causes_that(table, true);
    bool const apart = options.external_apart && !signs.empty() && !external.empty();
    std::vector<bool> const is_external =
        apart ? with_signs(answers, signs) : std::vector<bool>(answers.n_rows(), false);
    std::vector<std::uint32_t> others;
    for (std::uint32_t i = 0; i < answers.n_rows(); ++i)
        if (!is_external[i]) others.push_back(i);
    auto const causes = apart ? causes_that(table, false) : all_up_to(table.causes.size());
    auto const symptoms = apart ? symptoms_that(table, false) : all_up_to(table.symptoms.size());
    Prediction sampled =
        Sampled(table, others, symptoms, causes)
            .predict(table_file, std::move(parameters), answers, options.rulings, random, watcher);

    std::size_t const n_causes = table.causes.size();
    Prediction all{answers.n_rows(), n_causes, std::vector<double>(answers.n_rows() * n_causes, 0.0),
                   std::vector<double>(n_causes, 0.0), sampled.sampling};
    auto const row_of = [&](std::size_t i) {
        return std::span(all.probability).subspan(i * n_causes, n_causes);
    };
    for (std::size_t k = 0; k < others.size(); ++k) spread(sampled.of_death(k), causes, 1, row_of(others[k]));
    auto const n = static_cast<double>(std::max<std::size_t>(1, answers.n_rows()));
    for (std::size_t i = 0; i < answers.n_rows(); ++i) {
        if (!is_external[i]) continue;
        put_external(table, answers.row(i), signs, external, row_of(i));
        for (std::uint32_t const c : external) all.csmf[c] += row_of(i)[c] / n;
    }
    double const share = static_cast<double>(others.size()) / n;
    if (!sampled.csmf.empty()) spread(sampled.csmf, causes, share, all.csmf);
    if (!all.sampling || all.sampling->csmf_lo.empty()) return all;
    for (auto* ends : {&all.sampling->csmf_lo, &all.sampling->csmf_hi}) {
        auto const of_sampled = std::exchange(*ends, all.csmf);
        spread(of_sampled, causes, share, *ends);
    }
    return all;
}

}  // namespace vaster::models::insilicova
