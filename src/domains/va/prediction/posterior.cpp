#include "domains/va/prediction/posterior.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr std::string_view posterior_kind = "posterior of a batch";

std::string member_folder(std::size_t member) {
    return fmt::format("model/members/{}", member);
}

models::LearnsBatch const* learner(models::Classifier const& member) {
    return dynamic_cast<models::LearnsBatch const*>(&member);
}

Random stream_of(KeptModel const& model, std::size_t member, std::string_view test) {
    return random_stream(model.seed, fmt::format("kept {} on {}", model.members[member].model, test),
                         Purpose::predict);
}

/// Some of the deaths of a set, with what goes with each.
struct Chosen {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> population;
};

Chosen chosen_of(BatchOfDeaths const& batch) {
    Chosen chosen;
    chosen.rows.reserve(batch.sampled.size());
    for (auto const i : batch.sampled) {
        chosen.rows.push_back(batch.deaths.deaths.rows[i]);
        if (!batch.deaths.population.empty()) chosen.population.push_back(batch.deaths.population[i]);
    }
    return chosen;
}

std::vector<double> shares_of(models::TestSet const& deaths) {
    std::vector<double> shares(deaths.n_populations, 0.0);
    if (deaths.population.empty()) {
        shares.front() = 1;
        return shares;
    }
    for (auto const population : deaths.population) shares[population] += 1;
    for (double& share : shares) share /= static_cast<double>(deaths.population.size());
    return shares;
}

void check_shares(BatchLearning const& learning) {
    std::size_t const n = std::max<std::size_t>(learning.populations.size(), 1);
    double sum = 0;
    for (double const share : learning.shares) {
        require<DataError>(share >= 0 && share <= 1, "part 'model/shares': {} is not a share", share);
        sum += share;
    }
    constexpr double rounding = 1e-6;
    require<DataError>(learning.shares.size() == n && std::abs(sum - 1) <= rounding,
                       "part 'model/shares' has {} shares with sum {} (must be {} with sum 1)",
                       learning.shares.size(), sum, n);
    require<DataError>(std::is_sorted(learning.populations.begin(), learning.populations.end()) &&
                           std::adjacent_find(learning.populations.begin(), learning.populations.end()) ==
                               learning.populations.end(),
                       "part 'model/populations' is not in byte order, or names one twice");
}

}  // namespace

std::uint32_t BatchLearning::population(std::string const& name) const {
    auto const place = std::lower_bound(populations.begin(), populations.end(), name);
    require<DataError>(place != populations.end() && *place == name,
                       "sub-population '{}' is none of those of the posterior: {}", name,
                       fmt::join(populations, ", "));
    return static_cast<std::uint32_t>(place - populations.begin());
}

BatchLearning learn_batch(KeptModel const& model,
                          std::span<std::unique_ptr<models::Classifier> const> members,
                          BatchOfDeaths const& batch, Watcher& watcher) {
    VASTER_EXPECTS(members.size() == model.members.size() && !batch.sampled.empty());
    Chosen const chosen = chosen_of(batch);
    models::TestSet const sampled{
        {batch.deaths.deaths.answers, chosen.rows}, {}, chosen.population, batch.deaths.n_populations};
    BatchLearning learning;
    learning.populations = batch.populations;
    learning.shares = shares_of(batch.deaths);
    learning.n_deaths = batch.deaths.deaths.rows.size();
    learning.n_sampled = chosen.rows.size();
    learning.converged = true;
    learning.members.resize(members.size());
    for (std::size_t m = 0; m < members.size(); ++m) {
        auto const* const member = learner(*members[m]);
        if (member == nullptr) continue;
        auto learned = member->learn_batch(sampled, stream_of(model, m, batch.test), watcher);
        learning.converged = learning.converged && learned.sampling.converged;
        learning.rhat = std::max(learning.rhat, learned.sampling.rhat);
        learning.members[m] = std::move(learned.posterior);
    }
    return learning;
}

models::Prediction predict(KeptModel const& model,
                           std::span<std::unique_ptr<models::Classifier> const> members,
                           BatchLearning const& learning, models::TestSet const& deaths,
                           std::string_view test, Watcher& watcher) {
    VASTER_EXPECTS(members.size() == model.members.size() && learning.members.size() == members.size());
    std::vector<models::Prediction> said;
    said.reserve(members.size());
    for (std::size_t m = 0; m < members.size(); ++m)
        said.push_back(learning.members[m] ? learning.members[m]->predict(deaths, watcher)
                                           : members[m]->predict(deaths, stream_of(model, m, test), watcher));
    models::Sampling sampling;
    sampling.converged = learning.converged;
    sampling.rhat = learning.rhat;
    if (!model.vote) {
        said.front().sampling = std::move(sampling);
        return std::move(said.front());
    }
    std::vector<models::Prediction const*> votes;
    votes.reserve(said.size());
    for (auto const& one : said) votes.push_back(&one);
    auto together = combine(*model.vote, model.weights, votes);
    together.sampling = std::move(sampling);
    together.csmf.clear();
    return together;
}

models::CauseFractions fractions_of(KeptModel const& model, BatchLearning const& learning) {
    if (model.vote || learning.members.empty() || !learning.members.front()) return {};
    return learning.members.front()->fractions(learning.shares);
}

bool is_posterior(Parts const& parts) {
    return parts.has("model/kind") && parts.text("model/kind") == posterior_kind;
}

Parts parts_of(BatchLearning const& learning) {
    Parts parts;
    parts.put_text("model/kind", posterior_kind);
    parts.put_text("model/parent", learning.model);
    parts.put_text("model/batch", learning.batch);
    parts.put_texts("model/populations", learning.populations);
    parts.put("model/shares", learning.shares);
    parts.put_number<std::uint64_t>("model/seed", learning.seed);
    parts.put_number<std::uint64_t>("model/deaths", learning.n_deaths);
    parts.put_number<std::uint64_t>("model/sampled", learning.n_sampled);
    parts.put_number<std::uint8_t>("model/converged", learning.converged ? 1 : 0);
    parts.put_number<double>("model/rhat", learning.rhat);
    parts.put_text("data/hash", learning.data_hash);
    for (std::size_t m = 0; m < learning.members.size(); ++m) {
        if (!learning.members[m]) continue;
        Parts member;
        learning.members[m]->save(member);
        parts.put_below(member_folder(m), member);
    }
    return parts;
}

BatchLearning learning_from(Parts const& parts, KeptModel const& model,
                            std::span<std::unique_ptr<models::Classifier> const> members,
                            std::string const& model_content) {
    require<DataError>(
        is_posterior(parts),
        "is not the posterior of a batch, as 'vaster predict' leaves it: part 'model/kind' is {}",
        parts.has("model/kind") ? fmt::format("'{}'", parts.text("model/kind")) : "not there");
    BatchLearning learning;
    learning.model = parts.text("model/parent");
    require<DataError>(learning.model == model_content,
                       "is a posterior of model {}, but the model in use is {}; a posterior is of use with "
                       "its own model alone",
                       learning.model.substr(0, 12), model_content.substr(0, 12));
    learning.batch = parts.text("model/batch");
    learning.populations = parts.texts("model/populations");
    auto const shares = parts.get<double>("model/shares");
    learning.shares.assign(shares.begin(), shares.end());
    check_shares(learning);
    learning.seed = parts.number<std::uint64_t>("model/seed");
    learning.n_deaths = parts.number<std::uint64_t>("model/deaths");
    learning.n_sampled = parts.number<std::uint64_t>("model/sampled");
    learning.converged = parts.number<std::uint8_t>("model/converged") != 0;
    learning.rhat = parts.number<double>("model/rhat");
    learning.data_hash = parts.text("data/hash");
    learning.members.resize(members.size());
    for (std::size_t m = 0; m < members.size(); ++m) {
        auto const* const member = learner(*members[m]);
        if (member == nullptr) continue;
        learning.members[m] =
            member->load_posterior(parts.below(member_folder(m)), model.symptoms.size(), model.causes.size());
        require<DataError>(learning.members[m]->n_populations() == learning.shares.size(),
                           "has {} sub-populations in part '{}/csmf' and {} in 'model/shares'",
                           learning.members[m]->n_populations(), member_folder(m), learning.shares.size());
    }
    return learning;
}

std::filesystem::path posterior_file(std::filesystem::path const& study, std::size_t batch,
                                     std::size_t n_batches) {
    auto file = study;
    return file.replace_extension(n_batches == 1 ? ".posterior.h5" : fmt::format(".posterior-{}.h5", batch));
}

std::vector<std::uint32_t> sampled_deaths(std::span<std::uint64_t const> rows, std::uint64_t seed,
                                          std::size_t wanted) {
    std::vector<std::uint32_t> all(rows.size());
    std::iota(all.begin(), all.end(), 0U);
    if (rows.size() <= wanted) return all;
    std::vector<std::uint64_t> hash;
    hash.reserve(rows.size());
    for (auto const row : rows) hash.push_back(hash64(fmt::format("posterior {} {}", seed, row)));
    auto const middle = all.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::nth_element(all.begin(), middle, all.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(hash[a], rows[a]) < std::pair(hash[b], rows[b]);
    });
    all.resize(wanted);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace vaster::va
