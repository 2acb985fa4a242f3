#include <catch2/catch.hpp>

#include "domains/va/study/comparison.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

/// Position of csmf_accuracy_probabilities among the results.
constexpr std::size_t of_probabilities = 27;

/// Records held in memory.
class Held : public study::Records {
  public:
    explicit Held(study::Schema const& schema) : n_columns_(schema.results.size()) {}

    void add(std::string type, std::string train, std::string test, double fraction, double csmf, double cod,
             bool done = true, double high = 0.05) {
        study::Experiment experiment;
        experiment.index = experiments_.size();
        experiment.design = {std::move(type),  std::move(train), std::move(test),
                             std::string("m"), fraction,         std::int64_t{0}};
        experiments_.push_back(std::move(experiment));
        study::Cells cells(n_columns_, 0.0);
        cells[2] = csmf;
        cells[3] = csmf - 0.1;  // its bootstrap interval
        cells[4] = csmf + high;
        cells[8] = cod;
        if (n_columns_ > of_probabilities + 2) {
            cells[of_probabilities] = csmf + 0.01;
            cells[of_probabilities + 1] = csmf - 0.1;
            cells[of_probabilities + 2] = csmf + 0.01 + high;
        }
        cells_.push_back(std::move(cells));
        done_.push_back(done);
    }

    [[nodiscard]] std::size_t size() const override { return experiments_.size(); }

    [[nodiscard]] study::Experiment const& experiment(std::size_t row) const override {
        return experiments_.at(row);
    }

    [[nodiscard]] bool done(std::size_t row) const override { return done_.at(row); }

    [[nodiscard]] bool skipped(std::size_t) const override { return false; }

    [[nodiscard]] study::Cells const& cells(std::size_t row) const override { return cells_.at(row); }

  private:
    std::size_t n_columns_;
    std::vector<study::Experiment> experiments_;
    std::vector<study::Cells> cells_;
    std::vector<bool> done_;
};

study::Schema const schema = va_comparison_schema([] {
    va::Cohort cohort;
    cohort.causes = {"1", "2"};
    cohort.sites = {"A", "B"};
    return cohort;
}());

}  // namespace

TEST_CASE("means, intervals, gap and matrix of a complete grid", "[study][summary]") {
    Held records(schema);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    records.add("in_domain", "B", "B", 1, 0.6, 0.3);
    records.add("out_domain", "A", "B", 1, 0.5, 0.25);
    records.add("out_domain", "B", "A", 1, 0.3, 0.15);
    records.add("training_size", "A", "A", 0.5, 0.7, 0.45);
    auto const tables = summarize_va_comparison(schema, records);
    REQUIRE(tables.size() == 5);
    // SciPy: expit(logit(m) + t.ppf([.025, .975], 1) * se / (m * (1 - m))) for c(.8, .6), c(.5, .3) and
    // c(.25, .15)
    CHECK(tables[0].rows.at(0) ==
          std::vector<std::string>{"m", "2", "0.700 [0.005, 0.999]", "0.400 [0.003, 0.993]", "2",
                                   "0.400 [0.003, 0.993]", "0.200 [0.005, 0.930]", "0.300", "0.200"});
    CHECK(tables[1].rows.at(0) == std::vector<std::string>{"A", "0.800", "0.500"});
    CHECK(tables[1].rows.at(1) == std::vector<std::string>{"B", "0.300", "0.600"});
    CHECK(tables[3].rows.at(0) == std::vector<std::string>{"m", "0.700 / 0.450"});
    CHECK(tables[4].header == std::vector<std::string>{"model", "in_domain", "out_domain"});
    CHECK(tables[4].rows.at(0) == std::vector<std::string>{"m", "0.700 / 0.710", "0.400 / 0.410"});
    CHECK_THAT(to_text(tables[0]),
               !Contains("INCOMPLETE") && !Contains("Transductive") && !Contains("outside its own"));
}

TEST_CASE("accuracies outside their own bootstrap interval are counted, and the reason is said",
          "[study][summary]") {
    Held records(schema);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    records.add("in_domain", "B", "B", 1, 0.6, 0.3, true, -0.01);
    records.add("in_domain", "C", "C", 1, 0.6, 0.3, false, -0.01);
    CHECK_THAT(to_text(summarize_va_comparison(schema, records)[0]),
               Contains("1 of 2 experiments have a CSMF accuracy outside its own bootstrap interval") &&
                   Contains("and 1 have that of the mean of the probabilities outside its own "
                            "(csmf_accuracy_probabilities_lo, _hi)") &&
                   Contains("lower"));
}

TEST_CASE("an incomplete grid is named, never averaged silently", "[study][summary]") {
    Held records(schema);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    records.add("in_domain", "B", "B", 1, 0, 0, false);
    auto const tables = summarize_va_comparison(schema, records);
    CHECK(tables[0].rows.at(0).at(1) == "1/2");
    CHECK(tables[0].rows.at(0).at(2) == "0.800");
    CHECK_THAT(to_text(tables[0]), Contains("INCOMPLETE: 1 of 2 in_domain experiments of m have no result"));
}

TEST_CASE("training on all other sites has a table of its own and stays out of the transfer matrix",
          "[study][summary]") {
    Held records(schema);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    records.add("out_domain", "A", "B", 1, 0.4, 0.2);
    records.add("leave_one_site_out", "all_but:A", "A", 1, 0.8, 0.4);
    records.add("leave_one_site_out", "all_but:B", "B", 1, 0.6, 0.3);
    records.add("leave_one_site_out", "all_but:C", "C", 1, 0, 0, false);
    auto const tables = summarize_va_comparison(schema, records);
    REQUIRE(tables.size() == 5);
    CHECK(tables[1].header == std::vector<std::string>{"model", "sites", "CSMF", "COD", "A", "B", "C"});
    // R: plogis(qlogis(.7) + c(-1, 1) * qt(.975, 1) * sd(c(.8, .6)) / sqrt(2) / (.7 * .3)) is 0.00547,
    // 0.99899; with .35 and c(.4, .3) it is 0.0319, 0.8980
    CHECK(tables[1].rows.at(0) == std::vector<std::string>{"m", "2/3", "0.700 [0.005, 0.999]",
                                                           "0.350 [0.032, 0.898]", "0.800 / 0.400",
                                                           "0.600 / 0.300", "- / -"});
    CHECK_THAT(to_text(tables[0]), Contains("1 of 3 leave_one_site_out experiments of m have no result"));
    CHECK(tables[2].header == std::vector<std::string>{"", "A", "B"});
    CHECK(tables[4].header ==
          std::vector<std::string>{"model", "in_domain", "out_domain", "leave_one_site_out"});
}

TEST_CASE("a study file from before there was a column is summed up without it", "[study][summary]") {
    study::Schema before = schema;
    REQUIRE(before.results.at(of_probabilities).name == "csmf_accuracy_probabilities");
    before.results.resize(of_probabilities);
    Held records(before);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    records.add("in_domain", "B", "B", 1, 0.6, 0.3, true, -0.01);
    auto const tables = summarize_va_comparison(before, records);
    CHECK_THAT(to_text(tables[0]),
               Contains("1 of 2 experiments have") && !Contains("mean of the probabilities"));
    REQUIRE(tables.size() == 1);
    CHECK(tables[0].rows.at(0).at(0) == "m");
}

TEST_CASE("the summary names the methods that are transductive", "[study][summary]") {
    study::Schema with = schema;
    with.labels.push_back({"transductive", {"insilico", "m"}});
    Held records(with);
    records.add("in_domain", "A", "A", 1, 0.8, 0.5);
    CHECK_THAT(to_text(summarize_va_comparison(with, records).front()),
               Contains("Transductive") && Contains("insilico, m."));
}
