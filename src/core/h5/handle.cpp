#include "core/h5/handle.hpp"

namespace vaster::h5 {
namespace {

herr_t keep_innermost(unsigned depth, H5E_error2_t const* entry, void* reason) {
    if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(reason) = entry->desc;
    return 0;
}

/// Of a failed read or write HDF5 tells the time, the file's name, and where in memory the bytes were, too:
/// "file write failed: time = ..., errno = 28, error message = 'No space left on device', buf = 0x..., ...".
void keep_what_matters(std::string& reason) {
    constexpr std::string_view before = "error message = '";
    auto const begin = reason.find(before);
    auto const head = reason.find(": time = ");
    if (begin == std::string::npos || head == std::string::npos || head > begin) return;
    auto const message = begin + before.size();
    auto const end = reason.find('\'', message);
    if (end == std::string::npos) return;
    reason = reason.substr(0, head + 2) + reason.substr(message, end - message);
}

}  // namespace

std::string take_reason() {
    std::string reason;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
    H5Eclear2(H5E_DEFAULT);
    std::erase(reason, '\n');  // behind the time of a failed write
    keep_what_matters(reason);
    return reason;
}

void silence() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

}  // namespace vaster::h5
