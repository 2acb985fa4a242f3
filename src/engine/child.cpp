#include "child.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <new>
#include <set>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "frames.hpp"
#include "vaster/study/growth.hpp"
#include "vaster/study/serialization.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

/// What the out-of-memory handler needs: it must not allocate.
struct LastWords {
    int fd = -1;
    std::string bytes;
};

LastWords& last_words() {
    static LastWords words;
    return words;
}

[[noreturn]] void out_of_memory() {
    auto const& words = last_words();
    write_all(words.fd, words.bytes);
    ::_exit(0);
}

class PipeSink final : public study::Sink {
  public:
    PipeSink(int fd, study::Task const& task) : fd_(fd) {
        for (auto const& item : task.items) open_.insert(item.experiment.index);
    }

    void begin(study::ExperimentIndex index) override { begin_shared({index}); }

    void begin_shared(std::vector<study::ExperimentIndex> const& indices) override {
        say(FrameKind::began, study::pack(indices));
    }

    void finish(study::Result result) override {
        if (open_.erase(result.index) == 0)
            throw std::logic_error(
                fmt::format("a result for experiment {}, which is not to be done", result.index));
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        result.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
        say(FrameKind::result, study::pack(result));
    }

    /// The experiments of this part of the task must have their results by now.
    void require_results(study::Task const& part) const {
        for (auto const& item : part.items)
            if (open_.contains(item.experiment.index))
                throw std::logic_error(
                    fmt::format("the task ended without a result for experiment {}", item.experiment.index));
    }

    void end() { say(FrameKind::ended, ""); }

  private:
    void say(FrameKind kind, std::string const& payload) { write_all(fd_, to_bytes(kind, payload)); }

    int fd_;
    std::set<study::ExperimentIndex> open_;
};

void limit(int resource, rlim_t value) {
    rlimit limits{};
    ::getrlimit(resource, &limits);
    limits.rlim_cur = std::min(value, limits.rlim_max);
    ::setrlimit(resource, &limits);
}

/// A task for each fit group, in order.
std::vector<study::Task> parts_of(study::Task const& task) {
    std::vector<study::Task> parts;
    for (auto const& item : task.items) {
        if (parts.empty() || parts.back().items.back().experiment.group != item.experiment.group)
            parts.push_back({task.number, {}, task.memory_bytes, task.timeout_seconds});
        parts.back().items.push_back(item);
    }
    return parts;
}

/// Where the kernel must end a process because the machine has no memory left, it should take the child, not
/// its rank.
void volunteer_for_the_kernel() {
    Descriptor const file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (file) write_all(file.get(), "500");
}

/// A child lives for half a second of work and then gives back all it has. Giving back each freed array at
/// once, only to ask for the next one, would cost a page fault for each page of it.
void keep_freed_memory() {
    constexpr int keep_up_to = 64 << 20;
    constexpr int own_mapping_from = 4 << 20;
    ::mallopt(M_TRIM_THRESHOLD, keep_up_to);
    ::mallopt(M_MMAP_THRESHOLD, own_mapping_from);
}

void confine(std::uint64_t memory_bytes, int results) {
    keep_freed_memory();
    limit(RLIMIT_CORE, 0);
    volunteer_for_the_kernel();
    last_words() = {results, to_bytes(FrameKind::no_memory, "")};
    std::set_new_handler(out_of_memory);
#ifndef VASTER_SANITIZED  // whose shadow memory is larger than any limit
    limit(RLIMIT_DATA, memory_bytes);
#else
    (void)memory_bytes;
#endif
}

/// Does the work; returns why it failed, or nothing.
std::string attempt(std::function<void()> const& work) {
    try {
        work();
        return {};
    } catch (Error const& error) {
        return error.what();
    } catch (std::bad_alloc const&) {
        out_of_memory();
    } catch (std::exception const& error) {
        return fmt::format("{} (a bug in the program)", error.what());
    } catch (...) {
        return "an exception without a text (a bug in the program)";
    }
}

/// The life of any child.
[[noreturn]] void live(std::function<void()> const& work, std::uint64_t memory_bytes,
                       Descriptor const& results, Descriptor const& output, pid_t server) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != server) ::_exit(0);
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(output.get(), STDERR_FILENO);
    confine(memory_bytes, results.get());
    std::string const failure = attempt(work);
    if (!failure.empty()) write_all(results.get(), to_bytes(FrameKind::failed, failure));
    std::fflush(nullptr);
    ::_exit(0);
}

}  // namespace

void live_as_child(study::Study const& study, study::Task const& task, Descriptor const& results,
                   Descriptor const& output, pid_t server) {
    auto const work = [&] {
        PipeSink sink(results.get(), task);
        Watcher watcher;
        for (auto const& part : parts_of(task)) {
            study.run(part, sink, watcher);
            sink.require_results(part);
        }
        sink.end();
    };
    live(work, task.memory_bytes, results, output, server);
}

void live_as_planner(study::Study const& study, study::Records const& known, std::uint64_t memory_bytes,
                     Descriptor const& results, Descriptor const& output, pid_t server) {
    auto const work = [&] {
        auto const next = study::checked_next_experiments(study, known);
        write_all(results.get(), to_bytes(FrameKind::planned, study::pack(next)));
    };
    live(work, memory_bytes, results, output, server);
}

}  // namespace vaster::engine
