#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>

namespace vaster::stream {

/// The bytes of a file, mapped: read from the disk where they are looked at, shared by all processes that
/// look at them, and given back by the system when memory is scarce. A file that is packed by gzip is
/// unpacked into memory instead.
class MappedText {
  public:
    /// @param padding        bytes after the text that can be read, too: they are zero
    /// @param most_unpacked  bytes that may be in a packed file
    /// @throws IoError when it cannot be opened, is not a plain file, or cannot be mapped; DataError when it
    /// is packed and cut, or has more in it
    MappedText(std::filesystem::path const& path, std::size_t padding,
               std::uint64_t most_unpacked = std::numeric_limits<std::uint64_t>::max());
    /// A text that lies elsewhere, with its padding.
    /// @param keeper    keeps it there
    /// @param modified  what modified() of the file said that it comes from
    MappedText(std::string_view text, std::shared_ptr<void const> keeper, std::int64_t modified);
    ~MappedText();
    MappedText(MappedText&& other) noexcept;
    MappedText& operator=(MappedText&& other) noexcept;
    MappedText(MappedText const&) = delete;
    MappedText& operator=(MappedText const&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// Lets the system map all of its pages at once, for who will look at most of them in any order: that
    /// costs a fifth of a fault for each sixteen pages. Where it cannot, they are mapped as they are looked
    /// at.
    void map_pages() const noexcept;

    /// When the file was last written, by the clock of its file system [ns].
    [[nodiscard]] std::int64_t modified() const noexcept { return modified_; }

    /// Was it unpacked, so that it lies in the memory of this process alone?
    [[nodiscard]] bool was_packed() const noexcept { return was_packed_; }

  private:
    MappedText() = default;
    void map(int file, std::size_t size, std::size_t padding, std::filesystem::path const& path);
    void unmap() noexcept;

    void* begin_ = nullptr;
    std::size_t mapped_ = 0;  ///< bytes, padding included
    std::string_view text_;
    std::shared_ptr<void const> keeper_;  ///< null: the pages are its own
    std::int64_t modified_ = 0;
    bool was_packed_ = false;
};

}  // namespace vaster::stream
