#include "core/mpi/session.hpp"

#include <string>
#include <vector>

#include <boost/serialization/string.hpp>
#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"

using namespace vaster;

namespace {

struct Note {
    int number = 0;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& number& text;
    }
};

/// MPI runs already (see catch_mpi_main.cpp): the session joins in.
mpi::Session& session() {
    static int argc = 0;
    static char** argv = nullptr;
    static mpi::Session one(argc, argv);
    return one;
}

mpi::Channel<Note>::Received await(mpi::Channel<Note>& channel) {
    mpi::Backoff backoff;
    double const deadline = monotonic_seconds() + 60;
    while (monotonic_seconds() < deadline) {
        if (auto received = channel.try_receive()) return *received;
        backoff.wait();
    }
    throw std::runtime_error("no message came");
}

}  // namespace

TEST_CASE("all ranks get what rank 0 read, and only rank 0 reads", "[mpi][agree]") {
    int reads = 0;
    auto const text = session().agree([&] {
        ++reads;
        std::string read(100000, 'x');
        read.append("end");
        return read;
    });
    CHECK(text.size() == 100003);
    CHECK(text.ends_with("end"));
    CHECK(reads == (session().rank() == 0 ? 1 : 0));
}

TEST_CASE("what rank 0 cannot read is the same refusal on all ranks, with its exit code", "[mpi][agree]") {
    for (int round = 0; round < 3; ++round) {
        try {
            (void)session().agree([]() -> std::string { throw DataError("row 7 has 3 cells"); });
            FAIL("no refusal");
        } catch (Refusal const& refusal) {
            CHECK(refusal.what() == std::string("row 7 has 3 cells"));
            CHECK(refusal.code() == ExitCode::data);
        }
    }
    CHECK(session().agree([] { return std::string("on we go"); }) == "on we go");
}

TEST_CASE("if one rank cannot act, none goes on", "[mpi][agree]") {
    int const last = session().size() - 1;
    auto const act = [&]() -> std::string {
        if (session().rank() == last) throw IoError(fmt::format("rank {} has no disk", last));
        return "fine";
    };
    try {
        session().together(act);
        FAIL("no refusal");
    } catch (Refusal const& refusal) {
        CHECK(refusal.what() == fmt::format("rank {} has no disk", last));
        CHECK(refusal.code() == ExitCode::io);
    }
    auto const said = session().together([] { return fmt::format("rank {}", session().rank()); });
    REQUIRE(said.size() == (session().rank() == 0 ? static_cast<std::size_t>(session().size()) : 0));
    for (std::size_t rank = 0; rank < said.size(); ++rank) CHECK(said[rank] == fmt::format("rank {}", rank));
}

TEST_CASE("one rank of a host acts for all of it", "[mpi][host]") {
    auto const& host = session().host();
    REQUIRE(host.size() == static_cast<std::size_t>(session().size()));  // the tests run on one host
    int n_acted = 0;
    auto const text = session().once_per_host([&] {
        ++n_acted;
        return fmt::format("rank {} did it", session().rank());
    });
    CHECK(text == "rank 0 did it");
    CHECK(n_acted == (session().rank() == 0 ? 1 : 0));
    try {
        (void)session().once_per_host([]() -> std::string { throw DataError("row 7 has 3 cells"); });
        FAIL("no refusal");
    } catch (Refusal const& refusal) {
        CHECK(refusal.what() == std::string("row 7 has 3 cells"));
        CHECK(refusal.code() == ExitCode::data);
    }
}

TEST_CASE("one rank of a host can act while all ranks do something together", "[mpi][host]") {
    for (int round = 0; round < 3; ++round) {
        auto const said = session().together(
            [&] { return session().once_per_host([&] { return std::to_string(round); }); });
        for (auto const& text : said) CHECK(text == std::to_string(round));
        CHECK(session().agree([] { return std::string("on"); }) == "on");
    }
}

TEST_CASE("messages arrive whole and in order, short ones do not overtake long ones", "[mpi][channel]") {
    mpi::Channel<Note> channel(session(), mpi::Topic::reports);
    constexpr int n = 40;
    int const next = (session().rank() + 1) % session().size();
    int const previous = (session().rank() + session().size() - 1) % session().size();
    // Everybody sends before anybody receives: blocking sends of the long ones would deadlock.
    for (int i = 0; i < n; ++i)
        channel.send(next, {i, std::string(i % 4 == 0 ? 300000 : 10, static_cast<char>('a' + i % 26))});
    for (int i = 0; i < n; ++i) {
        auto const received = await(channel);
        REQUIRE(received.from == previous);
        REQUIRE(received.message.number == i);
        REQUIRE(received.message.text ==
                std::string(i % 4 == 0 ? 300000 : 10, static_cast<char>('a' + i % 26)));
    }
    CHECK_FALSE(channel.try_receive());
    CHECK(session().flush(30));
}

TEST_CASE("topics do not mix", "[mpi][channel]") {
    mpi::Channel<Note> orders(session(), mpi::Topic::orders);
    mpi::Channel<Note> reports(session(), mpi::Topic::reports);
    int const self = session().rank();
    orders.send(self, {1, "order"});
    reports.send(self, {2, "report"});
    CHECK(await(reports).message.text == "report");
    CHECK(await(orders).message.text == "order");
}

TEST_CASE("the pause grows from 20 us to 2 ms and starts again when something was there", "[mpi][backoff]") {
    mpi::Backoff backoff;
    CHECK(backoff.next() == Approx(20e-6));
    CHECK(backoff.next() == Approx(40e-6));
    for (int i = 0; i < 20; ++i) (void)backoff.next();
    CHECK(backoff.next() == Approx(2e-3));
    backoff.reset();
    CHECK(backoff.next() == Approx(20e-6));
}
