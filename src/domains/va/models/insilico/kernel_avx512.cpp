#define VASTER_KERNEL_LANES 8
#define VASTER_KERNEL_VERSION avx512
#define VASTER_KERNEL_NAME "avx512"
#include "domains/va/models/insilico/kernel_loops.hpp"
