#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "domains/va/models/batch_posterior.hpp"
#include "domains/va/models/insilico/posterior.hpp"
#include "domains/va/models/insilico/tables.hpp"

namespace vaster::models::insilicova {

/// Draws of a posterior, each as good as any other, and what they are draws of.
struct DrawsOfBatch {
    std::size_t n_symptoms = 0;           ///< of the study
    std::size_t n_causes = 0;             ///< of the study
    std::vector<std::uint32_t> symptoms;  ///< that tell something, ascending
    std::vector<std::uint32_t> causes;    ///< that are possible, ascending
    std::vector<std::uint8_t> level;      ///< of P(s|c), [symptoms][causes]; or
    std::vector<double> given;            ///< P(s|c) that stay as they are, in (0, 1), [symptoms][causes]
    std::size_t n_levels = 0;
    bool is_uniform =
        false;  ///< causes are as likely beforehand; `csmf` are shares of deaths that were drawn
    double answer_weight = 1;  ///< w, the power of the likelihood, in (0, 1]
    std::size_t n_populations = 1;
    std::size_t n_draws = 0;
    std::vector<double> csmf;    ///< [n_draws][n_populations][causes]
    std::vector<double> levels;  ///< P(s|c) of each level, in (0, 1), [n_draws][n_levels]
};

/// The draws of what was sampled from a problem that are spread over all modes.
[[nodiscard]] DrawsOfBatch draws_of(Prepared const& prepared, Posterior const& posterior,
                                    std::size_t n_symptoms, std::size_t n_causes);

/// Codes deaths one by one with draws of a posterior, each draw's causes averaged out (Rao-Blackwell):
/// (csmf_tc = 1 where causes are as likely beforehand)
///     P(c | x) = mean over draws t of  csmf_tc prod_s P_t(x_s | c)^w / sum_k csmf_tk prod_s P_t(x_s | k)^w
/// where the product is over the symptoms that are answered. It takes some 0.3 ms a death of 168 symptoms and
/// 34 causes.
class DeathCoder final : public BatchPosterior {
  public:
    /// @pre the shapes fit; numbers within their ranges
    explicit DeathCoder(DrawsOfBatch draws);

    [[nodiscard]] std::size_t n_populations() const override { return draws_.n_populations; }

    [[nodiscard]] Prediction predict(TestSet const& test, Watcher& watcher) const override;
    [[nodiscard]] CauseFractions fractions(std::span<double const> shares) const override;
    void save(Parts& parts) const override;

    /// @throws DataError
    [[nodiscard]] static std::unique_ptr<DeathCoder> load(Parts const& parts, std::size_t n_symptoms,
                                                          std::size_t n_causes);

    [[nodiscard]] DrawsOfBatch const& draws() const noexcept { return draws_; }

  private:
    struct Scratch;
    void count_levels(va::AnswerRow answers, Scratch& scratch) const;
    void add_levels(va::AnswerRow answers, Scratch& scratch) const;
    void add_given(va::AnswerRow answers, Scratch& scratch) const;
    void code(va::AnswerRow answers, std::size_t population, Scratch& scratch,
              std::span<double> probability) const;

    DrawsOfBatch draws_;
    std::vector<double> log_csmf_;                      ///< [n_populations][causes][n_draws]
    std::vector<double> log_present_;                   ///< log of the levels, [n_levels][n_draws]
    std::vector<double> log_absent_;                    ///< log(1 - level), [n_levels][n_draws]
    std::vector<double> given_present_, given_absent_;  ///< logs where P(s|c) is given, [symptoms][causes]
};

}  // namespace vaster::models::insilicova
