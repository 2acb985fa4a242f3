#include "domains/va/study/inventory.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "domains/va/metrics/metrics.hpp"

namespace vaster::va {
namespace {

using Counts = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

constexpr std::size_t most_sites = 12;
constexpr std::size_t most_causes = 15;
constexpr std::size_t most_symptoms = 60;  ///< more are not listed one by one
constexpr std::size_t most_named = 8;      ///< in a warning
constexpr double many_alike = 0.05;        ///< share of deaths; less is normal where there are few questions

/// Columns that are hardly symptoms, in small letters.
constexpr std::array<std::string_view, 12> other_columns{"age",         "age_group", "agegroup", "agegrp",
                                                         "sex",         "gender",    "id",       "death_id",
                                                         "interviewer", "month",     "weight",   "year"};

/// "a, b, c and 5 more".
std::string listed(Texts const& texts, std::size_t most) {
    std::size_t const n = std::min(most, texts.size());
    std::string const list =
        fmt::format("{}", fmt::join(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(n), ", "));
    return n == texts.size() ? list : fmt::format("{} and {} more", list, texts.size() - n);
}

/// "1 death", "2 deaths".
std::string counted(std::size_t n, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string counted(std::size_t n, std::string_view what) {
    return counted(n, what, fmt::format("{}s", what));
}

/// "North 358", the largest first.
Texts by_size(Texts const& names, Counts const& deaths) {
    std::vector<std::size_t> order(names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return deaths[a] > deaths[b]; });
    Texts texts;
    texts.reserve(names.size());
    for (auto const i : order) texts.push_back(fmt::format("{} {}", names[i], deaths[i]));
    return texts;
}

Counts count(std::span<std::uint32_t const> positions, std::size_t n_names) {
    Counts counts(n_names);
    for (auto const position : positions) ++counts[position];
    return counts;
}

/// All answers of a cohort, counted once.
class Tally {
  public:
    explicit Tally(Cohort const& cohort)
        : cohort_(cohort),
          of_site_(count({cohort.site.data(), cohort.site.size()}, cohort.sites.size())),
          of_cause_(count({cohort.cause.data(), cohort.cause.size()}, cohort.causes.size())),
          counts_(cohort.symptoms.size() * cohort.causes.size()) {
        for (std::size_t death = 0; death < cohort.n_deaths(); ++death) add(death);
    }

    [[nodiscard]] Counts const& of_site() const { return of_site_; }

    [[nodiscard]] Counts const& of_cause() const { return of_cause_; }

    [[nodiscard]] std::uint32_t with(Answer answer, std::size_t symptom, std::size_t cause) const {
        return counts_[symptom * cohort_.causes.size() + cause][static_cast<std::size_t>(answer)];
    }

    [[nodiscard]] std::uint32_t with(Answer answer, std::size_t symptom) const {
        std::uint32_t sum = 0;
        for (std::size_t cause = 0; cause < cohort_.causes.size(); ++cause)
            sum += with(answer, symptom, cause);
        return sum;
    }

  private:
    void add(std::size_t death) {
        auto const answers = cohort_.answers.row(death);
        std::size_t const cause = cohort_.cause[death];
        std::size_t const n_causes = cohort_.causes.size();
        for (std::size_t symptom = 0; symptom < answers.size(); ++symptom)
            ++counts_[symptom * n_causes + cause][static_cast<std::size_t>(Answer(answers[symptom]))];
    }

    Cohort const& cohort_;
    Counts of_site_;
    Counts of_cause_;
    std::vector<std::array<std::uint32_t, 3>> counts_;  // [n_symptoms][n_causes] by answer
};

// ---- facts

/// "5 to 15 % of a symptom's answers missing".
std::string missing_text(Cohort const& cohort, Tally const& tally) {
    if (cohort.symptoms.empty()) return "no answers";
    double least = 1;
    double most = 0;
    for (std::size_t symptom = 0; symptom < cohort.symptoms.size(); ++symptom) {
        double const share = static_cast<double>(tally.with(Answer::missing, symptom)) /
                             static_cast<double>(cohort.n_deaths());
        least = std::min(least, share);
        most = std::max(most, share);
    }
    if (most == 0) return "no answer missing";
    auto const from = fmt::format("{:.0f}", 100 * least);
    auto const to = most < 0.005 ? std::string("less than 1") : fmt::format("{:.0f}", 100 * most);
    return fmt::format("{} % of a symptom's answers missing",
                       from == to ? to : fmt::format("{} to {}", from, to));
}

std::string size_text(Cohort const& cohort, Tally const& tally) {
    return fmt::format(
        "{}, {} ({}), {}, {}, {}", counted(cohort.n_deaths(), "death"), counted(cohort.sites.size(), "site"),
        listed(by_size(cohort.sites, tally.of_site()), most_sites), counted(cohort.causes.size(), "cause"),
        counted(cohort.symptoms.size(), "symptom"), missing_text(cohort, tally));
}

std::string causes_text(Cohort const& cohort, Tally const& tally) {
    auto const causes =
        by_size(cohort.cause_names.empty() ? cohort.causes : cohort.cause_names, tally.of_cause());
    if (causes.size() <= most_causes) return fmt::format("causes: {}", listed(causes, most_causes));
    return fmt::format("causes: {}, ..., {}", listed({causes.begin(), causes.begin() + 3}, 3), causes.back());
}

std::string weights_text(Cohort const& cohort) {
    std::span<double const> const weights(cohort.weight.data(), cohort.weight.size());
    auto const [least, most] = std::minmax_element(weights.begin(), weights.end());
    auto const sums = weight_sums(weights);
    return fmt::format(
        "weights: {:g} to {:g}, sum {:g}; {} deaths say as much as {:.1f} of equal weight (effective number)",
        *least, *most, sums.sum, weights.size(), sums.effective);
}

// ---- warnings

class Warnings {
  public:
    Warnings(Cohort const& cohort, Tally const& tally) : cohort_(cohort), tally_(tally) {}

    Texts take() && {
        warn_of_what_cannot_be_compared();
        warn_of_deaths_alike();
        warn_of_a_label_that_is_none();
        warn_of_rare_causes();
        warn_of_causes_at_one_site();
        warn_of_answers_that_say_nothing();
        warn_of_telling_symptoms();
        warn_of_names();
        return std::move(warnings_);
    }

  private:
    void warn_of_what_cannot_be_compared() {
        if (cohort_.causes.size() == 1)
            warnings_.push_back(
                fmt::format("all deaths have the one cause '{}': there is nothing to tell apart, and every "
                            "model is right",
                            cohort_.causes.front()));
        if (cohort_.sites.size() == 1)
            warnings_.push_back(
                fmt::format("all deaths are of the one site '{}': nothing can be said of other sites",
                            cohort_.sites.front()));
    }

    void warn_of_deaths_alike() {
        auto const n_alike = cohort_.reading.alike;
        if (static_cast<double>(n_alike) < many_alike * static_cast<double>(cohort_.n_deaths())) return;
        warnings_.push_back(fmt::format(
            "{} of {} deaths are like an earlier one in all symptoms, site and cause: if they are the same "
            "deaths, models are tested on deaths that they were trained on; see data.id and data.duplicates",
            n_alike, cohort_.n_deaths()));
    }

    /// IDs, dates and free texts have hardly a value twice.
    void warn_of_a_label_that_is_none() {
        auto const n_causes = cohort_.causes.size();
        auto const n_single =
            static_cast<std::size_t>(std::count(tally_.of_cause().begin(), tally_.of_cause().end(), 1U));
        if (n_causes < 2 || 2 * n_single <= n_causes) return;
        if (n_causes == cohort_.n_deaths())
            return warnings_.push_back(fmt::format(
                "each of the {} deaths has a cause of its own ({}): no model can learn any; is data.label "
                "(--label) the column of the causes?",
                n_causes, listed(cohort_.causes, 3)));
        warnings_.push_back(fmt::format(
            "{} of {} causes have one death each, which is in the training part or in the test part; is "
            "data.label (--label) the column of the causes?",
            n_single, n_causes));
    }

    void warn_of_rare_causes() {
        Texts rare;
        for (std::size_t cause = 0; cause < cohort_.causes.size(); ++cause)
            if (tally_.of_cause()[cause] < few_deaths)
                rare.push_back(fmt::format("{} {}", cohort_.causes[cause], tally_.of_cause()[cause]));
        if (!rare.empty())
            warnings_.push_back(fmt::format(
                "{} fewer than {} deaths: {}; no model can learn much of {}, and "
                "test parts may lack {}",
                counted(rare.size(), "cause has", "causes have"), few_deaths, listed(rare, most_named),
                rare.size() == 1 ? "it" : "them", rare.size() == 1 ? "it" : "them"));
    }

    void warn_of_causes_at_one_site() {
        if (cohort_.sites.size() < 2) return;
        std::vector<std::vector<bool>> seen(cohort_.causes.size(), std::vector<bool>(cohort_.sites.size()));
        for (std::size_t death = 0; death < cohort_.n_deaths(); ++death)
            seen[cohort_.cause[death]][cohort_.site[death]] = true;
        Texts only;
        for (std::size_t cause = 0; cause < seen.size(); ++cause) {
            auto const at = std::find(seen[cause].begin(), seen[cause].end(), true);
            if (at != seen[cause].end() && std::find(at + 1, seen[cause].end(), true) == seen[cause].end())
                only.push_back(
                    fmt::format("{} ({})", cohort_.causes[cause],
                                cohort_.sites[static_cast<std::size_t>(at - seen[cause].begin())]));
        }
        if (!only.empty())
            warnings_.push_back(
                fmt::format("{} at one site only: {}; models trained elsewhere cannot name {}",
                            counted(only.size(), "cause occurs", "causes occur"), listed(only, most_named),
                            only.size() == 1 ? "it" : "them"));
    }

    void warn_of_answers_that_say_nothing() {
        std::array<Texts, 3> all;  // symptoms by the answer that all deaths have
        for (std::size_t symptom = 0; symptom < cohort_.symptoms.size(); ++symptom)
            for (auto const answer : {Answer::absent, Answer::present, Answer::missing})
                if (tally_.with(answer, symptom) == cohort_.n_deaths())
                    all.at(static_cast<std::size_t>(answer)).push_back(cohort_.symptoms[symptom]);
        if (all[static_cast<std::size_t>(Answer::missing)].size() == cohort_.symptoms.size())
            return warnings_.push_back(
                fmt::format("none of the {} symptoms has a single answer: no model can learn anything",
                            cohort_.symptoms.size()));
        name_constant("without a single answer", all[static_cast<std::size_t>(Answer::missing)]);
        name_constant("that all deaths have", all[static_cast<std::size_t>(Answer::present)]);
        name_constant("that no death has", all[static_cast<std::size_t>(Answer::absent)]);
    }

    void name_constant(std::string_view what, Texts const& symptoms) {
        if (!symptoms.empty())
            warnings_.push_back(fmt::format("{} {}: {}", counted(symptoms.size(), "symptom"), what,
                                            listed(symptoms, most_named)));
    }

    void warn_of_telling_symptoms() {
        if (cohort_.causes.size() < 2) return;
        std::size_t n_told = 0;
        for (std::size_t symptom = 0; symptom < cohort_.symptoms.size(); ++symptom) {
            auto const warning = telling(symptom);
            if (!warning.empty() && ++n_told <= most_named) warnings_.push_back(warning);
        }
        if (n_told > most_named)
            warnings_.push_back(fmt::format("{} more symptoms tell a cause alone", n_told - most_named));
    }

    /// Which cause the symptom tells alone, in a sentence; empty: none.
    [[nodiscard]] std::string telling(std::size_t symptom) const {
        for (auto const answer : {Answer::present, Answer::absent, Answer::missing}) {
            double const with_answer = tally_.with(answer, symptom);
            for (std::size_t cause = 0; cause < cohort_.causes.size(); ++cause) {
                auto const both = tally_.with(answer, symptom, cause);
                auto const of_cause =
                    tally_.of_cause()[cause] -
                    (answer == Answer::missing ? 0 : tally_.with(Answer::missing, symptom, cause));
                if (both >= telling_deaths && both > telling_share * with_answer &&
                    both > telling_share * of_cause)
                    return sentence(symptom, answer, cause, both, of_cause);
            }
        }
        return {};
    }

    [[nodiscard]] std::string sentence(std::size_t symptom, Answer answer, std::size_t cause,
                                       std::uint32_t both, std::uint32_t of_cause) const {
        constexpr std::array<std::string_view, 3> words{"absent", "present", "missing"};
        return fmt::format(
            "'{}' alone tells the cause '{}': it is {} in {} of its {} deaths and in {} of all others; if it "
            "was "
            "made from the cause, name it in data.label_columns",
            cohort_.symptoms[symptom], cohort_.causes[cause], words.at(static_cast<std::size_t>(answer)),
            both, of_cause, tally_.with(answer, symptom) - both);
    }

    void warn_of_names() {
        Texts found;
        for (auto const& symptom : cohort_.symptoms) {
            std::string small = symptom;
            std::transform(small.begin(), small.end(), small.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
            if (std::find(other_columns.begin(), other_columns.end(), small) != other_columns.end())
                found.push_back(symptom);
        }
        if (!found.empty())
            warnings_.push_back(
                fmt::format("{} taken for {}: {}; what is not meant to be one belongs in "
                            "data.label_columns",
                            found.size() == 1 ? "a column is" : "columns are",
                            found.size() == 1 ? "a symptom" : "symptoms", listed(found, most_named)));
    }

    Cohort const& cohort_;
    Tally const& tally_;
    Texts warnings_;
};

}  // namespace

study::Inventory inventory_of(Cohort const& cohort) {
    Tally const tally(cohort);
    study::Inventory inventory;
    inventory.facts.push_back(size_text(cohort, tally));
    inventory.facts.push_back(causes_text(cohort, tally));
    if (!cohort.weight.empty()) inventory.facts.push_back(weights_text(cohort));
    if (cohort.symptoms.size() <= most_symptoms)
        inventory.facts.push_back(fmt::format("symptoms: {}", fmt::join(cohort.symptoms, ", ")));
    if (!cohort.reading.ignored.empty())
        inventory.facts.push_back(
            fmt::format("not used as symptoms: {}", listed(cohort.reading.ignored, most_symptoms)));
    inventory.facts.insert(inventory.facts.end(), cohort.notes.begin(), cohort.notes.end());
    inventory.warnings = Warnings(cohort, tally).take();
    return inventory;
}

}  // namespace vaster::va
