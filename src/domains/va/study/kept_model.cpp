#include "domains/va/study/kept_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/splits.hpp"
#include "vaster/study/config.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// Of a key that names a file: what the file says decides, not where it lies.
Value kept_value(Parameter const& key, Value const& value) {
    if (key.format != Format::file) return value;
    auto const& path = std::get<std::string>(value);
    return path.empty() ? value : Value(fmt::format("content:{}", hash_text(read_file(path))));
}

models::Model const& model_of(KeptMember const& member, models::Catalogue const& catalogue) {
    auto const* const model = catalogue.find(member.model);
    auto const names = catalogue.names();
    auto const near = nearest_name(member.model, names);
    require<DataError>(model != nullptr, "this program has no model '{}'{}; it has: {}", member.model,
                       near ? fmt::format(" (there is '{}')", *near) : "", fmt::join(names, ", "));
    require<DataError>(model->load != nullptr, "this program cannot load models of '{}'", member.model);
    require<DataError>(member.parts_version <= model->parts_version,
                       "'{}' was kept in version {} of its parts, and this program reads up to version {}; "
                       "use the program that made the model, or a newer one",
                       member.model, member.parts_version, model->parts_version);
    return *model;
}

Parameters parameters_of(KeptMember const& member, models::Model const& model) {
    std::vector<Parameter> declared;
    declared.reserve(model.parameters.size());
    for (auto key : model.parameters) {
        key.format = key.format == Format::file ? Format::plain : key.format;
        declared.push_back(std::move(key));
    }
    try {
        return study::read_parameters(declared, member.parameters, "part 'parameters'");
    } catch (ConfigError const& error) {
        throw DataError(error.what());
    }
}

template <class Do>
auto named(std::string const& model, Do work) {
    try {
        return work();
    } catch (DataError const& error) {
        throw DataError(fmt::format("{}: {}", model, error.what()));
    } catch (ModelError const& error) {
        throw ModelError(fmt::format("{}: {}", model, error.what()));
    }
}

}  // namespace

InnerResults const* KeptModel::inner_of(std::string_view design) const {
    auto const place = std::find_if(inner.begin(), inner.end(),
                                    [&](InnerResults const& results) { return results.design == design; });
    return place == inner.end() ? nullptr : &*place;
}

std::string parameters_text(models::Model const& model, Parameters const& parameters) {
    std::vector<std::string> lines;
    for (auto const& key : model.parameters)
        if (key.effect == Effect::result)
            lines.push_back(
                fmt::format("{} = {}\n", key.name, to_toml(kept_value(key, parameters.value(key.name)))));
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, ""));
}

std::vector<std::unique_ptr<models::Classifier>> classifiers(KeptModel const& model,
                                                             models::Catalogue const& catalogue) {
    std::vector<std::unique_ptr<models::Classifier>> members;
    members.reserve(model.members.size());
    for (auto const& member : model.members) {
        auto const& known = model_of(member, catalogue);
        members.push_back(named(member.model, [&] {
            return known.load(parameters_of(member, known), model.missing, member.parts,
                              model.symptoms.size(), model.causes.size());
        }));
    }
    return members;
}

models::Predicts predicts_of(KeptMember const& member, models::Catalogue const& catalogue) {
    auto const& known = model_of(member, catalogue);
    return known.predicts_by(parameters_of(member, known));
}

models::Predicts predicts_of(KeptModel const& model, models::Catalogue const& catalogue) {
    bool const on_batch =
        model.adaptation ||
        std::any_of(model.members.begin(), model.members.end(), [&](KeptMember const& member) {
            return predicts_of(member, catalogue) == models::Predicts::whole_batch;
        });
    return on_batch ? models::Predicts::whole_batch : models::Predicts::each_death;
}

bool was_trained_on(KeptModel const& model, std::string_view site) {
    auto const place = std::find(model.sites.begin(), model.sites.end(), site);
    return place != model.sites.end() &&
           model.site_deaths.at(static_cast<std::size_t>(place - model.sites.begin())) > 0;
}

namespace {

/// What the members say, without adaptation.
models::Prediction voted(KeptModel const& model, std::span<std::unique_ptr<models::Classifier> const> members,
                         models::TestSet const& deaths, std::string_view test, Watcher& watcher) {
    VASTER_EXPECTS(members.size() == model.members.size());
    std::vector<models::Prediction> said;
    said.reserve(members.size());
    for (std::size_t m = 0; m < members.size(); ++m) {
        auto const& name = model.members[m].model;
        auto const random =
            random_stream(model.seed, fmt::format("kept {} on {}", name, test), Purpose::predict);
        said.push_back(named(name, [&] { return members[m]->predict(deaths, random, watcher); }));
    }
    if (!model.vote) return std::move(said.front());
    std::vector<models::Prediction const*> votes;
    votes.reserve(said.size());
    for (auto const& one : said) votes.push_back(&one);
    return combine(*model.vote, model.weights, votes);
}

}  // namespace

models::Prediction predict(KeptModel const& model,
                           std::span<std::unique_ptr<models::Classifier> const> members,
                           models::TestSet const& deaths, std::string_view test, Watcher& watcher,
                           std::string_view site) {
    auto said = voted(model, members, deaths, test, watcher);
    if (!model.adaptation || was_trained_on(model, site)) return said;
    models::Adapter const adapter(*model.adaptation,
                                  models::source_rates(model.present, model.unanswered, model.n_deaths));
    return adapted(adapter, deaths.deaths, {}, {}, std::move(said), watcher);
}

Probes probes_of(KeptModel const& model, std::span<std::unique_ptr<models::Classifier> const> members,
                 std::size_t n, Watcher& watcher) {
    Random random =
        random_stream(model.seed, fmt::format("probes of {}", model.data_hash), Purpose::simulate);
    std::size_t const n_symptoms = model.symptoms.size();
    AnswerMatrix answers(n, n_symptoms);
    Probes probes;
    DeathList rows;
    rows.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        rows.push_back(static_cast<std::uint32_t>(i));
        auto const row = answers.row(i);
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            auto const drawn = random.below(std::max<std::uint64_t>(1, model.n_deaths));
            Answer const answer = drawn < model.present[s]                         ? Answer::present
                                  : drawn < model.present[s] + model.unanswered[s] ? Answer::missing
                                                                                   : Answer::absent;
            row[s] = answer;
            probes.answers.push_back(static_cast<std::uint8_t>(answer));
        }
    }
    probes.probability = predict(model, members, {{answers, rows}}, "probes", watcher).probability;
    return probes;
}

}  // namespace vaster::va
