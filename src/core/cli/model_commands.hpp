#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/archive/archive.hpp"
#include "core/registry/registry.hpp"
#include "core/report/tables.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/domain.hpp"

/// The commands below `vaster model`, and what they share.
namespace vaster::cli {

/// The flag --registry.
class RegistryFlag {
  public:
    /// Adds it to a subcommand. This object must outlive it.
    void add_to(Command& command);

    [[nodiscard]] registry::Registry open(registry::Opening opening = registry::Opening::existing) const;

    /// As given; empty: by the environment.
    [[nodiscard]] std::string const& folder() const noexcept { return folder_; }

  private:
    std::string folder_;
};

/// A version that was named as NAME:VERSION or NAME@ALIAS, for commands that change it.
struct Named {
    std::string name;
    std::uint64_t version = 0;
};

/// @throws UsageError when the text names no single version; DataError when there is none
[[nodiscard]] Named named_version(registry::Registry const& registry, std::string const& text);

/// What the domains of the program say of a model. @throws DataError when none knows it, or it cannot be used
[[nodiscard]] registry::Facts facts_of(Program const& program, archive::Archive const& model,
                                       std::string const& path);

/// A model that does not do again what its file says it did. Empty: it does, or the file does not say.
[[nodiscard]] std::string try_again(Program const& program, archive::Archive const& model);

/// "K=V" as two texts. @throws UsageError
[[nodiscard]] std::pair<std::string, std::string> key_and_value(std::string const& text,
                                                                std::string_view flag);

/// For people: "0.45", "India".
[[nodiscard]] std::string value_text(registry::Value const& value);

/// For machines: whole numbers without a fraction.
[[nodiscard]] study::Cell cell_of(registry::Value const& value);

void add_model_upgrade(Command& model, Program& program);
void add_model_register(Command& model, Program& program);
void add_model_import(Command& model, Program& program);
void add_model_list(Command& model, Program& program);
void add_model_search(Command& model, Program& program);
void add_model_show(Command& model, Program& program);
void add_model_diff(Command& model, Program& program);
void add_model_set(Command& model, Program& program);
void add_model_deprecate(Command& model, Program& program);
void add_model_rm(Command& model, Program& program);
void add_model_restore(Command& model, Program& program);
void add_model_gc(Command& model, Program& program);
void add_model_export(Command& model, Program& program);
void add_model_verify(Command& model, Program& program);

}  // namespace vaster::cli
