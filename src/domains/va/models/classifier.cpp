#include "vaster/va/classifier.hpp"

#include "vaster/support/errors.hpp"

namespace vaster::models {

void Classifier::save(Parts& parts) const {
    (void)parts;
    throw ModelError("this model does not say how it is kept in a file (Classifier::save)");
}

}  // namespace vaster::models
