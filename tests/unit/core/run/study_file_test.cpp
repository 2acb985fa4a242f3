#include "core/run/study_file.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../study/plain_kind.hpp"
#include "vaster/study/renamed_keys.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;

namespace {

/// A kind of which the key `colour` was called `paint` once, and to which `weight` has been added.
class Grown : public testing::PlainKind, public study::HasRenamedKeys {
  public:
    Grown() : PlainKind("grown") {}

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        return {{"design",
                 "The design",
                 {{.name = "size", .standard = std::int64_t{3}, .doc = "size"},
                  {.name = "colour", .standard = "red", .doc = "colour", .choices = {"red", "blue"}},
                  {.name = "weight", .standard = std::int64_t{1}, .doc = "weight"}}}};
    }

    [[nodiscard]] std::vector<study::RenamedKey> renamed_keys() const override {
        return {{"design", "paint", "colour"}};
    }
};

/// The header of a file that an older version has made, without `weight`.
store::Header old_header(std::string const& keys) {
    store::Header header;
    header.kind = "grown";
    header.config = "[study]\nkind = \"grown\"\n[design]\n" + keys;
    header.config_hash = "of other keys";
    header.result_config = "design.paint = \"blue\"\n";
    return header;
}

std::string refusal(store::Header const& there, std::vector<study::Override> const& overrides) {
    Grown const kind;
    try {
        run::check_same_config(there, {&kind, study::load(kind, {"", "", overrides})}, "study.h5");
    } catch (ConfigError const& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a study is resumed by a version that has more keys, if they have their defaults",
          "[run][resume]") {
    auto const there = old_header("size = 3\npaint = \"blue\"\n");
    CHECK(refusal(there, {{"design.colour", "blue", "--set"}}).empty());
    CHECK_THAT(refusal(there, {{"design.colour", "blue", "--set"}, {"design.weight", "2", "--set"}}),
               Contains("design.weight: 1 -> 2"));
    CHECK_THAT(refusal(there, {}), Contains("design.colour: \"blue\" -> \"red\""));
    CHECK_THAT(refusal(there, {{"design.colour", "blue", "--set"}, {"design.size", "4", "--set"}}),
               Contains("design.size: 3 -> 4"));
}

TEST_CASE("a configuration that this version does not take any more is compared as it is", "[run][resume]") {
    CHECK_THAT(refusal(old_header("size = 3\nshape = \"round\"\n"), {}),
               Contains("design.paint: \"blue\" -> (not there)"));
}

TEST_CASE("a study that another version has begun is said to be one", "[run][resume]") {
    store::Header there;
    store::Header now;
    there.program_version = "0.1.0+1234567";
    now.program_version = "0.1.0+1234568";
    CHECK(run::note_on_versions(now, now, "study.h5").empty());
    CHECK_THAT(run::note_on_versions(there, now, "study.h5"),
               Contains("study.h5") && Contains("0.1.0+1234567") && Contains("0.1.0+1234568"));
}
