// The stages of a study of a stream.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"
#include "domains/stream/study/schema.hpp"
#include "domains/stream/study/stream_study.hpp"
#include "vaster/study/kinds.hpp"

using namespace vaster;
using stream::Outcomes;

namespace {

/// Rows that are all done, in a file with room for so many.
class Done final : public study::Records {
  public:
    [[nodiscard]] std::size_t size() const override { return experiments_.size(); }

    [[nodiscard]] study::Experiment const& experiment(std::size_t row) const override {
        return experiments_[row];
    }

    [[nodiscard]] bool done(std::size_t row) const override { return row != failed; }

    [[nodiscard]] bool skipped(std::size_t) const override { return false; }

    [[nodiscard]] study::Cells const& cells(std::size_t row) const override { return cells_[row]; }

    [[nodiscard]] std::size_t capacity() const override { return room; }

    void add(std::vector<study::Experiment> experiments, Outcomes const& outcomes) {
        for (auto& experiment : experiments) {
            experiments_.push_back(std::move(experiment));
            cells_.push_back(stream::cells_of(outcomes));
        }
    }

    std::size_t failed = 1'000'000;
    std::size_t room = 1'000'000;

  private:
    std::vector<study::Experiment> experiments_;
    std::vector<study::Cells> cells_;
};

/// Of a made-up stream that is long enough for two ranges.
std::unique_ptr<study::Study> study_in(std::filesystem::path const& folder) {
    study::Kinds const kinds({stream::make_stream_kind()});
    auto const loaded = kinds.load({"",
                                    fmt::format(R"(
        [study]
        kind = "stream"
        [stream]
        jobs = ["NOP", "DAC"]
        partitions = 3
        [generator]
        set = "SYS"
        records = 100000
        [input]
        sensor = "source"
        fields = ["temperature"]
        [output]
        directory = "{}"
        )",
                                                (folder / "out").string()),
                                    {}});
    return loaded.kind->open(loaded.config, study::FromSource()).study;
}

std::vector<std::string> steps_of(std::vector<study::Experiment> const& experiments) {
    std::vector<std::string> steps;
    for (auto const& experiment : experiments) steps.push_back(stream::design_of(experiment.design).step);
    return steps;
}

}  // namespace

TEST_CASE("pieces are planned between partitions and merges, where the file has room", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const study = study_in(scratch.path());
    Outcomes of_run;
    of_run.file_hash = "part";
    Done records;
    records.add(study->next_experiments(study::NoRecords()), of_run);
    REQUIRE(records.size() == 4);  // three of NOP, one of DAC
    CHECK(study->capacity() == 4 + 4 + 2);

    auto pieces = study->next_experiments(records);
    CHECK(steps_of(pieces) == std::vector<std::string>(4, "piece"));
    auto const second = stream::design_of(pieces[1].design);
    CHECK((second.job == "NOP" && second.partition == 1 && second.partitions == 2));
    records.failed = 2;
    CHECK(study->next_experiments(records).empty());  // --resume runs it again
    records.failed = 1'000'000;

    // A file that an older version made.
    records.room = 4 + 2;
    auto const merges = study->next_experiments(records);
    CHECK(steps_of(merges) == std::vector<std::string>(2, "merge"));
    auto const of_parts = stream::design_of(merges[0].design).parts;
    records.room = 4 + 4 + 2;

    auto const parts_after = [&](std::string const& seen) {
        Done all;
        all.add(study->next_experiments(study::NoRecords()), of_run);
        Outcomes of_piece;
        of_piece.file_hash = seen;
        of_piece.output_hash = "rows";
        all.add(pieces, of_piece);
        auto const found = study->next_experiments(all);
        CHECK(steps_of(found) == std::vector<std::string>(2, "merge"));
        all.failed = 5;
        CHECK(study->next_experiments(all).empty());
        all.failed = 1'000'000;
        all.add(found, {});
        CHECK(study->next_experiments(all).empty());
        return stream::design_of(found[0].design).parts;
    };
    CHECK(parts_after("") == of_parts);      // a piece that a damaged part was seen by is of no use
    CHECK(parts_after("part") == of_parts);  // nor is one of other parts
    CHECK(parts_after(of_parts) != of_parts);
}
