#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vaster {

/// 64-bit XXH3 of the bytes: identities and stream keys. Stable since xxHash 0.8.0.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes);

/// 128-bit XXH3 of the bytes as 32 hexadecimal digits: content hashes of data and configuration.
[[nodiscard]] std::string hash_text(std::string_view bytes);

/// CRC-32 (IEEE 802.3), continued from `so_far`.
[[nodiscard]] std::uint32_t crc32(std::span<std::byte const> bytes, std::uint32_t so_far = 0);

/// 128-bit XXH3 of bytes that come in pieces.
class ContentHash {
  public:
    ContentHash();
    ~ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;
    void add(std::string_view bytes);
    [[nodiscard]] std::string text() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vaster
