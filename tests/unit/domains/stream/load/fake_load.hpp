#pragma once

#include <algorithm>
#include <map>

#include "domains/stream/load/open_loop.hpp"

namespace vaster::stream {

/// A clock that goes on only when somebody waits or works.
class FakeClock final : public LoadClock {
  public:
    [[nodiscard]] double now() override { return now_; }

    void wait_until(double seconds) override { now_ = std::max(now_, seconds + oversleep); }

    void work(double seconds) { now_ += seconds; }

    double oversleep = 0;  ///< [s]

  private:
    double now_ = 0;
};

/// A server that takes the same time for each record, but for some.
class FakeServer final : public LoadTarget {
  public:
    FakeServer(FakeClock& clock, double seconds) : clock_(clock), seconds_(seconds) {}

    void take(std::uint64_t record) override {
        auto const stall = stalls.find(record);
        clock_.work(seconds_ + (stall == stalls.end() ? 0 : stall->second));
        ++taken;
    }

    [[nodiscard]] std::uint64_t rows() const override { return taken * rows_a_record; }

    std::map<std::uint64_t, double> stalls;  ///< what records take beside that [s]
    std::uint64_t rows_a_record = 1;
    std::uint64_t taken = 0;

  private:
    FakeClock& clock_;
    double seconds_;
};

}  // namespace vaster::stream
