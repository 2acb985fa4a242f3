#include "domains/va/report/comparison_deaths.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

std::vector<std::int64_t> rows_of(std::vector<Prediction> const& predictions) {
    std::vector<std::int64_t> rows;
    rows.reserve(predictions.size());
    for (auto const& prediction : predictions) rows.push_back(prediction.row);
    return rows;
}

/// The most frequent cause of what a model was trained on.
std::int32_t most_frequent_cause(CausesOfSites const& causes, TestedPlace const& place,
                                 std::size_t n_causes) {
    std::vector<double> deaths(n_causes, 0.0);
    bool const one_site = causes.contains(place.train_site);
    for (auto const& [site, counts] : causes) {
        if (one_site ? site != place.train_site : site == place.test_site) continue;
        for (std::size_t cause = 0; cause < n_causes; ++cause) deaths[cause] += counts[cause];
    }
    return static_cast<std::int32_t>(std::max_element(deaths.begin(), deaths.end()) - deaths.begin());
}

}  // namespace

Deaths::Deaths(Question const& question, CausesOfSites const& causes, std::size_t most_kept)
    : question_(question), causes_(causes) {
    auto const names = all_causes(question.studies);
    n_causes_ = names.size();
    for (auto const* study : question.studies) readers_.emplace_back(*study, names);
    collect();
    keep(most_kept);
}

std::vector<Prediction> Deaths::predictions(std::size_t model, std::size_t place) const {
    auto const& row = question_.tried[model][place].row;
    return row ? readers_[model].read(*row) : std::vector<Prediction>();
}

/// The rows that were tested at a place: the same for all models there. Empty where no model has a result.
std::vector<std::int64_t> Deaths::tested_rows(std::size_t place) const {
    std::vector<std::int64_t> rows;
    for (std::size_t model = 0; model < readers_.size(); ++model) {
        auto other = rows_of(predictions(model, place));
        if (other.empty()) continue;
        require<DataError>(
            rows.empty() || rows == other,
            "two models were tested at {} (trained at {}, type {}, repeat {}) on different deaths; "
            "this study file was not written by one run of vaster",
            question_.places[place].test_site.text(), question_.places[place].train_site.text(),
            question_.asked.type, question_.places[place].repeat);
        rows = std::move(other);
    }
    return rows;
}

void Deaths::collect() {
    std::map<SiteName, std::set<std::int64_t>> of_site;
    std::map<std::pair<SiteName, SiteName>, std::vector<std::int64_t>> of_pair;
    for (std::size_t place = 0; place < n_places(); ++place) {
        auto const rows = tested_rows(place);
        if (rows.empty()) continue;
        auto const& [train_site, test_site, repeat] = question_.places[place];
        of_site[test_site].insert(rows.begin(), rows.end());
        auto const [known, is_new] = of_pair.emplace(std::pair(train_site, test_site), rows);
        resplit_ |= !is_new && known->second != rows;
    }
    for (auto const& [site, rows] : of_site) {
        strata_.push_back(
            {site, static_cast<std::uint32_t>(rows_.size()), static_cast<std::uint32_t>(rows.size())});
        rows_.insert(rows_.end(), rows.begin(), rows.end());
    }
}

void Deaths::keep(std::size_t most_kept) {
    std::size_t const most = most_kept / (sizeof(TestedDeath) + sizeof(std::size_t));
    kept_.reserve(most);  // what is not used stays without memory; growing would need room for two
    std::vector<TestedDeath> next;
    for (std::size_t i = 0; i < readers_.size() * n_places() && i < most; ++i) {
        read(i / n_places(), i % n_places(), next);
        if (kept_.size() + next.size() > most) return;
        kept_.insert(kept_.end(), next.begin(), next.end());
        ends_.push_back(kept_.size());
    }
}

std::optional<std::span<TestedDeath const>> Deaths::kept(std::size_t model, std::size_t place) const {
    std::size_t const i = model * n_places() + place;
    if (i >= ends_.size()) return std::nullopt;
    std::size_t const begin = i == 0 ? 0 : ends_[i - 1];
    return std::span(kept_).subspan(begin, ends_[i] - begin);
}

std::span<TestedDeath const> Deaths::tested(std::size_t model, std::size_t place) {
    VASTER_EXPECTS(model < n_models() && place < n_places());
    if (auto const found = kept(model, place)) return *found;
    auto& passing = passing_[turn_++ % passing_.size()];
    if (model == most_frequent())
        read_most_frequent(place, passing);
    else
        read(model, place, passing);
    return passing;
}

void Deaths::read(std::size_t model, std::size_t place, std::vector<TestedDeath>& tested) const {
    tested.clear();
    auto const predicted = predictions(model, place);
    if (predicted.empty()) return;
    auto const stratum = std::find_if(strata_.begin(), strata_.end(), [&](Stratum const& one) {
        return one.test_site == question_.places[place].test_site;
    });
    auto const begin = rows_.begin() + stratum->first;
    for (auto const& prediction : predicted) {
        auto const found = std::lower_bound(begin, begin + stratum->n, prediction.row);
        auto const& top = prediction.top;
        tested.push_back({static_cast<std::uint32_t>(found - rows_.begin()), prediction.truth, top[0],
                          std::find(top.begin(), top.end(), prediction.truth) != top.end(),
                          prediction.weight});
    }
}

void Deaths::read_most_frequent(std::size_t place, std::vector<TestedDeath>& tested) const {
    tested.clear();
    for (std::size_t model = 0; model < readers_.size() && tested.empty(); ++model) {
        if (auto const found = kept(model, place))
            tested.assign(found->begin(), found->end());
        else
            read(model, place, tested);
    }
    auto const cause = most_frequent_cause(causes_, question_.places[place], n_causes_);
    for (auto& death : tested) {
        death.predicted = cause;
        death.in_top3 = false;  // there is only one cause
    }
}

}  // namespace vaster::va
