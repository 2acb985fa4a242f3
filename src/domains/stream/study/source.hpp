#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
#include "vaster/study/study.hpp"

namespace vaster::stream {

/// A stream that was opened: its records, whose they are, and where it was when it was cut before.
class Source {
  public:
    /// @throws IoError for a file that cannot be read; DataError for more broken records than
    /// input.most_errors allows, for a field that never comes, for states of another job
    explicit Source(Options const& options, Threads const& threads = {});

    /// The same stream for another process of the host, which does not look at each record again: what
    /// to_block() has put there. @throws DataError for a file that has changed since; else as above
    Source(Options const& options, std::shared_ptr<SealedBlock const> const& block);

    /// What other processes of the host can open the stream from. @throws IoError when there is no memory
    /// left
    [[nodiscard]] std::shared_ptr<SealedBlock const> to_block() const;

    [[nodiscard]] Input const& input() const noexcept { return input_; }

    [[nodiscard]] InputIndex const& index() const noexcept { return index_; }

    /// What the job's task is made from, for a partition.
    [[nodiscard]] TaskSetup setup(Options const& options, std::size_t job, std::uint64_t partition) const;

    /// What a job takes out of each record.
    [[nodiscard]] Layout const& layout(std::size_t job) const { return layouts_[job]; }

    /// Number and offset of the first record over the stream of which this is a part.
    [[nodiscard]] std::uint64_t first_record() const noexcept { return first_record_; }

    [[nodiscard]] std::uint64_t first_offset() const noexcept { return first_offset_; }

    /// How many records the partition has, without broken ones. Of a block of a large stream: about.
    [[nodiscard]] std::uint64_t n_records(JobOptions const& job, std::uint64_t partition) const;

    /// The places in the index of the records that a partition of the job has, where they follow one another:
    /// the whole stream, or a block of it.
    [[nodiscard]] PlaceRange range(JobOptions const& job, std::uint64_t partition) const;

    /// Of a large stream: the bytes in which the records of such a partition begin.
    [[nodiscard]] ByteRange bytes(JobOptions const& job, std::uint64_t partition) const;

    /// States that the job's partition goes on from.
    [[nodiscard]] std::vector<KeptState> states(std::size_t job, std::uint64_t partition) const;

    /// "sys.csv and 2 more"
    [[nodiscard]] std::string name() const;

    /// Of everything that was read.
    [[nodiscard]] std::string content_hash() const;

    [[nodiscard]] study::Inventory inventory() const;

  private:
    /// @param block  nothing: look at the stream itself
    Source(Options const& options, std::optional<BlockReader> block, Threads const& threads);

    void take_up(Options const& options);
    void add_files(study::Inventory& inventory) const;
    void check_errors() const;
    void check_fields() const;

    double most_errors_;
    std::uint64_t copies_;
    Input input_;
    std::vector<Layout> layouts_;  ///< by job
    Layout layout_;                ///< with the fields of all of them, and those that are only named
    InputIndex index_;
    std::vector<std::string> notes_;  ///< of the jobs
    std::uint64_t first_record_ = 0;
    std::uint64_t first_offset_ = 0;
    std::vector<std::uint64_t> partitions_;       ///< by job
    std::vector<std::vector<KeptState>> states_;  ///< by job
    std::string states_hash_;
    std::string files_hash_;  ///< of the files that parameters name
};

/// A stream, and the block that its index lies in, if it does, or why it does not though it was to.
struct SourceAndBlock {
    Source source;
    std::shared_ptr<SealedBlock const> block = nullptr;
    std::string block_problem = {};
};

/// The stream from where Kind::open() was told to take it: it is looked at once a host.
/// @throws Error as Source::Source()
[[nodiscard]] SourceAndBlock source_from(Options const& options, study::DataFrom const& from);

/// "bad_json 5, too_long 1"
[[nodiscard]] std::string faults_text(FaultLog const& faults);

}  // namespace vaster::stream
