#include "base/support/streams.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <limits>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"

namespace vaster {
namespace {

constexpr double most_patience = 2;         ///< s
constexpr double longest_wait = 60;         ///< s, at a time
constexpr std::size_t piece_bytes = 4096;   ///< a pipe that can be written to has room for as much
constexpr double milliseconds_each = 1000;  ///< of a second

/// The last text found nobody who takes it.
std::atomic<bool> stuck = false;

double seconds_of(Patience patience) noexcept {
    if (patience == Patience::endless) return std::numeric_limits<double>::infinity();
    return patience == Patience::some && !stuck.load() ? most_patience : 0;
}

bool is_open(int fd) noexcept {
    return ::fcntl(fd, F_GETFD) != -1 || errno != EBADF;
}

/// Is there room for a piece by then? Of a file on a disk there always is, as far as poll() knows.
bool has_room(int fd, double deadline) noexcept {
    for (;;) {
        double const left = std::clamp(deadline - monotonic_seconds(), 0.0, longest_wait);
        pollfd waiting{fd, POLLOUT, 0};
        int const ready = ::poll(&waiting, 1, static_cast<int>(left * milliseconds_each));
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // what is wrong, write() says
        if (monotonic_seconds() >= deadline) return false;
    }
}

int write_until(int fd, std::string_view text, double deadline) noexcept {
    while (!text.empty()) {
        if (!has_room(fd, deadline)) return EAGAIN;
        ssize_t const written = ::write(fd, text.data(), std::min(text.size(), piece_bytes));
        bool const again = written < 0 && (errno == EINTR || errno == EAGAIN);
        if (written < 0 && !again) return errno;
        if (again && monotonic_seconds() >= deadline) return EAGAIN;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

std::string reason_of_output(int problem) {
    return problem == 0 ? "the system did not take all of it; is its disk full?" : system_reason(problem);
}

}  // namespace

void open_standard_streams() noexcept {
    // What is written to a closed standard output is missed: there a descriptor that can only be read.
    constexpr std::array modes{O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (is_open(fd)) continue;
        // The lowest number that is free is this one. Without a /dev/null anything keeps the number.
        int const opened = ::open("/dev/null", modes.at(static_cast<std::size_t>(fd)) | O_NOCTTY);
        if (opened < 0) (void)::open("/", O_PATH);
    }
}

int write_or_lose(int fd, std::string_view text, Patience patience) noexcept {
    if (fd < 0) return EBADF;  // which poll() would wait for
    int const problem = write_until(fd, text, monotonic_seconds() + seconds_of(patience));
    stuck.store(problem == EAGAIN);
    return problem;
}

void say(std::string_view line) noexcept {
    try {
        (void)write_or_lose(STDERR_FILENO, std::string(line) + "\n");
    } catch (...) {
        (void)write_or_lose(STDERR_FILENO, line);
    }
}

std::string flush_output() noexcept {
    try {
        bool const earlier = std::ferror(stdout) != 0;
        errno = 0;
        bool const now = std::fflush(stdout) != 0;
        int const problem = now ? errno : 0;
        std::cout.flush();  // which has no buffer of its own
        return earlier || now || !std::cout ? reason_of_output(problem) : std::string();
    } catch (...) {
        return "there is no memory";
    }
}

}  // namespace vaster
