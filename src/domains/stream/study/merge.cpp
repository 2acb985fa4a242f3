#include "domains/stream/study/merge.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

/// How a part is looked at.
enum class PartLook : std::uint8_t { at_all, rows_unseen };

/// The part, if there is one that is whole.
std::optional<PartFile> whole_part(fs::path const& path, PartLook look = PartLook::at_all) {
    try {
        return look == PartLook::at_all ? PartFile(path) : PartFile::with_rows_unseen(path);
    } catch (Error const&) {
        return std::nullopt;
    }
}

/// What to do about a partition that has no part: it may have left nothing, or the part was lost.
enum class Absent : std::uint8_t { left_nothing, run_again };

/// The parts of a job, in the order of the partitions.
std::vector<PartFile> parts_of(Options const& options, Source const& source, std::size_t job, Absent absent,
                               Watcher& watcher, PartLook look = PartLook::at_all) {
    std::vector<PartFile> parts;
    auto const n = partitions_of(options, options.jobs[job]);
    parts.reserve(n);
    for (std::uint64_t partition = 0; partition < n; ++partition) {
        if (watcher.stop_requested()) throw Cancelled{};
        if (!skip_reason_of(options, source, job, partition).empty()) continue;
        auto const path = part_path(options, options.jobs[job], partition);
        auto part = whole_part(path, look);
        if (!part && absent == Absent::run_again) {
            keep_part(options, path, run_partition(options, source, job, partition, 0, watcher),
                      merge_ranges(options, source, job));
            part = whole_part(path);
        }
        if (part) parts.push_back(std::move(*part));
    }
    return parts;
}

std::string hash_of(std::vector<PartFile> const& parts) {
    std::vector<std::string> hashes;
    hashes.reserve(parts.size());
    for (auto const& part : parts) hashes.push_back(part.hash());
    return hash_of_parts(hashes);
}

/// The parts of a job, unseen; none where they are not written by these ranges.
std::vector<PartFile> parts_in_ranges(Options const& options, Source const& source, std::size_t job,
                                      Watcher& watcher) {
    auto parts = parts_of(options, source, job, Absent::left_nothing, watcher, PartLook::rows_unseen);
    auto const n = merge_ranges(options, source, job).size();
    if (std::any_of(parts.begin(), parts.end(),
                    [&](auto const& part) { return part.ranges().size() != n + 1; }))
        parts.clear();
    return parts;
}

std::string header_of(Options const& options, Source const& source, std::size_t job) {
    if (options.output.form == Output::Form::plain) return "";
    return fmt::format("{}\n",
                       fmt::join(options.jobs[job].kind->columns(source.setup(options, job, 0)).names, ","));
}

StreamEnd end_of(Options const& options, Source const& source, JobOptions const& job) {
    return {description_of(options, job), source.first_record() + source.index().n_lines(),
            source.first_offset() + source.input().bytes()};
}

/// The states of all partitions, without a copy of each: they take memory by the number of sensors.
class AllStates {
  public:
    explicit AllStates(std::vector<PartFile> const& parts) {
        bytes_.reserve(parts.size());  // they stay where they are
        for (auto const& part : parts) {
            auto const own = states_in(bytes_.emplace_back(part.states_bytes()));
            states_.insert(states_.end(), own.begin(), own.end());
        }
        std::sort(states_.begin(), states_.end(),
                  [](auto const& a, auto const& b) { return a.sensor < b.sensor; });
    }

    /// In byte order of the sensors.
    [[nodiscard]] std::span<StateView const> in_order() const noexcept { return states_; }

  private:
    std::vector<std::string> bytes_;  ///< by part
    std::vector<StateView> states_;
};

/// One job's merge, in one of three ways, whichever yields what is wanted.
class JobMerge {
  public:
    JobMerge(Options const& options, Source const& source, std::size_t job, std::string_view wanted,
             Watcher& watcher)
        : options_(options),
          source_(source),
          job_(job),
          wanted_(wanted),
          watcher_(watcher),
          ranges_(merge_ranges(options, source, job)) {}

    /// From what pieces have left.
    [[nodiscard]] std::optional<MergeResult> of_pieces() {
        if (ranges_.size() < 2) return std::nullopt;
        auto const parts = parts_in_ranges(options_, source_, job_, watcher_);
        auto const merged = join_pieces(parts, header(), path(), with_pieces_of(parts));
        if (!merged) return std::nullopt;
        try {
            return with_states(parts, *merged);
        } catch (DataError const&) {  // states that were unseen so far
            return std::nullopt;
        }
    }

    [[nodiscard]] std::optional<MergeResult> of_parts() { return of(Absent::left_nothing); }

    [[nodiscard]] std::optional<MergeResult> of_parts_made_again() { return of(Absent::run_again); }

  private:
    [[nodiscard]] std::optional<MergeResult> of(Absent absent) {
        auto const parts = parts_of(options_, source_, job_, absent, watcher_);
        bool const is_right = hash_of(parts) == wanted_;
        if (!is_right && ranges_.size() < 2) return std::nullopt;
        Merged merged;
        if (!options_.output.directory.empty()) {
            auto const file =
                merge_parts(parts, header(), path(), ranges_, is_right ? IsRight() : with_pieces_of(parts));
            if (!file) return std::nullopt;
            merged = *file;
        }
        return with_states(parts, merged);
    }

    /// Are the pieces those of the study, and the parts, too?
    [[nodiscard]] IsRight with_pieces_of(std::vector<PartFile> const& parts) const {
        return [this, &parts](MergedInRanges const& merged) {
            std::vector<std::string> hashes{hash_of(parts)};
            hashes.insert(hashes.end(), merged.ranges.begin(), merged.ranges.end());
            return hash_of_parts(hashes) == wanted_;
        };
    }

    [[nodiscard]] MergeResult with_states(std::vector<PartFile> const& parts, Merged const& merged) const {
        MergeResult result;
        result.output = merged;
        if (!options_.output.keeps_state) return result;
        JobOptions const& job = options_.jobs[job_];
        AllStates const states(parts);
        result.state_hash =
            write_state(state_path(options_.study, job), end_of(options_, source_, job), states.in_order());
        for (auto const& state : states.in_order()) result.state_bytes += state.bytes.size();
        return result;
    }

    [[nodiscard]] std::string header() const { return header_of(options_, source_, job_); }

    [[nodiscard]] fs::path path() const { return output_path(options_, options_.jobs[job_]); }

    Options const& options_;
    Source const& source_;
    std::size_t job_;
    std::string_view wanted_;
    Watcher& watcher_;
    RecordRanges ranges_;
};

}  // namespace

bool keeps_parts(Options const& options) {
    return !options.output.directory.empty() || options.output.keeps_state;
}

std::string skip_reason_of(Options const& options, Source const& source, std::size_t job,
                           std::uint64_t partition) {
    bool const empty = source.n_records(options.jobs[job], partition) == 0;
    if (partition == 0 || !empty || !source.states(job, partition).empty()) return "";
    return keying_of(options.jobs[job]) == Keying::record ? "no record begins in this block of the stream"
                                                          : "no sensor of the stream is in this partition";
}

RecordRanges merge_ranges(Options const& options, Source const& source, std::size_t job) {
    if (options.output.directory.empty()) return {};
    return {source.first_record(), source.index().n_lines(),
            n_merge_ranges(source.input().bytes(), options.bytes_of_range,
                           partitions_of(options, options.jobs[job]))};
}

std::string keep_part(Options const& options, fs::path const& path, PartitionResult const& result,
                      RecordRanges const& ranges) {
    // Rows that nobody wants are counted and hashed by now.
    bool const keeps_rows = !options.output.directory.empty();
    if (result.states.empty() && (!keeps_rows || result.output.n_rows() == 0)) {
        std::error_code ignored;
        fs::remove(path, ignored);  // of a study that was here before
        return "";
    }
    Output const nothing;
    return write_part(path, keeps_rows ? result.output : nothing, result.states,
                      options.output.waits_for_disk ? Sync::now : Sync::later, ranges);
}

std::string hash_of_parts(std::vector<std::string> const& hashes) {
    return hash_text(fmt::format("{}", fmt::join(hashes, " ")));
}

PieceResult merge_range(Options const& options, Source const& source, std::size_t job, std::uint64_t range,
                        Watcher& watcher) {
    auto const parts = parts_in_ranges(options, source, job, watcher);
    auto const piece =
        write_piece(parts, header_of(options, source, job), output_path(options, options.jobs[job]), range);
    if (!piece) return {};
    return {*piece, hash_of(parts)};
}

MergeResult merge_job(Options const& options, Source const& source, std::size_t job, std::string_view wanted,
                      Watcher& watcher) {
    JobMerge merge(options, source, job, wanted, watcher);
    for (auto const make : {&JobMerge::of_pieces, &JobMerge::of_parts, &JobMerge::of_parts_made_again})
        if (auto result = (merge.*make)()) return *result;
    throw DataError(fmt::format(
        "the files {} are not those that the partitions of {} have left in this study; remove "
        "them, and --resume makes them again",
        part_path(options, options.jobs[job], 0).parent_path().string(), options.jobs[job].kind->code));
}

}  // namespace vaster::stream
