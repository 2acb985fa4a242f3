#include "core/engine/words.hpp"

#include <fmt/format.h>

namespace vaster::engine {
namespace {

/// What the study file keeps of an attempt's message.
constexpr std::size_t most_message_bytes = 510;

}  // namespace

std::string with_last_lines(std::string message, std::string_view output) {
    while (!output.empty() && output.back() == '\n') output.remove_suffix(1);
    if (output.empty() || message.size() + 1 >= most_message_bytes) return message;
    std::size_t const room = most_message_bytes - message.size() - 1;
    if (output.size() > room) {
        output.remove_prefix(output.size() - room);
        std::size_t const line = output.find('\n');
        if (line != std::string_view::npos) output.remove_prefix(line + 1);
    }
    return fmt::format("{}\n{}", message, output);
}

std::string list_of(std::vector<study::ExperimentIndex> const& experiments) {
    constexpr std::size_t most = 10;
    if (experiments.size() <= most) return fmt::format("{}", fmt::join(experiments, ", "));
    return fmt::format("{} and {} more", fmt::join(experiments.begin(), experiments.begin() + most, ", "),
                       experiments.size() - most);
}

}  // namespace vaster::engine
