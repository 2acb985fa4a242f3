#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vaster::test {

/// A file that goes when the test goes.
class TemporaryFile {
  public:
    explicit TemporaryFile(std::string_view text = {}) {
        static std::atomic<int> counter{0};
        path_ = std::filesystem::temp_directory_path() /
                fmt::format("vaster-test-{}-{}.csv", ::getpid(), counter++);
        std::ofstream(path_, std::ios::binary) << text;
    }

    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    TemporaryFile(TemporaryFile const&) = delete;
    TemporaryFile& operator=(TemporaryFile const&) = delete;

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The text of the error of type E that `action` throws.
template <class E, class Action>
std::string error_of(Action action) {
    try {
        action();
    } catch (E const& error) {
        return error.what();
    }
    return "(no error)";
}

/// By how many bytes `action` raises the peak of resident memory above what was resident before; measured in
/// a child process, so that the memory of other tests does not hide it. Not meaningful under sanitizers.
inline std::size_t peak_growth(std::function<void()> const& action) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto const peak = [] {
            rusage usage{};
            ::getrusage(RUSAGE_SELF, &usage);
            return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
        };
        std::size_t growth = std::size_t(-1);
        try {
            std::size_t const before = peak();
            action();
            growth = peak() - before;
        } catch (...) {  // reported as an absurd growth
        }
        ssize_t const written = ::write(ends[1], &growth, sizeof growth);
        ::_exit(written == sizeof growth ? 0 : 1);
    }
    std::size_t growth = 0;
    REQUIRE(::read(ends[0], &growth, sizeof growth) == sizeof growth);
    ::close(ends[0]);
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
    return growth;
}

}  // namespace vaster::test
