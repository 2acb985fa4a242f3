#include "core/cli/study_flags.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {
namespace {

constexpr std::string_view kind_key = "study.kind";

bool is_list(Value const& value) {
    return std::holds_alternative<std::vector<std::string>>(value) ||
           std::holds_alternative<std::vector<double>>(value);
}

/// What stands for the value in the help: "TIME".
std::string placeholder_of(Parameter const& key) {
    switch (key.format) {
        case Format::duration:
            return "TIME";
        case Format::bytes:
            return "SIZE";
        case Format::file:
            return "FILE";
        case Format::plain:
            break;
    }
    if (is_list(key.standard)) return "A,B,...";
    if (std::holds_alternative<std::string>(key.standard)) return "TEXT";
    return std::holds_alternative<bool>(key.standard) ? "true|false" : "NUMBER";
}

std::string help_of(Parameter const& key, std::string const& full_key) {
    std::string const choices =
        key.choices.empty()
            ? ""
            : fmt::format("; {} of: {}", is_list(key.standard) ? "any" : "one", fmt::join(key.choices, ", "));
    bool const listed = key.doc.find(choices.empty() ? ":" : key.choices.front()) != std::string::npos;
    return fmt::format("{}{} ({})", key.doc, listed ? "" : choices, full_key);
}

/// The value behind `flag`: "X" of {"--kind", "X"} and of {"--kind=X"}.
std::optional<std::string_view> value_at(std::span<char const* const> arguments, std::size_t i,
                                         std::string_view flag) {
    std::string_view const text(arguments[i]);
    if (text == flag && i + 1 < arguments.size()) return arguments[i + 1];
    if (text.starts_with(flag) && text.size() > flag.size() && text[flag.size()] == '=')
        return text.substr(flag.size() + 1);
    return std::nullopt;
}

/// The kind that a file of a configuration names; empty where it cannot be read or names none, which is
/// complained about when it is really read.
std::string kind_in_file(std::filesystem::path const& path) {
    std::error_code ignored;
    if (path.extension() != ".toml" || !std::filesystem::is_regular_file(path, ignored)) return {};
    try {
        return study::kind_of({path.string(), read_file(path), {}});
    } catch (Error const&) {
        return {};
    }
}

}  // namespace

study::Kind const& kind_on_command_line(std::span<char const* const> arguments, study::Kinds const& kinds) {
    std::string in_file;
    std::string given;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string const setting = fmt::format("{}=", kind_key);
        if (auto const value = value_at(arguments, i, "--kind")) given = *value;
        if (auto const value = value_at(arguments, i, "--set"); value && value->starts_with(setting))
            given = value->substr(setting.size());
        if (std::string const named = kind_in_file(arguments[i]); !named.empty()) in_file = named;
    }
    auto const* const kind = kinds.look_up(given.empty() ? in_file : given);
    return kind != nullptr ? *kind : kinds.standard();
}

void StudyFlags::add(Command& command, Parameter const& key, std::string const& table) {
    Flag& flag = flags_.emplace_back(Flag{key.flag, fmt::format("{}.{}", table, key.name), "", false});
    command
        .add_option(
            key.flag,
            [&flag](std::string const& value) {
                flag.value = value;
                flag.given = true;
            },
            help_of(key, flag.key))
        ->option_text(placeholder_of(key))
        ->take_last();
}

void StudyFlags::add_to(Command& command, study::Kind const& kind, std::string_view but) {
    command.add_option("study", path_, "TOML file with the configuration; optional")
        ->option_text("[STUDY.toml]");
    add_keys_to(command, kind, {std::string(but)});
}

void StudyFlags::add_keys_to(Command& command, study::Kind const& kind, std::vector<std::string> const& but) {
    auto const left_out = [&](std::string const& flag) {
        return std::find(but.begin(), but.end(), flag) != but.end();
    };
    for (auto const& table : study::all_tables(kind))
        for (auto const& key : table.keys)
            if (!key.flag.empty() && !left_out(key.flag)) add(command, key, table.name);
    add_preset_to(command, kind);
    command
        .add_option("--set", settings_,
                    fmt::format("any key of a study of kind {}, as '{} config --defaults --kind {}' lists "
                                "them; may be given again",
                                kind.name(), program_name(), kind.name()))
        ->option_text("TABLE.KEY=VALUE")
        ->one_value_each();
}

void StudyFlags::add_preset_to(Command& command, study::Kind const& kind) {
    auto const* const with_presets = dynamic_cast<study::HasPresets const*>(&kind);
    if (with_presets == nullptr) return;
    presets_ = with_presets->presets();
    std::vector<std::string> docs;
    docs.reserve(presets_.size());
    for (auto const& preset : presets_) docs.push_back(fmt::format("{}: {}", preset.name, preset.doc));
    command
        .add_option("--preset", preset_,
                    fmt::format("keys for a purpose, over those of the file and under other flags; {}",
                                fmt::join(docs, "; ")))
        ->option_text("NAME");
}

void StudyFlags::add_preset_keys(study::ConfigSource& source) const {
    if (preset_.empty()) return;
    auto const place = std::find_if(presets_.begin(), presets_.end(),
                                    [&](study::Preset const& preset) { return preset.name == preset_; });
    std::vector<std::string> names;
    names.reserve(presets_.size());
    for (auto const& preset : presets_) names.push_back(preset.name);
    require<UsageError>(place != presets_.end(), "--preset {}: there is no such preset; there is: {}",
                        preset_, fmt::join(names, ", "));
    for (auto const& [key, text] : place->settings)
        source.overrides.push_back({key, text, fmt::format("--preset {}", preset_)});
}

study::ConfigSource StudyFlags::source() const {
    study::ConfigSource source;
    source.path = path_;
    if (!path_.empty()) source.text = read_file(path_);
    add_preset_keys(source);
    for (auto const& flag : flags_)
        if (flag.given) source.overrides.push_back({flag.key, flag.value, flag.name});
    for (auto const& setting : settings_) {
        std::size_t const sign = setting.find('=');
        require<UsageError>(sign != std::string::npos && sign > 0, "--set {}: must be TABLE.KEY=VALUE",
                            setting);
        source.overrides.push_back({setting.substr(0, sign), setting.substr(sign + 1), "--set"});
    }
    return source;
}

}  // namespace vaster::cli
