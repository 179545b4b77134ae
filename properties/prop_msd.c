/* properties/prop_msd.c - collecting displacements; layout and schedule are in prop_msd_impl.h
 *
 * Sums are over origins of the mean over the atoms of a species, so that a checkpoint need not know
 * how many displacements went in.  Every sum is built in the order of the samples: a run continued
 * from a saved state gives the same bits.
 */
#include "properties/prop_msd_impl.h"

static const char msd_tag[8] = "PRPMSD";
enum { MSD_VERSION = 1, FIRST_K = PROP_MSD_LAGS / 2 + 1 };

/* Levels whose shortest lag is at most half the run */
static PetscInt levels_for(PetscInt64 total)
{
  PetscInt nlevel = 1;

  while (nlevel < PROP_MSD_LEVELS && ((PetscInt64)FIRST_K << nlevel) <= total / 2) nlevel++;
  return nlevel;
}

static PetscErrorCode allocate(prop_msd *msd)
{
  const size_t nlag = (size_t)prop__msd_nlag(msd);

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(msd->n, &msd->type));
  PetscCall(PetscCalloc1(msd->nspecies, &msd->natom));
  PetscCall(PetscCalloc1(nlag * 3 * (size_t)msd->n, &msd->ring));
  PetscCall(PetscCalloc1(PROP_MSD_PARTS * nlag * (size_t)msd->nspecies, &msd->sum));
  PetscCall(PetscCalloc1(PROP_MSD_PARTS * nlag, &msd->count));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_create(const md_atoms *atoms, PetscReal sample_time,
                               PetscInt64 total_samples, prop_msd **msd)
{
  prop_msd *m;

  PetscFunctionBegin;
  *msd = NULL;
  PetscCheck(sample_time > 0.0 && !PetscIsInfOrNanReal(sample_time), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "The time between samples is %g fs, wanted a positive number", (double)sample_time);
  PetscCheck(total_samples >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A mean squared displacement needs at least one sample, got %" PetscInt64_FMT,
             total_samples);
  PetscCall(PetscNew(&m));
  *msd = m;
  m->n = atoms->n;
  m->nspecies = atoms->nspecies;
  m->nlevel = levels_for(total_samples);
  m->sample_time = sample_time;
  m->total = total_samples;
  m->spacing = PetscPowReal(md_atoms_volume(atoms) / (PetscReal)atoms->n, 1.0 / 3.0);
  PetscCall(allocate(m));
  PetscCall(PetscArraycpy(m->type, atoms->type, atoms->n));
  for (PetscInt i = 0; i < m->n; i++) m->natom[m->type[i]]++;
  PetscFunctionReturn(0);
}

static PetscErrorCode check_atoms(const prop_msd *msd, const md_atoms *atoms)
{
  PetscBool same;

  PetscFunctionBegin;
  PetscCheck(atoms->n == msd->n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " atoms, the estimator was made for %" PetscInt_FMT,
             atoms->n, msd->n);
  PetscCall(PetscArraycmp(atoms->type, msd->type, msd->n, &same));
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "The types of the atoms are not those that the estimator was made for");
  for (size_t i = 0; i < 3 * (size_t)msd->n; i++) {
    PetscCheck(!PetscIsInfOrNanReal(atoms->x[i]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Coordinate %zu of atom %zu is infinity or NaN in sample %" PetscInt64_FMT, i % 3,
               i / 3, msd->nsample);
  }
  PetscFunctionReturn(0);
}

/* Part of the run that an origin belongs to; what exceeds the expected length is in the last. */
static PetscInt part_of(const prop_msd *msd, PetscInt64 origin)
{
  const PetscInt64 part = (PetscInt64)((PetscReal)origin * PROP_MSD_PARTS / (PetscReal)msd->total);

  return (PetscInt)PetscMin(part, PROP_MSD_PARTS - 1);
}

/* Adds to sum[species] the mean over its atoms of the squared displacement. */
static void add_displacements(const prop_msd *msd, const PetscReal from[], const PetscReal to[],
                              PetscReal sum[])
{
  for (PetscInt i = 0; i < msd->n; i++) {
    const PetscReal *a = from + 3 * (size_t)i, *b = to + 3 * (size_t)i;
    const PetscReal d[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]};
    const PetscInt s = msd->type[i];

    sum[s] += (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) / (PetscReal)msd->natom[s];
  }
}

/* Entry m of a level: end point for all origins kept there, then an origin itself */
static PetscErrorCode add_to_level(prop_msd *msd, PetscInt level, PetscInt64 m, const PetscReal x[])
{
  const size_t width = 3 * (size_t)msd->n;
  PetscReal *ring = msd->ring + (size_t)level * PROP_MSD_LAGS * width;

  PetscFunctionBegin;
  for (PetscInt k = level > 0 ? FIRST_K : 1; k <= PROP_MSD_LAGS && k <= m; k++) {
    const PetscInt part = part_of(msd, (m - k) << level);
    const size_t at =
        (size_t)part * (size_t)prop__msd_nlag(msd) + (size_t)level * PROP_MSD_LAGS + (size_t)k - 1;

    add_displacements(msd, ring + (size_t)((m - k) % PROP_MSD_LAGS) * width, x,
                      msd->sum + at * (size_t)msd->nspecies);
    msd->count[at]++;
  }
  PetscCall(PetscArraycpy(ring + (size_t)(m % PROP_MSD_LAGS) * width, x, width));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_add(prop_msd *msd, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(check_atoms(msd, atoms));
  for (PetscInt l = 0; l < msd->nlevel && msd->nsample % ((PetscInt64)1 << l) == 0; l++) {
    PetscCall(add_to_level(msd, l, msd->nsample >> l, atoms->x));
  }
  msd->nsample++;
  PetscFunctionReturn(0);
}

/* Numbers of the ring that have been written: slots fill from the first. */
static size_t ring_used(const prop_msd *msd, PetscInt level)
{
  const PetscInt64 entries = msd->nsample > 0 ? ((msd->nsample - 1) >> level) + 1 : 0;

  return (size_t)PetscMin(entries, PROP_MSD_LAGS) * 3 * (size_t)msd->n;
}

PetscErrorCode prop_msd_save(const prop_msd *msd, md_blob *blob)
{
  const size_t nlag = (size_t)prop__msd_nlag(msd), width = PROP_MSD_LAGS * 3 * (size_t)msd->n;
  const PetscInt64 head[4] = {msd->n, msd->nspecies, msd->total, msd->nsample};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, msd_tag, MSD_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &msd->sample_time, sizeof(msd->sample_time)));
  PetscCall(md_blob_put(blob, &msd->spacing, sizeof(msd->spacing)));
  PetscCall(md_blob_put(blob, msd->type, (size_t)msd->n * sizeof(PetscInt)));
  for (PetscInt l = 0; l < msd->nlevel; l++) {
    PetscCall(
        md_blob_put(blob, msd->ring + (size_t)l * width, ring_used(msd, l) * sizeof(PetscReal)));
  }
  PetscCall(md_blob_put(blob, msd->sum,
                        PROP_MSD_PARTS * nlag * (size_t)msd->nspecies * sizeof(PetscReal)));
  PetscCall(md_blob_put(blob, msd->count, PROP_MSD_PARTS * nlag * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

/* Reads the head and refuses what was saved for something else.  The spacing comes with the blob:
   who only reads results has no cell. */
static PetscErrorCode load_head(prop_msd *msd, md_blob *blob)
{
  PetscInt64 head[4];
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
  PetscCheck(head[2] == msd->total && sample_time == msd->sample_time, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved displacements are of %" PetscInt64_FMT
             " samples every %g fs, wanted %" PetscInt64_FMT " every %g fs",
             head[2], (double)sample_time, msd->total, (double)msd->sample_time);
  PetscCheck(head[3] >= 0 && head[3] < (PetscInt64)1 << 48, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED, "Saved displacements claim %" PetscInt64_FMT " samples",
             head[3]);
  msd->nsample = head[3];
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
  const size_t nlag = (size_t)prop__msd_nlag(msd), width = PROP_MSD_LAGS * 3 * (size_t)msd->n;

  PetscFunctionBegin;
  PetscCall(load_head(msd, blob));
  PetscCall(load_types(msd, blob));
  PetscCall(PetscArrayzero(msd->ring, (size_t)msd->nlevel * width));
  for (PetscInt l = 0; l < msd->nlevel; l++) {
    PetscCall(
        md_blob_get(blob, msd->ring + (size_t)l * width, ring_used(msd, l) * sizeof(PetscReal)));
  }
  PetscCall(md_blob_get(blob, msd->sum,
                        PROP_MSD_PARTS * nlag * (size_t)msd->nspecies * sizeof(PetscReal)));
  PetscCall(md_blob_get(blob, msd->count, PROP_MSD_PARTS * nlag * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_msd_destroy(prop_msd **msd)
{
  PetscFunctionBegin;
  if (*msd == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*msd)->type));
  PetscCall(PetscFree((*msd)->natom));
  PetscCall(PetscFree((*msd)->ring));
  PetscCall(PetscFree((*msd)->sum));
  PetscCall(PetscFree((*msd)->count));
  PetscCall(PetscFree(*msd));
  PetscFunctionReturn(0);
}

PetscInt64 prop_msd_samples(const prop_msd *msd)
{
  return msd->nsample;
}
