#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/support/parts.hpp"

namespace vaster::archive {

inline constexpr std::string_view file_type = "vaster-model";
inline constexpr std::uint64_t format_version = 1;
inline constexpr std::uint64_t smallest_user_block = 4096;  ///< [bytes]
inline constexpr std::uint64_t most_parts = 4096;
inline constexpr std::uint64_t longest_file = std::uint64_t{1} << 40U;   ///< [bytes]
inline constexpr std::uint64_t longest_index = std::uint64_t{1} << 22U;  ///< [bytes]
inline constexpr std::uint64_t alignment = 8;                            ///< of parts in the file [bytes]

/// Where a part lies in a file, and what it must be.
struct Entry {
    std::string name;
    PartType type = PartType::u8;
    std::vector<std::uint64_t> shape;
    std::uint64_t offset = 0;  ///< from the beginning of the file; 0 of a part without bytes
    std::uint64_t n_bytes = 0;
    std::string sha256;

    friend bool operator==(Entry const&, Entry const&) = default;
};

/// The text at the beginning of a model file, which is all that is needed to read it:
///
///     vaster-model 1
///     program 0.1.0+1060f70123
///     content SHA256
///     length BYTES
///     hdf5 OFFSET
///     part NAME TYPE 6273x168 OFFSET BYTES SHA256
///     end SHA256
///
/// One line a part, in byte order of names; a part without dimensions has "-" for them. The last is the hash
/// of all lines before it. Spaces follow, up to where HDF5's part of the file begins.
struct Index {
    std::string program;  ///< version of the program that wrote it
    std::string content;  ///< content_hash()
    std::uint64_t length = 0;
    std::uint64_t hdf5 = 0;  ///< a power of two
    std::vector<Entry> entries;

    friend bool operator==(Index const&, Index const&) = default;
};

[[nodiscard]] std::string to_text(Index const& index);

/// The identity of what a file has learned: SHA-256 of a line "NAME TYPE SHAPE SHA256" for each part below
/// "model/" and "data/", in byte order of names. Parts elsewhere do not count.
[[nodiscard]] std::string content_hash(std::vector<Entry> const& entries);

/// Is that how a model file begins?
[[nodiscard]] bool begins_like_a_model(std::string_view beginning);

/// Reads the index at the beginning of a file and checks all of it: that it is whole, that parts lie within
/// the file, do not overlap and have as many bytes as their shapes say, that names are unique. Hashes of
/// parts are not looked at.
/// @param beginning  the first bytes of the file: all, or at least longest_index of them
/// @param file_size  of all of it [bytes]
/// @throws DataError that says what is wrong, without the file's name
[[nodiscard]] Index parse_index(std::string_view beginning, std::uint64_t file_size);

}  // namespace vaster::archive
