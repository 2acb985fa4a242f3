// vaster model gc, export, verify: the files of the versions.
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/support/files.hpp"
#include "base/support/sha256.hpp"
#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/cli/model_commands.hpp"
#include "core/registry/json.hpp"
#include "core/store/keep.hpp"

namespace vaster::cli {
namespace {

namespace fs = std::filesystem;

ExitCode collect(RegistryFlag const& flag, std::string const& older, bool dry_run) {
    auto const seconds = parse_duration(older);
    require<UsageError>(seconds.has_value(), "--older {}: is not a duration, such as 30d or 12h", older);
    auto const garbage = flag.open().collect(*seconds, dry_run);
    for (auto const& version : garbage.versions) fmt::print("{}\n", version);
    fmt::print("{} {}, {}\n", dry_run ? "would delete" : "deleted", counted(garbage.n_files, "file"),
               bytes_text(garbage.n_bytes));
    return ExitCode::success;
}

/// All that happened to the model, for whoever gets the file.
std::string history_of(registry::Registry const& registry, Named const& named) {
    std::string text =
        fmt::format("{{\"name\": \"{}\", \"version\": {}, \"events\": [\n", named.name, named.version);
    char const* separator = "";
    for (auto const& event : registry.events(named.name)) {
        text += separator;
        text += registry::to_json(event);
        separator = ",\n";
    }
    text += "]}\n";
    return text;
}

ExitCode export_version(RegistryFlag const& flag, std::string const& version, std::string const& file,
                        bool overwrite) {
    auto const registry = flag.open();
    auto const named = named_version(registry, version);
    auto const kept = registry.version({named.name, named.version});
    fs::path const path(file);
    auto const history = fs::path(file + ".json");
    for (auto const& each : {path, history}) {
        require<UsageError>(overwrite || !fs::exists(each),
                            "{} exists already; choose another name, or give --overwrite", each.string());
        store::keep_study(each, "FILE");
    }
    require<DataError>(!kept.deleted, "the file of {}:{} has been deleted", named.name, named.version);
    auto const bytes = read_file(registry.file_of(kept));
    require<DataError>(sha256_text(bytes) == kept.kept.file_hash,
                       "the file of {}:{} in the registry is damaged: see 'model verify'", named.name,
                       named.version);
    write_file_atomically(path, bytes);
    write_file_atomically(history, history_of(registry, named));
    fmt::print("{}:{} is in {}, what happened to it in {}\n", named.name, named.version, file,
               history.string());
    return ExitCode::success;
}

/// Loads every version and lets it do again what its file says it did.
std::vector<registry::Damage> deep_damage(Program const& program, registry::Registry const& registry,
                                          std::vector<std::string> const& names) {
    std::vector<registry::Damage> damage;
    for (auto const& name : names)
        for (auto const& version : registry.state(name).versions) {
            if (version.deleted) continue;
            auto const where = fmt::format("{}:{}", name, version.number);
            try {
                auto const path = registry.file_of(version);
                auto const model = archive::read_archive(path);
                (void)facts_of(program, model, path.string());
                if (auto problem = try_again(program, model); !problem.empty())
                    damage.push_back({where, std::move(problem)});
            } catch (Error const& e) {
                damage.push_back({where, e.what()});
            }
        }
    return damage;
}

ExitCode verify(Program const& program, RegistryFlag const& flag, std::string const& name, bool deep) {
    auto const registry = flag.open();
    auto damage = registry.verify(name);
    auto const names = name.empty() ? registry.names() : std::vector<std::string>{name};
    if (deep && damage.empty()) damage = deep_damage(program, registry, names);
    for (auto const& each : damage) fmt::print("{}: {}\n", each.where, each.problem);
    if (damage.empty()) fmt::print("{}: every event and every file holds\n", counted(names.size(), "model"));
    return damage.empty() ? ExitCode::success : ExitCode::data;
}

}  // namespace

void add_model_gc(Command& model, Program& program) {
    struct Flags {
        std::string older = "30d";
        bool dry_run = false;
        RegistryFlag registry;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command =
        model.add_subcommand("gc", "Delete the files of versions that have been in the trash for long");
    command->add_option("--older", flags->older, "how long")->option_text("TIME")->capture_default_str();
    command->add_flag("--dry-run", flags->dry_run, "only say what would be deleted");
    flags->registry.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            return collect(flags->registry, flags->older, flags->dry_run);
        };
    });
}

void add_model_export(Command& model, Program& program) {
    struct Flags {
        std::string version;
        std::string file;
        bool overwrite = false;
        RegistryFlag registry;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand(
        "export", "Copy the file of a version, and beside it what happened to the model");
    command->add_option("version", flags->version, "which version")->required()->option_text("NAME:VERSION");
    command->add_option("file", flags->file, "the copy; FILE.json has what happened")
        ->required()
        ->option_text("FILE");
    command->add_flag("--overwrite", flags->overwrite, "replace the files if there are any");
    flags->registry.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            return export_version(flags->registry, flags->version, flags->file, flags->overwrite);
        };
    });
}

void add_model_verify(Command& model, Program& program) {
    struct Flags {
        std::string name;
        bool deep = false;
        RegistryFlag registry;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command = model.add_subcommand("verify", "Check every event and every file of a registry");
    command->add_option("name", flags->name, "one model; else all")->option_text("NAME");
    command->add_flag("--deep", flags->deep, "load each version and repeat what its file says it predicted");
    flags->registry.add_to(*command);
    command->footer("Exit code 0 when all of it holds, 65 when not.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            return verify(program, flags->registry, flags->name, flags->deep);
        };
    });
}

}  // namespace vaster::cli
