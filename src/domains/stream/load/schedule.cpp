#include "domains/stream/load/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace vaster::stream {
namespace {

/// A moment that rounding alone puts before the end is at the end.
double just_before(double end) {
    constexpr double rounding = 1e-9;
    return end * (1 - rounding);
}

}  // namespace

ArrivalSchedule ArrivalSchedule::constant(double rate, double seconds) {
    if (!(rate > 0)) throw std::logic_error("a rate that is not positive");
    ArrivalSchedule schedule;
    schedule.rate_ = rate;
    schedule.size_ = static_cast<std::uint64_t>(std::ceil(rate * seconds));
    while (schedule.size_ > 0 && schedule.at(schedule.size_ - 1) >= just_before(seconds)) --schedule.size_;
    return schedule;
}

ArrivalSchedule ArrivalSchedule::poisson(double rate, double seconds, Random random) {
    if (!(rate > 0)) throw std::logic_error("a rate that is not positive");
    ArrivalSchedule schedule;
    schedule.times_.reserve(static_cast<std::size_t>(rate * seconds));
    // 1 - u is never 0.
    for (double at = 0; (at -= std::log(1 - random.uniform()) / rate) < just_before(seconds);)
        schedule.times_.push_back(at);
    schedule.size_ = schedule.times_.size();
    return schedule;
}

ArrivalSchedule ArrivalSchedule::repeated(std::vector<double> times, double period, double seconds) {
    ArrivalSchedule schedule;
    for (std::size_t i = 1; i < times.size(); ++i) times[i] = std::max(times[i], times[i - 1]);
    for (double passed = 0; !times.empty() && passed + times.front() < seconds; passed += period) {
        for (auto const at : times)
            if (passed + at < just_before(seconds)) schedule.times_.push_back(passed + at);
        if (!(period > 0)) break;
    }
    schedule.size_ = schedule.times_.size();
    return schedule;
}

std::uint64_t ArrivalSchedule::arrived_by(double seconds) const {
    if (seconds < 0) return 0;
    if (!times_.empty())
        return static_cast<std::uint64_t>(std::upper_bound(times_.begin(), times_.end(), seconds) -
                                          times_.begin());
    auto n = std::min(size_, static_cast<std::uint64_t>(seconds * rate_) + 1);
    while (n > 0 && at(n - 1) > seconds) --n;
    while (n < size_ && at(n) <= seconds) ++n;
    return n;
}

}  // namespace vaster::stream
