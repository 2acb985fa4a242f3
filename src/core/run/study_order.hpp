#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vaster::run {

/// What a server that reads the data does with them.
enum class Keeping : int {
    alone,   ///< for itself and its children
    shared,  ///< in a block, where the kind of study has one, that other servers of the host can start from
};

/// What a rank tells its task server to open; they are the same program.
struct StudyOrder {
    std::string config;        ///< as TOML
    std::string kept_in = {};  ///< the study file that keeps the data; empty: they are read from their source
    Keeping keeping = Keeping::alone;
    std::uint64_t n_waiting = 0;               ///< shared: ranks of the host that wait for it
    std::vector<std::size_t> processors = {};  ///< shared: that ranks of the host may run on

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& config& kept_in& keeping& n_waiting& processors;
    }
};

}  // namespace vaster::run
