#include "domains/drill/drill_kind.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/hash.hpp"
#include "vaster/study/label.hpp"
#include "vaster/study/long_plan.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::drill {
namespace {

using study::Config;
using study::Experiment;

constexpr std::size_t n_samples = 4;
constexpr std::uint64_t most_steps = 3;
/// Even nothing takes a while. [s]
constexpr double shortest_guess = 1e-4;

// ---- faults

enum class Trouble { crash, hang, oom, error, exit };

constexpr std::array<std::pair<std::string_view, Trouble>, 5> troubles{{{"crash", Trouble::crash},
                                                                        {"hang", Trouble::hang},
                                                                        {"oom", Trouble::oom},
                                                                        {"error", Trouble::error},
                                                                        {"exit", Trouble::exit}}};

struct Fault {
    Trouble trouble = Trouble::error;
    study::ExperimentIndex index = 0;
    std::uint32_t attempts = ~std::uint32_t{0};  ///< how many attempts it spoils, from the first on
};

template <class T>
bool read_number(std::string_view text, T& number) {
    auto const end = text.data() + text.size();
    auto const [stop, problem] = std::from_chars(text.data(), end, number);
    return problem == std::errc() && stop == end;
}

/// "crash:3" or "hang:5:2"; nothing if it is neither.
std::optional<Fault> parse_fault(std::string_view text) {
    std::vector<std::string_view> parts;
    for (auto colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':')) {
        parts.push_back(text.substr(0, colon));
        text.remove_prefix(colon + 1);
    }
    parts.push_back(text);
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    auto const* const found = std::find_if(troubles.begin(), troubles.end(),
                                           [&](auto const& one) { return one.first == parts[0]; });
    Fault fault;
    if (found == troubles.end() || !read_number(parts[1], fault.index)) return std::nullopt;
    if (parts.size() == 3 && !read_number(parts[2], fault.attempts)) return std::nullopt;
    fault.trouble = found->second;
    return fault;
}

[[noreturn]] void hang() {
    for (;;) ::pause();
}

/// In pieces that are written to, so that the memory is really taken.
[[noreturn]] void allocate_without_end() {
    constexpr std::size_t piece = std::size_t{4} << 20U;
    std::vector<std::string> hoard;
    for (;;) hoard.emplace_back(piece, 'x');
}

void suffer(Fault const& fault) {
    switch (fault.trouble) {
        case Trouble::crash:
            std::raise(SIGSEGV);
            return;
        case Trouble::hang:
            hang();
        case Trouble::oom:
            allocate_without_end();
        case Trouble::error:
            throw ModelError(fmt::format("experiment {} fails as drill.faults asks", fault.index));
        case Trouble::exit:
            ::_exit(3);
    }
}

// ---- config

std::vector<study::KeyTable> drill_tables() {
    return {{"drill",
             "A study that computes nothing of interest, to see how a cluster behaves",
             {
                 {.name = "experiments",
                  .standard = std::int64_t{40},
                  .doc = "how many",
                  .bounds = {.at_least = 1, .at_most = 10000000}},
                 {.name = "generations",
                  .standard = std::int64_t{1},
                  .doc = "how often so many: each further generation is planned from the results of the one "
                         "before",
                  .bounds = {.at_least = 1, .at_most = 1000000}},
                 {.name = "group_size",
                  .standard = std::int64_t{1},
                  .doc = "experiments that are handed out together",
                  .bounds = {.at_least = 1}},
                 {.name = "seconds",
                  .standard = 0.1,
                  .doc = "time that each experiment takes [s]",
                  .bounds = {.at_least = 0, .at_most = 86400},
                  .effect = Effect::operation},
                 {.name = "work",
                  .standard = "sleep",
                  .doc = "sleep: leaves the processor to others; busy: keeps it for itself",
                  .choices = {"sleep", "busy"},
                  .effect = Effect::operation},
                 {.name = "faults",
                  .standard = std::vector<std::string>{},
                  .doc = "crash:3 spoils experiment 3, hang:5:2 the first two attempts at experiment 5; also "
                         "error, oom, exit",
                  .effect = Effect::operation},
             }}};
}

/// What [drill] says, and the seed.
struct Options {
    std::uint64_t seed;
    std::uint64_t experiments;  ///< of one generation
    std::uint64_t generations;
    std::uint64_t group_size;
    double seconds;
    bool busy;
    std::vector<std::string> faults;  ///< texts for parse_fault()
};

Options options_of(Config const& config) {
    auto const count = [&](std::string_view key) {
        return static_cast<std::uint64_t>(config.get<std::int64_t>(key));
    };
    return {count("study.seed"),
            count("drill.experiments"),
            count("drill.generations"),
            count("drill.group_size"),
            config.get<double>("drill.seconds"),
            config.get<std::string>("drill.work") == "busy",
            config.get<std::vector<std::string>>("drill.faults")};
}

std::vector<std::string> drill_problems(Options const& options) {
    std::vector<std::string> problems;
    std::uint64_t const count = options.experiments * options.generations;
    for (auto const& text : options.faults) {
        auto const fault = parse_fault(text);
        if (!fault) {
            problems.push_back(
                fmt::format("drill.faults has \"{}\" (must be crash, hang, oom, error or exit, then "
                            ":experiment, then :attempts if it is "
                            "not to be all)",
                            text));
        } else if (fault->index >= count) {
            problems.push_back(fmt::format("drill.faults has \"{}\" (the last of {} experiments is {})", text,
                                           count, count - 1));
        }
    }
    return problems;
}

// ---- the study

study::Schema drill_schema() {
    using study::CellType;
    using study::ElementType;
    study::Schema schema;
    schema.design = {{.name = "batch", .type = CellType::integer, .doc = "group that it is handed out with"},
                     {.name = "label", .type = CellType::text, .width = 40, .doc = "the experiment's name"},
                     {.name = "generation", .type = CellType::integer, .doc = "counted from 0"},
                     {.name = "parent",
                      .type = CellType::integer,
                      .doc = "the experiment of the generation before that it follows from; -1: none"}};
    schema.results = {{.name = "value", .type = CellType::real, .doc = "a number in [0, 1) from the seed"},
                      {.name = "draws", .type = CellType::integer, .doc = "random words that were drawn"},
                      {.name = "work_seconds",
                       .type = CellType::real,
                       .doc = "time that the experiment took [s]",
                       .nature = study::Nature::timing}};
    schema.arrays = {{.name = "samples",
                      .fields = {{"value", ElementType::float64}},
                      .extent = study::Extent::fixed,
                      .shape = {n_samples},
                      .doc = "numbers in [0, 1) from the seed"},
                     {.name = "steps",
                      .fields = {{"step", ElementType::int32}, {"value", ElementType::float64}},
                      .extent = study::Extent::ragged,
                      .shape = {},
                      .doc = "as many as the experiment's index modulo 4"}};
    schema.labels = {{study::label_columns, {"label"}}};
    return schema;
}

template <class T>
void append(std::vector<std::uint8_t>& bytes, T value) {
    std::array<std::uint8_t, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

class Drill final : public study::Study, public study::HasLongPlan {
  public:
    explicit Drill(Options options) : schema_(drill_schema()), options_(std::move(options)) {
        for (auto const& text : options_.faults)
            if (auto const fault = parse_fault(text)) faults_[fault->index] = *fault;
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return ""; }

    [[nodiscard]] study::Inventory inventory() const override {
        return {{fmt::format("no data: {} experiments that only pretend to work", capacity())}, {}};
    }

    [[nodiscard]] std::size_t capacity() const override {
        return options_.experiments * options_.generations;
    }

    [[nodiscard]] std::uint64_t row_capacity() const override {
        std::uint64_t rows = 0;
        for (std::uint64_t index = 0; index < capacity(); ++index) rows += steps_of(index);
        return rows;
    }

    /// A generation: the children of the better half of the one before. It ends early when nothing of the one
    /// before has a result.
    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        std::vector<Experiment> experiments;
        say_next(so_far, [&](Experiment const& next) { experiments.push_back(next); });
        return experiments;
    }

    void first_experiments(std::function<void(Experiment const&)> const& take) const override {
        say_next(study::NoRecords(), take);
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            auto const fault = faults_.find(item.experiment.index);
            if (fault != faults_.end() && item.attempt <= fault->second.attempts) suffer(fault->second);
            double const start = monotonic_seconds();
            work_until(start + options_.seconds, watcher);
            sink.finish(result_of(item.experiment, monotonic_seconds() - start));
        }
    }

  private:
    static constexpr std::size_t label_column = 1;
    static constexpr std::size_t generation_column = 2;

    static std::uint64_t steps_of(std::uint64_t index) { return index % (most_steps + 1); }

    static std::string label_of(std::uint64_t index, std::int64_t parent) {
        return parent < 0 ? fmt::format("drill {}", index) : fmt::format("drill {} of {}", index, parent);
    }

    /// Of the last generation: its better half by value, best first.
    [[nodiscard]] std::vector<std::int64_t> better_half(study::Records const& records) const {
        std::vector<std::pair<double, std::int64_t>> ranking;
        for (std::size_t row = records.size() - options_.experiments; row < records.size(); ++row)
            if (records.done(row)) ranking.emplace_back(-std::get<double>(records.cells(row).front()), row);
        std::sort(ranking.begin(), ranking.end());
        ranking.resize((ranking.size() + 1) / 2);
        std::vector<std::int64_t> rows;
        rows.reserve(ranking.size());
        for (auto const& [value, row] : ranking) rows.push_back(row);
        return rows;
    }

    void say_next(study::Records const& so_far, std::function<void(Experiment const&)> const& take) const {
        std::vector<std::int64_t> parents{-1};
        Experiment next;
        std::int64_t generation = 0;
        if (so_far.size() > 0) {
            Experiment const& last = so_far.experiment(so_far.size() - 1);
            parents = better_half(so_far);
            generation = std::get<std::int64_t>(last.design[generation_column]) + 1;
            next.group = last.group + 1;
            next.first_row = last.first_row + last.n_rows;
        }
        if (parents.empty() || generation >= static_cast<std::int64_t>(options_.generations)) return;
        std::uint64_t const first_group = next.group;
        next.expected_seconds = std::max(options_.seconds, shortest_guess);
        next.cost_key = "drill";
        for (std::uint64_t i = 0; i < options_.experiments; ++i) {
            next.index = so_far.size() + i;
            next.group = first_group + i / options_.group_size;
            std::int64_t const parent = parents[i % parents.size()];
            std::string const label = label_of(next.index, parent);
            next.id = {hash64(label)};
            next.design = {static_cast<std::int64_t>(next.group), label, generation, parent};
            next.n_rows = steps_of(next.index);
            take(next);
            next.first_row += next.n_rows;
        }
    }

    void work_until(double end, Watcher& watcher) const {
        constexpr double longest_nap = 0.05;
        double left = end - monotonic_seconds();
        while (left > 0) {
            if (watcher.stop_requested()) throw Cancelled{};
            if (!options_.busy)
                std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, longest_nap)));
            left = end - monotonic_seconds();
        }
    }

    [[nodiscard]] study::Result result_of(Experiment const& experiment, double seconds) const {
        auto const& label = std::get<std::string>(experiment.design[label_column]);
        Random random = random_stream(options_.seed, label, Purpose::simulate);
        study::Result result;
        result.index = experiment.index;
        result.cells = {random.uniform(), static_cast<std::int64_t>(1 + n_samples + experiment.n_rows),
                        seconds};
        result.arrays.resize(2);
        for (std::size_t i = 0; i < n_samples; ++i) append(result.arrays[0], random.uniform());
        for (std::uint64_t step = 0; step < experiment.n_rows; ++step) {
            append(result.arrays[1], static_cast<std::int32_t>(step));
            append(result.arrays[1], random.uniform());
        }
        return result;
    }

    study::Schema schema_;
    Options options_;
    std::map<study::ExperimentIndex, Fault> faults_;
};

// ---- the kind

class DrillKind final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return "drill"; }

    [[nodiscard]] std::string doc() const override {
        return "Experiments that sleep, work or fail on request, to try out a cluster";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return drill_tables(); }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return drill_problems(options_of(config));
    }

    [[nodiscard]] study::Opened open(Config const& config, study::DataFrom const&) const override {
        return {std::make_unique<Drill>(options_of(config))};
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, study::Schema const&,
                                                 study::Records const& records) const override {
        std::size_t done = 0;
        double sum = 0;
        for (std::size_t row = 0; row < records.size(); ++row) {
            if (!records.done(row)) continue;
            ++done;
            sum += std::get<double>(records.cells(row).front());
        }
        TextTable table;
        table.title = "Drill";
        table.header = {"experiments", "with a result", "mean value"};
        table.rows = {{std::to_string(records.size()), std::to_string(done),
                       done > 0 ? fmt::format("{:.6f}", sum / static_cast<double>(done)) : ""}};
        if (done < records.size())
            table.notes.push_back(fmt::format("{} experiments have no result", records.size() - done));
        return {table};
    }
};

}  // namespace

std::unique_ptr<study::Kind> make_drill() {
    return std::make_unique<DrillKind>();
}

std::string short_drill(std::size_t n_experiments) {
    return fmt::format("[study]\nkind = \"drill\"\n[drill]\nexperiments = {}\nseconds = 0.0\n",
                       n_experiments);
}

}  // namespace vaster::drill
