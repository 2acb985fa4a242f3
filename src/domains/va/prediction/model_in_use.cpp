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
    archive::Archive const file = archive::read_archive(path);
    require<DataError>(
        content.empty() || file.content == content,
        "{} holds model {} now, but the prediction was begun with {}; put that one back, or begin "
        "again with --overwrite",
        path.string(), file.content.substr(0, archive::digits_of_short_id),
        content.substr(0, archive::digits_of_short_id));
    ModelInUse model;
    try {
        model.kept = kept_model_from(file.parts);
        model.members = classifiers(model.kept, catalogue);
    } catch (DataError const& error) {
        throw DataError(fmt::format("{}: {}", path.string(), error.what()));
    }
    model.content = file.content;
    model.file_hash = file.file_hash;
    auto const on_batch = [&](KeptMember const& member) {
        return catalogue.at(member.model).predicts == models::Predicts::whole_batch;
    };
    if (std::any_of(model.kept.members.begin(), model.kept.members.end(), on_batch))
        model.predicts = models::Predicts::whole_batch;
    return model;
}

ModelNeeds wanted_by(KeptModel const& model) {
    ModelNeeds wanted;
    wanted.symptoms = model.symptoms;
    wanted.spellings = model.coding.spellings;
    wanted.id = model.coding.id;
    wanted.site = model.coding.site;
    bool const other_rules =
        !model.coding.rules_hash.empty() && model.coding.rules_hash != phmrc_rules_hash();
    wanted.follows_rules = !other_rules;
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
