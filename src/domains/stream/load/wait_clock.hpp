#pragma once

namespace vaster::stream {

/// What a worker tells the time by. Tests have one of their own.
class LoadClock {
  public:
    LoadClock() = default;
    virtual ~LoadClock() = default;
    LoadClock(LoadClock const&) = delete;
    LoadClock& operator=(LoadClock const&) = delete;

    /// Seconds since the moment at which the schedule begins.
    [[nodiscard]] virtual double now() = 0;

    /// Returns at that moment, or somewhat later.
    virtual void wait_until(double seconds) = 0;
};

/// The clock of the machine. It sleeps until 50 us before the moment, and spins for the rest: a sleeper is
/// woken up some microseconds late.
class MachineClock final : public LoadClock {
  public:
    /// Made by the thread that waits by it.
    /// @param start  when the schedule begins, by monotonic_seconds()
    explicit MachineClock(double start);

    [[nodiscard]] double now() override;
    void wait_until(double seconds) override;

  private:
    double start_;
};

}  // namespace vaster::stream
