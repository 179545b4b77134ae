/* screening/screen_potential_convert.h - `liquidus potential convert IN OUT` */
#pragma once

#include "screening/screen_verbs.h"

/* argv are the arguments behind `convert`. */
PetscErrorCode screen_potential_convert(int argc, char **argv, screen_exit *code);
