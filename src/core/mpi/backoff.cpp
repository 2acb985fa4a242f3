#include "core/mpi/backoff.hpp"

#include <chrono>
#include <thread>

namespace vaster::mpi {

void Backoff::wait() {
    std::this_thread::sleep_for(std::chrono::duration<double>(next()));
}

}  // namespace vaster::mpi
