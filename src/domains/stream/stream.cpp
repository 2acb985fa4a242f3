// Streams of sensors: everything that a program knows of them.
#include "domains/stream/stream.hpp"

#include "domains/stream/study/stream_study.hpp"

namespace vaster::stream {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "stream";
    domain.doc = "tasks and dataflows over the records of sensors: what they yield, and how fast they are";
    domain.kinds = {make_stream_kind()};
    return domain;
}

}  // namespace vaster::stream
