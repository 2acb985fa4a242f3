#include "domains/va/cli/comparison_flags.hpp"

namespace vaster::va {

void add_comparison_flags(cli::Command& command, ComparisonOptions& options) {
    command
        .add_option("--metric", options.metrics,
                    "columns of the results that models are compared by, with commas")
        ->delimiter(',')
        ->option_text("NAME,...")
        ->capture_default_str();
    command.add_option("--bootstrap", options.n_resamples, "resamples behind the intervals over deaths")
        ->capture_default_str()
        ->between(1, 10000000);
}

}  // namespace vaster::va
