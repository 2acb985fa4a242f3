// Rows written by all ranks through MPI-IO, each for itself.
#include <cstdlib>

#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <catch2/catch.hpp>

#include "core/store/create.hpp"
#include "core/store/reader.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

constexpr std::size_t n_experiments = 61;

/// One file for all ranks, in a folder that goes away with rank 0's.
class SharedStudy {
  public:
    SharedStudy() {
        if (world_.rank() == 0) {
            folder_ = std::make_unique<example::Folder>();
            path_ = example::create(*folder_, n_experiments).string();
        }
        boost::mpi::broadcast(world_, path_, 0);
    }

    SharedStudy(SharedStudy const&) = delete;
    SharedStudy& operator=(SharedStudy const&) = delete;

    ~SharedStudy() { world_.barrier(); }

    [[nodiscard]] std::string const& path() const { return path_; }

    [[nodiscard]] boost::mpi::communicator const& world() const { return world_; }

  private:
    boost::mpi::communicator world_;
    std::unique_ptr<example::Folder> folder_;
    std::string path_;
};

}  // namespace

TEST_CASE("rows written by all ranks are all there, whoever wrote them", "[store][mpi]") {
    SharedStudy const shared;
    auto const rank = static_cast<std::size_t>(shared.world().rank());
    auto const size = static_cast<std::size_t>(shared.world().size());
    auto const plan = example::plan(n_experiments);
    REQUIRE(h5::default_driver() == h5::Driver::mpi);
    {
        Writer writer(shared.path());
        for (std::size_t i = rank; i < n_experiments; i += size) {
            if (!plan.experiments[i].skip_reason.empty()) continue;
            writer.mark_running({i});
            if (i % 10 == 3)
                writer.fail(i, "experiment " + std::to_string(i), example::origin(shared.world().rank()));
            else
                writer.commit(example::result(plan.experiments[i]), example::origin(shared.world().rank()));
            if (rank == 0) writer.log_attempt({i, 1, 0, "node7", 1, 1, "done", ""});
        }
        // A reader in a process that writes sees what is committed.
        if (rank == 0) CHECK(Reader(shared.path()).done(0));
    }
    shared.world().barrier();
    Reader const study(shared.path());
    for (std::size_t i = 0; i < n_experiments; ++i) {
        INFO("row " << i);
        if (!plan.experiments[i].skip_reason.empty()) {
            CHECK(study.skipped(i));
            continue;
        }
        CHECK(study.info(i).origin.rank == static_cast<std::int64_t>(i % size));
        if (i % 10 == 3) {
            CHECK(study.info(i).error == "experiment " + std::to_string(i));
            continue;
        }
        REQUIRE(study.done(i));
        auto const wanted = example::result(plan.experiments[i]);
        for (std::size_t k = 0; k < wanted.cells.size(); ++k)
            CHECK(cell_text(study.cells(i)[k]) == cell_text(wanted.cells[k]));
        CHECK(study.arrays(i) == wanted.arrays);
    }
    CHECK(verify(shared.path()).empty());
}

TEST_CASE("the plan that rank 0 lets grow is seen by the others", "[store][mpi]") {
    SharedStudy const shared;
    auto const all = example::plan(n_experiments);
    std::string path = shared.path() + ".growing";
    if (shared.world().rank() == 0)
        create(path, example::header(), example::schema(), study::Plan(),
               {n_experiments, study::total_rows(all)});
    shared.world().barrier();
    Writer writer(path);
    for (int generation = 0; generation < 3; ++generation) {
        auto const first = generation * 20;
        if (shared.world().rank() == 0)
            writer.append_experiments(
                {all.experiments.begin() + first, all.experiments.begin() + first + 20});
        shared.world().barrier();
        for (int i = first + shared.world().rank(); i < first + 20; i += shared.world().size()) {
            auto const& e = all.experiments[static_cast<std::size_t>(i)];
            if (e.skip_reason.empty())
                writer.commit(example::result(e), example::origin(shared.world().rank()));
        }
        shared.world().barrier();
    }
    Reader const study(path);
    CHECK(study.size() == 60);
    CHECK(study.counts()[0] + study.counts()[1] == 0);
    CHECK(verify(path).empty());
}
