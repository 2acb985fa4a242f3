#include "domains/stream/study/load_run.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sched.h>

#include "base/support/clock.hpp"
#include "domains/stream/study/load_options.hpp"
#include "vaster/support/random.hpp"

namespace vaster::stream {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Does the work for each number below n, all at once. @throws what the first of them has thrown
void at_once(std::size_t n, std::function<void(std::size_t)> const& work) {
    if (n == 1) {
        work(0);
        return;
    }
    std::vector<std::exception_ptr> problems(n);
    std::vector<std::thread> threads;
    threads.reserve(n);
    for (std::size_t i = 0; i < n; ++i)
        threads.emplace_back([&work, &problem = problems[i], i] {
            try {
                work(i);
            } catch (...) {
                problem = std::current_exception();
            }
        });
    for (auto& thread : threads) thread.join();
    for (auto const& problem : problems)
        if (problem) std::rethrow_exception(problem);
}

std::int64_t n_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

double larger(double a, double b) {
    return std::isnan(a) || b > a ? b : a;
}

/// Of all workers together.
LoadCounts sum_of(std::vector<LoadCounts> const& all) {
    if (all.size() == 1) return all.front();
    LoadCounts sum = all.front();
    auto& out = sum.outcomes;
    ContentHash hash;
    hash.add(out.output_hash);
    double most = out.largest_key_share * static_cast<double>(out.good);
    for (std::size_t i = 1; i < all.size(); ++i) {
        auto const& own = all[i].outcomes;
        for (auto const member :
             {&Outcomes::records_in, &Outcomes::good,     &Outcomes::broken,       &Outcomes::inputs,
              &Outcomes::gave,       &Outcomes::none,     &Outcomes::filtered,     &Outcomes::missing,
              &Outcomes::bad,        &Outcomes::absent,   &Outcomes::unmatched,    &Outcomes::unfilled,
              &Outcomes::pending,    &Outcomes::errors,   &Outcomes::out_of_order, &Outcomes::records_out,
              &Outcomes::keys,       &Outcomes::bytes_in, &Outcomes::bytes_out,    &Outcomes::state_bytes})
            out.*member += own.*member;
        most = larger(most, own.largest_key_share * static_cast<double>(own.good));
        hash.add(own.output_hash);
        if (out.first_error.empty()) out.first_error = own.first_error;
        sum.faults.insert(sum.faults.end(), all[i].faults.begin(), all[i].faults.end());
        for (std::size_t edge = 0; edge < sum.edges.size(); ++edge) {
            sum.edges[edge].in += all[i].edges[edge].in;
            sum.edges[edge].out += all[i].edges[edge].out;
            sum.edges[edge].none += all[i].edges[edge].none;
            sum.edges[edge].error += all[i].edges[edge].error;
        }
    }
    std::stable_sort(sum.faults.begin(), sum.faults.end(),
                     [](auto const& a, auto const& b) { return a.record < b.record; });
    sum.faults.resize(std::min(sum.faults.size(), FaultLog::n_kept));
    out.output_hash = hash.text();
    out.selectivity =
        out.inputs > 0 ? static_cast<double>(out.records_out) / static_cast<double>(out.inputs) : nan;
    out.largest_key_share = out.good > 0 ? most / static_cast<double>(out.good) : nan;
    return sum;
}

/// Workers that take the parts of a stream at once.
class Workers {
  public:
    Workers(Options const& options, Source const& source, LoadQuestion const& question, std::uint64_t first,
            std::uint64_t n)
        : options_(options), folder_(question.folder) {
        parts_.reserve(n);
        for (std::uint64_t i = 0; i < n; ++i)
            parts_.push_back(
                std::make_unique<LoadPart>(options, source, question.job, first + i, question.parts));
    }

    [[nodiscard]] LoadPart const& part(std::size_t i) const { return *parts_[i]; }

    [[nodiscard]] std::size_t size() const { return parts_.size(); }

    [[nodiscard]] std::uint64_t n_records() const {
        return std::accumulate(parts_.begin(), parts_.end(), std::uint64_t{0},
                               [](std::uint64_t sum, auto const& part) { return sum + part->size(); });
    }

    /// Of the records, that the part with most of them has. NaN: there are none.
    [[nodiscard]] double largest_part_share() const {
        std::uint64_t largest = 0;
        for (auto const& part : parts_) largest = std::max<std::uint64_t>(largest, part->size());
        return n_records() > 0 ? static_cast<double>(largest) / static_cast<double>(n_records()) : nan;
    }

    /// Fresh ones, each at the beginning of its part.
    void begin() {
        workers_.clear();
        for (auto const& part : parts_) workers_.push_back(std::make_unique<LoadWorker>(*part, folder_));
    }

    /// Each record once.
    void take_all() {
        for (std::size_t i = 0; i < size(); ++i)
            for (std::uint64_t record = 0; record < parts_[i]->size(); ++record) workers_[i]->take(record);
    }

    [[nodiscard]] LoadCounts finish() {
        std::vector<LoadCounts> counts;
        counts.reserve(workers_.size());
        for (auto& worker : workers_) counts.push_back(worker->finish());
        return sum_of(counts);
    }

    /// @param schedule_of  a worker's
    [[nodiscard]] LoadTrace offer(LoadWindow const& window,
                                  std::function<ArrivalSchedule(std::size_t)> const& schedule_of) {
        std::vector<ArrivalSchedule> schedules;
        schedules.reserve(size());
        for (std::size_t i = 0; i < size(); ++i)
            schedules.push_back(parts_[i]->size() > 0 ? schedule_of(i) : ArrivalSchedule());
        std::vector<LoadTrace> traces(size());
        double const start = beginning();
        LoadOptions const options{window, options_.load.batch};
        at_once(size(), [&](std::size_t i) {
            MachineClock clock(start);
            traces[i] = stream::offer(schedules[i], options, *workers_[i], clock);
        });
        for (std::size_t i = 1; i < size(); ++i) traces.front().merge(traces[i]);
        return std::move(traces.front());
    }

    /// Of all together, without a wait [1/s].
    [[nodiscard]] double closed_rate(LoadWindow const& window) {
        std::vector<double> rates(size(), 0);
        double const start = beginning();
        LoadOptions const options{window, options_.load.batch};
        at_once(size(), [&](std::size_t i) {
            if (parts_[i]->size() == 0) return;
            MachineClock clock(start);
            rates[i] = stream::closed_rate(options, *workers_[i], clock);
        });
        return std::accumulate(rates.begin(), rates.end(), 0.0);
    }

  private:
    /// When they all shall have started [s by monotonic_seconds()].
    static double beginning() {
        constexpr double until_threads_run = 0.02;
        return monotonic_seconds() + until_threads_run;
    }

    Options const& options_;
    std::filesystem::path const& folder_;
    std::vector<std::unique_ptr<LoadPart>> parts_;
    std::vector<std::unique_ptr<LoadWorker>> workers_;
};

/// Of some trials at one rate.
void measure(LoadMeasures& measures, LoadArrays& arrays, std::vector<LoadTrace const*> const& traces) {
    double jitter_sum = 0;
    std::size_t n_jitter = 0;
    measures.jitter_max = measures.backlog_end = measures.backlog_slope = nan;
    for (auto const* const trace : traces) {
        arrays.latency.merge(trace->latency);
        arrays.service.merge(trace->service);
        measures.achieved_rate += trace->achieved_rate() / static_cast<double>(traces.size());
        measures.busy_seconds += trace->busy_seconds;
        measures.backlog_end = larger(measures.backlog_end, trace->backlog_end());
        measures.backlog_slope = larger(measures.backlog_slope, backlog_slope(*trace));
        measures.drain_seconds = std::max(measures.drain_seconds, trace->drain_seconds);
        measures.left_out += static_cast<std::int64_t>(trace->left_out);
        measures.late_starts += static_cast<std::int64_t>(trace->late_starts);
        for (auto const jitter : trace->jitter()) {
            jitter_sum += std::abs(jitter);
            ++n_jitter;
            measures.jitter_max = larger(measures.jitter_max, std::abs(jitter));
        }
    }
    measures.jitter_mean = n_jitter > 0 ? jitter_sum / static_cast<double>(n_jitter) : nan;
    measures.latency_p50 = arrays.latency.percentile(0.5);
    measures.latency_p95 = arrays.latency.percentile(0.95);
    measures.latency_p99 = arrays.latency.percentile(0.99);
    measures.latency_p999 = arrays.latency.percentile(0.999);
    measures.latency_max = arrays.latency.percentile(1);
    measures.service_p50 = arrays.service.percentile(0.5);
    measures.service_p95 = arrays.service.percentile(0.95);
    measures.service_p99 = arrays.service.percentile(0.99);
    measures.service_max = arrays.service.percentile(1);
    measures.processors = n_processors();
}

ArrivalSchedule schedule_of(Options const& options, LoadPart const& part, LoadQuestion const& question) {
    auto const& load = options.load;
    double const end = load.rate_window.end();
    switch (load.arrivals) {
        case Arrivals::constant:
            return ArrivalSchedule::constant(question.rate, end);
        case Arrivals::poisson: {
            auto const identity = fmt::format("arrivals job={} rate={} part={} of {} repeat={}",
                                              options.jobs[question.job].kind->code, question.rate,
                                              question.part, question.parts, question.repeat);
            return ArrivalSchedule::poisson(question.rate, end,
                                            random_stream(options.seed, identity, Purpose::simulate));
        }
        case Arrivals::data:
            break;
    }
    auto times = part.times();
    for (auto& time : times) time /= load.time_scale;
    return ArrivalSchedule::repeated(std::move(times), part.period() / load.time_scale, end);
}

std::string reason_of(Peak const& peak) {
    if (peak.trials.empty()) return "there are no records";
    if (peak.rate == 0)
        return fmt::format("{}: even the lowest rate that was tried, a tenth of closed_rate",
                           name_of(peak.trials.back().verdict));
    if (std::isnan(peak.failed_rate)) return "sustained: no rate failed, up to 1.05 times closed_rate";
    return "";
}

}  // namespace

LoadAnswer run_rate(Options const& options, Source const& source, LoadQuestion const& question) {
    auto const& load = options.load;
    Workers workers(options, source, question, question.part, 1);
    workers.begin();
    auto const trace = workers.offer(
        load.rate_window, [&](std::size_t i) { return schedule_of(options, workers.part(i), question); });
    LoadAnswer answer;
    answer.counts = workers.finish();
    measure(answer.measures, answer.arrays, {&trace});
    double const rate = load.arrivals == Arrivals::constant
                            ? question.rate
                            : static_cast<double>(trace.offered) / load.rate_window.end();
    answer.arrays.trials = {trial_of(trace, rate, 0, load.sustained)};
    answer.arrays.samples = {trace.samples};
    auto const verdict = answer.arrays.trials.front().verdict;
    answer.measures.sustained = verdict == LoadVerdict::sustained ? 1 : 0;
    answer.measures.verdict = name_of(verdict);
    answer.measures.peak_rate = answer.measures.peak_failed_rate = answer.measures.closed_rate = nan;
    answer.measures.largest_part_share = workers.largest_part_share();
    return answer;
}

LoadAnswer run_peak(Options const& options, Source const& source, LoadQuestion const& question) {
    auto const& load = options.load;
    Workers workers(options, source, question, 0, question.parts);
    LoadAnswer answer;
    workers.begin();
    workers.take_all();
    answer.counts = workers.finish();
    Peak peak;
    peak.failed_rate = nan;
    std::vector<LoadTrace> traces;
    answer.measures.closed_rate = nan;
    if (workers.n_records() > 0) {
        workers.begin();
        answer.measures.closed_rate = workers.closed_rate(load.peak_window);
        peak = find_peak(answer.measures.closed_rate, load.peak, [&](double rate, std::uint32_t repeat) {
            workers.begin();
            auto const own_rate = rate / static_cast<double>(workers.size());
            traces.push_back(workers.offer(load.peak_window, [&](std::size_t) {
                return ArrivalSchedule::constant(own_rate, load.peak_window.end());
            }));
            return trial_of(traces.back(), rate, repeat, load.sustained);
        });
    }
    double const shown = peak.rate > 0 ? peak.rate : peak.failed_rate;
    std::vector<LoadTrace const*> at_peak;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        if (peak.trials[i].rate == shown) at_peak.push_back(&traces[i]);
        answer.arrays.samples.push_back(traces[i].samples);
    }
    answer.arrays.trials = peak.trials;
    measure(answer.measures, answer.arrays, at_peak);
    answer.measures.peak_rate = peak.rate;
    answer.measures.largest_part_share = workers.largest_part_share();
    answer.measures.peak_failed_rate = peak.failed_rate;
    answer.measures.sustained = peak.rate > 0 ? 1 : 0;
    answer.measures.verdict = reason_of(peak);
    return answer;
}

}  // namespace vaster::stream
