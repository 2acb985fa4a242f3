#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace vaster::strategies {

/// What a gene acts on.
enum class GeneUse : std::uint8_t {
    signal,    ///< the signal
    backtest,  ///< nothing in the signal; a back-test takes it for stops and sizes
    nothing,   ///< nothing: it drifts
};

/// One number that evolution may change.
struct Gene {
    std::string_view name;
    double min;
    double max;
    double default_value;
    GeneUse used = GeneUse::signal;
};

/// A kind of strategy whose genes are evolved.
struct SeedKind {
    std::string_view name;
    std::string_view family;  ///< "momentum", "breakout", ...
    std::span<Gene const> genes;
};

/// Place of a seed in seeds().
using SeedIndex = std::size_t;

/// The seeds, in fixed order. docs/trading/strategies.md has their formulas.
[[nodiscard]] std::span<SeedKind const> seeds();

/// The seed of a name; nothing if there is none.
[[nodiscard]] std::optional<SeedIndex> find_seed(std::string_view name);

/// The genes' defaults, [n_genes].
[[nodiscard]] std::vector<double> default_genes(SeedIndex seed);

/// Every gene within its bounds; one that is not a number becomes its default. @param genes  [n_genes]
[[nodiscard]] std::vector<double> clamped(SeedIndex seed, std::span<double const> genes);

}  // namespace vaster::strategies
