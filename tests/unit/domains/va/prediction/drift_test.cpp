#include "domains/va/prediction/drift.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

/// `n` symptoms of 100 training deaths, of whom k + 1 have symptom k.
std::vector<SymptomCounts> trained(std::size_t n) {
    std::vector<SymptomCounts> counts;
    for (std::size_t k = 0; k < n; ++k) counts.push_back({k + 1, 0, 100});
    return counts;
}

std::vector<std::string> names(std::size_t n) {
    std::vector<std::string> result;
    for (std::size_t k = 0; k < n; ++k) result.push_back("s" + std::to_string(k));
    return result;
}

}  // namespace

TEST_CASE("deaths like the training deaths do not drift", "[va][prediction]") {
    Drift const drift = drift_of(trained(20), trained(20));
    CHECK(drift.n_far == 0);
    CHECK_FALSE(drift.is_large());
    CHECK_FALSE(drift.may_be_swapped);
    CHECK(drift.largest.size() == 10);
    CHECK(warnings_of(drift, names(20)).empty());
}

TEST_CASE("symptoms that are far off are counted and named, the farthest first", "[va][prediction]") {
    auto seen = trained(20);
    seen[3].present = 60;
    seen[9].missing = 90;
    seen[9].present = 1;
    seen[12].present = 48;
    Drift const drift = drift_of(trained(20), seen);
    CHECK(drift.n_far == 3);
    CHECK(drift.largest[0].symptom == 9);
    CHECK(drift.largest[1].symptom == 3);
    CHECK(drift.largest[2].symptom == 12);
    auto const warnings = warnings_of(drift, names(20));
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings.front(), Contains("3 of 20 symptoms") && Contains("most of all s9, s3, s12"));
}

TEST_CASE("two of twenty symptoms that are far off are not yet a large drift", "[va][prediction]") {
    auto seen = trained(20);
    seen[3].present = 60;
    seen[5].present = 60;
    CHECK_FALSE(drift_of(trained(20), seen).is_large());
}

TEST_CASE("answers that are swapped are suspected", "[va][prediction]") {
    auto seen = trained(20);
    for (auto& symptom : seen) symptom.present = 100 - symptom.present;
    Drift const drift = drift_of(trained(20), seen);
    CHECK(drift.may_be_swapped);
    CHECK_THAT(warnings_of(drift, names(20)).back(), Contains("may be swapped"));
}

TEST_CASE("a symptom that nobody answered differs in nothing but missing answers", "[va][prediction]") {
    std::vector<SymptomCounts> const before{{5, 0, 10}};
    std::vector<SymptomCounts> const now{{0, 10, 10}};
    Drift const drift = drift_of(before, now);
    CHECK(std::isnan(drift.largest.front().seen.present_share()));
    CHECK(drift.largest.front().size() == 1);
    CHECK_FALSE(drift.may_be_swapped);
}
