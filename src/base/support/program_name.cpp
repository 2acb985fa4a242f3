#include "base/support/program_name.hpp"

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {

std::string program_name() {
    try {
        return program_path().filename().string();
    } catch (IoError const&) {
        return "vaster";
    }
}

}  // namespace vaster
