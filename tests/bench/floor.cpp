// The work of the default comparison that no harness can avoid, done in one process without engine, study
// file or forks: every fit and every prediction once, the metrics of every experiment, the bytes of the file
// read. Of XGBoost only its own rounds count, on a matrix that is there already. usage: vaster_bench_floor
// FILE    prints a line for each kind of work: what, how often, seconds

#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <malloc.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/context.hpp"
#include "domains/va/study/task.hpp"
#include "domains/va/study/trainer.hpp"

namespace {

using namespace vaster;
using namespace vaster::va;

/// What work of one kind has taken.
struct Spent {
    std::size_t times = 0;
    double seconds = 0;
};

/// By its name, in the order of the alphabet.
class Ledger {
  public:
    void add(std::string const& what, double seconds) {
        Spent& work = work_[what];
        ++work.times;
        work.seconds += seconds;
    }

    void print() const {
        for (auto const& [what, work] : work_) fmt::print("{},{},{:.6f}\n", what, work.times, work.seconds);
    }

  private:
    std::map<std::string, Spent> work_;
};

/// From the question before the first round to the end of the last.
class RoundsWatcher : public Watcher {
  public:
    bool stop_requested() override {
        if (first_ == 0) first_ = monotonic_seconds();
        return false;
    }

    void on_progress(double) override { last_ = monotonic_seconds(); }

    [[nodiscard]] double seconds() const { return last_ - first_; }

  private:
    double first_ = 0;
    double last_ = 0;
};

void evaluate_all(Comparison const& comparison, Trainer const& trainer, TestDeaths const& test,
                  models::Prediction const& prediction, Ledger& ledger) {
    double const started = monotonic_seconds();
    (void)evaluate(comparison, {0, trainer.deaths().size(), test.deaths, test.name, prediction, "", {}});
    ledger.add("metrics with bootstrap", monotonic_seconds() - started);
}

/// A model on one training set, for all cells that share it.
void work_off(Comparison const& comparison, std::string const& model,
              std::vector<DesignCell const*> const& cells, Ledger& ledger) {
    Trainer trainer(comparison, comparison.partition.training_deaths(*cells.front()),
                    training_of(*cells.front(), comparison.cohort),
                    [&](std::string const& name) { return comparison.parameters_of(name); });
    RoundsWatcher watcher;
    double const fit_seconds = trainer.fit(model, watcher).seconds;
    ledger.add("fit " + model, model == "xgboost" ? watcher.seconds() : fit_seconds);
    for (DesignCell const* cell : cells) {
        TestDeaths const test{test_set_of(*cell, comparison.cohort), comparison.partition.test_deaths(*cell)};
        bool const known = trainer.has_forecast(model, test.name);
        Forecast const& forecast = trainer.forecast(model, test, watcher);
        if (!known) ledger.add("predict " + model, forecast.seconds);
        evaluate_all(comparison, trainer, test, forecast.prediction, ledger);
    }
}

void run(std::string const& file) {
    Ledger ledger;
    double const started = monotonic_seconds();
    (void)read_file(file);
    ledger.add("read the file's bytes", monotonic_seconds() - started);

    auto const kind_of_comparison = va::make_va_comparison();
    study::Kind const& kind = *kind_of_comparison;
    Comparison const comparison(options_of(study::load(kind, {"", "", {{"data.path", file, "FILE"}}}),
                                           std::make_shared<models::Catalogue const>()));
    std::map<std::string, std::vector<DesignCell const*>> fits;
    for (auto const& cell : comparison.cells)
        if (cell.skip_reason.empty())
            fits[fit_of(cell, comparison.options, comparison.cohort)].push_back(&cell);
    for (auto const& [name, cells] : fits)
        work_off(comparison, comparison.methods[cells.front()->model].name, cells, ledger);
    ledger.print();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: vaster_bench_floor FILE\n");
        return 64;
    }
    // As in the children of a run: memory that was freed is kept.
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
    try {
        run(argv[1]);
    } catch (std::exception const& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
