#include "core/run/open_study.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../temporary_folder.hpp"
#include "base/support/block_parts.hpp"
#include "core/run/study_order.hpp"
#include "core/store/create.hpp"
#include "core/study/serialization.hpp"
#include "sample_kind.hpp"

using namespace vaster;
using namespace vaster::run;

namespace {

constexpr char const* config = "[sample]\nword = \"data\"\n";

std::string opened_from(StudyOrder const& order, std::shared_ptr<SealedBlock const> const& block = nullptr) {
    return open_study(run::testing::sample_kinds(), study::pack(order), block).study->data_hash();
}

}  // namespace

TEST_CASE("a study is opened from the source of its data unless the order or a block says otherwise",
          "[run][open]") {
    CHECK(opened_from({config}) == "data from source");
    CHECK(opened_from({config, "", Keeping::shared}) == "data from source to share");
    BlockWriter writer;
    writer.put(std::vector<std::string>{"text"});
    auto const block = writer.seal();
    CHECK(opened_from({config}, block) == "data from block");
    CHECK(opened_from({config, "", Keeping::shared}, block) == "data from block");
}

TEST_CASE("a study file that keeps the data comes before a block, which goes with it", "[run][open]") {
    vaster::testing::TemporaryFolder const folder;
    auto const path = folder.path() / "study.h5";
    store::create(path, {}, {}, study::Plan{});
    CHECK(opened_from({config, path.string()}) == "data from file");
    BlockWriter writer;
    writer.put(std::vector<std::string>{"text"});
    CHECK(opened_from({config, path.string()}, writer.seal()) == "data from file and block");
    CHECK(opened_from({config, path.string(), Keeping::shared}) == "data from file to share");
}

TEST_CASE("what keeps a study from opening keeps its own code", "[run][open]") {
    CHECK_THROWS_AS(opened_from({"[sample]\nword = \"broken\"\n"}), DataError);
    CHECK_THROWS_AS(opened_from({"[sample]\nworld = 1\n"}), ConfigError);
    CHECK_THROWS_AS(opened_from({config, "/no/such/study.h5"}), IoError);
}
