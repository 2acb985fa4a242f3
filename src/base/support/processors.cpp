#include "base/support/processors.hpp"

#include <sched.h>

namespace vaster {
namespace {

constexpr std::size_t most = 8192;

using Mask = std::vector<cpu_set_t>;

std::size_t bytes_of(Mask const& mask) {
    return mask.size() * sizeof(cpu_set_t);
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

void run_on(std::vector<std::size_t> const& processors) {
    if (processors.empty()) return;
    Mask mask(most / CPU_SETSIZE);
    for (auto const processor : processors)
        if (processor < most) CPU_SET_S(processor, bytes_of(mask), mask.data());
    ::sched_setaffinity(0, bytes_of(mask), mask.data());
}

}  // namespace vaster
