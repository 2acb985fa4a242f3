// Where bars of prices are kept: storages tried out, and the market file of a study.
#include <exception>
#include <memory>
#include <span>

#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "base/support/units.hpp"
#include "core/mpi/session.hpp"
#include "core/report/checkup.hpp"
#include "core/store/create.hpp"
#include "core/store/kept_data.hpp"
#include "domains/trading/cli/commands.hpp"
#include "domains/trading/market/storage.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "domains/trading/study/bar_input.hpp"
#include "domains/trading/study/evolve.hpp"
#include "domains/trading/study/options.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::trading {
namespace {

namespace fs = std::filesystem;
using report::Finding;
using report::Health;

constexpr auto market_file = "market file";

market::Bars read_sound_bars(market::Storage const& storage, std::string const& symbol) {
    auto bars = storage.bars({symbol});
    require<DataError>(bars.size() > 0, "'{}' has no bars", symbol);
    market::check(bars);
    return bars;
}

/// "2 assets, BTC: 500 bars from ... to ..., ETH: ...": what the study is going to read, all of it read.
std::string contents_of(trading::EvolveData const& data) {
    constexpr std::size_t most_listed = 10;
    auto const storage = market::open_market(data.path);
    auto symbols = data.symbols;
    if (symbols.empty()) symbols = storage->symbols();
    require<DataError>(!symbols.empty(), "there are no bars in it");
    auto text = fmt::format("{} asset{}", symbols.size(), symbols.size() > 1 ? "s" : "");
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        auto const bars = read_sound_bars(*storage, symbols[i]);
        if (i < most_listed)
            text +=
                fmt::format(", {}: {} bars from {} to {}", symbols[i], bars.size(),
                            market::format_time(bars.times.front()), market::format_time(bars.times.back()));
    }
    if (symbols.size() > most_listed) text += fmt::format(", and {} more", symbols.size() - most_listed);
    return text;
}

/// Bars in a study file, as a study keeps its own.
void store_in_study(fs::path const& path, std::span<market::Bars const> assets) {
    study::Schema schema;
    schema.labels = {trading::asset_labels(assets)};
    store::create(path, {}, schema, study::Plan(), {}, store::OnExisting::refuse,
                  {trading::input_of(assets)});
}

std::unique_ptr<market::Storage> open_study(fs::path const& path) {
    return market::hold(trading::assets_of(store::read_kept_data(path)));
}

market::Keeper keeper_of(market::Backend backend) {
    if (backend == market::Backend::shared) return {};
    return {backend, store_in_study, open_study};
}

Finding examine_storage(market::Backend backend, fs::path const& folder, int rank) {
    // Names of their own: ranks of several hosts may share the folder and have the same process number.
    auto const trial =
        folder / fmt::format(".vaster-doctor-{}-{}", rank, backend == market::Backend::local ? "l" : "s");
    auto const health = market::check_storage(trial, keeper_of(backend));
    auto const check = "market " + health.backend;
    if (health.status == market::Status::healthy)
        return {
            check, Health::ok,
            fmt::format("healthy: 1,000 bars written to {} in {}, read back in {}, asked for by time in {}",
                        folder.string(), duration_text(health.write_seconds),
                        duration_text(health.read_seconds), duration_text(health.query_seconds)),
            ""};
    return {
        check, Health::fail, fmt::format("unhealthy in {}: {}", folder.string(), health.problem),
        health.is_writable
            ? "the file system does not give back what was written; choose another directory with --output"
            : "make room there, or choose a directory that all ranks can write to with --output"};
}

/// Does the study read its bars from a market file?
bool reads_market_file(study::LoadedConfig const& loaded) {
    if (loaded.kind->name() != trading::evolve_kind) return false;
    auto const path = trading::evolve_options(loaded.config).data.path;
    return !path.empty() && !path.ends_with(".csv");
}

}  // namespace

std::vector<Finding> examine_storages(cli::Examined const& examined) {
    if (examined.loaded.kind->name() != evolve_kind) return {};
    std::vector<Finding> findings;
    for (auto const backend : {market::Backend::local, market::Backend::shared})
        findings.push_back(examine_storage(backend, examined.folder, examined.session.rank()));
    return findings;
}

std::vector<Finding> examine_market_file(cli::Examined const& examined) {
    if (!reads_market_file(examined.loaded)) return {};
    auto const data = trading::evolve_options(examined.loaded.config).data;
    auto const& path = data.path;
    Finding finding{market_file, Health::ok, "", ""};
    std::string contents;
    double const start = monotonic_seconds();
    try {
        contents = contents_of(data);
        finding.seen =
            fmt::format("{} read in {}: {}", path, duration_text(monotonic_seconds() - start), contents);
    } catch (std::exception const& error) {
        std::string const reason = error.what();
        finding = {market_file, Health::fail,
                   reason.find(path) == std::string::npos ? fmt::format("{}: {}", path, reason) : reason,
                   "the study cannot read its bars; name a market file that all hosts see with --data, and "
                   "assets that are in it with data.symbols"};
    }
    auto const of_first = examined.session.agree([&] { return contents; });
    if (finding.health == Health::ok && !of_first.empty() && contents != of_first)
        finding = {market_file, Health::fail,
                   fmt::format("{} has {}; rank 0 sees {}", path, contents, of_first),
                   "all hosts must see the same file: put it on a file system that they share"};
    return {finding};
}

}  // namespace vaster::trading
