/* properties/prop_ligand.c - ligands and angles by radius */
#include "properties/prop_ligand.h"
#include "mtp/mtp_neigh.h"

static const char ligand_tag[8] = "PRPLIGND";
enum { LIGAND_VERSION = 1, NCOUNT = PROP_LIGAND_MOST + 2 };

struct prop_ligand {
  PetscInt nspecies, nradius;
  PetscInt64 nsample;
  PetscInt64 *count; /* [nspecies, nspecies, nradius, NCOUNT] centres with so many ligands closer
                        than (radius + 1) steps */
  PetscInt64 *angle; /* [nspecies, nspecies, nradius, PROP_LIGAND_ANGLES] pairs of ligands, the
                        farther of them in this step */
  mtp_neighbors nb;  /* scratch */
};

static size_t counts(const prop_ligand *l)
{
  return (size_t)(l->nspecies * l->nspecies) * (size_t)l->nradius * (size_t)NCOUNT;
}

static size_t angles(const prop_ligand *l)
{
  return (size_t)(l->nspecies * l->nspecies) * (size_t)l->nradius * (size_t)PROP_LIGAND_ANGLES;
}

PetscErrorCode prop_ligand_create(PetscInt nspecies, PetscReal reach, prop_ligand **ligand)
{
  PetscFunctionBegin;
  *ligand = NULL;
  PetscCheck(nspecies >= 1 && reach >= PROP_LIGAND_STEP && reach < 1e3, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Ligands need a species and a radius of a step at least, got %" PetscInt_FMT
             " species and %g Å",
             nspecies, (double)reach);
  PetscCall(PetscNew(ligand));
  (*ligand)->nspecies = nspecies;
  (*ligand)->nradius = (PetscInt)(reach / PROP_LIGAND_STEP + 1e-6);
  PetscCall(PetscCalloc1(counts(*ligand), &(*ligand)->count));
  PetscCall(PetscCalloc1(angles(*ligand), &(*ligand)->angle));
  PetscFunctionReturn(0);
}

/* One centre's ligands of one species: entries from..end-1 of the list */
typedef struct {
  PetscInt centre, from, end;
  size_t pair; /* index of the ordered pair of species */
} ligand_shell;

/* Vector from a centre to entry k of its row, and the step its length is in */
static PetscInt step_of(const prop_ligand *l, PetscInt centre, PetscInt k, PetscReal d[4])
{
  const PetscReal *x = &l->nb.x[3 * (size_t)centre];
  const PetscReal *y = &l->nb.x[3 * (size_t)l->nb.index[k]];

  for (int a = 0; a < 3; a++) d[a] = y[a] - x[a];
  d[3] = PetscSqrtReal(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  return (PetscInt)(d[3] / PROP_LIGAND_STEP);
}

/* The centre has so many ligands within each radius. */
static void count_ligands(prop_ligand *l, const ligand_shell *s)
{
  PetscInt64 *count = l->count + s->pair * (size_t)l->nradius * NCOUNT;
  PetscInt first[PROP_LIGAND_MOST + 2]; /* steps of the nearest ligands, sorted */
  PetscInt n = 0;
  PetscReal d[4];

  for (PetscInt k = s->from; k < s->end; k++) {
    const PetscInt step = step_of(l, s->centre, k, d);
    PetscInt at = n;

    if (step >= l->nradius) continue;
    if (n > PROP_LIGAND_MOST && step >= first[PROP_LIGAND_MOST]) continue;
    for (; at > 0 && first[at - 1] > step; at--) first[at] = first[at - 1];
    first[at] = step;
    n = PetscMin(n + 1, PROP_LIGAND_MOST + 1);
  }
  for (PetscInt r = 0, within = 0; r < l->nradius; r++) {
    while (within < n && first[within] <= r) within++;
    count[(size_t)r * NCOUNT + (size_t)within]++;
  }
}

static void count_angles(prop_ligand *l, const ligand_shell *s)
{
  PetscInt64 *angle = l->angle + s->pair * (size_t)l->nradius * PROP_LIGAND_ANGLES;
  PetscReal u[4], v[4];

  for (PetscInt j = s->from; j < s->end; j++) {
    const PetscInt one = step_of(l, s->centre, j, u);

    for (PetscInt k = s->from; one < l->nradius && k < j; k++) {
      const PetscInt step = PetscMax(one, step_of(l, s->centre, k, v));
      PetscReal cosine;
      PetscInt bin;

      if (step >= l->nradius) continue;
      cosine = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) / (u[3] * v[3]);
      bin = (PetscInt)(PetscAcosReal(PetscClipInterval(cosine, -1.0, 1.0)) / PETSC_PI *
                       PROP_LIGAND_ANGLES);
      angle[step * PROP_LIGAND_ANGLES + PetscMin(bin, PROP_LIGAND_ANGLES - 1)]++;
    }
  }
}

/* Rows of the list are sorted by species. */
static void count_centre(prop_ligand *l, PetscInt centre)
{
  const mtp_neighbors *nb = &l->nb;
  ligand_shell s = {.centre = centre, .end = nb->first[centre]};

  for (PetscInt b = 0; b < l->nspecies; b++) {
    s.from = s.end;
    while (s.end < nb->first[centre + 1] && nb->type[nb->index[s.end]] == b) s.end++;
    s.pair = (size_t)nb->type[centre] * (size_t)l->nspecies + (size_t)b;
    count_ligands(l, &s);
    count_angles(l, &s);
  }
}

PetscErrorCode prop_ligand_add(prop_ligand *l, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCheck(atoms->nspecies == l->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " species, the ligands %" PetscInt_FMT, atoms->nspecies,
             l->nspecies);
  PetscCall(mtp_neighbors_build(atoms->n, atoms->x, atoms->type, atoms->h, 3,
                                (PetscReal)l->nradius * PROP_LIGAND_STEP, 0.0, &l->nb));
  for (PetscInt i = 0; i < l->nb.nlocal; i++) count_centre(l, i);
  l->nsample++;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_save(const prop_ligand *l, md_blob *blob)
{
  const PetscInt64 head[3] = {l->nspecies, l->nradius, l->nsample};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, ligand_tag, LIGAND_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, l->count, counts(l) * sizeof(PetscInt64)));
  PetscCall(md_blob_put(blob, l->angle, angles(l) * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_load(prop_ligand *l, md_blob *blob)
{
  PetscInt64 head[3];

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, ligand_tag, LIGAND_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCheck(head[0] == l->nspecies && head[1] == l->nradius && head[2] >= 0, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved ligands are of %" PetscInt64_FMT " species and %" PetscInt64_FMT
             " radii, wanted %" PetscInt_FMT " and %" PetscInt_FMT,
             head[0], head[1], l->nspecies, l->nradius);
  l->nsample = head[2];
  PetscCall(md_blob_get(blob, l->count, counts(l) * sizeof(PetscInt64)));
  PetscCall(md_blob_get(blob, l->angle, angles(l) * sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_destroy(prop_ligand **ligand)
{
  PetscFunctionBegin;
  if (*ligand == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*ligand)->count));
  PetscCall(PetscFree((*ligand)->angle));
  PetscCall(mtp_neighbors_clear(&(*ligand)->nb));
  PetscCall(PetscFree(*ligand));
  PetscFunctionReturn(0);
}

PetscInt64 prop_ligand_samples(const prop_ligand *ligand)
{
  return ligand->nsample;
}

/* Results ----------------------------------------------------------------------------------- */

/* Whole steps below r and the part of the next one; PETSC_FALSE beyond the reach */
static PetscBool split(const prop_ligand *l, PetscReal r, PetscInt *whole, PetscReal *part)
{
  const PetscReal steps = r / PROP_LIGAND_STEP;

  if (!(steps >= 1.0 && steps <= (PetscReal)l->nradius)) return PETSC_FALSE;
  *whole = PetscMin((PetscInt)steps, l->nradius - 1);
  *part = steps - (PetscReal)*whole;
  return PETSC_TRUE;
}

static PetscErrorCode check_pair(const prop_ligand *l, PetscInt a, PetscInt b)
{
  PetscFunctionBegin;
  PetscCheck(a >= 0 && b >= 0 && a < l->nspecies && b < l->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Pair of species %" PetscInt_FMT " and %" PetscInt_FMT " of %" PetscInt_FMT, a, b,
             l->nspecies);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_counts(const prop_ligand *l, PetscInt a, PetscInt b, PetscReal r,
                                  PetscReal share[PROP_LIGAND_MOST + 2])
{
  const PetscInt64 *inner, *outer;
  PetscInt whole = 1;
  PetscReal part = 0.0, total = 0.0;
  PetscBool known;

  PetscFunctionBegin;
  PetscCall(check_pair(l, a, b));
  known = split(l, r, &whole, &part);
  inner = l->count +
          ((size_t)(a * l->nspecies + b) * (size_t)l->nradius + (size_t)(whole - 1)) * NCOUNT;
  outer = part > 0.0 ? inner + NCOUNT : inner;
  for (int n = 0; n < NCOUNT; n++) total += (PetscReal)inner[n];
  for (int n = 0; n < NCOUNT; n++) {
    share[n] = ((1.0 - part) * (PetscReal)inner[n] + part * (PetscReal)outer[n]) / total;
    if (!known || !(total > 0.0)) share[n] = PROP_NAN;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_pairing(const prop_ligand *l, PetscInt a, PetscInt b, PetscReal r,
                                   PetscReal share[PROP_PAIRING])
{
  PetscReal number[NCOUNT];

  PetscFunctionBegin;
  PetscCall(prop_ligand_counts(l, a, b, r, number));
  for (int k = 0; k < PROP_PAIRING; k++) share[k] = 0.0;
  for (int n = 0; n < NCOUNT; n++) share[PetscMin(n, (int)PROP_AGGREGATE)] += number[n];
  PetscFunctionReturn(0);
}

PetscErrorCode prop_ligand_angles(const prop_ligand *l, PetscInt a, PetscInt b, PetscReal r,
                                  PetscReal angle[PROP_LIGAND_ANGLES],
                                  PetscReal density[PROP_LIGAND_ANGLES])
{
  const PetscReal width = 180.0 / PROP_LIGAND_ANGLES;
  const PetscInt64 *from;
  PetscInt whole = 0;
  PetscReal part = 0.0, total = 0.0;
  PetscBool known;

  PetscFunctionBegin;
  PetscCall(check_pair(l, a, b));
  known = split(l, r, &whole, &part);
  from = l->angle + (size_t)(a * l->nspecies + b) * (size_t)l->nradius * PROP_LIGAND_ANGLES;
  for (PetscInt k = 0; k < PROP_LIGAND_ANGLES; k++) {
    angle[k] = width * ((PetscReal)k + 0.5);
    density[k] = 0.0;
    for (PetscInt s = 0; s <= PetscMin(whole, l->nradius - 1); s++)
      density[k] += (s < whole ? 1.0 : part) * (PetscReal)from[s * PROP_LIGAND_ANGLES + k];
    total += width * density[k];
  }
  for (PetscInt k = 0; k < PROP_LIGAND_ANGLES; k++)
    density[k] = known && total > 0.0 ? density[k] / total : PROP_NAN;
  PetscFunctionReturn(0);
}
