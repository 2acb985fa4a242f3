#pragma once

#include <cstdint>
#include <vector>

#include "domains/stream/load/histogram.hpp"
#include "domains/stream/load/schedule.hpp"
#include "domains/stream/load/wait_clock.hpp"

namespace vaster::stream {

/// What takes the records.
class LoadTarget {
  public:
    LoadTarget() = default;
    virtual ~LoadTarget() = default;
    LoadTarget(LoadTarget const&) = delete;
    LoadTarget& operator=(LoadTarget const&) = delete;

    /// Takes the next record. @param record  its number in the schedule; they come in order
    virtual void take(std::uint64_t record) = 0;

    /// Rows yielded so far.
    [[nodiscard]] virtual std::uint64_t rows() const = 0;
};

/// Records that arrive in the warm-up are taken, counted and left out of everything else; after it comes the
/// time that is measured. [s]
struct LoadWindow {
    double warm_up = 0;
    double seconds = 0;

    [[nodiscard]] double end() const { return warm_up + seconds; }
};

inline constexpr double sample_seconds = 0.1;

/// How many samples a window has, its end being the last.
[[nodiscard]] std::uint64_t n_samples_of(LoadWindow const& window);

/// How far it had come at a moment, counted from the start. Sample k is of the moment (k + 1) x 100 ms.
struct LoadSample {
    std::uint64_t arrived = 0;
    std::uint64_t done = 0;
    std::uint64_t rows = 0;

    [[nodiscard]] double backlog() const { return static_cast<double>(arrived) - static_cast<double>(done); }
};

/// What a load came to. That of several workers, which begin at the same moment, is the sum of theirs.
struct LoadTrace {
    LoadWindow window;
    std::uint64_t workers = 1;
    std::uint64_t offered = 0;      ///< records
    std::uint64_t left_out = 0;     ///< of these in the warm-up
    std::uint64_t late_starts = 0;  ///< waits that ended more than 50 us after the arrival
    Histogram latency;              ///< end - arrival of all that arrived after the warm-up
    Histogram service;              ///< end - start of the same
    double busy_seconds = 0;        ///< in which records were taken, from the first to the last one
    double drain_seconds = 0;       ///< after the window's end, until all were done
    std::vector<LoadSample> samples;

    /// Adds what another worker has measured in the same window.
    void merge(LoadTrace const& other);

    /// Records that had arrived at the end of the window, and were not done.
    [[nodiscard]] double backlog_end() const;

    /// Records a second done in the time that is measured, whenever they came.
    [[nodiscard]] double achieved_rate() const;

    /// (rows - sigma in) / (sigma in) of each whole second that is measured, with sigma = rows for each
    /// record of all of them and in = arrivals of the second. Without seconds in which nothing was to come
    /// out. After RIoTBench (arXiv:1701.08530).
    [[nodiscard]] std::vector<double> jitter() const;

    /// The last sample of the warm-up; zeros when there is none.
    [[nodiscard]] LoadSample at_warm_up() const;
};

struct LoadOptions {
    LoadWindow window;
    std::uint64_t batch = 16;  ///< most records between two looks at the clock
};

/// Takes each record when it has arrived, whatever became of those before: who is behind works without a
/// pause, and the wait counts. Records that have arrived are taken in batches; they end when their batch
/// does. latency = end - arrival, which is never negative; service = end - start of the batch.
[[nodiscard]] LoadTrace offer(ArrivalSchedule const& schedule, LoadOptions const& options, LoadTarget& target,
                              LoadClock& clock);

/// Takes records as fast as it can, in batches, until the window ends.
/// @returns records a second in the time that is measured
[[nodiscard]] double closed_rate(LoadOptions const& options, LoadTarget& target, LoadClock& clock);

}  // namespace vaster::stream
