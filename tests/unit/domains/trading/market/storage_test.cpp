#include "domains/trading/market/storage.hpp"

#include <cmath>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "domains/trading/market/synthetic.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using market::Backend;

namespace {

class Folder {
  public:
    Folder()
        : path_(std::filesystem::temp_directory_path() / ("vaster-market-" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }

    ~Folder() { std::filesystem::remove_all(path_); }

    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

    [[nodiscard]] std::size_t n_files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
    }

  private:
    std::filesystem::path path_;
};

market::Bars walk(std::string const& symbol, std::size_t n_bars) {
    market::WalkOptions options;
    options.n_bars = n_bars;
    return market::random_walk({symbol, 100}, options, 1);
}

}  // namespace

TEST_CASE("bars come back from a storage as they were", "[market][storage]") {
    Folder const folder;
    auto const backend = GENERATE(Backend::local, Backend::shared);
    auto const path = folder / "market.h5";
    auto const btc = walk("BTC", 300);
    auto eth = walk("ETH", 50);
    eth.funding.clear();
    std::vector const assets{btc, eth};
    market::store_bars(path, assets);

    auto const storage = backend == Backend::local ? market::hold(assets) : market::open_market(path);
    CHECK(storage->backend() == backend);
    CHECK(storage->symbols() == std::vector<std::string>{"BTC", "ETH"});
    auto const all = storage->bars({"BTC"});
    CHECK(all.times == btc.times);
    CHECK(all.close == btc.close);
    CHECK(all.funding == btc.funding);
    CHECK(storage->bars({"ETH"}).funding.empty());
    auto const part = storage->bars({"BTC", btc.times[10], btc.times[20]});
    CHECK(part.close == market::slice(btc, 10, 10).close);
    CHECK(storage->bars({"BTC", btc.times[10] - 1, {}, 3}).close == market::slice(btc, 297, 3).close);
    CHECK(storage->bars({"BTC", btc.times[20], btc.times[10]}).size() == 0);
    CHECK(storage->bars({"BTC", {}, btc.times[5], 2}).close == market::slice(btc, 3, 2).close);
    CHECK_THROWS_WITH(storage->bars({"DOGE"}), Contains("DOGE") && Contains("BTC, ETH"));
}

TEST_CASE("bars that are not sound are not held", "[market][storage]") {
    auto broken = walk("BTC", 100);
    broken.high[7] = 0;
    CHECK_THROWS_AS(market::hold({broken}), DataError);
}

TEST_CASE("stored bars replace those of the same time", "[market][storage]") {
    Folder const folder;
    auto const path = folder / "market.h5";
    auto const kept = [&] { return market::open_market(path)->bars({"BTC"}); };
    auto const bars = walk("BTC", 100);
    auto const front = market::slice(bars, 0, 60);
    auto back = market::slice(bars, 40, 60);
    back.volume[0] += 1;
    market::store_bars(path, {&back, 1});
    market::store_bars(path, {&front, 1});
    CHECK(kept().close == bars.close);
    CHECK(kept().volume == bars.volume);
    CHECK(kept().funding == bars.funding);
    market::store_bars(path, {&back, 1});
    CHECK(kept().volume[40] == bars.volume[40] + 1);
    auto broken = bars;
    broken.high[7] = 0;
    CHECK_THROWS_AS(market::store_bars(path, {&broken, 1}), DataError);
    CHECK(kept().close == bars.close);
    CHECK(folder.n_files() == 1);
}

TEST_CASE("a summary has the numbers of each asset", "[market][storage]") {
    auto const bars = market::golden_series();
    auto const summary = market::summarise(*market::hold({bars})).front();
    CHECK(summary.symbol == "GOLDEN");
    CHECK(summary.n_bars == 1000);
    CHECK(summary.first == bars.times.front());
    CHECK(summary.last == bars.times.back());
    CHECK(summary.total_return == Approx(51.2379146728 / 100 - 1));
    // pandas 1.5.3
    CHECK(summary.mean_volume == Approx(3004.78977074));
    CHECK(summary.range == Approx(1.6398278354));
    CHECK(summary.variation == Approx(0.256285613953));
}

TEST_CASE("an asset without bars has a summary without numbers", "[market][storage]") {
    /// A file that another program made may have one.
    class Empty final : public market::Storage {
      public:
        [[nodiscard]] Backend backend() const override { return Backend::local; }

        [[nodiscard]] std::vector<std::string> symbols() const override { return {"BTC"}; }

        [[nodiscard]] market::Bars bars(market::Query const& query) const override {
            market::Bars none;
            none.symbol = query.symbol;
            return none;
        }
    };

    auto const summary = market::summarise(Empty()).front();
    CHECK(summary.symbol == "BTC");
    CHECK(summary.n_bars == 0);
    CHECK(summary.first == 0);
    CHECK(summary.last == 0);
    for (double const number : {summary.mean_volume, summary.total_return, summary.range, summary.variation})
        CHECK(std::isnan(number));
}

TEST_CASE("the health of a storage is that of its file and folder", "[market][storage]") {
    Folder const folder;
    auto const path = folder / "market.h5";
    auto const bars = walk("BTC", 10);
    auto health = market::check_storage(path);
    CHECK(health.status == market::Status::healthy);
    CHECK_FALSE(health.exists);
    market::store_bars(path, {&bars, 1});
    health = market::check_storage(path);
    CHECK(health.status == market::Status::healthy);
    CHECK(health.exists);
    CHECK(health.bytes > 10 * 56);
    CHECK(health.problem.empty());
    CHECK(folder.n_files() == 1);
    std::ofstream(path) << "no HDF5";
    health = market::check_storage(path);
    CHECK(health.status == market::Status::unhealthy);
    CHECK(health.is_writable);
    CHECK_THAT(health.problem, Contains("market.h5"));
    CHECK(market::check_storage(folder / "nowhere" / "market.h5").status == market::Status::unhealthy);
}

TEST_CASE("a storage that gives back other bars is not healthy", "[market][storage]") {
    Folder const folder;
    auto const wrong = [](std::filesystem::path const& path) {
        auto bars = market::open_market(path)->bars({"GOLDEN"});
        bars.volume[500] += 1;
        return market::hold({bars});
    };
    auto const health =
        market::check_storage(folder / "market.h5", {Backend::local, market::store_bars, wrong});
    CHECK(health.status == market::Status::unhealthy);
    CHECK(health.backend == "local");
    CHECK_THAT(health.problem, Contains("came back changed"));
    CHECK(folder.n_files() == 0);
}
