// How often does an interval for a share cover the true share? Simulated for several intervals, sample sizes
// and shares.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vaster/cli/program.hpp"
#include "vaster/study/identity.hpp"
#include "vaster/support/random.hpp"

namespace {

using namespace vaster;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

/// An interval for a share, from `hits` in a sample of n.
struct Interval {
    double low, high;
};

constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution

/// The textbook's: z standard errors on either side of the estimate.
Interval wald(double hits, double n) {
    double const share = hits / n;
    double const half = z * std::sqrt(share * (1 - share) / n);
    return {share - half, share + half};
}

/// Wilson (1927), doi:10.1080/01621459.1927.10502953.
Interval wilson(double hits, double n) {
    double const share = hits / n;
    double const centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    double const half = z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return {centre - half, centre + half};
}

/// Agresti and Coull (1998), doi:10.1080/00031305.1998.10480550: Wald's with z^2 more trials, half of
/// them hits.
Interval agresti_coull(double hits, double n) {
    return wald(hits + z * z / 2, n + z * z);
}

struct Method {
    char const* name;
    Interval (*interval)(double hits, double n);
};

constexpr std::array<Method, 3> methods{
    {{"wald", wald}, {"wilson", wilson}, {"agresti_coull", agresti_coull}}};

Texts method_names() {
    Texts names;
    for (auto const& method : methods) names.emplace_back(method.name);
    return names;
}

Method const& method_named(std::string const& name) {
    return *std::find_if(methods.begin(), methods.end(), [&](Method const& one) { return one.name == name; });
}

std::vector<study::KeyTable> coverage_tables() {
    return {{"coverage",
             "Intervals, and the samples that they are tried on",
             {{.name = "methods",
               .standard = method_names(),
               .doc = "intervals to try",
               .choices = method_names(),
               .flag = "--methods"},
              {.name = "sizes",
               .standard = Numbers{10, 30, 100},
               .doc = "sizes of a sample",
               .bounds = {.at_least = 1, .at_most = 1e8},
               .flag = "--sizes"},
              {.name = "shares",
               .standard = Numbers{0.02, 0.1, 0.5},
               .doc = "true shares",
               .bounds = {.above = 0, .below = 1},
               .flag = "--shares"},
              {.name = "samples",
               .standard = std::int64_t{100000},
               .doc = "samples to draw for each size and share",
               .bounds = {.at_least = 1, .at_most = 1e9},
               .flag = "--samples"}}}};
}

Texts problems_of(study::Config const& config) {
    Texts problems;
    for (double const size : config.get<Numbers>("coverage.sizes"))
        if (size != std::floor(size))
            problems.push_back(fmt::format("coverage.sizes has {} (must be a whole number)", size));
    auto const add_if_repeated = [&](std::string const& key, auto values) {
        std::sort(values.begin(), values.end());
        if (std::adjacent_find(values.begin(), values.end()) != values.end())
            problems.push_back(fmt::format("{} has a value twice", key));
    };
    add_if_repeated("coverage.methods", config.get<Texts>("coverage.methods"));
    add_if_repeated("coverage.sizes", config.get<Numbers>("coverage.sizes"));
    add_if_repeated("coverage.shares", config.get<Numbers>("coverage.shares"));
    return problems;
}

study::Schema coverage_schema() {
    using study::CellType;
    study::Schema schema;
    schema.design = {{.name = "method", .type = CellType::text, .width = 16, .doc = "interval"},
                     {.name = "size", .type = CellType::integer, .doc = "of a sample"},
                     {.name = "share", .type = CellType::real, .doc = "true share"}};
    schema.results = {{.name = "coverage", .doc = "share of samples whose interval covers the true share"},
                      {.name = "mean_width", .doc = "mean width of the intervals"}};
    return schema;
}

class Coverage final : public study::Study {
  public:
    explicit Coverage(study::Config const& config)
        : schema_(coverage_schema()),
          methods_(config.get<Texts>("coverage.methods")),
          sizes_(config.get<Numbers>("coverage.sizes")),
          shares_(config.get<Numbers>("coverage.shares")),
          samples_(config.get<std::int64_t>("coverage.samples")),
          seed_(static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"))) {}

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return ""; }  // it reads no file

    [[nodiscard]] std::size_t capacity() const override {
        return methods_.size() * sizes_.size() * shares_.size();
    }

    [[nodiscard]] std::vector<study::Experiment> next_experiments(
        study::Records const& so_far) const override {
        std::vector<study::Experiment> experiments;
        if (so_far.size() > 0) return experiments;  // all of them are planned at the beginning
        study::Experiment next;
        next.cost_key = "coverage";
        for (double const size : sizes_) {
            for (double const share : shares_) {
                next.expected_seconds =
                    5e-9 * size * static_cast<double>(samples_) / static_cast<double>(methods_.size());
                for (auto const& method : methods_) {
                    next.id = study::identity_of(fmt::format("{} {}", method, samples_of(size, share)));
                    next.design = {method, static_cast<std::int64_t>(size), share};
                    experiments.push_back(next);
                    ++next.index;
                }
                ++next.group;  // the methods of one size and share look at the same samples
            }
        }
        return experiments;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        auto const& first = task.items.front().experiment.design;
        auto const size = static_cast<double>(std::get<std::int64_t>(first[1]));
        double const share = std::get<double>(first[2]);
        auto const times = draw(size, share, watcher);
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            auto const& method = method_named(std::get<std::string>(item.experiment.design[0]));
            study::Result result;
            result.index = item.experiment.index;
            result.cells = judged(method, times, size, share);
            sink.finish(std::move(result));
        }
    }

  private:
    static std::string samples_of(double size, double share) {
        return fmt::format("size={} share={}", size, share);
    }

    /// How many samples have 0, 1, ... size hits.
    [[nodiscard]] std::vector<std::int64_t> draw(double size, double share, Watcher& watcher) const {
        auto const n = static_cast<std::size_t>(size);
        auto const between_looks = static_cast<std::int64_t>(1 + 100000 / n);
        std::vector<std::int64_t> times(n + 1);
        Random random = random_stream(seed_, samples_of(size, share), Purpose::simulate);
        for (std::int64_t sample = 0; sample < samples_; ++sample) {
            if (sample % between_looks == 0) {
                if (watcher.stop_requested()) throw Cancelled{};
                watcher.on_progress(static_cast<double>(sample) / static_cast<double>(samples_));
            }
            std::size_t hits = 0;
            for (std::size_t i = 0; i < n; ++i) hits += random.uniform() < share ? 1 : 0;
            ++times[hits];
        }
        return times;
    }

    [[nodiscard]] study::Cells judged(Method const& method, std::vector<std::int64_t> const& times,
                                      double size, double share) const {
        double covered = 0;
        double width = 0;
        for (std::size_t hits = 0; hits < times.size(); ++hits) {
            auto const [low, high] = method.interval(static_cast<double>(hits), size);
            auto const n = static_cast<double>(times[hits]);
            if (low <= share && share <= high) covered += n;
            width += n * (high - low);
        }
        auto const n = static_cast<double>(samples_);
        return {covered / n, width / n};
    }

    study::Schema schema_;
    Texts methods_;
    Numbers sizes_, shares_;
    std::int64_t samples_;
    std::uint64_t seed_;
};

/// The experiments of a method that have a result.
std::vector<std::size_t> rows_of(std::string const& method, study::Records const& records) {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < records.size(); ++row)
        if (records.done(row) && std::get<std::string>(records.experiment(row).design[0]) == method)
            rows.push_back(row);
    return rows;
}

/// A row for each method: its mean coverage, and the least with its size and share.
TextTable summary_of(study::Config const& config, study::Records const& records) {
    TextTable table{"Coverage of 95 % intervals", {"method", "mean", "least", "size", "share"}, {}, {}};
    std::size_t done = 0;
    auto const coverage = [&](std::size_t row) { return std::get<double>(records.cells(row)[0]); };
    for (auto const& method : config.get<Texts>("coverage.methods")) {
        auto const rows = rows_of(method, records);
        done += rows.size();
        if (rows.empty()) continue;
        double sum = 0;
        for (std::size_t const row : rows) sum += coverage(row);
        std::size_t const worst =
            *std::min_element(rows.begin(), rows.end(),
                              [&](std::size_t a, std::size_t b) { return coverage(a) < coverage(b); });
        auto const& design = records.experiment(worst).design;
        table.rows.push_back({method, fmt::format("{:.3f}", sum / static_cast<double>(rows.size())),
                              fmt::format("{:.3f}", coverage(worst)),
                              fmt::format("{}", std::get<std::int64_t>(design[1])),
                              fmt::format("{}", std::get<double>(design[2]))});
    }
    if (done < records.size())
        table.notes.push_back(fmt::format("{} experiments have no result", records.size() - done));
    return table;
}

class CoverageKind final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return "coverage"; }

    [[nodiscard]] std::string doc() const override { return "How often intervals for a share cover it"; }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return coverage_tables(); }

    [[nodiscard]] std::vector<std::string> problems(study::Config const& config) const override {
        return problems_of(config);
    }

    [[nodiscard]] study::Opened open(study::Config const& config, study::DataFrom const&) const override {
        return {std::make_unique<Coverage>(config)};
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const& config, study::Schema const&,
                                                 study::Records const& records) const override {
        return {summary_of(config, records)};
    }
};

}  // namespace

int main(int argc, char** argv) {
    cli::Domain domain;
    domain.name = "coverage";
    domain.doc = "intervals for a share, tried by simulation";
    domain.kinds = {std::make_shared<CoverageKind>()};
    return cli::run_program(argc, argv, {domain});
}
