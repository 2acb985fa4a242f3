#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "domains/va/models/classifier.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "domains/va/models/interva.hpp"
#include "domains/va/models/logistic_regression.hpp"
#include "domains/va/models/naive_bayes.hpp"
#include "domains/va/models/random_forest.hpp"
#include "domains/va/models/tariff.hpp"
#include "domains/va/models/xgboost.hpp"

namespace vaster::models {

std::vector<Model> const& catalogue() {
    // Every model there is, in the order in which users see them. To add one: a header that declares its
    // function, and its line here.
    static std::vector<Model> const all{
        xgboost(), insilico(), random_forest(), logistic_regression(), naive_bayes(), tariff(), interva(),
    };
    return all;
}

Model const* find(std::string_view name) {
    auto const& all = catalogue();
    auto const place =
        std::find_if(all.begin(), all.end(), [&](Model const& model) { return model.name == name; });
    return place == all.end() ? nullptr : &*place;
}

std::vector<std::string> const& missing_policy_names() {
    static std::vector<std::string> const names{"absent", "nan", "ordinal"};
    return names;
}

MissingPolicy missing_policy(std::string_view name) {
    auto const& names = missing_policy_names();
    auto const place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) throw std::logic_error(fmt::format("'{}' is no missing policy", name));
    return static_cast<MissingPolicy>(place - names.begin());
}

}  // namespace vaster::models
