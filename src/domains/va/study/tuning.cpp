#include "domains/va/study/tuning.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "base/support/texts.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

std::optional<double> number_in(std::string const& text) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

Parameter const* find_parameter(models::Catalogue const& catalogue, std::string const& model,
                                std::string_view key) {
    auto const* entry = catalogue.find(model);
    if (entry == nullptr) return nullptr;
    auto const place = std::find_if(entry->parameters.begin(), entry->parameters.end(),
                                    [&](Parameter const& parameter) { return parameter.name == key; });
    return place == entry->parameters.end() ? nullptr : &*place;
}

/// The text as the type of `standard`; nothing if it is another type.
std::optional<Value> value_in(std::string const& text, Value const& standard) {
    if (std::holds_alternative<std::string>(standard)) return Value(text);
    if (std::holds_alternative<bool>(standard) && (text == "true" || text == "false"))
        return Value(text == "true");
    auto const number = number_in(text);
    if (!number) return std::nullopt;
    if (std::holds_alternative<double>(standard)) return Value(*number);
    if (std::holds_alternative<std::int64_t>(standard) && *number == std::floor(*number))
        return Value(static_cast<std::int64_t>(*number));
    return std::nullopt;
}

std::string text_of(Value const& value) {
    if (auto const* text = std::get_if<std::string>(&value)) return *text;
    if (auto const* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
    if (auto const* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
    return std::get<bool>(value) ? "true" : "false";
}

Value checked_value(Parameter const& parameter, std::string const& text) {
    auto const value = value_in(text, parameter.standard);
    require<ConfigError>(value.has_value(), "'{}' is not a value of {}", text, parameter.name);
    std::string const problem = problem_of(parameter, *value);
    require<ConfigError>(problem.empty(), "{} {}", text, problem);
    return *value;
}

std::vector<std::string> words_of(std::string const& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

/// "LOW to HIGH" or "LOW to HIGH log".
bool is_range(std::vector<std::string> const& words) {
    return words.size() >= 3 && words[1] == "to" &&
           (words.size() == 3 || (words.size() == 4 && words[3] == "log"));
}

void read_range(ParameterSpace& space, Parameter const& parameter, std::vector<std::string> const& words) {
    bool const is_number = std::holds_alternative<double>(parameter.standard) ||
                           std::holds_alternative<std::int64_t>(parameter.standard);
    require<ConfigError>(is_number, "{} takes no numbers, so that it can have no range; list its values",
                         parameter.name);
    for (std::size_t const end : {std::size_t{0}, std::size_t{2}}) (void)checked_value(parameter, words[end]);
    space.lo = *number_in(words[0]);
    space.hi = *number_in(words[2]);
    space.scale = words.size() == 4 ? ParameterSpace::Scale::logarithmic : ParameterSpace::Scale::uniform;
    require<ConfigError>(space.lo < space.hi, "the range must go from the lower to the higher value");
    require<ConfigError>(space.scale == ParameterSpace::Scale::uniform || space.lo > 0,
                         "a logarithmic range must begin above 0");
}

void read_list(ParameterSpace& space, Parameter const& parameter, std::string_view text) {
    while (true) {
        std::size_t const comma = std::min(text.find(','), text.size());
        Value const value = checked_value(parameter, std::string(stripped(text.substr(0, comma))));
        require<ConfigError>(std::find(space.values.begin(), space.values.end(), value) == space.values.end(),
                             "{} is listed twice", text_of(value));
        space.values.push_back(value);
        if (comma == text.size()) return;
        text.remove_prefix(comma + 1);
    }
}

ParameterSpace parse(std::string_view text, models::Catalogue const& catalogue) {
    std::size_t const equals = text.find('=');
    std::string const name(stripped(text.substr(0, equals)));
    std::size_t const dot = name.find('.');
    require<ConfigError>(equals != std::string_view::npos && dot != std::string::npos,
                         "it must be MODEL.KEY = VALUE, VALUE, ... or MODEL.KEY = LOW to HIGH, with \" log\" "
                         "behind it for a logarithmic range");
    ParameterSpace space;
    space.model = name.substr(0, dot);
    space.key = name.substr(dot + 1);
    auto const* parameter = find_parameter(catalogue, space.model, space.key);
    require<ConfigError>(
        parameter != nullptr && parameter->effect == Effect::result && parameter->format == Format::plain,
        "there is no parameter {} to tune; vaster config --defaults lists all", name);
    space.whole = std::holds_alternative<std::int64_t>(parameter->standard);
    std::string const rest(stripped(text.substr(equals + 1)));
    if (auto const words = words_of(rest); is_range(words))
        read_range(space, *parameter, words);
    else
        read_list(space, *parameter, rest);
    return space;
}

/// Three significant digits, so that settings can be read and written down.
double rounded(double value) {
    return *number_in(fmt::format("{:.3g}", value));
}

std::string draw(ParameterSpace const& space, Random& random) {
    if (space.scale == ParameterSpace::Scale::list)
        return text_of(space.values[random.below(space.values.size())]);
    bool const whole = space.whole;
    double const u = random.uniform();
    double value =
        space.scale == ParameterSpace::Scale::uniform
            ? space.lo + u * (space.hi - space.lo + (whole ? 1 : 0))
            : std::exp(std::log(space.lo) + u * (std::log(space.hi + (whole ? 1 : 0)) - std::log(space.lo)));
    value = std::clamp(whole ? std::floor(value) : rounded(value), space.lo, space.hi);
    return whole ? text_of(static_cast<std::int64_t>(value)) : text_of(value);
}

std::vector<ParameterSpace> space_of(TuningOptions const& options, std::string const& model) {
    std::vector<ParameterSpace> space;
    std::copy_if(options.space.begin(), options.space.end(), std::back_inserter(space),
                 [&](ParameterSpace const& one) { return one.model == model; });
    return space;
}

std::string entry(ParameterSpace const& space, std::string const& value) {
    return fmt::format("{}.{}={}", space.model, space.key, value);
}

std::vector<Setting> grid(std::vector<ParameterSpace> const& space) {
    std::vector<Setting> settings{""};
    for (auto const& parameter : space) {
        std::vector<Setting> longer;
        for (auto const& setting : settings)
            for (auto const& value : parameter.values)
                longer.push_back(setting + (setting.empty() ? "" : " ") + entry(parameter, text_of(value)));
        settings = std::move(longer);
    }
    return settings;
}

std::vector<Setting> drawn(std::vector<ParameterSpace> const& space, std::size_t n, Random random) {
    constexpr std::size_t patience = 100;  // draws in a row that were there already
    std::vector<Setting> settings{""};
    for (std::size_t failures = 0; settings.size() < n && failures < patience;) {
        std::vector<std::string> entries;
        entries.reserve(space.size());
        for (auto const& parameter : space) entries.push_back(entry(parameter, draw(parameter, random)));
        Setting const setting = fmt::format("{}", fmt::join(entries, " "));
        if (std::find(settings.begin(), settings.end(), setting) != settings.end()) {
            ++failures;
        } else {
            settings.push_back(setting);
            failures = 0;
        }
    }
    return settings;
}

}  // namespace

std::vector<std::string> TuningOptions::models() const {
    std::set<std::string> models;
    for (auto const& parameter : space) models.insert(parameter.model);
    return {models.begin(), models.end()};
}

std::vector<std::string> const& search_names() {
    static std::vector<std::string> const names{"none", "grid", "random", "halving"};
    return names;
}

std::vector<std::string> const& tuning_metrics() {
    static std::vector<std::string> const names{"cod_accuracy", "csmf_accuracy", "top3_accuracy",
                                                "mean_ccc",     "log_loss",      "brier"};
    return names;
}

double goodness(va::Scores const& scores, std::string_view metric) {
    if (metric == "cod_accuracy") return scores.cod_accuracy;
    if (metric == "csmf_accuracy") return scores.csmf_accuracy;
    if (metric == "top3_accuracy") return scores.top3_accuracy;
    if (metric == "mean_ccc") return scores.mean_ccc;
    VASTER_EXPECTS(metric == "log_loss" || metric == "brier");
    return metric == "log_loss" ? -scores.log_loss : -scores.brier;
}

ParameterSpace parse_space(std::string_view text, models::Catalogue const& catalogue) {
    try {
        return parse(text, catalogue);
    } catch (ConfigError const& e) {
        throw ConfigError(fmt::format("tuning.space: \"{}\": {}", text, e.what()));
    }
}

std::vector<Setting> settings_of(TuningOptions const& options, std::string const& model, std::uint64_t seed) {
    auto const space = space_of(options, model);
    if (options.search == Search::grid) return grid(space);
    return drawn(space, options.trials, random_stream(seed, "va settings model=" + model, Purpose::fold));
}

std::size_t trials_in_rung(TuningOptions const& options, std::size_t trials, std::uint32_t rung) {
    for (std::uint32_t r = 0; r < rung; ++r) trials = (trials + options.factor - 1) / options.factor;
    return trials;
}

double share_of_rung(TuningOptions const& options, std::uint32_t rung) {
    if (options.search != Search::halving) return 1;
    return std::pow(static_cast<double>(options.factor), static_cast<double>(rung) - (options.rungs - 1.0));
}

Parameters with_setting(Parameters parameters, std::string const& model, Setting const& setting) {
    std::map<std::string, Value> chosen;
    for (auto const& word : words_of(setting)) {
        std::size_t const equals = word.find('=');
        std::size_t const dot = word.find('.');
        if (word.substr(0, dot) != model) continue;
        std::string const key = word.substr(dot + 1, equals - dot - 1);
        auto const value = value_in(word.substr(equals + 1), parameters.value(key));
        VASTER_EXPECTS(value.has_value());
        chosen.emplace(key, *value);
    }
    for (auto const& [key, value] : chosen) {
        parameters.set(key, value);
        // What is tuned holds for training sets of one site and of several alike.
        auto const of_several = fmt::format("{}_several", key);
        if (parameters.all().contains(of_several)) parameters.set(of_several, value);
    }
    // A class weight that is tuned is not to be overruled by a power that is not.
    if (chosen.contains("class_weight") && !chosen.contains("weight_power"))
        for (char const* power : {"weight_power", "weight_power_several"})
            if (!chosen.contains(power) && parameters.all().contains(power)) parameters.set(power, -1.0);
    for (auto const& [key, value] : chosen)
        if (key.ends_with("_several")) parameters.set(key, value);
    return parameters;
}

}  // namespace vaster::va
