#include "core/store/header.hpp"

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "core/h5/file.hpp"

namespace vaster::store {
namespace {

std::string compiler_name() {
#if defined(__clang__)
    return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
    return "unknown";
#endif
}

}  // namespace

Provenance provenance_of(std::string command, std::string const& libraries) {
    auto const hdf5 = h5::library_version();
    return {compiler_name(), libraries.empty() ? hdf5 : hdf5 + ", " + libraries, host_name(),
            std::move(command)};
}

}  // namespace vaster::store
