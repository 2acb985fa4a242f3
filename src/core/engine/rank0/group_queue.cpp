#include "core/engine/rank0/group_queue.hpp"

#include <algorithm>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {

void GroupQueue::add(Group group) {
    waiting_.push_back({group.expected_seconds, group.number, static_cast<std::uint32_t>(waiting_.size())});
    ++size_;
}

void GroupQueue::arrange() {
    std::size_t place = 0;
    std::erase_if(waiting_, [&](Waiting const& one) { return one.next != place++; });
    std::sort(waiting_.begin(), waiting_.end(), [](Waiting const& a, Waiting const& b) {
        return a.seconds != b.seconds ? a.seconds > b.seconds : a.number < b.number;
    });
    for (place = 0; place < waiting_.size(); ++place)
        waiting_[place].next = static_cast<std::uint32_t>(place);
}

std::optional<GroupQueue::Place> GroupQueue::longest(double most_seconds) {
    auto const first = std::lower_bound(waiting_.begin(), waiting_.end(), most_seconds,
                                        [](Waiting const& one, double most) { return one.seconds > most; });
    return from(static_cast<Place>(first - waiting_.begin()));
}

std::optional<GroupQueue::Place> GroupQueue::from(Place place) {
    if (place >= waiting_.size()) return std::nullopt;
    Place found = place;
    while (waiting_[found].next != found) found = waiting_[found].next;
    while (waiting_[place].next != found) {  // so that the next search is short
        Place const next = waiting_[place].next;
        waiting_[place].next = static_cast<std::uint32_t>(found);
        place = next;
    }
    return found;
}

void GroupQueue::take(Place place) {
    VASTER_EXPECTS(waiting_[place].next == place);
    waiting_[place].next = static_cast<std::uint32_t>(place + 1);
    --size_;
    while (!waiting_.empty() && waiting_.back().next != waiting_.size() - 1) waiting_.pop_back();
}

}  // namespace vaster::engine
