#include "core/monitor/alerts.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "../../temporary_folder.hpp"
#include "base/support/clock.hpp"
#include "base/support/files.hpp"

using namespace vaster;
using namespace vaster::monitor;
namespace fs = std::filesystem;

namespace {

/// A file that commands append to.
struct Notebook {
    testing::TemporaryFolder folder;
    fs::path path = folder.path() / "alerts.txt";

    [[nodiscard]] std::string command() const {
        return "echo \"$VASTER_EVENT|$VASTER_REASON|$VASTER_STUDY|$VASTER_FILE|$VASTER_DONE/$VASTER_TOTAL "
               "$VASTER_FAILED\" >> " +
               path.string();
    }

    [[nodiscard]] std::string text() const { return fs::exists(path) ? read_file(path) : ""; }
};

study::Progress progress_of(std::uint64_t done, std::uint64_t failed) {
    study::Progress progress;
    progress.total = 10;
    progress.done = done;
    progress.failed = failed;
    progress.running = 1;
    return progress;
}

}  // namespace

TEST_CASE("each alert is raised once, with what happened in its environment", "[monitor][alerts]") {
    Notebook const notebook;
    AlertOptions options;
    options.on_first_failure = options.on_failures = options.on_finish = notebook.command();
    options.failure_share = 0.15;
    {
        Alerts alerts(options, "my study", "/data/s.h5");
        alerts.on_start(progress_of(0, 0));
        alerts.on_failed(4, "", "error: no training death");
        alerts.on_failed(5, "clean-AP", "error: again");
        alerts.on_tick(progress_of(3, 1));
    }
    CHECK(notebook.text() ==
          "first_failure|experiment 4 failed: error: no training death|my study|/data/s.h5|3/10 1\n");
    fs::remove(notebook.path);
    {
        Alerts alerts(options, "my study", "/data/s.h5");
        alerts.on_start(progress_of(0, 0));
        alerts.on_tick(progress_of(3, 2));
        alerts.on_tick(progress_of(4, 3));
    }
    CHECK(notebook.text() == "failures|2 of 10 experiments have failed|my study|/data/s.h5|3/10 2\n");
    fs::remove(notebook.path);
    {
        Alerts alerts(options, "my study", "/data/s.h5");
        alerts.on_start(progress_of(0, 0));
        alerts.on_end(progress_of(10, 0));
    }
    CHECK(notebook.text() == "finish|all experiments have their result|my study|/data/s.h5|10/10 0\n");
}

TEST_CASE("a stall is told once until a result comes", "[monitor][alerts]") {
    Notebook const notebook;
    AlertOptions options;
    options.on_stall = "echo stall >> " + notebook.path.string();
    options.stall_seconds = 1e-9;
    {
        Alerts alerts(options, "s", "f");
        alerts.on_start(progress_of(0, 0));
        alerts.on_tick(progress_of(0, 0));
        alerts.on_tick(progress_of(0, 0));
        alerts.on_commit(1, {});
        alerts.on_tick(progress_of(1, 0));
        alerts.on_tick(progress_of(1, 0));
    }
    CHECK(notebook.text() == "stall\nstall\n");
}

TEST_CASE("a command that fails or never ends does not hurt the run", "[monitor][alerts]") {
    AlertOptions options;
    options.on_first_failure = "exit 3";
    options.on_finish = "sleep 1000";
    options.timeout_seconds = 0.2;
    double const began = monotonic_seconds();
    {
        Alerts alerts(options, "s", "f");
        alerts.on_start(progress_of(0, 0));
        alerts.on_failed(1, "clean-AP", "x");
        alerts.on_tick(progress_of(0, 1));
        alerts.on_end(progress_of(9, 1));
    }
    CHECK(monotonic_seconds() - began < 500);
}
