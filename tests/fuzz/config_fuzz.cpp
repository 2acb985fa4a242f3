// The config reader on any bytes: a config that reads back as itself, or one ConfigError.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "domains/drill/drill_kind.hpp"
#include "vaster/study/config.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/errors.hpp"

namespace {

using namespace vaster;

/// The drill, and a key of each type that the drill has not.
class Wide final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return drill_->name(); }

    [[nodiscard]] std::string doc() const override { return drill_->doc(); }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        auto tables = drill_->tables();
        tables.push_back({"wide.keys",
                          "a key of each type",
                          {{.name = "switch", .standard = true, .doc = "a truth value"},
                           {.name = "sizes",
                            .standard = std::vector<double>{0.5},
                            .doc = "numbers",
                            .bounds = {.above = 0}},
                           {.name = "words",
                            .standard = std::vector<std::string>{"a"},
                            .doc = "words",
                            .choices = {"a", "b"}}}});
        return tables;
    }

    [[nodiscard]] std::vector<std::string> problems(study::Config const& config) const override {
        return drill_->problems(config);
    }

    [[nodiscard]] study::Opened open(study::Config const& config,
                                     study::DataFrom const& from) const override {
        return drill_->open(config, from);
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const& config, study::Schema const& schema,
                                                 study::Records const& records) const override {
        return drill_->summary(config, schema, records);
    }

  private:
    std::unique_ptr<study::Kind> drill_ = drill::make_drill();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static Wide const kind;
    study::ConfigSource source;
    source.path = "fuzz.toml";
    source.text.assign(reinterpret_cast<char const*>(data), size);
    auto const line = source.text.find('\n');
    if (size > 0 && data[0] == '-' && line != std::string::npos) {  // "-key=text": a flag, then the file
        auto const sign = source.text.find('=');
        if (sign < line)
            source.overrides.push_back(
                {source.text.substr(1, sign - 1), source.text.substr(sign + 1, line - sign - 1), "--set"});
        source.text.erase(0, line + 1);
    }
    try {
        (void)study::kind_of(source);
        auto const config = study::load(kind, source);
        auto const text = study::to_toml(config);
        if (study::to_toml(study::load(kind, {"again", text, {}})) != text) __builtin_trap();
    } catch (ConfigError const& error) {
        if (error.what()[0] == '\0') __builtin_trap();
    }
    return 0;
}
