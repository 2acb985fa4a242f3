#include "core/registry/state.hpp"

#include <limits>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/registry/json.hpp"
#include "core/registry/names.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::registry;
using Catch::Matchers::Contains;

namespace {

Change added(std::uint64_t version) {
    Change change{What::add, version};
    change.kept =
        Kept{fmt::format("c{}", version), "f", 10, "0.1", {{"model", "weighing"}, {"n_train", 12.0}}};
    return change;
}

/// The state after events with a change each.
State state_of(std::vector<Change> const& changes) {
    State state;
    state.name = "m";
    for (auto const& change : changes) {
        auto const revision = state.revision + 1;
        state = after(std::move(state),
                      {revision, {change}, {"ann", "h", fmt::format("2026-01-0{}", revision), "1"}, ""});
    }
    return state;
}

}  // namespace

TEST_CASE("names of models lead nowhere else", "[registry]") {
    for (auto const* name : {"a", "causes-2026", "x.y_z", "0",
                             "x123456789012345678901234567890123456789012345678901234567890123"})
        CHECK(is_name(name));
    for (auto const* name : {"", "../x", "x/y", ".x", "-x", "a..b", "a.h5", "X", "fièvre", "a b", "a\n",
                             "x1234567890123456789012345678901234567890123456789012345678901234"})
        CHECK_FALSE(is_name(name));
    CHECK_THROWS_AS(require_name("../x"), UsageError);
}

TEST_CASE("a reference is a name with a version or an alias", "[registry]") {
    CHECK(to_text(*parse_reference("causes")) == "causes");
    CHECK(parse_reference("causes:12")->version == 12);
    CHECK(parse_reference("causes@production")->alias == "production");
    for (auto const* text : {"", "causes:", "causes:0", "causes:-1", "causes:1x", "causes:1@a", "causes@",
                             "causes@A", "causes@../x", "@a", ":1", "causes:99999999999999999999"})
        CHECK_FALSE(parse_reference(text));
}

TEST_CASE("what is said of a version follows from its events", "[registry]") {
    auto const state = state_of({added(1),
                                 added(2),
                                 {What::tag, 1, "country", "India"},
                                 {What::tag, 1, "country", "Nepal"},
                                 {What::metric, 2, "accuracy", "", "", 0.5},
                                 {What::note, 2, "", "good"},
                                 {What::alias, 1, "production"},
                                 {What::alias, 2, "production"},
                                 {What::status, 2, "active"}});
    CHECK(state.revision == 9);
    CHECK(state.version(1).tags.at("country") == "Nepal");
    CHECK(state.version(2).metrics.at("accuracy") == 0.5);
    CHECK(state.version(2).notes.front().text == "good");
    CHECK(state.aliases_of(2) == std::vector<std::string>{"production"});
    CHECK(state.aliases_of(1).empty());
    CHECK(state.version(2).status == Status::active);
    CHECK(state.version(1).status == Status::candidate);
    CHECK_THROWS_WITH(state.version(3), "model 'm' has no version 3: it has versions 1 to 2");
}

TEST_CASE("a version in the trash has no alias, can only be restored, and comes back without aliases",
          "[registry]") {
    auto state = state_of({added(1),
                           {What::status, 1, "active"},
                           {What::alias, 1, "production"},
                           {What::alias, 1, "best"},
                           {What::status, 1, "trashed"}});
    CHECK(state.aliases.empty());
    CHECK(state.version(1).status == Status::trashed);
    CHECK_THAT(problem_with(state, {What::alias, 1, "production"}), Contains("in the trash"));
    CHECK_THAT(problem_with(state, {What::status, 1, "active"}), Contains("in the trash"));
    CHECK_THAT(problem_with(state, {What::tag, 1, "a", "b"}), Contains("in the trash"));
    state = after(state, {6, {{What::restore, 1}}, {}, ""});
    CHECK(state.version(1).status == Status::active);
    CHECK(state.aliases.empty());
    CHECK_THAT(problem_with(state, {What::restore, 1}), Contains("not in the trash"));
    CHECK_THAT(problem_with(state, {What::deleted, 1}), Contains("not in the trash"));
    state = after(state, {7, {{What::status, 1, "trashed"}, {What::deleted, 1}}, {}, ""});
    CHECK_THAT(problem_with(state, {What::restore, 1}), Contains("has been deleted"));
}

TEST_CASE("changes that make no sense are refused with the reason", "[registry]") {
    auto const state = state_of({added(1), {What::alias, 1, "a"}, added(2)});
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(problem_with(state, {What::tag, 7, "a", "b"}), Contains("no version 7: versions are 1 to 2"));
    CHECK_THAT(problem_with(state, {What::tag, 0, "a", "b"}), Contains("no version 0"));
    CHECK_THAT(problem_with(state, {What::tag, 1, "a b", "b"}), Contains("cannot be a key"));
    CHECK_THAT(problem_with(state, {What::tag, 1, "a", "b\n"}), Contains("control characters"));
    CHECK_THAT(problem_with(state, {What::tag, 1, "a", "\xff"}), Contains("control characters"));
    CHECK_THAT(problem_with(state, {What::note, 1, "", std::string(4097, 'x')}), Contains("4096"));
    CHECK_THAT(problem_with(state, {What::untag, 1, "a"}), Contains("no tag 'a'"));
    CHECK_THAT(problem_with(state, {What::metric, 1, "m", "", "", nan}), Contains("finite"));
    CHECK_THAT(problem_with(state, {What::alias, 1, "../a"}), Contains("cannot be an alias"));
    CHECK_THAT(problem_with(state, {What::no_alias, 2, "a"}), Contains("not an alias of version 2"));
    CHECK_THAT(problem_with(state, {What::status, 1, "gold"}), Contains("not a status"));
    CHECK_THAT(problem_with(state, added(2)), Contains("the next version is 3, not 2"));
    CHECK(problem_with(state, added(3)).empty());
}

TEST_CASE("events and states come back from JSON as they were, and never in part", "[registry]") {
    Change change{What::status, 3, "deprecated", "too \"old\"\\ fièvre", "m:4"};
    Event event{17, {added(1), change, {What::metric, 1, "x", "", "", 0.1}}, {"ann", "h", "t", "p"}, "abc"};
    auto const text = to_json(event);
    auto read = event_in(text);
    REQUIRE(read);
    CHECK(read->sha256.size() == 64);
    read->sha256.clear();
    CHECK(*read == event);
    for (std::size_t cut = 0; cut < text.size(); ++cut) CHECK_FALSE(event_in(text.substr(0, cut)));
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        CHECK_FALSE(event_in(changed));
    }
    auto const state = state_of({added(1),
                                 {What::tag, 1, "a", "b"},
                                 {What::note, 1, "", "n"},
                                 {What::metric, 1, "m", "", "", 1e-300},
                                 {What::alias, 1, "p"}});
    CHECK(state_in(to_json(state)) == state);
    CHECK_FALSE(state_in(to_json(event)));
    CHECK_FALSE(state_in(""));
}
