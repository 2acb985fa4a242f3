#pragma once  // May change before 1.0.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "vaster/support/descriptor.hpp"

namespace vaster {

/// What a block holds, in a few words.
struct BlockIdentity {
    std::uint64_t size = 0;  ///< [bytes]; 0: there is no block
    std::string hash;        ///< hash_text() of the bytes

    friend bool operator==(BlockIdentity const&, BlockIdentity const&) = default;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& size& hash;
    }
};

/// Bytes in memory that processes of one host share: whoever has the descriptor maps the same pages. They
/// have no name and lie in no file system; they are gone with the last process that holds them. Sealed:
/// nobody can change, lengthen or shorten them any more, so that a reader needs to trust nobody (Linux,
/// memfd_create).
class SealedBlock {
  public:
    /// Memory of no size yet, to be written to and then sealed. @throws IoError where the system has none
    [[nodiscard]] static Descriptor new_memory();

    /// Seals what was written. @throws IoError
    [[nodiscard]] static std::shared_ptr<SealedBlock const> seal(Descriptor memory);

    /// A block that another process has made.
    /// @throws IoError if it is not sealed, or not the expected one: it might be changed under its readers
    [[nodiscard]] static std::shared_ptr<SealedBlock const> take(Descriptor memory,
                                                                 BlockIdentity const& expected);

    ~SealedBlock();
    SealedBlock(SealedBlock const&) = delete;
    SealedBlock& operator=(SealedBlock const&) = delete;

    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return bytes_; }

    [[nodiscard]] BlockIdentity const& identity() const noexcept { return identity_; }

    /// To be passed on to another process.
    [[nodiscard]] int fd() const noexcept { return memory_.get(); }

  private:
    /// @throws IoError if it cannot be mapped
    explicit SealedBlock(Descriptor memory);

    Descriptor memory_;
    std::span<std::byte const> bytes_;
    BlockIdentity identity_;
};

}  // namespace vaster
