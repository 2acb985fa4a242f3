#include "domains/stream/study/merge.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "domains/stream/study/part_file.hpp"
#include "domains/stream/study/partition.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

/// The part of a partition, made again where it is not there.
PartFile part_of(Options const& options, Source const& source, std::size_t job, std::uint64_t partition,
                 Watcher& watcher) {
    auto const path = part_path(options, options.jobs[job], partition);
    try {
        return PartFile(path);
    } catch (Error const&) {
        auto const result = run_partition(options, source, job, partition, 0, watcher);
        write_part(path, result.output, result.states);
        return PartFile(path);
    }
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
    return "no sensor of the stream is in this partition";
}

std::string hash_of_parts(std::vector<std::string> const& hashes) {
    return hash_text(fmt::format("{}", fmt::join(hashes, " ")));
}

MergeResult merge_job(Options const& options, Source const& source, std::size_t job, std::string_view parts,
                      Watcher& watcher) {
    JobOptions const& what = options.jobs[job];
    std::vector<PartFile> files;
    std::vector<std::string> hashes;
    auto const n = partitions_of(options, what);
    files.reserve(n);
    hashes.reserve(n);
    for (std::uint64_t partition = 0; partition < n; ++partition) {
        if (watcher.stop_requested()) throw Cancelled{};
        if (!skip_reason_of(options, source, job, partition).empty()) continue;
        files.push_back(part_of(options, source, job, partition, watcher));
        hashes.push_back(files.back().hash());
    }
    require<DataError>(hash_of_parts(hashes) == parts,
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
