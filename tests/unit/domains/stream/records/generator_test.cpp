#include "domains/stream/records/generator.hpp"

#include <filesystem>
#include <limits>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/sha256.hpp"

using namespace vaster;
using stream::Generator;
using stream::GeneratorSettings;
using stream::Shape;

namespace {

GeneratorSettings settings_of(std::string_view set, std::uint64_t n_sensors, std::uint64_t seed,
                              std::uint64_t rate) {
    GeneratorSettings settings;
    settings.set = stream::find_data_set(set);
    settings.n_sensors = n_sensors;
    settings.seed = seed;
    settings.rate = rate;
    return settings;
}

std::string senml(GeneratorSettings const& settings, std::uint64_t n_records) {
    Generator const generator(settings);
    std::string text;
    for (std::uint64_t i = 0; i < n_records; ++i) generator.append_senml(i, text);
    return text;
}

std::string csv(GeneratorSettings const& settings, std::uint64_t n_records) {
    Generator const generator(settings);
    std::string text = generator.csv_header();
    for (std::uint64_t i = 0; i < n_records; ++i) generator.append_csv(i, text);
    return text;
}

}  // namespace

// Hashes of what the defining program (Python) writes for these settings.
TEST_CASE("made-up records are those of the definition byte for byte", "[stream][generator]") {
    auto sys = settings_of("SYS", 31, 7, 3);
    sys.shape = Shape::bimodal;
    sys.cycle = 100;
    CHECK(sha256_text(senml(sys, 2000)) ==
          "817f87d5f553951ad246bb0b2561e3ec93ae7e5057d373dc734604183d61fe3d");
    auto fit = settings_of("fit", 3, 8, 50);
    fit.faults = {0.2, 0.1, 0.1, 0.1};
    CHECK(sha256_text(senml(fit, 2000)) ==
          "fec2a58327be9068991196a066dca00450ae57409ad558398bb03cd6594adc57");
    auto grid = settings_of("GRID", 0, 9, 100);
    grid.shape = Shape::normal;
    grid.cycle = 1000;
    CHECK(sha256_text(senml(grid, 2000)) ==
          "55bbcf5aba044335d751d9ecc5f294e6027644c78740affb4e54322816d758f4");
    auto taxi = settings_of("TAXI", 300, 0, 100);
    taxi.shape = Shape::bimodal;
    CHECK(sha256_text(senml(taxi, 2000)) ==
          "64ae1c10137388eaf52ad0bbd60e135ce440cbe78871c6f28fe7b7cd4e714b35");
}

TEST_CASE("made-up CSV and annotations are those of the definition", "[stream][generator]") {
    auto const taxi = settings_of("TAXI", 0, std::numeric_limits<std::uint64_t>::max(), 7);
    CHECK(sha256_text(csv(taxi, 2000)) == "739faa54fa86c8abc657e0c1b4a20a5599fbe97b23f670b8fc1b4679a5139d80");
    CHECK(sha256_text(csv(settings_of("FIT", 0, 3, 100), 500)) ==
          "c1630662e9933eabbce44181f3cd4197a0f840249a8603fc6b9d6129040bd4f1");
    CHECK(sha256_text(Generator(settings_of("TAXI", 20, 5, 100)).annotations()) ==
          "bf99bb1f788ef2457e3da29307377b0f418516a23a6ccf751563a60907324650");
}

TEST_CASE("made-up records are those of the reference files", "[stream][generator]") {
    std::filesystem::path const folder = std::filesystem::path(VASTER_SHARED_DIR) / "reference/stream";
    if (!std::filesystem::exists(folder / "sys.senml.csv")) return;
    CHECK(senml(settings_of("CITY", 40, 42, 10), 600) == read_file(folder / "sys.senml.csv"));
    CHECK(senml(settings_of("FIT", 4, 42, 200), 200) == read_file(folder / "fit.senml.csv"));
    auto grid = settings_of("GRID", 25, 42, 1);
    grid.shape = Shape::normal;
    grid.cycle = 400;
    CHECK(senml(grid, 400) == read_file(folder / "grid.senml.csv"));
    auto taxi = settings_of("TAXI", 60, 42, 1);
    taxi.shape = Shape::bimodal;
    taxi.cycle = 500;
    CHECK(senml(taxi, 500) == read_file(folder / "taxi.senml.csv"));
    taxi.faults = {0, 0, 0, 0};
    CHECK(csv(taxi, 100) == read_file(folder / "taxi.rows.csv"));
    CHECK(Generator(settings_of("SYS", 40, 42, 10)).annotations() ==
          read_file(folder / "sys.annotations.txt"));
}

TEST_CASE("a record is made by itself", "[stream][generator]") {
    auto const settings = settings_of("TAXI", 10, 1, 5);
    auto const all = senml(settings, 50);
    std::string last;
    Generator(settings).append_senml(49, last);
    CHECK(all.ends_with(last));
}

TEST_CASE("a cycle has exactly as many records as the rate says", "[stream][generator]") {
    for (auto const shape : {Shape::uniform, Shape::normal, Shape::bimodal}) {
        auto settings = settings_of("SYS", 0, 1, 30);
        settings.cycle = 48;
        settings.shape = shape;
        Generator const generator(settings);
        auto const start = settings.set->start;
        CHECK(generator.time_of(0) == start);
        CHECK(generator.time_of(1439) < start + 48000);
        CHECK(generator.time_of(1440) == start + 48000);
        for (std::uint64_t i = 1; i < 3000; ++i) CHECK(generator.time_of(i - 1) <= generator.time_of(i));
    }
}

TEST_CASE("settings that make no stream are named", "[stream][generator]") {
    auto settings = settings_of("SYS", 0, 1, 100);
    CHECK(stream::problems(settings).empty());
    settings.rate = 0;
    settings.cycle = 0;
    settings.faults.missing = 1.5;
    CHECK(stream::problems(settings).size() == 4);
    settings = settings_of("SYS", 0, 1, std::numeric_limits<std::uint64_t>::max());
    CHECK(stream::problems(settings).size() == 1);
    settings.rate = 1000000;
    CHECK(stream::problems(settings).empty());
}

TEST_CASE("what is said of a data set holds for its fields", "[stream][generator]") {
    CHECK(stream::find_data_set("nothing") == nullptr);
    CHECK(stream::find_data_set("") == nullptr);
    for (auto const& set : stream::data_sets()) {
        auto const has = [&](std::string_view name) {
            return std::any_of(set.numbers.begin(), set.numbers.end(),
                               [&](auto const& number) { return number.name == name; });
        };
        for (auto const& list : {set.observed, set.spoilt, set.features})
            for (auto const field : list) CHECK(has(field));
        for (auto const& range : set.ranges) CHECK((has(range.field) && range.least < range.most));
        CHECK((set.target.empty() || has(set.target)));
        CHECK(set.truth.target == set.target);
        for (auto const& term : set.truth.terms) CHECK(has(term.field));
    }
}
