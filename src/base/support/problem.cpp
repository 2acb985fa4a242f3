#include "base/support/problem.hpp"

#include <filesystem>
#include <new>
#include <system_error>

#include "base/support/byte_text.hpp"

namespace vaster {
namespace {

std::string text_of(std::filesystem::filesystem_error const& error) {
    std::string const path = error.path1().string();
    return fmt::format("{}: {}", path.empty() ? "the current directory" : path, error.code().message());
}

}  // namespace

Problem problem_of(std::exception const& error) {
    if (auto const* ours = dynamic_cast<Error const*>(&error)) return {ours->code(), printable(ours->what())};
    if (dynamic_cast<std::bad_alloc const*>(&error) != nullptr)
        return {ExitCode::unavailable, "there is not enough memory; fewer ranks on this host leave more"};
    if (auto const* file = dynamic_cast<std::filesystem::filesystem_error const*>(&error))
        return {ExitCode::io, text_of(*file)};
    if (dynamic_cast<std::system_error const*>(&error) != nullptr) return {ExitCode::io, error.what()};
    return {ExitCode::internal, fmt::format("bug: {}", error.what())};
}

}  // namespace vaster
