#include "domains/stream/load/open_loop.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace vaster::stream {
namespace {

constexpr double late = 50e-6;  ///< [s]

class OpenLoop {
  public:
    OpenLoop(ArrivalSchedule const& schedule, LoadOptions const& options, LoadTarget& target,
             LoadClock& clock)
        : schedule_(schedule),
          options_(options),
          target_(target),
          clock_(clock),
          n_samples_(n_samples_of(options.window)) {
        trace_.window = options.window;
        trace_.offered = schedule.size();
        trace_.samples.reserve(n_samples_);
    }

    LoadTrace run() {
        double now = clock_.now();
        while (done_ < schedule_.size()) {
            now = arrival(now);
            sample_until(now);
            now = take_batch(now);
        }
        trace_.drain_seconds = std::max(0.0, now - options_.window.end());
        sample_until(std::max(now, options_.window.end() + sample_seconds));
        return std::move(trace_);
    }

  private:
    /// Waits for the next record, if it is not there. @returns the time
    double arrival(double now) {
        double const due = schedule_.at(done_);
        if (now >= due) return now;
        clock_.wait_until(due);
        now = std::max(due, clock_.now());
        if (now - due > late) ++trace_.late_starts;
        return now;
    }

    /// @returns when it has ended
    double take_batch(double start) {
        auto const first = done_;
        auto const most = std::min(schedule_.size(), first + options_.batch);
        auto end = first;
        while (end < most && schedule_.at(end) <= start) target_.take(end++);
        double const now = clock_.now();
        trace_.busy_seconds += now - start;
        sample_until(now);
        for (auto record = first; record < end; ++record) count(schedule_.at(record), start, now);
        done_ = end;
        return now;
    }

    void count(double arrival, double start, double end) {
        if (arrival < options_.window.warm_up) {
            ++trace_.left_out;
            return;
        }
        trace_.latency.add(end - arrival);
        trace_.service.add(end - start);
    }

    /// Samples of all moments before that one.
    void sample_until(double moment) {
        while (trace_.samples.size() < n_samples_ && next_sample_ < moment) {
            trace_.samples.push_back({schedule_.arrived_by(next_sample_), done_, rows_});
            next_sample_ = sample_seconds * static_cast<double>(trace_.samples.size() + 1);
        }
        rows_ = target_.rows();
    }

    ArrivalSchedule const& schedule_;
    LoadOptions const& options_;
    LoadTarget& target_;
    LoadClock& clock_;
    std::uint64_t n_samples_;
    LoadTrace trace_;
    std::uint64_t done_ = 0;
    std::uint64_t rows_ = 0;  ///< after the records that are done
    double next_sample_ = sample_seconds;
};

}  // namespace

std::uint64_t n_samples_of(LoadWindow const& window) {
    constexpr double rounding = 1e-6;
    return static_cast<std::uint64_t>(std::floor(window.end() / sample_seconds + rounding));
}

void LoadTrace::merge(LoadTrace const& other) {
    if (samples.size() != other.samples.size()) throw std::logic_error("traces of different windows");
    workers += other.workers;
    offered += other.offered;
    left_out += other.left_out;
    late_starts += other.late_starts;
    latency.merge(other.latency);
    service.merge(other.service);
    busy_seconds += other.busy_seconds;
    drain_seconds = std::max(drain_seconds, other.drain_seconds);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i].arrived += other.samples[i].arrived;
        samples[i].done += other.samples[i].done;
        samples[i].rows += other.samples[i].rows;
    }
}

double LoadTrace::backlog_end() const {
    return samples.empty() ? 0 : samples.back().backlog();
}

LoadSample LoadTrace::at_warm_up() const {
    auto const n = std::min<std::uint64_t>(n_samples_of({window.warm_up, 0}), samples.size());
    return n == 0 ? LoadSample() : samples[n - 1];
}

double LoadTrace::achieved_rate() const {
    if (samples.empty()) return 0;
    auto const n_warm = n_samples_of({window.warm_up, 0});
    auto const done = static_cast<double>(samples.back().done - at_warm_up().done);
    return done / (sample_seconds * static_cast<double>(samples.size() - n_warm));
}

std::vector<double> LoadTrace::jitter() const {
    std::vector<double> jitter;
    if (samples.empty()) return jitter;
    LoadSample before = at_warm_up();
    auto const records = static_cast<double>(samples.back().done - before.done);
    auto const rows = static_cast<double>(samples.back().rows - before.rows);
    if (records == 0 || rows == 0) return jitter;
    constexpr std::size_t a_second = 10;
    auto const n_warm = n_samples_of({window.warm_up, 0});
    for (std::size_t i = n_warm + a_second; i <= samples.size(); i += a_second) {
        auto const& sample = samples[i - 1];
        double const wanted = rows / records * static_cast<double>(sample.arrived - before.arrived);
        if (wanted > 0) jitter.push_back((static_cast<double>(sample.rows - before.rows) - wanted) / wanted);
        before = sample;
    }
    return jitter;
}

LoadTrace offer(ArrivalSchedule const& schedule, LoadOptions const& options, LoadTarget& target,
                LoadClock& clock) {
    return OpenLoop(schedule, options, target, clock).run();
}

double closed_rate(LoadOptions const& options, LoadTarget& target, LoadClock& clock) {
    std::uint64_t record = 0;
    auto const take_until = [&](double moment) {
        double now = clock.now();
        while (now < moment) {
            for (std::uint64_t i = 0; i < options.batch; ++i) target.take(record++);
            now = clock.now();
        }
        return now;
    };
    double const start = take_until(options.window.warm_up);
    auto const before = record;
    double const end = take_until(start + options.window.seconds);
    return static_cast<double>(record - before) / (end - start);
}

}  // namespace vaster::stream
