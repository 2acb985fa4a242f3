#include "domains/va/models/signs.hpp"

#include <numeric>

namespace vaster::models {

std::size_t number_of_signs(std::size_t n_symptoms, MissingPolicy policy) {
    return policy == MissingPolicy::ordinal ? 2 * n_symptoms : n_symptoms;
}

Signs signs_of(Deaths const& deaths, MissingPolicy policy) {
    using va::Answer;
    std::size_t const n_symptoms = deaths.answers.n_columns();
    Signs signs{va::AnswerMatrix(deaths.rows.size(), number_of_signs(n_symptoms, policy)),
                std::vector<std::uint32_t>(deaths.rows.size())};
    std::iota(signs.rows.begin(), signs.rows.end(), 0U);
    for (std::size_t i = 0; i < deaths.rows.size(); ++i) {
        auto const from = deaths.answers.row(deaths.rows[i]);
        auto const to = signs.answers.row(i);
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            bool const is_missing = from[s] == Answer::missing;
            to[s] = is_missing && policy != MissingPolicy::nan ? Answer::absent : from[s];
            if (policy == MissingPolicy::ordinal)
                to[n_symptoms + s] = is_missing ? Answer::present : Answer::absent;
        }
    }
    return signs;
}

}  // namespace vaster::models
