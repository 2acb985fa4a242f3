// What verbal-autopsy studies need beside what every study does: the XGBoost library.
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/support/hash.hpp"
#include "core/report/checkup.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/models/xgboost.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using report::Finding;
using report::Health;

/// Deaths of two causes that one symptom tells apart.
struct TinyCohort {
    static constexpr std::size_t n_deaths = 40;
    static constexpr std::size_t n_symptoms = 3;
    va::AnswerMatrix answers{n_deaths, n_symptoms};
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> causes;

    TinyCohort() {
        for (std::uint32_t i = 0; i < n_deaths; ++i) {
            auto const answer = answers.row(i);
            answer[0] = i % 2 == 0 ? va::Answer::absent : va::Answer::present;
            answer[1] = i % 3 == 0 ? va::Answer::present : va::Answer::absent;
            answer[2] = i % 5 == 0 ? va::Answer::missing : va::Answer::absent;
            rows.push_back(i);
            causes.push_back(i % 2);
        }
    }
};

}  // namespace

std::vector<Finding> examine_xgboost(cli::Examined const& examined) {
    try {
        models::Model const model = models::xgboost();
        Parameters parameters(model.parameters);
        parameters.set("rounds", std::int64_t{5});
        TinyCohort const cohort;
        Watcher watcher;
        auto const classifier = model.make(parameters, models::MissingPolicy::absent);
        models::Deaths const deaths{cohort.answers, cohort.rows};
        classifier->fit({deaths, cohort.causes, 2}, Random(1), watcher);
        auto const prediction = classifier->predict({deaths}, Random(1), watcher);
        std::size_t right = 0;
        for (std::size_t i = 0; i < cohort.rows.size(); ++i)
            right += prediction.of_death(i)[cohort.causes[i]] > 0.5 ? 1 : 0;
        require<UnavailableError>(right == cohort.rows.size(), "{} of {} plain cases were told apart", right,
                                  cohort.rows.size());
        auto const bytes = std::as_bytes(std::span(prediction.probability));
        examined.fingerprint += hash_text({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
        return {{"XGBoost", Health::ok, "trains and predicts", ""}};
    } catch (Error const& error) {
        examined.fingerprint += "none";
        return {{"XGBoost", Health::fail, error.what(),
                 "install the package libxgboost0, the version the program was built with"}};
    }
}

}  // namespace vaster::va
