#include "core/study/journal.hpp"

#include <stdexcept>

namespace vaster::study {

std::string to_text(Status status) {
    switch (status) {
        case Status::pending:
            return "pending";
        case Status::running:
            return "running";
        case Status::done:
            return "done";
        case Status::failed:
            return "failed";
        case Status::skipped:
            return "skipped";
    }
    throw std::logic_error("a status that does not exist");
}

}  // namespace vaster::study
