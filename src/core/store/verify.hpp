#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vaster::store {

/// A row whose checksum does not hold.
struct BadRow {
    std::string table;                      ///< "/records"
    std::optional<std::uint64_t> row = {};  ///< none: the table as a whole, one of /inputs
    std::string reason;

    /// "row 7 of /records: ..." or "/inputs/bars: ..."
    [[nodiscard]] std::string text() const;
};

/// Checks every checksum of the file: of its structure, of every committed row, of every array of every done
/// row, of the data that it keeps. Rows that are pending or running are not bad. May run while ranks write.
/// @throws DataError as Reader does, when the file as a whole is not intact
[[nodiscard]] std::vector<BadRow> verify(std::filesystem::path const& path);

}  // namespace vaster::store
