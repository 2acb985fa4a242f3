#include "core/run/check.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "base/support/files.hpp"
#include "core/monitor/status_server.hpp"
#include "core/run/run_keys.hpp"
#include "core/store/keep.hpp"
#include "vaster/study/left_files.hpp"

namespace vaster::run {
namespace {

namespace fs = std::filesystem;

void check_existing(fs::path const& path, Existing existing, std::string_view flag) {
    bool const is_there = store::is_there_as_file(path, flag);
    if (existing != Existing::resume) store::keep_other_file(path, flag);
    require<UsageError>(existing != Existing::refuse || !is_there,
                        "{} exists already, and is not overwritten unless you say so: resume it with "
                        "--resume, replace it with "
                        "--overwrite, or choose another name with {}",
                        path.string(), flag);
}

/// A file that the run writes beside the study file must not be the study file.
void check_beside(std::string const& file, std::string_view flag, fs::path const& study) {
    require<UsageError>(file.empty() || absolute_path(file).lexically_normal() != study.lexically_normal(),
                        "{} {} is also the name of the study file (study.output): give another name", flag,
                        file);
}

void check_folder(fs::path const& folder, fs::path const& file, std::string_view flag) {
    bool const writable = ::access(folder.c_str(), W_OK | X_OK) == 0;
    require<IoError>(writable, "{} {}: the folder {} cannot be written to: {}", flag, file.string(),
                     folder.string(), system_reason(errno));
}

/// The file, if it is there, or the folder that it will be made in.
void check_writable(fs::path const& name, std::string_view flag) {
    if (name.empty()) return;
    fs::path const file = absolute_path(target_to_write(name));
    if (::access(file.c_str(), F_OK) != 0) return check_folder(file.parent_path(), file, flag);
    bool const writable = ::access(file.c_str(), W_OK) == 0;
    require<IoError>(writable, "{} {} cannot be written to: {}", flag, file.string(), system_reason(errno));
}

/// Folders are made where they are missing.
void check_writable_folder(fs::path const& name, std::string_view flag) {
    if (name.empty()) return;
    auto const problem = problem_with_folder(name);
    require<IoError>(problem.empty(), "{} {}: {}", flag, name.string(), problem);
}

}  // namespace

void check_names(fs::path const& study, RunOptions const& options) {
    check_existing(study, options.existing, options.study_flag);
    check_beside(options.log_file, "--log-file", study);
    check_beside(options.ending.file, "--ending-file", study);
}

void check_files(study::LoadedConfig const& loaded, std::vector<fs::path> files, Existing existing) {
    std::error_code not_there;
    bool const is_resumed =
        existing == Existing::resume && fs::exists(run_keys(loaded.config).output, not_there);
    if (existing == Existing::overwrite || is_resumed) return;
    if (auto const* const kind = dynamic_cast<study::LeavesFiles const*>(loaded.kind)) {
        auto const more = kind->files_to_write(loaded.config);
        files.insert(files.end(), more.begin(), more.end());
    }
    for (auto const& file : files)
        require<UsageError>(!fs::exists(fs::symlink_status(file, not_there)),  // a link may lead nowhere
                            "{} exists already, and is not overwritten unless you say so{}: move it away, "
                            "give another name, or "
                            "begin anew with --overwrite",
                            file.string(),
                            existing == Existing::resume ? " (there is no study yet to resume)" : "");
}

fs::path check_run(study::Kinds const& kinds, study::ConfigSource const& source, RunOptions const& options) {
    auto const loaded = kinds.load(source);
    fs::path study = absolute_path(run_keys(loaded.config).output);
    check_names(study, options);
    check_files(loaded, source.files, options.existing);
    check_writable(study, "study.output");
    check_folder(absolute_path(target_to_write(study)).parent_path(), study, "study.output");  // for the lock
    check_writable(options.log_file, "--log-file");
    check_writable(options.ending.file, "--ending-file");
    check_writable(options.ending.launcher_file, "VASTER_ENDING_FILE");
    check_writable_folder(options.status_directory, "--status-dir");
    if (!options.serve_at.empty()) (void)monitor::parse_address(options.serve_at);
    return study;
}

}  // namespace vaster::run
