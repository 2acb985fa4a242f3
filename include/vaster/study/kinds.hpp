#pragma once  // Stable.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/study/config.hpp"
#include "vaster/study/study.hpp"

namespace vaster::study {

/// A config, and the kind of study it is for.
struct LoadedConfig {
    Kind const* kind = nullptr;
    Config config;
};

/// The kinds of study that a program knows, the default first.
class Kinds {
  public:
    /// @throws std::logic_error when there is none, or two have one name
    explicit Kinds(std::vector<std::shared_ptr<Kind const>> kinds);

    /// The kind of studies that name none.
    [[nodiscard]] Kind const& standard() const { return *kinds_.front(); }

    [[nodiscard]] std::vector<std::shared_ptr<Kind const>> const& all() const noexcept { return kinds_; }

    /// The kind of that name, or nullptr.
    [[nodiscard]] Kind const* look_up(std::string_view name) const;

    /// The kind of that name. @throws ConfigError that lists the kinds there are
    [[nodiscard]] Kind const& find(std::string_view name) const;

    /// The kind that the source names, or the default. @throws ConfigError for an unknown kind, or no TOML
    [[nodiscard]] Kind const& of(ConfigSource const& source) const;

    /// Reads and checks a config. @throws ConfigError with all problems at once
    [[nodiscard]] LoadedConfig load(ConfigSource const& source) const;

  private:
    std::vector<std::shared_ptr<Kind const>> kinds_;
};

}  // namespace vaster::study
