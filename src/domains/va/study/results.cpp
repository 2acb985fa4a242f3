// The row and the arrays of an experiment, packed as the schema has them.
#include "domains/va/study/results.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace vaster::va {
namespace {

using study::Cells;

/// Elements of an array, packed as study::ArraySpec has them.
class Packer {
  public:
    template <class T>
    Packer& add(T value) {
        auto const* bytes = reinterpret_cast<std::uint8_t const*>(&value);
        bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
        return *this;
    }

    template <class T>
    static std::vector<std::uint8_t> pack(std::vector<T> const& values) {
        std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
        if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }

    [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

std::vector<std::uint8_t> packed_causes(va::CauseScores const& causes) {
    Packer packer;
    for (std::size_t c = 0; c < causes.ccc.size(); ++c)
        packer.add(causes.sensitivity[c])
            .add(causes.specificity[c])
            .add(causes.precision[c])
            .add(causes.f1[c])
            .add(causes.ccc[c]);
    return packer.take();
}

std::vector<std::uint8_t> packed_predictions(va::Cohort const& cohort, va::DeathList const& test,
                                             models::Prediction const& prediction) {
    constexpr std::size_t n_kept = 3;
    Packer packer;
    for (std::size_t i = 0; i < test.size(); ++i) {
        auto const probability = prediction.of_death(i);
        auto const top = va::most_probable(probability, n_kept);
        if (!cohort.ids.empty()) packer.add(static_cast<std::int32_t>(test[i]));
        packer.add(std::int64_t{cohort.row[test[i]]}).add(static_cast<std::int32_t>(cohort.cause[test[i]]));
        for (std::size_t k = 0; k < n_kept; ++k)
            packer.add(k < top.size() ? static_cast<std::int32_t>(top[k]) : std::int32_t{-1})
                .add(k < top.size() ? probability[top[k]] : 0.0);
        if (!cohort.weight.empty()) packer.add(cohort.weight[test[i]]);
    }
    return packer.take();
}

/// How the prediction was sampled; missing numbers for models that do not sample.
Cells sampling_cells(models::Prediction const& prediction) {
    constexpr std::size_t n_numbers = 12;
    if (!prediction.sampling) {
        Cells cells(n_numbers, std::numeric_limits<double>::quiet_NaN());
        cells.emplace_back(std::string());
        return cells;
    }
    models::Sampling const& sampling = *prediction.sampling;
    return {sampling.converged ? 1.0 : 0.0,
            sampling.rhat,
            sampling.ess,
            sampling.acceptance,
            static_cast<double>(sampling.iterations),
            static_cast<double>(sampling.chains),
            static_cast<double>(sampling.modes),
            sampling.mode_weight,
            sampling.mode_csmf_distance,
            sampling.mode_top_changes,
            static_cast<double>(sampling.symptoms_left_out),
            static_cast<double>(sampling.causes_left_out),
            fmt::format("{}", fmt::join(sampling.notes, "; "))};
}

/// What the model says of itself; n NaNs for models that do not.
std::vector<double> own_or_missing(std::vector<double> const& values, std::size_t n) {
    return values.empty() ? std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()) : values;
}

Cells result_cells(Evaluation const& evaluation) {
    auto const& [n_train, test, prediction, scores, intervals, grouped, seconds, weights] = evaluation;
    return {static_cast<std::int64_t>(n_train),
            static_cast<std::int64_t>(scores.n_deaths),
            scores.csmf_accuracy,
            intervals.csmf_accuracy.lo,
            intervals.csmf_accuracy.hi,
            scores.csmf_accuracy_union,
            scores.csmf_accuracy_posterior,
            scores.cccsmf_accuracy,
            scores.cod_accuracy,
            intervals.cod_accuracy.lo,
            intervals.cod_accuracy.hi,
            scores.top3_accuracy,
            scores.mean_ccc,
            scores.log_loss,
            scores.brier,
            seconds.fit,
            seconds.predict,
            seconds.metrics,
            scores.top5_accuracy,
            intervals.csmf_accuracy_union.lo,
            intervals.csmf_accuracy_union.hi,
            intervals.cccsmf_accuracy.lo,
            intervals.cccsmf_accuracy.hi,
            intervals.top3_accuracy.lo,
            intervals.top3_accuracy.hi,
            intervals.mean_ccc.lo,
            intervals.mean_ccc.hi,
            scores.csmf_accuracy_probabilities,
            intervals.csmf_accuracy_probabilities.lo,
            intervals.csmf_accuracy_probabilities.hi};
}

/// As grouping_columns() of va_schema.cpp.
Cells grouped_cells(GroupedScores const& grouped) {
    auto const& [scores, intervals] = grouped;
    return {scores.csmf_accuracy,
            intervals.csmf_accuracy.lo,
            intervals.csmf_accuracy.hi,
            scores.csmf_accuracy_posterior,
            scores.cccsmf_accuracy,
            scores.cod_accuracy,
            intervals.cod_accuracy.lo,
            intervals.cod_accuracy.hi,
            scores.mean_ccc,
            scores.log_loss,
            scores.brier};
}

void append(Cells& cells, Cells more) {
    std::move(more.begin(), more.end(), std::back_inserter(cells));
}

}  // namespace

study::Result pack_result(study::ExperimentIndex index, va::Cohort const& cohort,
                          Evaluation const& evaluation) {
    va::Scores const& scores = evaluation.scores;
    study::Result result;
    result.index = index;
    result.cells = result_cells(evaluation);
    append(result.cells, sampling_cells(evaluation.prediction));
    for (auto const& grouped : evaluation.grouped) append(result.cells, grouped_cells(grouped));
    if (!cohort.weight.empty()) {
        auto const sums = va::weight_sums(evaluation.weights);
        append(result.cells, {sums.sum, sums.effective});
    }
    models::Sampling const sampling = evaluation.prediction.sampling.value_or(models::Sampling());
    std::size_t const n_causes = cohort.causes.size();
    result.arrays = {Packer::pack(scores.confusion),
                     Packer::pack(scores.csmf_true),
                     Packer::pack(scores.csmf_pred),
                     Packer::pack(own_or_missing(scores.csmf_own, n_causes)),
                     Packer::pack(own_or_missing(sampling.csmf_lo, n_causes)),
                     Packer::pack(own_or_missing(sampling.csmf_hi, n_causes)),
                     packed_causes(scores.causes),
                     packed_predictions(cohort, evaluation.test, evaluation.prediction)};
    if (!cohort.populations.empty())
        result.arrays.push_back(Packer::pack(
            own_or_missing(evaluation.prediction.csmf_by_population, cohort.populations.size() * n_causes)));
    return result;
}

}  // namespace vaster::va
