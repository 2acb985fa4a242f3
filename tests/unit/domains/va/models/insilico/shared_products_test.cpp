#include "domains/va/models/insilico/shared_products.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/random.hpp"

namespace {

using namespace vaster;
using models::insilicova::share_products;
using models::insilicova::SharedProducts;
using va::Answer;

/// Symptom and whether it is missing, of every answer that is not "absent".
using Spoken = std::multiset<std::tuple<std::uint32_t, std::uint32_t>>;

/// All answers of which a node is the product.
Spoken answers_of(SharedProducts const& shared, std::uint32_t node) {
    std::size_t const n = shared.factors.size();
    if (node < n) return {{shared.factors[node].symptom, shared.factors[node].missing}};
    auto const [left, right] = shared.joins[node - n];
    Spoken all = answers_of(shared, left);
    all.merge(answers_of(shared, right));
    return all;
}

/// Symptoms come in pairs that a death mostly has both of.
va::AnswerMatrix made_up(std::size_t n_deaths, std::size_t n_symptoms, double share, Random random) {
    va::AnswerMatrix answers(n_deaths, n_symptoms);
    for (std::size_t i = 0; i < n_deaths; ++i) {
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            bool const like_the_last = s % 2 == 1 && random.uniform() < 0.9;
            double const u = random.uniform();
            Answer const answer = u < share         ? Answer::present
                                  : u < 1.3 * share ? Answer::missing
                                                    : Answer::absent;
            answers.row(i)[s] = like_the_last ? static_cast<Answer>(answers.row(i)[s - 1]) : answer;
        }
    }
    return answers;
}

std::vector<std::uint32_t> all_rows(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

std::size_t multiplications(SharedProducts const& shared) {
    return shared.nodes.size() + shared.joins.size();
}

}  // namespace

TEST_CASE("a death is the product of its answers, each once", "[models][insilico]") {
    for (double const share : {0.0, 0.05, 0.4, 0.76}) {
        auto const answers = made_up(120, 50, share, Random(7));
        auto const shared = share_products(answers, all_rows(120));
        REQUIRE(shared.first.size() == 121);
        for (std::size_t i = 0; i < 120; ++i) {
            Spoken expected;
            for (std::uint32_t s = 0; s < 50; ++s) {
                Answer const answer = answers.row(i)[s];
                if (answer != Answer::absent) expected.insert({s, answer == Answer::missing ? 1U : 0U});
            }
            Spoken found;
            for (std::uint32_t k = shared.first[i]; k < shared.first[i + 1]; ++k)
                found.merge(answers_of(shared, shared.nodes[k]));
            CHECK(found == expected);
        }
    }
}

TEST_CASE("a node is the product of nodes before it, and of no more answers than is said",
          "[models][insilico]") {
    // Deaths that say the same of nearly all symptoms, so that long products would pay.
    auto answers = made_up(64, 80, 1.0, Random(3));
    for (std::size_t i = 0; i < 64; ++i) answers.row(i)[i] = Answer::absent;
    auto const shared = share_products(answers, all_rows(64));
    std::size_t longest = 0;
    for (std::uint32_t node = 0; node < shared.n_nodes(); ++node)
        longest = std::max(longest, answers_of(shared, node).size());
    CHECK(longest <= shared.longest);
    CHECK(shared.longest <= models::insilicova::most_factors);
    CHECK(longest > 10);
    for (std::uint32_t k = 0; k < shared.joins.size(); ++k)
        CHECK(std::max(shared.joins[k].left, shared.joins[k].right) < shared.factors.size() + k);
}

TEST_CASE("products are shared where deaths have answers in common", "[models][insilico]") {
    auto const answers = made_up(500, 100, 0.15, Random(11));
    auto const shared = share_products(answers, all_rows(500));
    std::size_t spoken = 0;
    for (std::size_t i = 0; i < 500; ++i)
        spoken += static_cast<std::size_t>(
            std::ranges::count_if(answers.row(i), [](Answer answer) { return answer != Answer::absent; }));
    CHECK(10 * multiplications(shared) < 6 * spoken);  // pairs alone leave somewhat more than half
}

TEST_CASE("deaths that all say the same cost one node each", "[models][insilico]") {
    va::AnswerMatrix answers(30, 4);
    for (std::size_t i = 0; i < 30; ++i)
        for (std::size_t s = 0; s < 4; ++s) answers.row(i)[s] = s == 2 ? Answer::missing : Answer::present;
    auto const shared = share_products(answers, all_rows(30));
    CHECK(shared.factors.size() == 4);
    CHECK(shared.joins.size() == 3);
    CHECK(shared.nodes.size() == 30);
}

TEST_CASE("there is nothing to share where nobody says anything", "[models][insilico]") {
    va::AnswerMatrix answers(3, 5);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t s = 0; s < 5; ++s) answers.row(i)[s] = Answer::absent;
    auto const shared = share_products(answers, all_rows(3));
    CHECK(shared.n_nodes() == 0);
    CHECK(shared.nodes.empty());
    CHECK(shared.longest == 0);
    auto const none = share_products(va::AnswerMatrix(0, 5), {});
    CHECK(none.first == std::vector<std::uint32_t>{0});
}
