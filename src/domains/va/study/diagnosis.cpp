#include "domains/va/study/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/ranges.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::va {
namespace {

using va::Answer;

/// The deaths that are looked at, with sites numbered anew from 0.
struct Sample {
    va::Cohort const& cohort;
    std::vector<std::string> sites;
    std::vector<std::uint32_t> deaths;  ///< positions in the cohort
    std::vector<std::uint32_t> site;    ///< [n_deaths], positions in `sites`

    [[nodiscard]] std::size_t n_symptoms() const { return cohort.symptoms.size(); }

    [[nodiscard]] Answer answer(std::size_t i, std::size_t symptom) const {
        return cohort.answers.row(deaths[i])[symptom];
    }

    [[nodiscard]] std::vector<std::size_t> deaths_of_sites() const {
        std::vector<std::size_t> counts(sites.size(), 0);
        for (std::uint32_t const s : site) ++counts[s];
        return counts;
    }
};

double ratio(double part, double whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : part / whole;
}

Sample sample_of(va::Cohort const& cohort, std::vector<std::string> const& wanted) {
    Sample sample{cohort, wanted.empty() ? cohort.sites : wanted, {}, {}};
    std::sort(sample.sites.begin(), sample.sites.end());
    sample.sites.erase(std::unique(sample.sites.begin(), sample.sites.end()), sample.sites.end());
    for (auto const& site : sample.sites)
        require<ConfigError>(std::find(cohort.sites.begin(), cohort.sites.end(), site) != cohort.sites.end(),
                             "design.sites: {} is not in the data; its sites are: {}", site,
                             fmt::join(cohort.sites, ", "));
    require<ConfigError>(sample.sites.size() >= 2,
                         "one site only ({}); there must be two or more to tell them apart",
                         sample.sites.front());
    for (std::uint32_t death = 0; death < cohort.n_deaths(); ++death) {
        auto const& name = cohort.sites[cohort.site[death]];
        auto const place = std::lower_bound(sample.sites.begin(), sample.sites.end(), name);
        if (place == sample.sites.end() || *place != name) continue;
        sample.deaths.push_back(death);
        sample.site.push_back(static_cast<std::uint32_t>(place - sample.sites.begin()));
    }
    return sample;
}

// ---- telling the site from the missing answers, or from the others ----

/// "present" where the answer to a symptom is the one that is seen, else "absent".
va::AnswerMatrix pattern_of(Sample const& sample, Answer seen) {
    va::AnswerMatrix pattern(sample.deaths.size(), sample.n_symptoms());
    for (std::size_t i = 0; i < sample.deaths.size(); ++i)
        for (std::size_t s = 0; s < sample.n_symptoms(); ++s)
            pattern.row(i)[s] = sample.answer(i, s) == seen ? Answer::present : Answer::absent;
    return pattern;
}

/// Fold of each death: the deaths of a site in random order, dealt out in turn; the next site goes on where
/// the last one stopped.
std::vector<std::size_t> deal_folds(Sample const& sample, DiagnosisOptions const& options) {
    std::vector<std::size_t> fold(sample.deaths.size());
    std::size_t next = 0;
    for (std::uint32_t site = 0; site < sample.sites.size(); ++site) {
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < fold.size(); ++i)
            if (sample.site[i] == site) members.push_back(i);
        Random random =
            random_stream(options.seed, "va diagnosis folds site=" + sample.sites[site], Purpose::split);
        for (std::size_t left = members.size(); left > 1; --left)
            std::swap(members[left - 1], members[random.below(left)]);
        for (std::size_t const member : members) fold[member] = next++ % options.folds;
    }
    return fold;
}

/// The site that each death is said to be of, by fits that have not seen it.
std::vector<std::uint32_t> told_sites(Sample const& sample, DiagnosisOptions const& options) {
    VASTER_EXPECTS(options.folds >= 2);
    auto const pattern =
        pattern_of(sample, options.seen == Seen::missing ? Answer::missing : Answer::present);
    auto const fold_of = deal_folds(sample, options);
    std::vector<std::uint32_t> told(sample.deaths.size());
    Watcher watcher;
    for (std::size_t fold = 0; fold < options.folds; ++fold) {
        std::vector<std::uint32_t> train, test, train_sites;
        for (std::uint32_t i = 0; i < told.size(); ++i) {
            (fold_of[i] == fold ? test : train).push_back(i);
            if (fold_of[i] != fold) train_sites.push_back(sample.site[i]);
        }
        if (test.empty()) continue;
        auto const identity = fmt::format("va diagnosis fold={}", fold);
        auto const classifier = options.model.make(options.parameters, models::MissingPolicy::absent);
        classifier->fit(
            {{pattern, train}, train_sites, sample.sites.size(), {sample.cohort.symptoms, sample.sites}},
            random_stream(options.seed, identity, Purpose::fit), watcher);
        auto const prediction = classifier->predict(
            {{pattern, test}}, random_stream(options.seed, identity, Purpose::predict), watcher);
        for (std::size_t i = 0; i < test.size(); ++i) {
            auto const row = prediction.of_death(i);
            told[test[i]] =
                static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
        }
    }
    return told;
}

void tell_sites(Sample const& sample, DiagnosisOptions const& options, Diagnosis& diagnosis) {
    auto const told = told_sites(sample, options);
    auto const n_deaths = sample.deaths_of_sites();
    std::vector<double> right(sample.sites.size(), 0), missing(sample.sites.size(), 0);
    for (std::size_t i = 0; i < told.size(); ++i) {
        right[sample.site[i]] += told[i] == sample.site[i] ? 1 : 0;
        for (std::size_t s = 0; s < sample.n_symptoms(); ++s)
            missing[sample.site[i]] += sample.answer(i, s) == Answer::missing ? 1 : 0;
    }
    for (std::size_t k = 0; k < sample.sites.size(); ++k) {
        auto const n = static_cast<double>(n_deaths[k]);
        diagnosis.sites.push_back({sample.sites[k], n_deaths[k], ratio(right[k], n),
                                   ratio(missing[k], n * static_cast<double>(sample.n_symptoms()))});
    }
    auto const largest = std::max_element(n_deaths.begin(), n_deaths.end());
    auto const n = static_cast<double>(told.size());
    diagnosis.n_deaths = told.size();
    diagnosis.accuracy = ratio(std::accumulate(right.begin(), right.end(), 0.0), n);
    diagnosis.largest_share = ratio(static_cast<double>(*largest), n);
    diagnosis.largest_site = sample.sites[static_cast<std::size_t>(largest - n_deaths.begin())];
}

// ---- the symptoms ----

/// sum over the cells of a 2 x n_sites table of joint log2(joint / (margin margin)), in shares.
double information(std::vector<double> const& missing, std::vector<std::size_t> const& n_deaths) {
    auto const n = static_cast<double>(std::accumulate(n_deaths.begin(), n_deaths.end(), std::size_t{0}));
    double const total = std::accumulate(missing.begin(), missing.end(), 0.0);
    double bits = 0;
    for (std::size_t k = 0; k < missing.size(); ++k) {
        auto const at_site = static_cast<double>(n_deaths[k]);
        for (auto const& [cell, margin] :
             {std::pair(missing[k], total), std::pair(at_site - missing[k], n - total)})
            if (cell > 0) bits += cell / n * std::log2(cell * n / (at_site * margin));
    }
    return std::max(0.0, bits);
}

MissingSymptom missing_symptom(Sample const& sample, std::size_t symptom) {
    auto const n_deaths = sample.deaths_of_sites();
    std::vector<double> missing(sample.sites.size(), 0);
    for (std::size_t i = 0; i < sample.deaths.size(); ++i)
        missing[sample.site[i]] += sample.answer(i, symptom) == Answer::missing ? 1 : 0;
    MissingSymptom result{sample.cohort.symptoms[symptom],
                          information(missing, n_deaths),
                          ratio(std::accumulate(missing.begin(), missing.end(), 0.0),
                                static_cast<double>(sample.deaths.size())),
                          {}};
    for (std::size_t k = 0; k < missing.size(); ++k)
        result.at_site.push_back(ratio(missing[k], static_cast<double>(n_deaths[k])));
    return result;
}

/// Deaths with an answer, and those of them that have the symptom.
struct Counts {
    double answered = 0;
    double present = 0;
};

/// What one cause adds to the heterogeneity of a symptom.
struct CauseHeterogeneity {
    double deaths = 0, excess = 0, chi2 = 0;
    std::size_t degrees_of_freedom = 0;
};

CauseHeterogeneity heterogeneity(std::vector<Counts> const& at_site, Counts const& all) {
    auto const n_sites =
        std::count_if(at_site.begin(), at_site.end(), [](Counts c) { return c.answered > 0; });
    if (n_sites < 2) return {};
    CauseHeterogeneity result;
    result.deaths = all.answered;
    double const share = all.present / all.answered;
    if (share <= 0 || share >= 1) return result;
    double squares = 0;
    for (auto const& [answered, present] : at_site)
        if (answered > 0) squares += answered * std::pow(present / answered - share, 2);
    result.degrees_of_freedom = static_cast<std::size_t>(n_sites - 1);
    double const by_chance =
        share * (1 - share) * all.answered * static_cast<double>(n_sites - 1) / (all.answered - 1);
    result.excess = squares - by_chance;
    result.chi2 = static_cast<double>(n_sites - 1) * squares / by_chance;
    return result;
}

DifferingSymptom differing_symptom(Sample const& sample, std::size_t symptom) {
    std::size_t const n_causes = sample.cohort.causes.size();
    std::vector<std::vector<Counts>> counts(n_causes, std::vector<Counts>(sample.sites.size()));
    for (std::size_t i = 0; i < sample.deaths.size(); ++i) {
        Answer const answer = sample.answer(i, symptom);
        if (answer == Answer::missing) continue;
        Counts& cell = counts[sample.cohort.cause[sample.deaths[i]]][sample.site[i]];
        cell.answered += 1;
        cell.present += answer == Answer::present ? 1 : 0;
    }
    DifferingSymptom result;
    result.symptom = sample.cohort.symptoms[symptom];
    CauseHeterogeneity sum;
    std::vector<Counts> site(sample.sites.size());
    std::vector<double> expected(sample.sites.size(), 0);
    for (auto const& at_site : counts) {
        Counts all;
        for (auto const& cell : at_site) all = {all.answered + cell.answered, all.present + cell.present};
        auto const part = heterogeneity(at_site, all);
        sum = {sum.deaths + part.deaths, sum.excess + part.excess, sum.chi2 + part.chi2,
               sum.degrees_of_freedom + part.degrees_of_freedom};
        for (std::size_t k = 0; k < site.size(); ++k) {
            if (at_site[k].answered == 0) continue;
            site[k] = {site[k].answered + at_site[k].answered, site[k].present + at_site[k].present};
            expected[k] += at_site[k].answered * all.present / all.answered;
        }
    }
    result.deviation = sum.deaths == 0 ? 0 : std::sqrt(std::max(0.0, sum.excess / sum.deaths));
    result.chi2 = sum.chi2;
    result.degrees_of_freedom = sum.degrees_of_freedom;
    for (std::size_t k = 0; k < site.size(); ++k)
        result.at_site.push_back({static_cast<std::size_t>(site[k].answered),
                                  ratio(site[k].present, site[k].answered),
                                  ratio(expected[k], site[k].answered)});
    return result;
}

}  // namespace

Diagnosis diagnose(va::Cohort const& cohort, DiagnosisOptions const& options) {
    Sample const sample = sample_of(cohort, options.sites);
    Diagnosis diagnosis;
    tell_sites(sample, options, diagnosis);
    for (std::size_t s = 0; s < sample.n_symptoms(); ++s) {
        diagnosis.missingness.push_back(missing_symptom(sample, s));
        diagnosis.differences.push_back(differing_symptom(sample, s));
    }
    std::stable_sort(diagnosis.missingness.begin(), diagnosis.missingness.end(),
                     [](auto const& a, auto const& b) { return a.information > b.information; });
    std::stable_sort(diagnosis.differences.begin(), diagnosis.differences.end(),
                     [](auto const& a, auto const& b) { return a.deviation > b.deviation; });
    return diagnosis;
}

}  // namespace vaster::va
