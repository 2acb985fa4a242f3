#include "core/study/growth.hpp"

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/study/long_plan.hpp"

using namespace vaster;
using namespace vaster::study;

namespace {

Schema schema() {
    Schema schema;
    schema.results = {{"value", CellType::real, 0, "", Nature::result, ColumnPosition::leading},
                      {"seconds", CellType::real, 0, "", Nature::timing, ColumnPosition::leading},
                      {"passes", CellType::integer, 0, "", Nature::timing, ColumnPosition::leading},
                      {"where", CellType::text, 8, "", Nature::timing, ColumnPosition::leading}};
    return schema;
}

/// Says what it is told to say.
class Sayer final : public Study {
  public:
    [[nodiscard]] Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return ""; }

    [[nodiscard]] std::size_t capacity() const override { return 3; }

    [[nodiscard]] std::vector<Experiment> next_experiments(Records const&) const override { return next; }

    void run(Task const&, Sink&, Watcher&) const override {}

    std::vector<Experiment> next;

  private:
    Schema schema_ = ::schema();
};

/// Says it one after the other.
class LongSayer final : public Study, public HasLongPlan {
  public:
    [[nodiscard]] Schema const& schema() const override { return said.schema(); }

    [[nodiscard]] std::string data_hash() const override { return ""; }

    [[nodiscard]] std::size_t capacity() const override { return said.capacity(); }

    [[nodiscard]] std::vector<Experiment> next_experiments(Records const&) const override {
        throw std::logic_error("all of a long plan is in memory");
    }

    void first_experiments(std::function<void(Experiment const&)> const& take) const override {
        for (auto const& one : said.next) take(one);
    }

    void run(Task const&, Sink&, Watcher&) const override {}

    Sayer said;
};

Experiment at(ExperimentIndex index) {
    Experiment experiment;
    experiment.index = index;
    return experiment;
}

}  // namespace

TEST_CASE("known records have no timings on which a plan could depend", "[study][growth]") {
    auto const described = schema();
    KnownRecords records(described);
    records.set(0, {{at(0), Status::done, {0.5, 12.0, std::int64_t{7}, std::string("node7")}},
                    {at(1), Status::failed, {}},
                    {at(2), Status::skipped, {}}});
    REQUIRE(records.size() == 3);
    auto const& cells = records.cells(0);
    CHECK(std::get<double>(cells[0]) == 0.5);
    CHECK(std::isnan(std::get<double>(cells[1])));
    CHECK(std::get<std::int64_t>(cells[2]) == 0);
    CHECK(std::get<std::string>(cells[3]).empty());
    CHECK_FALSE(records.done(1));
    CHECK_FALSE(records.skipped(1));
    CHECK(records.skipped(2));
    CHECK_THROWS_AS(records.cells(1), std::logic_error);
}

TEST_CASE("known records say what the study file has room for", "[study][growth]") {
    auto const described = schema();
    KnownRecords records(described);
    CHECK(records.capacity() > 1'000'000'000);
    records.set_capacity(3);
    CHECK(records.capacity() == 3);
    CHECK(NoRecords().capacity() > 1'000'000'000);
}

TEST_CASE("rows told again replace what was known from there on", "[study][growth]") {
    auto const described = schema();
    KnownRecords records(described);
    records.set(0, {{at(0), Status::failed, {}}, {at(1), Status::failed, {}}});
    records.set(1, {{at(1), Status::skipped, {}}, {at(2), Status::failed, {}}});
    CHECK(records.size() == 3);
    CHECK_FALSE(records.skipped(0));
    CHECK(records.skipped(1));
    CHECK_THROWS_AS(records.set(4, {}), std::logic_error);
}

TEST_CASE("a study whose next experiments do not follow its plan is a bug", "[study][growth]") {
    Sayer study;
    CHECK(checked_next_experiments(study, NoRecords()).empty());
    study.next = {at(0), at(1), at(2)};
    CHECK(checked_next_experiments(study, NoRecords()).size() == 3);
    study.next.push_back(at(3));
    CHECK_THROWS_WITH(checked_next_experiments(study, NoRecords()), Catch::Contains("room for 3"));
    study.next = {at(1)};
    CHECK_THROWS_AS(checked_next_experiments(study, NoRecords()), std::logic_error);
    study.next = {at(0)};
    study.next[0].design = {1.0};
    CHECK_THROWS_AS(checked_next_experiments(study, NoRecords()), std::logic_error);
}

TEST_CASE("a long plan is asked for one experiment after the other, and held to the same promises",
          "[study][growth]") {
    LongSayer study;
    CHECK(checked_first_experiments(study).empty());
    study.said.next = {at(0), at(1), at(2)};
    CHECK(checked_first_experiments(study).hash() == checked_first_experiments(study.said).hash());
    CHECK(checked_first_experiments(study).size() == 3);
    study.said.next.push_back(at(3));
    CHECK_THROWS_WITH(checked_first_experiments(study), Catch::Contains("room for: 3"));
    study.said.next = {at(0), at(2)};
    CHECK_THROWS_AS(checked_first_experiments(study), std::logic_error);
    study.said.next = {at(0)};
    study.said.next[0].design = {1.0};
    CHECK_THROWS_AS(checked_first_experiments(study), std::logic_error);
}
