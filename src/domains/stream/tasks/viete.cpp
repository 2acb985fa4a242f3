#include "domains/stream/tasks/viete.hpp"

#include <cmath>
#include <vector>

#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {

double viete_linear(std::size_t n) {
    // sqrt is kept in a list since the product goes from the last factor to the first.
    std::vector<double> roots(n);
    double root = 0;
    for (auto& a : roots) a = root = std::sqrt(2 + root);
    double product = 1;
    for (std::size_t i = n; i-- > 0;) product *= roots[i] / 2;
    return 2 / product;
}

double viete_as_published(std::size_t n) {
    double product = 1;
    for (std::size_t i = n; i > 0; --i) {
        double root = 0;
        for (std::size_t k = 0; k < i; ++k) root = std::sqrt(2 + root);
        product *= root / 2;
    }
    return 2 / product;
}

namespace {

class Viete final : public Task {
  public:
    explicit Viete(TaskSetup const& setup)
        : n_(size_of(setup, "iterations")),
          published_(setup.parameters.get<std::string>("cost") == "published") {}

    void take(Record const& record, Yield& yield) override {
        double const pi = published_ ? viete_as_published(n_) : viete_linear(n_);
        yield.output.begin(record.number).cell(pi).end();
        yield.count(Outcome::output);
    }

  private:
    std::size_t n_;
    bool published_;
};

}  // namespace

TaskKind viete_task() {
    return {
        .code = "PIV",
        .name = "pi_by_viete",
        .doc = "pi by Viete's product: work for the processor",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {{.name = "iterations",
                        .standard = std::int64_t{1600},
                        .doc = "n, factors of the product",
                        .bounds = {.at_least = 1, .at_most = 1000000}},
                       {.name = "cost",
                        .standard = std::string("linear"),
                        .doc =
                            "n square roots, or about n^2 / 2 as the published class takes; the same result",
                        .choices = {"linear", "published"}}},
        .keying = by_record,
        .fields = [](TaskSetup const&) { return std::vector<std::string>(); },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "value"}, 1};
            },
        .make = make_task<Viete>,
    };
}

}  // namespace vaster::stream
