#include "core/engine/rank0/ranks.hpp"

#include <algorithm>
#include <utility>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {
namespace {

bool takes_part(Peer const& peer) {
    return peer.state != PeerState::retired && peer.state != PeerState::lost;
}

}  // namespace

Ranks::Ranks(int size) : peers_(static_cast<std::size_t>(size)) {
    counts_[static_cast<std::size_t>(PeerState::unready)] = peers_.size();
}

bool Ranks::takes_part(int rank) const {
    return engine::takes_part((*this)[rank]);
}

std::size_t Ranks::n_taking_part() const noexcept {
    return peers_.size() - count(PeerState::retired) - count(PeerState::lost);
}

std::size_t Ranks::n_busy() const noexcept {
    return count(PeerState::begun) + count(PeerState::working);
}

std::size_t Ranks::n_running() const noexcept {
    std::size_t n = 0;
    for (auto const& peer : peers_) n += peer.task ? peer.task->open.size() : 0;
    return n;
}

template <class Holds>
std::vector<int> Ranks::those(Holds const& holds) const {
    std::vector<int> ranks;
    for (std::size_t rank = 0; rank < peers_.size(); ++rank)
        if (holds(static_cast<int>(rank), peers_[rank])) ranks.push_back(static_cast<int>(rank));
    return ranks;
}

std::vector<int> Ranks::in(PeerState state) const {
    if (count(state) == 0) return {};
    return those([&](int, Peer const& peer) { return peer.state == state; });
}

std::vector<int> Ranks::others() const {
    return those([](int rank, Peer const& peer) { return rank != 0 && engine::takes_part(peer); });
}

std::vector<int> Ranks::silent(double now, double limit) const {
    return those([&](int rank, Peer const& peer) {
        return rank != 0 && engine::takes_part(peer) && now - peer.heard > limit;
    });
}

void Ranks::set_state(int rank, PeerState state) {
    --counts_[static_cast<std::size_t>(std::exchange(peer(rank).state, state))];
    ++counts_[static_cast<std::size_t>(state)];
}

void Ranks::ready(int rank) {
    if (takes_part(rank) && !peer(rank).task) set_state(rank, PeerState::idle);
}

void Ranks::begin(int rank, Assignment task) {
    VASTER_EXPECTS(takes_part(rank) && !peer(rank).task);
    peer(rank).task = std::move(task);
    set_state(rank, PeerState::begun);
}

void Ranks::set_prefetched(int rank, std::optional<HandedOut> next) {
    VASTER_EXPECTS(peer(rank).task && !peer(rank).prefetched);
    peer(rank).prefetched = std::move(next);
    set_state(rank, PeerState::working);
}

Assignment* Ranks::task_of(int rank) {
    auto& task = peer(rank).task;
    return task ? &*task : nullptr;
}

Assignment Ranks::end_task(int rank, double now) {
    VASTER_EXPECTS(peer(rank).task.has_value());
    Assignment ended = *std::exchange(peer(rank).task, std::nullopt);
    ++peer(rank).ended;
    auto next = take_prefetched(rank);
    if (next) {
        next->assignment.since = now;
        peer(rank).task = std::move(next->assignment);
    }
    set_state(rank, next ? PeerState::begun : PeerState::unready);
    return ended;
}

std::optional<HandedOut> Ranks::take_prefetched(int rank) {
    return std::exchange(peer(rank).prefetched, std::nullopt);
}

void Ranks::leave(int rank, PeerState how) {
    VASTER_EXPECTS(!peer(rank).task && (how == PeerState::retired || how == PeerState::lost));
    set_state(rank, how);
}

bool Ranks::on_failure(int rank, study::ExperimentIndex index) {
    auto& failed = failures_[peer(rank).host];
    bool const was_trusted = failed.size() < most_failures;
    failed.insert(index);
    return was_trusted && failed.size() >= most_failures;
}

bool Ranks::untrusted(std::string const& host) const {
    auto const found = failures_.find(host);
    return found != failures_.end() && found->second.size() >= most_failures;
}

bool Ranks::trusted(int rank) const {
    if (!untrusted((*this)[rank].host)) return true;
    return std::all_of(peers_.begin(), peers_.end(),
                       [&](Peer const& peer) { return !engine::takes_part(peer) || untrusted(peer.host); });
}

}  // namespace vaster::engine
