#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/known_deaths.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/design.hpp"
#include "domains/va/study/method.hpp"
#include "domains/va/study/options.hpp"
#include "domains/va/study/tuning.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::va {

/// Everything that a comparison has read, and its design. Nothing in it changes after it has been made. A
/// training is one without types of experiment, and so without cells.
struct Comparison {
    /// @param data  the cohort of keys.source
    /// @throws Error for data and names that do not fit, models that this machine cannot run
    Comparison(Options const& keys, va::Cohort data);
    /// Reads the cohort first.
    explicit Comparison(Options const& keys);
    ~Comparison() = default;
    Comparison(Comparison const&) = delete;
    Comparison& operator=(Comparison const&) = delete;

    std::shared_ptr<models::Catalogue const> catalogue;
    std::map<std::string, Parameters> parameters;  ///< by model
    va::Cohort cohort;
    DesignOptions options;
    std::vector<Method> methods;  ///< as options.models
    models::MissingPolicy missing;
    std::size_t n_resamples;
    std::optional<va::GivenSplits> splits;
    std::optional<va::KnownDeaths> known;
    Partition partition;
    std::vector<DesignCell> cells;
    std::map<std::uint64_t, std::size_t> cell_by_id;  ///< positions in `cells` by experiment identity
    std::vector<va::Grouping> groupings;
    TuningOptions tuning;
    std::vector<std::string> table_notes;  ///< of the tables that models are given

    /// Every model that is fitted: those compared and the members of ensembles, each once.
    [[nodiscard]] std::vector<std::string> fitted_models() const;

    [[nodiscard]] bool has_ensembles() const {
        return std::any_of(methods.begin(), methods.end(),
                           [](Method const& method) { return method.ensemble.has_value(); });
    }

    /// Does what the method says of a death depend on who else is in its batch?
    [[nodiscard]] bool is_transductive(Method const& method) const;

    [[nodiscard]] bool is_tuned() const { return tuning.search != Search::none; }

    [[nodiscard]] models::Model const& model(std::string const& name) const { return catalogue->at(name); }

    [[nodiscard]] Parameters const& parameters_of(std::string const& model) const;

    /// Of everything that was read.
    [[nodiscard]] std::string data_hash() const;

    /// What the design leaves out, and why.
    [[nodiscard]] std::vector<std::string> notes() const;

    [[nodiscard]] bool is_known(std::uint32_t death) const { return known && known->is_known[death]; }

    /// Those whose cause is not known beforehand.
    [[nodiscard]] va::DeathList scored_deaths(va::DeathList const& test) const;

    [[nodiscard]] std::vector<std::uint32_t> causes_of(va::DeathList const& deaths) const;

    /// Positions in Cohort::sites.
    [[nodiscard]] std::vector<std::uint32_t> sites_of(va::DeathList const& deaths) const;

  private:
    void skip_known_tests();
};

}  // namespace vaster::va
