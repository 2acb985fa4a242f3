#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/input.hpp"
#include "domains/stream/records/input_index.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/study/state_file.hpp"
#include "vaster/study/inventory.hpp"

namespace vaster::stream {

/// A stream that was opened: its records, whose they are, and where it was when it was cut before.
class Source {
  public:
    /// @throws IoError for a file that cannot be read; DataError for more broken records than
    /// input.most_errors allows, for a field that never comes, for states of another job
    explicit Source(Options const& options);

    [[nodiscard]] Input const& input() const noexcept { return input_; }

    [[nodiscard]] InputIndex const& index() const noexcept { return index_; }

    /// What the job's task is made from, for a partition.
    [[nodiscard]] TaskSetup setup(Options const& options, std::size_t job, std::uint64_t partition) const;

    /// What a job takes out of each record.
    [[nodiscard]] Layout const& layout(std::size_t job) const { return layouts_[job]; }

    /// Number and offset of the first record over the stream of which this is a part.
    [[nodiscard]] std::uint64_t first_record() const noexcept { return first_record_; }

    [[nodiscard]] std::uint64_t first_offset() const noexcept { return first_offset_; }

    /// How many records the partition has, without broken ones.
    [[nodiscard]] std::uint64_t n_records(JobOptions const& job, std::uint64_t partition) const;

    /// States that the job's partition goes on from.
    [[nodiscard]] std::vector<KeptState> states(std::size_t job, std::uint64_t partition) const;

    /// "sys.csv and 2 more"
    [[nodiscard]] std::string name() const;

    /// Of everything that was read.
    [[nodiscard]] std::string content_hash() const;

    [[nodiscard]] study::Inventory inventory() const;

  private:
    void take_up(Options const& options);
    void check_errors() const;
    void check_fields() const;

    double most_errors_;
    Input input_;
    std::vector<Layout> layouts_;  ///< by job
    Layout layout_;                ///< with the fields of all of them
    InputIndex index_;
    std::uint64_t first_record_ = 0;
    std::uint64_t first_offset_ = 0;
    std::vector<std::uint64_t> partitions_;       ///< by job
    std::vector<std::vector<KeptState>> states_;  ///< by job
    std::string states_hash_;
    std::string files_hash_;  ///< of the files that parameters name
};

/// "bad_json 5, too_long 1"
[[nodiscard]] std::string faults_text(FaultLog const& faults);

}  // namespace vaster::stream
