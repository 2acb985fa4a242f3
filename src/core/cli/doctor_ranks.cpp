// What goes from rank to rank: messages and clocks.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/cli/doctor_exams.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"
#include "vaster/support/random.hpp"

namespace vaster::cli::doctor {
namespace {

using report::Finding;
using report::Health;

/// A word between two ranks.
struct Word {
    int number = 0;
    double seconds = 0;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& number& seconds& text;
    }
};

using WordChannel = mpi::Channel<Word>;

std::optional<WordChannel::Received> await(WordChannel& channel, double deadline) {
    mpi::Backoff backoff;
    while (monotonic_seconds() < deadline) {
        if (auto received = channel.try_receive()) return received;
        backoff.wait();
    }
    return std::nullopt;
}

/// Bytes that only this pair of ranks exchanges.
std::string load_of(int from, int to) {
    constexpr std::size_t words = 2048;
    Random random((static_cast<std::uint64_t>(from) << 32U) + static_cast<std::uint64_t>(to));
    std::string load;
    for (std::size_t i = 0; i < words; ++i) load += fmt::format("{:016x}", random());
    return load;
}

/// "rank 2 on host b, 3 on host b"
std::string joined(mpi::Session const& session, std::set<int> const& ranks) {
    std::vector<std::string> places;
    places.reserve(ranks.size());
    for (int const rank : ranks) places.push_back(fmt::format("{} on host {}", rank, session.host_of(rank)));
    return fmt::format("rank {}", fmt::join(places, ", "));
}

constexpr auto network_advice =
    "the network between the hosts does not carry MPI; look at what mpirun prints, at firewalls, and at "
    "OMPI_MCA_btl_tcp_if_include";

/// Hears from all other ranks. @return those whose word was missing or wrong
std::set<int> hear_all(mpi::Session& session, std::vector<std::string>& hosts) {
    WordChannel channel(session, mpi::Topic::reports);
    std::set<int> missing;
    for (int other = 0; other < session.size(); ++other) {
        if (other == session.rank()) continue;
        missing.insert(other);
        channel.send(other, {session.rank(), 0, host_name() + "\n" + load_of(session.rank(), other)});
    }
    double const deadline = monotonic_seconds() + patience_seconds;
    while (!missing.empty()) {
        auto const received = await(channel, deadline);
        if (!received) return missing;
        auto const& text = received->message.text;
        auto const line = text.find('\n');
        if (line == std::string::npos || received->message.number != received->from ||
            text.substr(line + 1) != load_of(received->from, session.rank()))
            continue;
        hosts[static_cast<std::size_t>(received->from)] = text.substr(0, line);
        missing.erase(received->from);
    }
    return missing;
}

/// A token that counts the ranks it has passed. @return whether it came round
bool token_comes_round(mpi::Session& session) {
    if (session.size() == 1) return true;
    WordChannel channel(session, mpi::Topic::orders);
    int const next = (session.rank() + 1) % session.size();
    double const deadline = monotonic_seconds() + patience_seconds;
    if (session.rank() == 0) channel.send(next, {1, 0, {}});
    auto const received = await(channel, deadline);
    if (!received) return false;
    if (session.rank() == 0) return received->message.number == session.size();
    channel.send(next, {received->message.number + 1, 0, {}});
    return session.flush(patience_seconds);
}

/// How far a rank's clock is ahead, from the quickest of a few rounds.
struct Offset {
    double seconds = 0;
    double round_trip = 1e9;
};

std::optional<Offset> measure(WordChannel& channel, int other) {
    constexpr int rounds = 5;
    Offset best;
    for (int round = 0; round < rounds; ++round) {
        double const sent = wall_seconds();
        channel.send(other, {1, 0, {}});
        auto const answer = await(channel, monotonic_seconds() + patience_seconds);
        if (!answer) return std::nullopt;
        double const back = wall_seconds();
        if (back - sent < best.round_trip) best = {answer->message.seconds - (sent + back) / 2, back - sent};
    }
    channel.send(other, {0, 0, {}});
    return best;
}

/// "b +3.2 s, c -5.1 s", of many the first.
std::string said(std::map<std::string, double> const& offsets) {
    constexpr std::size_t most = 8;
    std::vector<std::string> words;
    for (auto const& [host, seconds] : offsets)
        if (words.size() < most) words.emplace_back(fmt::format("{} {:+.1f} s", host, seconds));
    return fmt::format(
        "{}{}", fmt::join(words, ", "),
        offsets.size() > most ? fmt::format(" and {} more", offsets.size() - most) : std::string());
}

/// Tells rank 0 the time until it has asked enough.
void tell_the_time(mpi::Session& session) {
    WordChannel channel(session, mpi::Topic::orders);
    // Rank 0 asks one rank after the other.
    double const deadline = monotonic_seconds() + patience_seconds * session.size();
    for (;;) {
        auto const asked = await(channel, deadline);
        if (!asked || asked->message.number == 0) return;
        channel.send(0, {1, wall_seconds(), {}});
    }
}

}  // namespace

Finding examine_messages(mpi::Session& session, std::vector<std::string>& hosts) {
    hosts.assign(static_cast<std::size_t>(session.size()), "");
    hosts[static_cast<std::size_t>(session.rank())] = host_name();
    auto const silent = hear_all(session, hosts);
    if (!silent.empty())
        return {
            "MPI", Health::fail,
            fmt::format("no sound message from {} within {:g} s", joined(session, silent), patience_seconds),
            network_advice};
    if (!token_comes_round(session))
        return {"MPI", Health::fail,
                fmt::format("a token did not come round within {:g} s", patience_seconds), network_advice};
    std::set<std::string> const names(hosts.begin(), hosts.end());
    return {
        "MPI", Health::ok,
        fmt::format("{}: {} rank{} on {} host{}, all heard from all", mpi::Session::library(), session.size(),
                    session.size() > 1 ? "s" : "", names.size(), names.size() > 1 ? "s" : ""),
        ""};
}

Finding examine_clocks(mpi::Session& session, std::vector<std::string> const& hosts) {
    constexpr double tolerable_seconds = 1;
    if (session.rank() != 0) {
        tell_the_time(session);
        return {"clocks", Health::ok, "", ""};
    }
    WordChannel channel(session, mpi::Topic::orders);
    double worst = 0;
    std::map<std::string, double> wrong;  // by host
    for (int other = 1; other < session.size(); ++other) {
        auto const offset = measure(channel, other);
        if (!offset)
            return {"clocks", Health::fail,
                    fmt::format("rank {} on host {} does not tell its time", other, session.host_of(other)),
                    network_advice};
        worst = std::max(worst, std::abs(offset->seconds));
        if (std::abs(offset->seconds) > tolerable_seconds)
            wrong[hosts[static_cast<std::size_t>(other)]] = offset->seconds;
    }
    if (!wrong.empty())
        return {
            "clocks", Health::warn,
            fmt::format("those of some hosts differ from that of host {}: {}", hosts.front(), said(wrong)),
            "times in logs and attempts will not fit together; run a time service on all hosts"};
    return {"clocks", Health::ok, fmt::format("they differ by {:.3f} s at most", worst), ""};
}

}  // namespace vaster::cli::doctor
