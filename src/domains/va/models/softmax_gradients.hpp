#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::models::xgb {

/// First and second derivatives of the loss of "multi:softprob" by the scores of deaths, as the library
/// computes them (src/objective/multiclass_obj.cu), in single precision: with p_k the softmax of a death's
/// scores and w its weight,
///     g_k = (p_k - [k is its class]) w,   h_k = max(2 p_k (1 - p_k) w, 1e-16)
/// and then rounded to multiples of a power of two that is so small that most keep all their digits, and so
/// large that sums over any deaths, in double precision, need no rounding. The library adds them up in an
/// order that depends on the number of threads; so rounded, the sums do not.
class SoftmaxGradients {
  public:
    /// @param class_of  of each death, below n_classes
    /// @param weights   of the deaths, above 0; empty: each weighs 1
    SoftmaxGradients(std::span<std::uint32_t const> class_of, std::vector<float> weights,
                     std::size_t n_classes);

    /// @param scores     [n_deaths][n_classes]
    /// @param n_threads  at least 1; changes nothing but the time
    void compute(std::span<float const> scores, std::size_t n_threads);

    /// [n_deaths][n_classes], of the last compute()
    [[nodiscard]] std::vector<float>& first() noexcept { return first_; }

    [[nodiscard]] std::vector<float>& second() noexcept { return second_; }

    /// What they are multiples of.
    [[nodiscard]] double unit() const noexcept { return unit_; }

  private:
    void compute_death(std::span<float const> scores, std::size_t death);

    std::span<std::uint32_t const> class_of_;
    std::vector<float> weights_;
    std::size_t n_classes_;
    double unit_;
    std::vector<float> first_;
    std::vector<float> second_;
};

}  // namespace vaster::models::xgb
