#include "domains/trading/market/csv.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/csv/csv.hpp"
#include "domains/trading/market/bar_problem.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::market {
namespace {

constexpr std::size_t most_named = 10;

/// Collects what is wrong, to be said at once.
class Problems {
  public:
    explicit Problems(std::string name) : name_(std::move(name)) {}

    void add(std::uint64_t line, std::string_view what) {
        if (n_ < most_named) text_ += fmt::format("\n  line {}: {}", line, what);
        ++n_;
    }

    void raise() const {
        require<DataError>(n_ == 0, "{}: {} rows are not sound bars:{}{}\nmend or remove these rows", name_,
                           n_, text_, n_ > most_named ? fmt::format("\n  and {} more", n_ - most_named) : "");
    }

  private:
    std::string name_;
    std::string text_;
    std::size_t n_ = 0;
};

struct Columns {
    std::size_t time;
    std::array<std::size_t, 5> values;  ///< open, high, low, close, volume
    std::optional<std::size_t> symbol;
    std::optional<std::size_t> funding;
};

Columns find_columns(csv::CsvReader const& reader) {
    Columns columns{};
    std::optional<std::size_t> time;
    for (auto const* name : {"timestamp", "time", "datetime", "date"})
        if (!time) time = reader.find(name);
    columns.time = time ? *time : reader.position("timestamp", "the time of every bar");
    std::array<char const*, 5> const names{"open", "high", "low", "close", "volume"};
    for (std::size_t k = 0; k < names.size(); ++k)
        columns.values[k] = reader.position(names[k], "the bars of a market");
    columns.symbol = reader.find("symbol");
    columns.funding = reader.find("funding_rate");
    return columns;
}

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

/// An asset's bars and the lines that they came from.
struct Asset {
    Bars bars;
    std::vector<std::uint64_t> lines;
};

class Importer {
  public:
    Importer(std::filesystem::path const& path, CsvRules const& rules)
        : reader_(path),
          rules_(rules),
          columns_(find_columns(reader_)),
          problems_(path.string()),
          default_symbol_(rules.symbol.empty() ? path.stem().string() : rules.symbol) {}

    std::vector<Bars> read() {
        std::size_t n_bars = 0;
        while (reader_.next()) {
            require<DataError>(++n_bars <= rules_.max_bars,
                               "{}: there are more than {} bars; split the table", reader_.name(),
                               rules_.max_bars);
            read_row();
        }
        if (rules_.gaps == Gaps::refuse)
            for (Asset const& asset : assets_) name_gaps(asset);
        problems_.raise();
        std::vector<Bars> result;
        for (Asset& asset : assets_) result.push_back(std::move(asset.bars));
        return result;
    }

  private:
    Asset& asset_of_row() {
        std::string const symbol(columns_.symbol ? reader_.cells()[*columns_.symbol] : default_symbol_);
        auto const [found, is_new] = place_.try_emplace(symbol, assets_.size());
        if (is_new) {
            assets_.emplace_back();
            assets_.back().bars.symbol = symbol;
        }
        return assets_[found->second];
    }

    std::optional<double> number(std::size_t column) {
        auto const value = parse_number(reader_.cells()[column]);
        if (!value)
            problems_.add(reader_.line(), fmt::format("'{}' in column {} is not a number",
                                                      reader_.cells()[column], reader_.header()[column]));
        return value;
    }

    void read_row() {
        Asset& asset = asset_of_row();
        std::int64_t time = 0;
        try {
            time = parse_time(reader_.cells()[columns_.time], reader_.where(columns_.time));
        } catch (DataError const&) {
            problems_.add(reader_.line(),
                          fmt::format("'{}' is not a UTC time (2020-01-01T00:00:00Z or seconds "
                                      "since 1970)",
                                      reader_.cells()[columns_.time]));
            return;
        }
        std::array<double, 6> values{};
        for (std::size_t k = 0; k < columns_.values.size(); ++k) {
            auto const value = number(columns_.values[k]);
            if (!value) return;
            values[k] = *value;
        }
        if (columns_.funding) {
            auto const value = number(*columns_.funding);
            if (!value) return;
            values[5] = *value;
        }
        add(asset, time, values);
    }

    void add(Asset& asset, std::int64_t time, std::array<double, 6> const& values) {
        Bars& bars = asset.bars;
        std::string problem =
            problem_of_bar({values[0], values[1], values[2], values[3], values[4], values[5]});
        if (problem.empty() && bars.size() > 0 && time <= bars.times.back())
            problem = fmt::format("{} of '{}' {} that of line {}", format_time(time), bars.symbol,
                                  time == bars.times.back() ? "is the same time as" : "is earlier than",
                                  asset.lines.back());
        if (!problem.empty()) {
            problems_.add(reader_.line(), problem);
            return;
        }
        bars.times.push_back(time);
        bars.open.push_back(values[0]);
        bars.high.push_back(values[1]);
        bars.low.push_back(values[2]);
        bars.close.push_back(values[3]);
        bars.volume.push_back(values[4]);
        if (columns_.funding) bars.funding.push_back(values[5]);
        asset.lines.push_back(reader_.line());
    }

    void name_gaps(Asset const& asset) {
        std::int64_t const step = step_of(asset.bars);
        auto const& times = asset.bars.times;
        for (std::size_t i = 1; i < times.size(); ++i)
            if (times[i] - times[i - 1] != step)
                problems_.add(
                    asset.lines[i],
                    fmt::format("a gap: {} s since the bar before, elsewhere {} s (gaps can be allowed)",
                                times[i] - times[i - 1], step));
    }

    csv::CsvReader reader_;
    CsvRules rules_;
    Columns columns_;
    Problems problems_;
    std::string default_symbol_;
    std::vector<Asset> assets_;
    std::map<std::string, std::size_t> place_;
};

}  // namespace

std::vector<Bars> read_csv(std::filesystem::path const& path, CsvRules const& rules) {
    return Importer(path, rules).read();
}

}  // namespace vaster::market
