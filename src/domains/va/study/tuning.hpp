#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/metrics/metrics.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::va {

/// How parameter settings are searched.
enum class Search {
    none,
    grid,     ///< every combination of the listed values
    random,   ///< so many combinations drawn at random
    halving,  ///< the same, and only the best go on to larger shares of the training deaths
};

/// "none", "grid", "random", "halving", in the order of Search.
[[nodiscard]] std::vector<std::string> const& search_names();

/// How a training set is divided to try a setting inside it.
enum class InnerTest {
    cv,                  ///< stratified cross-validation
    leave_one_site_out,  ///< every site of a pooled training set in turn; training sets of one site: as cv
};

/// The values that one parameter may take: a list, or a range.
struct ParameterSpace {
    enum class Scale { list, uniform, logarithmic };

    std::string model;
    std::string key;
    Scale scale = Scale::list;
    std::vector<Value> values;  ///< of a list
    double lo = 0, hi = 0;      ///< of a range
};

/// One setting to try: "xgboost.eta=0.1 xgboost.max_depth=4", empty for the configured values.
using Setting = std::string;

/// How models are tuned.
struct TuningOptions {
    Search search = Search::none;
    std::vector<ParameterSpace> space;
    std::size_t trials = 20;
    std::uint32_t folds = 5;
    InnerTest inner = InnerTest::cv;
    std::string metric = "cod_accuracy";
    std::uint32_t rungs = 3;   ///< halving
    std::uint32_t factor = 3;  ///< halving: one in so many goes on, with so many times the training deaths

    /// Models that the space names, in order of name.
    [[nodiscard]] std::vector<std::string> models() const;
};

/// Metrics that settings can be chosen by: names of result columns.
[[nodiscard]] std::vector<std::string> const& tuning_metrics();

/// The metric, turned so that more is better.
[[nodiscard]] double goodness(va::Scores const& scores, std::string_view metric);

/// Reads "MODEL.KEY = 0.05, 0.1, 0.3" or "MODEL.KEY = 0.01 to 0.3" or "... log".
/// @throws ConfigError that says what is wrong
[[nodiscard]] ParameterSpace parse_space(std::string_view text);

/// The settings of a model, each once. Grid: all combinations, the last parameter fastest. Random and
/// halving: first the configured values, then drawn ones; fewer than `trials` where the lists have no more.
/// The same for every training set, so that settings can be compared over them: a function of the study's
/// seed and the model.
[[nodiscard]] std::vector<Setting> settings_of(TuningOptions const& options, std::string const& model,
                                               std::uint64_t seed);

/// How many of `trials` are left in a rung of halving, 0 the first.
[[nodiscard]] std::size_t trials_in_rung(TuningOptions const& options, std::size_t trials,
                                         std::uint32_t rung);

/// Share of the inner training deaths that a rung uses; 1 in the last.
[[nodiscard]] double share_of_rung(TuningOptions const& options, std::uint32_t rung);

/// The parameters with what the setting says of the model; other models' entries are passed over.
[[nodiscard]] Parameters with_setting(Parameters parameters, std::string const& model,
                                      Setting const& setting);

}  // namespace vaster::va
