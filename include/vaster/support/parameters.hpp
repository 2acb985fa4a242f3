#pragma once  // Stable.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vaster {

/// A value of a configuration key.
using Value =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::vector<double>>;

/// Do results depend on the key? `--resume` refuses when a key of class `result` has changed.
enum class Effect { result, operation };

/// How a text value is to be read.
enum class Format {
    plain,
    duration,
    bytes,
    file,  ///< path of a file that is read, or empty; its content belongs to the data
};

/// The numbers a key may take. Lists: every element.
struct Bounds {
    std::optional<double> at_least = {};
    std::optional<double> above = {};
    std::optional<double> at_most = {};
    std::optional<double> below = {};
};

/// One configuration key, declared once: flags and their help, `config --defaults`, validation and the docs
/// page are made from it.
struct Parameter {
    std::string name;                       ///< within its table: "max_depth"
    Value standard;                         ///< the default; its alternative is the key's type
    std::string doc;                        ///< one line, with the unit
    Bounds bounds = {};                     ///< numbers only
    std::vector<std::string> choices = {};  ///< texts and lists of texts only; empty: any
    Effect effect = Effect::result;
    Format format = Format::plain;
    std::string flag = {};  ///< of `run` and `plan`, for the key: "--models"; empty: --set alone
};

/// What is wrong with a value, as "(must be at least 1)"; empty if nothing is.
[[nodiscard]] std::string problem_of(Parameter const& parameter, Value const& value);

/// The value as TOML text: 0.3, "hist", ["AP", "UP"]. Doubles keep a decimal point.
[[nodiscard]] std::string to_toml(Value const& value);

/// Values by name, each checked against its declaration.
class Parameters {
  public:
    Parameters() = default;

    /// The defaults of the declarations.
    explicit Parameters(std::vector<Parameter> const& declared);

    /// @throws std::logic_error when the name was not declared
    void set(std::string_view name, Value value);

    /// @throws std::logic_error when the name or the type is not the declared one
    template <class T>
    [[nodiscard]] T const& get(std::string_view name) const {
        return std::get<T>(value(name));
    }

    [[nodiscard]] Value const& value(std::string_view name) const;

    [[nodiscard]] std::map<std::string, Value, std::less<>> const& all() const noexcept { return values_; }

  private:
    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace vaster
