#pragma once  // Stable but for exams and chapters.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vaster/cli/command.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::mpi {
class Session;
}

namespace vaster::store {
class Reader;
}

namespace vaster::report {
struct Block;
struct Finding;
struct OwnSections;
}  // namespace vaster::report

namespace vaster::cli {

/// A flag of `vaster export` that stands for `--array NAME`.
struct ArrayFlag {
    std::string flag;   ///< "--predictions"
    std::string array;  ///< name of a ragged array of the domain's studies
    std::string doc;    ///< what a row is
};

/// What the report says of the studies of one kind, beside what it says of every study.
struct Chapter {
    std::string kind;
    /// Adds what flags the chapter needs to `vaster report`, and answers with how its sections are made once
    /// the flags have been read.
    std::function<report::OwnSections(Command& report)> declare;
    /// What the numbers come to, in words: at the end of a run and of `vaster report --summary`. May be
    /// empty. Must not take long: other ranks wait for it.
    std::function<std::vector<report::Block>(store::Reader const& study)> verdict = {};
};

/// What an examination of `vaster doctor` may use.
struct Examined {
    mpi::Session& session;
    study::LoadedConfig const& loaded;  ///< the study that is to be run here
    std::filesystem::path folder;       ///< of its study file
    std::string& fingerprint;           ///< appended to: bytes that must be the same on every rank
};

/// Tries out what the studies of a domain need; called on every rank, answers with a finding for each check.
using Exam = std::function<std::vector<report::Finding>(Examined const&)>;

/// A study that needs no data and is done in no time: the text of its configuration, with at least so many
/// experiments. With it `vaster doctor` tries out processes and the study file.
using Trial = std::function<std::string(std::size_t n_experiments)>;

/// What is said of a kept model where models are listed, and what they are found by: "model", "n_train",
/// "sites", "inner.cv.accuracy". Texts are UTF-8 without control characters, at most 4096 bytes.
using ModelFacts = std::map<std::string, std::variant<double, std::string>, std::less<>>;

/// What a domain knows of model files, as archive::read_archive() gives their parts.
struct KeptModels {
    /// Facts of a model of the domain, after a look at all of it: whoever has facts can use it. Nothing when
    /// the parts are of another domain. @throws DataError for parts that cannot be used
    std::function<std::optional<ModelFacts>(Parts const& parts)> facts = {};
    /// Lets a model of the domain do again what its file says it did, and says what is different; empty:
    /// nothing. @throws DataError
    std::function<std::string(Parts const& parts)> try_again = {};
    /// Which facts the list of models shows of each.
    std::vector<std::string> listed = {};
};

/// Everything that a program knows of one subject, made by one function of the domain and handed to
/// run_program(). The core knows nothing of it by name.
struct Domain {
    std::string name;                                       ///< "va"; one word
    std::string doc;                                        ///< what its studies are about, one line
    std::vector<std::shared_ptr<study::Kind const>> kinds;  ///< with their keys and flags
    std::vector<AddCommand> commands = {};                  ///< subcommands of its own
    std::vector<ArrayFlag> array_flags = {};
    std::vector<Chapter> chapters = {};
    std::vector<Exam> exams = {};
    KeptModels models = {};  ///< for `vaster model`; of a domain whose studies make model files
    Trial trial = {};        ///< the first domain that has one serves; may be empty
    /// Lines for the program's help: commands and what they do. "vaster" in them becomes the program's name.
    std::string first_steps = {};
};

/// The kinds of all domains, in order. @throws std::logic_error when there is none, or two have one name
[[nodiscard]] study::Kinds kinds_of(std::vector<Domain> const& domains);

}  // namespace vaster::cli
