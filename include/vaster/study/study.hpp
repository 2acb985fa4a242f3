#pragma once  // Stable but for FromSourceToShare, FromBlock and FromFile::block.

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vaster/study/config.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/inventory.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/support/sealed_block.hpp"
#include "vaster/support/text_table.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::study {

/// Receives what a task yields, in the child that computes it.
class Sink {
  public:
    Sink() = default;
    virtual ~Sink() = default;
    Sink(Sink const&) = delete;
    Sink& operator=(Sink const&) = delete;

    /// From here on a failure is charged to this experiment alone; before the first call, to all of the task.
    virtual void begin(ExperimentIndex index) = 0;

    /// The same for work that several experiments of the task wait for: a failure is charged to all of them.
    virtual void begin_shared(std::vector<ExperimentIndex> const& indices) { (void)indices; }

    virtual void finish(Result result) = 0;
};

/// Finished experiments, for kinds to go on from. References are good for the next 4,000 other rows.
class Records {
  public:
    Records() = default;
    virtual ~Records() = default;
    Records(Records const&) = delete;
    Records& operator=(Records const&) = delete;

    [[nodiscard]] virtual std::size_t size() const = 0;  ///< rows of the plan
    [[nodiscard]] virtual Experiment const& experiment(std::size_t row) const = 0;
    [[nodiscard]] virtual bool done(std::size_t row) const = 0;
    [[nodiscard]] virtual bool skipped(std::size_t row) const = 0;
    /// Result cells of a done row, as Schema::results.
    [[nodiscard]] virtual Cells const& cells(std::size_t row) const = 0;

    /// Rows that the study file has room for: what Study::capacity() said when it was made, which may have
    /// been by an older version of the study kind. Where there is no file, there is room for any number.
    [[nodiscard]] virtual std::size_t capacity() const { return std::numeric_limits<std::size_t>::max(); }
};

/// The records of a study that has not begun.
class NoRecords final : public Records {
  public:
    [[nodiscard]] std::size_t size() const override { return 0; }

    [[nodiscard]] Experiment const& experiment(std::size_t row) const override { return nothing(row); }

    [[nodiscard]] bool done(std::size_t) const override { return false; }

    [[nodiscard]] bool skipped(std::size_t) const override { return false; }

    [[nodiscard]] Cells const& cells(std::size_t row) const override { return nothing(row).design; }

  private:
    [[noreturn]] static Experiment const& nothing(std::size_t row);
};

/// One study: its data, its plan, and how to run one task. Made in the task server of every rank from the
/// same config; never touches MPI, HDF5 or the study file.
class Study {
  public:
    Study() = default;
    virtual ~Study() = default;
    Study(Study const&) = delete;
    Study& operator=(Study const&) = delete;

    [[nodiscard]] virtual Schema const& schema() const = 0;

    /// Content hash of everything that was read; "" where nothing is.
    [[nodiscard]] virtual std::string data_hash() const = 0;

    /// What the study file is to keep of the data, if Kind::keeps_inputs(). Asked once, before the file is
    /// made; a study that was opened from such a file need not say it again.
    [[nodiscard]] virtual std::vector<Input> inputs() const { return {}; }

    /// What was read, so that its user can see at once whether it is what was meant. Asked once, before the
    /// file is made, which keeps it.
    [[nodiscard]] virtual Inventory inventory() const { return {}; }

    /// What a user should know beside the inventory: sites skipped, for example.
    [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }

    /// At most so many experiments: the rows of the study file.
    [[nodiscard]] virtual std::size_t capacity() const = 0;

    /// At most so many elements of ragged arrays, where the plan grows. The file has room for what the first
    /// experiments need in any case.
    [[nodiscard]] virtual std::uint64_t row_capacity() const { return 0; }

    /// The next experiments after those that are known: all of them for a comparison; a generation for an
    /// evolution. Empty: there are no more. Indices go on from the size of `so_far`.
    ///
    /// Asked at the beginning without records, and again whenever every row is done, failed for good (neither
    /// done nor skipped) or skipped, as long as there is room for more. A pure function of study and records:
    /// an interrupted run asks again and must get the same. Cells of timings are blank. Runs in a child
    /// process under the limits of a task. @throws Error when it cannot go on: ends the run
    [[nodiscard]] virtual std::vector<Experiment> next_experiments(Records const& so_far) const = 0;

    /// Runs the experiments of one fit group and hands each result to the sink as soon as it is there.
    /// @throws ModelError and other Errors: charged as Sink::begin says; Cancelled
    virtual void run(Task const& task, Sink& sink, Watcher& watcher) const = 0;
};

/// Read the data where the config says they are, for this process and its children alone.
struct FromSource {};

/// The same, but other task servers of the host want these data, too: a kind that can answers with a block.
struct FromSourceToShare {
    std::size_t n_waiting = 0;  ///< ranks of the host that have nothing to do until it has: as many threads
                                ///< may help
    std::vector<std::size_t> processors = {};  ///< that ranks of the host may run on
};

/// Take the data from a block that another process of the host has answered with.
struct FromBlock {
    std::shared_ptr<SealedBlock const> block;
};

/// Take the data from what the study file kept: what Study::inputs() said when the file was made.
struct FromFile {
    KeptData kept;
    /// What another process of the host has answered with, which opened the study from the same file: of what
    /// is read beside it, such as a model. Null: there is none.
    std::shared_ptr<SealedBlock const> block = nullptr;
    /// Other task servers of the host want what is read beside it: a kind that can answers with a block.
    bool share = false;
};

/// Where Kind::open() gets the data from.
using DataFrom = std::variant<FromSource, FromSourceToShare, FromBlock, FromFile>;

/// A study, and what other servers of the host can open it from.
struct Opened {
    std::unique_ptr<Study> study;
    std::shared_ptr<SealedBlock const> block = nullptr;  ///< null: each reads for itself
    std::string block_problem = {};  ///< why there is none, where a kind that has blocks could not make one
};

/// A kind of study: its keys, its checks, how to open it, how to sum it up.
class Kind {
  public:
    Kind() = default;
    virtual ~Kind() = default;
    Kind(Kind const&) = delete;
    Kind& operator=(Kind const&) = delete;

    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual std::string doc() const = 0;

    /// The kind's own tables of keys, beside [study] and [run].
    [[nodiscard]] virtual std::vector<KeyTable> tables() const = 0;

    /// What is wrong with the values taken together; single values have been checked already.
    [[nodiscard]] virtual std::vector<std::string> problems(Config const& config) const = 0;

    /// Can the key change this config's results? Keys of models that are not used cannot.
    [[nodiscard]] virtual bool relevant(Config const& config, std::string_view table) const {
        (void)config;
        (void)table;
        return true;
    }

    /// Makes the study: the same one, wherever its data come from.
    ///
    /// A kind that answers with no block and keeps no inputs is only asked to read its source, and may ignore
    /// `from`. Likewise, FromBlock comes only to kinds that answered FromSourceToShare with a block, and
    /// FromFile only where keeps_inputs().
    /// @throws Error; DataError for kept data that are not what Study::inputs() said
    [[nodiscard]] virtual Opened open(Config const& config, DataFrom const& from) const = 0;

    /// Does the study file of this config keep the data? Then the first rank opens the study from the source
    /// of its data, once, and all ranks open it from the file, in this run and whenever it is resumed.
    [[nodiscard]] virtual bool keeps_inputs(Config const& config) const {
        (void)config;
        return false;
    }

    /// Tables for people at the end of a run. An incomplete grid is named, never averaged silently.
    [[nodiscard]] virtual std::vector<TextTable> summary(Config const& config, Schema const& schema,
                                                         Records const& records) const = 0;
};

}  // namespace vaster::study
