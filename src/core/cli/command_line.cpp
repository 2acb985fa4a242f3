#include "vaster/cli/command_line.hpp"

#include <sstream>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>

namespace vaster::cli {

Option* Option::required() {
    behind_.required();
    return this;
}

Option* Option::option_text(std::string text) {
    behind_.option_text(std::move(text));
    return this;
}

Option* Option::capture_default_str() {
    behind_.capture_default_str();
    return this;
}

Option* Option::excludes(Option* other) {
    behind_.excludes(&other->behind_);
    return this;
}

Option* Option::needs(Option* other) {
    behind_.needs(&other->behind_);
    return this;
}

Option* Option::take_last() {
    behind_.take_last();
    return this;
}

Option* Option::delimiter(char separator) {
    behind_.delimiter(separator);
    return this;
}

Option* Option::one_value_each() {
    behind_.allow_extra_args(false);
    return this;
}

Option* Option::one_of(std::vector<std::string> const& choices) {
    behind_.check(CLI::IsMember(choices));
    return this;
}

Option* Option::between(std::uint64_t least, std::uint64_t most) {
    behind_.check(CLI::Range(least, most));
    return this;
}

Command::Command(std::string doc, std::string name)
    : owned_(std::make_unique<CLI::App>(std::move(doc), std::move(name))), behind_(*owned_) {
    constexpr std::size_t width_of_names = 34;
    behind_.get_formatter()->column_width(width_of_names);
    behind_.get_formatter()->label("Excludes", "not with");
}

Command::Command(CLI::App& behind) : behind_(behind) {}

Command::~Command() = default;

Option* Command::keep(CLI::Option* behind) {
    return options_.emplace_back(std::unique_ptr<Option>(new Option(*behind))).get();
}

Command* Command::add_subcommand(std::string name, std::string doc) {
    auto& behind = *behind_.add_subcommand(std::move(name), std::move(doc));
    return commands_.emplace_back(std::unique_ptr<Command>(new Command(behind))).get();
}

namespace {

/// Of a flag: a script's "$FILE" that is not set would be taken for a flag that was not given.
std::string refuse_empty(std::string const& value) {
    return value.empty() ? "the value is empty; give one, or leave the flag out" : "";
}

/// The library takes -1 for the largest number of a type without a sign.
std::string refuse_negative(std::string const& value) {
    auto const first = value.find_first_not_of(" \t\n\v\f\r");
    bool const is_negative = first != std::string::npos && value[first] == '-';
    return is_negative ? value + " (must be at least 0)" : "";
}

}  // namespace

template <OptionValue T>
Option* Command::add_option(std::string name, T& value, std::string doc) {
    bool const is_flag = name.starts_with('-');
    auto* option = behind_.add_option(std::move(name), value, std::move(doc));
    if constexpr (std::is_same_v<T, std::string>)
        if (is_flag) option->check(refuse_empty);
    if constexpr (std::is_same_v<T, std::size_t>) option->check(refuse_negative);
    return keep(option);
}

template Option* Command::add_option(std::string, std::string&, std::string);
template Option* Command::add_option(std::string, std::vector<std::string>&, std::string);
template Option* Command::add_option(std::string, int&, std::string);
template Option* Command::add_option(std::string, std::size_t&, std::string);
template Option* Command::add_option(std::string, double&, std::string);

Option* Command::add_option(std::string name, std::function<void(std::string const&)> const& take,
                            std::string doc) {
    return keep(behind_.add_option_function<std::string>(std::move(name), take, std::move(doc)));
}

Option* Command::add_flag(std::string name, bool& value, std::string doc) {
    return keep(behind_.add_flag(std::move(name), value, std::move(doc)));
}

Option* Command::add_flag(std::string name, std::function<void()> given, std::string doc) {
    return keep(behind_.add_flag_callback(std::move(name), std::move(given), std::move(doc)));
}

void Command::footer(std::string text) {
    behind_.footer(std::move(text));
}

void Command::hide() {
    behind_.group("");
}

void Command::require_subcommand() {
    behind_.require_subcommand(1);
}

void Command::callback(std::function<void()> act) {
    behind_.callback(std::move(act));
}

void Command::version(std::string const& text) {
    behind_.set_version_flag("--version", text);
}

std::size_t Command::count(std::string const& name) const {
    return behind_.count(name);
}

std::string Command::name() const {
    return behind_.get_name();
}

std::optional<Command::Ending> Command::parse(int argc, char const* const* argv) {
    try {
        behind_.parse(argc, argv);
        return std::nullopt;
    } catch (CLI::ParseError const& error) {
        if (error.get_exit_code() != 0) return Ending{true, error.what()};
        std::ostringstream text;
        behind_.exit(error, text, text);
        return Ending{false, std::move(text).str()};
    }
}

}  // namespace vaster::cli
