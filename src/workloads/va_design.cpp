#include "vaster/workloads/va_design.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"

namespace vaster::workloads {
namespace {

/// Collects the cells of one repeat and model.
class CellMaker {
  public:
    CellMaker(DesignOptions const& options, va::Cohort const& cohort, Partition const& partition)
        : options_(options), cohort_(cohort), partition_(partition) {}

    void add(DesignCell cell) {
        for (std::string const& obstacle :
             {partition_.training_obstacle(cell.train_site), partition_.test_obstacle(cell.test_site)})
            if (cell.skip_reason.empty()) cell.skip_reason = obstacle;
        cells_.push_back(std::move(cell));
    }

    void add_in_domain(DesignCell const& base) {
        for (std::uint32_t const site : options_.sites) {
            DesignCell cell = base;
            cell.type = ExperimentType::in_domain;
            cell.train_site = cell.test_site = site;
            add(cell);
        }
    }

    void add_out_domain(DesignCell const& base) {
        for (std::uint32_t const train : options_.sites) {
            for (std::uint32_t const test : options_.sites) {
                if (train == test) continue;
                DesignCell cell = base;
                cell.type = ExperimentType::out_domain;
                cell.train_site = train;
                cell.test_site = test;
                cell.part =
                    options_.out_domain == OutDomain::full ? TrainingPart::whole : TrainingPart::train;
                add(cell);
            }
        }
    }

    void add_training_sizes(DesignCell const& base) {
        for (double const fraction : options_.training_sizes) {
            DesignCell cell = base;
            cell.type = ExperimentType::training_size;
            cell.train_site = cell.test_site = options_.primary_site;
            cell.fraction = fraction;
            cell.part = fraction < 1 ? TrainingPart::reduced : TrainingPart::train;
            add(cell);
        }
    }

    [[nodiscard]] std::vector<DesignCell> take() { return std::move(cells_); }

  private:
    DesignOptions const& options_;
    va::Cohort const& cohort_;
    Partition const& partition_;
    std::vector<DesignCell> cells_;
};

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
    static std::vector<std::string> const names{"in_domain", "out_domain", "training_size"};
    return names;
}

std::string const& to_text(ExperimentType type) {
    return experiment_type_names().at(static_cast<std::size_t>(type));
}

std::string identity_of(DesignCell const& cell, DesignOptions const& options, va::Cohort const& cohort) {
    return fmt::format("va-comparison type={} train={} part={} test={} model={} fraction={} repeat={}",
                       to_text(cell.type), cohort.sites[cell.train_site], part_text(cell),
                       cohort.sites[cell.test_site], options.models[cell.model], cell.fraction, cell.repeat);
}

std::string fit_of(DesignCell const& cell, DesignOptions const& options, va::Cohort const& cohort) {
    return fmt::format("va fit model={} site={} part={} repeat={}", options.models[cell.model],
                       cohort.sites[cell.train_site], part_text(cell), cell.repeat);
}

std::string test_set_of(DesignCell const& cell, DesignOptions const& options, va::Cohort const& cohort) {
    bool const whole = cell.type == ExperimentType::out_domain && options.out_domain == OutDomain::full;
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
        stream(options_.seed, split_identity(cohort_.sites[site], repeat), Purpose::split));
}

va::DeathList Partition::training_deaths(DesignCell const& cell) const {
    if (cell.part == TrainingPart::whole) return site_deaths_[cell.train_site];
    va::DeathList train = split_of(cell.train_site, cell.repeat).train;
    if (cell.part == TrainingPart::train) return train;
    if (given_) {
        auto const& reduced = given_->sites[cell.train_site].reduced;
        if (auto const found = reduced.find(cell.fraction); found != reduced.end()) return found->second;
    }
    auto const identity = fmt::format(
        "{} fraction={}", split_identity(cohort_.sites[cell.train_site], cell.repeat), cell.fraction);
    return va::reduce_deaths(cohort_, train, cell.fraction, stream(options_.seed, identity, Purpose::reduce));
}

va::DeathList Partition::test_deaths(DesignCell const& cell) const {
    if (cell.type == ExperimentType::out_domain && options_.out_domain == OutDomain::full)
        return site_deaths_[cell.test_site];
    return split_of(cell.test_site, cell.repeat).test;
}

std::string Partition::training_obstacle(std::uint32_t site) const {
    if (site_deaths_[site].size() < least_deaths_to_train)
        return too_small(cohort_.sites[site], site_deaths_[site].size(), least_deaths_to_train,
                         "train on it");
    if (given_ && given_->sites[site].train.empty())
        return fmt::format("the splits file has no train rows for site {}", cohort_.sites[site]);
    return "";
}

std::string Partition::test_obstacle(std::uint32_t site) const {
    if (site_deaths_[site].size() < least_deaths_to_test)
        return too_small(cohort_.sites[site], site_deaths_[site].size(), least_deaths_to_test, "test on it");
    if (given_ && given_->sites[site].test.empty())
        return fmt::format("the splits file has no test rows for site {}", cohort_.sites[site]);
    return "";
}

std::vector<DesignCell> design_cells(DesignOptions const& options, va::Cohort const& cohort,
                                     Partition const& partition) {
    CellMaker maker(options, cohort, partition);
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
                }
            }
        }
    }
    return maker.take();
}

}  // namespace vaster::workloads
