// The data that a study file keeps: written once, given back bit by bit, and named when they are damaged.
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/store/kept_data.hpp"
#include "core/store/reader.hpp"
#include "core/store/resume.hpp"
#include "core/store/salvage.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;
using Catch::Contains;

namespace {

constexpr std::size_t n_experiments = 8;
constexpr std::size_t n_deaths = 100000;  // more than verify reads at once

/// Two tables: one with columns of several widths, one of plain numbers.
std::vector<study::Input> inputs() {
    study::Input deaths{"deaths",
                        "who died of what",
                        {{"row", study::ElementType::int64},
                         {"cause", study::ElementType::int32, "causes"},
                         {"age", study::ElementType::float64}},
                        {}};
    for (std::size_t i = 0; i < n_deaths; ++i) {
        example::append_bytes(deaths.rows, static_cast<std::int64_t>(i));
        example::append_bytes(deaths.rows, static_cast<std::int32_t>(i % 4));
        example::append_bytes(deaths.rows, 1.0 / (1.0 + static_cast<double>(i)));
    }
    study::Input weights{"weights", "of the causes", {{"weight", study::ElementType::float32}}, {}};
    for (float const weight : {0.25F, 0.5F, 0.125F}) example::append_bytes(weights.rows, weight);
    return {deaths, weights};
}

example::fs::path create_with_inputs(example::Folder const& folder) {
    auto path = folder / "study.h5";
    create(path, example::header(), example::schema(), example::plan(n_experiments), {}, OnExisting::refuse,
           inputs());
    return path;
}

/// Changes one bit of an input.
void damage(example::fs::path const& path, study::Input const& input) {
    auto const bytes = read_file(path);
    std::string const needle(reinterpret_cast<char const*>(input.rows.data()), input.rows.size());
    auto const at = bytes.find(needle);
    REQUIRE(at != std::string::npos);
    auto const place = at + needle.size() / 2;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(place));
    file.put(static_cast<char>(bytes[place] ^ 4));
}

}  // namespace

TEST_CASE("a study file gives back the data that it keeps", "[store][inputs]") {
    example::Folder const folder;
    auto const path = create_with_inputs(folder);
    CHECK(keeps_data(path));
    auto const kept = read_kept_data(path);
    auto const wanted = inputs();
    REQUIRE(kept.inputs.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CHECK(kept.inputs[i].name == wanted[i].name);
        CHECK(kept.inputs[i].doc == wanted[i].doc);
        CHECK(kept.inputs[i].rows == wanted[i].rows);
        REQUIRE(kept.inputs[i].fields.size() == wanted[i].fields.size());
    }
    CHECK(kept.inputs[0].fields[1].name == "cause");
    CHECK(kept.inputs[0].fields[1].type == study::ElementType::int32);
    CHECK(kept.inputs[0].fields[1].labels == "causes");
    CHECK(kept.schema.labels[0].labels == example::causes());
    CHECK(verify(path).empty());
    auto const plain = folder / "plain.h5";
    create(plain, example::header(), example::schema(), example::plan(n_experiments));
    CHECK_FALSE(keeps_data(plain));
    CHECK(read_kept_data(plain).inputs.empty());
}

TEST_CASE("results and resuming leave the data of a study as they are", "[store][inputs]") {
    example::Folder const folder;
    auto const path = create_with_inputs(folder);
    {
        Writer writer(path);
        for (std::size_t i : {0U, 3U})
            writer.commit(example::result(example::plan(n_experiments).experiments[i]), example::origin());
    }
    CHECK(prepare_resume(path, FailedRows::retry).done == 2);
    CHECK(read_kept_data(path).inputs[0].rows == inputs()[0].rows);
    CHECK(read_kept_data(path).inputs[1].rows == inputs()[1].rows);
}

TEST_CASE("damaged data are named, and the study is not continued", "[store][inputs]") {
    example::Folder const folder;
    auto const path = create_with_inputs(folder);
    auto const experiment = example::plan(n_experiments).experiments[2];
    Writer(path).commit(example::result(experiment), example::origin());
    auto const which = GENERATE(std::size_t{0}, std::size_t{1});
    auto const name = "/inputs/" + inputs()[which].name;
    damage(path, inputs()[which]);
    auto const bad = verify(path);
    REQUIRE(bad.size() == 1);
    CHECK(bad[0].table == name);
    CHECK_FALSE(bad[0].row.has_value());
    CHECK_THAT(bad[0].text(), Contains(name + ": the checksum"));
    CHECK_THROWS_WITH(read_kept_data(path), Contains(name) && Contains("start a new study"));
    CHECK_THROWS_WITH(prepare_resume(path, FailedRows::retry), Contains(name) && Contains("intact copy"));
    CHECK(Reader(path).done(2));
}

TEST_CASE("salvage keeps the data of a study, and says when they are lost", "[store][inputs]") {
    example::Folder const folder;
    auto const path = create_with_inputs(folder);
    Writer(path).commit(example::result(example::plan(n_experiments).experiments[2]), example::origin());
    auto const saved = salvage(path, folder / "saved.h5");
    CHECK(saved.lost_inputs.empty());
    CHECK(read_kept_data(folder / "saved.h5").inputs[0].rows == inputs()[0].rows);
    damage(path, inputs()[1]);
    auto const partly = salvage(path, folder / "partly.h5");
    CHECK(partly.lost_inputs == std::vector<std::string>{"/inputs/weights"});
    CHECK(partly.done == 1);
    CHECK_THROWS_WITH(read_kept_data(folder / "partly.h5"), Contains("/inputs/weights"));
}

TEST_CASE("data that no file could give back are refused at creation", "[store][inputs]") {
    example::Folder const folder;
    auto const create_of = [&](study::Input const& input) {
        create(folder / "no.h5", example::header(), example::schema(), example::plan(1), {},
               OnExisting::refuse, {input});
    };
    auto broken = inputs()[0];
    broken.rows.pop_back();
    CHECK_THROWS_AS(create_of(broken), std::logic_error);
    broken = inputs()[0];
    broken.fields[1].labels = "colours";
    CHECK_THROWS_WITH(create_of(broken), Contains("colours"));
    CHECK_FALSE(example::fs::exists(folder / "no.h5"));
}
