#include "domains/service/jobs/prediction.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/support/byte_text.hpp"
#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".csv";
constexpr std::array<std::string_view, 3> endings{".csv", "-csmf.csv", ".json"};

/// To another file system a file cannot be renamed: it is copied beside its place first.
void move_file(fs::path const& from, fs::path const& to) {
    std::error_code problem;
    fs::rename(from, to, problem);
    if (problem == std::errc::cross_device_link) {
        fs::path beside = to;
        beside += fmt::format(".{}.tmp", from.filename().string());
        fs::copy_file(from, beside, fs::copy_options::overwrite_existing, problem);
        if (!problem) fs::rename(beside, to, problem);
        std::error_code ignored;
        fs::remove(problem ? beside : from, ignored);
    }
    require<IoError>(!problem, "cannot bring {} to {}: {}", from.string(), to.string(), problem.message());
}

}  // namespace

std::vector<std::string> files_of_prediction(std::string const& output) {
    if (!output.ends_with(extension) || fs::path(output).stem().empty() ||
        fs::path(output).filename() == extension)
        return {};
    auto const name = output.substr(0, output.size() - extension.size());
    std::vector<std::string> files;
    files.reserve(endings.size());
    for (auto const ending : endings) files.push_back(fmt::format("{}{}", name, ending));
    return files;
}

std::string refused_flag(std::vector<std::string> const& flags) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> refused{
        {{"--output", "the job has an output"},
         {"--overwrite", "a job replaces its outputs"},
         {"--resume", "each attempt begins anew"},
         {"--ranks", "a job runs on one rank; many are made by foreach"},
         {"--registry", "set VASTER_REGISTRY where the jobs are started"}}};
    for (auto const& flag : flags)
        for (auto const& [name, instead] : refused)
            if (flag == name || flag.starts_with(fmt::format("{}=", name)))
                return fmt::format("flags has {}, which a job cannot have: {}", name, instead);
    return "";
}

Launch launch_of_prediction(JobList const& list, Job const& job, fs::path const& base,
                            std::uint64_t memory_bytes) {
    Launch launch;
    launch.directory = list.directory;
    launch.memory_bytes = memory_bytes;
    launch.arguments = {program_path().string(),
                        "predict",
                        in_directory(list, job.table.model),
                        in_directory(list, job.table.input),
                        "--output",
                        base.string(),
                        "--quiet",
                        "--set",
                        "run.retries=0"};
    if (memory_bytes > 0) {
        launch.arguments.emplace_back("--set");
        launch.arguments.push_back(fmt::format("run.memory={}", memory_bytes));
    }
    launch.arguments.insert(launch.arguments.end(), job.table.flags.begin(), job.table.flags.end());
    return launch;
}

bool is_final_code_of_prediction(int code) {
    constexpr std::array<ExitCode, 5> final_codes{ExitCode::usage, ExitCode::data, ExitCode::unavailable,
                                                  ExitCode::partial, ExitCode::config};
    return std::any_of(final_codes.begin(), final_codes.end(),
                       [&](ExitCode one) { return static_cast<int>(one) == code; });
}

std::string last_words(fs::path const& error_output) {
    constexpr std::streamoff most = 2000;
    std::ifstream in(error_output, std::ios::binary | std::ios::ate);
    auto const size = static_cast<std::streamoff>(in.tellg());
    if (size <= 0) return "";
    in.seekg(std::max<std::streamoff>(0, size - most));
    std::string text(static_cast<std::size_t>(std::min(size, most)), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    std::string const speaks = program_name() + ": ";
    auto begin = text.rfind(fmt::format("\n{}", speaks));
    if (begin != std::string::npos)
        begin += 1 + speaks.size();
    else
        begin = text.starts_with(speaks) ? speaks.size() : 0;
    return legible(stripped(std::string_view(text).substr(begin)));
}

void refuse_what_is_no_file(fs::path const& path) {
    struct stat info {};

    bool const is_free = ::lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
    require<DataError>(is_free,
                       "its output {} exists already and is not a file, so nothing is written in its place; "
                       "give another name (output)",
                       path.string());
}

void place_prediction(JobList const& list, Job const& job, fs::path const& base) {
    auto const files = files_of_prediction(job.table.output);
    for (std::size_t i = 0; i < files.size(); ++i) {
        fs::path from = base;
        from += endings.at(i);
        auto const to = target_to_write(in_directory(list, files[i]));
        refuse_what_is_no_file(to);
        move_file(from, to);
    }
}

}  // namespace vaster::service
