#include "core/registry/state_index.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "core/registry/event_log.hpp"
#include "core/registry/json.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/state_packing.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::registry;
namespace fs = std::filesystem;

namespace {

/// A registry with the models a, b and c.
struct Three {
    testing::TemporaryFolder folder;
    Registry registry{folder.path() / "models", Opening::make_if_absent, "0.1"};

    Three() {
        for (auto const* name : {"a", "b", "c"}) add(name, 1);
    }

    void add(std::string const& name, double weight) const {
        Parts parts;
        parts.put<double>("model/weights", {weight});
        auto const file = folder.path() / "model.h5";
        archive::write_archive(file, parts);
        Registration registration;
        registration.file = file;
        registration.name = name;
        registration.tags = {{"country", "India"}};
        registration.facts = {{"model", "weighing"}, {"n_train", 12.0}};
        (void)registry.add(registration, archive::read_archive(file));
    }

    [[nodiscard]] fs::path folder_of(std::string const& name) const {
        return folder.path() / "models/models" / name;
    }

    [[nodiscard]] fs::path index() const { return folder.path() / "models/states"; }

    /// Lists the models when they have not been changed for some ticks of the clock, so that they are noted.
    void note() const {
        std::this_thread::sleep_for(std::chrono::milliseconds(120));
        (void)registry.states();
        REQUIRE(fs::exists(index()));
    }

    /// Has the cache of one model say something that its events do not.
    void plant_tag(std::string const& name) const {
        auto state = registry.state(name);
        state.versions.at(0).tags["planted"] = "yes";
        write_file_atomically(folder_of(name) / "state.json", to_json(state));
    }

    [[nodiscard]] std::vector<std::string> listed() const {
        std::vector<std::string> names;
        for (auto const& state : registry.states())
            names.push_back(fmt::format("{}:{}{}", state.name, state.versions.size(),
                                        state.versions.at(0).tags.contains("planted") ? " planted" : ""));
        return names;
    }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a state comes back from its bytes as it was, and never in part", "[registry]") {
    Three const three;
    three.registry.change("a", {{What::metric, 1, "audit", "", "", 0.5}, {What::note, 1, "", "good"}});
    three.registry.change("a",
                          {{What::alias, 1, "production"}, {What::status, 1, "deprecated", "old", "b:1"}});
    auto const state = three.registry.state("a");
    auto const bytes = packed(state);
    CHECK(unpacked(bytes) == state);
    for (std::size_t n = 0; n < bytes.size(); ++n)
        CHECK_THROWS_AS((void)unpacked(std::string_view(bytes).substr(0, n)), DataError);
    CHECK_THROWS_AS((void)unpacked(bytes + "x"), DataError);
}

TEST_CASE("models that nobody has changed are listed from the index alone", "[registry]") {
    Three const three;
    auto const before = three.registry.states();
    three.note();
    CHECK(three.registry.states() == before);
    three.plant_tag("b");
    CHECK(three.listed() == Names{"a:1", "b:1", "c:1"});
    fs::remove(three.index());
    CHECK(three.listed() == Names{"a:1", "b:1 planted", "c:1"});
}

TEST_CASE("every change of a model is seen beside the index", "[registry]") {
    Three const three;
    three.note();
    SECTION("one event more") {
        three.add("b", 2);
        CHECK(three.listed() == Names{"a:1", "b:2", "c:1"});
    }
    SECTION("a model more, and one less") {
        three.add("bb", 2);
        fs::remove_all(three.folder_of("a"));
        CHECK(three.listed() == Names{"b:1", "bb:1", "c:1"});
        three.note();
        CHECK(three.listed() == Names{"b:1", "bb:1", "c:1"});
    }
    SECTION("events that are lost") {
        three.add("b", 2);
        three.note();
        fs::remove(three.folder_of("b") / "events/000001.json");
        CHECK_THROWS_AS(three.registry.states(), DataError);
    }
    SECTION("another folder in the place of the first, with files of the same sizes") {
        fs::rename(three.folder_of("a"), three.folder.path() / "a");
        fs::rename(three.folder_of("b"), three.folder_of("a"));
        fs::rename(three.folder.path() / "a", three.folder_of("b"));
        three.plant_tag("b");
        fs::copy(three.folder_of("b") / "events", three.folder.path() / "copy", fs::copy_options::recursive);
        fs::remove_all(three.folder_of("b") / "events");
        fs::rename(three.folder.path() / "copy", three.folder_of("b") / "events");
        CHECK(three.listed().at(1) == "b:1 planted");
    }
}

TEST_CASE(
    "a model that was changed a moment ago is not noted, since the next change might have the same time",
    "[registry]") {
    Three const three;
    three.note();
    for (int round = 2; round < 40; ++round) {
        three.add("b", round);
        CHECK(three.listed() == Names{"a:1", fmt::format("b:{}", round), "c:1"});
    }
}

TEST_CASE("an event that is still being written is not noted as none", "[registry]") {
    Three const three;
    auto const text = read_file(three.folder_of("b") / "events/000001.json");
    Event event = *event_in(text);
    event.revision = 2;
    event.before = event.sha256;
    event.changes = {{What::tag, 1, "planted", "yes"}};
    auto const next = three.folder_of("b") / "events/000002.json";
    write_file_atomically(next, to_json(event).substr(0, 40));
    three.note();
    CHECK(three.listed() == Names{"a:1", "b:1", "c:1"});
    fs::resize_file(next, 0);
    {
        auto const whole = to_json(event);
        std::FILE* const file = std::fopen(next.c_str(), "r+");
        REQUIRE(file != nullptr);
        CHECK(std::fwrite(whole.data(), 1, whole.size(), file) == whole.size());
        std::fclose(file);
    }
    CHECK(three.listed() == Names{"a:1", "b:1 planted", "c:1"});
}

TEST_CASE("a damaged index is none", "[registry]") {
    Three const three;
    three.note();
    auto const sound = read_file(three.index());
    std::string damaged;
    SECTION("truncated") {
        damaged = sound.substr(0, GENERATE(0U, 10U, 20U, 60U, 400U));
    }
    SECTION("a byte changed") {
        damaged = sound;
        damaged[GENERATE(3U, 20U, 60U, 100U, 400U)] ^= 1;
    }
    SECTION("something else") {
        damaged = "states";
    }
    write_file_atomically(three.index(), damaged);
    three.plant_tag("b");
    CHECK(three.listed() == Names{"a:1", "b:1 planted", "c:1"});
    three.note();
    CHECK(three.listed() == Names{"a:1", "b:1 planted", "c:1"});
}

TEST_CASE("where the index cannot be written, all models are listed all the same", "[registry]") {
    Three const three;
    fs::create_directory(three.index());
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    CHECK(three.listed() == Names{"a:1", "b:1", "c:1"});
    CHECK(fs::is_directory(three.index()));
}
