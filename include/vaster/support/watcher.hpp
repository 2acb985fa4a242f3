#pragma once  // Stable.

#include <cstddef>

namespace vaster {

/// Watches long computations and may ask them to stop. The base class does nothing.
class Watcher {
  public:
    Watcher() = default;
    virtual ~Watcher() = default;
    Watcher(Watcher const&) = delete;
    Watcher& operator=(Watcher const&) = delete;

    /// @param fraction  share of the work that is done, in [0, 1]
    virtual void on_progress(double fraction) { (void)fraction; }

    /// Asked at least every 0.1 s of work; true means: give up now by throwing Cancelled.
    virtual bool stop_requested() { return false; }

    /// The computation may use so many threads, the calling one among them. What it yields must not depend on
    /// that. The watcher is for the calling thread alone.
    [[nodiscard]] virtual std::size_t threads() const { return 1; }
};

/// Thrown by a computation whose watcher asked it to stop.
struct Cancelled {};

}  // namespace vaster
