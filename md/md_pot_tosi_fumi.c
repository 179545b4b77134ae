/* md/md_pot_tosi_fumi.c - rigid ions: short pairs here, charges in md_ewald.c
 *
 * Pairs and the real part of the charges are one loop over the list (md_pair.h).  The repulsion is
 * kept as one number times exp(-r/rho).
 */
#include "md/md_tosi_fumi.h"

#include "md/md_ewald.h"
#include "md/md_pair.h"

#define CONTACT 0.75 /* shortest distance / smallest sigma of opposite charges */

/* One pair of species: u = b exp(-r/rho) - c/r^6 - d/r^8 - shift - force (r - cutoff) + charges */
typedef struct {
  PetscReal b;     /* [eV] A exp(sigma/rho) */
  PetscReal rho;   /* [Å] */
  PetscReal c, d;  /* [eV Å^6, eV Å^8] */
  PetscReal shift; /* [eV] energy at the cut-off, or 0 */
  PetscReal force; /* [eV/Å] slope at the cut-off, or 0 */
} born_pair;

typedef struct {
  PetscInt nspecies;
  PetscReal cutoff;
  born_pair *pair; /* [nspecies,nspecies] */
  md_ewald *ewald;
} tosi_fumi;

/* Untruncated energy [eV] and slope [eV/Å] without charges */
static void bare(const born_pair *p, PetscReal r, PetscReal *u, PetscReal *slope)
{
  const PetscReal wall = p->b * PetscExpReal(-r / p->rho), i2 = 1.0 / (r * r), i6 = i2 * i2 * i2;

  *u = wall - i6 * (p->c + p->d * i2);
  *slope = -wall / p->rho + i6 / r * (6.0 * p->c + 8.0 * p->d * i2);
}

static void pair_energy(const void *data, PetscInt ti, PetscInt tj, PetscReal r2, PetscReal *u,
                        PetscReal *slope)
{
  const tosi_fumi *t = data;
  const born_pair *p = &t->pair[ti * t->nspecies + tj];
  const PetscReal r = PetscSqrtReal(r2);
  PetscReal u_charge, slope_charge;

  bare(p, r, u, slope);
  md_ewald_pair(t->ewald, ti, tj, r, &u_charge, &slope_charge);
  *u += u_charge - p->shift - p->force * (r - t->cutoff);
  *slope = (*slope - p->force) / r + slope_charge;
}

static PetscErrorCode tosi_fumi_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  const tosi_fumi *t = data;

  PetscFunctionBegin;
  md__pair_evaluate(pair_energy, data, t->cutoff, nb, out);
  PetscCall(md_ewald_add_reciprocal(t->ewald, nb, out));
  PetscFunctionReturn(0);
}

static PetscErrorCode tosi_fumi_destroy(void *data)
{
  tosi_fumi *t = data;

  PetscFunctionBegin;
  PetscCall(md_ewald_destroy(&t->ewald));
  PetscCall(PetscFree(t->pair));
  PetscCall(PetscFree(t));
  PetscFunctionReturn(0);
}

static const md_potential_ops tosi_fumi_ops = {"tosi-fumi", tosi_fumi_evaluate, tosi_fumi_destroy};

/* int r^2 u dr and int r^3 u' dr from the cut-off on, by parts. */
static void tail(const void *data, const PetscInt count[], PetscReal volume, PetscReal *energy,
                 PetscReal *pressure)
{
  const tosi_fumi *t = data;
  const PetscReal r = t->cutoff, r3 = r * r * r;

  for (PetscInt ij = 0; ij < t->nspecies * t->nspecies; ij++) {
    const born_pair *p = &t->pair[ij];
    const PetscInt i = ij / t->nspecies, j = ij % t->nspecies;
    const PetscReal pairs = (PetscReal)count[i] * (PetscReal)count[j] / volume;
    const PetscReal w = p->rho, wall = p->b * PetscExpReal(-r / w);
    const PetscReal of_u = wall * w * (r * r + 2.0 * w * r + 2.0 * w * w) - p->c / (3.0 * r3) -
                           p->d / (5.0 * r3 * r * r);
    const PetscReal of_slope = -wall * (r3 + 3.0 * w * (r * r + 2.0 * w * r + 2.0 * w * w)) +
                               2.0 * p->c / r3 + 1.6 * p->d / (r3 * r * r);

    *energy += 2.0 * PETSC_PI * pairs * of_u;
    *pressure -= 2.0 * PETSC_PI / 3.0 * pairs / volume * of_slope;
  }
}

/* Creation ----------------------------------------------------------------------------------- */

static PetscBool same_pair(const md_tosi_fumi_pair *p, const md_tosi_fumi_pair *q)
{
  return (PetscBool)(p->a == q->a && p->rho == q->rho && p->sigma == q->sigma && p->c == q->c &&
                     p->d == q->d);
}

static PetscErrorCode check_pair(const md_tosi_fumi_options *o, PetscInt i, PetscInt j)
{
  const md_tosi_fumi_pair *p = &o->pair[i * o->nspecies + j], *q = &o->pair[j * o->nspecies + i];
  const PetscReal number[5] = {p->a, p->sigma, p->c, p->d, p->rho};

  PetscFunctionBegin;
  for (int k = 0; k < 5; k++) {
    PetscCheck(number[k] >= 0.0 && !PetscIsInfOrNanReal(number[k]) && p->rho > 0.0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Tosi-Fumi pair %" PetscInt_FMT "-%" PetscInt_FMT
               " has A %g eV, rho %g Å, sigma %g Å, C %g eV Å^6, D %g eV Å^8; wanted rho > 0, "
               "others >= 0",
               i, j, (double)p->a, (double)p->rho, (double)p->sigma, (double)p->c, (double)p->d);
  }
  PetscCheck(same_pair(p, q), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Tosi-Fumi pairs %" PetscInt_FMT "-%" PetscInt_FMT " and %" PetscInt_FMT
             "-%" PetscInt_FMT " differ",
             i, j, j, i);
  PetscFunctionReturn(0);
}

static void set_pair(const md_tosi_fumi_options *o, const md_tosi_fumi_pair *from, born_pair *p)
{
  PetscReal u, slope;

  *p = (born_pair){.b = from->a * PetscExpReal(from->sigma / from->rho),
                   .rho = from->rho,
                   .c = from->c,
                   .d = from->d};
  bare(p, o->cutoff, &u, &slope);
  if (o->truncation != MD_TRUNCATED) p->shift = u;
  if (o->truncation == MD_FORCE_SHIFTED) p->force = slope;
}

/* [Å] from where ions of opposite charge touch; 0 where there are none */
static PetscReal contact(const md_tosi_fumi_options *o)
{
  PetscReal least = 0.0;

  for (PetscInt i = 0; i < o->nspecies; i++) {
    for (PetscInt j = 0; j < o->nspecies; j++) {
      const PetscReal sigma = o->pair[i * o->nspecies + j].sigma;

      if (o->charge[i] * o->charge[j] < 0.0 && (least <= 0.0 || sigma < least)) least = sigma;
    }
  }
  return CONTACT * least;
}

PetscErrorCode md_potential_create_tosi_fumi(const md_tosi_fumi_options *options,
                                             md_potential **pot)
{
  const PetscInt n = options->nspecies;
  tosi_fumi *t;

  PetscFunctionBegin;
  *pot = NULL;
  for (PetscInt ij = 0; ij < n * n; ij++) PetscCall(check_pair(options, ij / n, ij % n));
  PetscCheck(options->min_dist >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Shortest distance is %g Å, wanted >= 0", (double)options->min_dist);
  PetscCall(md__potential_create(&tosi_fumi_ops, n, options->cutoff, pot));
  PetscCall(PetscNew(&t));
  (*pot)->data = t;
  (*pot)->one_rank = PETSC_TRUE;
  (*pot)->tail = tail;
  (*pot)->min_dist = options->min_dist > 0.0 ? options->min_dist : contact(options);
  t->nspecies = n;
  t->cutoff = options->cutoff;
  PetscCall(PetscMalloc1(n * n, &t->pair));
  for (PetscInt ij = 0; ij < n * n; ij++) set_pair(options, &options->pair[ij], &t->pair[ij]);
  PetscCall(md_ewald_create(n, options->charge, options->cutoff, options->accuracy, &t->ewald));
  PetscFunctionReturn(0);
}
