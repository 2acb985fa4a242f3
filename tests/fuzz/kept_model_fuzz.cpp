// What models have kept, changed by somebody who makes all hashes right again: whatever it says, it is
// refused in one DataError, or it predicts probabilities. The first byte of an input says which model, with
// its highest bit the posterior of a batch; changes of parts follow, five bytes each.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../unit/domains/va/models/kept_models.hpp"
#include "domains/va/models/batch_posterior.hpp"
#include "vaster/support/errors.hpp"

namespace {

using namespace vaster;
using Named = std::map<std::string, Part, std::less<>>;

constexpr std::size_t bytes_of_change = 5;
constexpr std::uint8_t first_of_posteriors = 128;

/// Bytes that hold a number which an array, a loop or a logarithm might stumble over.
std::vector<std::byte> odd_number(PartType type, std::uint8_t which) {
    static constexpr double odd[] = {0,
                                     1,
                                     -1,
                                     0.5,
                                     1e-320,
                                     -0.0,
                                     1e308,
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<double>::quiet_NaN()};
    std::vector<std::byte> bytes(size_of(type), std::byte{which % 3 == 0 ? std::uint8_t{255} : which});
    if (type == PartType::f64) std::memcpy(bytes.data(), &odd[which % std::size(odd)], sizeof(double));
    if (type == PartType::f32) {
        auto const single = static_cast<float>(odd[which % std::size(odd)]);
        std::memcpy(bytes.data(), &single, sizeof single);
    }
    return bytes;
}

void set_bytes(std::vector<std::byte>& bytes, std::size_t at, std::span<std::byte const> values) {
    for (std::size_t i = 0; i < values.size() && at + i < bytes.size(); ++i) bytes[at + i] = values[i];
}

/// One dimension another length; what is missing then is zero.
void change_shape(Part& part, std::vector<std::byte>& bytes, std::uint8_t dimension, std::uint8_t length) {
    if (part.shape.empty()) return;
    part.shape[dimension % part.shape.size()] = length;
    std::uint64_t n = size_of(part.type);
    for (auto const each : part.shape) n *= each;
    constexpr std::uint64_t enough = 1U << 20U;
    if (n > enough) part.shape.assign(1, 0);
    bytes.resize(n > enough ? 0 : n);
}

void change(Named& parts, std::span<std::uint8_t const> how) {
    if (parts.empty()) return;
    auto place = parts.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(how[0] % parts.size()));
    Part& part = place->second;
    std::vector<std::byte> bytes(part.bytes.begin(), part.bytes.end());
    std::size_t const at = how[2] | how[3] << 8U;
    std::size_t const size = size_of(part.type);
    switch (how[1] % 8) {
        case 0:
            parts.erase(place);
            return;
        case 1:
            change_shape(part, bytes, how[2], how[4]);
            break;
        case 2:
        case 3:
        case 4:
            if (!bytes.empty())
                set_bytes(bytes, at % (bytes.size() / size) * size, odd_number(part.type, how[4]));
            break;
        default:
            if (!bytes.empty()) bytes[at % bytes.size()] = std::byte{how[4]};
    }
    part.bytes = SharedArray<std::byte>(std::move(bytes));
}

Parts changed(Parts const& sound, std::span<std::uint8_t const> how) {
    Named named = sound.all();
    for (; how.size() >= bytes_of_change; how = how.subspan(bytes_of_change)) change(named, how);
    Parts parts;
    for (auto const& [name, part] : named) parts.put_part(name, part);
    return parts;
}

testing::SampleCohort const& deaths() {
    static auto const cohort = testing::sample_cohort(7, testing::n_kept_symptoms, {1, 2, 4}, Random(5));
    return cohort;
}

/// A model that has been kept, and what a batch has taught it if it learns from batches.
struct Subject {
    models::Model model;
    testing::KeptSample sample;
    std::optional<Parts> posterior;

    Subject(models::Model const& of, models::MissingPolicy policy) : model(of), sample(of, policy) {
        auto const* const learner = dynamic_cast<models::LearnsBatch const*>(&sample.fitted());
        if (learner == nullptr) return;
        Watcher watcher;
        posterior.emplace();
        learner->learn_batch({deaths().deaths()}, Random(3), watcher).posterior->save(*posterior);
    }
};

Subject const& subject(std::uint8_t number) {
    static auto const models = models::Catalogue().all();
    // Never destroyed: the library of xgboost ends before what is static here.
    static auto& made = *new std::map<std::size_t, std::unique_ptr<Subject>>;
    std::size_t const which = number % (models.size() * testing::all_policies.size());
    auto& place = made[which];
    if (!place)
        place = std::make_unique<Subject>(models[which / testing::all_policies.size()],
                                          testing::all_policies[which % testing::all_policies.size()]);
    return *place;
}

/// Ends the program unless they are probabilities.
void check(models::Prediction const& said) {
    for (std::size_t i = 0; i < said.n_deaths; ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < said.n_causes; ++c) {
            double const p = said.probability[i * said.n_causes + c];
            if (!(p >= 0 && p <= 1 + 1e-6)) std::abort();
            sum += p;
        }
        if (std::abs(sum - 1) > 1e-4) std::abort();
    }
}

void try_model(Subject const& subject, std::span<std::uint8_t const> how) {
    auto const loaded = subject.sample.load(changed(subject.sample.parts(), how));
    if (subject.model.predicts == models::Predicts::each_death)
        check(testing::predicted(*loaded, deaths().deaths()));
}

void try_posterior(Subject const& subject, std::span<std::uint8_t const> how) {
    auto const& learner = dynamic_cast<models::LearnsBatch const&>(subject.sample.fitted());
    auto const loaded = learner.load_posterior(changed(*subject.posterior, how), testing::n_kept_symptoms,
                                               testing::n_kept_causes);
    Watcher watcher;
    check(loaded->predict({deaths().deaths()}, watcher));
    std::vector<double> const shares(loaded->n_populations(),
                                     1.0 / static_cast<double>(loaded->n_populations()));
    (void)loaded->fractions(shares);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const& of = subject(data[0]);
    std::span<std::uint8_t const> const how(data + 1, size - 1);
    try {
        if (of.posterior && data[0] >= first_of_posteriors)
            try_posterior(of, how);
        else
            try_model(of, how);
    } catch (DataError const&) {
    }
    return 0;
}
