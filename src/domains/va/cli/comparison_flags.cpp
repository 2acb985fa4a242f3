#include "domains/va/cli/comparison_flags.hpp"

#include <CLI/CLI.hpp>

namespace vaster::va {

void add_comparison_flags(CLI::App& command, ComparisonOptions& options) {
    command
        .add_option("--metric", options.metrics,
                    "columns of the results that models are compared by, with commas")
        ->delimiter(',')
        ->option_text("NAME,...")
        ->capture_default_str();
    command.add_option("--bootstrap", options.n_resamples, "resamples behind the intervals over deaths")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{10000000}));
}

}  // namespace vaster::va
