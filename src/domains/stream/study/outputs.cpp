#include "domains/stream/study/outputs.hpp"

#include <string>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "domains/stream/study/jobs.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {

namespace fs = std::filesystem;

namespace {

/// @param key  that names the folder; where that is empty, nothing is asked
void check_folder(std::string_view key, fs::path const& folder) {
    if (folder.empty()) return;
    auto const problem = problem_with_folder(folder);
    require<IoError>(problem.empty(), "{} is {}, but {}", key, folder.string(), problem);
}

}  // namespace

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
    check_folder("output.directory", options.output.directory);
    check_folder("io.directory", options.io.directory);
    check_folder("io.remote_directory", options.io.remote);
    for (auto const& job : options.jobs)
        if (!job.kind->writes_into.empty())
            check_folder(fmt::format("{}.{}", table_of(*job.kind), job.kind->writes_into),
                         job.parameters.get<std::string>(std::string(job.kind->writes_into)));
    if (options.output.directory.empty()) return;
    auto read = named_files(options);
    read.insert(read.end(), options.source.files.begin(), options.source.files.end());
    for (auto const& job : options.jobs) {
        auto const path = output_path(options, job);
        for (auto const& file : read) {
            std::error_code ignored;
            require<UsageError>(
                !fs::equivalent(path, file, ignored),
                "the output of {} would be written over {}, which is read; choose another output.directory",
                job.kind->code, file.string());
        }
    }
}

}  // namespace vaster::stream
