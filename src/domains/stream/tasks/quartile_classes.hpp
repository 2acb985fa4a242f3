#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Classes of a number by the quartiles of a batch of such numbers.
class QuartileClasses {
  public:
    static constexpr std::array<std::string_view, 4> names{"BAD", "GOOD", "VERYGOOD", "EXCELLENT"};

    /// corrected: the quartiles of type 7 (Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566), each
    /// the greatest value of its class. published: percentiles 50, 75 and 100 at (n + 1) p, each the least
    /// value of a class, so that half of a batch is BAD and one of it EXCELLENT.
    enum class Rule : std::uint8_t { corrected, published };

    /// @param targets  at least one
    QuartileClasses(std::vector<double> targets, Rule rule);

    /// Index among names.
    [[nodiscard]] std::size_t of(double target) const;

    /// Where one class ends and the next begins.
    [[nodiscard]] std::array<double, 3> const& cuts() const noexcept { return cuts_; }

  private:
    Rule rule_;
    std::array<double, 3> cuts_{};
};

}  // namespace vaster::stream
