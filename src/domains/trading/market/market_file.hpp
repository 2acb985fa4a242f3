#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "domains/trading/market/storage.hpp"

namespace vaster::market {

/// Writes a market file in place of what is there: readers see the old one or the whole new one. @throws
/// IoError
void write_market_file(std::filesystem::path const& path, std::span<Bars const> assets);

/// A market file that is open for reading; rows are read when they are asked for.
class MarketFile {
  public:
    /// @throws DataError when it is not there or is none
    explicit MarketFile(std::filesystem::path const& path);

    [[nodiscard]] std::vector<std::string> const& symbols() const { return symbols_; }

    /// @throws DataError for an unknown symbol
    [[nodiscard]] Bars read(Query const& query) const;

  private:
    std::filesystem::path path_;
    h5::File file_;
    std::vector<std::string> symbols_;
    std::vector<h5::Dataset> datasets_;
};

}  // namespace vaster::market
