// vaster predict: causes of new deaths by a kept model.
#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/archive/archive.hpp"
#include "core/cli/run_flags.hpp"
#include "core/cli/study_flags.hpp"
#include "core/registry/registry.hpp"
#include "core/store/reader.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/cli/study_rows.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "domains/va/report/prediction_files.hpp"
#include "domains/va/report/prediction_results.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;

struct Flags {
    cli::StudyFlags keys;
    cli::RunFlags run;
    std::string model;
    std::string registry;  ///< folder; empty: the usual one
    std::string deaths;
    std::string output;
    std::string layout = "vaster";
    bool strict = false;
    bool no_stamp = false;
};

/// "NAME", where NAME.csv or NAME.h5 has been given, too.
fs::path base_of(std::string const& output) {
    fs::path base = output;
    auto const extension = base.extension();
    if (extension == ".csv" || extension == ".h5" || extension == ".json") base.replace_extension();
    require<UsageError>(!base.filename().empty(),
                        "--output {}: must be a name, of which NAME.csv and others are made", output);
    return base;
}

fs::path with_suffix(fs::path path, std::string_view suffix) {
    path += suffix;
    return path;
}

/// A model file and what is in it.
struct Found {
    std::string file;
    std::string content;
};

/// The file that the command line means, which may be a name in a registry.
Found find_model(Flags const& flags) {
    auto const resolved = registry::resolve(flags.model, flags.registry);
    for (auto const& note : resolved.notes) say("{}: warning: {}", program_name(), note);
    require<DataError>(fs::exists(resolved.file), "there is no model file '{}'", resolved.file.string());
    // A file of its own is checked where it is used: by the server that reads all of it.
    if (resolved.file_hash.empty())
        return {absolute_path(resolved.file).string(), archive::read_heading(resolved.file).content};
    auto const model = archive::read_archive(resolved.file);
    require<DataError>(
        resolved.file_hash == model.file_hash,
        "{}: the file of {} in the registry is not what was registered; '{} model verify' says more",
        resolved.file.string(), flags.model, program_name());
    return {absolute_path(resolved.file).string(), model.content};
}

/// The model that an unfinished prediction was begun with, which it keeps whatever the name means by now.
Found model_begun_with(fs::path const& study, Found const& named, study::Kinds const& kinds) {
    auto const loaded = kinds.load({"", store::read_header(study).config, {}});
    if (loaded.kind->name() != va_predict_kind) return named;  // refused when the study is opened
    auto const begun = prediction_options_of(loaded.config);
    if (begun.content.empty() || begun.content == named.content) return named;
    say("{}: {} was begun with model {} ({}), and goes on with that; the name means {} by now",
        program_name(), study.string(), begun.content.substr(0, archive::digits_of_short_id),
        begun.model.string(), named.content.substr(0, archive::digits_of_short_id));
    return {begun.model.string(), begun.content};
}

constexpr std::array<std::string_view, 6> suffixes{".h5",   ".csv",          "-csmf.csv",
                                                   ".json", ".posterior.h5", ".posterior-0.h5"};

bool is_same_file(fs::path const& a, fs::path const& b) {
    std::error_code not_there;
    return fs::equivalent(a, b, not_there);
}

/// No output may take the place of what is read, whatever may be overwritten.
void check_outputs(Flags const& flags, fs::path const& base) {
    for (auto const suffix : suffixes) {
        fs::path const path = with_suffix(base, suffix);
        for (auto const& input : {flags.model, flags.deaths})
            require<UsageError>(
                !is_same_file(path, input),
                "--output {}: {} would be written over {}, which is read; choose another name", flags.output,
                path.string(), input);
    }
}

study::ConfigSource source_of(Flags const& flags, study::Kinds const& kinds) {
    fs::path const base = base_of(flags.output);
    check_outputs(flags, base);
    fs::path const study = with_suffix(base, ".h5");
    Found model = find_model(flags);
    if (flags.run.resume() && fs::exists(study)) model = model_begun_with(study, model, kinds);
    auto source = flags.keys.source();
    for (auto const suffix : std::span(suffixes).subspan(1))
        source.files.push_back(with_suffix(base, suffix));
    auto const set = [&](std::string key, std::string const& value, std::string origin) {
        source.overrides.push_back({std::move(key), to_toml(Value(value)), std::move(origin)});
    };
    source.overrides.push_back({"study.kind", std::string(va_predict_kind), "predict"});
    set("study.output", study.string(), "--output");
    set("model.file", model.file, "MODEL");
    set("model.content", model.content, "MODEL");
    set("data.path", absolute_path(flags.deaths).string(), "DEATHS.csv");
    if (flags.strict) source.overrides.push_back({"predict.strict", "true", "--strict"});
    return source;
}

/// Writes the files beside the study file once every block has its result.
ExitCode write_files(Flags const& flags, study::Kinds const& kinds, fs::path const& path, ExitCode code) {
    store::Reader const study(path);
    PredictionResults const results = results_of(study);
    fs::path const base = base_of(flags.output);
    if (!results.unfinished.empty()) {
        auto const why = first_failure(study);
        say("{}: {} of {} blocks have no result, so that {}.csv is not written{}; '{} status {}' says more",
            program_name(), results.unfinished.size(), results.n_blocks, base.string(),
            why.empty() ? "" : fmt::format(" ({})", why), program_name(), path.string());
        return code == ExitCode::success ? ExitCode::partial : code;
    }
    auto const options = prediction_options_of(kinds.load({"", study.header().config, {}}).config);
    PredictionFiles files{base, options.source,
                          flags.layout == "openva" ? CsvLayout::openva : CsvLayout::vaster, !flags.no_stamp};
    write_prediction_files(study, results, files);
    if (!flags.run.quiet()) say("{0}.csv, {0}-csmf.csv and {0}.json are written", base.string());
    if (results.cells.converged != 0) return code;
    say("{}: the model samples, and did not converge: its results are kept, and marked", program_name());
    return ExitCode::partial;
}

}  // namespace

void add_predict(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command =
        app.add_subcommand("predict", "Assign causes to deaths with a kept model; alone or on every rank");
    command
        ->add_option(
            "model", flags->model,
            "model file, as 'vaster train' makes them; or of a registry NAME, NAME:VERSION, NAME@ALIAS or at "
            "least 8 digits of a content id")
        ->required()
        ->option_text("MODEL");
    command->add_option("deaths", flags->deaths, "CSV file of the new deaths")
        ->required()
        ->option_text("DEATHS.csv");
    command
        ->add_option("--output", flags->output,
                     "makes NAME.csv (a row a death), NAME-csmf.csv, NAME.json and the study file NAME.h5")
        ->required()
        ->option_text("NAME");
    command
        ->add_option("--registry", flags->registry,
                     "folder of the registry; else $VASTER_REGISTRY, else vaster/models in ~/.local/share")
        ->option_text("DIR");
    flags->keys.add_keys_to(*command, *kind, {"--kind", "--output"});
    command->add_flag("--strict", flags->strict,
                      "refuse deaths whose answers differ very much from those of the training deaths");
    command
        ->add_option("--layout", flags->layout,
                     "of NAME.csv; openva: ID, cause1, prob1, ... as getTopCOD() of openVA")
        ->capture_default_str()
        ->one_of({"vaster", "openva"});
    command->add_flag("--no-stamp", flags->no_stamp, "without the column that names the model");
    flags->run.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation invocation) {
            return flags->run.run(
                program, [&] { return source_of(*flags, program.kinds); }, invocation,
                [&](fs::path const& path, ExitCode code) {
                    return write_files(*flags, program.kinds, path, code);
                });
        };
    });
}

}  // namespace vaster::va
