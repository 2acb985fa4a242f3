#include "core/h5/handle.hpp"

namespace vaster::h5 {
namespace {

herr_t keep_innermost(unsigned depth, H5E_error2_t const* entry, void* reason) {
    if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(reason) = entry->desc;
    return 0;
}

}  // namespace

std::string take_reason() {
    std::string reason;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
    H5Eclear2(H5E_DEFAULT);
    std::erase(reason, '\n');  // behind the time of a failed write
    return reason;
}

void silence() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

}  // namespace vaster::h5
