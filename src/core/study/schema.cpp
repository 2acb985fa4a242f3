#include "vaster/study/schema.hpp"

#include <stdexcept>

namespace vaster::study {

std::size_t size_of(ElementType type) {
    switch (type) {
        case ElementType::uint8:
            return 1;
        case ElementType::uint16:
            return 2;
        case ElementType::int32:
        case ElementType::uint32:
        case ElementType::float32:
            return 4;
        case ElementType::int64:
        case ElementType::float64:
            return 8;
    }
    throw std::logic_error("an element type that does not exist");
}

std::size_t element_bytes(ArraySpec const& spec) {
    std::size_t bytes = 0;
    for (auto const& field : spec.fields) bytes += size_of(field.type);
    return bytes;
}

}  // namespace vaster::study
