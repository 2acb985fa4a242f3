#include "domains/va/report/comparison_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <fmt/ranges.h>

#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr std::string_view not_compared = "tuning";

/// One row of the plan.
struct Entry {
    Asked asked;
    TestedPlace place;
    std::string model;
    std::size_t row = 0;
};

/// Reads the rows of the plan, one after the other: all of them would be too many to hold.
class EntryReader {
  public:
    /// @throws DataError when the study does not have the design columns of a comparison
    explicit EntryReader(store::Reader const& study)
        : study_(study),
          type_(column("type")),
          fraction_(column("fraction")),
          train_site_(column("train_site")),
          test_site_(column("test_site")),
          repeat_(column("repeat")),
          model_(column("model")) {}

    /// Calls visit(entry) for each row that is compared, in their order.
    template <class Visit>
    void for_each(Visit visit) const {
        for (std::size_t row = 0; row < study_.size(); ++row) {
            auto const& design = study_.experiment(row).design;
            auto const text = [&](std::size_t place) { return std::get<std::string>(design.at(place)); };
            if (text(type_) == not_compared) continue;
            visit(Entry{{text(type_), std::get<double>(design.at(fraction_))},
                        {SiteName(text(train_site_)), SiteName(text(test_site_)),
                         std::get<std::int64_t>(design.at(repeat_))},
                        text(model_),
                        row});
        }
    }

    [[nodiscard]] store::Reader const& study() const noexcept { return study_; }

  private:
    [[nodiscard]] std::size_t column(std::string_view name) const {
        auto const& columns = study_.schema().design;
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (columns[i].name == name) return i;
        throw DataError(
            fmt::format("{}: a study of kind '{}' has no column '{}' in its design; only comparisons of "
                        "models across sites can be compared",
                        study_.path().string(), study_.header().kind, name));
    }

    store::Reader const& study_;
    std::size_t type_, fraction_, train_site_, test_site_, repeat_, model_;
};

bool same(Asked const& a, Asked const& b) {
    return a.type == b.type && a.fraction == b.fraction;
}

/// Places count for the site that was trained at; where models were trained at something that is not a site
/// of its own (all others together), for the site that was tested at.
void name_sites(Question& question, std::set<SiteName> const& test_sites) {
    bool const trained_at_sites =
        std::all_of(question.places.begin(), question.places.end(),
                    [&](auto const& p) { return test_sites.contains(p.train_site); });
    for (auto const& place : question.places)
        question.sites.push_back(trained_at_sites ? place.train_site : place.test_site);
}

/// Sorts them and leaves each place once.
void tidy(std::vector<TestedPlace>& places) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
}

/// Every place of the question, once.
std::vector<TestedPlace> places_of(EntryReader const& entries, Asked const& asked) {
    std::vector<TestedPlace> places;
    std::size_t untidy_from = 1024;
    entries.for_each([&](Entry const& entry) {
        if (!same(entry.asked, asked) || entries.study().skipped(entry.row)) return;
        places.push_back(entry.place);
        if (places.size() < untidy_from) return;
        tidy(places);
        untidy_from = std::max(untidy_from, 2 * places.size());
    });
    tidy(places);
    places.shrink_to_fit();
    return places;
}

Question question_of(EntryReader const& entries, Asked const& asked, std::vector<std::string> const& models) {
    auto const& study = entries.study();
    Question question{asked, places_of(entries, asked), {}, {}, {}};
    question.tried.assign(models.size(), std::vector<Tried>(question.places.size()));
    entries.for_each([&](Entry const& entry) {
        if (!same(entry.asked, asked) || study.skipped(entry.row)) return;
        auto const model = std::find(models.begin(), models.end(), entry.model) - models.begin();
        auto const place = std::lower_bound(question.places.begin(), question.places.end(), entry.place) -
                           question.places.begin();
        Tried& tried = question.tried[static_cast<std::size_t>(model)][static_cast<std::size_t>(place)];
        tried.planned = true;
        if (study.done(entry.row)) tried.row = static_cast<std::uint32_t>(entry.row);
    });
    return question;
}

/// Rows that the plan skipped are not holes, but a reader must know of them.
std::vector<std::string> skipped_notes(EntryReader const& entries) {
    std::map<std::string, std::size_t> reasons;
    entries.for_each([&](Entry const& entry) {
        if (entries.study().skipped(entry.row)) ++reasons[entries.study().info(entry.row).error];
    });
    std::vector<std::string> notes;
    notes.reserve(reasons.size());
    for (auto const& [reason, count] : reasons)
        notes.push_back(fmt::format("{} experiments were skipped by the plan: {}", count, reason));
    return notes;
}

Hole hole_of(store::Reader const& study, Entry const& entry) {
    return {entry.asked,
            entry.place.train_site.text(),
            entry.place.test_site.text(),
            entry.model,
            entry.place.repeat,
            to_text(study.status(entry.row)),
            "",
            study.info(entry.row).error};
}

}  // namespace

SiteName::SiteName(std::string const& text) {
    static std::set<std::string> names;
    text_ = &*names.insert(text).first;
}

std::size_t Question::n_planned(std::size_t model) const {
    return static_cast<std::size_t>(std::count_if(tried[model].begin(), tried[model].end(),
                                                  [](Tried const& cell) { return cell.planned; }));
}

Grid read_grid(store::Reader const& study) {
    EntryReader const entries(study);
    Grid grid;
    std::vector<Asked> asked;
    std::set<SiteName> test_sites;
    entries.for_each([&](Entry const& entry) {
        test_sites.insert(entry.place.test_site);
        if (std::find(grid.models.begin(), grid.models.end(), entry.model) == grid.models.end())
            grid.models.push_back(entry.model);
        if (std::none_of(asked.begin(), asked.end(), [&](Asked const& a) { return same(a, entry.asked); }))
            asked.push_back(entry.asked);
        if (!study.done(entry.row) && !study.skipped(entry.row))
            grid.holes.add([&] { return hole_of(study, entry); });
    });
    for (auto const& each : asked) {
        Question question = question_of(entries, each, grid.models);
        name_sites(question, test_sites);
        question.studies.assign(grid.models.size(), &study);
        if (!question.places.empty()) grid.questions.push_back(std::move(question));
    }
    for (std::size_t first = 0; first < grid.models.size(); ++first)
        for (std::size_t second = first + 1; second < grid.models.size(); ++second)
            grid.pairs.emplace_back(first, second);
    grid.notes = skipped_notes(entries);
    return grid;
}

std::vector<double> values_of(Question const& question, std::size_t model, std::string_view name,
                              study::CellType type) {
    auto const& study = *question.studies.at(model);
    std::size_t const column = result_column(study.schema(), name, type);
    std::vector<double> values;
    values.reserve(question.tried[model].size());
    for (auto const& tried : question.tried[model]) {
        if (!tried.row) {
            values.push_back(std::numeric_limits<double>::quiet_NaN());
            continue;
        }
        auto const& cell = study.cells(*tried.row).at(column);
        auto const* integer = std::get_if<std::int64_t>(&cell);
        values.push_back(integer != nullptr ? static_cast<double>(*integer) : std::get<double>(cell));
    }
    return values;
}

PlaceWeights::PlaceWeights(Question const& question, std::vector<bool> used)
    : question_(&question), used_(std::move(used)) {
    std::map<SiteName, double> places_of_site;
    for (std::size_t i = 0; i < used_.size(); ++i)
        if (used_[i]) places_of_site[question.sites[i]] += 1;
    for (auto const& [site, places] : places_of_site)
        of_site_.emplace_back(site, 1 / (static_cast<double>(places_of_site.size()) * places));
}

double PlaceWeights::of(std::size_t place) const {
    if (!used_[place]) return 0;
    return std::find_if(of_site_.begin(), of_site_.end(),
                        [site = question_->sites[place]](auto const& one) { return one.first == site; })
        ->second;
}

std::size_t result_column(study::Schema const& schema, std::string_view name, study::CellType type) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < schema.results.size(); ++i) {
        auto const& column = schema.results[i];
        if (column.type != type || column.nature != study::Nature::result) continue;
        if (column.name == name) return i;
        names.push_back(column.name);
    }
    throw UsageError(
        fmt::format("'{}' is not a metric of this study; it has {}", name, fmt::join(names, ", ")));
}

}  // namespace vaster::va
