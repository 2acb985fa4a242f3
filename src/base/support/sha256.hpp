#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vaster {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces: identities that are cited in papers, and that other
/// programs check (`sha256sum`). For data within a study XXH3 is quicker: hash_text().
class Sha256 {
  public:
    /// By the processor's own instructions where it has them, or never: both give the same.
    enum class Way { fastest, portable };

    explicit Sha256(Way way = Way::fastest);

    void add(std::span<std::byte const> bytes);

    void add(std::string_view text) { add(std::as_bytes(std::span(text))); }

    /// Of all bytes so far, as 64 hexadecimal digits. More may be added afterwards.
    [[nodiscard]] std::string text() const;

  private:
    static constexpr std::size_t block_size = 64;

    using State = std::array<std::uint32_t, 8>;

    void (*compress_)(State&, std::byte const* blocks, std::size_t n_blocks);
    State state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, block_size> rest_{};  ///< bytes that do not fill a block yet
    std::uint64_t n_bytes_ = 0;                 ///< all that were added
};

/// 64 hexadecimal digits.
[[nodiscard]] std::string sha256_text(std::span<std::byte const> bytes);
[[nodiscard]] std::string sha256_text(std::string_view text);

}  // namespace vaster
