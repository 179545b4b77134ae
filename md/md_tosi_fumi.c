/* md/md_tosi_fumi.c - parameters of 17 alkali halides
 *
 * Radii and rho: Fumi & Tosi 1964, the consistent set with the Pauling form of the repulsion; C and
 * D: Mayer 1933, in the units of that paper (1e-60 erg cm^6, 1e-76 erg cm^8), which is how tables
 * print them.  The numbers were compared with two public collections that were typed independently
 * (H. O. Scheiber's thesis programs; N. Jackson and G. Sivaraman's parameters of mixtures), which
 * agree in all of them, and for NaCl with a third.  CsCl, CsBr and CsI have another structure and
 * are not in the tables of the papers.
 */
#include "md/md_tosi_fumi.h"

#include "md/md_units.h"
#include <stdio.h>
#include <string.h>

#define HUGGINS_J 0.338e-19                            /* [J] b of Huggins and Mayer */
#define UNIT      (1e-19 / MD_ELEMENTARY_CHARGE_C)     /* [eV Å^6] and [eV Å^8] of the tables */
#define HUGGINS   (HUGGINS_J / MD_ELEMENTARY_CHARGE_C) /* [eV] */

typedef struct {
  const char *symbol;
  PetscReal radius; /* [Å] */
  PetscReal outer;  /* electrons of the outer shell */
} ion;

static const ion cations[] = {{"Li", 0.816, 2.0},
                              {"Na", 1.170, 8.0},
                              {"K", 1.463, 8.0},
                              {"Rb", 1.587, 8.0},
                              {"Cs", 1.720, 8.0}};
static const ion anions[] = {
    {"F", 1.179, 8.0}, {"Cl", 1.585, 8.0}, {"Br", 1.716, 8.0}, {"I", 1.907, 8.0}};

/* rho [Å]; C and D of ++, +-, -- [UNIT] */
typedef struct {
  int cation, anion; /* index above */
  PetscReal rho, c[3], d[3];
} salt;

static const salt salts[] = {{0, 0, 0.299, {0.073, 0.8, 14.5}, {0.03, 0.6, 17.0}},
                             {0, 1, 0.342, {0.073, 2.0, 111.0}, {0.03, 2.4, 223.0}},
                             {0, 2, 0.353, {0.073, 2.5, 185.0}, {0.03, 3.3, 423.0}},
                             {0, 3, 0.430, {0.073, 3.3, 378.0}, {0.03, 5.3, 1060.0}},
                             {1, 0, 0.330, {1.68, 4.5, 16.5}, {0.8, 3.8, 20.0}},
                             {1, 1, 0.317, {1.68, 11.2, 116.0}, {0.8, 13.9, 233.0}},
                             {1, 2, 0.340, {1.68, 14.0, 196.0}, {0.8, 19.0, 450.0}},
                             {1, 3, 0.386, {1.68, 19.1, 392.0}, {0.8, 31.0, 1100.0}},
                             {2, 0, 0.338, {24.3, 19.5, 18.6}, {24.0, 21.0, 22.0}},
                             {2, 1, 0.337, {24.3, 48.0, 124.5}, {24.0, 73.0, 250.0}},
                             {2, 2, 0.335, {24.3, 60.0, 206.0}, {24.0, 99.0, 470.0}},
                             {2, 3, 0.355, {24.3, 82.0, 403.0}, {24.0, 156.0, 1130.0}},
                             {3, 0, 0.328, {59.4, 31.0, 18.9}, {82.0, 40.0, 23.0}},
                             {3, 1, 0.318, {59.4, 79.0, 130.0}, {82.0, 134.0, 260.0}},
                             {3, 2, 0.335, {59.4, 99.0, 215.0}, {82.0, 180.0, 490.0}},
                             {3, 3, 0.337, {59.4, 135.0, 428.0}, {82.0, 280.0, 1200.0}},
                             {4, 0, 0.282, {152.0, 52.0, 19.1}, {278.0, 78.0, 23.0}}};
enum { NSALT = sizeof(salts) / sizeof(salts[0]) };

static md_tosi_fumi_pair make_pair(const salt *s, int which, const ion *a, const ion *b)
{
  const PetscReal za = which < 2 ? 1.0 : -1.0, zb = which < 1 ? 1.0 : -1.0;

  return (md_tosi_fumi_pair){.a = HUGGINS * (1.0 + za / a->outer + zb / b->outer),
                             .rho = s->rho,
                             .sigma = a->radius + b->radius,
                             .c = UNIT * s->c[which],
                             .d = UNIT * s->d[which]};
}

static void salt_name(const salt *s, char name[8])
{
  snprintf(name, 8, "%s%s", cations[s->cation].symbol, anions[s->anion].symbol);
}

PetscBool md_tosi_fumi_find(const char *name, md_tosi_fumi_salt *out)
{
  for (int k = 0; k < NSALT; k++) {
    const salt *s = &salts[k];
    const ion *plus = &cations[s->cation], *minus = &anions[s->anion];
    char known[8];

    salt_name(s, known);
    if (strcmp(known, name) != 0) continue;
    *out = (md_tosi_fumi_salt){.cation = plus->symbol,
                               .anion = minus->symbol,
                               .pair = {make_pair(s, 0, plus, plus), make_pair(s, 1, plus, minus),
                                        make_pair(s, 2, minus, minus)}};
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

const char *md_tosi_fumi_names(void)
{
  return "LiF, LiCl, LiBr, LiI, NaF, NaCl, NaBr, NaI, KF, KCl, KBr, KI, RbF, RbCl, RbBr, RbI, CsF";
}
