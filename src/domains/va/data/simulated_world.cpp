#include "domains/va/data/simulated_world.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace vaster::va {

namespace {

constexpr std::array<std::string_view, SimulatedWorld::n_sites> site_names = {"AP",     "Bohol", "Dar",
                                                                              "Mexico", "Pemba", "UP"};

/// Round figures of our own; one site is small, so that studies meet one.
constexpr std::array<double, SimulatedWorld::n_sites> site_shares = {0.20, 0.17, 0.21, 0.20, 0.04, 0.18};

/// The cause list of the PHMRC adult module, Murray et al. (2011), doi:10.1186/1478-7954-9-27.
constexpr std::array<std::string_view, SimulatedWorld::n_causes> cause_names = {
    "AIDS",
    "Asthma",
    "Bite of Venomous Animal",
    "Breast Cancer",
    "Cervical Cancer",
    "Cirrhosis",
    "Colorectal Cancer",
    "COPD",
    "Diabetes",
    "Diarrhea/Dysentery",
    "Drowning",
    "Epilepsy",
    "Esophageal Cancer",
    "Falls",
    "Fires",
    "Homicide",
    "Acute Myocardial Infarction",
    "Leukemia/Lymphomas",
    "Lung Cancer",
    "Malaria",
    "Maternal",
    "Other Cardiovascular Diseases",
    "Other Infectious Diseases",
    "Other Injuries",
    "Other Non-communicable Diseases",
    "Pneumonia",
    "Poisonings",
    "Prostate Cancer",
    "Renal Failure",
    "Road Traffic",
    "Stomach Cancer",
    "Stroke",
    "Suicide",
    "TB",
};

/// Blocks of questions that some sites do not ask, and how many sites do not. None of them is a closed
/// question without which a death could not be encoded (see read_cohort).
struct Block {
    std::string_view prefix;
    std::size_t n_sites_without;
};

constexpr std::array<Block, 3> unasked_blocks = {{{"a5_01_", 2}, {"a3_", 1}, {"a4_02_", 1}}};

/// Standard deviations on the scale of log odds, chosen so that naive Bayes assigns 40 to 50 % of the deaths
/// of the site it was trained on correctly, and clearly fewer elsewhere.
constexpr double sd_cause_fraction = 0.7;       // global
constexpr double sd_site_cause_fraction = 0.7;  // of a site from the global one
constexpr double mean_base = -2.6;              // of a symptom in a cause it has nothing to do with
constexpr double sd_base = 0.9;
constexpr double share_of_effects = 0.05;  // of causes that a choice has something to do with
constexpr double mean_effect = 1.8;
constexpr double sd_effect = 0.8;
constexpr double sd_site_shift = 0.8;      // of a choice at a site, for all causes
constexpr double sd_site_deviation = 0.3;  // of a choice at a site, for one cause
constexpr double sd_site_no_answer = 0.6;

/// Nearly normal, mean 0, sd 1: the sum of twelve uniform numbers. Uses additions only, so it is the same
/// everywhere.
double bell(Random& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    return sum;
}

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

/// exp(score) as shares of their sum, added up.
void cumulate_softmax(std::span<double> scores) {
    double sum = 0;
    for (double& score : scores) sum = score = sum + std::exp(score);
    for (double& score : scores) score /= sum;
}

/// First position whose cumulative share is above u in [0, 1).
std::size_t pick(std::span<double const> up_to, double u) {
    auto const found = std::ranges::upper_bound(up_to.first(up_to.size() - 1), u);
    return static_cast<std::size_t>(found - up_to.begin());
}

void add_options(std::vector<std::string>& options, std::vector<std::string> const& more) {
    for (auto const& option : more) {
        if (std::ranges::find(options, option) == options.end()) options.push_back(option);
    }
}

SimulatedQuestion& question_of(std::vector<SimulatedQuestion>& questions, std::string const& column) {
    auto const found = std::ranges::find(questions, column, &SimulatedQuestion::column);
    if (found != questions.end()) return *found;
    questions.push_back({column, {}});
    return questions.back();
}

/// The questionnaire behind a rule table, in the order of the rules.
std::vector<SimulatedQuestion> questions_of(std::vector<EncodingRule> const& rules) {
    std::vector<SimulatedQuestion> questions;
    for (auto const& rule : rules) {
        for (auto const& column : {rule.source, rule.also_source}) {
            if (column.empty()) continue;
            SimulatedQuestion& question = question_of(questions, column);
            question.cutoff = rule.cutoff;
            question.is_second_pick = column == rule.also_source;
            question.is_follow_up = rule.kind == RuleKind::one_of && rule.source != "g1_05";
            if (rule.kind == RuleKind::above) continue;
            add_options(question.options, rule.absent);
            add_options(question.options, rule.present);
        }
    }
    return questions;
}

std::size_t n_choices(SimulatedQuestion const& question) {
    return question.options.empty() ? 2 : question.options.size();
}

}  // namespace

std::string_view SimulatedWorld::site_name(std::size_t site) {
    return site_names[site];
}

std::string_view SimulatedWorld::cause_name(std::size_t cause) {
    return cause_names[cause];
}

SimulatedWorld::SimulatedWorld(std::uint64_t seed) : questions_(questions_of(phmrc_adult_rules())) {
    for (auto const& question : questions_) {
        first_choice_.push_back(n_choices_);
        n_choices_ += n_choices(question);
    }
    choice_up_to_.resize(n_sites * n_causes * n_choices_);
    asking_.resize(n_sites * questions_.size());
    Random random = random_stream(seed, "world", Purpose::simulate);
    draw_sites(random);
    for (std::size_t question = 0; question < questions_.size(); ++question) draw_question(random, question);
    draw_unasked_blocks(random);
}

std::size_t SimulatedWorld::choice_index(std::size_t site, std::size_t cause, std::size_t question) const {
    return (site * n_causes + cause) * n_choices_ + first_choice_[question];
}

/// Cause fractions of every site.
void SimulatedWorld::draw_sites(Random& random) {
    std::array<double, n_causes> global{};
    for (double& score : global) score = sd_cause_fraction * bell(random);
    for (auto& scores : cause_up_to_) {
        for (std::size_t c = 0; c < n_causes; ++c)
            scores[c] = global[c] + sd_site_cause_fraction * bell(random);
        cumulate_softmax(scores);
    }
}

/// P(choice | cause, site) of a question, and how often each site gets no answer to it. The first choice is
/// the one that says nothing (its score is 0 everywhere): No, a number below the cut-off, the first option.
void SimulatedWorld::draw_question(Random& random, std::size_t question) {
    std::size_t const n = n_choices(questions_[question]);
    for (std::size_t choice = 1; choice < n; ++choice) {
        double const base = mean_base + sd_base * bell(random);
        std::array<double, n_causes> effect{};
        for (double& e : effect) {
            if (random.uniform() < share_of_effects) e = mean_effect + sd_effect * bell(random);
        }
        for (std::size_t s = 0; s < n_sites; ++s) {
            double const shift = sd_site_shift * bell(random);
            for (std::size_t c = 0; c < n_causes; ++c) {
                choice_up_to_[choice_index(s, c, question) + choice] =
                    base + effect[c] + shift + sd_site_deviation * bell(random);
            }
        }
    }
    for (std::size_t s = 0; s < n_sites; ++s) {
        for (std::size_t c = 0; c < n_causes; ++c) {
            cumulate_softmax(std::span(choice_up_to_).subspan(choice_index(s, c, question), n));
        }
    }
    double const no_answer = questions_[question].is_second_pick ? 3.5
                             : questions_[question].is_follow_up ? 0.5 + bell(random)
                                                                 : -4 + bell(random);
    for (std::size_t s = 0; s < n_sites; ++s) {
        asking_[s * questions_.size() + question].no_answer =
            logistic(no_answer + sd_site_no_answer * bell(random));
    }
}

void SimulatedWorld::draw_unasked_blocks(Random& random) {
    std::array<std::size_t, n_sites> order{};
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t left = n_sites; left > 1; --left) std::swap(order[left - 1], order[random.below(left)]);
    auto site = order.begin();
    for (auto const& [prefix, n_without] : unasked_blocks) {
        for (std::size_t k = 0; k < n_without; ++k, ++site) {
            for (std::size_t q = 0; q < questions_.size(); ++q) {
                if (questions_[q].column.starts_with(prefix))
                    asking_[*site * questions_.size() + q].asked = false;
            }
        }
    }
}

void SimulatedWorld::answer(Random& random, SimulatedQuestion const& question, std::size_t choice,
                            std::string& text) const {
    if (!question.options.empty()) {
        text = question.options[choice];
        return;
    }
    constexpr std::uint64_t spread = 60;
    auto const last_below = static_cast<std::uint64_t>(question.cutoff);
    std::uint64_t const number =
        choice == 0 ? random.below(last_below + 1) : last_below + 1 + random.below(spread);
    text = std::to_string(number);
}

void SimulatedWorld::draw(Random& random, SimulatedDeath& death) const {
    static constexpr auto site_up_to = [] {
        auto shares = site_shares;
        for (std::size_t s = 1; s < n_sites; ++s) shares[s] += shares[s - 1];
        return shares;
    }();
    std::size_t const site = pick(site_up_to, random.uniform());
    std::size_t const cause = pick(cause_up_to_[site], random.uniform());
    death.site = static_cast<std::uint32_t>(site);
    death.cause = static_cast<std::uint32_t>(cause);
    death.answers.resize(questions_.size());
    for (std::size_t q = 0; q < questions_.size(); ++q) {
        Asking const& asking = asking_[site * questions_.size() + q];
        if (!asking.asked) {
            death.answers[q].clear();
        } else if (random.uniform() < asking.no_answer) {
            death.answers[q] = "Don't Know";
        } else {
            auto const up_to =
                std::span(choice_up_to_).subspan(choice_index(site, cause, q), n_choices(questions_[q]));
            answer(random, questions_[q], pick(up_to, random.uniform()), death.answers[q]);
        }
    }
}

}  // namespace vaster::va
