#include "base/support/streams.hpp"

#include <array>
#include <cerrno>
#include <functional>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "vaster/support/descriptor.hpp"

using namespace vaster;

namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read.reset(ends[0]);
        write.reset(ends[1]);
    }

    Descriptor read;
    Descriptor write;
};

bool is_dev_null(int fd) {
    struct stat there {};

    struct stat null {};

    return ::fstat(fd, &there) == 0 && ::stat("/dev/null", &null) == 0 && there.st_rdev == null.st_rdev;
}

/// What a process says in which these descriptors are closed: the bits of what holds.
int in_process_without(std::string const& closed, std::function<int()> const& look) {
    pid_t const child = ::fork();
    if (child == 0) {
        for (char const digit : closed) ::close(digit - '0');
        open_standard_streams();
        ::_exit(look());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("what is written arrives whole", "[support][streams]") {
    Pipe const pipe;
    std::string const text(10000, 'x');
    CHECK(write_or_lose(pipe.write.get(), text) == 0);
    std::string got(text.size(), '\0');
    CHECK(::read(pipe.read.get(), got.data(), got.size()) == static_cast<ssize_t>(got.size()));
    CHECK(got == text);
}

TEST_CASE("what cannot be written is lost with its reason and without an exception", "[support][streams]") {
    Descriptor const full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    CHECK(write_or_lose(full.get(), "text") == ENOSPC);
    CHECK(write_or_lose(-1, "text") == EBADF);
    Descriptor const read_only(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK(write_or_lose(read_only.get(), "text", Patience::endless) == EBADF);
}

TEST_CASE("a pipe that nobody reads is not waited for without end, and the second time not at all",
          "[support][streams]") {
    Pipe const pipe;
    REQUIRE(::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK) == 0);
    std::string const piece(4096, 'x');
    while (::write(pipe.write.get(), piece.data(), piece.size()) > 0) continue;
    REQUIRE(::fcntl(pipe.write.get(), F_SETFL, 0) == 0);
    CHECK(write_or_lose(pipe.write.get(), "text") == EAGAIN);
    CHECK(write_or_lose(pipe.write.get(), "text") == EAGAIN);
    CHECK(write_or_lose(pipe.write.get(), "text", Patience::none) == EAGAIN);
    std::string emptied(1 << 20U, '\0');
    REQUIRE(::read(pipe.read.get(), emptied.data(), emptied.size()) > 0);
    CHECK(write_or_lose(pipe.write.get(), "text", Patience::none) == 0);
}

TEST_CASE("standard streams that are closed are opened on the null device, whichever they are",
          "[support][streams]") {
    for (std::string const closed : {"0", "1", "2", "01", "02", "12", "012"}) {
        INFO(closed);
        int const opened = in_process_without(closed, [&] {
            for (char const digit : closed)
                if (!is_dev_null(digit - '0')) return 1;
            Descriptor const next(::open("/dev/zero", O_RDONLY));
            return next.get() > STDERR_FILENO ? 0 : 2;
        });
        CHECK(opened == 0);
    }
}

TEST_CASE("standard streams that are open are left alone", "[support][streams]") {
    Pipe const pipe;
    int const kept = in_process_without("", [&] {
        for (int const fd : {0, 1, 2}) ::dup2(pipe.write.get(), fd);
        open_standard_streams();
        return is_dev_null(0) || is_dev_null(1) || is_dev_null(2) ? 1 : 0;
    });
    CHECK(kept == 0);
}

TEST_CASE("what is written to a standard output that was closed is missed, and to an error stream it is not",
          "[support][streams]") {
    CHECK(in_process_without("12", [] { return write_or_lose(STDOUT_FILENO, "text"); }) == EBADF);
    CHECK(in_process_without("12", [] { return write_or_lose(STDERR_FILENO, "text"); }) == 0);
}

TEST_CASE("output that is lost at the end is noticed", "[support][streams]") {
    auto const lost_on = [](char const* device) {
        return in_process_without("1", [device] {
            ::dup2(::open(device, O_WRONLY), STDOUT_FILENO);
            fmt::print("text");
            std::string const reason = flush_output();
            return reason.empty() ? 0 : reason == "No space left on device" ? 1 : 2;
        });
    };
    CHECK(lost_on("/dev/full") == 1);
    CHECK(lost_on("/dev/null") == 0);
}
