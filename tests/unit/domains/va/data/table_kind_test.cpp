#include "domains/va/data/table_kind.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/cohort.hpp"
#include "encoded_tables.hpp"
#include "made_up_release.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::test::EncodedTable;
using vaster::test::made_up_release;
using vaster::test::TemporaryFile;

namespace {

constexpr CohortFormat releases[] = {CohortFormat::phmrc_adult, CohortFormat::phmrc_child,
                                     CohortFormat::phmrc_neonate};

std::string name_of(CohortFormat format) {
    return cohort_format_names()[static_cast<std::size_t>(format)];
}

}  // namespace

TEST_CASE("a raw release is known by its questions and answers", "[va][kind]") {
    for (auto const format : releases) {
        INFO(name_of(format));
        TemporaryFile const file(made_up_release(format, {{{"site", "AP"}}, {{"site", "UP"}}}));
        auto const found = kind_of_table(file.path());
        CHECK(found.kind != TableKind::other);
        CHECK(format_of(found.kind) == format);
    }
}

TEST_CASE(
    "a raw release that is given as an encoded table is refused with its format, whatever else is wrong",
    "[va][kind]") {
    for (auto const format : releases) {
        std::string const key = fmt::format("data.format = \"{}\"", name_of(format));
        std::vector<std::string> const tables{
            made_up_release(format, {{}, {{"site", "UP"}}}),
            "\xEF\xBB\xBF" + made_up_release(format, {{}, {}}),
            made_up_release(format, {{}, {}}, ';'),
            made_up_release(format, {{}, {{"free_text", "\"he said \"no\" twice\""}}}),
            made_up_release(format, {{}, {{"free_text", "caf\xE9"}}}),
            made_up_release(format, {{{"age", "3"}}, {{"age", "14"}}})};
        for (auto const& table : tables) {
            EncodedTable file(table);
            for (std::string const label : {"cause", "gs_text34"})
                for (std::string const site : {"site", ""}) {
                    file.source.label = label;
                    file.source.site = site;
                    CHECK_THAT(file.error(), Contains("this is the raw PHMRC ") && Contains(key) &&
                                                 Contains("not an encoded table"));
                }
        }
    }
}

TEST_CASE("an encoded table with the names of a release's questions is not a release", "[va][kind]") {
    std::string header = "site,cause";
    std::string row = "AP,x";
    std::string other = "UP,y";
    std::set<std::string> names;
    for (auto const& rule : phmrc_child_rules()) {
        if (!names.insert(rule.source).second) continue;
        header += "," + rule.source;
        row += ",Y";
        other += ",";
    }
    EncodedTable file(header + "\n" + row + "\n" + other + "\n");
    CHECK(kind_of_table(file.source.path).kind == TableKind::other);
    CHECK(file.answers().front().find_first_not_of('Y') == std::string::npos);
    file.source.label = "causes";
    CHECK_THAT(file.error(), Contains("did you mean 'cause'?"));
}

TEST_CASE("a WHO questionnaire as it was filled in is refused as such in every format but rules",
          "[va][kind]") {
    std::string const table =
        "KEY,site,cause,data.Id10004,data.id10019,data.Id10077_a\nu1,A,x,wet,female,yes\nu2,B,y,dry,male,"
        "no\n";
    for (auto const format :
         {CohortFormat::encoded, CohortFormat::phmrc_adult, CohortFormat::phmrc_neonate}) {
        EncodedTable file(table);
        file.source.format = format;
        for (std::string const site : {"site", "district"}) {
            file.source.site = site;
            CHECK_THAT(
                file.error(),
                Contains("3 columns are question codes of the WHO questionnaire, such as 'data.Id10004'") &&
                    Contains("data.format = \"rules\"") && !Contains("there is no column"));
        }
    }
}

TEST_CASE("WHO's questions whose answers are yes and no only are symptoms as any other", "[va][kind]") {
    EncodedTable file("site,cause,Id10077,Id10147,Id10148\nA,x,yes,no,dk\nB,y,no,yes,yes\n");
    CHECK(file.answers() == std::vector<std::string>{"Y-.", "-YY"});
    file.source.label = "causes";
    CHECK_THAT(file.error(), Contains("did you mean 'cause'?"));
}
