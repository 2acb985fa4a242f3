#pragma once  // May change before 1.0.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vaster::cli {

/// What an option can be read into. Numbers are checked against the range of their type.
template <typename T>
concept OptionValue = std::same_as<T, std::string> || std::same_as<T, std::vector<std::string>> ||
    std::same_as<T, int> || std::same_as<T, std::size_t> || std::same_as<T, double>;

/// One option, flag or positional argument of a command. What the functions return is the option itself, so
/// that they can be chained.
class Option {
  public:
    /// A command line without it is refused.
    Option* required();

    /// What stands for the value in the help: "STUDY.h5".
    Option* option_text(std::string text);

    /// The value that its variable has now is shown in the help as the default.
    Option* capture_default_str();

    /// Refused together with another option of the command.
    Option* excludes(Option* other);

    /// Refused without another option of the command.
    Option* needs(Option* other);

    /// Given more than once, the last one counts.
    Option* take_last();

    /// The values of a list may stand in one argument, with this between them.
    Option* delimiter(char separator);

    /// Given again for each value of a list: the argument after the value belongs to something else.
    Option* one_value_each();

    /// Any other text is refused, with these named.
    Option* one_of(std::vector<std::string> const& choices);

    /// A number below `least` or above `most` is refused.
    Option* between(std::uint64_t least, std::uint64_t most);

  private:
    friend class Command;

    explicit Option(CLI::Option& behind) : behind_(behind) {}

    CLI::Option& behind_;
};

/// A command of the program: what may stand on its command line, and what is done then. The library that
/// reads the command line (CLI11) is behind it: its headers take longer to compile than the rest of a
/// command. Variables that options are read into must outlive the reading.
class Command {
  public:
    /// The program itself.
    Command(std::string doc, std::string name);
    Command(Command const&) = delete;
    Command& operator=(Command const&) = delete;
    ~Command();

    /// A command below this one. This object owns it.
    Command* add_subcommand(std::string name, std::string doc);

    /// @param name  "--output", or without hyphens for a positional argument
    template <OptionValue T>
    Option* add_option(std::string name, T& value, std::string doc);

    /// An option whose text is handed on.
    Option* add_option(std::string name, std::function<void(std::string const&)> const& take,
                       std::string doc);

    Option* add_flag(std::string name, bool& value, std::string doc);

    /// A flag that does something when it is given.
    Option* add_flag(std::string name, std::function<void()> given, std::string doc);

    /// Below the options in its help.
    void footer(std::string text);

    /// Left out of the help of the command above.
    void hide();

    /// One of its subcommands must be given.
    void require_subcommand();

    /// Called when the command was given, once its options have been read.
    void callback(std::function<void()> act);

    /// "--version" prints this text.
    void version(std::string const& text);

    [[nodiscard]] std::string name() const;

    /// How often an option was given. @param name  as in add_option()
    [[nodiscard]] std::size_t count(std::string const& name) const;

    /// What there is to print before the program ends, where the command line asks for no action.
    struct Ending {
        bool wrong =
            false;  ///< the command line is not understood, and `text` says why; else help or version
        std::string text;
    };

    /// Reads the command line of main() into the variables, and calls the callbacks of the commands that were
    /// given.
    /// @return  nothing where an action is to follow
    [[nodiscard]] std::optional<Ending> parse(int argc, char const* const* argv);

  private:
    explicit Command(CLI::App& behind);

    Option* keep(CLI::Option* behind);

    std::unique_ptr<CLI::App> owned_;  ///< of the program itself only
    CLI::App& behind_;
    std::vector<std::unique_ptr<Option>> options_;
    std::vector<std::unique_ptr<Command>> commands_;
};

}  // namespace vaster::cli
