/* tests/support/nacl_cp2k.h - the cell of eight atoms that tests/data/oracle/nacl.out is of */
#pragma once

#include "screening/screen_oracle_impl.h"

/* *species must not move afterwards. */
static inline PetscErrorCode nacl_cp2k(mtp_config *config, screen_names *species)
{
  static const PetscReal x[24] = {0.014206,  0.187504, -0.139707, 0.148857,  2.911127,  2.910773,
                                  3.234959,  0.023631, 2.943561,  3.059425,  3.119028,  -0.004626,
                                  3.038199,  2.803941, 2.894981,  2.884281,  -0.199842, -0.226277,
                                  -0.244037, 2.914202, -0.025864, -0.048051, 0.010369,  2.749662};
  static const PetscReal h[3][3] = {{5.9, 0.0, 0.0}, {0.3, 5.9, 0.0}, {0.0, 0.2, 5.8}};

  PetscFunctionBegin;
  PetscCall(mtp_config_create(8, config));
  PetscCall(PetscArraycpy(config->x, x, 24));
  PetscCall(PetscMemcpy(config->h, h, sizeof(h)));
  config->nlattice = 3;
  for (PetscInt i = 0; i < 8; i++) config->type[i] = i < 4 ? 0 : 2;
  PetscCall(mtp_config_set_feature(config, "ID", "nacl"));
  *species = (screen_names){.n = 3, .text = {"Na", "K", "Cl"}};
  for (int k = 0; k < 3; k++) species->name[k] = species->text[k];
  PetscFunctionReturn(0);
}
