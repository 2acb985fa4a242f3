#include "domains/stream/study/outputs.hpp"

#include <cerrno>
#include <system_error>

#include <unistd.h>

#include "base/support/files.hpp"
#include "domains/stream/study/jobs.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {

namespace fs = std::filesystem;

std::vector<fs::path> outputs_of(Options const& options) {
    std::vector<fs::path> files;
    auto const& folder = options.output.directory;
    bool const is_kept = !folder.empty() && options.load.mode == Mode::results;
    if (!is_kept || absolute_path(folder).lexically_normal() ==
                        absolute_path(side_folder(options.study)).lexically_normal())
        return files;
    files.reserve(options.jobs.size());
    for (auto const& job : options.jobs) files.push_back(output_path(options, job));
    return files;
}

void check_outputs(Options const& options) {
    if (options.output.directory.empty()) return;
    for (auto const& job : options.jobs) {
        auto const path = output_path(options, job);
        for (auto const& file : options.source.files) {
            std::error_code ignored;
            require<UsageError>(
                !fs::equivalent(path, file, ignored),
                "the output of {} would be written over {}, which is read; choose another output.directory",
                job.kind->code, file.string());
        }
    }
    // The first folder of the path that is there must be one, and let us write.
    fs::path folder = fs::absolute(options.output.directory);
    while (!fs::exists(folder) && folder.has_relative_path()) folder = folder.parent_path();
    require<IoError>(fs::is_directory(folder), "output.directory is {}, but {} is not a folder",
                     options.output.directory.string(), folder.string());
    bool const writable = ::access(folder.c_str(), W_OK) == 0;
    require<IoError>(writable, "output.directory is {}: cannot write into {}: {}",
                     options.output.directory.string(), folder.string(), system_reason(errno));
}

}  // namespace vaster::stream
