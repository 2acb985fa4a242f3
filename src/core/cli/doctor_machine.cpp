// What the machine allows: memory, limits, disk, and what the batch system says.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/core.h>
#include <sys/resource.h>

#include "base/support/files.hpp"
#include "base/support/units.hpp"
#include "core/cli/doctor_exams.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli::doctor {
namespace {

namespace fs = std::filesystem;
using report::Finding;
using report::Health;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

/// "MemAvailable:  123 kB" of /proc/meminfo, in bytes.
std::optional<std::uint64_t> available_memory() {
    std::istringstream in(text_or_nothing("/proc/meminfo"));
    std::string word;
    for (std::uint64_t kibibytes = 0; in >> word;)
        if (word == "MemAvailable:" && in >> kibibytes) return kibibytes * 1024;
    return std::nullopt;
}

/// The limit of this process's control group, as far as there is one.
std::optional<std::uint64_t> group_limit() {
    std::optional<std::uint64_t> lowest;
    std::istringstream groups(text_or_nothing("/proc/self/cgroup"));
    for (std::string line; std::getline(groups, line);) {
        auto const path = line.substr(line.rfind(':') + 1);
        for (auto const& file : {fs::path("/sys/fs/cgroup" + path + "/memory.max"),
                                 fs::path("/sys/fs/cgroup/memory" + path + "/memory.limit_in_bytes")}) {
            std::istringstream in(text_or_nothing(file));
            std::uint64_t bytes = 0;
            if (in >> bytes) lowest = std::min(lowest.value_or(bytes), bytes);
        }
    }
    return lowest;
}

std::optional<std::uint64_t> limit_of(__rlimit_resource resource) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
    return limit.rlim_cur;
}

std::optional<std::uint64_t> mebibytes_in_environment(char const* name) {
    char const* const text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    std::uint64_t const value = std::strtoull(text, nullptr, 10);
    return value == 0 ? std::nullopt : std::optional(value << 20);  // Slurm's 0: all that the node has
}

std::optional<int> number_in_environment(char const* name) {
    char const* const text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    return std::atoi(text);
}

/// What the Slurm job may take on this host. Where Slurm has no memory groups, it looks every few seconds and
/// ends a job that takes more.
std::optional<std::uint64_t> slurm_limit() {
    if (auto const node = mebibytes_in_environment("SLURM_MEM_PER_NODE")) return node;
    auto const cpu = mebibytes_in_environment("SLURM_MEM_PER_CPU");
    auto const cpus = number_in_environment("SLURM_CPUS_ON_NODE");
    if (!cpu || !cpus || *cpus <= 0) return std::nullopt;
    return *cpu * static_cast<std::uint64_t>(*cpus);
}

}  // namespace

std::string text_or_nothing(fs::path const& path) {
    try {
        return read_file(path);
    } catch (IoError const&) {
        return {};
    }
}

Finding examine_memory(std::uint64_t run_memory, std::size_t ranks_here) {
    auto there = available_memory().value_or(std::numeric_limits<std::uint64_t>::max());
    char const* words = "are free";
    auto const lower = [&](std::optional<std::uint64_t> limit, char const* said) {
        if (!limit || *limit >= there) return;
        there = *limit;
        words = said;
    };
    lower(group_limit(), "are allowed to this job");
    lower(slurm_limit(), "are allowed to this job by Slurm (--mem, --mem-per-cpu)");
    auto const seen =
        fmt::format("{} rank{} on this host may take {} each (run.memory), {} {}", ranks_here,
                    ranks_here > 1 ? "s" : "", bytes_text(run_memory), bytes_text(there), words);
    if (run_memory <= there / ranks_here) return {"memory", Health::ok, seen, ""};
    return {"memory", Health::warn, seen,
            "when experiments really take that much the system will kill some: lower --memory, or use fewer "
            "ranks"};
}

Finding examine_limits(std::uint64_t run_memory) {
    constexpr std::uint64_t least_files = 256;
    for (auto const& [resource, name] :
         {std::pair{RLIMIT_AS, "ulimit -v"}, std::pair{RLIMIT_DATA, "ulimit -d"}})
        if (auto const limit = limit_of(resource); limit && *limit < run_memory)
            return {"limits", Health::warn,
                    fmt::format("{} is {}, less than run.memory ({})", name, bytes_text(*limit),
                                bytes_text(run_memory)),
                    fmt::format("experiments fail before they reach run.memory: raise it ({} unlimited) or "
                                "lower --memory",
                                name)};
    auto const files = limit_of(RLIMIT_NOFILE);
    if (files && *files < least_files)
        return {"limits", Health::warn, fmt::format("a process may open {} files only", *files),
                "raise it: ulimit -n 1024"};
    return {"limits", Health::ok, "none that hinders", ""};
}

Finding examine_disk(fs::path const& folder) {
    constexpr auto little = 1024 * mebibyte;
    constexpr auto none = 16 * mebibyte;
    std::error_code error;
    auto const space = fs::space(folder, error);
    if (error)
        return {"disk", Health::fail, fmt::format("{}: {}", folder.string(), error.message()),
                "make the directory, or choose another with --output"};
    auto const seen = fmt::format("{} free in {}", bytes_text(space.available), folder.string());
    if (space.available < none) return {"disk", Health::fail, seen, "make room, or choose another directory"};
    if (space.available < little)
        return {"disk", Health::warn, seen, "that is little; a study file takes its room at creation"};
    return {"disk", Health::ok, seen, ""};
}

Finding examine_shared_memory() {
    constexpr auto little = 32 * mebibyte;
    std::error_code error;
    auto const space = fs::space("/dev/shm", error);
    if (error) return {"shared memory", Health::ok, "there is no /dev/shm", ""};
    auto const seen = fmt::format("{} free in /dev/shm", bytes_text(space.available));
    if (space.available >= little) return {"shared memory", Health::ok, seen, ""};
    return {
        "shared memory", Health::warn, seen,
        "MPI needs some for the ranks of a host; killed runs leave /dev/shm/vader_segment.* behind: remove "
        "those of no living job"};
}

Finding examine_slurm(int n_ranks) {
    if (std::getenv("SLURM_JOB_ID") == nullptr) return {"Slurm", Health::ok, "not in a Slurm job", ""};
    auto const tasks = number_in_environment("SLURM_NTASKS");
    auto const steps = number_in_environment("SLURM_STEP_NUM_TASKS");
    if (n_ranks == 1 && steps.value_or(1) > 1)
        return {"Slurm", Health::fail,
                fmt::format("srun started {} programs that know nothing of each other", *steps),
                "start them with srun --mpi=pmix, or with mpirun"};
    if (tasks && *tasks != n_ranks)
        return {"Slurm", Health::warn,
                fmt::format("the job has {} tasks, but there are {} ranks", *tasks, n_ranks),
                "start as many ranks as the job has tasks: leave out mpirun -n"};
    if (auto const cpus = number_in_environment("SLURM_CPUS_PER_TASK"); cpus.value_or(1) > 1)
        return {"Slurm", Health::warn, fmt::format("each task has {} cores, and a rank uses one", *cpus),
                "leave out --cpus-per-task, and use more --ntasks"};
    return {"Slurm", Health::ok, fmt::format("job {} with {} tasks", std::getenv("SLURM_JOB_ID"), n_ranks),
            ""};
}

}  // namespace vaster::cli::doctor
