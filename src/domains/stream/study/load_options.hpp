#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/load/peak_search.hpp"
#include "vaster/study/config.hpp"

namespace vaster::stream {

struct Options;

/// How records come to the tasks (stream.mode).
enum class Mode : std::uint8_t {
    results,  ///< as fast as they are taken: for what comes out
    rate,     ///< at given rates, whether they are taken or not: for latencies
    peak,     ///< at rates that are searched for the highest which is sustained
};

enum class Arrivals : std::uint8_t { constant, poisson, data };

/// A record that is held up on purpose.
struct Stall {
    std::uint64_t record = 0;
    double seconds = 0;
};

/// What a configuration says of modes rate and peak: tables [rate], [latency], [peak], [scale], and
/// stream.faults.
struct LoadPlan {
    Mode mode = Mode::results;
    std::vector<double> rates;  ///< of a worker [1/s]
    Arrivals arrivals = Arrivals::constant;
    double time_scale = 1;     ///< the data's own times are divided by it
    bool parses = true;        ///< is taking records apart a part of the service?
    std::uint64_t batch = 16;  ///< most records between two looks at the clock
    LoadWindow rate_window;
    LoadWindow peak_window;
    PeakRule peak;
    SustainedRule sustained;
    std::vector<double> workers = {1};  ///< whole numbers
    std::string faults;                 ///< stream.faults

    [[nodiscard]] LoadWindow const& window() const { return mode == Mode::peak ? peak_window : rate_window; }

    /// Most loads that an experiment tries.
    [[nodiscard]] std::size_t n_trials() const { return mode == Mode::peak ? most_trials(peak) : 1; }
};

/// "results", "rate", "peak", by Mode.
[[nodiscard]] std::vector<std::string> const& mode_names();
/// "constant", "poisson", "data", by Arrivals.
[[nodiscard]] std::vector<std::string> const& arrival_names();

/// [rate], [latency], [peak], [scale].
[[nodiscard]] std::vector<study::KeyTable> load_tables();

[[nodiscard]] LoadPlan load_plan_of(study::Config const& config);

/// The records that stream.faults = "stall:RECORD:SECONDS,..." holds up.
/// @throws ConfigError for another text
[[nodiscard]] std::vector<Stall> stalls_of(std::string_view faults);

/// What is wrong with them, and with what does not go with them, a sentence each.
void add_load_problems(std::vector<std::string>& problems, Options const& options);

/// Is the table one of load_tables() that modes rate and peak alone read? [scale] is not.
[[nodiscard]] bool is_load_table(std::string_view table);

/// May a table that is_load_table() change what the mode yields?
[[nodiscard]] bool is_relevant(LoadPlan const& load, std::string_view table);

}  // namespace vaster::stream
