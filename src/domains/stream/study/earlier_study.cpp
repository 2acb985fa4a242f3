#include "domains/stream/study/earlier_study.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "domains/stream/study/jobs.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

bool is_one_place(fs::path const& a, fs::path const& b) {
    std::error_code not_there;
    return absolute_path(a).lexically_normal() == absolute_path(b).lexically_normal() ||
           fs::equivalent(a, b, not_there);
}

/// Study files begin with their type (docs/study-file.md).
bool may_be_study(fs::path const& path) {
    constexpr std::string_view type = "vaster-study ";
    std::string begin(type.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == type;
}

/// The jobs that have left states, by code.
std::vector<std::string> jobs_with_states(fs::path const& study) {
    std::vector<std::string> jobs;
    std::error_code not_there;
    for (auto const& entry : fs::directory_iterator(side_folder(study), not_there))
        if (entry.path().extension() == ".state") jobs.push_back(entry.path().stem().string());
    std::sort(jobs.begin(), jobs.end());
    return jobs;
}

/// Why there is no state of the job, and what to do.
[[noreturn]] void explain_absence(fs::path const& study, JobOptions const& job) {
    auto const name = study.string();
    std::error_code problem;
    bool const is_there = fs::exists(study, problem);
    require<IoError>(
        is_there,
        "stream.continue_from: there is no {}{}; name the study file of the stream so far, or leave "
        "the key out, and the stream begins here",
        name, problem ? fmt::format(" ({})", problem.message()) : "");
    require<DataError>(may_be_study(study),
                       "stream.continue_from: {} is not a study file; name the one of the stream so far, as "
                       "study.output (--output, --study) did when it was made",
                       name);
    auto const jobs = jobs_with_states(study);
    require<DataError>(
        !jobs.empty(),
        "stream.continue_from: the study {0} has left no states in {1}: finish it with --resume, "
        "or, if it had output.state = false, or its folder was not copied along, run it again",
        name, side_folder(study).string());
    throw DataError(fmt::format(
        "stream.continue_from: the study {} has states of {}, but none of {}, which was not among its "
        "stream.jobs, or is not merged yet; leave {} out of stream.jobs here, or put the stream so far "
        "through it, too",
        name, fmt::join(jobs, ", "), job.kind->code, job.kind->code));
}

}  // namespace

void check_earlier_study(Options const& options) {
    auto const& earlier = options.continue_from;
    if (earlier.empty()) return;
    bool const is_own = is_one_place(earlier, options.study) ||
                        is_one_place(side_folder(earlier), side_folder(options.study));
    require<UsageError>(
        !is_own,
        "stream.continue_from is {}, which is this study itself ({}): the states that it goes on "
        "from would be lost; give this one another name (study.output)",
        earlier.string(), options.study.string());
}

StreamState earlier_state(Options const& options, JobOptions const& job) {
    auto const path = state_path(options.continue_from, job);
    std::error_code not_there;
    if (!fs::exists(path, not_there)) explain_absence(options.continue_from, job);
    return read_state(path);
}

}  // namespace vaster::stream
