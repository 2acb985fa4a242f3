#include "domains/va/report/prediction_results.hpp"

#include <catch2/catch.hpp>

TEST_CASE("causes of a prediction are called by their names, where the model has some", "[va][report]") {
    vaster::va::PredictionResults results;
    results.causes = {"1", "2"};
    CHECK(results.name_of("2") == "2");
    results.cause_names = {"AIDS", "Stroke"};
    CHECK(results.name_of("2") == "Stroke");
    CHECK(results.name_of("undetermined") == "undetermined");
}
