#include "vaster/cli/study_flags.hpp"

#include <CLI/CLI.hpp>

#include "vaster/support/errors.hpp"
#include "vaster/support/files.hpp"
#include "vaster/workloads/catalogue.hpp"

namespace vaster::cli {
namespace {

struct Declared {
    char const* name;
    char const* key;
    char const* doc;
};

constexpr Declared declared[] = {
    {"--data", "data.path", "CSV file of the deaths"},
    {"--format", "data.format", "phmrc-adult or encoded"},
    {"--label", "data.label", "column with the causes"},
    {"--missing", "data.missing", "absent, nan or ordinal"},
    {"--splits", "data.splits", "CSV with given splits"},
    {"--sites", "design.sites", "sites to compare, with commas"},
    {"--models", "design.models", "models to compare, with commas"},
    {"--types", "design.types", "in_domain, out_domain, training_size, leave_one_site_out"},
    {"--training-sizes", "design.training_sizes", "fractions, with commas"},
    {"--bootstrap", "design.bootstrap", "resamples behind every interval"},
    {"--repeats", "design.repeats", "times the design is repeated"},
    {"--seed", "study.seed", "seed of the study"},
    {"--output", "study.output", "the study file"},
    {"--timeout", "run.timeout", "longest time for a fit or an experiment"},
    {"--memory", "run.memory", "most memory of a computing process"},
    {"--max-time", "run.max_time", "stop this run after so long"},
    {"--retries", "run.retries", "new attempts after a crash or timeout"},
    {"--durability", "run.durability", "when results are synced: commit, group, none"},
};

}  // namespace

LoadedConfig load_config(study::ConfigSource const& source) {
    study::Kind const& kind = workloads::find_kind(study::kind_of(source));
    return {&kind, study::load(kind, source)};
}

void StudyFlags::add_to(CLI::App& command, std::string_view but) {
    command.add_option("study", path_, "TOML file with the configuration; optional")
        ->option_text("[STUDY.toml]");
    for (auto const& entry : declared) {
        if (entry.name == but) continue;
        Flag& flag = flags_.emplace_back(Flag{entry.name, entry.key, "", false});
        command
            .add_option_function<std::string>(
                entry.name,
                [&flag](std::string const& value) {
                    flag.value = value;
                    flag.given = true;
                },
                fmt::format("{} ({})", entry.doc, entry.key))
            ->option_text("TEXT")
            ->take_last();
    }
    command.add_option("--set", settings_, "any key: --set models.xgboost.eta=0.1; may be given again")
        ->option_text("TABLE.KEY=VALUE")
        ->allow_extra_args(false);
}

study::ConfigSource StudyFlags::source() const {
    study::ConfigSource source;
    source.path = path_;
    if (!path_.empty()) source.text = read_file(path_);
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
