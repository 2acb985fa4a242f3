#include "domains/va/data/splits.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

void shuffle(std::span<std::uint32_t> items, Random& random) {
    for (std::size_t left = items.size(); left > 1; --left)
        std::swap(items[left - 1], items[random.below(left)]);
}

/// Deaths by cause, each list in the order given.
std::vector<DeathList> by_cause(Cohort const& cohort, std::span<std::uint32_t const> deaths) {
    std::vector<DeathList> lists(cohort.causes.size());
    for (std::uint32_t const death : deaths) lists[cohort.cause[death]].push_back(death);
    return lists;
}

/// How many of `n_drawn` each cause gives: in proportion to its deaths, the rest to the largest remainders.
std::vector<std::size_t> allocate(std::vector<DeathList> const& causes, std::size_t n_deaths,
                                  std::size_t n_drawn, Random& random) {
    std::vector<std::size_t> share(causes.size());
    std::vector<std::uint32_t> order(causes.size());
    std::iota(order.begin(), order.end(), 0U);
    shuffle(order,
            random);  // ties between remainders are broken at random, not in favour of the first causes
    auto const remainder = [&](std::uint32_t c) { return causes[c].size() * n_drawn % n_deaths; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return remainder(a) > remainder(b); });
    for (std::size_t c = 0; c < causes.size(); ++c) share[c] = causes[c].size() * n_drawn / n_deaths;
    std::size_t const left = n_drawn - std::accumulate(share.begin(), share.end(), std::size_t{0});
    for (std::size_t k = 0; k < left; ++k) ++share[order[k]];
    return share;
}

struct Sample {
    DeathList drawn;  ///< ascending
    Sampling sampling;
};

Sample draw(Cohort const& cohort, std::span<std::uint32_t const> deaths, std::size_t n_drawn,
            Random& random) {
    auto causes = by_cause(cohort, deaths);
    bool const single = std::ranges::any_of(causes, [](DeathList const& list) { return list.size() == 1; });
    Sample sample{{}, single ? Sampling::random : Sampling::stratified};
    if (single) {
        DeathList all(deaths.begin(), deaths.end());
        shuffle(all, random);
        sample.drawn.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n_drawn));
    } else {
        auto const share = allocate(causes, deaths.size(), n_drawn, random);
        for (std::size_t c = 0; c < causes.size(); ++c) {
            shuffle(causes[c], random);
            sample.drawn.insert(sample.drawn.end(), causes[c].begin(),
                                causes[c].begin() + static_cast<std::ptrdiff_t>(share[c]));
        }
    }
    std::ranges::sort(sample.drawn);
    return sample;
}

/// One death of each ID, the first in `deaths`; all of them where IDs differ or there are none.
DeathList heads_of(Cohort const& cohort, std::span<std::uint32_t const> deaths) {
    if (cohort.first_of_id.empty()) return {deaths.begin(), deaths.end()};
    std::vector<bool> seen(cohort.n_deaths());
    DeathList heads;
    for (std::uint32_t const death : deaths) {
        if (!seen[cohort.first_of_id[death]]) heads.push_back(death);
        seen[cohort.first_of_id[death]] = true;
    }
    return heads;
}

/// Those of `deaths` whose IDs the heads have, in the order of `deaths`.
DeathList with_same_id(Cohort const& cohort, std::span<std::uint32_t const> deaths, DeathList heads) {
    if (cohort.first_of_id.empty()) return heads;
    std::vector<bool> wanted(cohort.n_deaths());
    for (std::uint32_t const head : heads) wanted[cohort.first_of_id[head]] = true;
    DeathList all;
    for (std::uint32_t const death : deaths)
        if (wanted[cohort.first_of_id[death]]) all.push_back(death);
    return all;
}

}  // namespace

DeathList deaths_of_site(Cohort const& cohort, std::uint32_t site) {
    DeathList deaths;
    for (std::uint32_t i = 0; i < cohort.n_deaths(); ++i) {
        if (cohort.site[i] == site) deaths.push_back(i);
    }
    return deaths;
}

std::size_t test_size(std::size_t n_deaths, double test_fraction) {
    return static_cast<std::size_t>(std::ceil(test_fraction * static_cast<double>(n_deaths)));
}

std::size_t reduced_size(std::size_t n_train, double fraction) {
    return static_cast<std::size_t>(std::floor(fraction * static_cast<double>(n_train)));
}

Split split_deaths(Cohort const& cohort, std::span<std::uint32_t const> deaths, double test_fraction,
                   Random random) {
    VASTER_EXPECTS(test_fraction > 0 && test_fraction < 1);
    DeathList all(deaths.begin(), deaths.end());
    std::ranges::sort(all);
    DeathList const heads = heads_of(cohort, all);
    std::size_t const n_test = test_size(heads.size(), test_fraction);
    require<DataError>(n_test > 0 && n_test < heads.size(),
                       "{} deaths cannot be divided into a training and a test part with test_fraction = {}; "
                       "more deaths are "
                       "needed, or another fraction",
                       heads.size(), test_fraction);
    auto [drawn, sampling] = draw(cohort, heads, n_test, random);
    Split split{{}, with_same_id(cohort, all, std::move(drawn)), sampling};
    std::ranges::set_difference(all, split.test, std::back_inserter(split.train));
    return split;
}

DeathList reduce_deaths(Cohort const& cohort, std::span<std::uint32_t const> train, double fraction,
                        Random random) {
    VASTER_EXPECTS(fraction > 0 && fraction <= 1);
    if (fraction == 1) return {train.begin(), train.end()};
    DeathList all(train.begin(), train.end());
    std::ranges::sort(all);
    DeathList const heads = heads_of(cohort, all);
    std::size_t const n_drawn = reduced_size(heads.size(), fraction);
    require<DataError>(n_drawn > 0,
                       "training size {} of {} training deaths leaves none; a larger size is needed",
                       fraction, heads.size());
    return with_same_id(cohort, all, draw(cohort, heads, n_drawn, random).drawn);
}

std::vector<std::uint32_t> fold_deaths(Cohort const& cohort, std::span<std::uint32_t const> deaths,
                                       std::uint32_t n_folds, Random random) {
    VASTER_EXPECTS(n_folds >= 2);
    DeathList const heads = heads_of(cohort, deaths);
    require<DataError>(heads.size() >= n_folds,
                       "{} deaths cannot be divided into {} folds; fewer folds are needed", heads.size(),
                       n_folds);
    std::vector<DeathList> positions(cohort.causes.size());  // in `heads`, by cause
    for (std::uint32_t i = 0; i < heads.size(); ++i) positions[cohort.cause[heads[i]]].push_back(i);
    std::vector<std::uint32_t> fold(heads.size());
    std::uint32_t next = 0;
    for (auto& of_cause : positions) {
        shuffle(of_cause, random);
        for (std::uint32_t const position : of_cause) fold[position] = next++ % n_folds;
    }
    if (cohort.first_of_id.empty()) return fold;
    std::vector<std::uint32_t> fold_of_id(cohort.n_deaths());
    for (std::uint32_t i = 0; i < heads.size(); ++i) fold_of_id[cohort.first_of_id[heads[i]]] = fold[i];
    fold.clear();
    for (std::uint32_t const death : deaths) fold.push_back(fold_of_id[cohort.first_of_id[death]]);
    return fold;
}

}  // namespace vaster::va
