#include "domains/va/data/cohort_block.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "base/support/block_parts.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

namespace {

va::Cohort some_cohort() {
    testing::TemporaryFolder const folder;
    auto const path = folder.file(
        "table.csv",
        "site,va34,age,ID,fever,cough\nB,2,child,a,Y,.\nA,10,NA,b,,Y\nA,2,adult,b,.,\nA,NA,,c,Y,Y\n");
    auto const names = folder.file("names.csv", "cause,name\n2,Stroke\n10,Falls\n");
    return va::read_cohort({.path = path,
                            .format = va::CohortFormat::encoded,
                            .population = "age",
                            .id = "ID",
                            .duplicates = va::DuplicateRule::together,
                            .cause_names = names});
}

}  // namespace

TEST_CASE("a cohort comes out of a block as it went in", "[va][block]") {
    auto const cohort = some_cohort();
    auto const copy = va::cohort_in(va::to_block(cohort));
    CHECK(copy.sites == cohort.sites);
    CHECK(copy.causes == cohort.causes);
    CHECK(copy.cause_names == std::vector<std::string>{"Falls", "Stroke"});
    CHECK(copy.symptoms == cohort.symptoms);
    CHECK(copy.populations == cohort.populations);
    CHECK(copy.data_hash == cohort.data_hash);
    CHECK(copy.notes == cohort.notes);
    CHECK_FALSE(copy.notes.empty());
    CHECK(copy.ids == std::vector<std::string>{"a", "b", "b"});
    CHECK(copy.first_of_id == cohort.first_of_id);
    CHECK_FALSE(copy.first_of_id.empty());
    CHECK(copy.reading == cohort.reading);
    CHECK(copy.reading.no_cause == std::vector<va::CountedText>{{"NA", 1}});
    CHECK(copy.site == cohort.site);
    CHECK(copy.cause == cohort.cause);
    CHECK(copy.population == cohort.population);
    CHECK(copy.row == cohort.row);
    REQUIRE(copy.n_deaths() == 3);
    REQUIRE(copy.answers.n_rows() == 3);
    REQUIRE(copy.answers.n_columns() == 2);
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::ranges::equal(copy.answers.row(i), cohort.answers.row(i)));
}

TEST_CASE("what a cohort has of each death stays in its block", "[va][block]") {
    auto const block = va::to_block(some_cohort());
    auto const cohort = va::cohort_in(block);
    auto const lies_in_block = [&](void const* address) {
        auto const* const byte = static_cast<std::byte const*>(address);
        return byte >= block->bytes().data() && byte < block->bytes().data() + block->bytes().size();
    };
    CHECK(lies_in_block(cohort.answers.row(1).present().data()));
    for (auto const* numbers : {&cohort.site, &cohort.cause, &cohort.population, &cohort.row})
        CHECK(lies_in_block(numbers->data()));
}

TEST_CASE("the same cohort gives the same block", "[va][block]") {
    auto const cohort = some_cohort();
    CHECK(va::to_block(cohort)->identity() == va::to_block(cohort)->identity());
}

TEST_CASE("a block of something else is not a cohort", "[va][block]") {
    BlockWriter writer;
    writer.put({"A", "B"});
    CHECK_THROWS_AS(va::cohort_in(writer.seal()), DataError);
}
