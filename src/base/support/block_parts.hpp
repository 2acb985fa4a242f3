#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vaster/support/descriptor.hpp"
#include "vaster/support/sealed_block.hpp"
#include "vaster/support/shared_array.hpp"

namespace vaster {

/// Fills a block with arrays and lists of texts, one after another, each after its length and beginning at a
/// multiple of 64 bytes. Between processes of the same program only, never a file format.
class BlockWriter {
  public:
    /// @throws IoError as SealedBlock::new_memory()
    BlockWriter() : memory_(SealedBlock::new_memory()) {}

    /// @throws IoError when there is no memory left
    template <class T>
    void put(SharedArray<T> const& values) {
        static_assert(std::is_trivially_copyable_v<T>);
        put_bytes(std::as_bytes(std::span(values.data(), values.size())));
    }

    /// @throws IoError when there is no memory left
    void put(std::vector<std::string> const& texts);

    /// The block; nothing can be put after that. @throws IoError as SealedBlock::seal()
    [[nodiscard]] std::shared_ptr<SealedBlock const> seal() { return SealedBlock::seal(std::move(memory_)); }

  private:
    void put_bytes(std::span<std::byte const> bytes);
    void write(std::span<std::byte const> bytes);
    void align();

    Descriptor memory_;
    std::uint64_t size_ = 0;
};

/// Gives back what a BlockWriter has put there, in the same order and without copying arrays.
class BlockReader {
  public:
    explicit BlockReader(std::shared_ptr<SealedBlock const> block) : block_(std::move(block)) {}

    /// @throws DataError when the block ends before the array does
    template <class T>
    [[nodiscard]] SharedArray<T> array() {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);
        auto const bytes = take_bytes(sizeof(T));
        return {{reinterpret_cast<T const*>(bytes.data()), bytes.size() / sizeof(T)}, block_};
    }

    /// @throws DataError when the block ends before the texts do
    [[nodiscard]] std::vector<std::string> texts();

  private:
    [[nodiscard]] std::span<std::byte const> take_bytes(std::size_t unit);
    [[nodiscard]] std::span<std::byte const> take(std::uint64_t n);

    std::shared_ptr<SealedBlock const> block_;
    std::uint64_t at_ = 0;
};

}  // namespace vaster
