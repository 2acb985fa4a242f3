// The config reader on any bytes: a config that reads back as itself, or one ConfigError.
#include <cstdint>
#include <string>

#include "vaster/study/config.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/workloads/catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace vaster;
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
        auto const& kind = workloads::find_kind(study::kind_of(source));
        auto const config = study::load(kind, source);
        auto const text = study::to_toml(config);
        if (study::to_toml(study::load(kind, {"again", text, {}})) != text) __builtin_trap();
    } catch (ConfigError const& error) {
        if (error.what()[0] == '\0') __builtin_trap();
    }
    return 0;
}
