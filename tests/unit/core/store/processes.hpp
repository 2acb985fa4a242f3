#pragma once

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace vaster::example {

/// A child process that does something and may tell its parent numbers on the way. Killed when it goes.
class Process {
  public:
    /// @param work  called in the child with a function that tells the parent a number
    template <class Do>
    explicit Process(Do work) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(ends[0]);
            auto const tell = [&](int number) {
                if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(1);
            };
            try {
                work(tell);
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        ::close(ends[1]);
        from_child_ = ends[0];
    }

    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    ~Process() {
        if (pid_ > 0) (void)kill();
        ::close(from_child_);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// SIGKILL and wait. @return whether the signal ended it
    bool kill() {
        ::kill(pid_, SIGKILL);
        return WIFSIGNALED(wait());
    }

    /// Waits for its end. @return as waitpid(2)
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return status;
    }

    /// The next number it tells; -1 at its end.
    int hear() const {
        int number = -1;
        return ::read(from_child_, &number, sizeof number) == sizeof number ? number : -1;
    }

    /// All it has told and not been heard.
    std::vector<int> hear_all() const {
        std::vector<int> numbers;
        for (int number = hear(); number >= 0; number = hear()) numbers.push_back(number);
        return numbers;
    }

  private:
    pid_t pid_ = -1;
    int from_child_ = -1;
};

}  // namespace vaster::example
