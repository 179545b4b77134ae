/* properties/prop_series.h - streaming mean of a correlated series with equilibration detection and an honest error bar
 *
 * Samples are averaged into equal blocks; when PROP_SERIES_BLOCKS are full, neighbours are merged and the block length
 * doubles.  So memory is constant, nothing is strided away, and any length of run is covered.
 */
#pragma once

#include "md/md_blob.h"
#include "properties/prop.h"

enum { PROP_SERIES_BLOCKS = 4096 };

typedef struct {
  PetscInt64 nsample;  /* samples taken */
  PetscInt64 length;   /* samples a block, a power of two */
  PetscInt nblock;     /* complete blocks */
  PetscInt64 npartial; /* samples in the block being filled */
  PetscReal partial;   /* their sum */
  PetscReal *block;    /* [PROP_SERIES_BLOCKS, unit of the series] means of complete blocks; owned */
} prop_series;

PetscErrorCode prop_series_create(prop_series *series);
PetscErrorCode prop_series_add(prop_series *series, PetscReal sample);
PetscErrorCode prop_series_save(const prop_series *series, md_blob *blob);
PetscErrorCode prop_series_load(prop_series *series, md_blob *blob); /* into a created series */
PetscErrorCode prop_series_clear(prop_series *series);

/* One series: mean of the stationary part.
 * t0 maximises the number of effective samples (n - t0)/g (Chodera, JCTC 12, 1799 (2016), doi:10.1021/acs.jctc.5b00784);
 * g is the statistical inefficiency of the tail; error = s sqrt(g/n). */
typedef struct {
  PetscReal mean, error; /* [unit of the series] */
  PetscReal variance;    /* of the block means of the stationary part */
  PetscReal neff;        /* effective samples behind the mean */
  PetscReal discarded;   /* fraction of the series before t0 */
  PetscInt flags;        /* FEW_SAMPLES, NOT_STATIONARY, NO_PLATEAU */
} prop_estimate;
PetscErrorCode prop_series_estimate(const prop_series *series, prop_estimate *est);

/* prop_combine - replicas into one value
 * Mean weighted by effective samples; error: the larger of the within-replica error and the between-replica standard
 * error; chi-square test of agreement sets REPLICAS_DISAGREE; one replica sets ONE_REPLICA.  `scale` converts to SI. */
PetscErrorCode prop_combine(PetscInt n, const prop_estimate est[], PetscReal scale, prop_value *value);
