#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/stats/interval.hpp"

namespace vaster::stats {

/// Two-sided p values of an exact test of a discrete statistic.
struct ExactTest {
    double p = 1;      ///< P(at least as far from its mean as what was seen); never too small
    double mid_p = 1;  ///< p - P(exactly as far) / 2; nearer to its nominal level, may exceed it a little
};

/// McNemar's exact test of two classifiers on the same cases: are the cases that only one of them gets right
/// shared out by a fair coin? Cases on which both are right or both are wrong say nothing about it.
///     p = min(1, 2 P(X <= min(b, c))),  mid p = p - P(X = min(b, c)),  X ~ Binomial(b + c, 1/2)
/// mid p for b = c: 1 - P(X = b) / 2. Both are 1 when b + c = 0.
/// @param only_first, only_second  b and c: cases that only the first, only the second gets right
/// McNemar (1947), doi:10.1007/BF02295996; mid p: Fagerland, Lydersen and Laake (2013),
/// doi:10.1186/1471-2288-13-91.
[[nodiscard]] ExactTest mcnemar_test(std::uint64_t only_first, std::uint64_t only_second);

/// The same question where a case has been put to both classifiers several times, so that its answers are
/// not independent: the case is the unit. Under the hypothesis that the two are interchangeable each case's
/// difference d_i is as likely as -d_i, and
///     p = P(|sum_i s_i |d_i|| >= |sum_i d_i|),  s_i independent, +1 or -1 with probability 1/2
/// computed exactly, by convolution of the binomial distributions of each size of difference. Cases put once
/// have d_i in {-1, 0, 1}: then it is McNemar's exact test. Memory grows with sum |d_i|.
/// @param differences  of each case: times only the first was right - times only the second was
/// Fisher (1935), The Design of Experiments, section 21, with the case as the unit as in Durkalski et al.
/// (2003), doi:10.1002/sim.1438, whose large-sample form it replaces.
[[nodiscard]] ExactTest sign_flip_test(std::span<std::int64_t const> differences);

/// A mean difference with Student's t interval and two-sided p value.
struct MeanTest {
    std::size_t n = 0;
    double mean = 0;            ///< NaN when n = 0
    double standard_error = 0;  ///< NaN when n < 2, and so are interval and p
    Interval interval;
    double p = 0;  ///< of the hypothesis that the mean is 0; NaN when all values are 0
};

/// Student's t for the mean of differences x_j, j = 1..J, with the correction for resampled data:
///     t = mean / sqrt((1 / J + test_train_ratio) sd^2),  J - 1 degrees of freedom
/// A ratio of 0 gives the plain paired t test, for differences that are independent. Repeats of random splits
/// of one data set are not: their training sets overlap, and the plain test finds differences that are not
/// there.
/// @param test_train_ratio  test deaths per training death, at least 0
/// @param confidence        in (0, 1)
/// Nadeau and Bengio (2003), doi:10.1023/A:1024068626366, their "corrected resampled t-test".
[[nodiscard]] MeanTest corrected_resampled_t(std::span<double const> differences, double test_train_ratio,
                                             double confidence = 0.95);

/// Two-sided p of the hypothesis that a statistic is 0, from its bootstrap resamples moved there:
///     p = (1 + #{r: |d_r - mean(d)| >= |observed|}) / (R + 1)
/// never less than 1 / (R + 1); 1 where the statistic is 0; NaN when there are no resamples or it is NaN.
/// @param resamples  d_r, the statistic of each resample
/// Davison and Hinkley (1997), Bootstrap Methods and their Application, doi:10.1017/CBO9780511802843, section
/// 4.4; the resamples are centred at their own mean, which a biased statistic does not have at its estimate.
[[nodiscard]] double shifted_bootstrap_p(std::span<double const> resamples, double observed);

/// The smallest two-sided p that the exact sign-flip test of n differences can give: 2 / 2^n, which it does
/// when all have one sign; 1 for n = 0. What fewer differences than that cannot show no test should be
/// quoted for.
[[nodiscard]] double smallest_sign_flip_p(std::size_t n);

/// p values adjusted for many comparisons, in the order given: with the p values of a family in ascending
/// order,
///     adjusted_(i) = min(1, max over j <= i of (m - j + 1) p_(j)),  j = 1..m
/// The chance of any false rejection in the family is at most the level, whatever their dependence. NaN stays
/// NaN and is not a member of the family. Holm (1979), Scandinavian Journal of Statistics 6:65-70,
/// https://www.jstor.org/stable/4615733.
[[nodiscard]] std::vector<double> holm_adjusted(std::span<double const> p_values);

}  // namespace vaster::stats
