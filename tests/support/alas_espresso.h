/* tests/support/alas_espresso.h - the cell of two atoms that tests/data/oracle/alas.out is of */
#pragma once

#include "screening/screen_oracle_impl.h"

/* *species must not move afterwards. */
static inline PetscErrorCode alas_espresso(mtp_config *config, screen_names *species)
{
  static const PetscReal x[6] = {0.05, 0.02, -0.03, 1.45, 1.38, 1.5};
  static const PetscReal h[3][3] = {{0.0, 2.85, 2.8}, {2.8, 0.1, 2.85}, {2.9, 2.8, 0.0}};

  PetscFunctionBegin;
  PetscCall(mtp_config_create(2, config));
  PetscCall(PetscArraycpy(config->x, x, 6));
  PetscCall(PetscMemcpy(config->h, h, sizeof(h)));
  config->nlattice = 3;
  config->type[1] = 2;
  PetscCall(mtp_config_set_feature(config, "ID", "alas"));
  *species = (screen_names){.n = 3, .text = {"Al", "B", "As"}};
  for (int k = 0; k < 3; k++) species->name[k] = species->text[k];
  PetscFunctionReturn(0);
}
