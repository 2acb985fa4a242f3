#include "domains/va/report/prediction_results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/store/kept_data.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/prediction/fraction_intervals.hpp"
#include "domains/va/prediction/new_deaths.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A set of deaths that has fractions of its own.
struct Group {
    std::string name;
    std::vector<std::size_t> members;  ///< positions in the scan's groups
};

std::string value_text(std::string const& column, std::string const& value) {
    return fmt::format("{}={}", column, value.empty() ? "(none)" : value);
}

/// All deaths, each value of each column, and each combination where there are several columns.
std::vector<Group> groups_of(std::vector<std::vector<std::string>> const& combinations,
                             std::vector<std::string> const& columns) {
    Group all{"all", std::vector<std::size_t>(combinations.size())};
    std::iota(all.members.begin(), all.members.end(), std::size_t{0});
    std::vector<Group> groups{std::move(all)};
    for (std::size_t j = 0; j < columns.size(); ++j) {
        std::map<std::string, std::vector<std::size_t>> by_value;
        for (std::size_t i = 0; i < combinations.size(); ++i) by_value[combinations[i].at(j)].push_back(i);
        for (auto& [value, members] : by_value)
            groups.push_back({value_text(columns[j], value), std::move(members)});
    }
    if (columns.size() < 2) return groups;
    for (std::size_t i = 0; i < combinations.size(); ++i) {
        std::vector<std::string> texts;
        for (std::size_t j = 0; j < columns.size(); ++j)
            texts.push_back(value_text(columns[j], combinations[i][j]));
        groups.push_back({fmt::format("{}", fmt::join(texts, ", ")), {i}});
    }
    return groups;
}

/// Gathers what the blocks say.
class Gatherer {
  public:
    explicit Gatherer(store::Reader const& study)
        : study_(study),
          layout_(layout_of(study.schema())),
          sums_(layout_.no_sums()),
          true_counts_(layout_.n_causes) {
        results_.layout = layout_;
        results_.model = model_note(study.schema());
        results_.confusion = confusion_in(study.schema(), layout_.n_causes);
        results_.posterior = posterior_note(study.schema());
        results_.causes = labels_named(study.schema(), "causes");
        results_.cause_names = labels_named(study.schema(), "cause_names");
        results_.symptoms = labels_named(study.schema(), "symptoms");
        results_.best.resize(10);
        results_.n_blocks = study.size();
        results_.cells.converged = nan;
        results_.cells.rhat = nan;
        if (results_.cause_names.size() != results_.causes.size()) results_.cause_names.clear();
        require<DataError>(results_.causes.size() == layout_.n_causes, "{} does not name its causes",
                           study.path().string());
    }

    PredictionResults gather() && {
        for (std::size_t i = 0; i < study_.size(); ++i) {
            if (study_.done(i))
                take(i);
            else
                results_.unfinished.push_back(i);
        }
        auto const kept = store::read_kept_data(study_.path());
        Scan const scan = scan_in(kept, results_.symptoms.size());
        results_.data_hash = scan.content_hash;
        if (scan.weights) largest_weight_ = scan.weights->largest;
        add_drift(training_answers_in(kept, results_.symptoms.size()), scan.answers);
        if (!results_.model.transfer_error)
            results_.why_no_transfer =
                "the model file has no inner results of three or more sites left out in turn ('vaster train' "
                "makes "
                "them with --inner leave_one_site_out)";
        for (auto const& group : groups_of(scan.groups, labels_named(study_.schema(), "group_columns")))
            add_fractions(group.name, sums_.together(group.members), group.name == "all");
        if (batches_.size() > 1)
            for (auto const& batch : batches_)
                add_fractions(value_text("batch", batch.name), batch.sums, false, &batch.own);
        if (results_.posterior) add_fractions(*results_.posterior);
        add_scores();
        return std::move(results_);
    }

  private:
    struct BatchOf {
        std::string name;
        CauseSums sums;
        OwnFractions own;
    };

    void take(std::size_t i) {
        BlockArrays block = unpacked(study_.arrays(i), layout_);
        PredictionCells const cells = prediction_cells(study_.cells(i));
        auto& all = results_.cells;
        all.deaths += cells.deaths;
        all.counted += cells.counted;
        all.unreadable += cells.unreadable;
        all.unanswered += cells.unanswered;
        all.undetermined += cells.undetermined;
        all.seconds += cells.seconds;
        if (!std::isnan(cells.converged))
            all.converged =
                std::isnan(all.converged) ? cells.converged : std::min(all.converged, cells.converged);
        if (!std::isnan(cells.rhat))
            all.rhat = std::isnan(all.rhat) ? cells.rhat : std::max(all.rhat, cells.rhat);
        for (auto const& death : block.deaths) take(death);
        sums_.add(block.sums);
        if (!layout_.batches) return;
        std::vector<std::size_t> groups(layout_.n_groups);
        std::iota(groups.begin(), groups.end(), std::size_t{0});
        batches_.push_back({std::get<std::string>(study_.experiment(i).design.at(1)),
                            block.sums.together(groups), std::move(block.own)});
    }

    void take(DeathRow const& death) {
        double const best = death.probabilities.front();
        if (!std::isnan(best))
            ++results_
                  .best[std::min<std::size_t>(static_cast<std::size_t>(best * 10), results_.best.size() - 1)];
        if (death.true_rank < 0) return;
        ++scored_;
        scored_weight_ += death.weight;
        true_counts_[static_cast<std::size_t>(death.true_cause)] += death.weight;
        bool const determined = (death.flags & flag_undetermined) == 0;
        if (determined && death.true_rank == 0) right_ += death.weight;
        if (determined && death.true_rank < 3) right3_ += death.weight;
        constexpr double least_probability = 1e-15;
        loss_ -= death.weight * std::log(std::max(death.true_probability, least_probability));
    }

    void add_drift(std::vector<SymptomCounts> const& trained, std::vector<SymptomCounts> const& seen) {
        results_.drift = drift_of(trained, seen);
        for (std::size_t k = 0; k < trained.size(); ++k)
            results_.symptoms_drift.push_back({k, trained[k], seen[k]});
    }

    /// @param own  the model's own fractions of the group; null: the means of the probabilities, or, for all
    /// deaths, the own fractions of the batches by their deaths
    void add_fractions(std::string const& name, CauseSums const& sums, bool is_all,
                       OwnFractions const* own = nullptr) {
        auto csmf = fractions_of(sums);
        auto sampling = sampling_intervals(sums, study_.header().seed);
        bool const has_weights = layout_.weighted == Weighted::yes;
        if (has_weights) own = nullptr;  // the model counts deaths evenly
        if (is_all && batches_.size() == 1 && !has_weights) own = &batches_.front().own;
        if (own != nullptr && !own->fraction.empty() && !std::isnan(own->fraction.front())) {
            csmf = own->fraction;
            for (std::size_t c = 0; c < csmf.size(); ++c) sampling[c] = {own->lo[c], own->hi[c]};
        } else if (is_all && batches_.size() > 1 && !has_weights) {
            csmf = own_of_all(std::move(csmf));
        }
        std::vector<CalibratedFraction> calibrated(csmf.size(), {nan, nan, nan});
        if (results_.confusion)
            calibrated = calibrated_fractions(top_deaths_of(sums), *results_.confusion, study_.header().seed);
        Size const size = size_of(sums);
        for (std::size_t c = 0; c < csmf.size(); ++c) {
            FractionRow row = row_of(name, c, csmf[c], sampling[c], size);
            row.top_count = static_cast<std::uint64_t>(sums.top[c]);
            row.calibrated = calibrated[c].fraction;
            row.calibrated_lo = calibrated[c].lo;
            row.calibrated_hi = calibrated[c].hi;
            results_.fractions.push_back(std::move(row));
        }
        FractionRow undetermined = row_of(name, csmf.size(), nan, {nan, nan}, size);
        undetermined.top_count = static_cast<std::uint64_t>(sums.top.back());
        results_.fractions.push_back(std::move(undetermined));
    }

    /// Those of the deaths that taught the model, which are not among these, as far as is known.
    void add_fractions(PosteriorNote const& posterior) {
        auto const& own = posterior.csmf;
        for (std::size_t c = 0; c < own.fraction.size(); ++c)
            results_.fractions.push_back(
                row_of("posterior", c, own.fraction[c], {own.lo[c], own.hi[c]},
                       {posterior.n_deaths, nan, static_cast<double>(posterior.n_deaths)}));
    }

    /// How many deaths a group has.
    struct Size {
        std::uint64_t n = 0;
        double sum_of_weights = 0;  ///< NaN: not known
        double effective = 0;
    };

    [[nodiscard]] Size size_of(CauseSums const& sums) const {
        auto const [sum, effective] = weight_of(sums);
        return {deaths_of(sums), sum * largest_weight_, effective};
    }

    /// A fraction with its interval for unseen sites. @param cause  n_causes: undetermined
    [[nodiscard]] FractionRow row_of(std::string const& group, std::size_t cause, double csmf,
                                     stats::Interval sampling, Size const& size) const {
        FractionRow row;
        row.group = group;
        row.cause = cause < results_.causes.size() ? results_.causes[cause] : "undetermined";
        row.csmf = csmf;
        row.sampling_lo = sampling.lo;
        row.sampling_hi = sampling.hi;
        row.transfer_lo = row.transfer_hi = nan;
        row.calibrated = row.calibrated_lo = row.calibrated_hi = nan;
        row.n = size.n;
        row.sum_of_weights = size.sum_of_weights;
        row.n_effective = size.effective;
        if (!results_.model.transfer_error || size.n == 0 || std::isnan(csmf)) return row;
        auto const transfer = transfer_interval(csmf, *results_.model.transfer_error, size.effective);
        row.transfer_lo = transfer.lo;
        row.transfer_hi = transfer.hi;
        return row;
    }

    [[nodiscard]] std::vector<double> own_of_all(std::vector<double> means) const {
        std::vector<double> own(means.size());
        double n = 0;
        for (auto const& batch : batches_) {
            if (batch.own.fraction.empty() || std::isnan(batch.own.fraction.front())) return means;
            auto const deaths = static_cast<double>(deaths_of(batch.sums));
            n += deaths;
            for (std::size_t c = 0; c < own.size(); ++c) own[c] += deaths * batch.own.fraction[c];
        }
        for (auto& fraction : own) fraction /= n;
        return own;
    }

    void add_scores() {
        if (!layout_.scored || scored_ == 0) return;
        double const n = scored_weight_;
        std::vector<double> truth;
        for (double const weight : true_counts_) truth.push_back(weight / n);
        std::vector<double> predicted;
        for (std::size_t c = 0; c < layout_.n_causes; ++c) predicted.push_back(results_.fractions[c].csmf);
        results_.scores =
            PredictionScores{scored_, right_ / n, right3_ / n, csmf_accuracy(truth, predicted), loss_ / n};
    }

    store::Reader const& study_;
    PredictionLayout layout_;
    PredictionResults results_;
    CauseSums sums_;
    std::vector<BatchOf> batches_;
    double largest_weight_ = 1;
    std::uint64_t scored_ = 0;  ///< deaths; what follows are sums of their weights
    double scored_weight_ = 0;
    double right_ = 0;
    double right3_ = 0;
    double loss_ = 0;
    std::vector<double> true_counts_;
};

}  // namespace

PredictionResults results_of(store::Reader const& study) {
    return Gatherer(study).gather();
}

std::string const& PredictionResults::name_of(std::string const& cause) const {
    auto const place = std::find(causes.begin(), causes.end(), cause);
    if (cause_names.empty() || place == causes.end()) return cause;
    return cause_names[static_cast<std::size_t>(place - causes.begin())];
}

}  // namespace vaster::va
