#include "domains/va/models/devices.hpp"

#include <array>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/va/models/xgboost.hpp"
#include "domains/va/models/xgboost_handles.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::Device;
using models::DeviceNode;
using models::DeviceTurn;

namespace {

using Environment = std::map<std::string, std::string>;

/// A node whose device files are ordinary files in a folder of the test.
class FakeNode {
  public:
    explicit FakeNode(std::vector<std::string> const& files = {}) {
        for (auto const& name : files) (void)folder_.file(name, "");
    }

    [[nodiscard]] DeviceNode with(Environment const& environment) const {
        return {folder_.path(), folder_.path(),
                [environment](char const* name) -> std::optional<std::string> {
                    auto const found = environment.find(name);
                    if (found == environment.end()) return std::nullopt;
                    return found->second;
                }};
    }

    [[nodiscard]] DeviceNode rank(std::size_t local) const {
        return with({{"OMPI_COMM_WORLD_LOCAL_RANK", std::to_string(local)}});
    }

    [[nodiscard]] bool has(std::string const& file) const {
        return std::filesystem::exists(folder_.path() / file);
    }

  private:
    testing::TemporaryFolder folder_;
};

FakeNode node_of_three() {
    return FakeNode({"nvidia10", "nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "sda1"});
}

std::vector<std::string> names(std::vector<Device> const& devices) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        CHECK(devices[i].ordinal == i);
        all.push_back(devices[i].name);
    }
    return all;
}

std::vector<std::string> visible(FakeNode const& node, std::string const& chosen) {
    return names(models::usable_devices(node.with({{"CUDA_VISIBLE_DEVICES", chosen}})));
}

std::string lock_of(std::string const& device) {
    return "vaster-" + std::to_string(::getuid()) + "-" + device + ".lock";
}

Parameters on_cuda(std::string const& tree_method = "hist") {
    Parameters parameters(models::xgboost().parameters);
    parameters.set("device", std::string("cuda"));
    parameters.set("tree_method", tree_method);
    return parameters;
}

std::unique_ptr<models::Classifier> made(DeviceNode const& node, Parameters const& parameters = on_cuda()) {
    return models::xgboost({"1.7.4", true}, node).make(parameters, models::MissingPolicy::absent);
}

template <class Problem>
std::string refusal(DeviceNode const& node, Parameters const& parameters = on_cuda()) {
    try {
        (void)made(node, parameters);
    } catch (Problem const& error) {
        return error.what();
    }
    return "accepted";
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("devices are the numbered device files of the node, by their numbers", "[models][devices]") {
    CHECK(names(models::usable_devices(node_of_three().with({}))) == Texts{"nvidia0", "nvidia1", "nvidia10"});
    CHECK(models::usable_devices(FakeNode({"sda1", "nvidiactl"}).with({})).empty());
    CHECK(models::usable_devices({"/no/such/folder", "/tmp", [](char const*) { return std::nullopt; }})
              .empty());
}

TEST_CASE("CUDA_VISIBLE_DEVICES chooses and orders devices as CUDA has it", "[models][devices]") {
    FakeNode const node = node_of_three();
    CHECK(visible(node, "2,0") == Texts{"nvidia10", "nvidia0"});
    CHECK(visible(node, " 1 , 2") == Texts{"nvidia1", "nvidia10"});
    CHECK(visible(node, "1,-1,0") == Texts{"nvidia1"});
    CHECK(visible(node, "0,7,1") == Texts{"nvidia0"});
    CHECK(visible(node, "GPU-8932f937,MIG-GPU-x/1/0") == Texts{"GPU-8932f937", "MIG-GPU-x_1_0"});
    CHECK(visible(node, "").empty());
    CHECK(visible(node, "-1").empty());
    CHECK(visible(node, "NoDevFiles").empty());
    CHECK(visible(node, "../0").empty());
}

TEST_CASE("the rank within the node is what the launcher says, mpirun before Slurm", "[models][devices]") {
    FakeNode const node;
    CHECK(models::local_rank(node.with({})) == 0);
    CHECK(models::local_rank(node.with({{"SLURM_LOCALID", "3"}})) == 3);
    CHECK(models::local_rank(node.with({{"MPI_LOCALRANKID", "2"}})) == 2);
    CHECK(models::local_rank(node.with({{"SLURM_LOCALID", "0"}, {"OMPI_COMM_WORLD_LOCAL_RANK", "5"}})) == 5);
    CHECK(models::local_rank(node.with({{"OMPI_COMM_WORLD_LOCAL_RANK", "many"}, {"SLURM_LOCALID", "1"}})) ==
          1);
}

TEST_CASE("ranks of a node are dealt out over its devices", "[models][devices]") {
    FakeNode const node({"nvidia0", "nvidia1"});
    Texts of_ranks;
    for (std::size_t rank = 0; rank < 5; ++rank) of_ranks.push_back(models::own_device(node.rank(rank)).name);
    CHECK(of_ranks == Texts{"nvidia0", "nvidia1", "nvidia0", "nvidia1", "nvidia0"});
    // A launcher that shows every rank only its own device: number 0 of each, but another one.
    auto const own =
        models::own_device(node.with({{"CUDA_VISIBLE_DEVICES", "1"}, {"OMPI_COMM_WORLD_LOCAL_RANK", "1"}}));
    CHECK(own.ordinal == 0);
    CHECK(own.name == "nvidia1");
}

TEST_CASE("a device is given back when its holder is killed", "[models][devices]") {
    FakeNode const node({"nvidia0", "nvidia1"});
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    Watcher patient;
    pid_t const holder = ::fork();
    if (holder == 0) {
        DeviceTurn const turn(node.with({}), {0, "nvidia0"}, patient);
        if (::write(ends[1], "x", 1) != 1) ::_exit(1);
        for (;;) ::pause();
    }
    char taken = 0;
    REQUIRE(::read(ends[0], &taken, 1) == 1);
    testing::CountingWatcher hasty(2);
    CHECK_THROWS_AS(DeviceTurn(node.with({}), {0, "nvidia0"}, hasty), Cancelled);
    CHECK(hasty.asked == 3);
    CHECK_NOTHROW(DeviceTurn(node.with({}), {1, "nvidia1"}, patient));
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    CHECK_NOTHROW(DeviceTurn(node.with({}), {0, "nvidia0"}, hasty));
    CHECK(hasty.asked == 3);
    for (int const end : ends) ::close(end);
}

TEST_CASE("a folder where no lock can be made is named", "[models][devices]") {
    DeviceNode node = FakeNode().with({});
    node.locks = "/no/such/folder";
    Watcher watcher;
    CHECK_THROWS_WITH(DeviceTurn(node, {0, "nvidia0"}, watcher),
                      Catch::Contains("/no/such/folder") && Catch::Contains("TMPDIR"));
}

TEST_CASE("XGBoost on cuda is refused where the node has no device", "[models][devices][xgboost]") {
    std::string const none = refusal<UnavailableError>(FakeNode().with({}));
    CHECK(none.find("models.xgboost.device = \"cuda\"") != std::string::npos);
    CHECK(none.find(host_name()) != std::string::npos);
    CHECK(none.find("CUDA_VISIBLE_DEVICES is not set") != std::string::npos);
    std::string const hidden =
        refusal<UnavailableError>(node_of_three().with({{"CUDA_VISIBLE_DEVICES", "-1"}}));
    CHECK(hidden.find("CUDA_VISIBLE_DEVICES=-1") != std::string::npos);
    CHECK(refusal<ConfigError>(node_of_three().with({}), on_cuda("exact")).find("\"exact\"") !=
          std::string::npos);
    CHECK(refusal<UnavailableError>(node_of_three().with({})) == "accepted");
}

TEST_CASE("the device's number reaches XGBoost", "[models][devices][xgboost]") {
    using models::xgb::Settings;
    CHECK(models::xgb::device_settings(std::nullopt, "exact") == Settings{{"tree_method", "exact"}});
#if XGBOOST_VER_MAJOR >= 2
    CHECK(models::xgb::device_settings(1, "hist") == Settings{{"tree_method", "hist"}, {"device", "cuda:1"}});
#else
    CHECK(models::xgb::device_settings(1, "hist") == Settings{{"tree_method", "gpu_hist"}, {"gpu_id", "1"}});
#endif
}

TEST_CASE("a fit waits for the device of its rank", "[models][devices][xgboost]") {
    FakeNode const node({"nvidia0", "nvidia1"});
    auto const cohort = testing::sample_cohort(60, 6, {0, 1}, Random(3));
    auto const classifier = made(node.rank(3));
    Watcher patient;
    {
        DeviceTurn const other(node.rank(1), {1, "nvidia1"}, patient);
        testing::CountingWatcher hasty(1);
        CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), hasty), Cancelled);
        CHECK(hasty.last_fraction == 0);
    }
    CHECK(node.has(lock_of("nvidia1")));
    CHECK_FALSE(node.has(lock_of("nvidia0")));
    if (models::xgboost_build().has_cuda) {
        WARN("the rest is skipped: this XGBoost has CUDA");
        return;
    }
    // Its turn now: the library that has no CUDA after all says so itself.
    CHECK_THROWS_WITH(classifier->fit(cohort.training(2), Random(1), patient),
                      Catch::Contains("XGBoost refused") && Catch::Contains("GPU"));
}
