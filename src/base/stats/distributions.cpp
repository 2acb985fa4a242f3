#include "base/stats/distributions.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

namespace policies = boost::math::policies;

constexpr auto quietly = policies::ignore_error;

/// No exceptions: the arguments are checked here, and NaN is an answer. No detour over long double, whose
/// width differs between processors.
using Policy =
    policies::policy<policies::domain_error<quietly>, policies::pole_error<quietly>,
                     policies::overflow_error<quietly>, policies::underflow_error<quietly>,
                     policies::denorm_error<quietly>, policies::evaluation_error<quietly>,
                     policies::rounding_error<quietly>, policies::indeterminate_result_error<quietly>,
                     policies::promote_float<false>, policies::promote_double<false>>;

using Normal = boost::math::normal_distribution<double, Policy>;
using StudentT = boost::math::students_t_distribution<double, Policy>;
using Beta = boost::math::beta_distribution<double, Policy>;
using Binomial = boost::math::binomial_distribution<double, Policy>;

Binomial binomial(std::uint64_t k, std::uint64_t n, double p) {
    VASTER_EXPECTS(k <= n && p >= 0 && p <= 1);
    return Binomial(static_cast<double>(n), p);
}

}  // namespace

double normal_cdf(double z) {
    return boost::math::cdf(Normal(), z);
}

double normal_quantile(double p) {
    VASTER_EXPECTS(p > 0 && p < 1);
    return boost::math::quantile(Normal(), p);
}

double student_t_cdf(double t, double degrees_of_freedom) {
    VASTER_EXPECTS(degrees_of_freedom > 0);
    return boost::math::cdf(StudentT(degrees_of_freedom), t);
}

double student_t_quantile(double p, double degrees_of_freedom) {
    VASTER_EXPECTS(p > 0 && p < 1 && degrees_of_freedom > 0);
    return boost::math::quantile(StudentT(degrees_of_freedom), p);
}

double beta_cdf(double x, double a, double b) {
    VASTER_EXPECTS(x >= 0 && x <= 1 && a > 0 && b > 0);
    return boost::math::cdf(Beta(a, b), x);
}

double binomial_mass(std::uint64_t k, std::uint64_t n, double p) {
    return boost::math::pdf(binomial(k, n, p), static_cast<double>(k));
}

double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
    return boost::math::cdf(binomial(k, n, p), static_cast<double>(k));
}

}  // namespace vaster::stats
