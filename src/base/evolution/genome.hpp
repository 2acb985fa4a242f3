#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vaster::evolution {

/// A number that is to be found, within bounds.
struct Gene {
    std::string name;
    double min = 0;
    double max = 1;  ///< not below min
};

/// What individuals of one kind have in common. They mate among themselves only.
struct Species {
    std::string name;
    std::vector<Gene> genes;
};

/// All species that an evolution may try.
using Space = std::vector<Species>;

/// A point of the space.
struct Genome {
    std::size_t species = 0;    ///< position in the space
    std::vector<double> genes;  ///< as Species::genes, each within its bounds

    bool operator==(Genome const&) const = default;
};

/// A genome that has been evaluated.
struct Individual {
    std::uint64_t row = 0;  ///< its number in the records: tells individuals apart and breaks ties
    std::size_t island = 0;
    Genome genome;
    std::vector<double> objectives;  ///< finite, the more the better; the same number for all
};

/// No parent.
inline constexpr std::int64_t nobody = -1;

/// An individual that is to be evaluated.
struct Birth {
    std::size_t island = 0;
    Genome genome;
    std::int64_t mother = nobody;  ///< row
    std::int64_t father = nobody;  ///< row; nobody where there was one parent only
};

/// Distance of two genomes in [0, 1]: the Euclidean distance of the genes as shares of their ranges, divided
/// by the root of their number; 1 between species.
[[nodiscard]] double distance(Space const& space, Genome const& a, Genome const& b);

}  // namespace vaster::evolution
