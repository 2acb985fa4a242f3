#include "core/run/run_keys.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "sample_kind.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::run;

namespace {

RunKeys keys_of(std::string const& text, std::vector<study::Override> overrides = {}) {
    return run_keys(run::testing::sample_kinds().load({"study.toml", text, std::move(overrides)}).config);
}

}  // namespace

TEST_CASE("keys of a run have their units and their place", "[run][keys]") {
    auto const keys = keys_of(
        "[study]\nname = \"a name\"\noutput = \"/far/study.h5\"\nseed = 7\n"
        "[run]\ntimeout = \"2m\"\nmemory = \"64MiB\"\nretries = 4\nretry_delay = \"5s\"\ndurability = "
        "\"commit\"\n"
        "max_time = \"1h30m\"\ncost_cache = \"\"\nsilence = \"45s\"\nthreads = 3\n");
    CHECK(keys.name == "a name");
    CHECK(keys.output == "/far/study.h5");
    CHECK(keys.seed == 7);
    CHECK(keys.timeout_seconds == 120);
    CHECK(keys.memory_bytes == 64 << 20U);
    CHECK(keys.retries == 4);
    CHECK(keys.retry_delay_seconds == 5);
    CHECK(keys.durability == store::Durability::commit);
    CHECK(keys.max_seconds == 5400);
    CHECK(keys.cost_cache.empty());
    CHECK(keys.silence_seconds == 45);
    CHECK(keys.threads == 3);
    CHECK(keys_of("").threads == 0);
}

TEST_CASE("the study file is named from the root, whatever bytes its name has", "[run][keys]") {
    auto const here = std::filesystem::current_path();
    CHECK(keys_of("[study]\noutput = \"study.h5\"\n").output == here / "study.h5");
    CHECK(keys_of("", {{"study.output", "\xE4.h5", "--output"}}).output == here / "\xE4.h5");
}

TEST_CASE("a study file without a name is a mistake of its key, which is named", "[run][keys]") {
    CHECK_THROWS_AS(keys_of("[study]\noutput = \"\"\n"), ConfigError);
    CHECK_THROWS_AS(keys_of("", {{"study.output", "", "--output"}}), ConfigError);
    CHECK_THROWS_WITH(keys_of("[study]\noutput = \"\"\n"),
                      Catch::StartsWith("study.output (--output) is empty"));
}
