#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/h5/row_file.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::store {

/// When what was committed is synced to disk. The death of processes never costs a committed row; this is
/// about the death of the machine.
enum class Durability {
    commit,  ///< before commit() returns
    group,   ///< at most once a second, all rows of that second together
    none,    ///< when the system sees fit, and at the end
};

/// "commit", "group" or "none".
[[nodiscard]] Durability durability_of(std::string const& word);

/// One process's access to a study file. Every rank has its own and writes only rows that are its own;
/// nothing here is collective, so the death of one rank never stops another.
///
/// A row is committed in this order: its status leaves "committed", arrays, then the record at once, whose
/// last bytes are checksum and status. What commit() has written survives the death of every process; it is
/// synced to disk as the durability says, through a descriptor of its own. At most once a second the Writer
/// looks whether the file still has its name: what is written to a file that somebody has removed or replaced
/// would be lost.
///
/// With Driver::mpi a Writer must be gone before MPI_Finalize.
///
/// All members throw IoError when the file cannot be written, std::logic_error for an index beyond the plan.
class Writer final : public study::Journal, public study::RankZeroJournal {
  public:
    /// @throws DataError when the file is not an intact study file
    explicit Writer(std::filesystem::path const& path, Durability durability = Durability::group,
                    h5::Driver driver = h5::default_driver());
    /// Syncs what is not on disk yet.
    ~Writer() override;

    /// Says which columns results will come with, where the file may be of an older version that had fewer of
    /// them: what it has no column for is left out. Without this call they are those of the file.
    /// @throws DataError when results lack a column of the file, or it is of another type
    void take_results_with(std::vector<study::Column> const& columns);

    void learn(std::vector<study::Experiment> const& experiments) override;
    /// Rows that are committed as done stay as they are.
    void mark_running(std::vector<study::ExperimentIndex> const& indices) override;

    /// Commits a result. A second result of a row that is done changes nothing.
    /// @throws DataError when that second result differs, timings aside
    /// @throws std::logic_error when the result does not fit the schema
    void commit(study::Result const& result, study::Origin const& origin) override;

    void idle() override;

    // Rank 0 only:

    /// A row that is done stays done.
    void fail(study::ExperimentIndex index, std::string const& error, study::Origin const& origin) override;
    /// Only a row that is running goes back to pending.
    void release(study::ExperimentIndex index) override;
    /// Skipped ones are committed as skipped. On disk when it returns. The other ranks see the new rows when
    /// they ask for them. @throws std::logic_error when they do not follow the plan or there is no room
    void append_experiments(std::vector<study::Experiment> const& experiments) override;
    /// An attempt that is not "done" is written at once, with all that waited before it. Those that are wait,
    /// at most 63 or for a tenth of a second (looked at in any call), until costs are logged, or until
    /// sync().
    void log_attempt(study::Attempt const& attempt) override;
    void log_cost(std::vector<study::MeasuredCost> const& costs) override;
    /// Puts a row back to pending, or to skipped where the plan says so, whatever it is: for rows whose
    /// checksum does not hold, and failed ones that get another chance. Before work begins.
    void reset(study::ExperimentIndex index);

    /// Syncs now.
    void sync();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vaster::store
