#define VASTER_KERNEL_LANES 4
#define VASTER_KERNEL_VERSION avx2
#define VASTER_KERNEL_NAME "avx2"
#include "domains/va/models/insilico/kernel_loops.hpp"
