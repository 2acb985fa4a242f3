#include "domains/stream/study/merge.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

/// The part, if there is one that is whole.
std::optional<PartFile> whole_part(fs::path const& path) {
    try {
        return PartFile(path);
    } catch (Error const&) {
        return std::nullopt;
    }
}

/// What to do about a partition that has no part: it may have left nothing, or the part was lost.
enum class Absent : std::uint8_t { left_nothing, run_again };

/// The parts of a job, in the order of the partitions.
std::vector<PartFile> parts_of(Options const& options, Source const& source, std::size_t job, Absent absent,
                               Watcher& watcher) {
    std::vector<PartFile> parts;
    auto const n = partitions_of(options, options.jobs[job]);
    parts.reserve(n);
    for (std::uint64_t partition = 0; partition < n; ++partition) {
        if (watcher.stop_requested()) throw Cancelled{};
        if (!skip_reason_of(options, source, job, partition).empty()) continue;
        auto const path = part_path(options, options.jobs[job], partition);
        auto part = whole_part(path);
        if (!part && absent == Absent::run_again) {
            keep_part(options, path, run_partition(options, source, job, partition, 0, watcher));
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

std::string header_of(Options const& options, Source const& source, std::size_t job) {
    if (options.output.form == Output::Form::plain) return "";
    return fmt::format("{}\n",
                       fmt::join(options.jobs[job].kind->columns(source.setup(options, job, 0)).names, ","));
}

StreamState state_of(Options const& options, Source const& source, JobOptions const& job,
                     std::vector<PartFile> const& parts) {
    StreamState state;
    state.description = description_of(options, job);
    state.next_record = source.first_record() + source.index().n_lines();
    state.next_offset = source.first_offset() + source.input().bytes();
    for (auto const& part : parts)
        for (auto& one : part.states()) state.states.push_back(std::move(one));
    std::sort(state.states.begin(), state.states.end(),
              [](auto const& a, auto const& b) { return a.sensor < b.sensor; });
    return state;
}

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

std::string keep_part(Options const& options, fs::path const& path, PartitionResult const& result) {
    // Rows that nobody wants are counted and hashed by now.
    bool const keeps_rows = !options.output.directory.empty();
    if (result.states.empty() && (!keeps_rows || result.output.n_rows() == 0)) {
        std::error_code ignored;
        fs::remove(path, ignored);  // of a study that was here before
        return "";
    }
    Output const nothing;
    return write_part(path, keeps_rows ? result.output : nothing, result.states,
                      options.output.waits_for_disk ? Sync::now : Sync::later);
}

std::string hash_of_parts(std::vector<std::string> const& hashes) {
    return hash_text(fmt::format("{}", fmt::join(hashes, " ")));
}

MergeResult merge_job(Options const& options, Source const& source, std::size_t job, std::string_view parts,
                      Watcher& watcher) {
    JobOptions const& what = options.jobs[job];
    auto files = parts_of(options, source, job, Absent::left_nothing, watcher);
    if (hash_of(files) != parts) files = parts_of(options, source, job, Absent::run_again, watcher);
    require<DataError>(hash_of(files) == parts,
                       "the files {} are not those that the partitions of {} have left in this study; remove "
                       "them, and --resume makes them again",
                       part_path(options, what, 0).parent_path().string(), what.kind->code);
    MergeResult result;
    if (!options.output.directory.empty())
        result.output = merge_parts(files, header_of(options, source, job), output_path(options, what));
    if (options.output.keeps_state) {
        auto const state = state_of(options, source, what, files);
        result.state_hash = write_state(state_path(options.study, what), state);
        for (auto const& one : state.states) result.state_bytes += one.bytes.size();
    }
    return result;
}

}  // namespace vaster::stream
