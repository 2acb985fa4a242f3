#include "domains/trading/market/storage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/stats/summary.hpp"
#include "base/support/clock.hpp"
#include "domains/trading/market/market_file.hpp"
#include "domains/trading/market/synthetic.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::market {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::size_t place_of(Bars const& bars, std::int64_t time) {
    return static_cast<std::size_t>(std::lower_bound(bars.times.begin(), bars.times.end(), time) -
                                    bars.times.begin());
}

/// Both in ascending order; where both have a bar of a time, that of `newer`. Runs of bars are copied at
/// once.
Bars merged(Bars const& older, Bars const& newer) {
    Bars result;
    result.symbol = older.symbol;
    std::size_t i = 0;
    std::size_t k = 0;
    while (i < older.size() && k < newer.size()) {
        std::size_t const end = place_of(older, newer.times[k]);
        if (end > i) append(result, slice(older, i, end - i));
        i = end;
        std::size_t const stop = i < older.size() ? place_of(newer, older.times[i] + 1) : newer.size();
        if (stop > k) append(result, slice(newer, k, stop - k));
        k = stop;
        if (i < older.size() && newer.times[k - 1] == older.times[i]) ++i;
    }
    append(result, slice(older, i, older.size() - i));
    append(result, slice(newer, k, newer.size() - k));
    return result;
}

void merge(std::vector<Bars>& assets, std::span<Bars const> more) {
    for (Bars const& bars : more) {
        check(bars);
        auto const found = std::find_if(assets.begin(), assets.end(),
                                        [&](Bars const& known) { return known.symbol == bars.symbol; });
        if (found == assets.end())
            assets.push_back(bars);
        else
            *found = merged(*found, bars);
    }
}

std::vector<Bars> all_of(Storage const& storage) {
    std::vector<Bars> assets;
    for (auto const& symbol : storage.symbols()) assets.push_back(storage.bars({symbol}));
    return assets;
}

class LocalStorage : public Storage {
  public:
    explicit LocalStorage(std::vector<Bars> assets) : assets_(std::move(assets)) {
        for (Bars const& bars : assets_) check(bars);
    }

    [[nodiscard]] Backend backend() const override { return Backend::local; }

    [[nodiscard]] std::vector<std::string> symbols() const override {
        std::vector<std::string> result;
        for (Bars const& bars : assets_) result.push_back(bars.symbol);
        return result;
    }

    [[nodiscard]] Bars bars(Query const& query) const override {
        auto const found = std::find_if(assets_.begin(), assets_.end(),
                                        [&](Bars const& known) { return known.symbol == query.symbol; });
        require<DataError>(found != assets_.end(), "there are no bars of '{}'; there are {}", query.symbol,
                           fmt::join(symbols(), ", "));
        std::size_t first = query.begin ? place_of(*found, *query.begin) : 0;
        std::size_t const last = std::max(first, query.end ? place_of(*found, *query.end) : found->size());
        if (query.limit && last - first > *query.limit) first = last - *query.limit;
        return slice(*found, first, last - first);
    }

  private:
    std::vector<Bars> assets_;
};

class SharedStorage : public Storage {
  public:
    explicit SharedStorage(std::filesystem::path const& path) : file_(path) {}

    [[nodiscard]] Backend backend() const override { return Backend::shared; }

    [[nodiscard]] std::vector<std::string> symbols() const override { return file_.symbols(); }

    [[nodiscard]] Bars bars(Query const& query) const override { return file_.read(query); }

  private:
    MarketFile file_;
};

Summary summary_of(Bars const& bars) {
    if (bars.size() == 0) return {bars.symbol, 0, 0, 0, missing, missing, missing, missing};
    auto const [lowest, highest] = std::minmax_element(bars.close.begin(), bars.close.end());
    auto const closes = stats::summarise(bars.close);
    double const volume = std::accumulate(bars.volume.begin(), bars.volume.end(), 0.0);
    return {bars.symbol,
            bars.size(),
            bars.times.front(),
            bars.times.back(),
            volume / static_cast<double>(bars.size()),
            bars.close.back() / bars.open.front() - 1,
            *highest / *lowest - 1,
            closes.sd / closes.mean};
}

bool are_same(Bars const& a, Bars const& b) {
    return a.times == b.times && a.open == b.open && a.high == b.high && a.low == b.low &&
           a.close == b.close && a.volume == b.volume && a.funding == b.funding;
}

/// Writes a probe, reads it and asks it for a part.
void probe(Keeper const& keeper, std::filesystem::path const& path, Health& health) {
    Bars const bars = golden_series(1000);
    double const begin = monotonic_seconds();
    keeper.store(path, {&bars, 1});
    health.is_writable = true;
    double const written = monotonic_seconds();
    auto const storage = keeper.open(path);
    require<IoError>(are_same(storage->bars({bars.symbol}), bars), "what was written came back changed");
    double const read = monotonic_seconds();
    auto const part = storage->bars({bars.symbol, bars.times[100], bars.times[200], 50});
    require<IoError>(are_same(part, slice(bars, 150, 50)), "a question by time got a wrong answer");
    health.write_seconds = written - begin;
    health.read_seconds = read - written;
    health.query_seconds = monotonic_seconds() - read;
}

void note(Health& health, std::string const& problem) {
    health.problem += (health.problem.empty() ? "" : "; ") + problem;
}

}  // namespace

std::unique_ptr<Storage> hold(std::vector<Bars> assets) {
    return std::make_unique<LocalStorage>(std::move(assets));
}

std::unique_ptr<Storage> open_market(std::filesystem::path const& path) {
    return std::make_unique<SharedStorage>(path);
}

void store_bars(std::filesystem::path const& path, std::span<Bars const> assets) {
    std::vector<Bars> all;
    if (std::filesystem::exists(path)) all = all_of(*open_market(path));
    merge(all, assets);
    write_market_file(path, all);
}

std::vector<Summary> summarise(Storage const& storage) {
    std::vector<Summary> result;
    for (auto const& symbol : storage.symbols()) result.push_back(summary_of(storage.bars({symbol})));
    return result;
}

Health check_storage(std::filesystem::path const& path, Keeper const& keeper) {
    Health health;
    health.backend = keeper.backend == Backend::local ? "local" : "shared";
    health.path = path;
    std::error_code ignored;
    health.exists = std::filesystem::exists(path, ignored);
    if (health.exists) health.bytes = std::filesystem::file_size(path, ignored);
    auto trial = path;
    trial += fmt::format(".probe.{}", ::getpid());
    bool works = true;
    try {
        probe(keeper, trial, health);
    } catch (std::exception const& e) {
        works = false;
        note(health, e.what());
    }
    std::filesystem::remove(trial, ignored);
    bool is_readable = works;
    if (health.exists) {
        try {
            is_readable = true;
            for (auto const& row : summarise(*keeper.open(path)))
                require<DataError>(row.n_bars > 0, "'{}' has no bars", row.symbol);
        } catch (std::exception const& e) {
            is_readable = false;
            note(health, e.what());
        }
    }
    health.status = !is_readable ? Status::unhealthy : works ? Status::healthy : Status::degraded;
    return health;
}

}  // namespace vaster::market
