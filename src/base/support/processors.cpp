#include "base/support/processors.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>

#include <sched.h>

namespace vaster {
namespace {

constexpr std::size_t most = 8192;

using Mask = std::vector<cpu_set_t>;

std::size_t bytes_of(Mask const& mask) {
    return mask.size() * sizeof(cpu_set_t);
}

/// Of this thread. It stays where it may run if it may not run there.
void run_on(std::vector<std::size_t> const& processors) {
    if (processors.empty()) return;
    Mask mask(most / CPU_SETSIZE);
    for (auto const processor : processors)
        if (processor < most) CPU_SET_S(processor, bytes_of(mask), mask.data());
    ::sched_setaffinity(0, bytes_of(mask), mask.data());
}

}  // namespace

std::vector<std::size_t> usable_processors() {
    Mask mask(most / CPU_SETSIZE);
    std::vector<std::size_t> processors;
    if (::sched_getaffinity(0, bytes_of(mask), mask.data()) != 0) return {0};
    for (std::size_t processor = 0; processor < most; ++processor)
        if (CPU_ISSET_S(processor, bytes_of(mask), mask.data())) processors.push_back(processor);
    return processors;
}

void in_threads(std::size_t n, std::vector<std::size_t> const& processors,
                std::function<void(std::size_t)> const& work) {
    std::vector<std::exception_ptr> problems(n);
    auto const guarded = [&](std::size_t i) {
        try {
            work(i);
        } catch (...) {
            problems[i] = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(n);
        std::size_t begun = std::min<std::size_t>(n, 1);
        try {
            for (; begun < n; ++begun)
                threads.emplace_back([&, i = begun] {
                    run_on(processors);
                    guarded(i);
                });
        } catch (std::system_error const&) {  // no more threads
        }
        if (n > 0) guarded(0);
        for (; begun < n; ++begun) guarded(begun);
    }
    for (auto const& problem : problems)
        if (problem) std::rethrow_exception(problem);
}

}  // namespace vaster
