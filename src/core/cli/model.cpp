// vaster model: models that are kept in a directory for several people. What its commands share.
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "core/cli/model_commands.hpp"
#include "core/run/version.hpp"

namespace vaster::cli {

void RegistryFlag::add_to(Command& command) {
    command
        .add_option("--registry", folder_,
                    "where the models are kept; else $VASTER_REGISTRY, else ~/.local/share/vaster/models")
        ->option_text("DIR");
}

registry::Registry RegistryFlag::open(registry::Opening opening) const {
    return {registry::registry_folder(folder_), opening, std::string(run::version())};
}

Named named_version(registry::Registry const& registry, std::string const& text) {
    auto const reference = registry::parse_reference(text);
    require<UsageError>(reference && (reference->version || !reference->alias.empty()),
                        "'{}' does not name a version: write NAME:VERSION or NAME@ALIAS", legible(text));
    return {reference->name, registry.version(*reference).number};
}

registry::Facts facts_of(Program const& program, archive::Archive const& model, std::string const& path) {
    for (auto const& domain : program.domains) {
        if (!domain.models.facts) continue;
        try {
            if (auto facts = domain.models.facts(model.parts)) return *std::move(facts);
        } catch (DataError const& e) {
            throw DataError(fmt::format("{} holds a model that cannot be used: {}", path, e.what()));
        }
    }
    throw DataError(
        fmt::format("{} holds a model of which this program knows nothing; it was written by vaster {}", path,
                    model.program));
}

std::string try_again(Program const& program, archive::Archive const& model) {
    for (auto const& domain : program.domains)
        if (domain.models.facts && domain.models.try_again && domain.models.facts(model.parts))
            return domain.models.try_again(model.parts);
    return "this program knows nothing of such models";
}

std::pair<std::string, std::string> key_and_value(std::string const& text, std::string_view flag) {
    auto const mark = text.find('=');
    require<UsageError>(mark != std::string::npos, "{} {}: must be KEY=VALUE", flag, legible(text));
    return {text.substr(0, mark), text.substr(mark + 1)};
}

std::string value_text(registry::Value const& value) {
    auto const* const text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : fmt::format("{:.6g}", std::get<double>(value));
}

study::Cell cell_of(registry::Value const& value) {
    if (auto const* const text = std::get_if<std::string>(&value)) return *text;
    constexpr double most = 9007199254740992;  // 2^53
    double const number = std::get<double>(value);
    if (std::floor(number) == number && std::abs(number) < most) return static_cast<std::int64_t>(number);
    return number;
}

void add_model(Command& app, Program& program) {
    Command* model = app.add_subcommand("model", "Keep models in a directory for several people");
    model->require_subcommand();
    for (auto* add : {add_model_register, add_model_list, add_model_search, add_model_show, add_model_set,
                      add_model_deprecate, add_model_rm, add_model_restore, add_model_gc, add_model_export,
                      add_model_import, add_model_verify, add_model_diff, add_model_upgrade})
        add(*model, program);
}

}  // namespace vaster::cli
