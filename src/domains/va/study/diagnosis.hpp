#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "vaster/support/parameters.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::va {

/// What the model that guesses the site sees of a symptom.
enum class Seen {
    missing,  ///< whether it has no answer
    answers,  ///< the answer; where there is none, absent
};

/// How to look for the marks that sites leave in their data.
struct DiagnosisOptions {
    models::Model model;             ///< guesses the site
    Parameters parameters;           ///< of the model
    std::vector<std::string> sites;  ///< to look at; empty: all
    Seen seen = Seen::missing;       ///< by the model
    std::size_t folds = 5;           ///< of the cross-validation, at least 2
    std::uint64_t seed = 42;         ///< of the folds and the fits
};

/// How well a site's deaths are told from the pattern of their missing answers.
struct SiteFingerprint {
    std::string site;
    std::size_t deaths = 0;
    double recall = 0;   ///< share of its deaths that are said to be its own
    double missing = 0;  ///< share of its answers that is missing
};

/// How much it says of the site that a symptom has no answer.
struct MissingSymptom {
    std::string symptom;
    /// Mutual information of "no answer" and site [bit]: 0 where every site misses the same share. The plain
    /// estimate, about (sites - 1) / (2 ln 2 n_deaths) too high.
    double information = 0;
    double missing = 0;           ///< share of all deaths
    std::vector<double> at_site;  ///< the same by site, [n_sites]
};

/// A symptom at one site, among the deaths with an answer to it.
struct SiteShare {
    std::size_t answered = 0;
    double observed = 0;  ///< share that has it; NaN without answers
    double expected = 0;  ///< share if every cause had it as often as at all sites together
};

/// How much P(symptom | cause) differs between sites. With n deaths of cause c and site s with an answer, of
/// which the share p has the symptom, and p_c, N_c of all sites, S_c sites with answers:
///     SS_c = sum_s n_cs (p_cs - p_c)^2,  E_c = p_c (1 - p_c) N_c (S_c - 1) / (N_c - 1)
///     deviation = sqrt(max(0, sum_c (SS_c - E_c) / sum_c N_c))
///     chi2 = sum_c (S_c - 1) SS_c / E_c,  degrees of freedom sum_c (S_c - 1)
/// over the causes that have answers at two sites or more (chi2: where 0 < p_c < 1). E_c is what chance alone
/// gives (the mean over all ways to deal the answers of a cause out to its sites), so that the deviation of
/// rare causes and small sites is not taken for a difference. The expected share of a site is the indirect
/// standardisation of epidemiology.
struct DifferingSymptom {
    std::string symptom;
    double deviation = 0;  ///< typical distance of a site's P(symptom | cause) from that of all sites
    double chi2 = 0;
    std::size_t degrees_of_freedom = 0;
    std::vector<SiteShare> at_site;  ///< [n_sites]
};

struct Diagnosis {
    std::size_t n_deaths = 0;
    double accuracy = 0;       ///< share of deaths whose site is told right, cross-validated
    double largest_share = 0;  ///< of always saying the largest site
    std::string largest_site;
    std::vector<SiteFingerprint> sites;         ///< [n_sites]
    std::vector<MissingSymptom> missingness;    ///< [n_symptoms], most telling first
    std::vector<DifferingSymptom> differences;  ///< [n_symptoms], most different first
};

/// Looks for the marks that sites leave in a cohort. The classifier sees for every symptom only whether it
/// has an answer, or the answer (options.seen), and learns the site; each death is told by a fit on the other
/// folds. Every site is dealt out evenly to the folds. The same cohort and options give the same diagnosis.
/// @throws ConfigError for a site that is not in the cohort, or fewer than two sites; ModelError as the model
[[nodiscard]] Diagnosis diagnose(va::Cohort const& cohort, DiagnosisOptions const& options);

}  // namespace vaster::va
