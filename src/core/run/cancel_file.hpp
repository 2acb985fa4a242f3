#pragma once

#include <filesystem>

#include "core/engine/run.hpp"

namespace vaster::run {

/// The file beside a study file in which is kept what of the study is cancelled: STUDY.h5.control. A running
/// study looks there once a second; one that is resumed keeps to it, too.
[[nodiscard]] std::filesystem::path cancel_file(std::filesystem::path const& study);

/// What is cancelled; nothing where there is no such file, or it cannot be read now. Lines that are neither
/// "all" nor an identity count for nothing.
[[nodiscard]] engine::CancelList cancelled_in(std::filesystem::path const& study);

/// Adds to what is cancelled. @throws IoError
void cancel_in(std::filesystem::path const& study, engine::CancelList const& more);

/// Nothing is cancelled any more. @throws IoError
void forget_cancelled(std::filesystem::path const& study);

}  // namespace vaster::run
