/* mtp/mtp_basis_impl.h - contraction graphs; only for mtp_basis*.c
 *
 * A graph stands for a tensor made of moment tensors.  Its vertices are the factors M_{mu_i,nu_i},
 * at most four; a[i][i] = nu_i is the rank of a factor, a[i][j] how many indices of i and j are
 * contracted with each other.  What is left, nu_i - sum_j a[i][j], are the free indices of factor
 * i: a group of its own, in which the tensor is symmetric.  A graph without free indices is a
 * scalar.
 *
 * The key of a graph holds all its numbers, the first in the highest bits, so that keys compare as
 * the numbers do one after the other:
 *
 *     n | 0 | mu_0 mu_1 mu_2 mu_3 | a00 a01 a02 a03 | a11 a12 a13 | a22 a23 | a33
 *
 * The order of the factors means nothing; canonical is the order with the smallest key.  The 0 is
 * room for MTP__KEY_PEELED, with which tensors sort as their moments are numbered.
 */
#pragma once

#include "mtp/mtp_basis.h"

#include <stdint.h>

enum { MTP__FACTORS = 4, MTP__RANK_MAX = 10, MTP__MU_MAX = 5 };
enum { MTP__MU_BITS = 3, MTP__RANK_BITS = 4 };
#define MTP__KEY_PEELED ((uint64_t)1 << (4 * MTP__MU_BITS + 10 * MTP__RANK_BITS))

typedef struct {
  int n;                             /* factors */
  int mu[MTP__FACTORS];              /* ascending when canonical */
  int a[MTP__FACTORS][MTP__FACTORS]; /* symmetric; ranks on the diagonal */
} mtp__graph;

/* One side of a product: factors of the graph, in the order that makes the part canonical. */
typedef struct {
  int n, factor[MTP__FACTORS];
  uint64_t key;
} mtp__part;

/* Free indices of factor i. */
int mtp__graph_free(const mtp__graph *g, int i);

/* mtp__graph_canonical - the smallest key over all orders of the factors
 * Out:  order [n]  factor of g that stands k-th in the canonical order; NULL if not wanted */
uint64_t mtp__graph_canonical(const mtp__graph *g, int order[]);

/* MTP__KEY_PEELED is ignored. */
mtp__graph mtp__graph_of_key(uint64_t key);

/* mtp__graph_split - the two parts whose contraction is g (canonical, at least two factors)
 * The cut goes where the fewest indices are contracted, so that a component has few products; among
 * equals, one factor is taken off, the first that will do. */
void mtp__graph_split(const mtp__graph *g, mtp__part part[2]);

/* mtp__graph_scalars - the keys of all scalars of a level, ascending
 * Out:  key  owned by the caller: PetscFree() */
PetscErrorCode mtp__graph_scalars(PetscInt level, PetscInt *n, uint64_t **key);

/* For qsort(). */
int mtp__key_compare(const void *a, const void *b);
