#include "domains/va/data/simulate.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/rules.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using vaster::test::TemporaryFile;
using vaster::va::Answer;

namespace {

std::string text_of(SimulationOptions const& options) {
    std::ostringstream out;
    simulate(options, out);
    return out.str();
}

Cohort cohort_of(SimulationOptions const& options, std::string const& label = "va34") {
    TemporaryFile const file(text_of(options));
    CohortSource source;
    source.path = file.path();
    source.format = options.format;
    source.label = label;
    return read_cohort(source);
}

SimulationOptions raw(std::uint64_t n_deaths, std::uint64_t seed) {
    return {n_deaths, seed, CohortFormat::phmrc_adult};
}

SimulationOptions encoded(std::uint64_t n_deaths, std::uint64_t seed) {
    return {n_deaths, seed, CohortFormat::encoded};
}

/// Share of deaths of a site whose answer to a symptom is `answer`.
double share(Cohort const& cohort, std::uint32_t site, std::size_t symptom, Answer answer) {
    double n = 0;
    double n_with = 0;
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
        if (cohort.site[i] != site) continue;
        n += 1;
        n_with += cohort.answers.row(i)[symptom] == answer ? 1 : 0;
    }
    return n_with / n;
}

/// P(symptom | cause) at one site and P(cause), with Laplace smoothing: naive Bayes, written out for the
/// test.
class NaiveBayes {
  public:
    NaiveBayes(Cohort const& cohort, std::uint32_t site)
        : log_present_(cohort.causes.size(), std::vector<double>(cohort.symptoms.size())),
          log_absent_(log_present_),
          log_prior_(cohort.causes.size()) {
        std::vector<double> n(cohort.causes.size());
        std::vector<std::vector<double>> n_present(log_present_);
        for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
            if (cohort.site[i] != site || is_test(i)) continue;
            ++n[cohort.cause[i]];
            for (std::size_t j = 0; j < cohort.symptoms.size(); ++j) {
                n_present[cohort.cause[i]][j] += cohort.answers.row(i)[j] == Answer::present ? 1 : 0;
            }
        }
        for (std::size_t c = 0; c < n.size(); ++c) {
            log_prior_[c] = std::log(n[c] + 1e-9);
            for (std::size_t j = 0; j < cohort.symptoms.size(); ++j) {
                log_present_[c][j] = std::log((n_present[c][j] + 1) / (n[c] + 2));
                log_absent_[c][j] = std::log(1 - (n_present[c][j] + 1) / (n[c] + 2));
            }
        }
    }

    /// Share of a site's test deaths that get their true cause.
    [[nodiscard]] double accuracy(Cohort const& cohort, std::uint32_t site) const {
        double n = 0;
        double n_right = 0;
        for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
            if (cohort.site[i] != site || !is_test(i)) continue;
            n += 1;
            n_right += predict(cohort, i) == cohort.cause[i] ? 1 : 0;
        }
        return n_right / n;
    }

  private:
    static bool is_test(std::size_t death) { return death % 5 == 0; }

    [[nodiscard]] std::uint32_t predict(Cohort const& cohort, std::size_t death) const {
        std::uint32_t best = 0;
        double best_score = -1e300;
        for (std::uint32_t c = 0; c < cohort.causes.size(); ++c) {
            double score = log_prior_[c];
            for (std::size_t j = 0; j < cohort.symptoms.size(); ++j) {
                score +=
                    cohort.answers.row(death)[j] == Answer::present ? log_present_[c][j] : log_absent_[c][j];
            }
            if (score > best_score) {
                best = c;
                best_score = score;
            }
        }
        return best;
    }

    std::vector<std::vector<double>> log_present_;
    std::vector<std::vector<double>> log_absent_;
    std::vector<double> log_prior_;
};

}  // namespace

TEST_CASE("a simulated cohort has the shape of the real one", "[va][simulate]") {
    auto const cohort = cohort_of(raw(7841, 42));
    CHECK(cohort.n_deaths() == 7841);
    CHECK(cohort.notes.empty());
    CHECK(cohort.sites == std::vector<std::string>{"AP", "Bohol", "Dar", "Mexico", "Pemba", "UP"});
    CHECK(cohort.causes.size() == 34);
    CHECK(cohort.symptoms == symptom_names(phmrc_adult_rules()));
}

TEST_CASE("both formats of one seed hold the same deaths and answers", "[va][simulate]") {
    for (std::uint64_t const seed : {1, 42}) {
        for (std::string const label : {"va34", "cod5"}) {
            auto const from_raw = cohort_of(raw(2000, seed), label);
            auto const from_encoded = cohort_of(encoded(2000, seed), label);
            CHECK(from_raw.site == from_encoded.site);
            CHECK(from_raw.cause == from_encoded.cause);
            CHECK(from_raw.causes == from_encoded.causes);
            CHECK(from_raw.symptoms == from_encoded.symptoms);
            std::size_t n_differences = 0;
            for (std::size_t i = 0; i < 2000; ++i) {
                n_differences += !std::ranges::equal(from_raw.answers.row(i), from_encoded.answers.row(i));
            }
            CHECK(n_differences == 0);
        }
    }
}

TEST_CASE("the text is a function of seed and format, and smaller cohorts begin larger ones",
          "[va][simulate]") {
    CHECK(text_of(raw(50, 1)) == text_of(raw(50, 1)));
    CHECK(text_of(raw(50, 1)) != text_of(raw(50, 2)));
    CHECK(text_of(encoded(100, 1)).starts_with(text_of(encoded(50, 1))));
    CHECK(cohort_of(encoded(1, 7)).n_deaths() == 1);
}

TEST_CASE("the raw form has the columns of the release that the rules need", "[va][simulate]") {
    auto const text = text_of(raw(1, 1));
    CHECK(text.starts_with("newid,site,module,gs_text34,va34,g1_05,g1_07a,"));
    CHECK(text.substr(text.find('\n') + 1).starts_with("1,"));
    CHECK(text_of(encoded(1, 1)).starts_with("site,va34,cod5,g1_05,g1_05_s1,g1_07a,"));
}

TEST_CASE("sites differ in which questions they ask", "[va][simulate]") {
    auto const cohort = cohort_of(encoded(6000, 42));
    std::map<std::string, int> sites_without;  // by block
    for (std::size_t j = 0; j < cohort.symptoms.size(); ++j) {
        for (std::string const block : {"a5_01_1", "a3_01", "a4_02_1"}) {
            if (cohort.symptoms[j] != block) continue;
            for (std::uint32_t s = 0; s < 6; ++s)
                sites_without[block] += share(cohort, s, j, Answer::missing) == 1 ? 1 : 0;
        }
    }
    CHECK(sites_without == std::map<std::string, int>{{"a5_01_1", 2}, {"a3_01", 1}, {"a4_02_1", 1}});
}

TEST_CASE("a model of one site is worth clearly less at another", "[va][simulate]") {
    auto const cohort = cohort_of(encoded(7841, 42));
    double in_domain = 0;
    double out_domain = 0;
    for (std::uint32_t from = 0; from < 6; ++from) {
        NaiveBayes const model(cohort, from);
        for (std::uint32_t to = 0; to < 6; ++to)
            (from == to ? in_domain : out_domain) += model.accuracy(cohort, to);
    }
    in_domain /= 6;
    out_domain /= 30;
    INFO("COD accuracy " << in_domain << " in domain, " << out_domain << " out of domain");
    CHECK(in_domain > 0.38);
    CHECK(in_domain < 0.52);
    CHECK(out_domain < 0.65 * in_domain);
    CHECK(out_domain > 2.0 / 34);
}

TEST_CASE("a stream that fails is an I/O error", "[va][simulate]") {
    std::ofstream out("/dev/full");
    CHECK_THROWS_AS(simulate(raw(5000, 1), out), vaster::IoError);
}

TEST_CASE("simulated deaths are streamed", "[va][simulate]") {
#ifdef VASTER_SANITIZED
    WARN("memory is not measured under sanitizers");
    return;
#endif
    auto const growth = vaster::test::peak_growth([] {
        std::ofstream out("/dev/null");
        simulate(raw(50'000, 1), out);
    });
    CHECK(growth < 4'000'000);
}
