#include "domains/va/models/insilico/draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/stats/distributions.hpp"
#include "base/stats/summary.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

/// Below this share of the untruncated distribution the middle of the interval is taken.
constexpr double least_mass = 1e-8;

/// log(1 + e^z) without overflow.
double softplus(double z) {
    return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
}

double logistic(double z) {
    return 1 / (1 + std::exp(-z));
}

/// The log density on the scale z, up to a constant.
struct LogDensity {
    double a;
    double total;  ///< a + b

    double operator()(double z) const { return a * z - total * softplus(z); }

    double slope(double z) const { return slope_where(logistic(z)); }

    /// @param share  logistic(z)
    double slope_where(double share) const { return a - total * share; }
};

/// Where the log density is touched by a tangent.
struct Touch {
    double at = 0;
    double height = 0;
    double slope = 0;
};

Touch touch(LogDensity const& density, double at, double slope) {
    return {at, density(at), slope};
}

Touch touch(LogDensity const& density, double at) {
    return touch(density, at, density.slope(at));
}

/// A tangent of the log density, where it is the lowest of the tangents.
struct Piece {
    double from, to;
    double at_from;  ///< height at `from`
    double slope;
    double log_area;

    /// log of the integral of exp over the piece
    static double log_integral(double height, double slope, double width) {
        double const x = slope * width;
        if (std::abs(x) < 1e-9) return height + std::log(width);
        if (x > 0) return height + x + std::log(-std::expm1(-x) / slope);
        return height + std::log(std::expm1(x) / slope);
    }

    double invert(double u) const {
        double const width = to - from;
        double const x = slope * width;
        if (std::abs(x) < 1e-9) return from + u * width;
        double const step = x > 0 ? width + std::log(u + (1 - u) * std::exp(-x)) / slope
                                  : std::log1p(u * std::expm1(x)) / slope;
        return std::clamp(from + step, from, to);
    }
};

/// Tangents at up to three points.
class Envelope {
  public:
    Envelope(LogDensity const& density, double lower, double upper) {
        double const mode = std::log(density.a / (density.total - density.a));
        double const peak = std::clamp(mode, lower, upper);
        double const share = logistic(peak);
        double const spread = 1 / std::sqrt(density.total * share * (1 - share));
        double const slope = density.slope_where(share);
        // Where the density falls off at once, tangents one fall apart; about the mode, about one spread
        // apart.
        double const reach =
            std::min(spread * 1.1, std::abs(slope) > 0 ? 1.3 / std::abs(slope) : spread * 1.1);
        std::array<Touch, 3> touches;
        std::size_t n = 0;
        if (peak > lower) touches[n++] = touch(density, std::max(peak - reach, 0.5 * (lower + peak)));
        touches[n++] = touch(density, peak, slope);
        if (peak < upper) touches[n++] = touch(density, std::min(peak + reach, 0.5 * (peak + upper)));
        double from = lower;
        for (std::size_t i = 0; i < n; ++i) {
            auto const& [at, height, tilt] = touches[i];
            double to = upper;
            if (i + 1 < n) {
                auto const& [next_at, next, next_tilt] = touches[i + 1];
                double const bend = tilt - next_tilt;
                to = bend > 0 ? (next - height + tilt * at - next_tilt * next_at) / bend : at;
                to = std::clamp(to, from, upper);
            }
            if (to > from) {
                Piece piece{from, to, height + tilt * (from - at), tilt, 0};
                piece.log_area = Piece::log_integral(piece.at_from, tilt, to - from);
                pieces_[n_pieces_++] = piece;
            }
            from = to;
        }
        top_ = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < n_pieces_; ++i) top_ = std::max(top_, pieces_[i].log_area);
        for (std::size_t i = 0; i < n_pieces_; ++i) {
            area_[i] = std::exp(pieces_[i].log_area - top_);
            total_ += area_[i];
        }
    }

    /// log of the area under the envelope: a bound of the integral of the density
    [[nodiscard]] double log_area() const { return top_ + std::log(total_); }

    /// A point of density exp(density), by rejection.
    double draw(LogDensity const& density, Random& random) const {
        for (;;) {
            double u = random.uniform() * total_;
            std::size_t i = 0;
            while (i + 1 < n_pieces_ && u >= area_[i]) u -= area_[i++];
            Piece const& piece = pieces_[i];
            double const z = piece.invert(open_uniform(random));
            double const ceiling = piece.at_from + piece.slope * (z - piece.from);
            if (log_is_below(open_uniform(random), density(z) - ceiling)) return z;
        }
    }

  private:
    std::array<Piece, 3> pieces_{};
    std::array<double, 3> area_{};
    std::size_t n_pieces_ = 0;
    double top_ = 0;
    double total_ = 0;
};

double log_beta_function(double a, double b) {
    return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

/// Is the mass of the interval at least least_mass? Concavity settles nearly every case: the tangents bound
/// the mass from above, and as they touch within a factor of a few, from below; only cases near the limit are
/// computed.
bool has_mass(LogDensity const& density, Envelope const& envelope, double lower, double upper) {
    double const b = density.total - density.a;
    double const upper_bound = envelope.log_area() - log_beta_function(density.a, b);
    if (upper_bound > std::log(least_mass) + 3) return true;
    if (upper_bound < std::log(least_mass)) return false;
    double const from = logistic(lower);
    double const to = logistic(upper);
    bool const right_tail =
        from > density.a / density.total;  // differences of small numbers keep their digits
    double const mass = right_tail
                            ? stats::beta_cdf(1 - from, b, density.a) - stats::beta_cdf(1 - to, b, density.a)
                            : stats::beta_cdf(to, density.a, b) - stats::beta_cdf(from, density.a, b);
    return mass >= least_mass;
}

}  // namespace

double open_uniform(Random& random) {
    return (static_cast<double>(random() >> 12) + 0.5) * 0x1.0p-52;
}

bool log_is_below(double u, double bound) {
    constexpr double rounding = 1e-12;
    if (u - 1 < bound - rounding) return true;
    if (1 - 1 / u > bound + rounding) return false;
    return std::log(u) < bound;
}

double draw_truncated_beta(double a, double b, double lower, double upper, Random& random) {
    VASTER_EXPECTS(a > 0 && b > 0 && lower > 0 && upper < 1);
    if (lower >= upper) return upper;
    double const from = std::log(lower / (1 - lower));
    double const to = std::log(upper / (1 - upper));
    if (!(to > from)) return upper;
    LogDensity const density{a, a + b};
    Envelope const envelope(density, from, to);
    if (!has_mass(density, envelope, from, to)) return 0.5 * (lower + upper);
    return std::clamp(logistic(envelope.draw(density, random)), lower, upper);
}

}  // namespace vaster::models::insilicova
