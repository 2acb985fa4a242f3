#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>

#include "kept_models.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;
using testing::KeptSample;

namespace {

/// The parts with one of them replaced, or without it.
Parts with(Parts const& parts, std::string const& name, std::optional<Part> const& other) {
    Parts changed;
    for (auto const& [own_name, part] : parts.all())
        if (own_name != name) changed.put_part(own_name, part);
    if (other) changed.put_part(name, *other);
    return changed;
}

Part of_bytes(PartType type, std::vector<std::uint64_t> shape, std::vector<std::byte> bytes) {
    auto const kept = std::make_shared<std::vector<std::byte> const>(std::move(bytes));
    return {type, std::move(shape), SharedArray<std::byte>(*kept, kept)};
}

std::vector<std::byte> bytes_of(Part const& part) {
    return {part.bytes.begin(), part.bytes.end()};
}

/// The part with the number at place i replaced.
template <class T>
Part with_number(Part const& part, std::size_t i, T value) {
    auto bytes = bytes_of(part);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
    return of_bytes(part.type, part.shape, std::move(bytes));
}

/// Why the parts are refused; empty: they are not.
std::string refusal(KeptSample const& sample, Parts const& parts) {
    try {
        (void)sample.load(parts);
    } catch (DataError const& error) {
        return error.what();
    }
    return {};
}

/// Damaged parts are refused, or what they say is still a model: distributions over the causes.
void check_harmless(KeptSample const& sample, Parts const& parts, models::Deaths const& test) {
    std::unique_ptr<models::Classifier> classifier;
    try {
        classifier = sample.load(parts);
    } catch (DataError const&) {
        SUCCEED();
        return;
    }
    auto const prediction = testing::predicted(*classifier, test);
    for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
        auto const row = prediction.of_death(i);
        if (std::abs(std::accumulate(row.begin(), row.end(), 0.0) - 1) < 1e-9 &&
            *std::min_element(row.begin(), row.end()) >= 0)
            continue;
        FAIL("death " << i << " has no distribution");
    }
    SUCCEED();
}

/// Calls check(sample) for every model of the catalogue by every policy.
template <class Check>
void for_all_models(Check check) {
    models::Catalogue const catalogue;
    for (auto const& model : catalogue.all())
        for (auto const policy : testing::all_policies) {
            CAPTURE(model.name, static_cast<int>(policy));
            check(KeptSample(model, policy));
        }
}

}  // namespace

TEST_CASE("a model is refused when a part is missing or of another type or shape", "[models][kept][damage]") {
    using Catch::Matchers::Contains;
    for_all_models([](KeptSample const& sample) {
        for (auto const& [name, part] : sample.parts().all()) {
            if (name == "ubj") continue;  // is for other programs
            CAPTURE(name);
            CHECK_THAT(refusal(sample, with(sample.parts(), name, std::nullopt)),
                       Contains("part '" + name + "' is missing"));
            auto const longer = of_bytes(PartType::text, {part.bytes.size()}, bytes_of(part));
            CHECK_THAT(refusal(sample, with(sample.parts(), name, longer)),
                       Contains("part '" + name + "' is text"));
            if (name == "level_value") continue;  // there may be levels that no cell has
            auto bytes = bytes_of(part);
            bytes.resize(bytes.size() + size_of(part.type));
            auto const flat = of_bytes(part.type, {bytes.size() / size_of(part.type)}, bytes);
            CHECK_FALSE(refusal(sample, with(sample.parts(), name, flat)).empty());
        }
    });
}

TEST_CASE("a model with any bytes changed is refused or is still a model", "[models][kept][damage]") {
    auto const test = testing::sample_cohort(20, testing::n_kept_symptoms, {1, 2, 4}, Random(5));
    Random random(7);
    for_all_models([&](KeptSample const& sample) {
        for (auto const& [name, part] : sample.parts().all()) {
            if (name == "ubj" || part.bytes.empty()) continue;
            CAPTURE(name);
            for (int turn = 0; turn < 12; ++turn) {
                auto bytes = bytes_of(part);
                std::size_t const n_changes = 1 + random.below(4);
                for (std::size_t k = 0; k < n_changes; ++k)
                    bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1 + random.below(255));
                if (turn == 0) std::ranges::fill(bytes, std::byte{0xff});
                if (turn == 1) std::ranges::fill(bytes, std::byte{0});
                if (turn == 2) std::ranges::reverse(bytes);
                check_harmless(sample,
                               with(sample.parts(), name, of_bytes(part.type, part.shape, std::move(bytes))),
                               test.deaths());
            }
        }
    });
}

TEST_CASE(
    "trees with cycles, children elsewhere, unknown symptoms or values that are not numbers are refused",
    "[models][kept][damage]") {
    using Catch::Matchers::Contains;
    models::Catalogue const catalogue;
    for (auto const* name : {"random_forest", "xgboost"}) {
        CAPTURE(name);
        KeptSample const sample(catalogue.at(name), MissingPolicy::nan);
        auto const& parts = sample.parts();
        auto const refused_with = [&](std::string const& part, auto value) {
            return refusal(sample, with(parts, part, with_number(*parts.find(part), 0, value)));
        };
        CHECK_THAT(refused_with("trees/child", std::uint32_t{4000000001}), Contains("come after it"));
        CHECK_THAT(refused_with("trees/child", std::uint32_t{3}), Contains("child"));
        CHECK_THAT(refused_with("trees/child", std::uint32_t{0}), Contains("nobody's child"));
        CHECK_THAT(refused_with("trees/symptom", std::uint16_t{testing::n_kept_symptoms}),
                   Contains("asks for symptom 70 (there are 70)"));
        CHECK_THAT(refused_with("trees/goes_right", std::uint8_t{8}), Contains("must be 0 to 7"));
        CHECK_THAT(refused_with("trees/nodes", std::uint32_t{2}), Contains("shape"));
        CHECK_THAT(refused_with("classes", std::uint32_t{9}), Contains("part 'classes'"));
    }
    KeptSample const forest(catalogue.at("random_forest"), MissingPolicy::absent);
    auto const& share = *forest.parts().find("leaves/share");
    CHECK_THAT(refusal(forest, with(forest.parts(), "leaves/share", with_number(share, 0, 0.25F))),
               Contains("must be 1"));
    CHECK_THAT(refusal(forest, with(forest.parts(), "leaves/share", with_number(share, 0, std::nanf("")))),
               Contains("nan (must be 0 to 1)"));
    KeptSample const boosted(catalogue.at("xgboost"), MissingPolicy::absent);
    auto const& value = *boosted.parts().find("leaves/value");
    CHECK_THAT(refusal(boosted, with(boosted.parts(), "leaves/value", with_number(value, 0, std::nanf("")))),
               Contains("part 'leaves/value': value 0 is nan"));
    auto const& of_class = *boosted.parts().find("trees/class");
    CHECK_THAT(
        refusal(boosted, with(boosted.parts(), "trees/class", with_number(of_class, 0, std::uint16_t{3}))),
        Contains("part 'trees/class': value 0 is 3 (must be 0 to 2)"));
}

TEST_CASE("counts of more deaths than there are, and shares that do not rise, are refused",
          "[models][kept][damage]") {
    using Catch::Matchers::Contains;
    models::Catalogue const catalogue;
    KeptSample const bayes(catalogue.at("naive_bayes"), MissingPolicy::absent);
    auto const& present = *bayes.parts().find("present");
    CHECK_THAT(refusal(bayes, with(bayes.parts(), "present", with_number(present, 0, ~std::uint32_t{0}))),
               Contains("deaths)"));
    KeptSample const insilico(catalogue.at("insilico"), MissingPolicy::nan);
    auto const& answered = *insilico.parts().find("answered");
    CHECK_THAT(refusal(insilico, with(insilico.parts(), "answered", with_number(answered, 1, 999U))),
               Contains("(of"));
    KeptSample const tariff(catalogue.at("tariff"), MissingPolicy::nan);
    auto const& above = *tariff.parts().find("ranks/above");
    CHECK_THAT(refusal(tariff, with(tariff.parts(), "ranks/above", with_number(above, 0, 7.5))),
               Contains("shares rise within 0 to 1"));
    KeptSample const interva(catalogue.at("interva"), MissingPolicy::nan);
    auto const& level = *interva.parts().find("level");
    CHECK_THAT(refusal(interva, with(interva.parts(), "level", with_number(level, 0, std::uint8_t{77}))),
               Contains("part 'level': value 0 is 77"));
}
