#include "core/cli/output.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <system_error>

#include "base/support/files.hpp"
#include "base/support/temporary_file.hpp"
#include "core/store/keep.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {

namespace fs = std::filesystem;

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
    fs::path const target = target_to_write(path_);  // refuses links of others
    std::error_code unknown;
    bool const is_device = fs::exists(path_, unknown) && !fs::is_regular_file(path_, unknown);
    std::optional<TemporaryFile> whole;  // takes the name when all of it is written
    if (!is_device) whole.emplace(target);
    std::ofstream file(is_device ? fs::path(path_) : whole->path(), std::ios::binary);
    require<IoError>(file.is_open(), "cannot create {}: {}", path_, system_reason(errno));
    fill(file);
    file.close();
    require<IoError>(bool(file), "cannot write {}: is the disk full?", path_);
    if (whole) whole->become(target);
}

}  // namespace vaster::cli
