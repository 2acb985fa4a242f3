#include "core/registry/registry.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::registry;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

/// A registry with nothing in it, and model files to put there.
struct Example {
    testing::TemporaryFolder folder;
    Registry registry{folder.path() / "models", Opening::make_if_absent, "0.1"};

    [[nodiscard]] fs::path model(double weight, std::string const& host = "here") const {
        Parts parts;
        parts.put<double>("model/weights", {weight});
        parts.put_text("provenance/host", host);
        auto path = folder.path() / fmt::format("model-{}-{}.h5", weight, host);
        archive::write_archive(path, parts);
        return path;
    }

    [[nodiscard]] Registered add(fs::path const& file, Registration registration = {}) const {
        registration.file = file;
        if (registration.name.empty()) registration.name = "causes";
        return registry.add(registration, archive::read_archive(file));
    }

    [[nodiscard]] std::string place() const { return (folder.path() / "models").string(); }
};

}  // namespace

TEST_CASE("a registered model is found by name, version, alias and content, and has the same bytes",
          "[registry]") {
    Example const example;
    auto const file = example.model(1);
    Registration registration;
    registration.aliases = {"production"};
    registration.status = Status::active;
    registration.tags = {{"country", "India"}};
    registration.facts = {{"model", "weighing"}, {"n_train", 12.0}};
    auto const added = example.add(file, registration);
    CHECK(added.version == 1);
    CHECK(added.is_new);
    for (auto const& text : {std::string("causes"), std::string("causes:1"), std::string("causes@production"),
                             added.content, added.content.substr(0, 8)}) {
        INFO(text);
        auto const found = resolve(text, example.place());
        CHECK(read_file(found.file) == read_file(file));
        CHECK(found.name == "causes");
        CHECK(found.version == 1);
        CHECK(found.file_hash == archive::read_archive(file).file_hash);
        CHECK(found.notes.empty());
    }
    CHECK(resolve(file.string(), example.place()).file == file);
    auto const version = example.registry.version({"causes", 1});
    CHECK(std::get<double>(version.kept.facts.at("n_train")) == 12);
    CHECK(version.tags.at("country") == "India");

    struct stat info {};

    REQUIRE(::stat(example.registry.file_of(version).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0444U);
}

TEST_CASE("the same model a second time is the version that it is already", "[registry]") {
    Example const example;
    CHECK(example.add(example.model(1)).version == 1);
    CHECK(example.add(example.model(2)).version == 2);
    Registration again;
    again.aliases = {"first"};
    auto const same = example.add(example.model(1), again);
    CHECK_FALSE(same.is_new);
    CHECK(same.version == 1);
    CHECK_FALSE(same.other_file);
    auto const elsewhere = example.add(example.model(1, "elsewhere"));
    CHECK(elsewhere.version == 1);
    CHECK(elsewhere.other_file);
    auto const state = example.registry.state("causes");
    CHECK(state.versions.size() == 2);
    CHECK(state.aliases.at("first") == 1);
}

TEST_CASE("a name that means nothing is an error that says what there is", "[registry]") {
    Example const example;
    (void)example.add(example.model(1));
    (void)example.registry.change("causes", {{What::alias, 1, "best"}});
    auto const place = example.place();
    CHECK_THROWS_WITH(resolve("cuases", place), Contains("did you mean 'causes'?"));
    CHECK_THROWS_WITH(resolve("weather", place), Contains("there are causes"));
    CHECK_THROWS_WITH(resolve("causes:4", place), "model 'causes' has no version 4: it has versions 1 to 1");
    CHECK_THROWS_WITH(resolve("causes@bets", place), "model 'causes' has no alias 'bets'; it has best");
    CHECK_THROWS_WITH(resolve("causes", place),
                      StartsWith("model 'causes' has no active version (1 is candidate)"));
    CHECK_THROWS_AS(resolve("deadbeef00", place), DataError);
    CHECK_THROWS_AS(resolve("Causes", place), UsageError);
    CHECK(resolve("../x", place).file == "../x");
    CHECK_THROWS_AS(example.registry.state("../models/causes"), UsageError);
    CHECK_THROWS_AS(resolve("causes", (example.folder.path() / "none").string()), UnavailableError);
}

TEST_CASE("the name alone means the newest active version, never a deprecated one", "[registry]") {
    Example const example;
    for (double const weight : {1, 2, 3}) (void)example.add(example.model(weight));
    auto const& registry = example.registry;
    for (std::uint64_t const version : {1, 2, 3})
        (void)registry.change("causes", {{What::status, version, "active"}});
    CHECK(registry.version({"causes"}).number == 3);
    (void)registry.change("causes", {{What::status, 3, "deprecated", "wrong sites", "causes:2"}});
    CHECK(registry.version({"causes"}).number == 2);
    auto const notes = resolve("causes:3", example.place()).notes;
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(),
               Contains("causes:3 is deprecated") && Contains("wrong sites") && Contains("causes:2"));
    (void)registry.change("causes", {{What::status, 3, "trashed"}});
    CHECK_THROWS_WITH(resolve("causes:3", example.place()), Contains("in the trash"));
    CHECK_THROWS_WITH(example.add(example.model(3)), Contains("in the trash"));
}

TEST_CASE("a request for another revision than there is changes nothing", "[registry]") {
    Example const example;
    (void)example.add(example.model(1));
    auto const& registry = example.registry;
    CHECK(registry.change("causes", {{What::tag, 1, "a", "b"}}, 1) == 2);
    CHECK_THROWS_WITH(registry.change("causes", {{What::tag, 1, "a", "c"}}, 1),
                      Contains("is at revision 2, not 1"));
    CHECK_THROWS_AS(registry.change("causes", {{What::tag, 1, "x", "y"}, {What::untag, 1, "none"}}),
                    DataError);
    CHECK(registry.state("causes").version(1).tags ==
          std::map<std::string, std::string, std::less<>>{{"a", "b"}});
}

TEST_CASE("what an alias meant on a day can be told afterwards", "[registry]") {
    Example const example;
    (void)example.add(example.model(1));
    (void)example.registry.change("causes", {{What::alias, 1, "production"}});
    auto const today = example.registry.events("causes").back().author.time;
    CHECK(example.registry.state_at("causes", today.substr(0, 10)).aliases.at("production") == 1);
    CHECK(example.registry.state_at("causes", today).revision == 2);
    CHECK(example.registry.state_at("causes", "2020-01-01").revision == 0);
}

TEST_CASE("whoever may read the registry may read all that is in it, whatever the writer's mask",
          "[registry]") {
    testing::TemporaryFolder const folder;
    auto const place = folder.path() / "shared";
    fs::create_directory(place);
    ::chmod(place.c_str(), 02775);
    auto const mask = ::umask(077);
    Parts parts;
    parts.put<double>("model/weights", {1});
    auto const file = folder.path() / "model.h5";
    archive::write_archive(file, parts);
    Registration registration;
    registration.file = file;
    registration.name = "causes";
    (void)Registry(place, Opening::make_if_absent, "0.1").add(registration, archive::read_archive(file));
    ::umask(mask);
    std::size_t n_files = 0;
    for (auto const& entry : fs::recursive_directory_iterator(place)) {
        INFO(entry.path());

        struct stat info {};

        REQUIRE(::stat(entry.path().c_str(), &info) == 0);
        if (entry.is_directory()) CHECK((info.st_mode & 07777U) == 02775U);
        if (!entry.is_regular_file() || entry.path().filename() == "state.json") continue;
        CHECK((info.st_mode & 0777U) == 0444U);
        ++n_files;
    }
    CHECK(n_files == 3);
}

TEST_CASE("garbage is what was thrown away long ago, and what no version mentions", "[registry]") {
    Example const example;
    auto const& registry = example.registry;
    (void)example.add(example.model(1));
    (void)example.add(example.model(2));
    Registration other;
    other.name = "others";
    (void)example.add(example.model(2), other);
    (void)registry.change("causes", {{What::status, 1, "trashed"}, {What::status, 2, "trashed"}});
    CHECK(registry.collect(3600, false).versions.empty());
    CHECK(registry.collect(0, true).versions == std::vector<std::string>{"causes:1", "causes:2"});
    CHECK(registry.collect(0, true).n_files == 1);
    CHECK(registry.verify().empty());

    auto const orphan = example.folder.path() / "models/content/ab/abcd.h5";
    fs::create_directories(orphan.parent_path());
    std::ofstream(orphan) << "x";
    auto const first = registry.file_of(registry.version({"causes", 1}));
    CHECK(registry.collect(0, false).n_files == 1);
    CHECK_FALSE(fs::exists(first));
    CHECK(fs::exists(orphan));
    fs::last_write_time(orphan, fs::file_time_type::clock::now() - std::chrono::hours(48));
    CHECK(registry.collect(0, false).n_files == 1);
    CHECK_FALSE(fs::exists(orphan));
    CHECK(registry.version({"causes", 1}).deleted);
    CHECK(fs::exists(registry.file_of(registry.version({"others", 1}))));
    CHECK(registry.verify().empty());
    CHECK(example.add(example.model(1)).version == 3);
}

TEST_CASE("damage in a registry is found and named", "[registry]") {
    Example const example;
    (void)example.add(example.model(1));
    (void)example.add(example.model(2));
    auto const& registry = example.registry;
    CHECK(registry.verify().empty());
    auto const file = registry.file_of(registry.version({"causes", 2}));
    auto bytes = read_file(file);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    fs::remove(file);
    std::ofstream(file) << bytes;
    auto const damage = registry.verify("causes");
    REQUIRE(damage.size() == 1);
    CHECK(damage.front().where == "causes:2");
    fs::remove(file);
    CHECK(registry.verify().size() == 1);
    CHECK(registry.states().size() == 1);
    CHECK(registry.names() == std::vector<std::string>{"causes"});
    std::ofstream(example.folder.path() / "models/models/causes/events/000001.json") << "{}";
    auto const events = registry.verify();
    REQUIRE(events.size() == 1);
    CHECK(events.front().where == "causes");
}

TEST_CASE("a folder that is something else is never made a registry", "[registry]") {
    testing::TemporaryFolder const folder;
    auto const open = [](fs::path const& path, Opening opening) { return Registry(path, opening, "0.1"); };
    CHECK_THROWS_AS(open(folder.path() / "none", Opening::existing), UnavailableError);
    auto const file = folder.file("file", "text");
    CHECK_THROWS_WITH(open(file, Opening::make_if_absent),
                      Contains("is a file, not the folder of a registry"));
    CHECK_THROWS_WITH(open(folder.path(), Opening::make_if_absent), Contains("is not a registry of models"));
    (void)open(folder.path() / "new/deep", Opening::make_if_absent);
    (void)open(folder.path() / "new/deep", Opening::existing);
    std::ofstream(folder.path() / "new/deep/vaster-registry") << "2\n";
    CHECK_THROWS_WITH(open(folder.path() / "new/deep", Opening::existing), Contains("use a newer program"));
}

TEST_CASE("where the registry is: as given, by the variable, in the home", "[registry]") {
    ::setenv("VASTER_REGISTRY", "/a", 1);
    CHECK(registry_folder("/b") == "/b");
    CHECK(registry_folder("") == "/a");
    ::unsetenv("VASTER_REGISTRY");
    ::setenv("XDG_DATA_HOME", "/c", 1);
    CHECK(registry_folder("") == "/c/vaster/models");
    ::unsetenv("XDG_DATA_HOME");
    ::setenv("HOME", "/home/ann", 1);
    CHECK(registry_folder("") == "/home/ann/.local/share/vaster/models");
}
