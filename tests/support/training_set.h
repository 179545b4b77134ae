/* tests/support/training_set.h - small random cells with the numbers of a known potential */
#pragma once

#include "mtp/mtp_eval_config.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

enum { TRAINING_ATOMS = 10 };

/* Atoms of two types in a skewed cell of 6 Å, none nearer to another or its image than 1.8 Å. */
static inline void training_place(random_stream *dice, mtp_config *c)
{
  const PetscReal h[3][3] = {{6.0, 0.2, -0.1}, {0.3, 6.1, 0.2}, {-0.2, 0.1, 5.9}};

  memcpy(c->h, h, sizeof(h));
  c->nlattice = 3;
  for (PetscInt i = 0; i < c->n; i++) {
    PetscReal nearest = 0.0;

    c->type[i] = random_uniform(dice) < 0.5 ? 0 : 1;
    while (nearest < 1.8) {
      PetscReal s[3];

      for (int a = 0; a < 3; a++) s[a] = random_uniform(dice);
      for (int a = 0; a < 3; a++)
        c->x[3 * i + a] = s[0] * h[0][a] + s[1] * h[1][a] + s[2] * h[2][a];
      nearest = 9.0;
      for (PetscInt k = 0; k < 27 * i; k++) {
        const int n[3] = {(int)(k % 3) - 1, (int)(k / 3 % 3) - 1, (int)(k / 9 % 3) - 1};
        PetscReal d2 = 0.0;

        for (int a = 0; a < 3; a++) {
          const PetscReal d = c->x[3 * (k / 27) + a] + n[0] * h[0][a] + n[1] * h[1][a] +
                              n[2] * h[2][a] - c->x[3 * i + a];

          d2 += d * d;
        }
        nearest = fmin(nearest, sqrt(d2));
      }
    }
  }
}

/* `count` cells whose energies, forces and stresses are those of pot */
static inline void training_make(const mtp_potential *pot, PetscInt count, uint64_t seed,
                                 mtp_config config[])
{
  random_stream dice = {seed};
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};

  for (PetscInt k = 0; k < count; k++) {
    expect_ok(mtp_config_create(TRAINING_ATOMS, &config[k]));
    training_place(&dice, &config[k]);
    expect_ok(mtp_eval_config(pot, "training", &nb, &config[k], &diag));
    if (diag.n) fail_msg("%s", diag.text[0]);
  }
  expect_ok(mtp_neighbors_clear(&nb));
}

static inline void training_clear(PetscInt count, mtp_config config[])
{
  for (PetscInt k = 0; k < count; k++) expect_ok(mtp_config_clear(&config[k]));
}
