#include "core/monitor/status_publisher.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "../../standard_error.hpp"
#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "core/monitor/status_server.hpp"
#include "sample_run.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::monitor;
namespace fs = std::filesystem;

namespace {

std::vector<TextTable> no_results() {
    return {};
}

}  // namespace

TEST_CASE("a run's status is in its directory from start to end", "[monitor][status]") {
    testing::TemporaryFolder const folder;
    StatusPublisher publisher({"s", "k", "f", "v"}, "/nowhere/study.h5", no_results);
    publisher.add(std::make_unique<StatusDirectory>(folder.path() / "a/b"));
    study::Progress progress;
    progress.total = 3;
    progress.workers = 1;
    publisher.on_start(progress);
    auto const status = [&] { return nlohmann::json::parse(read_file(folder.path() / "a/b/status.json")); };
    CHECK(status()["phase"] == "running");
    publisher.on_commit(0, {0, "h", 1});
    progress.done = 3;
    publisher.on_end(progress);
    CHECK(status()["phase"] == "finished");
    CHECK(status()["experiments"]["done"] == 3);
    CHECK(fs::exists(folder.path() / "a/b/index.html"));
    CHECK(fs::exists(folder.path() / "a/b/metrics.prom"));
    std::size_t n_files = 0;
    for ([[maybe_unused]] auto const& file : fs::directory_iterator(folder.path() / "a/b")) ++n_files;
    CHECK(n_files == 3);  // nothing temporary is left
}

TEST_CASE("a status directory that goes away does not hurt", "[monitor][status]") {
    testing::TemporaryFolder const folder;
    StatusDirectory directory(folder.path());
    fs::remove_all(folder.path());
    std::string said;
    {
        testing::StandardError const error;
        directory.show({"{}", "", ""});
        directory.show({"{}", "", ""});
        said = error.text();
    }
    CHECK_FALSE(fs::exists(folder.path()));
    {
        testing::StandardError const error;
        fs::create_directory(folder.path());
        directory.show({"{\"n\": 2}", "", ""});
        directory.show({"{\"n\": 3}", "", ""});
        CHECK(read_file(folder.path() / "status.json") == "{\"n\": 3}");
        CHECK_THAT(error.text(),
                   Catch::Contains(fmt::format("status is shown in {} again\n", folder.path().string())));
    }
    CHECK_THAT(said, Catch::Contains(fmt::format("on host {}: status is no longer shown in {}: ", host_name(),
                                                 folder.path().string())));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);  // once
    CHECK_THROWS_AS(StatusDirectory("/dev/null/x"), IoError);
}

TEST_CASE("results that cannot be read leave the last ones", "[monitor][status]") {
    testing::TemporaryFolder const folder;
    int asked = 0;
    StatusPublisher publisher({"s", "k", "f", "v"}, "/nowhere", [&]() -> std::vector<TextTable> {
        if (++asked > 1) throw DataError("a torn row");
        return {{"First", {"h"}, {{"cell-1"}}, {}}};
    });
    publisher.add(std::make_unique<StatusDirectory>(folder.path()));
    publisher.on_start({});
    publisher.on_end({});
    CHECK(asked == 2);
    CHECK_THAT(read_file(folder.path() / "index.html"), Catch::Contains("cell-1"));
}

TEST_CASE("the status server shows the last state, read only", "[monitor][status]") {
    StatusServer server({"127.0.0.1", 0}, "");
    server.show({"{\"n\": 1}", "metric 1\n", "<html>one</html>"});
    httplib::Client client("127.0.0.1", server.port());
    auto const page = client.Get("/");
    REQUIRE(page);
    CHECK(page->status == 200);
    CHECK(page->body == "<html>one</html>");
    CHECK(client.Get("/status.json")->body == "{\"n\": 1}");
    CHECK(client.Get("/metrics")->body == "metric 1\n");
    server.show({"{\"n\": 2}", "", ""});
    CHECK(client.Get("/status.json")->body == "{\"n\": 2}");
    CHECK(client.Get("/etc/passwd")->status == 404);
    CHECK(client.Post("/status.json", "x", "text/plain")->status >= 400);
    CHECK_THROWS_AS(StatusServer({"127.0.0.1", server.port()}, ""), IoError);
}

TEST_CASE("the status server shows nothing to those without the token", "[monitor][status]") {
    std::string const token = new_token();
    CHECK(token.size() == 32);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(token != new_token());
    StatusServer server({"127.0.0.1", 0}, token);
    server.show({"{\"n\": 1}", "metric 1\n", "<html>one</html>"});
    httplib::Client client("127.0.0.1", server.port());
    for (auto const& path : {"/", "/status.json", "/metrics"}) {
        INFO(path);
        std::string const asked = path;
        CHECK(client.Get(asked)->status == 403);
        CHECK(client.Get(asked + "?token=")->status == 403);
        CHECK(client.Get(asked + "?token=" + token.substr(1))->status == 403);
        CHECK(client.Get(asked + "?token=" + token + "0")->status == 403);
        CHECK(client.Get(asked, {{"Authorization", "Bearer "}})->status == 403);
        CHECK(client.Get(asked + "?token=" + token)->status == 200);
        CHECK(client.Get(asked, {{"Authorization", "Bearer " + token}})->status == 200);
    }
}

TEST_CASE("addresses to serve at", "[monitor][status]") {
    CHECK(parse_address("8080").host == "127.0.0.1");
    CHECK(parse_address("8080").port == 8080);
    CHECK(parse_address("0.0.0.0:81").host == "0.0.0.0");
    CHECK(parse_address("[::1]:82").host == "::1");
    for (char const* bad : {"", "x", "8080x", ":80", "70000", "host:", "-1"})
        CHECK_THROWS_AS(parse_address(bad), UsageError);
}
