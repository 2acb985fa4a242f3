#include "domains/va/models/insilico/kernel.hpp"

namespace vaster::models::insilicova::kernel {

std::vector<Version const*> runnable_versions() {
    std::vector<Version const*> versions{&baseline};
#ifdef VASTER_KERNEL_X86_VERSIONS
    if (__builtin_cpu_supports("avx2")) versions.push_back(&avx2);
    if (__builtin_cpu_supports("avx512f")) versions.push_back(&avx512);
#endif
    return versions;
}

std::size_t padded(std::size_t n_causes) {
    std::size_t const groups = (n_causes + group - 1) / group;
    return group * (groups <= 8 ? groups : groups <= 16 ? 16 : max_groups);
}

}  // namespace vaster::models::insilicova::kernel
