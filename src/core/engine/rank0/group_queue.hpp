#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vaster::engine {

/// Fit groups that nobody has begun, by number: longest first, then the lowest number. 16 bytes each, and any
/// of them may be taken out.
class GroupQueue {
  public:
    using Number = std::uint32_t;
    using Place = std::size_t;  ///< good until arrange()

    struct Group {
        double expected_seconds = 0;
        Number number = 0;
    };

    /// Then arrange(), before anything else.
    void add(Group group);
    void arrange();

    /// The longest that is expected to take no more than this.
    [[nodiscard]] std::optional<Place> longest(double most_seconds);

    /// The next one after it, or the first at or after a place from which some may have been taken.
    [[nodiscard]] std::optional<Place> from(Place place);

    [[nodiscard]] Group at(Place place) const { return {waiting_[place].seconds, waiting_[place].number}; }

    void take(Place place);

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Of the shortest. Not of an empty queue.
    [[nodiscard]] double shortest_seconds() const { return waiting_.back().seconds; }

  private:
    struct Waiting {
        double seconds;
        Number number;
        std::uint32_t
            next;  ///< its own place; of one that was taken: a later one, towards the next that waits
    };

    std::vector<Waiting> waiting_;  ///< the last one has not been taken
    std::size_t size_ = 0;
};

}  // namespace vaster::engine
