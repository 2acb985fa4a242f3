#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domains/trading/market/bars.hpp"

namespace vaster::market {

/// Where bars are kept.
enum class Backend : std::uint8_t {
    local,   ///< the study's own file, whose bars are handed over in memory: this room knows no studies
    shared,  ///< a market file on a file system that all ranks see; rows are read when they are asked for
};

/// Which bars are wanted.
struct Query {
    std::string symbol;
    std::optional<std::int64_t> begin = {};  ///< not earlier than
    std::optional<std::int64_t> end = {};    ///< earlier than
    std::optional<std::size_t> limit = {};   ///< at most so many: the latest
};

/// One asset in a few numbers; without bars times are 0 and the numbers missing (NaN).
struct Summary {
    std::string symbol;
    std::size_t n_bars = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    double mean_volume = 0;
    double total_return = 0;  ///< last close / first open - 1
    double range = 0;         ///< highest / lowest close - 1
    double variation = 0;     ///< standard deviation / mean of the closes
};

enum class Status : std::uint8_t { healthy, degraded, unhealthy };

/// What trying out a storage showed.
struct Health {
    Status status = Status::unhealthy;
    std::string backend;
    std::filesystem::path path;
    bool exists = false;       ///< the file
    bool is_writable = false;  ///< its folder
    std::uintmax_t bytes = 0;
    double write_seconds = 0;  ///< of 1,000 bars
    double read_seconds = 0;
    double query_seconds = 0;
    std::string problem;  ///< why it is not healthy
};

/// Keeps the bars of several assets.
class Storage {
  public:
    virtual ~Storage() = default;
    Storage() = default;
    Storage(Storage const&) = delete;
    Storage& operator=(Storage const&) = delete;

    [[nodiscard]] virtual Backend backend() const = 0;

    /// In the order in which they came.
    [[nodiscard]] virtual std::vector<std::string> symbols() const = 0;

    /// In ascending order. @throws DataError for an unknown symbol, with those that are there
    [[nodiscard]] virtual Bars bars(Query const& query) const = 0;
};

/// Bars in memory as a storage. @throws DataError when they are not sound
[[nodiscard]] std::unique_ptr<Storage> hold(std::vector<Bars> assets);

/// A market file (HDF5): docs/trading/strategies.md has its layout. @throws DataError, IoError
[[nodiscard]] std::unique_ptr<Storage> open_market(std::filesystem::path const& path);

/// Adds bars to a market file, which need not be there yet; those of a time that is there already are
/// replaced. Readers see the old file or the whole new one. One process may write at a time.
/// @throws DataError when the bars are not sound, IoError
void store_bars(std::filesystem::path const& path, std::span<Bars const> assets);

/// How bars are kept in a file.
struct Keeper {
    Backend backend = Backend::shared;
    std::function<void(std::filesystem::path const&, std::span<Bars const>)> store = store_bars;
    std::function<std::unique_ptr<Storage>(std::filesystem::path const&)> open = open_market;
};

/// One row an asset.
[[nodiscard]] std::vector<Summary> summarise(Storage const& storage);

/// Tries a storage out: 1,000 bars are written into a file beside it, read back, asked for by time and
/// removed; then the file itself, if there is one, is opened and read. Healthy: all of it worked; degraded:
/// it can be read only; unhealthy: it cannot be read, or is not there and cannot be made. Never throws
/// because of what it finds.
[[nodiscard]] Health check_storage(std::filesystem::path const& path, Keeper const& keeper = {});

}  // namespace vaster::market
