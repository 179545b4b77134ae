/* screening/screen_potential_bench.h - `liquidus potential bench FILE` */
#pragma once

#include "screening/screen_verbs.h"

/* argv are the arguments behind `bench`. */
PetscErrorCode screen_potential_bench(int argc, char **argv, screen_exit *code);
