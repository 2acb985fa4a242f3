#include "core/store/keep.hpp"

#include <fstream>
#include <string>
#include <system_error>

#include "core/store/header.hpp"
#include "core/store/seal.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

bool has_text(std::filesystem::path const& path, std::uint64_t offset, std::string const& wanted) {
    std::string found(wanted.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    return file.read(found.data(), static_cast<std::streamsize>(found.size())) && found == wanted;
}

}  // namespace

bool begins_as_study(std::filesystem::path const& path) noexcept {
    try {
        std::error_code problem;
        if (!std::filesystem::is_regular_file(path, problem)) return false;  // a pipe would be waited for
        return has_text(path, 0, std::string(file_type) + " ") ||
               has_text(path, seal_bytes, std::string(mirror_word) + " ");
    } catch (std::exception const&) {
        return false;
    }
}

void keep_study(std::filesystem::path const& path, std::string_view flag) {
    require<UsageError>(!begins_as_study(path),
                        "{} {} is a study file, and only another study may replace it: give another name",
                        flag, path.string());
}

bool is_there_as_file(std::filesystem::path const& path, std::string_view flag) {
    std::error_code problem;
    auto const kind = std::filesystem::status(path, problem).type();
    require<IoError>(kind != std::filesystem::file_type::none, "cannot make a study file of {}: {}",
                     path.string(), problem.message());
    if (kind == std::filesystem::file_type::not_found) return false;
    require<UsageError>(kind == std::filesystem::file_type::regular,
                        "{} is {}, so no study can take its place; choose another name with {}",
                        path.string(),
                        kind == std::filesystem::file_type::directory ? "a folder" : "not a file", flag);
    return true;
}

void keep_other_file(std::filesystem::path const& path, std::string_view flag) {
    if (!is_there_as_file(path, flag)) return;
    std::error_code problem;
    bool const is_empty = std::filesystem::file_size(path, problem) == 0 && !problem;
    require<UsageError>(is_empty || begins_as_study(path),
                        "{} is not a study file, so no study file takes its place: choose another name with "
                        "{}, or remove it first",
                        path.string(), flag);
}

}  // namespace vaster::store
