#include "base/support/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/file_system.hpp"
#include "base/support/new_file.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

constexpr int most_links = 40;  // as many as the kernel follows

/// "alice", or the number of a user without a name.
std::string user_name(uid_t user) {
    passwd const* const entry = ::getpwuid(user);
    return entry != nullptr ? std::string(entry->pw_name) : std::to_string(user);
}

void write_all(int fd, std::string_view text, std::filesystem::path const& path) {
    while (!text.empty()) {
        ssize_t const written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            throw IoError(fmt::format("cannot write {}: {}", path.string(), system_reason(errno)));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::filesystem::path directory_of(std::filesystem::path const& path) {
    auto const parent = path.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

/// A device, a pipe, a socket: nothing that a file may take the place of.
bool is_no_file(std::filesystem::path const& path) {
    struct stat info {};

    return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

void write_into(std::filesystem::path const& path, std::string_view text) {
    Descriptor const file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {} for writing: {}", path.string(), system_reason(errno));
    write_all(file.get(), text, path);
}

/// Writes the text under a temporary name beside `path`, and hands both to `publish`.
template <class Publish>
void write_beside(std::filesystem::path const& path, std::string_view text, Publish publish) {
    std::string pattern = (directory_of(path) / ("." + path.filename().string() + ".XXXXXX")).string();
    Descriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!file)
        throw IoError(fmt::format("cannot create a file beside {}: {}", path.string(), system_reason(errno)));
    try {
        ::fchmod(file.get(), mode_of_successor(path));
        write_all(file.get(), text, path);
        publish(file, std::filesystem::path(pattern));
    } catch (...) {
        ::unlink(pattern.c_str());
        throw;
    }
}

}  // namespace

void Descriptor::reset(int fd) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

std::filesystem::path absolute_path(std::filesystem::path const& path) {
    std::error_code problem;
    auto absolute = std::filesystem::absolute(path, problem);
    require<IoError>(!problem,
                     "cannot tell where {} is: the current directory is gone or may not be read ({}); go to "
                     "another one, or give the whole path",
                     path.string(), problem.message());
    return absolute;
}

unsigned mode_of_successor(std::filesystem::path const& path) noexcept {
    constexpr unsigned who_may = 0777;

    struct stat info {};

    bool const is_ours =
        ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid();
    if (is_ours) return info.st_mode & who_may;
    mode_t const mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

std::filesystem::path target_of(std::filesystem::path const& path) {
    std::filesystem::path target = path;
    for (int n_links = 0; n_links < most_links; ++n_links) {
        std::error_code no_link;
        auto const next = std::filesystem::read_symlink(target, no_link);
        if (no_link) return target;
        target = next.is_absolute() ? next : target.parent_path() / next;
    }
    throw IoError(fmt::format("cannot follow {}: {}", path.string(), system_reason(ELOOP)));
}

std::filesystem::path target_to_write(std::filesystem::path const& path) {
    std::filesystem::path target = path;
    for (int n_links = 0; n_links < most_links; ++n_links) {
        struct stat info {};

        if (::lstat(target.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return target;
        auto const next = std::filesystem::read_symlink(target);
        require<IoError>(
            info.st_uid == ::geteuid() || info.st_uid == 0,
            "{} is a symbolic link to {} that belongs to another user ({}), so nothing is written "
            "through it; give the path that it leads to, if that is meant, or another name",
            target.string(), next.string(), user_name(info.st_uid));
        target = next.is_absolute() ? next : target.parent_path() / next;
    }
    throw IoError(fmt::format("cannot follow {}: {}", path.string(), system_reason(ELOOP)));
}

Descriptor open_own_file(std::filesystem::path const& path, int flags, unsigned mode) {
    constexpr int careful = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    Descriptor file(::open(path.c_str(), flags | careful, mode));
    int const problem = errno;
    bool const is_link = !file && problem == ELOOP;

    struct stat info {};

    bool const is_plain =
        !is_link &&
        (!file || (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink <= 1));
    require<IoError>(
        is_plain,
        "{} is {}, where vaster keeps a file of its own, so it is not touched; see who has put it "
        "there, and remove it",
        path.string(),
        is_link                 ? "a symbolic link"
        : S_ISREG(info.st_mode) ? "a second name of another file (a hard link)"
                                : "not a plain file");
    errno = problem;
    return file;
}

std::string read_file(std::filesystem::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    require<IoError>(bool(file), "cannot open {}: {}", path.string(), system_reason(errno));
    std::string text;

    struct stat info {};

    if (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode))
        text.reserve(static_cast<std::size_t>(info.st_size));
    char buffer[1 << 16];
    for (;;) {
        ssize_t const got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        require<IoError>(got >= 0, "cannot read {}: {}", path.string(), system_reason(errno));
        if (got == 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
    }
}

void rename_durably(std::filesystem::path const& from, std::filesystem::path const& to) {
    bool const done = ::rename(from.c_str(), to.c_str()) == 0;
    require<IoError>(done, "cannot rename {} to {}: {}", from.string(), to.string(), system_reason(errno));
    Descriptor const directory(::open(directory_of(to).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());  // some file systems cannot sync a directory: the rename stands
}

void write_file_atomically(std::filesystem::path const& name, std::string_view text) {
    auto const path = target_to_write(name);
    if (is_no_file(name)) return write_into(name, text);
    write_beside(path, text, [&](Descriptor& file, std::filesystem::path const& temporary) {
        bool const done = ::fsync(file.get()) == 0;
        require<IoError>(done, "cannot sync {}: {}", path.string(), system_reason(errno));
        file.reset();
        rename_durably(temporary, path);
    });
}

bool make_file(std::string const& path, std::string_view text) {
    auto const slash = path.rfind('/');
    auto const folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    Descriptor const file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
    if (!file) return false;
    write_all(file.get(), text, path);
    auto const without_name = fmt::format("/proc/self/fd/{}", file.get());
    return ::linkat(AT_FDCWD, without_name.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

void replace_file(std::filesystem::path const& path, std::string_view text) {
    write_beside(path, text, [&](Descriptor& file, std::filesystem::path const& temporary) {
        file.reset();
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            throw IoError(fmt::format("cannot rename {} to {}: {}", temporary.string(), path.string(),
                                      system_reason(errno)));
    });
}

void forget_old_pages(std::filesystem::path const& path) noexcept {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file) forget_old_pages(file.get());
}

void forget_old_pages(int fd) noexcept {
    if (!is_on_this_machine(fd)) (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

std::string problem_with_folder(std::filesystem::path const& folder) {
    std::filesystem::path first_there = absolute_path(folder);
    while (::access(first_there.c_str(), F_OK) != 0 && first_there.has_relative_path())
        first_there = first_there.parent_path();
    std::error_code not_there;
    if (!std::filesystem::is_directory(first_there, not_there))
        return fmt::format("{} is not a folder", first_there.string());
    if (::access(first_there.c_str(), W_OK | X_OK) == 0) return {};
    return fmt::format("the folder {} cannot be written to: {}", first_there.string(), system_reason(errno));
}

std::string system_reason(int error_number) {
    return std::generic_category().message(error_number);
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("unknown-host");
}

std::filesystem::path program_path() {
    std::error_code problem;
    auto path = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (!problem) return path;
    // Without /proc: as it was started.
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the system hands over all such values as numbers
    char const* started_as = reinterpret_cast<char const*>(::getauxval(AT_EXECFN));
    require<IoError>(started_as != nullptr, "cannot find the running program: /proc/self/exe: {}",
                     problem.message());
    return started_as;
}

}  // namespace vaster
