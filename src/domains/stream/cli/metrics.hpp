#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/report/tables.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::store {
class Reader;
}

namespace vaster::stream {

struct Outcomes;

/// What a job came to, by the names that users of PyRIoTBench know.
struct Metrics {
    /// Of a rank, or of all of them.
    struct Counts {
        std::int64_t total_records = 0;      ///< lines that are not blank, good and broken
        std::int64_t processed_records = 0;  ///< the good ones
        std::int64_t valid_results = 0;      ///< rows of output
        std::int64_t none_filtered = 0;      ///< inputs that gave no row and are not errors
        std::int64_t errors = 0;             ///< broken records and observations that are not numbers
        double total_time = 0;  ///< [s] in partitions; of all: of the rank that was at work longest

        void add(Outcomes const& outcomes);

        /// Records a second; 0 where there was no time.
        [[nodiscard]] double throughput() const;
    };

    Counts all;
    std::map<std::int64_t, Counts> ranks;  ///< those that had a partition
    std::string stream;

    void add(std::int64_t rank, Outcomes const& outcomes);
};

/// Of the first repeat of each partition that is done, jobs by their code.
[[nodiscard]] std::map<std::string, Metrics> metrics_of(store::Reader const& study);

/// The table at the end of `vaster stream run-file`.
[[nodiscard]] TextTable table_of(std::string const& job, Metrics const& metrics);

/// Tables jobs (total_records, ..., num_actors) and actor_metrics (the same of each rank). Of one job the
/// first is the document's facts, too.
[[nodiscard]] report::Document document_of(std::map<std::string, Metrics> const& jobs);

}  // namespace vaster::stream
