#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

/// The three standard streams, which belong to whoever has started the program: they may be closed, full,
/// stuck or dead.
namespace vaster {

/// Opens /dev/null on those of the descriptors 0, 1 and 2 that are closed. First of all in main(): otherwise
/// the next file or socket that anybody opens, a library too, gets the number and all that is meant for
/// people. What a command writes to a standard output that was closed is an error of writing, as if it were
/// still closed.
void open_standard_streams() noexcept;

/// How long write_or_lose() waits for somebody to read: not at all, two seconds (but not at all where the
/// last text was lost for want of a reader), for ever.
enum class Patience { none, some, endless };

/// Writes the text unless that cannot be done, or nobody takes it: a full disk, a terminal that is gone, a
/// pipe that nobody reads. Never throws.
/// @return 0, or the errno value that says why the rest of the text is lost
int write_or_lose(int fd, std::string_view text, Patience patience = Patience::some) noexcept;

/// A line for people on standard error: whatever becomes of it, the program goes on.
void say(std::string_view line) noexcept;

/// The same from parts. A line for which there is no memory is lost.
template <class... Args>
void say(fmt::format_string<Args...> text, Args&&... args) noexcept {
    try {
        say(std::string_view(fmt::format(text, std::forward<Args>(args)...)));
    } catch (...) {
        say(std::string_view("a message is lost for want of memory"));
    }
}

/// Hands on what has been written to standard output, through std::cout, fmt::print() or stdio.
/// @return why some of it is lost, "No space left on device"; empty: nothing is
[[nodiscard]] std::string flush_output() noexcept;

}  // namespace vaster
