#include "domains/va/report/comparison_deaths.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "base/stats/bootstrap.hpp"
#include "base/stats/quantile.hpp"
#include "base/stats/summary.hpp"
#include "base/support/hash.hpp"
#include "core/report/elements.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

using report::FieldPlace;
using report::find_integers;
using report::find_ragged;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// One prediction as the study file has it.
struct Prediction {
    std::int64_t row = 0;
    std::int32_t truth = 0;
    std::array<std::int32_t, 3> top{};
    double weight = 1;
};

std::vector<std::string> const& causes_of(store::Reader const& study) {
    static std::vector<std::string> const none;
    for (auto const& list : study.schema().labels)
        if (list.name == "causes") return list.labels;
    return none;
}

/// The causes of all studies of a question: those of the first, then what others have beside them.
std::vector<std::string> all_causes(std::vector<store::Reader const*> const& studies) {
    std::vector<std::string> causes;
    for (auto const* study : studies)
        for (auto const& cause : causes_of(*study))
            if (std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(cause);
    return causes;
}

/// Reads the array "predictions"; causes by their place in a list that may be longer than the study's.
class PredictionReader {
  public:
    PredictionReader(store::Reader const& study, std::vector<std::string> const& causes)
        : study_(study), position_(find_ragged(study.schema(), "predictions")) {
        for (auto const& cause : causes_of(study))
            numbers_.push_back(
                static_cast<std::int32_t>(std::find(causes.begin(), causes.end(), cause) - causes.begin()));
        auto const& spec = study.schema().arrays[position_];
        stride_ = study::element_bytes(spec);
        for (char const* field : {"row", "true_cause", "cause1", "cause2", "cause3"})
            fields_.push_back(find_integers(spec, field));
        weight_ = report::find_reals(spec, "weight");
    }

    [[nodiscard]] std::vector<Prediction> read(std::size_t row) const {
        auto const arrays = study_.arrays(row);
        std::span<std::uint8_t const> const bytes(arrays[position_]);
        std::vector<Prediction> predictions;
        for (std::size_t at = 0; at < bytes.size(); at += stride_) {
            auto const value = [&](std::size_t k) {
                return number_of_cause(fields_[k].integer(bytes.subspan(at, stride_)));
            };
            auto const element = bytes.subspan(at, stride_);
            predictions.push_back({fields_[0].integer(element),
                                   value(1),
                                   {value(2), value(3), value(4)},
                                   weight_ ? weight_->real(element) : 1});
        }
        return predictions;
    }

  private:
    /// -1, no cause, stays what it is.
    [[nodiscard]] std::int32_t number_of_cause(std::int64_t cause) const {
        return cause < 0 ? static_cast<std::int32_t>(cause) : numbers_.at(static_cast<std::size_t>(cause));
    }

    store::Reader const& study_;
    std::size_t position_;
    std::size_t stride_ = 0;
    std::vector<std::int32_t> numbers_;  ///< of the study's causes in the list
    std::vector<FieldPlace> fields_;
    std::optional<FieldPlace> weight_;  ///< nothing where each death weighs 1
};

using Raw = std::vector<std::vector<std::vector<Prediction>>>;  ///< [n_models][n_places]

std::vector<std::int64_t> rows_of(std::vector<Prediction> const& predictions) {
    std::vector<std::int64_t> rows;
    rows.reserve(predictions.size());
    for (auto const& prediction : predictions) rows.push_back(prediction.row);
    return rows;
}

/// The rows that were tested at a place: the same for all models there. Empty where no model has a result.
std::vector<std::int64_t> tested_rows(Raw const& raw, Question const& question, std::size_t place) {
    std::vector<std::int64_t> rows;
    for (auto const& of_model : raw) {
        auto other = rows_of(of_model[place]);
        if (other.empty()) continue;
        require<DataError>(
            rows.empty() || rows == other,
            "two models were tested at {} (trained at {}, type {}, repeat {}) on different deaths; "
            "this study file was not written by one run of vaster",
            question.places[place].test_site, question.places[place].train_site, question.asked.type,
            question.places[place].repeat);
        rows = std::move(other);
    }
    return rows;
}

/// Collects the tested deaths by site; sets rows, strata and resplit.
void collect(Deaths& deaths, Raw const& raw, Question const& question) {
    std::map<std::string, std::set<std::int64_t>> of_site;
    std::map<std::pair<std::string, std::string>, std::vector<std::int64_t>> of_pair;
    for (std::size_t place = 0; place < question.places.size(); ++place) {
        auto const rows = tested_rows(raw, question, place);
        if (rows.empty()) continue;
        auto const& [train_site, test_site, repeat] = question.places[place];
        of_site[test_site].insert(rows.begin(), rows.end());
        auto const [known, is_new] = of_pair.emplace(std::pair(train_site, test_site), rows);
        deaths.resplit |= !is_new && known->second != rows;
    }
    for (auto const& [site, rows] : of_site) {
        deaths.strata.push_back(
            {site, static_cast<std::uint32_t>(deaths.rows.size()), static_cast<std::uint32_t>(rows.size())});
        deaths.rows.insert(deaths.rows.end(), rows.begin(), rows.end());
    }
}

Stratum const& stratum_of(Deaths const& deaths, std::string const& test_site) {
    return *std::find_if(deaths.strata.begin(), deaths.strata.end(),
                         [&](Stratum const& stratum) { return stratum.test_site == test_site; });
}

std::vector<TestedDeath> tested_deaths(Deaths const& deaths, std::vector<Prediction> const& predictions,
                                       std::string const& test_site) {
    std::vector<TestedDeath> tested;
    if (predictions.empty()) return tested;
    Stratum const& stratum = stratum_of(deaths, test_site);
    auto const begin = deaths.rows.begin() + stratum.first;
    for (auto const& prediction : predictions) {
        auto const found = std::lower_bound(begin, begin + stratum.n, prediction.row);
        auto const& top = prediction.top;
        tested.push_back({static_cast<std::uint32_t>(found - deaths.rows.begin()), prediction.truth, top[0],
                          std::find(top.begin(), top.end(), prediction.truth) != top.end(),
                          prediction.weight});
    }
    return tested;
}

/// Weights of one experiment's resample.
struct Tally {
    std::vector<double> truth, predicted;  ///< of each cause
    double n = 0, right = 0, in_top3 = 0;

    explicit Tally(std::size_t n_causes) : truth(n_causes), predicted(n_causes) {}

    void count(std::vector<TestedDeath> const& tested, std::span<std::uint32_t const> times) {
        std::fill(truth.begin(), truth.end(), 0.0);
        std::fill(predicted.begin(), predicted.end(), 0.0);
        n = right = in_top3 = 0;
        for (auto const& death : tested) {
            double const weight = times[death.death] * death.weight;
            truth[static_cast<std::size_t>(death.truth)] += weight;
            predicted[static_cast<std::size_t>(death.predicted)] += weight;
            n += weight;
            right += death.right() ? weight : 0;
            in_top3 += death.in_top3 ? weight : 0;
        }
    }
};

double csmf_accuracy(Tally const& tally) {
    if (tally.n == 0) return missing;
    auto fractions = [&](std::vector<double> counts) {
        for (double& count : counts) count /= tally.n;
        return counts;
    };
    return va::csmf_accuracy(fractions(tally.truth), fractions(tally.predicted));
}

using TallyMetric = double (*)(Tally const&);

/// The metrics that counts of predictions give; nullptr for all others.
TallyMetric tally_metric(std::string const& name) {
    static std::map<std::string, TallyMetric> const known{
        {"csmf_accuracy", csmf_accuracy},
        {"cccsmf_accuracy", [](Tally const& t) { return va::chance_corrected(csmf_accuracy(t)); }},
        {"cod_accuracy", [](Tally const& t) { return t.n == 0 ? missing : t.right / t.n; }},
        {"top3_accuracy", [](Tally const& t) { return t.n == 0 ? missing : t.in_top3 / t.n; }},
    };
    auto const found = known.find(name);
    return found == known.end() ? nullptr : found->second;
}

/// Draws deaths within each site. Each site's tested deaths have a stream of their own: the same deaths have
/// the same resamples, whatever the question.
class DeathResampler {
  public:
    DeathResampler(Deaths const& deaths, std::uint64_t seed) : deaths_(deaths), times_(deaths.rows.size()) {
        for (auto const& stratum : deaths.strata) {
            auto const* rows = reinterpret_cast<char const*>(deaths.rows.data() + stratum.first);
            auto const hash = hash_text({rows, stratum.n * sizeof(std::int64_t)});
            streams_.push_back(random_stream(seed, "compare deaths=" + hash, Purpose::resample));
        }
    }

    /// How often each death is in the next resample.
    [[nodiscard]] std::span<std::uint32_t const> next() {
        for (std::size_t s = 0; s < streams_.size(); ++s)
            stats::resample_counts(streams_[s],
                                   std::span(times_).subspan(deaths_.strata[s].first, deaths_.strata[s].n));
        return times_;
    }

  private:
    Deaths const& deaths_;
    std::vector<Random> streams_;
    std::vector<std::uint32_t> times_;
};

bool is_empty(Contrast const& contrast) {
    return std::all_of(contrast.begin(), contrast.end(), [](std::vector<double> const& weights) {
        return std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; });
    });
}

}  // namespace

Deaths read_deaths(Question const& question) {
    auto const causes = all_causes(question.studies);
    Raw raw;
    for (std::size_t model = 0; model < question.tried.size(); ++model) {
        PredictionReader const reader(*question.studies[model], causes);
        auto& places = raw.emplace_back();
        for (auto const& tried : question.tried[model])
            places.push_back(tried.row ? reader.read(*tried.row) : std::vector<Prediction>());
    }
    Deaths deaths;
    deaths.n_causes = causes.size();
    collect(deaths, raw, question);
    for (auto const& of_model : raw) {
        auto& places = deaths.tested.emplace_back();
        for (std::size_t place = 0; place < of_model.size(); ++place)
            places.push_back(tested_deaths(deaths, of_model[place], question.places[place].test_site));
    }
    return deaths;
}

TestedRows read_tested_rows(store::Reader const& study, std::size_t row) {
    auto const& causes = causes_of(study);
    TestedRows tested;
    for (auto const& prediction : PredictionReader(study, causes).read(row)) {
        tested.rows.push_back(prediction.row);
        tested.causes.push_back(causes.at(static_cast<std::size_t>(prediction.truth)));
    }
    return tested;
}

CausesOfSites causes_of_sites(Grid const& grid) {
    CausesOfSites causes;
    if (grid.questions.empty()) return causes;
    auto const names = all_causes(grid.questions.front().studies);
    std::map<std::string, std::map<std::int64_t, Prediction>> truth;  // by site and row
    for (auto const& question : grid.questions) {
        for (std::size_t place = 0; place < question.places.size(); ++place) {
            auto const tried =
                std::find_if(question.tried.begin(), question.tried.end(),
                             [&](auto const& of_model) { return of_model[place].row.has_value(); });
            if (tried == question.tried.end()) continue;
            auto const& study = *question.studies[static_cast<std::size_t>(tried - question.tried.begin())];
            for (auto const& prediction : PredictionReader(study, names).read(*(*tried)[place].row))
                truth[question.places[place].test_site][prediction.row] = prediction;
        }
    }
    for (auto const& [site, deaths] : truth) {
        auto& counts = causes.try_emplace(site, names.size(), 0.0).first->second;
        for (auto const& [row, death] : deaths)
            counts.at(static_cast<std::size_t>(death.truth)) += death.weight;
    }
    return causes;
}

namespace {

/// The most frequent cause of what a model was trained on.
std::int32_t most_frequent_cause(CausesOfSites const& causes, Place const& place, std::size_t n_causes) {
    std::vector<double> deaths(n_causes, 0.0);
    bool const one_site = causes.contains(place.train_site);
    for (auto const& [site, counts] : causes) {
        if (one_site ? site != place.train_site : site == place.test_site) continue;
        for (std::size_t cause = 0; cause < n_causes; ++cause) deaths[cause] += counts[cause];
    }
    return static_cast<std::int32_t>(std::max_element(deaths.begin(), deaths.end()) - deaths.begin());
}

/// The deaths of a place, as any model was tested on them; empty where none was.
std::vector<TestedDeath> any_tested(Deaths const& deaths, std::size_t place) {
    for (auto const& of_model : deaths.tested)
        if (!of_model[place].empty()) return of_model[place];
    return {};
}

}  // namespace

std::vector<std::vector<TestedDeath>> most_frequent_predictions(Deaths const& deaths,
                                                                CausesOfSites const& causes,
                                                                Question const& question) {
    std::vector<std::vector<TestedDeath>> predictions;
    for (std::size_t place = 0; place < question.places.size(); ++place) {
        auto tested = any_tested(deaths, place);
        auto const cause = most_frequent_cause(causes, question.places[place], deaths.n_causes);
        for (auto& death : tested) {
            death.predicted = cause;
            death.in_top3 = false;  // there is only one cause
        }
        predictions.push_back(std::move(tested));
    }
    return predictions;
}

std::vector<double> measured_once(Deaths const& deaths, std::size_t model, std::string const& metric) {
    std::vector<double> values(deaths.tested[model].size(), missing);
    TallyMetric const measure = metric == "top3_accuracy" ? nullptr : tally_metric(metric);
    if (measure == nullptr) return values;
    std::vector<std::uint32_t> const once(deaths.rows.size(), 1);
    Tally tally(deaths.n_causes);
    for (std::size_t place = 0; place < values.size(); ++place) {
        if (deaths.tested[model][place].empty()) continue;
        tally.count(deaths.tested[model][place], once);
        values[place] = measure(tally);
    }
    return values;
}

double guessing(std::string const& metric, std::size_t n_causes) {
    if (metric == "cod_accuracy") return n_causes == 0 ? missing : 1 / static_cast<double>(n_causes);
    if (metric == "csmf_accuracy") return 1 - std::exp(-1.0);
    return metric == "cccsmf_accuracy" ? 0 : missing;
}

std::vector<Resampled> bootstrap_contrasts(Deaths const& deaths, std::string const& metric,
                                           std::vector<Contrast> const& contrasts, std::size_t n_resamples,
                                           std::uint64_t seed) {
    std::vector<Resampled> resampled(contrasts.size(), {missing, {missing, missing}, {}});
    TallyMetric const measure = tally_metric(metric);
    if (measure == nullptr) return resampled;
    std::vector<std::vector<double>> sums(contrasts.size(), std::vector<double>(n_resamples, 0.0));
    DeathResampler resampler(deaths, seed);
    Tally tally(deaths.n_causes);
    for (std::size_t r = 0; r < n_resamples; ++r) {
        auto const times = resampler.next();
        for (std::size_t model = 0; model < deaths.tested.size(); ++model) {
            for (std::size_t place = 0; place < deaths.tested[model].size(); ++place) {
                if (deaths.tested[model][place].empty()) continue;
                tally.count(deaths.tested[model][place], times);
                double const value = measure(tally);
                for (std::size_t k = 0; k < contrasts.size(); ++k)
                    if (contrasts[k][model][place] != 0) sums[k][r] += contrasts[k][model][place] * value;
            }
        }
    }
    for (std::size_t k = 0; k < contrasts.size(); ++k)
        if (!is_empty(contrasts[k]))
            resampled[k] = {stats::summarise(sums[k]).mean, stats::percentile_interval(sums[k]), sums[k]};
    return resampled;
}

Discordance discordance_of(Deaths const& deaths, std::size_t first, std::size_t second,
                           std::vector<bool> const& places) {
    Discordance discordance;
    std::vector<std::int64_t> differences(deaths.rows.size(), 0);
    std::vector<bool> seen(deaths.rows.size(), false);
    for (std::size_t place = 0; place < places.size(); ++place) {
        auto const& of_first = deaths.tested[first][place];
        auto const& of_second = deaths.tested[second][place];
        if (!places[place] || of_first.empty() || of_second.empty()) continue;
        for (std::size_t i = 0; i < of_first.size(); ++i) {
            int const difference = int{of_first[i].right()} - int{of_second[i].right()};
            discordance.only_first += difference > 0 ? 1 : 0;
            discordance.only_second += difference < 0 ? 1 : 0;
            differences[of_first[i].death] += difference;
            seen[of_first[i].death] = true;
            ++discordance.tests;
        }
    }
    discordance.deaths = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true));
    if (discordance.tests == 0)
        discordance.exact = {missing, missing};
    else
        discordance.exact = stats::sign_flip_test(differences);
    return discordance;
}

}  // namespace vaster::va
