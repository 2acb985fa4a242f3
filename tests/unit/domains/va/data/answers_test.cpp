#include "vaster/va/answers.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/random.hpp"

using namespace vaster;
using va::Answer;

namespace {

std::vector<Answer> some_answers(std::size_t n, Random& random) {
    std::vector<Answer> answers;
    for (std::size_t s = 0; s < n; ++s) answers.push_back(static_cast<Answer>(random.below(3)));
    return answers;
}

std::size_t n_set(std::span<std::uint64_t const> words) {
    std::size_t n = 0;
    for (std::uint64_t const word : words) n += static_cast<std::size_t>(std::popcount(word));
    return n;
}

}  // namespace

TEST_CASE("a matrix gives back the answers that were appended to it, whatever its width",
          "[table][answers]") {
    auto const width = GENERATE(std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
                                std::size_t{128}, std::size_t{168});
    CAPTURE(width);
    Random random(width);
    std::vector<std::vector<Answer>> rows;
    va::AnswerMatrix matrix(width);
    for (int i = 0; i < 20; ++i) {
        rows.push_back(some_answers(width, random));
        matrix.append(rows.back());
    }
    REQUIRE(matrix.n_rows() == rows.size());
    va::AnswerMatrix const& packed = matrix;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        REQUIRE(packed.row(i).size() == width);
        CHECK(std::ranges::equal(packed.row(i), rows[i]));
        for (std::size_t s = 0; s < width; ++s) REQUIRE(packed.row(i)[s] == rows[i][s]);
        auto const row = packed.row(i);
        CHECK(n_set(row.present()) == static_cast<std::size_t>(std::ranges::count(rows[i], Answer::present)));
        CHECK(n_set(row.missing()) == static_cast<std::size_t>(std::ranges::count(rows[i], Answer::missing)));
    }
}

TEST_CASE("an answer that is written replaces what was there and nothing beside it", "[table][answers]") {
    Random random(1);
    va::AnswerMatrix matrix(3, 100);
    CHECK(std::ranges::all_of(matrix.row(1), [](Answer answer) { return answer == Answer::missing; }));
    auto expected = std::vector<Answer>(100, Answer::missing);
    for (int step = 0; step < 1000; ++step) {
        std::size_t const s = random.below(100);
        expected[s] = static_cast<Answer>(random.below(3));
        matrix.row(1)[s] = expected[s];
    }
    CHECK(std::ranges::equal(matrix.row(1), expected));
    CHECK(n_set(matrix.row(0).missing()) == 100);
    CHECK(n_set(matrix.row(2).missing()) == 100);
    matrix.row(0)[99] = matrix.row(2)[0] = Answer::present;
    CHECK(matrix.row(0)[99] == Answer::present);
    CHECK(matrix.row(2)[0] == Answer::present);
    std::ranges::copy(expected, matrix.row(2).begin());
    CHECK(std::ranges::equal(matrix.row(2), expected));
}

TEST_CASE("a row that is filled has one answer, and no bits behind its end", "[table][answers]") {
    for (std::size_t const width : {1U, 64U, 100U}) {
        va::AnswerMatrix matrix(1, width);
        for (Answer const answer : {Answer::present, Answer::absent, Answer::missing}) {
            matrix.row(0).fill(answer);
            CHECK(std::ranges::all_of(matrix.row(0), [&](Answer a) { return a == answer; }));
            CHECK(n_set(matrix.row(0).present()) == (answer == Answer::present ? width : 0));
            CHECK(n_set(matrix.row(0).missing()) == (answer == Answer::missing ? width : 0));
        }
    }
}

TEST_CASE("rows are compared as their answers are, one after the other", "[table][answers]") {
    // The order of deaths in InSilicoVA's tables, and so its results, depend on it.
    Random random(2);
    va::AnswerMatrix matrix(130);
    std::vector<std::vector<Answer>> rows;
    for (int i = 0; i < 40; ++i) {
        auto row = i % 3 == 0 || rows.empty() ? some_answers(130, random) : rows.back();
        if (i % 3 == 1) row[random.below(130)] = static_cast<Answer>(random.below(3));
        matrix.append(row);
        rows.push_back(row);
    }
    va::AnswerMatrix const& packed = matrix;
    for (std::size_t a = 0; a < rows.size(); ++a)
        for (std::size_t b = 0; b < rows.size(); ++b)
            REQUIRE(va::compare(packed.row(a), packed.row(b)) == (rows[a] <=> rows[b]));
}

TEST_CASE("a matrix without columns has no rows", "[table][answers]") {
    CHECK(va::AnswerMatrix(5, 0).n_rows() == 0);
    CHECK(va::AnswerMatrix().n_rows() == 0);
}
