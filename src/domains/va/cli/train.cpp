// vaster train: a model fitted to all labelled deaths and kept in a file.
#include <filesystem>
#include <memory>
#include <optional>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/archive/archive.hpp"
#include "core/cli/model_commands.hpp"
#include "core/cli/run_flags.hpp"
#include "core/cli/study_flags.hpp"
#include "core/store/reader.hpp"
#include "domains/va/cli/choose_method.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/cli/model_assembly.hpp"
#include "domains/va/cli/study_rows.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/training.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;
using Catalogue = std::shared_ptr<models::Catalogue const>;

struct Flags {
    cli::StudyFlags study;
    cli::RunFlags run;
    std::string output = "model.h5";
    std::string from = {};
    bool best = false;
    Wanted wanted = {};
    bool within = false;
    bool between = false;
    bool other_data = false;
    std::string register_as = {};  ///< NAME or NAME@ALIAS; empty: not registered
    cli::RegistryFlag registry;
};

/// The study file of a training stands beside its model file.
fs::path study_file_of(fs::path const& output) {
    auto path = output;
    path.replace_extension(".training.h5");
    return path;
}

void check_flags(Flags const& flags) {
    bool const from = !flags.from.empty();
    require<UsageError>(
        from || (!flags.best && flags.wanted.method.empty() && !flags.other_data),
        "--best, --method and --other-data need --from STUDY.h5, the comparison that they are about");
    require<UsageError>(!from || flags.best || !flags.wanted.method.empty(),
                        "--from {}: say which of its methods: --best, or --method NAME", flags.from);
    require<UsageError>(!flags.output.empty(),
                        "--output is empty: name the model file; is a variable of the shell not set?");
}

void check_output(Flags const& flags) {
    require<UsageError>(!fs::exists(flags.output) || archive::is_archive(flags.output),
                        "{} is not a model file, so that no model takes its place: choose another name with "
                        "--output, or remove it yourself",
                        flags.output);
}

std::string const* find_override(std::vector<study::Override> const& overrides, std::string_view key) {
    auto const place = std::find_if(overrides.begin(), overrides.end(),
                                    [&](study::Override const& given) { return given.key == key; });
    return place == overrides.end() ? nullptr : &place->text;
}

/// What --register says. @throws UsageError when it is not a name
registry::Registration registration_of(Flags const& flags) {
    auto const reference = registry::parse_reference(flags.register_as);
    require<UsageError>(
        !reference || !reference->version,
        "--register {}: versions are numbered by the registry; give the name alone, or NAME@ALIAS",
        flags.register_as);
    registry::Registration registration;
    registration.file = flags.output;
    registration.name = reference ? reference->name : flags.register_as;
    registry::require_name(registration.name);
    if (reference && !reference->alias.empty()) registration.aliases = {reference->alias};
    return registration;
}

/// The registry is looked for before anything is computed.
void check_registry(Flags const& flags) {
    if (flags.register_as.empty()) return;
    (void)registration_of(flags);
    (void)flags.registry.open(registry::Opening::make_if_absent);
}

/// What the comparison says, for the user's own keys to stand behind.
std::vector<study::Override> keys_of_comparison(Flags const& flags, study::Kinds const& kinds,
                                                Catalogue const& catalogue,
                                                std::vector<study::Override> const& given) {
    store::Reader const study(flags.from);
    Wanted wanted = flags.wanted;
    if (flags.within) wanted.where = Wanted::Where::within;
    if (flags.between) wanted.where = Wanted::Where::between;
    Chosen chosen = choose_method(study, kinds, catalogue, wanted);
    if (!flags.run.quiet()) say("{}: {}", program_name(), chosen.sentence);
    auto const* const data = find_override(given, "data.path");
    if (!flags.other_data) check_same_data(study, kinds, catalogue, data == nullptr ? "" : *data);
    return std::move(chosen.keys);
}

/// Everything that the training is to do, on the first rank.
study::ConfigSource source_of(Flags const& flags, study::Kinds const& kinds, Catalogue const& catalogue) {
    check_flags(flags);
    check_output(flags);
    check_registry(flags);
    study::ConfigSource source = flags.study.source();
    std::vector<study::Override> all{
        {"study.kind", std::string(va_train_kind), "train"},
        {"study.output", vaster::to_toml(study_file_of(flags.output).string()), "--output"}};
    if (!flags.from.empty()) {
        auto chosen = keys_of_comparison(flags, kinds, catalogue, source.overrides);
        all.insert(all.end(), chosen.begin(), chosen.end());
    }
    all.insert(all.end(), source.overrides.begin(), source.overrides.end());
    all.push_back({"train.output", vaster::to_toml(flags.output), "--output"});
    source.overrides = std::move(all);
    source.files = {flags.output};
    return source;
}

void tell(Assembled const& made) {
    auto const& model = made.model;
    std::string text = fmt::format("{}: {} of {} deaths, {} symptoms, {} causes\ncontent {}\nsha256  {}\n",
                                   made.file.string(), model.name, model.n_deaths, model.symptoms.size(),
                                   model.causes.size(), made.content, made.file_hash);
    for (std::size_t m = 0; model.vote && m < model.members.size(); ++m)
        text += fmt::format("member  {} {:.4f}\n", model.members[m].model, model.weights[m]);
    fmt::print("{}", text);
}

void register_model(Flags const& flags, cli::Program const& program) {
    auto registration = registration_of(flags);
    auto const model = archive::read_archive(flags.output);
    registration.facts = cli::facts_of(program, model, flags.output);
    auto const registry = flags.registry.open(registry::Opening::make_if_absent);
    auto const registered = registry.add(registration, model);
    if (flags.run.quiet()) return;
    fmt::print("registered as {}:{}{} in {}\n", registration.name, registered.version,
               registered.is_new ? "" : ", which is this model already,", registry.folder().string());
}

/// Makes the model file, once everything is there.
ExitCode finish(Flags const& flags, cli::Program const& program, Catalogue const& catalogue,
                fs::path const& path, ExitCode code) {
    if (code != ExitCode::success && code != ExitCode::rank_lost) {
        auto const why =
            fs::exists(path) ? first_failure(store::Reader(path, store::Look::states)) : std::string();
        say("{}: no model file is made, since the training is not complete{}; go on with the same command "
            "and "
            "--resume",
            program_name(), why.empty() ? "" : fmt::format(" ({})", why));
        return code;
    }
    store::Reader const study(path);
    auto const loaded = program.kinds.load({path.string(), study.header().config, {}});
    TrainingOptions options = training_options_of(loaded.config, catalogue);
    options.output = flags.output;
    Assembled const made = assemble_model(study, options);
    if (!flags.run.quiet()) tell(made);
    if (!flags.register_as.empty()) register_model(flags, program);
    return code;
}

void add_choice_flags(cli::Command& command, Flags& flags) {
    command.add_option("--from", flags.from, "a comparison, whose data, seed and parameters are taken")
        ->option_text("STUDY.h5");
    auto* method = command.add_option("--method", flags.wanted.method, "its model or ensemble of that name");
    method->option_text("NAME");
    command
        .add_flag("--best", flags.best,
                  "the method with the best mean at sites that were left out, else at other sites, else at "
                  "its own; "
                  "of those within one bootstrap standard error of it the one that takes least computing")
        ->excludes(method);
    command.add_option("--by", flags.wanted.by, "with --best: the metric that decides")
        ->capture_default_str()
        ->option_text("COLUMN");
    auto* within = command.add_flag("--within", flags.within, "with --best: at the site that was trained on");
    command.add_flag("--between", flags.between, "with --best: at other sites")->excludes(within);
    command.add_flag("--allow-holes", flags.wanted.allow_holes,
                     "with --best: also when experiments are missing; they are left out for all methods");
    command.add_flag("--other-data", flags.other_data,
                     "with --from: train on other deaths than those of the comparison");
}

}  // namespace

void add_train(cli::Command& app, cli::Program& program,
               std::shared_ptr<models::Catalogue const> const& catalogue) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand(
        "train", "Fit a model to all labelled deaths and keep it in a file; alone or on every rank");
    flags->study.add_to(*command, program.kinds.find(va_train_kind), "--output");
    command
        ->add_option("--output", flags->output,
                     "the model file; the study file of the training stands beside it as *.training.h5")
        ->capture_default_str()
        ->option_text("MODEL.h5");
    add_choice_flags(*command, *flags);
    command
        ->add_option("--register", flags->register_as,
                     "make the model a version of this name in the registry; with @ALIAS it gets that alias")
        ->option_text("NAME[@ALIAS]");
    flags->registry.add_to(*command);
    flags->run.add_to(*command);
    command->callback([flags, catalogue, &program] {
        program.action = [flags, catalogue, &program](Invocation invocation) {
            return flags->run.run(
                program, [flags, catalogue, &program] { return source_of(*flags, program.kinds, catalogue); },
                invocation,
                [flags, catalogue, &program](fs::path const& study, ExitCode code) {
                    return finish(*flags, program, catalogue, study, code);
                });
        };
    });
}

}  // namespace vaster::va
