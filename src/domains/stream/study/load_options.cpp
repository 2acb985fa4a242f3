#include "domains/stream/study/load_options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/options.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr double most_rate = 1e9;
constexpr double most_workers = 1024;
/// Arrivals that are kept one by one; they take 8 bytes each.
constexpr double most_listed = 2e8;

study::KeyTable rate_table() {
    return {"rate",
            "Mode rate: records are offered at rates that are given, whether they are taken or not",
            {
                {.name = "rates",
                 .standard = std::vector<double>{},
                 .doc = "rates at which records are offered to each worker, each an experiment [records/s]; "
                        "must be given unless arrivals are the data's own",
                 .bounds = {.above = 0, .at_most = most_rate},
                 .flag = "--rates"},
                {.name = "arrivals",
                 .standard = "constant",
                 .doc = "constant: evenly; poisson: independent of each other, by the seed; data: at the "
                        "records' own times, divided by scale.time",
                 .choices = arrival_names(),
                 .flag = "--arrivals"},
                {.name = "seconds",
                 .standard = "10s",
                 .doc = "time that is measured, after the warm-up; the records begin again as often as is "
                        "needed",
                 .bounds = {.at_least = 0.5, .at_most = 86400},
                 .format = Format::duration},
            }};
}

study::KeyTable latency_table() {
    return {"latency",
            "Modes rate and peak: how a worker takes the records that have arrived",
            {
                {.name = "from",
                 .standard = "parse",
                 .doc = "what a worker does with a record: parse: takes its text apart, and then the task; "
                        "task: the task alone, with records taken apart before the start",
                 .choices = {"parse", "task"}},
                {.name = "batch",
                 .standard = std::int64_t{16},
                 .doc = "most records, all of which have arrived, that are taken between two looks at the "
                        "clock; they end together",
                 .bounds = {.at_least = 1, .at_most = 65536}},
                {.name = "warm_up",
                 .standard = "2s",
                 .doc = "records that arrive in this time are taken, counted and left out of all timings",
                 .bounds = {.at_least = 0, .at_most = 3600},
                 .format = Format::duration},
            }};
}

study::KeyTable peak_table() {
    return {"peak",
            "Mode peak: the highest rate that is sustained, by bisection",
            {
                {.name = "seconds",
                 .standard = "10s",
                 .doc = "time that is measured of each trial, after the warm-up",
                 .bounds = {.at_least = 0.5, .at_most = 3600},
                 .format = Format::duration},
                {.name = "repeats",
                 .standard = std::int64_t{3},
                 .doc = "trials in each of which a rate must be sustained",
                 .bounds = {.at_least = 1, .at_most = 100}},
                {.name = "latency",
                 .standard = "100ms",
                 .doc = "a rate is not sustained when the 99th percentile of its latency is larger; of mode "
                        "rate, too",
                 .bounds = {.above = 0},
                 .effect = Effect::operation,
                 .format = Format::duration},
                {.name = "workers",
                 .standard = std::vector<double>{1},
                 .doc = "threads that take parts of the stream at once, each number an experiment",
                 .bounds = {.at_least = 1, .at_most = most_workers},
                 .flag = "--workers"},
            }};
}

study::KeyTable scale_table() {
    return {"scale",
            "The stream, faster and with more sensors than it has",
            {
                {.name = "time",
                 .standard = 1.0,
                 .doc = "the times of records are divided by this, and rounded down to milliseconds; in "
                        "modes rate and peak it is the arrivals that are (rate.arrivals = data), and not "
                        "what records say",
                 .bounds = {.above = 0}},
                {.name = "space",
                 .standard = std::int64_t{1},
                 .doc = "each record is there so often: as it stands, and as one of each of the sensors "
                        "ID~1, ID~2, ...; the copies are made in memory, and input.memory must have room "
                        "for all",
                 .bounds = {.at_least = 1, .at_most = 1000000}},
            }};
}

template <class Enum>
Enum named(std::vector<std::string> const& names, std::string const& name) {
    return static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin());
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Stall stall_of(std::string_view fault) {
    constexpr std::string_view kind = "stall:";
    constexpr double longest = 3600;
    auto const colon = fault.rfind(':');
    if (fault.starts_with(kind) && colon >= kind.size()) {
        auto const record = number_in<std::uint64_t>(fault.substr(kind.size(), colon - kind.size()));
        auto const seconds = number_in<double>(fault.substr(colon + 1));
        if (record && seconds && *seconds >= 0 && *seconds <= longest) return {*record, *seconds};
    }
    throw ConfigError(fmt::format(
        "stream.faults has '{}' (must be stall:RECORD:SECONDS, or several of them between commas; RECORD is "
        "a number from 0, SECONDS at most {})",
        fault, longest));
}

void add_rate_problems(std::vector<std::string>& problems, LoadPlan const& load) {
    bool const by_data = load.arrivals == Arrivals::data;
    if (load.rates.empty() && !by_data)
        problems.emplace_back("rate.rates is empty (must name the rates at which records are offered)");
    if (!load.rates.empty() && by_data)
        problems.emplace_back(
            "rate.rates is given, but with rate.arrivals = data records come at their own times: make them "
            "come faster by scale.time");
    if (load.arrivals != Arrivals::poisson) return;
    for (auto const rate : load.rates)
        if (rate * load.rate_window.end() > most_listed)
            problems.push_back(fmt::format(
                "rate.rates has {}: in {} s these are more arrivals than are kept ({}); take rate.arrivals = "
                "constant, or less rate.seconds",
                rate, load.rate_window.end(), most_listed));
}

void add_worker_problems(std::vector<std::string>& problems, std::vector<double> workers) {
    if (workers.empty())
        problems.emplace_back("peak.workers is empty (must name numbers of workers, such as 1)");
    for (auto const n : workers)
        if (n != std::floor(n)) problems.push_back(fmt::format("peak.workers has {} (must be whole)", n));
    std::sort(workers.begin(), workers.end());
    auto const twice = std::adjacent_find(workers.begin(), workers.end());
    if (twice != workers.end()) problems.push_back(fmt::format("peak.workers names {} twice", *twice));
}

/// Keys of mode results.
void add_other_problems(std::vector<std::string>& problems, Options const& options) {
    auto const& mode = mode_names()[static_cast<std::size_t>(options.load.mode)];
    if (!options.output.directory.empty())
        problems.push_back(fmt::format(
            "output.directory is given, but stream.mode = {} keeps no rows (they are counted and hashed)",
            mode));
    if (!options.continue_from.empty())
        problems.push_back(
            fmt::format("stream.continue_from is given, but stream.mode = {} begins with no state", mode));
    for (auto const& job : options.jobs)
        if (trainer_of(options, job) != nullptr)
            problems.push_back(fmt::format(
                "{0} would use the models of {1}, but in stream.mode = {2} no job waits for another: "
                "train in a study of mode results, and give {3}.models",
                job.kind->code, job.kind->models_from, mode, table_of(*job.kind)));
}

}  // namespace

std::vector<std::string> const& mode_names() {
    static std::vector<std::string> const names{"results", "rate", "peak"};
    return names;
}

std::vector<std::string> const& arrival_names() {
    static std::vector<std::string> const names{"constant", "poisson", "data"};
    return names;
}

std::vector<study::KeyTable> load_tables() {
    return {rate_table(), latency_table(), peak_table(), scale_table()};
}

LoadPlan load_plan_of(study::Config const& config) {
    LoadPlan load;
    load.mode = named<Mode>(mode_names(), config.get<std::string>("stream.mode"));
    load.faults = config.get<std::string>("stream.faults");
    load.rates = config.get<std::vector<double>>("rate.rates");
    load.arrivals = named<Arrivals>(arrival_names(), config.get<std::string>("rate.arrivals"));
    load.time_scale = config.get<double>("scale.time");
    load.parses = config.get<std::string>("latency.from") == "parse";
    load.batch = static_cast<std::uint64_t>(config.get<std::int64_t>("latency.batch"));
    double const warm_up = config.seconds("latency.warm_up");
    load.rate_window = {warm_up, config.seconds("rate.seconds")};
    load.peak_window = {warm_up, config.seconds("peak.seconds")};
    load.peak.repeats = static_cast<std::uint32_t>(config.get<std::int64_t>("peak.repeats"));
    load.sustained.latency = config.seconds("peak.latency");
    load.workers = config.get<std::vector<double>>("peak.workers");
    return load;
}

std::vector<Stall> stalls_of(std::string_view faults) {
    std::vector<Stall> stalls;
    for (bool more = !faults.empty(); more;) {
        auto const comma = faults.find(',');
        more = comma != std::string_view::npos;
        stalls.push_back(stall_of(faults.substr(0, comma)));
        if (more) faults.remove_prefix(comma + 1);
    }
    return stalls;
}

void add_load_problems(std::vector<std::string>& problems, Options const& options) {
    auto const& load = options.load;
    try {
        (void)stalls_of(load.faults);
    } catch (ConfigError const& error) {
        problems.emplace_back(error.what());
    }
    if (load.mode == Mode::results) {
        if (!load.faults.empty())
            problems.emplace_back("stream.faults is given, but nothing is held up in stream.mode = results");
        if (!load.rates.empty())
            problems.emplace_back(
                "rate.rates is given, but records are offered at rates only in stream.mode = rate");
        return;
    }
    if (load.mode == Mode::rate)
        add_rate_problems(problems, load);
    else
        add_worker_problems(problems, load.workers);
    add_other_problems(problems, options);
}

bool is_load_table(std::string_view table) {
    return table == "rate" || table == "latency" || table == "peak";
}

bool is_relevant(LoadPlan const& load, std::string_view table) {
    if (table == "latency") return load.mode != Mode::results;
    if (table == "peak") return load.mode == Mode::peak;
    return load.mode == Mode::rate;
}

}  // namespace vaster::stream
