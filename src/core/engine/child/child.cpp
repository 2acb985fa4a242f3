#include "core/engine/child/child.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/support/problem.hpp"
#include "core/engine/child/frames.hpp"
#include "core/study/growth.hpp"
#include "core/study/serialization.hpp"
#include "vaster/study/transient.hpp"
#include "vaster/support/descriptor.hpp"
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

std::uint64_t peak_rss_bytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
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
        result.peak_rss_bytes = std::max(result.peak_rss_bytes, peak_rss_bytes());
        say(FrameKind::result, study::pack(result));
    }

    /// The experiments of this part of the task must have their results by now.
    void require_results(study::Task const& part) const {
        for (auto const& item : part.items)
            if (open_.contains(item.experiment.index))
                throw std::logic_error(
                    fmt::format("the task ended without a result for experiment {}", item.experiment.index));
    }

    void end(TaskThrough const& word) { say(FrameKind::ended, study::pack(word)); }

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
std::vector<study::Task> parts_of(study::Task task) {
    std::vector<study::Task> parts;
    for (auto& item : task.items) {
        if (parts.empty() || parts.back().items.back().experiment.group != item.experiment.group)
            parts.push_back({task.number, {}, task.memory_bytes, task.timeout_seconds, task.threads});
        parts.back().items.push_back(std::move(item));
    }
    return parts;
}

/// Where the kernel must end a process because the machine has no memory left, it should take the child, not
/// its rank.
void volunteer_for_the_kernel() {
    Descriptor const file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (file) write_all(file.get(), "500");
}

/// A child lives for some seconds of work and then gives back all it has. Giving back each freed array at
/// once, only to ask for the next one, would cost a page fault for each page of it.
void keep_freed_memory() {
    constexpr int keep_up_to = 64 << 20;
    constexpr int own_mapping_from = 4 << 20;
    ::mallopt(M_TRIM_THRESHOLD, keep_up_to);
    ::mallopt(M_MMAP_THRESHOLD, own_mapping_from);
}

/// What RLIMIT_DATA counts.
std::uint64_t data_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    for (int field = 0; field < 6; ++field) statm >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// The memory of one child over its tasks.
class Memory {
  public:
    /// Each task has as much as in a child of its own: what earlier ones have left behind comes on top.
    void begin_task(std::uint64_t limit_bytes) {
        if (std::exchange(is_first_, false))
            at_birth_ = data_bytes();
        else
            forget_peak();
#ifndef VASTER_SANITIZED  // whose shadow memory is larger than any limit
        limit(RLIMIT_DATA, limit_bytes + left_behind());
#else
        (void)limit_bytes;
#endif
    }

    [[nodiscard]] TaskThrough end_task() const {
        return {peak_rss_bytes(), left_behind() <= most_left_behind};
    }

  private:
    static constexpr std::uint64_t most_left_behind = std::uint64_t{128} << 20U;

    [[nodiscard]] std::uint64_t left_behind() const {
        std::uint64_t const now = data_bytes();
        return now - std::min(now, at_birth_);
    }

    static void forget_peak() {
        Descriptor const file(::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC));
        if (file) write_all(file.get(), "5");
    }

    std::uint64_t at_birth_ = 0;
    bool is_first_ = true;
};

void settle(ChildTies const& ties) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != ties.server) ::_exit(0);
    ::dup2(ties.output.get(), STDOUT_FILENO);
    ::dup2(ties.output.get(), STDERR_FILENO);
    keep_freed_memory();
    limit(RLIMIT_CORE, 0);
    volunteer_for_the_kernel();
    last_words() = {ties.results.get(), to_bytes(FrameKind::no_memory, "")};
    std::set_new_handler(out_of_memory);
}

/// Why the work failed.
struct Failed {
    FrameKind kind = FrameKind::failed;
    std::string why;  ///< empty: it did not
};

/// Does the work.
Failed attempt(std::function<void()> const& work) {
    try {
        work();
        return {};
    } catch (std::bad_alloc const&) {
        out_of_memory();
    } catch (study::TransientError const& error) {
        return {FrameKind::stumbled, error.what()};
    } catch (std::exception const& error) {
        auto const problem = problem_of(error);
        bool const is_bug = problem.code == ExitCode::internal;
        return {FrameKind::failed,
                is_bug ? fmt::format("{} (a bug in the program)", error.what()) : problem.text};
    } catch (...) {
        return {FrameKind::failed, "an exception without a text (a bug in the program)"};
    }
}

/// The life of any child.
[[noreturn]] void live(std::function<void()> const& work, ChildTies const& ties) {
    settle(ties);
    auto const failed = attempt(work);
    if (!failed.why.empty()) write_all(ties.results.get(), to_bytes(failed.kind, failed.why));
    std::fflush(nullptr);
    ::_exit(0);
}

/// Lets the computations of a task use threads.
class TaskWatcher final : public Watcher {
  public:
    explicit TaskWatcher(study::Task const& task)
        : threads_(std::clamp<std::uint64_t>(task.memory_bytes / for_each_thread, 1,
                                             std::max(task.threads, std::uint32_t{1}))) {}

    [[nodiscard]] std::size_t threads() const override { return threads_; }

  private:
    /// Each has a stack and memory of its own, which count against the limit of the child.
    static constexpr std::uint64_t for_each_thread = std::uint64_t{64} << 20U;

    std::size_t threads_;
};

void run_task(study::Study const& study, study::Task task, int results, Memory& memory) {
    memory.begin_task(task.memory_bytes);
    PipeSink sink(results, task);
    TaskWatcher watcher(task);
    for (auto const& part : parts_of(std::move(task))) {
        study.run(part, sink, watcher);
        sink.require_results(part);
    }
    std::fflush(nullptr);
    sink.end(memory.end_task());
}

}  // namespace

void live_as_child(study::Study const& study, Descriptor const& tasks, ChildTies const& ties) {
    auto const work = [&] {
        Memory memory;
        while (auto const frame = receive_frame(tasks.get()))
            run_task(study, study::unpack<study::Task>(frame->payload), ties.results.get(), memory);
    };
    live(work, ties);
}

void live_as_planner(study::Study const& study, study::Records const& known, std::uint64_t memory_bytes,
                     ChildTies const& ties) {
    auto const work = [&] {
        Memory memory;
        memory.begin_task(memory_bytes);
        auto const next = study::checked_next_experiments(study, known);
        write_all(ties.results.get(), to_bytes(FrameKind::planned, study::pack(next)));
    };
    live(work, ties);
}

}  // namespace vaster::engine
