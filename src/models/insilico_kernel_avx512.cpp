#define VASTER_KERNEL_LANES 8
#define VASTER_KERNEL_VERSION avx512
#define VASTER_KERNEL_NAME "avx512"
#include "models/insilico_kernel_loops.hpp"
