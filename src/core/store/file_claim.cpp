#include "core/store/file_claim.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace vaster::store {
namespace {

struct Address {
    sockaddr_un name{};
    socklen_t length = 0;

    [[nodiscard]] sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&name); }
};

/// Nothing when there is no such file.
std::optional<Address> address_of(std::filesystem::path const& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    std::string const text = fmt::format("vaster study {}:{}", info.st_dev, info.st_ino);
    Address address;
    address.name.sun_family = AF_UNIX;  // its first letter is the zero byte of an abstract name
    std::copy(text.begin(), text.end(), address.name.sun_path + 1);
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    return address;
}

Descriptor make_socket() {
    return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

std::optional<FileClaim> FileClaim::on(std::filesystem::path const& path) {
    auto const address = address_of(path);
    Descriptor socket = address ? make_socket() : Descriptor();
    if (!socket) return FileClaim();
    if (::bind(socket.get(), address->get(), address->length) != 0)
        return errno == EADDRINUSE ? std::nullopt : std::optional(FileClaim());
    constexpr int most_questions = 64;
    ::listen(socket.get(), most_questions);
    return FileClaim(std::move(socket));
}

std::optional<std::int64_t> claimant_of(std::filesystem::path const& path) {
    auto const address = address_of(path);
    Descriptor const socket = address ? make_socket() : Descriptor();
    if (!socket) return std::nullopt;
    if (::connect(socket.get(), address->get(), address->length) != 0)
        return errno == EAGAIN ? std::optional<std::int64_t>(0) : std::nullopt;
    ucred holder{};
    socklen_t length = sizeof holder;
    bool const told = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &holder, &length) == 0;
    return told ? holder.pid : 0;
}

}  // namespace vaster::store
