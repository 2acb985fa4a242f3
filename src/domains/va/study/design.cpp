#include "domains/va/study/design.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

TrainingPart part_of(SiteParts parts) {
    return parts == SiteParts::full ? TrainingPart::whole : TrainingPart::train;
}

/// Collects the cells of one repeat and model.
class CellMaker {
  public:
    CellMaker(DesignOptions const& options, Partition const& partition)
        : options_(options), partition_(partition) {}

    void add(DesignCell cell) {
        auto const object = [&](std::string const& obstacle) {
            if (cell.skip_reason.empty()) cell.skip_reason = obstacle;
        };
        if (cell.train_sites.empty()) object("there is no other site to train on");
        if (cell.type == ExperimentType::leave_one_site_out)
            object(partition_.pool_obstacle(cell.train_sites));
        else
            for (std::uint32_t const site : cell.train_sites) object(partition_.training_obstacle(site));
        object(partition_.test_obstacle(cell.test_site));
        if (cell.part != TrainingPart::whole) {
            for (std::uint32_t const site : cell.train_sites) object(partition_.division_obstacle(site));
            object(partition_.division_obstacle(cell.test_site));
        }
        if (cell.part == TrainingPart::reduced && cell.skip_reason.empty())
            object(partition_.reduction_obstacle(cell.train_sites.front(), cell.fraction));
        cells_.push_back(std::move(cell));
    }

    void add_in_domain(DesignCell const& base) {
        for (std::uint32_t const site : options_.sites) {
            DesignCell cell = base;
            cell.type = ExperimentType::in_domain;
            cell.train_sites = {site};
            cell.test_site = site;
            add(cell);
        }
    }

    void add_out_domain(DesignCell const& base) {
        for (std::uint32_t const train : options_.sites) {
            for (std::uint32_t const test : options_.sites) {
                if (train == test) continue;
                DesignCell cell = base;
                cell.type = ExperimentType::out_domain;
                cell.train_sites = {train};
                cell.test_site = test;
                cell.part = part_of(options_.out_domain);
                add(cell);
            }
        }
    }

    void add_training_sizes(DesignCell const& base) {
        for (double const fraction : options_.training_sizes) {
            DesignCell cell = base;
            cell.type = ExperimentType::training_size;
            cell.train_sites = {options_.primary_site};
            cell.test_site = options_.primary_site;
            cell.fraction = fraction;
            cell.part = fraction < 1 ? TrainingPart::reduced : TrainingPart::train;
            add(cell);
        }
    }

    void add_leave_one_site_out(DesignCell const& base) {
        std::vector<std::uint32_t> sites = options_.sites;
        std::sort(sites.begin(), sites.end());
        for (std::uint32_t const held_out : options_.sites) {
            DesignCell cell = base;
            cell.type = ExperimentType::leave_one_site_out;
            cell.test_site = held_out;
            cell.part = part_of(options_.leave_one_site_out);
            bool const takes_every_site = cell.part == TrainingPart::whole;
            for (std::uint32_t const site : sites)
                if (site != held_out && (takes_every_site || partition_.pool_obstacle(site).empty()))
                    cell.train_sites.push_back(site);
            add(cell);
        }
    }

    [[nodiscard]] std::vector<DesignCell> take() { return std::move(cells_); }

  private:
    DesignOptions const& options_;
    Partition const& partition_;
    std::vector<DesignCell> cells_;
};

/// Is the cell tested on all deaths of its site?
bool tests_whole_site(DesignCell const& cell) {
    return cell.part == TrainingPart::whole;
}

/// "AP", "Bohol+Dar+Mexico".
std::string sites_text(std::vector<std::uint32_t> const& sites, va::Cohort const& cohort) {
    std::vector<std::string> names;
    names.reserve(sites.size());
    for (std::uint32_t const site : sites) names.push_back(cohort.sites[site]);
    return fmt::format("{}", fmt::join(names, "+"));
}

constexpr std::string_view pool_prefix = "all_but:";

std::string part_text(DesignCell const& cell) {
    switch (cell.part) {
        case TrainingPart::train:
            return "train";
        case TrainingPart::whole:
            return "whole";
        case TrainingPart::reduced:
            return fmt::format("train_{}", cell.fraction);
    }
    return "";
}

std::string split_identity(std::string const& site, std::uint32_t repeat) {
    return fmt::format("va split site={} repeat={}", site, repeat);
}

std::string too_small(std::string const& site, std::size_t deaths, std::size_t needed,
                      std::string_view purpose) {
    return fmt::format("site {} has {} deaths; {} are needed to {}", site, deaths, needed, purpose);
}

}  // namespace

std::vector<std::string> const& experiment_type_names() {
    static std::vector<std::string> const names{"in_domain", "out_domain", "training_size",
                                                "leave_one_site_out"};
    return names;
}

std::string const& to_text(ExperimentType type) {
    return experiment_type_names().at(static_cast<std::size_t>(type));
}

std::string training_site_text(DesignCell const& cell, va::Cohort const& cohort) {
    if (cell.type == ExperimentType::leave_one_site_out)
        return fmt::format("{}{}", pool_prefix, cohort.sites[cell.test_site]);
    return sites_text(cell.train_sites, cohort);
}

std::uint32_t training_site_width(std::uint32_t site_width) {
    return site_width + static_cast<std::uint32_t>(pool_prefix.size());
}

std::string identity_of(DesignCell const& cell, DesignOptions const& options, va::Cohort const& cohort) {
    return fmt::format("va-comparison type={} train={} part={} test={} model={} fraction={} repeat={}",
                       to_text(cell.type), sites_text(cell.train_sites, cohort), part_text(cell),
                       cohort.sites[cell.test_site], options.models[cell.model], cell.fraction, cell.repeat);
}

std::string training_of(DesignCell const& cell, va::Cohort const& cohort) {
    return fmt::format("site={} part={} repeat={}", sites_text(cell.train_sites, cohort), part_text(cell),
                       cell.repeat);
}

std::string fit_identity(std::string const& model, std::string const& training) {
    return fmt::format("va fit model={} {}", model, training);
}

std::string fit_of(DesignCell const& cell, DesignOptions const& options, va::Cohort const& cohort) {
    return fit_identity(options.models[cell.model], training_of(cell, cohort));
}

std::string test_set_of(DesignCell const& cell, va::Cohort const& cohort) {
    bool const whole = tests_whole_site(cell);
    return fmt::format("va test site={} part={} repeat={}", cohort.sites[cell.test_site],
                       whole ? "whole" : "test", whole ? 0 : cell.repeat);
}

Partition::Partition(va::Cohort const& cohort, DesignOptions const& options,
                     std::optional<va::GivenSplits> given)
    : cohort_(cohort), options_(options), given_(std::move(given)) {
    for (std::uint32_t site = 0; site < cohort.sites.size(); ++site)
        site_deaths_.push_back(va::deaths_of_site(cohort, site));
}

va::Split Partition::split_of(std::uint32_t site, std::uint32_t repeat) const {
    if (given_) return {given_->sites[site].train, given_->sites[site].test};
    return va::split_deaths(
        cohort_, site_deaths_[site], options_.test_fraction,
        random_stream(options_.seed, split_identity(cohort_.sites[site], repeat), Purpose::split));
}

va::DeathList Partition::training_deaths(DesignCell const& cell) const {
    if (cell.part == TrainingPart::reduced) return reduced_deaths(cell);
    va::DeathList deaths;
    for (std::uint32_t const site : cell.train_sites) {
        va::DeathList const part =
            cell.part == TrainingPart::whole ? site_deaths_[site] : split_of(site, cell.repeat).train;
        deaths.insert(deaths.end(), part.begin(), part.end());
    }
    return deaths;
}

va::DeathList Partition::reduced_deaths(DesignCell const& cell) const {
    VASTER_EXPECTS(cell.train_sites.size() == 1);
    std::uint32_t const site = cell.train_sites.front();
    if (given_) {
        auto const& reduced = given_->sites[site].reduced;
        if (auto const found = reduced.find(cell.fraction); found != reduced.end()) return found->second;
    }
    auto const identity =
        fmt::format("{} fraction={}", split_identity(cohort_.sites[site], cell.repeat), cell.fraction);
    return va::reduce_deaths(cohort_, split_of(site, cell.repeat).train, cell.fraction,
                             random_stream(options_.seed, identity, Purpose::reduce));
}

va::DeathList Partition::test_deaths(DesignCell const& cell) const {
    if (tests_whole_site(cell)) return site_deaths_[cell.test_site];
    return split_of(cell.test_site, cell.repeat).test;
}

std::string Partition::training_obstacle(std::uint32_t site) const {
    if (site_deaths_[site].size() < options_.min_train)
        return too_small(cohort_.sites[site], site_deaths_[site].size(), options_.min_train, "train on it");
    if (given_ && given_->sites[site].train.empty())
        return fmt::format("the splits file has no train rows for site {}", cohort_.sites[site]);
    return "";
}

std::string Partition::test_obstacle(std::uint32_t site) const {
    if (site_deaths_[site].size() < options_.min_test)
        return too_small(cohort_.sites[site], site_deaths_[site].size(), options_.min_test, "test on it");
    if (given_ && given_->sites[site].test.empty())
        return fmt::format("the splits file has no test rows for site {}", cohort_.sites[site]);
    return "";
}

std::string Partition::pool_obstacle(std::uint32_t site) const {
    if (given_ && given_->sites[site].train.empty())
        return fmt::format("the splits file has no train rows for site {}", cohort_.sites[site]);
    return division_obstacle(site);
}

std::string Partition::pool_obstacle(std::vector<std::uint32_t> const& sites) const {
    std::size_t deaths = 0;
    for (std::uint32_t const site : sites) deaths += site_deaths_[site].size();
    if (sites.empty() || deaths >= options_.min_train) return "";
    return fmt::format("sites {} have {} deaths together; {} are needed to train on them",
                       sites_text(sites, cohort_), deaths, options_.min_train);
}

std::size_t Partition::n_train(std::uint32_t site) const {
    if (given_) return given_->sites[site].train.size();
    return site_deaths_[site].size() - va::test_size(site_deaths_[site].size(), options_.test_fraction);
}

std::string Partition::division_obstacle(std::uint32_t site) const {
    if (given_ || n_train(site) > 0) return "";
    return fmt::format("site {} has {} deaths; test_fraction = {} leaves none of them to train on",
                       cohort_.sites[site], site_deaths_[site].size(), options_.test_fraction);
}

std::string Partition::reduction_obstacle(std::uint32_t site, double fraction) const {
    std::size_t const n = n_train(site);
    if (given_ && given_->sites[site].reduced.contains(fraction)) return "";
    if (va::reduced_size(n, fraction) > 0) return "";
    return fmt::format("training size {} of the {} training deaths of site {} leaves none", fraction, n,
                       cohort_.sites[site]);
}

std::vector<DesignCell> design_cells(DesignOptions const& options, Partition const& partition) {
    CellMaker maker(options, partition);
    for (std::uint32_t repeat = 0; repeat < options.repeats; ++repeat) {
        for (std::uint32_t model = 0; model < options.models.size(); ++model) {
            DesignCell base;
            base.repeat = repeat;
            base.model = model;
            for (ExperimentType const type : options.types) {
                switch (type) {
                    case ExperimentType::in_domain:
                        maker.add_in_domain(base);
                        break;
                    case ExperimentType::out_domain:
                        maker.add_out_domain(base);
                        break;
                    case ExperimentType::training_size:
                        maker.add_training_sizes(base);
                        break;
                    case ExperimentType::leave_one_site_out:
                        maker.add_leave_one_site_out(base);
                        break;
                }
            }
        }
    }
    return maker.take();
}

namespace {

/// How many cells are skipped for each reason, most first.
std::vector<std::pair<std::string, std::size_t>> skip_reasons(std::vector<DesignCell> const& cells) {
    std::map<std::string, std::size_t> counts;
    for (auto const& cell : cells)
        if (!cell.skip_reason.empty()) ++counts[cell.skip_reason];
    std::vector<std::pair<std::string, std::size_t>> reasons(counts.begin(), counts.end());
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](auto const& a, auto const& b) { return a.second > b.second; });
    return reasons;
}

}  // namespace

std::vector<std::string> skip_notes(std::vector<DesignCell> const& cells) {
    std::vector<std::string> notes;
    for (auto const& [reason, count] : skip_reasons(cells))
        notes.push_back(fmt::format("{} {} skipped: {}", count,
                                    count == 1 ? "experiment is" : "experiments are", reason));
    return notes;
}

void require_some_to_run(std::vector<DesignCell> const& cells) {
    auto const is_skipped = [](DesignCell const& cell) { return !cell.skip_reason.empty(); };
    if (cells.empty()) {
        throw DataError(
            "no experiment can be run: the design asks for none; design.types out_domain and "
            "leave_one_site_out need two sites");
    }
    if (!std::all_of(cells.begin(), cells.end(), is_skipped)) return;
    constexpr std::size_t n_shown = 12;
    auto const reasons = skip_reasons(cells);
    std::vector<std::string> lines;
    for (auto const& [reason, count] : reasons) {
        if (lines.size() == n_shown) break;
        lines.push_back(fmt::format("{} ({})", reason, count));
    }
    if (reasons.size() > n_shown) lines.push_back(fmt::format("{} reasons more", reasons.size() - n_shown));
    throw DataError(fmt::format(
        "no experiment can be run, all {} would be skipped:\n  {}\nThe limits are design.min_train (deaths "
        "needed to train on a site) and design.min_test (to test on it), each at least 2; design.sites and "
        "design.types choose what is asked.",
        cells.size(), fmt::join(lines, "\n  ")));
}

std::vector<std::string> pool_notes(DesignOptions const& options, va::Cohort const& cohort,
                                    Partition const& partition) {
    std::vector<std::string> notes;
    bool const has_pools = std::find(options.types.begin(), options.types.end(),
                                     ExperimentType::leave_one_site_out) != options.types.end();
    if (!has_pools || options.leave_one_site_out == SiteParts::full) return notes;
    for (std::uint32_t const site : options.sites)
        if (auto const obstacle = partition.pool_obstacle(site); !obstacle.empty())
            notes.push_back(
                fmt::format("leave_one_site_out trains without site {}: {}", cohort.sites[site], obstacle));
    return notes;
}

}  // namespace vaster::va
