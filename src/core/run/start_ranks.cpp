#include "core/run/start_ranks.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/processors.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::run {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view flag = "--ranks";
constexpr auto launcher_name = "vaster-mpirun";

std::optional<long> number_in(fs::path const& file) {
    std::ifstream in(file);
    long number = 0;
    if (!(in >> number)) return std::nullopt;
    return number;
}

bool is_set(char const* variable) {
    char const* const value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

bool can_be_started(fs::path const& path) {
    return fs::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

bool is_one(std::string const& variable) {
    char const* const value = std::getenv(variable.c_str());
    return value != nullptr && std::string_view(value) == "1";
}

/// Has the user a launcher, hosts or a job of their own?
bool may_have_other_hosts() {
    return is_set("MPIRUN") || is_set("SLURM_JOB_ID") || is_set("OMPI_MCA_orte_default_hostfile");
}

/// Would mpirun refuse, with a page of its own, since this is root? Open MPI 5 has a prefix of its own, too.
bool mpirun_refuses_root() {
    if (::geteuid() != 0 || is_set("MPIRUN")) return false;
    return std::ranges::none_of(std::array<std::string, 2>{"OMPI", "PRTE"}, [](std::string const& prefix) {
        return is_one(prefix + "_ALLOW_RUN_AS_ROOT") && is_one(prefix + "_ALLOW_RUN_AS_ROOT_CONFIRM");
    });
}

std::vector<fs::path> places_of_launcher() {
    fs::path const program = program_path();
    std::vector<fs::path> places{program.parent_path() / launcher_name};
    std::istringstream path(is_set("PATH") ? std::getenv("PATH") : "");
    for (std::string folder; std::getline(path, folder, ':');)
        places.push_back(fs::path(folder.empty() ? "." : folder) / launcher_name);
    places.push_back(program.parent_path().parent_path().parent_path() / "scripts" / launcher_name);
    return places;
}

fs::path find_launcher() {
    auto const places = places_of_launcher();
    auto const found = std::find_if(places.begin(), places.end(), can_be_started);
    require<UnavailableError>(found != places.end(),
                              "{} needs {}, which is neither beside {} nor in PATH; install it, or start the "
                              "ranks by mpirun: mpirun -n N {} ...",
                              flag, launcher_name, program_path().string(), program_path().string());
    return *found;
}

}  // namespace

std::set<Core> cores_of(std::vector<std::size_t> const& cpus, fs::path const& topology) {
    std::set<Core> cores;
    for (auto const cpu : cpus) {
        auto const place = topology / fmt::format("cpu{}", cpu) / "topology";
        auto const core = number_in(place / "core_id");
        auto const package = number_in(place / "physical_package_id");
        bool const is_known = core && package;
        cores.emplace(is_known ? *package : -1, is_known ? *core : static_cast<long>(cpu));
    }
    return cores;
}

std::size_t count_cores(std::vector<std::size_t> const& cpus, fs::path const& topology) {
    return cores_of(cpus, topology).size();
}

std::vector<std::size_t> usable_cpus() {
    return usable_processors();
}

std::size_t rank_count(std::string_view text, std::size_t n_cores, Oversubscribe oversubscribe) {
    if (text == "all") return n_cores;
    std::size_t n = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), n);
    require<UsageError>(problem == std::errc() && end == text.data() + text.size() && n > 0,
                        "{} {}: must be a number of processes, from 1, or 'all' for one on each core", flag,
                        text);
    require<UsageError>(
        n <= n_cores || oversubscribe == Oversubscribe::allow,
        "{} {}: this machine has {} physical core{} for vaster, and more ranks would only take turns; "
        "use {} all (OMPI_MCA_rmaps_base_oversubscribe=1 allows more)",
        flag, text, n_cores, n_cores == 1 ? "" : "s", flag);
    return n;
}

std::optional<std::string> launcher_of_this_rank() {
    if (is_set("OMPI_COMM_WORLD_SIZE")) return "mpirun";
    if (is_set("SLURM_STEP_ID") && is_set("SLURM_SRUN_COMM_HOST")) return "srun";
    if (is_set("PMIX_RANK") || is_set("PMI_RANK")) return "mpirun";
    return std::nullopt;
}

Oversubscribe oversubscription() {
    bool const wanted = may_have_other_hosts() || is_set("OMPI_MCA_rmaps_base_oversubscribe");
    return wanted ? Oversubscribe::allow : Oversubscribe::refuse;
}

bool all_ranks_are_here() {
    char const* const all = std::getenv("OMPI_COMM_WORLD_SIZE");
    char const* const here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    return all != nullptr && here != nullptr && std::string_view(all) == here;
}

void look_for_no_network() {
    ::setenv("OMPI_MCA_pml", "ob1", 0);  // what Open MPI chooses in the end where there is no fast network
}

void stay_on_this_host() {
    ::setenv("OMPI_MCA_btl", "self,vader", 0);  // memory that ranks share; not tcp or libfabric, which listen
    look_for_no_network();
}

void be_the_only_rank() {
    // All such processes would share one folder, for what ranks exchange: the first that ends removes it, and
    // another one that begins just then cannot.
    ::setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
    stay_on_this_host();
}

std::vector<std::string> without_ranks(Invocation invocation) {
    std::vector<std::string> arguments;
    for (int i = 1; i < invocation.argc; ++i) {
        std::string_view const argument = invocation.argv[i];
        if (argument == flag)
            ++i;
        else if (!argument.starts_with(fmt::format("{}=", flag)))
            arguments.emplace_back(argument);
    }
    return arguments;
}

void become_launcher(std::size_t n_ranks, std::vector<std::string> const& arguments) {
    fs::path const launcher = find_launcher();
    require<UnavailableError>(
        !mpirun_refuses_root(),
        "{}: Open MPI starts no ranks as root unless that is allowed: run it as another user or, in a "
        "container, export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
        flag);
    std::vector<std::string> words{launcher.string(), "-n", std::to_string(n_ranks), program_path().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> raw;
    raw.reserve(words.size() + 1);
    for (auto& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    if (!may_have_other_hosts()) stay_on_this_host();
    std::fflush(nullptr);
    ::execv(launcher.c_str(), raw.data());
    throw UnavailableError(fmt::format("cannot start {}: {}", launcher.string(), system_reason(errno)));
}

}  // namespace vaster::run
