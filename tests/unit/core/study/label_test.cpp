#include "vaster/study/label.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster::study;

TEST_CASE("an experiment is called by the columns that make its label, without empty cells", "[study]") {
    Schema schema;
    schema.design = {{.name = "number", .type = CellType::integer, .doc = ""},
                     {.name = "name", .type = CellType::text, .width = 9, .doc = ""},
                     {.name = "limit", .type = CellType::real, .doc = ""}};
    Cells const design{std::int64_t{7}, std::string("clean-AP"), 0.5};
    CHECK(Labels(schema).of(design) == "7 clean-AP 0.5");
    CHECK(Labels(schema).of({std::int64_t{7}, std::string(), 0.5}) == "7 0.5");
    schema.labels = {{"causes", {"Stroke"}}, {label_columns, {"name", "of another study"}}};
    CHECK(Labels(schema).of(design) == "clean-AP");
    CHECK(Labels(schema).of({std::int64_t{7}}).empty());
}
