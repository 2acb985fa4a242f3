#include "insilico_kernel.hpp"

namespace vaster::models::insilicova::kernel {

Version const& best_version() {
#ifdef VASTER_KERNEL_X86_VERSIONS
    if (__builtin_cpu_supports("avx512f")) return avx512;
    if (__builtin_cpu_supports("avx2")) return avx2;
#endif
    return baseline;
}

std::size_t padded(std::size_t n_causes) {
    std::size_t const groups = (n_causes + group - 1) / group;
    return group * (groups <= 8 ? groups : groups <= 16 ? 16 : max_groups);
}

}  // namespace vaster::models::insilicova::kernel
