#include "domains/va/report/tested_predictions.hpp"

#include <algorithm>
#include <span>

namespace vaster::va {
namespace {

std::vector<std::string> const& causes_of(store::Reader const& study) {
    static std::vector<std::string> const none;
    for (auto const& list : study.schema().labels)
        if (list.name == "causes") return list.labels;
    return none;
}

}  // namespace

std::vector<std::string> all_causes(std::vector<store::Reader const*> const& studies) {
    std::vector<std::string> causes;
    for (auto const* study : studies)
        for (auto const& cause : causes_of(*study))
            if (std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(cause);
    return causes;
}

PredictionReader::PredictionReader(store::Reader const& study, std::vector<std::string> const& causes)
    : study_(&study), position_(report::find_ragged(study.schema(), "predictions")) {
    for (auto const& cause : causes_of(study))
        numbers_.push_back(
            static_cast<std::int32_t>(std::find(causes.begin(), causes.end(), cause) - causes.begin()));
    auto const& spec = study.schema().arrays[position_];
    stride_ = study::element_bytes(spec);
    for (char const* field : {"row", "true_cause", "cause1", "cause2", "cause3"})
        fields_.push_back(report::find_integers(spec, field));
    weight_ = report::find_reals(spec, "weight");
}

std::vector<Prediction> PredictionReader::read(std::size_t row) const {
    auto const arrays = study_->arrays(row);
    std::span<std::uint8_t const> const bytes(arrays[position_]);
    std::vector<Prediction> predictions;
    predictions.reserve(bytes.size() / stride_);
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
    std::map<store::Reader const*, PredictionReader> readers;
    std::map<SiteName, std::map<std::int64_t, Prediction>> truth;  // by site and row
    for (auto const& question : grid.questions) {
        for (std::size_t place = 0; place < question.places.size(); ++place) {
            auto const tried =
                std::find_if(question.tried.begin(), question.tried.end(),
                             [&](auto const& of_model) { return of_model[place].row.has_value(); });
            if (tried == question.tried.end()) continue;
            auto const* study = question.studies[static_cast<std::size_t>(tried - question.tried.begin())];
            auto const& reader = readers.try_emplace(study, *study, names).first->second;
            for (auto const& prediction : reader.read(*(*tried)[place].row))
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

}  // namespace vaster::va
