#include "core/engine/rank0/cost_memory.hpp"

#include <cstdlib>
#include <map>
#include <sstream>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "vaster costs 1";
/// There are as many keys as models; a file with more is none of ours.
constexpr std::size_t most_bytes = 1 << 20;

/// "12.5 40.25 xgboost": seconds expected, seconds measured, cost key.
study::MeasuredCost cost_of(std::string const& line, fs::path const& file) {
    study::MeasuredCost cost;
    std::istringstream words(line);
    words >> cost.expected_seconds >> cost.measured_seconds >> std::ws;
    std::getline(words, cost.cost_key);
    constexpr double most_ratio = 1e6;
    double const ratio = cost.measured_seconds / cost.expected_seconds;
    bool const sane = cost.expected_seconds > 0 && ratio > 1 / most_ratio && ratio < most_ratio;
    require<DataError>(!cost.cost_key.empty() && sane,
                       "{} has the line '{}', which is not a cost; remove the file", file.string(), line);
    return cost;
}

std::map<std::string, study::MeasuredCost> older_costs(fs::path const& file) {
    std::map<std::string, study::MeasuredCost> older;
    try {
        for (auto& cost : recall_costs(file)) {
            cost.expected_seconds /= 2;
            cost.measured_seconds /= 2;
            older[cost.cost_key] = cost;
        }
    } catch (DataError const&) {
        older.clear();
    }
    return older;
}

}  // namespace

fs::path cost_memory(std::string const& folder, std::string const& kind) {
    fs::path place = folder;
    if (folder == "user") {
        char const* const cache = std::getenv("XDG_CACHE_HOME");
        char const* const home = std::getenv("HOME");
        bool const has_cache =
            cache != nullptr && *cache == '/';  // others are to be ignored, says the standard
        if (!has_cache && (home == nullptr || *home != '/')) return {};
        place = (has_cache ? fs::path(cache) : fs::path(home) / ".cache") / "vaster";
    }
    return place.empty() ? place : place / ("costs-" + kind + ".txt");
}

std::vector<study::MeasuredCost> recall_costs(fs::path const& file) {
    std::error_code problem;
    auto const status = fs::status(file, problem);
    if (!fs::exists(status)) return {};
    bool const readable = fs::is_regular_file(status) && fs::file_size(file, problem) <= most_bytes;
    require<DataError>(readable && !problem, "{} is not a file of costs; remove it", file.string());
    std::istringstream lines(read_file(file));
    std::string line;
    std::getline(lines, line);
    require<DataError>(line == first_line, "{} does not begin with '{}'; remove it", file.string(),
                       first_line);
    std::vector<study::MeasuredCost> costs;
    while (std::getline(lines, line)) costs.push_back(cost_of(line, file));
    return costs;
}

void remember_costs(fs::path const& file, std::vector<study::MeasuredCost> const& costs) {
    auto kept = older_costs(file);
    for (auto const& cost : costs) {
        if (cost.expected_seconds <= 0 || cost.measured_seconds <= 0) continue;
        auto& sum = kept[cost.cost_key];
        sum.expected_seconds += cost.expected_seconds;
        sum.measured_seconds += cost.measured_seconds;
    }
    std::string text = fmt::format("{}\n", first_line);
    for (auto const& [key, cost] : kept)
        text += fmt::format("{:.6g} {:.6g} {}\n", cost.expected_seconds, cost.measured_seconds, key);
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);  // if it cannot be, the next line says so
    replace_file(file, text);
}

}  // namespace vaster::engine
