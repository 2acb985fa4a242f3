#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/study/part_file.hpp"

namespace vaster::stream {

/// What a merged file holds.
struct Merged {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::string hash;
};

/// The same, and the hash of what each range of records has put there, the header with the first one.
struct MergedInRanges {
    Merged file;
    std::vector<std::string> ranges;
};

/// Says whether a file that was brought together is the right one.
using IsRight = std::function<bool(MergedInRanges const&)>;

/// Brings the rows of the parts of one stream into the order of their records, in a file that is written as
/// write_part() does, and synced.
/// @param header  first line of the file with its end; may be empty
/// Little of the parts is in memory at a time.
/// @returns nothing, and leaves no file, when it is not right. @throws IoError; DataError for damaged rows
std::optional<Merged> merge_parts(std::span<PartFile const> parts, std::string_view header,
                                  std::filesystem::path const& path, RecordRanges const& ranges = {},
                                  IsRight const& is_right = {});

/// What a range of records has put into a merged file.
struct Piece {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  ///< the header with the first one
    std::string hash;
};

/// Where pieces of a merged file are written, until all of them are there: ".AVG.csv.merging" beside it.
[[nodiscard]] std::filesystem::path pieces_path(std::filesystem::path const& path);

/// Writes the rows of a range of records to the place where they will stand: others may do so with the other
/// ranges at the same time, or have done so before. Once more writes the same bytes.
/// @param parts   all of them; written with ranges
/// @returns nothing when the rows of a part are damaged: what was written is of no use. @throws IoError
[[nodiscard]] std::optional<Piece> write_piece(std::span<PartFile const> parts, std::string_view header,
                                               std::filesystem::path const& path, std::uint64_t range);

/// Makes a file of the pieces, which is synced. They are looked at again, so that a file of which anything is
/// not there is never taken for a whole one.
/// @param parts     as they were for write_piece(). @param is_right  is given what is there
/// @returns nothing, and leaves no file, when it is not right, or there is none. @throws IoError
[[nodiscard]] std::optional<Merged> join_pieces(std::span<PartFile const> parts, std::string_view header,
                                                std::filesystem::path const& path, IsRight const& is_right);

}  // namespace vaster::stream
