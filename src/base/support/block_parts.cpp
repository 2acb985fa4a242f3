#include "base/support/block_parts.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

constexpr std::uint64_t alignment = 64;

}  // namespace

void BlockWriter::put(std::vector<std::string> const& texts) {
    std::vector<std::uint64_t> ends;
    std::vector<char> letters;
    for (auto const& text : texts) {
        letters.insert(letters.end(), text.begin(), text.end());
        ends.push_back(letters.size());
    }
    put(SharedArray<std::uint64_t>(std::move(ends)));
    put(SharedArray<char>(std::move(letters)));
}

void BlockWriter::put_bytes(std::span<std::byte const> bytes) {
    std::uint64_t const length = bytes.size();
    write(std::as_bytes(std::span(&length, 1)));
    align();
    write(bytes);
    align();
}

void BlockWriter::write(std::span<std::byte const> bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
        ssize_t const written = ::write(memory_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        require<IoError>(written > 0, "cannot fill a block of memory for this host: {}",
                         system_reason(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void BlockWriter::align() {
    std::array<std::byte, alignment> const nothing{};
    write(std::span(nothing).first((alignment - size_ % alignment) % alignment));
}

std::vector<std::string> BlockReader::texts() {
    auto const ends = array<std::uint64_t>();
    auto const letters = array<char>();
    std::vector<std::string> texts;
    std::uint64_t begin = 0;
    for (std::uint64_t const end : ends) {
        require<DataError>(begin <= end && end <= letters.size(), "a text does not end in its block");
        texts.emplace_back(letters.begin() + begin, letters.begin() + end);
        begin = end;
    }
    return texts;
}

std::span<std::byte const> BlockReader::take_bytes(std::size_t unit) {
    std::uint64_t length = 0;
    std::memcpy(&length, take(sizeof length).data(), sizeof length);
    require<DataError>(length % unit == 0, "an array of {} bytes does not consist of pieces of {}", length,
                       unit);
    return take(length);
}

/// The next n bytes, and past what fills them up.
std::span<std::byte const> BlockReader::take(std::uint64_t n) {
    auto const bytes = block_->bytes();
    require<DataError>(at_ <= bytes.size() && n <= bytes.size() - at_,
                       "a block of {} bytes ends before its {} bytes from {} do", bytes.size(), n, at_);
    auto const taken = bytes.subspan(at_, n);
    at_ += n + (alignment - n % alignment) % alignment;
    return taken;
}

}  // namespace vaster
