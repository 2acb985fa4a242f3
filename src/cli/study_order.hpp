#pragma once

#include <string>

namespace vaster::cli {

/// What a rank tells its task server to open; they are the same program.
struct StudyOrder {
    std::string config;        ///< as TOML
    std::string kept_in = {};  ///< the study file that keeps the data; empty: they are read from their source

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& config& kept_in;
    }
};

}  // namespace vaster::cli
