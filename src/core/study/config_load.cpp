// Reading a config: TOML through toml++, flags over it, every problem listed at once.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "base/support/nearest.hpp"
#include "core/study/toml_text.hpp"
#include "vaster/study/config.hpp"
#include "vaster/study/own_tables.hpp"
#include "vaster/study/presets.hpp"
#include "vaster/study/renamed_keys.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::study {

namespace {

constexpr std::string_view known_are = "known are";

std::string_view type_name(Value const& value) {
    constexpr std::string_view names[] = {"true or false",  "a whole number",  "a number",
                                          "text in quotes", "a list of texts", "a list of numbers"};
    return names[value.index()];
}

/// What helps whoever wrote a number where a whole number is needed: one that is too large, or one with a
/// point or an exponent. @param text  as it was written
std::string whole_number_hint(std::string const& text) {
    std::size_t const sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    if (text.size() > sign && text.find_first_not_of("0123456789_", sign) == std::string::npos)
        return text.front() == '-' ? fmt::format(" of at least {}", std::numeric_limits<std::int64_t>::min())
                                   : fmt::format(" of at most {}", std::numeric_limits<std::int64_t>::max());
    char* end = nullptr;
    double const number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(std::abs(number) < 1e15)) return "";
    return number == std::trunc(number) ? fmt::format(": write {:.0f}", number) : "";
}

/// A TOML value as it was written, or nearly so; empty for tables and lists.
std::string written(toml::node const& node) {
    std::ostringstream out;
    node.visit([&](auto const& value) {
        if constexpr (toml::is_value<decltype(value)>) out << value;
    });
    return std::move(out).str();
}

/// A TOML value as the type of `standard`; nothing if it is another type. Whole numbers may stand for
/// numbers.
std::optional<Value> convert(toml::node const& node, Value const& standard) {
    if (std::holds_alternative<bool>(standard)) {
        if (auto const flag = node.value_exact<bool>()) return *flag;
    } else if (std::holds_alternative<std::int64_t>(standard)) {
        if (auto const number = node.value_exact<std::int64_t>()) return *number;
    } else if (std::holds_alternative<double>(standard)) {
        if (auto const number = node.value_exact<double>()) return *number;
        if (auto const number = node.value_exact<std::int64_t>()) return static_cast<double>(*number);
    } else if (std::holds_alternative<std::string>(standard)) {
        if (auto const text = node.value_exact<std::string>()) return text_to_bytes(*text);
    } else if (auto const* list = node.as_array()) {
        std::vector<std::string> texts;
        std::vector<double> numbers;
        for (auto const& element : *list) {
            if (auto const text = element.value_exact<std::string>())
                texts.push_back(text_to_bytes(*text));
            else if (auto const real = element.value_exact<double>())
                numbers.push_back(*real);
            else if (auto const whole = element.value_exact<std::int64_t>())
                numbers.push_back(static_cast<double>(*whole));
            else
                return std::nullopt;
        }
        if (std::holds_alternative<std::vector<std::string>>(standard) && numbers.empty()) return texts;
        if (std::holds_alternative<std::vector<double>>(standard) && texts.empty()) return numbers;
    }
    return std::nullopt;
}

bool contains(std::vector<std::string> const& list, std::string const& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        std::size_t const comma = std::min(text.find(','), text.size());
        std::string_view word = text.substr(0, comma);
        while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
        while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
        words.emplace_back(word);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return words;
}

/// A flag's text as the type of `standard`: texts and lists may come without TOML's quotes and brackets.
std::optional<Value> convert(std::string const& text, Value const& standard) {
    bool const bare = text.empty() || (text.front() != '"' && text.front() != '\'' && text.front() != '[');
    if (bare && std::holds_alternative<std::string>(standard)) return text;
    if (bare && std::holds_alternative<std::vector<std::string>>(standard)) return words_of(text);
    std::string const toml_text =
        bare && std::holds_alternative<std::vector<double>>(standard) ? "[" + text + "]" : text;
    try {
        toml::table const table = parse_toml("x = " + bytes_to_text(toml_text), "");
        if (table.size() != 1) return std::nullopt;
        return convert(*table.get("x"), standard);
    } catch (ConfigError const&) {
        return std::nullopt;
    }
}

/// Collects values and problems while the tables are walked.
class Loader {
  public:
    Loader(Kind const& kind, std::string path) : config_(all_tables(kind)), path_(std::move(path)) {
        if (auto const* with_renamed = dynamic_cast<HasRenamedKeys const*>(&kind))
            renamed_ = with_renamed->renamed_keys();
        if (auto const* with_tables = dynamic_cast<HasOwnTables const*>(&kind))
            own_tables_ = with_tables->own_tables();
    }

    void read(toml::table const& text, std::string const& prefix = "") {
        for (auto const& [name, node] : text) {
            std::string const key =
                prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
            auto const line = node.source().begin.line;
            if (auto const* table = node.as_table(); table != nullptr && is_table(key))
                read(*table, key);
            else if (table != nullptr)
                add(line,
                    fmt::format("[{}]: unknown table; {}", key, suggestion(key, table_names(), known_are)));
            else if (prefix.empty() && node.is_array_of_tables() && contains(own_tables_, key))
                has_own_tables_ = true;  // the kind reads them
            else if (prefix.empty())
                add(line, fmt::format("{}: a key outside of any table; tables are: {}", key,
                                      fmt::join(table_names(), ", ")));
            else if (auto const* renamed = renamed_key(prefix, name.str(), node.value_exact<std::string>()))
                accept_renamed(fmt::format("{}:{}", path_, line), *renamed, *node.value_exact<std::string>());
            else if (auto const* parameter = find(prefix, name.str()))
                accept(line, key, *parameter, convert(node, parameter->standard), written(node));
            else
                add(line, fmt::format("{}: unknown key; {}", key,
                                      suggestion(name.str(), key_names(prefix), known_are)));
        }
    }

    void read(Override const& given) {
        std::size_t const dot = given.key.rfind('.');
        std::string const table = given.key.substr(0, dot == std::string::npos ? 0 : dot);
        std::string const name = dot == std::string::npos ? given.key : given.key.substr(dot + 1);
        Parameter const* parameter = table.empty() ? nullptr : find(table, name);
        std::optional<Value> const text = convert(given.text, std::string());
        auto const* word = text ? std::get_if<std::string>(&*text) : nullptr;
        if (auto const* renamed = word != nullptr ? renamed_key(table, name, *word) : nullptr) {
            accept_renamed(given.origin, *renamed, *word);
        } else if (parameter != nullptr) {
            accept(given.origin, given.key, *parameter, convert(given.text, parameter->standard), given.text);
        } else {
            std::vector<std::string> known = key_names(table);
            if (known.empty()) known = table_names();
            problems_.push_back(
                fmt::format("{}: {}: unknown key; {}", given.origin, given.key,
                            suggestion(key_names(table).empty() ? table : name, known, known_are)));
        }
    }

    /// Gives keys that were not given what others bring.
    void apply(std::vector<KeyPreset> const& presets) {
        auto const is_given = [this](std::string const& key) { return given_.contains(key); };
        for (auto const& preset : presets) {
            if (config_.get<std::string>(preset.key) != preset.value) continue;
            for (auto const& brought : preset.brings)
                if (!is_given(brought.key) &&
                    std::none_of(brought.unless.begin(), brought.unless.end(), is_given))
                    config_.set(brought.key, brought.value);
        }
    }

    /// So that whoever mends the keys does not learn of these only then.
    void add_problems_of_own_tables(Kind const& kind, ConfigSource const& source) {
        auto const* const with_tables = dynamic_cast<HasOwnTables const*>(&kind);
        if (with_tables == nullptr || !has_own_tables_) return;
        for (auto& problem : with_tables->problems_of_own_tables(source.text, source.path))
            problems_.push_back(std::move(problem));
    }

    [[nodiscard]] std::vector<std::string>& problems() { return problems_; }

    [[nodiscard]] Config const& config() const { return config_; }

    /// On keys that were given by a former name.
    [[nodiscard]] std::vector<std::string> const& notes() const { return notes_; }

  private:
    void add(toml::source_index line, std::string const& problem) {
        problems_.push_back(fmt::format("{}:{}: {}", path_, line, problem));
    }

    void accept(toml::source_index line, std::string const& key, Parameter const& parameter,
                std::optional<Value> value, std::string const& text) {
        accept(fmt::format("{}:{}", path_, line), key, parameter, std::move(value), text);
    }

    void accept(std::string const& origin, std::string const& key, Parameter const& parameter,
                std::optional<Value> value, std::string const& text) {
        if (!value) {
            bool const whole = std::holds_alternative<std::int64_t>(parameter.standard);
            problems_.push_back(fmt::format("{}: {}{} must be {}{}", origin, key,
                                            text.empty() ? "" : " = " + text, type_name(parameter.standard),
                                            whole ? whole_number_hint(text) : ""));
        } else if (std::string const problem = problem_of(parameter, *value); !problem.empty()) {
            problems_.push_back(fmt::format("{}: {} = {} {}", origin, key, vaster::to_toml(*value), problem));
        } else {
            config_.set(key, std::move(*value));
            given_.insert(key);
        }
    }

    /// The key that once went by `name` in its table, if it can take `text`.
    [[nodiscard]] RenamedKey const* renamed_key(std::string_view table, std::string_view name,
                                                std::optional<std::string> const& text) const {
        for (auto const& key : renamed_) {
            if (!text || key.table != table || key.before != name) continue;
            auto const* parameter = find(table, key.now);
            if (parameter != nullptr && contains(parameter->choices, *text)) return &key;
        }
        return nullptr;
    }

    void accept_renamed(std::string const& origin, RenamedKey const& key, std::string const& text) {
        notes_.push_back(fmt::format("{}: {}.{} = \"{}\" is taken for {}.{}, as the key is called now",
                                     origin, key.table, key.before, text, key.table, key.now));
        config_.set(fmt::format("{}.{}", key.table, key.now), text);
    }

    /// A table, or the first part of one's name ("models").
    [[nodiscard]] bool is_table(std::string const& name) const {
        return std::any_of(config_.tables().begin(), config_.tables().end(), [&](KeyTable const& table) {
            return table.name == name || table.name.starts_with(name + ".");
        });
    }

    [[nodiscard]] std::vector<std::string> table_names() const {
        std::vector<std::string> names;
        for (auto const& table : config_.tables()) names.push_back(table.name);
        return names;
    }

    [[nodiscard]] std::vector<std::string> key_names(std::string_view table_name) const {
        std::vector<std::string> names;
        for (auto const& table : config_.tables())
            if (table.name == table_name)
                for (auto const& key : table.keys) names.push_back(key.name);
        return names;
    }

    [[nodiscard]] Parameter const* find(std::string_view table_name, std::string_view name) const {
        for (auto const& table : config_.tables())
            if (table.name == table_name)
                for (auto const& key : table.keys)
                    if (key.name == name) return &key;
        return nullptr;
    }

    Config config_;
    std::string path_;
    std::set<std::string> given_;  ///< keys with their tables
    std::vector<RenamedKey> renamed_;
    std::vector<std::string> own_tables_;
    bool has_own_tables_ = false;  ///< the text has some
    std::vector<std::string> problems_;
    std::vector<std::string> notes_;
};

/// Reads the source's text, then its flags.
Loader read(Kind const& kind, ConfigSource const& source) {
    toml::table const text = parse_toml(source.text, source.path);
    Loader loader(kind, source.path);
    loader.read(text);
    for (auto const& given : source.overrides) loader.read(given);
    if (auto const* with_presets = dynamic_cast<HasPresets const*>(&kind))
        loader.apply(with_presets->key_presets());
    return loader;
}

}  // namespace

std::string kind_of(ConfigSource const& source) {
    std::string kind;
    toml::table const text = parse_toml(source.text, source.path);
    if (auto const given = text["study"]["kind"].value<std::string>()) kind = *given;
    for (auto const& given : source.overrides)
        if (given.key == "study.kind") kind = given.text;
    return kind;
}

Config load(Kind const& kind, ConfigSource const& source) {
    Loader loader = read(kind, source);
    auto& problems = loader.problems();
    for (auto& problem : kind.problems(loader.config())) problems.push_back(std::move(problem));
    if (!problems.empty()) loader.add_problems_of_own_tables(kind, source);
    require<ConfigError>(problems.empty(), "{} problem{} in the configuration:\n  {}", problems.size(),
                         problems.size() == 1 ? "" : "s", fmt::join(problems, "\n  "));
    return loader.config();
}

Parameters read_parameters(std::vector<Parameter> const& declared, std::string_view text,
                           std::string const& origin) {
    Parameters parameters(declared);
    toml::table const table = parse_toml(text, origin);
    for (auto const& [name, node] : table) {
        std::string const key(name.str());
        auto const parameter = std::find_if(declared.begin(), declared.end(),
                                            [&](Parameter const& known) { return known.name == key; });
        require<ConfigError>(parameter != declared.end(), "{}: {}: unknown key", origin, key);
        auto value = convert(node, parameter->standard);
        require<ConfigError>(value.has_value(), "{}: {} must be {}", origin, key,
                             type_name(parameter->standard));
        auto const problem = problem_of(*parameter, *value);
        require<ConfigError>(problem.empty(), "{}: {} = {} {}", origin, key, vaster::to_toml(*value),
                             problem);
        parameters.set(key, std::move(*value));
    }
    return parameters;
}

std::vector<std::string> notes_on_renamed_keys(Kind const& kind, ConfigSource const& source) {
    return read(kind, source).notes();
}

}  // namespace vaster::study
