#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vaster/study/experiment.hpp"

namespace vaster::study {

/// State of a row of the study file; in files the number, in exports the word.
enum class Status : std::uint8_t { pending = 0, running = 1, done = 2, failed = 3, skipped = 4 };

[[nodiscard]] std::string to_text(Status status);

/// Who computed a row.
struct Origin {
    std::int64_t rank = 0;
    std::string host;
    std::int64_t attempt = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& rank& host& attempt;
    }
};

/// One attempt at one experiment, kept for `status` and for people who ask why.
struct Attempt {
    ExperimentIndex index = 0;
    std::int64_t attempt = 0;
    std::int64_t rank = 0;
    std::string host;
    double started = 0;  ///< wall seconds
    double seconds = 0;
    std::string outcome;  ///< "done" or to_text(Failure)
    std::string message;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& index& attempt& rank& host& started& seconds& outcome& message;
    }
};

/// Measured cost of a cost key: seconds measured per second expected.
struct MeasuredCost {
    std::string cost_key;
    double expected_seconds = 0;  ///< sum over finished tasks
    double measured_seconds = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& cost_key& expected_seconds& measured_seconds;
    }
};

/// Where results are committed. Every rank has one; the store implements it on the study file. When commit()
/// returns, the result survives the death of every process.
class Journal {
  public:
    Journal() = default;
    virtual ~Journal() = default;
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    /// Experiments that this process is to work on, as rank 0 planned them. A rank need not find them in the
    /// file, whose newest rows a network file system may show it late.
    virtual void learn(std::vector<Experiment> const& experiments) = 0;
    virtual void mark_running(std::vector<ExperimentIndex> const& indices) = 0;
    virtual void commit(Result const& result, Origin const& origin) = 0;

    /// Called now and then while nothing else is to be done: syncs to disk when it is time.
    virtual void idle() = 0;
};

/// What rank 0 alone writes down of a run: rows that get no result, the stages of a plan that grows, attempts
/// and costs.
class RankZeroJournal {
  public:
    RankZeroJournal() = default;
    virtual ~RankZeroJournal() = default;
    RankZeroJournal(RankZeroJournal const&) = delete;
    RankZeroJournal& operator=(RankZeroJournal const&) = delete;

    /// Gives up a row that no rank works on any more.
    virtual void fail(ExperimentIndex index, std::string const& error, Origin const& origin) = 0;
    /// Puts a row back that was marked as running.
    virtual void release(ExperimentIndex index) = 0;
    /// The next stage of a plan that grows. After a kill at any moment the plan has all of them or none.
    virtual void append_experiments(std::vector<Experiment> const& experiments) = 0;
    /// Those that went well may wait a moment for each other, which a kill may lose.
    virtual void log_attempt(Attempt const& attempt) = 0;
    virtual void log_cost(std::vector<MeasuredCost> const& costs) = 0;
};

}  // namespace vaster::study
