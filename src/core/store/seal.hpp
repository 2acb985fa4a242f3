#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vaster::store {

/// The first bytes of a study file, which hold the seal's text.
inline constexpr std::uint64_t seal_bytes = 4096;

/// The first word of the mirror, which follows the seal.
inline constexpr std::string_view mirror_word = "mirror";

/// What HDF5 leaves to us at the beginning of most study files: the seal, and the mirror.
inline constexpr std::uint64_t usual_user_block = 1 << 16;

/// Bytes of the file that rows are written to.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// What a seal says, a few lines of text: "vaster-study 3", "size N", "mirror 4096 E", "range B E"...,
/// "crc XXXXXXXX". The structure is everything behind the mirror that is in no range: HDF5's own structures,
/// attributes, labels. It never changes after creation, so whoever opens the file can tell first that it is
/// intact: HDF5 1.10 may crash on damaged ones. The mirror is a copy of the seal and of the structure, with a
/// checksum of its own; a damaged file is mended from it.
struct Seal {
    std::uint64_t size = 0;        ///< of the file
    std::uint64_t user_block = 0;  ///< where the mirror ends and HDF5's part begins
    std::vector<Range> ranges;     ///< in order
    std::uint32_t crc = 0;         ///< of the lines before it and of the structure
};

/// The bytes between the ranges, in order.
[[nodiscard]] std::vector<Range> structure_of(Seal const& seal);

/// The smallest user block with room for the mirror of so many bytes of structure.
[[nodiscard]] std::uint64_t user_block_for(std::uint64_t bytes_of_structure);

/// Seals a file that has been laid out, and writes the mirror. @throws IoError, std::logic_error when one of
/// them has too little room
void write_seal(std::filesystem::path const& path, std::uint64_t user_block, std::vector<Range> ranges);

/// @throws IoError when the file cannot be read
/// @throws DataError when it is not a study file, of another version, cut short or damaged
void check_seal(std::filesystem::path const& path);

/// A seal and the structure that it seals, parts one after the other.
struct Blueprint {
    Seal seal;
    std::string structure;
};

/// What a damaged file was built like, from its structure or else from the mirror. Cheap to call, and safe on
/// any bytes. @throws IoError when the file cannot be read
/// @throws DataError when it is not a study file of this version, or neither of the two holds
[[nodiscard]] Blueprint read_blueprint(std::filesystem::path const& path);

}  // namespace vaster::store
