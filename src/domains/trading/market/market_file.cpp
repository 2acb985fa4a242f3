#include "domains/trading/market/market_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>

#include <unistd.h>

#include "base/support/files.hpp"
#include "core/h5/attributes.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::market {
namespace {

constexpr char const* file_type = "vaster market";
constexpr std::int64_t file_version = 1;
constexpr std::uint64_t user_block = 512;

/// A row as it lies in the file.
struct Row {
    std::int64_t time;
    double open;
    double high;
    double low;
    double close;
    double volume;
    double funding;  ///< NaN: unknown
};

h5::RecordType const& row_type() {
    using h5::Scalar;
    static h5::RecordType const type{{{"time", Scalar::int64, 0, offsetof(Row, time)},
                                      {"open", Scalar::float64, 0, offsetof(Row, open)},
                                      {"high", Scalar::float64, 0, offsetof(Row, high)},
                                      {"low", Scalar::float64, 0, offsetof(Row, low)},
                                      {"close", Scalar::float64, 0, offsetof(Row, close)},
                                      {"volume", Scalar::float64, 0, offsetof(Row, volume)},
                                      {"funding_rate", Scalar::float64, 0, offsetof(Row, funding)}},
                                     sizeof(Row)};
    return type;
}

bool has_row_type(h5::Dataset const& dataset) {
    auto const& seen = dataset.element();
    auto const& wanted = row_type();
    return seen.size == wanted.size && dataset.shape().size() == 1 &&
           std::equal(seen.fields.begin(), seen.fields.end(), wanted.fields.begin(), wanted.fields.end(),
                      [](h5::Field const& a, h5::Field const& b) {
                          return a.name == b.name && a.type == b.type && a.offset == b.offset;
                      });
}

std::string dataset_path(std::size_t asset) {
    return fmt::format("/bars/{:04}", asset);
}

std::vector<Row> rows_of(Bars const& bars) {
    std::vector<Row> rows(bars.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = {bars.times[i],
                   bars.open[i],
                   bars.high[i],
                   bars.low[i],
                   bars.close[i],
                   bars.volume[i],
                   bars.funding.empty() ? std::numeric_limits<double>::quiet_NaN() : bars.funding[i]};
    return rows;
}

Bars bars_of(std::string const& symbol, std::vector<Row> const& rows) {
    Bars bars;
    bars.symbol = symbol;
    bool has_funding = !rows.empty();
    for (Row const& row : rows) {
        bars.times.push_back(row.time);
        bars.open.push_back(row.open);
        bars.high.push_back(row.high);
        bars.low.push_back(row.low);
        bars.close.push_back(row.close);
        bars.volume.push_back(row.volume);
        bars.funding.push_back(row.funding);
        has_funding = has_funding && !std::isnan(row.funding);
    }
    if (!has_funding) bars.funding.clear();
    return bars;
}

std::vector<Row> read_rows(h5::Dataset const& dataset, std::uint64_t first, std::uint64_t last) {
    std::vector<Row> rows(last - first);
    if (!rows.empty()) dataset.read_rows(first, std::as_writable_bytes(std::span(rows)));
    return rows;
}

/// The first row that is not earlier than a time.
std::uint64_t find_time(h5::Dataset const& dataset, std::int64_t time) {
    std::uint64_t first = 0;
    std::uint64_t last = dataset.n_rows();
    while (first < last) {
        std::uint64_t const middle = first + (last - first) / 2;
        if (read_rows(dataset, middle, middle + 1).front().time < time)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

void write_assets(h5::File const& file, std::span<Bars const> assets) {
    h5::create_group(file, "/bars");
    std::vector<std::string> symbols;
    for (std::size_t i = 0; i < assets.size(); ++i) {
        symbols.push_back(assets[i].symbol);
        Row const blank{};
        auto const dataset = h5::Dataset::create(file, dataset_path(i), row_type(), {assets[i].size()},
                                                 std::as_bytes(std::span(&blank, 1)));
        auto const rows = rows_of(assets[i]);
        dataset.write_rows(0, std::as_bytes(std::span(rows)));
    }
    auto const root = h5::open_object(file, "/");
    h5::write_attribute(root, "filetype", std::string(file_type));
    h5::write_attribute(root, "version", file_version);
    h5::write_attribute(root, "symbols", symbols);
}

}  // namespace

void write_market_file(std::filesystem::path const& path, std::span<Bars const> assets) {
    for (Bars const& bars : assets) {
        check(bars);
        require<DataError>(bars.size() > 0, "'{}' has no bars: there is nothing to keep", bars.symbol);
    }
    auto temporary = path;
    temporary += fmt::format(".{}.tmp", ::getpid());
    try {
        auto file = h5::create_file(temporary, user_block);
        write_assets(file, assets);
        h5::flush(file);
        require<IoError>(file.close_now(), "HDF5 cannot finish {}", temporary.string());
        rename_durably(temporary, path);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        throw;
    }
}

MarketFile::MarketFile(std::filesystem::path const& path) : path_(path), file_(h5::open_for_reading(path)) {
    auto const root = h5::open_object(file_, "/");
    std::string const type = h5::read_text(root, "filetype");
    std::int64_t const version = h5::read_integer(root, "version");
    require<DataError>(type == file_type && version == file_version,
                       "{} is a '{}' of version {}; a '{}' of version {} is needed", path.string(), type,
                       version, file_type, file_version);
    symbols_ = h5::read_texts(root, "symbols");
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        datasets_.push_back(h5::Dataset::open(file_, dataset_path(i)));
        require<DataError>(has_row_type(datasets_.back()), "{}: '{}' does not have the columns of bars",
                           path.string(), dataset_path(i));
    }
}

Bars MarketFile::read(Query const& query) const {
    auto const found = std::find(symbols_.begin(), symbols_.end(), query.symbol);
    require<DataError>(found != symbols_.end(), "{} has no bars of '{}'; there are {}", path_.string(),
                       query.symbol, fmt::join(symbols_, ", "));
    auto const& dataset = datasets_[static_cast<std::size_t>(found - symbols_.begin())];
    std::uint64_t first = query.begin ? find_time(dataset, *query.begin) : 0;
    std::uint64_t const last = std::max(first, query.end ? find_time(dataset, *query.end) : dataset.n_rows());
    if (query.limit && last - first > *query.limit) first = last - *query.limit;
    return bars_of(query.symbol, read_rows(dataset, first, last));
}

}  // namespace vaster::market
