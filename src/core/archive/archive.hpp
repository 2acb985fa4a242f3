#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "vaster/support/parts.hpp"
#include "vaster/support/sealed_block.hpp"

/// Model files: parts in an HDF5 file that begins with a text which says where they are (docs/model-file.md).
namespace vaster::archive {

/// What a model file holds. By convention "model/" has what was learned, "data/" what it was learned from,
/// "inner/" how well it did, and "provenance/" who made it, and with what.
struct Archive {
    Parts parts;
    std::string program;  ///< version of the program that wrote it; "unknown" if it did not say
    std::string
        content;  ///< SHA-256 of "model/" and "data/" alone: the same model has the same, whoever made it
    std::string file_hash;      ///< SHA-256 of all bytes of the file, as `sha256sum` prints it
    std::uint64_t n_bytes = 0;  ///< of the file
};

/// The identity that a file with these parts will have as Archive::content.
[[nodiscard]] std::string content_of(Parts const& parts);

/// How many digits of a content hash are shown where people read it.
inline constexpr std::size_t digits_of_short_id = 12;

/// Writes a model file, instead of what is there: under a temporary name, which is synced and renamed. Equal
/// parts make equal bytes. The text of "provenance/program", if there is one, is named as the program that
/// wrote it.
/// @throws IoError; std::logic_error for more than 4096 parts, and for a text with a zero byte
void write_archive(std::filesystem::path const& path, Parts const& parts);

/// Reads all of a model file, and checks it: its index, where its parts lie, and their hashes. HDF5 is not
/// asked: it may crash on files that were made to hurt. @throws IoError; DataError that names the file and
/// what is wrong
[[nodiscard]] Archive read_archive(std::filesystem::path const& path);

/// What a model file says of itself at its beginning.
struct Heading {
    std::string program;  ///< as Archive
    std::string content;  ///< the same
};

/// Reads and checks the index of a model file, and nothing else of it. @throws IoError; DataError that names
/// the file and what is wrong
[[nodiscard]] Heading read_heading(std::filesystem::path const& path);

/// All bytes of a model file in memory that processes of this host can share. They are not checked.
/// @throws IoError, also where there is no such memory; DataError for what does not begin like a model file
[[nodiscard]] std::shared_ptr<SealedBlock const> read_into_block(std::filesystem::path const& path);

/// As read_archive(), of bytes in memory, where the parts stay: none is copied.
/// @param bytes   begin at a multiple of 8
/// @param keeper  keeps the bytes where they are; not null
/// @param name    of the file, for messages
[[nodiscard]] Archive read_archive(std::span<std::byte const> bytes,
                                   std::shared_ptr<void const> const& keeper, std::string_view name);
[[nodiscard]] Archive read_archive(std::shared_ptr<SealedBlock const> const& block, std::string_view name);

/// Does a file begin like a model file, whole or not? Never throws.
[[nodiscard]] bool is_archive(std::filesystem::path const& path);

}  // namespace vaster::archive
