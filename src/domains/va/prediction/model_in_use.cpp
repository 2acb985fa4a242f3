#include "domains/va/prediction/model_in_use.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/archive/archive.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/prediction/fraction_intervals.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

std::string ModelInUse::stamp() const {
    return content.substr(0, archive::digits_of_short_id);
}

std::string ModelInUse::described() const {
    std::string const sites = kept.sites.size() > 1 ? fmt::format(" of {} sites ({})", kept.sites.size(),
                                                                  fmt::join(kept.sites, ", "))
                                                    : "";
    return fmt::format("model {} {}, trained on {} deaths{}: {} symptoms, {} causes", kept.name, stamp(),
                       grouped(kept.n_deaths), sites, kept.symptoms.size(), kept.causes.size());
}

ModelInUse read_model(std::filesystem::path const& path, std::string const& content,
                      models::Catalogue const& catalogue) {
    return model_from(archive::read_archive(path), path, content, catalogue);
}

ModelInUse model_from(archive::Archive const& file, std::filesystem::path const& path,
                      std::string const& content, models::Catalogue const& catalogue) {
    require<DataError>(
        content.empty() || file.content == content,
        "{} holds model {} now, but the prediction was begun with {}; put that one back, or begin "
        "again with --overwrite",
        path.string(), file.content.substr(0, archive::digits_of_short_id),
        content.substr(0, archive::digits_of_short_id));
    ModelInUse model;
    if (is_posterior(file.parts))
        throw DataError(fmt::format(
            "{} is the posterior of a batch, not a model; give the model (content {}), and this file with "
            "--posterior",
            path.string(), file.parts.text("model/parent").substr(0, archive::digits_of_short_id)));
    try {
        model.kept = kept_model_from(file.parts);
        model.members = classifiers(model.kept, catalogue);
    } catch (DataError const& error) {
        throw DataError(fmt::format("{}: {}", path.string(), error.what()));
    }
    model.content = file.content;
    model.file_hash = file.file_hash;
    model.predicts = predicts_of(model.kept, catalogue);
    model.leaves_posterior = model.predicts == models::Predicts::whole_batch && !model.kept.adaptation;
    for (std::size_t m = 0; m < model.members.size(); ++m)
        if (predicts_of(model.kept.members[m], catalogue) == models::Predicts::whole_batch &&
            dynamic_cast<models::LearnsBatch const*>(model.members[m].get()) == nullptr)
            model.leaves_posterior = false;
    return model;
}

void use_posterior(ModelInUse& model, std::filesystem::path const& file) {
    require<DataError>(
        model.predicts == models::Predicts::whole_batch,
        "--posterior {}: model {} codes every death by itself, without a posterior; leave it out",
        file.string(), model.kept.name);
    require<DataError>(model.leaves_posterior, "--posterior {}: model {} has no posterior of a batch",
                       file.string(), model.kept.name);
    archive::Archive const archive = archive::read_archive(file);
    try {
        model.posterior = learning_from(archive.parts, model.kept, model.members, model.content);
    } catch (DataError const& error) {
        throw DataError(fmt::format("{} {}", file.string(), error.what()));
    }
    model.posterior->content = archive.content;
    model.predicts = models::Predicts::each_death;
}

namespace {

/// The rules that the model was trained by; of a model of an encoded table those of the release that asks for
/// all of its symptoms, if one does.
Questionnaire questionnaire_for(KeptModel const& model) {
    auto const& coding = model.coding;
    if (coding.format == CohortFormat::rules)
        return {"", "the rules of the model",
                parse_rules(csv::CsvReader::from_text(coding.rules, "rules of the model")), ""};
    for (auto const format :
         {CohortFormat::phmrc_adult, CohortFormat::phmrc_child, CohortFormat::phmrc_neonate}) {
        if (coding.format != CohortFormat::encoded && coding.format != format) continue;
        CohortSource source;
        source.format = format;
        auto questionnaire = questionnaire_of(source);
        auto const names = symptom_names(questionnaire.rules);
        if (!coding.rules.empty())
            questionnaire.rules = parse_rules(csv::CsvReader::from_text(coding.rules, "rules of the model"));
        bool const asks_for_all =
            std::all_of(model.symptoms.begin(), model.symptoms.end(), [&](std::string const& symptom) {
                return std::find(names.begin(), names.end(), symptom) != names.end();
            });
        if (asks_for_all || !coding.rules.empty()) return questionnaire;
    }
    return {};
}

}  // namespace

ModelNeeds wanted_by(KeptModel const& model) {
    ModelNeeds wanted;
    wanted.symptoms = model.symptoms;
    wanted.spellings = model.coding.spellings;
    wanted.id = model.coding.id;
    wanted.site = model.coding.site;
    wanted.questionnaire = questionnaire_for(model);
    wanted.quotes = model.coding.rules.empty() ? csv::Quotes::release : model.coding.quotes;
    return wanted;
}

std::optional<double> transfer_error_of(KeptModel const& model) {
    auto const* const inner = model.inner_of("leave_one_site_out");
    if (inner == nullptr) return std::nullopt;
    return transfer_error(
        {inner->units.size(), model.causes.size(), inner->csmf_true, inner->csmf_predicted});
}

std::vector<SymptomCounts> training_answers(KeptModel const& model) {
    std::vector<SymptomCounts> answers;
    answers.reserve(model.symptoms.size());
    for (std::size_t k = 0; k < model.symptoms.size(); ++k)
        answers.push_back({model.present[k], model.unanswered[k], model.n_deaths});
    return answers;
}

}  // namespace vaster::va
