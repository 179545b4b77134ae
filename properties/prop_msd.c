/* properties/prop_msd.c - collecting displacements; layout and schedule are in prop_msd_impl.h
 *
 * Sums are over origins of the mean over the atoms of a species, so that a checkpoint need not know
 * how many displacements went in.  Every sum is built in the order of the samples, and parts are
 * merged and levels begun at fixed numbers of samples: a run continued from a saved state, also one
 * that was first meant to be shorter, gives the same bits.  Numbers of origins follow from the
 * number of samples and are not kept.
 */
#include "properties/prop_msd_impl.h"

static const char msd_tag[8] = "PRPMSD";
enum { MSD_VERSION = 2 };

/* Levels begun after `nsample` samples: level l > 0 by sample 15 2^(l-1) */
static PetscInt levels_of(PetscInt64 nsample)
{
  PetscInt nlevel = 1;

  while (nlevel < PROP_MSD_LEVELS && nsample > (PetscInt64)(PROP_MSD_LAGS - 1) << (nlevel - 1)) {
    nlevel++;
  }
  return nlevel;
}

static PetscErrorCode append_level(prop_msd *msd)
{
  const size_t nsum = (size_t)PROP_MSD_PARTS * PROP_MSD_LAGS * (size_t)msd->nspecies;
  prop__msd_level *level = &msd->level[msd->nlevel];

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(PROP_MSD_LAGS * 3 * (size_t)msd->n, &level->ring));
  PetscCall(PetscCalloc1(nsum, &level->sum));
  msd->nlevel++;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_create(const md_atoms *atoms, PetscReal sample_time, prop_msd **msd)
{
  prop_msd *m;

  PetscFunctionBegin;
  *msd = NULL;
  PetscCheck(sample_time > 0.0 && !PetscIsInfOrNanReal(sample_time), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "The time between samples is %g fs, wanted a positive number", (double)sample_time);
  PetscCall(PetscNew(&m));
  *msd = m;
  m->n = atoms->n;
  m->nspecies = atoms->nspecies;
  m->sample_time = sample_time;
  m->chunk = 1;
  m->spacing = PetscPowReal(md_atoms_volume(atoms) / (PetscReal)atoms->n, 1.0 / 3.0);
  PetscCall(PetscMalloc1(m->n, &m->type));
  PetscCall(PetscMalloc1(3 * (size_t)m->n, &m->now));
  PetscCall(append_level(m));
  PetscCall(PetscArraycpy(m->type, atoms->type, atoms->n));
  PetscCall(prop__by_species_create(m->n, m->nspecies, m->type, &m->order));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_atoms(const prop_msd *msd, const md_atoms *atoms)
{
  PetscBool same;
  size_t bad;

  PetscFunctionBegin;
  PetscCheck(atoms->n == msd->n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " atoms, the estimator was made for %" PetscInt_FMT,
             atoms->n, msd->n);
  PetscCall(PetscArraycmp(atoms->type, msd->type, msd->n, &same));
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "The types of the atoms are not those that the estimator was made for");
  bad = prop__first_not_finite(3 * (size_t)msd->n, atoms->x);
  PetscCheck(bad == 3 * (size_t)msd->n, PETSC_COMM_SELF, PETSC_ERR_FP,
             "Coordinate %zu of atom %zu is infinity or NaN in sample %" PetscInt64_FMT, bad % 3,
             bad / 3, msd->nsample);
  PetscFunctionReturn(0);
}

/* Doubles the length of a part.  Always the even plus the odd neighbour, at a time that only the
   number of samples decides: the bits do not depend on how the run was cut. */
static void merge_parts(prop_msd *msd)
{
  const size_t width = (size_t)PROP_MSD_LAGS * (size_t)msd->nspecies;

  for (PetscInt l = 0; l < msd->nlevel; l++) {
    PetscReal *sum = msd->level[l].sum;

    for (size_t p = 0; p < PROP_MSD_PARTS; p++) {
      for (size_t i = 0; i < width; i++) {
        sum[p * width + i] =
            p < PROP_MSD_PARTS / 2 ? sum[2 * p * width + i] + sum[(2 * p + 1) * width + i] : 0.0;
      }
    }
  }
  msd->chunk *= 2;
}

/* Entry m of a level: end point for all origins kept there, then an origin itself */
static PetscErrorCode add_to_level(prop_msd *msd, PetscInt l, PetscInt64 m, const PetscReal x[])
{
  const size_t width = 3 * (size_t)msd->n;
  const prop__msd_level *level = &msd->level[l];

  PetscFunctionBegin;
  for (PetscInt k = l > 0 ? PROP_MSD_FIRST_K : 1; k <= PROP_MSD_LAGS && k <= m; k++) {
    const PetscInt64 part = ((m - k) << l) / msd->chunk;
    const size_t at = (size_t)part * PROP_MSD_LAGS + (size_t)k - 1;

    prop__by_species_distances(&msd->order, level->ring + (size_t)((m - k) % PROP_MSD_LAGS) * width,
                               x, level->sum + at * (size_t)msd->nspecies);
  }
  PetscCall(PetscArraycpy(level->ring + (size_t)(m % PROP_MSD_LAGS) * width, x, width));
  PetscFunctionReturn(0);
}

/* Begins the next level with the even entries of the last, which has just been filled.  Its first
   displacement comes with its entry 9 from its entry 0: none has been missed. */
static PetscErrorCode begin_level(prop_msd *msd)
{
  const size_t width = 3 * (size_t)msd->n;
  const PetscReal *from;

  PetscFunctionBegin;
  PetscCall(append_level(msd));
  from = msd->level[msd->nlevel - 2].ring;
  for (size_t m = 0; m < PROP_MSD_LAGS / 2; m++) {
    PetscCall(
        PetscArraycpy(msd->level[msd->nlevel - 1].ring + m * width, from + 2 * m * width, width));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_add(prop_msd *msd, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(check_atoms(msd, atoms));
  prop__by_species_take(&msd->order, atoms->x, msd->now);
  if (msd->nsample == PROP_MSD_PARTS * msd->chunk) merge_parts(msd);
  for (PetscInt l = 0; l < msd->nlevel && msd->nsample % ((PetscInt64)1 << l) == 0; l++) {
    PetscCall(add_to_level(msd, l, msd->nsample >> l, msd->now));
  }
  msd->nsample++;
  if (msd->nlevel < levels_of(msd->nsample)) PetscCall(begin_level(msd));
  PetscFunctionReturn(0);
}

/* Slots of the ring that have been written: they fill from the first. */
static PetscInt ring_used(const prop_msd *msd, PetscInt level)
{
  const PetscInt64 entries = msd->nsample > 0 ? ((msd->nsample - 1) >> level) + 1 : 0;

  return (PetscInt)PetscMin(entries, PROP_MSD_LAGS);
}

/* Numbers of the sums of a level that have been written to: parts fill from the first. */
static size_t sums_used(const prop_msd *msd)
{
  return (size_t)prop__msd_npart(msd) * PROP_MSD_LAGS * (size_t)msd->nspecies;
}

PetscErrorCode prop_msd_save(const prop_msd *msd, md_blob *blob)
{
  const PetscInt64 head[3] = {msd->n, msd->nspecies, msd->nsample};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, msd_tag, MSD_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &msd->sample_time, sizeof(msd->sample_time)));
  PetscCall(md_blob_put(blob, &msd->spacing, sizeof(msd->spacing)));
  PetscCall(md_blob_put(blob, msd->type, (size_t)msd->n * sizeof(PetscInt)));
  for (PetscInt l = 0; l < msd->nlevel; l++) {
    PetscCall(prop__by_species_put(&msd->order, ring_used(msd, l), msd->level[l].ring, blob));
    PetscCall(md_blob_put(blob, msd->level[l].sum, sums_used(msd) * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

/* Reads the head and refuses what was saved for something else.  The spacing comes with the blob:
   who only reads results has no cell. */
static PetscErrorCode load_head(prop_msd *msd, md_blob *blob)
{
  PetscInt64 head[3];
  PetscReal sample_time;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, msd_tag, MSD_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, &sample_time, sizeof(sample_time)));
  PetscCheck(head[0] == msd->n && head[1] == msd->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved displacements are of %" PetscInt64_FMT " atoms and %" PetscInt64_FMT
             " species, wanted %" PetscInt_FMT " and %" PetscInt_FMT,
             head[0], head[1], msd->n, msd->nspecies);
  PetscCheck(sample_time == msd->sample_time, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved displacements are of samples every %g fs, wanted every %g fs",
             (double)sample_time, (double)msd->sample_time);
  PetscCheck(head[2] >= 0 && head[2] < (PetscInt64)1 << 48, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED, "Saved displacements claim %" PetscInt64_FMT " samples",
             head[2]);
  msd->nsample = head[2];
  while (msd->nsample > PROP_MSD_PARTS * msd->chunk) msd->chunk *= 2;
  PetscCall(md_blob_get(blob, &msd->spacing, sizeof(msd->spacing)));
  PetscFunctionReturn(0);
}

static PetscErrorCode load_types(const prop_msd *msd, md_blob *blob)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < msd->n; i++) {
    PetscInt type;

    PetscCall(md_blob_get(blob, &type, sizeof(type)));
    PetscCheck(type == msd->type[i], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "Saved displacements have type %" PetscInt_FMT " for atom %" PetscInt_FMT
               ", wanted %" PetscInt_FMT,
               type, i, msd->type[i]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_load(prop_msd *msd, md_blob *blob)
{
  PetscFunctionBegin;
  PetscCheck(
      msd->nsample == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
      "Saved displacements go into an estimator without samples, this one has %" PetscInt64_FMT,
      msd->nsample);
  PetscCall(load_head(msd, blob));
  PetscCall(load_types(msd, blob));
  while (msd->nlevel < levels_of(msd->nsample)) PetscCall(append_level(msd));
  for (PetscInt l = 0; l < msd->nlevel; l++) {
    PetscCall(prop__by_species_get(&msd->order, ring_used(msd, l), blob, msd->level[l].ring));
    PetscCall(md_blob_get(blob, msd->level[l].sum, sums_used(msd) * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_destroy(prop_msd **msd)
{
  PetscFunctionBegin;
  if (*msd == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*msd)->type));
  PetscCall(prop__by_species_clear(&(*msd)->order));
  PetscCall(PetscFree((*msd)->now));
  for (PetscInt l = 0; l < PROP_MSD_LEVELS; l++) {
    PetscCall(PetscFree((*msd)->level[l].ring));
    PetscCall(PetscFree((*msd)->level[l].sum));
  }
  PetscCall(PetscFree(*msd));
  PetscFunctionReturn(0);
}

PetscInt64 prop_msd_samples(const prop_msd *msd)
{
  return msd->nsample;
}
