// What `vaster model` is told of models of verbal autopsy.
#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "domains/va/cli/commands.hpp"
#include "domains/va/data/splits.hpp"
#include "domains/va/study/kept_facts.hpp"
#include "domains/va/study/kept_model.hpp"

namespace vaster::va {
namespace {

using Catalogue = std::shared_ptr<models::Catalogue const>;

/// Is it a model of verbal autopsy, whole or not?
bool is_ours(Parts const& parts) {
    return parts.has("data/symptoms") && parts.has("data/causes");
}

/// A registry takes texts of so many bytes.
std::string shortened(std::string text) {
    constexpr std::size_t longest = 4096;
    constexpr std::string_view dots = "...";
    if (text.size() <= longest) return text;
    std::size_t end = longest - dots.size();
    constexpr unsigned continues = 0x80;
    constexpr unsigned mask = 0xC0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & mask) == continues) --end;
    text.resize(end);
    return text.append(dots);
}

std::optional<cli::ModelFacts> facts(Parts const& parts, models::Catalogue const& catalogue) {
    if (!is_ours(parts)) return std::nullopt;
    KeptModel const model = kept_model_from(parts);
    (void)classifiers(model, catalogue);
    cli::ModelFacts all = facts_of(model);
    for (auto& [name, value] : all)
        if (auto* const text = std::get_if<std::string>(&value)) *text = shortened(std::move(*text));
    return all;
}

/// The same made-up deaths as when the model was kept: is anything said of them that was not said then?
std::string try_again(Parts const& parts, models::Catalogue const& catalogue) {
    KeptModel const model = kept_model_from(parts);
    auto const members = classifiers(model, catalogue);
    if (!model.probes) return "";
    std::size_t const n_symptoms = model.symptoms.size();
    std::size_t const n = model.probes->answers.size() / n_symptoms;
    AnswerMatrix answers(n, n_symptoms);
    DeathList rows;
    rows.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        auto const row = answers.row(i);
        for (std::size_t s = 0; s < n_symptoms; ++s)
            row[s] = static_cast<Answer>(model.probes->answers[i * n_symptoms + s]);
        rows.push_back(static_cast<std::uint32_t>(i));
    }
    Watcher watcher;
    auto const said = predict(model, members, {{answers, rows}}, "probes", watcher).probability;
    double largest = 0;
    for (std::size_t i = 0; i < said.size(); ++i)
        largest = std::max(largest, std::abs(said[i] - model.probes->probability[i]));
    if (said == model.probes->probability) return "";
    return fmt::format("its {} made-up deaths get other probabilities than when it was made, by up to {:.3g}",
                       n, largest);
}

}  // namespace

cli::KeptModels kept_models(Catalogue const& catalogue) {
    return {[catalogue](Parts const& parts) { return facts(parts, *catalogue); },
            [catalogue](Parts const& parts) { return try_again(parts, *catalogue); },
            {"model", "n_train", "n_sites", "inner.cv.csmf_accuracy_posterior",
             "inner.leave_one_site_out.csmf_accuracy_posterior"}};
}

}  // namespace vaster::va
