#include "base/support/program_name.hpp"

#include "base/support/files.hpp"

namespace vaster {

std::string program_name() {
    return program_path().filename().string();
}

}  // namespace vaster
