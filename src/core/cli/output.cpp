#include "core/cli/output.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/support/files.hpp"
#include "core/store/keep.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {

void OutputFlags::add_to(Command& command) {
    command.add_option("--output", path_, "file to write; standard output if not given")->option_text("FILE");
    command.add_flag("--overwrite", overwrite_, "replace the file if there is one");
}

void OutputFlags::check() const {
    require<UsageError>(overwrite_ || path_.empty() || !std::filesystem::exists(path_),
                        "{} exists already; choose another name, or give --overwrite", path_);
    store::keep_study(path_, "--output");
}

void OutputFlags::write(std::function<void(std::ostream& out)> const& fill) const {
    if (path_.empty()) {
        fill(std::cout);
        require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
        return;
    }
    check();
    (void)target_to_write(path_);  // refuses links of others; devices are opened by their own name
    std::ofstream file(path_, std::ios::binary);
    require<IoError>(file.is_open(), "cannot create {}: {}", path_, system_reason(errno));
    fill(file);
    file.close();
    require<IoError>(bool(file), "cannot write {}: is the disk full?", path_);
}

}  // namespace vaster::cli
