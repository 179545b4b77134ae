/* mtp/mtp_loss_impl.h - what a loss consists of; only for mtp_loss*.c */
#pragma once

#include "mtp/mtp_loss.h"
#include "mtp/mtp_tangent.h"

/* A configuration and what it should give. */
typedef struct {
  mtp_neighbors nb;
  PetscInt group;
  PetscReal weight, volume; /* volume: 0 unless periodic in three directions */
  PetscBool has_energy, has_stress;
  PetscReal energy, stress[9]; /* stress: PlusStress as a matrix */
  PetscReal *force;            /* [n,3] owned; NULL: not known */
} mtp_loss_item;

struct mtp_loss {
  MPI_Comm comm;
  mtp_loss_weights weights;
  PetscInt group; /* of what is added next */
  PetscInt n, capacity;
  mtp_loss_item *item;     /* [n] */
  PetscInt nconfig, natom; /* of all ranks; -1: to be counted */
  mtp_tangent *tangent;    /* NULL before the first gradient */
  PetscReal *predicted;    /* [capacity_force] */
  size_t capacity_force;
};

/* Square roots of the weights of a configuration's numbers: sqrt(v w_E / (K N^p)) and so on. */
typedef struct {
  PetscReal energy, force, stress;
} mtp_loss_scale;
mtp_loss_scale mtp__loss_scale(const mtp_loss *loss, const mtp_loss_item *item);

/* Counts once more where something was added; collective. */
PetscErrorCode mtp__loss_count(mtp_loss *loss);
